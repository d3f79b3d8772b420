"""Milestones: what the plan promised by a date, against what the replicates show on it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
import xarray as xr
from numpy.typing import NDArray

from ..model.calendar import Calendar
from ..model.names import phrase

type Direction = Literal["at_least", "at_most", "between"]
type Values = NDArray[np.float64]

INTERVAL = (0.05, 0.95)  # quantiles that bound the 90 % interval
HALF = 0.5
NONE_OF_THESE = "none"  # no relaxation that was tried brings the promise nearer

COLUMNS = (
    "id",
    "observable",
    "group",
    "by",
    "direction",
    "target",
    "target_high",
    "unit",
    "attained_share",
    "median",
    "low90",
    "high90",
    "half_attain",
    "weeks_late",
    "evidence",
)


@dataclass(frozen=True)
class Promise:
    """``observable`` of ``group`` shall lie in [``low``, ``high``] (None: open) by the day ``by``.

    ``week`` is the last week that is over by then. A total may be counted from ``since_week`` on. ``measurable`` is
    false for promises that a model of this kind cannot measure, for the ``reason`` given; they are listed, not judged.
    """

    id: str
    observable: str
    group: str
    by: date
    week: int
    low: float | None
    high: float | None
    since_week: int | None = None
    evidence: tuple[str, ...] = ()
    measurable: bool = True
    reason: str = ""

    @property
    def direction(self) -> Direction:
        """Which way the value should go."""
        if self.low is not None and self.high is not None:
            return "between"
        return "at_least" if self.high is None else "at_most"

    @property
    def target(self) -> float:
        """The promised number; of ``between`` the lower one."""
        bound = self.low if self.low is not None else self.high
        return np.nan if bound is None else bound

    def met(self, values: Values) -> NDArray[np.bool_]:
        """Whether each value keeps the promise; what is not a number does not."""
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        return (values >= low) & (values <= high)

    def series(self, data: xr.Dataset) -> Values:
        """Return what the promise is about, by replicate and week."""
        variable: Any = data[self.observable]
        values: Values = variable.sel(group=self.group).transpose("replicate", "week").to_numpy()
        if self.since_week is None:
            return values
        weeks = data["week"].to_numpy()
        before = values[:, weeks == self.since_week - 1]
        start = before if before.shape[1] else np.zeros((len(values), 1))
        return np.where(weeks >= self.since_week, values - start, np.nan)

    def as_json(self) -> dict[str, Any]:
        """Return the promise as JSON knows it."""
        return asdict(self) | {"by": self.by.isoformat(), "evidence": list(self.evidence)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Promise":
        """Read what :meth:`as_json` wrote."""
        by, evidence = date.fromisoformat(content["by"]), tuple(content["evidence"])
        fields: dict[str, Any] = {**content, "by": by, "evidence": evidence}
        return cls(**fields)


def table(promises: Iterable[Promise], data: xr.Dataset, calendar: Calendar) -> pd.DataFrame:
    """Judge every measurable promise; one row a promise, in the order of the plan.

    ``data`` holds the observables (replicate, week, group). Columns:

    - ``attained_share``: share of replicates that keep the promise in the week of its date; not-a-number when the run
      stopped before that date.
    - ``median``, ``low90``, ``high90``: median and 90 % interval (5th to 95th percentile) over replicates on that date.
    - ``half_attain``: Monday of the first week of the plan in which at least half of the replicates keep the promise;
      ``not by 2028`` (the last year of the run) when there is none.
    - ``weeks_late``: weeks from the date to the first week, on the date or after, in which half of them keep it: 0 when
      kept in time, not-a-number when it is not kept by the end of the run.
    """
    rows = [_judge(promise, data, calendar) for promise in promises if promise.measurable]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def with_held_back(judged: pd.DataFrame, held_back: pd.DataFrame) -> pd.DataFrame:
    """Return the table with what holds each broken promise back, as found by relaxing one means after the other.

    ``held_back_by`` names the relaxation that gains most, ``none`` where none gains surely, and is empty for promises
    that are kept or were not tried; ``closed`` is the share of the gap that it closes. See
    :mod:`shequ.experiments.holdback`.
    """
    table: Any = judged
    merged = table.merge(held_back, on="id", how="left")
    return merged.assign(held_back_by=merged["held_back_by"].fillna(""))


def _judge(promise: Promise, data: xr.Dataset, calendar: Calendar) -> dict[str, Any]:
    weeks = data["week"].to_numpy()
    series = promise.series(data)
    due = promise.week
    row: dict[str, Any] = {
        "id": promise.id,
        "observable": promise.observable,
        "group": promise.group,
        "by": promise.by.isoformat(),
        "direction": promise.direction,
        "target": promise.target,
        "target_high": promise.high if promise.direction == "between" else np.nan,
        "unit": str(data[promise.observable].attrs.get("units", "")),
        "evidence": " ".join(promise.evidence),
    }
    half = promise.met(series).mean(axis=0) >= HALF
    kept = weeks[half & (weeks >= 0)]
    end = calendar.monday(int(weeks[-1]))
    row["half_attain"] = calendar.monday(int(kept[0])).isoformat() if len(kept) else f"not by {end.year}"
    if due > weeks[-1]:
        return row | {"attained_share": np.nan, "weeks_late": np.nan} | _spread(np.array([np.nan]))
    on_date = series[:, int(np.flatnonzero(weeks == due)[0])]
    in_time = kept[kept >= due]
    row["attained_share"] = float(promise.met(on_date).mean())
    row["weeks_late"] = float(in_time[0] - due) if len(in_time) else np.nan
    row |= _spread(on_date)
    return row


def _spread(values: Values) -> dict[str, float]:
    """Median and 90 % interval of the values that are numbers."""
    known = values[~np.isnan(values)]
    low, middle, high = np.quantile(known, (INTERVAL[0], HALF, INTERVAL[1])) if len(known) else (np.nan,) * 3
    return {"median": float(middle), "low90": float(low), "high90": float(high)}


def quantiles(series: Values) -> Values:
    """Return 5 %, 50 % and 95 % quantiles over the first axis; not-a-number where nothing is a number."""
    result = np.full((3, series.shape[1]), np.nan)
    missing = np.isnan(series)
    some = missing.any(axis=0) & ~missing.all(axis=0)
    whole = ~missing.any(axis=0)
    bounds = (INTERVAL[0], HALF, INTERVAL[1])
    result[:, whole] = np.quantile(series[:, whole], bounds, axis=0)
    result[:, some] = np.nanquantile(series[:, some], bounds, axis=0)
    return result


def summary(table: pd.DataFrame) -> str:
    """Return one sentence: how many promises at least half of the replicates keep in time."""
    frame: Any = table
    shares: Values = frame["attained_share"].to_numpy(np.float64)
    judged = ~np.isnan(shares)
    kept = int((shares[judged] >= HALF).sum())
    total = int(judged.sum())
    return phrase("{kept} of {total} milestones are attained in time by half of the runs", kept=kept, total=total)


def pairs(promises: Sequence[Promise]) -> dict[str, list[str]]:
    """Return observables that are promised, each with its groups, in the order of the plan."""
    found: dict[str, list[str]] = {}
    for promise in promises:
        if promise.measurable:
            groups = found.setdefault(promise.observable, [])
            if promise.group not in groups:
                groups.append(promise.group)
    return found
