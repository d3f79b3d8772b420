"""Checks of a merged scenario against the model: names, dates, units, bounds. All faults are found, not just one."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from ..model import levers, observables, parameters
from ..model.processes.funding import ACCOUNTS
from . import durations, own_data
from .blocks import Block, Dose, Households, Where
from .catalogue import aliases, dose_problems, interventions
from .loader import Scenario
from .places import places_of
from .reader import Problem, ScenarioError, allowed, nearest
from .schema import ALL_ITEMS, Intervention, Overlay, Phase, Promise, Shock
from .trigger_checks import trigger_problems
from .words import ANY_PHASE

LATEST = 51  # weeks: the money of a year comes in that year
DAYS_A_YEAR = 365
LONGEST = 100 * DAYS_A_YEAR  # days of a calendar; weeks are counted in 16 bits


def check_all(scenario: Scenario) -> list[Problem]:
    """Every fault that can be seen before dates are resolved."""
    faults = _frame(scenario)
    if faults:
        return faults
    faults += _phases(scenario)
    for item in scenario.interventions:
        faults += _item(scenario, item)
    faults += _money(scenario)
    for promise in scenario.milestones:
        faults += _promise(scenario, promise)
    faults += _uncertain(scenario)
    for trigger in scenario.triggers:
        faults += trigger_problems(scenario, trigger) + _communities(scenario, trigger.where)
        faults += _outside(scenario, trigger.when, "start", trigger.when.start)
    return faults


def _frame(scenario: Scenario) -> list[Problem]:
    """Faults of the frame: a calendar and a district must be there, by inheritance at least."""
    faults: list[Problem] = []
    top: Overlay = scenario.origin
    hint = "give one, or write `extends: baseline_2023` to inherit it"
    if scenario.calendar is None:
        faults.append(top.problem("calendar", f"there is no calendar; {hint}"))
    elif scenario.calendar.end <= scenario.calendar.start:
        message = f"found {scenario.calendar.end}, which is not after the start on {scenario.calendar.start}"
        faults.append(scenario.calendar.problem("end", message))
    elif (scenario.calendar.end - scenario.calendar.start).days > LONGEST:
        message = f"found {scenario.calendar.end}; a calendar spans at most {LONGEST // DAYS_A_YEAR} years"
        faults.append(scenario.calendar.problem("end", message))
    if not scenario.communities:
        faults.append(top.problem("district", f"there are no communities; {hint}"))
    total = sum(entry.count for entry in scenario.communities)
    if scenario.communities and scenario.subdistricts > total:
        message = f"found {scenario.subdistricts} subdistricts for {total} communities; at most one a community"
        faults.append(top.problem(("district", "subdistricts"), message))
    for entry in scenario.communities:
        low, high = entry.households
        if low > high:
            faults.append(entry.problem("households", f"found [{low}, {high}]; the first number is the smaller one"))
        faults += _overrides(entry, ("overrides",), entry.overrides)
        faults += _own(entry)
    for name, value in scenario.overrides.items():
        faults += _overrides(scenario.overridden_in.get(name, top), ("district", "overrides"), {name: value})
    return faults


def _own(entry: Households) -> list[Problem]:
    """Faults of the file of a user's own households, its rows included."""
    if entry.own is None:
        return []
    own = entry.own
    if entry.count != 1:
        message = f"found {entry.count}; a file of households is one community: write `count: 1`, one entry a file"
        return [entry.problem("count", message)]
    if not own.path.is_file():
        return [own.problem("file", f"there is no file {own.file!r} in {own.path.parent}")]
    found = own_data.digest(own.path)
    if found != own.sha256:
        message = f"{own.file} has changed since this was written; if that is meant, write {found}"
        return [own.problem("sha256", message)]
    try:
        estate = own_data.read(own.path, own.sha256)
    except ScenarioError as error:
        return error.problems
    low, high = entry.households
    if not low == high <= len(estate.households):
        message = f"found [{low}, {high}]; {own.file} has {len(estate.households)} households, so write that twice"
        return [entry.problem("households", message)]
    return []


def _overrides(block: Block, path: tuple[str, ...], values: dict[str, float] | object) -> list[Problem]:
    known = parameters.catalogue()
    faults: list[Problem] = []
    given: dict[str, float] = dict(values)  # type: ignore[call-overload]
    for name, value in given.items():
        if name not in known:
            message = f"there is no parameter {name!r}.{nearest(name, known)} `shequ list parameters` shows all."
            faults.append(block.problem((*path, name), message))
        elif not known[name].low <= value <= known[name].high:
            spec = known[name]
            message = f"found {value:g}; {name} may be {spec.low:g} to {spec.high:g} {spec.unit}"
            faults.append(block.problem((*path, name), message))
    return faults


def _outside(scenario: Scenario, block: Block, key: str, day: date | None) -> list[Problem]:
    """Fault if ``day`` lies outside the calendar."""
    days = scenario.calendar
    assert days is not None
    if day is None or days.start <= day <= days.end:
        return []
    return [block.problem(key, f"found {day}, which lies outside the calendar {days.start} to {days.end}")]


def _order(block: Block, start: date | None, end: date | None) -> list[Problem]:
    if start is None or end is None or start <= end:
        return []
    return [block.problem("end", f"found {end}, which is before the start on {start}")]


def _phases(scenario: Scenario) -> list[Problem]:
    faults: list[Problem] = []
    for phase in scenario.phases:
        faults += _outside(scenario, phase, "start", phase.start) + _outside(scenario, phase, "end", phase.end)
        faults += _order(phase, phase.start, phase.end)
        if phase.name == ANY_PHASE:
            faults.append(phase.problem("name", f"{ANY_PHASE!r} stands for all phases; choose another name"))
        if phase.select is not None and phase.reach is not None:
            faults.append(phase.problem("reach", "give `select` or `reach`, not both"))
        named = next((key for key in ("select", "reach") if getattr(phase, key) is not None), None)
        if phase.spread != "planned" and named is not None:
            message = f"{phase.spread!r} leaves it to the communities when they join; leave out `{named}`"
            faults.append(phase.problem("spread", message))
    for plan in scenario.plans or ("",):
        faults += _sequence([phase for phase in scenario.phases if scenario.plan_of(phase.name) == plan])
    return faults


def _sequence(phases: Sequence[Phase]) -> list[Problem]:
    """Faults of phases of one plan beside each other: a reach that shrinks, an overlap."""
    faults: list[Problem] = []
    by_start = sorted(phases, key=lambda phase: phase.start)
    with_reach = [phase for phase in by_start if phase.reach is not None]
    for before, after in pairwise(with_reach):
        if (after.reach or 0.0) < (before.reach or 0.0):
            message = (
                f"found {after.reach:g}, but {before.name!r} reaches {before.reach:g} already; a reach cannot shrink"
            )
            faults.append(after.problem("reach", message))
    for before, after in pairwise(by_start):
        if after.start <= before.end:
            message = f"found {after.start}: {after.name!r} overlaps {before.name!r}, which lasts until {before.end}"
            faults.append(after.problem("start", message))
    return faults


def _item(scenario: Scenario, item: Intervention) -> list[Problem]:
    faults: list[Problem] = []
    if item.use is not None and item.use not in interventions():
        return [item.problem("use", _no_intervention(item.use))]
    if not scenario.doses(item):
        message = f"{item.use!r} moves no lever; say it with the key `{interventions()[item.use or ''].expressed_as}:`"
        faults.append(item.problem("use", message))
    for lever, dose in item.levers.items():
        faults += dose_problems(lever, dose)
        faults += _archetypes(scenario, dose)
    if item.key == ALL_ITEMS:
        faults.append(item.problem("id", f"{ALL_ITEMS!r} stands for all items in `slip:`; choose another name"))
    when = item.when
    faults += _outside(scenario, when, "start", when.start) + _outside(scenario, when, "end", when.end)
    faults += _order(when, when.start, when.end)
    names = [phase.name for phase in scenario.phases]
    for block, key, wanted in ((item.where, "phase", item.where.phases()), (when, "phase", [when.phase])):
        for name in wanted:
            if name is not None and name not in names and not (name == ANY_PHASE and key == "phase" and names):
                message = f"there is no phase {name!r}.{nearest(name, names)} Phases: {allowed(names) or 'none'}"
                faults.append(block.problem(key, message))
    return faults + _communities(scenario, item.where)


def _no_intervention(name: str) -> str:
    known = interventions()
    slug = next((entry for alias, entry in aliases().items() if alias.partition("/")[2] == name), None)
    if slug is not None:
        return f"there is no intervention {name!r}; the registers' {name!r} is {slug!r} here"
    return f"there is no intervention {name!r}.{nearest(name, known)} `shequ list interventions` shows all."


def _archetypes(scenario: Scenario, dose: Dose) -> list[Problem]:
    value = getattr(dose, dose.way)
    present = {str(entry.archetype) for entry in scenario.communities}
    if not isinstance(value, dict) or present & {str(kind) for kind in value}:  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return []
    return [dose.problem(dose.way, f"names no archetype of the district ({allowed(sorted(present))})")]


def _area(scenario: Scenario, shock: Shock) -> list[Problem]:
    """Faults of where an emergency strikes."""
    faults = _communities(scenario, shock.where)
    if shock.where.phase is not None:
        message = "an emergency asks for no phase; give `archetype`, `share` or `communities`"
        faults.append(shock.where.problem("phase", message))
    return faults


def _communities(scenario: Scenario, where: Where) -> list[Problem]:
    known = [place.spec.id for place in places_of(scenario)] if where.communities else []
    return [
        where.problem(("communities", index), f"there is no community {number}. Numbers: {allowed(known, 30)}")
        for index, number in enumerate(where.communities or [])
        if number not in known
    ]


def _money(scenario: Scenario) -> list[Problem]:
    faults: list[Problem] = []
    accounts = {line.account for line in scenario.budget}
    for line in scenario.budget:
        if line.account not in ACCOUNTS:
            message = f"there is no account {line.account!r}.{nearest(line.account, ACCOUNTS)}"
            faults.append(line.problem("account", f"{message} Accounts: {allowed(ACCOUNTS)}"))
    for line in (*scenario.budget, *scenario.shocks):
        faults += _outside(scenario, line, "start", line.start) + _outside(scenario, line, "end", line.end)
        faults += _order(line, line.start, line.end)
    for block in scenario.shocks:
        if block.kind == "emergency":
            faults += _area(scenario, block)
        elif block.account is not None and block.account not in accounts:
            message = f"no budget line fills the account {block.account!r}.{nearest(block.account, accounts)}"
            faults.append(block.problem("account", f"{message} Accounts: {allowed(sorted(accounts)) or 'none'}"))
        elif not accounts:
            faults.append(block.problem("kind", "the scenario has no budget that could be hit"))
        if block.delay is not None and not 1 <= durations.weeks(block.delay) <= LATEST:
            message = f"found {block.delay}; the money of a year may come one week to {LATEST} weeks late"
            faults.append(block.problem("delay", message))
    return faults


def _promise(scenario: Scenario, promise: Promise) -> list[Problem]:
    faults = _outside(scenario, promise, "by", promise.by) + _outside(scenario, promise, "since", promise.since)
    if promise.since is not None and promise.since > promise.by:
        faults.append(promise.problem("since", f"found {promise.since}, which is after `by: {promise.by}`"))
    if promise.between is not None and promise.between[0] > promise.between[1]:
        faults.append(promise.problem("between", f"found {promise.between}; the first number is the smaller one"))
    if promise.communities != "all" and not scenario.phases:
        message = f"found {promise.communities!r}, but the scenario has no phases; allowed: all"
        faults.append(promise.problem("communities", message))
    if promise.observable is None:
        return faults
    known = observables.catalogue()
    if promise.observable not in known:
        message = f"there is no observable {promise.observable!r}.{nearest(promise.observable, known)}"
        return [*faults, promise.problem("observable", f"{message} `shequ list observables` shows all.")]
    spec = known[promise.observable]
    if promise.group != "all" and not spec.by_group:
        message = f"found {promise.group!r}; {promise.observable} does not tell groups of residents apart, allowed: all"
        faults.append(promise.problem("group", message))
    for key in ("at_least", "at_most"):
        value = getattr(promise, key)
        if value is not None and not (spec.low or 0.0) <= value <= (
            spec.high if spec.high is not None else float("inf")
        ):
            message = f"found {value:g}; {promise.observable} ({spec.unit}) lies between {spec.low:g} and {spec.high:g}"
            faults.append(promise.problem(key, message))
    return faults


def _uncertain(scenario: Scenario) -> list[Problem]:
    faults: list[Problem] = []
    for entry in scenario.uncertain:
        if (entry.lever is None) == (entry.parameter is None):
            faults.append(entry.problem("", "give `lever:` or `parameter:`, one of the two"))
            continue
        kind = "lever" if entry.lever is not None else "parameter"
        if entry.drawn and kind == "lever":
            message = "only parameters are drawn here; write the range of a lever at its dose (`range: [2, 6]`)"
            faults.append(entry.problem("drawn", message))
        known = levers.catalogue() if entry.lever is not None else parameters.catalogue()
        if entry.key not in known:
            faults.append(entry.problem(kind, f"there is no {kind} {entry.key!r}.{nearest(entry.key, known)}"))
            continue
        spec = known[entry.key]
        low, high = entry.range
        if not spec.low <= low < high <= spec.high:
            message = (
                f"found [{low:g}, {high:g}]; {entry.key} may vary within [{spec.low:g}, {spec.high:g}] {spec.unit}"
            )
            faults.append(entry.problem("range", message))
    return faults
