"""State is columns: a table is a NamedTuple of arrays, and each field says what it holds.

A kind of agent declares its state once::

    class Residents(NamedTuple):
        trust_committee: Annotated[F32, Column("share", "trust in the residents' committee", "T8", 0, 1)]

From that declaration come the arrays, the attributes of the Mesa agent, the data dictionary, the range checks and the
recorder's metadata. Being a NamedTuple of arrays, a table goes into a compiled kernel as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

type F32 = NDArray[np.float32]
type F64 = NDArray[np.float64]
type I8 = NDArray[np.int8]
type I16 = NDArray[np.int16]
type I32 = NDArray[np.int32]
type I64 = NDArray[np.int64]
type U8 = NDArray[np.uint8]
type U16 = NDArray[np.uint16]
type U64 = NDArray[np.uint64]

NEVER = -30_000  # week of an event that has not happened; leaves room for subtraction in 16 bits


@dataclass(frozen=True)
class Column:
    """Meaning of one column: unit, meaning, source, and the closed range its values stay in (None: unbounded)."""

    unit: str
    meaning: str
    source: str
    low: float | None = None
    high: float | None = None
    initial: float = 0


@dataclass(frozen=True)
class Field:
    """A column as declared: its name, dtype and meaning."""

    name: str
    dtype: np.dtype[Any]
    column: Column


@cache
def fields(table: type[NamedTuple]) -> tuple[Field, ...]:
    """Columns that ``table`` declares, in order."""
    return tuple(_read_field(name, hint) for name, hint in get_type_hints(table, include_extras=True).items())


def _read_field(name: str, hint: Any) -> Field:
    alias, column = get_args(hint)
    scalar = get_args(alias.__value__)[-1]  # NDArray[np.float32] -> np.float32
    return Field(name, np.dtype(scalar), column)


def allocate[T: NamedTuple](table: type[T], rows: int) -> T:
    """New table of ``rows`` rows, every column at its declared initial value."""
    return holder(table)(*(np.full(rows, f.column.initial, f.dtype) for f in fields(table)))  # type: ignore[call-arg]


@cache
def holder[T: NamedTuple](table: type[T]) -> type[T]:
    """Subclass of ``table`` whose instances can hold more than their columns: the form in which kernels take them."""
    names = {"allocated": True, "__module__": table.__module__, "__doc__": table.__doc__}
    holder: Any = type(table.__name__, (table,), names)
    return holder


def held[T: NamedTuple](table: T) -> T:
    """The same columns in the form in which kernels take them fastest."""
    return holder(type(table))(*table)  # type: ignore[call-arg]


def copy_of[T: NamedTuple](table: T) -> T:
    """Copy of a table that shares no memory with it."""
    return type(table)(*(np.array(column) for column in table))  # type: ignore[call-arg]


def violations(table: NamedTuple, rows: slice = slice(None)) -> Iterator[str]:
    """Sentences about columns whose values left their declared range (or are not numbers)."""
    for field, values in zip(fields(type(table)), table, strict=True):
        part = values[rows]
        if part.size == 0:
            continue
        low, high = part.min(), part.max()
        bounds = field.column
        if (bounds.low is not None and not low >= bounds.low) or (bounds.high is not None and not high <= bounds.high):
            yield (
                f"{type(table).__name__}.{field.name} spans [{low}, {high}] {bounds.unit}, "
                f"outside [{bounds.low}, {bounds.high}]"
            )
