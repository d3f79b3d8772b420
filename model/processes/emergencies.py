"""Emergencies: a warning goes down the chain and from mouth to mouth, a blow falls, goods and hands are short.

An event opens a clock of minutes inside its week. Minute 0: the subdistrict office is warned; it calls its committees,
these their grid workers, these the heads of their units, these the households. Households without phone are visited (in
parallel, by the head or by staff), the platform pushes to its users, broadcasts reach some, and who knows tells family
and, at times, contacts. The blow falls ``forewarning`` minutes later, more where sensors give the alarm. Households in
need get goods from the unit, then from the community's store, in the end from outside.

``step`` runs after ties.gather: stocks, warning, blow. ``settle`` runs after the ladder: how help came is felt like the
end of an issue, by households to which nothing else happened this week. Without events in a run nothing runs at all.

Reads: ``model.events``; heads (head, on_duty, burnout), staff, digital skill, adopted, ties, contacts, sense of
community, trust; levers emergency_drills, alarm_ways, emergency_alert, emergency_stock, unit_kits.
Writes: ``model.emergencies``, ``model.stores``; residents.exposed to .safe; households.emergency, .help_hours,
.outcome, .outcome_level, .fairness; units.emergency_hours; flows.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents import Committees, Households, Resident, Residents, Units
from ...agents.columns import allocate
from ...agents.rates import MINUTES_AN_HOUR
from ...agents.unit_head import head_works
from ...agents.warning import (
    HEEDS,
    NOBODY,
    NOT_HELPED,
    NOT_WARNED,
    TELLS,
    EmergencyKind,
    heed_chance,
    help_fairness,
    help_outcome,
    hit_share,
    need_chance,
    safe_in_time,
    sharing_chance,
)
from ..alarm import GOODS_VISIT, alarm_committees, visitors, warn
from ..compiled import kernel
from ..draws import Stream, exponential, uniform
from ..evacuation import bring_away
from ..flows import Flows
from ..levers import LeverTable
from ..parameters import ParameterTable
from ..stocks import (
    COMMUNITY,
    ITEMS,
    PLACES,
    UNITS,
    Stores,
    hand_out,
    lose,
    order_up_to,
    order_up_to_whole,
    receive,
    store_row,
)
from ..structure import Communities, Emergencies
from ..warning import minute_of_share, visit

if TYPE_CHECKING:
    from ..community_model import CommunityModel

CHOICE, NEED = int(Stream.WARNING_CHOICE), int(Stream.EMERGENCY_NEED)
VISIT, STOCK = int(Stream.EMERGENCY_VISIT), int(Stream.STOCK)
HALF, MOST = 0.5, 0.9  # shares whose minutes are measured: t50, t90 [T9.3]
GRID_LEVEL = 2  # level of the ladder to which help counts: the committee's


class EmergencyError(ValueError):
    """An event that cannot happen in this model."""


def prepare(model: "CommunityModel") -> None:
    """Make the tables."""
    count = len(model.communities.id)
    model.emergencies = allocate(Emergencies, count)
    model.stores = allocate(Stores, count * ITEMS * PLACES)


def check_events(model: "CommunityModel") -> None:
    """Raise EmergencyError on events that do not fit the district."""
    count = len(model.communities.id)
    struck: set[tuple[int, int]] = set()
    for event in model.events:
        here = {(event.week, row) for row in event.rows}
        if not event.rows or not all(0 <= row < count for row in event.rows):
            message = f"{event} strikes communities {list(event.rows)}; rows are 0 to {count - 1}"
        elif not 0.0 < event.severity <= 1.0 or not 0.0 <= event.forewarning < np.inf:
            message = f"{event}: severity must lie in (0, 1], forewarning must be 0 minutes or more"
        elif here & struck or len(here) < len(event.rows):
            message = f"{event}: a community can have one emergency a week"
        else:
            struck |= here
            continue
        raise EmergencyError(message)


def step(model: "CommunityModel") -> None:
    """Turn over the stocks; if something strikes this week, warn, strike, help and count."""
    if not model.events:
        return
    tables = (model.communities, model.units, model.parameters, model.levers)
    turn_over(model.week, *tables, model.stores)
    if not _open_week(model):
        return
    alarm_committees(model.week, model.communities, model.emergencies, model.parameters, model.levers)
    people = (model.week, model.communities, model.residents)
    model.decide(Resident, "decide_telling", decide_telling, *people, model.parameters)
    warn(
        *people,
        model.households,
        model.units,
        model.committees,
        model.ties,
        model.emergencies,
        model.parameters,
        model.levers,
    )
    model.decide(Resident, "decide_heeding", decide_heeding, *people, model.emergencies, model.parameters)
    bring_away(model.communities, model.residents, model.households, model.units, model.emergencies, model.parameters)
    strike(
        *people,
        model.households,
        model.units,
        model.committees,
        model.emergencies,
        model.stores,
        model.flows,
        model.parameters,
    )


def settle(model: "CommunityModel") -> None:
    """Let households feel how help came."""
    if (model.emergencies.kind > 0).any():
        feel(model.communities, model.households, model.emergencies, model.parameters)


def _open_week(model: "CommunityModel") -> bool:
    """Clear last week's emergencies and enter this week's; returns whether there is any."""
    emergencies, residents, households = model.emergencies, model.residents, model.households
    if emergencies.kind.any():
        for column in (emergencies.kind, emergencies.severity, emergencies.forewarning, emergencies.alarm):
            column[:] = 0
        for column in (residents.exposed, residents.tells, residents.warned_by, residents.heeds, residents.safe):
            column[:] = 0
        residents.warned_minute[:] = NOT_WARNED
        households.emergency[:] = 0
        households.help_hours[:] = NOT_HELPED
        model.units.emergency_hours[:] = 0
    for event in model.events:
        if event.week == model.week:
            rows = list(event.rows)
            emergencies.kind[rows] = int(EmergencyKind(event.kind))
            emergencies.severity[rows] = event.severity
            more = model.parameters["sensor_forewarning"][rows] * model.levers["sensors"][rows]
            emergencies.forewarning[rows] = event.forewarning + more
    residents.exposed[:] = emergencies.kind[residents.community] > 0
    return bool(emergencies.kind.any())


# --- stocks ----------------------------------------------------------------------------------------------------------


@kernel
def turn_over(
    week: int,
    communities: Communities,
    units: Units,
    parameters: ParameterTable,
    levers: LeverTable,
    stores: Stores,
) -> None:
    """A week of the stores: some goods are lost, part of what is missing up to the order level comes in [T9.3, E7]."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        households = np.float64(communities.household_stop[c] - communities.household_start[c])
        heads = members = 0
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            if units.organised[u] == 1 and units.head[u] >= 0:
                heads += 1
                members += units.household_stop[u] - units.household_start[u]
        for kind in range(1, ITEMS + 1):
            demand = hit_share(kind, p) * p.demand_severity
            level = order_up_to(demand * households, p.demand_spread * demand * households, lever.emergency_stock)
            kits = order_up_to_whole(demand * members / heads, lever.unit_kits) * heads if heads > 0 else 0
            for place in range(PLACES):
                row = store_row(c, kind, place)
                u0 = uniform(communities.seed[c], STOCK, week, np.uint64(communities.id[c]), row % (ITEMS * PLACES))
                lose(stores, row, int(stores.on_hand[row] * p.stock_loss + u0))
                missing = (int(np.ceil(level)) if place == COMMUNITY else kits) - stores.on_hand[row]
                receive(stores, row, max(int(np.ceil(p.restock * missing)), 0))


# --- who tells, who heeds ---------------------------------------------------------------------------------------------


@kernel
def decide_telling(week: int, communities: Communities, residents: Residents, parameters: ParameterTable) -> None:
    """Residents of the area choose whether to pass a warning on: kernel of ``Resident.decide_telling``."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        for i in range(communities.resident_start[c], communities.resident_stop[c]):
            if residents.exposed[i] == 1 and residents.age[i] >= p.participation_age:
                u = uniform(communities.seed[c], CHOICE, week, residents.id[i], TELLS)
                residents.tells[i] = u < sharing_chance(np.float64(residents.sense_of_community[i]), p)


@kernel
def decide_heeding(
    week: int,
    communities: Communities,
    residents: Residents,
    emergencies: Emergencies,
    parameters: ParameterTable,
) -> None:
    """Residents who were warned act on it or not: kernel of ``Resident.decide_heeding``."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        for i in range(communities.resident_start[c], communities.resident_stop[c]):
            if residents.warned_by[i] != NOBODY and residents.age[i] >= p.participation_age:
                chance = heed_chance(np.float64(residents.trust_committee[i]), int(residents.warned_by[i]), p)
                residents.heeds[i] = uniform(communities.seed[c], CHOICE, week, residents.id[i], HEEDS) < chance
                warned, forewarning = np.float64(residents.warned_minute[i]), np.float64(emergencies.forewarning[c])
                residents.safe[i] = residents.heeds[i] == 1 and safe_in_time(warned, forewarning, p)


# --- blow and help ---------------------------------------------------------------------------------------------------


@kernel
def strike(
    week: int,
    communities: Communities,
    residents: Residents,
    households: Households,
    units: Units,
    committees: Committees,
    emergencies: Emergencies,
    stores: Stores,
    flows: Flows,
    parameters: ParameterTable,
) -> None:
    """The blow falls; households in need get help from the unit, the store, or in the end from outside."""
    for c in range(len(communities.seed)):
        if emergencies.kind[c] > 0:
            p: Any = parameters[c]
            fall(week, c, communities, residents, households, emergencies, p)
            help_in_units(c, communities, households, units, emergencies, stores, p)
            help_from_store(week, c, communities, households, committees, emergencies, stores, flows, p)
            count(c, communities, residents, households, flows, p)


@kernel
def fall(
    week: int,
    c: int,
    communities: Communities,
    residents: Residents,
    households: Households,
    emergencies: Emergencies,
    p: Any,
) -> None:
    """Mark the households that the blow leaves in need."""
    kind, severity = int(emergencies.kind[c]), np.float64(emergencies.severity[c])
    for h in range(communities.household_start[c], communities.household_stop[c]):
        adults = safe = 0
        first = households.resident_start[h]
        for i in range(first, first + households.size[h] + households.empty_places[h]):
            if residents.age[i] >= p.participation_age:
                adults += 1
                safe += residents.safe[i]
        chance = need_chance(kind, severity, safe / max(adults, 1), p)
        struck = uniform(communities.seed[c], NEED, week, households.id[h], 0) < chance
        households.emergency[h] = struck and households.size[h] > 0


@kernel
def help_in_units(
    c: int,
    communities: Communities,
    households: Households,
    units: Units,
    emergencies: Emergencies,
    stores: Stores,
    p: Any,
) -> None:
    """Heads on duty hand the goods that lie with the units to their households in need, door after door."""
    row = store_row(c, int(emergencies.kind[c]), UNITS)
    for u in range(communities.unit_start[c], communities.unit_stop[c]):
        minutes = 0.0
        if head_works(int(units.organised[u]), int(units.head[u]), int(units.on_duty[u])):
            for h in range(units.household_start[u], units.household_stop[u]):
                if households.emergency[h] == 1 and hand_out(stores, row, 1) == 1:
                    minutes += p.handing_minutes
                    households.help_hours[h] = min(minutes / MINUTES_AN_HOUR, p.relief_hours)
        units.emergency_hours[u] += minutes / MINUTES_AN_HOUR


@kernel
def help_from_store(
    week: int,
    c: int,
    communities: Communities,
    households: Households,
    committees: Committees,
    emergencies: Emergencies,
    stores: Stores,
    flows: Flows,
    p: Any,
) -> None:
    """Staff carry goods of the store from door to door; whoever goes without waits for outside relief."""
    row = store_row(c, int(emergencies.kind[c]), COMMUNITY)
    waiting = np.zeros(communities.household_stop[c] - communities.household_start[c], np.int64)
    n = 0
    for h in range(communities.household_start[c], communities.household_stop[c]):
        if households.emergency[h] == 1 and households.help_hours[h] < 0.0:
            waiting[n] = h
            n += 1
    hands, minutes = visitors(np.float64(committees.staff[c]), p)
    given = hand_out(stores, row, n) if hands > 0 else 0
    flows.stock_outs[c] += n - given
    work, done = np.zeros(given), np.zeros(given)
    for k in range(given):
        u = uniform(communities.seed[c], VISIT, week, households.id[int(waiting[k])], GOODS_VISIT)
        work[k] = minutes * exponential(u)
    visit(0.0, hands, work, done)
    for k in range(n):
        hours = done[k] / MINUTES_AN_HOUR if k < given else p.relief_hours
        households.help_hours[waiting[k]] = min(hours, p.relief_hours)


@kernel
def count(c: int, communities: Communities, residents: Residents, households: Households, flows: Flows, p: Any) -> None:
    """Count the emergency into the flows; who never heard counts as warned when the alarm ends."""
    horizon = p.alarm_hours * MINUTES_AN_HOUR
    minute = np.full(communities.resident_stop[c] - communities.resident_start[c], np.inf)
    adults = 0
    for i in range(communities.resident_start[c], communities.resident_stop[c]):
        if residents.age[i] >= p.participation_age:
            if residents.warned_by[i] != NOBODY:
                minute[adults] = residents.warned_minute[i]
            adults += 1
    flows.emergencies[c] += 1
    flows.half_warned_minutes[c] += min(minute_of_share(minute[:adults], HALF), horizon)
    flows.most_warned_minutes[c] += min(minute_of_share(minute[:adults], MOST), horizon)
    for h in range(communities.household_start[c], communities.household_stop[c]):
        if households.emergency[h] == 1:
            hours = np.float64(households.help_hours[h])
            flows.emergency_needs[c] += 1
            flows.unmet_hours[c] += hours
            flows.late_help[c] += help_outcome(hours, p) < 0


@kernel
def feel(
    communities: Communities, households: Households, emergencies: Emergencies, parameters: ParameterTable
) -> None:
    """Help in time or late is felt like the end of an issue at the committee, unless an issue ended this week."""
    for c in range(len(communities.seed)):
        if emergencies.kind[c] == 0:
            continue
        p: Any = parameters[c]
        for h in range(communities.household_start[c], communities.household_stop[c]):
            if households.emergency[h] == 1 and households.outcome[h] == 0:
                hours = np.float64(households.help_hours[h])
                households.outcome[h] = help_outcome(hours, p)
                households.outcome_level[h] = GRID_LEVEL
                households.fairness[h] = help_fairness(hours, p)
