"""How tables pass into compiled code: as one small array of addresses instead of dozens of array objects.

Handing a kernel three tables of forty columns would make Numba unbox 120 arrays a call and compile the code that does
so into every kernel: seconds of compilation each. Here a table is packed once into a record of addresses and shapes; a
kernel opens it into the same NamedTuple of arrays at no cost. Packed tables live as long as the table that holds them.
"""

import hashlib
from functools import cache
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload
from numba.np import arrayobj
from numba.np.numpy_support import from_dtype

TAG = "table "  # first field of a packed record: names the class, the dtypes and the dimensions
_classes: dict[str, tuple[type[Any], list[tuple[np.dtype[Any], int]]]] = {}
_dtypes: dict[str, np.dtype[Any]] = {}  # one object a tag: Numba compares equal ones field by field at every call


def _contents(record: Any) -> tuple[str, tuple[int]]:
    """Name of a record type in compiled code: from its fields, so that it is the same in every process.

    Numba takes a number that counts types in the order in which a process meets them. Code that two processes left on
    disk then has one name for different records, and a third process that loads both runs the wrong one.
    """
    return "Record", (int(hashlib.sha256(record.name.encode()).hexdigest()[:15], 16),)


cast("Any", types.Record).mangling_args = property(_contents)


@cache
def record_of(names: tuple[str, ...]) -> np.dtype[np.void]:
    """Type of a record of floats: one object for the same names, which Numba knows again without looking inside."""
    return np.dtype([(name, np.float64) for name in names])


def packed(table: Any) -> Any:
    """Pack a NamedTuple of arrays into a structured array of length 1; anything else is returned as it is."""
    try:
        return table.packed
    except AttributeError:
        pass
    columns = cast("tuple[object, ...]", table)
    if not columns or not hasattr(table, "_fields") or not all(isinstance(a, np.ndarray) for a in columns):
        return table
    record = _pack(table)
    if hasattr(table, "__dict__"):
        table.packed = record
    return record


def _pack(table: Any) -> Any:
    layout: list[tuple[np.dtype[Any], int]] = []
    numbers: list[int] = []
    names: list[str] = []
    for k, column in enumerate(table):
        if not column.flags.c_contiguous or column.dtype.fields is not None:
            message = f"{type(table).__name__}.{table._fields[k]} is not a plain contiguous array; copy it first"
            raise TypeError(message)
        layout.append((column.dtype, column.ndim))
        numbers += [column.__array_interface__["data"][0], *column.shape]
        names += [f"a{k}", *(f"s{k}_{d}" for d in range(column.ndim))]
    kind = _declared(cast("type[Any]", type(table)))
    code = " ".join(f"{dtype.str[1:]}x{ndim}" for dtype, ndim in layout)
    tag = f"{TAG}{kind.__module__}.{kind.__qualname__} {code}"
    _classes[tag] = (kind, layout)
    if tag not in _dtypes:
        _dtypes[tag] = np.dtype([(tag, np.int64), *((name, np.int64) for name in names)])
    return np.array([(0, *numbers)], _dtypes[tag])


def _declared(kind: type[Any]) -> type[Any]:
    """Class as declared: allocated tables belong to a subclass that can hold their packed form."""
    return kind.__bases__[0] if kind.__dict__.get("allocated") else kind


def opened(value: Any) -> Any:
    """Inside a kernel: the table of a packed record, or the value itself."""
    return value


@overload(opened, strict=False)
def _opened(value: Any) -> Any:
    def as_it_is(value: Any) -> Any:
        return value

    def open_table(value: Any) -> Any:
        return _open(value)  # pyright: ignore[reportCallIssue] - Numba supplies the typing context

    return as_it_is if _tag(value) is None else open_table


def _tag(value: Any) -> str | None:
    """Tag of a packed table's Numba type, if it is one."""
    if isinstance(value, types.Array) and isinstance(record := cast("Any", value).dtype, types.Record):
        return next((name for name in cast("Any", record).fields if name.startswith(TAG)), None)
    return None


@intrinsic
def _open(typingctx: Any, value: Any) -> Any:
    """Build the NamedTuple of arrays straight from the packed addresses and shapes."""
    del typingctx
    kind, layout = _classes[_tag(value) or ""]
    arrays = [types.Array(from_dtype(dtype), ndim, "C") for dtype, ndim in layout]
    table = types.NamedTuple(arrays, kind)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        packed_array = context.make_array(signature.args[0])(context, builder, arguments[0])
        numbers = _Numbers(builder, packed_array.data)
        values = [_build_array(context, builder, array, numbers) for array in arrays]
        return context.make_tuple(builder, table, values)

    return table(value), generate


class _Numbers:
    """The int64 fields of a packed record, read one after the other (the tag is skipped)."""

    def __init__(self, builder: Any, data: Any) -> None:
        self.builder = builder
        self.base = builder.bitcast(data, ir.IntType(64).as_pointer())
        self.at = 0

    def next(self) -> Any:
        self.at += 1
        return self.builder.load(self.builder.gep(self.base, [ir.IntType(64)(self.at)]))


def _build_array(context: Any, builder: Any, kind: Any, numbers: _Numbers) -> Any:
    """One C-contiguous array over memory that it does not own."""
    array = context.make_array(kind)(context, builder)
    address = builder.inttoptr(numbers.next(), array.data.type)
    shape = [numbers.next() for _ in range(kind.ndim)]
    itemsize = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides = [itemsize]
    for extent in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], extent))
    cast("Any", arrayobj).populate_array(
        array, data=address, shape=shape, strides=strides, itemsize=itemsize, meminfo=None
    )
    return array._getvalue()
