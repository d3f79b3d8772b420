"""Couplings between processes, read from ``couplings.yaml``: what each hands on, and how it is cut."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, Literal

from .keeping import declarations


class CouplingError(ValueError):
    """A coupling that does not exist."""


@dataclass(frozen=True)
class Level:
    """What an effect that is cut leaves behind in the parameters ``into``.

    ``at`` gives, for each effect b, the parameter that holds the reference x0 of what it acts on. They gain ``sign``
    times the sum of b x0 (``linear``), or are multiplied by e to that power (``log``).
    """

    into: tuple[str, ...]
    scale: Literal["linear", "log"]
    sign: int
    at: Mapping[str, str]

    def keep(self, before: Mapping[str, float], after: dict[str, float]) -> None:
        """Write the level that the parameters ``before`` give into those ``after`` the cut."""
        total = self.sign * sum(before[effect] * before[reference] for effect, reference in self.at.items())
        for name in self.into:
            after[name] = after[name] * math.exp(total) if self.scale == "log" else after[name] + total


@dataclass(frozen=True)
class Coupling:
    """One process's hold on another (``path``: from, to). ``cut`` holds the parameters that stand still without it."""

    name: str
    path: tuple[str, str]
    meaning: str
    cut: Mapping[str, float]
    levels: tuple[Level, ...]
    source: str


@cache
def catalogue() -> Mapping[str, Coupling]:
    """Return all couplings by name, in the order of the file."""
    entries: dict[str, dict[str, Any]] = declarations("shequ.model", "couplings.yaml")
    return {name: _read(name, entry) for name, entry in entries.items()}


def _read(name: str, entry: dict[str, Any]) -> Coupling:
    levels = tuple(
        Level(tuple(level["into"]), level["scale"], int(level["sign"]), dict(level["at"]))
        for level in entry.get("level", ())
    )
    start, stop = entry["path"]
    cut = {key: float(value) for key, value in entry["cut"].items()}
    return Coupling(name, (start, stop), str(entry["meaning"]), cut, levels, str(entry["source"]))


def find(name: str) -> Coupling:
    """Look up the coupling called ``name``; raises CouplingError with the nearest names."""
    if name not in catalogue():
        near = get_close_matches(name, catalogue(), n=3)
        hint = f"did you mean {', '.join(near)}?" if near else "`shequ list couplings` shows all"
        message = f"there is no coupling {name!r}; {hint}"
        raise CouplingError(message)
    return catalogue()[name]


def without(values: Mapping[str, float], names: Iterable[str]) -> dict[str, float]:
    """Parameters with the couplings ``names`` cut."""
    after = dict(values)
    cut = [find(name) for name in names]
    for coupling in cut:
        for level in coupling.levels:
            level.keep(values, after)
    for coupling in cut:
        after.update(coupling.cut)
    return after
