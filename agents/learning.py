"""Rules of hearing and learning: knowing what units are for, taking up the platform, handling a device.

They belong to :class:`~shequ.agents.resident.Resident`, whose methods call them.
"""

from typing import Any

from .rates import WEEKS_A_YEAR
from .rules import LN2, clip01, exp, happens, inlined, logistic, rule

# --- awareness -------------------------------------------------------------------------------------------------------


@inlined
def hearing_hazard(publicity: float, visits: float, peers_aware: float, attended: float, asked: float, p: Any) -> float:
    """Hazard a week of learning what units are for: simple contagion, one source is enough [T1.1].

    notice publicity + handbook visits / 52 + talk peers_aware + event attended + asking asked, with publicity the share
    of residents reached in a week and visits the share of households visited with a handbook in a year.
    """
    return (
        p.notice_effect * publicity
        + p.handbook_effect * visits / WEEKS_A_YEAR
        + p.talk_effect * peers_aware
        + p.event_effect * attended
        + p.asking_effect * asked
    )


@inlined
def is_aware(aware: int, u_hear: float, u_forget: float, hazard: float, p: Any) -> int:
    """Awareness at the end of the week: who hears knows; who knows and hears nothing may forget."""
    hears, forgets = happens(u_hear, hazard), happens(u_forget, p.forgetting)
    return 1 if hears else 0 if forgets else aware


# --- platform --------------------------------------------------------------------------------------------------------


@rule
def platform_quality(modules: float, operations: float, p: Any) -> float:
    """Quality of the platform, 0 to 1: share of modules online, of which a part only serves if it is looked after.

    min(1, modules / 4) (bare + (1 - bare) operations)
    """
    return min(1.0, modules / p.all_modules) * (p.bare_quality + (1.0 - p.bare_quality) * operations)


@rule
def ease_of_use(
    age: float, education: float, skill: float, quality: float, elder_friendly: float, elder_age: float, p: Any
) -> float:
    """Share of those open to the platform who can and care to use it [T7.3].

    L(g0 - g1 (1 - design elder_friendly) (age - 60)+ / 10 + g2 education + g3 quality + g4 skill)
    """
    decades = max(0.0, age - elder_age) / 10.0
    return logistic(
        p.ease_intercept
        - p.ease_age * (1.0 - p.design_effect * elder_friendly) * decades
        + p.ease_education * education
        + p.ease_quality * quality
        + p.ease_skill * skill
    )


@inlined
def contact_hazard(peers_adopted: float, asked: float, p: Any) -> float:
    """Hazard a week of turning to the platform, before ease of use: p + q peers + m asked [T7.3: Bass 1969]."""
    return p.innovation + p.imitation * peers_adopted + p.asking_adoption * asked


@rule
def alarm_after(alarm: float, breach: float, p: Any) -> float:
    """Alarm about leaked data a week later: it halves in ``alarm_half_life`` weeks, a leak raises it anew [T7.3].

    max(alarm e^(-ln 2 / half-life), breach), with ``breach`` the share of users whose data leak.
    """
    return max(alarm * exp(-LN2 / p.alarm_half_life), breach)


@rule
def shied_away(alarm: float, p: Any) -> float:
    """Share of the hazard of adopting that alarm about leaked data leaves: 1 - effect alarm [T7.3]."""
    return 1.0 - p.alarm_effect * alarm


@rule
def trust_after_breach(trust: float, breach: float, p: Any) -> float:
    """Trust of a user in those who run the platform, after a leak: T (1 - loss breach) [T7.3]."""
    return trust * (1.0 - p.breach_loss * breach)


@inlined
def dropout_hazard(satisfaction: float, quality: float, p: Any) -> float:
    """Hazard a week of leaving the platform, falling in satisfaction and in quality [T7.3]."""
    return p.dropout * (1.0 - p.dropout_satisfaction * satisfaction) * (1.0 - p.dropout_quality * quality)


@inlined
def worth_using(interest: float, peers_adopted: float, p: Any) -> bool:
    """Whether the platform is worth its trouble, which grows with use: interest x peers_adopted >= price [T7.1].

    Rohlfs 1974: with interests spread evenly over [0, 1] and everybody in contact, the share x of users rests where
    x (1 - x) = price (D5).
    """
    return interest * peers_adopted >= p.platform_price


@inlined
def new_skill(skill: float, base: float, classes: float, help_share: float, adopted: float, p: Any) -> float:
    """Digital skill of an elder at the end of the week [T7.3].

    skill + (gS classes + gH help) (1 - skill) - loss (1 - practice adopted) (skill - base): lessons close part of the
    gap, and without practice the skill returns to what it was.
    """
    gain = (p.class_gain * classes + p.help_gain * help_share) * (1.0 - skill)
    loss = p.skill_loss * (1.0 - p.practice * adopted) * (skill - base)
    return clip01(skill + gain - loss)
