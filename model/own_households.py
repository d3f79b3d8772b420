"""Households that a user brings, in place of synthetic ones: what is known replaces what was drawn.

The synthetic population is built first, by the archetype's distributions and the community's seed. What a user's file
says of a household then takes its place, and what it leaves open stays as drawn.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from ..agents import Households
from ..agents.columns import U8, Column, allocate
from ..agents.household import NOTHING
from .district import ADULT_AGE, OwnHousehold

if TYPE_CHECKING:
    from .community_model import CommunityModel

UNKNOWN = NOTHING  # of a column of 8 bits


class Known(NamedTuple):
    """One row a place of a resident: what a user's file says of the person at the start."""

    age: Annotated[U8, Column("year", "age; 255 is drawn", "definition", 0, UNKNOWN, UNKNOWN)]
    party_member: Annotated[U8, Column("flag", "Party member; 255 is drawn", "definition", 0, UNKNOWN, UNKNOWN)]


def move_in(model: "CommunityModel", profile: Any) -> None:
    """Write what is known of households over what was drawn, before anybody lives in them."""
    for c, spec in enumerate(model.district.communities):
        if spec.own:
            first = int(model.communities.household_start[c])
            _address(spec.own, model.households, first, float(profile["households_per_stairwell"][c]))
            _tenure(spec.own, model.households, first)


def _address(own: Sequence[OwnHousehold], households: Households, first: int, stairwell_size: float) -> None:
    """Number buildings and stairwells along the street; stairwells nobody names have the archetype's size."""
    if own[0].building is None:
        return
    building, stairwell, inside = -1, -1, 0  # inside: households of this stairwell so far
    for h, home in enumerate(own):
        before = own[h - 1]
        new_building = h == 0 or home.building != before.building
        full = home.stairwell is None and inside >= round(stairwell_size)
        if new_building or home.stairwell != before.stairwell or full:
            stairwell, inside = stairwell + 1, 0
        building += new_building
        inside += 1
        households.building[first + h] = building
        households.stairwell[first + h] = stairwell


def _tenure(own: Sequence[OwnHousehold], households: Households, first: int) -> None:
    """Write size, registration, tenure and room; a household without local registration owns nothing by lot."""
    for h, home in enumerate(own, first):
        households.size[h] = home.size
        if home.migrant is not None:
            households.migrant[h] = home.migrant
            households.owner[h] &= not home.migrant
        if home.owner is not None:
            households.owner[h] = home.owner
            if home.migrant is None:
                households.migrant[h] &= not home.owner
        if home.area is not None:
            households.area[h] = home.area


def known_people(model: "CommunityModel") -> Known:
    """What is known of everybody, by rows of residents; households must have their first rows."""
    known = allocate(Known, int(model.communities.resident_stop[-1]))
    for c, spec in enumerate(model.district.communities):
        for h, home in enumerate(spec.own, int(model.communities.household_start[c])):
            start = int(model.households.resident_start[h])
            adult_first = bool(home.ages) and home.ages[0] >= ADULT_AGE
            shift = 0 if adult_first else home.size - len(home.ages)  # adults who are drawn come first
            known.age[start + shift : start + shift + len(home.ages)] = home.ages
            if home.party_members is not None:
                grown = [m for m in range(home.size) if not known.age[start + m] < ADULT_AGE]
                known.party_member[start : start + home.size] = 0
                known.party_member[[start + m for m in grown[: home.party_members]]] = 1
    return known
