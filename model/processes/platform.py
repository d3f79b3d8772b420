"""Platform: residents take up the community platform or leave it; elders learn and unlearn to use a device.

When data leak (lever ``data_breach``), users trust committee and subdistrict less, and for a while people shy away from
the platform.

Reads last week's users among contacts (``peers_adopted``), this week's asks, satisfaction and levers; writes
``residents.adopted``, the digital skill of elders, ``model.platforms``, and after a leak the trust of users.
"""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np

from ...agents import Resident, Residents
from ...agents.columns import F32, Column, allocate
from ...agents.learning import (
    alarm_after,
    contact_hazard,
    dropout_hazard,
    ease_of_use,
    happens,
    new_skill,
    platform_quality,
    shied_away,
    trust_after_breach,
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


class Platforms(NamedTuple):
    """The platform of each community: one row a community."""

    alarm: Annotated[F32, Column("share", "alarm about leaked data, which keeps people away", "T7.3", 0, 1)]


def prepare(model: "CommunityModel") -> None:
    """Take the digital skill of the start for the one that residents fall back to; nothing has leaked."""
    model.platforms = allocate(Platforms, len(model.communities.id))
    model.residents.digital_base[:] = model.residents.digital_skill


def step(model: "CommunityModel") -> None:
    """Let a leak be felt, every resident decide on the platform, and elders practise."""
    suffer_breach(model.communities, model.residents, model.platforms, model.parameters, model.levers)
    model.decide(
        Resident,
        "decide_platform",
        decide_platform,
        model.week,
        model.communities,
        model.residents,
        model.platforms,
        model.parameters,
        model.levers,
    )


@kernel
def suffer_breach(
    communities: Communities, residents: Residents, platforms: Platforms, parameters: Any, levers: Any
) -> None:
    """Let alarm fade, and a leak raise it again and cost users some of their trust in those who run the platform."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        breach = levers[c].data_breach
        platforms.alarm[c] = alarm_after(np.float64(platforms.alarm[c]), breach, p)
        if breach <= 0.0:
            continue
        for i in range(communities.resident_start[c], communities.resident_stop[c]):
            if residents.adopted[i] == 1:
                own, upper = np.float64(residents.trust_committee[i]), np.float64(residents.trust_subdistrict[i])
                residents.trust_committee[i] = trust_after_breach(own, breach, p)
                residents.trust_subdistrict[i] = trust_after_breach(upper, breach, p)


@kernel
def decide_platform(
    week: int, communities: Communities, residents: Residents, platforms: Platforms, parameters: Any, levers: Any
) -> None:
    """Residents take up or leave the platform, elders practise: kernel of ``Resident.decide_platform``."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        lever = levers[c]
        seed = communities.seed[c]
        quality = platform_quality(lever.platform_modules, lever.platform_operations, p)
        willing = shied_away(np.float64(platforms.alarm[c]), p)
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
                hazard *= willing
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
