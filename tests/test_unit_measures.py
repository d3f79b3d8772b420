"""What is recorded of units, their heads and NGOs, counted again from the tables, agent by agent."""

from collections import Counter

import numpy as np
import pytest

from shequ.agents.ngo import FIRM_KIND
from shequ.model import CommunityModel
from shequ.model.observables import evaluate
from shequ.model.processes import rollout
from shequ.verification.towns import planned


@pytest.fixture(scope="module")
def model() -> CommunityModel:
    return planned(households=90).run(until=60)


def now(model: CommunityModel, name: str) -> float:
    """Value of an observable in the week that was recorded last."""
    return float(evaluate(model.recorder.dataset())[name].sel(group="all")[-1])


def test_spread_of_unit_sizes(model: CommunityModel) -> None:
    sizes = Counter(int(u) for u in model.households.unit if model.units.organised[u])
    assert len(sizes) > 10
    assert now(model, "unit_size_spread") == pytest.approx(float(np.std(list(sizes.values()))), rel=1e-9)


def test_heads_and_their_standing(model: CommunityModel) -> None:
    heads = [u for u in range(len(model.units.head)) if model.units.organised[u] and model.units.head[u] >= 0]
    of_party = [bool(model.residents.party_member[model.units.head[u]]) for u in heads]
    cadres = [bool(model.residents.retired_cadre[model.units.head[u]]) for u in heads]
    either = [a or b for a, b in zip(of_party, cadres, strict=True)]
    assert 0 < sum(either) < len(heads)
    assert now(model, "head_preferred_share") == pytest.approx(sum(either) / len(heads))
    felt = [float(model.units.recognition[u]) for u in heads]
    assert now(model, "head_recognition") == pytest.approx(sum(felt) / len(heads))


def test_ngos_that_take_part(model: CommunityModel) -> None:
    around = model.organisations
    ngos = [o for o in range(len(around.kind)) if around.active[o] and around.kind[o] != FIRM_KIND]
    assert ngos
    assert now(model, "ngo_participation_rate") == pytest.approx(sum(int(around.joined[o]) for o in ngos) / len(ngos))


def test_regrouped_households_are_those_that_left_their_unit() -> None:
    """A unit goes on where its middle household is; who is elsewhere after the cut was regrouped."""
    m = planned(households=90).run(until=0)
    m.flows.households_regrouped[:] = 0
    before = m.households.unit.copy()
    m.levers["unit_households"] = 20.0
    rollout.step(m)
    for c in range(len(m.communities.id)):
        gone = 0
        for u in range(m.communities.unit_start[c], m.communities.unit_stop[c]):
            first, stop = int(m.units.household_start[u]), int(m.units.household_stop[u])
            stays = before[(first + stop) // 2]
            gone += sum(before[h] != stays for h in range(first, stop))
        assert m.flows.households_regrouped[c] == gone > 0
    m.flows.households_regrouped[:] = 0
    for c in range(len(m.communities.id)):
        rollout.recut(m, c)  # moves no border
    assert not m.flows.households_regrouped.any()
