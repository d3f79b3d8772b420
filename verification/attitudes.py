"""Attitudes (checks S1 to S3), through the model's gather and update of a week."""

import math
from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from ..model.processes import attitudes, ties
from .check import CheckError, Row, check, close, printed
from .village import village

DIGITS = 3e-6  # opinions are kept in single precision
QUIET: dict[str, Any] = {  # nothing but what a check is about moves an attitude
    "justice_pace": 0.0,
    "opinion_pace": 0.0,
    "efficacy_return": 0.0,
    "community_return": 0.0,
    "contact_gain": 0.0,
    "hearsay_pace": 0.0,
}


def talk(model: Any, weeks: int) -> Any:
    """Trust in the committee after ``weeks`` of talk and nothing else."""
    for _ in range(weeks):
        ties.gather(model)
        attitudes.step(model)
    return model.residents.trust_committee.astype(float)


# --- opinions ---------------------------------------------------------------------------------------------------------

JACKSON = [[0, 0.5, 0.5], [1, 0, 0], [0, 1, 0]]  # Jackson 2008
KITE = [[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 1], [0, 0, 1, 1]]  # triangle and tail, all hear themselves
TURN = [[1 / 6, 1 / 3, 1 / 2], [1 / 2, 1 / 6, 1 / 3], [1 / 3, 1 / 2, 1 / 6]]  # doubly stochastic
PUBLISHED = {1: (JACKSON, (0.4, 0.4, 0.2)), 2: (KITE, (0.25, 0.25, 1 / 3, 1 / 6)), 3: (TURN, (1 / 3, 1 / 3, 1 / 3))}


def acquaintances(n: int, contacts: float, seed: int) -> Any:
    """Ring of ``n`` with further ties at random, ``contacts`` in the mean; all hear themselves, all ties alike."""
    chance = max(0.0, contacts - 2.0) / (n - 1)
    upper = np.triu(np.random.default_rng(seed).random((n, n)) < chance, 1)
    near: Any = np.eye(n) + np.roll(np.eye(n), 1, axis=0) + np.roll(np.eye(n), -1, axis=0)
    return ((upper | upper.T) | (near > 0)).astype(float)


def influence(weights: Any) -> Any:
    """DeGroot's limit weights pi: pi' W = pi', summing to 1."""
    system = np.vstack([weights.T - np.eye(len(weights)), np.ones(len(weights))])
    return np.linalg.lstsq(system, np.append(np.zeros(len(weights)), 1.0), rcond=None)[0]


@check("S1", "DeGroot: the limit of listening", cases=[{"example": k} for k in (1, 2, 3, 0)])
def degroot(example: int = 0, n: int = 20, contacts: float = 6.0, seed: int = 3) -> Iterator[Row]:
    """Opinions move to the mean of those heard; they end at pi'x(0) with pi' W = pi'.

    ``example`` 1 is Jackson's, 2 a triangle with a tail, 3 doubly stochastic; 0 draws ``n`` acquaintances with
    ``contacts`` each, where pi is as (contacts + 1). Where the second eigenvalue is real it is the speed of agreement.
    """
    if example not in (0, 1, 2, 3) or not 3 <= n <= 500 or not 2.0 <= contacts <= n - 1:
        message = "give example 0 to 3, 3 to 500 persons and 2 to n - 1 contacts"
        raise CheckError(message)
    strengths: Any = np.asarray(PUBLISHED[example][0] if example else acquaintances(n, contacts, seed), float)
    weights = strengths / strengths.sum(axis=1, keepdims=True)
    values, vectors = cast("tuple[Any, Any]", np.linalg.eig(weights))
    order = np.argsort(-np.abs(values))
    second, vector = values[order[1]], vectors[:, order[1]]
    weeks = math.ceil(math.log(1e-8) / math.log(min(abs(second), 1.0 - 1e-9)))
    if weeks > 20_000:
        message = "these opinions take more than 20,000 weeks to agree; give more contacts or fewer persons"
        raise CheckError(message)
    pi = influence(weights)
    if example:
        for k, value in enumerate(PUBLISHED[example][1]):
            yield printed(f"weight of person {k + 1} (published)", value, pi[k])
    else:
        yield close(
            "weights, against contacts + 1", 0.0, np.abs(pi - strengths.sum(1) / strengths.sum()).max(), tolerance=1e-12
        )
    if example == 2:
        yield printed("second eigenvalue (published)", 0.564333, float(abs(second)))
    for trial in range(3):
        start = np.random.default_rng([seed, trial]).random(len(weights))
        model = village(strengths, susceptibility=1.0, opinion_pace=1.0)
        model.residents.trust_committee[:] = start
        end, limit = talk(model, weeks), float(pi @ start)
        yield close(f"lowest opinion in the end, start {trial + 1}", limit, end.min(), tolerance=DIGITS)
        yield close(f"highest opinion in the end, start {trial + 1}", limit, end.max(), tolerance=DIGITS)
    if abs(second.imag) < 1e-12 and abs(second) > 0.1:
        model = village(strengths, susceptibility=1.0, opinion_pace=1.0)
        way = vector.real / np.abs(vector.real).max()
        model.residents.trust_committee[:] = 0.5 + 0.4 * way
        who, gaps = int(np.abs(way).argmax()), list[float]()
        for _ in range(4):
            gaps.append(float(talk(model, 1)[who]) - 0.5)
        yield close("second eigenvalue", float(second.real), gaps[3] / gaps[2], tolerance=1e-3)


@check(
    "S2",
    "Friedkin & Johnsen: opinions that hold on to where they began",
    cases=[{"s": s, "spokes": spokes, "pace": pace} for s, spokes in ((0.5, 1), (0.8, 3)) for pace in (1.0, 0.1)],
)
def friedkin_johnsen(s: float = 0.8, spokes: int = 3, pace: float = 1.0) -> Iterator[Row]:
    """One person in the middle of ``spokes`` others; only the middle begins at 1. Susceptibility ``s``.

    x* = (I - s W)**-1 (I - s I) x(0); a slower ``pace`` ends at the same place. Middle: 1 / (1 + s).
    """
    if not (0.0 <= s < 0.999 and 1 <= spokes <= 200 and 0.001 <= pace <= 1.0):
        message = "give a susceptibility 0 <= s < 0.999, 1 to 200 spokes and 0.001 <= pace <= 1"
        raise CheckError(message)
    n = spokes + 1
    strengths = np.zeros((n, n))
    strengths[0, 1:] = strengths[1:, 0] = 1.0
    weights = strengths / strengths.sum(axis=1, keepdims=True)
    start = np.eye(n)[0]
    rest = cast("Any", np.linalg.solve(np.eye(n) - s * weights, (1.0 - s) * start))
    published = {(0.5, 1): (2 / 3, 1 / 3), (0.8, 3): (0.555556, 0.444444)}.get((s, spokes))
    if published:
        yield printed("middle (published)", published[0], rest[0])
        yield printed("others (published)", published[1], rest[1])
    yield close("middle, against 1 / (1 + s)", 1.0 / (1.0 + s), rest[0], tolerance=1e-12)
    model = village(strengths, susceptibility=s, opinion_pace=pace)
    model.residents.trust_committee[:] = model.residents.trust_anchor[:] = start
    end = talk(model, math.ceil(math.log(1e-8) / math.log(1.0 - pace * (1.0 - s) + 1e-12)) + 10)
    yield close("middle", rest[0], end[0], tolerance=DIGITS)
    yield close("lowest of the others", rest[1], end[1:].min(), tolerance=DIGITS)
    yield close("highest of the others", rest[1], end[1:].max(), tolerance=DIGITS)


# --- satisfaction -----------------------------------------------------------------------------------------------------


def satisfaction_path(b: float, c: float, g: float, step: float, weeks: int, *, early: bool = False) -> list[float]:
    """Satisfaction above its start, week by week, after performance rose by ``step`` for good.

    Every week an issue of weight 1 ends well, handled so that performance is 0.5 + step = 0.6 fairness + 0.4. ``early``
    lets expectation move before satisfaction, which is wrong.
    """
    effects: dict[str, Any] = {"performance_effect": b, "disconfirmation_effect": c, "expectation_pace": g}
    model = village(np.zeros((1, 1)), **QUIET, **effects, issue_weight=1.0, justice_weight=0.6)
    residents, homes = model.residents, model.households
    residents.satisfaction_base[:] = 0.5 - 0.5 * b
    residents.performance[:], residents.expectation[:] = 0.5, 0.5
    homes.outcome[:], homes.outcome_level[:] = 1, 1
    homes.fairness[:] = (0.1 + step) / 0.6
    path = list[float]()
    for _ in range(weeks):
        if early:
            residents.expectation[:] += g * (0.5 + step - residents.expectation)
        attitudes.step(model)
        path.append(float(residents.satisfaction[0]) - 0.5)
    return path


def disconfirmation_rows(path: list[float], b: float, c: float, g: float, step: float) -> Iterator[Row]:
    """Oliver's path: b step + c step (1 - g)**k after k updates of expectation."""
    for k in (0, 1, 5, 10, len(path) - 1):
        expected = b * step + c * step * (1.0 - g) ** k
        yield close(f"satisfaction after {k} updates", expected, path[k], tolerance=2e-6)


@check("S3", "Oliver: expectancy and disconfirmation", cases=[{}, {"b": 0.3, "c": 0.4, "g": 0.2}])
def disconfirmation(b: float = 0.0, c: float = 0.5, g: float = 0.1, step: float = 0.2) -> Iterator[Row]:
    """Performance rises by ``step`` for good: S = a + b P + c (P - E), E' = E + g (P - E)."""
    if not (-0.1 <= step <= 0.5 and 0.0 <= g <= 1.0 and b >= 0.0 and c >= 0.0 and abs((b + c) * step) <= 0.5):
        message = "give -0.1 <= step <= 0.5, 0 <= g <= 1, b and c of 0 or more with (b + c) step within +-0.5"
        raise CheckError(message)
    if (b, c, g, step) == (0.0, 0.5, 0.1, 0.2):
        yield printed("at once (published)", 0.1, c * step)
        yield printed("after ten updates (published)", 0.034868, c * step * (1.0 - g) ** 10)
    yield from disconfirmation_rows(satisfaction_path(b, c, g, step, 400), b, c, g, step)
