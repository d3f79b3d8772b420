"""Rules of a life's course: how long people live, when children are born, what changes with age."""

from typing import Any

from .rates import WEEKS_A_YEAR
from .rules import clip01, exp, log, rule

ELDER_AGE = 60  # elders are residents of 60 and over, as in the plans (ten_household-193)


@rule
def years_left(age: float, u: float, p: Any) -> float:
    """Years that a person of ``age`` has left, by inversion of Gompertz's law: u = S(t | age) [M3].

    Mortality b e**(b (age - M)) a year, with b = death_slope and M = death_mode_age, the age at which most die; so
    S(t | x) = exp(-e**(b (x - M)) (e**(b t) - 1)) and t = ln(1 - e**(-b (x - M)) ln u) / b.
    """
    slope = p.death_slope
    return log(1.0 - exp(-slope * (age - p.death_mode_age)) * log(u)) / slope


@rule
def is_fertile(age: float, p: Any) -> bool:
    """Whether a first or second member of a household is at the age of having children [T8.5]."""
    return p.birth_age_low <= age < p.birth_age_high


@rule
def birth_hazard(p: Any) -> float:
    """Births per week of a household of two and more with room and a parent of that age: birth_rate / year [T8.5]."""
    return p.birth_rate / WEEKS_A_YEAR


@rule
def skill_at_sixty(skill: float, p: Any) -> float:
    """Digital skill with which somebody joins the elders [T8.5].

    Younger adults and elders differ by a step at 60, where in truth skill declines from cohort to cohort: who turns 60
    keeps the share elder_skill_kept of that step.
    """
    step = p.adult_skill_mean - p.elder_skill_mean
    return clip01(skill - (1.0 - p.elder_skill_kept) * step)


@rule
def hours_at_sixty(hours: float, most: float, p: Any) -> float:
    """Free hours a week of somebody who turns 60: grown by the ratio of the two medians, at most ``most`` [T0.3]."""
    return min(most, hours * p.available_hours_elder / p.available_hours_worker)
