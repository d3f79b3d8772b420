"""What a check is: a set-up with free numbers, run on the model's own code, beside values from elsewhere."""

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from time import perf_counter
from typing import Any, Literal

import numpy as np

type Number = int | float
type Verdict = Literal["holds", "fails", "void"]

STANDARD_ERRORS = 4.0  # a false alarm about once in 16,000 rows
PRECISION = 0.01  # a random row is void if its standard error is above this share of the expected value
BATCHES = 50

catalogue: dict[str, "Check"] = {}


class CheckError(ValueError):
    """A check or a number that does not exist or cannot be used."""


def require(holds: bool, allowed: str) -> None:
    """Raise CheckError with what is ``allowed`` unless the numbers of a check can be used."""
    if not holds:
        raise CheckError(allowed)


def at_least_one(**counts: int) -> None:
    """Raise CheckError unless every count is 1 or more."""
    for name, value in counts.items():
        require(value >= 1, f"{name} must be 1 or more, not {value}: give a larger number")


@dataclass(frozen=True)
class Row:
    """One quantity of a check: ``tolerance`` is absolute, ``error`` a standard error (None if nothing is random)."""

    quantity: str
    expected: float
    got: float
    tolerance: float
    error: float | None = None
    precision: float = PRECISION

    @property
    def verdict(self) -> Verdict:
        """``void`` where the sample was too small to tell right from wrong."""
        if self.error is not None and not self.error <= self.precision * abs(self.expected):
            return "void"
        return "holds" if abs(self.got - self.expected) <= self.tolerance else "fails"


def exact(quantity: str, expected: float, got: float) -> Row:
    """Return a row that must agree to the last digit: counts, conservation laws, the same code twice."""
    return Row(quantity, float(expected), float(got), 0.0)


def printed(quantity: str, expected: float, got: float, *, digits: int = 6) -> Row:
    """Return a row that must agree with a value printed with ``digits`` places after the point."""
    return Row(quantity, float(expected), float(got), 0.5 * 10.0**-digits * (1.0 + 1e-6))


def close(quantity: str, expected: float, got: float, *, tolerance: float) -> Row:
    """Return a row that must agree within an absolute ``tolerance`` which the source of the check states."""
    return Row(quantity, float(expected), float(got), tolerance)


def random(quantity: str, expected: float, got: float, error: float, *, precision: float = PRECISION) -> Row:
    """Return a row that must agree within four standard errors, ``error`` being one of them."""
    return Row(quantity, float(expected), float(got), STANDARD_ERRORS * float(error), float(error), precision)


def share(quantity: str, expected: float, hits: float, n: int, *, precision: float = PRECISION) -> Row:
    """Return a row for ``hits`` of ``n`` independent trials."""
    require(n >= 1, f"{quantity}: there was nothing to count: give larger numbers")
    return random(quantity, expected, hits / n, math.sqrt(expected * (1.0 - expected) / n), precision=precision)


def mean(quantity: str, expected: float, values: Any, *, precision: float = PRECISION) -> Row:
    """Return a row for the mean of independent ``values``."""
    values = np.asarray(values, np.float64)
    require(len(values) >= 2, f"{quantity}: {len(values)} values have no standard error: give larger numbers")
    return random(quantity, expected, values.mean(), values.std(ddof=1) / math.sqrt(len(values)), precision=precision)


def batches(quantity: str, expected: float, values: Any, *, precision: float = PRECISION) -> Row:
    """Return a row for the mean of ``values`` that depend on their neighbours in time: 50 batch means."""
    size = len(values) // BATCHES
    require(size >= 1, f"{quantity}: {len(values)} values are too few for {BATCHES} batches: give a larger n")
    means = np.asarray(values[: size * BATCHES], np.float64).reshape(BATCHES, size).mean(axis=1)
    return random(quantity, expected, means.mean(), means.std(ddof=1) / math.sqrt(BATCHES), precision=precision)


@dataclass(frozen=True)
class Report:
    """What a check found at one set of numbers."""

    check: str
    title: str
    numbers: Mapping[str, Number]
    rows: tuple[Row, ...]
    seconds: float

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of the rows."""
        found = {row.verdict for row in self.rows}
        return "fails" if "fails" in found else "void" if "void" in found else "holds"


type Body = Callable[..., Iterable[Row]]


@dataclass(frozen=True)
class Check:
    """A check of docs/theory.md: call it with numbers of your own, as ``erlang_c(c=7, a=5.5)``."""

    id: str
    title: str
    body: Body
    cases: tuple[Mapping[str, Number], ...]
    study: tuple[Mapping[str, Number], ...]

    def __call__(self, **numbers: Number) -> Report:
        """Run at the default numbers, save those given."""
        numbers = {**self.numbers, **self._known(numbers)}
        started = perf_counter()
        rows = tuple(self.body(**numbers))
        return Report(self.id, self.title, numbers, rows, perf_counter() - started)

    @property
    def numbers(self) -> dict[str, Number]:
        """The free numbers with their defaults."""
        return {name: free.default for name, free in inspect.signature(self.body).parameters.items()}

    @property
    def set_up(self) -> str:
        """What is set up and what must come out, in words."""
        return inspect.cleandoc(self.body.__doc__ or "")

    def reports(self, *, study: bool = False) -> Iterator[Report]:
        """Run every published case, with ``study`` also those that take minutes."""
        for case in self.cases + (self.study if study else ()):
            yield self(**case)

    def _known(self, numbers: Mapping[str, Number]) -> dict[str, Number]:
        free, found = self.numbers, dict[str, Number]()
        for name, value in numbers.items():
            if name not in free:
                near = get_close_matches(name, free, n=1)
                names = ", ".join(f"{key} ({default})" for key, default in free.items()) or "none"
                hint = f"did you mean {near[0]}? " if near else ""
                message = f"check {self.id} has no number {name!r}; {hint}its numbers are: {names}"
                raise CheckError(message)
            whole = isinstance(free[name], int)
            if not math.isfinite(value) or (whole and value != int(value)):
                message = f"check {self.id}: {name} must be {'a whole number' if whole else 'a number'}, not {value}"
                raise CheckError(message)
            require(name != "seed" or value >= 0, f"check {self.id}: seed must be 0 or more, not {value}")
            found[name] = int(value) if whole else float(value)
        return found


def check(
    id: str, title: str, *, cases: Sequence[Mapping[str, Number]] = ({},), study: Sequence[Mapping[str, Number]] = ()
) -> Callable[[Body], Check]:
    """Enter a function into the catalogue as the check ``id`` of docs/theory.md.

    The function's parameters are the free numbers, each with a default (its type says whether it must be whole); it
    yields rows. ``cases`` are numbers for which the theory page gives values; ``study`` those too slow for every day.
    A body raises CheckError for numbers at which there is no closed form, such as a queue without a steady state.
    """

    def enter(body: Body) -> Check:
        made = Check(id, title, body, tuple(cases), tuple(study))
        catalogue.setdefault(id, made)
        if catalogue[id] is not made:
            message = f"two checks are called {id}"
            raise CheckError(message)
        return made

    return enter


def find(id: str) -> Check:
    """Return the check called ``id``; raises CheckError with the nearest ids if there is none."""
    if id.upper() not in catalogue:
        near = ", ".join(get_close_matches(id.upper(), catalogue, n=3, cutoff=0.4))
        message = f"there is no check {id!r}; {f'did you mean {near}?' if near else '`shequ verify` runs all of them'}"
        raise CheckError(message)
    return catalogue[id.upper()]
