"""A district on which all that the model can do goes on at once: every archetype, lever, shock and policy path."""

from typing import Any

import numpy as np

from ..agents.warning import EmergencyKind
from ..model import levers, parameters
from ..model.district import (
    Appropriation,
    Archetype,
    CommunitySpec,
    DistrictSpec,
    EmergencyEvent,
    Offer,
    PolicyPath,
)
from ..model.levers import Setting

TURN = 13  # weeks after which every lever moves to another place in its range
MONEY = 20_000_000  # fen a year for the unit fund: enough for some of what is promised
AT_WORK = {  # what rests by default
    "maturity_weeks": 8.0,
    "experience_curve": 0.8,
    "policy_churn": 0.01,
    "pilot_boost": 0.2,
    "readiness_gain": 0.5,
    "platform_price": 0.05,
}


def everything_on(weeks: int, households: int, seed: int) -> dict[str, Any]:
    """Arguments of a model for ``weeks`` weeks: a community of each archetype, with ``households`` households.

    Every ``TURN`` weeks each lever of each community jumps to a place in its range that ``seed`` draws. Each kind of
    emergency strikes all communities in turn; the policy comes as a pilot, by offer and by order.
    """
    kinds = list(Archetype)
    rng = np.random.default_rng(seed)
    district = DistrictSpec(tuple(CommunitySpec(c, kind, households, c // 4) for c, kind in enumerate(kinds)))
    moves = [
        Setting(week, c, lever.name, lever.low + (lever.high - lever.low) * float(rng.random()))
        for week in range(0, weeks, TURN)
        for c in range(len(kinds))
        for lever in levers.catalogue().values()
    ]
    storms = [
        EmergencyEvent(kind, 2 + 5 * k, 0.8, tuple(range(len(kinds))), 60.0) for k, kind in enumerate(EmergencyKind)
    ]
    pilots = [PolicyPath(0, weeks // 2, (), 0.8)] * 3
    others = [PolicyPath(None, None, (Offer(2, weeks, bool(c % 2)),), 0.4) for c in range(len(kinds) - len(pilots))]
    return {
        "district": district,
        "seed": seed,
        "settings": moves,
        "budget": [Appropriation("ten_household_fund", "district", MONEY, 2024, 2028)],
        "paths": pilots + others,
        "events": storms,
        "parameter_values": parameters.defaults() | AT_WORK,
    }
