"""Service projects: the district funds them, NGOs contend for them; :mod:`shequ.model.contracts` tells what follows.

Money of an open or running project lies in escrow. A part is paid when the contract is signed. What nobody bids for
goes back as the year ends (T4.3, T6.3).
"""

from typing import Annotated, Any, NamedTuple

import numpy as np

from ..agents.columns import F32, F64, I32, I64, U8, Column
from ..agents.contracting import (
    FREE,
    KEPT,
    OPEN,
    UNDER_WAY,
    contest_weight,
    running_costs,
    standing,
    ties,
)
from ..agents.giving import FEN
from ..agents.ngo import NGO_KIND, Organisations
from ..agents.rates import WEEKS_A_YEAR
from ..agents.rules import log, rule
from ..agents.streams import Stream
from ..agents.using_services import CLASSES
from .compiled import kernel
from .draws import uniform
from .funds import Funds, account, district_pays, fen, place_of_district
from .ledger import Book, Purpose, Sector, transfer
from .levers import LeverTable
from .parameters import ParameterTable
from .structure import Communities

ORGANISATION, PROJECT_DRAW, CONTEST = int(Stream.ORGANISATION), int(Stream.SERVICE_PROJECT), int(Stream.CONTEST)
WORLD, DISTRICT, NGOS, ESCROW = int(Sector.WORLD), int(Sector.DISTRICT), int(Sector.NGOS), int(Sector.ESCROW)
PROJECT, NGO_COSTS = int(Purpose.SERVICE_PROJECT), int(Purpose.NGO_COSTS)
NGO_CAPITAL = int(Purpose.NGO_CAPITAL)
NOBODY = -1


class ServiceProjects(NamedTuple):
    """A fixed number of rows a community, each a service project or free."""

    state: Annotated[
        U8, Column("state", "0 free, 1 open for bids, 2 under way, 3 ended, last payment due", "T4.3", 0, 3)
    ]
    service: Annotated[U8, Column("class", "class of service, the last is publicity", "T4.3", 0, CLASSES)]
    value: Annotated[I64, Column("fen", "value of the contract", "T4.3", 0)]
    escrow: Annotated[I64, Column("fen", "of this, still in escrow", "T4.3", 0)]
    winner: Annotated[I32, Column("row", "NGO that has it; -1 none", "T6.3", -1, None, -1)]
    agreed: Annotated[F32, Column("slot", "slots to be delivered", "T4.3", 0)]
    delivered: Annotated[F32, Column("slot", "slots delivered", "T4.3", 0)]
    weeks: Annotated[I32, Column("week", "weeks to its end, or to the last payment", "T6.2", 0)]
    score: Annotated[F32, Column("share", "result, once ended", "T4.3", 0, 1)]
    field: Annotated[F64, Column("ratio", "summed standing of the NGOs around, while open", "T6.3", 0)]


class Skills(NamedTuple):
    """Skill of every organisation (rows) in every class of service (columns), publicity last."""

    level: Annotated[F64, Column("share", "skill", "T6.3", 0, 1)]


class Delivery(NamedTuple):
    """What NGOs and firms bring to the services of a community, and what they see of them: one row a community."""

    slots: Annotated[F64, Column("slot/week", "slots of contracts last week, by class", "T4.3", 0)]
    mission: Annotated[F64, Column("slot/week", "slots of NGOs' own programmes last week", "T6.3", 0)]
    mix: Annotated[F64, Column("share", "mix of classes in which services are planned", "T4.3", 0, 1)]
    unmet: Annotated[F64, Column("share", "share of requests that missed, remembered", "ten_household-033", 0, 1)]
    providers: Annotated[F64, Column("firm", "firms that provided services as the quarter began", "T6.3", 0)]
    founding: Annotated[F64, Column("1/year", "rate at which NGOs are founded", "T6.3", 0)]
    pot: Annotated[F64, Column("CNY", "budget for projects not yet opened", "T4.3", 0)]


@kernel
def begin(
    communities: Communities,
    organisations: Organisations,
    skills: Skills,
    delivery: Delivery,
    book: Book,
    parameters: ParameterTable,
) -> None:
    """Give the NGOs of the start an age, means, a name and skill, as after years without a plan."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        delivery.unmet[c] = p.unmet_reference
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            if organisations.active[o] == 0 or organisations.kind[o] != NGO_KIND:
                continue
            size = np.float64(organisations.size[o])
            u = uniform(communities.seed[c], ORGANISATION, 0, organisations.id[o], 1)
            organisations.age[o] = int(-log(u) / p.exit_base * WEEKS_A_YEAR)
            organisations.reputation[o] = p.standing_reputation
            organisations.income_gifts[o] = p.ngo_gifts * p.standing_reputation * size
            organisations.income_market[o] = p.ngo_fees * size
            organisations.income_public[o] = max(0.0, running_costs(size, p) - (p.ngo_gifts + p.ngo_fees) * size)
            skills.level[o] = p.standing_skill
            means = fen(p.ngo_reserve * running_costs(size, p))
            organisations.cash[o] = transfer(book, account(c, WORLD), account(c, NGOS), NGO_CAPITAL, means)


# --- propose and fund ------------------------------------------------------------------------------------------------


@rule
def money_offered(lever: Any, p: Any) -> float:
    """Money for projects relative to that without a plan [T4.3]."""
    return lever.service_contracts + p.contracting_money * lever.ngo_contracting


@kernel
def lapse(projects: ServiceProjects, delivery: Delivery, funds: Funds, book: Book, parameters: ParameterTable) -> None:
    """Give the money of projects that nobody bid for back to the district, as the year ends; less than one is kept."""
    for c in range(len(parameters)):
        delivery.pot[c] = min(delivery.pot[c], parameters[c].contract_value)
    for j in range(len(projects.state)):
        if projects.state[j] == OPEN:
            give_back(projects, j, funds, book)


@rule
def give_back(projects: ServiceProjects, j: int, funds: Funds, book: Book) -> None:
    """Return what project ``j`` still has in escrow to the district; its row is free."""
    c = j // KEPT
    district = account(place_of_district(funds, c), DISTRICT)
    transfer(book, account(c, ESCROW), district, PROJECT, int(projects.escrow[j]))
    projects.escrow[j] = 0
    projects.winner[j] = NOBODY
    projects.state[j] = FREE


@kernel
def fund(
    week: int,
    years: float,
    staggered: bool,
    communities: Communities,
    projects: ServiceProjects,
    delivery: Delivery,
    funds: Funds,
    book: Book,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Open projects for the budget of ``years``: each of a class drawn from the planned mix.

    ``staggered``: contracts of the start, which end at different times and are worth so much less.
    """
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        delivery.pot[c] += years * p.contract_budget * int(p.ngos_per_community + 0.5) * money_offered(lever, p)
        for j in range(c * KEPT, (c + 1) * KEPT):
            if projects.state[j] != FREE or delivery.pot[c] < p.contract_value:
                continue
            key = (np.uint64(communities.id[c]) << np.uint64(8)) + np.uint64(j - c * KEPT)
            part = uniform(communities.seed[c], PROJECT_DRAW, week, key, 1) if staggered else 1.0
            weeks = max(1, int(part * p.contract_weeks))
            value = p.contract_value * weeks / max(1, int(p.contract_weeks))
            delivery.pot[c] -= p.contract_value
            place = place_of_district(funds, c)
            projects.value[j] = district_pays(book, place, account(c, ESCROW), PROJECT, fen(value))
            projects.escrow[j] = projects.value[j]
            projects.agreed[j] = value / p.contract_price
            projects.delivered[j] = 0.0
            projects.weeks[j] = weeks
            projects.score[j] = 0.0
            projects.service[j] = class_drawn(uniform(communities.seed[c], PROJECT_DRAW, week, key, 0), delivery.mix[c])
            projects.state[j] = OPEN


@kernel
def season(projects: ServiceProjects, funds: Funds, book: Book, parameters: ParameterTable) -> None:
    """Put the contracts of the start in the middle of their term: of full value, with their past delivered and paid."""
    for j in range(len(projects.state)):
        if projects.state[j] != UNDER_WAY:
            continue
        c = j // KEPT
        p: Any = parameters[c]
        value = fen(p.contract_value)
        lacking = value - int(p.advance_share * value) - int(projects.escrow[j])
        place = place_of_district(funds, c)
        projects.escrow[j] += district_pays(book, place, account(c, ESCROW), PROJECT, max(0, lacking))
        projects.value[j] = value
        projects.agreed[j] = p.contract_value / p.contract_price
        projects.delivered[j] = projects.agreed[j] * (1.0 - projects.weeks[j] / max(1, int(p.contract_weeks)))


@rule
def class_drawn(u: float, mix: Any) -> int:
    """Class with probability in proportion to ``mix``."""
    left = u * mix.sum()
    for z in range(CLASSES):
        left -= mix[z]
        if left < 0.0:
            return z
    return CLASSES


# --- contest ---------------------------------------------------------------------------------------------------------


@kernel
def size_up(
    communities: Communities,
    organisations: Organisations,
    skills: Skills,
    projects: ServiceProjects,
    parameters: ParameterTable,
) -> None:
    """Write what bidders look at: the standings of all around, added up, for every open project."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        for j in range(c * KEPT, (c + 1) * KEPT):
            projects.field[j] = 0.0
            if projects.state[j] != OPEN:
                continue
            for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
                if organisations.active[o] == 1 and organisations.kind[o] == NGO_KIND:
                    projects.field[j] += standing_in(organisations, skills, o, int(projects.service[j]), p)


@rule
def standing_in(organisations: Organisations, skills: Skills, o: int, z: int, p: Any) -> float:
    """Standing of organisation ``o`` in class ``z``."""
    closeness = ties(int(organisations.weeks_joined[o]), p)
    return standing(np.float64(organisations.reputation[o]), np.float64(skills.level[o, z]), closeness, p)


@kernel
def award(
    week: int,
    communities: Communities,
    organisations: Organisations,
    skills: Skills,
    projects: ServiceProjects,
    book: Book,
    parameters: ParameterTable,
) -> None:
    """Charge bidders for their proposals, draw a winner for each project by the weights of its bids, pay in advance."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        first, last = communities.organisation_start[c], communities.organisation_stop[c]
        for j in range(c * KEPT, (c + 1) * KEPT):
            if projects.state[j] != OPEN:
                continue
            total, winner = 0.0, NOBODY
            for o in range(first, last):
                if organisations.bid[o] == j:
                    pay_out(organisations, o, book, c, int(organisations.spending[o]))
                    total += weight_of(organisations, skills, projects, o, j, p)
                    winner = o
            key = (np.uint64(communities.id[c]) << np.uint64(8)) + np.uint64(j - c * KEPT)
            left = uniform(communities.seed[c], CONTEST, week, key, 0) * total
            for o in range(first, last):
                if organisations.bid[o] == j:
                    left -= weight_of(organisations, skills, projects, o, j, p)
                    if left < 0.0:
                        winner = o
                        break
            if winner != NOBODY:
                projects.winner[j] = winner
                projects.state[j] = UNDER_WAY
                pay_in(organisations, projects, j, book, int(p.advance_share * projects.value[j]))


@rule
def weight_of(organisations: Organisations, skills: Skills, projects: ServiceProjects, o: int, j: int, p: Any) -> float:
    """Weight of the bid of organisation ``o`` for project ``j``."""
    own = standing_in(organisations, skills, o, int(projects.service[j]), p)
    return contest_weight(own, organisations.spending[o] / FEN, p.contest_exponent)


@rule
def pay_in(organisations: Organisations, projects: ServiceProjects, j: int, book: Book, amount: int) -> None:
    """Pay ``amount`` fen of project ``j`` out of escrow to who has it."""
    c, o = j // KEPT, projects.winner[j]
    paid = transfer(book, account(c, ESCROW), account(c, NGOS), PROJECT, amount)
    projects.escrow[j] -= paid
    organisations.cash[o] += paid
    organisations.received[o] += paid


@rule
def pay_out(organisations: Organisations, o: int, book: Book, c: int, amount: int) -> None:
    """Let organisation ``o`` pay ``amount`` fen to the world."""
    organisations.cash[o] -= transfer(book, account(c, NGOS), account(c, WORLD), NGO_COSTS, amount)
