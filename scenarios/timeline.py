"""Resolves dates: which community enters which phase when, and from which week to which week each item holds there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from ..model.calendar import Calendar
from . import durations
from .blocks import Where
from .loader import ON_TIME, Scenario
from .places import ORDER_KEY, SHARE_KEY, SURVEY_KEY, Place, lot
from .reader import Problem, allowed, nearest
from .schema import Intervention, Phase
from .selection import measured, ranked
from .words import ANY_PHASE

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PhasePlan:
    """A phase with its days after slips; ``entry`` holds the week in which each of its communities (rows) enters.

    ``new`` are those that the plan brings in with this phase; ``free`` those that may join during it of themselves, or
    are told to (``mandated``), from the week in ``entry`` on. ``plan`` is its plan, where several are carried out.
    """

    name: str
    start: date
    end: date
    entry: dict[int, int]
    new: tuple[int, ...]
    free: tuple[int, ...] = ()
    mandated: bool = False
    plan: str = ""
    title: str = ""
    title_zh: str = ""


@dataclass(frozen=True)
class Span:
    """Weeks in which an item holds in one community: ``start`` included, ``stop`` excluded."""

    start: int
    stop: int


@dataclass(frozen=True)
class ItemPlan:
    """An item with the weeks in which it holds, by community row, and those over which it builds up.

    ``pushed`` says what moved it from the day of its own, empty if nothing did.
    """

    item: Intervention
    spans: dict[int, Span]
    ramp: int
    pushed: str = ""


@dataclass(frozen=True)
class Timeline:
    """All phases and items with their weeks; without items that wait for a trigger."""

    phases: tuple[PhasePlan, ...]
    items: tuple[ItemPlan, ...]


def resolve(scenario: Scenario, calendar: Calendar, places: Sequence[Place], faults: list[Problem]) -> Timeline:
    """Work out every week; what cannot be placed is added to ``faults``."""
    phases = _phases(scenario, calendar, places, faults)
    resolver = _Items(scenario, calendar, places, phases, faults)
    items = [
        ItemPlan(item, resolver.spans(item.key), scenario.ramp_of(item), resolver.pushed.get(item.key, ""))
        for item in scenario.interventions
        if item.key not in scenario.waiting
    ]
    return Timeline(tuple(phases.values()), tuple(items))


def entries(item: Intervention, phases: Sequence[PhasePlan], places: Sequence[Place]) -> dict[int, int]:
    """Rows that ``item`` is meant for, each with the week from which the place allows it."""
    chosen = meant(item.where, places)
    if item.where.phase is None:
        return {place.row: 0 for place in chosen}
    names = item.where.phases()
    named = [plan for plan in phases if plan.name in names or ANY_PHASE in names]
    weeks = {place.row: [plan.entry[place.row] for plan in named if place.row in plan.entry] for place in chosen}
    return {row: min(found) for row, found in weeks.items() if found}


# --- phases ----------------------------------------------------------------------------------------------------------


def _phases(
    scenario: Scenario, calendar: Calendar, places: Sequence[Place], faults: list[Problem]
) -> dict[str, PhasePlan]:
    plans: dict[str, PhasePlan] = {}
    for plan in scenario.plans or ("",):
        own = [phase for phase in scenario.phases if scenario.plan_of(phase.name) == plan]
        plans |= _phases_of(scenario, plan, own, calendar, places, faults)
    return plans


def _phases_of(
    scenario: Scenario,
    plan: str,
    phases: Sequence[Phase],
    calendar: Calendar,
    places: Sequence[Place],
    faults: list[Problem],
) -> dict[str, PhasePlan]:
    """Phases of one plan, which follow each other."""
    plans: dict[str, PhasePlan] = {}
    entered: set[int] = set()
    next_day = calendar.start  # first day after the phases before
    for phase in sorted(phases, key=lambda p: p.start):
        slip = scenario.slip.get(phase.name, ON_TIME)
        start = max(durations.add(phase.start, slip.by) if slip.by else phase.start, next_day)
        days = max(1, round(((phase.end - phase.start).days + 1) * slip.times))
        end = min(start + timedelta(days=days) - ONE_DAY, calendar.end)
        if scenario.forgiving:
            start = min(start, calendar.end)
        if start > calendar.end:
            faults.append(phase.problem("start", f"slips push this phase to {start}, past the end on {calendar.end}"))
            continue
        next_day = end + ONE_DAY
        new = _newcomers(phase, places, entered, faults)
        first, last = calendar.week_of(start), calendar.week_of(end)
        length = last - first + 1
        entry = dict.fromkeys(sorted(entered), first)
        for k, row in enumerate(new):
            entry[row] = first + (k * length // len(new) if phase.entry == "even" else 0)
        entered |= set(new)
        free = () if phase.spread == "planned" else tuple(p.row for p in places if p.row not in entered)
        entry |= dict.fromkeys(free, first)
        told = phase.spread == "mandated"
        titles = ("", "") if phase.title is None else (phase.title.en, phase.title.zh)
        plans[phase.name] = PhasePlan(phase.name, start, end, entry, tuple(new), free, told, plan, *titles)
    return plans


def _newcomers(phase: Phase, places: Sequence[Place], entered: set[int], faults: list[Problem]) -> list[int]:
    """Rows that enter with ``phase``, in order of entry."""
    queue = [place for place in _ordered(phase, places) if place.row not in entered]
    if phase.select is not None:
        chosen = _selected(phase, queue)
        if not chosen:
            faults.append(phase.problem("select", "this selects no community; nobody of these archetypes is left"))
        return chosen
    if phase.reach is None:
        return []
    wanted = int(np.ceil(phase.reach * len(places) - 1e-9)) - len(entered)
    return [place.row for place in queue[: max(0, wanted)]]


def _ordered(phase: Phase, places: Sequence[Place]) -> list[Place]:
    """Communities in order of entry: by readiness, as it is or as one survey shows it, or by lot."""
    scores: Any = [place.readiness for place in places]
    if phase.order == "cherry_picked":
        scores = measured(scores, phase.reliability, [lot(place.spec.id, SURVEY_KEY) for place in places])
    lots = [lot(place.spec.id, ORDER_KEY) for place in places]
    return [places[k] for k in ranked(scores, lots, phase.order)]


def _selected(phase: Phase, queue: list[Place]) -> list[int]:
    """First of each archetype in turn, then the next of each, up to ``max``."""
    select = phase.select
    assert select is not None
    if select.archetypes is not None:
        queue = [place for place in queue if place.archetype in select.archetypes]
    if select.one_of_each is None:
        return [place.row for place in queue[: select.max]]
    turns: dict[str, int] = {}
    ranked: list[tuple[int, int]] = []
    for position, place in enumerate(queue):
        turn = turns.get(place.archetype, 0)
        turns[place.archetype] = turn + 1
        ranked.append((turn, position))
    chosen = [queue[position].row for _, position in sorted(ranked)]
    return chosen[: select.max if select.max is not None else len(turns)]


def meant(where: Where, places: Sequence[Place]) -> list[Place]:
    """Communities that ``where`` names, whatever their phase."""
    chosen = [p for p in places if where.archetypes() is None or p.archetype in (where.archetypes() or [])]
    if where.communities is not None:
        chosen = [place for place in chosen if place.spec.id in where.communities]
    if where.share is not None:
        count = int(np.ceil(where.share * len(chosen) - 1e-9))
        chosen = sorted(chosen, key=lambda place: lot(place.spec.id, SHARE_KEY))[:count]
    return chosen


# --- items -----------------------------------------------------------------------------------------------------------


class _Items:
    """Weeks of every item, worked out on demand so that what others wait for comes first."""

    def __init__(
        self,
        scenario: Scenario,
        calendar: Calendar,
        places: Sequence[Place],
        phases: dict[str, PhasePlan],
        faults: list[Problem],
    ) -> None:
        self.scenario, self.calendar, self.places, self.phases, self.faults = scenario, calendar, places, phases, faults
        self.items = {item.key: item for item in scenario.interventions}
        self.done: dict[str, dict[int, Span]] = {}
        self.pushed: dict[str, str] = {}
        self.open: list[str] = []

    def spans(self, key: str) -> dict[int, Span]:
        """Weeks of the item called ``key``, by row."""
        if key not in self.done:
            if key in self.open:
                circle = " -> ".join([*self.open[self.open.index(key) :], key])
                self.faults.append(self.items[key].problem("after", f"items wait for each other in a circle: {circle}"))
                return {}
            self.open.append(key)
            self.done[key] = self._work_out(self.items[key])
            self.open.pop()
        return self.done[key]

    def _work_out(self, item: Intervention) -> dict[int, Span]:
        faults_before = len(self.faults)
        meant_from = entries(item, list(self.phases.values()), self.places)
        own = {row: self._start(item, row, week) for row, week in meant_from.items()}
        starts = self._wait(item, own)
        self._note(item, own, starts)
        stop = self._stop(item)
        spans = {row: Span(week, stop) for row, week in starts.items() if week < stop}
        past = bool(starts) and self.scenario.forgiving
        if not spans and not past and len(self.faults) == faults_before:
            self.faults.append(item.problem("where" if not starts else "when", self._why_nobody(item, starts)))
        return spans

    def _note(self, item: Intervention, own: dict[int, int], starts: dict[int, int]) -> None:
        """Write down what moved the first week of ``item``."""
        if not starts:
            return
        slip, notes = self.scenario.slip_of(item), list[str]()
        if slip.by:
            notes.append(f"slips by {slip.by}")
        if slip.times != 1.0 and (item.when.delay or item.when.ramp_weeks or (item.after and item.after.lag)):
            notes.append(f"takes {slip.times:g} times as long")
        if item.after is not None and min(starts.values()) > min(own.values()):
            lag = f" and {item.after.lag} more" if item.after.lag else ""
            first = self.calendar.monday(min(own.values()))
            ready = "over" if item.after.item is None else "in full force"
            notes.append(f"pushed from {first} until {item.after.item or item.after.phase} is {ready}{lag}")
        if notes:
            self.pushed[item.key] = "; ".join(notes)

    def _why_nobody(self, item: Intervention, starts: dict[int, int]) -> str:
        if not starts:
            return f"no community of the district is meant, so {item.key!r} touches nobody"
        first = self.calendar.monday(min(starts.values()))
        return f"{item.key!r} would begin on {first}, after its end or the calendar's, so it touches nobody"

    def _start(self, item: Intervention, row: int, week: int) -> int:
        when = item.when
        if when.phase in self.phases:
            week = max(week, self.calendar.week_of(self.phases[str(when.phase)].start))
        if when.start is not None:
            week = max(week, self.calendar.week_of(when.start))
        slip = self.scenario.slip_of(item)
        if when.delay is not None:
            week = self._later(week, when.delay, slip.times)
        return self._later(week, slip.by) if slip.by else week

    def _later(self, week: int, duration: str, times: float = 1.0) -> int:
        """Week that holds the day ``times`` ``duration`` after the Monday of ``week``; may lie past the end."""
        start = self.calendar.monday(week)
        return week + round((durations.add(start, duration) - start).days * times) // 7

    def _stop(self, item: Intervention) -> int:
        if item.when.end is None:
            return self.calendar.weeks
        stop = self.calendar.week_of(item.when.end) + 1
        slip = self.scenario.slip_of(item)
        return min(self._later(stop, slip.by) if slip.by else stop, self.calendar.weeks)

    def _wait(self, item: Intervention, starts: dict[int, int]) -> dict[int, int]:
        """Push the starts behind what ``item`` waits for: its full force in the same community, else anywhere first."""
        if item.after is None:
            return starts
        ready = self._ready(item, starts)
        times = self.scenario.slip_of(item).times
        lag = item.after.lag
        return {
            row: max(week, self._later(ready[row], lag, times) if lag else ready[row]) if row in ready else week
            for row, week in starts.items()
        }

    def _ready(self, item: Intervention, starts: dict[int, int]) -> dict[int, int]:
        """Week from which the other lets ``item`` begin, by row; empty where that cannot be told."""
        assert item.after is not None
        if item.after.phase is not None:
            return self._phase_over(item, starts)
        other = str(item.after.item)
        if other not in self.items or other in self.scenario.waiting:
            waits = f"{other!r}, which has no date and waits for a trigger"
            message = waits if other in self.items else f"{other!r}, which is no item.{nearest(other, self.items)}"
            self.faults.append(item.problem(("after", "item"), f"found {message} Items: {allowed(self.items)}"))
            return {}
        spans = self.spans(other)
        if not spans:
            return dict.fromkeys(starts, self.calendar.weeks) if self.scenario.forgiving else {}
        ramp, earliest = self.scenario.ramp_of(self.items[other]), min(span.start for span in spans.values())
        return {row: (spans[row].start if row in spans else earliest) + ramp for row in starts}

    def _phase_over(self, item: Intervention, starts: dict[int, int]) -> dict[int, int]:
        assert item.after is not None
        name = str(item.after.phase)
        if name in self.phases:
            return dict.fromkeys(starts, self.calendar.week_of(self.phases[name].end) + 1)
        if name not in {phase.name for phase in self.scenario.phases}:
            message = (
                f"there is no phase {name!r}.{nearest(name, self.phases)} Phases: {allowed(self.phases) or 'none'}"
            )
            self.faults.append(item.problem(("after", "phase"), message))
        return {}
