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
    new_skill,
    platform_quality,
    shied_away,
    trust_after_breach,
    worth_using,
)
from ...agents.rates import WEEKS_A_YEAR
from ...agents.resident import ELDER_AGE
from ...agents.rules import happens
from ..compiled import kernel
from ..draws import Stream, draw_first
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
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        quality = platform_quality(lever.platform_modules, lever.platform_operations, p)
        practise(week, seed, first, stop, residents, p, lever)
        u: Any = np.empty(stop - first)
        hazards: Any = np.empty(stop - first)
        leaving: Any = np.empty(stop - first)
        draw_first(seed, ADOPTION, week, residents.id[first:stop], u)
        weigh(first, stop, residents, quality, shied_away(np.float64(platforms.alarm[c]), p), p, hazards, leaving)
        for i in range(first, stop):
            k = i - first
            if u[k] >= hazards[k] or residents.age[i] < p.participation_age:  # nothing changes
                continue
            worth = worth_using(np.float64(residents.platform_interest[i]), np.float64(residents.peers_adopted[i]), p)
            if residents.adopted[i]:
                residents.adopted[i] = worth and not happens(u[k], leaving[k])
            elif worth and lever.platform_modules > 0.0:  # ease of use is a share: no draw above the hazard joins
                ease = ease_of_use(
                    np.float64(residents.age[i]),
                    np.float64(residents.education[i]),
                    np.float64(residents.digital_skill[i]),
                    quality,
                    lever.elder_friendly,
                    float(ELDER_AGE),
                    p,
                )
                residents.adopted[i] = happens(u[k], hazards[k] * ease)


@kernel
def weigh(
    first: int, stop: int, residents: Residents, quality: float, willing: float, p: Any, hazards: Any, leaving: Any
) -> None:
    """Write the hazard of leaving of every resident of a community, and the draw below which something may change.

    That is the hazard of leaving for users, 1 for users to whom the platform is not worth it, and the hazard of turning
    to it for the others.
    """
    adopted, satisfaction = residents.adopted[first:stop], residents.satisfaction[first:stop]
    peers, asked = residents.peers_adopted[first:stop], residents.asked[first:stop]
    interest = residents.platform_interest[first:stop]
    for k in range(len(leaving)):
        leaving[k] = dropout_hazard(np.float64(satisfaction[k]), quality, p)
    for k in range(len(hazards)):
        joining = contact_hazard(np.float64(peers[k]), np.float64(asked[k]), p) * willing
        staying = leaving[k] if worth_using(np.float64(interest[k]), np.float64(peers[k]), p) else 1.0
        hazards[k] = staying if adopted[k] == 1 else joining


@kernel
def practise(week: int, seed: np.uint64, first: int, stop: int, residents: Residents, p: Any, lever: Any) -> None:
    """Let elders of a community learn and unlearn to use a device."""
    u, fresh = np.ones(stop - first), np.empty(stop - first)
    chance = lever.elder_training / WEEKS_A_YEAR
    if chance > 0.0:
        draw_first(seed, DIGITAL_TRAINING, week, residents.id[first:stop], u)
    age, adopted = residents.age[first:stop], residents.adopted[first:stop]
    skill, base = residents.digital_skill[first:stop], residents.digital_base[first:stop]
    for k in range(len(u)):
        classes = 1.0 if happens(u[k], chance) else 0.0
        help_share = lever.neighbour_digital_help
        fresh[k] = new_skill(np.float64(skill[k]), np.float64(base[k]), classes, help_share, np.float64(adopted[k]), p)
    for k in range(len(u)):
        skill[k] = np.float32(fresh[k]) if age[k] >= ELDER_AGE else skill[k]
