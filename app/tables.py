"""Tables for the terminal; readable at 100 columns."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..experiments.milestones import NONE_OF_THESE
from ..model.names import group_of, language, phrase, unit_of

HALF = 0.5
MONTH = len("2024-07")
BARE = {"share", "event", "ratio"}  # units that go without saying
SHORT = {"1/year": "/yr", "1/month": "/mo"}
# What stays whole when a Chinese line is broken: a word of Latin letters, or one character; marks that open or close
# stay with it.
PARTS = re.compile(r"[“（]*(?:[!-~]+|\s+|[^!-~\s])[，。；：、）”！？]*")
WIDTH = 100  # columns where no terminal says how many it has


def console(*, stderr: bool = False) -> Console:
    """Return a console that prints names and paths as they are."""
    shown = Console(stderr=stderr, highlight=False, markup=False)
    if not shown.is_terminal:
        shown.width = WIDTH
    return shown


def flowing(text: str, width: int) -> str:
    """``text`` broken at ``width`` columns if it is Chinese, which may break between any two characters.

    Rich breaks at spaces alone. Latin words and numbers stay whole, and no line begins with a mark that closes.
    """
    if language() == "en":
        return text
    lines, line = list[str](), ""
    for part in PARTS.findall(text):
        if line and cell_len(line + part.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += part if line else part.lstrip() if lines else part
    return "\n".join([*lines, line])


def plain(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table of texts."""
    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=index == 0, style="bold" if index == 0 else "")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def number(value: float, unit: str) -> str:
    """Return a value as people write it: shares in percent, large numbers without digits after the point."""
    if value != value:  # noqa: PLR0124  not-a-number
        return "-"
    if unit == "share":
        return f"{100.0 * value:.0f} %"
    digits = _digits(abs(value)) + 1 if value % 1.0 else 0
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text


def milestones(rows: Sequence[dict[str, Any]], labels: Mapping[str, str], means: Mapping[str, str] | None) -> Table:
    """Return the milestone table, promises of one date together.

    ``labels`` name observables, ``means`` what may hold a promise back; None: nobody has looked for it.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), expand=True)
    table.add_column(phrase("milestone"), ratio=3, overflow="fold")
    for header in (phrase("promise"), phrase("median (90 %)"), phrase("runs"), phrase("half in"), phrase("late")):
        table.add_column(header, justify="right", no_wrap=True)
    if means is not None:
        table.add_column(phrase("held back by"), ratio=2, overflow="fold")
    day = None
    for row in sorted(rows, key=lambda entry: str(entry["by"])):
        if row["by"] != day:
            if day is not None:
                table.add_section()
            day = row["by"]
            table.add_row(Text(phrase("by {day}", day=day), style="bold"))
        table.add_row(*_milestone(row, labels, means))
    return table


def _milestone(row: dict[str, Any], labels: Mapping[str, str], means: Mapping[str, str] | None) -> list[Text]:
    share = float(row["attained_share"])
    group = "" if row["group"] == "all" else f", {group_of(str(row['group']))}"
    judged = share == share  # noqa: PLR0124  not-a-number before its date
    kept = judged and share >= HALF
    colour = "green" if kept else "red"
    weeks = float(row["weeks_late"])
    late = phrase("in time") if kept else phrase("never")
    if not judged or (not kept and weeks == weeks):  # noqa: PLR0124
        late = phrase("{weeks} wk", weeks=f"{weeks:.0f}") if judged else "-"
    half = str(row["half_attain"])
    return [
        Text(f"{labels.get(str(row['observable']), str(row['observable']))}{group}"),
        Text(_promise(row)),
        Text(_spread(row)),
        Text(f"{100.0 * share:.0f} %" if judged else "-", style=colour if judged else ""),
        Text("-" if half.startswith("not") else half[:MONTH]),
        Text(late, style=colour if judged else ""),
        *([] if means is None else [Text(_held_back(row, means), style="dim")]),
    ]


def _held_back(row: dict[str, Any], means: Mapping[str, str]) -> str:
    """Say what holds a promise back: the lack of what was relaxed with most gain."""
    name = str(row["held_back_by"])
    if not name:
        return ""
    if name == NONE_OF_THESE:
        return phrase("none of these")
    return phrase("lack of: {means} ({share} %)", means=means[name], share=f"{100.0 * float(row['closed']):.0f}")


def _promise(row: dict[str, Any]) -> str:
    unit = str(row["unit"])
    short = SHORT[unit] if unit in SHORT and language() == "en" else f" {unit_of(unit)}"
    short = "" if unit in BARE else short
    target = number(float(row["target"]), unit)
    if row["direction"] == "between":
        target = target.removesuffix(" %")
        return phrase("{low} to {high}", low=target, high=number(float(row["target_high"]), unit)) + short
    return f"{'≥' if row['direction'] == 'at_least' else '≤'} {target}{short}"


def _spread(row: dict[str, Any]) -> str:
    low, middle, high = (float(row[key]) for key in ("low90", "median", "high90"))
    if middle != middle:  # noqa: PLR0124  not-a-number
        return "-"
    if row["unit"] == "share":
        interval = phrase("{low} to {high}", low=f"{100.0 * low:.0f}", high=f"{100.0 * high:.0f}")
        return f"{100.0 * middle:.0f} ({interval}) %"
    digits = _digits(max(abs(low), abs(high)))
    interval = phrase("{low} to {high}", low=f"{low:,.{digits}f}", high=f"{high:,.{digits}f}")
    return f"{middle:,.{digits}f} ({interval})"


def _digits(value: float) -> int:
    """Digits after the point that a value of this size needs."""
    return 0 if value >= 10.0 else 1 if value >= 1.0 else 2
