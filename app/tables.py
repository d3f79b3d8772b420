"""Tables for the terminal; readable at 100 columns."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

HALF = 0.5
WIDTH = 100  # columns where no terminal says how many it has
WORTH_NAMING = 0.005  # shortfalls that would be printed as 0 % are left out


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
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def milestones(rows: Sequence[dict[str, Any]], labels: dict[str, str]) -> Table:
    """Return the milestone table, promises of one date together."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("milestone", overflow="fold", ratio=1)
    for header in ("promise", "median", "90 % interval", "runs", "half by", "late"):
        table.add_column(header, justify="right", no_wrap=True)
    table.add_column("held back by", overflow="fold", max_width=18)
    day = None
    for row in sorted(rows, key=lambda entry: str(entry["by"])):
        if row["by"] != day:
            if day is not None:
                table.add_section()
            day = row["by"]
            table.add_row(Text(f"by {day}", style="bold"))
        table.add_row(*_milestone(row, labels))
    return table


def _milestone(row: dict[str, Any], labels: dict[str, str]) -> list[Text]:
    unit, share = str(row["unit"]), float(row["attained_share"])
    group = "" if row["group"] == "all" else f", {str(row['group']).replace('_', ' ')}"
    judged = share == share  # noqa: PLR0124  not-a-number before its date
    kept = judged and share >= HALF
    colour = "green" if kept else "red"
    weeks = float(row["weeks_late"])
    late = "-" if not judged else "in time" if kept else f"{weeks:.0f} wk" if weeks == weeks else "never"  # noqa: PLR0124
    held = str(row["held_back_by"])
    if held:
        gap = float(row["shortfall"])
        held = f"{held.replace('_', ' ')} ({100.0 * gap:.0f} %)" if gap >= WORTH_NAMING else ""
    half = str(row["half_attain"])
    return [
        Text(f"  {labels.get(str(row['observable']), str(row['observable']))}{group}"),
        Text(_promise(row)),
        Text(number(float(row["median"]), unit)),
        Text(_interval(row)),
        Text(f"{100.0 * share:.0f} %" if judged else "-", style=colour if judged else ""),
        Text("-" if half.startswith("not") else half),
        Text(late, style=colour if judged else ""),
        Text(held, style="dim"),
    ]


def _promise(row: dict[str, Any]) -> str:
    unit = str(row["unit"])
    short = {"share": "", "event": "", "1/year": "/yr", "1/month": "/mo"}.get(unit, f" {unit}")
    target = number(float(row["target"]), unit)
    if row["direction"] == "between":
        return f"{target} to {number(float(row['target_high']), unit)}{short}"
    return f"{'≥' if row['direction'] == 'at_least' else '≤'} {target}{short}"


def _interval(row: dict[str, Any]) -> str:
    low, high, unit = float(row["low90"]), float(row["high90"]), str(row["unit"])
    if low != low:  # noqa: PLR0124
        return "-"
    left = number(low, unit).removesuffix(" %") if unit == "share" else number(low, unit)
    return f"{left} to {number(high, unit)}"
