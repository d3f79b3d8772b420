"""How a warning passes: whether a link of the chain holds, who can be called, who tells others, who heeds it.

Rules of the emergency submodel [T9]. Minutes count from the moment at which the subdistrict office is warned.
"""

from enum import IntEnum
from typing import Any

from .rules import clip01, log, power, rule


class Source(IntEnum):
    """From whom one first heard."""

    NOBODY = 0
    CALL = 1
    VISIT = 2
    PUSH = 3
    BROADCAST = 4
    NEIGHBOUR = 5


NOBODY, PUSH, BROADCAST = int(Source.NOBODY), int(Source.PUSH), int(Source.BROADCAST)
TELLS, HEEDS = 0, 1  # draws of a resident's choices
NOT_WARNED, NOT_HELPED = -1.0, -1.0  # minute and hour of what has not happened


class EmergencyKind(IntEnum):
    """What strikes; each kind needs goods of its own."""

    RAINSTORM = 1
    EPIDEMIC = 2
    OUTAGE = 3
    FLOOD = 4

    @property
    def label(self) -> str:
        """Name as scenario files write it."""
        return self.name.lower()


RAINSTORM, EPIDEMIC, OUTAGE = int(EmergencyKind.RAINSTORM), int(EmergencyKind.EPIDEMIC), int(EmergencyKind.OUTAGE)
FLOOD = int(EmergencyKind.FLOOD)


# --- the chain -------------------------------------------------------------------------------------------------------


@rule
def over_ways(success: float, ways: float) -> float:
    """Chance to get through by at least one of ``ways`` independent ways: 1 - (1 - s)^w [T9.1, E2]."""
    return 1.0 - power(1.0 - success, ways) if success < 1.0 else 1.0


@rule
def link_chance(drills: float, ways: float, p: Any) -> float:
    """Chance that a link of the chain gets through to somebody who is there [T9.3].

    s = hop_success + (1 - hop_success) drill_effect d / (d + drills_half), d drills a year; over w ways 1 - (1 - s)^w.
    """
    practised = p.drill_effect * drills / (drills + p.drills_half)
    return over_ways(p.hop_success + (1.0 - p.hop_success) * practised, ways)


@rule
def head_presence(head: int, on_duty: int, burnout: float, p: Any) -> float:
    """Share of alarms that a unit's head is there to take [T9.3, coupling 10].

    1 - hop_vacancy without a head; else 1 - hop_burnout burnout, times 1 - hop_off_duty if the duties are left undone.
    """
    if head < 0:
        return 1.0 - p.hop_vacancy
    return (1.0 - p.hop_burnout * burnout) * (1.0 if on_duty == 1 else 1.0 - p.hop_off_duty)


@rule
def has_phone(digital_skill: float, p: Any) -> bool:
    """Whether one can be called or pushed a message; who cannot is reached by a visit or by others [T9.3]."""
    return digital_skill >= p.phone_skill


# --- broadcast and word of mouth -------------------------------------------------------------------------------------


@rule
def heard_after(u: float, rate: float) -> float:
    """Minutes until a message that comes at the hazard ``rate`` a minute: -ln(u) / rate [T9.1]."""
    return -log(u) / rate


@rule
def tie_rate(family: bool, strength: float, contacts: float, contagion: float, family_minutes: float) -> float:
    """Hazard a minute at which news passes along one tie to somebody whose ties sum to ``contacts`` [T9.1, E3].

    contagion strength / contacts, so that one hears at contagion x share of contacts who know and tell; within the
    household 1 / family_minutes.
    """
    return 1.0 / family_minutes if family else contagion * strength / contacts


@rule
def sharing_chance(sense_of_community: float, p: Any) -> float:
    """Chance to pass a warning on beyond the household: sharing (1 + sharing_belonging (S - 1/2)) [T9.2]."""
    return clip01(p.sharing * (1.0 + p.sharing_belonging * (sense_of_community - 0.5)))


@rule
def heed_chance(trust: float, source: int, p: Any) -> float:
    """Chance to act on a warning: base + heed_trust trust in the committee + heed_personal from a person [T9.2]."""
    personal = 0.0 if source in (PUSH, BROADCAST) else 1.0
    return clip01(p.heed_base + p.heed_trust * trust + p.heed_personal * personal)


@rule
def safe_in_time(warned: float, forewarning: float, p: Any) -> bool:
    """Whether somebody who heeds a warning heard at minute ``warned`` is done before the blow [T9.3]."""
    return warned + p.act_minutes <= forewarning


@rule
def needs_escort(age: float, p: Any) -> bool:
    """Whether somebody cannot leave home for a shelter without a hand [T9.3]."""
    return age >= p.escort_age


# --- the blow --------------------------------------------------------------------------------------------------------


@rule
def hit_share(kind: int, p: Any) -> float:
    """Share of households that need goods or a hand in an emergency of full severity, nobody being prepared [T9.3]."""
    if kind == RAINSTORM:
        return p.hit_rainstorm
    if kind == EPIDEMIC:
        return p.hit_epidemic
    return p.hit_outage if kind == OUTAGE else p.hit_flood


@rule
def need_chance(kind: int, severity: float, safe: float, p: Any) -> float:
    """Chance that a household needs help: hit_share severity (1 - protection x share of its adults who are safe)."""
    return hit_share(kind, p) * severity * (1.0 - p.protection * safe)


@rule
def help_outcome(hours: float, p: Any) -> int:
    """How help after ``hours`` counts to the household: +1 in time, -1 later than late_help_hours [T9.3, T2.1]."""
    return 1 if hours <= p.late_help_hours else -1


@rule
def help_fairness(hours: float, p: Any) -> float:
    """How fairly one feels treated: 1 at once, 0 when outside relief comes first, linear between [T2.1; assumed]."""
    return clip01(1.0 - hours / p.relief_hours)
