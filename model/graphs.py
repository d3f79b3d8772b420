"""Networks as graphs: textbook graphs made by the model's own draws, measures, and export to networkx.

The textbook graphs are the special cases in which the network's draws can be checked against theory, and taught.
"""

from typing import TYPE_CHECKING, Any, cast

import networkx as nx
import numpy as np
from scipy import sparse  # pyright: ignore[reportMissingTypeStubs]

from ..agents.rules import log
from .compiled import kernel
from .draws import exponential, uniforms
from .network import NETWORK, RING_BLOCK, SEEKER

if TYPE_CHECKING:
    from .community_model import CommunityModel

CSR, csgraph = cast("Any", sparse).csr_array, cast("Any", sparse).csgraph

# --- textbook graphs --------------------------------------------------------------------------------------------------


@kernel
def block_pairs(seed: np.uint64, ids: Any, block: Any, inside: float, between: float) -> Any:
    """Pairs (rows of two columns) that meet: probability ``inside`` within a block, ``between`` across.

    All in one block: the random graph of Erdos and Renyi. Units as blocks: the stochastic block model. Everybody looks
    back along the line in steps of geometric length, so that the time grows with the pairs at the higher chance.
    """
    most = max(inside, between)
    pairs = np.empty((16, 2), np.int32)
    used = 0
    if most <= 0.0:
        return pairs[:0]
    rate = -log(1.0 - most) if most < 1.0 else np.inf
    for i in range(len(ids)):
        tries = 0
        u = uniforms(seed, NETWORK, SEEKER, ids[i], tries)
        j = int(exponential(u[0]) / rate)
        while j < i:
            if u[1] * most < (inside if block[i] == block[j] else between):
                if used == len(pairs):
                    pairs = np.concatenate((pairs, np.empty_like(pairs)))
                pairs[used, 0] = i
                pairs[used, 1] = j
                used += 1
            tries += 1
            u = uniforms(seed, NETWORK, SEEKER, ids[i], tries)
            j += 1 + int(exponential(u[0]) / rate)
    return pairs[:used]


@kernel
def ring_pairs(seed: np.uint64, ids: Any, near: int, rewiring: float) -> Any:
    """Pairs of a ring on which everybody knows the ``near`` nearest, each tie moved elsewhere with a probability.

    Watts & Strogatz 1998: the far end of a moved tie is anybody not yet tied, in order of distance, round by round.
    """
    n = len(ids)
    tied = np.zeros((n, n), np.bool_)
    for d in range(1, near // 2 + 1):
        for i in range(n):
            tied[i, (i + d) % n] = tied[(i + d) % n, i] = True
    for d in range(1, near // 2 + 1):
        for i in range(n):
            j = (i + d) % n
            u = uniforms(seed, NETWORK, SEEKER, ids[i], RING_BLOCK + d)
            k = int(u[1] * n)
            while u[0] < rewiring and (k == i or tied[i, k]):
                k = (k + 1) % n
            if u[0] < rewiring:
                tied[i, j] = tied[j, i] = False
                tied[i, k] = tied[k, i] = True
    return np.argwhere(np.triu(tied))


# --- measures ---------------------------------------------------------------------------------------------------------


def matrix(pairs: Any, count: int) -> Any:
    """Symmetric sparse matrix (count x count) of ones from pairs of rows."""
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    ones = np.ones(len(ends))
    return CSR((ones, (ends[:, 0], ends[:, 1])), shape=(count, count))


def adjacency(model: "CommunityModel", community: int, least: float = 0.0) -> Any:
    """Sparse matrix of tie strengths in a community (residents x residents), ties below ``least`` left out."""
    first, stop = model.communities.resident_start[community], model.communities.resident_stop[community]
    start = model.ties.start[first : stop + 1]
    rows = slice(start[0], start[-1])
    strength = model.ties.strength[rows].astype(np.float64)
    other = model.ties.other[rows].astype(np.int32)
    whole: Any = CSR((strength, other, start - start[0]), shape=(stop - first, stop - first))
    whole.data[whole.data < least] = 0.0
    whole.eliminate_zeros()
    return whole


def to_networkx(model: "CommunityModel", community: int) -> "nx.Graph[int]":
    """Network of a community as a networkx graph: nodes are resident rows; edges carry kind, affinity, strength."""
    first, stop = int(model.communities.resident_start[community]), int(model.communities.resident_stop[community])
    ties, residents = model.ties, model.residents
    graph: nx.Graph[int] = nx.Graph()
    for i in first + np.flatnonzero(residents.present[first:stop]):
        unit, household, age = int(residents.unit[i]), int(residents.household[i]), int(residents.age[i])
        graph.add_node(int(i), unit=unit, household=household, age=age)
    for i in range(first, stop):
        for t in range(ties.start[i], ties.start[i + 1]):
            j = first + int(ties.other[t])
            if i < j and residents.present[i] == 1 and residents.present[j] == 1:
                graph.add_edge(
                    i, j, kind=int(ties.kind[t]), affinity=float(ties.affinity[t]), strength=float(ties.strength[t])
                )
    return graph


def clustering(network: Any) -> float:
    """Mean share of a person's contacts who know each other (Watts & Strogatz 1998); below two contacts it is 0."""
    ties: Any = (network != 0).astype(np.float64)
    degree: Any = ties.sum(axis=1)
    closed: Any = (ties @ ties).multiply(ties).sum(axis=1)
    share: Any = closed / np.maximum(degree * (degree - 1), 1)
    return float(share.mean())


def bridging_share(network: Any, group: Any) -> float:
    """Share of ties (by strength) that leave their group; groups are labels such as units."""
    ties = network.tocoo()
    total = ties.data.sum()
    leaving: Any = ties.data[group[ties.row] != group[ties.col]].sum()
    return float(leaving / total) if total else 0.0


def ei_index(network: Any, group: Any) -> float:
    """E-I index of Krackhardt & Stern 1988: (between - within) / all ties, from -1 (bonding) to 1 (bridging)."""
    return 2.0 * bridging_share(network, group) - 1.0


def modularity(network: Any, group: Any) -> float:
    """Newman's modularity of the division into ``group``: ties within groups above what degrees alone would give."""
    degree: Any = network.sum(axis=1)
    total = degree.sum()
    labels = np.unique(group, return_inverse=True)[1]
    share = cast("Any", np.bincount(labels, weights=degree))
    return float(1.0 - bridging_share(network, group) - (share @ share) / total**2)


def giant_share(network: Any) -> float:
    """Share of people in the largest set of people who are connected, directly or through others."""
    labels = csgraph.connected_components(network, directed=False)[1]
    return float(np.bincount(labels).max() / network.shape[0])
