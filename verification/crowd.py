"""A crowd: one or more communities of plain residents, built by hand, on which the project's own kernels run."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from ..agents import Committees, Households, Residents, Units
from ..agents.columns import allocate
from ..model import parameters
from ..model.flows import Flows
from ..model.levers import LeverSchedule
from ..model.processes import participation, ties
from ..model.structure import Communities, Ties

# Every effect at zero: what remains is the intercept of the one act that is always on offer, volunteering.
PLAIN = {
    "habit_effect": 0.0,
    "resource_effect": 0.0,
    "education_effect": 0.0,
    "efficacy_effect": 0.0,
    "trust_effect": 0.0,
    "community_effect": 0.0,
    "peer_effect": 0.0,
    "cost_effect": 0.0,
    "volunteering_intercept": 0.0,
}


@dataclass
class Crowd:
    """Tables of ``groups`` communities of ``size`` residents; each community is one unit of one-person households."""

    communities: Communities
    residents: Residents
    households: Households
    units: Units
    committees: Committees
    parameters: Any
    levers: Any
    flows: Flows
    week: int = 0

    def decide(self) -> NDArray[np.bool_]:
        """Let everybody choose the acts of the next week; returns who took part."""
        participation.decide_participation(
            self.week,
            self.communities,
            self.residents,
            self.households,
            self.units,
            self.committees,
            self.parameters,
            self.levers,
        )
        self.week += 1
        self.residents.acts_last[:] = self.residents.acts
        return self.residents.acts != 0

    def look_around(self, network: Ties) -> None:
        """See what contacts did last week."""
        ties.gather_all(self.communities, self.residents, self.units, network)


def crowd(size: int, groups: int = 1, seed: int = 1, unit_households: int | None = None, **changes: float) -> Crowd:
    """Return a crowd of adults with ten free hours; ``changes`` are parameters, laid over PLAIN."""
    total = size * groups
    per_unit = unit_households or size
    communities = allocate(Communities, groups)
    communities.id[:] = np.arange(groups)
    communities.seed[:] = seed + np.arange(groups)
    residents, households = allocate(Residents, total), allocate(Households, total)
    units = allocate(Units, total // per_unit)
    for table, start, stop, length in (
        (residents, communities.resident_start, communities.resident_stop, size),
        (households, communities.household_start, communities.household_stop, size),
        (units, communities.unit_start, communities.unit_stop, size // per_unit),
    ):
        start[:] = np.arange(groups) * length
        stop[:] = start + length
        table.id[:] = np.arange(len(table.id))
        table.community[:] = np.arange(len(table.id)) // length
    communities.unit_limit[:] = communities.unit_stop
    rows = np.arange(total)
    residents.household[:] = rows
    residents.unit[:] = rows // per_unit
    residents.age[:] = 40
    residents.available_hours[:] = 10.0
    households.unit[:] = rows // per_unit
    households.resident_start[:] = rows
    households.size[:] = 1
    households.owner[:] = 1
    for start, stop in ((units.household_start, units.household_stop), (units.resident_start, units.resident_stop)):
        start[:] = np.arange(len(units.id)) * per_unit
        stop[:] = start + per_unit
    return Crowd(
        communities,
        residents,
        households,
        units,
        allocate(Committees, groups),
        parameters.table([parameters.defaults() | PLAIN | changes] * groups),
        LeverSchedule(groups).now,
        allocate(Flows, groups),
    )


def network(graphs: Iterable["nx.Graph[int]"]) -> Ties:
    """Ties of full strength along the edges of one graph a community; nodes are 0 to n - 1."""
    starts: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
    others: list[NDArray[np.int64]] = []
    for graph in graphs:
        matrix = cast("Any", nx).to_scipy_sparse_array(graph, nodelist=range(len(graph)), format="csr")
        starts.append(starts[-1][-1] + matrix.indptr[1:].astype(np.int64))
        others.append(matrix.indices)
    return _ties(np.concatenate(starts), np.concatenate(others))


def random_network(nodes: int, mean_degree: float, groups: int, rng: np.random.Generator) -> Ties:
    """Ties along ``groups`` random graphs of ``nodes`` with a given number of links, which makes degrees Poisson."""
    links = round(nodes * mean_degree / 2)
    starts: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
    others: list[NDArray[np.int64]] = []
    for _ in range(groups):
        keys = np.unique(_pairs(nodes, links + links // 20 + 50, rng))
        keys = rng.permutation(keys)[:links]
        a, b = keys // nodes, keys % nodes
        one, two = np.concatenate([a, b]), np.concatenate([b, a])
        order = np.lexsort((two, one))
        others.append(two[order])
        starts.append(starts[-1][-1] + np.cumsum(np.bincount(one, minlength=nodes)))
    return _ties(np.concatenate(starts), np.concatenate(others))


def _pairs(nodes: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    a, b = rng.integers(0, nodes, count), rng.integers(0, nodes, count)
    low, high = np.minimum(a, b), np.maximum(a, b)
    return (low * nodes + high)[low != high]


def _ties(start: NDArray[np.int64], other: NDArray[np.int64]) -> Ties:
    count = len(other)
    return Ties(
        start,
        other.astype(np.uint16),
        np.ones(count, np.uint8),
        np.ones(count, np.float32),
        np.ones(count, np.float32),
    )
