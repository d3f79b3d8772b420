"""That the checks of tipping, frailty and recovered coefficients catch what is wrong."""

from typing import Any

import numpy as np
import pytest

from shequ import verification
from shequ.verification import turnover
from shequ.verification.offices import office


def without(monkeypatch: pytest.MonkeyPatch, **changes: float) -> None:
    """Let every office of the checks have these parameters."""

    def changed(units: int, wanted: dict[str, float], *args: Any, **kwargs: Any) -> Any:
        return office(units, wanted | changes, *args, **kwargs)

    monkeypatch.setattr(turnover, "office", changed)


def test_h4_catches_a_wrong_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    """If nobody takes over the work of empty offices, nothing ever tips."""
    without(monkeypatch, vacant_work_shared=0.0)
    assert verification.tipping_point(b=16.0).verdict == "fails"


def test_h6_catches_a_wrong_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without lasting differences between heads the last year looks like the first."""
    without(monkeypatch, frailty_spread=0.0)
    assert "fails" in {row.verdict for row in turnover.tenure(0.5, 0.008, 40_000)}


def test_h6_catches_a_wrong_coefficient(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, exit_skill=1.85)
    found, errors = turnover.regression(1.0, 2.0, 200_000, 5)
    assert (np.abs(found - np.array([-1.0, -2.0])) > 4.0 * errors).any()
