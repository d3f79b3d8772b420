"""Ties form, fade and carry what neighbours think (T8; S7)."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from shequ.agents.columns import NEVER, copy_of
from shequ.model import graphs, parameters, population
from shequ.model.district import Archetype, CommunitySpec, DistrictSpec
from shequ.model.processes import attitudes, mobility, ties
from shequ.verification.village import village

S7 = {"tie_formation": 0.02, "tie_decay": 0.005, "move_out": 0.0}


def district(households: int = 200) -> Any:
    """Eight communities, one an archetype, units of twelve households with the first resident as head."""
    specs = tuple(CommunitySpec(c, kind, households) for c, kind in enumerate(Archetype))
    model: Any = SimpleNamespace(district=DistrictSpec(specs), seed=3, week=0, off=frozenset({"mobility"}))
    model.parameters = parameters.table([parameters.defaults()] * len(specs))
    population.build(model)
    attitudes.prepare(model)
    number = np.arange(households) // 12
    for c in range(len(specs)):
        homes = slice(model.communities.household_start[c], model.communities.household_stop[c])
        model.households.unit[homes] = model.communities.unit_start[c] + number
        model.communities.unit_stop[c] = model.communities.unit_start[c] + number[-1] + 1
    model.residents.unit[:] = model.households.unit[model.residents.household]
    for u in np.unique(model.residents.unit):
        model.units.head[u] = np.flatnonzero(model.residents.unit == u)[0]
    return model


# --- strength --------------------------------------------------------------------------------------------------------


def rest_after_joint(unit: tuple[int, int], activity: tuple[bool, bool], council: tuple[bool, bool]) -> float:
    """Strength at rest of a tie between two residents who do the same every week."""
    model = village([[0, 0.5], [0.5, 0]], 2, **S7, joint_activity_effect=3.0, joint_council_effect=1.0)
    model.residents.unit[:] = unit
    for week in range(1000):
        model.week = week
        model.residents.last_activity[:] = np.where(activity, week, NEVER)
        model.residents.last_council[:] = np.where(council, week, NEVER)
        ties.step(model)
    assert model.ties.strength[0] == model.ties.strength[1]
    return float(model.ties.strength[0])


@pytest.mark.parametrize(
    ("unit", "activity", "council", "factor"),
    [
        ((0, 0), (True, True), (False, False), 4),  # the same activity
        ((0, 1), (True, True), (False, False), 1),  # activities of two units: they do not meet
        ((0, 0), (True, False), (False, False), 1),
        ((0, 1), (False, False), (True, True), 2),  # the council bridges units
        ((0, 0), (True, True), (True, True), 5),
        ((0, 0), (True, False), (False, True), 1),
    ],
)
def test_doing_things_together_strengthens_ties(
    unit: tuple[int, int], activity: tuple[bool, bool], council: tuple[bool, bool], factor: float
) -> None:
    """Rest at k f / (k f + d) for joint acts that multiply formation by k."""
    expected = factor * 0.02 / (factor * 0.02 + 0.005)
    assert rest_after_joint(unit, activity, council) == pytest.approx(expected, abs=2e-6)


def test_ties_of_a_district_stay_symmetric_and_households_stay_close() -> None:
    model = district(60)
    resting = copy_of(model.ties)
    generator = np.random.default_rng(7)
    for week in range(30):
        model.week = week
        model.residents.last_activity[generator.random(len(model.residents.id)) < 0.3] = week
        model.residents.last_council[generator.random(len(model.residents.id)) < 0.1] = week
        ties.step(model)
    for c in range(8):
        matrix = graphs.adjacency(model, c)
        assert abs(matrix - matrix.T).max() == 0
    household = model.ties.kind == 0
    assert (model.ties.strength[household] == 1).all()
    assert (model.ties.strength[~household] > resting.strength[~household]).mean() > 0.4
    assert model.ties.strength.min() >= 0
    assert model.ties.strength.max() <= 1


def test_ties_rest_where_the_network_starts_them() -> None:
    model = district(60)
    before = model.ties.strength.copy()
    ties.step(model)
    np.testing.assert_allclose(model.ties.strength, before, rtol=1e-6)


# --- what residents hear ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("strength", "ulps"), [(1.0, 0), (0.25, 0), (0.3, 4), (0.07, 4)])
def test_equal_ties_give_shares(strength: float, ulps: int) -> None:
    """k of n contacts took part: the share is k / n, exact where the strength is a power of two."""
    for n in range(1, 30):
        weights = np.zeros((n + 1, n + 1))
        weights[0, 1:] = strength
        for k in range(n + 1):
            model = village(weights)
            model.residents.acts_last[1 : k + 1] = 4
            ties.gather(model)
            np.testing.assert_array_max_ulp(model.residents.peer_share[:1], np.float32([k / n]), ulps)


HEARD = {
    "peer_share": lambda r: r.acts_last != 0,
    "peers_adopted": lambda r: r.adopted,
    "peers_aware": lambda r: r.aware,
    "neighbour_trust": lambda r: r.trust_committee,
    "neighbour_performance": lambda r: r.performance,
    "neighbour_contribution": lambda r: r.contribution,
}


def agrees_with_sparse_algebra(model: Any, network: Any) -> bool:
    """Whether what residents hear is the row-normalised product of the matrices with what their contacts do."""
    good = True
    for c in range(len(model.communities.id)):
        rows = slice(model.communities.resident_start[c], model.communities.resident_stop[c])
        total = network[c].sum(axis=1)
        good &= np.allclose(model.residents.contacts[rows], total, rtol=1e-6)
        some = total > 0
        for name, value in HEARD.items():
            column = np.asarray(value(model.residents))[rows].astype(float)
            mean = (network[c] @ column)[some] / total[some]
            good &= np.allclose(getattr(model.residents, name)[rows][some], mean, rtol=1e-6, atol=1e-7)
    return bool(good)


def lively(model: Any) -> Any:
    generator = np.random.default_rng(1)
    count = len(model.residents.id)
    model.residents.acts_last[:] = generator.integers(0, 3, count)
    model.residents.contribution[:] = generator.random(count)
    return model


def test_gather_agrees_with_sparse_algebra() -> None:
    model = lively(district())
    ties.gather(model)
    assert agrees_with_sparse_algebra(model, [graphs.adjacency(model, c) for c in range(8)])


def test_gather_check_catches_plain_means() -> None:
    """A gather that forgets the strengths must fail."""
    model = lively(district())
    network = [graphs.adjacency(model, c) for c in range(8)]
    model.ties.strength[:] = 1
    ties.gather(model)
    assert not agrees_with_sparse_algebra(model, network)


def test_who_has_no_contacts_keeps_the_own_opinion() -> None:
    model = village(np.zeros((2, 2)))
    residents = model.residents
    residents.trust_committee[:], residents.performance[:], residents.belief[:] = 0.7, 0.4, 0.2
    residents.acts_last[:], residents.adopted[:], residents.aware[:] = 1, 1, 1
    ties.gather(model)
    assert (
        residents.contacts[0] == residents.peer_share[0] == residents.peers_adopted[0] == residents.peers_aware[0] == 0
    )
    assert residents.neighbour_trust[0] == np.float32(0.7)
    assert residents.neighbour_performance[0] == np.float32(0.4)
    assert residents.neighbour_contribution[0] == np.float32(0.2)


def test_head_tie_is_the_tie_to_the_head_of_the_own_unit() -> None:
    model = district()
    model.units.head[model.communities.unit_start[0]] = -1
    ties.gather(model)
    residents = model.residents
    for c in range(8):
        first = model.communities.resident_start[c]
        dense = graphs.adjacency(model, c).toarray()
        for i in range(first, model.communities.resident_stop[c]):
            head = model.units.head[residents.unit[i]]
            expected = 0.0 if head < 0 else (1.0 if head == i else dense[head - first, i - first])
            assert residents.head_tie[i] == np.float32(expected)
    assert (residents.head_tie > 0).mean() > 0.05


# --- calibration at rest ---------------------------------------------------------------------------------------------


def distant(model: Any) -> tuple[Any, Any]:
    """Who knows no door neighbour, and who almost never chats, in a model of one community."""
    count = len(model.residents.id)
    strange, quiet = np.empty(count, np.uint8), np.empty(count, np.uint8)
    ties.flag_distant(0, count, model.ties, model.parameters[0], strange, quiet)
    return strange, quiet


def test_neighbours_are_as_unknown_as_surveys_say() -> None:
    """ten_household-012: 65.3 % do not know their neighbours' names; T8.2: 23.5 % almost never chat."""
    model = district(500)
    model.off = frozenset()
    mobility.prepare(model)  # ties are as strong as the time that neighbours have lived side by side
    adult = model.residents.age >= model.parameters["participation_age"][0]
    strange, quiet = distant(model)
    assert strange[adult].mean() == pytest.approx(0.653, abs=0.04)
    assert quiet[adult].mean() == pytest.approx(0.235, abs=0.04)


def test_strangers_counts_door_ties_only() -> None:
    model = village([[0, 0.9, 0.1], [0.9, 0, 0], [0.1, 0, 0]])
    assert [flags.tolist() for flags in distant(model)] == [[0, 0, 1], [0, 0, 1]]
    model.ties.kind[:] = 3
    assert [flags.tolist() for flags in distant(model)] == [[1, 1, 1], [0, 0, 1]]
    model.ties.kind[:] = 0
    assert [flags.tolist() for flags in distant(model)] == [[1, 1, 1], [1, 1, 1]]
