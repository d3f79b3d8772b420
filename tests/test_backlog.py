"""The reporting backlog is a weekly bucket, and a bucket is not a queue."""

import numpy as np
import pytest

from shequ.agents.committee import bucket


def run_bucket(rate: float, capacity: int, weeks: int, seed: int) -> np.ndarray:
    arrivals = np.random.default_rng(seed).poisson(rate, weeks)
    path = np.empty(weeks, np.int64)
    queue = 0
    for week in range(weeks):
        queue = bucket(queue, int(arrivals[week]), capacity)
        path[week] = queue
    return path


@pytest.mark.parametrize(
    ("rate", "capacity", "mean", "empty"),
    [(0.8, 1, 1.6, 0.445108), (4, 5, 1.156240, 0.615565), (8, 10, 0.878622, 0.718698), (9, 10, 3.101238, 0.446500)],
)
def test_q7_weekly_bucket(rate: float, capacity: int, mean: float, empty: float) -> None:
    """n = 400,000 weeks in 200 batches: mean and share of empty weeks within 4 s.e.; s.e. of the mean below 2 %."""
    batches = run_bucket(rate, capacity, 400_000, 1).reshape(200, -1)
    for values, expected, precision in ((batches.mean(axis=1), mean, 0.02), ((batches == 0).mean(axis=1), empty, 0.01)):
        error = values.std(ddof=1) / np.sqrt(len(values))
        assert error < precision * expected
        assert abs(values.mean() - expected) < 4 * error


def test_q7_catches_a_wrong_implementation() -> None:
    """M/M/1 at the same load has 3.2 waiting, not the bucket's 1.6: taking one for the other must show."""
    batches = run_bucket(0.8, 1, 400_000, 1).reshape(200, -1).mean(axis=1)
    error = batches.std(ddof=1) / np.sqrt(len(batches))
    assert abs(batches.mean() - 3.2) > 4 * error
