"""What a study is: scenarios, the factors that it varies, one row a run, and what is kept of each run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]

from ...model.district import Archetype
from ...model.draws import replicate_seeds
from ...model.names import OF
from ...model.observables import find
from ...model.recorder import GROUPS
from ...scenarios import doses, loader
from ...scenarios.compile import ModelInputs, compile
from ...scenarios.loader import Scenario
from ..looks import days_of, looked_at
from ..pool import RunError
from ..replicate import code_hash, hash_of
from ..runner import Run, describe
from ..shelf import last_week
from ..timeline import HEADLINES
from .course import Course, Kept, ScenarioCourse
from .factors import LUCK, Factor

LUCK_SEEDS = 4096  # seeds that the factor luck chooses from
SCENARIO = "scenario"
REPLICATE = "replicate"
RUN = "run"
EVERYBODY = ("all",)
PARTS = 400  # about so many parts a study has, if that leaves a batch neither too small nor too large
SMALLEST, LARGEST = 4, 64  # runs a batch
QUARTER_ENDS = (3, 6, 9, 12)


@dataclass(frozen=True)
class Study:
    """A table of runs that is fully described and not yet done.

    ``design`` has one row a run: ``scenario`` (place in ``courses``), ``replicate`` (which seed), and one column for
    each factor. ``settings`` is all that was asked for, as it is written down; ``analysis`` what those who read the
    finished study need to know of its design. ``batch`` runs are done by a worker in a row and kept together.
    """

    kind: str
    courses: tuple[Course, ...]
    factors: tuple[Factor, ...]
    design: pd.DataFrame
    seed: int
    kept: Kept
    settings: Mapping[str, Any]
    analysis: Mapping[str, Any] = field(default_factory=dict[str, Any])
    batch: int = 4

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.design)

    @cached_property
    def seeds(self) -> list[int]:
        """Seed of each replicate."""
        table: Any = self.design
        return replicate_seeds(self.seed, int(table[REPLICATE].max()) + 1)

    @cached_property
    def frozen(self) -> dict[str, Any]:
        """All that determines the result, as it is written into the study's folder."""
        return {
            "kind": self.kind,
            "scenarios": [dict(course.fingerprint) for course in self.courses],
            "factors": [
                {"factor": one.name, "low": one.low, "high": one.high, "unit": one.unit} for one in self.factors
            ],
            "runs": self.runs,
            "design": design_hash(self.design),
            "seed": self.seed,
            "calendar": [day.isoformat() for day in (self.courses[0].calendar.start, self.courses[0].calendar.end)],
            "batch": self.batch,
            "observables": list(self.kept.observables),
            "groups": list(self.kept.groups),
            "weeks": list(self.kept.weeks),
            "settings": dict(self.settings),
            "analysis": dict(self.analysis),
            "code": code_hash(),
        }

    def row(self, run: int) -> dict[str, Any]:
        """What one run is: its scenario, seed and factor values."""
        table: Any = self.design
        row = table.iloc[run]
        course = self.courses[int(row[SCENARIO])]
        values = {factor.name: float(row[factor.name]) for factor in self.factors}
        return {"scenario": course.name, "seed": self.seeds[int(row[REPLICATE])], **values}


def design_hash(design: pd.DataFrame) -> str:
    """Fingerprint of a design, every digit of it."""
    table: Any = design
    return hash_of(table.to_csv(index=False, float_format="%.17g"))


def described(
    kind: str,
    scenarios: Sequence[str | Path],
    factors: Sequence[Factor],
    design: pd.DataFrame,
    *,
    seed: int = 0,
    layers: Sequence[str | Path] = (),
    observables: Sequence[str] = (),
    groups: Sequence[str] = EVERYBODY,
    dates: Sequence[str | date] = (),
    until: str | None = None,
    communities: int | None = None,
    households: int | None = None,
    analysis: Mapping[str, Any] | None = None,
    batch: int | None = None,
) -> Study:
    """Check everything and return the study, not yet done.

    ``dates``: days at which observables are kept; default the ends of quarters. Raises RunError or ScenarioError.
    """
    shared: dict[str, Any] = {"until": until, "communities": communities, "households": households, "replicates": 1}
    runs = [describe(loader.load(scenario, layers=layers), **shared) for scenario in scenarios]
    kept = _kept(runs, [find(name).name for name in observables] or list(HEADLINES), groups, dates)
    courses = tuple(course_of(run, kept.weeks) for run in runs)
    for factor in factors:
        _moves_something(factor, courses)
    settings = {
        "scenarios": [str(scenario) for scenario in scenarios],
        "with": [str(layer) for layer in layers],
        "until": until,
        "communities": communities,
        "households": households,
    }
    table = numbered(design, factors)
    told = dict(analysis or {})
    return Study(kind, courses, tuple(factors), table, seed, kept, settings, told, batch or batch_for(len(table)))


def batch_for(runs: int) -> int:
    """Runs of a batch: so many that a study has some hundred parts, within bounds."""
    return min(LARGEST, max(SMALLEST, -(-runs // PARTS)))


def _kept(runs: Sequence[Run], observables: Sequence[str], groups: Sequence[str], dates: Sequence[str | date]) -> Kept:
    calendar, end = runs[0].inputs.calendar, last_week(runs)
    if dates:
        weeks = [calendar.over_by(day) for day in days_of(dates, calendar, end)]
    else:
        weeks = [week for week in calendar.month_ends(end) if calendar.last_day(week).month in QUARTER_ENDS]
    known = set(GROUPS).union(*(_areas(run.inputs) for run in runs))
    for group in groups:
        if not known.issuperset(group.split(OF)):
            message = f"there is no group {group!r} in these scenarios. Groups: {', '.join(sorted(known))}"
            raise RunError(message)
    return Kept(tuple(observables), tuple(groups), tuple(sorted(set(weeks))))


def _areas(inputs: ModelInputs) -> set[str]:
    kinds = {Archetype(int(community.archetype)).label for community in inputs.district.communities}
    return kinds | set(inputs.areas([0]))


def course_of(run: Run, weeks: Sequence[int]) -> ScenarioCourse:
    """Course of a run that is looked at when months end, in ``weeks``, and on the days that promises ask for."""
    end = run.job.last_week
    promises = tuple(one for one in run.job.promises(run.inputs) if one.measurable and one.week <= end)
    before = [one.since_week - 1 for one in promises if one.since_week]
    looked = looked_at(run, end, [*weeks, *(one.week for one in promises), *before])
    return ScenarioCourse(run.inputs.name, looked.job, run.inputs.calendar, promises, _farthest(run.job.scenario))


def _farthest(scenario: Scenario) -> Mapping[str, float]:
    items = tuple(item.model_copy(update={"fidelity": None}) for item in scenario.interventions)
    return doses.farthest(compile(replace(scenario, interventions=items, fidelity=None)).settings)


def _moves_something(factor: Factor, courses: Sequence[ScenarioCourse]) -> None:
    """Refuse a lever that no scenario of the study moves away from rest."""
    if factor.kind == "lever" and not any(factor.of in course.farthest for course in courses):
        message = f"no scenario of this study moves {factor.of} away from rest, so that there is no dose to vary"
        raise RunError(message)


def numbered(design: pd.DataFrame, factors: Sequence[Factor]) -> pd.DataFrame:
    """Columns scenario, replicate and one a factor, in this order, then any others; luck chooses the replicate."""
    table: Any = design.copy()
    if SCENARIO not in table:
        table[SCENARIO] = 0
    if LUCK in table:
        table[REPLICATE] = (table[LUCK] * LUCK_SEEDS).astype(int).clip(0, LUCK_SEEDS - 1)
    elif REPLICATE not in table:
        table[REPLICATE] = 0
    names = [factor.name for factor in factors]
    if missing := [name for name in names if name not in table]:
        message = f"the design has no column for {', '.join(missing)}"
        raise RunError(message)
    if table.empty or not np.isfinite(table[names].to_numpy(float)).all():
        message = "the design needs at least one run, and a number for every factor of every run"
        raise RunError(message)
    others = [name for name in table.columns if name not in {SCENARIO, REPLICATE, *names}]
    table = table[[SCENARIO, REPLICATE, *names, *others]].reset_index(drop=True)
    return table.astype({SCENARIO: "int32", REPLICATE: "int32", **dict.fromkeys(names, "float64")})
