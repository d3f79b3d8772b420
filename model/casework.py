"""Case work: what happens to one issue on the ladder, from its arrival at a level to its end and its return.

Used by :mod:`shequ.model.processes.ladder`, which runs the queues.
"""

from typing import NamedTuple

import numpy as np

from ..agents.committee import Committees
from ..agents.handling import (
    DEPARTMENT,
    DISPUTE,
    GRID,
    HEAD_LEVEL,
    NOT_YET,
    backing,
    collation_delay,
    cooperation,
    effectiveness,
    fairness_of,
    limit_days,
    next_level,
    return_probability,
    success_probability,
    work_hours,
)
from ..agents.household import Households
from ..agents.property_company import PropertyCompanies
from ..agents.resident import Residents
from ..agents.speaking_up import FACILITY
from ..agents.subdistrict import Departments
from ..agents.unit_head import Units
from .compiled import kernel
from .draws import Stream, exponential, normal, uniform, uniforms
from .flows import Flows
from .levers import LeverTable
from .parameters import ParameterTable
from .queues import Nodes, Servers, event_order
from .structure import COOLING, FORWARDED, FREE, IN_SERVICE, WAITING, Communities, Issues

WORK = int(Stream.ISSUE_WORK)
OUTCOME = int(Stream.ISSUE_OUTCOME)
PATIENCE = int(Stream.ISSUE_PATIENCE)
HOURS_A_WEEK = 168.0
DAYS = 7.0


class Ladder(NamedTuple):
    """Tables that the ladder works on, so that its kernels take one argument."""

    communities: Communities
    households: Households
    residents: Residents
    units: Units
    committees: Committees
    property_companies: PropertyCompanies
    departments: Departments
    issues: Issues
    flows: Flows
    nodes: Nodes
    servers: Servers
    parameters: ParameterTable
    levers: LeverTable


@kernel
def come_back(i: int, begin: float, t: Ladder) -> None:
    """Reopen a closed case: it counts anew, as a repeat."""
    issues = t.issues
    issues.state[i] = FORWARDED
    issues.entered[i] = max(issues.entered[i], begin)
    issues.created[i] = issues.entered[i]
    issues.first_handled[i] = NOT_YET
    issues.returns[i] = min(issues.returns[i] + 1, 255)
    t.flows.repeats[int(issues.community[i])] += 1


@kernel
def arrive(week: int, i: int, t: Ladder) -> None:
    """Let an issue arrive at its level: draw its work, the claimant's patience, and whether the time limit counts."""
    issues = t.issues
    c, level = int(issues.community[i]), int(issues.level[i])
    p, lever, seed = t.parameters[c], t.levers[c], t.communities.seed[c]
    u = uniforms(seed, WORK, week, issues.key[i], level)
    v = uniforms(seed, PATIENCE, week, issues.key[i], level)
    issues.state[i] = WAITING
    issues.success[i] = 0
    issues.work[i] = work_hours(level, int(issues.type[i]), normal(u[0]), p)
    days = limit_days(level, lever.time_limit_head, lever.time_limit_grid, lever.time_limit_council, p)
    issues.limit[i] = issues.entered[i] + days / DAYS if u[1] < p.escalate_timeout else np.inf
    hazard = p.patience_rate + p.withdrawal_rate
    issues.leave[i] = issues.entered[i] + exponential(v[0]) / hazard if hazard > 0.0 else np.inf
    entered = (t.flows.entered_1, t.flows.entered_2, t.flows.entered_3, t.flows.entered_4)
    entered[level - 1][c] += 1


@kernel
def start(week: int, i: int, start: float, finish: float, t: Ladder) -> None:
    """Take an issue up; its outcome is drawn now, from the skill of whoever takes it up, and shows at the end."""
    issues, flows = t.issues, t.flows
    c, level, issue = int(issues.community[i]), int(issues.level[i]), int(issues.type[i])
    p, lever = t.parameters[c], t.levers[c]
    issues.state[i] = IN_SERVICE
    issues.finish[i] = finish
    if issues.first_handled[i] == NOT_YET:
        issues.first_handled[i] = start
        flows.responses[c] += 1
        flows.response_hours[c] += (start - issues.created[i]) * HOURS_A_WEEK
        flows.late_responses[c] += start - issues.created[i] > p.late_days / DAYS
    skill = 0.0
    if level == HEAD_LEVEL:
        unit = issues.unit[i]
        skill = effectiveness(float(t.units.skill[unit]), float(t.units.burnout[unit]), p)
    elif level < DEPARTMENT:
        skill = float(t.committees.skill[c])
    claimant = t.households.resident_start[issues.household[i]]
    side = cooperation(issue, float(t.residents.sense_of_community[claimant]), float(t.property_companies.quality[c]))
    support = backing(level, issue, lever.head_powers, lever.social_workers, lever.council_parties, p)
    u = uniform(t.communities.seed[c], OUTCOME, week, issues.key[i], 4 * level)
    issues.success[i] = 1 if u < success_probability(level, issue, skill, side, support, p) else -1


@kernel
def complete(week: int, level: int, first: int, stop: int, t: Ladder) -> None:
    """End the services of a level that finish this week, in the order of time."""
    issues = t.issues
    rows = np.empty(stop - first, np.int64)
    size = 0
    for i in range(first, stop):
        if issues.level[i] == level and issues.state[i] == IN_SERVICE and issues.finish[i] < week + 1.0:
            rows[size] = i
            size += 1
    rows = rows[:size]
    for i in rows[event_order(np.zeros(size, np.int32), issues.finish[rows], issues.key[rows])]:
        c = int(issues.community[i])
        p = t.parameters[c]
        u = uniform(t.communities.seed[c], OUTCOME, week, issues.key[i], 4 * level + 1)
        if issues.success[i] < 0 and level < DEPARTMENT and u < p.escalate_failure:
            forward(week, i, issues.finish[i], t)
        else:
            close(week, i, issues.finish[i], int(issues.success[i]), t)


@kernel
def forward(week: int, i: int, time: float, t: Ladder) -> None:
    """Send an issue to the next level, where it is looked at after the next collation."""
    issues = t.issues
    c, level = int(issues.community[i]), int(issues.level[i])
    u = uniform(t.communities.seed[c], OUTCOME, week, issues.key[i], 4 * level + 2)
    issues.state[i] = FORWARDED
    issues.level[i] = next_level(level, int(issues.type[i]))
    issues.entered[i] = time + collation_delay(u, t.levers[c].issue_collation, t.parameters[c])


@kernel
def close(week: int, i: int, time: float, outcome: int, t: Ladder) -> None:
    """Close an issue as resolved (+1) or failed (-1)."""
    issues, flows = t.issues, t.flows
    c, level = int(issues.community[i]), int(issues.level[i])
    flows.closures[c] += 1
    flows.resolution_hours[c] += (time - issues.created[i]) * HOURS_A_WEEK
    if outcome > 0:
        resolved = (flows.resolved_1, flows.resolved_2, flows.resolved_3, flows.resolved_4)
        resolved[level - 1][c] += 1
        flows.resolved_first[c] += issues.first_handled[i] >= issues.entered[i]
    else:
        flows.failed[c] += 1
    if issues.type[i] == DISPUTE:
        flows.disputes_closed[c] += 1
        flows.disputes_settled[c] += outcome > 0
    _tell(week, i, time, outcome, t)


@kernel
def give_up(week: int, i: int, time: float, t: Ladder) -> None:
    """End an issue that nobody took up: the claimant gave up, or the matter settled itself."""
    issues = t.issues
    c = int(issues.community[i])
    p = t.parameters[c]
    u = uniform(t.communities.seed[c], OUTCOME, week, issues.key[i], 4 * int(issues.level[i]) + 3)
    if u * (p.patience_rate + p.withdrawal_rate) < p.withdrawal_rate:
        t.flows.withdrawn[c] += 1
        turn_month(week, i, time, t)
        issues.state[i] = FREE
    else:
        t.flows.abandoned[c] += 1
        _tell(week, i, time, -1, t)


@kernel
def _tell(week: int, i: int, time: float, outcome: int, t: Ladder) -> None:
    """Let the household (for a common cause all of the building) feel the end, and draw whether the case comes back."""
    issues, households = t.issues, t.households
    c, h, level = int(issues.community[i]), int(issues.household[i]), int(issues.level[i])
    p, feedback = t.parameters[c], t.levers[c].feedback_loop
    turn_month(week, i, time, t)
    fairness = fairness_of(level, time - issues.created[i], feedback, p)
    common = issues.type[i] == FACILITY
    first = t.communities.household_start[c] if common else h
    stop = t.communities.household_stop[c] if common else h + 1
    for other in range(first, stop):
        if households.building[other] == households.building[h]:
            households.outcome[other] = outcome
            households.outcome_level[other] = level
            households.fairness[other] = fairness
    u = uniforms(t.communities.seed[c], PATIENCE, week, issues.key[i], DEPARTMENT + level)
    if u[0] < return_probability(outcome > 0, fairness, feedback, p):
        issues.state[i] = COOLING
        issues.level[i] = max(level, GRID)
        issues.entered[i] = time + exponential(u[1]) * p.return_delay
    else:
        issues.state[i] = FREE


@kernel
def turn_month(week: int, i: int, time: float, t: Ladder) -> None:
    """Count an issue that is unsolved up to ``time`` if it turned a month old this week."""
    c = int(t.issues.community[i])
    turn = t.issues.created[i] + t.parameters[c].month_days / DAYS
    t.flows.open_month[c] += week <= turn < time
