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
