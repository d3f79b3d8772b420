"""``shequ stress``: which promises of a plan hold in thousands of futures, and where the others break."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich import box
from rich.table import Table

from ..experiments.publishing import rows_of
from ..experiments.store import write_bytes
from ..experiments.studies import discovery, executors
from ..experiments.studies.discovery import Box, Limit, Peeling
from ..experiments.studies.folder import STUDY, Folder
from ..experiments.studies.records import records
from ..experiments.studies.runner import carry_out, default_folder
from ..experiments.studies.sensitivity_plots import called
from ..experiments.studies.stressing import FOLDER, MANIFEST, SIGNIFICANT, Stress, study_of
from ..model.names import phrase
from .report import telling
from .tables import console, flowing

STORIES = 8  # promises whose box is told in words
DRIVERS = 2  # factors that are named beside a promise


def stress_report(
    scenarios: Sequence[str],
    n: int,
    *,
    out: Path | None,
    many: float,
    as_json: bool,
    workers: int | None = None,
    executor: str = executors.PROCESSES,
    force: bool = False,
    **settings: Any,
) -> None:
    """Do or read a stress test, write tables and pictures into its folder, and print what holds and what breaks."""
    if len(scenarios) == 1 and (Path(scenarios[0]) / STUDY).is_file():
        folder = Folder(Path(scenarios[0]))
    else:
        study = study_of(scenarios, n, **settings)
        place = out or default_folder(study)
        folder = carry_out(study, place, workers=workers, executor=executor, force=force, progress=telling())
    found = Stress(records(folder.path), many)
    peelings = {plan: _peelings(found, plan) for plan in found.plans} if discovery.installed() else {}
    table = _boxes(found, peelings)
    place = folder.path / FOLDER
    found.save(place, table)
    _pictures(found, peelings, place)
    if as_json:
        told = found.as_json() | {"boxes": rows_of(table)}
        sys.stdout.write(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
        return
    screen = console()
    for plan in found.plans:
        screen.print(phrase("{plan}: promises over {n} futures", plan=plan, n=found.futures))
        screen.print(_promises(found, plan))
    screen.print(_robustness(found))
    for line in _notes(found, peelings):
        screen.print(flowing(line, screen.width))
    screen.print(
        f"\n{place}/: {phrase('tables (.csv, .md, .tex), pictures, {manifest}', manifest=MANIFEST)}", soft_wrap=True
    )


def _peelings(found: Stress, plan: str) -> dict[str, Peeling]:
    """Boxes of broken promises, of those that are broken in some futures and not in all; the least certain first."""
    table: Any = found.milestones
    mine = table[table["plan"] == plan].copy()
    mine["open"] = (mine["attained"] - 0.5).abs()
    points: Any = found.points
    peelings: dict[str, Peeling] = {}
    for name in mine.sort_values("open", kind="stable")["milestone"]:
        broken: Any = found.fails(plan, name)
        if discovery.enough(broken.to_numpy(bool)):
            inside = points.loc[broken.index].reset_index(drop=True)
            peelings[name] = discovery.prim(inside, broken.to_numpy(bool))
    return peelings


def _boxes(found: Stress, peelings: dict[str, dict[str, Peeling]]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    points: Any = found.points
    for plan, mine in peelings.items():
        for name, peeling in mine.items():
            broken: Any = found.fails(plan, name)
            rows += discovery.rows(plan, name, [peeling.box])
            inside = points.loc[broken.index].reset_index(drop=True)
            rows += discovery.rows(plan, name, discovery.cart(inside, broken.to_numpy(bool)))
    return pd.DataFrame(rows, columns=discovery.COLUMNS)


def _pictures(found: Stress, peelings: dict[str, dict[str, Peeling]], place: Path) -> None:
    from ..experiments.studies import stress_plots  # noqa: PLC0415  loads Matplotlib

    for plan, mine in peelings.items():
        first = dict(list(mine.items())[: 4 * 3])
        end = "" if len(found.plans) == 1 else f"-{plan.replace('/', '-').replace(':', '-')}"
        if first:
            write_bytes(place / f"trade_off{end}.png", stress_plots.trade_off(found, plan, first).png())
        told = {name: peeling for name, peeling in first.items() if peeling.box.limits}
        if told:
            write_bytes(place / f"boxes{end}.png", stress_plots.boxes(found, plan, told).png())


def _promises(found: Stress, plan: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(phrase("milestone"), no_wrap=True)
    for header in (phrase("holds in"), phrase("weeks late"), phrase("never")):
        table.add_column(header, justify="right", no_wrap=True)
    table.add_column(phrase("what moves it most (percentage points)"), ratio=1)
    whole, drivers = _frames(found, plan)
    for row in whole.sort_values("attained", kind="stable").to_dict("records"):
        mine = drivers[drivers["milestone"] == row["milestone"]]
        sure = mine[mine["p_holm"] < SIGNIFICANT]
        order = sure["effect"].abs().sort_values(ascending=False).index[:DRIVERS]
        told = "; ".join(
            f"{called(str(one.factor))} {100.0 * float(one.effect):+.0f}" for one in sure.loc[order].itertuples()
        )
        late = "-" if row["late"] != row["late"] else f"{row['late']:.0f}"
        table.add_row(row["milestone"], f"{row['attained']:.0%}", late, f"{row['never']:.0%}", told)
    return table


def _frames(found: Stress, plan: str) -> tuple[Any, Any]:
    milestones: Any = found.milestones
    drivers: Any = found.drivers
    return milestones[milestones["plan"] == plan], drivers[drivers["plan"] == plan]


def _robustness(found: Stress) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(phrase("plan"), no_wrap=True)
    enough = phrase("futures with {share} kept", share=f"{found.many:.0%}")
    headers = (phrase("promises kept"), phrase("worst tenth"), enough)
    for header in (*headers, *((phrase("regret, mean"), phrase("regret, most")) if len(found.plans) > 1 else ())):
        table.add_column(header, justify="right", no_wrap=True)
    rows: Any = found.robustness
    for row in rows.to_dict("records"):
        shown = [row["mean"], row["p10"], row["satisficing"]]
        shown += [row["regret_mean"], row["regret_max"]] if len(found.plans) > 1 else []
        table.add_row(row["plan"], *(f"{value:.0%}" for value in shown))
    return table


def _notes(found: Stress, peelings: dict[str, dict[str, Peeling]]) -> Iterator[str]:
    lost = int(found.records.frozen["analysis"]["n"]) - found.futures
    if lost:
        yield phrase("{n} futures are left out: a run failed in them.", n=lost)
    yield phrase(
        "Points: kept in the upper third of a factor less kept in the lower third, where it holds after Holm's "
        "adjustment."
    )
    against: Any = found.against
    for plan in dict.fromkeys(against["plan"]):
        mine = against[(against["plan"] == plan) & ((against["low"] > 0.0) | (against["high"] < 0.0))]
        told = ", ".join(f"{row.milestone} {100.0 * float(row.gain):+.0f}" for row in mine.itertuples())
        yield phrase(
            "{plan} against {first}, points: {told}",
            plan=plan,
            first=found.plans[0],
            told=told or phrase("nothing sure"),
        )
    if not discovery.installed():
        yield discovery.MISSING
    for plan, mine in peelings.items():
        for name, peeling in list(mine.items())[:STORIES]:
            story = _story(name, peeling.box)
            yield story if len(found.plans) == 1 else phrase("{what}: {name}", what=plan, name=story)


def _story(name: str, found: Box) -> str:
    """One sentence: where a promise is broken."""
    if not found.limits:
        return phrase("{name} is broken here and there; no box tells where.", name=name)
    where = phrase(" and ").join(_side(limit) for limit in found.limits)
    return phrase(
        "{name} is broken when {where}: {coverage} of the broken futures, {density} of those inside are broken.",
        name=name,
        where=where,
        coverage=f"{found.coverage:.0%}",
        density=f"{found.density:.0%}",
    )


def _side(limit: Limit) -> str:
    name = called(limit.factor)
    if limit.low == float("-inf"):
        return phrase("{name} is at most {high}", name=name, high=f"{limit.high:.3g}")
    if limit.high == float("inf"):
        return phrase("{name} is at least {low}", name=name, low=f"{limit.low:.3g}")
    return phrase("{name} lies in {low} to {high}", name=name, low=f"{limit.low:.3g}", high=f"{limit.high:.3g}")
