"""``shequ verify``: the checks of the theory page, each with what was expected and what came out."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from .. import verification
from ..verification.check import Check, CheckError, Report, Row
from .tables import console

FAMILIES = "PQHRFCANDSMELXG"
STYLE = {"holds": "green", "fails": "bold red", "void": "yellow"}


def verify(ids: Sequence[str], options: Sequence[str], *, study: bool, as_json: bool) -> bool:
    """Run checks, print them, and return whether all hold. ``options`` are free numbers, as ``--c 7``."""
    checks = [verification.find(id) for id in ids] or sorted(verification.catalogue.values(), key=_place)
    numbers = _numbers(options)
    if numbers and len(ids) != 1:
        message = "numbers belong to one check: `shequ verify Q2 --c 7 --a 5.5`"
        raise CheckError(message)
    reports = [checks[0](**numbers)] if numbers else _run(checks, study=study)
    return _as_json(reports) if as_json else _as_table(reports)


def _place(check: Check) -> tuple[int, int]:
    """Place of a check: submodels in the order of the theory page, then by number."""
    return FAMILIES.index(check.id[0]), int(check.id[1:])


def _run(checks: Iterable[Check], *, study: bool) -> Iterator[Report]:
    for check in checks:
        yield from check.reports(study=study)


def _numbers(options: Sequence[str]) -> dict[str, int | float]:
    found: dict[str, int | float] = {}
    words = [part for option in options for part in option.split("=", 1)]
    for name, value in zip(words[::2], words[1::2], strict=False):
        try:
            found[name.removeprefix("--")] = int(value) if value.lstrip("+-").isdigit() else float(value)
        except ValueError:
            break
    if not all(name.startswith("--") for name in words[::2]) or len(found) * 2 != len(words):
        message = f"cannot read {' '.join(options)!r}; write numbers as --c 7 --a 5.5"
        raise CheckError(message)
    return found


def _as_json(reports: Iterable[Report]) -> bool:
    rows = [
        {
            "id": report.check,
            "title": report.title,
            "numbers": dict(report.numbers),
            "seconds": round(report.seconds, 3),
        }
        | {"rows": [asdict(row) | {"verdict": row.verdict} for row in report.rows], "verdict": report.verdict}
        for report in reports
    ]
    sys.stdout.write(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    return all(row["verdict"] == "holds" for row in rows)


def _as_table(reports: Iterable[Report]) -> bool:
    """Print every report as soon as it is there."""
    out = console()
    count = dict.fromkeys(STYLE, 0)
    ids: set[str] = set()
    for report in reports:
        ids.add(report.check)
        count[report.verdict] += 1
        numbers = " ".join(f"{name}={value:g}" for name, value in report.numbers.items())
        out.print(Text.assemble((report.check, "bold"), f"  {report.title}  ", (numbers, "dim")), soft_wrap=True)
        out.print(_table(report.rows))
        out.print(Text(f"  {report.verdict}, {report.seconds:.2f} s\n", STYLE[report.verdict]))
    told = ", ".join(f"{number} {verdict}" for verdict, number in count.items() if number)
    out.print(f"{len(ids)} checks, {sum(count.values())} cases: {told or 'none'}.")
    return count["holds"] == sum(count.values())


def _table(rows: Iterable[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("quantity", no_wrap=True)
    for header in ("expected", "got", "tolerance", "standard error"):
        table.add_column(header, justify="right", no_wrap=True)
    table.add_column("verdict")
    for row in rows:
        error = "-" if row.error is None else _digits(row.error)
        cells: list[Any] = [row.quantity, _digits(row.expected), _digits(row.got), _digits(row.tolerance), error]
        table.add_row(*cells, Text(row.verdict, STYLE[row.verdict]))
    return table


def _digits(value: float) -> str:
    return f"{value:.7g}"
