"""Where the borders of units run: runs of consecutive households, cut by one of four rules.

Rules 1 to 3 are one search: of all ways to cut the street into runs, take the cheapest (dynamic programming from the
first household to the last). What a cut costs is the rule:

- 0, uniform: cut every N households, whatever lies there;
- 1, building and stairwell: a unit does not reach across buildings; a cut inside a stairwell costs;
- 2, courtyard and acquaintance: the same bounds; a cut costs what ties it severs;
- 3, mixed registration: a unit costs the more, the farther its share of migrant households lies from the community's.

In all three a unit should hold ``partition_low`` to ``partition_high`` times the size aimed at, the nearer to it the
better, and never fewer than SMALLEST_UNIT households. So a building too small for a unit joins its neighbours: a unit
holds part of one building or several whole ones.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..agents import Households, Residents
from .compiled import kernel
from .structure import Ties

UNIFORM, BUILDING, ACQUAINTANCE, MIXED = 0, 1, 2, 3

SMALLEST_UNIT = 6  # households; the lowest setting of lever unit_households, and what keeps units within their rows
NEVER_DO = 1e6  # cost of crossing a building that could hold a unit of its own
OUT_OF_BOUNDS = 100.0  # cost of the square of (households beyond the bounds / size aimed at)
JOINING = 4.0  # cost of joining two buildings each too small for a unit; less than leaving both out of bounds


def unit_rows(households: int) -> int:
    """Rows that a community's units need at most."""
    return households // SMALLEST_UNIT + 1


def borders(
    first: int,
    stop: int,
    target: float,
    rule: int,
    households: Households,
    residents: Residents,
    ties: Ties,
    base: int,
    p: Any,
) -> NDArray[np.int64]:
    """First households of the units of the community whose households are rows ``first`` to ``stop`` (excluded).

    ``base`` is the row of the community's first resident: ``ties.other`` counts from there. ``target`` is the number of
    households aimed at.
    """
    size = max(round(target), 1)
    n = stop - first
    if rule == UNIFORM:
        return first + np.arange(0, n, size, dtype=np.int64)
    cut = np.zeros(n + 1)
    cross = np.zeros(n + 1)
    building = households.building[first:stop].astype(np.int64)
    stairwell = households.stairwell[first:stop].astype(np.int64)
    migrant = households.migrant[first:stop].astype(np.float64)
    if rule == MIXED:
        building[:] = stairwell[:] = 0
    else:
        migrant[:] = 0.0
        price_buildings(building, p.partition_low * size, cross)
    if rule == BUILDING:
        inside = (building[1:] == building[:-1]) & (stairwell[1:] == stairwell[:-1])
        cut[1:n] = p.partition_stairwell_weight * inside
    if rule == ACQUAINTANCE:
        severed = np.zeros(n + 1)
        count_severed(first, stop, base, int(p.partition_high * size), households, residents, ties, severed)
        usual = severed[1:n].mean() if n > 1 else 0.0
        cut[:] = p.partition_tie_weight * severed / (usual or 1.0)
    low, high = p.partition_low * size, p.partition_high * size
    return first + cheapest(building, migrant, cut, cross, float(size), low, high, p.partition_mix_weight)


@kernel
def price_buildings(building: Any, enough: float, cross: Any) -> None:
    """Write into ``cross[j]`` what it costs that one unit reaches across the end of a building before place j."""
    n = len(building)
    begin = 0
    small_before = False
    for j in range(1, n + 1):
        if j == n or building[j] != building[j - 1]:
            small = j - begin < enough
            if begin > 0:
                cross[begin] = JOINING if small and small_before else NEVER_DO
            small_before = small
            begin = j


@kernel
def count_severed(
    first: int, stop: int, base: int, reach: int, households: Households, residents: Residents, ties: Ties, severed: Any
) -> None:
    """Write into ``severed[j]`` the summed strength of ties that a cut between households j - 1 and j severs.

    Only ties shorter than ``reach`` households count: a unit could not hold longer ones anyway.
    """
    for h in range(first, stop):
        start, ahead = households.resident_start[h], severed[h - first + 1]
        stop_at = start + int(households.size[h]) + int(households.empty_places[h])
        for t in range(ties.start[start], ties.start[stop_at]):
            other = int(residents.household[base + int(ties.other[t])])
            strength = float(ties.strength[t]) * ((other > h) & (other <= h + reach))  # without a branch
            ahead += strength
            severed[other - first + 1] -= strength
        severed[h - first + 1] = ahead
    for j in range(1, stop - first + 1):
        severed[j] += severed[j - 1]
    severed[stop - first] = 0.0


@kernel
def shape_costs(longest: int, size: float, low: float, high: float) -> tuple[Any, Any]:
    """Costs of units of ``longest`` households down to one: for being off the size aimed at, and out of bounds."""
    off, beyond = np.empty(longest), np.empty(longest)
    for k in range(longest):
        length = float(longest - k)
        out = max(low - length, 0.0, length - high) / size
        off[k] = (length / size - 1.0) * (length / size - 1.0)
        beyond[k] = OUT_OF_BOUNDS * out * out
    return off, beyond


@kernel
def cheapest(
    building: Any, migrant: Any, cut: Any, cross: Any, size: float, low: float, high: float, mix_weight: float
) -> Any:
    """First places of the cheapest cut of a street: ``cut[j]`` is the cost of a border before place j.

    A unit from a to b (excluded) costs ((b - a) / size - 1)^2, OUT_OF_BOUNDS times the square of what lies beyond the
    bounds, ``cross`` of every end of a building inside, NEVER_DO if it holds parts of two buildings, and mix_weight
    times the squared distance of its migrant share from the street's.
    """
    n = len(building)
    crossed = np.zeros(n + 1)
    movers = np.zeros(n + 1)
    end = np.ones(n + 1, np.bool_)  # whether a building ends before place j
    for j in range(n):
        crossed[j + 1] = crossed[j] + cross[j]
        movers[j + 1] = movers[j] + migrant[j]
        if j > 0:
            end[j] = building[j] != building[j - 1]
    share = movers[n] / max(n, 1)
    smallest = min(SMALLEST_UNIT, n)
    longest = max(int(2.0 * high), 2 * SMALLEST_UNIT)
    off, beyond = shape_costs(longest, size, low, high)
    best = np.full(n + 1, np.inf)
    last = np.zeros(n + 1, np.int64)
    costs = np.empty(longest)
    best[0] = 0.0
    for b in range(smallest, n + 1):
        begin, longer = max(0, b - longest), max(0, longest - b)
        border = cut[b] if b < n else 0.0
        done, moved, ended = crossed[b], movers[b], end[b]
        count = b - smallest + 1 - begin
        before, within, ahead = best[begin:b], crossed[begin + 1 : b + 1], movers[begin:b]
        whole, far, wide = end[begin:b], off[longer:], beyond[longer:]
        for k in range(count):  # a unit from begin + k; no branch, so that vector units take many at once
            inside = done - within[k]
            inside += NEVER_DO if (inside > 0.0) & ~(whole[k] | ended) else 0.0
            mix = (moved - ahead[k]) / float(b - begin - k) - share
            costs[k] = before[k] + far[k] + wide[k] + mix_weight * mix * mix + inside + border
        least, place = np.inf, 0
        for k in range(count):
            if costs[k] < least:
                least, place = costs[k], k
        best[b], last[b] = least, begin + place
    count = 0
    b = n
    while b > 0:
        count += 1
        b = last[b]
    starts = np.zeros(count, np.int64)
    b = n
    for k in range(count - 1, -1, -1):
        b = last[b]
        starts[k] = b
    return starts
