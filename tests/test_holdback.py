"""What holds milestones back: gains by hand, relaxations that do what they say, a search that goes on."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from shequ.experiments import Result, RunError
from shequ.experiments.firings import COLUMNS as FIRED
from shequ.experiments.holdback import binding_of, compared, hold_back, score
from shequ.experiments.milestones import NONE_OF_THESE, Promise
from shequ.model.calendar import Calendar
from shequ.scenarios import compile, loader, relaxing
from shequ.scenarios.reader import ScenarioError, parse

SMALL = {"communities": 3, "households": 30, "until": "2024-12-31", "progress": False, "workers": 1}
PROMISE = Promise("m", "participation_rate", "all", date(2024, 1, 14), 1, 0.5, None)


def result(values: list[float]) -> Result:
    """A result of one observable that stands at ``values``, one a replicate, for two weeks."""
    stood = np.repeat(np.array(values)[:, None, None], 2, axis=1)
    attributes = {"units": "share", "long_name": "x"}
    series = xr.Dataset(
        {"participation_rate": (("replicate", "week", "group"), stood, attributes)},
        coords={"week": [0, 1], "group": ["all"], "replicate": range(len(values))},
    )
    return Result(series, Calendar(), (PROMISE,), (), {"triggers": {}}, pd.DataFrame(columns=list(FIRED)))


def test_gains_intervals_and_what_binds_by_hand() -> None:
    """Three replicates, two means: gains 0.1, 0.2, 0.3 and 0.3, 0.3, 0.3; t at 1 - 0.1/4 with two degrees: 4.3027."""
    base = result([0.1, 0.2, 0.3])
    frame = compared(base, {"little": result([0.2, 0.4, 0.6]), "much": result([0.4, 0.5, 0.6])}).set_index("relaxation")
    little, much = frame.loc["little"], frame.loc["much"]
    assert (little.value, little.gap, little.gain) == pytest.approx((0.2, 0.3, 0.2))
    quantile = stats.t.ppf(0.975, 2)
    assert little.low == pytest.approx(0.2 - quantile * 0.1 / 3**0.5)
    assert little.low < 0  # not sure
    assert (much.gain, much.low, much.high, much.closed) == pytest.approx((0.3, 0.3, 0.3, 1.0))
    assert (much.attained_share, much.relaxed_share) == pytest.approx((0.0, 2 / 3))
    assert (little.binding, much.binding) == (False, True)
    assert binding_of(frame.reset_index()).iloc[0].tolist() == ["m", "much", pytest.approx(1.0)]


def test_without_a_sure_gain_none_of_these_binds() -> None:
    frame = compared(result([0.1, 0.2, 0.3]), {"a": result([0.1, 0.2, 0.3]), "b": result([0.3, 0.1, 0.3])})
    assert not frame["binding"].any()
    assert binding_of(frame)["held_back_by"].tolist() == [NONE_OF_THESE]


def test_replicates_without_a_value_are_left_out_and_the_promise_is_still_told() -> None:
    """By hand: two of three replicates are known on both sides; gains 0.2 and 0.4, t at 0.95 with one degree 6.3138."""
    frame = compared(result([0.1, 0.2, np.nan]), {"much": result([0.3, 0.6, 0.9])})
    (row,) = frame.to_dict("records")
    assert (row["value"], row["relaxed"], row["gain"], row["gap"]) == pytest.approx((0.15, 0.45, 0.3, 0.35))
    assert row["low"] == pytest.approx(0.3 - 6.3138 * 0.1, abs=1e-4)
    assert len(compared(result([np.nan] * 3), {"much": result([0.3, 0.6, 0.9])})) == 0


def test_a_promise_that_is_kept_is_not_asked_about() -> None:
    assert len(compared(result([0.6, 0.7, 0.1]), {"a": result([0.9, 0.9, 0.9])})) == 0


def test_scores_grow_towards_each_kind_of_promise() -> None:
    values = np.array([0.1, 0.4, 0.9])
    assert score(PROMISE, values).tolist() == [0.1, 0.4, 0.9]
    assert score(replace(PROMISE, low=None, high=0.2), values).tolist() == [-0.1, -0.4, -0.9]
    assert score(replace(PROMISE, low=0.3, high=0.5), values) == pytest.approx([-0.2, 0.0, -0.4])


def test_every_relaxation_moves_the_plan_and_does_what_it_says() -> None:
    plain = compile.compile("ten_household")
    for name in relaxing.catalogue():
        inputs = compile.compile(relaxing.relaxed(loader.load("ten_household"), name))
        moved = (inputs.settings, inputs.budget, inputs.parameter_changes)
        assert moved != (plain.settings, plain.budget, plain.parameter_changes), name
        assert inputs.hash != plain.hash
    twice = compile.compile(relaxing.relaxed(loader.load("ten_household"), "money"))
    assert [line.yearly_fen for line in twice.budget] == [2 * line.yearly_fen for line in plain.budget]
    full = relaxing.relaxed(loader.load("ten_household"), "fidelity")
    assert full.fidelity is None
    assert all(item.fidelity is None for item in full.interventions)
    with pytest.raises(ScenarioError, match="Did you mean 'money'"):
        relaxing.find("mony")
    with pytest.raises(ScenarioError, match=r"r:4: relaxations\.a\.budget_tines: unknown key"):
        relaxing.checked(parse("schema: 1\nrelaxations:\n  a:\n    {title: {en: a}, budget_tines: 2}\n", "r"))


def test_a_search_finds_heads_goes_on_and_shows_the_column(tmp_path: Path) -> None:
    chosen = ["heads_stay", "money"]
    first = hold_back("ten_household", of=chosen, replicates=2, out=tmp_path, **SMALL)
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/observables.nc") if path.parent.name in chosen}
    assert {path.parent.name for path in stamps} == set(chosen)
    told: list[str] = []
    again = hold_back("ten_household", of=chosen, replicates=2, out=tmp_path, announce=told.append, **SMALL)
    assert told == ["plan (1 of 3)", "heads_stay (2 of 3)", "money (3 of 3)"]
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    pd.testing.assert_frame_equal(again.frame, first.frame)
    assert json.loads((tmp_path / "holdback.json").read_text())["gains"]
    assert "held_back_by" in Result.load(tmp_path / "plan").milestones
    assert "held_back_by" not in Result.load(tmp_path / "money").milestones
    with pytest.raises(RunError, match="at least 2"):
        hold_back("ten_household", replicates=1, **SMALL)
