"""Courses of action side by side: paired replicates on common random numbers, differences from a baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
import xarray as xr
from numpy.typing import NDArray

from ..model import observables as measures
from ..model.calendar import Calendar
from ..model.district import Archetype
from ..model.names import name_of, phrase, title_of, unit_of
from ..model.recorder import GROUPS
from ..scenarios import loader
from ..scenarios.blocks import Title
from . import courses, pairs
from .looks import days_of, looked_at
from .pool import RunError
from .progress import Reporter
from .publishing import rows_of, write_table
from .runner import Run
from .shelf import SHELF, Wanted, collect, last_week
from .store import write_bytes, write_json
from .timeline import HEADLINES

type Values = NDArray[np.float64]

LEVEL = 0.95  # of the intervals
SIGNIFICANT = 0.05  # adjusted p-value below which a difference is called one
POINTS = 100.0  # percentage points in a share of one
COST = ("public_spending_total", "charity_spending_total")
SIGNS: Mapping[measures.Direction | None, int] = {"more": 1, "less": -1, None: 0}
EVERYTHING = "all"
REPORTED = {*GROUPS, *(kind.label for kind in Archetype)}  # groups and types of community that any two plans share
MANIFEST = "comparison.json"


@dataclass(frozen=True)
class Comparison:
    """What plans change against a baseline.

    ``table`` has one row a plan, observable and date, over all residents; ``groups`` one row a plan, observable and
    group of residents or type of community, on the last date. Both give the mean of the baseline and of the plan, the
    paired ``difference`` with its interval ``low`` to ``high``, the interval ``low_all`` to ``high_all`` that is wide
    enough to hold for all rows of the table at once (Bonferroni), ``p`` and ``p_holm`` (adjusted over the rows of the
    table), the standardised effects, ``share_better`` of pairs, their ``correlation`` and the ``variance_ratio`` that
    pairing brought (:class:`shequ.experiments.pairs.Effect`). ``table`` adds what the plan costs beyond the baseline by
    that date (CNY, mean of all pairs) and ``per_unit`` of improvement (a percentage point where the unit is a share)
    with Fieller's interval, ``groups`` the ``gap`` between the group's difference and that of all residents. ``data``
    holds the series: scenario, replicate, week, group.
    """

    baseline: str
    titles: Mapping[str, Title]
    dates: tuple[date, ...]
    table: pd.DataFrame
    groups: pd.DataFrame
    data: xr.Dataset
    calendar: Calendar
    manifest: Mapping[str, Any]

    @property
    def plans(self) -> list[str]:
        """Names of what is compared with the baseline."""
        return [name for name in self.titles if name != self.baseline]

    @property
    def replicates(self) -> int:
        """Number of pairs."""
        return self.data.sizes["replicate"]

    def called(self, name: str) -> str:
        """Name of a scenario for people: as it was asked for, in Chinese its title if no other one bears that."""
        title = title_of(name, self.titles[name].zh)
        bearers = [other for other in self.titles if title_of(other, self.titles[other].zh) == title]
        return title if bearers == [name] else name

    def save(self, folder: Path) -> None:
        """Write both tables as CSV, Markdown and LaTeX, the pictures and the manifest; same comparison, same bytes."""
        from . import comparison_plots  # noqa: PLC0415  draws what this module defines

        folder.mkdir(parents=True, exist_ok=True)
        facts = {"baseline": self.called(self.baseline), "n": self.replicates, "level": f"{LEVEL:.0%}"}
        by_date = phrase(
            "Differences by plan, observable and date, paired with {baseline}, {n} replicates; {level} intervals; "
            "low_all to high_all hold together.",
            **facts,
        )
        by_group = phrase(
            "Differences by group on {date}, paired with {baseline}, {n} replicates; {level} intervals; "
            "low_all to high_all hold together.",
            date=self.dates[-1],
            **facts,
        )
        write_table(folder / "comparison", self.table, by_date, {"plan": self.called})
        write_table(folder / "groups", self.groups, by_group, {"plan": self.called})
        for picture in (
            comparison_plots.ladder,
            comparison_plots.paths,
            comparison_plots.archetypes,
            comparison_plots.equity,
        ):
            write_bytes(folder / f"{picture.__name__}.png", picture(self).png())
        write_json(folder / MANIFEST, self.manifest)

    def as_json(self) -> dict[str, Any]:
        """Return the manifest, and the rows of both tables with every digit; null for what is not a number."""
        return {**self.manifest, "rows": rows_of(self.table), "groups": rows_of(self.groups)}


def compare(
    scenarios: Sequence[str | Path],
    *,
    baseline: str | None = None,
    observables: Sequence[str] = (),
    dates: Sequence[str | date] = (),
    replicates: int = 20,
    seed: int = 0,
    workers: int | None = None,
    district: str | Path | None = None,
    communities: int | None = None,
    households: int | None = None,
    store: str | Path = SHELF,
    progress: bool | Reporter | None = None,
) -> Comparison:
    """Run all ``scenarios`` on the same seeds and compare each with the ``baseline`` (default: the first).

    All run on one district, that of the scenario ``district`` (default: the baseline), so that a difference is the
    plan's and not that of the place for which it was written; plans keep their doses and their money. ``observables``:
    names, or ``all``; default the headlines. ``dates``: default the ends of years. Finished runs are kept in ``store``
    as they stood at the ends of months and on ``dates``, and serve every comparison that asks for no other days. Same
    result for any ``workers``.
    """
    chosen = chosen_observables(observables)
    if replicates < 2:
        message = f"a comparison needs at least 2 replicates for its intervals, not {replicates}"
        raise RunError(message)
    shared: dict[str, Any] = {"seed": seed, "communities": communities, "households": households}
    known = courses.loaded(scenarios)
    base = courses.baseline(known, baseline)
    ground = known[base] if district is None else loader.load(district)
    runs, guests = courses.on_one_district(known, ground, shared | {"replicates": replicates})
    calendar, end = next(iter(runs.values())).inputs.calendar, last_week(list(runs.values()))
    days = days_of(dates, calendar, end)
    weeks = [calendar.over_by(day) for day in days]
    runs = {name: looked_at(run, end, weeks) for name, run in runs.items()}
    names = [*dict.fromkeys([*chosen, *COST])]

    def reduce(whole: xr.Dataset) -> xr.Dataset:
        wanted: Any = whole[names]
        return wanted.sel(group=[g for g in whole["group"].to_numpy() if str(g) in REPORTED])

    wanted = [Wanted(run, k) for k in range(replicates) for run in runs.values()]
    done = collect(wanted, names, reduce, folder=Path(store), workers=workers, progress=progress)
    data = _stacked(done, list(runs), replicates)
    table = _table(data, base, chosen, list(zip(days, weeks, strict=True)))
    groups = _group_table(data, base, chosen, weeks[-1])
    manifest = {
        "baseline": base,
        "observables": list(chosen),
        "dates": [day.isoformat() for day in days],
        "level": LEVEL,
        "tests_adjusted_together": {name: _tests(rows) for name, rows in (("table", table), ("groups", groups))},
        "district": ground.name,
        "from_other_districts": guests,
        "runs": {name: run.manifest for name, run in runs.items()},
        "command": _command(scenarios, base, chosen, days, shared | {"replicates": replicates, "district": district}),
    }
    titles = {run.inputs.name: _title(of, run) for of, run in zip(scenarios, runs.values(), strict=True)}
    return Comparison(base, titles, tuple(days), table, groups, data, calendar, manifest)


# --- what is asked for ------------------------------------------------------------------------------------------------


def chosen_observables(names: Sequence[str]) -> list[str]:
    """Names of the observables asked for: ``all``, or those named, or the headlines."""
    if list(names) == [EVERYTHING]:
        return [name for name in measures.catalogue() if name not in COST]
    return [measures.find(name).name for name in dict.fromkeys(names)] or list(HEADLINES)


def _title(scenario: str | Path, run: Run) -> Title:
    """Title of a scenario, its variant's behind it."""
    whole, variant = run.inputs, loader.variant_title(scenario)
    if variant is None:
        return Title(en=whole.title, zh=whole.title_zh)
    zh = f"{whole.title_zh}·{variant.zh}" if whole.title_zh and variant.zh else ""
    return Title(en=f"{whole.title}: {variant.en}", zh=zh)


# --- series ----------------------------------------------------------------------------------------------------------


def _stacked(done: Sequence[xr.Dataset], names: Sequence[str], replicates: int) -> xr.Dataset:
    """Series by scenario, replicate, week and group; ``done`` runs through the scenarios of each replicate."""
    count = len(names)
    rows = [xr.concat(list(done[k::count]), "replicate", join="outer") for k in range(count)]
    data: Any = xr.concat(rows, "scenario", join="outer", combine_attrs="override")
    return data.assign_coords(scenario=list(names), replicate=range(replicates))


def label_of(name: str) -> str:
    """Name of an observable for people."""
    return name_of("observables", name, measures.find(name).label)


def unit_words(name: str, *, short: bool = False) -> str:
    """Unit of differences of an observable for people: percentage points where it is a share."""
    unit = measures.find(name).unit
    if unit != "share":
        return unit_of(unit)
    return phrase("pp") if short else phrase("percentage points")


def values(data: xr.Dataset, name: str, scenario: str, week: int, group: str = "all") -> Values:
    """Values of an observable, one a replicate."""
    labels = {"scenario": scenario, "week": week, "group": group}
    places: Any = {axis: data.get_index(axis).get_loc(label) for axis, label in labels.items()}
    return np.asarray(data.variables[name].isel(places).to_numpy(), np.float64)


def cost(data: xr.Dataset, scenario: str, week: int) -> Values:
    """Public and charity money spent up to ``week``, in CNY, one value a replicate."""
    return values(data, COST[0], scenario, week) + values(data, COST[1], scenario, week)


# --- tables ----------------------------------------------------------------------------------------------------------


def _table(data: xr.Dataset, base: str, chosen: Sequence[str], dates: Sequence[tuple[date, int]]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    plans = [str(name) for name in data["scenario"].to_numpy() if str(name) != base]
    for plan in plans:
        for day, week in dates:
            extra = cost(data, plan, week) - cost(data, base, week)
            for name in chosen:
                before, after = values(data, name, base, week), values(data, name, plan, week)
                row = _row(plan, name, before, after) | {"date": day.isoformat()}
                rows.append(row | _price(name, after - before, extra))
    order = ["plan", "observable", "label", "unit", "better", "date"]
    return _adjusted(rows, order)


def _group_table(data: xr.Dataset, base: str, chosen: Sequence[str], week: int) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for plan in (str(name) for name in data["scenario"].to_numpy() if str(name) != base):
        for name in chosen:
            everybody = values(data, name, plan, week) - values(data, name, base, week)
            for group in (str(g) for g in data["group"].to_numpy() if str(g) != "all"):
                before, after = values(data, name, base, week, group), values(data, name, plan, week, group)
                if not np.isfinite(after - before).any():
                    continue  # this observable does not tell these residents apart
                gap = pairs.effect(everybody, after - before, LEVEL)
                row = _row(plan, name, before, after) | {"group": group}
                rows.append(row | {"gap": gap.mean, "gap_low": gap.low, "gap_high": gap.high})
    return _adjusted(rows, ["plan", "observable", "label", "unit", "better", "group"])


def _row(plan: str, name: str, before: Values, after: Values) -> dict[str, Any]:
    observable = measures.find(name)
    found = pairs.effect(before, after, LEVEL)
    known = pairs.complete(before, after)
    return {
        "plan": plan,
        "observable": name,
        "label": observable.label,
        "unit": observable.unit,
        "better": observable.better or "",
        "baseline": pairs.mean(known[0]),
        "value": pairs.mean(known[1]),
        "difference": found.mean,
        "low": found.low,
        "high": found.high,
        "p": found.p,
        "d_z": found.d_z,
        "d_baseline": found.d_baseline,
        "share_better": pairs.share_better(before, after, SIGNS[observable.better]),
        "pairs": found.pairs,
        "correlation": found.correlation,
        "variance_ratio": found.variance_ratio,
    }


def _price(name: str, differences: Values, extra: Values) -> dict[str, float]:
    """What is spent beyond the baseline, and that for each unit by which the observable improves (if it does)."""
    observable = measures.find(name)
    known = np.isfinite(differences) & np.isfinite(extra)
    improved = SIGNS[observable.better] * differences[known] * (POINTS if observable.unit == "share" else 1.0)
    price, low, high = pairs.ratio(extra[known], improved, LEVEL)
    if not improved.size or improved.mean() <= 0.0:
        price = low = high = pairs.UNKNOWN
    return {"cost": pairs.mean(extra), "per_unit": price, "per_unit_low": low, "per_unit_high": high}


def _adjusted(rows: list[dict[str, Any]], first: Sequence[str]) -> pd.DataFrame:
    """Frame of ``rows`` with adjusted p-values and intervals that hold together, columns ``first`` in front."""
    adjusted = pairs.holm([row["p"] for row in rows])
    family = int(np.isfinite(adjusted).sum())
    level = pairs.together(LEVEL, family)
    for row, p in zip(rows, adjusted, strict=True):
        n, half = row["pairs"], row["high"] - row["difference"]
        if n > 1:
            half *= pairs.quantile(level, n - 1) / pairs.quantile(LEVEL, n - 1)
        row |= {"low_all": row["difference"] - half, "high_all": row["difference"] + half, "p_holm": float(p)}
    numbers = ["baseline", "value", "difference", "low", "high", "low_all", "high_all", "p", "p_holm"]
    front = [*first, *numbers]
    return pd.DataFrame(rows, columns=[*front, *(key for key in (rows[0] if rows else {}) if key not in front)])


def _tests(table: pd.DataFrame) -> int:
    """How many tests of a table were adjusted together: rows that have a p-value."""
    whole: Any = table
    return int(whole["p_holm"].notna().sum())


def _command(
    scenarios: Sequence[str | Path],
    base: str,
    chosen: Sequence[str],
    days: Sequence[date],
    settings: Mapping[str, Any],
) -> str:
    """The command that gives this comparison again."""
    words = ["shequ compare", *(quote(str(scenario)) for scenario in scenarios), f"--baseline {base}"]
    words += [f"--{name} {value}" for name, value in settings.items() if value is not None]
    words += [f"--observable {name}" for name in chosen]
    return " ".join([*words, *(f"--date {day}" for day in days)])
