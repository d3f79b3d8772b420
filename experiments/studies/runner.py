"""Carries out a study: batches to workers, parts on the disk, and on from there after whatever stopped it."""

import platform
import shlex
import sys
from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from importlib.metadata import version
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from ... import __version__
from ...model.compiled import reporting_compilation
from ..pool import RunError, cores, processes
from ..progress import Reporter, reporter
from ..runner import RESULTS, RunInterrupted
from ..store import StoreError, reason
from . import executors
from .definition import REPLICATE, SCENARIO, Study
from .folder import Folder
from .parts import finish
from .work import FAILED, Batch, Task, Told, work

AHEAD = 3  # batches handed out for each worker
PATIENCE = 30.0  # seconds that a file from another machine may take to be seen
LOOK_SECONDS = 0.2
TRIES = 3  # worker processes that may die during a run before it is given up
DIED = "aborted"  # stage of a run during which worker after worker died


def default_folder(study: Study) -> Path:
    """Folder for a study if the user names none."""
    names = "-".join(course.name.replace("/", "-").replace(":", "-") for course in study.courses)
    return RESULTS / f"{study.kind}-{names}-{study.frozen['design'][:8]}-{study.seed}"


def carry_out(
    study: Study,
    out: str | Path,
    *,
    workers: int | None = None,
    executor: str = executors.PROCESSES,
    force: bool = False,
    progress: bool | Reporter | None = None,
) -> Folder:
    """Do what is not done yet of ``study`` in the folder ``out``; return the folder.

    The files are the same bytes for any number of ``workers``, any executor, and however often the study was stopped.
    A run that fails is recorded with its point, seed and error, and stops no other. Raises RunInterrupted after Ctrl-C,
    StoreError where the disk takes nothing or the folder holds something else, RunError for wrong input.
    """
    workers = cores() if workers is None else workers
    if workers < 1:
        message = f"workers must be at least 1, not {workers}"
        raise RunError(message)
    executors.check(executor)
    folder = Folder(Path(out))
    with folder.alone():
        folder.open(study.frozen, study.design, force=force)
        manifest = _manifest(study, workers, executor)
        folder.write_manifest({**manifest, "status": "under way"})
        started = monotonic()
        try:
            with reporter(progress) as tell:
                _all(study, folder, workers, executor, tell)
            folder.sweep()
        except KeyboardInterrupt as error:
            message = f"stopped. {_state(study, folder)}"
            raise RunInterrupted(message) from error
        except OSError as error:
            if isinstance(error, StoreError):
                raise
            message = f"cannot write to {folder.path}: {reason(error)}. {_state(study, folder)}"
            raise StoreError(message) from error
        folder.write_manifest({**manifest, "status": "complete", "wall_seconds": round(monotonic() - started, 1)})
    return folder


def batches_of(study: Study) -> list[range]:
    """Runs of each batch, by number; they depend on the study alone, so that parts do not depend on who did them."""
    return [range(first, min(first + study.batch, study.runs)) for first in range(0, study.runs, study.batch)]


def task_of(study: Study, run: int) -> Task:
    """One run of a study."""
    table: Any = study.design
    row = table.iloc[run]
    values = tuple(float(row[factor.name]) for factor in study.factors)
    return Task(run, int(row[SCENARIO]), study.seeds[int(row[REPLICATE])], values)


def batch_of(study: Study, number: int, runs: Sequence[int]) -> Batch:
    """A batch as a worker gets it."""
    return Batch(number, study.courses, study.factors, study.kept, tuple(task_of(study, run) for run in runs))


# --- handing out ------------------------------------------------------------------------------------------------------


def _all(study: Study, folder: Folder, workers: int, executor: str, tell: Reporter) -> None:
    """Do what is missing. When a worker dies the batches that were under way are done run by run."""
    runs = batches_of(study)

    def missing() -> list[int]:
        left = [number for number in range(len(runs)) if not folder.has(number)]
        tell.done(study.runs - sum(len(runs[number]) for number in left), study.runs)
        return left

    if not missing():
        return
    with reporting_compilation(tell.compiling):
        study.courses[0].rehearse()
    while left := missing():
        for number in _handed_out(study, folder, left, workers, executor, tell):
            if not folder.has(number):
                folder.keep(number, _one_by_one(study, number, runs[number]))


def _handed_out(
    study: Study, folder: Folder, numbers: Sequence[int], workers: int, executor: str, tell: Reporter
) -> list[int]:
    """Do batches; return those that were under way when a worker died, none if all are done.

    Few are handed out at a time: what waits in a queue takes memory and is lost with it.
    """
    runs = batches_of(study)
    waiting, under_way = deque(numbers), dict[Future[int], int]()
    done = study.runs - sum(len(runs[number]) for number in numbers)
    try:
        with executors.executor(executor, min(workers, max(1, len(numbers)))) as pool:
            while waiting or under_way:
                while waiting and len(under_way) < AHEAD * workers:
                    batch = batch_of(study, waiting[0], runs[waiting[0]])
                    under_way[pool.submit(finish, folder.path.resolve(), batch)] = waiting.popleft()
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    future.result()
                    number = under_way.pop(future)
                    _arrived(folder, number)
                    done += len(runs[number])
                tell.done(done, study.runs)
    except Exception as error:
        if not executors.worker_died(error):
            raise
        return sorted(under_way.values())
    return []


def _arrived(folder: Folder, number: int) -> None:
    """Wait until the part that a worker wrote is seen here; raises RunError if it does not come."""
    patience = monotonic() + PATIENCE
    while not folder.has(number):
        if monotonic() > patience:
            message = (
                f"a worker finished a batch, and {folder.path.resolve()} did not get its part: workers on other "
                "machines must share this folder, under the same path"
            )
            raise RunError(message)
        sleep(LOOK_SECONDS)


def _one_by_one(study: Study, number: int, runs: range) -> list[Told]:
    """Do the runs of a batch during which a worker died, each by itself: one of them may kill whoever does it."""
    told: list[Told] = []
    waiting, tries = deque(runs), 0
    while waiting:
        try:
            with processes(1) as pool:
                while waiting:
                    told += pool.submit(work, batch_of(study, number, [waiting[0]])).result()
                    waiting.popleft()
                    tries = 0
        except BrokenExecutor:
            tries += 1
            if tries == TRIES:
                error = f"the worker process died during this run, {TRIES} times"
                told.append(Told(waiting.popleft(), FAILED, DIED, error, 0.0))
                tries = 0
    return told


# --- what is told -----------------------------------------------------------------------------------------------------


def _manifest(study: Study, workers: int, executor: str) -> dict[str, Any]:
    libraries = ("numpy", "scipy", "numba", "mesa", "xarray", "pyarrow", "SALib")
    return {
        "kind": study.kind,
        "version": __version__,
        "code": study.frozen["code"],
        "python": platform.python_version(),
        **{name: version(name) for name in libraries},
        "platform": platform.platform(),
        "workers": workers,
        "executor": executor,
        "command": shlex.join(["shequ", *sys.argv[1:]]),
        "runs": study.runs,
    }


def _state(study: Study, folder: Folder) -> str:
    there = sum(len(runs) for number, runs in enumerate(batches_of(study)) if folder.has(number))
    return f"{there} of {study.runs} runs are kept in {folder.path}; the same command goes on from there"
