"""Queues on the event clock against queueing theory (checks Q1 to Q3), run in windows as the ladder runs in weeks."""

import math
from collections.abc import Iterator

import numpy as np

from ..model.queues import REFUSED
from .check import CheckError, Row, batches, check, close, exact, printed
from .stations import Station, poisson

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
ERLANG_B = {(1, 1.0): 0.5, (2, 2.0): 0.4, (3, 2.0): 0.210526, (5, 3.0): 0.110054, (10, 10.0): 0.214582}


def loss(c: int, a: float) -> float:
    """Erlang's B: share of customers lost by ``c`` servers at the offered load ``a``, by its recursion."""
    value = 1.0
    for k in range(1, c + 1):
        value = a * value / (k + a * value)
    return value


def delay(c: int, a: float) -> float:
    """Erlang's C: chance to wait for ``c`` servers at the offered load ``a`` < ``c``."""
    if not 0.0 < a < c:
        message = f"M/M/c has no steady state at c = {c}, a = {a}: give 0 < a < c"
        raise CheckError(message)
    b = loss(c, a)
    return b / (1.0 - a / c * (1.0 - b))


@check("Q1", "M/M/1: times, numbers and use")
def mm1(rho: float = 0.8, n: int = 3_000_000, seed: int = 1) -> Iterator[Row]:
    """One server, exponential work of mean 1, ``n`` arrivals at rate ``rho``: W = 1/(1 - rho), W is exponential."""
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
    yield close("use of the server", rho, station.utilisation, tolerance=0.01 * rho)


@check(
    "Q2",
    "M/M/c: chance to wait and times",
    cases=[{"c": c, "a": a, "n": 4_000_000 if a / c < HEAVY else 8_000_000} for c, a in ERLANG_C if (c, a) not in LONG],
    study=[{"c": c, "a": a, "n": 20_000_000} for c, a in LONG],
)
def erlang_c(c: int = 5, a: float = 4.0, n: int = 4_000_000, seed: int = 5) -> Iterator[Row]:
    """``c`` servers at the offered load ``a``: P(wait) by Erlang's C, Wq = C/(c - a), W = Wq + 1 in service times."""
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
    if (c, a) in ERLANG_B:
        yield printed("share lost (published)", ERLANG_B[c, a], loss(c, a))
    path = Station(c, waits=False, seed=seed).run(poisson(a, n, seed))
    yield batches("share lost", loss(c, a), path.fate == REFUSED)
    yield exact("longest wait", 0.0, float(np.max(path.wait)))
