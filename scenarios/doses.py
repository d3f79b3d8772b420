"""Turns doses into lever settings: one value a community, lever and change point."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..model import levers
from ..model.draws import Stream, normal, uniforms
from ..model.levers import Setting, Way, aimed, built_up, ramp_step
from . import durations
from .blocks import Dose
from .catalogue import CATEGORICAL
from .loader import Scenario
from .places import Place
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

    def share(self, week: int) -> float:
        """How much of the change is in force in ``week``: a staircase from 0 to 1 over the ramp."""
        if not self.span.start <= week < self.span.stop:
            return 0.0
        return built_up(week - self.span.start, self.ramp)

    def weeks(self) -> list[int]:
        """Weeks in which this layer may change the lever."""
        climbs = range(self.span.start, min(self.span.start + self.ramp, self.span.stop), ramp_step(self.ramp))
        return [self.span.start, *climbs, self.span.stop]

    def target(self, under: float) -> float:
        """Value at full force over ``under``, what holds without this layer."""
        return aimed(self.way, self.amount, under)


def settings_of(
    scenario: Scenario,
    places: Sequence[Place],
    timeline: Timeline,
    weeks: int,
    seed: int,
    faults: list[Problem],
    left_out: tuple[str, str] | None = None,
) -> tuple[list[Setting], list[Move]]:
    """Change points of every lever. Later items lie over earlier ones while they hold, and give way when they end.

    ``left_out`` names an item and a lever that it is not to move.
    """
    layers = [layer for plan in timeline.items for layer in _layers(scenario, places, plan, seed)]
    layers = [layer for layer in layers if (layer.item, layer.lever) != left_out]
    stacks: dict[tuple[int, str], list[_Layer]] = {}
    for layer in layers:
        stacks.setdefault((layer.row, layer.lever), []).append(layer)
    settings: list[Setting] = []
    effective: set[tuple[str, str]] = set()
    outside: dict[tuple[str, str], Problem] = {}
    for (row, lever), stack in stacks.items():
        spec = levers.catalogue()[lever]
        last = (spec.rest, spec.rest)
        of_policy = any(layer.of_policy for layer in stack)
        for week in sorted({week for layer in stack for week in layer.weeks() if week < weeks}):
            value = without = spec.rest
            for layer in stack:
                share = layer.share(week)
                target = layer.target(value)
                if share > 0 and abs(target - value) > SAME:
                    effective.add((layer.item, lever))
                if share > 0 and not spec.low - SAME <= target <= spec.high + SAME:
                    message = f"leads to {target:g} {spec.unit}; {lever} may be {spec.low:g} to {spec.high:g}"
                    outside.setdefault((layer.item, lever), layer.dose.problem(layer.way, message))
                value += share * layer.fidelity * (target - value)
                if not layer.of_policy:
                    without += share * layer.fidelity * (layer.target(without) - without)
            value = min(max(value, spec.low), spec.high)  # rounding only: targets lie inside
            without = min(max(without, spec.low), spec.high)
            if max(abs(value - last[0]), abs(without - last[1])) > SAME:
                settings.append(Setting(week, row, lever, value, without if of_policy else None))
                last = (value, without)
    faults += outside.values()
    settings.sort(key=lambda s: (s.week, s.row, s.lever))
    return settings, _moves(layers, effective)


def _layers(scenario: Scenario, places: Sequence[Place], plan: ItemPlan, seed: int) -> list[_Layer]:
    item = plan.item
    layers: list[_Layer] = []
    for lever, dose in scenario.doses(item).items():
        spec = levers.catalogue()[lever]
        scale = durations.factor(dose.unit, spec.unit) if dose.unit is not None else 1.0
        assert scale is not None
        rule = spec.unit == CATEGORICAL
        for row, span in plan.spans.items():
            amount = dose.amount(places[row].archetype)
            if amount is None:
                continue
            fidelity = 1.0 if rule else fidelity_of(scenario, item, places[row].spec.id, seed)
            ramp = 0 if rule else plan.ramp
            of_policy = item.where.phase is not None
            layers.append(_Layer(item.key, lever, row, span, ramp, dose.way, amount * scale, fidelity, dose, of_policy))
    return layers


def fidelity_of(scenario: Scenario, item: Intervention, community: int, seed: int) -> float:
    """How much of ``item`` reaches ``community`` in the run of ``seed``: normal, clipped to [0, 1]."""
    spread = item.fidelity or scenario.fidelity
    if spread is None:
        return 1.0
    key = np.uint64((zlib.crc32(item.key.encode()) << 32) | community)
    u = uniforms(np.uint64(seed % 2**64), int(Stream.FIDELITY), 0, key, 0)[0]
    return min(1.0, max(0.0, spread.mean + spread.sd * normal(u)))


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
