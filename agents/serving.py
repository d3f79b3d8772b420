"""Rules of a head's life in office: work, strain, skill, thanks, duty, leaving, and who takes over [T3.3].

Hours are hours a week, pay is CNY a month, shares lie in [0, 1], hazards are per week.
"""

import math
from typing import Any

from .rates import WEEKS_A_YEAR
from .rules import clip01, exp, log, logistic, normal_quantile, rule

STAYS, WORKLOAD, NO_PAY, LACK_OF_SKILL, OTHER = 0, 1, 2, 3, 4  # reasons to leave


# --- work ------------------------------------------------------------------------------------------------------------


@rule
def routine_hours(duties: float, households: float, forms: float, p: Any) -> float:
    """Hours of the duties on the list and of the forms that ask for the same facts.

    duties (a + b households) + forms c
    """
    return duties * (p.head_duty_hours + p.head_duty_household_hours * households) + forms * p.head_form_hours


@rule
def meeting_hours(activities: float, deliberations: float, trainings: float, p: Any) -> float:
    """Hours to organise this week's activities and deliberations and to attend trainings."""
    return (
        activities * p.head_activity_hours
        + deliberations * p.head_deliberation_hours
        + trainings * p.head_training_hours
    )


@rule
def overload_of(load: float, capacity: float) -> float:
    """Overload max(load / capacity - 1, 0) [T3.3]."""
    return max(load / capacity - 1.0, 0.0)


@rule
def spare_hours(wanted: float, capacity: float, other_work: float) -> float:
    """Hours for visits: those wanted, as far as other work leaves room."""
    return min(wanted, max(capacity - other_work, 0.0))


# --- strain, skill, recognition --------------------------------------------------------------------------------------


@rule
def head_backing(standing: float, staff_minutes: float, p: Any) -> float:
    """Support that a head gets: standing help, and committee time a head and week on top of it.

    1 - (1 - standing) exp(-minutes / support_minutes)
    """
    return 1.0 - (1.0 - standing) * exp(-staff_minutes / p.support_minutes)


@rule
def burnout_after(burnout: float, overload: float, support: float, recognition: float, skill: float, p: Any) -> float:
    """Burnout after a week: overload, less what support, recognition and skill buffer, against recovery [T3.3].

    B + g over (1 - b1 support) (1 - b2 recognition) (1 - b3 skill) (1 - saturation B) - d B
    """
    strain = (
        overload
        * (1.0 - p.burnout_support_buffer * support)
        * (1.0 - p.burnout_recognition_buffer * recognition)
        * (1.0 - p.burnout_skill_buffer * skill)
    )
    room = 1.0 - p.burnout_saturation * burnout
    return clip01(burnout + p.burnout_gain * strain * room - p.burnout_recovery * burnout)


@rule
def trainings_due(week: float, phase: float, yearly: float, funded: float) -> int:
    """Trainings of this week: every 1 / rate weeks from a date of the unit's own, rate = yearly funded / weeks a year.

    floor(rate week + phase) - floor(rate (week - 1) + phase), phase uniform in (0, 1)
    """
    rate = yearly * funded / WEEKS_A_YEAR
    return math.floor(rate * week + phase) - math.floor(rate * (week - 1.0) + phase)


@rule
def skill_after(skill: float, trainings: float, p: Any) -> float:
    """Skill after a week: some is forgotten, a training gives a share of what is missing [T3.3].

    S <- S (1 - delta); with a training S <- S + gS (1 - S)
    """
    kept = skill * (1.0 - p.skill_forgetting)
    return kept + min(trainings, 1.0) * p.skill_gain * (1.0 - kept)


@rule
def assessment_strength(assessments: float, p: Any) -> float:
    """Effect of ``assessments`` a year, between 0 and 1: assessments / (assessments + assessment_half)."""
    return assessments / (assessments + p.assessment_half)


@rule
def recognition_after(recognition: float, on_duty: float, honour: float, assessments: float, p: Any) -> float:
    """Recognition after a week: it nears what is due to a head who does the duties.

    R + rate (on_duty min(1, h honour + a strength(assessments)) - R)
    """
    due = on_duty * clip01(
        p.recognition_honour * honour + p.recognition_assessment * assessment_strength(assessments, p)
    )
    return recognition + p.recognition_rate * (due - recognition)


# --- leaving ---------------------------------------------------------------------------------------------------------


@rule
def worth_of_pay(pay: float, p: Any) -> float:
    """Return what pay counts: ln(1 + pay / pay_scale) [T3.3]."""
    return log(1.0 + pay / p.pay_scale)


@rule
def exit_hazard(
    frailty: float, burnout: float, overload: float, pay: float, recognition: float, skill: float, p: Any
) -> float:
    """Hazard of leaving office in a week [T3.3].

    h0 frailty exp(kB B + kO over - kS ln(1 + pay / scale) - kR recognition - kK skill)
    """
    return (
        p.exit_rate
        * frailty
        * exp(
            p.exit_burnout * burnout
            + p.exit_overload * overload
            - p.exit_pay * worth_of_pay(pay, p)
            - p.exit_recognition * recognition
            - p.exit_skill * skill
        )
    )


@rule
def exit_reason(u: float, burnout: float, overload: float, pay: float, skill: float, p: Any) -> int:
    """Reason that a leaving head names, drawn in proportion to what each adds to the log hazard [ten_household-067].

    workload kB B + kO over; pay kS (ln(1 + fair / scale) - ln(1 + pay / scale)) where positive; skill kK (1 - skill)
    """
    workload = p.exit_burnout * burnout + p.exit_overload * overload
    unpaid = p.exit_pay * max(worth_of_pay(p.fair_pay, p) - worth_of_pay(pay, p), 0.0)
    unskilled = p.exit_skill * (1.0 - skill)
    place = u * (workload + unpaid + unskilled)
    if place < workload:
        return WORKLOAD
    if place < workload + unpaid:
        return NO_PAY
    return LACK_OF_SKILL if unskilled > 0.0 else OTHER


# --- duty ------------------------------------------------------------------------------------------------------------


@rule
def duty_chance(
    pay: float,
    burnout: float,
    recognition: float,
    frailty: float,
    assessments: float,
    appraisal: float,
    supervision: float,
    p: Any,
) -> float:
    """Probability that a head carries out the duties of a week [ten_household-058, ten_household-107].

    L(d0 + dP ln(1 + pay / scale) + dA strength(assessments) + dW appraisal weight + dV supervision + dR recognition
    - dB B - dF ln frailty): who is prone to leave withdraws first.
    """
    return logistic(
        p.duty_rest
        + p.duty_pay * worth_of_pay(pay, p)
        + p.duty_assessment * assessment_strength(assessments, p)
        + p.duty_appraisal * appraisal
        + p.duty_supervision * supervision
        + p.duty_recognition * recognition
        - p.duty_burnout * burnout
        - p.duty_withdrawal * log(frailty)
    )


# --- taking office ---------------------------------------------------------------------------------------------------


@rule
def candidate_hazard(
    age: float,
    community: float,
    efficacy: float,
    hours: float,
    preferred: float,
    pledged_pay: float,
    selection: float,
    p: Any,
) -> float:
    """Hazard that a resident takes a vacant office, zero outside the age limits [T3.3].

    r exp(cS sense of community + cE efficacy + cT min(1, hours / ample) + cP ln(1 + pledged pay / scale)
    + selection (cF preferred - cV)); ``preferred``: Party member or retired cadre [ten_household-181]
    """
    if age < p.head_age_low or age > p.head_age_high:
        return 0.0
    return p.candidate_rate * exp(
        p.candidate_community * community
        + p.candidate_efficacy * efficacy
        + p.candidate_time * min(1.0, hours / p.candidate_hours)
        + p.candidate_pay * worth_of_pay(pledged_pay, p)
        + selection * (p.candidate_first * preferred - p.candidate_vetting)
    )


@rule
def highest_candidate_hazard(pledged_pay: float, selection: float, p: Any) -> float:
    """Return what candidate_hazard is at most, whoever the resident is: attitudes lie in [0, 1]."""
    return p.candidate_rate * exp(
        max(p.candidate_community, 0.0)
        + max(p.candidate_efficacy, 0.0)
        + max(p.candidate_time, 0.0)
        + p.candidate_pay * worth_of_pay(pledged_pay, p)
        + selection * (max(p.candidate_first, 0.0) - p.candidate_vetting)
    )


@rule
def waiting_time(u: float, hazard: float) -> float:
    """Weeks until an event of constant hazard: -ln(u) / hazard. The shortest of several goes to each by its hazard."""
    return -log(u) / hazard


@rule
def starting_skill(education: float, cadre: float, p: Any) -> float:
    """Skill of a new head, from schooling and experience of office."""
    return clip01(p.skill_start + p.skill_education * education + p.skill_cadre * cadre)


@rule
def starting_frailty(u: float, p: Any) -> float:
    """Lasting exit proneness: log-normal of median 1 [T3.3]."""
    return exp(p.frailty_spread * normal_quantile(u))


@rule
def starting_capacity(u: float, p: Any) -> float:
    """Hours that a new head can give: uniform between the two bounds [T3.3]."""
    return p.head_capacity_low + (p.head_capacity_high - p.head_capacity_low) * u
