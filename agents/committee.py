"""Residents' committees: staff, their hours, and how these are split."""

from typing import Annotated, NamedTuple

from .columns import F32, I32, U8, U64, Column
from .rates import WEEKS_A_MONTH, WEEKS_A_YEAR, scheduled
from .streams import Stream
from .view import AgentView


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


class ResidentsCommittee(AgentView):
    """A residents' committee: splits its hours between upward reports and the residents."""

    table = Committees
    place = "committees"

    def plan_events(self) -> None:
        """Call the community's meetings, festivals and online topics of this week."""
        p, lever = self.parameters, self.levers
        self.festival = self.draw(Stream.COMMUNITY_EVENT, 0) < lever.neighbour_festivals / WEEKS_A_YEAR
        self.meetings = scheduled(self.draw(Stream.COMMUNITY_EVENT, 1), lever.council_meetings / WEEKS_A_MONTH)
        topics = p.online_topics * min(1.0, lever.platform_modules / p.all_modules)
        self.online_topics = scheduled(self.draw(Stream.COMMUNITY_EVENT, 2), topics)
