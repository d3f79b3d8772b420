"""Mobility: households move out and in; residents age, are born and die.

Every week each household stays or leaves the district (T8.5). Its members go, their ties end, its open claims are
withdrawn, a head among them leaves office. The dwelling stands empty for a while; then a new household of the size
that it suits moves in, drawn like those of the start, and near neighbours lose a little of their sense of community.
From the first week of the plan residents age, die and have children. During warm-up only moves happen: the population
is that of the start of the plan, and would otherwise be two years older by then.

Reads: households (tenure, unit), residents (age, satisfaction), units (head), levers ``influx`` and ``elder_influx``.
Writes: households.moves; all columns of households and residents who come or go; dwellings; lives; strength and
affinity of their ties; issues of those who left; heads who left; counts of empty places; flows.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents import Household, Households, Residents, Units
from ...agents.columns import I64, allocate
from ...agents.living import ELDER_AGE, birth_hazard, is_fertile
from ...agents.moving import highest_move_hazard, move_hazard, strength_after_stay
from ...agents.rates import WEEKS_A_YEAR
from ...agents.rules import happens
from ..compiled import kernel
from ..draws import Stream, draw_first, draw_four, exponential, uniform
from ..flows import Flows
from ..homes import Dwellings, Lives, bury, change_places, count_in, eldest, leave, person_id
from ..levers import LeverTable
from ..network import HOUSEHOLD as SAME_HOUSEHOLD
from ..newcomers import begin, draw_life, look_up, meet, settle
from ..parameters import ParameterTable
from ..population import ADULT_AGE, come_of_age, fill_needs, join_the_elders, profiles
from ..structure import Communities, Ties

if TYPE_CHECKING:
    from ..community_model import CommunityModel

MOVING, STAY = int(Stream.MOVING), int(Stream.STAY)
ARRIVES, BEARS = 1, 2  # draws of a dwelling's week; number 0 says whether its household leaves
BORN_EVERY = 4  # weeks; births are rare enough to be looked for every fourth week
LONGEST_STAY = 5000  # weeks; older ties are at rest
OLDEST = 110  # years; bound of the column


def prepare(model: "CommunityModel") -> None:
    """Draw how long each household has lived where it does, and so its ties; and how long each resident will live."""
    m = model
    m.dwellings, m.lives = allocate(Dwellings, len(m.households.id)), allocate(Lives, len(m.residents.id))
    m.dwellings.usual_size[:], m.dwellings.household[:] = m.households.size, m.households.id
    m.profile = profiles(m)
    if "mobility" not in m.off:
        draw_stays(m.week + 1, m.communities, m.households, m.residents, m.dwellings, m.parameters)
        knit(m.week + 1, m.communities, m.residents, m.dwellings, m.ties, m.parameters)
        draw_lives(m.communities, m.residents, m.lives, m.parameters)


def step(model: "CommunityModel") -> None:
    """Let people age, die and be born; let households move out and in."""
    m, week = model, model.week
    m.decide(
        Household,
        "decide_moving",
        decide_moving,
        week,
        m.communities,
        m.households,
        m.residents,
        m.units,
        m.parameters,
        m.levers,
    )
    if week >= 0:
        dead = grow_older(week, m.communities, m.households, m.residents, m.dwellings, m.lives, m.profile, m.parameters)
        if len(dead) > 0:
            bury(dead, m.communities, m.households, m.residents, m.units, m.ties, m.flows)
            _follow_the_dead(m, dead)
    if week >= 0 and week % BORN_EVERY == 0:
        bear(
            week,
            m.communities,
            m.households,
            m.residents,
            m.units,
            m.dwellings,
            m.lives,
            m.ties,
            m.flows,
            m.profile,
            m.parameters,
        )
    if m.households.moves.any():
        leave(m.communities, m.households, m.residents, m.units, m.ties, m.issues, m.flows)
    arrive(
        week,
        m.communities,
        m.households,
        m.residents,
        m.units,
        m.dwellings,
        m.lives,
        m.ties,
        m.flows,
        m.profile,
        m.parameters,
        m.levers,
    )


def _follow_the_dead(model: "CommunityModel", dead: I64) -> None:
    """Let the eldest adult speak for a household whose first member died; without an adult the others move to kin."""
    homes, residents = model.households, model.residents
    for h in sorted(set(residents.household[dead].tolist())):
        first = int(homes.resident_start[h])
        if homes.size[h] == 0:
            continue
        if residents.present[first] == 0:
            heir = eldest(h, ADULT_AGE, homes, residents)
            if heir < 0:
                homes.moves[h] = 1
                continue
            change_places(model, first, heir)
        renew_needs(h, model.communities, homes, residents, model.dwellings, model.parameters)


# --- the start --------------------------------------------------------------------------------------------------------


@kernel
def draw_stays(
    week: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    dwellings: Dwellings,
    parameters: ParameterTable,
) -> None:
    """Draw when each household moved in: exponential at its own rate of moving, as in a district at rest."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        for h in range(communities.household_start[c], communities.household_stop[c]):
            elder = bool(residents.age[households.resident_start[h]] >= ELDER_AGE)
            hazard = move_hazard(int(households.owner[h]), elder, False, p.initial_satisfaction, 1.0, p)
            past = exponential(uniform(communities.seed[c], STAY, 0, households.id[h], 0))
            long = past >= LONGEST_STAY * hazard
            dwellings.since[h] = week - (LONGEST_STAY if long else int(past / hazard))


@kernel
def knit(
    week: int,
    communities: Communities,
    residents: Residents,
    dwellings: Dwellings,
    ties: Ties,
    parameters: ParameterTable,
) -> None:
    """Give every tie the strength that the common time of its two residents has made; none to places of nobody."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        first = communities.resident_start[c]
        for i in range(first, communities.resident_stop[c]):
            since = int(dwellings.since[residents.household[i]])
            for t in range(ties.start[i], ties.start[i + 1]):
                j = first + int(ties.other[t])
                if residents.present[i] == 0 or residents.present[j] == 0:
                    ties.affinity[t] = ties.strength[t] = 0.0
                elif ties.kind[t] != SAME_HOUSEHOLD:
                    together = week - max(since, int(dwellings.since[residents.household[j]]))
                    ties.strength[t] = strength_after_stay(np.float64(ties.affinity[t]), float(together), p)


@kernel
def draw_lives(communities: Communities, residents: Residents, lives: Lives, parameters: ParameterTable) -> None:
    """Draw birthdays and lifetimes of all who live here."""
    for c in range(len(communities.seed)):
        for i in range(communities.resident_start[c], communities.resident_stop[c]):
            if residents.present[i] == 1:
                draw_life(0, communities.seed[c], i, residents, lives, parameters[c])


# --- decisions --------------------------------------------------------------------------------------------------------


@kernel
def decide_moving(
    week: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    units: Units,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Twin of Household.decide_moving; looks at those only whose draw is below the highest hazard."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        influx = levers[c].influx
        begin, stop = communities.household_start[c], communities.household_stop[c]
        u: Any = np.empty(stop - begin)
        draw_first(communities.seed[c], MOVING, week, households.id[begin:stop], u)
        households.moves[begin:stop] = 0
        for h in np.flatnonzero(u < highest_move_hazard(influx, p)) + begin:
            if households.size[h] == 0:
                continue
            first, head = households.resident_start[h], int(units.head[households.unit[h]])
            elder = bool(residents.age[first] >= ELDER_AGE)
            heads = bool(head >= 0 and residents.household[head] == h)
            satisfaction = np.float64(residents.satisfaction[first])
            hazard = move_hazard(int(households.owner[h]), elder, heads, satisfaction, influx, p)
            households.moves[h] = happens(u[h - begin], hazard)


# --- lives ------------------------------------------------------------------------------------------------------------


@kernel
def grow_older(
    week: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    dwellings: Dwellings,
    lives: Lives,
    profile: Any,
    parameters: ParameterTable,
) -> I64:
    """Let those whose birthday falls into this week be a year older; returns the rows of those who die."""
    dead, dying = np.empty(len(residents.id), np.int64), 0
    for c in range(len(communities.seed)):
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        present, ages = residents.present[first:stop], residents.age[first:stop]
        born, dies = lives.born[first:stop], lives.dies[first:stop]
        due = np.empty(stop - first, np.bool_)
        for k in range(len(due)):
            older = week - int(born[k]) >= (int(ages[k]) + 1) * WEEKS_A_YEAR
            due[k] = (present[k] != 0) & (older | (dies[k] <= week))
        for i in np.flatnonzero(due) + first:
            if lives.dies[i] <= week:
                dead[dying] = i
                dying += 1
            if week - int(lives.born[i]) >= (int(residents.age[i]) + 1) * WEEKS_A_YEAR:
                age = min(int(residents.age[i]) + 1, OLDEST)
                residents.age[i] = age
                if age == ADULT_AGE:
                    come_of_age(communities.seed[c], residents, i, profile[c], parameters[c])
                elif age == ELDER_AGE:
                    join_the_elders(communities.seed[c], residents, i, parameters[c])
                    renew_needs(int(residents.household[i]), communities, households, residents, dwellings, parameters)
    return dead[:dying].copy()


@kernel
def renew_needs(
    h: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    dwellings: Dwellings,
    parameters: ParameterTable,
) -> None:
    """See anew whether a household is an elder alone in need, by the draws of :func:`fill_needs`."""
    c = int(households.community[h])
    elders = 0
    start = int(households.resident_start[h])
    for i in range(start, start + int(households.size[h]) + int(households.empty_places[h])):
        elders += residents.age[i] >= ELDER_AGE
    fill_needs(communities.seed[c], households, h, dwellings.household[h], elders, parameters[c])


@kernel
def bear(
    week: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    units: Units,
    dwellings: Dwellings,
    lives: Lives,
    ties: Ties,
    flows: Flows,
    profile: Any,
    parameters: ParameterTable,
) -> None:
    """Let children of the past BORN_EVERY weeks be born to households with room."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        seed = communities.seed[c]
        hazard = birth_hazard(p) * BORN_EVERY
        start, stop = communities.household_start[c], communities.household_stop[c]
        u: Any = np.empty((4, stop - start))
        draw_four(seed, MOVING, week, households.id[start:stop], u)
        for k in np.flatnonzero(u[BEARS] < hazard):
            h = int(start + k)
            if households.empty_places[h] == 0 or households.size[h] < 2 or households.moves[h] == 1:
                continue
            if happens(u[BEARS, k], hazard):
                first = int(households.resident_start[h])
                if is_fertile(float(residents.age[first]), p) or is_fertile(float(residents.age[first + 1]), p):
                    i = first
                    while residents.present[i] == 1:
                        i += 1
                    dwellings.generation[h] += 1
                    residents.id[i] = person_id(households.id[h], dwellings.generation[h], i - first)
                    residents.age[i] = 0
                    begin(week, c, h, i, communities, households, residents, lives, profile[c], p)
                    count_in(1, c, h, communities, households, units)
                    meet(i, communities.resident_start[c], residents, ties, p)
                    flows.births[c] += 1


# --- moves ------------------------------------------------------------------------------------------------------------


@kernel
def arrive(
    week: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    units: Units,
    dwellings: Dwellings,
    lives: Lives,
    ties: Ties,
    flows: Flows,
    profile: Any,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Let new households move into dwellings that stand empty."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        hazard = 1.0 / p.vacancy_weeks
        start, stop = communities.household_start[c], communities.household_stop[c]
        for h in np.flatnonzero(households.size[start:stop] == 0) + start:
            key: Any = households.id[h]
            if not happens(uniform(communities.seed[c], MOVING, week, key, ARRIVES), hazard):
                continue
            dwellings.generation[h] += 1
            dwellings.since[h] = week
            settle(
                week,
                c,
                h,
                communities,
                households,
                residents,
                dwellings,
                lives,
                profile[c],
                lever.influx,
                lever.elder_influx,
                p,
            )
            persons: Any = np.int64(dwellings.usual_size[h])
            count_in(persons, c, h, communities, households, units)
            start = int(households.resident_start[h])
            for i in range(start, start + int(households.size[h])):
                meet(i, communities.resident_start[c], residents, ties, p)
            look_up(c, h, communities, households, residents, p)
            flows.households_arrived[c] += 1
            flows.persons_arrived[c] += households.size[h]
