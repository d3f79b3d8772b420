"""Queues on the event clock against queueing theory (checks Q1 to Q6, Q8), in windows as the ladder runs in weeks."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..model.queues import LEFT, REFUSED
from .check import Row, at_least_one, batches, check, close, exact, printed, require
from .stations import Path, Station, poisson

HEAVY = 0.85  # load of a server above which waits take many customers to average out
ERLANG_C = {  # (servers, offered load): P(wait), Wq, W in service times
    (1, 0.9): (0.900000, 9.000000, 10.000000),
    (2, 1.6): (0.711111, 1.777778, 2.777778),
    (2, 1.8): (0.852632, 4.263158, 5.263158),
    (3, 2.0): (0.444444, 0.444444, 1.444444),
    (5, 3.0): (0.236152, 0.118076, 1.118076),
    (5, 4.0): (0.554113, 0.554113, 1.554113),
    (5, 4.5): (0.762493, 1.524986, 2.524986),
    (10, 8.0): (0.409180, 0.204590, 1.204590),
    (10, 9.0): (0.668732, 0.668732, 1.668732),
    (20, 18.0): (0.550769, 0.275385, 1.275385),
}
LONG = ((5, 4.5), (10, 8.0), (10, 9.0), (20, 18.0))  # 20 million customers for a standard error below 1 %
ERLANG_A = {  # (servers, offered load, hazard of giving up): quantity, value, half a unit of its last printed digit
    (50, 48.0, 0.5): (  # times in minutes, printed in seconds
        ("left", 0.0309, 5e-5),
        ("wait", 3.71 / 60.0, 0.005 / 60.0),
        ("queue", 2.97, 5e-3),
        ("use", 0.930, 5e-4),
    ),
    (5, 5.0, 0.5): (("left", 0.146132, 5e-7), ("wait", 0.292263, 5e-7), ("waits", 0.633151, 5e-7)),
    (5, 6.0, 0.5): (("left", 0.226387, 5e-7), ("wait", 0.452773, 5e-7)),
    (5, 5.0, 1.0): (("waits", 0.559507, 5e-7), ("present", 5.0, 5e-7)),
}
COBHAM = {(1, 0.3, 0.5): (1.142857, 5.714286, 4.0), (5, 1.5, 2.5): (0.158318, 0.791589, 0.554113)}
LADDER = (10.0, (5, 3, 2, 1), (3.0, 2.0, 1.5, 1.0), (0.4, 0.5, 0.3))  # arrivals, servers, rates, shares that climb
LADDER_W, LADDER_L = (0.398667, 0.722222, 1.2, 2.5), (3.986672, 2.888889, 2.4, 1.5)
ERLANG_B = {(1, 1.0): 0.5, (2, 2.0): 0.4, (3, 2.0): 0.210526, (5, 3.0): 0.110054, (10, 10.0): 0.214582}


def loss(c: int, a: float) -> float:
    """Erlang's B: share of customers lost by ``c`` servers at the offered load ``a``, by its recursion."""
    value = 1.0
    for k in range(1, c + 1):
        value = a * value / (k + a * value)
    return value


def delay(c: int, a: float) -> float:
    """Erlang's C: chance to wait for ``c`` servers at the offered load ``a`` < ``c``."""
    require(0.0 < a < c, f"M/M/c has no steady state at c = {c}, a = {a}: give 0 < a < c")
    b = loss(c, a)
    return b / (1.0 - a / c * (1.0 - b))


def _use(expected: float, station: Station, path: Path) -> Row:
    """Use of the servers as they booked it, with the standard error of the number seen at work."""
    at_work = np.minimum(path.present(1.0), station.servers) / station.servers
    return replace(batches("use", expected, at_work), got=station.utilisation)


@check("Q1", "M/M/1: times, numbers and use")
def mm1(rho: float = 0.8, n: int = 3_000_000, seed: int = 1) -> Iterator[Row]:
    """One server, exponential work of mean 1, ``n`` arrivals at rate ``rho``: W = 1/(1 - rho), W is exponential."""
    at_least_one(n=n)
    delay(1, rho)
    time = 1.0 / (1.0 - rho)
    if rho == 0.8:
        yield printed("W (published)", 5.0, time)
    station = Station(1, seed=seed)
    path = station.run(poisson(rho, n, seed))
    yield batches("W", time, path.sojourn)
    yield batches("Wq", rho * time, path.wait)
    yield batches("P(W > its mean)", math.exp(-1.0), path.sojourn > time)
    yield batches("L", rho * time, path.present(1.0))
    yield _use(rho, station, path)


@check(
    "Q2",
    "M/M/c: chance to wait and times",
    cases=[{"c": c, "a": a, "n": 4_000_000 if a / c < HEAVY else 8_000_000} for c, a in ERLANG_C if (c, a) not in LONG],
    study=[{"c": c, "a": a, "n": 20_000_000} for c, a in LONG],
)
def erlang_c(c: int = 5, a: float = 4.0, n: int = 4_000_000, seed: int = 5) -> Iterator[Row]:
    """``c`` servers at the offered load ``a``: P(wait) by Erlang's C, Wq = C/(c - a), W = Wq + 1 in service times."""
    at_least_one(n=n)
    chance = delay(c, a)
    wait = chance / (c - a)
    if (c, a) in ERLANG_C:
        for name, published, value in zip(
            ("P(wait)", "Wq", "W"), ERLANG_C[c, a], (chance, wait, wait + 1.0), strict=True
        ):
            yield printed(f"{name} (published)", published, value)
    path = Station(c, seed=seed).run(poisson(a, n, seed))
    yield batches("P(wait)", chance, path.wait > 0)
    yield batches("Wq", wait, path.wait)
    yield batches("W", wait + 1.0, path.sojourn)


@check("Q3", "Erlang B: customers lost where nobody can wait", cases=[{"c": c, "a": a} for c, a in ERLANG_B])
def erlang_b(c: int = 5, a: float = 3.0, n: int = 1_000_000, seed: int = 3) -> Iterator[Row]:
    """``c`` servers without room to wait at the offered load ``a``: share lost by Erlang's B."""
    at_least_one(c=c, n=n)
    require(a > 0.0, "give an offered load a above 0")
    if (c, a) in ERLANG_B:
        yield printed("share lost (published)", ERLANG_B[c, a], loss(c, a))
    path = Station(c, waits=False, seed=seed).run(poisson(a, n, seed))
    yield batches("share lost", loss(c, a), path.fate == REFUSED)
    yield exact("longest wait", 0.0, float(np.max(path.wait)))


class Impatient(NamedTuple):
    """Steady state of Erlang's A, in service times."""

    left: float  # share who give up
    wait: float  # mean time in the queue, whether served or not
    waits: float  # share who wait
    queue: float  # mean number in the queue
    present: float  # mean number in queue and service
    use: float  # share of the servers' time


def impatient(c: int, a: float, theta: float) -> Impatient:
    """Erlang's A: ``c`` servers, offered load ``a``, hazard ``theta`` of giving up a service time, by its chances.

    The number present is a birth-death chain with births at ``a`` and deaths at min(k, c) + theta max(k - c, 0).
    """
    require(c >= 1 and a > 0.0, f"give at least one server and a load above 0, not c = {c}, a = {a}")
    require(theta >= 1e-4, f"give theta of 0.0001 or more, not {theta}; who never gives up is in check Q2")
    top = c + int(max(a - c, 0.0) / theta + 12.0 * math.sqrt(a / theta)) + 100
    number = np.arange(top + 1)
    deaths = np.minimum(number, c) + theta * np.maximum(number - c, 0)
    logs = np.concatenate([[0.0], np.cumsum(np.log(a) - np.log(deaths[1:]))])
    chances = np.exp(logs - logs.max())
    chances /= chances.sum()
    queue = float(chances @ np.maximum(number - c, 0))
    left = theta * queue / a
    return Impatient(
        left, queue / a, float(chances[c:].sum()), queue, float(chances @ number), float(a * (1.0 - left) / c)
    )


@check(
    "Q4",
    "Erlang A: customers who give up",
    cases=[
        {"c": c, "a": a, "theta": theta, "n": 8_000_000 if c == 50 else 1_000_000, "seed": 5 if theta == 1.0 else 4}
        for c, a, theta in ERLANG_A
    ],
)
def erlang_a(c: int = 5, a: float = 5.0, theta: float = 0.5, n: int = 1_000_000, seed: int = 4) -> Iterator[Row]:
    """``c`` servers at the offered load ``a``; who waits gives up at the hazard ``theta`` a service time.

    Chances of the birth-death chain; who give up = theta Lq / a. With theta = 1 the number present is Poisson(a).
    """
    at_least_one(n=n)
    expected = impatient(c, a, theta)
    for name, published, tolerance in ERLANG_A.get((c, a, theta), ()):
        yield close(f"{name} (published)", published, getattr(expected, name), tolerance=1.000001 * tolerance)
    if (c, a) == (50, 48.0):
        yield close("wait of patient customers (published)", 20.83 / 60.0, delay(c, a) / (c - a), tolerance=1e-4)
    station = Station(c, patience=theta, seed=seed)
    path = station.run(poisson(a, n, seed))
    yield batches("left", expected.left, path.fate == LEFT)
    yield batches("wait", expected.wait, path.wait)
    yield batches("waits", expected.waits, path.wait > 0)
    yield batches("present", expected.present, path.present(1.0))
    yield _use(expected.use, station, path)


@check(
    "Q5",
    "two classes, the first served first",
    cases=[{"c": 1, "first": 0.3, "second": 0.5}, {"c": 5, "first": 1.5, "second": 2.5, "n": 4_000_000}],
)
def priority(c: int = 1, first: float = 0.3, second: float = 0.5, n: int = 3_000_000, seed: int = 6) -> Iterator[Row]:
    """``c`` servers, two classes with offered loads ``first`` and ``second``, nobody is interrupted (Cobham 1954).

    Wq = W0 / (1 - s1) and W0 / ((1 - s1)(1 - s1 - s2)) with W0 = C / c, s = load / c. Kleinrock's conservation law: the
    mean over both is that of first come first served, C / (c - a).
    """
    at_least_one(n=n)
    require(first > 0.0 and second > 0.0, "give both classes a load above 0")
    together = delay(c, first + second) / (c - first - second)
    ahead = 1.0 - first / c
    expected = (together * (c - first - second) / c / ahead, together / ahead, together)
    names = ("Wq of the first class", "Wq of the second class", "Wq of both")
    for name, published, value in zip(names, COBHAM.get((c, first, second), ()), expected, strict=False):
        yield printed(f"{name} (published)", published, value)
    yield close(
        "conservation", together, (first * expected[0] + second * expected[1]) / (first + second), tolerance=1e-9
    )
    rank = np.random.default_rng([seed, 1]).random(n) < second / (first + second)
    path = Station(c, seed=seed).run(poisson(first + second, n, seed), rank.astype(np.uint8))
    for name, value, who in zip(names, expected, (~rank, rank, slice(None)), strict=True):
        yield batches(name, value, path.wait[who])


@check("Q6", "Little's law in each class", cases=[{"theta": 0.0}, {"theta": 0.3}])
def little(c: int = 3, a: float = 2.4, theta: float = 0.0, n: int = 3_000_000, seed: int = 7) -> Iterator[Row]:
    """``c`` servers, load ``a`` half of it with priority, hazard ``theta`` of giving up: L = lambda W in each class.

    L is counted at moments half a service time apart, not derived from times.
    """
    at_least_one(c=c, n=n)
    require(a > 0.0 and theta >= 0.0, "give a load a above 0 and theta of 0 or more")
    require(theta > 0.0 or a < c, f"there is no steady state at c = {c}, a = {a} with theta = 0: give a < c")
    rank = np.random.default_rng([seed, 1]).integers(0, 2, n)
    time = poisson(a, n, seed)
    path = Station(c, patience=theta, seed=seed).run(time, rank)
    for k, name in enumerate(("first", "second")):
        rate = (rank == k).sum() / (time[-1] - time[0])
        yield batches(f"L of the {name} class", rate * path.sojourn[rank == k].mean(), path.present(0.5, rank == k))


@check("Q8", "four levels, a share of each climbs to the next")
def jackson(
    arrivals: float = LADDER[0],
    c1: int = 5,
    c2: int = 3,
    c3: int = 2,
    c4: int = 1,
    m1: float = 3.0,
    m2: float = 2.0,
    m3: float = 1.5,
    m4: float = 1.0,
    up1: float = 0.4,
    up2: float = 0.5,
    up3: float = 0.3,
    n: int = 6_000_000,
    seed: int = 8,
) -> Iterator[Row]:
    """``arrivals`` a week enter level 1 of ``c1`` servers at rate ``m1``; a share ``up1`` climbs to level 2, and so on.

    Jackson (1957): each level is an M/M/c queue of its own, W = (C / (c - a) + 1) / m.
    """
    at_least_one(n=n)
    servers, rates, climbs = (c1, c2, c3, c4), (m1, m2, m3, m4), (up1, up2, up3)
    require(arrivals > 0.0 and min(rates) > 0.0, "give arrivals and rates of service above 0")
    require(min(climbs) > 0.0 and max(climbs) <= 1.0, "give shares that climb above 0, at most 1")
    reach: Any = np.cumprod([1.0, *climbs])
    load = arrivals * reach / rates
    weeks = [(delay(c, a) / (c - a) + 1.0) / m for c, a, m in zip(servers, load, rates, strict=True)]
    if (arrivals, servers, rates, climbs) == LADDER:
        for k in range(4):
            yield printed(f"W of level {k + 1} (published)", LADDER_W[k], weeks[k])
            yield printed(f"L of level {k + 1} (published)", LADDER_L[k], arrivals * reach[k] * weeks[k])
        yield printed("weeks an issue (published)", 1.077556, reach @ weeks)
        yield printed("L in all (published)", 10.775561, arrivals * reach @ weeks)
    paths = _climb(poisson(arrivals, n, seed), servers, rates, climbs, seed)
    for k, value in enumerate(weeks):
        yield batches(f"W of level {k + 1}", value, next(paths))
    yield batches("weeks an issue", float(reach @ weeks), next(paths))


def _climb(time: Any, servers: Any, rates: Any, climbs: Any, seed: int) -> Iterator[Any]:
    """Yield the times that issues spend on each level, at last the time that each spent on all of them."""
    rng = np.random.default_rng(seed)
    who, total = np.arange(len(time)), np.zeros(len(time))
    for level, (c, rate) in enumerate(zip(servers, rates, strict=True)):
        path = Station(c, rate, seed=10 * seed + level, window=200.0).run(time)
        yield path.sojourn
        total[who] += path.sojourn
        if level < len(climbs):
            up = np.flatnonzero(rng.random(len(time)) < climbs[level])
            up = up[np.argsort(path.finish[up], kind="stable")]
            time, who = path.finish[up], who[up]
    yield total
