"""Heads of units against closed forms: survival, vacancies, burnout, skill (checks H1 to H3, H5)."""

from types import SimpleNamespace

import numpy as np
import pytest

from shequ.agents.columns import copy_of
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
    trainings_due,
)
from shequ.agents.view import python_row
from shequ.model import parameters
from shequ.model.processes import heads
from shequ.tests.offices import ANNUAL_20, REFILL, filled, office, row_of, run

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
