"""The whole model: conservation at every step, reproducibility, order, extremes, scale, partition."""

import dataclasses

import numpy as np
import pytest

from shequ.agents import Resident
from shequ.agents.columns import violations
from shequ.model import CommunityModel, parameters
from shequ.model.district import Appropriation, Archetype, CommunitySpec, DistrictSpec, small_district
from shequ.model.ledger import LedgerError
from shequ.model.levers import Setting
from shequ.model.processes.issues import issue_balance
from shequ.verification import whole_model

WEEKS = 40


def planned(households: int = 45, communities: int = 3, **kwargs: object) -> CommunityModel:
    """Return a model under a strong plan: units in force everywhere, paid and trained heads, activities, money."""
    doses = {
        "unit_coverage": 1.0,
        "unit_households": 12,
        "head_subsidy": 200,
        "head_trainings": 4,
        "unit_activities": 2,
        "activity_budget": 100,
        "points_reward": 5,
        "donation_drive": 1.0,
        "menu_ordering": 1.0,
        "resource_list": 1.0,
        "need_list": 1.0,
        "platform_modules": 4,
        "tripartite_platform": 1.0,
        "partition_redivisions": 4,
    }
    settings = [Setting(0, c, name, value) for name, value in doses.items() for c in range(communities)]
    budget = (Appropriation("ten_household_fund", "district", 40_000_00, 2024, 2028),)
    district = small_district(households, communities)
    return CommunityModel(district, seed=3, settings=settings, budget=budget, **kwargs)  # type: ignore[arg-type]


def test_money_hours_people_and_issues_are_conserved_every_week() -> None:
    """Under a plan that pulls every lever hard: money, hours, people, issues, and every declared range (see X4)."""
    model = planned()
    persons = len(model.residents.id)
    for _ in range(52 + WEEKS):
        model.step()
        model.ledger.check()
        assert model.ledger.balances().sum() == 0
        assert issue_balance(model).tolist() == [0, 0, 0]
        committees = model.committees
        split = committees.reporting_minutes + committees.coordination_minutes
        split = split + committees.service_minutes + committees.unit_support_minutes
        assert (split == committees.hours_minutes).all()
        assert model.households.size.sum() == persons
        for c in range(3):
            units = slice(model.communities.unit_start[c], model.communities.unit_stop[c])
            starts, stops = model.units.household_start[units], model.units.household_stop[units]
            assert starts[0] == model.communities.household_start[c]
            assert stops[-1] == model.communities.household_stop[c]
            assert (starts[1:] == stops[:-1]).all()
        for name, table in model.tables().items():
            assert list(violations(table)) == [], name


def test_x4_catches_money_from_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    step = CommunityModel.step

    def generous(model: CommunityModel) -> None:
        step(model)
        model.ledger.book.balance[3] += 1

    monkeypatch.setattr(whole_model, "CommunityModel", type("Generous", (CommunityModel,), {"step": generous}))
    with pytest.raises(LedgerError):
        whole_model.accounts(weeks=1, communities=1, households=20)


def test_g2_same_seed_same_bytes_and_another_seed_another_run() -> None:
    a, b, other = planned(), planned(), planned()
    other = CommunityModel(small_district(45, 3), seed=4)
    for model in (a, b, other):
        model.run(until=4)
    assert (
        a.recorder.communities[: a.recorder.recorded].tobytes()
        == b.recorder.communities[: b.recorder.recorded].tobytes()
    )
    assert a.residents.acts.tobytes() == b.residents.acts.tobytes()
    assert a.residents.id.tobytes() == other.residents.id.tobytes() or len(a.residents.id) != len(other.residents.id)
    assert a.residents.propensity[:50].tobytes() != other.residents.propensity[:50].tobytes()


def test_g2_switching_a_process_off_moves_no_other_draw() -> None:
    """In the first week nothing has had time to pass from one process to the other: all else must be equal."""
    whole, cut = planned(), planned(off=["organisations"])
    whole.step()
    cut.step()
    for field in whole.residents._fields:
        assert getattr(whole.residents, field).tobytes() == getattr(cut.residents, field).tobytes(), field
    assert whole.issues.work.tobytes() == cut.issues.work.tobytes()


def test_g3_order_of_agents_does_not_matter() -> None:
    forward, backward = planned(engine="agents"), planned(engine="agents")
    residents = backward.views(Resident)
    backward._views[Resident] = type(residents)(reversed(list(residents)), random=backward.random)
    for _ in range(3):
        forward.step()
        backward.step()
    for name, table in forward.tables().items():
        for field in table._fields:
            assert getattr(table, field).tobytes() == getattr(getattr(backward, name), field).tobytes(), field


def test_g4_without_heads_everything_enters_at_level_two() -> None:
    model = CommunityModel(
        small_district(200, 3), seed=1, settings=[Setting(-200, c, "unit_coverage", 0) for c in range(3)]
    )
    model.run(until=20)
    recorded = model.recorder.dataset()
    assert recorded["claims"].sum() > 50
    assert recorded["entered_1"].sum() == 0
    assert recorded["resolved_1"].sum() == 0


def test_g4_without_money_nobody_is_paid() -> None:
    settings = [Setting(-200, c, "head_subsidy", 200) for c in range(3)]
    impossible = {"gift_base": -60.0, "firm_gift_base": -60.0, "swap_deals": 0.0}  # beyond their ranges: nobody gives
    nobody_gives = parameters.defaults() | impossible
    district = small_district(100, 3)
    model = CommunityModel(
        district, seed=1, settings=settings, parameter_values=nobody_gives, off=["organisations"]
    ).run(until=20)
    recorded = model.recorder.dataset()
    assert recorded["subsidies_due"].sum() > 0
    assert recorded["subsidies_paid"].sum() == 0
    assert model.units.pay.sum() == 0


def test_partition_a_community_alone_gives_the_same_bytes_as_within_a_district() -> None:
    """Communities in subdistricts of their own share nothing: one alone and three together must agree exactly."""
    specs = [CommunitySpec(7 + c, kind, 60, c) for c, kind in enumerate(list(Archetype)[:3])]
    together = CommunityModel(DistrictSpec(tuple(specs)), seed=5).run(until=10)
    for c, spec in enumerate(specs):
        alone = CommunityModel(DistrictSpec((dataclasses.replace(spec, subdistrict=0),)), seed=5).run(until=10)
        rows = slice(together.communities.resident_start[c], together.communities.resident_stop[c])
        for field in ("acts", "trust_committee", "satisfaction", "peer_share", "aware", "last_activity"):
            assert getattr(together.residents, field)[rows].tobytes() == getattr(alone.residents, field).tobytes(), (
                field
            )
        mine = together.recorder.communities[:, c]
        assert (
            mine[: together.recorder.recorded].tobytes()
            == alone.recorder.communities[: alone.recorder.recorded].tobytes()
        )


def test_one_added_household_changes_nobody_else_at_the_start() -> None:
    small = CommunityModel(DistrictSpec((CommunitySpec(3, Archetype.MIXED, 80),)), seed=2)
    large = CommunityModel(DistrictSpec((CommunitySpec(3, Archetype.MIXED, 81),)), seed=2)
    count = len(small.residents.id)
    for field in ("id", "age", "education", "propensity", "sociability", "trust_committee", "aware"):
        assert getattr(small.residents, field).tobytes() == getattr(large.residents, field)[:count].tobytes(), field
    for i in range(count):
        mine = slice(small.ties.start[i], small.ties.start[i + 1])
        theirs = slice(large.ties.start[i], large.ties.start[i + 1])
        others = large.ties.other[theirs]
        assert small.ties.other[mine].tolist() == others[others < count].tolist()


def test_g5_doubling_communities_doubles_totals_and_leaves_means() -> None:
    """Eight against sixteen old neighbourhoods of 150 households: totals of claims and acts double, means stay.

    Standard errors come from the communities themselves; pass within 4 of them.
    """
    kind = Archetype.OLD_NEIGHBOURHOOD
    half = CommunityModel(DistrictSpec(tuple(CommunitySpec(c, kind, 150) for c in range(8))), seed=6).run(until=25)
    whole = CommunityModel(DistrictSpec(tuple(CommunitySpec(c, kind, 150) for c in range(16))), seed=6).run(until=25)
    small, large = half.recorder.dataset(), whole.recorder.dataset()
    for name in ("claims", "requests", "participations"):
        a = small[name].sum("week").to_numpy()
        b = large[name].sum("week").to_numpy()
        error = np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
        assert abs(a.mean() - b.mean()) < 4 * error, name
        assert b.sum() == pytest.approx(2 * a.sum(), abs=4 * 16 * error)


def test_a_batch_is_a_bigger_district() -> None:
    """Two replicates as two communities with seeds and parameter rows of their own equal the two single runs."""
    values = [parameters.defaults(), parameters.with_changes({"ask_effect": 0.7})]
    pair = [
        CommunitySpec(1, Archetype.NEW_ESTATE, 60, 0, seed=11),
        CommunitySpec(1, Archetype.NEW_ESTATE, 60, 0, seed=12),
    ]
    batch = CommunityModel(
        DistrictSpec((pair[0], dataclasses.replace(pair[1], id=2, subdistrict=1))), parameter_values=values
    ).run(until=5)
    for c, (spec, row) in enumerate(zip((pair[0], dataclasses.replace(pair[1], id=2)), values, strict=True)):
        alone = CommunityModel(DistrictSpec((spec,)), parameter_values=row).run(until=5)
        rows = slice(batch.communities.resident_start[c], batch.communities.resident_stop[c])
        assert batch.residents.acts[rows].tobytes() == alone.residents.acts.tobytes()
        assert batch.residents.satisfaction[rows].tobytes() == alone.residents.satisfaction.tobytes()
