"""What lies in a study's folder, for analysis: tables, an xarray view, and the columns of the forecasting hubs."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
import pyarrow.dataset
import pyarrow.parquet
import xarray as xr

from ...model.calendar import Calendar
from ...model.observables import find
from ..store import StoreError
from .folder import DESIGN, Folder
from .parts import MILESTONES, RUNS, SECONDS, SERIES
from .work import DONE

QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
ds: Any = pyarrow.dataset
pq: Any = pyarrow.parquet


@dataclass(frozen=True)
class Records:
    """A study as it lies in a folder, finished or not. Tables are sorted by run."""

    folder: Folder

    @cached_property
    def frozen(self) -> dict[str, Any]:
        """What was asked for."""
        return self.folder.frozen()

    @property
    def calendar(self) -> Calendar:
        """Which week is when."""
        start, end = (date.fromisoformat(day) for day in self.frozen["calendar"])
        return Calendar(start, end)

    @cached_property
    def design(self) -> pd.DataFrame:
        """One row a run: scenario (by name), replicate, and a column a factor; the index is the run."""
        table: Any = pq.read_table(self.folder.path / DESIGN).to_pandas().set_index("run")
        names = [entry["name"] for entry in self.frozen["scenarios"]]
        return table.assign(scenario=[names[k] for k in table["scenario"]])

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a finished run: status (done, failed), stage, error, seconds."""
        told, seconds = self._read(RUNS), self._read(SECONDS)
        return told.set_index("run").join(seconds.set_index("run"))

    @cached_property
    def milestones(self) -> pd.DataFrame:
        """One row a run and milestone: value on its day, attained, weeks_late (to the next look; NaN: never)."""
        return self._read(MILESTONES)

    @cached_property
    def series(self) -> pd.DataFrame:
        """One row a run, week, observable and group."""
        return self._read(SERIES)

    @property
    def done(self) -> list[int]:
        """Runs that did not fail."""
        whole: Any = self.runs
        return [int(run) for run in whole.index[whole["status"] == DONE]]

    def values(self, observable: str, *, group: str = "all") -> pd.DataFrame:
        """Values of one observable: one row a run that is done, one column a week."""
        part = ds.dataset(self.folder.path / SERIES)
        name = observable if observable in self.frozen["observables"] else find(observable).name
        chosen: Any = part.to_table(
            columns=["run", "week", "value"],
            filter=(ds.field("observable") == name) & (ds.field("group") == group),
        ).to_pandas()
        if chosen.empty:
            message = (
                f"{self.folder.path} keeps no {name} of {group}; it has {', '.join(self.frozen['observables'])} of "
                f"{', '.join(self.frozen['groups'])}"
            )
            raise StoreError(message)
        return chosen.pivot(index="run", columns="week", values="value").sort_index()

    def xarray(self) -> xr.Dataset:
        """Observables by run, week and group, with the factors as coordinates of run. A failed run is not-a-number."""
        table: Any = self.series
        wide: Any = table.set_index(["run", "week", "group", "observable"])["value"].unstack("observable").to_xarray()
        whole: Any = self.design
        design = whole.loc[wide["run"].to_numpy()]
        coordinates: dict[str, Any] = {name: ("run", design[name].to_numpy()) for name in design.columns}
        for name in wide.data_vars:
            spec = find(str(name))
            wide[name].attrs = {"units": spec.unit, "long_name": spec.label}
        return wide.assign_coords(coordinates)

    def hub(self) -> pd.DataFrame:
        """Quantiles over runs in the columns of the forecasting hubs (hubverse), one row a quantile.

        ``origin_date`` is the first day, ``horizon`` counts weeks from it, ``location`` is the group of residents.
        """
        table: Any = self.series
        design: Any = self.design
        table = table.assign(scenario_id=design["scenario"].loc[table["run"]].to_numpy())
        keys = ["scenario_id", "observable", "group", "week"]
        grouped = table.groupby(keys, observed=True, sort=False)["value"].quantile(list(QUANTILES))
        rows = grouped.rename_axis([*keys, "output_type_id"]).rename("value").reset_index()
        days = {week: self.calendar.last_day(int(week)).isoformat() for week in rows["week"].unique()}
        return pd.DataFrame(
            {
                "origin_date": self.calendar.start.isoformat(),
                "scenario_id": rows["scenario_id"],
                "location": rows["group"],
                "target": rows["observable"],
                "horizon": rows["week"] + 1,
                "target_end_date": rows["week"].map(days),
                "output_type": "quantile",
                "output_type_id": rows["output_type_id"],
                "value": rows["value"],
            }
        )

    def _read(self, kind: str) -> Any:
        path = self.folder.path / kind
        if not any(path.glob("part-*.parquet")):
            message = f"{self.folder.path} holds no finished runs of a study"
            raise StoreError(message)
        table: Any = ds.dataset(path).to_table().to_pandas()
        return table.sort_values(list(table.columns[:1]), kind="stable").reset_index(drop=True)


def records(folder: str | Path) -> Records:
    """Open a study's folder; raises StoreError if it is none."""
    found = Folder(Path(folder))
    found.frozen()
    return Records(found)
