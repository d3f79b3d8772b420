"""Why heads leave, and what follows: tipping point, frailty, recovered coefficients (checks H4, H6)."""

from typing import Any

import numpy as np
import pytest
from scipy import integrate, optimize, special

from shequ.agents.serving import (
    exit_hazard,
    overload_of,
)
from shequ.model import parameters
from shequ.model.processes import heads
from shequ.tests.offices import ANNUAL_20, BARE, REFILL, filled, office, row_of, run

# --- H4: the tipping point -------------------------------------------------------------------------------------------


def fixed_points(b: float) -> list[float]:
    """Shares filled at which refilling at 1/6 a week balances exits by the model's own hazard under shared work."""
    p = row_of({"exit_rate": ANNUAL_20, "exit_overload": b})

    def drift(f: float) -> float:
        hazard = exit_hazard(1.0, 0.0, overload_of(4.0 / f, 4.0), 0.0, 0.0, 0.0, p)
        return (1.0 - f) / 6.0 - f * hazard

    grid = np.linspace(0.05, 0.9999, 20_000)
    values = np.array([drift(f) for f in grid])
    ends = np.flatnonzero(values[1:] * values[:-1] < 0)
    found: Any = [optimize.brentq(drift, grid[k], grid[k + 1]) for k in ends]
    return found


@pytest.mark.parametrize(
    ("b", "stable", "unstable"),
    [(2, 0.973534, 0.309509), (5, 0.970969, 0.608341), (10, 0.963912, 0.826606), (14, 0.945210, 0.920107)],
)
def test_h4_two_fixed_points(b: float, stable: float, unstable: float) -> None:
    found = fixed_points(b)
    assert found == pytest.approx([unstable, stable], abs=1e-6)
    lambert = [-special.lambertw(-b * ANNUAL_20 * 6.0, k).real / b for k in (-1, 0)]
    assert found == pytest.approx([1.0 / (1.0 + y) for y in lambert], abs=1e-9)


def test_h4_no_fixed_point_above_the_tipping_point() -> None:
    assert 1.0 / 6.0 / (ANNUAL_20 * np.e) == pytest.approx(14.2881, abs=1e-4)
    assert len(fixed_points(14.28)) == 2
    assert fixed_points(14.30) == []


def staffed(b: float, start: float, shared: float = 1.0) -> float:
    """Share filled after 250 weeks when the work of 20,000 units is shared by the heads who are left."""
    n = 20_000
    changes = {
        "exit_rate": ANNUAL_20,
        "exit_overload": b,
        "candidate_rate": REFILL,
        "vacant_work_shared": shared,
        "vacant_work_reach": float(n),
        "head_duty_hours": 0.5,
    }
    o = office(n, changes, {"head_duties": 8.0})
    o.units.head[round(start * n) :] = -1
    heads.share_work(o.communities, o.units, o.committees, o.parameters, o.levers)
    if shared == 1.0:
        assert o.units.cover_hours[0] == pytest.approx(4.0 * (1.0 / start - 1.0), rel=1e-3)
    run(o, 250)
    return filled(o)


def weekly_fixed_points(b: float) -> tuple[float, float]:
    """Stable and unstable share where the weekly chances 1/6 and 1 - e**-h balance."""

    def drift(y: float) -> float:
        return y / 6.0 + np.expm1(-ANNUAL_20 * np.exp(b * y))

    top: Any = optimize.minimize_scalar(lambda y: -drift(y), bounds=(0.0, 5.0 / b), method="bounded")
    peak = float(top.x)
    low: Any = optimize.brentq(drift, 0.0, peak)
    high: Any = optimize.brentq(drift, peak, 6.0 - 1e-9)
    return 1.0 / (1.0 + low), 1.0 / (1.0 + high)


def test_h4_tipping_point() -> None:
    """The kernels on 20,000 units: above the unstable share they recover, below it and beyond b* they collapse."""
    stable, unstable = weekly_fixed_points(5.0)
    error = np.sqrt(stable * (1.0 - stable) / 20_000)
    assert error < 0.01 * stable
    assert abs(staffed(5.0, unstable + 0.03) - stable) <= 4.0 * error
    assert staffed(5.0, unstable - 0.03) < 0.25
    assert staffed(12.0, 0.97) > 0.94
    assert staffed(16.0, 0.97) < 0.25


def test_h4_catches_a_wrong_implementation() -> None:
    """If nobody takes over the work of empty offices, nothing ever tips."""
    assert staffed(16.0, 0.97, shared=0.0) > 0.9


# --- H6: frailty and recovered coefficients --------------------------------------------------------------------------


def mover_stayer(spread: float) -> list[tuple[float, float, float]]:
    """Share of those in office at the start of years 1, 3 and 5 who leave within that year: seen, expected, error."""
    n, hazard = 150_000, 0.008
    o = office(n, {"exit_rate": hazard, "frailty_spread": spread, "candidate_rate": 50.0})
    o.units.head[:] = -1
    run(o)
    assert filled(o) == 1.0
    o.parameters = parameters.table([parameters.defaults() | BARE | {"exit_rate": hazard, "frailty_spread": spread}])

    def survival(weeks: int) -> float:
        def integrand(z: float) -> float:
            return np.exp(-hazard * weeks * np.exp(0.5 * z) - z * z / 2.0) / np.sqrt(2.0 * np.pi)

        return float(integrate.quad(integrand, -9.0, 9.0)[0])

    rows: list[tuple[float, float, float]] = []
    for year in range(5):
        before = filled(o)
        run(o, 52, recruit=False)
        if year % 2 == 0:
            expected = 1.0 - survival(52 * year + 52) / survival(52 * year)
            error = np.sqrt(expected * (1.0 - expected) / (n * before))
            rows.append((1.0 - filled(o) / before, expected, error))
    return rows


def test_h6_exits_fall_with_tenure() -> None:
    rows = mover_stayer(0.5)
    for seen, expected, error in rows:
        assert error < 0.01 * expected
        assert abs(seen - expected) <= 4.0 * error
    assert rows[0][0] > 1.05 * rows[1][0] > 1.05 * rows[2][0]


def test_h6_catches_a_wrong_implementation() -> None:
    """Without lasting differences between heads the last year looks like the first."""
    assert any(abs(seen - expected) > 4.0 * error for seen, expected, error in mover_stayer(0.0))


def regression(exit_skill: float) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of ln(1 + pay / 100) and skill in the log hazard, and their errors, from a year of 400,000 heads.

    Maximum likelihood of weekly survival: sum of events ln(1 - e**-h) - h weeks survived (the Poisson form of Cox).
    """
    n, weeks = 400_000, 52
    changes = {"exit_rate": 0.02, "exit_pay": 1.0, "exit_skill": exit_skill, "skill_forgetting": 0.0}
    o = office(n, changes)
    draw = np.random.default_rng(5)
    o.units.pay[:], o.units.skill[:] = draw.uniform(0.0, 500.0, n), draw.uniform(0.0, 1.0, n)
    x = np.column_stack([np.ones(n), np.log1p(o.units.pay.astype(float) / 100.0), o.units.skill.astype(float)])
    survived = np.zeros(n)
    for _ in range(weeks):
        run(o, recruit=False)
        survived += o.units.head >= 0
    left = o.units.head < 0

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        h = np.exp(x @ beta)
        likelihood = np.sum(np.log(-np.expm1(-h[left]))) - np.sum(h * survived)
        score = left * h / np.expm1(h) - h * survived
        return -likelihood / n, -(x.T @ score) / n

    fit = optimize.minimize(loss, np.array([-4.0, 0.0, 0.0]), jac=True, method="BFGS")
    h = np.exp(x @ fit.x)
    information = x.T @ (x * (h * (survived + left))[:, None])
    return fit.x[1:], np.sqrt(np.diag(np.linalg.inv(information)))[1:]


def misses_h6(coefficients: np.ndarray, errors: np.ndarray) -> bool:
    return bool((np.abs(coefficients - np.array([-1.0, -2.0])) > 4.0 * errors).any())


def test_h6_coefficients_are_recovered() -> None:
    coefficients, errors = regression(2.0)
    assert (errors < 0.01 * np.array([1.0, 2.0])).all()
    assert not misses_h6(coefficients, errors)


def test_h6_regression_catches_a_wrong_implementation() -> None:
    assert misses_h6(*regression(1.85))
