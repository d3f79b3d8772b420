"""Residents' committees: their hours and how these are split, what they report upwards, and taking up a policy."""

import math
from typing import Annotated, Any, NamedTuple

from .adopting import (
    CLOSED,
    MANDATED,
    adoption_hazard,
    discounted,
    posterior_mean,
    posterior_variance,
    posterior_weight,
)
from .columns import F32, I32, U8, U64, Column
from .rates import MINUTES_AN_HOUR, WEEKS_A_MONTH, WEEKS_A_YEAR, arrivals, scheduled
from .rules import clip01, happens, normal_quantile, power, rule
from .streams import Stream
from .subdistrict import channels, inflated, led_share, reports_asked, sharing_that_serves
from .view import AgentView

TEN_THOUSAND, THOUSAND = 10_000.0, 1_000.0  # residents to which staff and reports are related
BATCH, MOST_IN_BATCH = 30.0, 300  # reports asked for are drawn in batches of at most this mean; none exceeds the bound


class Committees(NamedTuple):
    """One row a residents' committee; row c serves community c."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    staff: Annotated[F32, Column("person", "community workers in office, in full posts", "T5.3", 0)]
    skill: Annotated[F32, Column("share", "skill of the staff", "T2.3", 0, 1)]
    hours_minutes: Annotated[I32, Column("min/week", "working time of all staff", "T5.3", 0)]
    reporting_minutes: Annotated[I32, Column("min/week", "time spent on forms and reports", "T5.3", 0)]
    coordination_minutes: Annotated[I32, Column("min/week", "time spent on coordination with departments", "T5.3", 0)]
    service_minutes: Annotated[I32, Column("min/week", "time spent on residents: issues and services", "T5.3", 0)]
    unit_support_minutes: Annotated[I32, Column("min/week", "time spent on units and their heads", "T5.3", 0)]
    cover_minutes: Annotated[I32, Column("min/week", "of this, work of units without head", "T3.3", 0)]
    backlog: Annotated[I32, Column("item", "reports asked for and not yet handed in", "T5.3", 0)]
    festival: Annotated[U8, Column("flag", "a neighbour festival is held this week", "ten_household-172", 0, 1)]
    meetings: Annotated[U8, Column("event", "council meetings open to residents this week", "ten_household-171", 0)]
    online_topics: Annotated[U8, Column("topic", "topics put up for online deliberation this week", "T1.3", 0)]
    council_minutes: Annotated[I32, Column("min/week", "deliberation time of the community council", "T2.3", 0)]
    readiness: Annotated[
        F32, Column("share", "how well the community suits the plan's policy", "T10.3", None, None, 0.5)
    ]
    offered: Annotated[
        U8, Column("state", "joining of itself this week: 0 not asked for, 1 possible, 2 ordered", "T10.3", 0, 2)
    ]
    in_place: Annotated[U8, Column("flag", "the plan's policy is in place", "T10.3", 0, 1)]
    piloting: Annotated[U8, Column("flag", "it is in its pilot phase", "T10.3", 0, 1)]
    policy_age: Annotated[I32, Column("week", "weeks since the policy began or last began anew", "T10.3", 0)]
    maturity: Annotated[F32, Column("share", "maturity of the policy", "T10.3", 0, 1)]
    strength: Annotated[
        F32, Column("ratio", "effect of the mature policy relative to an average community", "T10.3", 0, None, 1.0)
    ]
    outcome_before: Annotated[
        F32, Column("score", "mean satisfaction before the district's first pilot; -1 none yet", "T10.3", -1, 1, -1.0)
    ]
    neighbours_in_place: Annotated[
        F32, Column("share", "other communities of the subdistrict with the policy, last week", "T10.3", 0, 1)
    ]
    evidence: Annotated[F32, Column("score", "gain seen where the policy is in place, over the others", "T10.3", -2, 2)]
    evidence_sites: Annotated[I32, Column("community", "communities in which it was seen", "T10.3", 0)]
    evidence_inflation: Annotated[
        F32, Column("ratio", "mean strength of the policy in these communities", "T10.3", 0, None, 1.0)
    ]
    belief: Annotated[F32, Column("score", "gain in satisfaction expected of the policy", "T10.3")]
    belief_variance: Annotated[F32, Column("score^2", "uncertainty of that gain", "T10.3", 0)]
    posts: Annotated[I32, Column("post", "posts that the budget pays for", "T5.3", 0)]
    load: Annotated[F32, Column("ratio", "work asked for to what the staff can bear", "T3.1", 0)]
    satisfied: Annotated[F32, Column("share", "satisfied residents last week, as a survey would find", "T5.3", 0, 1)]
    gaming: Annotated[F32, Column("share", "distance to full marks made up on paper", "T5.3", 0, 1)]
    reported_satisfaction: Annotated[F32, Column("share", "satisfied residents as reported upwards", "T5.3", 0, 1)]
    # As the run began: what those who use the committee's hours see where its week is cut off from theirs
    first_staff: Annotated[F32, Column("person", "community workers as the run began", "T5.3", 0)]
    first_service_minutes: Annotated[I32, Column("min/week", "time for residents as the run began", "T5.3", 0)]
    first_support_minutes: Annotated[I32, Column("min/week", "time for units as the run began", "T5.3", 0)]


@rule
def effort_share(weight: float, other: float, returns: float) -> float:
    """Share of time that a task of ``weight`` gets beside one of weight ``other`` [T5.1].

    w^(1 / (1 - a)) / (w^(1 / (1 - a)) + v^(1 / (1 - a))), output = effort^a; the larger takes all as a nears 1
    """
    if weight <= 0.0:
        return 0.0
    return 1.0 / (1.0 + power(other / weight, 1.0 / (1.0 - returns))) if other > 0.0 else 1.0


@rule
def bucket(queue: int, arrived: int, capacity: int) -> int:
    """Return what is left of a queue after a week: max(queue + arrived - capacity, 0)."""
    return max(queue + arrived - capacity, 0)


# --- the week --------------------------------------------------------------------------------------------------------


@rule
def coordination_wanted(staff: float, lever: Any, p: Any) -> float:
    """Minutes that dealing with departments takes: hours a channel and worker, and joint meetings [T5.3].

    60 kc staff channels(D, led) + meetings a week x minutes of one
    """
    led = led_share(lever.data_sharing, lever.lead_department)
    talks = p.coordination_hours * channels(lever.reporting_departments, led) * staff * MINUTES_AN_HOUR
    return talks + lever.joint_meetings / WEEKS_A_MONTH * p.joint_meeting_minutes


@rule
def reports_taken_up(arrived: int, minutes: float, outcome_weight: float, p: Any) -> int:
    """Reports that are worth the time: those that must be, and what the score makes worth doing [T5.3].

    max(m arrived, minutes x share of reporting / minutes a report), at most all. The share is that of the power rule
    between paper (weight 1 - w) and results (weight w): staff do what is counted.
    """
    chosen = minutes * effort_share(1.0 - outcome_weight, outcome_weight, p.effort_returns) / p.report_minutes
    return min(arrived, int(max(p.mandatory_share * arrived + 0.5, chosen)))


@rule
def hours_worked(staff: float, residents: float, lever: Any, p: Any) -> int:
    """Minutes that the staff work: their week, and extra hours for vacant posts as far as people can [T5.3].

    60 (hours - courses) (n + min(norm - n, o n)), n filled posts in full weeks, o the most overtime
    """
    norm = lever.staff_per_10000 * residents / TEN_THOUSAND
    extra = max(min(norm - staff, p.most_overtime * staff), 0.0)
    at_work = lever.staff_weekly_hours - lever.staff_training / WEEKS_A_YEAR
    return int((staff + extra) * at_work * MINUTES_AN_HOUR + 0.5)


@rule
def skill_after(skill: float, hours: float, p: Any) -> float:
    """Skill of the staff a week later: s + a (1 - s) h / 52 - f (s - s0), h ``hours`` of courses a year each [T3.2].

    What is taught fades and leaves with those who go, towards the skill s0 without courses. In the long run the skill
    is (a h / 52 + f s0) / (a h / 52 + f).
    """
    gained = p.staff_learning * (1.0 - skill) * hours / WEEKS_A_YEAR
    return clip01(skill + gained - p.staff_forgetting * (skill - p.staff_skill))


@rule
def split_week(
    staff: float, residents: float, lever: Any, queue: int, arrived: int, p: Any
) -> tuple[int, int, int, int, int, int, float]:
    """Minutes of a week: all, coordination, reports, service to residents, support of units; reports left; load.

    Coordination comes first, reports next up to a ceiling; what is free goes to units and residents by the power rule,
    with weights w and 1 - w, w = rest + appraisal and supervision effects [T5.3]. The parts add up to the whole.
    Load: work asked (coordination, reports, needs of ``residents``) to the hours that the staff can bear [T3.1].
    """
    hours = hours_worked(staff, residents, lever, p)
    wanted = coordination_wanted(staff, lever, p)
    coordination = min(int(wanted + 0.5), hours)
    room = max(p.reporting_ceiling * hours - coordination, 0.0)
    taken = reports_taken_up(arrived, float(hours - coordination), lever.outcome_weight, p)
    due = queue + taken
    left = bucket(queue, taken, int(room / p.report_minutes))
    reporting = min(int((due - left) * p.report_minutes + 0.5), hours - coordination)
    free = hours - coordination - reporting
    weight = clip01(
        p.unit_weight
        + p.unit_weight_appraisal * lever.unit_appraisal_weight
        + p.unit_weight_supervision * lever.supervision
    )
    support = int(free * effort_share(weight, 1.0 - weight, p.effort_returns) + 0.5)
    asked = wanted + due * p.report_minutes + p.resident_need_hours * MINUTES_AN_HOUR * residents / THOUSAND
    bearable = staff * p.bearable_hours * MINUTES_AN_HOUR
    load = asked / bearable if bearable > 0.0 else 0.0
    return hours, coordination, reporting, free - support, support, left, load


# --- what is reported ------------------------------------------------------------------------------------------------


@rule
def tournament_slope(spread: float) -> float:
    """Gain in the chance to win a contest of two by one more unit of output: 1 / (2 s sqrt(pi)) [T5.1].

    ``spread``: standard deviation of each side's luck, normal (Lazear & Rosen 1981).
    """
    return 1.0 / (2.0 * spread * math.sqrt(math.pi))


@rule
def gaming(weight: float, supervision: float, p: Any) -> float:
    """Share of the distance to full marks that is made up on paper: x / (1 + x) [T5.3].

    x = weight on reported rates (1 - supervision) slope(noise) / cost: communities compete by these rates, and who
    audits takes the gain away. Zero at zero weight and under full supervision.
    """
    pressure = weight * (1.0 - supervision) * tournament_slope(p.reported_noise) / p.gaming_cost
    return pressure / (1.0 + pressure)


@rule
def reported_rate(rate: float, dressed: float, z: float, p: Any) -> float:
    """Rate that is reported upwards: rate + dressed (1 - rate) + noise, z standard normal [T5.3]."""
    return clip01(rate + dressed * (1.0 - rate) + p.reported_noise * z)


class ResidentsCommittee(AgentView):
    """A residents' committee: splits its hours between upward reports and the residents."""

    table = Committees
    place = "committees"

    def split_hours(self) -> None:
        """Answer the departments, then divide what time is left between residents and units."""
        p, lever, communities = self.parameters, self.levers, self.model.communities
        c = self.community_row
        residents = float(communities.resident_stop[c] - communities.resident_start[c] - communities.empty_places[c])
        items = inflated(p.report_items, lever.target_inflation, p.target_layers) * residents / THOUSAND
        sharing = sharing_that_serves(lever.data_sharing, lever.data_update_weeks, p)
        asked = reports_asked(lever.reporting_departments, p.report_overlap, items, sharing)
        batches = int(asked / BATCH) + 1
        arrived = 0
        for k in range(batches):
            arrived += arrivals(self.draw(Stream.REPORTING, k), asked / batches, MOST_IN_BATCH)
        (
            self.hours_minutes,
            self.coordination_minutes,
            self.reporting_minutes,
            self.service_minutes,
            self.unit_support_minutes,
            self.backlog,
            self.load,
        ) = split_week(self.staff, residents, lever, self.backlog, arrived, p)
        self.skill = skill_after(self.skill, lever.staff_training, p)

    def report_rates(self) -> None:
        """Report upwards how many residents are satisfied."""
        p, lever = self.parameters, self.levers
        self.gaming = gaming(lever.outcome_weight, lever.supervision, p)
        z = normal_quantile(self.draw(Stream.REPORTED_RATE))
        self.reported_satisfaction = reported_rate(self.satisfied, self.gaming, z, p)

    def plan_events(self) -> None:
        """Call the community's meetings, festivals and online topics of this week."""
        p, lever = self.parameters, self.levers
        self.festival = self.draw(Stream.COMMUNITY_EVENT, 0) < lever.neighbour_festivals / WEEKS_A_YEAR
        self.meetings = scheduled(self.draw(Stream.COMMUNITY_EVENT, 1), lever.council_meetings / WEEKS_A_MONTH)
        topics = p.online_topics * min(1.0, lever.platform_modules / p.all_modules)
        self.online_topics = scheduled(self.draw(Stream.COMMUNITY_EVENT, 2), topics)

    def learn_from_others(self) -> None:
        """Update what is expected of the policy by the results of the communities that have it."""
        p = self.parameters
        if self.model.week % int(p.review_weeks) != 0:
            return
        spread, noise = p.belief_spread * p.belief_spread, p.evidence_spread * p.evidence_spread
        weight = posterior_weight(float(self.evidence_sites), noise, spread)
        gain = discounted(self.evidence, self.evidence_inflation, p.selection_discount)
        self.belief = posterior_mean(p.belief_prior, gain, weight)
        self.belief_variance = posterior_variance(spread, weight)

    def consider_policy(self) -> None:
        """Take up the plan's policy where the plan leaves it to the committee."""
        if self.in_place or self.offered == CLOSED:
            return
        mandated = 1.0 if self.offered == MANDATED else 0.0
        hazard = adoption_hazard(self.belief, self.neighbours_in_place, mandated, self.parameters)
        self.in_place = happens(self.draw(Stream.POLICY_ADOPTION), hazard)
