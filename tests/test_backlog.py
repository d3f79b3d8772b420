"""A bucket is not a queue."""

import math

import pytest

from shequ import verification
from shequ.verification import backlog


def test_the_mean_of_a_bucket_of_one_place_has_a_short_form() -> None:
    """c = 1: E[Q] = l^2 / (2 (1 - l)), P(0) = (1 - l) e^l."""
    for load in (0.3, 0.8, 0.95):
        expected = (load**2 / (2.0 * (1.0 - load)), (1.0 - load) * math.exp(load))
        assert backlog.left_over(load, 1) == pytest.approx(expected, rel=1e-9)


def test_q7_catches_a_wrong_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports that arrive this week are left for the next one, as if they stood in a queue of their own."""
    monkeypatch.setattr(backlog, "bucket", lambda queue, arrived, capacity: max(queue - capacity, 0) + arrived)
    assert verification.weekly_bucket(arrivals=0.8, capacity=1).verdict == "fails"
