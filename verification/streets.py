"""Streets: households of one unit that wait for a service of the same class, on which the project's own search runs."""

from typing import Any

import numpy as np

from ..agents import Households, Units
from ..agents.columns import allocate
from ..agents.using_services import ServiceClass
from ..model import parameters
from ..model.levers import LeverSchedule
from ..model.processes import services


def rows(**changes: float) -> tuple[Any, Any]:
    """A parameter row in which every booking is kept, and a lever row at rest; ``changes`` name either."""
    values, lever = parameters.defaults() | {"booking_kept": 1.0}, LeverSchedule(1).now
    for name, value in changes.items():
        if name in values:
            values[name] = value
        else:
            lever[name] = value
    return parameters.table([values])[0], lever[0]


def street(count: int, special: int = 0) -> tuple[Households, Units]:
    """``count`` households that wait for the same class in one unit with a head; the last ``special`` are special."""
    households, units = allocate(Households, count), allocate(Units, 1)
    households.id[:] = np.arange(count)
    households.request[:] = ServiceClass.HEALTH
    households.special[count - special :] = 1
    units.organised[:] = 1
    units.head[:] = 0
    return households, units


def filled(requests: int, providers: int, each: int, weeks: int, seed: int = 5, **changes: float) -> Any:
    """Shares of the slots of ``providers`` with ``each`` slots that are filled, one a week, by the model's own rule."""
    p, lever = rows(**changes)
    households, units = street(requests)
    shares = np.zeros(weeks)
    for week in range(weeks):
        capacity = services.places(providers * each, each)
        met = services.serve(week, np.uint64(seed), np.arange(requests), capacity, households, units, p, lever)
        if met != households.served.sum():
            message = f"{met} requests are said to be met, but {households.served.sum()} households are served"
            raise RuntimeError(message)
        shares[week] = met / (providers * each)
        households.served[:] = 0
    return shares
