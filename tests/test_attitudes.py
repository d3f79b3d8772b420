"""Attitudes: what residents make of the week (T8, T2.1; S1-S3), through the model's own gather and update."""

import math
from typing import Any

import mesa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shequ.agents import Households, Resident, Residents, Units
from shequ.agents.columns import NEVER, copy_of, violations
from shequ.agents.opinions import identifies
from shequ.model.processes import attitudes, ties
from shequ.verification.attitudes import (
    JACKSON,
    QUIET,
    disconfirmation_rows,
    influence,
    satisfaction_path,
    talk,
)
from shequ.verification.village import Village


class Town(Village, mesa.Model):
    """A village whose residents can also be agents."""

    def __init__(self, weights: Any, **values: float) -> None:
        mesa.Model.__init__(self, rng=1)
        Village.__init__(self, weights, **values)


# Friedkin & Johnsen, DeGroot: the whole step in one week


def alone(count: int, **values: float) -> Any:
    return Town(np.zeros((count, count)), **values)


# --- opinions --------------------------------------------------------------------------------------------------------


def test_s1_catches_weights_of_the_wrong_side() -> None:
    """Who hears whom must not be turned round."""
    start = np.array([0.9, 0.2, 0.4])
    for turned in (False, True):
        model: Any = Town(np.transpose(JACKSON) if turned else JACKSON, susceptibility=1.0, opinion_pace=1.0)
        model.residents.trust_committee[:] = start
        right = np.allclose(talk(model, 200), influence(np.array(JACKSON)) @ start, atol=3e-6)
        assert right != turned


# --- satisfaction ----------------------------------------------------------------------------------------------------


def test_s3_catches_expectation_that_moves_first() -> None:
    effects = (0.0, 0.5, 0.1, 0.2)
    for early, verdicts in ((False, {"holds"}), (True, {"holds", "fails"})):
        rows = disconfirmation_rows(satisfaction_path(*effects, 400, early=early), *effects)
        assert {row.verdict for row in rows} == verdicts


def test_performance_is_heard_when_nothing_happens() -> None:
    model: Any = Town([[0, 1], [1, 0]], hearsay_pace=0.1)
    model.residents.performance[:] = [0.2, 0.8]
    ties.gather(model)
    attitudes.step(model)
    np.testing.assert_allclose(model.residents.performance, [0.26, 0.74], atol=1e-6)
    model.households.request[0] = 1
    model.households.served[0] = 1
    before = model.residents.performance.copy()
    ties.gather(model)
    attitudes.step(model)
    weight = model.parameters["service_weight"][0]
    assert model.residents.performance[0] == pytest.approx(before[0] + weight * (1 - before[0]), abs=1e-6)


# --- trust and efficacy ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("success", [0.5, 0.8])
def test_trust_settles_where_gains_meet_losses(success: float) -> None:
    """T2.1: T* = p a+ / (p a+ + (1-p) a-). 4,000 residents, 400 weeks of which the last 200 count."""
    model = alone(4000, **QUIET, trust_gain=0.05, trust_loss=0.1)
    model.residents.trust_committee[:] = 0.5
    model.households.outcome_level[:] = 2
    generator = np.random.default_rng(5)
    total = np.zeros(4000)
    for week in range(400):
        model.households.outcome[:] = np.where(generator.random(4000) < success, 1, -1)
        attitudes.step(model)
        total += (week >= 200) * model.residents.trust_committee.astype(float)
    mean = total / 200
    expected = success * 0.05 / (success * 0.05 + (1 - success) * 0.1)
    error = mean.std(ddof=1) / math.sqrt(4000)
    assert error < 0.01 * expected
    assert abs(mean.mean() - expected) < 4 * error


def moved(**week: float) -> dict[str, float]:
    """Change of each attitude of one resident by one week of the given outcome."""
    model = alone(1)
    residents = model.residents
    for name in (
        "trust_committee",
        "trust_subdistrict",
        "efficacy",
        "sense_of_community",
        "performance",
        "trust_anchor",
    ):
        getattr(residents, name)[:] = 0.5
    residents.efficacy_anchor[:] = residents.community_anchor[:] = 0.5
    residents.satisfaction_base[:], residents.expectation[:] = 0.3, 0.5
    model.property_companies.quality[:] = 0.5
    model.levers = model.levers.copy()
    for name, value in week.items():
        if name in Households._fields:
            getattr(model.households, name)[:] = value
        elif name in Units._fields:
            getattr(model.units, name)[:] = value
        elif name in Residents._fields:
            getattr(residents, name)[:] = value
        else:
            model.levers[name] = value
    ties.gather(model)
    before = copy_of(residents)
    attitudes.step(model)
    names = ("trust_committee", "trust_subdistrict", "efficacy", "sense_of_community", "performance", "satisfaction")
    changes = {n: float(getattr(residents, n)[0] - getattr(before, n)[0]) for n in names}
    changes["satisfaction"] = float(residents.satisfaction[0])
    return changes


def test_signs_of_what_moves_attitudes() -> None:
    rest, good = moved(), moved(outcome=1, outcome_level=2, fairness=0.9)
    bad, unjust = moved(outcome=-1, outcome_level=2, fairness=0.3), moved(outcome=1, outcome_level=2, fairness=0.1)
    assert all(abs(change) < 1e-7 for name, change in rest.items() if name != "satisfaction")
    assert all(good[name] > rest[name] > bad[name] for name in good)
    assert unjust["trust_committee"] < good["trust_committee"]
    assert abs(bad["trust_committee"]) > good["trust_committee"], "losses weigh more than gains"
    upper = moved(outcome=1, outcome_level=4, fairness=0.9)
    assert upper["trust_subdistrict"] > upper["trust_committee"] > 0
    assert good["trust_committee"] > good["trust_subdistrict"] > 0
    assert moved(fund_disclosure=1)["trust_committee"] > 0
    assert moved(fund_disclosure=1)["efficacy"] > 0
    assert moved(latent=0.5)["trust_committee"] < 0
    assert moved(latent=0.5)["performance"] < 0
    assert moved(request=1, served=0)["performance"] < 0 < moved(request=1, served=1)["performance"]
    together, tasks = moved(last_activity=10), moved(small_tasks=1, tasks_done=0)
    assert together["sense_of_community"] > 0
    assert together["performance"] > 0
    assert moved(last_council=10) == together
    assert tasks["sense_of_community"] < 0
    assert moved(small_tasks=2, tasks_done=2, acts=1)["efficacy"] > 0


def test_attitudes_rest_when_nothing_happens() -> None:
    """Attitudes at their lasting levels stay there, and come back to them: the distribution at rest is stationary."""
    model = alone(500, contact_gain=0.0)
    generator = np.random.default_rng(2)
    residents = model.residents
    residents.efficacy[:], residents.sense_of_community[:] = generator.random((2, 500))
    residents.trust_committee[:], residents.satisfaction[:] = generator.random((2, 500))
    residents.expectation[:] = generator.random(500)
    attitudes.prepare(model)
    start = copy_of(residents)
    talk(model, 60)
    for name in ("trust_committee", "efficacy", "sense_of_community", "satisfaction", "expectation"):
        np.testing.assert_allclose(getattr(residents, name), getattr(start, name), atol=2e-5)
    residents.efficacy[:] = 0.5
    talk(model, 400)
    np.testing.assert_allclose(residents.efficacy, start.efficacy, atol=1e-3)


def test_who_identifies_is_satisfied_and_feels_part() -> None:
    p = alone(1).parameter_row(0)
    assert [identifies(*both, p) for both in ((0.9, 0.9), (0.9, 0.1), (0.1, 0.9))] == [True, False, False]


# --- both engines, and bounds ----------------------------------------------------------------------------------------


def shaken(seed: int, count: int = 60) -> Any:
    """Town in which every column that attitudes read is drawn at random, extremes included."""
    generator = np.random.default_rng(seed)
    near = generator.random((count, count)) < 0.1
    model: Any = Town(near * generator.random((count, count)))
    for table in (model.residents, model.households):
        for field, column in zip(table._fields, table, strict=True):
            if column.dtype == np.float32:
                column[:] = np.round(generator.random(count) * 1.4 - 0.2, 1).clip(0, 1)
            if field == "satisfaction_base":
                column[:] = generator.random(count) * 2 - 1
    residents, homes = model.residents, model.households
    residents.acts[:] = generator.integers(0, 3, count)
    residents.last_activity[:] = generator.choice([NEVER, 9, 10], count)
    residents.last_council[:] = generator.choice([NEVER, 9, 10], count)
    homes.outcome[:] = generator.integers(-1, 2, count)
    homes.outcome_level[:] = generator.integers(0, 5, count)
    homes.request[:] = generator.choice([0, 3, 255], count)
    homes.served[:] = generator.integers(0, 2, count)
    model.units.small_tasks[0], model.units.tasks_done[0] = 3, generator.integers(0, 4)
    model.property_companies.quality[0] = generator.random()
    model.levers = model.levers.copy()
    model.levers["fund_disclosure"] = generator.random()
    return model


@given(st.integers(0, 2**32))
def test_attitudes_stay_on_the_unit_interval(seed: int) -> None:
    model = shaken(seed)
    for _ in range(5):
        ties.gather(model)
        attitudes.step(model)
    assert list(violations(model.residents)) == []


def differing(seed: int, kind: type[Resident] = Resident) -> list[str]:
    """Columns in which agents and kernel differ after a week."""
    compiled, agents = shaken(seed), shaken(seed)
    for model in (compiled, agents):
        ties.gather(model)
    attitudes.step(compiled)
    for row in range(len(agents.residents.id)):
        kind(agents, row).update_attitudes()
    pairs = zip(compiled.residents._fields, compiled.residents, agents.residents, strict=True)
    return [name for name, a, b in pairs if a.tobytes() != b.tobytes()]


@pytest.mark.parametrize("seed", range(8))
def test_agents_and_kernel_write_the_same_bytes(seed: int) -> None:
    assert differing(seed) == []


def test_equality_catches_a_resident_who_forgives() -> None:
    class Forgiving(Resident):
        def update_attitudes(self) -> None:
            trust = self.trust_committee
            super().update_attitudes()
            self.trust_committee = max(trust, self.trust_committee)

    assert differing(1, Forgiving) == ["trust_committee"]
