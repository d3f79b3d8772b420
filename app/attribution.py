"""``shequ attribute``: which parts of a plan carry its effect."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from ..experiments.attribution import MANIFEST, WHOLE, Attribution, attribute, shown
from ..experiments.comparison import LEVEL, POINTS, label_of, unit_words
from ..experiments.pool import RunError
from ..model.names import phrase
from .report import folder_for, telling
from .tables import console, flowing


def attribution_report(
    scenario: str, *, groups: Sequence[str], out: Path | None, as_json: bool, **settings: Any
) -> None:
    """Attribute, write everything into ``out`` (default: a folder under results/), and print a table an observable."""
    found = attribute(scenario, groups=groups_of(groups), progress=telling(), **settings)
    folder = out or folder_for("attribution", Path(scenario).stem.replace(":", "-"), found.manifest)
    found.save(folder)
    if as_json:
        sys.stdout.write(json.dumps(found.as_json(), indent=1, ensure_ascii=False) + "\n")
        return
    screen = console()
    for name, rows in shown(found):
        screen.print(_table(found, name, rows))
    told = phrase(
        "shapley: mean gain as a part joins the others, over sampled orders, and its {level} interval over {n} "
        "replicates ({runs} runs). The parts add up to the whole. lost: what goes when the part alone is left out. "
        "CNY 1,000: money that goes with the part. Items that wait for one left out begin when they would in the whole "
        "plan.",
        level=f"{LEVEL:.0%}",
        n=found.manifest["replicates"],
        runs=found.manifest["runs"],
    )
    screen.print(flowing(told, screen.width))
    for name, keys in found.parts.items():
        if keys != (name,):
            screen.print(phrase("  {part}: {items}", part=found.called(name), items=", ".join(keys)))
    kept = phrase("attribution (.csv, .md, .tex), a picture an observable, {manifest}", manifest=MANIFEST)
    screen.print(f"\n{folder}/: {kept}", soft_wrap=True)


def groups_of(given: Sequence[str]) -> Mapping[str, list[str]]:
    """Groups from the command line, each as NAME=ITEM,ITEM."""
    groups: dict[str, list[str]] = {}
    for text in given:
        name, equals, keys = text.partition("=")
        if not (name and equals and keys):
            message = f"{text!r} names no group; write it as heads=head_training_three_tier,head_support"
            raise RunError(message)
        if name in groups:
            message = f"the group {name!r} is given twice; write all its items after one `--group {name}=`"
            raise RunError(message)
        groups[name] = [key.strip() for key in keys.split(",")]
    return groups


def _table(found: Attribution, name: str, rows: Sequence[dict[str, Any]]) -> Table:
    unit = rows[0]["unit"]
    scale = POINTS if unit == "share" else 1.0
    title = phrase(
        "{plan}: {observable} on {date}, {unit}",
        plan=found.title,
        observable=label_of(name),
        date=found.day,
        unit=unit_words(name),
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), title=title, title_justify="left")
    table.add_column(phrase("part"), ratio=2)
    measures = (phrase("shapley"), phrase("interval"), phrase("share"), phrase("lost"))
    for header in (*measures, phrase("CNY 1,000"), phrase("CNY a unit")):
        table.add_column(header, justify="right", no_wrap=True)
    for row in rows:
        if row["part"] == WHOLE:
            table.add_section()
        low, high = (_signed(scale * row[end], 1) for end in ("low", "high"))
        table.add_row(
            found.called(row["part"]),
            _signed(scale * row["shapley"], 1),
            phrase("{low} to {high}", low=low, high=high),
            _known(round(row["share"], 2) + 0.0, "{:.0%}"),
            _signed(scale * row["lost"], 1),
            _signed(row["cost"] / 1000.0, 0),
            _known(row["per_unit"], "{:,.0f}"),
        )
    return table


def _signed(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:+,.{digits}f}"  # no minus before a zero


def _known(value: float, form: str) -> str:
    return "-" if value != value else form.format(value)  # noqa: PLR0124  not-a-number
