"""Every check of the theory page holds at its published numbers, and a check can fail."""

from typing import Any

import pytest

from shequ import verification
from shequ.model.levers import Setting
from shequ.verification import couplings
from shequ.verification.check import Check, CheckError, Row, exact, mean, printed, share

PUBLISHED = [
    pytest.param(check, case, id=f"{check.id}-{k}", marks=[pytest.mark.study] * (case in check.study))
    for check in verification.catalogue.values()
    for k, case in enumerate(check.cases + check.study)
]


@pytest.mark.parametrize(("check", "numbers"), PUBLISHED)
def test_check(check: Check, numbers: dict[str, Any]) -> None:
    report = check(**numbers)
    assert report.rows
    assert report.verdict == "holds", [row for row in report.rows if row.verdict != "holds"]


def test_every_check_says_what_it_sets_up() -> None:
    for check in verification.catalogue.values():
        assert len(check.set_up) > 30, check.id
        assert check.title, check.id


def test_rows_can_fail_and_can_be_void() -> None:
    assert exact("count", 3, 4).verdict == "fails"
    assert printed("value", 0.123456, 0.1234564).verdict == "holds"
    assert printed("value", 0.123456, 0.1234567).verdict == "fails"
    assert share("share", 0.5, 5_400, 10_000).verdict == "fails"
    assert share("share", 0.5, 50, 100).verdict == "void"
    assert mean("mean", 1.0, [1.0, float("nan")]).verdict == "void"
    assert Row("value", 1.0, float("nan"), 0.1).verdict == "fails"


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"d": 1}, r"no number 'd'; its numbers are: c \(5\), a \(4.0\)"),
        ({"c": 2.5}, "c must be a whole number, not 2.5"),
        ({"a": float("nan")}, "a must be a number, not nan"),
        ({"c": 7, "a": 9.0}, "no steady state"),
    ],
)
def test_wrong_numbers_are_refused(numbers: dict[str, float], message: str) -> None:
    with pytest.raises(CheckError, match=message):
        verification.erlang_c(**numbers)


def test_x3_catches_a_policy_that_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(couplings, "at_rest", lambda _: [Setting(-1000, 0, "neighbour_festivals", 12.0)])
    report = verification.neutral_policy(pairs=3, weeks=8, communities=1, households=30)
    assert [row.verdict for row in report.rows[:2]] == ["fails", "fails"]
