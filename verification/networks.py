"""Textbook graphs by the model's draws, with the model's measures (checks S4 to S6)."""

import math
from collections.abc import Iterator
from typing import Any, cast

import networkx as nx
import numpy as np

from ..model import graphs
from .check import CheckError, Row, check, close, exact, mean, printed, random, share

NX = cast("Any", nx)


def random_graph(n: int, p: float, seed: int) -> Any:
    """Random graph of Erdos and Renyi as a sparse matrix (n x n)."""
    ids = np.arange(n, dtype=np.uint64)
    return graphs.matrix(graphs.block_pairs(np.uint64(seed), ids, np.zeros(n, np.int64), p, p), n)


def giant_share(z: float) -> float:
    """Positive root of S = 1 - e**(-z S), z > 1, by bisection (1 - e**(-z S) - S is positive below it)."""
    low, high = 1e-9, 1.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if -math.expm1(-z * middle) > middle else (low, middle)
    return 0.5 * (low + high)


def connected_probability(n: int, p: float) -> float:
    """Gilbert 1959: probability that a random graph is connected, by the size of the part that holds one node."""
    known = [0.0, 1.0]
    for k in range(2, n + 1):
        apart = sum(math.comb(k - 1, j - 1) * known[j] * (1 - p) ** (j * (k - j)) for j in range(1, k))
        known.append(1 - apart)
    return known[n]


GIANT = {1.2: 0.313698, 1.5: 0.582812, 2.0: 0.796812, 3.0: 0.940480, 4.0: 0.980173}


@check(
    "S4",
    "Erdos & Renyi: giant share, clustering, connectedness",
    cases=[{"z": 1.2, "runs": 20}, *({"z": z, "tries": 0} for z in GIANT if z != 1.2)],
)
def random_graphs(
    z: float = 2.0, n: int = 50_000, runs: int = 4, c: float = 0.0, tries: int = 20_000, seed: int = 0
) -> Iterator[Row]:
    """``runs`` random graphs of ``n`` persons and mean degree ``z`` > 1: giant share S = 1 - e**(-z S).

    Its standard error follows from its variance S (1 - S) / (1 - z (1 - S))**2 / n. Clustering is the density (20
    graphs of 500, degree 30). At p = (ln n + c) / n a graph of 60 is connected as often as Gilbert says (``tries``
    graphs; 0: left out), which tends to e**(-e**-c).
    """
    if not (1.0 < z <= 20.0 and n >= 1000 and n * z <= 5_000_000 and runs >= 1 and -2.0 <= c <= 3.0):
        message = "a giant part needs z > 1 (at most 20); give also n >= 1000, n z <= 5 million, -2 <= c <= 3"
        raise CheckError(message)
    s = giant_share(z)
    if z in GIANT:
        yield printed("giant share (published)", GIANT[z], s)
    error = math.sqrt(s * (1 - s) / n / runs) / (1 - z * (1 - s))
    found = [graphs.giant_share(random_graph(n, z / (n - 1), seed + run)) for run in range(runs)]
    yield random("giant share", s, float(np.mean(found)), error)
    if tries == 0:
        return
    density = 30 / 499
    yield mean("clustering", density, [graphs.clustering(random_graph(500, density, seed + k)) for k in range(20)])
    small, large = (connected_probability(m, (math.log(m) + c) / m) for m in (60, 240))
    limit = math.exp(-math.exp(-c))
    if c == 0.0:
        yield printed("limit of P(connected) (published)", 0.367879, limit)
    yield close("P(connected) near its limit, n = 240", limit, large, tolerance=abs(small - limit))
    p = (math.log(60) + c) / 60
    connected = sum(graphs.giant_share(random_graph(60, p, seed + k)) == 1.0 for k in range(tries))
    yield share("P(connected) at n = 60", small, connected, tries)


RING = {4: 0.5, 6: 0.6, 8: 0.642857, 10: 0.666667}


def ring(n: int, k: int, rewiring: float, seed: int) -> Any:
    """Ring of ``n`` who know the k nearest, each tie moved with the chance ``rewiring``."""
    return graphs.matrix(graphs.ring_pairs(np.uint64(seed), np.arange(n, dtype=np.uint64), k, rewiring), n)


@check(
    "S5", "Watts & Strogatz: clustering of a small world", cases=[{"k": k} for k in (4, 6, 8)] + [{"k": 10, "p": 0.1}]
)
def small_world(k: int = 10, p: float = 0.0, n: int = 1000, runs: int = 30, seed: int = 0) -> Iterator[Row]:
    """Ring of ``n`` with ``k`` contacts each: C(0) = 3 (k - 2) / (4 (k - 1)), exact.

    After moving ties with the chance ``p``, C is near C(0) (1 - p)**3; what it is exactly is asked of networkx.
    """
    if not (k % 2 == 0 and k >= 4 and 3 * k < 2 * n and n <= 5000 and 0.0 <= p <= 1.0 and runs >= 2):
        message = "give an even k from 4 to 2 n / 3, n up to 5000, 0 <= p <= 1 and at least 2 runs"
        raise CheckError(message)
    expected = 3.0 * (k - 2) / (4.0 * (k - 1))
    if k in RING:
        yield printed("C(0) (published)", RING[k], expected)
    plain = ring(n, k, 0.0, seed)
    yield exact("persons with k contacts", n, int((plain.sum(axis=1) == k).sum()))
    yield close("C(0)", expected, graphs.clustering(plain), tolerance=1e-12)
    if p == 0.0:
        return
    own = [graphs.clustering(ring(n, k, p, seed + run)) for run in range(runs)]
    yield exact("ties after moving", n * k // 2, int(ring(n, k, p, seed).sum()) // 2)
    if (k, p, n) == (10, 0.1, 1000):
        yield close("C(0) (1 - p)^3 (published)", 0.486, expected * (1.0 - p) ** 3, tolerance=5e-4)
        yield close("C(p) (published, simulated)", 0.490, float(np.mean(own)), tolerance=0.004)
    other = [NX.average_clustering(NX.watts_strogatz_graph(n, k, p, seed=run)) for run in range(max(2, runs // 4))]
    error = math.sqrt(np.var(own, ddof=1) / len(own) + np.var(other, ddof=1) / len(other))
    yield random("C(p), against networkx", float(np.mean(other)), float(np.mean(own)), error)


BLOCKS = {"contacts within": 6.6, "contacts between": 2.376, "E-I index": -0.470588, "bridging share": 0.264706}


def block_measures(units: int, households: int, inside: float, between: float, runs: int, seed: int) -> dict[str, Any]:
    """Measures of block graphs of ``units`` of ``households``, one value a graph."""
    n = units * households
    ids, unit = np.arange(n, dtype=np.uint64), np.arange(n) // households
    rows: list[tuple[float, ...]] = []
    for run in range(runs):
        matrix = graphs.matrix(graphs.block_pairs(np.uint64(seed + run), ids, unit, inside, between), n)
        bridging, degree = graphs.bridging_share(matrix, unit), float(matrix.sum()) / n
        index, modularity = graphs.ei_index(matrix, unit), graphs.modularity(matrix, unit)
        rows.append((degree * (1 - bridging), degree * bridging, index, bridging, modularity))
    return dict(zip((*BLOCKS, "modularity"), np.transpose(rows), strict=True))


@check("S6", "The block model: bonding, bridging, modularity")
def block_model(
    units: int = 100, households: int = 12, inside: float = 0.6, between: float = 0.002, runs: int = 24, seed: int = 0
) -> Iterator[Row]:
    """``units`` of ``households`` tied with the chance ``inside``, and ``between`` units: degrees, E-I, bridging share.

    Modularity is 1 - bridging share - 1 / units, up to the variance of the units' degrees.
    """
    if not (units >= 2 and households >= 2 and units * households <= 5000 and 0.0 < between <= 1.0 and runs >= 2):
        message = "give at least 2 units of at least 2, at most 5000 persons, 0 < between <= 1, at least 2 runs"
        raise CheckError(message)
    if not 0.0 < inside <= 1.0:
        message = f"inside is a chance, not {inside}"
        raise CheckError(message)
    within, outside = inside * (households - 1), between * households * (units - 1)
    bridging = outside / (within + outside)
    expected = dict(zip(BLOCKS, (within, outside, 2.0 * bridging - 1.0, bridging), strict=True))
    expected["modularity"] = 1.0 - bridging - 1.0 / units
    if (units, households, inside, between) == (100, 12, 0.6, 0.002):
        for name, value in (BLOCKS | {"modularity": 0.725294}).items():
            yield printed(f"{name} (published)", value, expected[name])
    for name, values in block_measures(units, households, inside, between, runs, seed).items():
        yield mean(name, expected[name], values)
