"""How ties between residents grow and fade, and how residents come to trust, feel able, belong and be satisfied.

Rules of :class:`~shequ.agents.resident.Resident`. Attitudes are shares on [0, 1]; one call moves an attitude by a week.
"""

import math
from typing import Any

from .rules import clip01, exp, inlined, rule

# --- ties ------------------------------------------------------------------------------------------------------------


@rule
def tie_affinity(doors: float, unlike: float, sociability: float, other_sociability: float, p: Any) -> float:
    """Rate of forming a tie, relative to alike next-door neighbours of average sociability.

    affinity = e**(-door_decay (doors - 1) - homophily unlike) sqrt(s_i s_j); doors apart, unlikeness on [0, 1] [T8.1].
    """
    return exp(-p.door_decay * (doors - 1.0) - p.homophily * unlike) * math.sqrt(sociability * other_sociability)


@inlined
def tie_strength(strength: float, formation: float, loss: float) -> float:
    """Strength of a tie a week on: A + f (1 - A) - d A [T8.1, S7].

    At rest f / (f + d), time constant 1 / (f + d) weeks. Per week, ``loss`` is d and ``formation`` is
    f = tie_formation affinity (1 + effect of what the two did together).
    """
    return clip01(strength + formation * (1.0 - strength) - loss * strength)


@inlined
def tie_loss(moves: float, p: Any) -> float:
    """Weekly loss d of a tie: fading, plus ``moves`` times the chance that one of the two households moves out.

    ``moves`` is 1 where households stay in the model and a move shows as the expected loss of 2 move_out of each tie
    that leaves the household; it is 0 where they move, and their ties end with them [T8.3, S7].
    """
    return p.tie_decay + 2.0 * moves * p.move_out


@rule
def stationary_strength(affinity: float, p: Any) -> float:
    """Mean strength of a tie at rest if the two do nothing together: f / (f + d), moves included in d [T8.1]."""
    formation = p.tie_formation * affinity
    return formation / (formation + tie_loss(1.0, p))


# --- attitudes -------------------------------------------------------------------------------------------------------


@inlined
def pulled(opinion: float, heard: float, anchor: float, susceptibility: float, pace: float) -> float:
    """Opinion moved towards s heard + (1 - s) anchor by ``pace`` [T8.1].

    Friedkin & Johnsen 1990 for pace 1; DeGroot 1974 for pace 1 and susceptibility 1. A slower pace has the same rest.
    """
    return opinion + pace * (susceptibility * heard + (1.0 - susceptibility) * anchor - opinion)


@inlined
def justice(outcome: int, fairness: float, p: Any) -> float:
    """Worth of how an issue ended, to the household: w fairness + (1 - w) success, on [0, 1] [T2.1: Tyler]."""
    good = 1.0 if outcome > 0 else 0.0
    return p.justice_weight * fairness + (1.0 - p.justice_weight) * good


@inlined
def trust_after_outcome(trust: float, outcome: int, fairness: float, weight: float, p: Any) -> float:
    """Trust after an issue ended (outcome +1 or -1; 0: nothing ended), with the weight of the body concerned [T2.1].

    Asymmetric learning, a+ (1 - T) after success and -a- T after failure, plus procedural justice
    eta (wP PJ + wO O - T).
    """
    gain, loss = p.trust_gain * (1.0 - trust), p.trust_loss * trust
    change = gain if outcome > 0 else -loss
    change = change + p.justice_pace * (justice(outcome, fairness, p) - trust)
    ended = 1.0 if outcome != 0 else 0.0
    return clip01(trust + ended * weight * change)


@inlined
def concern(level: int, upper: bool, p: Any) -> float:
    """Weight of an outcome for trust in the committee (``upper`` False) or the subdistrict (True).

    It is 1 for the body that handled it: levels 1 to 3 are the committee's, 4 the subdistrict's. The other one gets
    ``trust_spillover`` [T2.3].
    """
    spillover = p.trust_spillover
    return 1.0 if (level > 3) == upper else spillover


@inlined
def trust_after_week(trust: float, heard: float, anchor: float, latent: float, disclosure: float, p: Any) -> float:
    """Trust in an authority after a week's talk, open books and swallowed grievances.

    Friedkin-Johnsen pull, + disclosure_gain disclosure (1 - T) [T4.3] - latent_erosion latent T [T2.3].
    """
    moved = pulled(trust, heard, anchor, p.susceptibility, p.opinion_pace)
    moved = moved + p.disclosure_gain * disclosure * (1.0 - trust) - p.latent_erosion * latent * trust
    return clip01(moved)


@inlined
def property_trust(trust: float, quality: float, latent: float, openness: float, outcome: int, p: Any) -> float:
    """Trust in the estate's manager after a week [T4.3].

    It moves by property_pace to the quality lived, less what is swallowed and laid at its door; by property_openness
    openness (1 - T) with books that owners can read; and when an issue with estate or building ended (``outcome`` +1 or
    -1) up by a+ (1 - T) or down by a- T, as trust in the committee [T2.1].
    """
    moved = trust + p.property_pace * (quality * (1.0 - p.property_blame * latent) - trust)
    moved = moved + p.property_openness * openness * (1.0 - trust)
    if outcome > 0:
        moved = moved + p.property_gain * (1.0 - trust)
    if outcome < 0:
        moved = moved - p.property_loss * trust
    return clip01(moved)


@inlined
def efficacy_after_week(
    efficacy: float, anchor: float, outcome: int, result: float, disclosure: float, p: Any
) -> float:
    """External efficacy ('they listen') after a week [T2.3, T8.3].

    Up by efficacy_gain (1 - E) after success, down by efficacy_loss E after failure; up by efficacy_result (1 - E) when
    taking part led to something (``result``: share of the unit's tasks done in a week of own acts); up with open books;
    back towards the lasting level by efficacy_return.
    """
    change = p.efficacy_return * (anchor - efficacy) + p.efficacy_result * result * (1.0 - efficacy)
    change = change + p.disclosure_gain * disclosure * (1.0 - efficacy)
    gain, loss = p.efficacy_gain * (1.0 - efficacy), p.efficacy_loss * efficacy
    if outcome > 0:
        change = change + gain
    if outcome < 0:
        change = change - loss
    return clip01(efficacy + change)


@inlined
def community_after_week(
    sense: float, anchor: float, contacts: float, joint: float, outcome: int, fairness: float, undone: float, p: Any
) -> float:
    """Sense of community after a week: e1 (1 - S) [contact, joint activity, fair handling] - e2 S [conflict] [T8.3].

    Good contact saturates as contacts / (contacts + contacts_half); conflict is a failed issue or common tasks left
    undone; back towards the lasting level by community_return.
    """
    contact = contacts / (contacts + p.contacts_half)
    up = p.contact_gain * contact + p.joint_gain * joint
    down = p.undone_loss * undone
    ended, failed = 1.0 if outcome != 0 else 0.0, 1.0 if outcome < 0 else 0.0
    up = up + p.fair_gain * ended * fairness
    down = down + p.conflict_loss * failed
    return clip01(sense + up * (1.0 - sense) - down * sense + p.community_return * (anchor - sense))


@inlined
def performance_after_week(
    performance: float,
    heard: float,
    outcome: int,
    fairness: float,
    waited: float,
    served: float,
    joint: float,
    tasks: float,
    done: float,
    latent: float,
    p: Any,
) -> float:
    """Perceived performance after a week: moves towards each thing lived, by its weight [T8.3].

    Lived: how an issue ended, a service asked for (served 1, else 0), a joint activity (1), the unit's common tasks
    (share ``done``), grievances swallowed (0). With no issue, service or activity it drifts to what contacts perceive.
    """
    change = -p.latent_weight * latent * performance
    ended = 1.0 if outcome != 0 else 0.0
    nothing = 1.0 if (outcome == 0) & (waited == 0.0) & (joint == 0.0) else 0.0
    change = change + p.issue_weight * ended * (justice(outcome, fairness, p) - performance)
    change = change + p.service_weight * waited * (served - performance)
    change = change + p.joint_weight * joint * (1.0 - performance)
    change = change + p.task_weight * tasks * (done - performance)
    change = change + p.hearsay_pace * nothing * (heard - performance)
    return clip01(performance + change)


@inlined
def satisfaction_of(base: float, performance: float, expectation: float, p: Any) -> float:
    """Satisfaction by expectancy disconfirmation: S = a + b P + c (P - E) [T8.1: Oliver 1980, Van Ryzin 2004; S3]."""
    return clip01(base + p.performance_effect * performance + p.disconfirmation_effect * (performance - expectation))


@rule
def identifies(satisfaction: float, sense: float, p: Any) -> bool:
    """Whether a resident identifies with what governance achieved: satisfied with it, and feeling part of it.

    satisfaction >= ``satisfied_level`` and sense of community >= ``identified_level`` [ten_household-039]
    """
    return satisfaction >= p.satisfied_level and sense >= p.identified_level


@inlined
def expectation_after(expectation: float, performance: float, lived: float, p: Any) -> float:
    """Return expected performance after an experience (``lived`` 1): E + g (P - E) [T8.1, S3]."""
    return clip01(expectation + p.expectation_pace * lived * (performance - expectation))
