"""Small tasks and votes of the unit: jobs that one neighbour can do for all, and proposals that owners carry or drop.

Runs inside the participation week, after residents have chosen their acts. Reads the tasks and proposals that
``UnitHead.plan_week`` found, and who went to vote; writes ``households.helped`` and ``ballot``, what units
settled, and flows.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents import Household, Households, Residents, Units
from ..agents.taking_part import VOTE, bits, carries, supports, volunteer_probability
from ..agents.unit_head import head_works
from .compiled import kernel
from .draws import Stream, uniform
from .flows import Flows
from .structure import Communities

if TYPE_CHECKING:
    from .community_model import CommunityModel

SMALL_TASK, BALLOT = int(Stream.SMALL_TASK), int(Stream.VOTE)


def settle(model: "CommunityModel") -> None:
    """Let households help and vote, and settle what came of it."""
    m, week = model, model.week
    m.decide(Household, "help_out", help_out, week, m.communities, m.households, m.units, m.parameters)
    m.decide(
        Household, "cast_ballot", cast_ballots, week, m.communities, m.households, m.residents, m.units, m.parameters
    )
    count_units(m.communities, m.households, m.units, m.parameters, m.flows)


@kernel
def help_out(week: int, communities: Communities, households: Households, units: Units, parameters: Any) -> None:
    """Households volunteer for tasks that nobody coordinates: kernel of ``Household.help_out``."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        seed = communities.seed[c]
        households.helped[communities.household_start[c] : communities.household_stop[c]] = 0
        for t in range(communities.unit_start[c], communities.unit_stop[c]):
            if units.small_tasks[t] == 0 or head_works(units.organised[t], units.head[t], units.on_duty[t]):
                continue
            first, stop = int(units.household_start[t]), int(units.household_stop[t])
            chance = volunteer_probability(p.task_cost_ratio, float(stop - first))
            for h in range(first, stop):
                if households.size[h] == 0:
                    continue
                for k in range(units.small_tasks[t]):
                    if uniform(seed, SMALL_TASK, week, households.id[h], 1 + k) < chance:
                        households.helped[h] += 1 << k


@kernel
def cast_ballots(
    week: int, communities: Communities, households: Households, residents: Residents, units: Units, parameters: Any
) -> None:
    """Households vote on the proposal of their unit: kernel of ``Household.cast_ballot``."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        seed = communities.seed[c]
        households.ballot[communities.household_start[c] : communities.household_stop[c]] = 0
        for t in range(communities.unit_start[c], communities.unit_stop[c]):
            if units.proposal[t] > 0:
                hold_ballot(week, seed, t, residents, households, units, p)


@kernel
def hold_ballot(
    week: int, seed: np.uint64, t: int, residents: Residents, households: Households, units: Units, p: Any
) -> None:
    """Let the owners of unit ``t`` vote if one of the household goes to vote."""
    for h in range(units.household_start[t], units.household_stop[t]):
        if households.owner[h] == 1:
            first = int(households.resident_start[h])
            votes = False
            for i in range(first, first + int(households.size[h]) + int(households.empty_places[h])):
                votes = votes or int(residents.acts[i]) & VOTE > 0
            if votes:
                chance = supports(
                    np.float64(residents.sense_of_community[first]), np.float64(residents.trust_committee[first]), p
                )
                households.ballot[h] = 2 if uniform(seed, BALLOT, week, households.id[h], 0) < chance else 1


# --- machinery: what came of it --------------------------------------------------------------------------------------


@kernel
def count_units(communities: Communities, households: Households, units: Units, parameters: Any, flows: Flows) -> None:
    """Settle small tasks and votes of every unit, and count events."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        for t in range(communities.unit_start[c], communities.unit_limit[c]):
            done = minutes = 0
            if units.small_tasks[t] > 0:
                done, minutes = finish_tasks(households, units, t, p)
            units.tasks_done[t] = done
            units.adopted[t] = units.proposal[t] > 0 and carries_vote(households, units, t, p)
            flows.small_tasks[c] += units.small_tasks[t]
            flows.tasks_done[c] += done
            flows.volunteer_minutes[c] += minutes
            flows.proposals[c] += units.proposal[t] > 0
            flows.proposals_adopted[c] += units.adopted[t]
            flows.activities_held[c] += units.activities[t]
            flows.activities_online[c] += units.online_activities[t]


@kernel
def finish_tasks(households: Households, units: Units, t: int, p: Any) -> tuple[int, int]:
    """Small tasks of unit ``t`` that got done, and minutes that its members gave to them.

    A working head makes the unit one team, which sends one member to each task; else each volunteer turns up, and a
    task without one stays undone [P6].
    """
    tasks = int(units.small_tasks[t])
    if head_works(units.organised[t], units.head[t], units.on_duty[t]):
        return tasks, int(tasks * p.task_minutes)
    any_bit = 0
    volunteers = 0
    for h in range(units.household_start[t], units.household_stop[t]):
        any_bit |= int(households.helped[h])
        volunteers += bits(int(households.helped[h]))
    return bits(any_bit), int(volunteers * p.task_minutes)


@kernel
def carries_vote(households: Households, units: Units, t: int, p: Any) -> bool:
    """Whether owners and their floor area both carry the proposal of unit ``t`` [Civil Code, art. 278]."""
    owners = voting = yes = 0.0
    area = area_voting = area_yes = 0.0
    for h in range(units.household_start[t], units.household_stop[t]):
        if households.owner[h] == 0 or households.size[h] == 0:
            continue
        space = np.float64(households.area[h])
        owners += 1.0
        area += space
        if households.ballot[h] > 0:
            voting += 1.0
            area_voting += space
        if households.ballot[h] == 2:
            yes += 1.0
            area_yes += space
    matter = int(units.proposal[t])
    return carries(matter, voting, yes, owners, p) and carries(matter, area_voting, area_yes, area, p)
