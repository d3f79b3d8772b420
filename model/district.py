"""What a model is built from: the communities of a district, as a scenario or a user describes them."""

from dataclasses import dataclass
from enum import IntEnum

from ..agents.warning import EmergencyKind

CHILD_AGE, ADULT_AGE = 15, 18  # definitions of the field: child under 15, adult from 18
LARGEST_HOUSEHOLD = 12


class Archetype(IntEnum):
    """Kinds of community."""

    NEW_ESTATE = 0
    OLD_NEIGHBOURHOOD = 1
    URBAN_VILLAGE = 2
    MIXED = 3
    MIGRANT = 4
    AGEING = 5
    VILLAGE_TO_CITY = 6
    RURAL = 7

    @property
    def label(self) -> str:
        """Name as scenario files write it."""
        return self.name.lower()


@dataclass(frozen=True)
class OwnHousehold:
    """A household that a user brings, at its place in the street. What is None is drawn as the archetype says.

    ``ages`` are those that are known, the eldest first; ages of other members are drawn. ``building`` and ``stairwell``
    tell apart neighbours in the street and are numbered anew; ``area`` is in square metres.
    """

    size: int
    ages: tuple[int, ...] = ()
    party_members: int | None = None
    building: str | None = None
    stairwell: str | None = None
    owner: bool | None = None
    migrant: bool | None = None
    area: float | None = None


@dataclass(frozen=True)
class CommunitySpec:
    """One community: its permanent id, archetype, number of households and subdistrict (row).

    ``seed`` replaces the run's seed for this community: that is how a batch of runs is one bigger district.
    ``own`` holds a user's households, in the order of the street; empty: all are drawn.
    """

    id: int
    archetype: Archetype
    households: int
    subdistrict: int = 0
    seed: int | None = None
    own: tuple[OwnHousehold, ...] = ()


@dataclass(frozen=True)
class DistrictSpec:
    """A district: its communities, in order of subdistrict."""

    communities: tuple[CommunitySpec, ...]

    @property
    def subdistricts(self) -> int:
        """Number of subdistricts."""
        return 1 + max(community.subdistrict for community in self.communities)

    @property
    def archetypes(self) -> frozenset[Archetype]:
        """Archetypes that the district has."""
        return frozenset(Archetype(community.archetype) for community in self.communities)


@dataclass(frozen=True)
class Offer:
    """Weeks, ``start`` to ``stop`` (excluded), in which a committee may join a policy of itself, or is told to."""

    start: int
    stop: int
    mandated: bool = False


@dataclass(frozen=True)
class PolicyPath:
    """How a plan's policy comes to one community.

    ``entry`` is the week in which the plan brings it (None: never), ``pilot_stop`` one past the last week as a pilot
    (None: no pilot), ``readiness`` how well the community suits it, about 0 to 1.
    """

    entry: int | None = None
    pilot_stop: int | None = None
    offers: tuple[Offer, ...] = ()
    readiness: float = 0.5


@dataclass(frozen=True)
class Appropriation:
    """Money that a plan promises to an account, every year from ``first_year`` to ``last_year`` (included).

    ``payer`` is ``district`` (budget money, paid in on the first week of the year) or ``donations`` or ``market``
    (targets: what comes in is decided by firms and residents). ``yearly_fen`` is in fen (0.01 yuan) for the district,
    whose money comes ``weeks_late`` weeks after the year has opened.
    """

    account: str
    payer: str
    yearly_fen: int
    first_year: int
    last_year: int
    growth: float = 0.0
    weeks_late: int = 0


@dataclass(frozen=True)
class EmergencyEvent:
    """Something that strikes the communities ``rows`` in ``week``, ``forewarning`` minutes after the first warning.

    ``severity`` on (0, 1] scales the share of households left in need; ``kind`` says which goods they need.
    """

    kind: EmergencyKind
    week: int
    severity: float
    rows: tuple[int, ...]
    forewarning: float = 0.0


def small_district(households: int = 150, communities: int = 2) -> DistrictSpec:
    """Return a district for tests and notebooks: ``communities`` communities of ``households``, archetypes in turn."""
    kinds = (Archetype.OLD_NEIGHBOURHOOD, Archetype.NEW_ESTATE, Archetype.URBAN_VILLAGE)
    return DistrictSpec(tuple(CommunitySpec(c, kinds[c % 3], households) for c in range(communities)))
