"""Services: households ask, committees, volunteers, market and organisations offer, requests meet slots or miss them.

At rest, supply is planned from above (much culture and publicity) and everybody looks for a provider alone: a request
goes to one provider of its class at random and fails if that one is full (urn-ball search). A need list turns supply
towards what is asked for; a resource list with ordering by unit heads places requests by deferred acceptance, special
groups and long waits first (T4.3). A booking that one side does not keep leaves a slot idle and the request waiting.
Departments' programmes buy further slots, each of its own class (:mod:`shequ.model.programmes`).

Reads: households (needs), committees (service minutes), firms (joined, provides, size), what NGOs deliver, units
(heads), the time bank (last week's volunteered minutes), slots bought by the charity fund. Writes: request, waiting and
served of households; the planned mix of classes; flows ``requests``, ``requests_met``, ``slots``, ``slots_used``;
``model.supply``, ``.programmes`` and their account; the time bank.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents.columns import F64, I32, I64, held
from ...agents.committee import Committees
from ...agents.household import NOTHING, Household, Households
from ...agents.ngo import FIRM_KIND, Organisations
from ...agents.rules import followed, rule
from ...agents.unit_head import Units
from ...agents.using_services import (
    CLASSES,
    ServiceClass,
    first_provider,
    need_count,
    next_request,
    ordered_from_list,
)
from .. import programmes
from ..compiled import kernel
from ..draws import Stream, draw_four, uniforms
from ..flows import Flows
from ..hours import Credits, redeem
from ..levers import LeverTable
from ..matching import UNMATCHED, deferred_acceptance, maximum_matching, urn_ball
from ..parameters import ParameterTable
from ..programmes import Programmes
from ..service_projects import Delivery
from ..structure import Communities, Supply

if TYPE_CHECKING:
    from ..community_model import CommunityModel

REQUEST = int(Stream.SERVICE_REQUEST)
CHOICE = int(Stream.SERVICE_CHOICE)
CULTURE = int(ServiceClass.CULTURE)
PUBLICITY = CLASSES  # offered, asked for by nobody
TINY = 1e-12  # keeps 0 / 0 away where nothing is planned
LONG = 100_000.0  # weeks; longer than anyone waits, so that special groups come first


def prepare(model: "CommunityModel") -> None:
    """Make ``model.supply``; at first the committee's picture of need is what households want."""
    count = len(model.communities.id)
    supply = Supply(
        np.zeros((count, CLASSES)),
        np.zeros((count, CLASSES + 1)),
        np.zeros((count, CLASSES + 1), np.int64),
        np.zeros((count, CLASSES), np.int64),
        np.zeros((count, CLASSES), np.int64),
        np.zeros(count, np.int64),
    )
    model.supply = held(supply)
    count_needs(model.communities, model.households, model.supply.need)
    model.programmes = held(Programmes(np.zeros((count, CLASSES + 1), np.int64), np.zeros((count, CLASSES), np.int64)))


def step(model: "CommunityModel") -> None:
    """Let households ask, offer slots, place requests."""
    m = model
    tables = (m.communities, m.households, m.parameters)
    m.decide(Household, "request_service", request_services, m.week, *tables)
    _run_programmes(m)
    offer_slots(
        m.communities,
        m.committees,
        m.organisations,
        m.delivery,
        m.time_bank,
        m.funds.slots_bought,
        m.programmes,
        m.supply,
        m.parameters,
        m.levers,
    )
    place_requests(m.week, m.communities, m.households, m.units, m.supply, m.flows, m.time_bank, m.parameters, m.levers)


def _run_programmes(model: "CommunityModel") -> None:
    """Take back, grant and spend the money of departments' programmes."""
    m, book = model, model.ledger.book
    if m.calendar.opens_year(m.week):
        programmes.lapse(m.programmes, m.funds, book, m.parameters)
    if m.calendar.opens_month(m.week):
        plan = np.zeros((len(m.communities.id), CLASSES))
        plan_from_above(m.supply.need, plan, m.parameters)
        tables = (m.funds, book, m.flows, m.parameters, m.levers)
        programmes.grant(m.communities, m.programmes, plan, *tables)
    programmes.buy(m.programmes, m.supply, book, m.flows, m.parameters)


@kernel
def count_needs(communities: Communities, households: Households, need: F64) -> None:
    """Write the share of each class among all needs of a community."""
    for c in range(len(communities.seed)):
        for h in range(communities.household_start[c], communities.household_stop[c]):
            for z in range(CLASSES):
                need[c, z] += int(households.needs[h]) >> z & 1
        need[c] /= max(1.0, need[c].sum())


@kernel
def request_services(week: int, communities: Communities, households: Households, parameters: ParameterTable) -> None:
    """Kernel of :meth:`Household.request_service`; looks at those only who wait or may ask."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        seed = communities.seed[c]
        start, stop = communities.household_start[c], communities.household_stop[c]
        u = np.empty((4, stop - start))
        draw_four(seed, REQUEST, week, households.id[start:stop], u)
        luck, needs, open_now = u[1], households.needs[start:stop], households.request[start:stop] != NOTHING
        for k in range(len(luck)):
            open_now[k] |= luck[k] < p.request_rate * need_count(int(needs[k]))  # the rate bounds the chance to ask
        for k in np.flatnonzero(open_now):
            h = k + start
            request, waiting = next_request(
                int(households.request[h]),
                int(households.waiting[h]),
                int(households.served[h]),
                int(households.needs[h]),
                (u[0, k], u[1, k], u[2, k], u[3, k]),
                p,
            )
            households.request[h] = request
            households.waiting[h] = waiting
        households.served[start:stop] = 0


@rule
def topdown_share(z: int, need: float, need_of_culture: float, p: Any) -> float:
    """Share of class ``z`` in supply planned from above: fixed shares of culture and publicity, the rest by need.

    [ten_household-031, ten_household-032]
    """
    if z == CULTURE:
        return p.supply_recreation
    if z == PUBLICITY:
        return p.supply_publicity
    others = 1.0 - need_of_culture
    rest = max(0.0, 1.0 - p.supply_recreation - p.supply_publicity)
    return rest * need / others if others > 0.0 else 0.0


@kernel
def plan_from_above(need: F64, plan: F64, parameters: ParameterTable) -> None:
    """Write how supply planned from above splits over the classes that are asked for, publicity left out."""
    for c in range(len(plan)):
        p: Any = parameters[c]
        for z in range(CLASSES):
            plan[c, z] = topdown_share(z, need[c, z], need[c, CULTURE], p)
        plan[c] /= max(plan[c].sum(), TINY)


@kernel
def offer_slots(
    communities: Communities,
    committees: Committees,
    organisations: Organisations,
    delivery: Delivery,
    time_bank: Credits,
    slots_bought: F64,
    programmes: Programmes,
    supply: Supply,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Split the week's slots over classes: slots = supply * (a * need + (1 - a) * plan from above).

    a = need_alignment + (1 - need_alignment) * need_list. Slots of NGOs' contracts come in the class that was
    agreed, those of their own programmes as needs are; those that departments buy come on top. Fractions of a slot
    are carried to the next week.
    """
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        minutes = int(p.volunteer_service_share * time_bank.held[c])
        supply.volunteer_minutes[c] = minutes
        now, rest = float(committees.service_minutes[c]), float(committees.first_service_minutes[c])
        total = ((1.0 - p.grid_issue_share) * followed(now, rest, p.services_follow_staff) + minutes) / p.slot_minutes
        residents = communities.resident_stop[c] - communities.resident_start[c] - communities.empty_places[c]
        total += p.market_slots * residents / 1000.0
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            if organisations.kind[o] == FIRM_KIND:
                each = p.firm_slots * organisations.joined[o] + p.provider_slots * organisations.provides[o]
                total += each * np.float64(organisations.size[o])
        total = total * lever.service_supply + slots_bought[c]
        follow = p.need_alignment + (1.0 - p.need_alignment) * lever.need_list
        for z in range(CLASSES + 1):
            need = supply.need[c, z] if z < CLASSES else 0.0
            planned = topdown_share(z, need, supply.need[c, CULTURE], p)
            share = follow * need + (1.0 - follow) * planned
            delivery.mix[c, z] = followed(share, delivery.mix[c, z], p.contracts_follow_plan)
            of_ngos = p.ngo_reach * lever.service_supply * (delivery.slots[c, z] + delivery.mission[c] * need)
            exact = total * share + of_ngos + supply.carry[c, z]
            supply.slots[c, z] = int(exact)
            supply.carry[c, z] = exact - supply.slots[c, z]
            if z < CLASSES:
                supply.slots[c, z] += programmes.bought[c, z]


@kernel
def place_requests(
    week: int,
    communities: Communities,
    households: Households,
    units: Units,
    supply: Supply,
    flows: Flows,
    time_bank: Credits,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Place the open requests of every class on its slots, count, and learn what is needed."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        start, stop = communities.household_start[c], communities.household_stop[c]
        waiting = np.flatnonzero(households.request[start:stop] != NOTHING) + start
        for z in range(CLASSES):
            rows = waiting[households.request[waiting] == z]
            capacity = places(supply.slots[c, z], int(p.slots_per_provider))
            supply.requests[c, z] = len(rows)
            supply.met[c, z] = serve(week, communities.seed[c], rows, capacity, households, units, p, lever)
            for h in rows:
                flows.requests_special[c] += households.special[h]
                flows.met_special[c] += households.special[h] * households.served[h]
        requests, met, slots = supply.requests[c].sum(), supply.met[c].sum(), supply.slots[c].sum()
        flows.requests[c] += requests
        flows.requests_met[c] += met
        flows.slots[c] += slots
        flows.slots_used[c] += met
        if slots > 0:
            redeem(time_bank, c, supply.volunteer_minutes[c] * met // slots)
        if requests > 0:
            supply.need[c] += (supply.requests[c] / requests - supply.need[c]) / p.need_memory


@kernel
def places(slots: int, each: int) -> I32:
    """Capacity of every provider of a class: ``each`` slots, the last what is left."""
    providers = (slots + each - 1) // each
    capacity = np.full(providers, each, np.int32)
    if providers > 0:
        capacity[providers - 1] = slots - each * (providers - 1)
    return capacity


@kernel
def serve(
    week: int,
    seed: np.uint64,
    rows: I64,
    capacity: I32,
    households: Households,
    units: Units,
    p: Any,
    lever: Any,
) -> int:
    """Place the requests of households ``rows`` on providers of one class; returns how many are met.

    Requests that heads order from the list come first, by deferred acceptance: every provider prefers special groups,
    then long waits, then the lot. The others follow in the order of the lot, each to a single provider.
    """
    providers = len(capacity)
    if providers == 0 or len(rows) == 0:
        return 0
    ordered = np.zeros(len(rows), np.bool_)
    first = np.zeros(len(rows), np.int64)
    kept = np.zeros(len(rows), np.bool_)
    lot = np.zeros(len(rows))
    for k in range(len(rows)):
        h = int(rows[k])
        u = uniforms(seed, CHOICE, week, households.id[h], 0)
        unit = int(households.unit[h])
        has_head = int(units.organised[unit]) == 1 and int(units.head[unit]) >= 0
        ordered[k] = ordered_from_list(u[0], has_head, lever.menu_ordering, lever.resource_list)
        first[k] = first_provider(u[1], providers)
        kept[k] = u[2] < p.booking_kept
        lot[k] = u[3]
    match = np.full(len(rows), UNMATCHED, np.int32)
    if ordered.any():
        place_ordered(np.flatnonzero(ordered), rows, first, lot, capacity, households, match)
    room = capacity.copy()
    for k in range(len(rows)):
        if match[k] != UNMATCHED:
            room[match[k]] -= 1
    for k in np.argsort(lot):
        if not ordered[k] and room[first[k]] > 0:
            match[k] = first[k]
            room[first[k]] -= 1
    met = 0
    for k in range(len(rows)):
        if match[k] != UNMATCHED and kept[k]:
            households.served[rows[k]] = 1
            met += 1
    return met


@kernel
def place_ordered(
    ordered: I64, rows: I64, first: I64, lot: F64, capacity: I32, households: Households, match: I32
) -> None:
    """Deferred acceptance among requests on the list: each tries its first provider, then the next along the list."""
    providers = len(capacity)
    preference = np.empty((len(ordered), providers), np.int32)
    score = np.empty((providers, len(ordered)))
    for i in range(len(ordered)):
        k = ordered[i]
        h = rows[k]
        urgency = LONG * np.float64(households.special[h]) + np.float64(households.waiting[h]) + lot[k]
        for j in range(providers):
            preference[i, j] = (first[k] + j) % providers
            score[j, i] = urgency
    placed = deferred_acceptance(preference, score, capacity)
    for i in range(len(ordered)):
        match[ordered[i]] = placed[i]


def coordination(model: "CommunityModel") -> dict[str, I64 | F64]:
    """Return, by community, what was met this week, the most that any matching could meet, and what chance would.

    The last two are the bounds of perfect coordination (maximum matching) and of none (urn-ball), before bookings are
    broken.
    """
    supply = model.supply
    most = np.zeros(len(supply.met), np.int64)
    chance = np.zeros(len(supply.met))
    for c, z in np.ndindex(supply.met.shape):
        capacity = places(int(supply.slots[c, z]), int(model.parameters["slots_per_provider"][c]))
        requests, providers = int(supply.requests[c, z]), len(capacity)
        pairs = np.indices((requests, providers)).reshape(2, -1)
        most[c] += maximum_matching(pairs[0], pairs[1], capacity, requests)
        chance[c] += urn_ball(requests, providers, int(model.parameters["slots_per_provider"][c]))
    return {"met": supply.met.sum(axis=1), "most": most, "chance": chance}
