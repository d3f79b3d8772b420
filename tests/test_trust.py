"""That the check of uneven learning catches a wrong rule."""

import pytest

from shequ import verification
from shequ.verification import learning


def test_q10_catches_a_wrong_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Losses that weigh like gains."""
    even = learning.learner(0.05, 0.05)
    monkeypatch.setattr(learning, "learner", lambda gain, loss: even)
    assert verification.uneven_trust(p=0.9, gain=0.05, loss=0.15).verdict == "fails"
