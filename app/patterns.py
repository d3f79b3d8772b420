"""``shequ patterns``: what the whole model should show, and whether it does."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from ..experiments.patterns import OPEN, Lives, Pattern, Statement, find
from .tables import console

PLURAL = {"holds": "hold", "does not hold": "do not hold", "cannot be shown": "cannot be shown"}
STYLE = {"holds": "green", "does not hold": "bold red", "cannot be shown": "yellow"}


def patterns(numbers: Sequence[int], lives: Lives, *, as_json: bool) -> None:
    """Look for the patterns ``numbers`` (none: all) and print what was found."""
    found = ((pattern, list(pattern.find(lives))) for pattern in find(numbers))
    if as_json:
        rows = [_plain(pattern, statements) for pattern, statements in found]
        sys.stdout.write(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
        return
    _print(found, lives)


def _plain(pattern: Pattern, statements: Iterable[Statement]) -> dict[str, Any]:
    rows = [
        {
            "statement": s.text,
            "got": s.got,
            "low": s.low if s.low > -OPEN else None,
            "high": s.high if s.high < OPEN else None,
            "source": s.source,
            "verdict": s.verdict,
        }
        for s in statements
    ]
    return {"pattern": pattern.number, "title": pattern.title, "where": pattern.where, "statements": rows}


def _print(found: Iterator[tuple[Pattern, list[Statement]]], lives: Lives) -> None:
    screen = console()
    count = dict.fromkeys(STYLE, 0)
    for pattern, statements in found:
        head = Text.assemble((f"{pattern.number}", "bold"), f"  {pattern.title}  ", (pattern.where, "dim"))
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("statement", overflow="fold")
        for column in ("expected", "got"):
            table.add_column(column, justify="right", no_wrap=True)
        table.add_column("source", no_wrap=True)
        table.add_column("verdict", no_wrap=True)
        for s in statements:
            count[s.verdict] += 1
            got = "-" if s.got is None else f"{s.got:.3g}"
            table.add_row(s.text, _interval(s), got, s.source, Text(s.verdict, STYLE[s.verdict]))
        screen.print(head, soft_wrap=True)
        screen.print(table)
    told = ", ".join(f"{n} {PLURAL[verdict]}" for verdict, n in count.items() if n)
    screen.print(f"{sum(count.values())} statements: {told}. One run of each scenario, seed {lives.seed}.")


def _interval(s: Statement) -> str:
    if s.low == -OPEN:
        return f"at most {s.high:.3g}"
    return f"at least {s.low:.3g}" if s.high == OPEN else f"{s.low:.3g} to {s.high:.3g}"
