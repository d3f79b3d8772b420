"""The named measures of services, rooms and paths to them; see :mod:`shequ.model.measures`."""

import numpy as np

from .observables import Series, View, observable, ratio


def communities(v: View) -> Series:
    """Number of communities in the area, week by week."""
    return (v.area > 0).sum(axis=1).astype(np.float64)


# --- needs -----------------------------------------------------------------------------------------------------------


@observable("share", "needs surveyed within a year", "standardization-064", better="more")
def needs_survey_coverage(v: View) -> Series:
    """Share of communities in which a survey of needs was held and answered in the past 52 weeks."""
    return ratio(v.now("surveyed"), communities(v))


@observable("share", "elders among survey answers", "subdistrict-045")
def needs_survey_elder_share(v: View) -> Series:
    """Share of the answers to surveys of needs of the past 52 weeks that were given by people of 60 and over."""
    return ratio(v.year("survey_elders"), v.year("survey_answers"))


@observable("share", "error of measured need", "T4.3", better="less")
def need_measurement_error(v: View) -> Series:
    """Share of need that the committee's picture places in a wrong class: half the sum of absolute differences between
    measured and true shares of the classes of service, mean over communities and the past quarter.
    """
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), 13)
    return ratio(v.quarter("need_error") / weeks, communities(v))


@observable("share", "services that reach special groups", "T4.3", better="more")
def special_group_service_rate(v: View) -> Series:
    """Share of the service requests of special groups of the past 52 weeks that were met."""
    return ratio(v.year("met_special"), v.year("requests_special"))


# --- rooms -----------------------------------------------------------------------------------------------------------


@observable("share", "use of rooms", "ten_household-035", better="more")
def facility_utilization(v: View) -> Series:
    """Share of the slots of the past quarter in which a room was open that were used."""
    return ratio(v.quarter("room_slots_used"), v.quarter("room_slots"))


@observable("share", "no room found", "T4.3", better="less")
def room_shortage_rate(v: View) -> Series:
    """Share of the wishes for a room of the past quarter that found none."""
    return 1.0 - ratio(v.quarter("room_slots_used"), v.quarter("room_wishes"))


@observable("share", "condition of rooms", "T4.3", better="more")
def facility_condition(v: View) -> Series:
    """Mean condition of the communities' rooms: 1 as new, 0 out of use."""
    return ratio(v.now("room_condition"), communities(v))


# --- paths to a claim ------------------------------------------------------------------------------------------------


@observable("share", "no path to claim", "T7.3", better="less")
def online_exclusion_rate(v: View) -> Series:
    """Share of the households with a grievance in the past 52 weeks that found no path to claim it."""
    return ratio(v.year("excluded"), v.year("grieved"))


@observable("share", "elders without a path to claim", "ten_household-098", better="less")
def elder_exclusion_rate(v: View) -> Series:
    """Share of the households with a grievance in the past 52 weeks for which somebody of 60 or over speaks that found
    no path to claim it.
    """
    return ratio(v.year("excluded_elders"), v.year("grieved_elders"))


@observable("share", "claims through a helper", "T7.3")
def assisted_use_rate(v: View) -> Series:
    """Share of the households with a grievance in the past 52 weeks that claimed online through somebody else."""
    return ratio(v.year("assisted"), v.year("grieved"))
