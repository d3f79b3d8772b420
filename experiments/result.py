"""The result of a run: observables of every replicate, the milestone table, the timeline."""

import html
import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
import xarray as xr

from ..model.calendar import Calendar
from ..model.names import Language, speaking, title_of
from . import milestones, timeline
from .firings import COLUMNS as FIRING_COLUMNS
from .firings import summed_up
from .milestones import Promise
from .store import MANIFEST, StoreError, read_dataset, read_json, write_bytes, write_dataset, write_json
from .timeline import Mark, Phase, Timeline

OBSERVABLES = "observables.nc"
TRIGGERS = "triggers.csv"
HELD_BACK = "held_back.csv"
DIGITS = "%.6g"


@dataclass(frozen=True)
class Result:
    """What a run gives.

    ``observables`` has the dimensions replicate, week (warm-up below 0) and group; every variable carries units,
    long_name, definition and source. ``manifest`` says what was run: scenario, hashes, seed, versions. ``firings`` has
    one row a time that a trigger fired: replicate, trigger, community (-1: several), week, date, value. ``held_back``
    says what holds broken promises back, if that was found out (see :mod:`shequ.experiments.holdback`).
    """

    observables: xr.Dataset
    calendar: Calendar
    promises: tuple[Promise, ...]
    phases: tuple[Phase, ...]
    manifest: dict[str, Any]
    firings: pd.DataFrame
    held_back: pd.DataFrame | None = None

    @property
    def title(self) -> str:
        """Title of the scenario in the language spoken."""
        return title_of(str(self.manifest["title"]), str(self.manifest["title_zh"]))

    @property
    def replicates(self) -> int:
        """Number of replicates."""
        return self.observables.sizes["replicate"]

    @cached_property
    def milestones(self) -> pd.DataFrame:
        """The milestone table, see ``table`` and ``with_held_back`` in :mod:`shequ.experiments.milestones`."""
        judged = milestones.table(self.promises, self.observables, self.calendar)
        return judged if self.held_back is None else milestones.with_held_back(judged, self.held_back)

    @property
    def triggers(self) -> pd.DataFrame:
        """One row a trigger, see :func:`shequ.experiments.firings.summed_up` for its columns."""
        return summed_up(self.firings, self.manifest["triggers"], self.replicates, self.calendar)

    def plot(
        self, observables: Sequence[str] | None = None, *, group: str | None = None, lang: Language | None = None
    ) -> Timeline:
        """Draw the timeline: what the plan promises, or the given ``observables``, for a ``group`` if one is given.

        ``lang`` is ``en`` or ``zh``; None: the language spoken, see :mod:`shequ.model.names`.
        """
        with speaking(lang):
            return timeline.draw(
                self.observables,
                self.calendar,
                title=self.title,
                promises=self.promises,
                phases=self.phases,
                marks=self._marks(),
                observables=observables,
                group=group,
            )

    def _marks(self) -> list[Mark]:
        """Triggers that fired, at the median of their first weeks, in order of time."""
        table: Any = self.triggers
        rows: list[dict[str, Any]] = table.to_dict("records")
        marks = [Mark(row["trigger"], date.fromisoformat(row["first"])) for row in rows if row["first"]]
        return sorted(marks, key=lambda mark: mark.day)

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row a value: replicate, week, date (Monday), observable, group, value."""
        array = self.observables.to_dataarray("observable").rename("value")
        frame: Any = array.transpose("replicate", "week", "observable", "group").to_dataframe().reset_index()
        frame = frame.dropna(subset="value").reset_index(drop=True)
        mondays = {int(week): pd.Timestamp(self.calendar.monday(int(week))) for week in frame["week"].unique()}
        frame.insert(2, "date", frame["week"].map(mondays))
        return frame

    def quantiles(self) -> pd.DataFrame:
        """Return one row an observable, group and week: median and 90 % interval over replicates."""
        data = self.observables.sel(week=self.observables["week"] >= 0)
        dates = [self.calendar.monday(int(week)).isoformat() for week in data["week"].to_numpy()]
        parts: list[pd.DataFrame] = []
        for name, variable in data.data_vars.items():
            values = variable.transpose("group", "replicate", "week").to_numpy()
            for group, series in zip(data["group"].to_numpy(), values, strict=True):
                low, middle, high = milestones.quantiles(series)
                columns = {"date": dates, "median": middle, "low90": low, "high90": high}
                parts.append(pd.DataFrame({"observable": name, "group": group, **columns}).dropna())
        return pd.concat(parts, ignore_index=True)

    # --- files --------------------------------------------------------------------------------------------------------

    def save(self, folder: str | Path) -> None:
        """Write the result into ``folder``; the same result gives the same bytes."""
        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
        judged: Any = self.milestones
        quantiles: Any = self.quantiles()
        table: str = judged.to_csv(index=False, float_format=DIGITS, lineterminator="\n")
        series: str = quantiles.to_csv(index=False, float_format=DIGITS, lineterminator="\n")
        write_bytes(path / "milestones.csv", table.encode())
        write_json(path / "milestones.json", self.as_json())
        write_bytes(path / "observables.csv", series.encode())
        write_dataset(path / OBSERVABLES, self.observables)
        write_bytes(path / "timeline.png", self.plot().png())
        if self.manifest["triggers"]:
            fired: Any = self.firings
            write_bytes(path / TRIGGERS, fired.to_csv(index=False, float_format=DIGITS, lineterminator="\n").encode())
        if self.held_back is not None:
            write_bytes(path / HELD_BACK, cast("Any", self.held_back).to_csv(index=False, float_format=DIGITS).encode())
        plan = {
            "calendar": {"start": self.calendar.start.isoformat(), "end": self.calendar.end.isoformat()},
            "promises": [promise.as_json() for promise in self.promises],
            "phases": [phase.as_json() for phase in self.phases],
        }
        write_json(path / MANIFEST, {**self.manifest, **plan})

    @classmethod
    def load(cls, folder: str | Path) -> "Result":
        """Read what :meth:`save` wrote."""
        path = Path(folder)
        if not (path / MANIFEST).is_file():
            hint = f"; {path}.partial holds an unfinished run" if Path(f"{path}.partial").is_dir() else ""
            message = f"{path} holds no result of a run (there is no {MANIFEST} in it){hint}"
            raise StoreError(message)
        manifest = read_json(path / MANIFEST)
        days = manifest.pop("calendar")
        promises = tuple(Promise.from_json(entry) for entry in manifest.pop("promises"))
        phases = tuple(Phase.from_json(entry) for entry in manifest.pop("phases"))
        calendar = Calendar(date.fromisoformat(days["start"]), date.fromisoformat(days["end"]))
        library: Any = pd
        fired = (
            library.read_csv(path / TRIGGERS) if manifest["triggers"] else pd.DataFrame(columns=list(FIRING_COLUMNS))
        )
        held = library.read_csv(path / HELD_BACK, keep_default_na=False) if (path / HELD_BACK).is_file() else None
        return cls(read_dataset(path / OBSERVABLES), calendar, promises, phases, manifest, fired, held)

    def as_json(self) -> dict[str, Any]:
        """Return manifest and milestones as JSON knows them; what is not a number becomes null."""
        table: Any = self.milestones
        rows = json.loads(table.to_json(orient="records", double_precision=15))
        skipped = [{"id": p.id, "reason": p.reason} for p in self.promises if not p.measurable]
        fired: Any = self.triggers
        told = {"triggers": json.loads(fired.to_json(orient="records"))} if self.manifest["triggers"] else {}
        return {"run": self.manifest, "milestones": rows, "not_measurable": skipped, **told}

    # --- notebooks ----------------------------------------------------------------------------------------------------

    def _repr_html_(self) -> str:
        picture = b64encode(self.plot().png()).decode()
        table: Any = self.milestones
        shown = table.drop(columns=["evidence", "target_high"])
        number = "{:.3g}".format
        return (
            f"<h3>{html.escape(self.title)}</h3><p>{self.replicates} replicates, seed {self.manifest['seed']}. "
            f"{html.escape(milestones.summary(self.milestones))}.</p>"
            f"{shown.to_html(index=False, float_format=number, na_rep='', border=0)}"
            f'<img src="data:image/png;base64,{picture}" alt="timeline" style="max-width: 100%">'
        )
