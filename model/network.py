"""Who could know whom: possible ties from address and likeness.

Ties are drawn community by community in one pass along the street. Each resident meets people who live *before* in the
street, and every draw is keyed by permanent ids, so that a household added at the end of a community changes no tie
among the others:

- kind 0, the household: everybody with everybody, strength 1;
- kind 1, near doors: pairs of one stairwell at most ``door_reach`` doors apart, each with chance ``meeting_share``
  of the archetype;
- kind 2, the building or courtyard: ``building_partners`` others of the building who are not near doors;
- kind 3, shared interests: ``interest_partners`` others of the community beyond the building, the more alike the
  likelier.

Partners of kinds 2 and 3 are sought at distances with density 1 / distance (Kleinberg 2000, "Navigation in a small
world"), which gives every place in the street about as many ties, near and far. Which possible ties become strong ones
is the matter of :mod:`shequ.model.processes.ties`.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..agents import Households, Residents
from ..agents.columns import held
from ..agents.opinions import stationary_strength, tie_affinity
from ..agents.rules import exp, log
from .compiled import kernel
from .district import Archetype
from .draws import Stream, uniforms
from .parameters import ParameterTable
from .structure import Communities, Ties

if TYPE_CHECKING:
    from .community_model import CommunityModel

HOUSEHOLD, DOOR, BUILDING, INTEREST = 0, 1, 2, 3
MOST_RESIDENTS = 65_535  # a resident's place in the community is a 16-bit number

NETWORK = int(Stream.NETWORK)
PAIR, SEEKER = 0, 1  # the draws of pairs and those of persons who seek partners stand in different weeks of the stream
BUILDING_BLOCK, INTEREST_BLOCK, RING_BLOCK = 0, 1000, 2000  # first blocks of draws of a person's searches
MIX_A = np.uint64(0xBF58476D1CE4E5B9)
MIX_B = np.uint64(0x94D049BB133111EB)

MEETING = "meeting_share"  # one value an archetype


class NetworkError(ValueError):
    """A network that cannot be built."""


class Street(NamedTuple):
    """Households in the order of the street: what decides who meets."""

    resident_start: Any
    size: Any
    empty_places: Any
    stairwell: Any
    building: Any


class People(NamedTuple):
    """Residents: what decides who meets and who likes whom."""

    id: Any
    age: Any
    education: Any
    migrant: Any
    sociability: Any


class Pairs(NamedTuple):
    """Possible ties of one community, each pair once: places of two residents in the community, kind, affinity."""

    one: Any
    two: Any
    kind: Any
    affinity: Any


# --- building ---------------------------------------------------------------------------------------------------------


def build(model: "CommunityModel") -> None:
    """Fill ``model.ties`` with the possible ties of every community, each at its resting strength."""
    model.ties = possible_ties(model.communities, model.households, model.residents, model.parameters)


def possible_ties(
    communities: Communities, households: Households, residents: Residents, parameters: ParameterTable
) -> Ties:
    """Possible ties of every community, in both directions, at their resting strength."""
    sizes = communities.resident_stop - communities.resident_start
    if sizes.max() > MOST_RESIDENTS:
        c = int(sizes.argmax())
        message = (
            f"community {communities.id[c]} has {sizes[c]} residents; ties can hold at most {MOST_RESIDENTS}. Split it."
        )
        raise NetworkError(message)
    street = Street(*(getattr(households, name) for name in Street._fields))
    people = People(*(getattr(residents, name) for name in People._fields))
    labels = [Archetype(int(kind)).label for kind in communities.archetype]
    meeting = [float(parameters[f"{MEETING}_{label}"][c]) for c, label in enumerate(labels)]
    everywhere: list[Pairs] = []
    start = np.zeros(len(residents.id) + 1, np.int64)
    for c in range(len(communities.id)):
        room = count_candidates(c, communities, street, parameters)
        pairs = Pairs(
            np.empty(room, np.uint16), np.empty(room, np.uint16), np.empty(room, np.uint8), np.empty(room, np.float32)
        )
        used = seek_pairs(c, communities, street, people, meeting[c], parameters, pairs)
        everywhere.append(Pairs(*(column[:used].copy() for column in pairs)))
        count_ends(communities.resident_start[c], everywhere[c], start)
    np.cumsum(start, out=start)
    size = int(start[-1])
    ties = Ties(
        start,
        np.empty(size, np.uint16),
        np.empty(size, np.uint8),
        np.empty(size, np.float32),
        np.empty(size, np.float32),
    )
    for c, pairs in enumerate(everywhere):
        lay_out(communities.resident_start[c], communities.resident_stop[c], pairs, parameters[c], ties)
    return held(ties)


@kernel
def count_candidates(c: int, communities: Communities, households: Street, parameters: Any) -> int:
    """Most pairs that :func:`seek_pairs` can find in community ``c``."""
    p = parameters[c]
    searches = int(np.ceil(p.building_partners)) + int(np.ceil(p.interest_partners))
    total = 0
    for h in range(communities.household_start[c], communities.household_stop[c]):
        size = int(households.size[h])
        places = size + int(households.empty_places[h])
        total += places * (places - 1) // 2 + size * searches
        for g in range(first_near(h, communities.household_start[c], households, p), h):
            total += size * int(households.size[g])
    return total


@kernel
def first_near(h: int, first: int, households: Street, p: Any) -> int:
    """First household in the street before ``h`` that counts as near doors: same stairwell, at most door_reach away."""
    g = h
    while g > first and h - g < p.door_reach and households.stairwell[g - 1] == households.stairwell[h]:
        g -= 1
    return g


@kernel
def seek_pairs(
    c: int,
    communities: Communities,
    households: Street,
    residents: People,
    meeting: float,
    parameters: Any,
    pairs: Pairs,
) -> int:
    """Find the possible ties of community ``c`` and return how many; each resident looks back along the street."""
    p = parameters[c]
    seed = communities.seed[c]
    origin = communities.resident_start[c]
    first = communities.household_start[c]
    building = first
    used = 0
    for h in range(first, communities.household_stop[c]):
        if households.building[h] != households.building[building]:
            building = h
        near = first_near(h, first, households, p)
        for i in range(households.resident_start[h], households.resident_start[h] + households.size[h]):
            for j in range(households.resident_start[h], i):
                used = add_pair(pairs, used, origin, i, j, HOUSEHOLD, 1.0)
            for g in range(near, h):
                for j in range(households.resident_start[g], households.resident_start[g] + households.size[g]):
                    if met(seed, residents.id[i], residents.id[j], meeting):
                        used = add_pair(pairs, used, origin, i, j, DOOR, affinity(residents, i, j, float(h - g), p))
            block = BUILDING_BLOCK, p.building_partners, 0.0, p.building_distance
            used = seek(seed, households, residents, i, building, near, BUILDING, block, pairs, used, origin, p)
            block = INTEREST_BLOCK, p.interest_partners, p.interest_homophily, p.interest_distance
            used = seek(seed, households, residents, i, first, building, INTEREST, block, pairs, used, origin, p)
        stop = households.resident_start[h] + households.size[h]
        for i in range(stop, stop + households.empty_places[h]):  # a child to come knows the household at first
            for j in range(households.resident_start[h], i):
                used = add_pair(pairs, used, origin, i, j, HOUSEHOLD, 1.0)
    return used


@kernel
def seek(
    seed: Any,
    households: Street,
    residents: People,
    i: int,
    low: int,
    high: int,
    kind: int,
    search: Any,
    pairs: Pairs,
    used: int,
    origin: int,
    p: Any,
) -> int:
    """Let resident ``i`` look for partners in the households ``low`` to ``high`` - 1, which lie before the own one.

    ``search``: first block of draws, number of searches (a fraction is a chance), homophily, distance in doors.
    """
    block, partners, homophily, distance = search
    begin = used
    if high <= low:
        return used
    span = log(float(high - low + 1))
    for k in range(int(np.ceil(partners))):
        u = uniforms(seed, NETWORK, SEEKER, residents.id[i], block + k)
        g = high - min(high - low, int(exp(u[0] * span)))
        j = households.resident_start[g] + int(u[1] * households.size[g])
        again = False
        for t in range(begin, used):
            again = again or int(pairs.two[t]) == j - origin
        if not again and u[2] < min(1.0, partners - k) * exp(-homophily * dissimilarity(residents, i, j, p)):
            used = add_pair(pairs, used, origin, i, j, kind, affinity(residents, i, j, distance, p))
    return used


@kernel
def add_pair(pairs: Any, used: int, origin: int, i: int, j: int, kind: int, strength: float) -> int:
    """Write one pair and return the new number of pairs."""
    pairs.one[used] = i - origin
    pairs.two[used] = j - origin
    pairs.kind[used] = kind
    pairs.affinity[used] = strength
    return used + 1


@kernel
def met(seed: Any, one: Any, two: Any, share: float) -> bool:
    """Whether two people ever meet: one draw a pair, whoever of the two is asked."""
    return uniforms(seed, NETWORK, PAIR, pair_key(one, two), 0)[0] < share


@kernel
def pair_key(one: Any, two: Any) -> Any:
    """Key of the draws of a pair of ids, the same whoever of the two is named first."""
    low, high = min(one, two), max(one, two)
    mixed = (low ^ (low >> np.uint64(30))) * MIX_A
    mixed = (mixed ^ (mixed >> np.uint64(27))) * MIX_B
    return mixed ^ (mixed >> np.uint64(31)) ^ high


@kernel
def dissimilarity(residents: People, i: int, j: int, p: Any) -> float:
    """How unlike two residents are, on [0, 1]: mean difference in age, education and registration."""
    years = min(1.0, abs(np.float64(residents.age[i]) - np.float64(residents.age[j])) / p.age_span)
    schooling = abs(np.float64(residents.education[i]) - np.float64(residents.education[j]))
    origin = abs(np.float64(residents.migrant[i]) - np.float64(residents.migrant[j]))
    return (years + schooling + origin) / 3.0


@kernel
def affinity(residents: People, i: int, j: int, distance: float, p: Any) -> float:
    """Affinity of two residents ``distance`` doors apart."""
    unlike = dissimilarity(residents, i, j, p)
    return tie_affinity(distance, unlike, np.float64(residents.sociability[i]), np.float64(residents.sociability[j]), p)


@kernel
def count_ends(origin: int, pairs: Pairs, start: Any) -> None:
    """Count each resident's pairs into ``start``, one place on, so that a running sum gives the first of each."""
    for t in range(len(pairs.one)):
        start[origin + pairs.one[t] + 1] += 1
        start[origin + pairs.two[t] + 1] += 1


@kernel
def lay_out(origin: int, stop: int, pairs: Pairs, p: Any, ties: Ties) -> None:
    """Write the pairs of one community into the rows of both residents, in the order of the street."""
    place = ties.start[origin : stop + 1].copy()
    for t in range(len(pairs.one)):
        kind = pairs.kind[t]
        like = np.float64(pairs.affinity[t])
        strength = 1.0 if kind == HOUSEHOLD else stationary_strength(like, p)
        for end in range(2):
            i = pairs.one[t] if end == 0 else pairs.two[t]
            row = place[i]
            place[i] += 1
            ties.other[row] = pairs.two[t] if end == 0 else pairs.one[t]
            ties.kind[row] = kind
            ties.affinity[row] = like
            ties.strength[row] = strength
