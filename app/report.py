"""What the terminal shows of a run."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from rich.table import Table

from ..calibration import baseline
from ..experiments import Result, run
from ..experiments.milestones import summary
from ..experiments.runner import Run
from ..model.district import Archetype
from ..scenarios import relaxing
from .tables import console, milestones, number, plain

FIRST_YEAR_ENDS = date(2024, 12, 29)


class Lines:
    """A reporter for logs and pipes: one line a step, on the standard error stream."""

    def __init__(self) -> None:
        self._compiling = False

    def compiling(self, kernel: str) -> None:
        """Say once that kernels are being compiled."""
        if not self._compiling:
            self._compiling = True
            sys.stderr.write(f"first start: compiling kernels ({kernel}, ...); the next start finds them on the disk\n")

    def done(self, replicates: int, of: int) -> None:
        """Say how many replicates are done."""
        sys.stderr.write(f"{replicates} of {of} replicates\n")


def telling() -> Lines | bool:
    """Return a bar at a terminal and lines elsewhere."""
    return True if sys.stderr.isatty() else Lines()


def started(planned: Run) -> None:
    """Say what is about to be run."""
    district = planned.inputs.district.communities
    homes = sum(community.households for community in district)
    title = f"{planned.inputs.title} {planned.inputs.title_zh}".strip()
    weeks = planned.job.last_week + 1
    console(stderr=True).print(
        f"{title}: {len(district)} communities, {homes:,} households, {weeks} weeks, "
        f"{planned.replicates} replicates, seed {planned.seed}",
        soft_wrap=True,
    )
    if planned.inputs.rivalries:
        console(stderr=True).print(
            f"{len(planned.inputs.rivalries)} levers are moved by several plans; the dose farthest from rest holds "
            f"(`shequ scenario show {planned.inputs.name}` lists them).",
            soft_wrap=True,
        )
    if planned.unread:
        lacking = sorted(kind.label for kind in set(Archetype) - planned.inputs.district.archetypes)
        why = [f"archetypes that the district lacks ({', '.join(lacking)})"] if lacking else []
        why += [f"processes with nothing to do ({', '.join(sorted(planned.idle))})"] if planned.idle else []
        levers = {setting.lever for setting in planned.inputs.settings}
        moved = [name for name in planned.unread if name in levers]
        plan = f" The plan moves {', '.join(moved)} among them." if moved else ""
        console(stderr=True).print(
            f"left unread: {len(planned.unread)} parameters and levers, of {' and of '.join(why)}; run.json lists them."
            + plan,
            soft_wrap=True,
        )


def report(result: Result, folder: Path, *, as_json: bool) -> None:
    """Print the milestone table and where the files are, or JSON."""
    if as_json:
        sys.stdout.write(json.dumps(result.as_json(), indent=1, ensure_ascii=False) + "\n")
        return
    out = console()
    labels = {str(name): str(variable.attrs["long_name"]) for name, variable in result.observables.data_vars.items()}
    table: Any = result.milestones
    rows: list[dict[str, Any]] = table.to_dict("records")
    if rows:
        out.print(milestones(rows, labels, meanings() if result.held_back is not None else None))
        runs = "1 replicate" if result.replicates == 1 else f"{result.replicates} replicates"
        out.print(f"{summary(result.milestones)} ({runs}).")
        out.print("runs: share of replicates that keep the promise in time; half in: month in which half of them do;")
        if result.held_back is None:
            out.print("what held the others back: `shequ holdback` finds out, by relaxing one means after the other.")
        else:
            out.print("held back by: what brings it nearest when relaxed, and the share of the gap that this closes.")
    else:
        out.print("This scenario promises nothing that can be measured; the series are in the files.")
    if result.manifest["triggers"]:
        out.print(fired(result))
    skipped = [promise.id for promise in result.promises if not promise.measurable]
    if skipped:
        out.print(f"{len(skipped)} promises are not measurable by this model (reasons in milestones.json).")
    files = "milestones.csv, milestones.json, observables.csv, observables.nc, timeline.png, run.json"
    files += ", triggers.csv" if result.manifest["triggers"] else ""
    out.print(f"\n{folder}/: {files}", soft_wrap=True)


def meanings() -> dict[str, str]:
    """Return what each relaxation means, by name."""
    return {name: relaxation.title.en for name, relaxation in relaxing.catalogue().items()}


def fired(result: Result) -> Table:
    """Return the table of triggers: what each watches and does, in how many replicates it fired, and when first."""
    table: Any = result.triggers
    rows: list[list[str]] = []
    for row in table.to_dict("records"):
        span = f"{row['first']} ({row['low90']} to {row['high90']})" if row["first"] else "-"
        told = result.manifest["triggers"][row["trigger"]]
        rows.append([str(row["trigger"]), told, f"{100.0 * row['fired_share']:.0f} %", f"{row['times']:.3g}", span])
    return plain("Triggers", ("trigger", "watches and does", "runs", "times", "first in week of (90 %)"), rows)


def baseline_report(*, replicates: int, seed: int, workers: int | None, as_json: bool) -> None:
    """Run ``baseline_2023`` for one year and print it beside the records."""
    result = run(
        "baseline_2023", replicates=replicates, seed=seed, workers=workers, until=FIRST_YEAR_ENDS, progress=telling()
    )
    table: Any = baseline.table(result.observables)
    if as_json:
        sys.stdout.write(str(table.to_json(orient="records", indent=1, force_ascii=False)) + "\n")
        return
    units = {str(name): str(variable.attrs["units"]) for name, variable in result.observables.data_vars.items()}
    rows: dict[bool, list[list[str]]] = {True: [], False: []}
    for row in table.to_dict("records"):
        unit = units[str(row["observable"])]
        interval = f"{number(float(row['low']), unit)} to {number(float(row['high']), unit)}"
        verdict = "inside" if row["inside"] else "outside"
        name = str(row["observable"]) + ("" if row["group"] == "all" else f", {row['group']}")
        records = str(row["records"]).replace(", ", "\n")
        rows[bool(row["fitted"])].append([name, interval, number(float(row["model"]), unit), verdict, records])
    out = console()
    headers = ("observable", "interval", "model", "", "records")
    out.print(plain("Fitted to the records", headers, rows[True]))
    out.print(plain("Held out: nothing is fitted to these", headers, rows[False]))
    fitted, held = table[table["fitted"]], table[~table["fitted"]]
    out.print(f"{int(fitted['inside'].sum())} of {len(fitted)} observables lie inside the interval of their records.")
    out.print(f"Of records that nothing was fitted to, {int(held['inside'].sum())} of {len(held)} intervals are met.")
