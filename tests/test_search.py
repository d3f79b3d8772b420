"""The search: aims against the runs themselves, the front by brute force, and a search that goes on where it was."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shequ.app.search import search_report
from shequ.experiments import RunError
from shequ.experiments.replicate import simulate
from shequ.experiments.studies import searching
from shequ.experiments.studies.records import records
from shequ.experiments.studies.searching import Aims, Better, carried_out, judged, search_of
from shequ.model.draws import replicate_seeds

SMALL: dict[str, Any] = {
    "factor": ["lever:head_support", "late:pilot", "money:all"],
    "population": 8,
    "generations": 2,
    "replicates": 2,
    "futures": 8,
    "until": "2024-12-31",
    "communities": 2,
    "households": 20,
}
QUIET: dict[str, Any] = {"workers": 1, "progress": False}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("search")


@pytest.fixture(scope="module")
def found(folder: Path) -> Better:
    return carried_out(search_of("ten_household", **SMALL), folder, **QUIET)


def test_the_first_plan_is_the_written_one(found: Better) -> None:
    """Head support goes to 0.8 in full (range 0.4 to 1), nothing is late, all the money comes (range 0.5 to 1)."""
    assert found.places[0] == pytest.approx([(0.8 - 0.4) / 0.6, 0.0, 1.0])
    assert found.search.values(found.places[0]) == pytest.approx(
        {"lever:head_support": 0.8, "late:pilot": 0.0, "money:all": 1.0}
    )
    assert found.changes(0) == []


def test_aims_are_those_of_the_runs(found: Better, folder: Path) -> None:
    """Plan 3 of the first generation, run by itself on both seeds."""
    study = found.search.generation(found.places[:8])
    course: Any = study.courses[0]
    values = {one: study.row(6)[one.name] for one in study.factors}
    spent, gaps = [], []
    for seed in replicate_seeds(0, 2):
        data = simulate(course.job_at(values), seed).isel(week=-1)
        spent.append(sum(float(data[name].sel(group="all")) for name in searching.SPENT))
        satisfied = [float(data["satisfaction_rate"].sel(group=group)) for group in searching.GAPS]
        gaps.append(max(satisfied) - min(satisfied))
    years = 52 * 7.0 / 365.25
    assert found.aims.spent[3] == pytest.approx(np.mean(spent) / years)
    assert found.aims.gap[3] == pytest.approx(np.mean(gaps))
    table: Any = records(folder / "generation-000").milestones
    assert found.aims.kept[3] == pytest.approx(table[table["run"].isin([6, 7])]["attained"].mean())


def test_no_plan_beats_one_of_the_front(found: Better) -> None:
    values = found.aims.towards_less
    for plan in found.front:
        assert not ((values <= values[plan]).all(axis=1) & (values < values[plan]).any(axis=1)).any()
    for plan in set(range(len(values))) - set(found.front):
        weaker = (values[list(found.front)] <= values[plan]).all(axis=1)
        assert weaker.any()


def test_plans_meet_the_same_futures(found: Better, folder: Path) -> None:
    table: Any = records(folder / "futures").design
    count = len(found.chosen) + 1
    assert len(table) == 8 * count
    assert found.shares.shape == (count, 8)
    futures = table[["fidelity:all", "trust_gain", "luck"]].to_numpy().reshape(8, count, 3)
    assert (futures == futures[:, :1]).all()
    first: Any = found.table.iloc[0]
    assert (first["plan"], first["gain"], first["low"]) == ("as written", 0.0, 0.0)


def test_a_search_goes_on_where_it_was(found: Better, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all generations there, none is run again, and the same comes out."""
    done: list[str] = []
    carry_out = searching.carry_out

    def counted(study: Any, out: Path, **how: Any) -> Any:
        before = len(list(Path(out).glob("runs/*")))
        path = carry_out(study, out, **how)
        done.extend([str(out)] * (len(list(Path(out).glob("runs/*"))) - before))
        return path

    monkeypatch.setattr(searching, "carry_out", counted)
    again = carried_out(search_of("ten_household", **SMALL), folder, **QUIET)
    assert not done
    assert again.as_json() == found.as_json()


def test_a_budget_is_kept() -> None:
    aims = Aims(np.array([0.5, 0.6, 0.7]), np.array([10.0, 20.0, 30.0]), np.array([0.1, 0.1, 0.1]))
    assert searching._front(aims, 25.0) == (0, 1)
    assert searching._front(aims, None) == (0, 1, 2)
    worse = Aims(np.array([0.5, 0.4, np.nan]), np.array([10.0, 20.0, 1.0]), np.array([0.1, 0.1, 0.0]))
    assert searching._front(worse, None) == (0,)
    with pytest.raises(RunError, match="no plan that was tried stays within the budget"):
        searching._front(aims, 5.0)


def test_the_command(folder: Path, found: Better, capsys: pytest.CaptureFixture[str]) -> None:
    search_report("ten_household", out=folder, as_json=False, workers=1, **SMALL)
    printed = " ".join(capsys.readouterr().out.split())
    assert "as written" in printed
    assert f"16 plans tried on 2 seeds each, {len(found.front)} that no other beats; 8 futures" in printed
    assert {"plans.csv", "plans.tex", "front.png", "search.json"} <= {path.name for path in folder.iterdir()}
    assert json.loads((folder / "search.json").read_text(encoding="utf-8"))["tried"] == 16


def test_judged_needs_all_runs_of_a_plan(found: Better, folder: Path) -> None:
    aims, shares = judged(records(folder / "generation-000"), 8)
    assert shares.shape == (8, 2)
    assert aims.kept == pytest.approx(shares.mean(axis=1))
    with pytest.raises(RunError, match="at least 8"):
        search_of("ten_household", population=4)
