"""Contracts: the week of NGOs on their projects and their own mission; what ends is judged and paid; their accounts.

The last payment of a contract comes some weeks after its end, as far as it was earned (T4.3, T6.3).
"""

from typing import Any

import numpy as np

from ..agents.contracting import (
    ACCEPTED,
    KEPT,
    UNDER_WAY,
    pay_earned,
    relief,
    result,
    running_costs,
    size_after,
    skill_after,
)
from ..agents.giving import FEN
from ..agents.ngo import NGO_KIND, Organisations
from ..agents.rules import clip01, rule
from ..agents.using_services import CLASSES
from .compiled import kernel
from .flows import Flows
from .funds import Funds, account, fen
from .ledger import Book, Purpose, Sector, transfer
from .levers import LeverTable
from .parameters import ParameterTable
from .service_projects import Delivery, ServiceProjects, Skills, give_back, pay_in, pay_out
from .structure import Communities

WORLD, NGOS, NGO_INCOME = int(Sector.WORLD), int(Sector.NGOS), int(Purpose.NGO_INCOME)


@kernel
def work(
    communities: Communities,
    organisations: Organisations,
    skills: Skills,
    projects: ServiceProjects,
    delivery: Delivery,
    funds: Funds,
    book: Book,
    flows: Flows,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Run the week of every NGO: work on contracts and the own mission, end and pay contracts, keep accounts."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        delivery.slots[c] = 0.0
        delivery.mission[c] = 0.0
        if flows.requests[c] > 0:
            missed = 1.0 - flows.requests_met[c] / flows.requests[c]
            delivery.unmet[c] += (missed - delivery.unmet[c]) / p.need_memory
        first, last = communities.organisation_start[c], communities.organisation_stop[c]
        for o in range(first, last):
            if organisations.active[o] == 1 and organisations.kind[o] == NGO_KIND:
                deliver(c, o, organisations, skills, projects, delivery, p)
        tied = p.evaluation_tied * lever.third_party_evaluation
        for j in range(c * KEPT, (c + 1) * KEPT):
            if projects.state[j] >= UNDER_WAY:
                projects.weeks[j] -= 1
                if projects.weeks[j] == 0:
                    move_on(c, j, tied, organisations, skills, projects, funds, book, flows, p)
        for o in range(first, last):
            if organisations.active[o] == 1 and organisations.kind[o] == NGO_KIND:
                keep_accounts(c, o, lever.ngo_incubation, organisations, book, p)


@rule
def deliver(
    c: int, o: int, organisations: Organisations, skills: Skills, projects: ServiceProjects, delivery: Delivery, p: Any
) -> None:
    """Spread the week of NGO ``o`` over its contracts, by what each still asks for; the rest is for its mission."""
    load = 0.0
    for j in range(c * KEPT, (c + 1) * KEPT):
        if projects.state[j] == UNDER_WAY and projects.winner[j] == o:
            load += asked(projects, j)
    hands = p.ngo_slots * np.float64(organisations.size[o])
    effort = np.float64(organisations.paid_effort[o]) * hands
    part = min(1.0, effort / load) if load > 0.0 else 0.0
    organisations.workload[o] = load
    for z in range(CLASSES + 1):
        done = 0.0
        for j in range(c * KEPT, (c + 1) * KEPT):
            if projects.state[j] == UNDER_WAY and projects.winner[j] == o and projects.service[j] == z:
                slots = part * asked(projects, j)
                projects.delivered[j] += slots
                done += slots
        skills.level[o, z] = clip01(skill_after(skills.level[o, z], done, p))
        if organisations.joined[o] == 1:
            delivery.slots[c, z] += done
    if organisations.joined[o] == 1:
        delivery.mission[c] += max(0.0, hands - part * load)


@rule
def asked(projects: ServiceProjects, j: int) -> float:
    """Slots a week that project ``j`` asks for until its end."""
    return max(0.0, np.float64(projects.agreed[j]) - np.float64(projects.delivered[j])) / max(1, projects.weeks[j])


@rule
def move_on(
    c: int,
    j: int,
    tied: float,
    organisations: Organisations,
    skills: Skills,
    projects: ServiceProjects,
    funds: Funds,
    book: Book,
    flows: Flows,
    p: Any,
) -> None:
    """End a contract whose time is over, and judge it; pay one whose payment is due, as far as it was earned."""
    o = projects.winner[j]
    if projects.state[j] == ACCEPTED:
        earned = int(pay_earned(tied, np.float64(projects.score[j]), p.pay_standard) * projects.value[j])
        already = projects.value[j] - projects.escrow[j]
        pay_in(organisations, projects, j, book, max(0, earned - int(already)))
        give_back(projects, j, funds, book)
        return
    delivered = min(1.0, np.float64(projects.delivered[j]) / np.float64(projects.agreed[j]))
    score = result(delivered, np.float64(skills.level[o, projects.service[j]]), p)
    before = np.float64(organisations.reputation[o])
    organisations.reputation[o] = clip01(before + p.reputation_memory * (score - before))
    projects.score[j] = score
    projects.state[j] = ACCEPTED
    projects.weeks[j] = int(p.pay_lag)
    flows.contracts_ended[c] += 1
    flows.contracts_kept[c] += delivered >= p.kept_share


@rule
def keep_accounts(c: int, o: int, incubation: float, organisations: Organisations, book: Book, p: Any) -> None:
    """Pay the week's costs, take in gifts and fees, remember income; staff follows what it pays for."""
    size, age = np.float64(organisations.size[o]), int(organisations.age[o])
    borne = relief(age, incubation, p.incubation_relief, p)
    pay_out(organisations, o, book, c, fen((1.0 - borne) * running_costs(size, p)))
    gifts = fen(p.ngo_gifts * size * np.float64(organisations.reputation[o]))
    fees = fen(p.ngo_fees * size)
    organisations.cash[o] += transfer(book, account(c, WORLD), account(c, NGOS), NGO_INCOME, gifts + fees)
    pace = 1.0 / p.income_memory
    public = np.float64(organisations.income_public[o])
    given, market = np.float64(organisations.income_gifts[o]), np.float64(organisations.income_market[o])
    public += pace * (organisations.received[o] / FEN - public)
    given += pace * ((gifts + organisations.granted[o]) / FEN - given)
    market += pace * (fees / FEN - market)
    organisations.income_public[o], organisations.income_gifts[o] = public, given
    organisations.income_market[o] = market
    organisations.received[o] = 0
    organisations.granted[o] = 0
    organisations.age[o] = age + 1
    income = public + given + market + borne * running_costs(size, p)
    organisations.size[o] = size_after(size, income, organisations.cash[o] / FEN, p)
