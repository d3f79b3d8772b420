"""Paths to a channel: who can still claim where offline channels close, and what helping them takes.

At rest every channel is open and nothing here draws a number.
"""

from typing import Any

import numpy as np

from ..agents.finding_a_path import BY_HEAD, NO_PATH, OWN, find_path, is_sensed
from ..agents.household import Households
from ..agents.rates import MINUTES_AN_HOUR
from ..agents.resident import ELDER_AGE, Residents
from ..agents.speaking_up import NO_GRIEVANCE, PLATFORM, building_key, choose_channel
from ..agents.unit_head import Units, head_works
from .compiled import kernel
from .draws import Stream, uniform, uniforms
from .flows import Flows
from .parameters import ParameterTable
from .structure import Communities

CHANNEL, CLAIM_PATH = int(Stream.CHANNEL), int(Stream.CLAIM_PATH)
SENSOR, FAILURE = int(Stream.SENSOR), int(Stream.FACILITY_FAILURE)


@kernel
def path_of(
    week: int,
    seed: np.uint64,
    h: int,
    trust: float,
    households: Households,
    residents: Residents,
    units: Units,
    p: Any,
    lever: Any,
) -> tuple[int, int]:
    """Channel that a household would take with its ``trust`` in the committee, and the path to it that is left.

    Twin of ``Household._choose_channel``.
    """
    r, unit = int(households.resident_start[h]), int(households.unit[h])
    reachable = head_works(units.organised[unit], units.head[unit], units.on_duty[unit])
    channel = choose_channel(
        reachable,
        np.float64(residents.head_tie[r]),
        np.float64(residents.digital_skill[r]),
        trust,
        residents.adopted[r] == 1,
        uniforms(seed, CHANNEL, week, households.id[h], 0),
        p,
    )
    if lever.online_only <= 0.0 and lever.assisted_use <= 0.0:
        return channel, OWN
    users = 0.0
    for m in range(1, int(households.size[h]) + int(households.empty_places[h])):
        users += residents.adopted[r + m]
    return find_path(
        channel,
        residents.adopted[r] == 1,
        users,
        reachable,
        lever.online_only,
        lever.assisted_use,
        uniforms(seed, CLAIM_PATH, week, households.id[h], 0),
        p,
    )


@kernel
def sensed_at(
    week: int, seed: np.uint64, community: int, h: int, issue: int, households: Households, sensors: float
) -> bool:
    """Twin of ``Household._sensed``; ``community`` is the permanent number."""
    if sensors <= 0.0:
        return False
    key = np.uint64(building_key(community, int(households.building[h])))
    at_building = uniform(seed, FAILURE, week, key, 1)
    at_home = uniform(seed, SENSOR, week, households.id[h], 0)
    return is_sensed(issue, int(households.special[h]), at_building, at_home, sensors)


@kernel
def count_paths(
    communities: Communities,
    households: Households,
    residents: Residents,
    units: Units,
    flows: Flows,
    parameters: ParameterTable,
) -> None:
    """Count who has a grievance, who of them no path, who was helped; enter the time of heads who helped."""
    for c in range(len(communities.seed)):
        hours = parameters[c].assist_minutes / MINUTES_AN_HOUR
        units.help_hours[communities.unit_start[c] : communities.unit_limit[c]] = 0.0
        for h in range(communities.household_start[c], communities.household_stop[c]):
            if households.grievance[h] == NO_GRIEVANCE:
                continue
            elder = residents.age[households.resident_start[h]] >= ELDER_AGE
            path = households.path[h]
            flows.grieved[c] += 1
            flows.grieved_elders[c] += elder
            flows.excluded[c] += path == NO_PATH
            flows.excluded_elders[c] += elder and path == NO_PATH
            if path != OWN and households.channel[h] == PLATFORM:
                flows.assisted[c] += 1
                if path == BY_HEAD:
                    units.help_hours[households.unit[h]] += hours
