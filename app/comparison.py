"""``shequ compare``: what the terminal shows of plans side by side."""

import json
import string
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from ..experiments.comparison import (
    COST,
    LEVEL,
    MANIFEST,
    POINTS,
    SIGNIFICANT,
    SIGNS,
    Comparison,
    compare,
    label_of,
    unit_words,
)
from ..model.names import group_of, phrase, unit_of
from .report import folder_for, telling
from .tables import console, flowing, number

GAPS = 5  # gaps between groups that are named
PICTURES = "ladder.png, paths.png, archetypes.png, equity.png"


def comparison_report(scenarios: Sequence[str], *, out: Path | None, as_json: bool, **settings: Any) -> None:
    """Compare, write everything into ``out`` (default: a folder under results/), and print."""
    found = compare(scenarios, progress=telling(), **settings)
    names = "-".join(Path(name).stem.replace(":", "-") for name in scenarios)
    folder = out or folder_for("compare", names, found.manifest)
    found.save(folder)
    if as_json:
        sys.stdout.write(json.dumps(found.as_json(), indent=1, ensure_ascii=False) + "\n")
        return
    screen = console()
    screen.print(_several(found) if len(found.plans) > 1 else _one(found))
    for line in _notes(found):
        screen.print(flowing(line, screen.width))
    tables = phrase("comparison and groups (.csv, .md, .tex)")
    screen.print(f"\n{folder}/: {tables}, {PICTURES}, {MANIFEST}", soft_wrap=True)


def _several(found: Comparison) -> Table:
    """One column a plan, under a letter: differences at the last date."""
    rows = _last(found)
    base = found.called(found.baseline)
    table = _table(phrase("{date}: differences from {baseline}", date=found.dates[-1], baseline=base))
    table.add_column(phrase("observable"), ratio=3)
    table.add_column(phrase("baseline"), justify="right", no_wrap=True)
    for letter in string.ascii_uppercase[: len(found.plans)]:
        table.add_column(letter, justify="right", no_wrap=True)
    for name in dict.fromkeys(row["observable"] for row in rows):
        mine = {row["plan"]: row for row in rows if row["observable"] == name}
        first = next(iter(mine.values()))
        cells = [_difference(mine[plan]) for plan in found.plans]
        table.add_row(_label(first), number(first["baseline"], first["unit"]), *cells)
    table.add_section()
    costs = {row["plan"]: row["cost"] for row in rows}
    table.add_row(phrase("spent beyond it, CNY 1,000"), "", *(f"{costs[plan] / 1000.0:+,.0f}" for plan in found.plans))
    return table


def _one(found: Comparison) -> Table:
    """One plan against the baseline, in detail."""
    plan, base = found.called(found.plans[0]), found.called(found.baseline)
    title = phrase("{date}: {plan} against {baseline}", date=found.dates[-1], plan=plan, baseline=base)
    table = _table(title)
    table.add_column(phrase("observable"), ratio=3)
    level = phrase("{level} interval", level=f"{LEVEL:.0%}")
    for header in (phrase("baseline"), phrase("difference"), level, phrase("better in"), phrase("CNY a unit")):
        table.add_column(header, justify="right", no_wrap=True)
    for row in _last(found):
        scale = POINTS if row["unit"] == "share" else 1.0
        interval = phrase("{low} to {high}", low=_signed(scale * row["low"]), high=_signed(scale * row["high"]))
        better = number(row["share_better"], "share")
        cells = (
            number(row["baseline"], row["unit"]),
            _difference(row),
            interval,
            better,
            _price(row["per_unit"]),
        )
        table.add_row(_label(row), *cells)
    return table


def _table(title: str) -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), title=title, title_justify="left")


def _last(found: Comparison) -> list[dict[str, Any]]:
    table: Any = found.table
    return table[table["date"] == found.dates[-1].isoformat()].to_dict("records")


def _label(row: dict[str, Any]) -> str:
    unit = "" if row["unit"] == "share" else phrase(", {unit}", unit=unit_of(row["unit"]))
    return label_of(row["observable"]) + unit


def _both(found: Comparison, plan: str) -> str:
    """Title of a plan, behind it the name by which it was asked for."""
    title = found.called(plan)
    return plan if title == plan else phrase("{title} ({name})", title=title, name=plan)


def _difference(row: dict[str, Any]) -> Text:
    """Difference with a star where it holds, green for better and red for worse."""
    holds = row["p_holm"] < SIGNIFICANT
    towards = SIGNS[row["better"] or None] * row["difference"]
    style = "" if not holds or not towards else "green" if towards > 0 else "red"
    scale = POINTS if row["unit"] == "share" else 1.0
    return Text(f"{_signed(scale * row['difference'])}{'*' if holds else ' '}", style=style)


def _price(value: float) -> str:
    return "-" if value != value else f"{value:,.0f}"  # noqa: PLR0124  not-a-number


def _signed(value: float) -> str:
    if value != value:  # noqa: PLR0124  not-a-number
        return "-"
    rounded = round(value, 0 if abs(value) >= POINTS else 1) + 0.0  # no minus before a zero
    return f"{rounded:+,.0f}" if abs(value) >= POINTS else f"{rounded:+.1f}"


def _notes(found: Comparison) -> Iterator[str]:
    table: Any = found.table
    if len(found.plans) > 1:
        letters = zip(string.ascii_uppercase, found.plans, strict=False)
        yield "; ".join(f"{letter} {_both(found, plan)}" for letter, plan in letters)
    yield phrase(
        "Means of {n} pairs; shares in percentage points. * holds after Holm's adjustment over the {tests} tests of "
        "comparison.csv (threshold {threshold}). Cost: money that public purses and charity funds spend beyond the "
        "baseline.",
        n=found.replicates,
        tests=found.manifest["tests_adjusted_together"]["table"],
        threshold=f"{SIGNIFICANT:g}",
    )
    if len(found.plans) == 1:
        yield phrase(
            "CNY a unit: that cost for each unit by which an observable improves, a percentage point for a share."
        )
    ratios: Any = table["variance_ratio"].dropna()
    if len(ratios):
        low, middle, high = (float(ratios.quantile(q)) for q in (0.1, 0.5, 0.9))
        yield phrase(
            "Pairing divides the variance of a difference by {middle} (median; {low} to {high} for eight rows in ten).",
            low=f"{low:.1f}",
            middle=f"{middle:.1f}",
            high=f"{high:.1f}",
        )
    if found.manifest["from_other_districts"]:
        district = found.manifest["district"]
        yield phrase(
            "All on the district of {district}; written for another one, and carried out here with the doses and the "
            "money of their own files: {plans}.",
            district=found.called(district) if district in found.titles else district,
            plans=", ".join(found.called(name) for name in found.manifest["from_other_districts"]),
        )
    yield from _gaps(found)


def _gaps(found: Comparison) -> Iterator[str]:
    """The widest gaps between what a group of residents and what all residents gain, where they are clear."""
    groups: Any = found.groups
    clear = groups[((groups["gap_low"] > 0.0) | (groups["gap_high"] < 0.0)) & (groups["better"] != "")]
    clear = clear[~clear["observable"].isin(COST)]
    if not len(clear):
        yield phrase("No group's difference stands apart from that of all residents.")
        return
    size = (clear["gap"] / (clear["gap_high"] - clear["gap_low"])).abs()
    yield phrase("Groups that gain more or less than all residents (single intervals, clearest first):")
    for row in clear.loc[size.sort_values(ascending=False).index].head(GAPS).to_dict("records"):
        gain = SIGNS[row["better"]] * row["gap"] > 0.0
        scale = POINTS if row["unit"] == "share" else 1.0
        facts = {
            "group": group_of(row["group"]),
            "plan": found.called(row["plan"]),
            "observable": label_of(row["observable"]),
            "gap": _signed(scale * row["gap"]),
            "unit": unit_words(row["observable"]),
        }
        if gain:
            yield "  " + phrase("{group} gain more under {plan}: {observable} {gap} {unit}", **facts)
        else:
            yield "  " + phrase("{group} gain less under {plan}: {observable} {gap} {unit}", **facts)
