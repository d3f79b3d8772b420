"""Rules of surveys of needs: when one is held, who answers it by which channel, and what the answer names [T4.3]."""

import math
from typing import Any

from .rates import WEEKS_A_YEAR
from .rules import LN2, exp, rule
from .using_services import ServiceClass

ELDERCARE, CHILDCARE = int(ServiceClass.ELDERCARE), int(ServiceClass.CHILDCARE)


@rule
def survey_due(week: int, phase: float, yearly: float) -> bool:
    """Whether a survey is held this week: every 52.18 / yearly weeks, from a date of the community's own.

    floor(rate (week + 1) + phase) > floor(rate week + phase), rate = yearly / weeks a year
    """
    rate = yearly / WEEKS_A_YEAR
    return math.floor(rate * (week + 1.0) + phase) > math.floor(rate * week + phase)


@rule
def answer_chance(at_door: bool, elder: bool, adopted: bool, p: Any) -> float:
    """Chance that a member of a household is reached and answers: at the door who is at home, online users alone."""
    if at_door:
        return p.door_answer_elder if elder else p.door_answer
    return p.online_answer if adopted else 0.0


@rule
def names_need(need: int, elder: bool, u: float, p: Any) -> bool:
    """Whether an answer names a need of the household [T4.3; subdistrict-045, subdistrict-046].

    Eldercare is the concern of elders and childcare that of younger adults: they name it if there is a need. The other
    side names it with the chance ``need_seen``; everybody names the other needs.
    """
    if (need == ELDERCARE and not elder) or (need == CHILDCARE and elder):
        return u < p.need_seen
    return True


@rule
def survey_pull(age: float, p: Any) -> float:
    """Share by which measured need moves towards the last survey in a week, halved every ``survey_life`` weeks.

    Against the notes of requests, which pull by 1 / need_memory, a fresh survey so has the weight pull need_memory.
    """
    return p.survey_weight * exp(-LN2 * age / p.survey_life)


@rule
def distance(a: float, b: float) -> float:
    """Half the absolute difference of two shares; added up over classes it is the share that is misplaced."""
    return 0.5 * abs(a - b)
