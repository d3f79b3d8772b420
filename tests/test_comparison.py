"""`shequ compare`: pairs on the same luck, tables, pictures, and runs that are not repeated."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from shequ.app import comparison as report
from shequ.experiments import Result, RunError, chunk, comparison, describe, replicate, run, shelf
from shequ.experiments.comparison import SIGNS, Comparison, compare
from shequ.experiments.comparison_plots import ladder
from shequ.experiments.looks import looked_at
from shequ.experiments.publishing import escaped, markdown
from shequ.model.observables import ObservableError, find

SMALL: dict[str, Any] = {"communities": 3, "households": 20, "replicates": 3}
PLANS = ("baseline_2023", "ten_household")
FEW = {"observables": ["trust_committee", "participation_rate"], "dates": ["2024-03-31"]}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shelf")


@pytest.fixture(scope="module")
def found(store: Path) -> Comparison:
    return compare(PLANS, store=store, workers=1, **FEW, **SMALL)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_another_comparison_of_the_same_plans_has_a_folder_of_its_own(
    found: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for level in (0.95, 0.95, 0.9):
        mine = replace(found, manifest={**found.manifest, "level": level})
        monkeypatch.setattr(report, "compare", lambda *_, mine=mine, **__: mine)
        report.comparison_report(PLANS, out=None, as_json=False)
    folders = sorted(path.name for path in (tmp_path / "results").iterdir())
    assert len(folders) == 2
    assert all(name.startswith(f"compare-{'-'.join(PLANS)}-") for name in folders)
    printed = capsys.readouterr().out
    assert all(f"results/{name}/" in printed for name in folders)


def test_differences_are_those_of_single_runs(found: Comparison) -> None:
    """The same numbers as two runs of `shequ run`, replicate by replicate."""
    alone: list[Result] = [run(name, workers=1, **SMALL) for name in PLANS]
    week = 12  # ends on 2024-03-31
    for name in FEW["observables"]:
        before, after = (
            result.observables[name].sel(week=week, group="all").to_numpy().astype(float) for result in alone
        )
        row: Any = found.table[found.table["observable"] == name].iloc[0]
        assert row["difference"] == pytest.approx((after - before).mean(), abs=1e-15)
        assert (row["baseline"], row["value"]) == pytest.approx((before.mean(), after.mean()))
        assert row["correlation"] == pytest.approx(np.corrcoef(before, after)[0, 1])


def test_costs_are_money_spent_beyond_the_baseline(found: Comparison) -> None:
    row: Any = found.table.iloc[0]
    money = [
        found.data[name].sel(scenario=list(PLANS), week=12, group="all").mean("replicate").to_numpy()
        for name in ("public_spending_total", "charity_spending_total")
    ]
    assert row["cost"] == pytest.approx(sum(np.diff(one)[0] for one in money))
    assert row["cost"] > 0.0


def test_a_pair_without_a_value_still_costs(found: Comparison) -> None:
    """By hand: the cost is the mean of all pairs, the price that of the pairs in which the observable is known."""
    data = found.data.copy(deep=True)
    data["trust_committee"].loc[{"replicate": 0, "group": "all"}] = np.nan
    days = [(found.dates[0], 12)]
    whole, part = (comparison._table(of, PLANS[0], ["trust_committee"], days).iloc[0] for of in (found.data, data))
    assert (whole.pairs, part.pairs) == (3, 2)
    assert part.cost == whole.cost
    extra = comparison.cost(data, PLANS[1], 12) - comparison.cost(data, PLANS[0], 12)
    trust = comparison.values(data, "trust_committee", PLANS[1], 12)
    gain = 100.0 * (trust - comparison.values(data, "trust_committee", PLANS[0], 12))
    expected = extra[1:].mean() / gain[1:].mean() if np.isfinite(part.per_unit) else np.nan
    assert part.per_unit == pytest.approx(expected, nan_ok=True)
    data["trust_committee"].loc[{"group": "all"}] = np.nan
    nothing = comparison._table(data, PLANS[0], ["trust_committee"], days)
    assert comparison._tests(nothing) == 0
    assert nothing.iloc[0].cost == whole.cost


def test_groups_are_told_apart_where_the_observable_does(found: Comparison) -> None:
    groups = set(found.groups["group"])
    assert {"elderly", "young", "migrants", "new_estate"} <= groups
    assert not groups & {"all", "pilot", "reached"}


def test_areas_of_single_plans_are_not_compared(tmp_path: Path) -> None:
    """Plans together have areas of their own (ten_household.pilot), which another plan may not have."""
    small = SMALL | {"replicates": 2}
    found = compare(["baseline_2023", "all_plans"], store=tmp_path, workers=1, **FEW, **small)
    assert {str(group) for group in found.data["group"].to_numpy()} <= comparison.REPORTED
    run = describe("all_plans", **small)
    kept = shelf.Shelf(tmp_path).read(shelf.Wanted(looked_at(run, run.job.last_week), 0))
    assert any("." in str(group) for group in kept["group"].to_numpy()), "they are there in a run"


def test_the_ladder_draws_every_effect_with_its_interval(found: Comparison) -> None:
    """Ends are those of the mean in standard deviations; no effect, or none on average, is drawn at nought."""
    first, second = found.table.to_dict("records")
    second |= {"d_z": 0.0, "difference": 0.0, "low": -1.0, "high": 1.0}
    nothing = first | {"observable": "satisfaction_rate", "d_z": np.nan, "difference": 0.0, "low": 0.0, "high": 0.0}
    axis = ladder(replace(found, table=pd.DataFrame([first, second, nothing]))).axes[0]
    drawn = [line for line in axis.lines[1:] if len(line.get_xdata()) == 2]
    for line, row in zip(drawn, (first, second, nothing), strict=True):
        sd = (row["high"] - row["low"]) / 2.0 * np.sqrt(3) / stats.t.ppf(0.975, 2) or 1.0
        middle, half = row["difference"] / sd, stats.t.ppf(0.975, 2) / np.sqrt(3)
        sign = SIGNS[find(row["observable"]).better]
        ends = (0.0, 0.0) if row is nothing else (sign * middle - half, sign * middle + half)
        assert sorted(line.get_xdata()) == pytest.approx(sorted(ends))


def test_a_run_is_known_by_the_code_that_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong: what observes a run does not count, so that kept runs outlive it."""
    root = Path(replicate.__file__).parents[1]
    assert all(any(root.glob(pattern)) for pattern in replicate.DECIDING)
    whole = replicate.code_hash()
    for pattern in replicate.DECIDING:
        others = tuple(other for other in replicate.DECIDING if other != pattern)
        monkeypatch.setattr(replicate, "DECIDING", others)
        assert replicate.code_hash.__wrapped__() != whole, pattern
        monkeypatch.undo()


def test_json_has_a_row_for_each_difference(found: Comparison) -> None:
    told = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert {(row["observable"], row["date"], row["plan"]) for row in told["rows"]} == {
        (name, "2024-03-31", "ten_household") for name in FEW["observables"]
    }
    for row, kept in zip(told["rows"], found.table.to_dict("records"), strict=True):
        assert [row[key] for key in ("difference", "low", "high")] == [
            kept[key] for key in ("difference", "low", "high")
        ]
    assert {row["group"] for row in told["groups"]} == set(found.groups["group"])
    assert told["baseline"] == "baseline_2023"


def test_the_command_of_the_manifest_gives_the_comparison_again(found: Comparison) -> None:
    assert found.manifest["command"] == (
        "shequ compare baseline_2023 ten_household --baseline baseline_2023 --seed 0 --communities 3 --households 20 "
        "--replicates 3 --observable trust_committee --observable participation_rate --date 2024-03-31"
    )


@pytest.mark.study
def test_files_are_the_same_bytes_for_any_number_of_workers_and_order(
    found: Comparison, store: Path, tmp_path: Path
) -> None:
    found.save(tmp_path / "one")
    other = compare(PLANS, store=tmp_path / "shelf", workers=2, **FEW, **SMALL)
    other.save(tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    names = {path.relative_to(store) for path in store.rglob("*.gz")}
    assert {path.relative_to(tmp_path / "shelf") for path in (tmp_path / "shelf").rglob("*.gz")} == names
    assert all((store / name).read_bytes() == (tmp_path / "shelf" / name).read_bytes() for name in names)


def test_finished_runs_are_not_repeated(found: Comparison, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    whole = chunk.simulate_together
    monkeypatch.setattr(chunk, "simulate_together", lambda jobs, seed: done.append(len(jobs)) or whole(jobs, seed))
    again = compare(PLANS, store=store, workers=1, **FEW, **SMALL)
    assert done == []
    assert again.table.equals(found.table)
    more = compare(PLANS[::-1], baseline=PLANS[0], store=store, workers=1, **FEW, **SMALL | {"replicates": 4})
    assert done == [2], "one replicate of each plan is new"
    assert more.replicates == 4


def test_a_damaged_replicate_is_named(found: Comparison, store: Path, tmp_path: Path) -> None:
    run = describe("baseline_2023", **SMALL)
    wanted = shelf.Wanted(looked_at(run, run.job.last_week), 0)
    broken = shelf.Shelf(tmp_path).path(wanted)
    broken.parent.mkdir(parents=True)
    whole = shelf.Shelf(store).path(wanted).read_bytes()
    middle = len(whole) // 2
    for content in (b"torn", b"", whole[:middle], whole[:middle] + bytes(64) + whole[middle + 64 :]):
        broken.write_bytes(content)
        with pytest.raises(OSError, match=r"0000\.nc\.gz is damaged"):
            shelf.Shelf(tmp_path).read(wanted)


@pytest.mark.parametrize(
    ("plans", "given", "kind", "message"),
    [
        (PLANS[:1], {}, RunError, "at least two scenarios"),
        ((*PLANS, PLANS[1]), {}, RunError, "given twice"),
        (PLANS, {"baseline": "nobody"}, RunError, "not among the scenarios"),
        (PLANS, {"replicates": 1}, RunError, "at least 2 replicates"),
        (PLANS, {"dates": ["soon"]}, RunError, "not a date"),
        (PLANS, {"dates": ["2040-01-01"]}, RunError, "all scenarios share"),
        (PLANS, {"observables": ["trust_comittee"]}, ObservableError, "Did you mean trust_committee"),
        (PLANS, {"workers": 0}, RunError, "workers must be"),
    ],
)
def test_wrong_input_is_refused_before_anything_runs(
    plans: tuple[str, ...], given: dict[str, Any], kind: type[Exception], message: str, tmp_path: Path
) -> None:
    with pytest.raises(kind, match=message):
        compare(plans, store=tmp_path, **SMALL | given)
    assert not list(tmp_path.rglob("*.gz"))


def test_tables_are_escaped_for_latex_and_markdown(found: Comparison, tmp_path: Path) -> None:
    assert escaped("a_b 50% & {x} \\ ~ ^ $ #") == (
        r"a\_b 50\% \& \{x\} \textbackslash{} \textasciitilde{} \textasciicircum{} \$ \#"
    )
    assert "a\\|b" in markdown(["x"], [["a|b"]], [False], "")
    found.save(tmp_path)
    text = (tmp_path / "comparison.tex").read_text(encoding="utf-8")
    assert r"ten\_household" in text
    assert text.count(r"\caption") == 1
    with (tmp_path / "comparison.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    assert float(rows[0]["difference"]) == pytest.approx(found.table["difference"].iloc[0], rel=1e-5)


def test_intervals_that_hold_together_are_wider(found: Comparison) -> None:
    """Each of two at 97.5 %, Student's t with two degrees: by scipy, from the pairs themselves."""
    table = found.table
    for name, row in table.set_index("observable").iterrows():
        mine = (comparison.values(found.data, str(name), plan, 12) for plan in reversed(PLANS))
        interval = stats.ttest_rel(*mine).confidence_interval(0.975)
        assert (row.low_all, row.high_all) == pytest.approx((interval.low, interval.high))
    assert (table["low_all"] < table["low"]).all()
    assert (table["high_all"] > table["high"]).all()
    assert (table["p_holm"] >= table["p"]).all()
    assert found.manifest["tests_adjusted_together"]["table"] == 2
