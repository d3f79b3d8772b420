"""Communities of a scenario: their permanent numbers and sizes, the same for every run."""

import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..model.district import Archetype, CommunitySpec, OwnHousehold
from ..model.draws import Stream, uniforms
from . import own_data
from .blocks import Households
from .loader import Scenario

DISTRICT_SEED = np.uint64(20230101)  # the district and its order of entry are the same for every run
ORDER_KEY, SIZE_KEY, SHARE_KEY, READINESS_KEY, SURVEY_KEY = 0, 1, 2, 3, 4  # a community's draws
READINESS_SPREAD = 0.4  # widest difference in readiness between communities of one archetype
ID_STEP = 1000  # permanent numbers of an archetype's communities start at its number times this


def lot(community: int, k: int) -> float:
    """Draw ``k`` of the community with the permanent number ``community``: uniform in (0, 1), whatever the seed."""
    return uniforms(DISTRICT_SEED, int(Stream.POPULATION), 0, np.uint64(community), k // 4)[k % 4]


def lot_of_run(seed: int, name: str, community: int = 0) -> float:
    """Draw of the run of ``seed`` that is called ``name``, for one community or the district: uniform in (0, 1)."""
    key = np.uint64((zlib.crc32(name.encode()) << 32) | community)
    return uniforms(np.uint64(seed % 2**64), int(Stream.FIDELITY), 0, key, 0)[0]


@dataclass(frozen=True)
class Place:
    """A community as the timeline sees it."""

    row: int
    spec: CommunitySpec
    readiness: float

    @cached_property
    def archetype(self) -> str:
        """Label of the archetype."""
        return Archetype(self.spec.archetype).label


def places_of(scenario: Scenario, seed: int = 0) -> list[Place]:
    """Communities in order of the file, subdistricts in contiguous blocks.

    Numbers and sizes of one archetype do not change when communities of another are added. ``seed``, the run's, decides
    only the sizes that are `redrawn` in every run.
    """
    total = sum(entry.count for entry in scenario.communities)
    counts: dict[str, int] = {}
    places: list[Place] = []
    for entry in scenario.communities:
        low, high = entry.households
        for _ in range(entry.count):
            archetype = Archetype[entry.archetype.upper()]
            number = int(archetype) * ID_STEP + counts.get(entry.archetype, 0)
            counts[entry.archetype] = counts.get(entry.archetype, 0) + 1
            u = lot_of_run(seed, "households", number) if entry.redrawn else lot(number, SIZE_KEY)
            households = low + int(u * (high - low + 1))
            row = len(places)
            own = _own(entry, households)
            spec = CommunitySpec(number, archetype, households, row * scenario.subdistricts // total, own=own)
            readiness = entry.readiness + READINESS_SPREAD * (lot(number, READINESS_KEY) - 0.5)
            places.append(Place(row, spec, readiness))
    return places


def _own(entry: Households, households: int) -> tuple[OwnHousehold, ...]:
    """Return the user's own households of an entry, the first ``households`` of the street."""
    return () if entry.own is None else own_data.read(entry.own.path, entry.own.sha256).households[:households]
