"""A warning on the minute clock: calls down a tree, visits in parallel, word of mouth along ties.

Three machines, each for both engines: ``call_level`` takes a warning down one level of a chain of serial calls,
``visit`` sends several visitors through a list, ``spread`` passes news along ties. Together they give the minute at
which each person first hears: the least over all ways. Minutes are float64; ``inf`` is never.
"""

import heapq
from typing import Any

import numpy as np

from ..agents.warning import Source, heard_after, tie_rate
from .compiled import kernel
from .draws import Stream, uniform
from .network import HOUSEHOLD, pair_key
from .structure import Ties

TIE = int(Stream.WARNING_TIE)
NEIGHBOUR = int(Source.NEIGHBOUR)


@kernel
def call_level(upper: Any, start: Any, minutes: float, chance: Any, luck: Any, below: Any) -> None:
    """Write into ``below`` when each row of a level is reached by its caller [T9.1, E1, E2].

    Caller k, who knows at ``upper[k]``, calls the rows ``start[k]`` to ``start[k + 1]`` - 1 one after the other. A call
    takes ``minutes`` whether or not it gets through, and does if ``luck`` < ``chance``; rows without a chance are not
    on the list.
    """
    for k in range(len(upper)):
        clock = upper[k]
        for j in range(start[k], start[k + 1]):
            below[j] = np.inf
            if chance[j] > 0.0:
                clock += minutes
                if luck[j] < chance[j]:
                    below[j] = clock


@kernel
def visit(begin: float, visitors: int, work: Any, done: Any) -> None:
    """Write into ``done`` when each visit ends: whoever is free first takes the next of the list [T9.1, E5].

    ``work`` holds minutes a visit. With as many visitors as visits of mean 1/m the last one ends after H_n/m.
    """
    free = np.full(visitors, begin)
    for k in range(len(work)):
        done[k] = np.inf
        if visitors > 0:
            v = np.argmin(free)
            free[v] += work[k]
            done[k] = free[v]


@kernel
def spread(
    week: int,
    seed: Any,
    first: int,
    ids: Any,
    contacts: Any,
    tells: Any,
    ties: Ties,
    contagion: float,
    family_minutes: float,
    horizon: float,
    minute: Any,
    source: Any,
) -> None:
    """Pass news along the ties of the residents ``first`` ... until ``horizon`` [T9.1, E3, E4].

    ``minute`` and ``source`` come in with what each heard otherwise and go out with the first that each heard. Each tie
    takes an exponential time from the moment at which its nearer end knows, drawn once a pair and week; so this is
    contagion at the summed hazard, in continuous time. Household ties always pass news, others if that end ``tells``.
    ``ids``, ``contacts``, ``tells`` are by row, ``minute`` and ``source`` by place in the community.
    """
    heap = [(np.inf, -1)]
    for i in range(len(minute)):
        if minute[i] <= horizon:
            heapq.heappush(heap, (minute[i], i))
    known = np.zeros(len(minute), np.uint8)
    while len(heap) > 1:
        now, i = heapq.heappop(heap)
        if known[i] == 1:
            continue
        known[i] = 1
        row = first + i
        for t in range(ties.start[row], ties.start[row + 1]):
            j: Any = np.int64(ties.other[t])
            family = ties.kind[t] == HOUSEHOLD
            if known[j] == 1 or not (family or tells[row] == 1):
                continue
            known_to = np.float64(contacts[first + j])
            rate = tie_rate(family, np.float64(ties.strength[t]), known_to, contagion, family_minutes)
            if rate <= 0.0:
                continue
            u = uniform(seed, TIE, week, pair_key(ids[row], ids[first + j]), 0)
            then = now + heard_after(u, rate)
            if then < minute[j] and then <= horizon:
                minute[j] = then
                source[j] = NEIGHBOUR
                heapq.heappush(heap, (then, j))


@kernel
def minute_of_share(minute: Any, share: float) -> float:
    """First minute at which ``share`` of the persons know: t50 and t90 [T9.3]; ``inf`` if they never do."""
    ordered = np.sort(minute)
    return ordered[max(int(np.ceil(share * len(ordered))), 1) - 1] if len(ordered) > 0 else np.inf
