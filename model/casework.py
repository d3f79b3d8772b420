"""Case work: what happens to one issue on the ladder, from its arrival at a level to its end and its return.

Used by :mod:`shequ.model.processes.ladder`, which runs the queues. Every function works on row ``i`` of the issues,
with the parameters ``p``, levers ``lever`` and seed of its community, and counts what happens in ``tally``, the
community's row of counters.
"""

from typing import Any

import numpy as np

from ..agents.columns import F64
from ..agents.handling import (
    DEPARTMENT,
    DISPUTE,
    INQUIRY,
    NOT_YET,
    backing,
    collation_delay,
    fairness_of,
    limit_days,
    next_level,
    return_level,
    return_probability,
    success_probability,
    work_hours,
)
from ..agents.household import Households
from ..agents.speaking_up import FACILITY
from ..agents.subdistrict import agreement_chance, approval_weeks
from .compiled import kernel
from .draws import Stream, exponential, normal, uniform, uniforms
from .structure import COOLING, FORWARDED, FREE, IN_SERVICE, WAITING, Communities, Issues

WORK = int(Stream.ISSUE_WORK)
OUTCOME = int(Stream.ISSUE_OUTCOME)
PATIENCE = int(Stream.ISSUE_PATIENCE)
JOINT = int(Stream.JOINT_MATTER)
HOURS_A_WEEK = 168.0
DAYS = 7.0

# counters of a community, in the order of the flows that they are added to
REPEATS, ENTERED, RESOLVED, RESOLVED_FIRST = 0, 1, 5, 9  # entered and resolved have one counter a level
FAILED, ABANDONED, WITHDRAWN, DISPUTES_CLOSED, DISPUTES_SETTLED = 10, 11, 12, 13, 14
RESPONSES, RESPONSE_HOURS, LATE_RESPONSES, CLOSURES, RESOLUTION_HOURS, OPEN_MONTH = 15, 16, 17, 18, 19, 20
JOINT_CLOSED, JOINT_ON_TIME, JOINT_ASKED, JOINT_AGREED, JOINT_HOURS = 21, 22, 23, 24, 25
WAITS, WAIT_HOURS, HANDLED = 26, 30, 34  # one counter a level each
COUNTERS = (
    "repeats",
    "entered_1",
    "entered_2",
    "entered_3",
    "entered_4",
    "resolved_1",
    "resolved_2",
    "resolved_3",
    "resolved_4",
    "resolved_first",
    "failed",
    "abandoned",
    "withdrawn",
    "disputes_closed",
    "disputes_settled",
    "responses",
    "response_hours",
    "late_responses",
    "closures",
    "resolution_hours",
    "open_month",
    "joint_closed",
    "joint_on_time",
    "joint_asked",
    "joint_agreed",
    "joint_hours",
    "waits_1",
    "waits_2",
    "waits_3",
    "waits_4",
    "wait_hours_1",
    "wait_hours_2",
    "wait_hours_3",
    "wait_hours_4",
    "handled_1",
    "handled_2",
    "handled_3",
    "handled_4",
)


@kernel
def come_back(week: int, i: int, issues: Issues, tally: F64) -> None:
    """Reopen a closed case: it counts anew, as a repeat."""
    issues.state[i] = FORWARDED
    issues.level[i] = return_level(int(issues.level[i]))
    issues.entered[i] = max(issues.entered[i], float(week))
    issues.created[i] = issues.entered[i]
    issues.first_handled[i] = NOT_YET
    issues.returns[i] = min(issues.returns[i] + 1, 255)
    tally[REPEATS] += 1.0


@kernel
def arrive(week: int, i: int, issues: Issues, seed: np.uint64, p: Any, lever: Any, tally: F64) -> None:
    """Let an issue arrive at its level: draw its work, the claimant's patience, and whether the time limit counts."""
    level = int(issues.level[i])
    u = uniforms(seed, WORK, week, issues.key[i], level)
    v = uniforms(seed, PATIENCE, week, issues.key[i], level)
    issues.state[i] = WAITING
    issues.success[i] = 0
    issues.ended[i] = NOT_YET
    issues.work[i] = work_hours(level, int(issues.type[i]), normal(u[0]), p)
    days = limit_days(level, lever.time_limit_head, lever.time_limit_grid, lever.time_limit_council, p)
    issues.limit[i] = issues.entered[i] + days / DAYS if u[1] < p.escalate_timeout else np.inf
    hazard = p.patience_rate + p.withdrawal_rate
    issues.leave[i] = issues.entered[i] + exponential(v[0]) / hazard if hazard > 0.0 else np.inf
    tally[ENTERED + level - 1] += 1.0
    issues.parties[i] = issues.agreed[i] = 0
    if (
        level == DEPARTMENT
        and issues.type[i] != INQUIRY
        and uniform(seed, JOINT, week, issues.key[i], 0) < p.joint_share
    ):
        issues.parties[i] = int(p.joint_departments + 0.5)


@kernel
def stop_waiting(i: int, time: float, issues: Issues, tally: F64) -> None:
    """Count an issue that at ``time`` is taken up at its level, given up or passed on unserved, and how long it lay."""
    level = int(issues.level[i]) - 1
    tally[WAITS + level] += 1.0
    tally[WAIT_HOURS + level] += (time - issues.entered[i]) * HOURS_A_WEEK


@kernel
def take_up(
    week: int,
    i: int,
    start: float,
    finish: float,
    skill: float,
    issues: Issues,
    seed: np.uint64,
    p: Any,
    lever: Any,
    tally: F64,
) -> None:
    """Start a service; its outcome is drawn now, from the skill of whoever takes it up, and shows at the end."""
    level, issue = int(issues.level[i]), int(issues.type[i])
    issues.state[i] = IN_SERVICE
    issues.finish[i] = finish
    if issues.first_handled[i] == NOT_YET:
        issues.first_handled[i] = start
        waited = start - issues.created[i]
        tally[RESPONSES] += 1.0
        tally[RESPONSE_HOURS] += waited * HOURS_A_WEEK
        tally[LATE_RESPONSES] += 1.0 if waited > p.late_days / DAYS else 0.0
    support = backing(level, issue, lever.head_powers, lever.social_workers, lever.council_parties, p)
    chance = success_probability(level, issue, skill, np.float64(issues.cooperation[i]), support, p)
    issues.success[i] = 1 if uniform(seed, OUTCOME, week, issues.key[i], 4 * level) < chance else -1
    if level == DEPARTMENT and issues.parties[i] > 0:
        led = uniform(seed, JOINT, week, issues.key[i], 1) < lever.lead_department
        mean = approval_weeks(lever.joint_meetings, p)
        agreement = agreement_chance(lever.linked_appraisal, p)
        weeks, agreed = approvals(week, issues.key[i], seed, int(issues.parties[i]), led, mean, agreement)
        issues.finish[i] = finish + weeks
        issues.agreed[i] = agreed
        tally[JOINT_ASKED] += 1.0
        tally[JOINT_AGREED] += 1.0 if agreed else 0.0
        tally[JOINT_HOURS] += weeks * HOURS_A_WEEK
        if not agreed:
            issues.success[i] = -1


@kernel
def approvals(
    week: int, key: np.uint64, seed: np.uint64, parties: int, led: bool, mean: float, agreement: float
) -> tuple[float, bool]:
    """Weeks until ``parties`` departments have answered, and whether all agree [T5.1].

    Each takes an exponential time of ``mean`` weeks and agrees with the chance ``agreement``. Under a lead they are
    asked at once, so the slowest counts (mean H_n); without one, one after the other (mean n).
    """
    total = longest = 0.0
    agreed = True
    for k in range(parties):
        u = uniforms(seed, JOINT, week, key, k + 1)  # block 0 says whether the matter is joint, and led
        time = mean * exponential(u[0])
        total += time
        longest = max(longest, time)
        agreed = agreed and u[1] < agreement
    return longest if led else total, agreed


@kernel
def complete(week: int, i: int, issues: Issues, seed: np.uint64, p: Any, lever: Any, tally: F64) -> None:
    """End a service: resolved, forwarded or failed."""
    level = int(issues.level[i])
    tally[HANDLED + level - 1] += 1.0
    u = uniform(seed, OUTCOME, week, issues.key[i], 4 * level + 1)
    if issues.success[i] < 0 and level < DEPARTMENT and u < p.escalate_failure:
        forward(week, i, issues.finish[i], issues, seed, p, lever)
    else:
        close(week, i, issues.finish[i], int(issues.success[i]), issues, seed, p, lever, tally)


@kernel
def forward(week: int, i: int, time: float, issues: Issues, seed: np.uint64, p: Any, lever: Any) -> None:
    """Send an issue to the next level, where it is looked at after the next collation."""
    level = int(issues.level[i])
    u = uniform(seed, OUTCOME, week, issues.key[i], 4 * level + 2)
    issues.state[i] = FORWARDED
    issues.level[i] = next_level(level, int(issues.type[i]))
    issues.entered[i] = time + collation_delay(u, lever.issue_collation, p)


@kernel
def close(
    week: int,
    i: int,
    time: float,
    outcome: int,
    issues: Issues,
    seed: np.uint64,
    p: Any,
    lever: Any,
    tally: F64,
) -> None:
    """Close an issue as resolved (+1) or failed (-1)."""
    settled = 1.0 if outcome > 0 else 0.0
    tally[CLOSURES] += 1.0
    tally[RESOLUTION_HOURS] += (time - issues.created[i]) * HOURS_A_WEEK
    tally[RESOLVED + int(issues.level[i]) - 1] += settled
    tally[RESOLVED_FIRST] += settled if issues.first_handled[i] >= issues.entered[i] else 0.0
    tally[FAILED] += 1.0 - settled
    if issues.level[i] == DEPARTMENT and issues.parties[i] > 0:
        tally[JOINT_CLOSED] += 1.0
        in_time = time - issues.entered[i] <= p.joint_deadline / DAYS
        tally[JOINT_ON_TIME] += 1.0 if in_time and issues.agreed[i] == 1 else 0.0
    if issues.type[i] == DISPUTE:
        tally[DISPUTES_CLOSED] += 1.0
        tally[DISPUTES_SETTLED] += settled
    end(week, i, time, outcome, issues, seed, p, lever, tally)


@kernel
def give_up(week: int, i: int, time: float, issues: Issues, seed: np.uint64, p: Any, lever: Any, tally: F64) -> None:
    """End an issue that nobody took up: the claimant gave up, or the matter settled itself."""
    u = uniform(seed, OUTCOME, week, issues.key[i], 4 * int(issues.level[i]) + 3)
    if u * (p.patience_rate + p.withdrawal_rate) < p.withdrawal_rate:
        tally[WITHDRAWN] += 1.0
        turn_month(week, i, time, issues, p, tally)
        issues.state[i] = FREE
    else:
        tally[ABANDONED] += 1.0
        end(week, i, time, -1, issues, seed, p, lever, tally)


@kernel
def end(
    week: int,
    i: int,
    time: float,
    outcome: int,
    issues: Issues,
    seed: np.uint64,
    p: Any,
    lever: Any,
    tally: F64,
) -> None:
    """Write down how an issue ended, and draw whether and when the case comes back."""
    level = int(issues.level[i])
    turn_month(week, i, time, issues, p, tally)
    fairness = fairness_of(level, time - issues.created[i], lever.feedback_loop, p)
    issues.success[i] = outcome
    issues.ended[i] = time
    issues.fairness[i] = fairness
    u = uniforms(seed, PATIENCE, week, issues.key[i], DEPARTMENT + level)
    if u[0] < return_probability(outcome > 0, fairness, lever.feedback_loop, p):
        issues.state[i] = COOLING
        issues.entered[i] = time + exponential(u[1]) * p.return_delay
    else:
        issues.state[i] = FREE


@kernel
def turn_month(week: int, i: int, time: float, issues: Issues, p: Any, tally: F64) -> None:
    """Count an issue that is unsolved up to ``time`` if it turned a month old this week."""
    turn = issues.created[i] + p.month_days / DAYS
    tally[OPEN_MONTH] += 1.0 if week <= turn < time else 0.0


@kernel
def concerned(c: int, i: int, communities: Communities, households: Households, issues: Issues) -> tuple[int, int]:
    """First household that issue ``i`` concerns and one past the last: all of the building for a common cause."""
    home = int(issues.household[i])
    if issues.type[i] != FACILITY:
        return home, home + 1
    first, stop = int(communities.household_start[c]), int(communities.household_stop[c])
    buildings, building = households.building[first:stop], int(households.building[home])  # numbered along the street
    start, end = np.searchsorted(buildings, building), np.searchsorted(buildings, building, side="right")
    return first + int(start), first + int(end)
