"""The timeline: the main observables week by week, with the plan's phases and promises drawn in."""

from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import matplotlib as mpl
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import YearLocator
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, NullFormatter, PercentFormatter
from rich.cells import cell_len

from ..model.calendar import Calendar
from ..model.names import group_of, name_of, phrase, title_of, unit_of
from . import fonts
from .milestones import HALF, Promise, pairs, quantiles

type Axis = Any  # matplotlib.axes.Axes, whose keyword arguments carry no types

# Okabe and Ito's colours, told apart by colour-blind readers: blue, vermilion, green, purple.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
PHASE_SHADES = ("#F1EEE6", "#FFFFFF")
KEPT, BROKEN = "#1B7837", "#B2182B"
INK, GREY = "#222222", "#777777"
HEADLINES = (
    "participation_rate",
    "unit_coverage",
    "awareness_rate",
    "satisfaction_rate",
    "trust_committee",
    "response_time_hours",
    "mediation_success_rate",
    "service_mismatch_rate",
    "head_attrition_rate",
    "reporting_time_share",
    "online_platform_use_rate",
    "neighbour_unknown_share",
)
MARKERS = {"at_least": "^", "at_most": "v", "between": "D"}
KEPT_WORDS = {"at_least": "at least: kept", "at_most": "at most: kept", "between": "between: kept"}
COLUMNS = 4
EPOCH = date(1970, 1, 1).toordinal()
GROUPS_A_PANEL = len(COLOURS)
TITLE_CELLS = 46  # width of a panel, in Latin letters of its title
MARK_ROWS, MARK_STEP = 3, 7.0  # numbers of marks stand left and right in rows, points apart: neighbours stay apart
PANEL_INCHES = (3.6, 2.35)
DPI = 110
STYLE = {
    "font.size": 8.5,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.labelcolor": GREY,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "axes.grid.axis": "y",
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.5,
}


@dataclass(frozen=True)
class Phase:
    """A named span of the plan; its titles may be empty."""

    name: str
    start: date
    end: date
    title: str = ""
    title_zh: str = ""

    @property
    def label(self) -> str:
        """Name for people."""
        return title_of(self.title, self.title_zh) or self.name.replace("_", " ")

    def as_json(self) -> dict[str, str]:
        """Return the phase as JSON knows it."""
        days = {"start": self.start.isoformat(), "end": self.end.isoformat()}
        return {"name": self.name, **days, "title": self.title, "title_zh": self.title_zh}

    @classmethod
    def from_json(cls, content: Mapping[str, str]) -> "Phase":
        """Read what :meth:`as_json` wrote."""
        start, end = (date.fromisoformat(content[key]) for key in ("start", "end"))
        return cls(content["name"], start, end, content["title"], content["title_zh"])


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day of the run and belongs into every panel."""

    name: str
    day: date


class Timeline(Figure):
    """A Matplotlib figure that draws itself in notebooks, and the same for everybody whatever their settings."""

    def png(self) -> bytes:
        """Return the figure as a PNG; the same figure gives the same bytes."""
        buffer = BytesIO()
        with styled():
            metadata = {"Software": None, "Description": "shequ timeline"}
            figure: Any = self
            figure.savefig(buffer, format="png", dpi=DPI, facecolor="white", metadata=metadata)
        return buffer.getvalue()

    def _repr_png_(self) -> bytes:
        return self.png()


@contextmanager
def styled() -> Generator[None]:
    """Matplotlib's own defaults and our style, whatever the user's matplotlibrc says."""
    library: Any = mpl
    with library.rc_context():
        library.rcdefaults()
        library.rcParams.update(STYLE | {"font.family": fonts.families()})
        yield


def draw(
    data: xr.Dataset,
    calendar: Calendar,
    *,
    title: str,
    promises: Sequence[Promise] = (),
    phases: Sequence[Phase] = (),
    marks: Sequence[Mark] = (),
    observables: Sequence[str] | None = None,
    group: str | None = None,
) -> Timeline:
    """Draw observables (replicate, week, group) as small multiples through the weeks of the plan.

    Shows ``observables``; without them those that the plan promises, or the headlines if it promises none. ``group``
    shows one group only; without it each panel shows the groups that have a promise, or all residents. ``marks`` are
    drawn as numbered lines, and named below the title.
    """
    promised = pairs(promises)
    names = list(observables or promised or [name for name in HEADLINES if name in data])
    rows = -(-len(names) // COLUMNS)
    plan = data.sel(week=data["week"] >= 0)
    with styled():
        figure: Any = Timeline(figsize=(COLUMNS * PANEL_INCHES[0], rows * PANEL_INCHES[1] + 1.25))
        FigureCanvasAgg(figure)
        figure.set_layout_engine("constrained", rect=(0, 0, 1, 1 - 0.95 / figure.get_figheight()), hspace=0.06)
        axes = list(figure.subplots(rows, COLUMNS, squeeze=False).flat)
        for name, axis in zip(names, axes, strict=False):
            groups = [group] if group else sorted(promised.get(name, ["all"]), key=_all_first)[:GROUPS_A_PANEL]
            mine = [p for p in promises if p.measurable and p.observable == name and p.group in groups]
            _panel(axis, plan[name], groups, mine, calendar, phases)
            _draw_marks(axis, marks)
        for axis in axes[len(names) :]:
            axis.set_visible(False)
        directions = {p.direction for p in promises if p.measurable}
        _head(figure, title, plan.sizes["replicate"], directions, _named(marks))
    return figure


def _panel(
    axis: Axis,
    values: Any,
    groups: Sequence[str],
    promises: Sequence[Promise],
    calendar: Calendar,
    phases: Sequence[Phase],
) -> None:
    share = values.attrs.get("units") == "share"
    days = [day_number(calendar.monday(int(week))) for week in values["week"].to_numpy()]
    for colour, group in zip(COLOURS, groups, strict=False):
        series = values.sel(group=group).transpose("replicate", "week").to_numpy()
        low, middle, high = quantiles(series)
        axis.fill_between(days, low, high, color=colour, alpha=0.22, linewidth=0)
        axis.plot(days, middle, color=colour, linewidth=1.5, label=group_of(group))
        for promise in promises:
            if promise.group == group:
                _draw_promise(axis, promise, values, calendar, colour)
    if len(groups) > 1:
        box = axis.legend(loc="best", fontsize=7, framealpha=0.75, handlelength=1.2, labelcolor=GREY)
        box.get_frame().set_linewidth(0.0)
    named = "" if groups == ["all"] or len(groups) > 1 else phrase(", {group}", group=group_of(groups[0]))
    unit = "" if share else phrase(" ({unit})", unit=unit_of(values.attrs.get("units", "")))
    label = name_of("observables", values.name, values.attrs.get("long_name", values.name))
    axis.set_title(fitted(label, f"{named}{unit}"), pad=11.0 if phases else None)
    _scale(axis, share=share)
    _draw_time(axis, calendar, phases)


def fitted(label: str, rest: str, cells: int = TITLE_CELLS) -> str:
    """Title of a panel, on two lines if one of so many ``cells`` is not enough; a Chinese character takes two cells."""
    one = cell_len(label + rest) <= cells
    return label + rest if one else f"{label}\n{rest.lstrip(', ，')}"


def _all_first(group: str) -> bool:
    return group != "all"


def _draw_promise(axis: Axis, promise: Promise, values: Any, calendar: Calendar, colour: str) -> None:
    """Draw a promise at its date: a triangle that points where the value should lie, filled when it is kept."""
    day = day_number(promise.by)
    weeks = values["week"].to_numpy()
    due = promise.week
    judged = due <= weeks[-1]
    series = promise.series(values.to_dataset(name=promise.observable))
    kept = judged and bool(promise.met(series[:, weeks == due]).mean() >= HALF)
    marker = MARKERS[promise.direction]
    verdict = (KEPT if kept else BROKEN) if judged else GREY
    axis.plot(
        [day_number(calendar.start), day], [promise.target] * 2, color=colour, linewidth=0.7, linestyle=(0, (4, 3))
    )
    if promise.direction == "between":
        axis.plot([day, day], [promise.low, promise.high], color=verdict, linewidth=1.3)
    axis.plot(
        [day],
        [promise.target],
        marker=marker,
        markersize=6.5,
        markerfacecolor=verdict if kept else "white",
        markeredgecolor=verdict,
        markeredgewidth=1.3,
        clip_on=False,
        zorder=5,
    )


def _scale(axis: Axis, *, share: bool) -> None:
    axis.grid(visible=True)
    axis.set_axisbelow(True)
    high = axis.get_ylim()[1]
    if share:
        # Shares are read against the whole, unless all that happens lies in a small part of it.
        axis.set_ylim(0.0, 1.1 * high if high <= HALF else max(1.0, axis.dataLim.y1))
        axis.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    else:
        axis.set_ylim(min(0.0, axis.dataLim.y0), high)
        axis.yaxis.set_major_formatter(FuncFormatter(_plain_number))


def _draw_time(axis: Axis, calendar: Calendar, phases: Sequence[Phase]) -> None:
    start, end = day_number(calendar.start), day_number(calendar.end)
    for index, phase in enumerate(phases):
        left, right = day_number(phase.start), day_number(phase.end)
        axis.axvspan(left, right, color=PHASE_SHADES[index % 2], linewidth=0, zorder=-2)
        axis.annotate(
            fonts.shown(phase.label),
            ((left + right) / 2, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=6.5,
            color=GREY,
        )
    axis.set_xlim(start, end)
    axis.xaxis.set_major_locator(YearLocator())
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.xaxis.set_major_formatter(FuncFormatter(year_of))


def _draw_marks(axis: Axis, marks: Sequence[Mark]) -> None:
    for number, mark in enumerate(marks, 1):
        day = day_number(mark.day)
        axis.axvline(day, color=INK, linewidth=0.8, linestyle=(0, (1, 2)))
        row, right = divmod(number - 1, 2)
        axis.annotate(
            str(number),
            (day, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(1.5 if right else -1.5, -1 - MARK_STEP * (row % MARK_ROWS)),
            textcoords="offset points",
            ha="left" if right else "right",
            va="top",
            fontsize=6.5,
        )


def _named(marks: Sequence[Mark]) -> str:
    """Name the marks: which trigger stands behind which number."""
    told = ", ".join(f"{number} {mark.name} ({mark.day:%Y-%m})" for number, mark in enumerate(marks, 1))
    return phrase("dotted: triggers, median of the first time: {triggers}", triggers=told) if told else ""


def _plain_number(value: float, _: int) -> str:
    return f"{value:,.10g}"


def year_of(day: float, _: int) -> str:
    """Year of a day as Matplotlib counts it: labels of an axis of time."""
    return str(date.fromordinal(int(day) + EPOCH).year)


def day_number(day: date) -> float:
    """Days since 1970, as Matplotlib counts them."""
    return float(day.toordinal() - EPOCH)


def _head(figure: Any, title: str, replicates: int, directions: Collection[str], marks: str) -> None:
    height = figure.get_figheight()
    figure.text(0.008, 1 - 0.12 / height, fonts.shown(title), ha="left", va="top", fontsize=14, fontweight="bold")
    runs = phrase("one run") if replicates == 1 else phrase("median and 90 % interval of {n} runs", n=replicates)
    if directions:
        runs += phrase("; a promise counts as kept when half of the runs keep it in time")
    runs += phrase("; {more}", more=marks) if marks else ""
    figure.text(0.008, 1 - 0.42 / height, runs, ha="left", va="top", fontsize=9, color=GREY)
    handles: list[Line2D | Patch] = [Line2D([], [], color=COLOURS[0], linewidth=1.5, label=phrase("median"))]
    if replicates > 1:
        handles.append(Patch(color=COLOURS[0], alpha=0.22, label=phrase("90 % of runs")))
    for direction, marker in MARKERS.items():
        if direction in directions:
            kept = _marker(marker, KEPT, KEPT, phrase(KEPT_WORDS[direction]))
            handles += [kept, _marker(marker, "white", BROKEN, phrase("not kept"))]
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.003, 1 - 0.6 / height),
        ncols=len(handles),
        frameon=False,
        fontsize=8,
        labelcolor=GREY,
        handlelength=1.6,
        columnspacing=1.6,
    )


def _marker(shape: str, face: str, edge: str, label: str) -> Line2D:
    return Line2D([], [], marker=shape, linestyle="", markerfacecolor=face, markeredgecolor=edge, label=label)
