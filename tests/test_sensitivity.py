"""Indices through the whole path from design to analysis, against closed forms, and what is told of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import pi
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shequ.app.sensitivity import sensitivity_report
from shequ.experiments import RunError, StoreError
from shequ.experiments.studies import assessing, designs, functions, runner
from shequ.experiments.studies.assessing import assess, chosen_factors, study_of
from shequ.experiments.studies.course import Kept, StageError
from shequ.experiments.studies.findings import findings
from shequ.experiments.studies.records import records
from shequ.scenarios import loader

QUIET: dict[str, Any] = {"workers": 1, "progress": False}


def last(found: Any) -> dict[str, dict[str, float]]:
    return {row["factor"]: row for row in found.last.to_dict("records")}


@pytest.mark.parametrize(("name", "n"), [("ishigami", 512), ("g", 512)])
def test_sobol_indices_are_those_of_the_closed_form(name: str, n: int, tmp_path: Path) -> None:
    """Within the study's own 95 % intervals, widened to four standard errors (n = 512 base points)."""
    found, _ = assess(name, "sobol", n, out=tmp_path / "study", second_order=True, **QUIET)
    first, total = functions.exact(name)
    rows = last(found)
    for factor, value in total.items():
        row = rows[factor]
        assert row["ST"] == pytest.approx(value, abs=2.04 * row["ST_conf"] + 1e-4)
        assert row["S1"] == pytest.approx(first[factor], abs=2.04 * row["S1_conf"] + 1e-4)
        assert row["ST_conf"] < 0.12
    assert found.leading[:2] == ["x1", "x2"]


def test_second_order_and_shapley_effects_of_ishigami(tmp_path: Path) -> None:
    parts = functions.ishigami_variances()
    whole = sum(parts.values())
    assert whole == pytest.approx(13.844587940719254, rel=1e-12)  # as printed in the literature
    found, _ = assess("ishigami", "sobol", 1024, out=tmp_path / "sobol", second_order=True, **QUIET)
    pairs: Any = found.second_order
    assert tuple(pairs.iloc[0][["first", "second"]]) == ("x1", "x3")
    assert pairs.iloc[0]["S2"] == pytest.approx(parts["x1 x3"] / whole, abs=2.04 * pairs.iloc[0]["S2_conf"])
    rows = last(assess("ishigami", "shapley", 2000, out=tmp_path / "shapley", **QUIET)[0])
    both = 0.5 * parts["x1 x3"]
    exact = {"x1": parts["x1"] + both, "x2": parts["x2"], "x3": both}
    for factor, value in exact.items():
        row = rows[factor]
        assert row["shapley"] == pytest.approx(value / whole, abs=2.04 * row["shapley_conf"])
    assert sum(row["shapley"] for row in rows.values()) == pytest.approx(1.0)


def test_luck_is_half_of_a_function_with_as_much_noise(tmp_path: Path) -> None:
    """Noise of the variance of the function: luck's total index is 1/2, all others are halved (n = 512)."""
    found, _ = assess("noisy", "sobol", 512, out=tmp_path / "study", **QUIET)
    rows, (_, total) = last(found), functions.exact("ishigami")
    assert rows["luck"]["ST"] == pytest.approx(0.5, abs=2.04 * rows["luck"]["ST_conf"])
    for factor, value in total.items():
        assert rows[factor]["ST"] == pytest.approx(value / 2.0, abs=2.04 * rows[factor]["ST_conf"])


def test_morris_effects_of_a_linear_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Y = x1 + 2 x2 + 4 x3 on (-pi, pi): elementary effects over the range are 2 pi, 4 pi, 8 pi, without spread."""
    monkeypatch.setattr(functions, "ishigami", lambda x: x[0] + 2.0 * x[1] + 4.0 * x[2])
    rows = last(assess("ishigami", "morris", 10, out=tmp_path / "study", **QUIET)[0])
    for factor, slope in zip(("x1", "x2", "x3"), (1.0, 2.0, 4.0), strict=True):
        assert rows[factor]["mu_star"] == pytest.approx(2.0 * pi * slope)
        assert rows[factor]["sigma"] == pytest.approx(0.0, abs=1e-9)


def test_factors_in_a_group_have_one_index(tmp_path: Path) -> None:
    """x1 and x3 of ishigami together: all but the part of x2."""
    groups = {"odd": ["x1", "x3"]}
    rows = last(assess("ishigami", "sobol", 512, out=tmp_path / "study", groups=groups, **QUIET)[0])
    assert set(rows) == {"odd", "x2"}
    parts = functions.ishigami_variances()
    exact = 1.0 - parts["x2"] / sum(parts.values())
    assert rows["odd"]["ST"] == pytest.approx(exact, abs=2.04 * rows["odd"]["ST_conf"])


@pytest.mark.parametrize("method", ["delta", "pawn"])
def test_any_study_can_be_read_by_a_method_that_needs_no_design(method: str, tmp_path: Path) -> None:
    """x5 to x8 of the g-function do nothing to speak of, x1 most; read from a study made for Sobol' indices."""
    _, folder = assess("g", "sobol", 64, out=tmp_path / "study", **QUIET)
    found = findings(records(folder), method)
    assert found.leading[0] == "x1"
    assert last(found)["x1"][found.ranked] > 2.0 * last(found)["x8"][found.ranked]
    with pytest.raises(StoreError, match="designed for sobol; morris needs a design of its own"):
        findings(records(folder), "morris")


@dataclass(frozen=True)
class Moody(functions.FunctionCourse):
    """Fails in one run of fifty."""

    def tell(
        self, values: Mapping[Any, float], seed: int, kept: Kept, warm: Any
    ) -> tuple[Sequence[Any], Sequence[Any]]:
        if abs(next(iter(values.values()))) < 0.02 * pi:
            raise StageError("run", ValueError("no"))
        return super().tell(values, seed, kept, warm)


def test_blocks_with_a_failed_run_are_left_out_and_counted(tmp_path: Path) -> None:
    study = replace(study_of("ishigami", "sobol", 512), courses=(Moody("ishigami"),))
    found = findings(records(runner.carry_out(study, tmp_path / "study", **QUIET).path), "sobol")
    failed = np.abs(study.design["x1"].to_numpy()) < 0.02 * pi
    blocks = failed.reshape(-1, 5).any(axis=1)
    assert 0 < failed.sum() < blocks.sum() * 5 == found.left_out["value"]
    rows, (_, total) = last(found), functions.exact("ishigami")
    for factor, value in total.items():
        assert rows[factor]["ST"] == pytest.approx(value, abs=2.04 * rows[factor]["ST_conf"] + 0.03)


def test_n_grows_until_intervals_are_narrow_and_nothing_is_done_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    tell = functions.FunctionCourse.tell

    def counted(self: Any, values: Any, seed: int, kept: Any, warm: Any) -> Any:
        done.append(seed)
        return tell(self, values, seed, kept, warm)

    monkeypatch.setattr(functions.FunctionCourse, "tell", counted)
    found, folder = assess("ishigami", "sobol", 64, precision=0.12, out=tmp_path / "grown", **QUIET)
    assert found.widest <= 0.12
    assert found.runs == records(folder).frozen["runs"] == len(done)
    assert found.runs > 64 * 5
    at_once, _ = assess("ishigami", "sobol", found.runs // 5, out=tmp_path / "at_once", **QUIET)
    assert at_once.indices.equals(found.indices)


def test_factors_come_from_the_scenario_or_the_command_line() -> None:
    plan = loader.load("ten_household")
    usual = [one.name for one in chosen_factors(plan, [])]
    assert usual == [*(f"lever:{entry.key}" for entry in plan.uncertain), "luck"]
    own = chosen_factors(plan, ["trust_gain=0.03..0.04", "late:all", "luck"])
    assert (own[0].name, own[0].low, own[0].high) == ("trust_gain", 0.03, 0.04)
    assert [one.name for one in own] == ["trust_gain", "late:all", "luck"]
    several = [one.name for one in chosen_factors(plan, ["process:attitudes"], ["trust_loss"])]
    assert "trust_gain" in several
    assert "trust_loss" not in several


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n": 100}, "power of 2"),
        ({"method": "efast"}, "no method 'efast'; allowed: sobol, morris"),
        ({"method": "shapley", "groups": {"a": ["x1"]}}, "knows no groups"),
        ({"groups": {"a": ["x1", "x9"]}}, "x9 is in a group, and no factor"),
        ({"method": "morris", "precision": 0.1}, "design of morris does not grow"),
        ({"scenario": "ten_household", "factor": ["trust_gain=1"]}, "write it as trust_gain=0.02..0.1"),
        ({"scenario": "ten_household", "factor": ["process:nobody"]}, "no process 'nobody'"),
        ({"scenario": "baseline_2023"}, "calls nothing uncertain"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_run(given: dict[str, Any], message: str, tmp_path: Path) -> None:
    asked: dict[str, Any] = {"scenario": "ishigami", "method": "sobol", "n": 64, **given}
    names = [asked.pop(key) for key in ("scenario", "method", "n")]
    with pytest.raises(RunError, match=message):
        assess(*names, out=tmp_path / "study", **asked, **QUIET)
    assert not (tmp_path / "study").exists()


def test_a_study_of_a_plan_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings: dict[str, Any] = {
        "group": [],
        "of": "elderly",
        "factor": ["trust_gain", "late:all"],
        "observables": ["trust_committee"],
        "dates": ["2024-06-30", "2024-12-31"],
        "until": "2024-12-31",
        "communities": 2,
        "households": 20,
        "out": tmp_path / "study",
        "workers": 1,
    }
    sensitivity_report("ten_household", "sobol", 4, as_json=False, **settings)
    printed = capsys.readouterr().out
    assert "ten_household: ST on 2024-12-29" in printed
    place = tmp_path / "study" / "sensitivity" / "sobol"
    assert {"indices.csv", "bars.png", "through_time.png", "sensitivity.json"} <= {p.name for p in place.iterdir()}
    sensitivity_report(str(tmp_path / "study"), "delta", 4, as_json=True, **settings)
    told = json.loads(capsys.readouterr().out)
    assert (told["method"], told["group"], told["runs"]) == ("delta", "elderly", 4 * 5)


def test_designs_lie_in_the_cube_and_blocks_fit() -> None:
    known = functions.factors("g")
    for method in designs.METHODS:
        plan = designs.planned(method, 16, 3, second_order=True, groups={})
        table = designs.design(plan, known)
        names = [one.name for one in known]
        assert len(table) == 16 * designs.block(plan, names)
        units = table[[f"u.{name}" for name in names]].to_numpy()
        assert units.min() >= 0.0
        assert units.max() <= 1.0
        assert table[names].to_numpy() == pytest.approx(units)


def test_most_doublings_bound_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessing, "MOST_DOUBLINGS", 2)
    found, _ = assess("ishigami", "sobol", 8, precision=1e-6, out=tmp_path / "study", **QUIET)
    assert found.runs == 32 * 5
