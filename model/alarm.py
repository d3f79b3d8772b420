"""The alarm of one emergency: who hears when, and from whom.

Composes the machines of :mod:`shequ.model.warning` over a community: calls from the subdistrict office down to the
household, visits to households without phone, push and broadcast, word of mouth. All of it is machinery, one kernel for
both engines; that residents tell others was decided before.
"""

from typing import Any

import numpy as np

from ..agents import Committees, Households, Residents, Units
from ..agents.rates import MINUTES_AN_HOUR
from ..agents.warning import Source, has_phone, head_presence, heard_after, link_chance
from .compiled import kernel
from .draws import Stream, exponential, uniform, uniforms
from .levers import LeverTable
from .parameters import ParameterTable
from .structure import Communities, Emergencies, Ties
from .warning import call_level, spread, visit

LINK, CHANNEL, VISIT = int(Stream.WARNING_LINK), int(Stream.WARNING_CHANNEL), int(Stream.EMERGENCY_VISIT)
TO_COMMITTEE, TO_GRID, TO_HEAD, TO_HOUSEHOLD = 0, 1, 2, 3  # draws of links, by level
WARNING_VISIT, GOODS_VISIT = 0, 1  # draws of a household's visits
CALL, VISITED = int(Source.CALL), int(Source.VISIT)
NOBODY, PUSH, BROADCAST = int(Source.NOBODY), int(Source.PUSH), int(Source.BROADCAST)


@kernel
def alarm_committees(
    week: int, communities: Communities, emergencies: Emergencies, parameters: ParameterTable, levers: LeverTable
) -> None:
    """Each subdistrict office calls the committees of the area, one after the other."""
    clock = np.zeros(int(communities.subdistrict.max()) + 1)
    chance, luck, below = np.zeros(1), np.zeros(1), np.zeros(1)
    whole = np.array([0, 1])
    for c in range(len(communities.seed)):
        if emergencies.kind[c] == 0:
            continue
        p: Any = parameters[c]
        s = communities.subdistrict[c]
        chance[0] = link_chance(levers[c].emergency_drills, levers[c].alarm_ways, p)
        luck[0] = uniform(communities.seed[c], LINK, week, np.uint64(communities.id[c]), TO_COMMITTEE)
        call_level(clock[s : s + 1], whole, p.contact_minutes, chance, luck, below)
        clock[s] += p.contact_minutes
        emergencies.alarm[c] = below[0]


@kernel
def warn(
    week: int,
    communities: Communities,
    residents: Residents,
    households: Households,
    units: Units,
    committees: Committees,
    ties: Ties,
    emergencies: Emergencies,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Write when and from whom each resident of the area first hears: chain, visits, push, broadcast, other people."""
    for c in range(len(communities.seed)):
        if emergencies.kind[c] == 0:
            continue
        p: Any = parameters[c]
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        minute = np.full(stop - first, np.inf)
        source = np.zeros(stop - first, np.uint8)
        at_head, called = call_down(week, c, communities, residents, households, units, emergencies, levers[c], p)
        alarm, staff = emergencies.alarm[c], np.float64(committees.staff[c])
        visited = visit_down(week, c, at_head, alarm, staff, communities, residents, households, units, p)
        for i in range(first, stop):
            h = residents.household[i] - communities.household_start[c]
            k = i - first
            if called[h] < np.inf:
                minute[k], source[k] = called[h], CALL
            if visited[h] < minute[k]:
                minute[k], source[k] = visited[h], VISITED
            other, by = heard_at_large(week, communities.seed[c], i, residents, levers[c].emergency_alert, p)
            if other < minute[k]:
                minute[k], source[k] = other, by
        horizon = p.alarm_hours * MINUTES_AN_HOUR
        spread(
            week,
            communities.seed[c],
            first,
            residents.id,
            residents.contacts,
            residents.tells,
            ties,
            p.contagion,
            p.family_minutes,
            horizon,
            minute,
            source,
        )
        for k in range(stop - first):
            if minute[k] <= horizon:
                residents.warned_minute[first + k] = minute[k]
                residents.warned_by[first + k] = source[k]


@kernel
def call_down(
    week: int,
    c: int,
    communities: Communities,
    residents: Residents,
    households: Households,
    units: Units,
    emergencies: Emergencies,
    lever: Any,
    p: Any,
) -> Any:
    """Minutes at which heads and households of community ``c`` are called, by way of grid workers and heads."""
    seed = communities.seed[c]
    begin, end = communities.unit_start[c], communities.unit_stop[c]
    home, last = communities.household_start[c], communities.household_stop[c]
    n = end - begin
    link = link_chance(lever.emergency_drills, lever.alarm_ways, p)
    grids = min(max(int((last - home) / p.grid_households + 0.5), 1), n)
    desk = np.array([0, grids])
    lists = np.zeros(grids + 1, np.int64)
    grid_chance, grid_luck = np.full(grids, link), np.zeros(grids)
    for g in range(grids):
        lists[g + 1] = n * (g + 1) // grids
        u = int(begin + lists[g])
        grid_luck[g] = uniform(seed, LINK, week, units.id[u], TO_GRID)
    doors = np.zeros(n + 1, np.int64)
    head_chance, head_luck = np.zeros(n), np.zeros(n)
    door_chance, door_luck = np.zeros(last - home), np.zeros(last - home)
    for k in range(n):
        u = int(begin + k)
        doors[k + 1] = units.household_stop[u] - home
        if units.organised[u] == 1:
            burnout = np.float64(units.burnout[u])
            head_chance[k] = link * head_presence(int(units.head[u]), int(units.on_duty[u]), burnout, p)
        head_luck[k] = uniform(seed, LINK, week, units.id[u], TO_HEAD)
    for h in range(home, last):
        door_chance[h - home] = link if can_be_called(h, residents, households, p) else 0.0
        door_luck[h - home] = uniform(seed, LINK, week, households.id[h], TO_HOUSEHOLD)
    at_grid, at_head, at_door = np.zeros(grids), np.zeros(n), np.zeros(last - home)
    call_level(emergencies.alarm[c : c + 1], desk, p.contact_minutes, grid_chance, grid_luck, at_grid)
    call_level(at_grid, lists, p.contact_minutes, head_chance, head_luck, at_head)
    call_level(at_head, doors, p.contact_minutes, door_chance, door_luck, at_door)
    for k in range(n):  # a head who is reached knows, and the own household with the head
        u = int(begin + k)
        if at_head[k] < np.inf and units.head[u] >= 0:
            own = residents.household[units.head[u]] - home
            at_door[own] = min(at_door[own], at_head[k])
    return at_head, at_door


@kernel
def can_be_called(h: int, residents: Residents, households: Households, p: Any) -> bool:
    """Whether anybody of the household has a phone at hand."""
    first = households.resident_start[h]
    for i in range(first, first + households.size[h] + households.empty_places[h]):
        if residents.age[i] >= p.participation_age and has_phone(np.float64(residents.digital_skill[i]), p):
            return True
    return False


@kernel
def visitors(staff: float, p: Any) -> Any:
    """Hands that staff have for visits, at least one where there is anybody, and the time each then takes a visit.

    Part of a worker is one pair of hands that is slower by as much.
    """
    working = p.visit_staff * staff
    hands = max(int(working + 0.5), 1) if working > 0.0 else 0
    return hands, p.visit_minutes * hands / working if hands > 0 else 0.0


@kernel
def visit_down(
    week: int,
    c: int,
    at_head: Any,
    alarm: float,
    staff: float,
    communities: Communities,
    residents: Residents,
    households: Households,
    units: Units,
    p: Any,
) -> Any:
    """Minute at which each household without phone is visited: by its head, once the calls are made, else by staff."""
    home, last = communities.household_start[c], communities.household_stop[c]
    visited = np.full(last - home, np.inf)
    mine, left = np.zeros(last - home, np.int64), np.zeros(last - home, np.int64)
    lone = 0
    for u in range(communities.unit_start[c], communities.unit_stop[c]):
        begin = at_head[u - communities.unit_start[c]]
        by_head = begin < np.inf and units.head[u] >= 0
        calls = n = 0
        for h in range(units.household_start[u], units.household_stop[u]):
            if can_be_called(h, residents, households, p):
                calls += 1
            elif by_head:
                mine[n] = h
                n += 1
            else:
                left[lone] = h
                lone += 1
        if by_head:
            begin += calls * p.contact_minutes
            end = make_visits(week, communities.seed[c], mine[:n], begin, 1, p.visit_minutes, home, households, visited)
            units.emergency_hours[u] += (end - at_head[u - communities.unit_start[c]]) / MINUTES_AN_HOUR
    hands, minutes = visitors(staff, p)
    make_visits(week, communities.seed[c], left[:lone], alarm, hands, minutes, home, households, visited)
    return visited


@kernel
def make_visits(
    week: int,
    seed: Any,
    rows: Any,
    begin: float,
    hands: int,
    minutes: float,
    home: int,
    households: Households,
    visited: Any,
) -> float:
    """Visit the households ``rows`` in their order with so many hands, mean ``minutes`` each; returns the end."""
    work, done = np.zeros(len(rows)), np.zeros(len(rows))
    for k in range(len(rows)):
        work[k] = minutes * exponential(uniform(seed, VISIT, week, households.id[int(rows[k])], WARNING_VISIT))
    visit(begin, hands, work, done)
    end = begin
    for k in range(len(rows)):
        visited[rows[k] - home] = done[k]
        end = max(end, done[k])
    return end


@kernel
def heard_at_large(week: int, seed: Any, i: int, residents: Residents, alert: float, p: Any) -> Any:
    """Minute at which resident ``i`` hears by push or broadcast, and by which of them; children hear neither."""
    if residents.age[i] < p.participation_age:
        return np.inf, NOBODY
    u = uniforms(seed, CHANNEL, week, residents.id[i], 0)
    v = uniforms(seed, CHANNEL, week, residents.id[i], 1)
    pushed = broadcast = np.inf
    if residents.adopted[i] == 1 and u[0] < alert and u[1] < p.push_notice:
        pushed = heard_after(u[2], 1.0 / p.notice_minutes)
    if v[0] < p.broadcast_reach:
        broadcast = heard_after(v[1], p.broadcast_rate)
    if pushed < broadcast:
        return pushed, PUSH
    return broadcast, BROADCAST
