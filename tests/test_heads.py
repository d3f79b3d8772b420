"""Heads of units: strain, trainings, duty, reasons to leave, candidates; checks H2 and H3 catch what is wrong."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from shequ import verification
from shequ.agents.columns import copy_of
from shequ.agents.serving import (
    LACK_OF_SKILL,
    NO_PAY,
    WORKLOAD,
    burnout_after,
    duty_chance,
    exit_reason,
    trainings_due,
)
from shequ.agents.view import python_row
from shequ.model import parameters
from shequ.model.processes import heads
from shequ.verification.check import CheckError
from shequ.verification.offices import office, row_of, run

SATURATING = {"burnout_saturation": 1.0}

# --- checks of the checks ---------------------------------------------------------------------------------------------


def test_h2_catches_a_wrong_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    """An office given up this week is on offer at once."""
    recruit = heads.recruit_all

    def at_once(week: int, communities: Any, residents: Any, units: Any, *tables: Any) -> None:
        units.exits[:] = 0
        recruit(week, communities, residents, units, *tables)

    monkeypatch.setattr(heads, "recruit_all", at_once)
    assert verification.offices_filled(communities=1500).verdict == "fails"


def test_h3_catches_a_wrong_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Burnout that saturates."""
    monkeypatch.setattr(
        verification.heads, "office", lambda units, changes, levers: office(units, changes | SATURATING, levers)
    )
    assert verification.burnout().verdict == "fails"


def test_numbers_without_a_closed_form_are_refused() -> None:
    for check, numbers in (
        (verification.attrition, {"exit": 1.0}),
        (verification.offices_filled, {"refill": 0.0}),
        (verification.burnout, {"gain": 0.5}),
        (verification.training, {"every": 1}),
        (verification.tipping_point, {"start": 1.5}),
        (verification.frailty, {"hazard": 0.0}),
    ):
        with pytest.raises(CheckError, match="give"):
            check(**numbers)


# --- strain and skill ------------------------------------------------------------------------------------------------


def test_buffers_take_strain_off() -> None:
    p = python_row(parameters.table([parameters.defaults()])[0])
    bare = burnout_after(0.2, 0.5, 0.0, 0.0, 0.0, p)
    assert burnout_after(0.2, 0.5, 1.0, 0.0, 0.0, p) < bare
    assert burnout_after(0.2, 0.5, 0.0, 1.0, 0.0, p) < bare
    assert burnout_after(0.2, 0.5, 0.0, 0.0, 1.0, p) < bare


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
