"""Attitudes: what residents make of the week (T8, T2.1; S1-S3), through the model's own gather and update."""

import math
from collections.abc import Callable
from typing import Any

import mesa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shequ.agents import Households, PropertyCompanies, Resident, Residents, Units
from shequ.agents.columns import NEVER, allocate, copy_of, violations
from shequ.agents.view import python_row
from shequ.model import parameters
from shequ.model.levers import LeverSchedule
from shequ.model.processes import attitudes, ties
from shequ.model.structure import Communities, Ties

# Friedkin & Johnsen, DeGroot: the whole step in one week
TEXTBOOK = {"opinion_pace": 1.0}
QUIET = {  # nothing but what the check is about moves an attitude
    "justice_pace": 0.0,
    "opinion_pace": 0.0,
    "efficacy_return": 0.0,
    "community_return": 0.0,
    "contact_gain": 0.0,
    "hearsay_pace": 0.0,
}


class Town(mesa.Model):
    """One community whose residents live alone, with hand-made ties: just what attitudes read."""

    def __init__(self, weights: Any, **values: float) -> None:
        super().__init__(rng=1)
        weights = np.asarray(weights, np.float32)
        count = len(weights)
        one, two = np.nonzero(weights)
        start = np.searchsorted(one, np.arange(count + 1))
        self.ties = Ties(
            start,
            two.astype(np.uint16),
            np.ones(len(one), np.uint8),
            np.ones(len(one), np.float32),
            weights[one, two],
        )
        self.week = 10
        self.communities, self.units = allocate(Communities, 1), allocate(Units, 1)
        self.communities.resident_stop[0] = self.communities.household_stop[0] = count
        self.communities.unit_stop[0] = 1
        self.residents, self.households = allocate(Residents, count), allocate(Households, count)
        self.residents.household[:] = np.arange(count)
        self.property_companies = allocate(PropertyCompanies, 1)
        self.parameters = parameters.table([parameters.defaults() | values])
        self.levers = LeverSchedule(1).now

    def decide(self, kind: type[Any], method: str, kernel: Callable[..., Any], *args: Any) -> None:
        assert kind is Resident
        assert hasattr(kind, method)
        kernel(*args)

    def parameter_row(self, community: int) -> Any:
        return python_row(self.parameters[community])

    def lever_row(self, community: int) -> Any:
        return python_row(self.levers[community])


def alone(count: int, **values: float) -> Any:
    return Town(np.zeros((count, count)), **values)


def talk(model: Any, weeks: int) -> Any:
    """Trust in the committee after ``weeks`` of talk and nothing else."""
    for _ in range(weeks):
        ties.gather(model)
        attitudes.step(model)
    return model.residents.trust_committee.astype(float)


# --- opinions --------------------------------------------------------------------------------------------------------

JACKSON = [[0, 0.5, 0.5], [1, 0, 0], [0, 1, 0]]  # Jackson 2008, with the limit weights (0.4, 0.4, 0.2)
KITE = np.array([[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 1], [0, 0, 1, 1]])  # triangle and tail, all hear themselves
TURN = np.array([[1, 2, 3], [3, 1, 2], [2, 3, 1]]) / 6  # doubly stochastic


def degroot(weights: Any, influence: list[float], transpose: bool = False) -> bool:
    """Whether opinions end at the mean weighted by ``influence``, from three starting points."""
    good = True
    for start in np.random.default_rng(3).random((3, len(influence))):
        model: Any = Town(np.transpose(weights) if transpose else weights, susceptibility=1.0, **TEXTBOOK)
        model.residents.trust_committee[:] = start
        good &= np.allclose(talk(model, 200), np.dot(influence, start), atol=3e-6)
    return bool(good)


@pytest.mark.parametrize(
    ("weights", "influence"),
    [(JACKSON, [0.4, 0.4, 0.2]), (KITE, [3 / 12, 3 / 12, 4 / 12, 2 / 12]), (TURN, [1 / 3, 1 / 3, 1 / 3])],
)
def test_s1_degroot_limits(weights: Any, influence: list[float]) -> None:
    assert degroot(weights, influence)


def test_s1_catches_weights_of_the_wrong_side() -> None:
    """Who hears whom must not be turned round."""
    assert not degroot(JACKSON, [0.4, 0.4, 0.2], transpose=True)


def test_s1_speed_of_agreement_is_the_second_eigenvalue() -> None:
    """Kite with self-loops: second eigenvalue modulus 0.564333."""
    model: Any = Town(KITE, susceptibility=1.0, **TEXTBOOK)
    start = np.array([0.9, 0.8, 0.3, 0.1])
    model.residents.trust_committee[:] = start
    limit = float(np.dot([3, 3, 4, 2], start) / 12)
    gaps = [abs(talk(model, 1)[3] - limit) for _ in range(14)]
    assert (gaps[13] / gaps[7]) ** (1 / 6) == pytest.approx(0.564333, abs=2e-3)


@pytest.mark.parametrize("pace", [1.0, 0.1])
@pytest.mark.parametrize(
    ("weights", "susceptibility", "start", "expected"),
    [
        ([[0, 1], [1, 0]], 0.5, [1, 0], [2 / 3, 1 / 3]),
        (
            [[0, 1, 1, 1], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]],
            0.8,
            [1, 0, 0, 0],
            [0.555556, 0.444444, 0.444444, 0.444444],
        ),
    ],
)
def test_s2_friedkin_johnsen(
    pace: float, weights: list[list[float]], susceptibility: float, start: list[float], expected: list[float]
) -> None:
    """x* = (I - sW)**-1 (I - s) x0; a slower pace ends at the same place."""
    model: Any = Town(weights, susceptibility=susceptibility, opinion_pace=pace)
    model.residents.trust_committee[:] = model.residents.trust_anchor[:] = start
    w = np.asarray(weights) / np.sum(weights, axis=1, keepdims=True)
    s, one = susceptibility, np.eye(len(w))
    np.testing.assert_allclose(np.linalg.solve(one - s * w, (1 - s) * np.array(start)), expected, atol=1e-6)
    np.testing.assert_allclose(talk(model, int(150 / pace)), expected, atol=3e-6)


# --- satisfaction ----------------------------------------------------------------------------------------------------


def disconfirmed(early: bool = False) -> bool:
    """Whether satisfaction follows S3; ``early`` lets expectation move before satisfaction, which is wrong.

    An issue that ends well, handled with fairness 0.5 and of weight 1, sets performance to 0.6 * 0.5 + 0.4 = 0.7.
    """
    model = alone(
        1,
        **QUIET,
        issue_weight=1,
        justice_weight=0.6,
        performance_effect=0,
        disconfirmation_effect=0.5,
        expectation_pace=0.1,
    )
    residents, homes = model.residents, model.households
    residents.satisfaction_base[:], residents.performance[:], residents.expectation[:] = 0.5, 0.5, 0.5
    homes.outcome[:], homes.fairness[:], homes.outcome_level[:] = 1, 0.5, 1
    path = []
    for _ in range(400):
        if early:
            residents.expectation[:] += 0.1 * (0.7 - residents.expectation)
        attitudes.step(model)
        path.append(float(residents.satisfaction[0]) - 0.5)
    return bool(np.allclose([path[0], path[10], path[-1]], [0.1, 0.034868, 0.0], atol=2e-6))


def test_s3_expectancy_disconfirmation() -> None:
    """b = 0, c = 0.5, g = 0.1, performance up by 0.2 for good: +0.1 at once, +0.034868 after ten updates, then 0."""
    assert disconfirmed()


def test_s3_catches_expectation_that_moves_first() -> None:
    assert not disconfirmed(early=True)


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
    model = alone(3)
    model.residents.satisfaction[:] = [0.9, 0.9, 0.1]
    model.residents.sense_of_community[:] = [0.9, 0.1, 0.9]
    assert attitudes.unidentified(model).tolist() == [0, 1, 1]


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
