"""Rules of paths to a channel: who can still claim where offline channels close, who is helped, what sensors notice.

They belong to :class:`~shequ.agents.household.Household`, whose method ``raise_grievance`` calls them; the kernels of
:mod:`shequ.model.claim_paths` call the same rules.
"""

from enum import IntEnum
from typing import Any

from .rules import rule
from .speaking_up import COMMITTEE, FACILITY, HOTLINE, NOBODY, PLATFORM, IssueType


class Path(IntEnum):
    """Who takes a grievance to its channel."""

    OWN = 0
    FAMILY = 1  # somebody of the household who uses the platform
    HEAD = 2  # the unit's head, who gives time for it
    STATION = 3  # a service station
    NONE = 4  # no path is open


OWN, FAMILY, BY_HEAD = int(Path.OWN), int(Path.FAMILY), int(Path.HEAD)
STATION, NO_PATH = int(Path.STATION), int(Path.NONE)
WELFARE = int(IssueType.WELFARE)


@rule
def family_chance(users: float, p: Any) -> float:
    """Chance that one of ``users`` members who use the platform claims for the speaker: 1 - (1 - f)^users [T7.3]."""
    refused = 1.0
    for _ in range(int(users)):
        refused *= 1.0 - p.family_help
    return 1.0 - refused


@rule
def find_path(
    channel: int,
    adopted: bool,
    users: float,
    reachable: bool,
    online_only: float,
    assisted_use: float,
    draws: tuple[float, float, float, float],
    p: Any,
) -> tuple[int, int]:
    """Channel and path that are left of the channel chosen [T7.3].

    Desk, telephone and hotline are closed with the chance ``online_only`` o. Users of the platform then claim on it;
    for others a member may do it (f each), a head on duty (a = ``assisted_use``), a station (a s). If none does,

        P(no path) = o (1 - f)^users (1 - a)^reachable (1 - a s)

    Where the desk is open, head and station offer their help to those at it all the same.
    """
    if channel not in (COMMITTEE, HOTLINE):
        return channel, OWN
    closed = draws[0] < online_only
    if not closed and (adopted or channel == HOTLINE):
        return channel, OWN
    if adopted:
        return PLATFORM, OWN
    if closed and draws[1] < family_chance(users, p):
        return PLATFORM, FAMILY
    if reachable and draws[2] < assisted_use:
        return PLATFORM, BY_HEAD
    if draws[3] < assisted_use * p.station_reach:
        return PLATFORM, STATION
    return (NOBODY, NO_PATH) if closed else (channel, OWN)


@rule
def is_sensed(issue: int, special: int, u_building: float, u_home: float, sensors: float) -> bool:
    """Whether a sensor notices a trouble: the building's a failed facility, the home's the plight of a special group.

    ``sensors`` is the share of buildings and of such homes that have one [ten_household-223].
    """
    if issue == FACILITY:
        return u_building < sensors
    return issue == WELFARE and special == 1 and u_home < sensors
