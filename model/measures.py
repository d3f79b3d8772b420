"""The named measures: what each observable counts, over whom and over which window. The docstring is the definition."""

import numpy as np

from ..agents.rates import WEEKS_A_YEAR
from .observables import QUARTER, YEAR, Series, View, observable, ratio

HOURS_A_DAY = 24.0
MONTHS_A_QUARTER = 3.0
ROLLED_OUT = 0.7  # share of households in units from which a community counts as reached; the plan aims at 0.85


# --- participation ---------------------------------------------------------------------------------------------------


@observable("share", "participation", "ten_household-037", by_group=True)
def participation_rate(v: View) -> Series:
    """Share of residents of participation age who took part in a unit activity, a deliberation (in person or online)
    or volunteering at least once in the past 52 weeks; votes do not count.
    """
    return ratio(v.now("participants"), v.now("residents"))


@observable("share", "participation in unit activities", "ten_household-147", by_group=True)
def unit_activity_participation_rate(v: View) -> Series:
    """Share of residents of participation age who attended a unit activity or festival in the past 52 weeks."""
    return ratio(v.now("activity_participants"), v.now("residents"))


@observable("share", "participation in decisions", "standardization-098", by_group=True)
def decision_participation_rate(v: View) -> Series:
    """Share of residents of participation age who attended a deliberation in person in the past 52 weeks."""
    return ratio(v.now("council_participants"), v.now("residents"))


@observable("share", "volunteering", "T1.2", by_group=True)
def volunteering_rate(v: View) -> Series:
    """Share of residents of participation age who volunteered in the past 52 weeks."""
    return ratio(v.now("volunteers"), v.now("residents"))


@observable("share", "online participation", "T1.2", by_group=True)
def online_participation_rate(v: View) -> Series:
    """Share of residents of participation age who deliberated online in the past 52 weeks."""
    return ratio(v.now("online_participants"), v.now("residents"))


@observable("1/year", "events per resident", "four_creations-075", by_group=True)
def participation_events_per_year(v: View) -> Series:
    """Single acts of the past 52 weeks (votes left out) per resident of participation age."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("acts") * YEAR / weeks, v.now("residents"))


@observable("share", "platform use", "ten_household-093", by_group=True)
def online_platform_use_rate(v: View) -> Series:
    """Share of residents of participation age who are on the community platform."""
    return ratio(v.now("adopted"), v.now("residents"))


@observable("share", "awareness of units", "ten_household-062", by_group=True)
def awareness_rate(v: View) -> Series:
    """Share of residents of participation age who know what ten-household units are for."""
    return ratio(v.now("aware"), v.now("residents"))


@observable("share", "digital skill of elders", "ten_household-096")
def elderly_digital_skill_rate(v: View) -> Series:
    """Share of residents of 60 and over whose digital skill reaches the level of 'handles a smartphone well'."""
    elders = View(v.data, "elderly", v.area)
    return ratio(elders.now("skilled"), elders.now("residents"))


# --- attitudes and ties ----------------------------------------------------------------------------------------------


@observable("share", "satisfied residents", "ten_household-155", by_group=True)
def satisfaction_rate(v: View) -> Series:
    """Share of residents of participation age whose satisfaction with community governance reaches 'satisfied'."""
    return ratio(v.now("satisfied"), v.now("residents"))


@observable("share", "trust in the committee", "T8.3", by_group=True)
def trust_committee(v: View) -> Series:
    """Mean trust in the residents' committee, on [0, 1]."""
    return ratio(v.now("trust_committee"), v.now("residents"))


@observable("share", "external efficacy", "T8.3", by_group=True)
def efficacy(v: View) -> Series:
    """Mean external efficacy, on [0, 1]."""
    return ratio(v.now("efficacy"), v.now("residents"))


@observable("share", "sense of community", "T8.3", by_group=True)
def sense_of_community(v: View) -> Series:
    """Mean sense of community, on [0, 1]."""
    return ratio(v.now("sense_of_community"), v.now("residents"))


@observable("share", "do not know their neighbours", "ten_household-012", by_group=True)
def neighbour_unknown_share(v: View) -> Series:
    """Share of residents of participation age who know none of their door neighbours."""
    return ratio(v.now("strangers"), v.now("residents"))


@observable("share", "almost never chat with neighbours", "T8.2", by_group=True)
def neighbour_silent_share(v: View) -> Series:
    """Share of residents of participation age who almost never chat with anybody near outside their household."""
    return ratio(v.now("silent"), v.now("residents"))


@observable("share", "do not identify with governance", "ten_household-039", by_group=True)
def unidentified_share(v: View) -> Series:
    """Share of residents of participation age who are not satisfied or do not feel part of the community."""
    return ratio(v.now("unidentified"), v.now("residents"))


# --- issues ----------------------------------------------------------------------------------------------------------


@observable("1/year", "claims per resident", "T2.2")
def claims_per_person_year(v: View) -> Series:
    """Issues claimed in the past 52 weeks per resident of participation age."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("claims") * WEEKS_A_YEAR / weeks, v.now("residents"))


@observable("share", "grievances not claimed", "T2.1")
def unclaimed_share(v: View) -> Series:
    """Share of perceived grievances of the past quarter that were never claimed."""
    return ratio(v.quarter("lumped"), v.quarter("grievances"))


@observable("share", "first-contact resolution", "T2.2")
def first_contact_share(v: View) -> Series:
    """Share of issues solved in the past 52 weeks that were solved by whoever took them up first."""
    solved = sum((v.year(f"resolved_{k}") for k in range(1, 5)), start=np.zeros(len(v.weeks)))
    return ratio(v.year("resolved_first"), solved)


@observable("h", "response time", "ten_household-149")
def response_time_hours(v: View) -> Series:
    """Mean time from a claim to the moment somebody takes it up, over issues taken up in the past quarter."""
    return ratio(v.quarter("response_hours"), v.quarter("responses"))


@observable("day", "resolution time", "T2.2")
def resolution_time_days(v: View) -> Series:
    """Mean time from a claim to its end, solved or not, over issues closed in the past quarter."""
    return ratio(v.quarter("resolution_hours"), v.quarter("closures")) / HOURS_A_DAY


@observable("share", "answered late", "standardization-105")
def late_response_share(v: View) -> Series:
    """Share of issues taken up in the past quarter that had waited more than ten days."""
    return ratio(v.quarter("late_responses"), v.quarter("responses"))


@observable("share", "unresolved after a month", "standardization-106")
def unresolved_share(v: View) -> Series:
    """Issues that turned 30 days old unsolved in the past 52 weeks, as a share of claims."""
    return ratio(v.year("open_month"), v.year("claims"))


@observable("share", "repeat issues", "T2.2")
def repeat_share(v: View) -> Series:
    """Issues that came back in the past 52 weeks, as a share of new and repeated ones together."""
    return ratio(v.year("repeats"), v.year("claims") + v.year("repeats"))


@observable("share", "mediation success", "ten_household-148")
def mediation_success_rate(v: View) -> Series:
    """Share of neighbour disputes closed in the past 52 weeks that were settled."""
    return ratio(v.year("disputes_settled"), v.year("disputes_closed"))


# --- services --------------------------------------------------------------------------------------------------------


@observable("share", "service mismatch", "ten_household-033")
def service_mismatch_rate(v: View) -> Series:
    """Share of service requests of the past quarter that supply missed."""
    return 1.0 - ratio(v.quarter("requests_met"), v.quarter("requests"))


@observable("share", "idle services", "ten_household-084")
def facility_idle_rate(v: View) -> Series:
    """Share of service slots of the past quarter that nobody used."""
    return 1.0 - ratio(v.quarter("slots_used"), v.quarter("slots"))


# --- heads and units -------------------------------------------------------------------------------------------------


@observable("share", "heads who leave in a year", "ten_household-066")
def head_attrition_rate(v: View) -> Series:
    """Heads who left in the past 52 weeks per head in office (mean of the window)."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("head_exits") * YEAR / weeks, v.year("heads") / weeks)


@observable("share", "units without a head", "T3.3")
def head_vacancy_rate(v: View) -> Series:
    """Share of units in force without a head."""
    return 1.0 - ratio(v.now("heads"), v.now("units_in_force"))


@observable("share", "heads on duty", "ten_household-107")
def head_duty_rate(v: View) -> Series:
    """Share of head-weeks of the past quarter in which the head carried out the duties."""
    return ratio(v.quarter("heads_on_duty"), v.quarter("heads"))


@observable("share", "burnout of heads", "T3.3")
def head_burnout(v: View) -> Series:
    """Mean burnout of heads in office, on [0, 1]."""
    return ratio(v.now("burnout"), v.now("heads"))


@observable("share", "overloaded heads", "T3.3")
def head_overload_share(v: View) -> Series:
    """Share of heads whose load exceeds the hours they can give."""
    return ratio(v.now("overloaded_heads"), v.now("heads"))


@observable("share", "heads trained within a year", "ten_household-115")
def head_training_coverage(v: View) -> Series:
    """Share of heads in office trained in the past 52 weeks."""
    return ratio(v.now("heads_trained"), v.now("heads"))


@observable("event", "head trainings so far", "ten_household-143")
def head_trainings_total(v: View) -> Series:
    """Trainings attended by heads since the plan began."""
    return v.since_start("head_trainings")


@observable("share", "households in units", "ten_household-104")
def unit_coverage(v: View) -> Series:
    """Share of households that belong to a unit in force."""
    return ratio(v.now("covered_households"), v.now("households"))


@observable("share", "communities reached", "ten_household-141")
def community_rollout_share(v: View) -> Series:
    """Share of communities in which at least seven households in ten belong to a unit in force."""
    covered = v.by_community("covered_households") >= ROLLED_OUT * v.by_community("households")
    inside = v.area > 0
    return ratio((covered & inside).sum(axis=1).astype(np.float64), inside.sum(axis=1).astype(np.float64))


@observable("1/month", "activities per unit", "ten_household-113")
def activities_per_month(v: View) -> Series:
    """Unit activities held per unit in force and month, over the past quarter."""
    return ratio(v.quarter("activities_held"), v.quarter("units_in_force") / QUARTER) / MONTHS_A_QUARTER


@observable("event", "unit activities so far", "ten_household-144")
def unit_activities_total(v: View) -> Series:
    """Unit activities held since the plan began."""
    return v.since_start("activities_held")


@observable("share", "activities organised online", "ten_household-126")
def online_activity_organisation_rate(v: View) -> Series:
    """Share of unit activities of the past quarter that were organised online."""
    return ratio(v.quarter("activities_online"), v.quarter("activities_held"))


# --- staff, money, organisations -------------------------------------------------------------------------------------


@observable("share", "staff time on reports", "ten_household-026")
def reporting_time_share(v: View) -> Series:
    """Share of committee working time spent on forms and reports in the past quarter."""
    return ratio(v.quarter("reporting_minutes"), v.quarter("staff_minutes"))


@observable("share", "staff time on residents", "ten_household-027")
def service_time_share(v: View) -> Series:
    """Share of committee working time that reached residents directly in the past quarter."""
    return ratio(v.quarter("service_minutes"), v.quarter("staff_minutes"))


@observable("share", "staff who leave in a year", "standardization-182")
def staff_turnover_rate(v: View) -> Series:
    """Community workers who left of their own accord in the past 52 weeks per worker (mean of the window)."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("staff_exits") * YEAR / weeks, v.year("workers") / weeks)


@observable("share", "staff posts vacant", "standardization-183")
def staff_vacancy_rate(v: View) -> Series:
    """Share of the committees' posts that nobody holds."""
    return 1.0 - ratio(v.now("workers"), v.now("posts"))


@observable("share", "staff burnt out", "T3.2")
def staff_burnout_rate(v: View) -> Series:
    """Share of community workers with burnout of any degree."""
    return ratio(v.now("worn_workers"), v.now("workers"))


@observable("share", "staff severely burnt out", "T3.2")
def staff_severe_burnout_rate(v: View) -> Series:
    """Share of community workers with severe burnout."""
    return ratio(v.now("burnt_workers"), v.now("workers"))


@observable("ratio", "load of the staff", "T3.1")
def staff_load(v: View) -> Series:
    """Work asked of community workers to what they can bear, mean over workers and the past quarter."""
    return ratio(v.quarter("staff_load"), v.quarter("workers"))


@observable("share", "satisfied residents as reported", "T13.1")
def reported_satisfaction_rate(v: View) -> Series:
    """Share of satisfied residents that committees report upwards; residents themselves give satisfaction_rate."""
    return ratio(v.now("reported_satisfied"), v.now("residents"))


@observable("share", "joint matters on time", "subdistrict-038")
def cross_department_completion_rate(v: View) -> Series:
    """Share of matters of several departments closed in the past 52 weeks on which all agreed inside the deadline."""
    return ratio(v.year("joint_on_time"), v.year("joint_closed"))


@observable("share", "social money", "ten_household-125")
def social_fund_share(v: View) -> Series:
    """Share of the communities' income of the past 52 weeks that came from donations and markets."""
    return ratio(v.year("social_income"), v.year("social_income") + v.year("fiscal_income"))


@observable("ratio", "growth of funds", "ten_household-124")
def fund_growth_rate(v: View) -> Series:
    """Income of the communities in the past 52 weeks relative to the 52 weeks before, minus one.

    Not a number until two full years are on record.
    """
    income = v.year("social_income") + v.year("fiscal_income")
    before = np.concatenate([np.zeros(YEAR), income])[: len(income)]
    before[: 2 * YEAR] = 0.0
    return ratio(income - before, before)


@observable("share", "head pay that arrives", "ten_household-173")
def subsidy_paid_share(v: View) -> Series:
    """Pay received by heads as a share of pay promised, over the past quarter."""
    return ratio(v.quarter("subsidies_paid"), v.quarter("subsidies_due"))


@observable("share", "firms and NGOs taking part", "ten_household-119")
def social_force_participation_rate(v: View) -> Series:
    """Share of the firms and NGOs around the communities that take part in the units' work."""
    return ratio(v.now("organisations_joined"), v.now("organisations"))


# --- policies --------------------------------------------------------------------------------------------------------


@observable("share", "communities with the policy", "T10.3")
def policy_adoption_rate(v: View) -> Series:
    """Share of communities in which the plan's policy is in place, brought by the plan or taken up."""
    return ratio(v.now("policy_in_place"), (v.area > 0).sum(axis=1).astype(np.float64))


@observable("share", "maturity of the policy", "T10.3")
def policy_maturity(v: View) -> Series:
    """Mean maturity of the plan's policy over the communities in which it is in place."""
    return ratio(v.now("policy_maturity"), v.now("policy_in_place"))


@observable("1/year", "policies replaced", "T10.3")
def policy_restart_rate(v: View) -> Series:
    """Policies that began anew in the past 52 weeks, per community with a policy (mean of the window) and year."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("policy_restarts") * YEAR / weeks, v.year("policy_in_place") / weeks)


@observable("score", "belief in the policy", "T10.3")
def policy_belief(v: View) -> Series:
    """Mean gain in satisfaction, on a scale from 0 to 1, that committees expect of the plan's policy."""
    return ratio(v.now("policy_belief"), (v.area > 0).sum(axis=1).astype(np.float64))


# --- emergencies -----------------------------------------------------------------------------------------------------


@observable("share", "warned within 30 minutes", "T9.3", by_group=True)
def warning_coverage_30(v: View) -> Series:
    """Share of residents of participation age in the area of an emergency whom the warning reached within 30 minutes,
    over the emergencies of the past 52 weeks.
    """
    return ratio(v.year("warned_early"), v.year("exposed"))


@observable("share", "warned within an hour", "T9.3", by_group=True)
def warning_coverage_60(v: View) -> Series:
    """Share of residents of participation age in the area of an emergency whom the warning reached within 60 minutes,
    over the emergencies of the past 52 weeks.
    """
    return ratio(v.year("warned"), v.year("exposed"))


@observable("min", "minutes until half are warned", "T9.3")
def warning_time_half(v: View) -> Series:
    """Mean time until half of a community's residents of participation age were warned, over the emergencies of the
    past 52 weeks; where that never came, the time at which the alarm ended.
    """
    return ratio(v.year("half_warned_minutes"), v.year("emergencies"))


@observable("min", "minutes until nine in ten are warned", "T9.3")
def warning_time_most(v: View) -> Series:
    """Mean time until nine in ten of a community's residents of participation age were warned, over the emergencies of
    the past 52 weeks; where that never came, the time at which the alarm ended.
    """
    return ratio(v.year("most_warned_minutes"), v.year("emergencies"))


@observable("h", "hours in need", "T9.3")
def unmet_need_hours(v: View) -> Series:
    """Mean time from the blow to help, over the households left in need by emergencies of the past 52 weeks."""
    return ratio(v.year("unmet_hours"), v.year("emergency_needs"))


@observable("share", "helped late", "ten_household-021")
def late_help_share(v: View) -> Series:
    """Share of the households left in need by emergencies of the past 52 weeks that were helped late."""
    return ratio(v.year("late_help"), v.year("emergency_needs"))


@observable("share", "stock-outs", "T9.3")
def stock_out_share(v: View) -> Series:
    """Share of the households left in need by emergencies of the past 52 weeks for which no goods were left, or nobody
    to bring them.
    """
    return ratio(v.year("stock_outs"), v.year("emergency_needs"))
