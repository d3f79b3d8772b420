"""What each process and each coupling contributes: the model with and without it, on the same draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from ..model import couplings, observables
from ..model.names import title_of
from ..model.schedule import PROCESSES
from . import pairs
from .pool import RunError
from .progress import Reporter
from .publishing import rows_of
from .result import Result
from .runner import describe, done_once
from .store import write_bytes, write_json

type Kind = Literal["process", "coupling"]

YEAR = 52  # weeks at the end of the run that are averaged
LEVEL = 0.9  # of the intervals
BASE = "everything"


@dataclass(frozen=True)
class Part:
    """Something that can be left out: a process that is switched off, or a coupling that is cut."""

    kind: Kind
    name: str

    @property
    def off(self) -> tuple[str, ...]:
        """Processes to leave out of a run without it."""
        return (self.name,) if self.kind == "process" else ()

    @property
    def cut(self) -> tuple[str, ...]:
        """Couplings to cut in a run without it."""
        return (self.name,) if self.kind == "coupling" else ()


def parts() -> list[Part]:
    """Return all that can be left out."""
    return [*(Part("process", name) for name in PROCESSES), *(Part("coupling", name) for name in couplings.catalogue())]


@dataclass(frozen=True)
class Ablation:
    """Contribution of each part to each observable, in a frame with one row a pair.

    ``with`` is the mean over replicates of the last year's mean, ``without`` the same when the part is left out,
    ``contribution`` their difference, paired by replicate, and ``low`` to ``high`` its 90 % interval (Student's t); a
    replicate in which either is not a number is left out of all of these;
    ``rank`` orders the parts of an observable by the size of their contribution, 1 first. A part whose interval holds 0
    or cannot be told has no rank. Groups: all residents.
    """

    frame: pd.DataFrame
    manifest: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Title of the scenario in the language spoken."""
        return title_of(str(self.manifest["title"]), str(self.manifest["title_zh"]))

    def top(self, observable: str, count: int = 3) -> pd.DataFrame:
        """Return the parts that contribute most to ``observable``."""
        frame: Any = self.frame
        rows = frame[(frame["observable"] == observable) & frame["rank"].notna()]
        return rows.sort_values("rank").head(count)

    def save(self, folder: Path) -> None:
        """Write ablation.csv and ablation.json."""
        frame: Any = self.frame
        write_bytes(folder / "ablation.csv", frame.to_csv(index=False, float_format="%.6g").encode())
        write_json(folder / "ablation.json", {**self.manifest, "contributions": rows_of(frame)})


def ablate(
    scenario: str | Path,
    *,
    of: Sequence[str] = (),
    replicates: int = 4,
    seed: int = 0,
    workers: int | None = None,
    communities: int | None = None,
    households: int | None = None,
    until: str | None = None,
    out: str | Path | None = None,
    progress: bool | Reporter | None = None,
) -> Ablation:
    """Run ``scenario`` whole and without each part in turn, on common random numbers, and compare.

    ``of`` names the processes and couplings to leave out (none: all). With ``out`` every run is kept in a folder of its
    own, so that an ablation that is stopped goes on where it was.
    """
    if replicates < 2:
        message = f"an ablation needs at least 2 replicates for its intervals, not {replicates}"
        raise RunError(message)
    chosen = _chosen(of)
    shared: dict[str, Any] = {
        "replicates": replicates,
        "seed": seed,
        "communities": communities,
        "households": households,
        "until": until,
    }
    runs = {BASE: describe(scenario, **shared)}
    runs |= {part.name: describe(scenario, **shared, off=part.off, cut=part.cut) for part in chosen}
    means: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, run in runs.items():
        folder = None if out is None else Path(out) / name
        means[name] = _last_year(done_once(run, workers=workers, out=folder, progress=progress))
    whole = runs[BASE]
    manifest = {**whole.manifest, "level": LEVEL, "weeks_averaged": YEAR}
    ablation = Ablation(_compare(means, chosen), manifest)
    if out is not None:
        ablation.save(Path(out))
    return ablation


def _chosen(of: Sequence[str]) -> list[Part]:
    known = {part.name: part for part in parts()}
    for name in of:
        if name not in known:
            couplings.find(name)  # raises, with the nearest names
    return [known[name] for name in of] or list(known.values())


def _last_year(result: Result) -> dict[str, NDArray[np.float64]]:
    """Mean of every observable over the last year, by replicate."""
    weeks = result.observables["week"]
    data: Any = result.observables.sel(group="all").where(weeks > int(weeks.max()) - YEAR, drop=True).mean("week")
    return {name: np.asarray(data[name].to_numpy(), np.float64) for name in observables.catalogue()}


def _compare(means: Mapping[str, Mapping[str, NDArray[np.float64]]], chosen: Sequence[Part]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for part in chosen:
        for name, observable in observables.catalogue().items():
            base, without = pairs.complete(means[BASE][name], means[part.name][name])
            contribution, low, high = paired(base - without)
            rows.append(
                {
                    "observable": name,
                    "unit": observable.unit,
                    "part": part.name,
                    "kind": part.kind,
                    "with": pairs.mean(base),
                    "without": pairs.mean(without),
                    "contribution": contribution,
                    "low": low,
                    "high": high,
                }
            )
    frame: Any = pd.DataFrame(rows)
    told: Any = (frame["low"] > 0.0) | (frame["high"] < 0.0)
    size: Any = frame["contribution"].abs().where(told)
    frame["rank"] = size.groupby(frame["observable"]).rank(ascending=False, method="first")
    return frame.sort_values(["observable", "rank", "part"], ignore_index=True)


def paired(differences: NDArray[np.float64], together: int = 1) -> tuple[float, float, float]:
    """Mean of paired ``differences`` (one a replicate) and its 90 % interval by Student's t; numbers only.

    Of so many intervals ``together`` all hold with 90 % (Bonferroni).
    """
    found = pairs.about_zero(differences, pairs.together(LEVEL, together))
    return found.mean, found.low, found.high
