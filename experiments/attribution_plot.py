"""The picture of an attribution: Shapley values and what is lost when a part is left out, part by part."""

from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..model import observables as measures
from ..model.names import phrase
from . import fonts
from .attribution import Attribution
from .comparison import LEVEL, POINTS, label_of, unit_words
from .timeline import COLOURS, GREY, INK, Timeline, styled

ROW, HEAD, WIDTH = 0.34, 0.95, 8.2  # inches


def bars(attribution: Attribution, observable: str) -> Timeline:
    """Draw one bar a part, the largest first, each with its interval, and a diamond for what is lost without it."""
    *rows, whole = attribution.of(observable)
    measure = measures.find(observable)
    scale = POINTS if measure.unit == "share" else 1.0
    unit = unit_words(observable, short=True)
    height = max(3, len(rows)) * ROW + HEAD + 0.6
    with styled():
        figure: Any = Timeline(figsize=(WIDTH, height))
        FigureCanvasAgg(figure)
        figure.set_layout_engine("constrained", rect=(0, 0, 1, 1 - HEAD / height))
        axis = figure.subplots()
        axis.axvline(0.0, color=INK, linewidth=0.7)
        for y, row in enumerate(rows):
            axis.barh(y, scale * row["shapley"], height=0.55, color=COLOURS[0], alpha=0.55)
            axis.plot([scale * row["low"], scale * row["high"]], [y, y], color=COLOURS[0], linewidth=1.3)
            axis.plot(
                [scale * row["lost_low"], scale * row["lost_high"]], [y + 0.22] * 2, color=COLOURS[1], linewidth=1
            )
            axis.plot([scale * row["lost"]], [y + 0.22], "D", markersize=4, color=COLOURS[1])
        axis.set_yticks(range(len(rows)), [fonts.shown(attribution.called(row["part"])) for row in rows], color=INK)
        axis.set_ylim(len(rows) - 0.5, -0.5)
        axis.grid(visible=True, axis="x")
        axis.set_xlabel(phrase("{title} ({name})", title=label_of(observable), name=unit))
        title = phrase(
            "{plan}: what carries its effect on {observable}, {date}",
            plan=fonts.shown(attribution.title),
            observable=label_of(observable),
            date=attribution.day,
        )
        note = phrase(
            "{n} replicates; total effect {total}; lines: {level} intervals",
            n=whole["replicates"],
            total=f"{scale * whole['shapley']:+.3g} {unit}",
            level=f"{LEVEL:.0%}",
        )
        figure.text(0.008, 1 - 0.12 / height, title, ha="left", va="top", fontsize=12, fontweight="bold")
        figure.text(0.008, 1 - 0.40 / height, note, ha="left", va="top", fontsize=8.5, color=GREY)
        handles = [
            Patch(color=COLOURS[0], alpha=0.55, label=phrase("Shapley value")),
            Line2D([], [], marker="D", color=COLOURS[1], markersize=4, linewidth=1, label=phrase("lost when left out")),
        ]
        place = {"loc": "upper left", "bbox_to_anchor": (0.003, 1 - 0.56 / height)}
        figure.legend(handles=handles, ncols=2, frameon=False, fontsize=8, labelcolor=GREY, **place)
    return figure
