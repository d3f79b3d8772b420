"""``shequ search``: what to do differently from the written plan, and how sure that is."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from ..experiments.runner import RESULTS
from ..experiments.studies import executors
from ..experiments.studies.searching import MANIFEST, WRITTEN, Better, carried_out, search_of
from ..experiments.studies.sensitivity_plots import called
from ..model.names import phrase
from .report import telling
from .tables import console, flowing

MILLION = 1e6


def search_report(
    scenario: str,
    *,
    out: Path | None,
    as_json: bool,
    workers: int | None = None,
    executor: str = executors.PROCESSES,
    force: bool = False,
    **settings: Any,
) -> None:
    """Search, write tables and the picture into the folder, and print the plans that no other beats."""
    search = search_of(scenario, **settings)
    names = Path(scenario).stem.replace(":", "-")
    folder = out or RESULTS / f"search-{names}-{search.seed}"
    found = carried_out(search, folder, workers=workers, executor=executor, force=force, progress=telling())
    found.save(folder)
    if as_json:
        sys.stdout.write(json.dumps(found.as_json(), indent=1, ensure_ascii=False) + "\n")
        return
    screen = console()
    screen.print(phrase("{plan}: better plans", plan=scenario))
    screen.print(_table(found))
    for line in _notes(found):
        screen.print(flowing(line, screen.width))
    told = phrase("plans (.csv, .md, .tex), front.png, a study a generation, {manifest}", manifest=MANIFEST)
    screen.print(f"\n{folder}/: {told}", soft_wrap=True)


def _table(found: Better) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(phrase("plan"), no_wrap=True)
    headers = (
        phrase("promises kept"),
        phrase("CNY million a year"),
        phrase("gap, pp"),
        phrase("kept in futures"),
        phrase("worst tenth"),
        phrase("more than written (95%)"),
    )
    for header in headers:
        table.add_column(header, justify="right")
    whole: Any = found.table
    for row in whole.to_dict("records"):
        name = phrase("as written") if row["plan"] == WRITTEN else row["plan"]
        sure = "-" if row["plan"] == WRITTEN else _between(row)
        cells = (f"{row['kept']:.0%}", f"{row['spent'] / MILLION:,.2f}", f"{100.0 * row['gap']:.1f}")
        table.add_row(name, *cells, f"{row['mean']:.0%}", f"{row['p10']:.0%}", sure)
    return table


def _between(row: dict[str, Any]) -> str:
    """How much more than the written plan is kept, and its interval."""
    gain, low, high = (_points(row[key]) for key in ("gain", "low", "high"))
    return f"{gain} ({low} .. {high})"


def _points(value: float) -> str:
    return f"{100.0 * value:+.1f}"


def _notes(found: Better) -> Iterator[str]:
    search = found.search
    yield phrase(
        "{tried} plans tried on {replicates} seeds each, {front} that no other beats; {futures} futures. Kept: share "
        "of promises; gap: of satisfaction between elders, the young and migrants.",
        tried=len(found.places),
        replicates=search.replicates,
        front=len(found.front),
        futures=search.futures,
    )
    for k, plan in enumerate(found.chosen):
        told = "; ".join(
            phrase("{name} {before} to {after}", name=called(one.name), before=f"{before:.3g}", after=f"{after:.3g}")
            for one, before, after in found.changes(plan)
        )
        yield phrase("{what}: {name}", what=chr(ord("A") + k), name=told or phrase("as written"))
