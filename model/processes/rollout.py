"""Units are cut and put in force: every household lies in exactly one unit, always.

A community is cut when the run begins, when lever ``unit_households`` or ``partition_rule`` changes, and
``partition_redivisions`` times a year when a quarter opens. Nothing moves unless the borders do. After a cut a head
leads the unit that now holds his or her household (of two, the one longer in office; the other is released). A unit
without such a head inherits its place in the order of coming into force from the unit that held its middle household:
a new cut founds and dissolves units only where borders move. Raising lever ``unit_coverage`` only adds units.

Reads: households (address, registration), ties, levers, parameters.
Writes: units, households.unit, residents.unit, issues.unit, communities.unit_stop, .cut_households, .cut_rule.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...agents import Units
from ...agents.columns import fields
from ...agents.unit_head import VACANT
from ..compiled import kernel
from ..draws import Stream, uniform
from ..levers import LeverTable
from ..partition import borders, unit_rows
from ..structure import FREE, Communities
from .heads import leave_office

if TYPE_CHECKING:
    from ..community_model import CommunityModel

ROLLOUT, TRAIN = int(Stream.ROLLOUT), int(Stream.HEAD_TRAIN)
UNIT_TAG = np.uint64(7) << np.uint64(60)  # a unit's id is that of its first household, under a tag of its own
QUARTERS = 4

# Columns of Units that go where the head goes: the office stays in force, trainings keep their dates.
OFFICE = (
    "head",
    "tenure",
    "skill",
    "burnout",
    "frailty",
    "capacity",
    "load",
    "overload",
    "recognition",
    "pay",
    "last_training",
    "training_money",
    "threshold",
    "phase",
    "month_activities",
    "month_duties",
    "on_duty",
    "support",
    "ask_hours",
)
# Columns of Units that belong to the place and go to the unit that holds the old one's middle household.
PLACE = ("threshold", "activity_money", "training_money", "vacant")


class RolloutError(ValueError):
    """A community whose units do not fit into the rows kept for them."""


def prepare(model: "CommunityModel") -> None:
    """Cut every community and put units in force, before the first week."""
    step(model)


def step(model: "CommunityModel") -> None:
    """Redraw borders where that is due; then put units in force."""
    communities, levers = model.communities, model.levers
    changed = (np.rint(communities.cut_households) != np.rint(levers["unit_households"])) | (
        communities.cut_rule != levers["partition_rule"]
    )
    if model.calendar.opens_quarter(model.week):
        changed |= _redivided(model, levers["partition_redivisions"])
    for c in np.flatnonzero(changed):
        recut(model, int(c))
    put_in_force(communities, model.units, levers)


def _redivided(model: "CommunityModel", yearly: Any) -> Any:
    """Whether the quarter that opens this week is one of ``yearly`` evenly spread over the year."""
    sunday = model.calendar.monday(model.week + 1).toordinal() - 1
    day = type(model.calendar.start).fromordinal(sunday)
    quarter = QUARTERS * day.year + (day.month - 1) // 3
    return np.ceil(yearly * (quarter + 1) / QUARTERS) > np.ceil(yearly * quarter / QUARTERS)


def recut(model: "CommunityModel", c: int) -> None:
    """Cut community ``c`` by its levers of this week; where borders move, carry heads and places over."""
    communities, lever = model.communities, model.levers[c]
    communities.cut_households[c] = lever["unit_households"]
    communities.cut_rule[c] = round(lever["partition_rule"])
    first, stop = int(communities.household_start[c]), int(communities.household_stop[c])
    starts = borders(
        first,
        stop,
        float(lever["unit_households"]),
        round(float(lever["partition_rule"])),
        model.households,
        model.residents,
        model.ties,
        int(communities.resident_start[c]),
        model.parameter_row(c),
    )
    rows = slice(int(communities.unit_start[c]), int(communities.unit_stop[c]))
    if np.array_equal(starts, model.units.household_start[rows]):
        return
    if len(starts) > unit_rows(stop - first) or len(starts) > communities.unit_limit[c] - communities.unit_start[c]:
        message = f"community {communities.id[c]}: {len(starts)} units do not fit into the rows kept for them"
        raise RolloutError(message)
    _move_borders(model, c, starts)


def _move_borders(model: "CommunityModel", c: int, starts: Any) -> None:
    """Lay units from ``starts`` (first households) over community ``c``; carry over heads and places."""
    communities, units, households = model.communities, model.units, model.households
    begin, end, limit = (
        int(column[c]) for column in (communities.unit_start, communities.unit_stop, communities.unit_limit)
    )
    first, stop = int(communities.household_start[c]), int(communities.household_stop[c])
    old = rows_of(units, slice(begin, limit))
    old_unit = households.unit[first:stop] - begin
    for column, field in zip(units, fields(Units), strict=True):
        column[begin:limit] = field.column.initial
    units.community[begin:limit] = c
    count = len(starts)
    stops = np.append(starts[1:], stop)
    new = slice(begin, begin + count)
    last = stops - 1
    resident_stop = households.resident_start[last] + households.size[last] + households.empty_places[last]
    units.household_start[new], units.household_stop[new] = starts, stops
    units.resident_start[new], units.resident_stop[new] = households.resident_start[starts], resident_stop
    units.empty_places[new] = np.add.reduceat(households.empty_places[first:stop].astype(np.int32), starts - first)
    units.id[new] = households.id[starts] | UNIT_TAG
    communities.unit_stop[c] = begin + count
    households.unit[first:stop] = begin + np.repeat(np.arange(count), stops - starts)
    residents = slice(int(communities.resident_start[c]), int(communities.resident_stop[c]))
    model.residents.unit[residents] = households.unit[model.residents.household[residents]]
    draw_places(communities.seed[c], units, begin, begin + count)
    if end > begin:
        source = old_unit[(starts + stops) // 2 - first]
        model.flows.households_regrouped[c] += np.count_nonzero(np.repeat(source, stops - starts) != old_unit)
        for name in PLACE:
            getattr(units, name)[new] = getattr(old, name)[source]
        _seat_heads(model, old)
        _forward_issues(model, c)


def rows_of[T: NamedTuple](table: T, rows: slice) -> T:
    """Copy of some rows of a table."""
    return type(table)(*(np.array(column[rows]) for column in table))  # type: ignore[call-arg]


def _seat_heads(model: "CommunityModel", old: Units) -> None:
    """Seat the heads of ``old`` units in the units that now hold their households; the longest in office goes first."""
    heads = np.flatnonzero(old.head != VACANT)
    order = heads[np.lexsort((old.id[heads], -old.tenure[heads].astype(np.int64)))]
    seats = model.residents.unit[old.head[order]]
    _, firsts = np.unique(seats, return_index=True)
    for name in OFFICE:
        getattr(model.units, name)[seats[firsts]] = getattr(old, name)[order[firsts]]
    model.units.vacant[seats[firsts]] = 0


def _forward_issues(model: "CommunityModel", c: int) -> None:
    """Open issues go to the unit that now holds the household."""
    rows = slice(int(model.communities.issue_start[c]), int(model.communities.issue_stop[c]))
    unit = model.issues.unit[rows]
    is_open = model.issues.state[rows] != FREE
    unit[is_open] = model.households.unit[model.issues.household[rows][is_open]]


@kernel
def draw_places(seed: np.uint64, units: Units, begin: int, end: int) -> None:
    """Draw when units come into force as coverage rises, and when their trainings fall."""
    for u in range(begin, end):
        units.threshold[u] = uniform(seed, ROLLOUT, 0, units.id[u], 0)
        units.phase[u] = uniform(seed, TRAIN, 0, units.id[u], 0)


@kernel
def put_in_force(communities: Communities, units: Units, levers: LeverTable) -> None:
    """Put in force the units whose threshold lies within the coverage; a unit no longer in force releases its head."""
    for c in range(len(communities.seed)):
        coverage = levers[c].unit_coverage
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            in_force = np.float64(units.threshold[u]) <= coverage
            if not in_force and units.head[u] != VACANT:
                leave_office(units, u)
            units.organised[u] = in_force
