"""Outreach: residents hear what units are for, from notices, handbooks, contacts and events, and forget it.

Reads last week's awareness of contacts (``peers_aware``), this week's acts and asks; writes ``residents.aware``.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents import Resident, Residents
from ...agents.learning import hearing_hazard, is_aware
from ...agents.taking_part import ACTIVITY, COUNCIL
from ..compiled import kernel
from ..draws import Stream, uniforms
from ..structure import Communities

if TYPE_CHECKING:
    from ..community_model import CommunityModel

AWARENESS = int(Stream.AWARENESS)


def step(model: "CommunityModel") -> None:
    """Let every resident hear or forget."""
    model.decide(Resident, "hear", hear, model.week, model.communities, model.residents, model.parameters, model.levers)


@kernel
def hear(week: int, communities: Communities, residents: Residents, parameters: Any, levers: Any) -> None:
    """Residents hear of units or forget them: kernel of ``Resident.hear``."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        seed = communities.seed[c]
        publicity = levers[c].publicity
        visits = levers[c].doorstep_visits
        for i in range(communities.resident_start[c], communities.resident_stop[c]):
            if residents.age[i] < p.participation_age:
                continue
            attended = 1.0 if int(residents.acts[i]) & (ACTIVITY | COUNCIL) else 0.0
            hazard = hearing_hazard(
                publicity, visits, np.float64(residents.peers_aware[i]), attended, np.float64(residents.asked[i]), p
            )
            u = uniforms(seed, AWARENESS, week, residents.id[i], 0)
            residents.aware[i] = is_aware(int(residents.aware[i]), u[0], u[1], hazard, p)
