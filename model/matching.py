"""Matching with capacities: deferred acceptance, what uncoordinated search fills, and the most that any matching could.

Requests propose, providers accept. Row i of ``preference`` lists the providers that request i wants, best first, -1
after the last; ``score[j, i]`` says how much provider j values request i (higher is better, no ties); ``capacity[j]``
is how many it can take. [T4.1: Gale & Shapley 1962; Roth 1986; Butters 1977; Karp & Sipser 1981]
"""

from typing import Any, cast

import numpy as np
from scipy.sparse import coo_array  # pyright: ignore[reportMissingTypeStubs]
from scipy.sparse.csgraph import maximum_bipartite_matching  # pyright: ignore

from ..agents.columns import F64, I32, I64
from .compiled import kernel

UNMATCHED = -1


@kernel
def deferred_acceptance(preference: I32, score: F64, capacity: I32) -> I32:
    """Return the provider of every request (-1 none): the stable matching that is best for the requests.

    Each free request proposes to the next provider on its list; a provider with room keeps it, a full one keeps the
    better of it and the worst it holds.
    """
    requests = preference.shape[0]
    match = np.full(requests, UNMATCHED, np.int32)
    proposals = np.zeros(requests, np.int64)  # how far down its list a request has come
    room = max(1, int(capacity.max())) if len(capacity) > 0 else 1
    held = np.full((len(capacity), room), UNMATCHED, np.int32)
    count = np.zeros(len(capacity), np.int64)
    for first in range(requests):
        i = first
        while i != UNMATCHED and proposals[i] < preference.shape[1]:
            j = preference[i, proposals[i]]
            if j == UNMATCHED:
                break
            proposals[i] += 1
            if count[j] < capacity[j]:
                held[j, count[j]] = i
                count[j] += 1
                match[i] = j
                i = UNMATCHED
            elif capacity[j] > 0:
                worst = _worst(held[j], int(count[j]), score[j])
                rival = held[j, worst]
                if score[j, i] > score[j, rival]:
                    held[j, worst] = i
                    match[i] = j
                    match[rival] = UNMATCHED
                    i = rival
    return match


@kernel
def _worst(held: I32, count: int, score: F64) -> int:
    """Place of the request that a provider values least among those it holds."""
    worst = 0
    for k in range(1, count):
        if score[held[k]] < score[held[worst]]:
            worst = k
    return worst


@kernel
def blocking_pairs(preference: I32, score: F64, capacity: I32, match: I32) -> int:
    """Count pairs of a request and a provider who would both rather have each other than what ``match`` gives them."""
    providers = len(capacity)
    count = np.zeros(providers, np.int64)
    worst = np.full(providers, np.inf)
    for i in range(len(match)):
        if match[i] != UNMATCHED:
            count[match[i]] += 1
            worst[match[i]] = min(worst[match[i]], score[match[i], i])
    blocking = 0
    for i in range(len(match)):
        for k in range(preference.shape[1]):
            j = preference[i, k]
            if j < 0 or j == match[i]:  # what follows is no better than what it has
                break
            if count[j] < capacity[j] or (capacity[j] > 0 and score[j, i] > worst[j]):
                blocking += 1
    return blocking


def maximum_matching(requests: Any, providers: Any, capacity: Any, count: int) -> int:
    """Return the most requests that any matching can serve.

    ``requests[k]`` and ``providers[k]`` are the two ends of compatible pair k; ``count`` is the number of requests.
    Each place of a provider becomes a node of its own, so that a maximum bipartite matching (Hopcroft-Karp) answers.
    """
    places: I64 = np.asarray(capacity, np.int64)
    first: I64 = np.cumsum(places) - places
    pairs: I64 = places[np.asarray(providers, np.int64)]
    before: I64 = np.cumsum(pairs) - pairs
    rows: I64 = np.repeat(np.asarray(requests, np.int64), pairs)
    within: I64 = np.arange(len(rows)) - np.repeat(before, pairs)
    columns: I64 = np.repeat(first[np.asarray(providers, np.int64)], pairs) + within
    shape = (count, max(1, int(places.sum())))
    graph: Any = coo_array((np.ones(len(rows), np.uint8), (rows, columns)), shape).tocsr()
    partner = cast("I32", maximum_bipartite_matching(graph, perm_type="column"))
    return int((partner >= 0).sum())


def urn_ball(requests: int, providers: int, capacity: int) -> float:
    """Return the expected number served if each request tries one provider at random and takes a place if one is left.

    providers * E[min(N, capacity)] with N binomial(requests, 1 / providers). [T4.1: Butters 1977]
    """
    if providers <= 1:
        return float(providers * min(requests, capacity))
    unused = 0.0
    chance = (1.0 - 1.0 / providers) ** requests  # of k requests at one provider, from k = 0
    for k in range(capacity):
        unused += (capacity - k) * chance
        chance *= (requests - k) / (k + 1) / (providers - 1)
    return providers * (capacity - unused)
