"""Ten-household units and their heads: load, burnout, skill, pay, exit, vacancy."""

from typing import Annotated, NamedTuple

from .columns import F32, I16, I32, NEVER, U8, U64, Column
from .view import AgentView

VACANT = -1


class Units(NamedTuple):
    """One row a unit: a run of consecutive households, and the head who links them (a resident's row, -1 if vacant)."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    household_start: Annotated[I32, Column("row", "first household", "design", 0)]
    household_stop: Annotated[I32, Column("row", "one past the last household", "design", 0)]
    resident_start: Annotated[I32, Column("row", "first resident", "design", 0)]
    resident_stop: Annotated[I32, Column("row", "one past the last resident", "design", 0)]
    organised: Annotated[U8, Column("flag", "the unit is in force: it may have a head and act", "T3.3", 0, 1)]
    # The head
    head: Annotated[I32, Column("row", "resident who is head; -1 vacant", "T3.3", VACANT, None, VACANT)]
    tenure: Annotated[I32, Column("week", "weeks in office", "T3.3", 0)]
    vacant: Annotated[I16, Column("week", "weeks without a head", "T3.3", 0)]
    skill: Annotated[F32, Column("share", "head's skill", "T3.3", 0, 1)]
    burnout: Annotated[F32, Column("share", "head's burnout", "T3.3", 0, 1)]
    frailty: Annotated[F32, Column("ratio", "head's lasting exit proneness, log-normal of median 1", "T3.3", 0)]
    capacity: Annotated[F32, Column("h/week", "hours the head can give", "T3.3", 0, 40)]
    load: Annotated[F32, Column("h/week", "hours asked of the head this week", "T3.3", 0)]
    overload: Annotated[F32, Column("ratio", "load / capacity - 1 where positive", "T3.3", 0)]
    recognition: Annotated[F32, Column("share", "recognition received", "T3.3", 0, 1)]
    pay: Annotated[F32, Column("CNY/month", "pay received in the last month", "T3.3", 0)]
    last_training: Annotated[I16, Column("week", "week of the last training", "T3.3", NEVER, None, NEVER)]
    trainings: Annotated[U8, Column("event", "trainings attended this week", "T3.3", 0)]
    exits: Annotated[U8, Column("flag", "the head left this week", "T3.3", 0, 1)]
    on_duty: Annotated[U8, Column("flag", "the head carried out the duties this week", "ten_household-107", 0, 1)]
    # What the unit does this week
    activities: Annotated[U8, Column("event", "unit activities held this week", "ten_household-113", 0)]
    online_activities: Annotated[U8, Column("event", "of these, organised online", "ten_household-126", 0)]
    activity_money: Annotated[F32, Column("share", "share of the promised activity money that came", "T4.3", 0, 1, 1)]
    deliberations: Annotated[U8, Column("event", "unit deliberations held this week", "ten_household-110", 0)]
    proposal: Annotated[U8, Column("matter", "matter put to the vote this week, see Matter; 0 none", "T1.1", 0, 3)]
    adopted: Annotated[U8, Column("flag", "the proposal was adopted", "T1.1", 0, 1)]
    issue_hours: Annotated[F32, Column("h/week", "ladder work of the head this week", "T3.3", 0)]
    ask_hours: Annotated[F32, Column("h/week", "hours the head spends on visiting and asking", "T1.3", 0)]
    small_tasks: Annotated[U8, Column("task", "small common tasks that came up", "T1.1", 0)]
    tasks_done: Annotated[U8, Column("task", "of these, done by a member", "T1.1", 0)]


class UnitHead(AgentView):
    """The head of a unit: a neighbour who informs, collects, mediates, and may burn out or leave."""

    table = Units
    place = "units"
