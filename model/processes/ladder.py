"""The ladder: unit head, grid worker, community council, department of the subdistrict, on an event clock in the week.

Every level is a set of queues (:mod:`shequ.model.queues`): one a unit, one a community for grid workers and one for the
council, one a department. Issues move upwards only, so levels are run in order and each sees all arrivals of its week.
An issue that a level takes up is resolved, forwarded or closed as failed; one that waits is given up, withdrawn, or
forwarded when the time limit runs out. A closed case may come back weeks later (T2.3).

Reads: issues, heads (skill, burnout, capacity, duty), committees (staff, service time, skill), departments, property
companies, sense of community of claimants. Writes: issues; outcome, outcome_level and fairness of households (of all in
the building for a common cause); ``issue_hours`` of units; ``council_minutes`` of committees; flows of issues. Levels 1
to 3 stay inside a community, departments are shared by the communities of a subdistrict.
"""

from typing import TYPE_CHECKING

import numpy as np

from ...agents.columns import I32, I64, allocate
from ...agents.committee import Committees
from ...agents.handling import DEPARTMENT, GRID, HEAD_LEVEL, effectiveness, head_pace, meetings_held, rank_of
from ...agents.household import Households
from ...agents.property_company import PropertyCompanies
from ...agents.resident import Residents
from ...agents.subdistrict import Departments
from ...agents.unit_head import Units
from ..casework import WORK, Ladder, arrive, close, come_back, complete, forward, give_up, start, turn_month
from ..compiled import kernel
from ..draws import uniform
from ..flows import Flows
from ..levers import LeverTable
from ..parameters import ParameterTable
from ..queues import (
    EXPIRED,
    LEFT,
    QUEUED,
    STARTED,
    Customers,
    Nodes,
    Servers,
    event_order,
    new_customers,
    open_window,
    serve,
)
from ..structure import COOLING, FORWARDED, FREE, WAITING, Communities, Issues

if TYPE_CHECKING:
    from ..community_model import CommunityModel

MINUTES = 60.0


def prepare(model: "CommunityModel") -> None:
    """Make ``model.nodes`` and ``model.servers``: a node a unit, two a community (grid, council), one a department."""
    units, communities, departments = len(model.units.id), len(model.communities.id), len(model.departments.id)
    model.nodes = allocate(Nodes, units + 2 * communities + departments)
    model.servers = allocate(Servers, 0)
    model.nodes.waits[:] = 1
    _lay_out(model, np.ones(len(model.nodes.waits), np.int64))


def step(model: "CommunityModel") -> None:
    """Run the week's work on issues."""
    needed = servers_needed(model.nodes, len(model.units.id), model.committees)
    if (needed > model.nodes.server_limit - model.nodes.first_server).any():
        _lay_out(model, needed)
    climb(
        model.week,
        model.communities,
        model.households,
        model.residents,
        model.units,
        model.committees,
        model.property_companies,
        model.departments,
        model.issues,
        model.flows,
        model.nodes,
        model.servers,
        model.parameters,
        model.levers,
    )


def _lay_out(model: "CommunityModel", needed: I64) -> None:
    """Give every node room for ``needed`` servers; those that are there keep their state."""
    nodes, old = model.nodes, model.servers
    kept = (nodes.server_limit - nodes.first_server).astype(np.int64)
    room = np.maximum(needed, kept)
    stops = np.cumsum(room)
    servers = allocate(Servers, int(stops[-1]))
    for n in np.flatnonzero(kept):
        target = slice(stops[n] - room[n], stops[n] - room[n] + kept[n])
        servers.free_at[target] = old.free_at[nodes.first_server[n] : nodes.server_limit[n]]
    active = nodes.last_server - nodes.first_server
    nodes.first_server[:] = stops - room
    nodes.server_limit[:] = stops
    nodes.last_server[:] = nodes.first_server + np.maximum(active, 1)
    model.servers = servers


def servers_needed(nodes: Nodes, units: int, committees: Committees) -> I64:
    """Count servers that each node needs: as many grid workers as staff, at least one; one elsewhere."""
    needed = np.ones(len(nodes.waits), np.int64)
    needed[units : units + len(committees.staff)] = np.maximum(np.rint(committees.staff), 1)
    return needed


# --- the week ---------------------------------------------------------------------------------------------------------


@kernel
def climb(
    week: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    units: Units,
    committees: Committees,
    property_companies: PropertyCompanies,
    departments: Departments,
    issues: Issues,
    flows: Flows,
    nodes: Nodes,
    servers: Servers,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Run the four levels through the week, upwards."""
    t = Ladder(
        communities,
        households,
        residents,
        units,
        committees,
        property_companies,
        departments,
        issues,
        flows,
        nodes,
        servers,
        parameters,
        levers,
    )
    count = len(communities.seed)
    end = week + 1.0
    t.households.outcome[:] = 0
    t.households.outcome_level[:] = 0
    t.households.fairness[:] = 0.0
    staff_nodes(week, t)
    open_window(t.servers, float(week), end)
    for c in range(count):
        for level in range(HEAD_LEVEL, DEPARTMENT):
            run_level(week, level, communities.issue_start[c], communities.issue_stop[c], t)
    run_level(week, DEPARTMENT, 0, len(t.issues.state), t)
    for c in range(count):
        for i in range(communities.issue_start[c], communities.issue_stop[c]):
            if t.issues.state[i] != FREE and t.issues.state[i] != COOLING:
                turn_month(week, i, end, t)
        for u in range(communities.unit_start[c], communities.unit_limit[c]):
            busy = t.servers.busy[t.nodes.first_server[u]]
            hours = float(units.capacity[u]) * t.parameters[c].head_issue_share
            units.issue_hours[u] = busy * hours if units.head[u] >= 0 else 0.0


@kernel
def staff_nodes(week: int, t: Ladder) -> None:
    """Set servers and weekly hours of every node for this week."""
    nodes, units, committees = t.nodes, t.units, t.committees
    grid = len(units.id)
    council = grid + len(t.communities.seed)
    department = council + len(t.communities.seed)
    for c in range(len(t.communities.seed)):
        p = t.parameters[c]
        for u in range(t.communities.unit_start[c], t.communities.unit_limit[c]):
            nodes.weekly_hours[u] = 0.0
            if units.head[u] < 0:
                t.servers.free_at[nodes.first_server[u]] = min(t.servers.free_at[nodes.first_server[u]], float(week))
            elif units.organised[u] == 1 and units.on_duty[u] == 1:
                effective = effectiveness(float(units.skill[u]), float(units.burnout[u]), p)
                nodes.weekly_hours[u] = float(units.capacity[u]) * p.head_issue_share * head_pace(effective, p)
        workers = max(int(np.rint(committees.staff[c])), 1)
        nodes.last_server[grid + c] = nodes.first_server[grid + c] + workers
        nodes.weekly_hours[grid + c] = committees.service_minutes[c] / MINUTES * p.grid_issue_share / workers
        phase = uniform(t.communities.seed[c], WORK, 0, committees.id[c], 0)
        hours = meetings_held(week, phase, t.levers[c].council_meetings) * p.council_session
        committees.council_minutes[c] = int(hours * MINUTES)
        nodes.weekly_hours[council + c] = hours * p.council_members
    for d in range(len(t.departments.id)):
        nodes.weekly_hours[department + d] = float(t.departments.weekly_hours[d])


@kernel
def run_level(week: int, level: int, first: int, stop: int, t: Ladder) -> None:
    """Run one level through the week for the issues in rows ``first`` to ``stop``."""
    begin, end = float(week), week + 1.0
    rows = np.empty(stop - first, np.int64)
    size = 0
    for i in range(first, stop):
        if t.issues.level[i] != level or t.issues.entered[i] >= end:
            continue
        if t.issues.state[i] == COOLING:
            come_back(i, begin, t)
        if t.issues.state[i] != FORWARDED and t.issues.state[i] != WAITING:
            continue
        if level == HEAD_LEVEL and t.units.head[t.issues.unit[i]] < 0:
            t.issues.level[i] = GRID
            t.issues.state[i] = FORWARDED
            t.issues.entered[i] = max(t.issues.entered[i], begin)
            continue
        if t.issues.state[i] == FORWARDED:
            arrive(week, i, t)
        rows[size] = i
        size += 1
    customers, rows = _line_up(level, rows[:size], t)
    serve(customers, t.nodes, t.servers, begin, end)
    for k in range(size):
        i = rows[k]
        if customers.fate[k] == STARTED:
            start(week, i, customers.start[k], customers.finish[k], t)
        elif customers.fate[k] == EXPIRED:
            if level < DEPARTMENT:
                forward(week, i, customers.finish[k], t)
            else:
                close(week, i, customers.finish[k], -1, t)
        elif customers.fate[k] == LEFT:
            give_up(week, i, customers.finish[k], t)
    complete(week, level, first, stop, t)


@kernel
def _line_up(level: int, rows: I64, t: Ladder) -> tuple[Customers, I64]:
    """Return customers of one level in the order of node, time and key, and the issue rows in that order."""
    size = len(rows)
    node = np.empty(size, np.int32)
    for k in range(size):
        node[k] = _node_of(rows[k], t)
    rows = rows[event_order(node, t.issues.entered[rows], t.issues.key[rows])]
    q = new_customers(size)
    for k in range(size):
        i = rows[k]
        q.node[k] = _node_of(i, t)
        q.time[k] = t.issues.entered[i]
        q.key[k] = t.issues.key[i]
        q.rank[k] = rank_of(float(t.issues.severity[i]), int(t.issues.reports[i]), t.parameters[t.issues.community[i]])
        q.leave[k] = t.issues.leave[i]
        q.limit[k] = t.issues.limit[i]
        q.work[k] = float(t.issues.work[i])
        q.fate[k] = QUEUED
    return q, rows


@kernel
def _node_of(i: int, t: Ladder) -> int:
    """Node at which issue ``i`` waits; departments share a subdistrict's issues out by type."""
    level, c = int(t.issues.level[i]), int(t.issues.community[i])
    if level == HEAD_LEVEL:
        return int(t.issues.unit[i])
    base = len(t.units.id)
    if level < DEPARTMENT:
        return base + c + (level - GRID) * len(t.communities.seed)
    base += 2 * len(t.communities.seed)
    subdistrict = int(t.communities.subdistrict[c])
    first = _lower_bound(t.departments.subdistrict, subdistrict)
    last = _lower_bound(t.departments.subdistrict, subdistrict + 1)
    return base + first + int(t.issues.type[i]) % (last - first)


@kernel
def _lower_bound(values: I32, wanted: int) -> int:
    """Return the first place in the sorted ``values`` that holds at least ``wanted``."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low
