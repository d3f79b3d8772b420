"""Parameters: every number of the model, with unit, range, meaning and source, read from ``parameters/*.yaml``."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, cast

import numpy as np

from .keeping import declarations
from .passing import record_of

type ParameterRow = Any  # a record (in kernels) or a plain object (in agents): one float attribute a parameter
type ParameterTable = np.ndarray[Any, np.dtype[np.void]]

KINDS = {"uncertain", "fixed"}
KEYS = {"value", "unit", "range", "meaning", "source", "kind"}


class ParameterError(ValueError):
    """A parameter that is unknown, malformed or out of its range."""


@dataclass(frozen=True)
class Parameter:
    """One number of the model.

    ``kind`` is ``uncertain`` (experiments may vary it over ``low`` to ``high``) or ``fixed`` (a definition or a numeric
    choice). ``source`` is an evidence id, a theory tag such as ``T3.3``, or ``assumed: <reason>``.
    """

    name: str
    value: float
    unit: str
    low: float
    high: float
    meaning: str
    source: str
    kind: str
    process: str


@cache
def catalogue() -> Mapping[str, Parameter]:
    """All parameters by name, in the order of their files."""
    found: dict[str, Parameter] = {}
    folder = files("shequ.model") / "parameters"
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if not path.name.endswith(".yaml"):
            continue
        process = path.name.removesuffix(".yaml")
        entries: dict[str, Any] = declarations("shequ.model", "parameters", path.name) or {}
        for parameter in _expand(entries, process):
            if parameter.name in found:
                other = found[parameter.name].process
                message = f"{path.name}: parameter {parameter.name!r} is already declared in {other}.yaml"
                raise ParameterError(message)
            found[parameter.name] = parameter
    return found


def _expand(entries: dict[str, dict[str, Any]], process: str) -> Iterator[Parameter]:
    """Parameters of one file; a ``value`` given by archetype becomes one parameter an archetype, ``name_archetype``."""
    for name, entry in entries.items():
        value = entry.get("value")
        if isinstance(value, dict):
            for key, number in cast("dict[str, float]", value).items():
                yield _read(f"{name}_{key}", entry | {"value": number}, process)
        else:
            yield _read(name, entry, process)


def _read(name: str, entry: dict[str, Any], process: str) -> Parameter:
    if set(entry) != KEYS:
        message = f"{process}.yaml: parameter {name!r} has the keys {sorted(entry)}; each needs exactly {sorted(KEYS)}"
        raise ParameterError(message)
    low, high = (float(bound) for bound in entry["range"])
    value = float(entry["value"])
    if entry["kind"] not in KINDS or not low <= value <= high:
        message = (
            f"{process}.yaml: parameter {name!r}: kind must be one of {sorted(KINDS)} and {low} <= value <= {high}"
        )
        raise ParameterError(message)
    return Parameter(
        name, value, str(entry["unit"]), low, high, str(entry["meaning"]), str(entry["source"]), entry["kind"], process
    )


def defaults() -> dict[str, float]:
    """Value of every parameter."""
    return {name: parameter.value for name, parameter in catalogue().items()}


def with_changes(changes: Mapping[str, float]) -> dict[str, float]:
    """Default values with ``changes`` laid over them; an unknown name or a value out of range raises ParameterError."""
    values = defaults()
    for name, value in changes.items():
        parameter = find(name)
        if not parameter.low <= value <= parameter.high:
            message = (
                f"parameter {name} = {value} {parameter.unit} is outside its range [{parameter.low}, {parameter.high}]"
            )
            raise ParameterError(message)
        values[name] = float(value)
    return values


def find(name: str) -> Parameter:
    """Look up the parameter called ``name``; raises ParameterError with the nearest names."""
    known = catalogue()
    if name not in known:
        near = get_close_matches(name, known, n=3)
        hint = f" Did you mean {', '.join(near)}?" if near else " `shequ list parameters` shows all."
        message = f"there is no parameter {name!r}.{hint}"
        raise ParameterError(message)
    return known[name]


def table(rows: Iterable[Mapping[str, float]]) -> ParameterTable:
    """Record array with one row a community, frozen: kernels read ``table[c].name``."""
    names = list(catalogue())
    records = np.array([tuple(row[name] for name in names) for row in rows], record_of(tuple(names)))
    records.flags.writeable = False
    return records
