"""Weighted sums of rows of eight numbers, each row in one vector register: what loops over ties spend their time on."""

from typing import Any, cast

import numba.extending
from llvmlite import ir
from numba.core import types

WIDTH = 8  # numbers in a row: a line of memory, and a vector register, of doubles

DOUBLE, INDEX, LANE = ir.DoubleType(), ir.IntType(64), ir.IntType(32)
ROW = ir.VectorType(DOUBLE, WIDTH)
UNDEFINED = ir.Constant(ROW, cast("Any", ir).Undefined)


@cast("Any", numba.extending.intrinsic)
def add_rows(_: Any, weights: Any, picked: Any, rows: Any, begin: Any, end: Any, out: Any) -> Any:
    """Write sum_t weights[t] rows[picked[t]] over begin <= t < end, in this order, into ``out``.

    ``weights`` float32 (t), ``picked`` uint16 (t), ``rows`` float64 (row, WIDTH), ``out`` float64 (WIDTH), all
    contiguous. Each product is rounded before it is added, as in Python. Compiled code only; no index is checked.
    """
    signature = types.void(weights, picked, rows, begin, end, out)
    return signature, _added_rows


def _added_rows(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Write the loop: LLVM finds no vectors in sums over rows that are picked one by one."""
    weights, picked, rows, begin, end, out = (
        context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value
        for kind, value in zip(signature.args, arguments, strict=True)
    )
    rows, out = (builder.bitcast(pointer, ROW.as_pointer()) for pointer in (rows, out))
    before = builder.block
    test, body, after = (builder.append_basic_block(name) for name in ("test", "body", "after"))
    builder.branch(test)
    builder.position_at_end(test)
    t, total = builder.phi(INDEX), builder.phi(ROW)
    t.add_incoming(begin, before)
    total.add_incoming(ir.Constant(ROW, [0.0] * WIDTH), before)
    builder.cbranch(builder.icmp_unsigned("<", t, end), body, after)
    builder.position_at_end(body)
    weight = builder.fpext(builder.load(builder.gep(weights, [t])), DOUBLE)
    row = builder.load(builder.gep(rows, [builder.zext(builder.load(builder.gep(picked, [t])), INDEX)]))
    row.align = 8
    first = builder.insert_element(UNDEFINED, weight, ir.Constant(LANE, 0))
    spread = builder.shuffle_vector(first, UNDEFINED, ir.Constant(ir.VectorType(LANE, WIDTH), [0] * WIDTH))
    total.add_incoming(builder.fadd(total, builder.fmul(spread, row)), body)
    t.add_incoming(builder.add(t, INDEX(1)), body)
    builder.branch(test)
    builder.position_at_end(after)
    builder.store(total, out).align = 8
    return context.get_dummy_value()
