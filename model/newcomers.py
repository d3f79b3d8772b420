"""Newcomers: how people and households that come, by moving in or by birth, are drawn, and whom they meet.

Used by :mod:`shequ.model.processes.mobility`. Everything is drawn by the rules of the start, from the newcomers' own
permanent numbers.
"""

from typing import Any

import numpy as np

from ..agents import Households, Residents
from ..agents.living import ELDER_AGE, years_left
from ..agents.moving import elders_among_newcomers, is_let, migrants_among_tenants
from ..agents.opinions import stationary_strength
from ..agents.rates import WEEKS_A_YEAR
from .compiled import kernel
from .draws import Stream, uniforms
from .homes import Dwellings, Lives, household_key, person_id, way_back
from .network import BUILDING, DOOR, affinity
from .network import HOUSEHOLD as SAME_HOUSEHOLD
from .population import HOUSEHOLD, draw_age, fill_attitudes, fill_means, fill_needs
from .processes.attitudes import settle_in
from .structure import Communities, Ties

LIFE = int(Stream.LIFE)


@kernel
def draw_life(week: int, seed: np.uint64, i: int, residents: Residents, lives: Lives, p: Any) -> None:
    """Draw the birthday and the end of the life of resident ``i``, who has just come or been born."""
    age = int(residents.age[i])
    u = uniforms(seed, LIFE, 0, residents.id[i], 0)
    past = age + (u[0] if age > 0 else 0.0)
    lives.born[i] = week - max(int(past * WEEKS_A_YEAR), int(np.ceil(age * WEEKS_A_YEAR)))
    lives.dies[i] = week + 1 + int(years_left(past, u[1], p) * WEEKS_A_YEAR)


@kernel
def begin(
    week: int,
    c: int,
    h: int,
    i: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    lives: Lives,
    kind: Any,
    p: Any,
) -> None:
    """Fill place ``i``, whose person has a number and an age, like those of the start."""
    seed = communities.seed[c]
    residents.present[i] = 1
    residents.migrant[i] = households.migrant[h]
    fill_means(seed, residents, i, kind, p)
    fill_attitudes(seed, residents, i, p)
    settle_in(residents, i, p)
    residents.digital_base[i] = residents.digital_skill[i]
    draw_life(max(week, 0), seed, i, residents, lives, p)


@kernel
def meet(i: int, first: int, residents: Residents, ties: Ties, p: Any) -> None:
    """Give the possible ties of a newcomer the affinity of the two people and the strength of a first meeting."""
    people: Any = residents
    for t in range(ties.start[i], ties.start[i + 1]):
        j = first + int(ties.other[t])
        if residents.present[j] == 0:
            continue
        like = strength = 1.0
        if ties.kind[t] != SAME_HOUSEHOLD:
            doors = float(abs(int(residents.household[i]) - int(residents.household[j])))
            if ties.kind[t] != DOOR:
                doors = p.building_distance if ties.kind[t] == BUILDING else p.interest_distance
            like = affinity(people, i, j, doors, p)
            strength = p.newcomer_ties * stationary_strength(like, p)
        s = way_back(i - first, j, ties)
        ties.affinity[t] = ties.affinity[s] = like
        ties.strength[t] = ties.strength[s] = strength


@kernel
def settle(
    week: int,
    c: int,
    h: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    dwellings: Dwellings,
    lives: Lives,
    kind: Any,
    influx: float,
    elder_influx: float,
    p: Any,
) -> None:
    """Draw the household that moves into dwelling ``h``: tenure as before or let, origin, members, needs."""
    seed, generation = communities.seed[c], int(dwellings.generation[h])
    key = dwellings.household[h] = household_key(households.id[h], generation)
    u, v = uniforms(seed, HOUSEHOLD, 0, key, 0), uniforms(seed, HOUSEHOLD, 0, key, 1)
    if is_let(u[0], influx):
        households.owner[h] = 0
    tenants = migrants_among_tenants(kind.migrant_share, kind.owner_share)
    households.migrant[h] = households.owner[h] == 0 and u[1] < tenants
    elder_household = v[0] < elders_among_newcomers(kind.elder_household_share, elder_influx, p)
    elders = 0
    for m in range(dwellings.usual_size[h]):
        i = int(households.resident_start[h]) + m
        residents.id[i] = person_id(households.id[h], generation, m)
        age = draw_age(seed, np.uint64(residents.id[i]), m, elder_household, p)
        residents.age[i] = age
        elders += age >= ELDER_AGE
        begin(week, c, h, i, communities, households, residents, lives, kind, p)
    fill_needs(seed, households, h, key, elders, p)


@kernel
def look_up(c: int, h: int, communities: Communities, households: Households, residents: Residents, p: Any) -> None:
    """Residents near the door of a new household feel less at home: S' = S (1 - arrival_loss) [T8.3]."""
    reach = int(p.door_reach)
    low, high = max(h - reach, communities.household_start[c]), min(h + reach + 1, communities.household_stop[c])
    for g in range(low, high):
        if g == h or households.stairwell[g] != households.stairwell[h]:
            continue
        start = int(households.resident_start[g])
        for i in range(start, start + int(households.size[g]) + int(households.empty_places[g])):
            kept = np.float64(residents.sense_of_community[i]) * (1.0 - p.arrival_loss)
            residents.sense_of_community[i] = kept
