"""Rules of the community's rooms: how they wear and are repaired, how many slots they offer, who finds one [T4.3].

A slot is the use of one room by one group.
"""

from typing import Any

from .rules import rule


@rule
def condition_after(condition: float, upkeep: float, p: Any) -> float:
    """Condition of the rooms a week later, x + r m (1 - x) - d x, with m the share of full upkeep that is paid [T4.3].

    At a constant m it rests at r m / (r m + d); the distance to it shrinks by 1 - r m - d a week.
    """
    return condition + p.room_repair * upkeep * (1.0 - condition) - p.room_wear * condition


@rule
def resting_condition(upkeep: float, p: Any) -> float:
    """Condition at which repair makes up for wear: r m / (r m + d) [T4.3]."""
    gain = p.room_repair * upkeep
    return gain / (gain + p.room_wear)


@rule
def open_slots(own: float, condition: float, shared: float, space_sharing: float) -> float:
    """Slots open in a week: own rooms as far as they can be used, and rooms that schools, firms and offices share."""
    return own * condition + space_sharing * shared


@rule
def groups_expected(residents: float, condition: float, p: Any) -> float:
    """Mean number of residents' groups that look for a room in a week; shabby rooms draw fewer [T4.3].

    g N / 1000 (1 - s (1 - condition))
    """
    return p.room_groups * residents / 1000.0 * (1.0 - p.shabby_effect * (1.0 - condition))


@rule
def given(wishes: float, left: float) -> float:
    """Slots that a kind of user gets of those that are left."""
    return min(wishes, left)


@rule
def place_found(found: float, p: Any) -> float:
    """Share of planned meetings of a unit that have a place: 1 - need (1 - found) [T4.3].

    ``found`` is the share of last week's wishes that were met; meetings outdoors and at home need no room.
    """
    return 1.0 - p.meetings_in_rooms * (1.0 - found)
