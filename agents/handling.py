"""Rules of handling an issue: who takes it up, how long it lies, how much work it is, how it ends, whether it returns.

Levels of the ladder: 1 unit head, 2 grid worker, 3 community council, 4 department of the subdistrict. These are rules
of whoever handles the issue (:class:`~shequ.agents.unit_head.UnitHead`, committee, department); they stand together
because the four differ only in numbers.
"""

import math
from typing import Any

from .rates import MONTHS_A_YEAR, WEEKS_A_YEAR
from .rules import clip01, exp, logistic, rule
from .speaking_up import COMMITTEE, IssueType

NOT_YET = -1e9  # time of an event that has not happened
HEAD_LEVEL, GRID, COUNCIL, DEPARTMENT = 1, 2, 3, 4
INQUIRY = int(IssueType.INQUIRY)
DISPUTE = int(IssueType.DISPUTE)
PROPERTY = int(IssueType.PROPERTY)
DAYS = 7.0

FIRST_LEVEL = (2, 1, 2, 2, 4, 2)  # by channel: nobody, head, committee, platform, hotline, warning
# 1 where the level has a say of its own; types: inquiry, dispute, property, environment, welfare, facility
AUTHORITY = (
    (1.0, 1.0, 0.0, 1.0, 0.0, 0.0),  # head
    (1.0, 1.0, 0.0, 1.0, 1.0, 0.0),  # grid worker
    (0.0, 1.0, 1.0, 1.0, 0.0, 0.0),  # council
    (1.0, 0.0, 1.0, 1.0, 1.0, 1.0),  # department
)


@rule
def first_level(channel: int) -> int:
    """Level at which an issue enters by its channel."""
    return FIRST_LEVEL[channel]


@rule
def next_level(level: int, issue: int) -> int:
    """Level that an issue is forwarded to: one up, but past the council what the council has no say in."""
    if level == GRID and AUTHORITY[COUNCIL - 1][issue] == 0.0:
        return DEPARTMENT
    return level + 1


@rule
def return_level(level: int) -> int:
    """Level to which a case comes back: the department if it ended there, else the grid worker."""
    return DEPARTMENT if level == DEPARTMENT else GRID


@rule
def collation_delay(u: float, collations: float, p: Any) -> float:
    """Weeks until a listed or forwarded issue is looked at: uniform over the interval between collations [T2.3].

    There are ``collations`` a month (ten_household-174); after ``handover_bound`` days somebody chases it anyway.
    """
    days = p.handover_bound if collations <= 0.0 else min(p.month_days / collations, p.handover_bound)
    return u * days / DAYS


@rule
def intake_delay(channel: int, u_listed: float, u_delay: float, collations: float, p: Any) -> float:
    """Weeks from the claim to the desk: part of what comes to the committee is listed for the next collation."""
    if channel == COMMITTEE and u_listed < p.listed_share:
        return collation_delay(u_delay, collations, p)
    return 0.0


@rule
def rank_of(severity: float, reports: int, p: Any) -> int:
    """Priority class: 0 for severe issues and common causes with many reports, else 1 [T2.3: class priority]."""
    return 0 if severity >= p.urgent_severity or reports >= p.mass_reports else 1


@rule
def limit_days(level: int, head: float, grid: float, council: float, p: Any) -> float:
    """Days after which an issue may leave a level unserved [T2.2: time limits]."""
    return (head, grid, council, p.time_limit_department)[level - 1]


@rule
def work_hours(level: int, issue: int, z: float, p: Any) -> float:
    """Hours of work: log-normal of the level's mean and log spread ``work_spread`` (z standard normal); inquiries need
    the share ``work_inquiry`` of it [T2.3: w_kz].
    """
    mean = (p.work_head, p.work_grid, p.work_council, p.work_department)[level - 1]
    ease = p.work_inquiry if issue == INQUIRY else 1.0
    return mean * ease * exp(p.work_spread * z - 0.5 * p.work_spread * p.work_spread)


@rule
def effectiveness(skill: float, burnout: float, p: Any) -> float:
    """Effectiveness of a head: S * (1 - b*B), b = 0.5 [T3.3]."""
    return skill * (1.0 - p.burnout_effect * burnout)


@rule
def head_pace(effective: float, p: Any) -> float:
    """Work done in an hour, relative to a fully effective head: a + (1 - a) * effectiveness [T3.3]."""
    return p.pace_floor + (1.0 - p.pace_floor) * effective


@rule
def meetings_held(week: int, phase: float, monthly: float) -> int:
    """Meetings of the council this week: floor((w + 1) r + phase) - floor(w r + phase) [ten_household-171].

    r = 12 monthly / weeks a year, so that meetings add up to the monthly number.
    """
    rate = monthly * MONTHS_A_YEAR / WEEKS_A_YEAR
    return math.floor((week + 1.0) * rate + phase) - math.floor(week * rate + phase)


@rule
def cooperation(issue: int, sense_of_community: float, quality: float) -> float:
    """How far the other side goes along [T2.3: coop_other_party].

    Neighbours as they feel for the community, the property company as good as it is; 1 where nobody stands against.
    """
    if issue == DISPUTE:
        return sense_of_community
    return quality if issue == PROPERTY else 1.0


@rule
def backing(level: int, issue: int, powers: float, social_workers: float, parties: float, p: Any) -> float:
    """Logit that reforms add to success: powers of heads; social workers in disputes, each helping less than the one
    before, n/(n + 1); groups seated in the council [ten_household-106, ten_household-199, ten_household-182].
    """
    mediators = p.social_worker_success * social_workers / (social_workers + 1.0) if issue == DISPUTE else 0.0
    return (p.power_success * powers, mediators, mediators + p.party_success * (parties - 1.0), 0.0)[level - 1]


@rule
def success_probability(level: int, issue: int, skill: float, other_side: float, support: float, p: Any) -> float:
    """P(resolved) = L(r0_k + r1*skill + r2*authority + r3*cooperation + support), inquiries eased [T2.3: r_kz]."""
    base = (p.success_head, p.success_grid, p.success_council, p.success_department)[level - 1]
    ease = p.success_inquiry if issue == INQUIRY else 0.0
    return logistic(
        base
        + p.skill_success * skill
        + p.authority_success * AUTHORITY[level - 1][issue]
        + p.cooperation_success * other_side
        + support
        + ease
    )


@rule
def fairness_of(level: int, weeks: float, feedback: float, p: Any) -> float:
    """How fairly a household finds it was treated: base + f*feedback + n*nearness - d*delay, nearness (4 - level)/3 and
    delay up to a month [T2.1: procedural justice; T2.1 Michelson 2008: justice from below; sizes assumed].
    """
    delay = min(weeks * DAYS / p.month_days, 1.0)
    nearness = (DEPARTMENT - level) / (DEPARTMENT - 1.0)
    return clip01(
        p.fairness_base + p.fairness_feedback * feedback + p.fairness_near * nearness - p.fairness_delay * delay
    )


@rule
def return_probability(resolved: bool, fairness: float, feedback: float, p: Any) -> float:
    """P(a closed case comes back) = q (1 - g*feedback), times 1 - fairness if it was resolved [T2.3, T2.2: repeats]."""
    bitter = 1.0 - fairness if resolved else 1.0
    return p.return_share * (1.0 - p.feedback_returns * feedback) * bitter
