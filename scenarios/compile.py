"""Turns a scenario into what a model is built from: district, lever settings, budget, calendar, milestones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from . import loader
from .checks import check_all
from .doses import Move, idle, settings_of
from .loader import Scenario
from .places import Place, places_of
from .reader import Problem, ScenarioError
from .schema import Money, Promise, Shock
from .timeline import PhasePlan, meant, resolve

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
    milestones: tuple[Milestone, ...]
    phases: tuple[PhasePlan, ...]
    moves: tuple[Move, ...]
    parameter_changes: tuple[Mapping[str, float], ...]
    uncertain: Mapping[str, tuple[float, float]]

    @property
    def entry_week(self) -> tuple[int | None, ...]:
        """Week in which the plan brings each community into its first phase; None if it never does."""
        return _entry_weeks(self.phases, len(self.district.communities))

    def areas(self, weeks: Sequence[int], in_place: Any = 0.0) -> dict[str, NDArray[np.float64]]:
        """Weights 0 or 1 of shape (week, community) for ``pilot`` and ``reached``, for ``observables.evaluate``.

        Empty without phases. Before a plan's first phase nobody is reached. ``in_place`` is the record of that name:
        with it, communities that join of themselves count as reached from then on.
        """
        if not self.phases:
            return {}
        entry = np.array([np.inf if week is None else week for week in self.entry_week])
        reached = (np.asarray(weeks)[:, None] >= entry[None, :]).astype(np.float64)
        pilot = np.zeros_like(reached)
        pilot[:, list(self.phases[0].new)] = 1.0
        return {"pilot": pilot, "reached": np.maximum(reached, in_place)}

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
    places = places_of(scenario)
    timeline = resolve(scenario, calendar, places, faults)
    acting = replace(timeline, items=tuple(plan for plan in timeline.items if plan.item.key not in scenario.without))
    found: list[Problem] = []
    settings, moves = settings_of(scenario, places, acting, calendar.weeks, seed, found)
    found += [idle(move) for move in moves if not move.changes]
    if not scenario.without:  # in part of a plan a dose may do nothing, and stops at the bounds of its lever
        faults += found
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
        milestones=tuple(milestone_of(promise) for promise in scenario.milestones),
        phases=timeline.phases,
        moves=tuple(moves),
        parameter_changes=tuple(_parameter_changes(scenario)),
        uncertain={entry.key: (entry.range[0], entry.range[1]) for entry in scenario.uncertain},
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


def _parameter_changes(scenario: Scenario) -> list[Mapping[str, float]]:
    return [{**scenario.overrides, **entry.overrides} for entry in scenario.communities for _ in range(entry.count)]


# --- phases ----------------------------------------------------------------------------------------------------------


def _entry_weeks(phases: Sequence[PhasePlan], communities: int) -> tuple[int | None, ...]:
    entries = [{row: week for row, week in phase.entry.items() if row not in phase.free} for phase in phases]
    return tuple(min((entry[row] for entry in entries if row in entry), default=None) for row in range(communities))


def _paths(phases: Sequence[PhasePlan], calendar: Calendar, places: Sequence[Place]) -> list[PolicyPath]:
    """Return how the plan's policy comes to each community; the first phase is a pilot if another follows."""
    if not phases:
        return []
    pilots = phases[0].new if len(phases) > 1 else ()
    pilot_stop = calendar.week_of(phases[0].end) + 1
    entries = _entry_weeks(phases, len(places))
    return [
        PolicyPath(
            entries[place.row],
            pilot_stop if place.row in pilots else None,
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
        if any(event.week == week and set(event.rows) & set(rows) for event in events):
            faults.append(shock.problem("start", "another emergency strikes the same community in this week"))
        kind = EmergencyKind[shock.type.upper()]
        events.append(EmergencyEvent(kind, week, shock.severity, rows, shock.forewarning))
    return events


# --- money and promises ----------------------------------------------------------------------------------------------


def _budget(scenario: Scenario, calendar: Calendar, communities: int) -> list[Appropriation]:
    """Promised money; lines that a shock hits are written out year by year."""
    lines: list[Appropriation] = []
    for line in scenario.budget:
        if line.key in scenario.without:
            continue
        fen = round(line.amount * FEN_A_YUAN) * (communities if line.per == "community" else 1)
        first, last = (line.start or calendar.start).year, (line.end or calendar.end).year
        cuts = [shock for shock in scenario.shocks if _hits(shock, line)]
        if not cuts:
            lines.append(Appropriation(line.account, line.payer, fen, first, last, line.growth))
            continue
        for year in range(first, last + 1):
            left = fen * (1.0 + line.growth) ** (year - first) * _left(cuts, year)
            lines.append(Appropriation(line.account, line.payer, round(left), year, year))
    return lines


def _hits(shock: Shock, line: Money) -> bool:
    cut = shock.kind == "budget_cut"
    return cut and shock.account in {None, line.account} and shock.payer in {None, line.payer}


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
