"""What a run of a study goes through: a scenario under its factors, and what is kept of it."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from ...model import levers
from ...model.calendar import Calendar
from ...model.community_model import CommunityModel
from .. import replicate
from ..milestones import Promise
from ..pool import rehearse
from ..replicate import Job
from .factors import Factor, applied

NEVER = float("nan")

type SeriesRow = tuple[int, str, str, float]  # week, observable, group, value
type PromiseRow = tuple[str, float, bool, float]  # milestone, value, attained, weeks late
type Warm = dict[str, CommunityModel]


@dataclass(frozen=True)
class Kept:
    """What is kept of each run: ``observables`` for ``groups`` at the end of ``weeks``."""

    observables: tuple[str, ...]
    groups: tuple[str, ...]
    weeks: tuple[int, ...]

    @property
    def wanted(self) -> list[tuple[str, str]]:
        """Every observable for every group."""
        return [(name, group) for name in self.observables for group in self.groups]


class StageError(Exception):
    """A run that failed: where, and why."""

    def __init__(self, stage: str, error: Exception) -> None:
        self.stage = stage
        super().__init__(f"{type(error).__name__}: {error}")


@contextmanager
def stage(name: str) -> Generator[None]:
    """Say of whatever goes wrong inside the block that it did so at this stage."""
    try:
        yield
    except Exception as error:
        raise StageError(name, error) from error


class Course(Protocol):
    """Something that can be run at values of factors with a seed."""

    @property
    def name(self) -> str:
        """Name for people and files."""
        ...

    @property
    def fingerprint(self) -> Mapping[str, Any]:
        """All that determines its runs, but factors and seed."""
        ...

    @property
    def calendar(self) -> Calendar:
        """Which week is when."""
        ...

    def rehearse(self) -> None:
        """Do once, before workers start, what they then find done."""
        ...

    def tell(
        self, values: Mapping[Factor, float], seed: int, kept: Kept, warm: Warm | None
    ) -> tuple[Sequence[SeriesRow], Sequence[PromiseRow]]:
        """Run, and tell what is kept; raises StageError."""
        ...


@dataclass(frozen=True)
class ScenarioCourse:
    """A scenario of a study: the run as it is written, and what it promises.

    ``farthest`` is where it brings each lever, seen from where that rests, if every dose arrives in full.
    """

    name: str
    job: Job
    calendar: Calendar
    promises: tuple[Promise, ...]
    farthest: Mapping[str, float]

    @property
    def fingerprint(self) -> Mapping[str, Any]:
        """Content of the scenario, and the last week."""
        return {"name": self.name, "hash": self.job.scenario.hash, "last_week": self.job.last_week}

    def rehearse(self) -> None:
        """Compile the kernels."""
        rehearse(self.job)

    def job_at(self, values: Mapping[Factor, float]) -> Job:
        """Job of one run: the scenario with all factors at their values."""
        point = {factor.of: x for factor, x in values.items() if factor.kind == "parameter"}
        scales = {
            factor.of: _scale(factor.of, x, self.farthest[factor.of])
            for factor, x in values.items()
            if factor.kind == "lever" and factor.of in self.farthest
        }
        scenario = applied(self.job.scenario, values)
        return replace(self.job, scenario=scenario, point={**self.job.point, **point}, doses=scales)

    def tell(
        self, values: Mapping[Factor, float], seed: int, kept: Kept, warm: Warm | None
    ) -> tuple[Sequence[SeriesRow], Sequence[PromiseRow]]:
        """Simulate the scenario at ``values``. Runs on one seed that do not differ before the plan share ``warm``."""
        with stage("describe"):
            job = self.job_at(values)
            inputs = job.inputs(seed)
        with stage("run"):
            model = replicate.lived(job, inputs, warm)
        with stage("observe"):
            record = model.recorder.dataset()
            asked = sorted({(one.observable, one.group) for one in self.promises})
            found = replicate.series_of(record, inputs, dict.fromkeys([*kept.wanted, *asked]))
            places = {int(week): k for k, week in enumerate(record["week"].to_numpy())}
            series = [
                (week, name, group, float(found[name, group][places[week]]))
                for name, group in kept.wanted
                for week in kept.weeks
            ]
            looks = sorted(job.looks or places)
            return series, [_judged(one, found[one.observable, one.group], places, looks) for one in self.promises]


def _scale(lever: str, wanted: float, farthest: float) -> float:
    rest = levers.catalogue()[lever].rest
    return (wanted - rest) / (farthest - rest)


def _judged(promise: Promise, values: Any, places: Mapping[int, int], looks: Sequence[int]) -> PromiseRow:
    """Value on the day of a promise, whether it keeps it, and weeks from then to the first look at which it does."""
    days = [week for week in looks if week >= promise.week]
    at = values[[places[week] for week in days]]
    if promise.since_week is not None:
        before = promise.since_week - 1
        at = at - (values[places[before]] if before in places else 0.0)
    met = promise.met(at)
    late = float(days[int(np.argmax(met))] - promise.week) if met.any() else NEVER
    return promise.id, float(at[0]), bool(met[0]), late
