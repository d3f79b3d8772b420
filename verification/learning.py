"""Trust learns from how issues end: asymmetric learning against its moments (check Q10)."""

import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..agents.opinions import trust_after_outcome
from ..model import parameters
from .check import Row, at_least_one, batches, check, close, printed, require

SETTLING = 1000  # outcomes left out at the start
UNEVEN = {0.9: 0.75, 0.8: 0.571429, 0.97: 0.915094}  # share of successes: trust at gain 0.05, loss 0.15


def learner(gain: float, loss: float) -> Any:
    """Parameters under which only learning from outcomes acts, without procedural justice."""
    changes = {"trust_gain": gain, "trust_loss": loss, "justice_pace": 0.0}
    return SimpleNamespace(**(parameters.defaults() | changes))


def path(p: float, row: Any, n: int, seed: int) -> Any:
    """Trust after each of ``n`` outcomes of which a share ``p`` succeed."""
    outcomes = np.where(np.random.default_rng(seed).random(n + SETTLING) < p, 1, -1)
    trust, values = 0.5, np.empty(n + SETTLING)
    for k, outcome in enumerate(outcomes.tolist()):
        trust = trust_after_outcome(trust, outcome, 0.0, 1.0, row)
        values[k] = trust
    return values[SETTLING:]


@check(
    "Q10",
    "trust learns unevenly from good and bad endings",
    cases=[*({"p": p} for p in UNEVEN), {"p": 0.8, "gain": 0.1, "loss": 0.1, "seed": 2}],
)
def uneven_trust(
    p: float = 0.9, gain: float = 0.05, loss: float = 0.15, n: int = 200_000, seed: int = 1
) -> Iterator[Row]:
    """A share ``p`` of ``n`` outcomes succeed: T + gain (1 - T) after these, T - loss T after the others.

    T rests at p gain / (p gain + (1 - p) loss); its second moment follows from the same random step, and its mean
    nears rest by the factor 1 - p gain - (1 - p) loss an outcome.
    """
    require(0.0 < p < 1.0, "give a share p of successes between 0 and 1")
    require(0.0 < gain < 1.0 and 0.0 < loss < 1.0, "give a gain and a loss between 0 and 1")
    at_least_one(n=n)
    kept = 1.0 - p * gain - (1.0 - p) * loss
    rest = p * gain / (1.0 - kept)
    square = (2.0 * p * gain * (1.0 - gain) * rest + p * gain**2) / (
        1.0 - p * (1.0 - gain) ** 2 - (1.0 - p) * (1.0 - loss) ** 2
    )
    variance, half = square - rest**2, math.log(0.5) / math.log(kept)
    if (gain, loss) == (0.05, 0.15) and p in UNEVEN:
        yield printed("mean (published)", UNEVEN[p], rest)
    if (p, gain, loss) == (0.8, 0.1, 0.1):
        yield printed("mean (published)", 0.8, rest)
        yield printed("standard deviation (published)", 0.091766, math.sqrt(variance))
        yield printed("half-life in outcomes (published)", 6.5788, half, digits=4)
    row = learner(gain, loss)
    values = path(p, row, n, seed)
    yield batches("mean", rest, values)
    yield batches("variance", variance, (values - rest) ** 2, precision=0.05)
    step = [trust_after_outcome(1.0, k, 0.0, 1.0, row) - trust_after_outcome(0.0, k, 0.0, 1.0, row) for k in (1, -1)]
    got = math.log(0.5) / math.log(p * step[0] + (1.0 - p) * step[1])
    yield close("half-life in outcomes", half, got, tolerance=1e-9 * half)
