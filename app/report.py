"""What the terminal shows of a run."""

import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any

from rich.table import Table

from ..calibration import baseline
from ..experiments import Result, run
from ..experiments.milestones import summary
from ..experiments.replicate import hash_of
from ..experiments.runner import RESULTS, Run
from ..model.district import Archetype
from ..model.names import group_of, language, name_of, phrase, title_of
from ..scenarios import own_scenario, relaxing
from .tables import console, milestones, number, plain

SECONDS_A_LINE = 2.0  # of progress in logs
FIRST_YEAR_ENDS = date(2024, 12, 29)


class Lines:
    """A reporter for logs and pipes: one line a step, on the standard error stream."""

    def __init__(self) -> None:
        self._compiling = False
        self._told = -SECONDS_A_LINE

    def compiling(self, kernel: str) -> None:
        """Say once that kernels are being compiled."""
        if not self._compiling:
            self._compiling = True
            told = phrase(
                "first start: compiling kernels ({kernel}, ...); the next start finds them on the disk", kernel=kernel
            )
            sys.stderr.write(f"{told}\n")

    def done(self, replicates: int, of: int) -> None:
        """Say how many replicates are done, now and then and at the end."""
        now = monotonic()
        if replicates < of and now - self._told < SECONDS_A_LINE:
            return
        self._told = now
        sys.stderr.write(phrase("{n} of {total} replicates", n=replicates, total=of) + "\n")


def telling() -> Lines | bool:
    """Return a bar at a terminal and lines elsewhere."""
    return True if sys.stderr.isatty() else Lines()


def folder_for(kind: str, name: str, manifest: Mapping[str, Any]) -> Path:
    """Default folder of results: what was asked of whom, and a hash of all that the results follow from."""
    return RESULTS / f"{kind}-{name[:80]}-{hash_of(manifest)[:8]}"


def started(planned: Run) -> None:
    """Say what is about to be run."""
    district = planned.inputs.district.communities
    homes = sum(community.households for community in district)
    title = f"{planned.inputs.title} {planned.inputs.title_zh}".strip()
    if language() == "zh":
        title = title_of(planned.inputs.title, planned.inputs.title_zh)
    weeks = planned.job.last_week + 1
    console(stderr=True).print(
        phrase(
            "{title}: {communities} communities, {homes} households, {weeks} weeks, {n} replicates, seed {seed}",
            title=title,
            communities=len(district),
            homes=f"{homes:,}",
            weeks=weeks,
            n=planned.replicates,
            seed=planned.seed,
        ),
        soft_wrap=True,
    )
    if planned.inputs.rivalries:
        told = phrase(
            "{n} levers are moved by several plans; the dose farthest from rest holds "
            "(`shequ scenario show {name}` lists them).",
            n=len(planned.inputs.rivalries),
            name=planned.inputs.name,
        )
        console(stderr=True).print(told, soft_wrap=True)
    for line in own_scenario.told(planned.job.scenario):
        console(stderr=True).print(line, soft_wrap=True)
    if planned.unread:
        console(stderr=True).print(_unread(planned), soft_wrap=True)


def _unread(planned: Run) -> str:
    """Say what the run leaves unread, why, and what of it the plan moves."""
    lacking = sorted(kind.label for kind in set(Archetype) - planned.inputs.district.archetypes)
    kinds = ", ".join(name_of("archetypes", kind, kind) for kind in lacking)
    idle = ", ".join(name_of("processes", process, process) for process in sorted(planned.idle))
    why = [phrase("archetypes that the district lacks ({kinds})", kinds=kinds)] if lacking else []
    why += [phrase("processes with nothing to do ({processes})", processes=idle)] if idle else []
    levers = {setting.lever for setting in planned.inputs.settings}
    moved = ", ".join(name_of("levers", name, name) for name in planned.unread if name in levers)
    told = phrase(
        "left unread: {n} parameters and levers, of {why}; run.json lists them.",
        n=len(planned.unread),
        why=phrase(" and of ").join(why),
    )
    return told + (phrase(" The plan moves {levers} among them.", levers=moved) if moved else "")


def report(result: Result, folder: Path, *, as_json: bool) -> None:
    """Print the milestone table and where the files are, or JSON."""
    if as_json:
        sys.stdout.write(json.dumps(result.as_json(), indent=1, ensure_ascii=False) + "\n")
        return
    out = console()
    labels = {
        str(name): name_of("observables", str(name), str(variable.attrs["long_name"]))
        for name, variable in result.observables.data_vars.items()
    }
    table: Any = result.milestones
    rows: list[dict[str, Any]] = table.to_dict("records")
    if rows:
        out.print(milestones(rows, labels, meanings() if result.held_back is not None else None))
        out.print(phrase("{kept} ({n}).", kept=summary(result.milestones), n=replicates_of(result.replicates)))
        out.print(
            phrase("runs: share of replicates that keep the promise in time; half in: month in which half of them do;")
        )
        if result.held_back is None:
            out.print(
                phrase("what held the others back: `shequ holdback` finds out, by relaxing one means after the other.")
            )
        else:
            out.print(
                phrase("held back by: what brings it nearest when relaxed, and the share of the gap that this closes.")
            )
    else:
        out.print(phrase("This scenario promises nothing that can be measured; the series are in the files."))
    if result.manifest["triggers"]:
        out.print(fired(result))
    skipped = [promise.id for promise in result.promises if not promise.measurable]
    if skipped:
        out.print(phrase("{n} promises are not measurable by this model (reasons in milestones.json).", n=len(skipped)))
    files = "milestones.csv, milestones.json, observables.csv, observables.nc, timeline.png, run.json"
    files += ", triggers.csv" if result.manifest["triggers"] else ""
    out.print(f"\n{folder}/: {files}", soft_wrap=True)


def meanings() -> dict[str, str]:
    """Return what each relaxation means, by name."""
    return {name: title_of(of.title.en, of.title.zh) for name, of in relaxing.catalogue().items()}


def fired(result: Result) -> Table:
    """Return the table of triggers: what each watches and does, in how many replicates it fired, and when first."""
    table: Any = result.triggers
    rows: list[list[str]] = []
    for row in table.to_dict("records"):
        span = phrase("{first} ({low} to {high})", first=row["first"], low=row["low90"], high=row["high90"])
        told = result.manifest["triggers"][row["trigger"]]
        share = f"{100.0 * row['fired_share']:.0f} %"
        rows.append([str(row["trigger"]), told, share, f"{row['times']:.3g}", span if row["first"] else "-"])
    headers = ("trigger", "watches and does", "runs", "how often", "first in week of (90 %)")
    return plain(phrase("Triggers"), tuple(phrase(header) for header in headers), rows)


def replicates_of(n: int) -> str:
    """Say how many replicates there are."""
    return phrase("1 replicate") if n == 1 else phrase("{n} replicates", n=n)


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
        low, high = number(float(row["low"]), unit), number(float(row["high"]), unit)
        interval = phrase("{low} to {high}", low=low, high=high)
        verdict = phrase("inside") if row["inside"] else phrase("outside")
        name = str(row["observable"])
        called = name_of("observables", name, name) + ("" if row["group"] == "all" else f", {group_of(row['group'])}")
        records = str(row["records"]).replace(", ", "\n")
        rows[bool(row["fitted"])].append([called, interval, number(float(row["model"]), unit), verdict, records])
    out = console()
    headers = (phrase("observable"), phrase("interval"), phrase("model"), "", phrase("records"))
    out.print(plain(phrase("Fitted to the records"), headers, rows[True]))
    out.print(plain(phrase("Held out: nothing is fitted to these"), headers, rows[False]))
    fitted, held = table[table["fitted"]], table[~table["fitted"]]
    counts = [(int(part["inside"].sum()), len(part)) for part in (fitted, held)]
    said = (
        "{n} of {total} observables lie inside the interval of their records.",
        "Of records that nothing was fitted to, {n} of {total} intervals are met.",
    )
    for text, (inside, total) in zip(said, counts, strict=True):
        out.print(phrase(text, n=inside, total=total))
