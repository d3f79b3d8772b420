"""Synthetic districts: households along a street and their members, from archetypes and draws.

Every draw is keyed by the permanent id of the household or resident it describes, so that a household added at the end
of a community changes nobody else.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents import (
    Households,
    Residents,
    Units,
)
from ..agents.columns import NEVER, allocate
from ..agents.living import ELDER_AGE, hours_at_sixty, skill_at_sixty
from ..agents.rules import clip01, exp
from . import bodies, network
from .compiled import kernel
from .district import ADULT_AGE, CHILD_AGE, LARGEST_HOUSEHOLD, Archetype
from .draws import Stream, normal, uniforms
from .own_households import UNKNOWN, Known, known_people, move_in
from .passing import record_of
from .structure import Communities, Issues, ranges

if TYPE_CHECKING:
    from .community_model import CommunityModel

MEMBER_BITS = 4  # a resident's id is the household's, shifted, plus the member's place
HOUSEHOLD_BITS = 20  # a household's id is the community's, shifted, plus its place in the street
LARGEST_COMMUNITY = 20_000  # households; ties count neighbours in 16 bits

ELDER_SPAN = 30  # elders are 60 to 89, the younger the more
MOST_HOURS, MOST_SOCIABLE = 60.0, 20.0  # bounds of the columns

HOUSEHOLD = int(Stream.HOUSEHOLD)
POPULATION = int(Stream.POPULATION)
ATTITUDE = int(Stream.ATTITUDE)

PROFILE = (
    "household_size",
    "elder_household_share",
    "migrant_share",
    "owner_share",
    "college_share",
    "households_per_stairwell",
    "stairwells_per_building",
    "property_quality",
    "owners_committee_share",
)


class PopulationError(ValueError):
    """A district that cannot be built."""


def build(model: "CommunityModel", *, room_for_children: bool = False) -> None:
    """Fill every table of ``model`` from its district, parameters and seed.

    With ``room_for_children`` some dwellings have an empty place, for people to be born into.
    """
    profile = profiles(model)
    _communities(model)
    _households(model, profile, room_for_children)
    _residents(model, profile)
    bodies.build(model, profile)
    network.build(model)


def profiles(model: "CommunityModel") -> np.ndarray[Any, np.dtype[np.void]]:
    """One record a community: the archetype parameters that apply to it."""
    rows: list[tuple[float, ...]] = []
    for c, community in enumerate(model.district.communities):
        label = Archetype(community.archetype).label
        rows.append(tuple(float(model.parameters[f"{name}_{label}"][c]) for name in PROFILE))
    return np.array(rows, record_of(PROFILE))


def _communities(model: "CommunityModel") -> None:
    specs = model.district.communities
    for spec in specs:
        if not 1 <= spec.households <= LARGEST_COMMUNITY:
            message = f"community {spec.id} has {spec.households} households; 1 to {LARGEST_COMMUNITY} are possible"
            raise PopulationError(message)
        if spec.own and len(spec.own) != spec.households:
            message = f"community {spec.id} has {spec.households} households, but {len(spec.own)} are given"
            raise PopulationError(message)
    if len({spec.id for spec in specs}) != len(specs):
        message = "two communities of the district have the same id; ids must be unique"
        raise PopulationError(message)
    table = allocate(Communities, len(specs))
    households = np.array([spec.households for spec in specs])
    table.id[:] = [spec.id for spec in specs]
    table.seed[:] = [model.seed if spec.seed is None else spec.seed for spec in specs]
    table.archetype[:] = [spec.archetype for spec in specs]
    table.subdistrict[:] = [spec.subdistrict for spec in specs]
    ranges(table.household_start, table.household_stop, households)
    ranges(table.unit_start, table.unit_limit, households // 6 + 2)
    table.unit_stop[:] = table.unit_start
    ranges(table.issue_start, table.issue_stop, 64 + households // 4)
    model.communities = table
    model.units = allocate(Units, int(table.unit_limit[-1]))
    model.issues = allocate(Issues, int(table.issue_stop[-1]))
    for c in range(len(specs)):
        model.units.community[table.unit_start[c] : table.unit_limit[c]] = c


def _households(model: "CommunityModel", profile: Any, room_for_children: bool) -> None:
    model.households = allocate(Households, int(model.communities.household_stop[-1]))
    fill_households(model.communities, model.households, profile, room_for_children, model.parameters)
    move_in(model, profile)


def _residents(model: "CommunityModel", profile: Any) -> None:
    households, communities = model.households, model.communities
    sizes = households.size.astype(np.int64) + households.empty_places
    ends = np.cumsum(sizes)
    households.resident_start[:] = ends - sizes
    communities.resident_start[:] = households.resident_start[communities.household_start]
    communities.resident_stop[:] = ends[communities.household_stop - 1]
    communities.empty_places[:] = np.add.reduceat(households.empty_places.astype(np.int32), communities.household_start)
    model.residents = allocate(Residents, int(ends[-1]))
    fill_residents(communities, households, model.residents, known_people(model), profile, model.parameters)


@kernel
def fill_households(
    communities: Communities, households: Households, profile: Any, room_for_children: bool, parameters: Any
) -> None:
    """Draw each household's size, tenure, registration, address and room; needs follow with its members."""
    for c in range(len(communities.seed)):
        kind = profile[c]
        seed = communities.seed[c]
        for h in range(communities.household_start[c], communities.household_stop[c]):
            place = h - communities.household_start[c]
            key = (np.uint64(communities.id[c]) << np.uint64(HOUSEHOLD_BITS)) + np.uint64(place)
            u = uniforms(seed, HOUSEHOLD, 0, key, 0)
            households.id[h] = key
            households.community[h] = c
            households.size[h] = 1 + poisson_quantile(u[0], kind.household_size - 1.0, LARGEST_HOUSEHOLD - 1)
            households.migrant[h] = u[1] < kind.migrant_share
            households.owner[h] = u[2] < kind.owner_share and households.migrant[h] == 0
            parents = households.size[h] > 1  # who lives alone has no child [T8.5]
            households.empty_places[h] = room_for_children and parents and u[3] < parameters[c].spare_place_share
            stairwell = int(place / max(1.0, kind.households_per_stairwell))
            households.stairwell[h] = stairwell
            households.building[h] = int(stairwell / max(1.0, kind.stairwells_per_building))


@kernel
def poisson_quantile(u: float, mean: float, most: int) -> int:
    """Smallest n with P(Poisson(mean) <= n) >= u, at most ``most``."""
    term = exp(-mean)
    total = term
    n = 0
    while total < u and n < most:
        n += 1
        term = term * mean / n
        total += term
    return n


@kernel
def fill_residents(
    communities: Communities,
    households: Households,
    residents: Residents,
    known: Known,
    profile: Any,
    parameters: Any,
) -> None:
    """Draw each member's age, education, means, attitudes, but what is known; then what the household needs."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        kind = profile[c]
        seed = communities.seed[c]
        for h in range(communities.household_start[c], communities.household_stop[c]):
            key = households.id[h]
            v = uniforms(seed, HOUSEHOLD, 0, key, 1)
            elder_household = v[0] < kind.elder_household_share
            elders = 0
            for m in range(households.size[h]):
                i = households.resident_start[h] + m
                residents.id[i] = (key << np.uint64(MEMBER_BITS)) + np.uint64(m)
                residents.community[i] = c
                residents.household[i] = h
                residents.migrant[i] = households.migrant[h]
                age = int(known.age[i])
                if age == UNKNOWN:
                    place = min(m, 1) if known.party_member[i] == 1 else m  # Party members are grown up
                    age = draw_age(seed, np.uint64(residents.id[i]), place, elder_household, p)
                residents.age[i] = age
                elders += age >= ELDER_AGE
                fill_means(seed, residents, i, kind, p)
                if known.party_member[i] != UNKNOWN:
                    residents.party_member[i] = age >= ADULT_AGE and known.party_member[i] == 1
                fill_attitudes(seed, residents, i, p)
            fill_needs(seed, households, h, key, elders, p)
            first_empty = households.resident_start[h] + households.size[h]
            for i in range(first_empty, first_empty + households.empty_places[h]):
                residents.community[i] = c
                residents.household[i] = h
                residents.present[i] = 0


@kernel
def draw_age(seed: np.uint64, key: np.uint64, member: int, elder_household: bool, p: Any) -> int:
    """Age of a member by place in the household: a couple first, then children and grown-up kin."""
    u = uniforms(seed, POPULATION, 0, key, 0)
    elder = elder_household and (member == 0 or (member == 1 and u[0] < p.elder_couple_share))
    if elder:
        return ELDER_AGE + int(ELDER_SPAN * u[1] * u[1])
    if member >= 2 and u[0] < p.child_share:
        return int(CHILD_AGE * u[1])
    return ADULT_AGE + int((ELDER_AGE - ADULT_AGE) * u[1])


@kernel
def fill_means(seed: np.uint64, residents: Residents, i: int, kind: Any, p: Any) -> None:
    """Education, free time, skill, standing, inclination of one resident."""
    u = uniforms(seed, POPULATION, 0, residents.id[i], 1)
    w = uniforms(seed, POPULATION, 0, residents.id[i], 2)
    x = uniforms(seed, POPULATION, 0, residents.id[i], 3)
    age = int(residents.age[i])
    elder = age >= ELDER_AGE
    set_standing(u[0], u[3], residents, i, kind, p)
    hours = p.available_hours_elder if elder else p.available_hours_worker
    residents.available_hours[i] = min(MOST_HOURS, hours * exp(p.available_hours_spread * normal(u[1])))
    skill = p.elder_skill_mean if elder else p.adult_skill_mean
    residents.digital_skill[i] = clip01(skill + p.skill_spread * normal(u[2]))
    residents.retired_cadre[i] = elder and w[0] < p.retired_cadre_share
    residents.propensity[i] = p.propensity_spread * normal(w[1])
    residents.sociability[i] = min(MOST_SOCIABLE, exp(p.sociability_spread * normal(w[2])))
    residents.threshold[i] = min(2.0, max(-1.0, p.threshold_mean + p.threshold_spread * normal(w[3])))
    first = p.conditional_cooperator_share
    second = first + p.free_rider_share
    third = second + p.hump_share
    residents.contributor[i] = 0 if x[0] < first else (1 if x[0] < second else (2 if x[0] < third else 3))
    residents.aware[i] = age >= p.participation_age and x[1] < p.initial_awareness
    residents.adopted[i] = age >= p.participation_age and x[2] < p.initial_adoption * residents.digital_skill[i]
    residents.platform_interest[i] = x[3]


@kernel
def set_standing(u_school: float, u_party: float, residents: Residents, i: int, kind: Any, p: Any) -> None:
    """Education and Party membership of one resident, which children do not have yet."""
    age = int(residents.age[i])
    college = u_school < kind.college_share * (p.elder_college_ratio if age >= ELDER_AGE else 1.0)
    schooled = 0.5 if u_school < p.school_share else 0.0
    residents.education[i] = 0.0 if age < ADULT_AGE else (1.0 if college else schooled)
    residents.party_member[i] = age >= ADULT_AGE and u_party < p.party_share


@kernel
def come_of_age(seed: np.uint64, residents: Residents, i: int, kind: Any, p: Any) -> None:
    """Give a resident who turns 18 the education and standing of an adult, by the draws of :func:`fill_means`."""
    u = uniforms(seed, POPULATION, 0, residents.id[i], 1)
    set_standing(u[0], u[3], residents, i, kind, p)


@kernel
def join_the_elders(seed: np.uint64, residents: Residents, i: int, p: Any) -> None:
    """Give a resident who turns 60 the time, skill and standing of the retired; education stays."""
    residents.available_hours[i] = hours_at_sixty(np.float64(residents.available_hours[i]), MOST_HOURS, p)
    residents.digital_skill[i] = skill_at_sixty(np.float64(residents.digital_skill[i]), p)
    residents.digital_base[i] = skill_at_sixty(np.float64(residents.digital_base[i]), p)
    residents.retired_cadre[i] = uniforms(seed, POPULATION, 0, residents.id[i], 2)[0] < p.retired_cadre_share


@kernel
def fill_attitudes(seed: np.uint64, residents: Residents, i: int, p: Any) -> None:
    """Attitudes of one resident at the start of warm-up: normal about the means, bounded to [0, 1]."""
    u = uniforms(seed, ATTITUDE, 0, residents.id[i], 0)
    w = uniforms(seed, ATTITUDE, 0, residents.id[i], 1)
    sd = p.attitude_spread
    residents.trust_committee[i] = clip01(p.initial_trust + sd * normal(u[0]))
    residents.trust_subdistrict[i] = clip01(p.initial_trust + sd * normal(u[1]))
    residents.trust_property[i] = clip01(p.initial_trust + sd * normal(u[2]))
    residents.efficacy[i] = clip01(p.initial_efficacy + sd * normal(u[3]))
    residents.sense_of_community[i] = clip01(p.initial_community + sd * normal(w[0]))
    residents.satisfaction[i] = clip01(p.initial_satisfaction + sd * normal(w[1]))
    residents.expectation[i] = clip01(p.initial_satisfaction + sd * normal(w[2]))
    residents.belief[i] = clip01(w[3] * p.initial_community)
    residents.last_activity[i] = NEVER
    residents.last_council[i] = NEVER
    residents.last_volunteering[i] = NEVER
    residents.last_online[i] = NEVER


@kernel
def fill_needs(seed: np.uint64, households: Households, h: int, key: np.uint64, elders: int, p: Any) -> None:
    """Classes of service a household wants (bits in the order of ServiceClass), and whether it is a special case.

    ``key`` is the household's own: that of the dwelling, until somebody else moves in.
    """
    u = uniforms(seed, HOUSEHOLD, 0, key, 2)
    w = uniforms(seed, HOUSEHOLD, 0, key, 3)
    needs = 0
    needs |= 1 if u[0] < p.need_eldercare else 0
    needs |= 2 if u[1] < p.need_childcare else 0
    needs |= 4 if u[2] < p.need_mediation else 0
    needs |= 8 if u[3] < p.need_health else 0
    needs |= 16 if w[0] < p.need_culture else 0
    households.needs[h] = needs
    households.special[h] = households.size[h] == 1 and elders == 1 and w[1] < p.special_share
