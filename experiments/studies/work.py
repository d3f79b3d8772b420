"""What a worker does: the runs of one batch, one after the other, each told in rows; failures are told, not raised."""

from dataclasses import dataclass
from time import perf_counter

from .course import Course, Kept, PromiseRow, SeriesRow, StageError, Warm
from .factors import Factor

DONE, FAILED = "done", "failed"


@dataclass(frozen=True)
class Task:
    """One run: its number, place of its course, seed, and values of the factors in their order."""

    run: int
    course: int
    seed: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class Batch:
    """Runs that one worker does in a row, and all that it needs for them. ``number`` is its place in the study."""

    number: int
    courses: tuple[Course, ...]
    factors: tuple[Factor, ...]
    kept: Kept
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Told:
    """Outcome of one run. ``stage`` and ``error`` say where and why it failed; else they are empty."""

    run: int
    status: str
    stage: str
    error: str
    seconds: float
    series: tuple[SeriesRow, ...] = ()
    promises: tuple[PromiseRow, ...] = ()


def work(batch: Batch) -> list[Told]:
    """Do all runs of a batch. Those in a row that differ in nothing before the plan begins share their warm-up."""
    told: list[Told] = []
    warm: Warm = {}
    seed: int | None = None
    shares = len(batch.courses) > 1 or not any(factor.kind == "parameter" for factor in batch.factors)
    for task in batch.tasks:
        if task.seed != seed:
            warm.clear()
            seed = task.seed
        told.append(_one(batch, task, warm if shares else None))
    return told


def _one(batch: Batch, task: Task, warm: Warm | None) -> Told:
    started = perf_counter()
    values = dict(zip(batch.factors, task.values, strict=True))
    try:
        series, promises = batch.courses[task.course].tell(values, task.seed, batch.kept, warm)
    except StageError as error:
        return Told(task.run, FAILED, error.stage, str(error), perf_counter() - started)
    return Told(task.run, DONE, "", "", perf_counter() - started, tuple(series), tuple(promises))
