"""Studies: one table of runs, the same files whoever does them, failures told, nothing lost and nothing twice."""

import errno
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shequ.app import studies
from shequ.experiments import RunError, StoreError, describe
from shequ.experiments.replicate import simulate
from shequ.experiments.studies import definition, designs, factors, folder, functions, parts, reopening, runner
from shequ.experiments.studies.course import Kept, StageError
from shequ.experiments.studies.definition import Study
from shequ.experiments.studies.records import Records, records
from shequ.model.draws import replicate_seeds
from shequ.scenarios import loader
from shequ.scenarios.blocks import Fidelity, Slip
from shequ.scenarios.schema import ALL_ITEMS

type Digests = Callable[[Path], dict[str, str]]

PARTS = ("runs", "series", "milestones")
SMALL: dict[str, Any] = {"communities": 2, "households": 30}
QUIET: dict[str, Any] = {"workers": 1, "progress": False}


def function_study(name: str = "ishigami", n: int = 8, kind: str = "sensitivity") -> Study:
    known = functions.factors(name)
    plan = designs.planned("sobol", n, 0, second_order=False, groups={})
    table = definition.numbered(designs.design(plan, known), known)
    kept = Kept((functions.VALUE,), ("all",), (0,))
    return Study(kind, (functions.FunctionCourse(name),), known, table, 0, kept, {}, plan.as_json)


@pytest.fixture(scope="module")
def study() -> Study:
    scenario = loader.load("ten_household")
    known = [factors.read(name, scenario) for name in ("trust_gain", "late:all", "size:stress/head_exodus", "luck")]
    u = np.random.default_rng(0).random((6, len(known)))
    table = pd.DataFrame({one.name: [one.at(x) for x in u[:, k]] for k, one in enumerate(known)})
    return definition.described(
        "table", ["ten_household"], known, table, until="2025-06-30", groups=["all", "elderly", "reached"], **SMALL
    )


@pytest.fixture(scope="module")
def done(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Records:
    path = tmp_path_factory.mktemp("studies") / "one"
    runner.carry_out(study, path, workers=1, progress=False)
    return records(path)


def test_the_files_are_the_same_for_any_number_of_workers(
    digests: Digests, study: Study, done: Records, tmp_path: Path
) -> None:
    runner.carry_out(study, tmp_path / "two", workers=2, progress=False)
    assert digests(tmp_path / "two") == digests(done.folder.path)
    assert len(digests(done.folder.path)) == 2 + len(PARTS) * 2  # six runs in two batches


def test_a_run_of_a_study_is_that_run_by_itself(study: Study, done: Records) -> None:
    """Run 2 without the machinery of studies: layer and slip by hand, its parameter, the seed that the table names."""
    row = study.row(2)
    assert row["seed"] == replicate_seeds(0, int(study.design["replicate"][2]) + 1)[-1]
    late = f"P{int(row['late:all'])}W"
    scenario = loader.load("ten_household", layers=["stress/head_exodus"])
    struck = [
        item.model_copy(update={"fidelity": Fidelity(mean=row["size:stress/head_exodus"])})
        if item.key == "head_exodus"
        else item
        for item in scenario.interventions
    ]
    slips = {ALL_ITEMS: Slip(by=late), "head_exodus": Slip()}
    scenario = replace(scenario, interventions=tuple(struck), slip=slips, forgiving=True)
    alone = describe(scenario, parameters={"trust_gain": row["trust_gain"]}, until="2025-06-30", **SMALL)
    data = simulate(alone.job, row["seed"])
    for name in ("participation_rate", "trust_committee"):
        for group in ("all", "elderly", "reached"):
            mine = done.values(name, group=group).loc[2]
            whole = data[name].sel(group=group, week=list(mine.index)).to_numpy()
            assert mine.to_numpy().tolist() == whole.tolist() or np.array_equal(mine, whole, equal_nan=True)


def test_milestones_are_judged_as_the_milestone_table_judges_them(done: Records, study: Study) -> None:
    table: Any = done.milestones
    course: Any = study.courses[0]
    assert set(table["milestone"]) == {one.id for one in course.promises}
    for row in table.to_dict("records"):
        (promise,) = [one for one in course.promises if one.id == row["milestone"]]
        assert row["attained"] == bool(promise.met(np.array([row["value"]]))[0])
        assert (row["weeks_late"] == 0.0) == row["attained"]


def test_views(done: Records) -> None:
    wide = done.xarray()
    assert dict(wide.sizes) == {"run": 6, "week": 6, "group": 3}
    assert wide["participation_rate"].attrs["units"] == "share"
    assert wide["late:all"].dims == ("run",)
    assert (done.runs["status"] == "done").all()
    assert (done.runs["seconds"] > 0.0).all()
    manifest = done.folder.manifest()
    assert (manifest["status"], manifest["runs"]) == ("complete", 6)
    with pytest.raises(StoreError, match="keeps no participation_rate of young"):
        done.values("participation_rate", group="young")


# --- failures ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moody(functions.FunctionCourse):
    """Fails where x1 is large."""

    def tell(
        self, values: Mapping[Any, float], seed: int, kept: Kept, warm: Any
    ) -> tuple[Sequence[Any], Sequence[Any]]:
        if next(iter(values.values())) > 2.0:
            raise StageError("run", ValueError(f"too large for seed {seed}"))
        return super().tell(values, seed, kept, warm)


def test_a_run_that_fails_is_told_and_stops_no_other(tmp_path: Path) -> None:
    whole = function_study()
    moody = replace(whole, courses=(Moody("ishigami"),))
    found = records(runner.carry_out(moody, tmp_path / "moody", workers=1, progress=False).path)
    table: Any = found.runs
    failed = table[table["status"] == "failed"]
    large = moody.design["x1"] > 2.0
    assert list(failed.index) == list(moody.design.index[large])
    assert 0 < len(failed) < len(table)
    assert set(failed["stage"]) == {"run"}
    assert all("ValueError: too large" in error for error in failed["error"])
    assert len(found.values(functions.VALUE)) == len(table) - len(failed) == len(found.done)
    row = moody.row(int(failed.index[0]))
    assert row["x1"] > 2.0
    assert row["seed"] == replicate_seeds(0, 1)[0]


def test_a_study_is_opened_again_from_its_folder(done: Records, study: Study) -> None:
    again = reopening.reopened(done.folder.path)
    assert again.frozen == study.frozen
    assert again.design.equals(study.design)
    assert again.factors == study.factors
    _, told = reopening.one_run(done.folder.path, 3)
    table: Any = done.series
    assert np.array_equal([row[-1] for row in told.series], table["value"][table["run"] == 3], equal_nan=True)
    with pytest.raises(RunError, match="runs 0 to 5, and none called 6"):
        reopening.one_run(done.folder.path, 6)


def test_failed_runs_are_done_again(digests: Digests, tmp_path: Path) -> None:
    """The function fails for a while; afterwards the folder is as if it never had."""
    whole = function_study()
    path = runner.carry_out(replace(whole, courses=(Moody("ishigami"),)), tmp_path / "study", **QUIET).path
    failed = records(path).runs["status"].eq("failed").sum()
    assert reopening.forget_failed(path) == failed > 0
    studies.study_report(path, run=None, resume=True, retry=False, hub=None, workers=1, as_json=True)
    runner.carry_out(whole, tmp_path / "undisturbed", **QUIET)
    assert digests(path) == digests(tmp_path / "undisturbed")


def test_what_the_command_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moody = replace(function_study(), courses=(Moody("ishigami"),))
    path = runner.carry_out(moody, tmp_path / "moody", **QUIET).path
    asked: dict[str, Any] = {"run": None, "resume": False, "retry": False, "hub": None, "workers": 1, "as_json": False}
    studies.study_report(path, **asked)
    printed = capsys.readouterr().out
    table: Any = records(path).runs
    failed = table[table["status"] == "failed"]
    assert f"{len(table) - len(failed)} of 40 runs done, {len(failed)} failed, 0 missing" in printed
    assert f"shequ study {path} --run {failed.index[0]}" in " ".join(printed.split())
    studies.study_report(path, **asked | {"run": int(failed.index[0])})  # the function itself does not fail
    assert "week 0, value, all:" in capsys.readouterr().out


def test_quantiles_for_the_forecasting_hubs(done: Records, tmp_path: Path) -> None:
    asked: dict[str, Any] = {"run": None, "resume": False, "retry": False, "workers": 1, "as_json": False}
    studies.study_report(done.folder.path, hub=tmp_path / "hub.csv", **asked)
    table = pd.read_csv(tmp_path / "hub.csv")
    columns = ["origin_date", "scenario_id", "location", "target", "horizon", "target_end_date"]
    assert list(table.columns) == [*columns, "output_type", "output_type_id", "value"]
    one = table[(table["target"] == "participation_rate") & (table["location"] == "elderly") & (table["horizon"] == 13)]
    values = done.values("participation_rate", group="elderly")[12]
    assert one["value"].to_numpy() == pytest.approx(np.quantile(values, one["output_type_id"]), rel=1e-6)
    assert set(one["target_end_date"]) == {"2024-03-31"}


def test_the_folder_takes_no_other_study(digests: Digests, tmp_path: Path) -> None:
    path = tmp_path / "study"
    runner.carry_out(function_study(), path, workers=1, progress=False)
    before = digests(path)
    with pytest.raises(StoreError, match="another study"):
        runner.carry_out(function_study(n=4), path, workers=1, progress=False)
    assert digests(path) == before
    runner.carry_out(function_study(n=4), path, workers=1, progress=False, force=True)
    assert records(path).frozen["runs"] == 4 * 5
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StoreError, match="holds no study"):
        runner.carry_out(function_study(), tmp_path / "other", workers=1, progress=False)


def test_runs_of_another_version_are_not_mixed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "study"
    runner.carry_out(function_study(), path, workers=1, progress=False)
    monkeypatch.setattr(definition, "code_hash", lambda: "another")
    with pytest.raises(StoreError, match="another version of the model"):
        runner.carry_out(function_study(), path, workers=1, progress=False)


def test_two_do_not_work_on_one_folder(tmp_path: Path) -> None:
    held = folder.Folder(tmp_path / "study")
    with held.alone(), pytest.raises(StoreError, match="another process works on"):
        runner.carry_out(function_study(), held.path, workers=1, progress=False)
    runner.carry_out(function_study(), held.path, workers=1, progress=False)


def test_a_full_disk_is_told_and_the_study_goes_on_later(
    digests: Digests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0
    write = parts.write_bytes

    def full(path: Path, content: bytes) -> None:
        nonlocal written
        written += 1
        if written > 18:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, content)

    whole, path = function_study(n=16), tmp_path / "study"
    with monkeypatch.context() as patch:
        patch.setattr(parts, "write_bytes", full)
        with pytest.raises(StoreError, match=r"no space is left on the disk. \d+ of 80 runs are kept"):
            runner.carry_out(whole, path, workers=1, progress=False)
    assert not list(path.rglob(".part-*"))
    runner.carry_out(whole, path, workers=1, progress=False)
    runner.carry_out(whole, tmp_path / "undisturbed", workers=1, progress=False)
    assert digests(path) == digests(tmp_path / "undisturbed")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"workers": 0}, "workers must be at least 1"),
        ({"executor": "threads"}, "there is no executor 'threads'; allowed: processes"),
    ],
)
def test_wrong_ways_to_work_are_refused(settings: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=message):
        runner.carry_out(function_study(), tmp_path / "study", progress=False, **{"workers": 1} | settings)
