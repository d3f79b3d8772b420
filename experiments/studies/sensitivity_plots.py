"""Pictures of a sensitivity study: indices at the last date, through time, and as the design grows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.dates import YearLocator
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ...model import levers
from ...model.names import name_of, phrase
from ...model.observables import catalogue
from .. import fonts
from ..panels import PANEL, PLAN_COLOURS, heading, panels, plain
from ..timeline import INK, Timeline, day_number, fitted, styled, year_of
from .factors import LUCK
from .findings import Findings, day_of
from .sensitivity import COLUMNS, LEVEL

SHOWN = 12  # factors a panel of bars
LINES = 7  # factors with a line through time
ROW = 0.19  # inches a bar takes
TITLE_CELLS = 40
NAME_CELLS = 30
SINGLE = {"sobol": "S1", "delta": "S1"}  # index of a factor alone, drawn inside that of the factor with all others


def called(factor: str) -> str:
    """Name of a factor for people."""
    kind, mark, of = factor.partition(":")
    if factor == LUCK:
        return phrase("luck of the run")
    if not mark:
        return factor.replace("_", " ")
    if kind == "lever" and of in levers.catalogue():
        return phrase("{what}: {name}", what=phrase("lever"), name=name_of("levers", of, of.replace("_", " ")))
    what = {
        "fidelity": phrase("share that arrives"),
        "late": phrase("weeks late"),
        "slow": phrase("times as long"),
        "money": phrase("money"),
        "size": phrase("size"),
        "time": phrase("weeks later"),
    }
    name = phrase("everything") if of == "all" else of.rpartition("/")[2].replace("_", " ")
    return phrase("{what}: {name}", what=what[kind], name=name) if kind in what else factor


def label(observable: str) -> str:
    """Name of an observable for people."""
    known = catalogue()
    return name_of("observables", observable, known[observable].label) if observable in known else observable


def bars(found: Findings) -> Timeline:
    """Draw the largest indices of every observable at the last date."""
    names, table = found.observables, found.last
    inner = SINGLE.get(found.method)
    most = min(SHOWN, len(found.leading))
    with styled():
        figure, axes = panels(len(names), (PANEL[0] * 1.15, ROW * most + 0.75))
        for name, axis in zip(names, axes, strict=False):
            mine = table[table["observable"] == name].head(SHOWN)
            for y, row in enumerate(mine.to_dict("records")):
                colour = PLAN_COLOURS[-1] if row["factor"] == LUCK else PLAN_COLOURS[0]
                axis.barh(y, row[found.ranked], height=0.72, color=colour, alpha=0.35)
                if inner:
                    axis.barh(y, max(0.0, row[inner]), height=0.36, color=colour)
                if found.interval:
                    half = row[found.interval]
                    axis.plot([row[found.ranked] - half, row[found.ranked] + half], [y, y], color=INK, linewidth=0.8)
            labels = [fonts.shown(fitted(called(row["factor"]), "", NAME_CELLS)) for row in mine.to_dict("records")]
            axis.set_yticks(range(len(mine)), labels, color=INK)
            axis.set_ylim(max(len(mine), 3) - 0.4, -0.6)
            axis.set_xlim(left=0.0)
            axis.grid(visible=True, axis="x")
            axis.xaxis.set_major_locator(MaxNLocator(5))
            axis.xaxis.set_major_formatter(FuncFormatter(plain))
            axis.set_title(fitted(label(name), "", TITLE_CELLS))
        handles = [Patch(color=PLAN_COLOURS[0], alpha=0.35, label=_meaning(found.ranked))]
        if inner:
            handles.append(Patch(color=PLAN_COLOURS[0], label=_meaning(inner)))
        if LUCK in found.leading:
            handles.append(Patch(color=PLAN_COLOURS[-1], alpha=0.35, label=phrase("the luck of the run (its seed)")))
        day = found.last["date"].iloc[0]
        title = phrase(
            "{scenario}: what the state on {date} depends on", scenario=fonts.shown(found.scenario), date=day
        )
        heading(figure, title, _note(found), handles)
    return figure


def through_time(found: Findings) -> Timeline | None:
    """Draw how the leading factors' indices move from date to date; None where there is one date."""
    table: Any = found.indices
    if table["date"].nunique() < 2:
        return None
    names, leading = found.observables, found.leading[:LINES]
    with styled():
        figure, axes = panels(len(names))
        for name, axis in zip(names, axes, strict=False):
            mine = table[table["observable"] == name]
            for k, factor in enumerate(leading):
                rows = mine[mine["factor"] == factor].sort_values("date")
                days = [day_number(day_of(text)) for text in rows["date"]]
                _line(axis, days, rows[found.ranked], rows[found.interval] if found.interval else None, k)
            axis.set_title(fitted(label(name), "", TITLE_CELLS))
            axis.set_ylim(bottom=0.0)
            axis.grid(visible=True)
            axis.xaxis.set_major_locator(YearLocator())
            axis.xaxis.set_major_formatter(FuncFormatter(year_of))
            axis.yaxis.set_major_formatter(FuncFormatter(plain))
        title = phrase("{scenario}: what matters when", scenario=fonts.shown(found.scenario))
        heading(figure, title, _note(found), _handles(leading))
    return figure


def converging(found: Findings) -> Timeline | None:
    """Draw the indices at the last date from the first n blocks of the design; None where there is one n."""
    table: Any = found.converging
    if table["n"].nunique() < 2:
        return None
    names, leading = found.observables, found.leading[:LINES]
    with styled():
        figure, axes = panels(len(names))
        for name, axis in zip(names, axes, strict=False):
            mine = table[table["observable"] == name]
            for k, factor in enumerate(leading):
                rows = mine[mine["factor"] == factor].sort_values("n")
                _line(axis, list(rows["n"]), rows["index"], rows["conf"] if rows["conf"].notna().any() else None, k)
            axis.set_title(fitted(label(name), "", TITLE_CELLS))
            axis.set_xscale("log", base=2)
            axis.set_xticks(sorted(mine["n"].unique()))
            axis.set_ylim(bottom=0.0)
            axis.grid(visible=True)
            axis.xaxis.set_major_formatter(FuncFormatter(plain))
            axis.yaxis.set_major_formatter(FuncFormatter(plain))
            axis.set_xlabel(phrase("blocks of the design"))
        title = phrase("{scenario}: do the indices stand still?", scenario=fonts.shown(found.scenario))
        heading(figure, title, _note(found), _handles(leading))
    return figure


def _line(axis: Any, x: Sequence[Any], values: Any, half: Any, k: int) -> None:
    colour, middle = PLAN_COLOURS[k % len(PLAN_COLOURS)], np.asarray(values, float)
    if half is not None:
        band = np.asarray(half, float)
        axis.fill_between(x, middle - band, middle + band, color=colour, alpha=0.15, linewidth=0)
    axis.plot(x, middle, color=colour, linewidth=1.4)


def _handles(factors: Sequence[str]) -> list[Line2D]:
    return [
        Line2D([], [], color=PLAN_COLOURS[k % len(PLAN_COLOURS)], linewidth=1.6, label=fonts.shown(called(factor)))
        for k, factor in enumerate(factors)
    ]


def _note(found: Findings) -> str:
    facts = {"method": found.method, "n": found.runs, "level": f"{LEVEL:.0%}", "index": _meaning(found.ranked)}
    if COLUMNS[found.method][found.ranked]:
        return phrase("{index}; {method}, {n} runs; lines and bands: {level} intervals by bootstrap", **facts)
    return phrase("{index}; {method}, {n} runs", **facts)


def _meaning(index: str) -> str:
    """What an index says."""
    return {
        "S1": phrase("S1: share of variance that the factor has alone"),
        "ST": phrase("ST: share of variance that the factor has alone or with others"),
        "mu_star": phrase("mu*: mean size of an elementary effect over the whole range"),
        "shapley": phrase("Shapley effect: share of variance, all of them together 1"),
        "delta": phrase("delta: how far knowing the factor moves the distribution"),
        "median": phrase("PAWN: median distance between distributions"),
    }[index]
