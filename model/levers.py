"""Levers: the only doorway by which a scenario reaches the model. Declared in ``levers.yaml``."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, Literal, cast

import numpy as np

from .keeping import declarations
from .passing import record_of

type LeverRow = Any  # a record (in kernels) or a plain object (in agents): one float attribute a lever
type LeverTable = np.ndarray[Any, np.dtype[np.void]]

type Way = Literal["to", "by", "times"]

WEEKLY_RAMP = 26  # up to this many weeks a ramp climbs every week, beyond it every fourth
LONG_RAMP_STEP = 4
KEYS = {"unit", "range", "rest", "process", "meaning", "source", "moves"}
MATURES = "matures"  # optional key


class LeverError(ValueError):
    """A lever that is unknown or set outside its bounds."""


@dataclass(frozen=True)
class Lever:
    """A quantity of the world that policy can set, community by community and week by week.

    ``rest`` is its value without any plan. ``moves`` names an observable and the direction (+1, -1) in which a higher
    setting pushes it: what the lever is for. ``matures`` is false for what a decision fixes, such as borders, money and
    time limits: it holds in full from the day on which a policy is in place, however young the policy is.
    """

    name: str
    unit: str
    low: float
    high: float
    rest: float
    process: str
    meaning: str
    source: str
    observable: str
    direction: int
    matures: bool


@cache
def catalogue() -> Mapping[str, Lever]:
    """All levers by name, in the order of the file."""
    entries: dict[str, dict[str, Any]] = declarations("shequ.model", "levers.yaml")
    return {name: _read(name, entry) for name, entry in entries.items()}


def _read(name: str, entry: dict[str, Any]) -> Lever:
    if set(entry) - {MATURES} != KEYS:
        message = f"levers.yaml: lever {name!r} has the keys {sorted(entry)}; each needs exactly {sorted(KEYS)}"
        raise LeverError(message)
    low, high = (float(bound) for bound in entry["range"])
    rest = float(entry["rest"])
    if not low <= rest <= high:
        message = f"levers.yaml: lever {name!r} rests at {rest}, outside [{low}, {high}]"
        raise LeverError(message)
    sign, observable = str(entry["moves"])[0], str(entry["moves"])[1:]
    return Lever(
        name,
        str(entry["unit"]),
        low,
        high,
        rest,
        str(entry["process"]),
        str(entry["meaning"]),
        str(entry["source"]),
        observable,
        {"+": 1, "-": -1}[sign],
        bool(entry.get(MATURES, True)),
    )


def find(name: str) -> Lever:
    """Look up the lever called ``name``; raises LeverError with the nearest names."""
    known = catalogue()
    if name not in known:
        near = get_close_matches(name, known, n=3)
        hint = f" Did you mean {', '.join(near)}?" if near else " `shequ list levers` shows all."
        message = f"there is no lever {name!r}.{hint}"
        raise LeverError(message)
    return known[name]


@dataclass(frozen=True)
class Setting:
    """From ``week`` on, ``lever`` has ``value`` in the community at ``row``.

    ``without`` is what holds there as long as the plan's policy is not in place; None: the policy has no part in it.
    """

    week: int
    row: int
    lever: str
    value: float
    without: float | None = None


@dataclass(frozen=True)
class Act:
    """A change of ``lever`` in the community at ``row`` that a trigger brings about, over whatever is dated there.

    It aims at ``amount`` (see :func:`aimed`), of which the share ``fidelity`` reaches the ground, builds up over
    ``ramp_weeks`` and holds for ``weeks`` (None: on and on), from ``first_week`` to before ``stop`` (None: the end).
    ``of_policy``: it holds only where the plan's policy is in place.
    """

    lever: str
    row: int
    way: Way
    amount: float
    fidelity: float = 1.0
    ramp_weeks: int = 0
    weeks: int | None = None
    first_week: int = 0
    stop: int | None = None
    of_policy: bool = False


def aimed(way: Way, amount: float, under: float) -> float:
    """Value of a lever that is set ``to`` an amount, moved ``by`` it, or is that many ``times`` what lies ``under``."""
    return {"to": amount, "by": under + amount, "times": under * amount}[way]


def ramp_step(ramp: int) -> int:
    """Weeks between two steps of a ramp of ``ramp`` weeks."""
    return 1 if ramp <= WEEKLY_RAMP else LONG_RAMP_STEP


def built_up(weeks: int, ramp: int) -> float:
    """Share of a change in force ``weeks`` after its first week: a staircase to 1 over ``ramp`` weeks."""
    if ramp == 0:
        return 1.0
    return min(1.0, (weeks // ramp_step(ramp) + 1) * ramp_step(ramp) / ramp)


@dataclass(frozen=True)
class _OfPolicy:
    """Levers that a policy moves, and what is asked of each every week: place in the table, ``matures``, bounds."""

    names: list[str]
    columns: Any
    matures: Any
    bounds: tuple[Any, Any]

    @classmethod
    def of(cls, names: set[str]) -> "_OfPolicy":
        """Levers called ``names``, in alphabetical order."""
        place = {name: k for k, name in enumerate(catalogue())}
        levers = [find(name) for name in sorted(names)]
        return cls(
            [lever.name for lever in levers],
            np.array([place[lever.name] for lever in levers], np.intp),
            np.array([lever.matures for lever in levers], np.bool_),
            (np.array([lever.low for lever in levers]), np.array([lever.high for lever in levers])),
        )


class _Pending:
    """Settings in the order of their weeks, of which ``due`` hands out those that have come: cells and values."""

    def __init__(self, weeks: list[int], cells: Any, values: Any, without: Any) -> None:
        self.weeks, self.cells, self.values, self.without = weeks, cells, values, without
        self.done = 0

    @classmethod
    def of(cls, settings: Sequence[Setting], place: Mapping[str, int]) -> "_Pending":
        """Take in ``settings``, each within its bounds; of two for one cell and week the first holds."""
        # What is written last holds, so that the first must come last in its week.
        ordered = sorted(settings, key=lambda s: s.week, reverse=True)[::-1]
        columns = np.array([place[find(setting.lever).name] for setting in ordered], np.intp)
        values = np.array([setting.value for setting in ordered], np.float64)
        without = np.array([s.value if s.without is None else s.without for s in ordered], np.float64)
        low, high = (np.array([getattr(lever, end) for lever in catalogue().values()]) for end in ("low", "high"))
        for given in (values, without):
            for k in np.flatnonzero(~((low[columns] <= given) & (given <= high[columns]))):
                lever = find(ordered[k].lever)
                message = (
                    f"lever {lever.name} = {given[k]:g} {lever.unit} is outside its bounds "
                    f"[{lever.low:g}, {lever.high:g}]"
                )
                raise LeverError(message)
        rows = np.array([setting.row for setting in ordered], np.intp)
        return cls([setting.week for setting in ordered], (rows, columns), values, without)

    def due(self, week: int) -> tuple[Any, Any, Any]:
        """Cells (rows, columns) whose setting has come by ``week``, with their values and those without the policy."""
        first, self.done = self.done, bisect_right(self.weeks, week, self.done)
        part = slice(first, self.done)
        return tuple(axis[part] for axis in self.cells), self.values[part], self.without[part]


class LeverSchedule:
    """Every lever of every community through time, kept as its changes.

    ``advance(week)`` brings ``now`` (record array, one row a community) to the given week; weeks must not go back.
    There every lever acts as it is set; ``let_policy_act`` then thins or strengthens what belongs to a policy.
    """

    def __init__(self, communities: int, settings: Sequence[Setting] = ()) -> None:
        levers = catalogue()
        dtype = record_of(tuple(levers))
        self.now: LeverTable = np.array([tuple(lever.rest for lever in levers.values())] * communities, dtype)
        self._now = _numbers(self.now)
        self._place = {name: k for k, name in enumerate(levers)}
        self._set, self._without = self._now.copy(), self._now.copy()
        self._dated, self._dated_without = self._now.copy(), self._now.copy()  # before what triggers lay over
        self._laid: dict[tuple[str, int], list[tuple[int, Act]]] = {}
        self._pending = _Pending.of(settings, self._place)
        self._of_policy = _OfPolicy.of({setting.lever for setting in settings if setting.without is not None})
        self._acting: tuple[bytes, bytes] | None = None  # of the policy as it last acted; None once a lever was set

    def lay(self, act: Act, week: int) -> None:
        """Let ``act`` hold from ``week`` on, or from when its community comes to it."""
        self._laid.setdefault((act.lever, act.row), []).append((max(week, act.first_week), act))
        if act.of_policy:
            self._of_policy = _OfPolicy.of({*self._of_policy.names, act.lever})

    def advance(self, week: int) -> bool:
        """Apply every setting dated up to ``week`` and what triggers laid over; returns whether something was set."""
        cells, values, without = self._pending.due(week)
        changed = len(values) > 0
        if changed:
            self._dated[cells] = self._set[cells] = self._now[cells] = values
            self._dated_without[cells] = self._without[cells] = without
        for name, row in self._laid:
            at = row, self._place[name]
            value, left = self._with_acts(name, row, week)
            if value != self._set[at] or left != self._without[at]:
                self._now[at] = self._set[at] = value
                self._without[at] = left
                changed = True
        if changed:
            self._acting = None
        return changed

    def _with_acts(self, name: str, row: int, week: int) -> tuple[float, float]:
        """Value of a lever with and without the policy once all acts are laid over what is dated, within bounds."""
        at = row, self._place[name]
        value, without = float(self._dated[at]), float(self._dated_without[at])
        lever = find(name)
        for start, act in self._laid.get((name, row), ()):
            stop = min(
                start + act.weeks if act.weeks is not None else week + 1,
                act.stop if act.stop is not None else week + 1,
            )
            if not start <= week < stop:
                continue
            share = act.fidelity * built_up(week - start, act.ramp_weeks)
            value += share * (min(max(aimed(act.way, act.amount, value), lever.low), lever.high) - value)
            if not act.of_policy:
                without += share * (min(max(aimed(act.way, act.amount, without), lever.low), lever.high) - without)
        return value, without

    def let_policy_act(self, in_place: Any, force: Any) -> bool:
        """Set ``now`` to what a policy brings about; returns whether something changed.

        ``in_place`` (flags) and ``force`` (shares, above 1 where there is extra effort) have one entry a community:
        without + force (set - without), within the bounds of the lever; ``without`` where the policy is not in place.
        """
        acting_now = (np.asarray(in_place).tobytes(), np.asarray(force).tobytes())
        if acting_now == self._acting:
            return False
        self._acting = acting_now
        columns, matures, low, high = self._of_policy.columns, self._of_policy.matures, *self._of_policy.bounds
        base, aim = self._without[:, columns], self._set[:, columns]
        full = np.where(matures, np.asarray(force, np.float64)[:, None], 1.0)
        share = np.where(np.asarray(in_place, np.bool_)[:, None], full, 0.0)
        acting = cast("Any", np.where(share == 1.0, aim, np.clip(base + share * (aim - base), low, high)))
        changed = not np.array_equal(acting, self._now[:, columns])
        self._now[:, columns] = acting
        return changed


def _numbers(table: LeverTable) -> Any:
    """The same levers as an array (community, lever) over the same memory."""
    return table.view(np.float64).reshape(len(table), -1)
