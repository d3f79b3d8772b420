"""``shequ patterns``: what the whole model should show, and whether it does."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from ..experiments.patterns import OPEN, Lives, Pattern, Statement, find
from ..model.names import phrase
from .tables import console

PLURAL = {"holds": "{n} hold", "does not hold": "{n} do not hold", "cannot be shown": "{n} cannot be shown"}
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
            "group": s.group or None,
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
        head = Text.assemble((f"{pattern.number}", "bold"), f"  {pattern.said}  ", (pattern.where, "dim"))
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column(phrase("statement"), overflow="fold")
        for column in (phrase("expected"), phrase("got")):
            table.add_column(column, justify="right", no_wrap=True)
        table.add_column(phrase("source"), no_wrap=True)
        table.add_column(phrase("verdict"), no_wrap=True)
        for s in statements:
            count[s.verdict] += 1
            got = "-" if s.got is None else f"{s.got:.3g}"
            table.add_row(s.said, _interval(s), got, s.source, Text(phrase(s.verdict), STYLE[s.verdict]))
        screen.print(head, soft_wrap=True)
        screen.print(table)
    told = phrase(", ").join(phrase(PLURAL[verdict], n=n) for verdict, n in count.items() if n)
    facts = {"n": sum(count.values()), "told": told, "seed": lives.seed}
    screen.print(phrase("{n} statements: {told}. One run of each scenario, seed {seed}.", **facts))


def _interval(s: Statement) -> str:
    if s.low == -OPEN:
        return phrase("at most {value}", value=f"{s.high:.3g}")
    if s.high == OPEN:
        return phrase("at least {value}", value=f"{s.low:.3g}")
    return phrase("{low} to {high}", low=f"{s.low:.3g}", high=f"{s.high:.3g}")
