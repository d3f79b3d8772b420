"""Heads of units: work, strain, leaving, finding a successor, training, duty.

Happens in this order: the work of units without head goes to neighbouring heads and to the committee, and committee
time to heads (machinery); each head bears the week and stays or leaves; units without head look for one; heads decide
about the duties and visits of the coming week; the community counts.

Reads: units (activities, deliberations, issue_hours, ask_hours, pay, training_money of this week), committees
(unit_support_minutes), residents (age, attitudes, free time, standing), levers of heads.
Writes: units (all columns of the head, support, cover_hours, ask_hours and on_duty for the coming week),
committees.cover_minutes, flows.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents import Committees, Residents, UnitHead, Units
from ...agents.columns import NEVER
from ...agents.rates import MINUTES_AN_HOUR
from ...agents.rules import followed, probability
from ...agents.serving import (
    LACK_OF_SKILL,
    NO_PAY,
    WORKLOAD,
    burnout_after,
    candidate_hazard,
    duty_chance,
    exit_hazard,
    exit_reason,
    head_backing,
    highest_candidate_hazard,
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
from ...agents.unit_head import CAPACITY_DRAW, FRAILTY_DRAW, VACANT
from ..compiled import kernel
from ..draws import Stream, draw_first, uniform
from ..flows import Flows
from ..levers import LeverTable
from ..parameters import ParameterTable
from ..structure import Communities

if TYPE_CHECKING:
    from ..community_model import CommunityModel

EXIT, RECRUIT, DUTY = int(Stream.HEAD_EXIT), int(Stream.HEAD_RECRUIT), int(Stream.HEAD_DUTY)


def step(model: "CommunityModel") -> None:
    """Run the week of the heads."""
    tables = (model.communities, model.units, model.parameters, model.levers)
    share_work(model.communities, model.units, model.committees, model.parameters, model.levers)
    model.decide(UnitHead, "live_week", live_all, model.week, *tables)
    model.decide(
        UnitHead,
        "recruit",
        recruit_all,
        model.week,
        model.communities,
        model.residents,
        model.units,
        model.parameters,
        model.levers,
    )
    model.decide(UnitHead, "serve", serve_all, model.week, *tables)
    count_heads(model.communities, model.units, model.flows)


@kernel
def share_work(
    communities: Communities, units: Units, committees: Committees, parameters: ParameterTable, levers: LeverTable
) -> None:
    """Hand the work of units without head to the heads nearby and to committee staff; hand staff time to heads.

    A vacant unit's routine work goes in part (``vacant_work_shared``) to the heads within ``vacant_work_reach`` units
    on either side, in equal parts; what is left is done by staff out of the time they have for units.
    """
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        first, stop = communities.unit_start[c], communities.unit_stop[c]
        n = stop - first
        reach = int(p.vacant_work_reach)
        heads = np.zeros(n + 1, np.int64)
        for k in range(n):
            heads[k + 1] = heads[k] + (units.head[first + k] >= 0)
        portions = np.zeros(n + 1)
        left = 0.0
        for k in range(n):
            u = first + k
            portion = 0.0
            if units.organised[u] == 1 and units.head[u] < 0:
                households = np.float64(units.household_stop[u] - units.household_start[u])
                work = routine_hours(lever.head_duties, households, lever.duplicate_forms, p)
                near = heads[min(n, k + reach + 1)] - heads[max(0, k - reach)]
                given = p.vacant_work_shared * work if near > 0 else 0.0
                portion = given / max(near, 1)
                left += work - given
            portions[k + 1] = portions[k] + portion
        now, rest = float(committees.unit_support_minutes[c]), float(committees.first_support_minutes[c])
        minutes = int(followed(now, rest, p.heads_follow_staff))
        cover = min(minutes, int(left * MINUTES_AN_HOUR + 0.5))
        committees.cover_minutes[c] = cover
        backing = head_backing(lever.head_support, (minutes - cover) / max(int(heads[n]), 1), p)
        for k in range(n):
            u = first + k
            is_head = units.head[u] >= 0
            taken = portions[min(n, k + reach + 1)] - portions[max(0, k - reach)]
            units.cover_hours[u] = max(taken, 0.0) if is_head else 0.0
            units.support[u] = backing if units.organised[u] == 1 else 0.0


@kernel
def live_all(week: int, communities: Communities, units: Units, parameters: ParameterTable, levers: LeverTable) -> None:
    """Twin of UnitHead.live_week."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        seed = communities.seed[c]
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            units.exits[u] = 0
            units.exit_reason[u] = 0
            units.trainings[u] = 0
            if units.head[u] < 0:
                continue
            units.tenure[u] += 1
            funded = followed(np.float64(units.training_money[u]), 1.0, p.training_needs_money)
            trained = trainings_due(float(week), np.float64(units.phase[u]), lever.head_trainings, funded)
            if trained > 0:
                units.trainings[u] = trained
                units.last_training[u] = week
            households = np.float64(units.household_stop[u] - units.household_start[u])
            load = (
                routine_hours(lever.head_duties, households, lever.duplicate_forms, p)
                + meeting_hours(np.float64(units.activities[u]), np.float64(units.deliberations[u]), float(trained), p)
                + p.issue_work_borne * np.float64(units.issue_hours[u])
                + np.float64(units.ask_hours[u])
                + np.float64(units.cover_hours[u])
                + p.emergency_work_borne * np.float64(units.emergency_hours[u])
                + np.float64(units.project_hours[u])
                + np.float64(units.help_hours[u])
            )
            old_recognition, old_skill = np.float64(units.recognition[u]), np.float64(units.skill[u])
            pay = np.float64(units.pay[u])
            overload = overload_of(load, np.float64(units.capacity[u]))
            burnout = burnout_after(
                np.float64(units.burnout[u]), overload, np.float64(units.support[u]), old_recognition, old_skill, p
            )
            skill = skill_after(old_skill, float(trained), p)
            recognition = recognition_after(
                old_recognition, np.float64(units.on_duty[u]), lever.head_honour, lever.head_assessments, p
            )
            hazard = exit_hazard(np.float64(units.frailty[u]), burnout, overload, pay, recognition, skill, p)
            hazard *= lever.head_exits
            if uniform(seed, EXIT, week, units.id[u], 0) < probability(hazard):
                units.exits[u] = 1
                units.exit_reason[u] = exit_reason(
                    uniform(seed, EXIT, week, units.id[u], 1), burnout, overload, pay, skill, p
                )
                leave_office(units, u)
                continue
            units.load[u] = load
            units.overload[u] = overload
            units.burnout[u] = burnout
            units.skill[u] = skill
            units.recognition[u] = recognition


@kernel
def leave_office(units: Units, u: int) -> None:
    """Twin of UnitHead.leave_office."""
    units.head[u] = VACANT
    units.last_training[u] = NEVER
    units.tenure[u] = 0
    units.vacant[u] = 0
    units.on_duty[u] = 0
    units.month_activities[u] = 0
    units.month_duties[u] = 0
    units.skill[u] = 0.0
    units.burnout[u] = 0.0
    units.frailty[u] = 0.0
    units.capacity[u] = 0.0
    units.load[u] = 0.0
    units.overload[u] = 0.0
    units.recognition[u] = 0.0
    units.pay[u] = 0.0
    units.ask_hours[u] = 0.0
    units.cover_hours[u] = 0.0


@kernel
def recruit_all(
    week: int,
    communities: Communities,
    residents: Residents,
    units: Units,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Twin of UnitHead.recruit; looks at those only whose draw lets the highest hazard come true this week."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        seed = communities.seed[c]
        too_late = 1.0 - highest_candidate_hazard(lever.head_subsidy, lever.head_selection, p)  # for 1 - u <= -ln u
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            if units.organised[u] == 0 or units.head[u] >= 0 or units.exits[u] == 1:
                continue
            soonest = 1.0
            chosen = VACANT
            first, stop = units.resident_start[u], units.resident_stop[u]
            luck: Any = np.empty(stop - first)
            draw_first(seed, RECRUIT, week, residents.id[first:stop], luck)
            for k in np.flatnonzero(luck > too_late):
                i = int(first + k)
                hazard = candidate_hazard(
                    np.float64(residents.age[i]),
                    np.float64(residents.sense_of_community[i]),
                    np.float64(residents.efficacy[i]),
                    np.float64(residents.available_hours[i]),
                    np.float64(residents.party_member[i] | residents.retired_cadre[i]),
                    lever.head_subsidy,
                    lever.head_selection,
                    p,
                )
                if hazard > 0.0:
                    weeks = waiting_time(luck[k], hazard)
                    if weeks < soonest:
                        soonest = weeks
                        chosen = i
            if chosen == VACANT:
                units.vacant[u] += 1
                continue
            key = residents.id[chosen]
            units.head[u] = chosen
            units.tenure[u] = 0
            units.vacant[u] = 0
            units.skill[u] = starting_skill(
                np.float64(residents.education[chosen]), np.float64(residents.retired_cadre[chosen]), p
            )
            units.frailty[u] = starting_frailty(uniform(seed, RECRUIT, week, key, FRAILTY_DRAW), p)
            units.capacity[u] = starting_capacity(uniform(seed, RECRUIT, week, key, CAPACITY_DRAW), p)
            units.pay[u] = lever.head_subsidy


@kernel
def serve_all(
    week: int, communities: Communities, units: Units, parameters: ParameterTable, levers: LeverTable
) -> None:
    """Twin of UnitHead.serve."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        seed = communities.seed[c]
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            if units.head[u] < 0:
                continue
            chance = duty_chance(
                np.float64(units.pay[u]),
                np.float64(units.burnout[u]),
                np.float64(units.recognition[u]),
                np.float64(units.frailty[u]),
                lever.head_assessments,
                lever.unit_appraisal_weight,
                lever.supervision,
                p,
            )
            on_duty = int(uniform(seed, DUTY, week, units.id[u], 0) < chance)
            units.on_duty[u] = on_duty
            other_work = max(np.float64(units.load[u]) - np.float64(units.ask_hours[u]), 0.0)
            units.ask_hours[u] = on_duty * spare_hours(lever.home_visits, np.float64(units.capacity[u]), other_work)


@kernel
def count_heads(communities: Communities, units: Units, flows: Flows) -> None:
    """Count exits, their reasons, new heads and trainings."""
    for c in range(len(communities.seed)):
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            flows.head_exits[c] += units.exits[u]
            flows.exits_workload[c] += units.exit_reason[u] == WORKLOAD
            flows.exits_pay[c] += units.exit_reason[u] == NO_PAY
            flows.exits_skill[c] += units.exit_reason[u] == LACK_OF_SKILL
            flows.head_recruits[c] += units.head[u] >= 0 and units.tenure[u] == 0
            flows.head_trainings[c] += units.trainings[u]
