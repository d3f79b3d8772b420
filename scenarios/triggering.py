"""Turns the triggers of a scenario into what a model watches and does."""

from collections.abc import Sequence
from dataclasses import replace

from ..model import levers
from ..model.calendar import Calendar
from ..model.levers import Act
from ..model.triggers import DISTRICT
from ..model.triggers import Trigger as ModelTrigger
from . import durations
from .catalogue import CATEGORICAL
from .doses import amount_of, fidelity_of
from .loader import Scenario
from .places import Place
from .reader import Problem
from .schema import Intervention, Trigger
from .timeline import PhasePlan, entries, meant


def triggers_of(
    scenario: Scenario,
    calendar: Calendar,
    places: Sequence[Place],
    phases: Sequence[PhasePlan],
    seed: int,
    faults: list[Problem],
) -> list[ModelTrigger]:
    """Triggers ready for a run; one that touches nobody is added to ``faults``, one that is left out is not there."""
    made: list[ModelTrigger] = []
    for trigger in scenario.triggers:
        if not scenario.acts(trigger.key) or (trigger.then.item is not None and not scenario.acts(trigger.then.item)):
            continue
        watched = meant(trigger.where, places)
        acts = _acts(scenario, trigger, calendar, watched, places, phases, seed)
        own = [replace(_bare(scenario, trigger, calendar), acts=tuple(acts), rows=tuple(p.row for p in watched))]
        if trigger.each == "community":
            own = [
                replace(own[0], rows=(p.row,), acts=tuple(act for act in acts if act.row == p.row), community=p.spec.id)
                for p in watched
            ]
        own = [one for one in own if one.rows and one.acts]
        if not own:
            faults.append(trigger.problem("where", f"{trigger.key!r} watches or touches nobody"))
        made += own
    return made


def _bare(scenario: Scenario, trigger: Trigger, calendar: Calendar) -> ModelTrigger:
    """Return the condition, without whom it watches and what it does."""
    when = trigger.when
    threshold = when.below if when.above is None else when.above
    assert threshold is not None
    return ModelTrigger(
        trigger.key,
        when.observable,
        threshold,
        when.above is not None,
        (),
        (),
        when.for_weeks,
        when.group,
        0 if when.start is None else calendar.week_of(when.start),
        _delay(scenario, trigger),
        trigger.once,
        DISTRICT,
    )


def _delay(scenario: Scenario, trigger: Trigger) -> int:
    """Weeks from the end of the week of firing to the acts; an item that slips comes so much later."""
    own = 0 if trigger.delay is None else durations.weeks(trigger.delay)
    if trigger.then.item is None:
        return own
    item = _waiting(scenario, trigger)
    return round(own * scenario.slip_of(item).times) + _slip(scenario, item)


def _slip(scenario: Scenario, item: Intervention) -> int:
    """Weeks by which ``item`` slips."""
    by = scenario.slip_of(item).by
    return durations.weeks(by) if by else 0


def _waiting(scenario: Scenario, trigger: Trigger) -> Intervention:
    """Return the item that waits for ``trigger``."""
    return next(item for item in scenario.interventions if item.key == trigger.then.item)


def _acts(
    scenario: Scenario,
    trigger: Trigger,
    calendar: Calendar,
    watched: Sequence[Place],
    places: Sequence[Place],
    phases: Sequence[PhasePlan],
    seed: int,
) -> list[Act]:
    then = trigger.then
    if then.item is not None:
        return _acts_of_item(scenario, _waiting(scenario, trigger), calendar, places, phases, seed)
    acts: list[Act] = []
    weeks = None if then.lasts is None else durations.weeks(then.lasts)
    for lever, dose in then.doses().items():
        unit = levers.find(lever).unit
        scale = durations.factor(dose.unit, unit) if dose.unit is not None else 1.0
        assert scale is not None  # units are checked with the doses
        ramp = 0 if unit == CATEGORICAL else then.ramp_weeks
        for place in watched:
            amount = amount_of(dose, f"{trigger.key}/{lever}", place, seed)
            if amount is not None:
                acts.append(Act(lever, place.row, dose.way, amount * scale, ramp_weeks=ramp, weeks=weeks))
    return acts


def _acts_of_item(
    scenario: Scenario,
    item: Intervention,
    calendar: Calendar,
    places: Sequence[Place],
    phases: Sequence[PhasePlan],
    seed: int,
) -> list[Act]:
    """Return what an item that waits for its trigger does where it is meant, as soon as a place allows it."""
    stop = None if item.when.end is None else calendar.week_of(item.when.end) + 1 + _slip(scenario, item)
    acts: list[Act] = []
    for lever, dose in scenario.doses(item).items():
        unit = levers.find(lever).unit
        scale = durations.factor(dose.unit, unit) if dose.unit is not None else 1.0
        assert scale is not None
        rule = unit == CATEGORICAL
        for row, week in entries(item, phases, places).items():
            amount = amount_of(dose, f"{item.key}/{lever}", places[row], seed)
            if amount is not None:
                fidelity = 1.0 if rule else fidelity_of(scenario, item, places[row].spec.id, seed)
                act = Act(lever, row, dose.way, amount * scale, fidelity, 0 if rule else scenario.ramp_of(item))
                acts.append(replace(act, first_week=week, stop=stop, of_policy=item.where.phase is not None))
    return acts
