"""The whole model: conservation at every step, reproducibility, order, extremes, scale, partition."""

import dataclasses

import pytest

from shequ.agents.columns import violations
from shequ.model import CommunityModel, parameters
from shequ.model.district import Archetype, CommunitySpec, DistrictSpec
from shequ.model.ledger import LedgerError
from shequ.model.processes.issues import issue_balance
from shequ.verification import closed_accounts
from shequ.verification.mobility import came_and_went, present
from shequ.verification.towns import planned

WEEKS = 40


def test_money_hours_people_and_issues_are_conserved_every_week() -> None:
    """Under a plan that pulls every lever hard: money, hours, people, issues, and every declared range (see X4)."""
    model = planned()
    living = present(model)
    for _ in range(52 + WEEKS):
        model.step()
        model.ledger.check()
        assert model.ledger.balances().sum() == 0
        assert issue_balance(model).tolist() == [0, 0, 0]
        committees = model.committees
        split = committees.reporting_minutes + committees.coordination_minutes
        split = split + committees.service_minutes + committees.unit_support_minutes
        assert (split == committees.hours_minutes).all()
        living = living + came_and_went(model)
        assert (living == present(model)).all()
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

    monkeypatch.setattr(closed_accounts, "CommunityModel", type("Generous", (CommunityModel,), {"step": generous}))
    with pytest.raises(LedgerError):
        closed_accounts.accounts(weeks=1, households=10)


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
