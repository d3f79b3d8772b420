"""The ladder: unit head, grid worker, community council, department of the subdistrict, on an event clock in the week.

Every level is a set of queues (:mod:`shequ.model.queues`): one a unit, one a community for grid workers and one for the
council, one a department. Issues move upwards only, so levels are run in order and each sees all arrivals of its week.
An issue that a level takes up is resolved, forwarded or closed as failed; one that waits is given up, withdrawn, or
forwarded when the time limit runs out. A closed case may come back weeks later (T2.3).

Reads: issues, heads (skill, burnout, capacity, duty), committees (staff, service time, skill), departments.
Writes: issues; outcome, outcome_level and fairness of households (of all in the building for a common cause);
``issue_hours`` of units; ``council_minutes`` of committees; flows of issues. Levels 1 to 3 stay inside a community,
departments are shared by the communities of a subdistrict.
Some matters at departments need the word of several of them (T5.3): the time of approvals comes on top of the work.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents.columns import F64, I32, I64, allocate
from ...agents.committee import Committees
from ...agents.handling import DEPARTMENT, GRID, HEAD_LEVEL, effectiveness, head_pace, meetings_held, rank_of
from ...agents.household import Households
from ...agents.rules import followed
from ...agents.subdistrict import Departments
from ...agents.unit_head import Units
from ..casework import (
    COUNTERS,
    WORK,
    arrive,
    close,
    come_back,
    complete,
    concerned,
    forward,
    give_up,
    stop_waiting,
    take_up,
    turn_month,
)
from ..compiled import kernel
from ..draws import uniform
from ..levers import LeverTable
from ..parameters import ParameterTable
from ..queues import EXPIRED, LEFT, QUEUED, STARTED, Nodes, Servers, event_order, new_customers, open_window, serve
from ..structure import COOLING, FORWARDED, FREE, IN_SERVICE, WAITING, Communities, Issues

if TYPE_CHECKING:
    from ..community_model import CommunityModel

MINUTES = 60.0


def prepare(model: "CommunityModel") -> None:
    """Make ``model.nodes`` and ``model.servers``: a node a unit, two a community (grid, council), one a department."""
    units, communities, departments = len(model.units.id), len(model.communities.id), len(model.departments.id)
    model.nodes = allocate(Nodes, units + 2 * communities + departments)
    model.servers = allocate(Servers, 0)
    _lay_out(model, np.ones(len(model.nodes.waits), np.int64))


def step(model: "CommunityModel") -> None:
    """Run the week's work on issues."""
    needed = servers_needed(model.nodes, len(model.units.id), model.committees)
    if (needed > model.nodes.server_limit - model.nodes.first_server).any():
        _lay_out(model, needed)
    staff_nodes(
        model.week,
        model.communities,
        model.units,
        model.committees,
        model.departments,
        model.nodes,
        model.servers,
        model.parameters,
        model.levers,
    )
    tally = np.zeros((len(model.communities.id), len(COUNTERS)))
    first = np.searchsorted(model.departments.subdistrict, model.communities.subdistrict)
    stop = np.searchsorted(model.departments.subdistrict, model.communities.subdistrict, side="right")
    climb(
        model.week,
        model.communities.issue_start,
        model.communities.issue_stop,
        model.communities.seed,
        first.astype(np.int64),
        (stop - first).astype(np.int64),
        len(model.units.id),
        model.issues,
        model.nodes,
        model.servers,
        model.parameters,
        model.levers,
        tally,
    )
    for k, name in enumerate(COUNTERS):
        column = getattr(model.flows, name)
        column += tally[:, k].astype(column.dtype)
    count_hours(model.communities, model.units, model.nodes, model.servers, model.parameters)
    tell_households(model.week, model.communities, model.households, model.issues)


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
    nodes.first_server[:] = stops - room
    nodes.server_limit[:] = stops
    model.servers = servers


def servers_needed(nodes: Nodes, units: int, committees: Committees) -> I64:
    """Count servers that each node needs: as many grid workers as staff, at least one; one elsewhere."""
    needed = np.ones(len(nodes.waits), np.int64)
    staff = np.maximum(committees.staff, committees.first_staff)
    needed[units : units + len(staff)] = np.maximum(np.rint(staff), 1)
    return needed


@kernel
def staff_nodes(
    week: int,
    communities: Communities,
    units: Units,
    committees: Committees,
    departments: Departments,
    nodes: Nodes,
    servers: Servers,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Set servers, weekly hours and skill of every node for this week; a unit without head has no server."""
    grid = len(units.id)
    council = grid + len(communities.seed)
    department = council + len(communities.seed)
    nodes.weekly_hours[:] = 0.0
    nodes.last_server[:] = nodes.first_server + 1
    for c in range(len(communities.seed)):
        p = parameters[c]
        for u in range(communities.unit_start[c], communities.unit_limit[c]):
            if units.head[u] < 0:
                nodes.last_server[u] = nodes.first_server[u]
                s = nodes.first_server[u]
                servers.free_at[s] = min(servers.free_at[s], float(week))  # the next head starts afresh
            elif units.organised[u] == 1 and units.on_duty[u] == 1:
                nodes.skill[u] = effectiveness(np.float64(units.skill[u]), np.float64(units.burnout[u]), p)
                nodes.weekly_hours[u] = (
                    np.float64(units.capacity[u]) * p.head_issue_share * head_pace(nodes.skill[u], p)
                )
        follow = p.ladder_follows_staff
        staff = followed(np.float64(committees.staff[c]), np.float64(committees.first_staff[c]), follow)
        now, rest = float(committees.service_minutes[c]), float(committees.first_service_minutes[c])
        workers = max(int(np.rint(staff)), 1)
        nodes.last_server[grid + c] = nodes.first_server[grid + c] + workers
        handling = 1.0 - levers[c].staff_outreach * (1.0 - p.outreach_handling)
        nodes.weekly_hours[grid + c] = followed(now, rest, follow) / MINUTES * p.grid_issue_share * handling / workers
        phase = uniform(communities.seed[c], WORK, 0, committees.id[c], 0)
        hours = meetings_held(week, phase, levers[c].council_meetings) * p.council_session
        committees.council_minutes[c] = int(hours * MINUTES)
        nodes.weekly_hours[council + c] = hours * p.council_members
        nodes.skill[grid + c] = np.float64(committees.skill[c])
        nodes.skill[council + c] = np.float64(committees.skill[c])
    for d in range(len(departments.id)):
        nodes.weekly_hours[department + d] = np.float64(departments.weekly_hours[d])


@kernel
def climb(
    week: int,
    issue_start: I32,
    issue_stop: I32,
    seeds: Any,
    first_department: I64,
    departments: I64,
    units: int,
    issues: Issues,
    nodes: Nodes,
    servers: Servers,
    parameters: ParameterTable,
    levers: LeverTable,
    tally: F64,
) -> None:
    """Run the four levels through the week, upwards: three in each community, then the departments of all."""
    count = len(seeds)
    open_window(servers, float(week), week + 1.0)
    alive: Any = np.flatnonzero(issues.state != FREE)
    begin, end = np.searchsorted(alive, issue_start), np.searchsorted(alive, issue_stop)
    for i in alive:
        if issues.state[i] == COOLING and issues.entered[i] < week + 1.0:
            come_back(week, i, issues, tally[int(issues.community[i])])
    for stage in range(count * (DEPARTMENT - 1) + 1):
        last = stage == count * (DEPARTMENT - 1)
        place = 0 if last else stage // (DEPARTMENT - 1)
        level = DEPARTMENT if last else stage % (DEPARTMENT - 1) + HEAD_LEVEL
        among = alive if last else alive[begin[place] : end[place]]
        rows = gather(week, level, among, seeds, issues, nodes, parameters, levers, tally)
        node = np.empty(len(rows), np.int32)
        for k in range(len(rows)):
            i = rows[k]
            c = int(issues.community[i])
            if level == HEAD_LEVEL:
                node[k] = issues.unit[i]
            elif level < DEPARTMENT:
                node[k] = units + (level - GRID) * count + c
            else:
                node[k] = units + 2 * count + first_department[c] + int(issues.key[i] % np.uint64(departments[c]))
        order = event_order(node, issues.entered[rows], issues.key[rows])
        work_level(week, rows[order], node[order], seeds, issues, nodes, servers, parameters, levers, tally)
        rows = finishing(week, level, among, issues)
        for i in rows[event_order(np.zeros(len(rows), np.int32), issues.finish[rows], issues.key[rows])]:
            c = int(issues.community[i])
            complete(week, i, issues, seeds[c], parameters[c], levers[c], tally[c])
    for i in alive:
        if issues.state[i] != FREE and issues.state[i] != COOLING:
            c = int(issues.community[i])
            turn_month(week, i, week + 1.0, issues, parameters[c], tally[c])


@kernel
def gather(
    week: int,
    level: int,
    among: I64,
    seeds: Any,
    issues: Issues,
    nodes: Nodes,
    parameters: ParameterTable,
    levers: LeverTable,
    tally: F64,
) -> I64:
    """Return the rows that wait at a level this week; those that arrive are received, a unit without head passes on."""
    rows = np.empty(len(among), np.int64)
    size = 0
    for i in among:
        if issues.level[i] != level or issues.entered[i] >= week + 1.0:
            continue
        c = int(issues.community[i])
        if issues.state[i] != FORWARDED and issues.state[i] != WAITING:
            continue
        if level == HEAD_LEVEL and nodes.last_server[issues.unit[i]] == nodes.first_server[issues.unit[i]]:
            if issues.state[i] == WAITING:
                stop_waiting(i, float(week), issues, tally[c])
            issues.level[i] = GRID
            issues.state[i] = FORWARDED
            issues.entered[i] = max(issues.entered[i], float(week))
            continue
        if issues.state[i] == FORWARDED:
            arrive(week, i, issues, seeds[c], parameters[c], levers[c], tally[c])
        rows[size] = i
        size += 1
    return rows[:size]


@kernel
def work_level(
    week: int,
    rows: I64,
    node: I32,
    seeds: Any,
    issues: Issues,
    nodes: Nodes,
    servers: Servers,
    parameters: ParameterTable,
    levers: LeverTable,
    tally: F64,
) -> None:
    """Let the issues in ``rows``, sorted by node, time and key, queue through the week; act on what became of them."""
    q = new_customers(len(rows))
    for k in range(len(rows)):
        i = rows[k]
        q.node[k] = node[k]
        q.time[k] = issues.entered[i]
        q.key[k] = issues.key[i]
        q.rank[k] = rank_of(
            np.float64(issues.severity[i]), int(issues.reports[i]), parameters[int(issues.community[i])]
        )
        q.leave[k] = issues.leave[i]
        q.limit[k] = issues.limit[i]
        q.work[k] = np.float64(issues.work[i])
    serve(q, nodes, servers, float(week), week + 1.0)
    for k in range(len(rows)):
        i = rows[k]
        c = int(issues.community[i])
        seed, p, lever = seeds[c], parameters[c], levers[c]
        if q.fate[k] != QUEUED:
            stop_waiting(i, q.start[k] if q.fate[k] == STARTED else q.finish[k], issues, tally[c])
        if q.fate[k] == STARTED:
            take_up(week, i, q.start[k], q.finish[k], nodes.skill[int(node[k])], issues, seed, p, lever, tally[c])
        elif q.fate[k] == LEFT:
            give_up(week, i, q.finish[k], issues, seed, p, lever, tally[c])
        elif q.fate[k] == EXPIRED and issues.level[i] < DEPARTMENT:
            forward(week, i, q.finish[k], issues, seed, p, lever)
        elif q.fate[k] == EXPIRED:
            close(week, i, q.finish[k], -1, issues, seed, p, lever, tally[c])


@kernel
def finishing(week: int, level: int, among: I64, issues: Issues) -> I64:
    """Return the rows of ``among`` whose service at a level ends this week."""
    rows = np.empty(len(among), np.int64)
    size = 0
    for i in among:
        if issues.level[i] == level and issues.state[i] == IN_SERVICE and issues.finish[i] < week + 1.0:
            rows[size] = i
            size += 1
    return rows[:size]


@kernel
def ended_rows(week: int, first: int, stop: int, ended: F64) -> I64:
    """Return the rows that ended this week."""
    return first + np.flatnonzero(ended[first:stop] >= week)


@kernel
def count_hours(
    communities: Communities, units: Units, nodes: Nodes, servers: Servers, parameters: ParameterTable
) -> None:
    """Write the hours that each head worked on issues this week."""
    for c in range(len(communities.seed)):
        for u in range(communities.unit_start[c], communities.unit_limit[c]):
            busy = servers.busy[nodes.first_server[u]] if units.head[u] >= 0 else 0.0
            units.issue_hours[u] = busy * np.float64(units.capacity[u]) * parameters[c].head_issue_share


@kernel
def tell_households(week: int, communities: Communities, households: Households, issues: Issues) -> None:
    """Let claimants (all in the building for a common cause) feel what ended this week; the last end counts."""
    households.outcome[:] = 0
    households.outcome_level[:] = 0
    households.fairness[:] = 0.0
    for c in range(len(communities.seed)):
        rows = ended_rows(week, communities.issue_start[c], communities.issue_stop[c], issues.ended)
        for i in rows[event_order(np.zeros(len(rows), np.int32), issues.ended[rows], issues.key[rows])]:
            start, stop = concerned(c, i, communities, households, issues)
            households.outcome[start:stop] = issues.success[i]
            households.outcome_level[start:stop] = issues.level[i]
            households.fairness[start:stop] = issues.fairness[i]
