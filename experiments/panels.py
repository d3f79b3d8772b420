"""Sheets of panels with one heading and one legend, which several pictures share."""

from collections.abc import Iterable
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg

from .timeline import COLOURS, GREY, Timeline

PLAN_COLOURS = (*COLOURS, "#E69F00", "#56B4E9", "#666666")
COLUMNS = 4
PANEL = (3.6, 2.35)  # inches
HEAD = 1.1  # inches over the panels
NAMES_A_LINE = 4  # of the legend


def sheet(width: float, height: float) -> tuple[Any, Any]:
    """Return a figure with room for a heading, and its one axis."""
    figure: Any = Timeline(figsize=(width, height))
    FigureCanvasAgg(figure)
    figure.set_layout_engine("constrained", rect=(0, 0, 1, 1 - HEAD / height), hspace=0.06)
    return figure, figure.subplots()


def panels(count: int, panel: tuple[float, float] = PANEL) -> tuple[Any, list[Any]]:
    """Return a figure with room for a heading, and the axes of ``count`` panels of that size in inches."""
    columns = min(COLUMNS, count)
    rows = -(-count // columns)
    height = rows * panel[1] + HEAD
    figure: Any = Timeline(figsize=(max(2, columns) * panel[0], height))
    FigureCanvasAgg(figure)
    figure.set_layout_engine("constrained", rect=(0, 0, 1, 1 - HEAD / height), hspace=0.06)
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axis in axes[count:]:
        axis.set_visible(False)
    return figure, axes


def heading(figure: Any, title: str, note: str, handles: Iterable[Any]) -> None:
    """Write title, note and legend over the panels."""
    height, marks = figure.get_figheight(), list(handles)
    figure.text(0.008, 1 - 0.12 / height, title, ha="left", va="top", fontsize=13, fontweight="bold")
    figure.text(0.008, 1 - 0.40 / height, note, ha="left", va="top", fontsize=8.5, color=GREY)
    figure.legend(
        handles=marks,
        loc="upper left",
        bbox_to_anchor=(0.003, 1 - 0.56 / height),
        ncols=-(-len(marks) // -(-len(marks) // NAMES_A_LINE)),
        frameon=False,
        fontsize=8,
        labelcolor=GREY,
        handletextpad=0.3,
        columnspacing=1.4,
    )


def plain(value: float, _: int) -> str:
    """Return a number of an axis, with a true minus sign."""
    return f"{value:,.10g}".replace("-", "\N{MINUS SIGN}")
