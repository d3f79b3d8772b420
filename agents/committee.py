"""Residents' committees: staff, their hours and how these are split; what they think of a policy, and joining it."""

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
from .learning import happens
from .rates import MINUTES_AN_HOUR, WEEKS_A_MONTH, WEEKS_A_YEAR, arrivals, scheduled
from .rules import clip01, power, rule
from .streams import Stream
from .view import AgentView

TEN_THOUSAND, THOUSAND = 10_000.0, 1_000.0  # residents to which staff and reports are related
BATCH, MOST_IN_BATCH = 30.0, 300  # reports asked for are drawn in batches of at most this mean; none exceeds the bound


class Committees(NamedTuple):
    """One row a residents' committee; row c serves community c."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    staff: Annotated[F32, Column("person", "community workers", "T5.3", 0)]
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


@rule
def reports_asked(departments: float, overlap: float, items: float, sharing: float) -> float:
    """Return reports asked for in a week, of ``items`` facts of which each department wants the share ``overlap``.

    D f M where nothing is shared, the distinct M (1 - (1 - f)^D) where all is, linear in between [T5.3]
    """
    filled = departments * overlap * items
    distinct = items * (1.0 - power(1.0 - overlap, departments))
    return filled + sharing * (distinct - filled)


@rule
def channels(departments: float, sharing: float) -> float:
    """Channels to coordinate: each pair of departments, D (D - 1) / 2; with shared data those of one lead, D - 1."""
    pairs = departments * (departments - 1.0) / 2.0
    return pairs + sharing * (departments - 1.0 - pairs)


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


@rule
def split_week(
    staff: float,
    weekly_hours: float,
    departments: float,
    sharing: float,
    appraisal: float,
    supervision: float,
    queue: int,
    arrived: int,
    p: Any,
) -> tuple[int, int, int, int, int, int]:
    """Minutes of a week: all, coordination, reports, service to residents, support of units; and reports left over.

    Coordination comes first, reports next up to a ceiling; what is free goes to units and residents by the power rule,
    with weights w and 1 - w, w = rest + appraisal and supervision effects [T5.3]. The parts add up to the whole.
    """
    hours = int(staff * weekly_hours * MINUTES_AN_HOUR + 0.5)
    wanted = p.coordination_hours * channels(departments, sharing) * staff * MINUTES_AN_HOUR
    coordination = min(int(wanted + 0.5), hours)
    room = max(p.reporting_ceiling * hours - coordination, 0.0)
    left = bucket(queue, arrived, int(room / p.report_minutes))
    reporting = min(int((queue + arrived - left) * p.report_minutes + 0.5), hours - coordination)
    free = hours - coordination - reporting
    weight = clip01(p.unit_weight + p.unit_weight_appraisal * appraisal + p.unit_weight_supervision * supervision)
    support = int(free * effort_share(weight, 1.0 - weight, p.effort_returns) + 0.5)
    return hours, coordination, reporting, free - support, support, left


class ResidentsCommittee(AgentView):
    """A residents' committee: splits its hours between upward reports and the residents."""

    table = Committees
    place = "committees"

    def split_hours(self) -> None:
        """Answer the departments, then divide what time is left between residents and units."""
        p, lever, communities = self.parameters, self.levers, self.model.communities
        c = self.community_row
        residents = float(communities.resident_stop[c] - communities.resident_start[c])
        items = p.report_items * residents / THOUSAND
        asked = reports_asked(lever.reporting_departments, p.report_overlap, items, lever.data_sharing)
        batches = int(asked / BATCH) + 1
        arrived = 0
        for k in range(batches):
            arrived += arrivals(self.draw(Stream.REPORTING, k), asked / batches, MOST_IN_BATCH)
        staff = lever.staff_per_10000 * residents / TEN_THOUSAND
        self.staff = staff
        (
            self.hours_minutes,
            self.coordination_minutes,
            self.reporting_minutes,
            self.service_minutes,
            self.unit_support_minutes,
            self.backlog,
        ) = split_week(
            staff,
            lever.staff_weekly_hours,
            lever.reporting_departments,
            lever.data_sharing,
            lever.unit_appraisal_weight,
            lever.supervision,
            self.backlog,
            arrived,
            p,
        )

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
