"""A village: one community whose residents live alone, with ties of any strengths, where attitudes and ties run."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..agents import FeePayers, Households, PropertyCompanies, Residents, Units
from ..agents.columns import allocate
from ..agents.view import python_row
from ..model import parameters
from ..model.levers import LeverSchedule
from ..model.structure import Communities, Ties


class Village:
    """Stands in for the model where only residents, their ties and attitudes are at work.

    ``weights`` (residents x residents) are the strengths of ties, 0 where there is none, all of affinity 1; ``values``
    are parameters.
    """

    def __init__(self, weights: Any, units: int = 1, **values: float) -> None:
        strengths = np.asarray(weights, np.float32)
        count = len(strengths)
        one, two = np.nonzero(strengths)
        affinity, kind = np.ones(len(one), np.float32), np.ones(len(one), np.uint8)
        start = np.searchsorted(one, np.arange(count + 1))
        self.ties = Ties(start, two.astype(np.uint16), kind, affinity, strengths[one, two])
        self.week = 10
        self.off = frozenset({"mobility"})  # nobody moves: a move is an expected loss of ties
        self.communities, self.units = allocate(Communities, 1), allocate(Units, units)
        self.communities.resident_stop[0] = self.communities.household_stop[0] = count
        self.communities.unit_stop[0] = units
        self.residents, self.households = allocate(Residents, count), allocate(Households, count)
        self.residents.household[:] = np.arange(count)
        self.households.resident_start[:] = np.arange(count)
        self.households.size[:] = 1
        self.units.resident_stop[0] = self.units.household_stop[0] = count
        self.property_companies, self.fee_payers = allocate(PropertyCompanies, 1), allocate(FeePayers, count)
        self.parameters = parameters.table([parameters.defaults() | values])
        self.levers = LeverSchedule(1).now

    def decide(self, kind: type[Any], method: str, kernel: Callable[..., Any], *args: Any) -> None:
        """Run the kernel that stands for ``method`` of ``kind``."""
        assert hasattr(kind, method)
        kernel(*args)

    def parameter_row(self, community: int) -> Any:
        """Parameters of the community, as agents read them."""
        return python_row(self.parameters[community])

    def lever_row(self, community: int) -> Any:
        """Levers of the community, as agents read them."""
        return python_row(self.levers[community])


def village(weights: Any, units: int = 1, **values: float) -> Any:
    """Return a :class:`Village`, to be handed to processes in place of the model."""
    return Village(weights, units, **values)
