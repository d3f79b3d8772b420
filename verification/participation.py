"""Taking part (checks P3 to P5, P10, P12), through the rules and kernels of the model."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..agents.taking_part import Contributor, Participation, altruism_threshold
from ..agents.view import python_row
from ..model import parameters
from .check import CheckError, Row, check, close, exact, mean, printed, random
from .crowd import Crowd, crowd

# --- acting because others do -----------------------------------------------------------------------------------------


def logistic(x: float) -> float:
    """L(x) = 1 / (1 + e**-x)."""
    return float(1.0 / (1.0 + np.exp(-x)))


def equilibria(a: float, s: float) -> list[float]:
    """All shares with x = L(a + s x), in order: roots between the turning points of L(a + s x) - x."""
    grid = np.unique(np.concatenate([np.linspace(0.0, 1.0, 100_001), np.logspace(-12, -4, 2000)]))
    gap = 1.0 / (1.0 + np.exp(-(a + s * grid))) - grid
    found: list[float] = [float(x) for x in grid[gap == 0.0]]
    for k in np.flatnonzero(gap[:-1] * gap[1:] < 0.0):
        low, high = float(grid[k]), float(grid[k + 1])
        for _ in range(60):
            middle = 0.5 * (low + high)
            if (logistic(a + s * middle) - middle) * gap[k] > 0.0:
                low = middle
            else:
                high = middle
        found.append(0.5 * (low + high))
    return sorted(found)


def settles_at(a: float, s: float, start: float) -> float:
    """Where the share goes from ``start``: the next equilibrium in the direction of the first step (s >= 0)."""
    rests, step = equilibria(a, s), logistic(a + s * start) - start
    ahead = [x for x in rests if (x - start) * step > 0.0]
    if step == 0.0 or not ahead:
        return start
    return min(ahead) if step > 0.0 else max(ahead)


def share_after(people: Crowd, start: float, burn: int, weeks: int) -> float:
    """Mean share that takes part over ``weeks`` weeks after ``burn``, everybody seeing everybody."""
    share, total = start, 0.0
    for week in range(burn + weeks):
        people.residents.peer_share[:] = share
        share = float(people.decide().mean())
        total += share if week >= burn else 0.0
    return total / weeks


EQUILIBRIA = {
    (-3.0, 6.0): (0.07072, 0.5, 0.92928),
    (-3.0, 5.0): (0.06423,),
    (-2.5, 3.0): (0.09966,),
    (-2.0, 2.0): (0.15605,),
}
MAGNETS = {1.2: 0.65857, 1.5: 0.85856, 2.0: 0.95750, 0.5: 0.0}  # weight b J of Brock & Durlauf: m = tanh(b J m)


@check(
    "P3",
    "Brock & Durlauf: equilibria with social interaction",
    cases=[
        {"a": -3.0, "s": 6.0, "start": 0.0},
        {"a": -3.0, "s": 6.0, "start": 0.45},
        {"a": -3.0, "s": 6.0, "start": 0.55},
        {"a": -3.0, "s": 5.0, "start": 0.0},
        {"a": -2.5, "s": 3.0, "start": 1.0},
        {"a": -2.0, "s": 2.0, "start": 1.0},
        {"a": -1.0, "s": 0.0, "start": 1.0},
        *({"a": -2 * weight, "s": 4 * weight, "start": 0.95} for weight in MAGNETS),
    ],
)
def social_interaction(
    a: float = -3.0, s: float = 6.0, start: float = 0.0, n: int = 200_000, weeks: int = 30
) -> Iterator[Row]:
    """``n`` persons act with the chance L(a + s x), x the share who did last week; from ``start``, 30 weeks on.

    Expected: the equilibrium x = L(a + s x) that lies ahead. The standard error is sampling noise, carried on by the
    slope s x (1 - x) of the map. With m = 2 x - 1, a = -2 bJ and s = 4 bJ it is m = tanh(bJ m).
    """
    if not (0.0 <= s <= 12.0 and -12.0 <= a <= 12.0 and 0.0 <= start <= 1.0):
        message = f"give 0 <= s <= 12, -12 <= a <= 12 and 0 <= start <= 1, not a = {a}, s = {s}, start = {start}"
        raise CheckError(message)
    rests = equilibria(a, s)
    if any(abs(start - x) < 1e-6 and s * x * (1.0 - x) > 1.0 for x in rests):
        message = f"start = {start} is an unstable equilibrium: chance decides where it goes; give another start"
        raise CheckError(message)
    for published, x in zip(EQUILIBRIA.get((a, s), ()), rests, strict=False):
        yield printed("equilibrium (published)", published, x, digits=5)
        if len(rests) == 3:
            yield exact("is stable", float(published != 0.5), float(s * x * (1.0 - x) < 1.0))
    if a == -s / 2 and s / 4 in MAGNETS:
        yield printed("m = tanh(bJ m) (published)", MAGNETS[s / 4], 2.0 * max(rests) - 1.0, digits=5)
    if s <= 4.0:
        yield exact("equilibria (s is at most 4)", 1, len(rests))
    x = settles_at(a, s, start)
    error = np.sqrt(x * (1 - x) / (n * weeks)) / (1 - s * x * (1 - x))
    people = crowd(n, volunteering_intercept=a, peer_effect=s)
    yield random("share who act", x, share_after(people, start, 30, weeks), float(error))


# --- counts -----------------------------------------------------------------------------------------------------------


def group_counts(logits: NDArray[np.float64], groups: int, weeks: int) -> NDArray[np.int64]:
    """Numbers of participants in each of ``groups`` groups with the given propensities, week after week."""
    people = crowd(len(logits) * groups)
    people.residents.propensity[:] = np.tile(logits, groups)
    return np.concatenate([people.decide().reshape(groups, -1).sum(axis=1) for _ in range(weeks)])


def count_rows(counts: NDArray[np.int64], p: NDArray[np.float64]) -> Iterator[Row]:
    """Mean and variance of a sum of independent trials; the variance v has the s.e. v sqrt(2 / n), 5 % allowed."""
    variance = float((p * (1.0 - p)).sum())
    yield mean("mean of the count", float(p.sum()), counts)
    error = variance * float(np.sqrt(2.0 / len(counts)))
    yield random("variance of the count", variance, float(counts.var(ddof=1)), error, precision=0.05)


@check("P4", "Counts of unequal persons")
def unequal_persons(
    low: float = 0.1, middle: float = 0.2, high: float = 0.3, persons: int = 10, groups: int = 10_000, weeks: int = 10
) -> Iterator[Row]:
    """``persons`` each act with the chances ``low``, ``middle``, ``high``: mean sum of p, variance sum of p (1 - p)."""
    chances = (low, middle, high)
    if not all(0.0 < p < 1.0 for p in chances) or persons < 1:
        message = f"chances lie between 0 and 1 and there is one person or more; not {chances} and {persons}"
        raise CheckError(message)
    p = np.repeat(chances, persons)
    if persons == 10 and chances == (0.1, 0.2, 0.3):
        yield printed("mean (published)", 6.0, float(p.sum()))
        yield printed("variance (published)", 4.6, float((p * (1 - p)).sum()))
    yield from count_rows(group_counts(np.log(p / (1 - p)), groups, weeks), p)


# --- a common good ----------------------------------------------------------------------------------------------------


def cooperators(cooperating: int, giving: int, members: int, slope: float, learning: float, start: float) -> Crowd:
    """Conditional cooperators of ``slope``, persons who always give all, and free riders."""
    people = crowd(
        members,
        participation_rule=float(Participation.CONDITIONAL),
        belief_learning=learning,
        cooperation_base=0.0,
        cooperation_slope=slope,
        altruism=1e6,
    )
    kinds = (Contributor.CONDITIONAL, Contributor.ALTRUIST, Contributor.FREE_RIDER)
    people.residents.contributor[:] = np.repeat(
        [int(k) for k in kinds], [cooperating, giving, members - cooperating - giving]
    )
    people.residents.sense_of_community[:] = 1.0
    people.residents.belief[:] = start
    return people


def mean_contributions(people: Crowd, start: float, rounds: int) -> list[float]:
    """Mean contribution round by round from the mean ``start``, everybody seeing everybody."""
    average, means = start, list[float]()
    for _ in range(rounds):
        people.residents.neighbour_contribution[:] = average
        people.decide()
        average = float(people.residents.contribution.mean(dtype=float))
        means.append(average)
    return means


DECAY = {1.0: {1: 0.37, 2: 0.2998, 3: 0.261892, 4: 0.241422}, 0.3: {1: 0.37, 5: 0.301649, 10: 0.257491}}


@check("P5", "Fischbacher & Gaechter: decay of conditional cooperation", cases=[{"g": 1.0}, {"g": 0.3}])
def decay_of_cooperation(
    w: float = 0.6, slope: float = 0.9, u: float = 0.1, g: float = 1.0, start: float = 0.5, n: int = 1000
) -> Iterator[Row]:
    """A share ``w`` gives slope x belief, a share ``u`` all, the rest nothing; beliefs follow what was seen by ``g``.

    m(t) = u + w slope B(t), and B nears u / (1 - w slope) by the factor 1 - g (1 - w slope) a round.
    """
    cooperating, giving = round(w * n), round(u * n)
    if not (0.0 <= w <= 1.0 and 0.0 <= u <= 1.0 - w + 1e-12 and 0.0 <= slope <= 1.0 and w * slope < 1.0):
        message = "give shares w and u with w + u <= 1 and a slope from 0 to 1, w slope below 1"
        raise CheckError(message)
    if not (0.0 < g <= 1.0 and 0.0 <= start <= 1.0) or abs(cooperating - w * n) + abs(giving - u * n) > 1e-6:
        message = f"give 0 < g <= 1, 0 <= start <= 1, and w n and u n whole: w = {w}, u = {u}, n = {n}"
        raise CheckError(message)
    limit, factor = u / (1.0 - w * slope), 1.0 - g * (1.0 - w * slope)

    def after(rounds: int) -> float:
        return u + w * slope * (limit + (start - limit) * factor ** (rounds - 1))

    published = DECAY.get(g, {}) if (w, slope, u, start) == (0.6, 0.9, 0.1, 0.5) else {}
    for rounds, value in published.items():
        yield printed(f"mean in round {rounds} (published)", value, after(rounds))
    if published:
        yield printed("limit (published)", 0.217391, limit)
        if g == 0.3:
            yield printed("factor a round (published)", 0.862, factor)
    path = mean_contributions(cooperators(cooperating, giving, n, slope, g, start), start, 120)
    for rounds in sorted({1, 2, 3, 4, 5, 10, *published, 120}):
        yield close(f"mean in round {rounds}", after(rounds), path[rounds - 1], tolerance=1e-6)


@check("P10", "Altruism in a linear common good")
def altruism(members: int = 12, returns: float = 3.0) -> Iterator[Row]:
    """``members`` among whom one unit given yields ``returns`` in all (N x MPCR): one gives iff the weight on others
    exceeds (1 - MPCR) / (MPCR (N - 1)).
    """
    if not 2 <= members <= 10_000 or not 0.0 < returns < members:
        message = f"a dilemma has 2 members or more and 0 < returns < members, not {members} and {returns}"
        raise CheckError(message)
    mpcr = returns / members
    critical = (1.0 - mpcr) / (mpcr * (members - 1))
    if (members, returns) == (12, 3.0):
        yield printed("critical weight (published)", 0.272727, critical)
    row = python_row(parameters.table([parameters.defaults() | {"public_return": returns}])[0])
    yield close("critical weight", critical, altruism_threshold(float(members), row), tolerance=1e-12)
    for name, weight, gives in (
        ("0", 0.0, 0.0),
        ("just below", critical * 0.9999, 0.0),
        ("above", critical * 1.0001, 1),
    ):
        people = crowd(members, altruism=weight, public_return=returns)
        people.residents.contributor[:] = int(Contributor.ALTRUIST)
        people.residents.sense_of_community[:] = 1.0
        people.decide()
        yield exact(f"givers at a weight of {name}", gives * members, float((people.residents.contribution == 1).sum()))


SUBSIDY = {0.0: 0.5, 0.05: 0.357143, 0.10: 0.428571, 0.15: 0.5, 0.20: 0.571429}


@check("P12", "A reward that crowds out motives", cases=[{"reward": reward} for reward in SUBSIDY])
def crowding_out(reward: float = 0.05, crowding: float = 0.3, n: int = 100_000) -> Iterator[Row]:
    """``n`` motives v spread over (0, 1), act iff v (1 - crowding 1[reward > 0]) + reward > 0.5.

    In the model the threshold is 1 - v and half of the contacts act.
    """
    if not (0.0 <= reward <= 1.0 and 0.0 <= crowding < 1.0):
        message = f"give 0 <= reward <= 1 and 0 <= crowding < 1, not {reward} and {crowding}"
        raise CheckError(message)
    kept = 1.0 - (crowding if reward > 0.0 else 0.0)
    expected = 1.0 - min(1.0, max(0.0, (0.5 - reward) / kept))
    if crowding == 0.3 and reward in SUBSIDY:
        yield printed("share who act (published)", SUBSIDY[reward], expected)
    people = crowd(n, participation_rule=float(Participation.THRESHOLD), reward_effect=0.01, crowding=crowding)
    people.residents.threshold[:] = 1.0 - (np.arange(n) + 0.5) / n
    people.residents.peer_share[:] = 0.5
    people.levers["points_reward"][:] = reward / 0.01
    yield close("share who act", expected, float(people.decide().mean()), tolerance=2.0 / n)
