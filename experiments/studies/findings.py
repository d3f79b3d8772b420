"""What a sensitivity study found: tables of indices by observable, date and factor, and their pictures, in a folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd  # pyright: ignore[reportMissingTypeStubs]

from ...model.names import phrase
from ..publishing import rows_of, write_table
from ..store import StoreError, write_bytes, write_json
from .records import Records
from .sensitivity import COLUMNS, LEVEL, RANKED, SLOW, Sensitivity

MANIFEST = "sensitivity.json"
FOLDER = "sensitivity"
STEPS = ["observable", "n", "factor", "index", "conf"]


@dataclass(frozen=True)
class Findings:
    """Indices of a study by ``method``.

    ``indices`` has one row an observable, date and factor (or group of factors): ``rank`` among the factors on that
    date, then the columns of the method (:data:`.sensitivity.COLUMNS`), each index with the half-width of its 95 %
    interval. ``converging`` has the ranked index at the last date from the first n blocks, n doubling; ``second_order``
    the indices of pairs at the last date. ``left_out`` counts runs that failed, with those of their blocks.
    """

    method: str
    scenario: str
    group: str
    runs: int
    left_out: Mapping[str, int]
    indices: pd.DataFrame
    converging: pd.DataFrame
    second_order: pd.DataFrame

    @property
    def ranked(self) -> str:
        """Name of the index by which factors are ranked."""
        return RANKED[self.method]

    @property
    def interval(self) -> str:
        """Column of its half-width, empty if the method gives none."""
        return COLUMNS[self.method][self.ranked]

    @property
    def observables(self) -> list[str]:
        """Observables in the order of the table."""
        table: Any = self.indices
        return list(dict.fromkeys(table["observable"]))

    @property
    def last(self) -> Any:
        """Indices at the last date."""
        table: Any = self.indices
        return table[table["date"] == table["date"].max()]

    @property
    def leading(self) -> list[str]:
        """Factors by the largest index that they have for any observable at the last date."""
        table: Any = self.last
        return list(table.groupby("factor")[self.ranked].max().sort_values(ascending=False, kind="stable").index)

    @property
    def widest(self) -> float:
        """Half-width of the widest interval of the ranked index at the last date; not a number without intervals."""
        table: Any = self.last
        return float(table[self.interval].max()) if self.interval else float("nan")

    def save(self, folder: Path) -> None:
        """Write tables (CSV, Markdown, LaTeX), pictures and the manifest; same findings, same bytes."""
        from . import sensitivity_plots  # noqa: PLC0415  draws what this module defines

        folder.mkdir(parents=True, exist_ok=True)
        facts = {"method": self.method, "scenario": self.scenario, "n": self.runs, "level": f"{LEVEL:.0%}"}
        told = phrase(
            "Sensitivity of {scenario} by {method}, {n} runs; _conf: half-width of the {level} interval.", **facts
        )
        write_table(folder / "indices", self.indices, told, {})
        if len(self.second_order):
            write_table(folder / "second_order", self.second_order, told, {})
        if len(self.converging):
            write_table(folder / "converging", self.converging, told, {})
        for picture in (sensitivity_plots.bars, sensitivity_plots.through_time, sensitivity_plots.converging):
            figure = picture(self)
            if figure is not None:
                write_bytes(folder / f"{picture.__name__}.png", figure.png())
        write_json(folder / MANIFEST, self.as_json(rows=False))

    def as_json(self, *, rows: bool = True) -> dict[str, Any]:
        """What was found as JSON knows it, with every row of the tables unless they are left out."""
        told: dict[str, Any] = {
            "method": self.method,
            "scenario": self.scenario,
            "group": self.group,
            "runs": self.runs,
            "left_out": dict(self.left_out),
            "level": LEVEL,
            "widest_half_width": None if self.widest != self.widest else self.widest,
        }
        if rows:
            told |= {"rows": rows_of(self.indices), "second_order": rows_of(self.second_order)}
            told |= {"converging": rows_of(self.converging)}
        return told


def findings(
    records: Records,
    method: str,
    *,
    observables: Sequence[str] = (),
    group: str = "all",
    last_only: bool = False,
) -> Findings:
    """Indices of ``observables`` (default: all that are kept) at all dates, or at the last; raises StoreError."""
    found = Sensitivity(records, method)
    names = list(observables) or list(records.frozen["observables"])
    tables: list[Any] = []
    converging: list[Any] = []
    pairs: list[Any] = []
    left_out: dict[str, int] = {}
    for name in names:
        frame: Any = found.outcomes(name, group)
        weeks = [int(week) for week in frame.columns]
        for week in weeks[-1:] if last_only or method in SLOW else weeks:
            values = frame[week].to_numpy(float)
            table, dropped = found.indices(values)
            whole: Any = table
            rank = whole[RANKED[method]].rank(ascending=False, method="first").astype(int)
            day = records.calendar.last_day(week).isoformat()
            tables.append(whole.assign(observable=name, date=day, rank=rank).sort_values("rank"))
            left_out[name] = max(dropped, left_out.get(name, 0))
        last = frame[weeks[-1]].to_numpy(float)
        if method not in SLOW and not last_only:
            steps: Any = found.converging(last)
            converging.append(steps.assign(observable=name))
        second: Any = found.second_order(last)
        pairs.append(second.assign(observable=name))
    if not tables:
        message = f"{records.folder.path} keeps no observables"
        raise StoreError(message)
    columns = [column for pair in COLUMNS[method].items() for column in pair if column]
    indices: Any = pd.concat(tables, ignore_index=True)
    grown: Any = pd.concat(converging, ignore_index=True) if converging else pd.DataFrame(columns=STEPS)
    second = pd.concat(pairs, ignore_index=True)
    scenarios = [entry["name"] for entry in records.frozen["scenarios"]]
    return Findings(
        method,
        ", ".join(scenarios),
        group,
        int(records.frozen["runs"]),
        left_out,
        indices[["observable", "date", "rank", "factor", *columns]],
        grown[STEPS],
        second[["observable", "first", "second", "S2", "S2_conf"]],
    )


def day_of(text: str) -> date:
    """Day of a row."""
    return date.fromisoformat(text)
