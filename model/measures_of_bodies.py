"""The named measures of units, heads, committees, money, policies and emergencies; see :mod:`shequ.model.measures`."""

import numpy as np

from .observables import QUARTER, YEAR, Series, View, observable, ratio

MONTHS_A_QUARTER = 3.0
ROLLED_OUT = 0.7  # share of households in units from which a community counts as reached; the plan aims at 0.85


# --- heads and units -------------------------------------------------------------------------------------------------


@observable("share", "heads who leave in a year", "ten_household-066", better="less")
def head_attrition_rate(v: View) -> Series:
    """Heads who left in the past 52 weeks per head in office (mean of the window)."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("head_exits") * YEAR / weeks, v.year("heads") / weeks)


@observable("share", "units without a head", "T3.3", better="less")
def head_vacancy_rate(v: View) -> Series:
    """Share of units in force without a head."""
    return 1.0 - ratio(v.now("heads"), v.now("units_in_force"))


@observable("share", "heads on duty", "ten_household-107", better="more")
def head_duty_rate(v: View) -> Series:
    """Share of head-weeks of the past quarter in which the head carried out the duties."""
    return ratio(v.quarter("heads_on_duty"), v.quarter("heads"))


@observable("share", "burnout of heads", "T3.3", better="less")
def head_burnout(v: View) -> Series:
    """Mean burnout of heads in office, on [0, 1]."""
    return ratio(v.now("burnout"), v.now("heads"))


@observable("share", "overloaded heads", "T3.3", better="less")
def head_overload_share(v: View) -> Series:
    """Share of heads whose load exceeds the hours they can give."""
    return ratio(v.now("overloaded_heads"), v.now("heads"))


@observable("share", "recognition of heads", "T3.3", better="more")
def head_recognition(v: View) -> Series:
    """Mean recognition that heads in office receive, on [0, 1]."""
    return ratio(v.now("recognition"), v.now("heads"))


@observable("share", "heads from the Party or retired cadres", "ten_household-181")
def head_preferred_share(v: View) -> Series:
    """Share of heads in office who are Party members or retired cadres."""
    return ratio(v.now("preferred_heads"), v.now("heads"))


@observable("share", "heads trained within a year", "ten_household-115", better="more")
def head_training_coverage(v: View) -> Series:
    """Share of heads in office trained in the past 52 weeks."""
    return ratio(v.now("heads_trained"), v.now("heads"))


@observable("event", "head trainings so far", "ten_household-143")
def head_trainings_total(v: View) -> Series:
    """Trainings attended by heads since the plan began."""
    return v.since_start("head_trainings")


@observable("share", "households in units", "ten_household-104", better="more")
def unit_coverage(v: View) -> Series:
    """Share of households that belong to a unit in force."""
    return ratio(v.now("covered_households"), v.now("households"))


@observable("household", "spread of unit sizes", "ten_household-165")
def unit_size_spread(v: View) -> Series:
    """Standard deviation of the number of households over the units in force."""
    mean = ratio(v.now("covered_households"), v.now("units_in_force"))
    return np.sqrt(np.maximum(ratio(v.now("unit_squares"), v.now("units_in_force")) - mean * mean, 0.0))


@observable("1/year", "households regrouped", "ten_household-168")
def unit_regrouping_rate(v: View) -> Series:
    """Households that new borders took out of their unit in the past 52 weeks, per household. A unit goes on as the one
    that holds its middle household.
    """
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("households_regrouped") * YEAR / weeks, v.now("households"))


@observable("share", "communities reached", "ten_household-141", better="more")
def community_rollout_share(v: View) -> Series:
    """Share of communities in which at least seven households in ten belong to a unit in force."""
    covered = v.by_community("covered_households") >= ROLLED_OUT * v.by_community("households")
    inside = v.area > 0
    return ratio((covered & inside).sum(axis=1).astype(np.float64), inside.sum(axis=1).astype(np.float64))


@observable("1/month", "activities per unit", "ten_household-113", better="more")
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


@observable("share", "staff time on reports", "ten_household-026", better="less")
def reporting_time_share(v: View) -> Series:
    """Share of committee working time spent on forms and reports in the past quarter."""
    return ratio(v.quarter("reporting_minutes"), v.quarter("staff_minutes"))


@observable("share", "staff time on residents", "ten_household-027", better="more")
def service_time_share(v: View) -> Series:
    """Share of committee working time that reached residents directly in the past quarter."""
    return ratio(v.quarter("service_minutes"), v.quarter("staff_minutes"))


@observable("share", "staff who leave in a year", "standardization-182", better="less")
def staff_turnover_rate(v: View) -> Series:
    """Community workers who left of their own accord in the past 52 weeks per worker (mean of the window)."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("staff_exits") * YEAR / weeks, v.year("workers") / weeks)


@observable("share", "staff posts vacant", "standardization-183", better="less")
def staff_vacancy_rate(v: View) -> Series:
    """Share of the committees' posts that nobody holds."""
    return 1.0 - ratio(v.now("workers"), v.now("posts"))


@observable("share", "staff burnt out", "T3.2", better="less")
def staff_burnout_rate(v: View) -> Series:
    """Share of community workers with burnout of any degree."""
    return ratio(v.now("worn_workers"), v.now("workers"))


@observable("share", "staff severely burnt out", "T3.2", better="less")
def staff_severe_burnout_rate(v: View) -> Series:
    """Share of community workers with severe burnout."""
    return ratio(v.now("burnt_workers"), v.now("workers"))


@observable("ratio", "load of the staff", "T3.1", better="less")
def staff_load(v: View) -> Series:
    """Work asked of community workers to what they can bear, mean over workers and the past quarter."""
    return ratio(v.quarter("staff_load"), v.quarter("workers"))


@observable("share", "satisfied residents as reported", "T13.1")
def reported_satisfaction_rate(v: View) -> Series:
    """Share of satisfied residents that committees report upwards; residents themselves give satisfaction_rate."""
    return ratio(v.now("reported_satisfied"), v.now("residents"))


@observable("share", "joint matters on time", "subdistrict-038", better="more")
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


@observable("share", "programme money left idle", "four_creations-065", better="less")
def fund_idle_rate(v: View) -> Series:
    """Share of the money that departments passed down for services in the past 52 weeks that was not spent; not a
    number until 52 weeks are on record.
    """
    idle = 1.0 - ratio(v.year("programme_spending"), v.year("programme_income"))
    idle[: YEAR - 1] = np.nan
    return np.maximum(idle, 0.0)


@observable("share", "head pay that arrives", "ten_household-173", better="more")
def subsidy_paid_share(v: View) -> Series:
    """Pay received by heads as a share of pay promised, over the past quarter."""
    return ratio(v.quarter("subsidies_paid"), v.quarter("subsidies_due"))


@observable("share", "firms and NGOs taking part", "ten_household-119", better="more")
def social_force_participation_rate(v: View) -> Series:
    """Share of the firms and NGOs around the communities that take part in the units' work."""
    return ratio(v.now("organisations_joined"), v.now("organisations"))


@observable("share", "NGOs taking part", "ten_household-074", better="more")
def ngo_participation_rate(v: View) -> Series:
    """Share of the NGOs around the communities that take part in the units' work."""
    return ratio(v.now("ngos_joined"), v.now("ngos"))


@observable("NGO", "NGOs per community", "standardization-059")
def ngos_per_community(v: View) -> Series:
    """NGOs around a community, mean over communities."""
    return ratio(v.now("ngos"), (v.area > 0).sum(axis=1).astype(np.float64))


@observable("share", "NGOs that close in a year", "T6.2", better="less")
def ngo_exit_rate(v: View) -> Series:
    """NGOs that closed in the past 52 weeks per NGO (mean of the window)."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("ngo_exits") * YEAR / weeks, v.year("ngos") / weeks)


@observable("firm", "firms per community", "T6.1")
def firms_per_community(v: View) -> Series:
    """Firms around a community, mean over communities."""
    return ratio(v.now("firms"), (v.area > 0).sum(axis=1).astype(np.float64))


@observable("share", "firms that close in a year", "T6.1", better="less")
def firm_exit_rate(v: View) -> Series:
    """Firms that closed in the past 52 weeks per firm (mean of the window)."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("firm_exits") * YEAR / weeks, v.year("firms") / weeks)


@observable("share", "public share of NGO income", "standardization-102")
def ngo_government_share(v: View) -> Series:
    """Share of the income of NGOs, remembered over about a year, that comes from public contracts."""
    return ratio(v.now("ngo_public_income"), v.now("ngo_income"))


@observable("share", "contracts delivered in full", "four_creations-130", better="more")
def contract_completion_rate(v: View) -> Series:
    """Share of the service contracts ended in the past 52 weeks of which all that was agreed was delivered."""
    return ratio(v.year("contracts_kept"), v.year("contracts_ended"))


# --- property management ---------------------------------------------------------------------------------------------


@observable("share", "property fees collected", "standardization-011", better="more")
def fee_collection_rate(v: View) -> Series:
    """Property fees billed in the past quarter that were paid in their month, as a share of all that was billed.

    Communities without a manager bill nothing and do not count.
    """
    return ratio(v.quarter("fees_paid"), v.quarter("fees_due"))


@observable("share", "quality of property service", "T4.3", better="more")
def property_service_quality(v: View) -> Series:
    """Mean quality of property service over households, on [0, 1]."""
    return ratio(v.now("estate_quality"), v.now("households"))


@observable("share", "trust in the property company", "T8.3", better="more")
def property_trust(v: View) -> Series:
    """Mean trust in whoever manages the estate, on [0, 1], as the last month began."""
    return ratio(v.now("estate_trust"), v.now("residents"))


@observable("share", "communities with an owners' committee", "T14")
def owners_committee_rate(v: View) -> Series:
    """Share of communities with an elected owners' committee."""
    return ratio(v.now("owners_committees"), (v.area > 0).sum(axis=1).astype(np.float64))


# --- policies --------------------------------------------------------------------------------------------------------


@observable("share", "communities with the policy", "T10.3")
def policy_adoption_rate(v: View) -> Series:
    """Share of communities in which the plan's policy is in place, brought by the plan or taken up."""
    return ratio(v.now("policy_in_place"), (v.area > 0).sum(axis=1).astype(np.float64))


@observable("share", "maturity of the policy", "T10.3")
def policy_maturity(v: View) -> Series:
    """Mean maturity of the plan's policy over the communities in which it is in place."""
    return ratio(v.now("policy_maturity"), v.now("policy_in_place"))


@observable("1/year", "policies replaced", "T10.3", better="less")
def policy_restart_rate(v: View) -> Series:
    """Policies that began anew in the past 52 weeks, per community with a policy (mean of the window) and year."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return ratio(v.year("policy_restarts") * YEAR / weeks, v.year("policy_in_place") / weeks)


@observable("score", "belief in the policy", "T10.3")
def policy_belief(v: View) -> Series:
    """Mean gain in satisfaction, on a scale from 0 to 1, that committees expect of the plan's policy."""
    return ratio(v.now("policy_belief"), (v.area > 0).sum(axis=1).astype(np.float64))


# --- emergencies -----------------------------------------------------------------------------------------------------


@observable("share", "warned within 30 minutes", "T9.3", by_group=True, better="more")
def warning_coverage_30(v: View) -> Series:
    """Share of residents of participation age in the area of an emergency whom the warning reached within 30 minutes,
    over the emergencies of the past 52 weeks.
    """
    return ratio(v.year("warned_early"), v.year("exposed"))


@observable("share", "warned within an hour", "T9.3", by_group=True, better="more")
def warning_coverage_60(v: View) -> Series:
    """Share of residents of participation age in the area of an emergency whom the warning reached within 60 minutes,
    over the emergencies of the past 52 weeks.
    """
    return ratio(v.year("warned"), v.year("exposed"))


@observable("share", "safe before the blow", "T9.3", by_group=True, better="more")
def safe_in_time_share(v: View) -> Series:
    """Share of residents of participation age in the area of an emergency who were ready, or before a flood away,
    when it struck, over the emergencies of the past 52 weeks.
    """
    return ratio(v.year("safe"), v.year("exposed"))


@observable("min", "minutes until half are warned", "T9.3", better="less")
def warning_time_half(v: View) -> Series:
    """Mean time until half of a community's residents of participation age were warned, over the emergencies of the
    past 52 weeks; where that never came, the time at which the alarm ended.
    """
    return ratio(v.year("half_warned_minutes"), v.year("emergencies"))


@observable("min", "minutes until nine in ten are warned", "T9.3", better="less")
def warning_time_most(v: View) -> Series:
    """Mean time until nine in ten of a community's residents of participation age were warned, over the emergencies of
    the past 52 weeks; where that never came, the time at which the alarm ended.
    """
    return ratio(v.year("most_warned_minutes"), v.year("emergencies"))


@observable("h", "hours in need", "T9.3", better="less")
def unmet_need_hours(v: View) -> Series:
    """Mean time from the blow to help, over the households left in need by emergencies of the past 52 weeks."""
    return ratio(v.year("unmet_hours"), v.year("emergency_needs"))


@observable("share", "helped late", "ten_household-021", better="less")
def late_help_share(v: View) -> Series:
    """Share of the households left in need by emergencies of the past 52 weeks that were helped late."""
    return ratio(v.year("late_help"), v.year("emergency_needs"))


@observable("share", "stock-outs", "T9.3", better="less")
def stock_out_share(v: View) -> Series:
    """Share of the households left in need by emergencies of the past 52 weeks for which no goods were left, or nobody
    to bring them.
    """
    return ratio(v.year("stock_outs"), v.year("emergency_needs"))
