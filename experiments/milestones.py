"""Milestones: what the plan promised by a date, against what the replicates show on it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

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
    "held_back_by",
    "shortfall",
    "evidence",
)


class Capacity(NamedTuple):
    """A means that the plan counts on: an observable that is at ``full`` when nothing is missing."""

    observable: str
    full: float
    meaning: str


PAY = Capacity("subsidy_paid_share", 1.0, "pay that does not arrive")
VACANCY = Capacity("head_vacancy_rate", 0.0, "units without a head")
DUTY = Capacity("head_duty_rate", 1.0, "heads off duty")
OVERLOAD = Capacity("head_overload_share", 0.0, "overloaded heads")
TRAINING = Capacity("head_training_coverage", 1.0, "untrained heads")
COVERAGE = Capacity("unit_coverage", 1.0, "households outside units")
AWARENESS = Capacity("awareness_rate", 1.0, "residents unaware of units")
REPORTS = Capacity("reporting_time_share", 0.0, "staff time on reports")

# Which means a promise draws on, by the processes that read them: heads call, ask and train in units; issues wait for
# heads and staff. Firms, money and services hang on other things, which the recorder does not hold as capacities.
CHAINS: tuple[tuple[frozenset[str], tuple[Capacity, ...]], ...] = (
    (
        frozenset({"participation_rate", "unit_activity_participation_rate", "decision_participation_rate"}),
        (COVERAGE, VACANCY, DUTY, OVERLOAD, AWARENESS),
    ),
    (
        frozenset({"unit_activities_total", "activities_per_month", "online_activity_organisation_rate"}),
        (PAY, COVERAGE, VACANCY, DUTY, OVERLOAD),
    ),
    (frozenset({"head_trainings_total", "head_training_coverage"}), (COVERAGE, VACANCY)),
    (frozenset({"head_attrition_rate", "head_duty_rate"}), (PAY, OVERLOAD, TRAINING)),
    (frozenset({"unit_coverage", "community_rollout_share", "awareness_rate"}), (COVERAGE, VACANCY, DUTY)),
    (
        frozenset({"response_time_hours", "resolution_time_days", "late_response_share", "unresolved_share"}),
        (REPORTS, VACANCY, DUTY, OVERLOAD),
    ),
    (
        frozenset({"mediation_success_rate", "first_contact_share", "satisfaction_rate", "trust_committee"}),
        (REPORTS, VACANCY, DUTY, OVERLOAD, TRAINING),
    ),
)
CAPACITIES = {capacity.observable: capacity for _, means in CHAINS for capacity in means}
BINDING = 0.05  # shortfalls below a twentieth hold nothing back


def means_of(observable: str) -> tuple[Capacity, ...]:
    """Return the capacities that a promise on ``observable`` draws on, without itself."""
    found = next((means for names, means in CHAINS if observable in names), ())
    return tuple(capacity for capacity in found if capacity.observable != observable)


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
    - ``held_back_by``, ``shortfall``: for promises that less than half of the replicates keep, the capacity (see
      :data:`CHAINS`) among those the promise draws on whose median on the date, in the same group where it tells
      groups apart, is furthest from full, and how far (a share). It points at the scarcest means, it does not prove a
      cause. Empty when the promise is kept, or when none is recorded that falls short by a twentieth.
    """
    rows = [_judge(promise, data, calendar) for promise in promises if promise.measurable]
    return pd.DataFrame(rows, columns=list(COLUMNS))


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
        "held_back_by": "",
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
    if row["attained_share"] < HALF:
        whole: Any = data
        row |= _held_back(promise, whole.sel(week=due))
    return row


def _spread(values: Values) -> dict[str, float]:
    """Median and 90 % interval of the values that are numbers."""
    known = values[~np.isnan(values)]
    low, middle, high = np.quantile(known, (INTERVAL[0], HALF, INTERVAL[1])) if len(known) else (np.nan,) * 3
    return {"median": float(middle), "low90": float(low), "high90": float(high)}


def _held_back(promise: Promise, then: Any) -> dict[str, Any]:
    gaps: list[tuple[float, str]] = []
    for capacity in means_of(promise.observable):
        if capacity.observable not in then:
            continue
        by_group = then[capacity.observable]
        here = by_group.sel(group=promise.group)
        values = (by_group.sel(group="all") if bool(here.isnull().all()) else here).to_numpy()
        gap = abs(capacity.full - _spread(values)["median"])
        if gap >= BINDING:
            gaps.append((gap, capacity.observable))
    if not gaps:
        return {}
    gap, name = max(gaps, key=lambda pair: pair[0])
    return {"held_back_by": name, "shortfall": gap}


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
