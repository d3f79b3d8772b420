"""Observables: named measures with written definitions. Milestones, comparisons and calibration see nothing else.

An observable is a function of a :class:`View` (the recorded sums of one area and group through the weeks), defined in
:mod:`shequ.model.measures` and the modules ``measures_of_...``; its docstring is its definition.
Windows end with the week they are given for; ``year`` means the past 52 weeks, ``quarter`` the past 13.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, Literal, Protocol

import numpy as np
import xarray as xr
from numpy.typing import NDArray

type Series = NDArray[np.float64]
type Direction = Literal["more", "less"]

YEAR, QUARTER = 52, 13


class ObservableError(ValueError):
    """An observable that does not exist."""


class Sums(Protocol):
    """Recorded sums, from wherever they are kept."""

    @property
    def weeks(self) -> NDArray[np.int64]:
        """Weeks recorded, warm-up below 0."""
        ...

    def of(self, name: str, group: str) -> Series:
        """Values by week and community; what does not tell groups of residents apart is the same in all of them."""
        ...


class Recorded:
    """Sums of a finished run: the dataset of its recorder, in plain arrays, which are looked up faster."""

    def __init__(self, data: xr.Dataset) -> None:
        self.weeks: NDArray[np.int64] = data["week"].to_numpy()
        self.groups = [str(group) for group in data["group"].to_numpy()]
        self.values: dict[str, Series] = {str(name): data.variables[name].to_numpy() for name in data.data_vars}

    def of(self, name: str, group: str) -> Series:
        """Values by week and community."""
        values = self.values[name]
        return values[..., self.groups.index(group)] if values.ndim > 2 else values


class View:
    """Recorded sums of one area (a set of communities) and one group of residents.

    Every method returns a float64 array with one value a recorded week. A view keeps to the weeks recorded when it is
    made.
    """

    def __init__(self, data: Sums, group: str, area: Series) -> None:
        self.data = data
        self.group = group
        self.area = area  # (week, community) weights 0 or 1
        self.inside = area > 0
        self.weeks = data.weeks
        self._sums: dict[str, Series] = {}  # many observables share a denominator
        self._windows: dict[tuple[str, int], Series] = {}

    def by_community(self, name: str) -> Series:
        """Values by week and community, communities outside the area at zero."""
        return np.where(self.inside, self.data.of(name, self.group), 0.0)

    def now(self, name: str) -> Series:
        """Sum over the area this week."""
        if name not in self._sums:
            total = self.by_community(name).sum(axis=1)
            total.flags.writeable = False
            self._sums[name] = total
        return self._sums[name]

    def window(self, name: str, weeks: int) -> Series:
        """Sum over the area and the past ``weeks`` weeks (fewer where the record starts later)."""
        if (name, weeks) not in self._windows:
            total = np.cumsum(self.now(name))
            total[weeks:] -= total[:-weeks].copy()
            total.flags.writeable = False
            self._windows[name, weeks] = total
        return self._windows[name, weeks]

    def year(self, name: str) -> Series:
        """Sum over the past year."""
        return self.window(name, YEAR)

    def quarter(self, name: str) -> Series:
        """Sum over the past quarter."""
        return self.window(name, QUARTER)

    def since_start(self, name: str) -> Series:
        """Sum since the plan began (zero during warm-up)."""
        return np.cumsum(np.where(self.weeks >= 0, self.now(name), 0.0))


@dataclass(frozen=True)
class Observable:
    """A named measure: its unit, label, definition, source, and whether groups of residents differ in it.

    ``better`` says which way residents or staff are better off; None where that depends on who is asked.
    """

    name: str
    unit: str
    label: str
    definition: str
    source: str
    by_group: bool
    low: float | None
    high: float | None
    better: Direction | None
    compute: Callable[[View], Series]


_catalogue: dict[str, Observable] = {}


def observable(
    unit: str, label: str, source: str, *, by_group: bool = False, better: Direction | None = None
) -> Callable[[Callable[[View], Series]], Callable[[View], Series]]:
    """Enter the decorated function into the catalogue; its docstring is the definition."""

    def register(function: Callable[[View], Series]) -> Callable[[View], Series]:
        high = 1.0 if unit == "share" else None
        definition = " ".join((function.__doc__ or "").split())
        _catalogue[function.__name__] = Observable(
            function.__name__, unit, label, definition, source, by_group, 0.0, high, better, function
        )
        return function

    return register


@cache
def catalogue() -> Mapping[str, Observable]:
    """All observables by name."""
    for module in (
        "measures",
        "measures_of_services",
        "measures_of_bodies",
        "measures_of_tiers",
        "measures_of_projects",
        "measures_of_money",
    ):  # which enter them
        importlib.import_module(f"{__package__}.{module}")
    return _catalogue


def find(name: str) -> Observable:
    """Look up the observable called ``name``; raises ObservableError with the nearest names."""
    known = catalogue()
    if name not in known:
        near = get_close_matches(name, known, n=3)
        hint = f" Did you mean {', '.join(near)}?" if near else " `shequ list observables` shows all."
        message = f"there is no observable {name!r}.{hint}"
        raise ObservableError(message)
    return known[name]


def ratio(upper: Series, lower: Series) -> Series:
    """Return upper / lower, not-a-number where the lower is zero."""
    return np.divide(upper, lower, out=np.full_like(upper, np.nan), where=lower > 0)


def evaluate(data: xr.Dataset, areas: Mapping[str, Series] | None = None) -> xr.Dataset:
    """Every observable of a recorded run: dimensions week and group.

    ``data`` comes from ``Recorder.dataset()``. Groups are ``all`` and the groups of residents over the whole district,
    then one entry for each of ``areas`` (name -> weights of shape (week, community)) with all its residents.
    Observables that do not tell groups of residents apart are not-a-number in them.
    """
    whole = np.ones((data.sizes["week"], data.sizes["community"]))
    resident_groups = [str(g) for g in data["group"].to_numpy()]
    places: dict[str, Series] = dict(areas or {})
    labels = [*resident_groups, *places]
    sums = Recorded(data)
    views = [View(sums, group, whole) for group in resident_groups]
    views += [View(sums, "all", area) for area in places.values()]
    variables: dict[str, Any] = {}
    for observable in catalogue().values():
        columns: list[Series] = []
        for label, view in zip(labels, views, strict=True):
            tells = observable.by_group or label not in resident_groups[1:]
            columns.append(observable.compute(view) if tells else np.full(data.sizes["week"], np.nan))
        attributes = {
            "units": observable.unit,
            "long_name": observable.label,
            "definition": observable.definition,
            "source": observable.source,
        }
        variables[observable.name] = (("week", "group"), np.stack(columns, axis=1), attributes)
    return xr.Dataset(variables, coords={"week": data["week"], "group": labels})
