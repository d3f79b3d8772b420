"""Ties that form and fade (check S7), through the model's update of a week."""

import math
from collections.abc import Iterator

from ..model.processes import ties
from .check import CheckError, Row, check, close, printed
from .village import village

SPECK = 1e-30  # strength of a tie that is about to form


@check(
    "S7",
    "Ties: density at rest and time constant",
    cases=[{"f": 0.02, "d": 0.005, "move": 0.0}, {"f": 0.02, "d": 0.0, "move": 0.003}],
)
def formation_and_decay(f: float = 0.02, d: float = 0.005, move: float = 0.0) -> Iterator[Row]:
    """Two residents of affinity 1; a tie forms at ``f`` a week, fades at ``d``, and each household moves at ``move``.

    Strength rests at f / (f + d + 2 move) with the time constant 1 / (f + d + 2 move). Moves count as the expected loss
    of a tie.
    """
    total = f + d + 2.0 * move
    if min(f, d, move) < 0.0 or not 0.001 <= total < 1.0 or f == 0.0:
        message = "give f above 0, d and move of 0 or more, and f + d + 2 move from 0.001 to 1"
        raise CheckError(message)
    rest, constant = f / total, 1.0 / total
    if (f, d, move) == (0.02, 0.005, 0.0):
        yield printed("strength at rest (published)", 0.8, rest)
        yield printed("time constant (published)", 40.0, constant)
    if (f, d, move) == (0.02, 0.0, 0.003):
        yield printed("strength at rest (published)", 0.769231, rest)
    model = village([[0, SPECK], [SPECK, 0]], tie_formation=f, tie_decay=d, move_out=move)
    path = [float(model.ties.strength[0])]
    for _ in range(math.ceil(25 * constant)):
        ties.step(model)
        path.append(float(model.ties.strength[0]))
    yield close("strength at rest", rest, path[-1], tolerance=2e-6)
    week = math.ceil(constant)
    yield close(
        f"share of the gap left after {week} weeks", (1.0 - total) ** week, 1.0 - path[week] / rest, tolerance=1e-5
    )
