"""The named measures of collective projects; see :mod:`shequ.model.measures`."""

import numpy as np

from .observables import YEAR, Series, View, observable, ratio

THOUSAND = 1000.0


@observable("project", "collective projects proposed so far", "T1.3")
def projects_proposed_total(v: View) -> Series:
    """Collective projects (lifts, renovations, parking, covenants) proposed since the plan began."""
    return v.since_start("projects_proposed")


@observable("project", "collective projects completed so far", "T1.3", better="more")
def projects_done_total(v: View) -> Series:
    """Collective projects completed since the plan began."""
    return v.since_start("projects_done")


@observable("project", "collective projects under way", "T1.3")
def projects_open(v: View) -> Series:
    """Collective projects between proposal and completion as the week begins."""
    return v.now("projects_open")


@observable("share", "votes on projects that carry", "four_creations-121", better="more")
def project_approval_rate(v: View) -> Series:
    """Share of the owners' votes of the past 52 weeks on collective projects that carried under the rule in force."""
    return ratio(v.year("project_ballots_carried"), v.year("project_ballots"))


@observable("share", "owners in favour of projects", "T1.3", better="more")
def project_consent_share(v: View) -> Series:
    """Share of the single votes cast on collective projects in the past 52 weeks that were in favour."""
    return ratio(v.year("project_answers_for"), v.year("project_answers"))


@observable("share", "renovations that stall", "ten_household-040", better="less")
def renovation_project_stall_rate(v: View) -> Series:
    """Share of the renovations decided in the past 52 weeks that failed, in the vote or for want of owners' money; the
    others began.
    """
    return ratio(v.year("renovations_stopped"), v.year("renovations_stopped") + v.year("renovations_begun"))


@observable("share", "collective projects that stall", "T1.3", better="less")
def project_stall_rate(v: View) -> Series:
    """Share of the collective projects decided in the past 52 weeks that failed, in the vote or for want of owners'
    money; the others began.
    """
    return ratio(v.year("projects_stopped"), v.year("projects_stopped") + v.year("projects_begun"))


@observable("week", "duration of projects", "subdistrict-161", better="less")
def project_duration_weeks(v: View) -> Series:
    """Mean weeks from proposal to completion of the collective projects completed in the past 52 weeks."""
    return ratio(v.year("project_weeks"), v.year("projects_done"))


@observable("1/1000/year", "lifts added", "T1.2", better="more")
def lift_retrofit_rate(v: View) -> Series:
    """Lifts added in the past 52 weeks per thousand stairwells that could have one
    and have none (as the week begins).
    """
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return THOUSAND * ratio(v.year("lifts_done") * YEAR / weeks, v.now("liftless_stairwells"))
