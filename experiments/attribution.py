"""What in a plan carries its effect: leave-one-out and Shapley values of its parts, on common random numbers.

The players are groups of interventions, the plan's triggers and its budget lines. A part that is left out keeps its
place in the plan: an item that waits for it (``after:``) begins when it would in the whole plan, so that what is told
apart is what each part does, not how it shifts others. Phases, shocks and the district stay as they are in every run.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
import xarray as xr
from numpy.typing import NDArray

from ..model import levers
from ..model import observables as measures
from ..model.names import name_of, phrase, title_of
from ..scenarios.catalogue import interventions
from ..scenarios.combining import PLAN_MARK
from ..scenarios.reader import nearest
from . import pairs, shapley
from .comparison import COST, LEVEL, POINTS, SIGNS, chosen_observables
from .looks import days_of
from .pool import RunError
from .progress import Reporter
from .publishing import rows_of, write_table
from .runner import Run, describe
from .shapley import Coalition, Order
from .shelf import SHELF, Wanted, collect
from .store import write_bytes, write_json

type Values = NDArray[np.float64]
type By = Literal["process", "entry", "item"]

ORDERS = 2  # orders a replicate if no budget of runs is given: one and its reverse
BUDGET = "budget"  # name of the group that holds the plan's budget lines
WHOLE = "whole plan"
MANIFEST = "attribution.json"
ORDER_STREAM = 7  # keeps the orders apart from what else is drawn from the seed


@dataclass(frozen=True)
class Attribution:
    """How the effect of a plan is shared out among its parts.

    ``table`` has one row an observable and part, and one for the whole plan: mean ``shapley`` value over replicates
    with its interval ``low`` to ``high`` (Student's t over replicates: luck and sampled orders together), its ``share``
    of the whole (not a number where the whole cannot be told from zero), what is ``lost`` when the part alone is left
    out, with its interval, the money (CNY) that goes with the part (its Shapley value of money spent), and ``per_unit``
    of improvement. The whole plan's effect is against the same plan with every part left out. ``replicates`` counts
    those in which the observable is a number in every run that the values are made of; the others are left out for all
    parts alike, so that the parts add up. ``parts`` gives the items of each part, ``entries`` the entry of the
    catalogue that an item uses, if it uses one.
    """

    day: date
    table: pd.DataFrame
    parts: Mapping[str, tuple[str, ...]]
    entries: Mapping[str, str]
    manifest: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Title of the plan in the language spoken."""
        return title_of(str(self.manifest["title"]), str(self.manifest["title_zh"]))

    def called(self, part: str) -> str:
        """Name of a part for people: whole plan, budget, process, entry of the catalogue, or group of one's own."""
        if part in {WHOLE, BUDGET}:
            return phrase("whole plan") if part == WHOLE else phrase("budget")
        entry = interventions().get(self.entries.get(part, part))
        if entry is None:
            return name_of("processes", part)
        plan, mark, _ = part.rpartition(PLAN_MARK)
        return title_of(part.replace("_", " "), f"{plan}{mark}{entry.title.zh}")

    def of(self, observable: str) -> list[dict[str, Any]]:
        """Rows of one observable: parts from the largest Shapley value to the smallest, then the whole plan."""
        table: Any = self.table
        rows: list[dict[str, Any]] = table[table["observable"] == observable].to_dict("records")
        return sorted(rows, key=lambda row: (row["part"] == WHOLE, -abs(row["shapley"])))

    def save(self, folder: Path) -> None:
        """Write the table as CSV, Markdown and LaTeX, a picture an observable, and the manifest."""
        from . import attribution_plot  # noqa: PLC0415  draws what this module defines

        folder.mkdir(parents=True, exist_ok=True)
        caption = phrase(
            "{plan}: parts of its effect on {date}; {level} intervals over replicates.",
            plan=self.title,
            date=self.day,
            level=f"{LEVEL:.0%}",
        )
        write_table(folder / "attribution", self.table, caption, {"part": self.called})
        for observable in self.manifest["observables"]:
            write_bytes(folder / f"{observable}.png", attribution_plot.bars(self, observable).png())
        write_json(folder / MANIFEST, self.manifest)

    def as_json(self) -> dict[str, Any]:
        """Return the manifest, and the rows of the table with every digit; null for what is not a number."""
        return {**self.manifest, "rows": rows_of(self.table)}


def attribute(
    scenario: str | Path,
    *,
    observables: Sequence[str] = (),
    by: By = "process",
    groups: Mapping[str, Sequence[str]] | None = None,
    day: str | date | None = None,
    replicates: int = 8,
    runs: int | None = None,
    seed: int = 0,
    workers: int | None = None,
    communities: int | None = None,
    households: int | None = None,
    store: str | Path = SHELF,
    progress: bool | Reporter | None = None,
) -> Attribution:
    """Share out the effect of ``scenario`` on ``observables`` (default: headlines) on ``day`` (default: the last).

    Items are grouped ``by`` the process that their levers belong to, by entry of the catalogue, or not at all;
    ``groups`` names groups of one's own (name: items) first. ``runs`` bounds all runs; more of them, more orders.
    """
    if replicates < 2:
        message = f"an attribution needs at least 2 replicates for its intervals, not {replicates}"
        raise RunError(message)
    chosen = chosen_observables(observables)
    shared: dict[str, Any] = {"seed": seed, "communities": communities, "households": households}
    whole = describe(scenario, replicates=replicates, until=day, **shared)
    calendar, end = whole.inputs.calendar, whole.job.last_week
    (on,) = days_of([calendar.last_day(end) if day is None else day], calendar, end)
    week = calendar.over_by(on)
    parts = parts_of(whole, by, groups or {})
    names = list(parts)
    sampled = _orders(len(names), replicates, runs, seed)
    coalitions = [shapley.needed(len(names), drawn) for drawn in sampled]
    thinned = {one: _thinned(whole, one, parts) for one in {c for needed in coalitions for c in needed}}
    wanted = [Wanted(thinned[one], k) for k, needed in enumerate(coalitions) for one in needed]
    columns = [*dict.fromkeys([*chosen, *COST])]

    def reduce(data: xr.Dataset) -> Values:
        last: Any = data[columns].sel(week=week, group="all")
        return np.array([float(last[name]) for name in columns])

    values = iter(collect(wanted, columns, reduce, folder=Path(store), workers=workers, progress=progress))
    games = [{one: next(values) for one in needed} for needed in coalitions]
    table = _table(games, sampled, names, columns, chosen)
    manifest = {
        **whole.manifest,
        "observables": chosen,
        "date": on.isoformat(),
        "level": LEVEL,
        "parts": {name: list(keys) for name, keys in parts.items()},
        "orders": [[list(order) for order in drawn] for drawn in sampled],
        "runs": len(wanted),
    }
    entries = {item.key: item.use for item in whole.job.scenario.interventions if item.use is not None}
    return Attribution(on, table, parts, entries, manifest)


# --- parts of a plan --------------------------------------------------------------------------------------------------


def parts_of(run: Run, by: By, groups: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Items, triggers and budget lines by group; those whose levers nothing in this run reads belong to none."""
    scenario, unread = run.job.scenario, set(run.unread)
    doses = [(item.key, item.use or item.key, list(scenario.doses(item))) for item in scenario.interventions]
    doses += [(one.key, one.key, list(one.then.doses())) for one in scenario.triggers if one.then.item is None]
    lines = [line.key for line in scenario.budget]
    parts = _own_groups(groups, [*(key for key, _, _ in doses), *lines], scenario.name)
    taken = {key for keys in parts.values() for key in keys}
    rest: dict[str, list[str]] = {}
    for key, entry, moved in doses:
        if key not in taken and not unread.issuperset(moved):
            name = {"item": key, "entry": entry, "process": _process(moved)}[by]
            rest.setdefault(name, []).append(key)
    if left := [key for key in lines if key not in taken]:
        rest.setdefault(BUDGET, []).extend(left)
    for name in parts:
        if name in {*rest, WHOLE}:
            what = "the whole plan" if name == WHOLE else f"what you did not name: {', '.join(rest[name])}"
            message = f"group {name!r}: that is the name of {what}; call your group otherwise"
            raise RunError(message)
    if not parts and not rest:
        message = f"{scenario.name} does nothing that could be left out"
        raise RunError(message)
    return {name: tuple(keys) for name, keys in (parts | rest).items()}


def _own_groups(groups: Mapping[str, Sequence[str]], known: Sequence[str], plan: str) -> dict[str, list[str]]:
    """Check groups that the user made of the entries ``known``; raises RunError."""
    twice = sorted(key for key, count in Counter(known).items() if count > 1)
    if twice:
        message = (
            f"{plan}: {', '.join(twice)} names two of items, triggers and budget lines, which cannot be left out "
            "one by one; give one of them another `id:`"
        )
        raise RunError(message)
    taken: dict[str, str] = {}
    for name, keys in groups.items():
        for key in keys:
            if key not in known:
                message = (
                    f"group {name!r}: {key!r} is no item of {plan}.{nearest(key, known)} They are {', '.join(known)}"
                )
                raise RunError(message)
            if key in taken:
                message = f"group {name!r}: {key!r} stands in the group {taken[key]!r} already; an item belongs to one"
                raise RunError(message)
            taken[key] = name
    return {name: list(keys) for name, keys in groups.items()}


def _process(moved: Sequence[str]) -> str:
    """Process that reads most of the levers ``moved``; the first of equals."""
    processes = [levers.catalogue()[lever].process for lever in moved]
    return max(dict.fromkeys(processes), key=processes.count)


def _orders(players: int, replicates: int, runs: int | None, seed: int) -> list[list[Order]]:
    """Orders for each replicate, as many as the budget of runs allows; replicates draw apart from each other."""
    count = ORDERS if runs is None else shapley.affordable(players, runs // replicates)
    if count < 1:
        least = replicates * shapley.most_runs(players, 1)
        message = (
            f"{runs} runs are too few for {players} parts and {replicates} replicates, which take {least}; "
            "allow more runs, take fewer replicates, or join parts with --group"
        )
        raise RunError(message)
    return [shapley.orders(players, count, (seed, ORDER_STREAM, k)) for k in range(replicates)]


def _thinned(whole: Run, coalition: Coalition, parts: Mapping[str, Sequence[str]]) -> Run:
    """Return the run of the plan with the parts of ``coalition`` alone."""
    without = frozenset(key for k, keys in enumerate(parts.values()) if k not in coalition for key in keys)
    if not without:
        return whole
    job = replace(whole.job, scenario=replace(whole.job.scenario, without=without))
    return replace(whole, job=job, inputs=job.inputs(whole.seed))


# --- tables ----------------------------------------------------------------------------------------------------------


def _table(
    games: Sequence[Mapping[Coalition, Values]],
    sampled: Sequence[Sequence[Order]],
    names: Sequence[str],
    columns: Sequence[str],
    chosen: Sequence[str],
) -> pd.DataFrame:
    """Rows for every chosen observable; arrays inside have the shape (replicate, part, column)."""
    count = len(names)
    everybody = frozenset(range(count))
    totals = np.stack([game[everybody] - game[frozenset()] for game in games])
    shares = np.stack([shapley.shapley(game, count, drawn) for game, drawn in zip(games, sampled, strict=True)])
    lost = np.stack([shapley.leave_one_out(game, count) for game in games])
    money = [columns.index(name) for name in COST]
    rows: list[dict[str, Any]] = []
    for name in chosen:
        column = columns.index(name)
        known = np.isfinite(shares[:, :, column]).all(axis=1)
        total = np.where(known, totals[:, column], np.nan)
        for k, part in enumerate(names):
            values = np.where(known, shares[:, k, column], np.nan)
            row = _row(name, part, values, total, shares[:, k, money].sum(axis=1))
            rows.append(row | _ends("lost", lost[:, k, column]))
        row = _row(name, WHOLE, total, total, totals[:, money].sum(axis=1))
        rows.append(row | _ends("lost", total))
    return pd.DataFrame(rows)


def _row(name: str, part: str, values: Values, total: Values, extra: Values) -> dict[str, Any]:
    """Statistics of a part: its ``values``, the whole plan's, and the money that goes with it, one a replicate."""
    observable = measures.find(name)
    known = np.isfinite(values)
    improved = SIGNS[observable.better] * values[known] * (POINTS if observable.unit == "share" else 1.0)
    price, low, high = pairs.ratio(extra[known], improved, LEVEL)
    if not pairs.mean(improved) > 0.0:
        price = low = high = pairs.UNKNOWN
    found, whole = pairs.about_zero(values, LEVEL), pairs.about_zero(total, LEVEL)
    told = whole.low > 0.0 or whole.high < 0.0
    return {
        "observable": name,
        "label": observable.label,
        "unit": observable.unit,
        "part": part,
        "shapley": found.mean,
        "low": found.low,
        "high": found.high,
        "share": found.mean / whole.mean if told else pairs.UNKNOWN,
        "replicates": found.pairs,
        "cost": pairs.mean(extra),
        "per_unit": price,
        "per_unit_low": low,
        "per_unit_high": high,
    }


def _ends(name: str, values: Values) -> dict[str, float]:
    found = pairs.about_zero(values, LEVEL)
    return {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}


def shown(attribution: Attribution) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each observable with its rows, as tables and pictures show them."""
    for name in attribution.manifest["observables"]:
        yield name, attribution.of(name)
