"""Turns a scenario into what a model is built from: district, lever settings, budget, calendar, milestones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..agents.warning import EmergencyKind
from ..model import parameters
from ..model.calendar import Calendar, CalendarError
from ..model.district import Appropriation, DistrictSpec, EmergencyEvent, Offer, PolicyPath
from ..model.levers import Setting
from ..model.triggers import Trigger
from . import durations, loader
from .checks import check_all
from .combining import area_of
from .doses import Move, Rivalry, idle, settings_of
from .loader import Scenario
from .places import Place, lot_of_run, places_of
from .reader import Problem, ScenarioError
from .schema import Money, Promise, Shock
from .timeline import PhasePlan, meant, resolve
from .triggering import triggers_of

FEN_A_YUAN = 100


@dataclass(frozen=True)
class Milestone:
    """A promise, ready to be compared with a run.

    ``area`` says over which communities the value is taken: ``all``, ``reached`` (by any phase so far) or ``pilot``
    (of the first phase); see :meth:`ModelInputs.areas`. A total counts from the day ``since``, None: from the start.
    ``direction`` is ``at_least``, ``at_most`` or ``between`` (``target`` to ``target_high``). Where ``measurable`` is
    false, ``observable`` is empty and ``reason`` says why.
    """

    id: str
    observable: str
    group: str
    area: str
    by: date
    since: date | None
    direction: Literal["at_least", "at_most", "between"]
    target: float
    target_high: float | None
    evidence: tuple[str, ...]
    measurable: bool
    reason: str


@dataclass(frozen=True)
class ModelInputs:
    """Everything that a run takes from a scenario."""

    name: str
    title: str
    title_zh: str
    hash: str
    seed: int
    district: DistrictSpec
    calendar: Calendar
    settings: tuple[Setting, ...]
    budget: tuple[Appropriation, ...]
    paths: tuple[PolicyPath, ...]
    events: tuple[EmergencyEvent, ...]
    triggers: tuple[Trigger, ...]
    milestones: tuple[Milestone, ...]
    phases: tuple[PhasePlan, ...]
    moves: tuple[Move, ...]
    pushed: Mapping[str, str]  # items whose first week was moved, and by what
    parameter_changes: tuple[Mapping[str, float], ...]
    uncertain: Mapping[str, tuple[float, float]]
    rivalries: tuple[Rivalry, ...]

    @property
    def entry_week(self) -> tuple[int | None, ...]:
        """Week in which the plan brings each community into its first phase; None if it never does."""
        return _entry_weeks(self.phases, len(self.district.communities))

    def areas(self, weeks: Sequence[int], in_place: Any = 0.0) -> dict[str, NDArray[np.float64]]:
        """Weights 0 or 1 of shape (week, community) for ``pilot`` and ``reached``, for ``observables.evaluate``.

        Empty without phases. Before a plan's first phase nobody is reached. ``in_place`` is the record of that name:
        with it, communities that join of themselves count as reached from then on. Of plans carried out together each
        has its own (``PLAN.pilot``), and who joins of itself is not told apart by plan.
        """
        found: dict[str, NDArray[np.float64]] = {}
        for plan, phases in _by_plan(self.phases).items():
            entries = _entry_weeks(phases, len(self.district.communities))
            entry = np.array([np.inf if week is None else week for week in entries])
            reached = (np.asarray(weeks)[:, None] >= entry[None, :]).astype(np.float64)
            pilot = np.zeros_like(reached)
            pilot[:, list(_pilot(phases).new)] = 1.0
            found[area_of(plan, "pilot")] = pilot
            found[area_of(plan, "reached")] = reached if plan else np.maximum(reached, in_place)
        return found

    def parameter_rows(self, point: Mapping[str, float] | None = None) -> list[dict[str, float]]:
        """Parameters of every community: defaults, then what the scenario says, then ``point``."""
        return [{**parameters.defaults(), **changes, **(point or {})} for changes in self.parameter_changes]

    def arguments(self, point: Mapping[str, float] | None = None) -> dict[str, Any]:
        """Arguments for ``CommunityModel(**inputs.arguments())``; ``point`` replaces parameters."""
        return {
            "district": self.district,
            "seed": self.seed,
            "calendar": self.calendar,
            "settings": self.settings,
            "budget": self.budget,
            "paths": self.paths,
            "events": self.events,
            "triggers": self.triggers,
            "parameter_values": self.parameter_rows(point),
        }


def compile(scenario: Scenario | str | Path, seed: int = 0) -> ModelInputs:
    """Compile a scenario (or the name of one); raises ScenarioError with every fault.

    ``seed`` is the run's: it decides how much of each dose reaches each community. The district, its sizes and the
    order in which communities enter the phases do not depend on it.
    """
    if not isinstance(scenario, Scenario):
        scenario = loader.load(scenario)
    faults = check_all(scenario)
    if faults:
        raise ScenarioError(faults)
    calendar = _calendar(scenario)
    places = places_of(scenario, seed)
    timeline = resolve(scenario, calendar, places, faults)
    found: list[Problem] = []
    settings, moves, rivalries = settings_of(scenario, places, timeline, calendar.weeks, seed, found)
    found += [idle(move) for move in moves if not move.changes and move.item not in scenario.may_idle]
    if not (scenario.without or scenario.forgiving):  # else a dose may do nothing, and stops at the bounds of its lever
        faults += found
    triggers = triggers_of(scenario, calendar, places, timeline.phases, seed, faults)
    events = _events(scenario, calendar, places, faults)
    if faults:
        raise ScenarioError(faults)
    return ModelInputs(
        name="+".join([scenario.name, *scenario.layers]),
        title=scenario.title.en,
        title_zh=scenario.title.zh,
        hash=scenario.hash,
        seed=seed,
        district=DistrictSpec(tuple(place.spec for place in places)),
        calendar=calendar,
        settings=tuple(settings),
        budget=tuple(_budget(scenario, calendar, len(places))),
        paths=tuple(_paths(timeline.phases, calendar, places)),
        events=tuple(events),
        triggers=tuple(triggers),
        milestones=tuple(milestone_of(promise) for promise in scenario.milestones),
        phases=timeline.phases,
        moves=tuple(moves),
        pushed={plan.item.key: plan.pushed for plan in timeline.items if plan.pushed},
        parameter_changes=tuple(_parameter_changes(scenario, seed)),
        uncertain={entry.key: (entry.range[0], entry.range[1]) for entry in scenario.uncertain},
        rivalries=tuple(rivalries),
    )


def audit(inputs: ModelInputs) -> Mapping[str, list[Move]]:
    """Levers that the scenario moves, each with what moves it: the list for the check after a run."""
    moved: dict[str, list[Move]] = {}
    for move in inputs.moves:
        moved.setdefault(move.lever, []).append(move)
    return moved


# --- district --------------------------------------------------------------------------------------------------------


def _calendar(scenario: Scenario) -> Calendar:
    assert scenario.calendar is not None
    try:
        return Calendar(scenario.calendar.start, scenario.calendar.end)
    except CalendarError as error:
        raise ScenarioError([scenario.calendar.problem("start", str(error))]) from error


def _parameter_changes(scenario: Scenario, seed: int) -> list[Mapping[str, float]]:
    """Parameters that differ, one mapping a community; those that are drawn are the same in all of them."""
    drawn = {
        entry.key: entry.range[0] + lot_of_run(seed, entry.key) * (entry.range[1] - entry.range[0])
        for entry in scenario.uncertain
        if entry.drawn
    }
    return [
        {**scenario.overrides, **entry.overrides, **drawn} for entry in scenario.communities for _ in range(entry.count)
    ]


# --- phases ----------------------------------------------------------------------------------------------------------


def _entry_weeks(phases: Sequence[PhasePlan], communities: int) -> tuple[int | None, ...]:
    entries = [{row: week for row, week in phase.entry.items() if row not in phase.free} for phase in phases]
    return tuple(min((entry[row] for entry in entries if row in entry), default=None) for row in range(communities))


def _by_plan(phases: Sequence[PhasePlan]) -> dict[str, list[PhasePlan]]:
    """Phases of each plan; one unnamed plan unless several are carried out together."""
    plans: dict[str, list[PhasePlan]] = {}
    for phase in phases:
        plans.setdefault(phase.plan, []).append(phase)
    return plans


def _pilot(phases: Sequence[PhasePlan]) -> PhasePlan:
    """First phase that brings communities into a plan; preparation before it brings none."""
    return next((phase for phase in phases if phase.new), phases[0])


def _paths(phases: Sequence[PhasePlan], calendar: Calendar, places: Sequence[Place]) -> list[PolicyPath]:
    """Return how the plan's policy comes to each community; the first to bring any is a pilot if another follows.

    Plans carried out together are one policy: it comes with the first of them.
    """
    if not phases:
        return []
    pilot_stop: dict[int, int] = {}
    for own in _by_plan(phases).values():
        pilot = _pilot(own)
        for row in pilot.new if pilot is not own[-1] else ():
            pilot_stop[row] = max(pilot_stop.get(row, 0), calendar.week_of(pilot.end) + 1)
    entries = _entry_weeks(phases, len(places))
    return [
        PolicyPath(
            entries[place.row],
            pilot_stop.get(place.row),
            tuple(
                Offer(phase.entry[place.row], calendar.week_of(phase.end) + 1, phase.mandated)
                for phase in phases
                if place.row in phase.free
            ),
            place.readiness,
        )
        for place in places
    ]


def _events(
    scenario: Scenario, calendar: Calendar, places: Sequence[Place], faults: list[Problem]
) -> list[EmergencyEvent]:
    """Emergencies; one that strikes nobody, or a community struck already that week, is added to ``faults``."""
    events: list[EmergencyEvent] = []
    for shock in scenario.shocks:
        if shock.kind != "emergency" or shock.type is None or shock.severity is None or shock.forewarning is None:
            continue
        week, rows = calendar.week_of(shock.start), tuple(place.row for place in meant(shock.where, places))
        if not rows:
            faults.append(shock.problem("where", "no community of the district is meant, so it strikes nobody"))
        struck = range(week, week + shock.weeks)
        if struck[-1] >= calendar.weeks:
            faults.append(shock.problem("weeks", f"it would last beyond the end of the calendar on {calendar.end}"))
        if any(event.week in struck and set(event.rows) & set(rows) for event in events):
            faults.append(shock.problem("start", "another emergency strikes the same community in the same week"))
        kind = EmergencyKind[shock.type.upper()]
        events += [EmergencyEvent(kind, each, shock.severity, rows, shock.forewarning) for each in struck]
    return events


# --- money and promises ----------------------------------------------------------------------------------------------


def _budget(scenario: Scenario, calendar: Calendar, communities: int) -> list[Appropriation]:
    """Promised money; lines that a shock hits are written out year by year."""
    lines: list[Appropriation] = []
    for line in scenario.budget:
        if not scenario.acts(line.key):
            continue
        fen = round(line.amount * FEN_A_YUAN) * (communities if line.per == "community" else 1)
        first, last = (line.start or calendar.start).year, (line.end or calendar.end).year
        hits = [shock for shock in scenario.shocks if _hits(shock, line)]
        if not hits:
            lines.append(Appropriation(line.account, line.payer, fen, first, last, line.growth))
            continue
        for year in range(first, last + 1):
            left = fen * (1.0 + line.growth) ** (year - first) * _left(hits, year)
            late = max((durations.weeks(s.delay) for s in hits if s.delay and _in_years(s, year)), default=0)
            lines.append(Appropriation(line.account, line.payer, round(left), year, year, weeks_late=late))
    return lines


def _hits(shock: Shock, line: Money) -> bool:
    of_money = shock.kind != "emergency"
    return of_money and shock.account in {None, line.account} and shock.payer in {None, line.payer}


def _in_years(shock: Shock, year: int) -> bool:
    return shock.start.year <= year <= (shock.end or shock.start).year


def _left(cuts: Sequence[Shock], year: int) -> float:
    """Share of the year's money that survives the cuts, by days."""
    left = 1.0
    first, last = date(year, 1, 1), date(year, 12, 31)
    for cut in cuts:
        days = (min(cut.end or last, last) - max(cut.start, first)).days + 1
        left *= 1.0 - (cut.share or 0.0) * max(0, days) / ((last - first).days + 1)
    return left


def milestone_of(promise: Promise) -> Milestone:
    """Promise of a file, ready to be compared."""
    low, high = promise.between or (promise.at_least, promise.at_most)
    direction: Literal["at_least", "at_most", "between"] = "between"
    if promise.between is None:
        direction = "at_least" if high is None else "at_most"
    target = high if low is None else low
    assert target is not None
    return Milestone(
        promise.id,
        promise.observable or "",
        promise.group,
        promise.communities,
        promise.by,
        promise.since,
        direction,
        target,
        high if direction == "between" else None,
        tuple(promise.evidence),
        promise.measurable,
        promise.reason,
    )
