"""What owners are asked about a collective project: who shares the cost, who gains, how the answers add up.

Machinery of the process ``projects``; the households' own part is ``Household.answer_project``.
"""

from typing import Any

import numpy as np

from ..agents import Households, Residents, Units
from ..agents.consenting import (
    AGAINST,
    FOR,
    HEARING,
    LIFT,
    TALKS,
    carries_project,
    compensated,
    compensation_rate,
    cost_weight,
    from_reserve,
    owners_part,
    project_cost,
    worth_to,
)
from ..agents.giving import FEN
from ..agents.resident import ELDER_AGE
from ..agents.unit_head import head_works
from .compiled import kernel
from .draws import Stream, normal, uniform
from .funds import fen
from .projects import Ballots, Projects
from .structure import Communities

MOOD, ANSWER = int(Stream.PROJECT_MOOD), int(Stream.PROJECT_ANSWER)
LEANING_DRAW = 2  # draws 0 and 1 of an answer say whether the owner is reached, and pays
MANY = 255  # proposals that a column can count


# --- the site --------------------------------------------------------------------------------------------------------


@kernel
def work_of_heads(communities: Communities, units: Units, c: int, projects: Projects, j: int, hours: float) -> float:
    """Share ``hours`` of talks among the heads on duty at the site; returns the share of its units that have one."""
    first, last = projects.household_start[j], projects.household_stop[j]
    here = working = 0
    for u in range(communities.unit_start[c], communities.unit_stop[c]):
        if units.household_start[u] < last and units.household_stop[u] > first:
            here += 1
            working += head_works(units.organised[u], units.head[u], units.on_duty[u])
    if hours > 0.0 and working > 0:
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            if units.household_start[u] < last and units.household_stop[u] > first:
                at_work = head_works(units.organised[u], units.head[u], units.on_duty[u])
                units.project_hours[u] += hours / working if at_work else 0.0
    return working / max(here, 1)


@kernel
def site_facts(
    residents: Residents, households: Households, projects: Projects, j: int, quality: float
) -> tuple[float, float]:
    """Need for project ``j``, and mean efficacy of the first members of the households that live there.

    Lifts: share of these who are 60 or over; everything else: what property management lacks.
    """
    efficacy = 0.0
    elders = lived_in = 0
    for h in range(projects.household_start[j], projects.household_stop[j]):
        if households.size[h] > 0:
            i = households.resident_start[h]
            efficacy += np.float64(residents.efficacy[i])
            elders += residents.age[i] >= ELDER_AGE
            lived_in += 1
    need = elders / max(lived_in, 1) if projects.kind[j] == LIFT else 1.0 - quality
    return float(need), efficacy / max(lived_in, 1)


# --- asking ----------------------------------------------------------------------------------------------------------


@kernel
def forget(projects: Projects, ballots: Ballots, start: int, stop: int) -> None:
    """Take back what households were asked last week."""
    for j in range(start, stop):
        if projects.asked[j] > 0:
            projects.asked[j] = 0
            ballots.asked[projects.household_start[j] : projects.household_stop[j]] = 0


@kernel
def ask(
    week: int,
    seed: np.uint64,
    households: Households,
    projects: Projects,
    j: int,
    ballots: Ballots,
    stage: int,
    p: Any,
    lever: Any,
) -> int:
    """Put project ``j`` to its households this week, unless another one already is; returns the projects asked."""
    first, last = projects.household_start[j], projects.household_stop[j]
    for h in range(first, last):
        if ballots.asked[h] > 0:
            return 0
    if stage == HEARING:
        projects.state[j] = TALKS
        projects.proposed[j] = week
        projects.attempts[j] = min(MANY, int(projects.attempts[j]) + 1)
    projects.asked[j] = stage
    share_cost(households, projects, j, ballots, lever.project_subsidy, p)
    weigh_gains(projects, j, ballots, lever.project_deliberation, p)
    proposed = int(projects.proposed[j])
    mood = 0.0
    for h in range(first, last):
        if h == first or households.stairwell[h] != households.stairwell[h - 1]:
            mood = p.consent_shared * normal(uniform(seed, MOOD, proposed, households.id[h], 0))
        ballots.asked[h] = stage
        ballots.mood[h] = mood
        ballots.company[h] = 0.5 if stage == HEARING else projects.support[j]
        ballots.leaning[h] = uniform(seed, ANSWER, proposed, households.id[h], LEANING_DRAW)
    return 1


@kernel
def share_cost(households: Households, projects: Projects, j: int, ballots: Ballots, subsidy: float, p: Any) -> None:
    """Write what project ``j`` costs, and each dwelling's share of the owners' part."""
    first, last = projects.household_start[j], projects.household_stop[j]
    kind = int(projects.kind[j])
    cost = (last - first) * fen(project_cost(kind, p))
    part = owners_part(kind, subsidy, p) * cost
    pocket = part * (1.0 - from_reserve(kind, p))
    weights = 0.0
    for h in range(first, last):
        weights += cost_weight(kind, np.float64(ballots.floor[h]), np.float64(households.area[h]), p)
    owed = 0
    for h in range(first, last):
        weight = cost_weight(kind, np.float64(ballots.floor[h]), np.float64(households.area[h]), p)
        ballots.due[h] = int(pocket * weight / weights) if weights > 0.0 else 0
        owed += ballots.due[h]
    projects.cost[j] = cost
    projects.owed[j] = owed
    projects.reserve[j] = int(part - pocket)


@kernel
def weigh_gains(projects: Projects, j: int, ballots: Ballots, deliberation: float, p: Any) -> None:
    """Write what each owner gains net of the share, once those who gain have compensated those who lose."""
    first, last = projects.household_start[j], projects.household_stop[j]
    gains = losses = 0.0
    for h in range(first, last):
        gain = worth_to(int(projects.kind[j]), np.float64(ballots.floor[h]), p) - ballots.due[h] / FEN
        gains += max(gain, 0.0)
        losses += max(-gain, 0.0)
    rate = compensation_rate(deliberation, losses, gains, p)
    for h in range(first, last):
        gain = worth_to(int(projects.kind[j]), np.float64(ballots.floor[h]), p) - ballots.due[h] / FEN
        ballots.gain[h] = compensated(gain, rate, losses, gains)


@kernel
def tally(
    households: Households, projects: Projects, j: int, ballots: Ballots, rule: int, p: Any
) -> tuple[bool, int, int]:
    """Whether the answers carry project ``j`` by ``rule``; how many answered, and how many of these are for it."""
    first, last = projects.household_start[j], projects.household_stop[j]
    voting = yes = objections = 0
    area = area_voting = area_yes = 0.0
    for h in range(first, last):
        space = np.float64(households.area[h])
        area += space
        if ballots.answer[h] > 0:
            voting += 1
            area_voting += space
        if ballots.answer[h] == FOR:
            yes += 1
            area_yes += space
        objections += ballots.answer[h] == AGAINST and np.float64(ballots.floor[h]) < p.lift_break_even
    owners = float(last - first)
    carried = carries_project(rule, float(voting), float(yes), owners, area_voting, area_yes, area, objections, p)
    return carried, voting, yes
