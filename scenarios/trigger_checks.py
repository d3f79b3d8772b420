"""Checks of triggers: what they watch and what they move must exist and fit."""

from ..model import observables
from .catalogue import dose_problems
from .loader import Scenario
from .reader import Problem, allowed, nearest
from .schema import Intervention, Trigger


def trigger_problems(scenario: Scenario, trigger: Trigger) -> list[Problem]:
    """Faults of a trigger that can be seen before dates are resolved."""
    faults = _watched(trigger)
    for lever, dose in trigger.then.doses().items():
        faults += dose_problems(lever, dose)
    if trigger.where.phase is not None:
        message = "a trigger asks for no phase; give `archetype`, `share` or `communities`"
        faults.append(trigger.where.problem("phase", message))
    name = trigger.then.item
    if name is None:
        return faults
    items = {item.key: item for item in scenario.interventions}
    if name not in items:
        message = f"found {name!r}, which is no item.{nearest(name, items)} Items: {allowed(items)}"
        return [*faults, trigger.then.problem("item", message)]
    return faults + _dated(items[name], trigger)


def _watched(trigger: Trigger) -> list[Problem]:
    when, known = trigger.when, observables.catalogue()
    if when.observable not in known:
        message = f"there is no observable {when.observable!r}.{nearest(when.observable, known)}"
        return [when.problem("observable", f"{message} `shequ list observables` shows all.")]
    spec, faults = known[when.observable], list[Problem]()
    if when.group != "all" and not spec.by_group:
        message = f"found {when.group!r}; {spec.name} does not tell groups of residents apart, allowed: all"
        faults.append(when.problem("group", message))
    low, high = spec.low or 0.0, float("inf") if spec.high is None else spec.high
    for key, value in (("above", when.above), ("below", when.below)):
        reached = value is None or (low <= value < high if key == "above" else low < value <= high)
        if not reached:
            message = f"found {value:g}: {spec.name} ({spec.unit}) lies between {low:g} and {high:g}, never {key} that"
            faults.append(when.problem(key, message))
    return faults


def _dated(item: Intervention, trigger: Trigger) -> list[Problem]:
    """Faults of an item that waits for a trigger and has a date or waits for something else, too."""
    for block, keys in ((item.when, ("start", "phase", "delay")), (item, ("after",))):
        for key in keys:
            if getattr(block, key) is not None:
                message = f"found {item.key!r}, which begins by its `{key}:`; leave that out to let it wait"
                return [trigger.then.problem("item", message)]
    return []
