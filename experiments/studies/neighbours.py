"""A scenario as a model of ema-workbench, so that its samplers, evaluators and searches drive it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd  # pyright: ignore[reportMissingTypeStubs]

from ...model.draws import replicate_seeds
from ...scenarios import loader
from . import factors
from .course import Course, Kept
from .definition import LUCK_SEEDS, described
from .discovery import workbench
from .factors import LUCK, Factor


def identifier(name: str) -> str:
    """``name`` as ema-workbench takes it: letters, digits and underscores."""
    return re.sub(r"\W", "_", name)


@dataclass(frozen=True)
class Played:
    """A scenario as a function of its factors: ``function(**values)`` gives outcomes by name."""

    course: Course
    varied: tuple[Factor, ...]
    kept: Kept
    seeds: tuple[int, ...]

    def __call__(self, **given: Any) -> dict[str, Any]:
        """Run the scenario; raises StageError where it fails."""
        luck = float(given.get(LUCK, 0.0))
        seed = self.seeds[min(int(luck * len(self.seeds)), len(self.seeds) - 1)]
        values = {
            one: one.at(_share(one, float(given[identifier(one.name)]))) for one in self.varied if one.name != LUCK
        }
        series, promises = self.course.tell(values, seed, self.kept, None)
        outcomes: dict[str, Any] = {identifier(name): float(met) for name, _, met, _ in promises}
        for name in self.kept.observables:
            outcomes[name] = [value for _, observable, _, value in series if observable == name]
        return outcomes


def _share(factor: Factor, value: float) -> float:
    return (value - factor.low) / (factor.high - factor.low)


def ema_model(
    scenario: str,
    varied: Sequence[str],
    *,
    observables: Sequence[str] = (),
    name: str = "shequ",
    seeds: int = LUCK_SEEDS,
    **settings: Any,
) -> Any:
    """Return an ``ema_workbench.Model`` of a scenario; raises RunError where the library is not there.

    ``varied`` are factors (:mod:`.factors`); the model's uncertainties bear their names as identifiers
    (``late:all`` is ``late_all``), and ``luck`` chooses one of ``seeds`` seeds. Outcomes are time series of the
    ``observables`` (default: the headlines) and, by the milestones' names as identifiers, 1 where a promise is kept and
    0 where it is broken. ``settings`` go to :func:`.definition.described`.
    """
    library = workbench()
    loaded = loader.load(scenario, layers=settings.get("layers", ()))
    known = [factors.read(text, loaded) for text in varied if text != LUCK] + [factors.read(LUCK, loaded)]
    point: Mapping[str, list[float]] = {one.name: [one.at(0.5)] for one in known}
    study = described("ema", [scenario], known, pd.DataFrame(point), observables=observables, **settings)
    course: Any = study.courses[0]
    played = Played(course, study.factors, study.kept, tuple(replicate_seeds(study.seed, seeds)))
    model = library.Model(name, function=played)
    model.uncertainties = [library.RealParameter(identifier(one.name), one.low, one.high) for one in known]
    model.outcomes = [
        *(library.TimeSeriesOutcome(observable) for observable in study.kept.observables),
        *(library.ScalarOutcome(identifier(promise.id)) for promise in course.promises),
    ]
    return model
