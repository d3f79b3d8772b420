"""Weighted means of rows of eight numbers, a row in one vector register: what loops over ties spend their time on."""

from typing import Any, cast

import numba.extending
from llvmlite import ir
from numba.core import types

WIDTH = 8  # numbers in a row: half a line of memory as stored, a vector register as doubles

SINGLE, DOUBLE, INDEX, LANE = ir.FloatType(), ir.DoubleType(), ir.IntType(64), ir.IntType(32)
STORED, ROW = ir.VectorType(SINGLE, WIDTH), ir.VectorType(DOUBLE, WIDTH)
UNDEFINED = ir.Constant(ROW, cast("Any", ir).Undefined)
ZERO, ONE = ir.Constant(DOUBLE, 0.0), ir.Constant(DOUBLE, 1.0)


@cast("Any", numba.extending.intrinsic)
def average_rows(_: Any, weights: Any, picked: Any, rows: Any, begin: Any, end: Any, out: Any) -> Any:
    """Write the mean of rows[picked[t]], weighted by weights[t], over begin <= t < end into ``out``.

    ``weights`` float32 (t), ``picked`` uint16 (t), ``rows`` float32 (row, WIDTH), ``out`` float64 (WIDTH), all
    contiguous. Returns the sum of weights; if it is 0, the means are 0. The order of t is kept, and each product is
    rounded before it is added, as in Python. Compiled code only; no index is checked.
    """
    return types.float64(weights, picked, rows, begin, end, out), _averaged_rows


def _averaged_rows(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Write the loop: LLVM finds no vectors in sums over rows that are picked one by one."""
    weights, picked, rows, begin, end, out = (
        context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value
        for kind, value in zip(signature.args, arguments, strict=True)
    )
    rows, out = builder.bitcast(rows, STORED.as_pointer()), builder.bitcast(out, ROW.as_pointer())
    before = builder.block
    test, body, after = (builder.append_basic_block(name) for name in ("test", "body", "after"))
    builder.branch(test)
    builder.position_at_end(test)
    t, whole, total = builder.phi(INDEX), builder.phi(DOUBLE), builder.phi(ROW)
    t.add_incoming(begin, before)
    whole.add_incoming(ZERO, before)
    total.add_incoming(ir.Constant(ROW, [0.0] * WIDTH), before)
    builder.cbranch(builder.icmp_unsigned("<", t, end), body, after)
    builder.position_at_end(body)
    weight = builder.fpext(builder.load(builder.gep(weights, [t])), DOUBLE)
    row = builder.load(builder.gep(rows, [builder.zext(builder.load(builder.gep(picked, [t])), INDEX)]))
    row.align = 4
    whole.add_incoming(builder.fadd(whole, weight), body)
    total.add_incoming(builder.fadd(total, builder.fmul(_spread(builder, weight), builder.fpext(row, ROW))), body)
    t.add_incoming(builder.add(t, INDEX(1)), body)
    builder.branch(test)
    builder.position_at_end(after)
    divisor = builder.select(builder.fcmp_ordered(">", whole, ZERO), whole, ONE)
    builder.store(builder.fdiv(total, _spread(builder, divisor)), out).align = 8
    return whole


def _spread(builder: Any, number: Any) -> Any:
    """Row in which every number is ``number``."""
    first = builder.insert_element(UNDEFINED, number, ir.Constant(LANE, 0))
    return builder.shuffle_vector(first, UNDEFINED, ir.Constant(ir.VectorType(LANE, WIDTH), [0] * WIDTH))
