"""Why heads leave, and what follows: tipping point, frailty, recovered coefficients (checks H4, H6)."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy import integrate, optimize, special  # pyright: ignore[reportMissingTypeStubs]

from ..agents.serving import exit_hazard, overload_of
from ..model import parameters
from .check import Row, at_least_one, check, close, exact, printed, random, require, share
from .offices import BARE, YEAR, filled, hazard_of, office, row_of, run, weekly_hazard

_integrate: Any = integrate
_optimize: Any = optimize
_special: Any = special

TIPPING = {2.0: (0.973533, 0.309509), 5.0: (0.970969, 0.608340), 10.0: (0.963912, 0.826606), 14.0: (0.945210, 0.920107)}
WORK = 4.0  # hours of a unit, as many as its head can give


@check(
    "H4",
    "a chain of vacancies tips",
    cases=[
        *({"b": b} for b in TIPPING),
        {"b": 5.0, "start": 0.64},
        {"b": 5.0, "start": 0.58},
        {"b": 12.0},
        {"b": 16.0},
    ],
)
def tipping_point(
    b: float = 5.0,
    start: float = 0.97,
    exit: float = 0.2,
    refill: float = 1 / 6,
    n: int = 20_000,
    weeks: int = 250,
    seed: int = 77,
) -> Iterator[Row]:
    """Heads share the work of empty offices; overload multiplies their hazard by e^(b overload).

    Rest where refill y = h0 e^(b y), y = 1/filled - 1 = -W(-b h0 / refill) / b (both branches of Lambert's W): two
    points while b < refill / (h0 e), above that none. Then ``n`` units, a share ``start`` of them filled, live for
    some weeks; the share follows f' = f e^-h(f) + (1 - f) refill, which ends near the stable point or collapses.
    """
    require(b > 0.0 and 0.0 < start < 1.0, "give b above 0 and a share filled at the start between 0 and 1")
    require(0.0 < exit < 1.0 and 0.0 < refill < 1.0, "give a yearly share of exits and a chance between 0 and 1")
    at_least_one(n=n, weeks=weeks)
    rate = weekly_hazard(exit)
    critical = refill / (rate * math.e)
    if (exit, refill) == (0.2, 1 / 6):
        yield printed("tipping point (published)", 14.2881, critical, digits=4)
    found = rest_points(b, rate, refill)
    expected = (
        [1.0 / (1.0 - _special.lambertw(-b * rate / refill, k).real / b) for k in (0, -1)] if b < critical else []
    )
    yield exact("points of rest", len(expected), len(found))
    for k, name in enumerate(("stable", "unstable")[: len(expected)]):
        if (exit, refill) == (0.2, 1 / 6) and b in TIPPING:
            yield printed(f"filled, {name} (published)", TIPPING[b][k], expected[k])
        yield close(f"filled, {name}", expected[k], found[k], tolerance=1e-8)
    yield _lived(b, start, rate, refill, n, weeks, seed)


def rest_points(b: float, rate: float, refill: float) -> list[float]:
    """Shares filled, highest first, at which refilling balances exits by the model's own hazard under shared work."""
    p = row_of({"exit_rate": rate, "exit_overload": b})

    def drift(y: float) -> float:
        overload = overload_of(WORK * (1.0 + y), WORK)
        return refill * y / exit_hazard(1.0, 0.0, overload, 0.0, 0.0, 0.0, p) - 1.0

    # refill y / (h0 e^(b y)) has its only peak at y = 1 / b
    peak = 1.0 / b
    if drift(peak) < 0.0:
        return []
    ends = ((0.0, peak), (peak, 50.0 / b))
    return [1.0 / (1.0 + _optimize.brentq(drift, low, high, xtol=1e-13)) for low, high in ends]


def _lived(b: float, start: float, rate: float, refill: float, n: int, weeks: int, seed: int) -> Row:
    """Share filled after some weeks when the work of ``n`` units is shared by the heads who are left.

    The error is that of the chain's noise around its path near rest, where deviations shrink by the path's slope.
    """

    def stays(f: float) -> float:
        return math.exp(-rate * math.exp(min(b * (1.0 / f - 1.0), 60.0)))

    def after(f: float) -> float:
        return f * stays(f) + (1.0 - f) * refill

    changes = {"exit_rate": rate, "exit_overload": b, "candidate_rate": hazard_of(refill), "vacant_work_shared": 1.0}
    o = office(
        n, changes | {"vacant_work_reach": float(n), "head_duty_hours": WORK / 8.0}, {"head_duties": 8.0}, seed=seed
    )
    o.units.head[round(start * n) :] = -1
    run(o, weeks)
    f = round(start * n) / n
    for _ in range(weeks):
        f = after(f)
    slope = (after(f + 1e-6) - after(f - 1e-6)) / 2e-6
    noise = (f * stays(f) * (1.0 - stays(f)) + (1.0 - f) * refill * (1.0 - refill)) / n
    error = math.sqrt(noise / max(1.0 - slope**2, 1e-3))
    return random(f"filled after {weeks} weeks", f, filled(o), error, precision=0.02)


@check("H6", "frailty alone, and coefficients recovered from a year of exits")
def frailty(
    spread: float = 0.5,
    hazard: float = 0.008,
    n: int = 150_000,
    pay: float = 1.0,
    skill: float = 2.0,
    heads: int = 400_000,
    seed: int = 5,
) -> Iterator[Row]:
    """``n`` heads whose hazards differ for good (log-normal, s.d. ``spread``): fewer leave in later years.

    Of those in office at the start of year k the share 1 - S(52 k) / S(52 (k - 1)) leaves, S the mean of e^-(hazard z
    t) over z. Then the effects of ln(1 + pay / 100) and of skill on the log hazard, ``pay`` and ``skill``, are found
    again in a year of ``heads`` heads by maximum likelihood.
    """
    require(0.0 <= spread <= 3.0 and 0.0 < hazard < 0.1, "give a spread of 0 to 3 and a hazard between 0 and 0.1")
    at_least_one(n=n, heads=heads)
    yield from tenure(spread, hazard, n)
    found, errors = regression(pay, skill, heads, seed)
    for k, (name, value) in enumerate((("pay", -pay), ("skill", -skill))):
        yield random(f"effect of {name} on the log hazard", value, found[k], errors[k])


def tenure(spread: float, hazard: float, n: int) -> Iterator[Row]:
    """Share of those in office at the start of years 1, 3 and 5 who leave within that year."""
    kept = {"exit_rate": hazard, "frailty_spread": spread}
    o = office(n, kept | {"candidate_rate": 50.0})
    o.units.head[:] = -1
    run(o)  # every office is filled anew, so that frailty is drawn
    yield exact("offices filled at the start", n, n * filled(o))
    o.parameters = parameters.table([parameters.defaults() | BARE | kept])

    def survival(weeks: float) -> float:
        def integrand(z: float) -> float:
            return math.exp(-hazard * weeks * math.exp(spread * z) - z * z / 2.0) / math.sqrt(2.0 * math.pi)

        return float(_integrate.quad(integrand, -9.0, 9.0)[0])

    for year in range(5):
        before = int(n * filled(o) + 0.5)
        run(o, round(YEAR), recruit=False)
        if year % 2 == 0:
            expected = 1.0 - survival(YEAR * (year + 1)) / survival(YEAR * year)
            yield share(f"leave in year {year + 1}", expected, before - round(n * filled(o)), before)


def regression(pay: float, skill: float, n: int, seed: int) -> tuple[Any, Any]:
    """Coefficients of ln(1 + pay / 100) and skill in the log hazard, and their standard errors, from a year.

    Maximum likelihood of weekly survival: sum of events ln(1 - e^-h) - h weeks survived (the Poisson form of Cox).
    """
    changes = {"exit_rate": 0.02, "exit_pay": pay, "exit_skill": skill, "skill_forgetting": 0.0, "pay_scale": 100.0}
    o = office(n, changes)
    draw = np.random.default_rng(seed)
    o.units.pay[:], o.units.skill[:] = draw.uniform(0.0, 500.0, n), draw.uniform(0.0, 1.0, n)
    x: Any = np.column_stack([np.ones(n), np.log1p(o.units.pay.astype(float) / 100.0), o.units.skill.astype(float)])
    survived: Any = np.zeros(n)
    for _ in range(round(YEAR)):
        run(o, recruit=False)
        survived += o.units.head >= 0
    left: Any = o.units.head < 0
    loss = _likelihood(x, survived, left)
    beta: Any = _optimize.minimize(loss, np.array([-4.0, 0.0, 0.0]), jac=True, method="BFGS").x
    h = np.exp(x @ beta)
    information = x.T @ (x * (h * (survived + left))[:, None])
    return beta[1:], np.sqrt(np.diag(np.linalg.inv(information)))[1:]


def _likelihood(x: Any, survived: Any, left: Any) -> Callable[[Any], tuple[float, Any]]:
    """Minus the mean log likelihood and its gradient."""
    n = len(survived)

    def loss(beta: Any) -> tuple[float, Any]:
        h = np.exp(x @ beta)
        gone: Any = np.log(-np.expm1(-h[left]))
        likelihood = float(gone.sum() - (h * survived).sum())
        score = left * h / np.expm1(h) - h * survived
        return -likelihood / n, -(x.T @ score) / n

    return loss
