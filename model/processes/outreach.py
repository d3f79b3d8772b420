"""Outreach: residents hear what units are for, from notices, handbooks, contacts and events, and forget it.

Reads last week's awareness of contacts (``peers_aware``), this week's acts and asks; writes ``residents.aware``.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents import Resident, Residents
from ...agents.learning import hearing_hazard, is_aware
from ...agents.taking_part import ACTIVITY, COUNCIL
from ..compiled import kernel
from ..draws import Stream, draw_four
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
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        u = np.empty((4, stop - first))
        draw_four(seed, AWARENESS, week, residents.id[first:stop], u)
        age, aware, acts = residents.age[first:stop], residents.aware[first:stop], residents.acts[first:stop]
        peers, asked = residents.peers_aware[first:stop], residents.asked[first:stop]
        hazards = np.empty(stop - first)
        for k in range(len(age)):
            attended = 1.0 if int(acts[k]) & (ACTIVITY | COUNCIL) else 0.0
            hazards[k] = hearing_hazard(publicity, visits, np.float64(peers[k]), attended, np.float64(asked[k]), p)
        hears, forgets = u[0], u[1]
        for k in range(len(age)):
            now = np.uint8(is_aware(int(aware[k]), hears[k], forgets[k], hazards[k], p))
            aware[k] = now if age[k] >= p.participation_age else aware[k]
