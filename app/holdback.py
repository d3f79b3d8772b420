"""``shequ holdback``: what held milestones back."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from ..experiments.holdback import Holdback, hold_back
from ..model.names import phrase
from .report import meanings, report, telling
from .tables import console, flowing, number

SHOWN = 3  # relaxations a promise


def holdback_report(scenario: str, of: Sequence[str], *, as_json: bool, out: Path, **settings: Any) -> None:
    """Relax one means after the other, keep all runs in the folder ``out``, and print what each promise gains."""
    told = console(stderr=True)
    found = hold_back(scenario, of=of, out=out, progress=telling(), announce=told.print, **settings)
    if as_json:
        sys.stdout.write((out / "holdback.json").read_text(encoding="utf-8"))
        return
    report(found.plan, out / "plan", as_json=False)
    screen = console()
    screen.print()
    if len(found.frame):
        screen.print(_table(found))
        told = (
            phrase("gain: towards the promise, paired over replicates; 90 % interval for all means together."),
            phrase("closes: share of what was missing on the date. Bold: binding, the surest and largest gain."),
        )
        for line in told:
            screen.print(flowing(line, screen.width))
    else:
        screen.print(phrase("No promise is broken, so nothing held any back."))
    for name in found.idle:
        screen.print(phrase("nothing to relax in this plan: {name} ({title})", name=name, title=meanings()[name]))
    kept = phrase("holdback.csv (all means and promises), holdback.json, a folder a run")
    screen.print(f"\n{out}/: {kept}", soft_wrap=True)


def _table(found: Holdback) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), expand=True)
    table.add_column(phrase("milestone"), no_wrap=True)
    table.add_column(phrase("missing"), justify="right", no_wrap=True)
    table.add_column(phrase("relaxed"), ratio=1)
    table.add_column(phrase("gain (90 %)"), justify="right", no_wrap=True)
    table.add_column(phrase("closes"), justify="right", no_wrap=True)
    judged: Any = found.plan.milestones
    units: dict[str, str] = dict(zip(judged["id"], judged["unit"], strict=True))
    frame: Any = found.frame
    for promise, mine in frame.groupby("id", sort=False):
        unit, sure = units[str(promise)], mine[mine["low"] > 0.0].sort_values("gain", ascending=False)
        rows: list[dict[str, Any]] = sure.head(SHOWN).to_dict("records")
        missing = number(float(mine["gap"].iloc[0]), unit)
        if not rows:
            table.add_row(str(promise), missing, Text(phrase("none of these"), style="dim"), "", "")
        for index, row in enumerate(rows):
            low, high = (number(float(row[end]), unit) for end in ("low", "high"))
            cells = [str(promise), missing] if index == 0 else ["", ""]
            name = Text(meanings()[str(row["relaxation"])], style="bold" if row["binding"] else "")
            gain = f"{number(float(row['gain']), unit)} ({phrase('{low} to {high}', low=low, high=high)})"
            table.add_row(*cells, name, gain, f"{100.0 * float(row['closed']):.0f} %")
        table.add_section()
    return table
