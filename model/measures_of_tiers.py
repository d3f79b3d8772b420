"""The named measures of the ladder's tiers and of matters of several departments; see :mod:`shequ.model.measures`."""

from .measures import HOURS_A_DAY
from .observables import Series, View, observable, ratio


def waited_days(v: View, level: int) -> Series:
    """Mean days that issues waited at ``level`` of the ladder, over those that stopped waiting there in a year."""
    return ratio(v.year(f"wait_hours_{level}"), v.year(f"waits_{level}")) / HOURS_A_DAY


def settled_share(v: View, level: int) -> Series:
    """Share of the issues on which work at ``level`` of the ladder ended in a year that it settled."""
    return ratio(v.year(f"resolved_{level}"), v.year(f"handled_{level}"))


# --- waiting ---------------------------------------------------------------------------------------------------------


@observable("day", "wait at the unit head", "T2.3", better="less")
def wait_head_days(v: View) -> Series:
    """Mean time that issues wait at the unit head until they are taken up, given up or passed on unserved, over those
    that stopped waiting there in the past 52 weeks.
    """
    return waited_days(v, 1)


@observable("day", "wait at the grid worker", "T2.3", better="less")
def wait_grid_days(v: View) -> Series:
    """Mean time that issues wait at the grid worker until they are taken up, given up or passed on unserved, over those
    that stopped waiting there in the past 52 weeks.
    """
    return waited_days(v, 2)


@observable("day", "wait at the council", "T2.3", better="less")
def wait_council_days(v: View) -> Series:
    """Mean time that issues wait at the council until they are taken up, given up or passed on unserved, over those
    that stopped waiting there in the past 52 weeks.
    """
    return waited_days(v, 3)


@observable("day", "wait at the department", "T2.3", better="less")
def wait_department_days(v: View) -> Series:
    """Mean time that issues wait at the department until they are taken up, given up or passed on unserved, over those
    that stopped waiting there in the past 52 weeks.
    """
    return waited_days(v, 4)


# --- settling --------------------------------------------------------------------------------------------------------


@observable("share", "settled by unit heads", "T2.3", better="more")
def settled_head_rate(v: View) -> Series:
    """Share of the issues on which work by unit heads ended in the past 52 weeks that they settled."""
    return settled_share(v, 1)


@observable("share", "settled by grid workers", "T2.3", better="more")
def settled_grid_rate(v: View) -> Series:
    """Share of the issues on which work by grid workers ended in the past 52 weeks that they settled."""
    return settled_share(v, 2)


@observable("share", "settled by the council", "T2.3", better="more")
def settled_council_rate(v: View) -> Series:
    """Share of the issues on which work by the council ended in the past 52 weeks that it settled."""
    return settled_share(v, 3)


@observable("share", "settled by departments", "T2.3", better="more")
def settled_department_rate(v: View) -> Series:
    """Share of the issues on which work by departments ended in the past 52 weeks that they settled."""
    return settled_share(v, 4)


# --- matters of several departments ----------------------------------------------------------------------------------


@observable("day", "approval by several departments", "T5.3", better="less")
def joint_approval_days(v: View) -> Series:
    """Mean time until all departments that share a matter have answered, over the matters put to them in the past 52
    weeks.
    """
    return ratio(v.year("joint_hours"), v.year("joint_asked")) / HOURS_A_DAY


@observable("share", "joint matters agreed by all", "T5.3", better="more")
def joint_agreement_rate(v: View) -> Series:
    """Share of the matters put to several departments in the past 52 weeks on which all agree."""
    return ratio(v.year("joint_agreed"), v.year("joint_asked"))
