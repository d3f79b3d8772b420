"""Processes die, by kill -9 or by their own runs, here and on a cluster: nothing is lost, nothing is there twice."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import distributed
import numpy as np
import pandas as pd
import psutil
import pytest

from shequ.experiments import RunError
from shequ.experiments.studies import definition, factors, functions, runner
from shequ.experiments.studies.course import Kept
from shequ.experiments.studies.records import records
from shequ.scenarios import loader

type Digests = Callable[[Path], dict[str, str]]

SMALL: dict[str, Any] = {"communities": 2, "households": 30}
QUIET: dict[str, Any] = {"workers": 1, "progress": False}

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
    children = psutil.Process(parent).children()
    return [child.pid for child in children if "spawn_main" in " ".join(child.cmdline())]


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


def nothing_lost_and_nothing_twice(digests: Digests, tmp_path: Path, n: int, kills: int) -> None:
    script = tmp_path / "slow_study.py"
    script.write_text(SCRIPT, encoding="utf-8")
    assert killed_at_random(script, tmp_path / "killed", n, kills) == kills
    assert started(script, tmp_path / "undisturbed", n).wait(300.0) == 0
    assert digests(tmp_path / "killed") == digests(tmp_path / "undisturbed")
    table: Any = records(tmp_path / "killed").runs
    assert list(table.index) == list(range(5 * n))
    assert (table["status"] == "done").all()


def test_nothing_is_lost_when_processes_are_killed(digests: Digests, tmp_path: Path) -> None:
    nothing_lost_and_nothing_twice(digests, tmp_path, 32, 2)


@pytest.mark.study
def test_nothing_is_lost_when_processes_are_killed_thirty_times(digests: Digests, tmp_path: Path) -> None:
    nothing_lost_and_nothing_twice(digests, tmp_path, 512, 30)


DEADLY = (
    SCRIPT.replace("time.sleep(0.02)", "list(given[0].values())[0] > 3.0 and os.kill(os.getpid(), 9)")
    .replace("import sys, time", "import os, sys")
    .replace("    path, n", "    runner.TRIES = 1\n    path, n")
)


@pytest.mark.study
def test_a_run_that_kills_its_worker_is_told_and_the_others_are_done(tmp_path: Path) -> None:
    script = tmp_path / "deadly_study.py"
    script.write_text(DEADLY, encoding="utf-8")
    assert started(script, tmp_path / "study", 8).wait(300.0) == 0
    found = records(tmp_path / "study")
    table: Any = found.runs
    design: Any = found.design
    deadly = design.index[design["x1"] > 3.0]
    assert len(deadly) > 0
    assert list(table.index[table["stage"] == "aborted"]) == list(deadly)
    assert (table["status"] == "failed").sum() == len(deadly)
    assert table["error"][deadly[0]].startswith("the worker process died during this run")


# --- a cluster --------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")  # of the cluster's own ports and files
def test_a_dask_cluster_does_the_same_though_a_worker_is_killed(digests: Digests, tmp_path: Path) -> None:
    """A scheduler and two worker processes of their own; one is killed as soon as the first part is there."""
    scenario = loader.load("ten_household")
    known = [factors.read(name, scenario) for name in ("trust_gain", "luck")]
    u = np.random.default_rng(1).random((24, 2))
    table = pd.DataFrame({one.name: [one.at(x) for x in u[:, k]] for k, one in enumerate(known)})
    whole = definition.described("table", ["ten_household"], known, table, until="2025-12-31", **SMALL)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        address = cluster.scheduler_address.removeprefix("tcp://")
        victim = next(iter(cluster.workers.values())).pid
        path = tmp_path / "cluster"
        killer = threading.Thread(target=kill_after_the_first_part, args=(path, victim))
        killer.start()
        runner.carry_out(whole, path, workers=2, executor=f"dask://{address}", progress=False)
        killer.join()
    assert not alive(victim)
    runner.carry_out(whole, tmp_path / "here", **QUIET)
    assert digests(path) == digests(tmp_path / "here")


def kill_after_the_first_part(path: Path, victim: int) -> None:
    while not list(path.glob("runs/part-*")):
        time.sleep(0.02)
    os.kill(victim, signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether a process still runs."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.fixture
def study() -> definition.Study:
    """One run of a function."""
    known = functions.factors("ishigami")
    table = definition.numbered(pd.DataFrame({one.name: [0.0] for one in known}), known)
    kept = Kept((functions.VALUE,), ("all",), (0,))
    return definition.Study("table", (functions.FunctionCourse("ishigami"),), known, table, 0, kept, {})


def test_workers_that_do_not_share_the_folder_are_told(
    study: definition.Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PATIENCE", 0.1)
    monkeypatch.setattr(runner, "finish", lambda path, batch: 0)  # it wrote elsewhere
    with pytest.raises(RunError, match="must share this folder, under the same path"):
        runner.carry_out(study, tmp_path / "study", **QUIET)


def test_a_cluster_that_is_not_there_is_told(study: definition.Study, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1"):
        runner.carry_out(study, tmp_path / "study", executor="dask://127.0.0.1:1", **QUIET)
