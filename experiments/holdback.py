"""What held milestones back: each means relaxed in turn on the same seeds, and what each promise gains by it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from ..model.names import phrase
from ..scenarios import loader, relaxing
from ..scenarios.compile import ModelInputs
from . import pairs
from .ablation import LEVEL, paired
from .milestones import HALF, NONE_OF_THESE, Promise
from .pool import RunError
from .progress import Reporter
from .publishing import rows_of
from .result import Result
from .runner import Run, describe, done_once
from .store import write_bytes, write_json

type Values = NDArray[np.float64]

PLAN = "plan"  # folder of the plan as it is
COLUMNS = (
    "id",
    "relaxation",
    "value",
    "relaxed",
    "gain",
    "low",
    "high",
    "gap",
    "closed",
    "attained_share",
    "relaxed_share",
    "binding",
)


@dataclass(frozen=True)
class Holdback:
    """A plan, and what each of its broken promises gains when one means is relaxed.

    ``frame`` has one row a broken promise and relaxation: mean ``value`` on the date and mean ``relaxed`` value; the
    ``gain`` towards the promise in the unit of the observable, paired by replicate, with an interval ``low`` to
    ``high`` that holds for all relaxations of the promise together with 90 % (Student's t, Bonferroni); the ``gap``
    that was missing, and the share of it that is ``closed``; shares of replicates that keep it without and with.
    ``binding`` marks the relaxation that gains most among those whose interval lies above 0. ``idle`` names relaxations
    that find nothing to relax in this plan.
    """

    plan: Result
    frame: pd.DataFrame
    idle: tuple[str, ...]

    def save(self, folder: Path) -> None:
        """Write holdback.csv, holdback.json, and the plan's own result with what was found."""
        frame: Any = self.frame
        write_bytes(folder / "holdback.csv", frame.to_csv(index=False, float_format="%.6g").encode())
        manifest = {**self.plan.manifest, "level": LEVEL, "nothing_to_relax": list(self.idle)}
        write_json(folder / "holdback.json", {**manifest, "gains": rows_of(frame)})
        self.plan.save(folder / PLAN)


def hold_back(
    scenario: str | Path | loader.Scenario,
    *,
    of: Sequence[str] = (),
    with_: Sequence[str | Path] = (),
    replicates: int = 6,
    seed: int = 0,
    workers: int | None = None,
    communities: int | None = None,
    households: int | None = None,
    until: str | None = None,
    out: str | Path | None = None,
    progress: bool | Reporter | None = None,
    announce: Callable[[str], None] = lambda _: None,
) -> Holdback:
    """Run ``scenario`` as it is and with each means relaxed in turn, on common random numbers, and compare.

    ``of`` names the relaxations to try (none: all of them). With ``out`` every run is kept in a folder of its own, so
    that what was stopped goes on where it was. ``announce`` is told the name of each run.
    """
    if replicates < 2:
        message = f"paired intervals need at least 2 replicates, not {replicates}"
        raise RunError(message)
    if not isinstance(scenario, loader.Scenario):
        scenario = loader.load(scenario, layers=with_)
    elif with_:
        message = "give `with_` to scenarios.loader.load when you hand in a loaded scenario"
        raise RunError(message)
    shared: dict[str, Any] = {
        "replicates": replicates,
        "seed": seed,
        "communities": communities,
        "households": households,
        "until": until,
    }
    names = [str(name) for name in of] or list(relaxing.catalogue())
    runs = {name: describe(relaxing.relaxed(scenario, name), **shared) for name in names}
    base = describe(scenario, **shared)
    idle = tuple(name for name, run in runs.items() if _moves(run.inputs) == _moves(base.inputs))
    wanted: dict[str, Run] = {PLAN: base, **{name: run for name, run in runs.items() if name not in idle}}
    results: dict[str, Result] = {}
    for number, (name, run) in enumerate(wanted.items(), 1):
        announce(phrase("{name} ({number} of {total})", name=name, number=number, total=len(wanted)))
        folder = None if out is None else Path(out) / name
        results[name] = done_once(run, workers=workers, out=folder, progress=progress)
    plan = results.pop(PLAN)
    frame = compared(plan, results)
    found = Holdback(replace(plan, held_back=binding_of(frame)), frame, idle)
    if out is not None:
        found.save(Path(out))
    return found


def _moves(inputs: ModelInputs) -> tuple[Any, ...]:
    """Return all that a relaxation may change of what a model is given."""
    moved = (inputs.settings, inputs.budget, inputs.paths, inputs.triggers, inputs.parameter_changes)
    return (*moved, inputs.events, inputs.district, inputs.calendar)


def score(promise: Promise, values: Values) -> Values:
    """Return how far values have come towards the promise: larger is better, in the unit of the observable."""
    if promise.high is None:
        return values
    if promise.low is None:
        return -values
    return -np.maximum(np.maximum(promise.low - values, values - promise.high), 0.0)


def compared(plan: Result, relaxed: Mapping[str, Result]) -> pd.DataFrame:
    """Return the gains of every promise that less than half of the plan's replicates keep; see :class:`Holdback`.

    A replicate in which the value is no number, with or without the relaxation, is left out of the means and gains of
    that relaxation; a promise whose value is a number in none is not told.
    """
    rows: list[dict[str, Any]] = []
    weeks = plan.observables["week"].to_numpy()
    for promise in plan.promises:
        if not promise.measurable or promise.week > weeks[-1]:
            continue
        at = int(np.flatnonzero(weeks == promise.week)[0])
        base = promise.series(plan.observables)[:, at]
        share = float(promise.met(base).mean())
        if share >= HALF or not np.isfinite(base).any():
            continue
        mine = [
            _gain(promise, name, base, promise.series(other.observables)[:, at], len(relaxed))
            for name, other in relaxed.items()
        ]
        told = [row for row in mine if row["low"] > 0.0]
        if told:
            max(told, key=lambda row: row["gain"])["binding"] = True
        rows += mine
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _gain(promise: Promise, name: str, base: Values, values: Values, trials: int) -> dict[str, Any]:
    before, after = pairs.complete(base, values)
    gain, low, high = paired(score(promise, after) - score(promise, before), trials)
    target = float(score(promise, np.array([promise.target]))[0])
    gap = target - pairs.mean(score(promise, before))
    return {
        "id": promise.id,
        "relaxation": name,
        "value": pairs.mean(before),
        "relaxed": pairs.mean(after),
        "gain": gain,
        "low": low,
        "high": high,
        "gap": gap,
        "closed": gain / gap if gap > 0.0 else np.nan,
        "attained_share": float(promise.met(base).mean()),
        "relaxed_share": float(promise.met(values).mean()),
        "binding": False,
    }


def binding_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row a broken promise: what holds it back, and the share of the gap that relaxing it closes."""
    rows: list[dict[str, Any]] = []
    whole: Any = frame
    for promise, mine in whole.groupby("id", sort=False):
        found = mine[mine["binding"]]
        name = found["relaxation"].iloc[0] if len(found) else NONE_OF_THESE
        closed = float(found["closed"].iloc[0]) if len(found) else np.nan
        rows.append({"id": promise, "held_back_by": name, "closed": closed})
    return pd.DataFrame(rows, columns=["id", "held_back_by", "closed"])
