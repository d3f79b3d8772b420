"""Differences between two courses of action from pairs of runs on the same draws: size, interval, worth, and price.

Everything here is arithmetic on arrays with one value a pair; pairs in which either value is not a number are left out
beforehand (:func:`complete`). Student's t on paired differences; Holm (1979) for many tests; Bonferroni for intervals
that hold all at once; Fieller (1954) for ratios of means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import stats

type Values = NDArray[np.float64]

UNKNOWN = float("nan")


@dataclass(frozen=True)
class Effect:
    """A mean paired difference and what can be said of it.

    ``low`` to ``high`` is its interval at the level asked for, ``p`` the two-sided p-value of no difference, ``d_z``
    the mean over the spread of differences, ``d_baseline`` the mean over the spread of the baseline's values.
    ``correlation`` is that of the two members of a pair, ``variance_ratio`` the variance of the mean difference had the
    runs been independent over the one with pairing: 1 / (1 - correlation) for equal spreads. What cannot be told is not
    a number.
    """

    pairs: int
    mean: float
    low: float
    high: float
    p: float
    d_z: float
    d_baseline: float
    correlation: float
    variance_ratio: float


def complete(baseline: Values, other: Values) -> tuple[Values, Values]:
    """Return the pairs of which both values are numbers."""
    known = np.isfinite(baseline) & np.isfinite(other)
    return baseline[known], other[known]


def effect(baseline: Values, other: Values, level: float) -> Effect:
    """Effect of the change from ``baseline`` to ``other``, one value a pair each, with an interval of ``level``."""
    before, after = complete(baseline, other)
    differences = after - before
    n = len(differences)
    if n < 2:
        mean = float(differences[0]) if n else UNKNOWN
        return Effect(n, mean, *([UNKNOWN] * 7))
    mean, error = float(differences.mean()), float(differences.std(ddof=1)) / np.sqrt(n)
    half = quantile(level, n - 1) * error
    spread = float(before.std(ddof=1))
    together = float(before.var(ddof=1) + after.var(ddof=1))
    return Effect(
        n,
        mean,
        mean - half,
        mean + half,
        _p(mean, error, n - 1),
        _over(mean, error * np.sqrt(n)),
        _over(mean, spread),
        _correlation(before, after),
        _over(together, n * error**2),
    )


def mean(values: Values) -> float:
    """Mean of what is a number; not a number where nothing is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else UNKNOWN


def about_zero(values: Values, level: float) -> Effect:
    """Effect of values that are differences already."""
    return effect(np.zeros_like(values), values, level)


@cache
def quantile(level: float, freedom: int) -> float:
    """How many standard errors an interval of ``level`` reaches to each side, by Student's t."""
    return float(cast("Any", stats.t).ppf(0.5 + level / 2.0, freedom))


def _p(mean: float, error: float, freedom: int) -> float:
    """Two-sided p-value. Pairs that all differ alike leave no doubt: 1 for no difference at all, else 0."""
    if error == 0.0:
        return 1.0 if mean == 0.0 else 0.0
    return float(2.0 * cast("Any", stats.t).sf(abs(mean) / error, freedom))


def _over(upper: float, lower: float) -> float:
    return upper / lower if lower > 0.0 else UNKNOWN


def _correlation(before: Values, after: Values) -> float:
    if before.std() == 0.0 or after.std() == 0.0:
        return UNKNOWN
    return float(np.corrcoef(before, after)[0, 1])


def share_better(baseline: Values, other: Values, sign: int) -> float:
    """Share of pairs that move the way of ``sign`` (1: more is better, -1: less is); unmoved pairs count half."""
    before, after = complete(baseline, other)
    if len(before) == 0 or sign == 0:
        return UNKNOWN
    return float(np.mean(0.5 + 0.5 * np.sign(sign * (after - before))))


def holm(p: Sequence[float]) -> Values:
    """Adjust p-values for their number, in the order given; what is not a number stays so and does not count.

    Holm (1979): sorted from the smallest, the k-th of m is multiplied by m - k + 1, and none falls below one before it.
    The chance of one or more false findings among all is then at most the threshold, whatever the dependence.
    """
    values = np.asarray(p, np.float64)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    adjusted = np.full(len(values), np.nan)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(values[order] * np.arange(len(order), 0, -1)))
    return adjusted


def together(level: float, intervals: int) -> float:
    """Level of each of so many intervals so that all hold at once with at least ``level`` (Bonferroni)."""
    return 1.0 - (1.0 - level) / max(1, intervals)


def ratio(upper: Values, lower: Values, level: float) -> tuple[float, float, float]:
    """Ratio of the means of paired values and its interval by Fieller's theorem.

    Where the mean of ``lower`` cannot be told from zero the ratio has no bounds: all three are not a number.
    """
    n = len(upper)
    if n < 2:
        return UNKNOWN, UNKNOWN, UNKNOWN
    a, b = float(upper.mean()), float(lower.mean())
    covariance: Any = np.cov(upper, lower) / n
    t = quantile(level, n - 1) ** 2
    square = b * b - t * covariance[1, 1]
    if square <= 0.0:
        return UNKNOWN, UNKNOWN, UNKNOWN
    middle = a * b - t * covariance[0, 1]
    root = np.sqrt(max(0.0, middle * middle - square * (a * a - t * covariance[0, 0])))
    return a / b, float((middle - root) / square), float((middle + root) / square)
