"""The committee's reporting backlog is a weekly bucket, and a bucket is not a queue (check Q7)."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import stats  # pyright: ignore[reportMissingTypeStubs]

from ..agents.committee import bucket
from .check import Row, at_least_one, batches, check, printed, require

BUCKET = {  # (arrivals a week, capacity): mean left over, share of weeks that end with nothing left
    (0.8, 1): (1.6, 0.445108),
    (4.0, 5): (1.156240, 0.615565),
    (8.0, 10): (0.878622, 0.718698),
    (9.0, 10): (3.101238, 0.446500),
    (9.5, 10): (7.952288, 0.249154),
    (19.0, 20): (7.328885, 0.318480),
}
SLOW = ((9.5, 10), (19.0, 20))  # so near saturation that a mean takes millions of weeks


def left_over(arrivals: float, capacity: int) -> tuple[float, float]:
    """Mean left over and chance of none for Q' = max(Q + Poisson - c, 0), by Spitzer's identity.

    E[Q] = sum over k of E[(S_k - k c)+] / k, P(Q = 0) = exp(-sum of P(S_k > k c) / k), S_k ~ Poisson(k arrivals).
    """
    require(0.0 < arrivals < capacity, "the bucket has no steady state: give arrivals above 0 and below the capacity")
    speed = capacity * math.log(capacity / arrivals) - (capacity - arrivals)  # terms fall as e**(-k speed)
    require(speed > 1e-4, "so near saturation the sum takes too long: give a larger distance between the two")
    k: Any = np.arange(1, int(40.0 / speed) + 2)
    total, room = arrivals * k, capacity * k
    poisson: Any = stats.poisson
    above: Any = poisson.sf(room - 1, total)
    over: Any = poisson.sf(room, total)
    mean: Any = (total * above - room * over) / k
    return float(mean.sum()), math.exp(-float((over / k).sum()))


@check(
    "Q7",
    "the weekly bucket of reports",
    cases=[{"arrivals": load, "capacity": c} for load, c in BUCKET if (load, c) not in SLOW],
    study=[{"arrivals": load, "capacity": c, "weeks": 8_000_000} for load, c in SLOW],
)
def weekly_bucket(arrivals: float = 0.8, capacity: int = 1, weeks: int = 400_000, seed: int = 1) -> Iterator[Row]:
    """Poisson ``arrivals`` a week, of which ``capacity`` are done: what is left over at the ends of weeks."""
    at_least_one(weeks=weeks)
    expected, none = left_over(arrivals, capacity)
    if (arrivals, capacity) in BUCKET:
        published = BUCKET[arrivals, capacity]
        yield printed("mean left over (published)", published[0], expected)
        yield printed("P(none left) (published)", published[1], none)
    coming = np.random.default_rng(seed).poisson(arrivals, weeks).tolist()
    left, path = 0, np.empty(weeks, np.int64)
    for week, arrived in enumerate(coming):
        path[week] = left = bucket(left, arrived, capacity)
    yield batches("mean left over", expected, path, precision=0.02)
    yield batches("P(none left)", none, path == 0)
