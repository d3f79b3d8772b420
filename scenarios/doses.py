"""Turns doses into lever settings: one value a community, lever and change point."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from ..model import levers
from ..model.draws import normal
from ..model.levers import Lever, Setting, Way, aimed, built_up, ramp_step
from . import durations
from .blocks import Dose
from .catalogue import CATEGORICAL
from .loader import Scenario
from .places import Place, lot_of_run
from .reader import Problem
from .schema import Intervention
from .timeline import ItemPlan, Span, Timeline

SAME = 1e-12


@dataclass(frozen=True)
class Move:
    """What one item does to one lever: in how many communities, in which weeks (both included), and where it stands."""

    item: str
    lever: str
    rows: tuple[int, ...]
    first_week: int
    last_week: int
    changes: bool
    place: Problem


@dataclass(frozen=True)
class _Layer:
    """One item's hold on one lever in one community."""

    item: str
    lever: str
    row: int
    span: Span
    ramp: int
    way: Way
    amount: float
    fidelity: float
    dose: Dose
    of_policy: bool  # holds only where the plan's policy is in place

    def weeks(self) -> list[int]:
        """Weeks in which this layer may change the lever."""
        climbs = range(self.span.start, min(self.span.start + self.ramp, self.span.stop), ramp_step(self.ramp))
        return [self.span.start, *climbs, self.span.stop]

    def target(self, under: float) -> float:
        """Value at full force over ``under``, what holds without this layer."""
        return aimed(self.way, self.amount, under)


@dataclass
class _Course:
    """Layers of one plan on a lever in one community, and where they bring it from rest, as last worked out."""

    layers: list[_Layer]
    changes: set[int]  # weeks in which that may change
    value: float
    without: float

    def add(self, layer: _Layer) -> None:
        """Take in one layer more."""
        self.layers.append(layer)
        self.changes.update(layer.weeks())


@dataclass(frozen=True)
class Rivalry:
    """A lever that several plans move: doses do not add up over plans, the one farthest from rest holds.

    ``settings`` is each plan's own farthest value, ``held`` the community-weeks in which its dose was what held.
    """

    lever: str
    settings: Mapping[str, float]
    held: Mapping[str, int]


def settings_of(
    scenario: Scenario,
    places: Sequence[Place],
    timeline: Timeline,
    weeks: int,
    seed: int,
    faults: list[Problem],
) -> tuple[list[Setting], list[Move], list[Rivalry]]:
    """Change points of every lever. Later items lie over earlier ones while they hold, and give way when they end.

    Of plans carried out together each moves a lever by itself, from rest; the value farthest from rest holds. Items of
    no plan lie over that.
    """
    layers = [layer for plan in timeline.items for layer in _layers(scenario, places, plan, seed)]
    stacks: dict[tuple[int, str], list[_Layer]] = {}
    for layer in layers:
        stacks.setdefault((layer.row, layer.lever), []).append(layer)
    settings: list[Setting] = []
    seen = _Seen({}, {}, {}, {})
    for (row, lever), stack in stacks.items():
        spec = levers.catalogue()[lever]
        low, high, last = spec.low, spec.high, (spec.rest, spec.rest)
        of_policy = any(layer.of_policy for layer in stack)
        plans: dict[str, _Course] = {}
        for layer in stack:
            plans.setdefault(scenario.plan_of(layer.item), _Course([], set(), *last)).add(layer)
        changes = sorted({week for course in plans.values() for week in course.changes if week < weeks})
        for week, until in zip(changes, [*changes[1:], weeks], strict=True):
            value, without = _standing(plans, spec, week, until - week, seen)
            if not (low <= value <= high and low <= without <= high):  # rounding only: targets lie inside
                value, without = min(max(value, low), high), min(max(without, low), high)
            if abs(value - last[0]) > SAME or abs(without - last[1]) > SAME:
                settings.append(Setting(week, row, lever, value, without if of_policy else None))
                last = (value, without)
    faults += seen.outside.values()
    settings.sort(key=attrgetter("week", "row", "lever"))
    return settings, _moves(layers, set(seen.effective)), seen.rivalries()


@dataclass(frozen=True)
class _Seen:
    """What is noticed while levers are set: items with effect, doses out of bounds, plans that share a lever."""

    effective: dict[tuple[str, str], None]
    outside: dict[tuple[str, str], Problem]
    farthest: dict[str, dict[str, float]]  # lever, plan: value
    held: dict[tuple[str, str], int]  # lever, plan: community-weeks

    def rivalries(self) -> list[Rivalry]:
        """Levers that more than one plan moves, in alphabetical order."""
        return [
            Rivalry(lever, plans, {plan: self.held.get((lever, plan), 0) for plan in plans})
            for lever, plans in sorted(self.farthest.items())
            if len(plans) > 1
        ]


def _standing(plans: Mapping[str, _Course], spec: Lever, week: int, weeks: int, seen: _Seen) -> tuple[float, float]:
    """Value of a lever in ``week``, and what it would be without the policy; it stands for ``weeks`` weeks.

    ``plans`` holds the layers of each plan, under an empty name those of none.
    """
    value = without = spec.rest
    holder = ""
    for plan, course in plans.items():
        if plan == "":
            continue
        if week in course.changes:
            course.value, course.without = _climb(course.layers, week, spec.rest, spec.rest, spec, seen)
        at, left = course.value, course.without
        if abs(at - spec.rest) > abs(value - spec.rest) + SAME:
            value, holder = at, plan
        without = left if abs(left - spec.rest) > abs(without - spec.rest) else without
        known = seen.farthest.setdefault(spec.name, {})
        if abs(at - spec.rest) >= abs(known.get(plan, spec.rest) - spec.rest):
            known[plan] = at
    if holder:
        seen.held[spec.name, holder] = seen.held.get((spec.name, holder), 0) + weeks
    return _climb(plans[""].layers if "" in plans else (), week, value, without, spec, seen)


def _climb(
    layers: Sequence[_Layer], week: int, value: float, without: float, spec: Lever, seen: _Seen
) -> tuple[float, float]:
    """Lay ``layers`` over a value, one over the other, and those that are of no policy over ``without``."""
    for layer in layers:
        if not layer.span.start <= week < layer.span.stop:
            continue
        share = built_up(week - layer.span.start, layer.ramp)  # how much of the change is in force
        target = layer.target(value)
        if abs(target - value) > SAME:
            seen.effective[layer.item, spec.name] = None
        if not spec.low - SAME <= target <= spec.high + SAME:
            message = f"leads to {target:g} {spec.unit}; {spec.name} may be {spec.low:g} to {spec.high:g}"
            seen.outside.setdefault((layer.item, spec.name), layer.dose.problem(layer.dose.key, message))
        value += share * layer.fidelity * (target - value)
        if not layer.of_policy:
            without += share * layer.fidelity * (layer.target(without) - without)
    return value, without


def farthest(settings: Iterable[Setting]) -> dict[str, float]:
    """Value of each lever where it stands farthest from rest."""
    found: dict[str, float] = {}
    for setting in settings:
        rest = levers.catalogue()[setting.lever].rest
        if abs(setting.value - rest) > abs(found.get(setting.lever, rest) - rest):
            found[setting.lever] = setting.value
    return found


def stretched(settings: Iterable[Setting], scales: Mapping[str, float]) -> tuple[Setting, ...]:
    """Settings with the distance from rest of the levers in ``scales`` so many times as large, within their bounds."""
    return tuple(_stretched(one, scales[one.lever]) if one.lever in scales else one for one in settings)


def _stretched(setting: Setting, scale: float) -> Setting:
    spec = levers.catalogue()[setting.lever]

    def moved(value: float) -> float:
        return min(max(spec.rest + scale * (value - spec.rest), spec.low), spec.high)

    without = None if setting.without is None else moved(setting.without)
    return replace(setting, value=moved(setting.value), without=without)


def _layers(scenario: Scenario, places: Sequence[Place], plan: ItemPlan, seed: int) -> list[_Layer]:
    item = plan.item
    layers: list[_Layer] = []
    reaching = {row: fidelity_of(scenario, item, places[row].spec.id, seed) for row in plan.spans}
    for lever, dose in scenario.doses(item).items():
        spec = levers.catalogue()[lever]
        scale = durations.factor(dose.unit, spec.unit) if dose.unit is not None else 1.0
        assert scale is not None
        rule = spec.unit == CATEGORICAL
        for row, span in plan.spans.items() if scenario.acts(item.key, lever) else ():
            amount = amount_of(dose, f"{item.key}/{lever}", places[row], seed)
            if amount is None:
                continue
            fidelity = 1.0 if rule else reaching[row]
            ramp = 0 if rule else plan.ramp
            of_policy = item.where.phase is not None
            layers.append(_Layer(item.key, lever, row, span, ramp, dose.way, amount * scale, fidelity, dose, of_policy))
    return layers


def amount_of(dose: Dose, name: str, place: Place, seed: int) -> float | None:
    """Number of ``dose`` at ``place``, None where it is not meant; a `range` is drawn in the run of ``seed``.

    ``name`` says which draw it is: item and lever.
    """
    lot = lot_of_run(seed, name, place.spec.id) if dose.range is not None else 0.5
    return dose.amount(place.archetype, lot)


def fidelity_of(scenario: Scenario, item: Intervention, community: int, seed: int) -> float:
    """How much of ``item`` reaches ``community`` in the run of ``seed``: normal, clipped to [0, 1]."""
    spread = item.fidelity or scenario.fidelity
    if spread is None:
        return 1.0
    return min(1.0, max(0.0, spread.mean + spread.sd * normal(lot_of_run(seed, item.key, community))))


def _moves(layers: Sequence[_Layer], effective: set[tuple[str, str]]) -> list[Move]:
    groups: dict[tuple[str, str], list[_Layer]] = {}
    for layer in layers:
        groups.setdefault((layer.item, layer.lever), []).append(layer)
    return [
        Move(
            item,
            lever,
            tuple(sorted(layer.row for layer in group)),
            min(layer.span.start for layer in group),
            max(layer.span.stop for layer in group) - 1,
            (item, lever) in effective,
            group[0].dose.problem("", ""),
        )
        for (item, lever), group in groups.items()
    ]


def idle(move: Move) -> Problem:
    """Fault of a move that changes nothing."""
    spec = levers.catalogue()[move.lever]
    message = (
        f"{move.item!r} changes nothing: {move.lever} already stands there "
        f"(it rests at {spec.rest:g} {spec.unit}). Give another dose or leave it out"
    )
    return Problem(move.place.file, move.place.line, move.place.key, message)
