"""Studies: one table of runs, the same files whoever does them, failures told, nothing lost and nothing twice."""

import errno
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shequ.experiments import RunError, StoreError, describe
from shequ.experiments.replicate import simulate
from shequ.experiments.studies import definition, designs, factors, folder, functions, parts, runner
from shequ.experiments.studies.course import Kept, StageError
from shequ.experiments.studies.definition import Study
from shequ.experiments.studies.records import Records, records
from shequ.model.draws import replicate_seeds
from shequ.scenarios import loader
from shequ.scenarios.blocks import Fidelity, Slip
from shequ.scenarios.schema import ALL_ITEMS

PARTS = ("runs", "series", "milestones")
SMALL: dict[str, Any] = {"communities": 2, "households": 30}


def function_study(name: str = "ishigami", n: int = 8, kind: str = "sensitivity") -> Study:
    known = functions.factors(name)
    plan = designs.planned("sobol", n, 0, second_order=False, groups={})
    table = definition.numbered(designs.design(plan, known), known)
    kept = Kept((functions.VALUE,), ("all",), (0,))
    return Study(kind, (functions.FunctionCourse(name),), known, table, 0, kept, {}, plan.as_json)


def digests(path: Path) -> dict[str, str]:
    """Hash of every file that must not depend on who did the work."""
    names = ["study.yaml", "design.parquet"]
    found = [path / name for name in names] + [part for kind in PARTS for part in (path / kind).iterdir()]
    return {str(one.relative_to(path)): hashlib.sha256(one.read_bytes()).hexdigest() for one in found}


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


def test_the_files_are_the_same_for_any_number_of_workers(study: Study, done: Records, tmp_path: Path) -> None:
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


def test_the_folder_takes_no_other_study(tmp_path: Path) -> None:
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


def test_a_full_disk_is_told_and_the_study_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


# --- kill -9 ----------------------------------------------------------------------------------------------------------

SCRIPT = """
import sys, time
from dataclasses import dataclass, replace
from shequ.experiments.studies import definition, designs, functions, runner
from shequ.experiments.studies.course import Kept

@dataclass(frozen=True)
class Slow(functions.FunctionCourse):
    def tell(self, *given):
        time.sleep(0.02)
        return super().tell(*given)

if __name__ == "__main__":
    path, n, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    known = functions.factors("ishigami")
    plan = designs.planned("sobol", n, 0, second_order=False, groups={})
    table = definition.numbered(designs.design(plan, known), known)
    kept = Kept((functions.VALUE,), ("all",), (0,))
    study = definition.Study("table", (Slow("ishigami"),), known, table, 0, kept, {}, plan.as_json)
    runner.carry_out(study, path, workers=workers, progress=False)
"""


def started(script: Path, path: Path, n: int, workers: int = 2) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, str(script), str(path), str(n), str(workers)])


def workers_of(parent: int) -> list[int]:
    found = subprocess.run(
        ["pgrep", "-P", str(parent), "-f", "spawn_main"], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


def killed_at_random(script: Path, path: Path, n: int, kills: int) -> int:
    """Kill the runner or one of its workers again and again, each time after something was done; how often it was."""
    lots, count = random.Random(0), 0
    process = started(script, path, n)
    while count < kills:
        before, patience = len(list(path.glob("runs/part-*"))), time.monotonic() + 60.0
        while process.poll() is None and len(list(path.glob("runs/part-*"))) == before and time.monotonic() < patience:
            time.sleep(0.01)
        time.sleep(0.1 * lots.random())
        if process.poll() == 0:
            break
        victim = process.pid if count % 2 == 0 else lots.choice(workers_of(process.pid) or [process.pid])
        os.kill(victim, signal.SIGKILL)
        count += 1
        if victim == process.pid:
            process.wait(60.0)
            process = started(script, path, n)
    assert process.wait(300.0) == 0
    return count


def nothing_lost_and_nothing_twice(tmp_path: Path, n: int, kills: int) -> None:
    script = tmp_path / "slow_study.py"
    script.write_text(SCRIPT, encoding="utf-8")
    assert killed_at_random(script, tmp_path / "killed", n, kills) == kills
    assert started(script, tmp_path / "undisturbed", n).wait(300.0) == 0
    assert digests(tmp_path / "killed") == digests(tmp_path / "undisturbed")
    table: Any = records(tmp_path / "killed").runs
    assert list(table.index) == list(range(5 * n))
    assert (table["status"] == "done").all()


needs_pgrep = pytest.mark.skipif(sys.platform != "linux", reason="finds worker processes with pgrep")


@needs_pgrep
def test_nothing_is_lost_when_processes_are_killed(tmp_path: Path) -> None:
    nothing_lost_and_nothing_twice(tmp_path, 32, 4)


@needs_pgrep
@pytest.mark.study
def test_nothing_is_lost_when_processes_are_killed_thirty_times(tmp_path: Path) -> None:
    nothing_lost_and_nothing_twice(tmp_path, 512, 30)


DEADLY = SCRIPT.replace(
    "time.sleep(0.02)", "list(given[0].values())[0] > 3.0 and __import__('os').kill(0 or __import__('os').getpid(), 9)"
)


def test_a_run_that_kills_its_worker_is_told_and_the_others_are_done(tmp_path: Path) -> None:
    script = tmp_path / "deadly_study.py"
    script.write_text(DEADLY, encoding="utf-8")
    assert started(script, tmp_path / "study", 8).wait(120.0) == 0
    found = records(tmp_path / "study")
    table: Any = found.runs
    design: Any = found.design
    deadly = design.index[design["x1"] > 3.0]
    assert len(deadly) > 0
    assert list(table.index[table["stage"] == "aborted"]) == list(deadly)
    assert (table["status"] == "failed").sum() == len(deadly)
    assert table["error"][deadly[0]].startswith("the worker process died during this run")
