"""Textbook functions in place of the model, so that the whole path from design to indices is held against closed forms.

``ishigami``: Y = sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1, x uniform in (-pi, pi) (Ishigami & Homma 1990).
``g``: Y = prod (|4 x_i - 2| + a_i) / (1 + a_i), a = 0, 1, 4.5, 9, 99, 99, 99, 99 (Saltelli & Sobol' 1995).
``noisy``: ishigami plus normal noise of the run's seed with the variance of the function.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import pi, prod, sin, sqrt
from typing import Any

import numpy as np

from ...model.calendar import Calendar
from ..pool import RunError
from .course import Kept, PromiseRow, SeriesRow, Warm, stage
from .factors import Factor

COEFFICIENTS = (0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0)
A, B = 7.0, 0.1
VALUE = "value"
FUNCTIONS: Mapping[str, int] = {"ishigami": 3, "g": len(COEFFICIENTS), "noisy": 3}


@dataclass(frozen=True)
class FunctionCourse:
    """A function that is run as if it were a scenario; what it gives is called ``value``, at week 0."""

    name: str

    @property
    def fingerprint(self) -> Mapping[str, Any]:
        """The name says all."""
        return {"name": self.name}

    @property
    def calendar(self) -> Calendar:
        """A calendar of one year."""
        return Calendar(date(2024, 1, 1), date(2024, 12, 29))

    def rehearse(self) -> None:
        """Do nothing: there is nothing to compile."""

    def tell(
        self, values: Mapping[Factor, float], seed: int, kept: Kept, warm: Warm | None
    ) -> tuple[Sequence[SeriesRow], Sequence[PromiseRow]]:
        """Evaluate the function."""
        with stage("run"):
            x = [value for factor, value in values.items() if factor.kind == "argument"]
            y = g(x) if self.name == "g" else ishigami(x)
            if self.name == "noisy":
                y += sqrt(sum(ishigami_variances().values())) * float(np.random.default_rng(seed).standard_normal())
            return [(0, VALUE, "all", y)], []


def factors(name: str) -> tuple[Factor, ...]:
    """Arguments of a function, as factors."""
    if name not in FUNCTIONS:
        message = f"there is no function {name!r}; there are {', '.join(FUNCTIONS)}"
        raise RunError(message)
    low, high = (0.0, 1.0) if name == "g" else (-pi, pi)
    return tuple(Factor("argument", f"x{k + 1}", low, high) for k in range(FUNCTIONS[name]))


def ishigami(x: Sequence[float]) -> float:
    """Value of Ishigami's function."""
    return sin(x[0]) + A * sin(x[1]) ** 2 + B * x[2] ** 4 * sin(x[0])


def g(x: Sequence[float]) -> float:
    """Value of Sobol's g-function."""
    return prod((abs(4.0 * xi - 2.0) + a) / (1.0 + a) for xi, a in zip(x, COEFFICIENTS, strict=True))


def ishigami_variances() -> dict[str, float]:
    """Parts of the variance: of x1 and x2 alone, of x1 and x3 together; all others are 0."""
    return {
        "x1": 0.5 + B * pi**4 / 5.0 + B**2 * pi**8 / 50.0,
        "x2": A**2 / 8.0,
        "x1 x3": B**2 * pi**8 * (1.0 / 18.0 - 1.0 / 50.0),
    }


def exact(name: str) -> tuple[dict[str, float], dict[str, float]]:
    """First-order and total indices of ``ishigami`` or ``g``, by argument."""
    if name == "g":
        single = [1.0 / (3.0 * (1.0 + a) ** 2) for a in COEFFICIENTS]
        whole = prod(1.0 + v for v in single) - 1.0
        first = {f"x{k + 1}": v / whole for k, v in enumerate(single)}
        total = {f"x{k + 1}": v * (whole + 1.0) / (1.0 + v) / whole for k, v in enumerate(single)}
        return first, total
    parts = ishigami_variances()
    whole = sum(parts.values())
    first = {"x1": parts["x1"] / whole, "x2": parts["x2"] / whole, "x3": 0.0}
    both = parts["x1 x3"] / whole
    return first, {"x1": first["x1"] + both, "x2": first["x2"], "x3": both}
