"""Requests and providers: stable matching, search without coordination, the best that is possible (checks R3 to R5)."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import stats  # pyright: ignore[reportMissingTypeStubs]

from ..model.matching import UNMATCHED, blocking_pairs, deferred_acceptance, maximum_matching, urn_ball
from .check import Row, check, close, exact, mean, printed, random, require
from .streets import filled

ONE = np.int32(1)
SHORT = 0.2  # times 1 / sqrt(n): by how much finite graphs fall short of the limit at most
RANKS = {  # (requests, providers): mean rank and its standard error, of those who propose and of those who receive
    (50, 50): ((4.19, 0.03), (11.77, 0.08)),
    (100, 100): ((5.02, 0.04), (20.19, 0.13)),
    (100, 101): ((4.10, 0.02), (23.50, 0.12)),
    (101, 100): ((20.02, 0.13), (4.95, 0.04)),
}
URN_BALL = {10: 0.651322, 100: 0.633968}  # single places, as many requests: share filled
URN_BALL_LIMIT = {1: 0.632121, 2: 0.729329, 3: 0.775958, 5: 0.824533}  # places each of infinitely many providers
KARP_SIPSER = {1.0: 0.544062, 2.0: 0.783926, 3.0: 0.927687, 4.0: 0.977840}  # mean degree: share matched


def market(rng: Any, requests: int, providers: int) -> tuple[Any, Any]:
    """Lists of the requests and scores that providers give them: independent and uniform."""
    preference = rng.random((requests, providers)).argsort(axis=1).astype(np.int32)
    return preference, rng.random((providers, requests))


def ranks(preference: Any, score: Any, match: Any) -> tuple[float, float]:
    """Mean rank (1 best) that matched requests and matched providers give each other."""
    matched = np.flatnonzero(match != UNMATCHED)
    partner = match[matched]
    of_requests = (preference[matched] == partner[:, None]).argmax(axis=1) + 1
    of_providers = (score[partner] > score[partner, matched][:, None]).sum(axis=1) + 1
    return float(of_requests.mean()), float(of_providers.mean())


def other_side_proposes(preference: Any, score: Any) -> Any:
    """The provider of every request when providers of one place each propose."""
    requests = len(preference)
    rank = preference.argsort(axis=1).astype(np.float64)
    theirs = deferred_acceptance((-score).argsort(axis=1).astype(np.int32), -rank, np.full(requests, ONE))
    match = np.full(requests, UNMATCHED, np.int32)
    match[theirs[theirs != UNMATCHED]] = np.flatnonzero(theirs != UNMATCHED)
    return match


@check(
    "R3",
    "deferred acceptance is stable and best for those who propose",
    cases=[{"requests": requests, "providers": providers} for requests, providers in RANKS],
)
def stable_matching(
    requests: int = 30, providers: int = 34, markets: int = 1000, patchy: int = 500, seed: int = 3
) -> Iterator[Row]:
    """Random ``markets`` of single places, uniform preferences: no pair would rather have each other.

    No stable matching is better for any request (the one that providers propose is compared); both leave out the same.
    Mean ranks are published for some sizes (Ashlagi, Kanoria & Leshno 2017): the short side wins. Then ``patchy``
    markets of up to 24 requests with short lists and 8 providers of 0 to 3 places.
    """
    require(min(requests, providers) >= 1, "give at least one request and one provider")
    require(markets >= 2 and patchy >= 1, "give at least two markets and one patchy market")
    rng = np.random.default_rng([seed, requests, providers])
    capacity = np.full(providers, ONE)
    blocking = worse = otherwise = 0
    means: list[tuple[float, float]] = []
    for _ in range(markets):
        preference, score = market(rng, requests, providers)
        match = deferred_acceptance(preference, score, capacity)
        other = other_side_proposes(preference, score)
        blocking += blocking_pairs(preference, score, capacity, match)
        blocking += blocking_pairs(preference, score, capacity, other)
        otherwise += int(((match == UNMATCHED) != (other == UNMATCHED)).sum())
        both = np.flatnonzero((match != UNMATCHED) & (other != UNMATCHED))
        ours = (preference[both] == match[both][:, None]).argmax(axis=1)
        theirs = (preference[both] == other[both][:, None]).argmax(axis=1)
        worse += int((ours > theirs).sum())
        means.append(ranks(preference, score, match))
    yield exact("blocking pairs", 0, blocking)
    yield exact("requests that the other stable matching serves better", 0, worse)
    yield exact("requests matched only if the other side proposes, or only if not", 0, otherwise)
    for k, (value, published) in enumerate(RANKS.get((requests, providers), ())):
        found = np.array(means)[:, k]
        error = math.hypot(float(found.std(ddof=1)) / math.sqrt(markets), published)
        yield random(f"mean rank of {('requests', 'providers')[k]}", value, found.mean(), error, precision=0.012)
    yield from _patchy(np.random.default_rng(seed), patchy)


def _patchy(rng: Any, markets: int) -> Iterator[Row]:
    """Capacities from 0 to 3 and lists of random length; a stable matching serves at least half of the possible."""
    blocking = over = short = beyond = 0
    for _ in range(markets):
        requests, providers = int(rng.integers(1, 25)), int(rng.integers(1, 9))
        preference, score = market(rng, requests, providers)
        for i in range(requests):
            preference[i, rng.integers(0, providers + 1) :] = UNMATCHED
        capacity = rng.integers(0, 4, providers).astype(np.int32)
        match = deferred_acceptance(preference, score, capacity)
        blocking += blocking_pairs(preference, score, capacity, match)
        over += int((np.bincount(match[match != UNMATCHED], minlength=providers) > capacity).sum())
        rows, places = np.nonzero(preference != UNMATCHED)
        served = int((match != UNMATCHED).sum())
        best = maximum_matching(rows, preference[rows, places], capacity, requests)
        short += 2 * served < best
        beyond += served > best
    yield exact("short lists: blocking pairs", 0, blocking)
    yield exact("short lists: providers beyond their places", 0, over)
    yield exact("short lists: markets that serve less than half of the possible", 0, short)
    yield exact("short lists: markets that serve more than is possible", 0, beyond)


@check(
    "R4",
    "search without coordination",
    cases=[
        {"providers": 10, "weeks": 2000},
        {"providers": 100, "weeks": 300},
        {"providers": 5000, "weeks": 20},
        {"providers": 2000, "each": 2, "weeks": 20},
        {"providers": 2000, "each": 3, "weeks": 20},
        {"providers": 1000, "each": 5, "weeks": 20},
    ],
)
def uncoordinated_search(
    providers: int = 100, each: int = 1, load: float = 1.0, weeks: int = 300, seed: int = 5
) -> Iterator[Row]:
    """``load`` requests a place each try one of ``providers`` with ``each`` places at random (Butters 1977).

    Share of places filled: E[min(N, each)] / each, N binomial; with many providers N is Poisson(load x each).
    """
    require(providers >= 2 and each >= 1 and load > 0.0, "give two providers or more, a place or more, a load above 0")
    requests = round(load * providers * each)
    require(weeks >= 2, "give two weeks or more")
    require(requests >= 1, "give a load that makes one request or more")
    distributions: Any = stats
    number = np.arange(each)
    share = 1.0 - float((each - number) @ distributions.binom.pmf(number, requests, 1.0 / providers)) / each
    limit = 1.0 - float((each - number) @ distributions.poisson.pmf(number, load * each)) / each
    if load == 1.0 and each == 1 and providers in URN_BALL:
        yield printed("share filled (published)", URN_BALL[providers], share)
    if load == 1.0 and each in URN_BALL_LIMIT:
        yield printed("share filled, many providers (published)", URN_BALL_LIMIT[each], limit)
    bound = urn_ball(requests, providers, each) / (providers * each)
    yield close("share filled, the model's bound", share, bound, tolerance=1e-9)
    many = urn_ball(round(load * 200_000 * each), 200_000, each) / (200_000 * each)
    yield close("share filled, the model's bound with 200,000 providers", limit, many, tolerance=2e-6)
    yield mean("share filled", share, filled(requests, providers, each, weeks, seed))


@check("R5", "maximum matching of sparse random graphs", cases=[{"degree": degree} for degree in KARP_SIPSER])
def sparse_matching(degree: float = 3.0, n: int = 5000, graphs: int = 20, seed: int = 1) -> Iterator[Row]:
    """``n`` requests and ``n`` providers of one place, Poisson numbers of pairs, mean ``degree`` (Karp & Sipser).

    Share matched: 2 - (x + y + x y) / degree, x the smallest root of x = degree e^-y, y = degree e^-x. That is the
    limit of large graphs; finite ones fall short by less than 0.2 / sqrt(n), because chance makes their sides uneven.
    """
    require(0.0 < degree <= 20.0 and n >= 100 and graphs >= 2, "give a degree up to 20, 100 nodes, two graphs or more")
    x = 0.0
    for _ in range(10_000):  # from below, monotonically to the smallest root
        x = degree * math.exp(-degree * math.exp(-x))
    y = degree * math.exp(-x)
    share = 2.0 - (x + y + x * y) / degree
    if degree in KARP_SIPSER:
        yield printed("share matched (published)", KARP_SIPSER[degree], share)
    rng = np.random.default_rng([seed, round(1000 * degree)])
    places = np.ones(n, np.int64)
    found: list[float] = []
    for _ in range(graphs):
        pairs = rng.poisson(n * degree)
        found.append(maximum_matching(rng.integers(0, n, pairs), rng.integers(0, n, pairs), places, n) / n)
    row = mean("share matched", share, found)
    yield replace(row, tolerance=row.tolerance + SHORT / math.sqrt(n))
