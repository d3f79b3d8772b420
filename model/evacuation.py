"""Before a flood: families take along those who cannot go alone, heads bring away neighbours one after another."""

from typing import Any

import numpy as np

from ..agents import Households, Residents, Units
from ..agents.rates import MINUTES_AN_HOUR
from ..agents.unit_head import head_works
from ..agents.warning import FLOOD, NOBODY, needs_escort
from .compiled import kernel
from .structure import Communities, Emergencies


@kernel
def bring_away(
    communities: Communities,
    residents: Residents,
    households: Households,
    units: Units,
    emergencies: Emergencies,
    parameters: Any,
) -> None:
    """Settle who of those that need a hand is away before the water comes.

    Who is told and stays is left where they are. The others go with an adult of the household who leaves in time, else
    with the head of the unit, if on duty and warned: door after door, ``escort_minutes`` each [T9.3].
    """
    for c in range(len(communities.seed)):
        if emergencies.kind[c] != FLOOD:
            continue
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            lead_unit(u, residents, households, units, np.float64(emergencies.forewarning[c]), parameters[c])


@kernel
def lead_unit(u: int, residents: Residents, households: Households, units: Units, forewarning: float, p: Any) -> None:
    """Bring away the members of one unit who need a hand."""
    head, clock, start = units.head[u], np.inf, 0.0
    if head_works(int(units.organised[u]), int(head), int(units.on_duty[u])) and residents.warned_by[head] != NOBODY:
        clock = start = np.float64(residents.warned_minute[head])
    for h in range(units.household_start[u], units.household_stop[u]):
        first = households.resident_start[h]
        stop = first + households.size[h] + households.empty_places[h]
        family = False
        for i in range(first, stop):
            family |= residents.safe[i] == 1 and not needs_escort(float(residents.age[i]), p)
        for i in range(first, stop):
            if residents.age[i] < p.participation_age or not needs_escort(float(residents.age[i]), p):
                continue
            refuses = residents.warned_by[i] != NOBODY and residents.heeds[i] == 0
            if refuses or family:
                residents.safe[i] = not refuses
                continue
            if clock + p.escort_minutes <= forewarning:
                clock += p.escort_minutes
                residents.safe[i] = 1
            else:
                residents.safe[i] = 0
    if clock < np.inf:
        units.emergency_hours[u] += (clock - start) / MINUTES_AN_HOUR
