"""Platform: residents take up the community platform or leave it; elders learn and unlearn to use a device.

Reads last week's users among contacts (``peers_adopted``), this week's asks, satisfaction and levers; writes
``residents.adopted`` and the digital skill of elders.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents import Resident, Residents
from ...agents.learning import (
    contact_hazard,
    dropout_hazard,
    ease_of_use,
    happens,
    new_skill,
    platform_quality,
    worth_using,
)
from ...agents.rates import WEEKS_A_YEAR
from ...agents.resident import ELDER_AGE
from ..compiled import kernel
from ..draws import Stream, uniform
from ..structure import Communities

if TYPE_CHECKING:
    from ..community_model import CommunityModel

ADOPTION, DIGITAL_TRAINING = int(Stream.ADOPTION), int(Stream.DIGITAL_TRAINING)


def prepare(model: "CommunityModel") -> None:
    """Take the digital skill of the start for the one that residents fall back to."""
    model.residents.digital_base[:] = model.residents.digital_skill


def step(model: "CommunityModel") -> None:
    """Let every resident decide on the platform, and elders practise."""
    model.decide(
        Resident,
        "decide_platform",
        decide_platform,
        model.week,
        model.communities,
        model.residents,
        model.parameters,
        model.levers,
    )


@kernel
def decide_platform(week: int, communities: Communities, residents: Residents, parameters: Any, levers: Any) -> None:
    """Residents take up or leave the platform, elders practise: kernel of ``Resident.decide_platform``."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        lever = levers[c]
        seed = communities.seed[c]
        quality = platform_quality(lever.platform_modules, lever.platform_operations, p)
        for i in range(communities.resident_start[c], communities.resident_stop[c]):
            if residents.age[i] < p.participation_age:
                continue
            if residents.age[i] >= ELDER_AGE:
                classes = 0.0
                if lever.elder_training > 0.0:
                    u = uniform(seed, DIGITAL_TRAINING, week, residents.id[i], 0)
                    classes = 1.0 if happens(u, lever.elder_training / WEEKS_A_YEAR) else 0.0
                residents.digital_skill[i] = new_skill(
                    np.float64(residents.digital_skill[i]),
                    np.float64(residents.digital_base[i]),
                    classes,
                    lever.neighbour_digital_help,
                    np.float64(residents.adopted[i]),
                    p,
                )
            u = uniform(seed, ADOPTION, week, residents.id[i], 0)
            worth = worth_using(np.float64(residents.platform_interest[i]), np.float64(residents.peers_adopted[i]), p)
            if residents.adopted[i]:
                leaves = happens(u, dropout_hazard(np.float64(residents.satisfaction[i]), quality, p))
                residents.adopted[i] = worth and not leaves
            elif worth and lever.platform_modules > 0.0:
                hazard = contact_hazard(np.float64(residents.peers_adopted[i]), np.float64(residents.asked[i]), p)
                if u < hazard:  # ease of use is a share, so nobody is passed over
                    ease = ease_of_use(
                        np.float64(residents.age[i]),
                        np.float64(residents.education[i]),
                        np.float64(residents.digital_skill[i]),
                        quality,
                        lever.elder_friendly,
                        float(ELDER_AGE),
                        p,
                    )
                    residents.adopted[i] = happens(u, hazard * ease)
