"""Who comes first: the order in which communities enter a plan, and the ways of entering it."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..model.draws import normal

type Order = Literal["best_first", "worst_first", "random", "cherry_picked"]
type Entry = Literal["even", "at_start"]
type Spread = Literal["planned", "voluntary", "mandated"]
type Scores = NDArray[np.float64]

SIGN = {"best_first": -1.0, "cherry_picked": -1.0, "worst_first": 1.0, "random": 0.0}


def measured(scores: Any, reliability: float, lots: Sequence[float]) -> Scores:
    """Scores as one baseline survey shows them: true ones plus normal noise drawn from ``lots`` in (0, 1).

    ``reliability`` in (0, 1] is the share of true differences in the variance of what is measured, so that the noise
    has the variance s^2 (1 - r) / r, s^2 being that of the true scores [T10.1].
    """
    true = np.asarray(scores, np.float64)
    spread = true.std() * np.sqrt((1.0 - reliability) / reliability)
    return true + spread * np.array([normal(u) for u in lots])


def ranked(scores: Any, lots: Sequence[float], order: Order) -> list[int]:
    """Places of ``scores`` in order of entry; ties, and the whole of a random order, by lot."""
    keys = SIGN[order] * np.asarray(scores, np.float64)
    return [int(place) for place in np.lexsort((np.asarray(lots), keys))]
