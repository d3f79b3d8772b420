"""Adoption (checks D1 to D6): Bass's curve and Rohlfs's network good, through the rules and the kernel of the platform.

D1 to D4 take the hazard of the model (``contact_hazard``) as a rate and carry it through time in small steps of the
fourth order (Runge and Kutta), D2 in plain steps. D5 and D6 run the kernel of the week on people.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..agents.columns import allocate
from ..agents.learning import contact_hazard
from ..agents.view import python_row
from ..model import parameters
from ..model.processes import platform
from .check import CheckError, Row, check, close, exact, printed, random
from .crowd import Crowd, crowd

WEEKS = 52  # steps a year of the theory page
SMALL = 1e-4  # years, or shares: what a curve in weekly steps is good for
EASY: dict[str, Any] = {"ease_intercept": 60.0, "ease_age": 0.0, "dropout": 0.0}  # ease of use is 1, nobody leaves


def need_rates(p: float, q: float) -> None:
    """Refuse rates that are no Bass curve with a peak."""
    if not (0.0 < p < q <= 5.0):
        message = f"Bass's curve has its peak after the start if 0 < p < q; give q up to 5, not p = {p}, q = {q}"
        raise CheckError(message)


# --- the curve --------------------------------------------------------------------------------------------------------


def bass(t: float, p: float, q: float) -> float:
    """Bass 1969: share of adopters at time t."""
    return (1 - math.exp(-(p + q) * t)) / (1 + q / p * math.exp(-(p + q) * t))


def bass_time(share: float, p: float, q: float) -> float:
    """Time at which Bass's curve reaches ``share``."""
    return math.log((1 + q / p * share) / (1 - share)) / (p + q)


def rate(share: float, rates: Any) -> float:
    """New adopters a year by the model's hazard: h (1 - F)."""
    return contact_hazard(share, 0.0, rates) * (1.0 - share)


def yearly(p: float, q: float) -> Any:
    """Row of parameters in which hazards are per year."""
    return python_row(parameters.table([parameters.defaults() | {"innovation": p, "imitation": q}])[0])


def curve(p: float, q: float, years: float, steps: int = WEEKS, start: float = 0.0) -> NDArray[np.float64]:
    """Shares by the model's hazard, ``steps`` a year, each of the fourth order."""
    rates, dt, shares = yearly(p, q), 1.0 / steps, [start]
    for _ in range(math.ceil(years * steps)):
        x = shares[-1]
        a = rate(x, rates)
        b = rate(x + 0.5 * dt * a, rates)
        c = rate(x + 0.5 * dt * b, rates)
        d = rate(x + dt * c, rates)
        shares.append(x + dt * (a + 2 * b + 2 * c + d) / 6)
    return np.array(shares)


def reaches(shares: NDArray[np.float64], level: float, steps: int = WEEKS) -> float:
    """Time at which a rising curve reaches ``level``, by interpolation of the logit."""
    k = int(np.searchsorted(shares, level))
    low, high, middle = (math.log(x / (1 - x)) for x in (float(shares[k - 1]), float(shares[k]), level))
    return (k - 1 + (middle - low) / (high - low)) / steps


def peak(shares: NDArray[np.float64], p: float, q: float, steps: int = WEEKS) -> tuple[float, float]:
    """Time and height of the highest rate on a curve: the top of the parabola through its three highest points."""
    rates = yearly(p, q)
    heights = np.array([rate(float(x), rates) for x in shares])
    k = int(heights[1:-1].argmax()) + 1
    before, top, after = heights[k - 1 : k + 2]
    shift = 0.5 * (before - after) / (before - 2 * top + after)
    return (k + shift) / steps, float(top - 0.25 * (before - after) * shift)


PEAKS = {(0.03, 0.38): 6.192619, (0.01, 0.5): 7.670633, (0.02, 0.4): 7.132696}


@check("D1", "Bass: the curve", cases=[{"p": p, "q": q} for p, q in PEAKS])
def bass_curve(p: float = 0.03, q: float = 0.38) -> Iterator[Row]:
    """Hazard p + q F a year: F(t) in closed form, peak at ln(q/p)/(p+q) with rate (p+q)^2/(4q) and F = 1/2 - p/(2q)."""
    need_rates(p, q)
    top, half, most = math.log(q / p) / (p + q), bass_time(0.5, p, q), bass_time(0.9, p, q)
    if (p, q) in PEAKS:
        yield printed("time of the peak (published)", PEAKS[p, q], top)
    if (p, q) == (0.03, 0.38):
        for name, published, value in (
            ("F at the peak", 0.460526, bass(top, p, q)),
            ("rate at the peak", 0.110592, (p + q) ** 2 / (4 * q)),
            ("F(5)", 0.331199, bass(5, p, q)),
            ("F(10)", 0.812803, bass(10, p, q)),
            ("half", 6.550189, half),
            ("90 %", 11.756784, most),
        ):
            yield printed(f"{name} (published)", published, value)
    shares = curve(p, q, 1.2 * most + 10.0)
    when, height = peak(shares, p, q)
    yield close("time of the peak", top, when, tolerance=SMALL)
    yield close("rate at the peak", (p + q) ** 2 / (4 * q), height, tolerance=1e-6)
    yield close(
        "F at the peak", 0.5 - p / (2 * q), float(np.interp(top * WEEKS, range(len(shares)), shares)), tolerance=SMALL
    )
    for t in (5, 10):
        yield close(f"F({t})", bass(t, p, q), float(shares[t * WEEKS]), tolerance=1e-6)
    yield close("time to one half", half, reaches(shares, 0.5), tolerance=SMALL)
    yield close("time to 90 %", most, reaches(shares, 0.9), tolerance=SMALL)


def plain_steps(p: float, q: float, steps: int, years: int) -> list[float]:
    """Shares by the model's hazard in plain steps of ``1 / steps`` years."""
    rates, shares = yearly(p, q), [0.0]
    for _ in range(years * steps):
        shares.append(shares[-1] + rate(shares[-1], rates) / steps)
    return shares


GAINS = (0.03, 0.040158, 0.052685, 0.067261, 0.082803, 0.097216, 0.107486, 0.110481)


@check("D2", "Bass: the same in plain steps", cases=[{"steps": 1}, {"steps": WEEKS}])
def bass_in_steps(p: float = 0.03, q: float = 0.38, steps: int = 1) -> Iterator[Row]:
    """``steps`` a year, F' = F + (p + q F)(1 - F) / steps: a map that lags behind the curve in proportion to the step.

    Expected: the logistic map that it is. With y = (1 - F) q / (p + q) and r = (p + q) / steps, y' = (1 - r) y + r y^2.
    """
    need_rates(p, q)
    if not 1 <= steps <= 1000:
        message = f"give 1 to 1000 steps a year, not {steps}"
        raise CheckError(message)
    shares, y, r = plain_steps(p, q, steps, 10), q / (p + q), (p + q) / steps
    path = [0.0]
    for _ in range(10 * steps):
        y = (1.0 - r) * y + r * y * y
        path.append(1.0 - y * (p + q) / q)
    if (p, q, steps) == (0.03, 0.38, 1):
        for k, gain in enumerate(GAINS):
            yield printed(f"gain of year {k + 1} (published)", gain, shares[k + 1] - shares[k])
        yield printed("F(10) (published)", 0.782643, shares[10])
    if (p, q, steps) == (0.03, 0.38, WEEKS):
        yield printed("F(5) (published)", 0.329953, shares[5 * steps])
        yield printed("F(10) (published)", 0.812345, shares[10 * steps])
    for t in (1, 5, 10):
        yield close(f"F({t})", path[t * steps], shares[t * steps], tolerance=1e-12)
    finer = plain_steps(p, q, 2 * steps, 10)
    lag = (bass(5, p, q) - shares[5 * steps]) / (bass(5, p, q) - finer[10 * steps])
    yield close("lag at 5 years, against half the step", 2.0, lag, tolerance=1.0 / steps)


DURABLES = {  # p, q: peak by the formula, peak as Bass printed it (years)
    (0.027877, 0.25105): (7.88, 7.8),  # black-and-white television
    (0.017206, 0.35688): (8.11, 8.1),  # clothes dryers
    (0.010399, 0.41861): (8.61, 8.6),  # room air conditioners
    (0.028632, 0.32791): (6.84, 6.8),  # steam irons
    (0.024796, 0.65410): (4.82, 4.8),  # record players
}


@check("D3", "Bass 1969: peaks of his table", cases=[{"p": p, "q": q} for p, q in DURABLES])
def bass_table(p: float = 0.027877, q: float = 0.25105, steps: int = WEEKS) -> Iterator[Row]:
    """Time of the peak from printed p and q: on the curve of the model's hazard, ``steps`` a year, refined."""
    need_rates(p, q)
    if not 4 <= steps <= 1000:
        message = f"give 4 to 1000 steps a year, not {steps}"
        raise CheckError(message)
    top = math.log(q / p) / (p + q)
    if (p, q) in DURABLES:
        formula, table = DURABLES[p, q]
        yield printed("time of the peak (published)", formula, top, digits=2)
        yield close("time of the peak (Bass's table, one place)", table, top, tolerance=0.1)
    when, _ = peak(curve(p, q, 2.0 * top + 1.0, steps), p, q, steps)
    yield close("time of the peak", top, when, tolerance=max(SMALL, 0.5 / steps**2))


@check("D4", "Contagion alone", cases=[{"q": 1.0}, {"q": 0.38}])
def contagion_alone(q: float = 1.0, low: float = 0.01, high: float = 0.99) -> Iterator[Row]:
    """Nobody turns to it unprompted: from ``low`` to ``high`` in (logit high - logit low) / q years."""
    if not (0.0 < q <= 10.0 and 0.0 < low < 0.5 < high < 1.0):
        message = f"give 0 < q <= 10 and 0 < low < 0.5 < high < 1, not {q}, {low}, {high}"
        raise CheckError(message)
    whole = math.log(high / (1 - high)) - math.log(low / (1 - low))
    half = -math.log(low / (1 - low))
    if (low, high) == (0.01, 0.99):
        yield printed("1 to 99 %, times q (published)", 9.190240, whole)
        yield printed("1 to 50 %, times q (published)", 4.595120, half)
    steps = math.ceil(WEEKS * max(1.0, q))
    shares = curve(0.0, q, whole / q + 1.0, steps, low)
    yield close("years from low to one half", half / q, reaches(shares, 0.5, steps), tolerance=SMALL)
    yield close("years from low to high", whole / q, reaches(shares, high, steps), tolerance=SMALL)


# --- people -----------------------------------------------------------------------------------------------------------


def use_platform(people: Crowd, week: int) -> None:
    """Let everybody decide on the platform in ``week``."""
    calm = allocate(platform.Platforms, len(people.communities.id))
    platform.decide_platform(week, people.communities, people.residents, calm, people.parameters, people.levers)


def settles(price: float, start: float, n: int) -> float:
    """Share of users in the end, from a share ``start`` of those who care most; interests are spread evenly."""
    people = crowd(n, **EASY, innovation=60.0, imitation=0.0, platform_price=price)
    people.levers["platform_modules"][:] = 4.0
    people.residents.platform_interest[:] = (np.arange(n) + 0.5) / n
    people.residents.adopted[:] = np.arange(n) >= round((1.0 - start) * n)
    share, last, week = float(people.residents.adopted.mean()), -1.0, 0
    while share != last and week < 5000:
        people.residents.peers_adopted[:] = last = share
        use_platform(people, week)
        share, week = float(people.residents.adopted.mean()), week + 1
    return share


@check("D5", "Rohlfs: a good whose worth grows with use", cases=[{"price": 0.2}, {"price": 0.26}])
def network_good(price: float = 0.2, n: int = 100_000) -> Iterator[Row]:
    """Interests spread evenly over (0, 1), worth = interest x share of users, all who find it worth ``price`` use it.

    The share x rests at 0 and where x (1 - x) = price: the lower root is unstable, a critical mass; above a price of
    1/4 only 0 is left. Starts lie just beside the roots.
    """
    if not (0.0 < price < 1.0 and 1000 <= n <= 1_000_000) or abs(price - 0.25) < 0.001:
        message = f"give 0 < price < 1 away from the critical 0.25, and n from 1,000 to a million; not {price}, {n}"
        raise CheckError(message)
    yield exact("users in the end, from nobody", 0, settles(price, 0.0, n))
    if price > 0.25:
        yield exact("users in the end, from everybody", 0, settles(price, 1.0, n))
        return
    root = math.sqrt(0.25 - price)
    critical, upper = 0.5 - root, 0.5 + root
    if price == 0.2:
        yield printed("critical mass (published)", 0.276393, critical)
        yield printed("upper equilibrium (published)", 0.723607, upper)
    near = 0.02 * root
    grain = 2.0 / n / root  # the last person who joins, carried on by the slope of the map
    for name, start in (
        ("from everybody", 1.0),
        ("above it", upper + near),
        ("above the critical mass", critical + near),
    ):
        yield close(f"share of users, {name}", upper, settles(price, start, n), tolerance=grain)
    yield exact("users in the end, below the critical mass", 0, settles(price, critical - near, n))


def adopters(n: int, runs: int, steps: int, years: int, p: float, q: float, seed: int) -> NDArray[np.float64]:
    """Shares of users (years + 1, runs) in ``runs`` crowds of ``n`` that see all their members, ``steps`` a year."""
    people = crowd(n, runs, seed=seed, **EASY, innovation=p / steps, imitation=q / steps)
    people.levers["platform_modules"][:] = 4.0
    shares, share = [np.zeros(runs)], np.zeros(runs)
    for step in range(years * steps):
        people.residents.peers_adopted[:] = np.repeat(share, n)
        use_platform(people, step)
        share = people.residents.adopted.reshape(runs, n).mean(axis=1)
        if (step + 1) % steps == 0:
            shares.append(share)
    return np.array(shares)


def chances(p: float, q: float, steps: int, years: int) -> list[float]:
    """Share year by year on an endless crowd whose members adopt in a step with the chance 1 - e**(-hazard)."""
    path, share = [0.0], 0.0
    for step in range(years * steps):
        share += (1.0 - share) * -math.expm1(-(p + q * share) / steps)
        if (step + 1) % steps == 0:
            path.append(share)
    return path


@check(
    "D6",
    "Bass: people who see everybody",
    cases=[{"n": 10_000, "runs": 64, "steps": 6}],
    study=[{"n": 10_000, "runs": 200, "steps": WEEKS}],
)
def bass_of_people(
    p: float = 0.03, q: float = 0.38, n: int = 10_000, runs: int = 64, steps: int = 6, seed: int = 1
) -> Iterator[Row]:
    """``runs`` crowds of ``n`` in ``steps`` a year and in twice as many; each step adopts with the chance 1 - e**-h.

    The means must lie on the map of that chance for both steps (D2), and carried on to a step of 0 on the curve (D1).
    """
    need_rates(p, q)
    if not (n >= 1000 and runs >= 2 and 4 <= steps <= 104 and n * runs <= 4_000_000):
        message = "give at least 2 runs of 1,000 persons, at most 4 million in all, and 4 to 104 steps a year"
        raise CheckError(message)
    years = math.ceil(bass_time(0.8, p, q))
    whole = adopters(n, runs, steps, years, p, q, seed)
    halved = adopters(n, runs, 2 * steps, years, p, q, seed + 1_000_000)
    for t in (years // 2, years):
        for name, shares, k in (("", whole, steps), (", step halved", halved, 2 * steps)):
            error = float(shares[t].std(ddof=1)) / math.sqrt(runs)
            yield random(f"F({t}){name}", chances(p, q, k, years)[t], float(shares[t].mean()), error)
        carried = 2.0 * halved[t] - whole[t]
        error = float(carried.std(ddof=1)) / math.sqrt(runs)
        yield random(f"F({t}), step of 0", bass(t, p, q), float(carried.mean()), error)
