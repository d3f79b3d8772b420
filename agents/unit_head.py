"""Ten-household units and their heads: load, burnout, skill, pay, exit, vacancy."""

from typing import Annotated, Any, NamedTuple

from .columns import F32, I16, I32, NEVER, U8, U64, Column
from .rates import WEEKS_A_MONTH, arrivals, scheduled
from .rules import followed, probability, rule
from .serving import (
    burnout_after,
    candidate_hazard,
    duty_chance,
    exit_hazard,
    exit_reason,
    meeting_hours,
    overload_of,
    recognition_after,
    routine_hours,
    skill_after,
    spare_hours,
    starting_capacity,
    starting_frailty,
    starting_skill,
    trainings_due,
    waiting_time,
)
from .streams import Stream
from .taking_part import Matter
from .using_rooms import place_found
from .view import AgentView

VACANT = -1
MOST_TASKS = 8  # small tasks of a unit in a week; households note theirs in eight bits
ORDINARY, SPECIAL, UNANIMOUS = int(Matter.ORDINARY), int(Matter.SPECIAL), int(Matter.UNANIMOUS)
FRAILTY_DRAW, CAPACITY_DRAW = 1, 2  # further draws of a resident who takes office
ACTIVITY_DRAW, DELIBERATION_DRAW, PROPOSAL_DRAW, MATTER_DRAW, ONLINE_DRAW = 0, 1, 2, 3, 4  # draws of a unit's week


class Units(NamedTuple):
    """One row a unit: a run of consecutive households, and the head who links them (a resident's row, -1 if vacant)."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    household_start: Annotated[I32, Column("row", "first household", "design", 0)]
    household_stop: Annotated[I32, Column("row", "one past the last household", "design", 0)]
    resident_start: Annotated[I32, Column("row", "first resident", "design", 0)]
    resident_stop: Annotated[I32, Column("row", "one past the last resident", "design", 0)]
    empty_places: Annotated[I32, Column("person", "rows of residents in which nobody lives now", "T8.5", 0)]
    organised: Annotated[U8, Column("flag", "the unit is in force: it may have a head and act", "T3.3", 0, 1)]
    threshold: Annotated[F32, Column("share", "coverage from which on the unit is in force", "design", 0, 1)]
    phase: Annotated[F32, Column("share", "place of the unit's trainings within their cycle", "design", 0, 1)]
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
    month_activities: Annotated[U8, Column("event", "unit activities since the last payday", "ten_household-117", 0)]
    month_duties: Annotated[U8, Column("week", "weeks on duty since the last payday", "ten_household-117", 0)]
    last_training: Annotated[I16, Column("week", "week of the last training", "T3.3", NEVER, None, NEVER)]
    trainings: Annotated[U8, Column("event", "trainings attended this week", "T3.3", 0)]
    training_money: Annotated[F32, Column("share", "share of the promised training money that came", "T4.3", 0, 1, 1)]
    exits: Annotated[U8, Column("flag", "the head left this week", "T3.3", 0, 1)]
    exit_reason: Annotated[
        U8, Column("reason", "why: 1 workload, 2 pay, 3 skill, 4 other; 0 stays", "ten_household-067", 0, 4)
    ]
    on_duty: Annotated[
        U8, Column("flag", "the head carries out the duties, until the next decision", "ten_household-107", 0, 1)
    ]
    support: Annotated[F32, Column("share", "support from standing help and committee staff", "T3.1", 0, 1)]
    cover_hours: Annotated[F32, Column("h/week", "work taken over from units without head", "T3.3", 0)]
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
    project_hours: Annotated[F32, Column("h/week", "hours of the head in talks on collective projects", "T1.3", 0)]
    emergency_hours: Annotated[F32, Column("h/week", "hours of the head in an emergency of this week", "T9.3", 0)]
    help_hours: Annotated[F32, Column("h/week", "hours of the head at the platform for others this week", "T7.3", 0)]
    room_found: Annotated[
        F32, Column("share", "wishes of the unit for a room that were met last week", "T4.3", 0, 1, 1.0)
    ]


@rule
def head_works(organised: int, head: int, on_duty: int) -> bool:
    """Whether a unit is in force and its head does the duties."""
    return organised == 1 and head >= 0 and on_duty == 1


@rule
def planned_effort(burnout: float, overload: float, support: float, p: Any) -> float:
    """Share of what is asked for that the head gets organised [T1.3, T3.1].

    (1 - burnout_drag burnout (1 - support_relief support)) / (1 + overload_drag overload)
    """
    drag = p.burnout_drag * burnout * (1.0 - p.support_relief * support)
    return (1.0 - drag) / (1.0 + p.overload_drag * overload)


@rule
def activity_means(budget: float, arrived: float, p: Any) -> float:
    """Share of planned activities that can be held with the money that came: some need none [T4.3].

    free + (1 - free) min(1, budget arrived / activity_cost), budget in CNY an event, arrived as a share of it.
    """
    return p.free_activities + (1.0 - p.free_activities) * min(1.0, budget * arrived / p.activity_cost)


@rule
def matter_of(u: float, p: Any) -> int:
    """Kind of matter that a proposal is about, see Matter."""
    if u < p.unanimous_matter_share:
        return UNANIMOUS
    if u < p.unanimous_matter_share + p.special_matter_share:
        return SPECIAL
    return ORDINARY


class UnitHead(AgentView):
    """The head of a unit: a neighbour who informs, collects, mediates, and may burn out or leave."""

    table = Units
    place = "units"

    @property
    def works(self) -> bool:
        """Whether the unit is in force and its head does the duties."""
        return head_works(self.organised, self.head, self.on_duty)

    def live_week(self) -> None:
        """Bear this week's work: strain, training, thanks; then stay or leave."""
        self.exits = self.exit_reason = self.trainings = 0
        if self.head < 0:
            return
        p, lever = self.parameters, self.levers
        self.tenure += 1
        funded = followed(self.training_money, 1.0, p.training_needs_money)
        trained = trainings_due(float(self.model.week), self.phase, lever.head_trainings, funded)
        if trained > 0:
            self.trainings = trained
            self.last_training = self.model.week
        households = self.household_stop - self.household_start
        load = (
            routine_hours(lever.head_duties, households, lever.duplicate_forms, p)
            + meeting_hours(self.activities, self.deliberations, trained, p)
            + p.issue_work_borne * self.issue_hours
            + self.ask_hours
            + self.cover_hours
            + p.emergency_work_borne * self.emergency_hours
            + self.project_hours
            + self.help_hours
        )
        overload = overload_of(load, self.capacity)
        burnout = burnout_after(self.burnout, overload, self.support, self.recognition, self.skill, p)
        skill = skill_after(self.skill, trained, p)
        recognition = recognition_after(self.recognition, self.on_duty, lever.head_honour, lever.head_assessments, p)
        hazard = exit_hazard(self.frailty, burnout, overload, self.pay, recognition, skill, p) * lever.head_exits
        if self.draw(Stream.HEAD_EXIT) < probability(hazard):
            self.exits = 1
            self.exit_reason = exit_reason(self.draw(Stream.HEAD_EXIT, 1), burnout, overload, self.pay, skill, p)
            self.leave_office()
            return
        self.load, self.overload = load, overload
        self.burnout, self.skill, self.recognition = burnout, skill, recognition

    def leave_office(self) -> None:
        """Empty the office: every column about the head falls back."""
        self.head, self.last_training = VACANT, NEVER
        self.tenure = self.vacant = self.on_duty = self.month_activities = self.month_duties = 0
        self.skill = self.burnout = self.frailty = self.capacity = 0.0
        self.load = self.overload = self.recognition = self.pay = self.ask_hours = self.cover_hours = 0.0

    def recruit(self) -> None:
        """Look for a new head among the members; an office given up this week is first offered next week."""
        if self.organised == 0 or self.head >= 0 or self.exits == 1:
            return
        p, lever, residents = self.parameters, self.levers, self.model.residents
        soonest, chosen = 1.0, VACANT
        for i in range(self.resident_start, self.resident_stop):
            hazard = candidate_hazard(
                float(residents.age[i]),
                float(residents.sense_of_community[i]),
                float(residents.efficacy[i]),
                float(residents.available_hours[i]),
                float(residents.party_member[i] | residents.retired_cadre[i]),
                lever.head_subsidy,
                lever.head_selection,
                p,
            )
            if hazard > 0.0:
                weeks = waiting_time(self._draw_of(i, 0), hazard)
                if weeks < soonest:
                    soonest, chosen = weeks, i
        if chosen == VACANT:
            self.vacant += 1
        else:
            self._take_office(chosen)

    def _take_office(self, i: int) -> None:
        p, residents = self.parameters, self.model.residents
        self.head = i
        self.tenure = self.vacant = 0
        self.skill = starting_skill(float(residents.education[i]), float(residents.retired_cadre[i]), p)
        self.frailty = starting_frailty(self._draw_of(i, FRAILTY_DRAW), p)
        self.capacity = starting_capacity(self._draw_of(i, CAPACITY_DRAW), p)
        self.pay = self.levers.head_subsidy

    def _draw_of(self, resident: int, k: int) -> float:
        """Draw ``k`` of a resident as candidate, whatever unit asks."""
        return self.model.draw(self.community_row, Stream.HEAD_RECRUIT, int(self.model.residents.id[resident]), k)

    def serve(self) -> None:
        """Decide whether to carry out next week's duties, and how long to visit and ask."""
        if self.head < 0:
            return
        p, lever = self.parameters, self.levers
        chance = duty_chance(
            self.pay,
            self.burnout,
            self.recognition,
            self.frailty,
            lever.head_assessments,
            lever.unit_appraisal_weight,
            lever.supervision,
            p,
        )
        self.on_duty = int(self.draw(Stream.HEAD_DUTY) < chance)
        other_work = max(self.load - self.ask_hours, 0.0)
        self.ask_hours = self.on_duty * spare_hours(lever.home_visits, self.capacity, other_work)

    def plan_week(self) -> None:
        """Decide what the unit holds this week; small tasks come up by themselves."""
        p = self.parameters
        households = self.household_stop - self.household_start
        self.small_tasks = arrivals(self.draw(Stream.SMALL_TASK), p.task_rate * households, MOST_TASKS)
        self.activities = self.online_activities = self.deliberations = self.proposal = 0
        if self.works:
            effort = planned_effort(self.burnout, self.overload, self.levers.head_support, p)
            effort *= place_found(self.room_found, p)
            self._plan_activities(effort)
            self._plan_deliberations(effort)

    def _plan_activities(self, effort: float) -> None:
        p, lever = self.parameters, self.levers
        means = activity_means(lever.activity_budget, self.activity_money, p)
        mean = lever.unit_activities / WEEKS_A_MONTH * effort * means
        self.activities = scheduled(self.draw(Stream.UNIT_ACTIVITY, ACTIVITY_DRAW), mean)
        online = lever.activities_online * min(1.0, lever.platform_modules / p.online_module)
        for k in range(self.activities):
            self.online_activities += self.draw(Stream.UNIT_ACTIVITY, ONLINE_DRAW + k) < online

    def _plan_deliberations(self, effort: float) -> None:
        p = self.parameters
        mean = self.levers.unit_deliberations / WEEKS_A_MONTH * effort
        self.deliberations = scheduled(self.draw(Stream.UNIT_ACTIVITY, DELIBERATION_DRAW), mean)
        if self.deliberations > 0 and self.draw(Stream.UNIT_ACTIVITY, PROPOSAL_DRAW) < p.proposal_share:
            self.proposal = matter_of(self.draw(Stream.UNIT_ACTIVITY, MATTER_DRAW), p)
