"""Small tasks and votes of a unit (checks P6, P11), through the model's own rules and kernels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shequ.agents.taking_part import VOTE, Matter, carries, volunteer_probability
from shequ.agents.view import python_row
from shequ.model import parameters, unit_life
from shequ.tests.crowd import Crowd, crowd

TASKS = 8
P = python_row(parameters.table([parameters.defaults()])[0])


def test_p6_volunteers_dilemma_closed_forms() -> None:
    for players, single, nobody in ((10, 0.163749, 0.167250), (12, 0.136112, 0.172778), (15, 0.108598, 0.178280)):
        p = volunteer_probability(0.2, players)
        assert p == pytest.approx(single, abs=1e-6)
        assert (1 - p) ** players == pytest.approx(nobody, abs=1e-6)
    assert volunteer_probability(0.5, 12) == pytest.approx(0.061069, abs=1e-6)
    assert (1 - volunteer_probability(0.2, 1e6)) ** 1e6 == pytest.approx(0.2, abs=1e-5)
    assert volunteer_probability(0.2 / 12, 10) == pytest.approx(0.365506, abs=1e-6)
    assert (1 - volunteer_probability(0.2 / 12, 100)) ** 100 == pytest.approx(0.015991, abs=1e-6)
    assert (1 - volunteer_probability(0.2, 1200)) ** 1200 == pytest.approx(0.199732, abs=1e-6)
    assert volunteer_probability(0.2, 1) == 1.0


def tasks_left(players: int, cost_ratio: float, units: int) -> tuple[float, float]:
    """Share of tasks that nobody does and mean number of volunteers a task, in units of ``players``."""
    people = crowd(players * units, unit_households=players, task_cost_ratio=cost_ratio)
    people.units.small_tasks[:] = TASKS
    finish(people)
    volunteers = np.bitwise_count(people.households.helped).sum()
    tasks = TASKS * units
    assert people.flows.small_tasks[0] == tasks
    assert people.flows.tasks_done[0] == people.units.tasks_done.sum()
    assert people.flows.volunteer_minutes[0] == volunteers * people.parameters["task_minutes"][0]
    return 1.0 - people.flows.tasks_done[0] / tasks, float(volunteers) / tasks


def finish(people: Crowd) -> None:
    tables = people.communities, people.households, people.units, people.parameters
    unit_life.help_out(0, *tables)
    unit_life.count_units(*tables, people.flows)


def misses_p6(nobody: float, expected: float, tasks: int) -> bool:
    error = np.sqrt(expected * (1 - expected) / tasks)
    assert error < 0.01 * expected
    return bool(abs(nobody - expected) > 4 * error)


@pytest.mark.parametrize(
    ("players", "ratio", "units", "expected"),
    [(10, 0.2, 10_000, 0.167250), (12, 0.2, 10_000, 0.172778), (15, 0.2, 10_000, 0.178280), (12, 0.5, 4_000, 0.469465)],
)
def test_p6_tasks_that_nobody_does(players: int, ratio: float, units: int, expected: float) -> None:
    """80,000 tasks (32,000 at c / b = 0.5): standard error below 0.8 % of the share left undone."""
    assert not misses_p6(tasks_left(players, ratio, units)[0], expected, units * TASKS)


def test_p6_catches_a_wrong_implementation() -> None:
    """The exponent 1 / N instead of 1 / (N - 1), which is the right rule at (c / b)**(11 / 12), leaves c / b undone."""
    assert misses_p6(tasks_left(12, 0.2 ** (11 / 12), 10_000)[0], 0.172778, 80_000)


def test_p6_units_as_teams() -> None:
    """Ten teams of twelve, c / b = 0.2: 0.010575 undone, payoff 118 of 120; singles 96. 1,000,000 tasks, s.e. 1 %."""
    nobody, volunteers = tasks_left(10, 0.2 / 12, 125_000)
    assert not misses_p6(nobody, 0.010575, 1_000_000)
    assert 120 * (1 - nobody) - 0.2 * volunteers == pytest.approx(118.0, abs=0.06)
    nobody, volunteers = tasks_left(120, 0.2, 1_000)
    assert 120 * (1 - nobody) - 0.2 * volunteers == pytest.approx(96.0, abs=1.0)


def test_p6_a_working_head_gets_every_task_done_once() -> None:
    people = crowd(240, unit_households=12)
    people.units.small_tasks[:] = 3
    people.units.organised[:] = people.units.on_duty[:] = 1
    people.units.head[:] = people.units.resident_start
    people.units.on_duty[0] = 0
    finish(people)
    assert people.units.tasks_done[1:].tolist() == [3] * 19
    assert not people.households.helped[12:].any()
    assert people.households.helped[:12].any() == (people.units.tasks_done[0] > 0)


def adopted_share(matter: Matter, support: float, units: int, weeks: int) -> float:
    """Share of proposals adopted in units of twelve that all vote, each for it with probability ``support``."""
    logit = float(np.log(support / (1 - support)))
    people = crowd(12 * units, unit_households=12, support_intercept=logit, support_community=0.0, support_trust=0.0)
    people.residents.acts[:] = VOTE
    people.units.proposal[:] = int(matter)
    return vote(people, weeks) / (units * weeks)


def vote(people: Crowd, weeks: int = 1) -> int:
    tables = people.communities, people.households
    for week in range(weeks):
        unit_life.cast_ballots(week, *tables, people.residents, people.units, people.parameters)
        unit_life.count_units(*tables, people.units, people.parameters, people.flows)
    return int(people.flows.proposals_adopted[0])


def misses_p11(share: float, expected: float, votes: int) -> bool:
    error = np.sqrt(expected * (1 - expected) / votes)
    assert error < 0.01 * expected
    return bool(abs(share - expected) > 4 * error)


@pytest.mark.parametrize(
    ("matter", "support", "expected"),
    [
        (Matter.SPECIAL, 0.7, 0.492516),
        (Matter.SPECIAL, 0.8, 0.794569),
        (Matter.SPECIAL, 0.9, 0.974363),
        (Matter.UNANIMOUS, 0.8, 0.068719),
        (Matter.UNANIMOUS, 0.9, 0.282430),
    ],
)
def test_p11_consent_votes(matter: Matter, support: float, expected: float) -> None:
    """Twelve households that all vote: three quarters means nine; 150,000 votes, s.e. below 1 %."""
    assert not misses_p11(adopted_share(matter, support, 15_000, 10), expected, 150_000)


def test_p11_catches_a_wrong_implementation() -> None:
    """More than three quarters, not at least three quarters, would need ten of twelve: 0.558 at a support of 0.8."""
    people = crowd(
        12 * 15_000,
        unit_households=12,
        support_intercept=float(np.log(4)),
        support_community=0.0,
        support_trust=0.0,
        special_majority=0.7501,
    )
    people.residents.acts[:] = VOTE
    people.units.proposal[:] = int(Matter.SPECIAL)
    assert misses_p11(vote(people) / 15_000, 0.794569, 15_000)


def test_p11_smallest_majorities_of_all_owners() -> None:
    """With a quorum of two thirds a third of all owners can carry an ordinary matter and half a special one."""
    assert carries(Matter.ORDINARY, 200, 101, 300, P)
    assert not carries(Matter.ORDINARY, 200, 100, 300, P)
    assert not carries(Matter.ORDINARY, 199, 199, 300, P)
    assert carries(Matter.SPECIAL, 200, 150, 300, P)
    assert not carries(Matter.SPECIAL, 200, 149, 300, P)
    assert carries(Matter.UNANIMOUS, 8, 8, 12, P)
    assert not carries(Matter.UNANIMOUS, 12, 11, 12, P)
    assert not carries(Matter.ORDINARY, 0, 0, 0, P)


@given(st.integers(1, 60), st.data())
def test_p11_a_stricter_matter_never_passes_where_a_milder_one_fails(total: int, data: st.DataObject) -> None:
    voting = data.draw(st.integers(0, total))
    yes = data.draw(st.integers(0, voting))
    ordinary, special, unanimous = (carries(m, voting, yes, total, P) for m in list(Matter)[1:])
    assert ordinary >= special >= unanimous


def test_p11_floor_area_counts_beside_heads() -> None:
    """Seven of twelve are a majority of owners, but not of floor area if the five hold the big flats."""
    people = crowd(12, unit_households=12, support_intercept=0.0, support_community=200.0, support_trust=0.0)
    people.residents.acts[:] = VOTE
    people.residents.sense_of_community[:7] = 1.0
    people.parameters = parameters.table(
        [parameters.defaults() | {"support_intercept": -100.0, "support_community": 200.0, "support_trust": 0.0}]
    )
    people.units.proposal[:] = int(Matter.ORDINARY)
    assert vote(people) == 1
    people.households.area[7:] = 200.0
    people.flows.proposals_adopted[:] = 0
    assert vote(people) == 0


def test_tenants_have_no_ballot_and_absentees_cast_none() -> None:
    people = crowd(12, unit_households=12, support_intercept=50.0)
    people.residents.acts[:9] = VOTE
    people.households.owner[:4] = 0
    people.units.proposal[:] = int(Matter.ORDINARY)
    adopted = vote(people)
    assert people.households.ballot.tolist() == [0] * 4 + [2] * 5 + [0] * 3
    assert adopted == 0  # five of eight owners are below the quorum
