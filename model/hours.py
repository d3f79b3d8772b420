"""Hours and points: people's time and rewards, conserved like money.

Time of staff and heads: available = used by purpose + unused, in whole minutes. Credits (points in fen, volunteered
time in minutes): issued = held + redeemed + expired. [T4.3, T0.2, check R6]
"""

from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from ..agents import Committees, Units
from ..agents.columns import I64, Column, allocate
from ..agents.rules import rule
from .compiled import kernel
from .structure import Communities

if TYPE_CHECKING:
    from .community_model import CommunityModel

MINUTES = 60.0  # minutes in an hour


class HoursError(RuntimeError):
    """Hours or points that do not add up."""


class Hours(NamedTuple):
    """Minutes of this week: one row a community."""

    staff_available: Annotated[I64, Column("min", "working time of the committee", "T5.3", 0)]
    staff_reporting: Annotated[I64, Column("min", "of this, forms and reports", "T5.3", 0)]
    staff_coordination: Annotated[I64, Column("min", "of this, coordination with departments", "T5.3", 0)]
    staff_service: Annotated[I64, Column("min", "of this, residents' issues and services", "T5.3", 0)]
    staff_support: Annotated[I64, Column("min", "of this, units and their heads", "T5.3", 0)]
    staff_unused: Annotated[I64, Column("min", "of this, nothing of these", "T5.3", 0)]
    head_available: Annotated[I64, Column("min", "time that heads in office can give", "T3.3", 0)]
    head_given: Annotated[I64, Column("min", "of this, given to their load", "T3.3", 0)]
    head_unused: Annotated[I64, Column("min", "of this, not asked for", "T3.3", 0)]
    head_unmet: Annotated[I64, Column("min", "load beyond what heads can give", "T3.3", 0)]


class Credits(NamedTuple):
    """Something earned that can be redeemed later: one row a community."""

    issued: Annotated[I64, Column("fen or min", "earned since the start", "T4.3", 0)]
    held: Annotated[I64, Column("fen or min", "not yet redeemed or expired", "T4.3", 0)]
    redeemed: Annotated[I64, Column("fen or min", "redeemed since the start", "T4.3", 0)]
    expired: Annotated[I64, Column("fen or min", "expired since the start", "T4.3", 0)]


@rule
def issue(credits: Credits, c: int, amount: int) -> None:
    """Issue ``amount`` to the residents of community ``c``."""
    credits.issued[c] += amount
    credits.held[c] += amount


@rule
def redeem(credits: Credits, c: int, amount: int) -> int:
    """Redeem up to ``amount``; returns how much was held and is redeemed."""
    done = min(amount, int(credits.held[c]))
    credits.held[c] -= done
    credits.redeemed[c] += done
    return done


@rule
def expire(credits: Credits, c: int, amount: int) -> None:
    """Let ``amount`` of what is held lapse (all of it, if less is held)."""
    lost = min(amount, int(credits.held[c]))
    credits.held[c] -= lost
    credits.expired[c] += lost


def prepare(model: "CommunityModel") -> None:
    """Open the books: ``model.hours``, ``model.points`` (fen), ``model.time_bank`` (volunteered minutes)."""
    count = len(model.communities.id)
    model.hours = allocate(Hours, count)
    model.points = allocate(Credits, count)
    model.time_bank = allocate(Credits, count)


def settle(model: "CommunityModel") -> None:
    """Close the week: enter the hours of staff and heads, bank volunteered time for next week, and check every sum.

    Volunteered time that no service used within a week lapses.
    """
    enter_hours(model.communities, model.committees, model.units, model.hours)
    bank_volunteering(model.flows.volunteer_minutes, model.time_bank)
    check(model.hours, model.points, model.time_bank)


@kernel
def enter_hours(communities: Communities, committees: Committees, units: Units, hours: Hours) -> None:
    """Write the week's minutes of staff and heads by community."""
    for c in range(len(communities.seed)):
        hours.staff_available[c] = committees.hours_minutes[c]
        hours.staff_reporting[c] = committees.reporting_minutes[c]
        hours.staff_coordination[c] = committees.coordination_minutes[c]
        hours.staff_service[c] = committees.service_minutes[c]
        hours.staff_support[c] = committees.unit_support_minutes[c]
        used = hours.staff_reporting[c] + hours.staff_coordination[c] + hours.staff_service[c] + hours.staff_support[c]
        hours.staff_unused[c] = hours.staff_available[c] - used
        available = given = unmet = 0
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            if units.organised[u] == 0 or units.head[u] < 0:
                continue
            can = int(MINUTES * np.float64(units.capacity[u]) + 0.5)
            asked = int(MINUTES * np.float64(units.load[u]) + 0.5)
            available += can
            given += min(can, asked)
            unmet += max(0, asked - can)
        hours.head_available[c] = available
        hours.head_given[c] = given
        hours.head_unused[c] = available - given
        hours.head_unmet[c] = unmet


@kernel
def bank_volunteering(volunteered: I64, time_bank: Credits) -> None:
    """Let last week's unused volunteer minutes lapse and issue this week's."""
    for c in range(len(volunteered)):
        expire(time_bank, c, int(time_bank.held[c]))
        issue(time_bank, c, int(volunteered[c]))


def check(hours: Hours, points: Credits, time_bank: Credits) -> None:
    """Raise HoursError unless time used fits into time available and credits add up."""
    over = np.flatnonzero(hours.staff_unused < 0)
    if over.size:
        c = over[0]
        message = f"community {c}: staff spent {-hours.staff_unused[c]} minutes more than they have"
        raise HoursError(message)
    for name, credits in (("points", points), ("time bank", time_bank)):
        if (credits.issued != credits.held + credits.redeemed + credits.expired).any():
            message = f"{name}: issued is not held + redeemed + expired"
            raise HoursError(message)
        if np.min(credits) < 0:
            message = f"{name}: a sum went below zero"
            raise HoursError(message)
