"""Pictures of a stress test: what breaks which promise, how late promises are kept, and PRIM's trade-off and boxes."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, PercentFormatter

from ...model.names import phrase
from .. import fonts
from ..panels import HEAD, PLAN_COLOURS, heading, panels, plain, sheet
from ..timeline import GREY, INK, Timeline, fitted, styled
from .discovery import Peeling
from .sensitivity_plots import called
from .stressing import SIGNIFICANT, Stress

ROW = 0.24  # inches a promise takes
CELL = 0.42  # inches a factor takes
NAMES = 2.6  # inches of the names of promises
FOOT = 1.9  # inches of the names of factors
NARROWEST = 9.2  # inches
STRONGEST = 14  # factors in the heat map
NAME_CELLS = 30
SURE_SIZE = 0.6  # an effect of this size and more has the strongest colour
PALE = 0.65  # of that size: up to here dark letters are read on the colour
CUTS = (0.0, 4.0, 13.0, 26.0, 52.0, 104.0, np.inf)  # weeks late that share a colour
SHADES = ("#DCEAF5", "#B5D2E8", "#7FB2D6", "#4A8EC0", "#20669E", "#0B3F6B")


def _order(found: Stress, plan: str) -> Any:
    """Promises of a plan, those that are kept most often on top."""
    table: Any = found.milestones
    return table[table["plan"] == plan].sort_values("attained", ascending=False, kind="stable")


def heat_map(found: Stress, plan: str) -> Timeline:
    """Draw the share of futures that keep each promise, and by how much the strongest factors move it."""
    mine = _order(found, plan)
    whole: Any = found.drivers
    drivers = whole[whole["plan"] == plan]
    sure = drivers[drivers["p_holm"] < SIGNIFICANT]
    weight = sure.assign(size=sure["effect"].abs()).groupby("factor")["size"].sum()
    strongest = list(weight.sort_values(ascending=False).index[:STRONGEST]) or found.factors[:1]
    names = list(mine["milestone"])
    height = len(names) * ROW + HEAD + FOOT
    with styled():
        figure, axis = sheet(max(NARROWEST, NAMES + CELL * (len(strongest) + 3) + 1.0), height)
        colours = _colours("RdBu")
        table = drivers.set_index(["milestone", "factor"])
        for y, row in enumerate(mine.to_dict("records")):
            axis.barh(y, row["attained"] * 1.6, left=-2.4, height=0.72, color=PLAN_COLOURS[0], alpha=0.55)
            axis.text(-2.44, y, f"{row['attained']:.0%}", ha="right", va="center", fontsize=7.5, color=GREY)
            for x, factor in enumerate(strongest):
                one = table.loc[(row["milestone"], factor)]
                if one["p_holm"] < SIGNIFICANT:
                    shade = colours(0.5 + 0.5 * float(np.clip(one["effect"] / SURE_SIZE, -1.0, 1.0)))
                    axis.barh(y, 0.94, left=x - 0.47, height=0.9, color=shade)
                    if abs(one["effect"]) >= 0.05:
                        said = f"{100.0 * one['effect']:+.0f}".replace("-", "\N{MINUS SIGN}")
                        ink = "white" if abs(one["effect"]) > PALE * SURE_SIZE else INK
                        axis.text(x, y, said, ha="center", va="center", fontsize=6.5, color=ink)
        axis.set_yticks(range(len(names)), names, color=INK, fontsize=8)
        axis.set_xticks(range(len(strongest)), [_short(factor) for factor in strongest], rotation=55, ha="right")
        axis.set_xlim(-3.1, len(strongest) - 0.4)
        axis.set_ylim(len(names) - 0.4, -0.6)
        axis.spines[["left", "bottom"]].set_visible(False)
        axis.tick_params(length=0)
        title = phrase("{plan}: which promises hold, and what breaks them", plan=fonts.shown(plan))
        note = phrase(
            "bars: share of {n} futures in which the promise is kept on its day; cells: percentage points between the "
            "upper and the lower third of a factor, where they hold after Holm's adjustment",
            n=found.futures,
        )
        handles = [
            Patch(color=colours(1.0), label=phrase("more of the factor helps")),
            Patch(color=colours(0.0), label=phrase("more of the factor hurts")),
        ]
        heading(figure, title, note, handles)
    return figure


def slips(found: Stress, plan: str) -> Timeline:
    """Draw of every promise in how many futures it is kept in time, how many weeks late, or not by the end."""
    mine = _order(found, plan)
    late: Any = found.lateness(plan)
    names = list(mine["milestone"])
    with styled():
        figure, axis = sheet(8.6, len(names) * ROW + HEAD + 0.6)
        for y, name in enumerate(names):
            weeks = late[name].to_numpy(float)
            left = float((weeks == 0.0).mean())
            axis.barh(y, left, height=0.74, color=PLAN_COLOURS[2], alpha=0.75)
            for k, (low, high) in enumerate(pairwise(CUTS)):
                share = float(((weeks > low) & (weeks <= high)).mean())
                axis.barh(y, share, left=left, height=0.74, color=SHADES[k])
                left += share
            axis.barh(y, 1.0 - left, left=left, height=0.74, color="#DDDDDD")
        axis.set_yticks(range(len(names)), names, color=INK, fontsize=8)
        axis.set_ylim(len(names) - 0.4, -0.6)
        axis.set_xlim(0.0, 1.0)
        axis.xaxis.set_major_formatter(PercentFormatter(1.0, 0))
        axis.set_xlabel(phrase("share of futures"))
        title = phrase("{plan}: how late promises are kept", plan=fonts.shown(plan))
        note = phrase("{n} futures; lateness is told to the end of a month", n=found.futures)
        heading(figure, title, note, _late_handles())
    return figure


def _late_handles() -> list[Patch]:
    bounds = [phrase("{low} to {high} weeks late", low=int(low) + 1, high=int(high)) for low, high in _finite()]
    named = [*bounds, phrase("over {low} weeks late", low=int(CUTS[-2]))]
    return [
        Patch(color=PLAN_COLOURS[2], alpha=0.75, label=phrase("in time")),
        *(Patch(color=shade, label=label) for shade, label in zip(SHADES, named, strict=True)),
        Patch(color="#DDDDDD", label=phrase("not by the end")),
    ]


def _finite() -> list[tuple[float, float]]:
    return list(pairwise(CUTS[:-1]))


def trade_off(found: Stress, plan: str, peelings: Mapping[str, Peeling]) -> Timeline:
    """Draw PRIM's way from all futures to few: coverage and density of every step; the box that is told is ringed."""
    tables: list[Any] = [peeling.steps for peeling in peelings.values()]
    most = max((int(table["res_dim"].max()) for table in tables), default=0)
    shade = _colours("viridis_r")
    with styled():
        figure, axes = panels(max(1, len(peelings)))
        for (name, peeling), axis in zip(peelings.items(), axes, strict=False):
            steps: Any = peeling.steps
            axis.plot(steps["coverage"], steps["density"], color=GREY, linewidth=0.8)
            colours = [shade(int(k) / max(1, most)) for k in steps["res_dim"]]
            axis.scatter(steps["coverage"], steps["density"], c=colours, s=14, zorder=3)
            axis.plot(
                [peeling.box.coverage], [peeling.box.density], "o", markersize=9, color="none", markeredgecolor=INK
            )
            axis.set_title(name)
            axis.set_xlim(0.0, 1.04)
            axis.set_ylim(0.0, 1.04)
            axis.set_xlabel(phrase("coverage"))
            axis.set_ylabel(phrase("density"))
            axis.grid(visible=True)
            axis.xaxis.set_major_formatter(FuncFormatter(plain))
            axis.yaxis.set_major_formatter(FuncFormatter(plain))
        handles = [
            Line2D([], [], marker="o", linewidth=0, color=shade(k / max(1, most)), label=_limits(k))
            for k in range(most + 1)
        ]
        title = phrase("{plan}: boxes of futures in which promises are broken", plan=fonts.shown(plan))
        note = phrase(
            "PRIM, {n} futures; coverage: share of broken futures in the box; density: share of the box that is "
            "broken; ringed: the box that is told",
            n=found.futures,
        )
        heading(figure, title, note, handles)
    return figure


def _limits(count: int) -> str:
    return phrase("{n} limits", n=count)


def boxes(found: Stress, plan: str, peelings: Mapping[str, Peeling]) -> Timeline:
    """Draw of every promise the limits of the box in which it is broken, each along the whole range of its factor."""
    ranges = {entry["factor"]: (entry["low"], entry["high"]) for entry in found.records.frozen["factors"]}
    most = max((len(peeling.box.limits) for peeling in peelings.values()), default=1)
    with styled():
        figure, axes = panels(max(1, len(peelings)), (4.2, 0.3 * max(2, most) + 0.8))
        for (name, peeling), axis in zip(peelings.items(), axes, strict=False):
            box = peeling.box
            for y, limit in enumerate(box.limits):
                low, high = ranges[limit.factor]
                ends = [(max(limit.low, low) - low) / (high - low), (min(limit.high, high) - low) / (high - low)]
                axis.barh(y, 1.0, height=0.5, color="#EEEEEE")
                axis.barh(y, ends[1] - ends[0], left=ends[0], height=0.5, color=PLAN_COLOURS[1], alpha=0.8)
                _ends(axis, y, ends, limit.low, limit.high)
            axis.set_yticks(range(len(box.limits)), [_short(limit.factor) for limit in box.limits], color=INK)
            axis.set_ylim(max(2, most) - 0.4, -0.6)
            axis.set_xlim(-0.02, 1.02)
            axis.set_xticks([])
            axis.spines["bottom"].set_visible(False)
            facts = {"name": name, "coverage": f"{box.coverage:.0%}", "density": f"{box.density:.0%}"}
            axis.set_title(phrase("{name}: coverage {coverage}, density {density}", **facts), fontsize=8.5)
        title = phrase("{plan}: where promises are broken", plan=fonts.shown(plan))
        note = phrase("PRIM, {n} futures; red: the part of a factor's range that belongs to the box", n=found.futures)
        heading(figure, title, note, [Patch(color=PLAN_COLOURS[1], alpha=0.8, label=phrase("broken here"))])
    return figure


def _ends(axis: Any, y: float, places: Sequence[float], low: float, high: float) -> None:
    for place, value, side in ((places[0], low, "left"), (places[1], high, "right")):
        if np.isfinite(value):
            axis.text(place, y - 0.28, f"{value:.3g}", ha=side, va="bottom", fontsize=6.5, color=GREY)


def _short(factor: str) -> str:
    return fonts.shown(fitted(called(factor), "", NAME_CELLS))


def _colours(name: str) -> Any:
    library: Any = colormaps
    return library[name]
