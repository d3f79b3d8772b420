"""Trust learns from how issues end: asymmetric learning against its closed form (Q10)."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from shequ.agents.opinions import trust_after_outcome
from shequ.model import parameters


def learner(gain: float, loss: float) -> Any:
    """Parameters under which only asymmetric learning acts (no procedural justice)."""
    changes = {"trust_gain": gain, "trust_loss": loss, "justice_pace": 0.0}
    return SimpleNamespace(**(parameters.defaults() | changes))


def path(share: float, p: Any, n: int, seed: int) -> np.ndarray:
    """Trust after each of ``n`` outcomes of which ``share`` succeed; 1,000 outcomes to settle are left out."""
    outcomes = np.where(np.random.default_rng(seed).random(n + 1000) < share, 1, -1)
    trust, values = 0.5, np.empty(n + 1000)
    for k, outcome in enumerate(outcomes.tolist()):
        trust = trust_after_outcome(trust, outcome, 0.0, 1.0, p)
        values[k] = trust
    return values[1000:]


def mean_and_error(values: np.ndarray) -> tuple[float, float]:
    batches = values.reshape(200, -1).mean(axis=1)
    return float(batches.mean()), float(batches.std(ddof=1) / np.sqrt(len(batches)))


@pytest.mark.parametrize(("share", "expected"), [(0.9, 0.75), (0.8, 0.571429), (0.97, 0.915094)])
def test_q10_asymmetric_trust(share: float, expected: float) -> None:
    """n = 200,000 outcomes in 200 batches, a+ = 0.05, a- = 0.15: T* = p a+ / (p a+ + (1 - p) a-) within 4 s.e."""
    mean, error = mean_and_error(path(share, learner(0.05, 0.15), 200_000, 1))
    assert error < 0.01 * expected
    assert abs(mean - expected) < 4 * error


def test_q10_symmetric_learning_has_the_spread_and_the_half_life_of_a_smoother() -> None:
    """Rate 0.1, share 0.8, n = 200,000: mean 0.8 within 4 s.e., s.d. 0.091766 within 5 %, half-life 6.5788."""
    p = learner(0.1, 0.1)
    values = path(0.8, p, 200_000, 2)
    mean, error = mean_and_error(values)
    assert abs(mean - 0.8) < 4 * error
    assert values.std() == pytest.approx(0.091766, rel=0.05)
    gap = 1.0 - trust_after_outcome(0.0, 1, 0.0, 1.0, p)
    assert np.log(0.5) / np.log(gap) == pytest.approx(6.5788, abs=1e-4)


def test_q10_catches_a_wrong_implementation() -> None:
    """Losses that weigh like gains must miss the fixed point of 0.75."""
    mean, error = mean_and_error(path(0.9, learner(0.05, 0.05), 200_000, 1))
    assert abs(mean - 0.75) > 4 * error
