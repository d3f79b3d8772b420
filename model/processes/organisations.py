"""NGOs and firms join the units' work or leave it, are founded and close; NGOs live on contracts; firms sell services.

Each thinks over now and then whether to take part, with a probability that contracts, the platform of the three
parties, its size and the company of others suggest. NGOs bid for the service projects that the district funds, do what
they won and what their own mission is (:mod:`shequ.model.service_projects`, :mod:`shequ.model.contracts`), and close
when their money is gone, or by a hazard that falls with age and size and rises where all income is of one kind and
fails. New ones are founded where there is money and need. Firms close by the same law at a level of their own; their
premises stand empty until another moves in. They provide services where they pay, with a subsidy if there is one.

Reads: organisations, levers of firms and NGOs, flows of requests. Writes: organisations, model.service_projects,
.skills, .delivery (what services take up next week), the ledger's accounts of NGOs and escrow, flows of NGOs and
contracts.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents import NGO, Firm, Organisations
from ...agents.columns import allocate, held
from ...agents.contracting import KEPT, NO_BID, OPEN, UNDER_WAY, founding_rate, running_costs, standing, ties
from ...agents.ngo import FIRM_KIND, NGO_KIND, course_taken, joined_after, joining_chance, worth_of_bid
from ...agents.rates import MONTHS_A_YEAR, WEEKS_A_YEAR, arrivals
from ...agents.rules import rule
from ...agents.using_services import CLASSES
from .. import contracts, firms, service_projects
from ..compiled import kernel
from ..draws import Stream, uniform
from ..flows import Flows
from ..funds import Funds, account, district_pays, fen, place_of_district
from ..ledger import Book, Purpose, Sector, transfer
from ..levers import LeverTable
from ..parameters import ParameterTable
from ..service_projects import Delivery, ServiceProjects, Skills, give_back, money_offered
from ..structure import Communities

if TYPE_CHECKING:
    from ..community_model import CommunityModel

JOIN, NGO_EXIT, FOUNDING = int(Stream.JOIN), int(Stream.NGO_EXIT), int(Stream.FOUNDING)
WORLD, NGOS = int(Sector.WORLD), int(Sector.NGOS)
CHARITY, FIRMS = int(Sector.CHARITY), int(Sector.FIRMS)
NGO_INCOME, NGO_CAPITAL = int(Purpose.NGO_INCOME), int(Purpose.NGO_CAPITAL)
FIRM_INCENTIVE = int(Purpose.FIRM_INCENTIVE)
QUARTERS_A_YEAR = 4.0
FIRST_ROUNDS = 8  # rounds of bids before the first week: an NGO wins several contracts of the start
GENERATION = 40  # bits by which the id of a row rises with every NGO founded in it


def prepare(model: "CommunityModel") -> None:
    """Make the tables of projects; NGOs of the start have means, a name and contracts that end at different times."""
    m, count = model, len(model.communities.id)
    rows = len(m.organisations.id)
    m.service_projects = allocate(ServiceProjects, count * KEPT)
    m.skills = held(Skills(np.zeros((rows, CLASSES + 1))))
    classes = (count, CLASSES + 1)
    blank = (np.zeros(count) for _ in range(5))
    mission, *rest = blank
    m.delivery = held(Delivery(np.zeros(classes), mission, np.zeros(classes), *rest))
    m.delivery.mix[:, :CLASSES] = m.supply.need
    if "organisations" in m.off:
        return
    service_projects.begin(m.communities, m.organisations, m.skills, m.delivery, m.ledger.book, m.parameters)
    _fund(m, 1.0, staggered=True)
    for _ in range(FIRST_ROUNDS):
        _bids(m)
    service_projects.season(m.service_projects, m.funds, m.ledger.book, m.parameters)


def step(model: "CommunityModel") -> None:
    """Let organisations join or leave, contend for projects, work, close and be founded."""
    m = model
    tables = (m.communities, m.organisations, m.parameters, m.levers)
    look_around(m.communities, m.organisations)
    m.decide(NGO, "decide_joining", join_all, NGO_KIND, m.week, *tables)
    m.decide(Firm, "decide_joining", join_all, FIRM_KIND, m.week, *tables)
    if m.calendar.opens_month(m.week):
        _month(m)
    money = (m.funds, m.ledger.book, m.flows, m.parameters, m.levers)
    contracts.work(m.communities, m.organisations, m.skills, m.service_projects, m.delivery, *money)
    m.decide(NGO, "decide_course", take_course, m.week, *tables)
    m.decide(Firm, "decide_course", firms.take_course, m.week, m.communities, m.organisations, m.parameters)
    firms.let_premises(m.week, m.communities, m.organisations, m.flows, m.parameters)
    turn_over(m.week, m.communities, m.organisations, m.skills, m.service_projects, m.delivery, *money)


def _month(model: "CommunityModel") -> None:
    """Fund projects as a quarter opens, take back what lapses as a year opens; grants, bids, firms that think over."""
    m = model
    if m.calendar.opens_year(m.week):
        service_projects.lapse(m.service_projects, m.delivery, m.funds, m.ledger.book, m.parameters)
    grant(m.communities, m.organisations, m.delivery, m.funds, m.ledger.book, m.levers)
    if m.calendar.opens_quarter(m.week):
        _fund(m, 1.0 / QUARTERS_A_YEAR, staggered=False)
        tables = (m.communities, m.organisations, m.delivery, m.parameters, m.levers)
        m.decide(Firm, "decide_provision", firms.provide_all, m.week, *tables)
    _bids(m)


def _fund(model: "CommunityModel", years: float, *, staggered: bool) -> None:
    """Open projects for the budget of so many years."""
    m = model
    tables = (m.communities, m.service_projects, m.delivery, m.funds, m.ledger.book, m.parameters, m.levers)
    service_projects.fund(m.week, years, staggered, *tables)


def _bids(model: "CommunityModel") -> None:
    """One round of bids and awards."""
    m = model
    if not (m.service_projects.state == OPEN).any():
        return
    tables = (m.communities, m.organisations, m.skills, m.service_projects)
    service_projects.size_up(*tables, m.parameters)
    m.decide(NGO, "decide_bid", bid_all, *tables, m.parameters)
    service_projects.award(m.week, *tables, m.ledger.book, m.parameters)


@kernel
def look_around(communities: Communities, organisations: Organisations) -> None:
    """Write the share of the other organisations around the community that take part."""
    for c in range(len(communities.seed)):
        active = joined = 0
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            active += int(organisations.active[o])
            joined += int(organisations.joined[o])
        others = max(active - 1, 1)
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            if organisations.active[o] == 1:
                organisations.joined_nearby[o] = (joined - int(organisations.joined[o])) / others


@kernel
def join_all(
    kind: int,
    week: int,
    communities: Communities,
    organisations: Organisations,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Twin of NGO.decide_joining and Firm.decide_joining, for organisations of ``kind``."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        seed = communities.seed[c]
        if kind == NGO_KIND:
            appeal = p.ngo_join_base + p.ngo_join_contract * lever.ngo_contracting
        else:
            appeal = p.firm_join_base + p.firm_join_agreement * lever.firm_agreements
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            if organisations.kind[o] != kind or organisations.active[o] == 0:
                continue
            key = organisations.id[o]
            chance = joining_chance(
                appeal,
                lever.tripartite_platform,
                np.float64(organisations.size[o]),
                np.float64(organisations.joined_nearby[o]),
                p,
            )
            joined = joined_after(
                int(organisations.joined[o]),
                chance,
                uniform(seed, JOIN, week, key, 0),
                uniform(seed, JOIN, week, key, 1),
                p,
            )
            organisations.joined[o] = joined
            organisations.weeks_joined[o] = joined * (organisations.weeks_joined[o] + 1)


# --- NGOs: bids, course, closing and founding ------------------------------------------------------------------------


@kernel
def bid_all(
    communities: Communities,
    organisations: Organisations,
    skills: Skills,
    projects: ServiceProjects,
    parameters: ParameterTable,
) -> None:
    """Twin of NGO.decide_bid."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            if organisations.kind[o] != NGO_KIND:
                continue
            organisations.bid[o] = NO_BID
            organisations.spending[o] = 0
            if organisations.active[o] == 0:
                continue
            room = p.bid_stretch * p.ngo_slots * np.float64(organisations.size[o]) - np.float64(
                organisations.workload[o]
            )
            closeness, best = ties(int(organisations.weeks_joined[o]), p), 0.0
            for j in range(c * KEPT, (c + 1) * KEPT):
                if projects.state[j] != OPEN:
                    continue
                skill = skills.level[o, projects.service[j]]
                own = standing(np.float64(organisations.reputation[o]), skill, closeness, p)
                value, agreed, weeks = int(projects.value[j]), np.float64(projects.agreed[j]), int(projects.weeks[j])
                worth, spending = worth_of_bid(value, agreed, weeks, room, own, projects.field[j], p)
                if worth > best:
                    best = worth
                    organisations.bid[o] = j
                    organisations.spending[o] = spending


@kernel
def take_course(
    week: int,
    communities: Communities,
    organisations: Organisations,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Twin of NGO.decide_course."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            if organisations.kind[o] != NGO_KIND or organisations.active[o] == 0:
                continue
            incomes = (
                np.float64(organisations.income_public[o]),
                np.float64(organisations.income_gifts[o]),
                np.float64(organisations.income_market[o]),
            )
            hazard, red, closing, effort = course_taken(
                int(organisations.cash[o]),
                int(organisations.red_weeks[o]),
                int(organisations.age[o]),
                np.float64(organisations.size[o]),
                incomes,
                lever.ngo_incubation,
                lever.third_party_evaluation,
                uniform(communities.seed[c], NGO_EXIT, week, organisations.id[o], 0),
                p,
            )
            organisations.hazard[o] = hazard
            organisations.red_weeks[o] = red
            organisations.closing[o] = closing
            organisations.paid_effort[o] = effort


@kernel
def turn_over(
    week: int,
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
    """Wind up the NGOs that close; found new ones in rows that are free."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        first, last = communities.organisation_start[c], communities.organisation_stop[c]
        for o in range(first, last):
            if organisations.kind[o] == NGO_KIND and organisations.closing[o] == 1:
                wind_up(c, o, organisations, projects, funds, book, flows)
        rate = founding_rate(money_offered(lever, p), delivery.unmet[c], lever.ngo_incubation, p)
        delivery.founding[c] = rate
        u = uniform(communities.seed[c], FOUNDING, week, np.uint64(communities.id[c]), 0)
        wanted = arrivals(u, rate / WEEKS_A_YEAR, last - first)
        for o in range(first, last):
            if wanted > 0 and organisations.kind[o] == NGO_KIND and organisations.active[o] == 0:
                wanted -= 1
                found(c, o, organisations, skills, book, p)
                flows.ngo_foundings[c] += 1


@rule
def wind_up(
    c: int, o: int, organisations: Organisations, projects: ServiceProjects, funds: Funds, book: Book, flows: Flows
) -> None:
    """Close NGO ``o``: contracts end, what is left goes to the charity fund, what it owes is lost to the world."""
    for j in range(c * KEPT, (c + 1) * KEPT):
        if projects.winner[j] == o and projects.state[j] >= UNDER_WAY:
            flows.contracts_ended[c] += projects.state[j] == UNDER_WAY
            give_back(projects, j, funds, book)
    left = int(organisations.cash[o])
    transfer(book, account(c, NGOS), account(c, CHARITY), NGO_CAPITAL, max(0, left))
    transfer(book, account(c, WORLD), account(c, NGOS), NGO_CAPITAL, max(0, -left))
    organisations.active[o] = 0
    organisations.closing[o] = 0
    organisations.cash[o] = 0
    organisations.joined[o] = 0
    organisations.weeks_joined[o] = 0
    organisations.workload[o] = 0.0
    organisations.received[o] = 0
    organisations.granted[o] = 0
    flows.ngo_exits[c] += 1


@rule
def found(c: int, o: int, organisations: Organisations, skills: Skills, book: Book, p: Any) -> None:
    """Begin a new NGO in the free row ``o``: small, new, with what its founders bring."""
    size = p.founding_size
    organisations.id[o] += np.uint64(1) << np.uint64(GENERATION)
    organisations.active[o] = 1
    organisations.age[o] = 0
    organisations.red_weeks[o] = 0
    organisations.size[o] = size
    organisations.reputation[o] = p.founding_reputation
    organisations.income_public[o] = max(0.0, running_costs(size, p) - (p.ngo_gifts + p.ngo_fees) * size)
    organisations.income_gifts[o] = p.ngo_gifts * p.founding_reputation * size
    organisations.income_market[o] = p.ngo_fees * size
    organisations.cash[o] = transfer(book, account(c, WORLD), account(c, NGOS), NGO_CAPITAL, fen(p.founding_capital))
    skills.level[o] = p.founding_skill


@kernel
def grant(
    communities: Communities,
    organisations: Organisations,
    delivery: Delivery,
    funds: Funds,
    book: Book,
    levers: LeverTable,
) -> None:
    """Pay a month of venture grants, in equal parts to the NGOs, and of incentives to firms that provide services."""
    for c in range(len(communities.seed)):
        lever: Any = levers[c]
        first, last = communities.organisation_start[c], communities.organisation_stop[c]
        ngos = providers = 0
        for o in range(first, last):
            ngos += organisations.active[o] == 1 and organisations.kind[o] == NGO_KIND
            providers += int(organisations.provides[o])
        delivery.providers[c] = providers
        for o in range(first, last):
            if organisations.provides[o] == 1:
                place = place_of_district(funds, c)
                district_pays(book, place, account(c, FIRMS), FIRM_INCENTIVE, fen(lever.firm_incentive))
            elif organisations.active[o] == 1 and organisations.kind[o] == NGO_KIND:
                amount = fen(lever.venture_grants / MONTHS_A_YEAR / ngos)
                paid = transfer(book, account(c, WORLD), account(c, NGOS), NGO_INCOME, amount)
                organisations.cash[o] += paid
                organisations.granted[o] += paid
