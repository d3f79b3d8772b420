"""Tables for the terminal; readable at 100 columns."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..experiments.milestones import NONE_OF_THESE

HALF = 0.5
MONTH = len("2024-07")
WIDTH = 100  # columns where no terminal says how many it has


def console(*, stderr: bool = False) -> Console:
    """Return a console that prints names and paths as they are."""
    shown = Console(stderr=stderr, highlight=False, markup=False)
    if not shown.is_terminal:
        shown.width = WIDTH
    return shown


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
    table.add_column("milestone", ratio=3)
    for header in ("promise", "median (90 %)", "runs", "half in", "late"):
        table.add_column(header, justify="right", no_wrap=True)
    if means is not None:
        table.add_column("held back by", ratio=2)
    day = None
    for row in sorted(rows, key=lambda entry: str(entry["by"])):
        if row["by"] != day:
            if day is not None:
                table.add_section()
            day = row["by"]
            table.add_row(Text(f"by {day}", style="bold"))
        table.add_row(*_milestone(row, labels, means))
    return table


def _milestone(row: dict[str, Any], labels: Mapping[str, str], means: Mapping[str, str] | None) -> list[Text]:
    share = float(row["attained_share"])
    group = "" if row["group"] == "all" else f", {str(row['group']).replace('_', ' ')}"
    judged = share == share  # noqa: PLR0124  not-a-number before its date
    kept = judged and share >= HALF
    colour = "green" if kept else "red"
    weeks = float(row["weeks_late"])
    late = "-" if not judged else "in time" if kept else f"{weeks:.0f} wk" if weeks == weeks else "never"  # noqa: PLR0124
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
        return "none of these"
    return f"lack of: {means[name]} ({100.0 * float(row['closed']):.0f} %)"


def _promise(row: dict[str, Any]) -> str:
    unit = str(row["unit"])
    short = {"share": "", "event": "", "ratio": "", "1/year": "/yr", "1/month": "/mo"}.get(unit, f" {unit}")
    target = number(float(row["target"]), unit)
    if row["direction"] == "between":
        target = target.removesuffix(" %")
        return f"{target} to {number(float(row['target_high']), unit)}{short}"
    return f"{'≥' if row['direction'] == 'at_least' else '≤'} {target}{short}"


def _spread(row: dict[str, Any]) -> str:
    low, middle, high = (float(row[key]) for key in ("low90", "median", "high90"))
    if middle != middle:  # noqa: PLR0124  not-a-number
        return "-"
    if row["unit"] == "share":
        return f"{100.0 * middle:.0f} ({100.0 * low:.0f} to {100.0 * high:.0f}) %"
    digits = _digits(max(abs(low), abs(high)))
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def _digits(value: float) -> int:
    """Digits after the point that a value of this size needs."""
    return 0 if value >= 10.0 else 1 if value >= 1.0 else 2
