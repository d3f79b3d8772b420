"""The picture of a search: promises kept against money spent, plans that no other beats, and the plan as written."""

from typing import Any

from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, PercentFormatter

from ...model.names import phrase
from .. import fonts
from ..panels import PLAN_COLOURS, heading, plain, sheet
from ..timeline import GREY, INK, Timeline, styled
from .searching import Better

WIDTH, HEIGHT = 8.6, 5.6  # inches
MILLION = 1e6


def front(found: Better) -> Timeline:
    """Draw all plans that were tried; filled those on the front, lettered those that met the futures."""
    kept, spent, gap = found.aims.kept, found.aims.spent / MILLION, found.aims.gap
    with styled():
        figure, axis = sheet(WIDTH, HEIGHT)
        axis.scatter(spent, kept, s=9, color="#CCCCCC", linewidths=0)
        mine = list(found.front)
        dots = axis.scatter(spent[mine], kept[mine], s=34, c=100.0 * gap[mine], cmap="viridis_r", edgecolors=INK)
        bar: Any = figure.colorbar(dots, ax=axis)
        bar.set_label(phrase("gap of satisfaction between groups, percentage points"))
        for k, plan in enumerate(found.chosen):
            axis.annotate(
                chr(ord("A") + k), (spent[plan], kept[plan]), xytext=(5, 4), textcoords="offset points", fontsize=9
            )
        axis.plot([spent[0]], [kept[0]], "D", color=PLAN_COLOURS[1], markersize=8)
        if found.search.budget is not None:
            axis.axvline(found.search.budget / MILLION, color=GREY, linewidth=0.8, linestyle="--")
        axis.yaxis.set_major_formatter(PercentFormatter(1.0, 0))
        axis.xaxis.set_major_formatter(FuncFormatter(plain))
        axis.set_xlabel(phrase("public and charity money, CNY million a year"))
        axis.set_ylabel(phrase("promises kept"))
        axis.grid(visible=True)
        title = phrase("{plan}: better plans", plan=fonts.shown(found.search.scenario))
        note = phrase(
            "{tried} plans tried, {front} that no other beats; letters: those that met {n} futures",
            tried=len(found.places),
            front=len(found.front),
            n=found.search.futures,
        )
        handles = [
            Line2D([], [], marker="D", linewidth=0, color=PLAN_COLOURS[1], label=phrase("as written")),
            Line2D([], [], marker="o", linewidth=0, color=PLAN_COLOURS[2], label=phrase("no other beats it")),
            Line2D([], [], marker="o", linewidth=0, markersize=4, color="#CCCCCC", label=phrase("tried")),
        ]
        heading(figure, title, note, handles)
    return figure
