"""``shequ sensitivity``: which uncertain factors a result depends on."""

import json
import string
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from ..experiments.studies import functions
from ..experiments.studies.assessing import assess
from ..experiments.studies.factors import LUCK
from ..experiments.studies.findings import FOLDER, MANIFEST, Findings, findings
from ..experiments.studies.folder import STUDY
from ..experiments.studies.records import records
from ..experiments.studies.sensitivity import LEVEL
from ..experiments.studies.sensitivity_plots import called, label
from ..model.names import phrase
from .attribution import groups_of
from .report import telling
from .tables import console, flowing

SHOWN = 20  # factors
MOST_WITH_INTERVALS = 4  # observables: more columns have no room for them
PAIRS = 3  # second-order indices that are named


def sensitivity_report(
    scenario: str, method: str, n: int, *, group: Sequence[str], of: str, as_json: bool, **settings: Any
) -> None:
    """Do or read a study, write tables and pictures into its folder, and print what matters most."""
    if (Path(scenario) / STUDY).is_file():
        folder = Path(scenario)
        found = findings(records(folder), method, group=of, observables=settings["observables"])
    else:
        groups = groups_of(group)
        kept = ["all", of] if of != "all" else ["all"]
        found, folder = assess(scenario, method, n, groups=groups, kept_groups=kept, progress=telling(), **settings)
    place = folder / FOLDER / method
    found.save(place)
    if as_json:
        sys.stdout.write(json.dumps(found.as_json(), indent=1, ensure_ascii=False) + "\n")
        return
    screen = console()
    day = found.last["date"].iloc[0]
    screen.print(phrase("{scenario}: {index} on {date}", scenario=found.scenario, index=found.ranked, date=day))
    screen.print(_table(found))
    for line in _notes(found):
        screen.print(flowing(line, screen.width))
    told = phrase("indices, converging (.csv, .md, .tex), pictures, {manifest}", manifest=MANIFEST)
    screen.print(f"\n{place}/: {told}", soft_wrap=True)


def _table(found: Findings) -> Table:
    """One row a factor, one column an observable: the ranked index at the last date, in hundredths."""
    rows: list[dict[str, Any]] = found.last.to_dict("records")
    at = {(row["factor"], row["observable"]): row for row in rows}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(phrase("factor"), ratio=3)
    for letter in string.ascii_uppercase[: len(found.observables)]:
        table.add_column(letter, justify="right", no_wrap=True)
    for factor in found.leading[:SHOWN]:
        table.add_row(called(factor), *(_cell(found, at[factor, name]) for name in found.observables))
    return table


def _cell(found: Findings, row: dict[str, Any]) -> str:
    """An index with its half-width, empty where the interval holds zero."""
    value, half = row[found.ranked], row[found.interval] if found.interval else 0.0
    if value - half <= 0.0:
        return "."
    whole = found.interval and len(found.observables) <= MOST_WITH_INTERVALS
    return f"{value:.2f}±{half:.2f}" if whole else f"{value:.2f}"


def _notes(found: Findings) -> Iterator[str]:
    letters = zip(string.ascii_uppercase, found.observables, strict=False)
    yield "; ".join(f"{letter} {label(name)}" for letter, name in letters)
    if found.interval:
        yield phrase(
            "±: half of the {level} interval by bootstrap. A dot: the interval holds zero.", level=f"{LEVEL:.0%}"
        )
    if LUCK in found.leading and found.method == "sobol":
        yield phrase("luck of the run: share of variance that its seed has, alone or with other factors.")
    dropped = max(found.left_out.values(), default=0)
    if dropped:
        yield phrase(
            "{dropped} of {n} runs are left out: failed, or in one block of the design with such a run.",
            dropped=dropped,
            n=found.runs,
        )
    pairs: Any = found.second_order
    for name in found.observables if len(pairs) else ():
        best = pairs[pairs["observable"] == name].head(PAIRS)
        told = ", ".join(
            f"{called(row['first'])} x {called(row['second'])} {row['S2']:.2f}±{row['S2_conf']:.2f}"
            for row in best.to_dict("records")
        )
        yield phrase("largest pairs for {observable}: {pairs}", observable=label(name), pairs=told)
    if found.scenario in functions.FUNCTIONS and found.method == "sobol":
        yield from _exact(found)


def _exact(found: Findings) -> Iterator[str]:
    """Closed forms of a textbook function, beside what the study gave."""
    first, total = functions.exact(found.scenario)
    table: Any = found.last.set_index("factor")
    for name, value in total.items():
        row = table.loc[name]
        told = {"name": name, "S1": f"{first[name]:.3f}", "ST": f"{value:.3f}"}
        mine = {"s1": f"{row['S1']:.3f}", "st": f"{row['ST']:.3f}"}
        yield phrase("{name}: exact S1 {S1}, ST {ST}; here {s1}, {st}", **told, **mine)
