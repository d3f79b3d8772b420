"""The named measures of residents and their issues: each docstring is the definition, with whom and which window."""

import numpy as np

from ..agents.rates import WEEKS_A_YEAR
from .observables import YEAR, Series, View, observable, ratio

HOURS_A_DAY = 24.0


# --- participation ---------------------------------------------------------------------------------------------------


@observable("share", "participation", "ten_household-037", by_group=True, better="more")
def participation_rate(v: View) -> Series:
    """Share of residents of participation age who took part in a unit activity, a deliberation (in person or online)
    or volunteering at least once in the past 52 weeks; votes do not count.
    """
    return ratio(v.now("participants"), v.now("residents"))


@observable("share", "stated willingness", "T1.2", by_group=True, better="more")
def participation_willingness(v: View) -> Series:
    """Share of residents of participation age who would say in a survey that they would take part (expected value)."""
    return ratio(v.now("willing"), v.now("residents"))


@observable("share", "participation in unit activities", "ten_household-147", by_group=True, better="more")
def unit_activity_participation_rate(v: View) -> Series:
    """Share of residents of participation age who attended a unit activity or festival in the past 52 weeks."""
    return ratio(v.now("activity_participants"), v.now("residents"))


@observable("share", "participation in decisions", "standardization-098", by_group=True, better="more")
def decision_participation_rate(v: View) -> Series:
    """Share of residents of participation age who attended a deliberation in person in the past 52 weeks."""
    return ratio(v.now("council_participants"), v.now("residents"))


@observable("share", "volunteering", "T1.2", by_group=True, better="more")
def volunteering_rate(v: View) -> Series:
    """Share of residents of participation age who volunteered in the past 52 weeks."""
    return ratio(v.now("volunteers"), v.now("residents"))


@observable("share", "online participation", "T1.2", by_group=True, better="more")
def online_participation_rate(v: View) -> Series:
    """Share of residents of participation age who deliberated online in the past 52 weeks."""
    return ratio(v.now("online_participants"), v.now("residents"))


@observable("1/year", "personal asks per resident", "T1.3")
def asks_per_person_year(v: View) -> Series:
    """Asks in person to take part in the past 52 weeks per resident of participation age."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("asks") * YEAR / weeks, v.now("residents"))


@observable("1/year", "events per resident", "four_creations-075", by_group=True, better="more")
def participation_events_per_year(v: View) -> Series:
    """Single acts of the past 52 weeks (votes left out) per resident of participation age."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("acts") * YEAR / weeks, v.now("residents"))


@observable("share", "platform use", "ten_household-093", by_group=True, better="more")
def online_platform_use_rate(v: View) -> Series:
    """Share of residents of participation age who are on the community platform."""
    return ratio(v.now("adopted"), v.now("residents"))


@observable("share", "awareness of units", "ten_household-062", by_group=True, better="more")
def awareness_rate(v: View) -> Series:
    """Share of residents of participation age who know what ten-household units are for."""
    return ratio(v.now("aware"), v.now("residents"))


@observable("share", "digital skill of elders", "ten_household-096", better="more")
def elderly_digital_skill_rate(v: View) -> Series:
    """Share of residents of 60 and over whose digital skill reaches the level of 'handles a smartphone well'."""
    elders = View(v.data, "elderly", v.area)
    return ratio(elders.now("skilled"), elders.now("residents"))


# --- attitudes and ties ----------------------------------------------------------------------------------------------


@observable("share", "satisfied residents", "ten_household-155", by_group=True, better="more")
def satisfaction_rate(v: View) -> Series:
    """Share of residents of participation age whose satisfaction with community governance reaches 'satisfied'."""
    return ratio(v.now("satisfied"), v.now("residents"))


@observable("share", "trust in the committee", "T8.3", by_group=True, better="more")
def trust_committee(v: View) -> Series:
    """Mean trust in the residents' committee, on [0, 1]."""
    return ratio(v.now("trust_committee"), v.now("residents"))


@observable("share", "external efficacy", "T8.3", by_group=True, better="more")
def efficacy(v: View) -> Series:
    """Mean external efficacy, on [0, 1]."""
    return ratio(v.now("efficacy"), v.now("residents"))


@observable("share", "sense of community", "T8.3", by_group=True, better="more")
def sense_of_community(v: View) -> Series:
    """Mean sense of community, on [0, 1]."""
    return ratio(v.now("sense_of_community"), v.now("residents"))


@observable("share", "do not know their neighbours", "ten_household-012", by_group=True, better="less")
def neighbour_unknown_share(v: View) -> Series:
    """Share of residents of participation age who know none of their door neighbours."""
    return ratio(v.now("strangers"), v.now("residents"))


@observable("share", "almost never chat with neighbours", "T8.2", by_group=True, better="less")
def neighbour_silent_share(v: View) -> Series:
    """Share of residents of participation age who almost never chat with anybody near outside their household."""
    return ratio(v.now("silent"), v.now("residents"))


@observable("share", "do not identify with governance", "ten_household-039", by_group=True, better="less")
def unidentified_share(v: View) -> Series:
    """Share of residents of participation age who are not satisfied or do not feel part of the community."""
    return ratio(v.now("unidentified"), v.now("residents"))


# --- people who come and go ------------------------------------------------------------------------------------------


@observable("1/year", "residential turnover", "T8.2")
def residential_turnover_rate(v: View) -> Series:
    """Households that moved out in the past 52 weeks per dwelling."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("households_left") * WEEKS_A_YEAR / weeks, v.now("households"))


@observable("share", "residents of 60 and over", "ten_household-015")
def elder_share(v: View) -> Series:
    """Residents of 60 and over as a share of residents of every age."""
    return ratio(View(v.data, "elderly", v.area).now("residents"), v.now("persons"))


@observable("person", "residents", "T0.3")
def residents_present(v: View) -> Series:
    """Residents of every age who live in the place on the day, newcomers and newborn children among them."""
    return v.now("persons")


@observable("share", "dwellings standing empty", "T8.5")
def empty_dwelling_share(v: View) -> Series:
    """Share of dwellings in which nobody lives between two households; homes that were never lived in are not built."""
    return ratio(v.now("empty_dwellings"), v.now("households"))


# --- issues ----------------------------------------------------------------------------------------------------------


@observable("1/year", "claims per resident", "T2.2")
def claims_per_person_year(v: View) -> Series:
    """Issues claimed in the past 52 weeks per resident of participation age."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("claims") * WEEKS_A_YEAR / weeks, v.now("residents"))


@observable("share", "grievances not claimed", "T2.1", better="less")
def unclaimed_share(v: View) -> Series:
    """Share of perceived grievances of the past quarter that were never claimed."""
    return ratio(v.quarter("lumped"), v.quarter("grievances"))


@observable("share", "first-contact resolution", "T2.2", better="more")
def first_contact_share(v: View) -> Series:
    """Share of issues solved in the past 52 weeks that were solved by whoever took them up first."""
    solved = sum((v.year(f"resolved_{k}") for k in range(1, 5)), start=np.zeros(len(v.weeks)))
    return ratio(v.year("resolved_first"), solved)


@observable("h", "response time", "ten_household-149", better="less")
def response_time_hours(v: View) -> Series:
    """Mean time from a claim to the moment somebody takes it up, over issues taken up in the past quarter."""
    return ratio(v.quarter("response_hours"), v.quarter("responses"))


@observable("day", "resolution time", "T2.2", better="less")
def resolution_time_days(v: View) -> Series:
    """Mean time from a claim to its end, solved or not, over issues closed in the past quarter."""
    return ratio(v.quarter("resolution_hours"), v.quarter("closures")) / HOURS_A_DAY


@observable("share", "answered late", "standardization-105", better="less")
def late_response_share(v: View) -> Series:
    """Share of issues taken up in the past quarter that had waited more than ten days."""
    return ratio(v.quarter("late_responses"), v.quarter("responses"))


@observable("share", "troubles settled", "T2.1", better="more")
def grievance_resolution_rate(v: View) -> Series:
    """Issues settled in the past 52 weeks as a share of the grievances perceived in them, claimed or not."""
    solved = sum((v.year(f"resolved_{k}") for k in range(1, 5)), start=np.zeros(len(v.weeks)))
    return ratio(solved, v.year("grievances"))


@observable("share", "unresolved after a month", "standardization-106", better="less")
def unresolved_share(v: View) -> Series:
    """Issues that turned 30 days old unsolved in the past 52 weeks, as a share of claims."""
    return ratio(v.year("open_month"), v.year("claims"))


@observable("share", "repeat issues", "T2.2", better="less")
def repeat_share(v: View) -> Series:
    """Issues that came back in the past 52 weeks, as a share of new and repeated ones together."""
    return ratio(v.year("repeats"), v.year("claims") + v.year("repeats"))


@observable("share", "mediation success", "ten_household-148", better="more")
def mediation_success_rate(v: View) -> Series:
    """Share of neighbour disputes closed in the past 52 weeks that were settled."""
    return ratio(v.year("disputes_settled"), v.year("disputes_closed"))


# --- services --------------------------------------------------------------------------------------------------------


@observable("share", "service mismatch", "ten_household-033", better="less")
def service_mismatch_rate(v: View) -> Series:
    """Share of service requests of the past quarter that supply missed."""
    return 1.0 - ratio(v.quarter("requests_met"), v.quarter("requests"))


@observable("share", "idle services", "ten_household-084", better="less")
def facility_idle_rate(v: View) -> Series:
    """Share of service slots of the past quarter that nobody used."""
    return 1.0 - ratio(v.quarter("slots_used"), v.quarter("slots"))
