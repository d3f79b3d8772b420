"""``shequ ablate``: which processes and couplings make the result."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from ..experiments.ablation import Ablation, ablate
from ..model import observables
from ..model.names import name_of, phrase
from .report import telling
from .tables import console, number

SHOWN = 3  # parts an observable


def ablation_report(scenario: str, of: Sequence[str], *, as_json: bool, out: Path, **settings: Any) -> None:
    """Run the ablation, keep it in the folder ``out``, and print what contributes most to each observable."""
    ablation = ablate(scenario, of=of, out=out, progress=telling(), **settings)
    if as_json:
        sys.stdout.write((out / "ablation.json").read_text(encoding="utf-8"))
        return
    screen = console()
    screen.print(_table(ablation))
    screen.print(
        phrase("with: last year's mean; contribution: with minus without, paired over replicates, 90 % interval")
    )
    kept = phrase("ablation.csv (all parts and observables), ablation.json, and a folder a run")
    screen.print(f"\n{out}/: {kept}", soft_wrap=True)


def _table(ablation: Ablation) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), title=ablation.title, title_justify="left")
    table.add_column(phrase("observable"), ratio=3)
    table.add_column(phrase("with"), justify="right", no_wrap=True)
    table.add_column(phrase("contributed by"), no_wrap=True)
    table.add_column(phrase("contribution"), justify="right", no_wrap=True)
    for name, observable in observables.catalogue().items():
        best: Any = ablation.top(name, SHOWN)
        rows: list[dict[str, Any]] = best.to_dict("records")
        for index, row in enumerate(rows):
            low, high = (number(row[end], observable.unit) for end in ("low", "high"))
            interval = phrase("{low} to {high}", low=low, high=high)
            effect = f"{number(row['contribution'], observable.unit)} ({interval})"
            label = name_of("observables", name, observable.label) if index == 0 else ""
            level = number(row["with"], observable.unit) if index == 0 else ""
            section = "processes" if row["kind"] == "process" else "couplings"
            table.add_row(label, level, name_of(section, row["part"], row["part"]), effect)
        if rows:
            table.add_section()
    return table
