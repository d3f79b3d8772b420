"""Heads of units against closed forms: survival, vacancies, burnout, tipping point, skill, frailty."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import integrate, optimize, special

from shequ.agents import Committees, Residents, Units
from shequ.agents.columns import allocate, copy_of
from shequ.agents.rates import WEEKS_A_YEAR
from shequ.agents.rules import probability
from shequ.agents.serving import (
    LACK_OF_SKILL,
    NO_PAY,
    WORKLOAD,
    burnout_after,
    duty_chance,
    exit_hazard,
    exit_reason,
    overload_of,
    trainings_due,
)
from shequ.agents.view import python_row
from shequ.model import parameters
from shequ.model.flows import Flows
from shequ.model.levers import LeverSchedule
from shequ.model.processes import heads
from shequ.model.structure import Communities

ANNUAL_20 = -np.log(0.8) / 52.0  # weekly hazard of 20 % a year, as the theory page counts
REFILL = -np.log(5.0 / 6.0)  # hazard that gives a weekly chance of 1/6

# Nothing but what a check switches on: no strain, no pay, no skill, no work, capacity 4 h, one candidate a unit.
BARE = {
    "exit_rate": 0.0,
    "exit_burnout": 0.0,
    "exit_overload": 0.0,
    "exit_pay": 0.0,
    "exit_recognition": 0.0,
    "exit_skill": 0.0,
    "frailty_spread": 0.0,
    "burnout_support_buffer": 0.0,
    "burnout_recognition_buffer": 0.0,
    "burnout_skill_buffer": 0.0,
    "head_duty_hours": 0.0,
    "head_duty_household_hours": 0.0,
    "head_form_hours": 0.0,
    "head_capacity_low": 4.0,
    "head_capacity_high": 4.0,
    "candidate_rate": 0.0,
    "candidate_community": 0.0,
    "candidate_efficacy": 0.0,
    "candidate_time": 0.0,
    "candidate_pay": 0.0,
}


def office(units: int, changes: dict[str, float], levers: dict[str, float] | None = None, communities: int = 1) -> Any:
    """``units`` units of one household and one resident aged 50 in each of some communities, heads in all of them."""
    total = units * communities
    o = SimpleNamespace(
        communities=allocate(Communities, communities),
        residents=allocate(Residents, total),
        units=allocate(Units, total),
        committees=allocate(Committees, communities),
        flows=allocate(Flows, communities),
        parameters=parameters.table([parameters.defaults() | BARE | changes] * communities),
        levers=LeverSchedule(communities).now,
        week=0,
    )
    for name, value in ({"head_trainings": 0.0} | (levers or {})).items():
        o.levers[name] = value
    rows = np.arange(total)
    first = np.arange(communities) * units
    o.communities.seed[:] = 77 + np.arange(communities)
    o.communities.unit_start[:], o.communities.unit_stop[:] = first, first + units
    o.residents.id[:], o.residents.age[:] = rows + 10_000_000, 50
    o.units.id[:] = rows
    for start, stop in (("household_start", "household_stop"), ("resident_start", "resident_stop")):
        getattr(o.units, start)[:], getattr(o.units, stop)[:] = rows, rows + 1
    o.units.organised[:], o.units.head[:] = 1, rows
    o.units.capacity[:], o.units.frailty[:] = 4.0, 1.0
    return o


def run(o: Any, weeks: int = 1, *, recruit: bool = True) -> None:
    """Weeks of the process's own kernels."""
    tables = (o.communities, o.units, o.parameters, o.levers)
    for _ in range(weeks):
        heads.share_work(o.communities, o.units, o.committees, o.parameters, o.levers)
        heads.live_all(o.week, *tables)
        if recruit:
            heads.recruit_all(o.week, o.communities, o.residents, o.units, o.parameters, o.levers)
        o.week += 1


def row_of(changes: dict[str, float]) -> Any:
    return python_row(parameters.table([parameters.defaults() | BARE | changes])[0])


def filled(o: Any) -> float:
    return float(np.mean(o.units.head >= 0))


# --- H1, H2: leaving and refilling -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("annual", "weekly"), [(0.2, 0.00428203), (0.3, 0.00683566), (0.1, 0.00202411)])
def test_h1_yearly_exits_become_weekly_chances(annual: float, weekly: float) -> None:
    p = row_of({"exit_rate": -np.log(1.0 - annual) / 52.0})
    hazard = exit_hazard(1.0, 0.9, 0.9, 900.0, 0.9, 0.9, p)
    assert probability(hazard) == pytest.approx(weekly, abs=5e-9)
    if annual == 0.2:
        assert hazard == pytest.approx(0.00429122, abs=5e-9)
        assert 1.0 / hazard == pytest.approx(233.03, abs=0.005)


def test_h1_survival_of_heads() -> None:
    """n = 100,000 heads; share still in office 0.8, 0.64, 0.32768 after 52, 104, 260 weeks."""
    n = 100_000
    o = office(n, {"exit_rate": ANNUAL_20})
    for until, expected in ((52, 0.8), (104, 0.64), (260, 0.32768)):
        run(o, until - o.week, recruit=False)
        error = np.sqrt(expected * (1.0 - expected) / n)
        assert error < 0.01 * expected
        assert abs(filled(o) - expected) <= 4.0 * error


def vacancies(same_week: bool) -> tuple[float, float, np.ndarray]:
    """Share filled over 20 spaced weeks, its standard error, and vacancies by community at the end."""
    units, communities = 50, 2500
    o = office(units, {"exit_rate": ANNUAL_20, "candidate_rate": REFILL}, communities=communities)
    run(o, 60)
    shares: list[float] = []
    for _ in range(20):
        for _ in range(10):
            heads.live_all(o.week, o.communities, o.units, o.parameters, o.levers)
            if same_week:
                o.units.exits[:] = 0  # wrong: an office given up this week is on offer at once
            heads.recruit_all(o.week, o.communities, o.residents, o.units, o.parameters, o.levers)
            o.week += 1
        shares.append(filled(o))
    empty = (o.units.head < 0).reshape(communities, units).sum(axis=1)
    rest = 0.974951
    # weeks ten apart are correlated, r = (1 - f - p)^10 = 0.15: the variance of the mean grows by (1 + r) / (1 - r)
    error = np.sqrt(rest * (1.0 - rest) / (units * communities * 20) * 1.37)
    return float(np.mean(shares)), error, empty


def test_h2_share_of_offices_filled() -> None:
    """Exit 0.00428203 and refilling 1/6 a week: 0.974951 filled (125,000 offices, 20 weeks), vacancies binomial."""
    share, error, empty = vacancies(same_week=False)
    assert error < 0.01 * (1.0 - 0.974951)
    assert abs(share - 0.974951) <= 4.0 * error
    expected = 50 * 0.974951 * (1.0 - 0.974951)
    fourth = expected * (1.0 + 3.0 * expected * (1.0 - 2.0 / 50))  # fourth central moment of the binomial, nearly
    variance_error = np.sqrt((fourth - expected**2) / len(empty))
    assert variance_error < 0.05 * expected
    assert abs(empty.var() - expected) <= 4.0 * variance_error


def test_h2_catches_a_wrong_implementation() -> None:
    share, error, _ = vacancies(same_week=True)
    assert abs(share - 0.974951) > 4.0 * error


# --- H3: burnout -----------------------------------------------------------------------------------------------------

LINEAR = {"burnout_gain": 0.05, "burnout_recovery": 0.1, "burnout_saturation": 0.0, "head_duty_hours": 0.8}


def burnout_path(changes: dict[str, float], weeks: int) -> np.ndarray:
    """Burnout of a head with 6.4 h of work for 4 h of capacity: overload 0.6."""
    o = office(1, changes, {"head_duties": 8.0})
    path = [0.0]
    for _ in range(weeks):
        run(o)
        path.append(float(o.units.burnout[0]))
    assert o.units.overload[0] == pytest.approx(0.6, abs=1e-6)
    return np.array(path)


def misses_h3(path: np.ndarray) -> bool:
    weeks = np.arange(len(path))
    return bool(np.abs(path - 0.3 * (1.0 - 0.9**weeks)).max() > 1e-6)


def test_h3_leaky_burnout() -> None:
    """Gain 0.05, overload 0.6, decay 0.1 a week: fixed point 0.3, half-life 6.5788 weeks."""
    path = burnout_path(LINEAR, 200)
    assert path[-1] == pytest.approx(0.3, abs=1e-6)
    assert not misses_h3(path)
    gap = 0.3 - path[:12]
    assert np.log(0.5) / np.log(gap[10] / gap[0]) * 10 == pytest.approx(6.5788, abs=1e-3)
    assert burnout_after(0.3, 0.6, 0.0, 0.0, 0.0, row_of(LINEAR)) == pytest.approx(0.3, abs=1e-12)


def test_h3_catches_a_wrong_implementation() -> None:
    assert misses_h3(burnout_path(LINEAR | {"burnout_saturation": 1.0}, 50))


def test_buffers_take_strain_off() -> None:
    p = python_row(parameters.table([parameters.defaults()])[0])
    bare = burnout_after(0.2, 0.5, 0.0, 0.0, 0.0, p)
    assert burnout_after(0.2, 0.5, 1.0, 0.0, 0.0, p) < bare
    assert burnout_after(0.2, 0.5, 0.0, 1.0, 0.0, p) < bare
    assert burnout_after(0.2, 0.5, 0.0, 0.0, 1.0, p) < bare


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


# --- H5: skill -------------------------------------------------------------------------------------------------------


def test_h5_training_every_half_year() -> None:
    """Training every 26 weeks, gain 0.3, forgetting 0.005: 0.778142 just after, 0.683060 just before."""
    changes = {"skill_gain": 0.3, "skill_forgetting": 0.005}
    o = office(40, changes, {"head_trainings": WEEKS_A_YEAR / 26.0})
    o.units.phase[:] = (np.arange(40) + 0.5) / 40
    run(o, 1000)
    trained: list[np.ndarray] = []
    skill: list[np.ndarray] = []
    for _ in range(52):
        run(o)
        trained.append(o.units.trainings.copy())
        skill.append(o.units.skill.copy())
    events, values = np.array(trained), np.array(skill)
    assert (events.sum(axis=0) == 2).all()
    assert values[events == 1] == pytest.approx(0.778142, abs=2e-6)
    before = np.roll(events, -1, axis=0)[:-1] == 1
    assert values[:-1][before] * 0.995 == pytest.approx(0.683060, abs=2e-6)
    assert (o.units.last_training == o.week - 52 + np.array([np.flatnonzero(e)[-1] for e in events.T])).all()


def test_trainings_keep_their_number_and_spread_over_the_quarter() -> None:
    weeks = np.arange(-52, 209)
    per_week = np.array([[trainings_due(float(w), (k + 0.5) / 100, 4.0, 1.0) for k in range(100)] for w in weeks])
    assert per_week.sum(axis=0).min() >= 19
    assert per_week.sum(axis=0).max() <= 21
    assert per_week.sum(axis=1).max() <= 9  # about 100 / 13 a week, never all at once
    half = [sum(trainings_due(float(w), (k + 0.5) / 100, 4.0, 0.5) for w in weeks) for k in range(100)]
    assert np.mean(half) == pytest.approx(0.5 * per_week.sum() / 100, rel=0.01)


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


# --- duty, reasons, candidates ---------------------------------------------------------------------------------------


def test_duty_follows_pay_assessment_and_weight() -> None:
    """Unpaid and unwatched about a quarter to a half serve; with the plan's whole package more than 0.8."""
    p = python_row(parameters.table([parameters.defaults()])[0])
    rest = duty_chance(0.0, 0.2, 0.0, 1.0, 0.0, 0.0, 0.0, p)
    assert 0.25 < rest < 0.5
    for raised in ((200, 0, 0, 0, 0), (0, 0.7, 0, 0, 0), (0, 0, 4, 0, 0), (0, 0, 0, 0.15, 0), (0, 0, 0, 0, 1)):
        pay, thanks, assessed, weight, supervised = raised
        assert duty_chance(pay, 0.2, thanks, 1.0, assessed, weight, supervised, p) > rest + 0.05
    assert duty_chance(0.0, 0.8, 0.0, 1.0, 0.0, 0.0, 0.0, p) < rest < duty_chance(0.0, 0.2, 0.0, 0.5, 0.0, 0.0, 0.0, p)
    assert duty_chance(200.0, 0.1, 0.6, 1.0, 4.0, 0.15, 0.5, p) > 0.8


def test_reasons_share_the_log_hazard() -> None:
    p = row_of({"exit_burnout": 1.0, "exit_overload": 1.0, "exit_pay": 1.0, "exit_skill": 1.0, "fair_pay": 100.0})
    parts = np.array([0.2 + 0.4, np.log(2.0), 0.75])
    edges = np.cumsum(parts) / parts.sum()
    reasons = [exit_reason(u, 0.2, 0.4, 0.0, 0.25, p) for u in (edges - 1e-6)]
    assert reasons == [WORKLOAD, NO_PAY, LACK_OF_SKILL]
    assert [exit_reason(u, 0.2, 0.4, 0.0, 0.25, p) for u in (edges[:2] + 1e-6)] == [NO_PAY, LACK_OF_SKILL]
    assert exit_reason(0.9, 0.0, 0.0, 150.0, 1.0, p) == 4


def test_each_candidate_is_chosen_by_the_own_hazard() -> None:
    """Three members with hazards 1 : 2 : 3; n = 40,000 units; the order of members does not matter."""
    n = 40_000
    changes = {"candidate_rate": 3.0, "candidate_community": 1.0}
    o = office(3 * n, changes)
    o.units.organised[n:] = 0
    o.units.head[:] = -1
    rows = np.arange(n)
    o.units.resident_start[:n], o.units.resident_stop[:n] = 3 * rows, 3 * rows + 3
    o.residents.sense_of_community[:] = np.tile(np.log([1.0, 2.0, 2.7]).astype(np.float32), n)
    other = SimpleNamespace(**vars(o))
    other.residents, other.units = copy_of(o.residents), copy_of(o.units)
    for column in other.residents:
        column[:] = column.reshape(n, 3)[:, ::-1].reshape(-1)
    run(o)
    run(other)
    chosen = o.units.head[:n]
    weights = np.array([1.0, 2.0, 2.7]) / 5.7
    shares = np.bincount(chosen[chosen >= 0] % 3, minlength=3) / np.sum(chosen >= 0)
    error = np.sqrt(weights * (1.0 - weights) / n)
    assert (error < 0.012 * weights).all()
    assert (np.abs(shares - weights) <= 4.0 * error).all()
    same = (chosen >= 0) == (other.units.head[:n] >= 0)
    assert same.all()
    keys = [x.residents.id[x.units.head[:n][chosen >= 0]] for x in (o, other)]
    assert (keys[0] == keys[1]).all()


def test_children_and_the_very_old_are_not_chosen() -> None:
    o = office(1000, {"candidate_rate": 50.0})
    o.units.head[:] = -1
    o.residents.age[:] = np.arange(1000) % 100
    run(o)
    p = row_of({})
    eligible = (o.residents.age >= p.head_age_low) & (o.residents.age <= p.head_age_high)
    assert ((o.units.head >= 0) == eligible).all()


def test_vacant_work_goes_to_the_nearest_heads_and_the_rest_to_staff() -> None:
    """Work of each unit 4 h; units 3 and 4 of ten are vacant; half is shared within two units on either side."""
    o = office(10, {"vacant_work_shared": 0.5, "vacant_work_reach": 2.0, "head_duty_hours": 0.5}, {"head_duties": 8.0})
    o.units.head[3:5] = -1
    o.committees.unit_support_minutes[:] = 1000
    heads.share_work(o.communities, o.units, o.committees, o.parameters, o.levers)
    # unit 3: heads 1, 2, 5 get 2/3 h each; unit 4: heads 2, 5, 6
    assert o.units.cover_hours.tolist() == pytest.approx([0, 2 / 3, 4 / 3, 0, 0, 4 / 3, 2 / 3, 0, 0, 0], abs=1e-6)
    assert o.committees.cover_minutes[0] == 4 * 60
    assert o.units.cover_hours.sum() * 60 + o.committees.cover_minutes[0] == pytest.approx(2 * 4 * 60)
