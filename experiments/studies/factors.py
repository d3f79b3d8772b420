"""What a study varies: parameters, doses, fidelity, delays, money, and the size and time of shocks.

A factor is written ``kind:name``; a parameter by its name alone. ``x`` is its value in a run:

- ``habit_rate``: the parameter is x.
- ``lever:head_subsidy``: the plan brings the lever to x where, in full, it brings it farthest; all other doses of the
  lever keep their proportion to that one, seen from where the lever rests.
- ``fidelity:ITEM``: a share x of the dose reaches the ground on average (``fidelity:all``: of every dose).
- ``late:ITEM``: the item or phase begins x weeks later (``late:all``: all items that are not late by name).
- ``slow:ITEM``: delays, ramps and lags of the item, or the length of the phase, are x times as long (or ``slow:all``).
- ``money:LINE``: x times the money of a budget line (``money:all``: of every line).
- ``size:LAYER``: what the layer (``stress/budget_cut``) does is done to the share x; at 0 it does not happen.
- ``time:LAYER``: all that the layer does begins and ends x weeks later.
- ``luck``: which of many seeds the run has; x in [0, 1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal, get_args

from ...model import levers, parameters
from ...scenarios import durations, loader
from ...scenarios.blocks import Days, Fidelity, Slip
from ...scenarios.loader import Scenario
from ...scenarios.reader import ScenarioError, nearest
from ...scenarios.schema import ALL_ITEMS, Intervention, Shock
from ..pool import RunError

type Kind = Literal["parameter", "lever", "fidelity", "late", "slow", "money", "size", "time", "luck", "argument"]

KINDS: tuple[str, ...] = get_args(Kind.__value__)[:-1]  # arguments are those of textbook functions
LUCK = "luck"
UNITS: Mapping[str, str] = {
    "fidelity": "share",
    "late": "week",
    "slow": "ratio",
    "money": "ratio",
    "size": "share",
    "time": "week",
    LUCK: "share",
    "argument": "1",
}
BOUNDS: Mapping[str, tuple[float, float]] = {
    "fidelity": (0.0, 1.0),
    "late": (0.0, 260.0),
    "slow": (0.0, 10.0),
    "money": (0.0, 100.0),
    "size": (0.0, 1.0),
    "time": (-260.0, 260.0),
    LUCK: (0.0, 1.0),
}
USUAL: Mapping[str, tuple[float, float]] = {  # ranges where nobody gives others: up to a year late, half the money gone
    "fidelity": (0.4, 1.0),
    "late": (0.0, 52.0),
    "slow": (1.0, 2.0),
    "money": (0.5, 1.0),
    "time": (-52.0, 52.0),
}
WHOLE = ("late", "time")  # counted in whole weeks
SMALLEST = 1e-9  # a shock below this share of its size does not happen


@dataclass(frozen=True)
class Factor:
    """Something that a study varies between ``low`` and ``high``, in ``unit``."""

    kind: Kind
    of: str
    low: float
    high: float

    @property
    def name(self) -> str:
        """How the factor is written: a parameter by its name alone."""
        if self.kind in {"parameter", "argument"}:
            return self.of
        return LUCK if self.kind == LUCK else f"{self.kind}:{self.of}"

    @property
    def unit(self) -> str:
        """Unit of the values."""
        if self.kind == "parameter":
            return parameters.catalogue()[self.of].unit
        return levers.catalogue()[self.of].unit if self.kind == "lever" else UNITS[self.kind]

    def at(self, u: float) -> float:
        """Value at the share ``u`` of the range; weeks are whole."""
        if self.kind in WHOLE:
            return float(min(int(self.low + u * (self.high - self.low + 1.0)), int(self.high)))
        return self.low + u * (self.high - self.low)


def read(text: str, scenario: Scenario, low: float | None = None, high: float | None = None) -> Factor:
    """Return the factor written as ``text``; without ``low`` and ``high`` with its own range.

    The range of a parameter or lever is that of the scenario's ``uncertain:``, else that of its catalogue. Raises
    RunError with the nearest names.
    """
    kind, mark, of = text.partition(":")
    if text == LUCK:
        kind, of = LUCK, ""
    elif not mark:
        kind, of = "parameter", text
    if kind not in KINDS:
        message = f"{text!r} is not a factor: there is no kind {kind!r}. Kinds: {', '.join(KINDS[1:])}, or a parameter"
        raise RunError(message)
    _known(kind, of, text, scenario)
    usual = _usual(kind, of, scenario)
    found = Factor(kind, of, usual[0] if low is None else low, usual[1] if high is None else high)  # pyright: ignore[reportArgumentType]
    least, most = _bounds(kind, of)
    if not least <= found.low < found.high <= most:
        message = f"the range of {text} is {found.low:g} to {found.high:g}; allowed: {least:g} to {most:g}, low < high"
        raise RunError(message)
    return found


def _known(kind: str, of: str, text: str, scenario: Scenario) -> None:
    """Refuse a factor of something that the scenario does not have."""
    items = [item.key for item in scenario.interventions]
    names: Mapping[str, Sequence[str]] = {
        "parameter": list(parameters.catalogue()),
        "lever": sorted({lever for item in scenario.interventions for lever in scenario.doses(item)}),
        "fidelity": [ALL_ITEMS, *items],
        "late": [ALL_ITEMS, *items, *(phase.name for phase in scenario.phases)],
        "slow": [ALL_ITEMS, *items, *(phase.name for phase in scenario.phases)],
        "money": [ALL_ITEMS, *(line.key for line in scenario.budget)],
    }
    if kind in names and of not in names[kind]:
        what = "parameter" if kind == "parameter" else f"{kind} of {scenario.name}"
        message = f"{text!r}: there is no {what} called {of!r}.{nearest(of, names[kind])}"
        raise RunError(message)
    if kind in {"size", "time"}:
        try:
            layer = loader.is_layer(of)
        except ScenarioError as error:
            message = f"{text!r}: {error}"
            raise RunError(message) from error
        if not layer:
            message = f"{text!r}: {of} is no layer; shocks are those of scenarios/stress, or a file with `layer: true`"
            raise RunError(message)
        if loader.read_layer(of).district is not None:
            message = f"{text!r}: {of} changes parameters, which have no share and no time; vary the parameters instead"
            raise RunError(message)


def _usual(kind: str, of: str, scenario: Scenario) -> tuple[float, float]:
    for entry in scenario.uncertain:
        if entry.key == of and kind == ("lever" if entry.lever else "parameter"):
            return entry.range[0], entry.range[1]
    return USUAL[kind] if kind in USUAL else _bounds(kind, of)


def _bounds(kind: str, of: str) -> tuple[float, float]:
    if kind == "parameter":
        spec = parameters.catalogue()[of]
        return spec.low, spec.high
    if kind == "lever":
        lever = levers.catalogue()[of]
        return lever.low, lever.high
    return BOUNDS[kind]


# --- what a value does ------------------------------------------------------------------------------------------------


def applied(scenario: Scenario, values: Mapping[Factor, float]) -> Scenario:
    """Return ``scenario`` with all ``values`` but those of parameters, levers and luck, which a run is given."""
    layers: dict[str, dict[str, float]] = {}
    for factor, x in values.items():
        if factor.kind in {"size", "time"}:
            layers.setdefault(factor.of, {})[factor.kind] = x
        elif factor.kind in STEPS:
            scenario = STEPS[factor.kind](scenario, factor.of, x)
    for name, given in layers.items():
        scenario = _struck(scenario, name, given.get("size", 1.0), round(given.get("time", 0.0)))
    return replace(scenario, forgiving=True)


def _fidelity(scenario: Scenario, of: str, x: float) -> Scenario:
    """Mean share of a dose that reaches the ground; the spread stays."""
    items = tuple(
        item.model_copy(update={"fidelity": _mean(item.fidelity or scenario.fidelity, x)})
        if of in {ALL_ITEMS, item.key}
        else item
        for item in scenario.interventions
    )
    return replace(scenario, interventions=items)


def _mean(fidelity: Fidelity | None, x: float) -> Fidelity:
    return Fidelity(mean=x, sd=fidelity.sd if fidelity is not None else 0.0)


def _late(scenario: Scenario, of: str, x: float) -> Scenario:
    return _slipped(scenario, of, {"by": f"P{round(x)}W"})


def _slow(scenario: Scenario, of: str, x: float) -> Scenario:
    return _slipped(scenario, of, {"times": x})


def _slipped(scenario: Scenario, of: str, update: Mapping[str, Any]) -> Scenario:
    slip = scenario.slip.get(of, Slip()).model_copy(update=update)
    return replace(scenario, slip={**scenario.slip, of: slip})


def _money(scenario: Scenario, of: str, x: float) -> Scenario:
    budget = tuple(
        line.model_copy(update={"amount": line.amount * x}) if of in {ALL_ITEMS, line.key} else line
        for line in scenario.budget
    )
    return replace(scenario, budget=budget)


STEPS: Mapping[str, Any] = {"fidelity": _fidelity, "late": _late, "slow": _slow, "money": _money}


# --- shocks -----------------------------------------------------------------------------------------------------------


def _struck(scenario: Scenario, name: str, size: float, weeks: int) -> Scenario:
    """``scenario`` with the layer called ``name`` laid over, to the share ``size`` and ``weeks`` later."""
    if size < SMALLEST:
        return scenario
    part, days, shift = loader.read_layer(name), scenario.calendar, timedelta(weeks=weeks)
    assert days is not None
    update = {
        "interventions": [i for item in part.interventions for i in _item(item, size, shift, days, scenario.fidelity)],
        "shocks": [s for shock in part.shocks for s in _shock(shock, size, shift, days)],
        "milestones": [],
    }
    faults: list[Any] = []
    laid = loader.lay(scenario, part.model_copy(update=update), faults)
    if faults:
        raise ScenarioError(faults)
    on_time = {item.key: Slip() for item in part.interventions}  # delays of the plan are not those of the shock
    return replace(laid, layers=(*laid.layers, name), slip={**laid.slip, **on_time})


def _item(item: Intervention, size: float, shift: timedelta, days: Days, usual: Fidelity | None) -> list[Intervention]:
    """An item of a layer at ``size`` of its dose, moved in time; none if it falls outside the calendar."""
    span = _moved(item.when.start, item.when.end, shift, days)
    if span is None:
        return []
    whole = item.fidelity or usual or Fidelity(mean=1.0)
    fidelity = whole.model_copy(update={"mean": size * whole.mean, "sd": size * whole.sd})
    when = item.when.model_copy(update={"start": span[0], "end": span[1]})
    return [item.model_copy(update={"fidelity": fidelity, "when": when})]


def _shock(shock: Shock, size: float, shift: timedelta, days: Days) -> list[Shock]:
    """A shock of a layer at ``size`` of its share, severity or delay, moved in time."""
    span = _moved(shock.start, shock.end, shift, days)
    if span is None:
        return []
    update: dict[str, Any] = {"start": span[0], "end": span[1]}
    if shock.share is not None:
        update["share"] = size * shock.share
    if shock.severity is not None:
        update["severity"] = size * shock.severity
    if shock.delay is not None:
        weeks = round(size * durations.weeks(shock.delay))
        if weeks < 1:
            return []
        update["delay"] = f"P{weeks}W"
    return [shock.model_copy(update=update)]


def _moved(
    start: date | None, end: date | None, shift: timedelta, days: Days
) -> tuple[date | None, date | None] | None:
    """First and last day after the shift, cut to the calendar; None if nothing is left."""
    first = None if start is None else start + shift
    last = None if end is None else end + shift
    if (first is not None and first > days.end) or (last is not None and last < days.start):
        return None
    return (
        None if first is None else max(first, days.start),
        None if last is None else min(last, days.end),
    )
