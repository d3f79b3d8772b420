"""Dwellings and lives: who has lived where since when, and how ties follow people who come, go or change places.

A row of households is a dwelling: it never moves, and keeps its rows of residents. A row in which nobody lives has
``present`` 0, age 0, ties without strength or affinity, so that no decision and no count touches it. The
first row of a household that lives here is always an adult, who speaks for it.
"""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np

from ..agents import Households, Residents, Units
from ..agents.columns import I16, I64, NEVER, U8, U16, U64, Column
from ..agents.household import NOTHING
from ..agents.serving import OTHER
from ..agents.speaking_up import FACILITY
from ..agents.warning import NOT_HELPED
from .compiled import kernel
from .flows import Flows
from .population import MEMBER_BITS
from .processes.heads import leave_office
from .structure import COOLING, FREE, Communities, Issues, Ties

if TYPE_CHECKING:
    from .community_model import CommunityModel

GENERATION_BITS = 46  # a later household's key is the dwelling's plus its number, shifted
NOBODY = 65_535  # a place that no resident has: ties count at most 65,535 residents from 0


class Dwellings(NamedTuple):
    """One row a dwelling, beside the household that lives in it."""

    household: Annotated[U64, Column("id", "permanent number of the household that lives here; keys its draws", "T8.5")]
    usual_size: Annotated[U8, Column("person", "members of the households that it suits", "T8.5", 0, 12)]
    generation: Annotated[U16, Column("count", "households that moved in and children born there so far", "T8.5", 0)]
    since: Annotated[I16, Column("week", "when the present or last household moved in", "T8.5", NEVER, None, NEVER)]


class Lives(NamedTuple):
    """One row a place of a resident, beside the resident: when this life began and when it will end."""

    born: Annotated[I16, Column("week", "week of birth", "T8.5", NEVER, None, NEVER)]
    dies: Annotated[I16, Column("week", "week of death", "T8.5", NEVER, None, NEVER)]


@kernel
def household_key(dwelling: np.uint64, generation: int) -> np.uint64:
    """Key of the draws that make a household: the dwelling's own for the first, a new one for each that follows."""
    return dwelling + (np.uint64(generation) << np.uint64(GENERATION_BITS))


@kernel
def person_id(dwelling: np.uint64, generation: int, place: int) -> np.uint64:
    """Permanent number of a person: by dwelling, number of the arrival, place; never given twice."""
    return (household_key(dwelling, generation) << np.uint64(MEMBER_BITS)) + np.uint64(place)


@kernel
def count_in(persons: int, c: int, h: int, communities: Communities, households: Households, units: Units) -> None:
    """Count persons who come to live in household ``h``; a negative number leaves."""
    households.size[h] += persons
    households.empty_places[h] -= persons
    units.empty_places[households.unit[h]] -= persons
    communities.empty_places[c] -= persons


@kernel
def take_away(i: int, c: int, residents: Residents, units: Units, ties: Ties, first: int, flows: Flows) -> None:
    """Empty the place of a resident who dies or moves out; a head leaves office, for other reasons."""
    u = int(residents.unit[i])
    if units.head[u] == i:
        leave_office(units, u)
        units.exits[u] = 1
        units.exit_reason[u] = OTHER
        flows.head_exits[c] += 1
    residents.present[i] = 0
    residents.age[i] = 0
    residents.acts[i] = residents.acts_last[i] = residents.asked[i] = 0
    residents.adopted[i] = residents.aware[i] = 0
    residents.contribution[i] = 0.0
    residents.gift[i] = 0
    residents.head_tie[i] = 0.0
    residents.contacts[i] = 0.0
    for t in range(ties.start[i], ties.start[i + 1]):
        s = way_back(i - first, first + int(ties.other[t]), ties)
        ties.strength[t] = ties.strength[s] = 0.0
        ties.affinity[t] = ties.affinity[s] = 0.0


@kernel
def bury(
    dead: I64,
    communities: Communities,
    households: Households,
    residents: Residents,
    units: Units,
    ties: Ties,
    flows: Flows,
) -> None:
    """Take away those who died."""
    for i in dead:
        c, h = int(residents.community[i]), int(residents.household[i])
        take_away(i, c, residents, units, ties, communities.resident_start[c], flows)
        count_in(-1, c, h, communities, households, units)
        flows.deaths[c] += 1
        if households.size[h] == 0:
            clear_home(households, h)


@kernel
def leave(
    communities: Communities,
    households: Households,
    residents: Residents,
    units: Units,
    ties: Ties,
    issues: Issues,
    flows: Flows,
) -> None:
    """Let households go that decided to."""
    for c in range(len(communities.seed)):
        gone = 0
        start, stop = communities.household_start[c], communities.household_stop[c]
        for h in np.flatnonzero(households.moves[start:stop]) + start:
            if households.size[h] == 0:  # the last member died in the week of the move
                households.moves[h] = 0
                continue
            gone += 1
            flows.persons_left[c] += households.size[h]
            first = int(households.resident_start[h])
            for i in range(first, first + int(households.size[h]) + int(households.empty_places[h])):
                if residents.present[i] == 1:
                    take_away(i, c, residents, units, ties, communities.resident_start[c], flows)
            persons: Any = np.int64(households.size[h])
            count_in(-persons, c, h, communities, households, units)
            clear_home(households, h)
        flows.households_left[c] += gone
        if gone > 0:
            withdraw(c, communities, households, issues, flows)


@kernel
def clear_home(households: Households, h: int) -> None:
    """Leave nothing in a dwelling: no needs, no requests, no grudges."""
    households.needs[h] = households.special[h] = 0
    households.grievance[h], households.channel[h], households.severity[h] = NOTHING, 0, 0.0
    households.latent[h] = households.fairness[h] = 0.0
    households.outcome[h] = households.outcome_level[h] = 0
    households.ballot[h] = households.helped[h] = 0
    households.request[h], households.waiting[h], households.served[h] = NOTHING, 0, 0
    households.emergency[h], households.help_hours[h] = 0, NOT_HELPED


@kernel
def withdraw(c: int, communities: Communities, households: Households, issues: Issues, flows: Flows) -> None:
    """Withdraw the claims of households that left; a building's broken facility stays the matter of the others."""
    for i in range(communities.issue_start[c], communities.issue_stop[c]):
        if issues.state[i] == FREE or issues.type[i] == FACILITY or households.moves[issues.household[i]] == 0:
            continue
        flows.withdrawn[c] += issues.state[i] != COOLING
        issues.state[i] = FREE


@kernel
def way_back(place: int, j: int, ties: Ties) -> int:
    """Row of the tie from resident ``j`` back to the resident at ``place`` of the community."""
    t = ties.start[j]
    while int(ties.other[t]) != place:
        t += 1
    return t


@kernel
def eldest(h: int, adult_age: int, households: Households, residents: Residents) -> int:
    """Row of the eldest adult who lives in household ``h``; -1 if there is none."""
    found, age = -1, adult_age - 1
    start = int(households.resident_start[h])
    for i in range(start, start + int(households.size[h]) + int(households.empty_places[h])):
        if residents.present[i] == 1 and residents.age[i] > age:
            found, age = i, int(residents.age[i])
    return found


def change_places(model: "CommunityModel", one: int, two: int) -> None:
    """Let two places of one household (``one`` before ``two``) change their persons, with their lives and ties."""
    for table in (model.residents, model.lives):
        for column in table:
            column[one], column[two] = column[two], column[one]
    unit = model.residents.unit[one]
    if model.units.head[unit] in {one, two}:
        model.units.head[unit] = one + two - model.units.head[unit]
    rewire(one, two, int(model.communities.resident_start[model.residents.community[one]]), model.ties)


@kernel
def rewire(one: int, two: int, first: int, ties: Ties) -> None:
    """Exchange the ties of the rows ``one`` and ``two``, also as the others see them."""
    begin, end = ties.start[one], ties.start[two + 1]
    mine = ties.other[begin : ties.start[one + 1]].copy()
    yours = ties.other[ties.start[two] : end].copy()
    rename(mine, one - first, NOBODY, first, ties)
    rename(yours, two - first, one - first, first, ties)
    rename(mine, NOBODY, two - first, first, ties)
    shift = len(yours) - len(mine)
    order = np.empty(end - begin, np.int64)
    n = 0
    for row in range(one, two + 1):
        source = two if row == one else (one if row == two else row)
        for t in range(ties.start[source], ties.start[source + 1]):
            order[n] = t
            n += 1
    ties.other[begin:end] = ties.other[order]
    ties.kind[begin:end] = ties.kind[order]
    ties.affinity[begin:end] = ties.affinity[order]
    ties.strength[begin:end] = ties.strength[order]
    for row in range(one + 1, two + 1):
        ties.start[row] += shift


@kernel
def rename(others: Any, old: int, new: int, first: int, ties: Ties) -> None:
    """Let the residents at the places ``others`` know the one at place ``old`` as ``new``."""
    for k in range(len(others)):
        ties.other[way_back(old, first + int(others[k]), ties)] = new
