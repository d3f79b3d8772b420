"""Stress tests: shares, lateness, regret and drivers against counts by hand; boxes where they are known to lie."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from shequ.app.stress import stress_report
from shequ.experiments import RunError
from shequ.experiments.studies import discovery, functions, runner
from shequ.experiments.studies.course import Kept, StageError, Warm
from shequ.experiments.studies.definition import Study, numbered
from shequ.experiments.studies.factors import Factor
from shequ.experiments.studies.records import records
from shequ.experiments.studies.stressing import DEEP, Stress, study_of, wilson

N = 400
KNOWN = (*(Factor("argument", f"x{k}", 0.0, 10.0) for k in (1, 2, 3)), Factor("luck", "", 0.0, 1.0))


@dataclass(frozen=True)
class Plan(functions.FunctionCourse):
    """Keeps `always`; `early` unless x1 > 6 and x2 > 5; `late` x3 weeks late, never above 8; or bolder."""

    bold: bool = False

    def tell(
        self, values: Mapping[Factor, float], seed: int, kept: Kept, warm: Warm | None
    ) -> tuple[Sequence[Any], Sequence[Any]]:
        x = {factor.of: value for factor, value in values.items()}
        if x["x3"] > 9.9 and self.bold:
            raise StageError("run", ValueError("too bold"))
        early = not (x["x1"] > (5.0 if self.bold else 6.0) and x["x2"] > 5.0)
        late = float("nan") if x["x3"] > 8.0 else np.floor(x["x3"])
        told = [("always", 1.0, True, 0.0), ("early", x["x1"], early, 0.0 if early else float("nan"))]
        return [(0, "value", "all", 0.0)], [*told, ("late", x["x3"], bool(late == 0.0), late)]


def study(*plans: Plan) -> Study:
    units = np.random.default_rng(5).random((N, len(KNOWN)))
    futures = pd.DataFrame({one.name: [one.at(u) for u in units[:, k]] for k, one in enumerate(KNOWN)})
    table = futures.loc[np.repeat(futures.index, len(plans))].reset_index(drop=True)
    table["scenario"] = np.tile(np.arange(len(plans)), N)
    kept = Kept(("value",), ("all",), (0,))
    return Study("stress", plans, KNOWN, numbered(table, KNOWN), 0, kept, {}, {"n": N})


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Stress:
    path = tmp_path_factory.mktemp("stress") / "study"
    runner.carry_out(study(Plan("plan"), Plan("bold", bold=True)), path, workers=1, progress=False)
    return Stress(records(path))


@pytest.fixture(scope="module")
def points(found: Stress) -> Any:
    """Futures that count: those that the bold plan does not fail in."""
    whole: Any = found.points
    return whole[whole["x3"] <= 9.9]


def test_a_future_counts_where_all_plans_finished(found: Stress, points: Any) -> None:
    assert found.futures == len(points) < N
    assert list(found.plans) == ["plan", "bold"]


def test_shares_and_lateness_by_count(found: Stress, points: Any) -> None:
    table: Any = found.milestones.set_index(["plan", "milestone"])
    early = ~((points["x1"] > 6.0) & (points["x2"] > 5.0))
    row = table.loc[("plan", "early")]
    assert row["attained"] == early.mean()
    known = stats.binomtest(int(early.sum()), len(early)).proportion_ci(0.95, "wilson")
    assert (row["low"], row["high"]) == pytest.approx((known.low, known.high))
    late = table.loc[("plan", "late")]
    assert late["never"] == (points["x3"] > 8.0).mean()
    weeks = np.floor(points["x3"][points["x3"] <= 8.0])
    assert late["late"] == np.median(weeks[weeks > 0])
    assert late["median"] == pytest.approx(points["x3"].median())
    assert table.loc[("plan", "always")]["attained"] == 1.0
    lateness: Any = found.lateness("plan")
    assert lateness["late"].to_numpy()[:20] == pytest.approx(
        np.where(points["x3"] > 8.0, np.nan, np.floor(points["x3"]))[:20], nan_ok=True
    )


def test_robustness_by_hand(found: Stress, points: Any) -> None:
    first = (1.0 + ~((points["x1"] > 6.0) & (points["x2"] > 5.0)) + (points["x3"] < 1.0)) / 3.0
    second = (1.0 + ~((points["x1"] > 5.0) & (points["x2"] > 5.0)) + (points["x3"] < 1.0)) / 3.0
    table: Any = found.robustness.set_index("plan")
    assert table["mean"]["plan"] == pytest.approx(first.mean())
    assert table["p10"]["bold"] == pytest.approx(np.percentile(second, 10.0))
    assert table["satisficing"]["plan"] == pytest.approx((first > 0.9).mean())  # 0.8 of three is all three
    assert table["regret_max"]["plan"] == 0.0
    assert table["regret_mean"]["bold"] == pytest.approx((first - second).mean())
    assert table["regret_max"]["bold"] == pytest.approx(1.0 / 3.0)


def test_plans_are_paired_future_by_future(found: Stress, points: Any) -> None:
    table: Any = found.against.set_index("milestone")
    lost = ((points["x1"] > 5.0) & (points["x1"] <= 6.0) & (points["x2"] > 5.0)).astype(float)
    assert table["gain"]["early"] == pytest.approx(-lost.mean())
    half = 1.959964 * lost.std(ddof=1) / np.sqrt(len(lost))
    assert table["low"]["early"] == pytest.approx(-lost.mean() - half, rel=1e-5)
    assert (table["gain"]["late"], table["low"]["late"]) == (0.0, 0.0)


def test_drivers_are_those_that_matter(found: Stress) -> None:
    table: Any = found.drivers
    mine = table[(table["plan"] == "plan") & (table["milestone"] == "early")].set_index("factor")
    assert mine["effect"]["x1"] == pytest.approx(-0.5, abs=4.0 * 0.044)  # upper third: half broken; n = 133 a third
    assert mine["high"]["x1"] < 0.0
    assert mine["low"]["x3"] < 0.0 < mine["high"]["x3"]
    assert mine["p_holm"]["x1"] < 1e-6
    assert mine["p_holm"]["x3"] == 1.0
    assert "luck" not in mine.index


def test_prim_finds_the_box_in_which_a_promise_is_broken(found: Stress, points: Any) -> None:
    broken: Any = found.fails("plan", "early")
    inside = points.reset_index(drop=True)
    peeling = discovery.prim(inside, broken.to_numpy(bool))
    limits = {limit.factor: limit for limit in peeling.box.limits}
    assert set(limits) == {"x1", "x2"}  # and x3 is left alone
    assert limits["x1"].low == pytest.approx(6.0, abs=0.4)
    assert 4.0 < limits["x2"].low < 5.4  # as wide as a density of 0.8 allows
    assert limits["x1"].high == limits["x2"].high == np.inf
    within = (inside["x1"] >= limits["x1"].low) & (inside["x2"] >= limits["x2"].low)
    assert peeling.box.coverage == pytest.approx((within & broken.to_numpy(bool)).sum() / broken.sum())
    assert peeling.box.density == pytest.approx(broken.to_numpy(bool)[within].mean())
    assert peeling.box.density >= discovery.DENSITY
    (leaf, *_) = discovery.cart(inside, broken.to_numpy(bool))
    assert {limit.factor for limit in leaf.limits} == {"x1", "x2"}
    assert leaf.coverage > 0.9


def test_prim_gives_the_published_box_of_bryant_and_lempert() -> None:
    """Step 21 of the peeling as the library's authors print it: coverage 0.753, density 0.770, mass 0.099, 4 limits."""
    folder = Path(discovery.workbench().__file__).parent
    data = pd.read_csv(folder / "examples/data/bryant et al 2010 data.csv", index_col=False)
    x, y = data.iloc[:, 2:11], data.iloc[:, 15].to_numpy(bool)
    steps: Any = discovery.prim(x, y, peel=0.1).steps
    row = steps.iloc[21]
    assert row[["coverage", "density", "mass"]].tolist() == pytest.approx([0.752809, 0.770115, 0.098639], abs=1e-6)
    assert row["res_dim"] == 4


def test_wilson_of_none_and_all() -> None:
    assert wilson(0, 20)[0] == pytest.approx(0.0, abs=1e-12)
    assert wilson(20, 20)[1] == pytest.approx(1.0, abs=1e-12)


def test_a_study_of_plans_meets_the_same_futures() -> None:
    small: dict[str, Any] = {"communities": 2, "households": 20}
    known = study_of(["ten_household", "cases/adaptive_heads"], 32, factor=["late:all", "trust_gain"], **small)
    table: Any = known.design
    assert len(table) == 64
    names = ["late:all", "trust_gain", "luck", "replicate"]
    assert table[names].iloc[::2].reset_index(drop=True).equals(table[names].iloc[1::2].reset_index(drop=True))
    gain = next(one for one in known.factors if one.name == "trust_gain")
    places = (table["trust_gain"].iloc[::2] - gain.low) / (gain.high - gain.low)
    assert sorted(np.floor(32.0 * places)) == list(range(32))  # a Latin hypercube: one future in every 32nd
    assert len(study_of(["ten_household"], 32, **small).factors) == len(DEEP) + 1
    with pytest.raises(RunError, match="at least 32"):
        study_of(["ten_household"], 8, **small)


def test_a_test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings: dict[str, Any] = {
        "factor": ["fidelity:all", "late:all", "size:stress/budget_cut"],
        "until": "2025-01-31",
        "communities": 2,
        "households": 20,
        "workers": 1,
        "many": 0.8,
        "out": tmp_path / "study",
    }
    plans = ["ten_household", "cases/adaptive_heads"]
    stress_report(plans, 32, as_json=False, **settings)
    printed = " ".join(capsys.readouterr().out.split())
    assert "ten_household: promises over 32 futures" in printed
    assert "T2024-participation" in printed
    place = tmp_path / "study" / "stress"
    names = {path.name for path in place.iterdir()}
    assert {"milestones.csv", "drivers.csv", "against.csv", "robustness.tex", "stress.json"} <= names
    assert {"heat_map-ten_household.png", "slips-adaptive_heads.png"} <= names
    stress_report([str(tmp_path / "study")], 0, as_json=True, **settings | {"out": None})
    told = json.loads(capsys.readouterr().out)
    assert (told["futures"], told["plans"]) == (32, ["ten_household", "adaptive_heads"])
