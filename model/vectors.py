"""What loops over ties spend their time on: means of rows of numbers, and flags among those of one resident.

LLVM finds no vectors in such loops, as a resident has ten ties or so and each leads elsewhere; so they are written out.
"""

from typing import Any, cast

import numba.extending
from llvmlite import ir
from numba.core import cgutils, types

WIDTH = 8  # numbers in a row
LANES = 4  # sums side by side: each waits for the fourth before it only, and the end of a short loop is easier to guess

SINGLE, INDEX, LANE = ir.FloatType(), ir.IntType(64), ir.IntType(32)
ROW = ir.VectorType(SINGLE, WIDTH)
WINDOW = 32  # flags looked at together: few residents have more ties
BYTE = ir.IntType(8)
FLAGS, PLACES = ir.VectorType(BYTE, WINDOW), ir.VectorType(LANE, WINDOW)
ZERO, ONE, ZEROS = ir.Constant(SINGLE, 0.0), ir.Constant(SINGLE, 1.0), ir.Constant(ROW, [0.0] * WIDTH)


@cast("Any", numba.extending.intrinsic)
def average_rows(_: Any, weights: Any, picked: Any, rows: Any, begin: Any, end: Any, out: Any) -> Any:
    """Write the mean of rows[picked[t]], weighted by weights[t], over begin <= t < end into ``out``.

    ``weights`` float32 (t), ``picked`` uint16 (t), ``rows`` float32 (row, WIDTH), ``out`` float32 (WIDTH), all
    contiguous. Returns the sum of weights; if it is 0, the means are 0. Sums are taken in single precision, each
    product rounded before it is added: of every fourth t from begin, begin + 1, begin + 2, begin + 3, then
    (first + second) + (third + fourth). Compiled code only; no index is checked.
    """
    return types.float32(weights, picked, rows, begin, end, out), _averaged_rows


def _averaged_rows(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Write the loop of :func:`average_rows`."""
    weights, picked, rows, begin, end, out = (
        context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value
        for kind, value in zip(signature.args, arguments, strict=True)
    )
    rows, out = builder.bitcast(rows, ROW.as_pointer()), builder.bitcast(out, ROW.as_pointer())
    before = builder.block
    test, body, rest, after = (builder.append_basic_block(name) for name in ("test", "body", "rest", "after"))
    builder.cbranch(builder.icmp_signed("<", begin, end), test, after)

    def added(at: Any, total: Any, whole: Any, counted: Any = None) -> tuple[Any, Any]:
        weight = builder.load(builder.gep(weights, [at]))
        weight = builder.select(counted, weight, ZERO) if counted else weight
        row = builder.load(builder.gep(rows, [builder.zext(builder.load(builder.gep(picked, [at])), INDEX)]))
        row.align = 4
        return builder.fadd(total, builder.fmul(_spread(builder, weight), row)), builder.fadd(whole, weight)

    builder.position_at_end(test)
    t = builder.phi(INDEX)
    sums = [(builder.phi(ROW), builder.phi(SINGLE)) for _ in range(LANES)]
    for phi, initial in [(t, begin), *((total, ZEROS) for total, _ in sums), *((whole, ZERO) for _, whole in sums)]:
        phi.add_incoming(initial, before)
    following = builder.add(t, INDEX(LANES))
    builder.cbranch(builder.icmp_signed("<=", following, end), body, rest)

    builder.position_at_end(body)
    t.add_incoming(following, body)
    for k, pair in enumerate(sums):
        for phi, value in zip(pair, added(builder.add(t, INDEX(k)), *pair), strict=True):
            phi.add_incoming(value, body)
    builder.branch(test)

    builder.position_at_end(rest)  # up to three are left; in the place of what is not there the last one counts nothing
    final = list(sums)
    for k in range(LANES - 1):
        at = builder.add(t, INDEX(k))
        there = builder.icmp_signed("<", at, end)
        final[k] = added(builder.select(there, at, builder.sub(end, INDEX(1))), *sums[k], there)
    total, whole = (
        builder.fadd(builder.fadd(one, two), builder.fadd(three, four))
        for one, two, three, four in zip(*final, strict=True)
    )
    builder.branch(after)

    builder.position_at_end(after)
    total, whole = _either(builder, total, ZEROS, rest, before), _either(builder, whole, ZERO, rest, before)
    divisor = builder.select(builder.fcmp_ordered(">", whole, ZERO), whole, ONE)
    builder.store(builder.fdiv(total, _spread(builder, divisor)), out).align = 4
    return whole


def _either(builder: Any, value: Any, other: Any, source: Any, elsewhere: Any) -> Any:
    """``value`` when coming from block ``source``, ``other`` from ``elsewhere``."""
    phi = builder.phi(value.type)
    phi.add_incoming(value, source)
    phi.add_incoming(other, elsewhere)
    return phi


@cast("Any", numba.extending.intrinsic)
def flags_within(_: Any, flags: Any, begin: Any, end: Any) -> Any:
    """Return all bits set in flags[t], begin <= t < end, as one number.

    ``flags`` uint8, contiguous, must go on for WINDOW entries behind ``end``. Compiled code only; no index is checked.
    """
    return types.uint8(flags, begin, end), _flags_within


def _flags_within(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Write the loop of :func:`flags_within`: one round for nearly everybody."""
    kind, (flags, begin, end) = signature.args[0], arguments
    flags = context.make_array(kind)(context, builder, flags).data
    before, body, after = builder.block, builder.append_basic_block("body"), builder.append_basic_block("after")
    builder.branch(body)

    builder.position_at_end(body)
    t, found = builder.phi(INDEX), builder.phi(FLAGS)
    window = builder.load(builder.bitcast(builder.gep(flags, [t]), FLAGS.as_pointer()))
    window.align = 1
    left = _spread(builder, builder.trunc(builder.sub(end, t), LANE))
    there = builder.icmp_signed("<", ir.Constant(PLACES, list(range(WINDOW))), left)
    seen = builder.or_(found, builder.select(there, window, ir.Constant(FLAGS, [0] * WINDOW)))
    following = builder.add(t, INDEX(WINDOW))
    for phi, initial, value in ((t, begin, following), (found, ir.Constant(FLAGS, [0] * WINDOW), seen)):
        phi.add_incoming(initial, before)
        phi.add_incoming(value, body)
    builder.cbranch(builder.icmp_signed("<", following, end), body, after)

    builder.position_at_end(after)
    name = f"llvm.vector.reduce.or.v{WINDOW}i8"
    either = cast("Any", cgutils).get_or_insert_function(builder.module, ir.FunctionType(BYTE, [FLAGS]), name)
    return builder.call(either, [seen])


def _spread(builder: Any, number: Any) -> Any:
    """Row, or window, in which every number is ``number``."""
    kind = ir.VectorType(number.type, WINDOW if number.type == LANE else WIDTH)
    undefined = ir.Constant(kind, cast("Any", ir).Undefined)
    first = builder.insert_element(undefined, number, ir.Constant(LANE, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(LANE, kind.count), [0] * kind.count))
