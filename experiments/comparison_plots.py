"""Pictures of a comparison: the effect ladder, paths with bands, differences by type of community and by group."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
from matplotlib.dates import YearLocator
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from ..model import observables as measures
from ..model.district import Archetype
from ..model.names import group_of, phrase
from . import fonts, pairs
from .comparison import LEVEL, POINTS, SIGNIFICANT, SIGNS, Comparison, label_of, unit_words
from .panels import HEAD, PLAN_COLOURS, heading, panels, plain, sheet
from .timeline import INK, Timeline, day_number, fitted, styled, year_of

SHAPES = ("o", "s", "^", "D")
ROW = 0.42  # inches an observable of the ladder takes
PEOPLE = ("all", "elderly", "young", "migrants")
KINDS = tuple(kind.label for kind in Archetype)
TITLE_CELLS = 32  # width of a panel beside the names of groups, in Latin letters of its title
MARGIN = 1.05  # length of an axis to its outermost value
LINEAR = 2.0  # standard deviations up to which the ladder's axis is linear; beyond, steps shrink
TICKS = (-1000, -100, -30, -10, -3, -1, 0, 1, 3, 10, 30, 100, 1000)


def ladder(comparison: Comparison) -> Timeline:
    """Draw the standardised effect of every plan on every observable at the last date, better to the right."""
    day = comparison.dates[-1].isoformat()
    table: Any = comparison.table
    last = table[table["date"] == day]
    names = list(dict.fromkeys(last["observable"]))
    with styled():
        figure, axis = sheet(8.6, len(names) * ROW + HEAD + 0.9)
        axis.axvline(0.0, color=INK, linewidth=0.7)
        for k, plan in enumerate(comparison.plans):
            shift = _shift(k, len(comparison.plans))
            for y, name in enumerate(names):
                row = last[(last["plan"] == plan) & (last["observable"] == name)].iloc[0]
                sign = SIGNS[measures.find(name).better] or 1
                middle, half = _standardised(row)
                ends = (sign * middle - half, sign * middle + half)
                _dot(axis, sign * middle, ends, y + shift, k, filled=row["p_holm"] < SIGNIFICANT)
        axis.set_yticks(range(len(names)), [label_of(name) for name in names], color=INK)
        axis.set_ylim(len(names) - 0.5, -0.5)
        axis.set_xscale("symlog", linthresh=LINEAR)
        axis.margins(x=0.04)
        low, high = axis.get_xlim()
        axis.set_xticks([tick for tick in TICKS if low <= tick <= high])
        axis.xaxis.set_major_formatter(FuncFormatter(plain))
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.grid(visible=True, axis="x")
        axis.set_xlabel(phrase("effect, standard deviations of the paired difference (towards better)"))
        facts = _facts(comparison)
        note = phrase(
            "mean paired difference over its standard deviation (d_z) and {level} interval; {n} pairs; "
            "right is better, filled points hold after Holm's adjustment",
            **facts,
        )
        _head(figure, comparison, phrase("What each plan changes against {baseline}, {date}", **facts), note)
    return figure


def paths(comparison: Comparison) -> Timeline:
    """Draw the difference of every plan from the baseline through the weeks: mean of pairs and its interval."""
    names = _names(comparison)
    weeks = [int(week) for week in comparison.data["week"].to_numpy()]
    days = [day_number(comparison.calendar.monday(week)) for week in weeks]
    with styled():
        figure, axes = panels(len(names))
        for name, axis in zip(names, axes, strict=False):
            scale = _scale(name)
            axis.axhline(0.0, color=INK, linewidth=0.7)
            for k, plan in enumerate(comparison.plans):
                middle, low, high = _bands(comparison, name, plan)
                colour = PLAN_COLOURS[k % len(PLAN_COLOURS)]
                axis.fill_between(days, scale * low, scale * high, color=colour, alpha=0.18, linewidth=0)
                axis.plot(days, scale * middle, color=colour, linewidth=1.4)
            axis.set_title(_titled(name))
            _bound(axis.get_ylim, axis.set_ylim, name)
            axis.grid(visible=True)
            axis.xaxis.set_major_locator(YearLocator())
            axis.xaxis.set_major_formatter(FuncFormatter(year_of))
            axis.yaxis.set_major_formatter(FuncFormatter(plain))
        facts = _facts(comparison)
        note = phrase("mean of {n} pairs and its {level} interval; pp: percentage points", **facts)
        _head(figure, comparison, phrase("Difference from {baseline} through the weeks", **facts), note)
    return figure


def archetypes(comparison: Comparison) -> Timeline:
    """Draw the differences at the last date as small multiples, one row a type of community."""
    title = phrase("Differences from {baseline} by type of community, {date}", **_facts(comparison))
    return _by_group(comparison, KINDS, title)


def equity(comparison: Comparison) -> Timeline:
    """Draw who gains and who loses at the last date: all residents, elders, young people, migrants."""
    title = phrase("Who gains: differences from {baseline} by group of residents, {date}", **_facts(comparison))
    return _by_group(comparison, PEOPLE, title)


# --- parts -----------------------------------------------------------------------------------------------------------


def _by_group(comparison: Comparison, groups: Sequence[str], title: str) -> Timeline:
    rows = _group_rows(comparison)
    shown = [group for group in groups if group in set(rows["group"])]
    names = [
        observable
        for observable in _names(comparison)
        if set(rows[rows["observable"] == observable]["group"]) & set(shown) - {"all"}
    ]
    with styled():
        figure, axes = panels(max(1, len(names)))
        for observable, axis in zip(names, axes, strict=False):
            mine = rows[rows["observable"] == observable]
            scale = _scale(observable)
            axis.axvline(0.0, color=INK, linewidth=0.7)
            for k, plan in enumerate(comparison.plans):
                for y, group in enumerate(shown):
                    row = mine[(mine["plan"] == plan) & (mine["group"] == group)]
                    if len(row):
                        low, middle, high = (scale * float(row.iloc[0][key]) for key in ("low", "difference", "high"))
                        at = y + _shift(k, len(comparison.plans))
                        _dot(axis, middle, (low, high), at, k, filled=low > 0.0 or high < 0.0)
            axis.set_yticks(range(len(shown)), [group_of(group) for group in shown], color=INK)
            axis.set_ylim(len(shown) - 0.5, -0.5)
            axis.grid(visible=True, axis="x")
            axis.xaxis.set_major_locator(MaxNLocator(5))
            axis.xaxis.set_major_formatter(FuncFormatter(plain))
            axis.set_title(_titled(observable))
            _bound(axis.get_xlim, axis.set_xlim, observable)
        note = phrase(
            "mean of {n} pairs and its {level} interval, filled where it leaves out zero; pp: percentage points",
            **_facts(comparison),
        )
        _head(figure, comparison, title, note)
    return figure


def _names(comparison: Comparison) -> list[str]:
    """Observables in the order of the table."""
    table: Any = comparison.table
    return list(dict.fromkeys(table["observable"]))


def _group_rows(comparison: Comparison) -> Any:
    """Rows of all groups at the last date, everybody among them."""
    table: Any = comparison.table
    everybody = table[table["date"] == comparison.dates[-1].isoformat()].assign(group="all")
    return pd.concat([everybody, comparison.groups], ignore_index=True)


def _bands(comparison: Comparison, name: str, plan: str) -> tuple[Any, Any, Any]:
    """Mean difference and its interval by week."""
    data: Any = comparison.data
    series = data[name].sel(group="all").transpose("scenario", "week", "replicate")
    before, after = (series.sel(scenario=which).to_numpy() for which in (comparison.baseline, plan))
    found = [pairs.effect(b, a, LEVEL) for b, a in zip(before, after, strict=True)]
    return tuple(np.array([getattr(one, end) for one in found]) for end in ("mean", "low", "high"))  # type: ignore[return-value]


def _standardised(row: Any) -> tuple[float, float]:
    """Mean difference and half its interval, in standard deviations of differences; 0 where no pair differs at all."""
    if row["difference"] == row["low"] == row["high"] == 0.0:
        return 0.0, 0.0
    n = int(row["pairs"])
    return float(row["d_z"]), pairs.quantile(LEVEL, n - 1) / np.sqrt(n) if n > 1 else np.nan


def _dot(axis: Any, middle: float, ends: Sequence[float], y: float, plan: int, *, filled: bool) -> None:
    colour = PLAN_COLOURS[plan % len(PLAN_COLOURS)]
    axis.plot(ends, [y, y], color=colour, linewidth=1.2, solid_capstyle="butt")
    shape = SHAPES[plan // len(PLAN_COLOURS) % len(SHAPES)]
    face = colour if filled else "white"
    axis.plot([middle], [y], shape, markersize=4.5, markerfacecolor=face, markeredgecolor=colour, markeredgewidth=1.1)


def _shift(plan: int, plans: int) -> float:
    """Where in its row the mark of a plan stands, so that none covers another."""
    return 0.7 * ((plan + 0.5) / plans - 0.5)


def _scale(name: str) -> float:
    return POINTS if measures.find(name).unit == "share" else 1.0


def _titled(name: str) -> str:
    return fitted(label_of(name), phrase(" ({unit})", unit=unit_words(name, short=True)), TITLE_CELLS)


def _bound(limits: Any, bind: Any, name: str) -> None:
    """Cut an axis of differences of shares where no difference can lie: intervals of few pairs reach beyond."""
    if measures.find(name).unit == "share":
        low, high = limits()
        bind(max(low, -MARGIN * POINTS), min(high, MARGIN * POINTS))


def _facts(comparison: Comparison) -> dict[str, Any]:
    """What titles and notes tell of the comparison."""
    return {
        "baseline": fonts.shown(comparison.called(comparison.baseline)),
        "date": comparison.dates[-1],
        "level": f"{LEVEL:.0%}",
        "n": comparison.replicates,
    }


def _head(figure: Any, comparison: Comparison, title: str, note: str) -> None:
    heading(figure, title, note, _handles([fonts.shown(comparison.called(plan)) for plan in comparison.plans]))


def _handles(plans: Sequence[str]) -> Iterator[Line2D]:
    for k, plan in enumerate(plans):
        shape = SHAPES[k // len(PLAN_COLOURS) % len(SHAPES)]
        colour = PLAN_COLOURS[k % len(PLAN_COLOURS)]
        yield Line2D([], [], marker=shape, color=colour, linewidth=1.4, markersize=5, label=plan)
