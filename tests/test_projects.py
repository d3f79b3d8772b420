"""Collective projects beside the checks C1 to C4: where they come up, what they cost, how they end, who feels it."""

import math
from typing import Any

import numpy as np
import pytest

from shequ.agents.columns import fields
from shequ.agents.consenting import ProjectKind, ProjectState, answer_of, consent_value, moved_by, proposal_hazard
from shequ.agents.view import python_row
from shequ.model import CommunityModel, couplings, parameters
from shequ.model.district import Archetype, CommunitySpec, DistrictSpec
from shequ.model.ledger import Purpose, Sector
from shequ.model.levers import Setting, find
from shequ.model.observables import evaluate
from shequ.model.projects import Ballots, ProjectFlows, ProjectRows, Projects
from shequ.verification import projects as checks
from shequ.verification.check import share
from shequ.verification.stairwells import INDIFFERENT, stairwells

BUSY = {"project_initiative": 20.0}
PROJECT = [purpose for purpose in Purpose if purpose.name.startswith("PROJECT_")]


def quarter(
    levers: dict[str, float] | None = None,
    values: dict[str, float] | None = None,
    *,
    kinds: tuple[Archetype, ...] = (Archetype.OLD_NEIGHBOURHOOD, Archetype.AGEING),
    households: int = 120,
    seed: int = 2,
    **kwargs: Any,
) -> CommunityModel:
    """Return communities of ``kinds`` without warm-up, under a programme of projects."""
    specs = tuple(CommunitySpec(c, kind, households) for c, kind in enumerate(kinds))
    moved = {**BUSY, **(levers or {})}
    settings = [Setting(-1000, c, name, value) for c in range(len(specs)) for name, value in moved.items()]
    rows = parameters.defaults() | {"warmup_weeks": 0.0} | (values or {})
    return CommunityModel(DistrictSpec(specs), seed=seed, settings=settings, parameter_values=rows, **kwargs)


def total(model: CommunityModel, name: str) -> float:
    column = model.recorder.community_names.index(name)
    return float(model.recorder.communities[: model.recorder.recorded, :, column].sum())


# --- checks fail where they should -----------------------------------------------------------------------------------


def test_c1_catches_a_vote_counted_by_persons_alone() -> None:
    """Four of twelve owners hold twice the area: leaving area out changes the share carried by more than 4 s.e."""
    assert checks.project_vote(rule=2, turnout=0.8, votes=40_000).verdict == "holds"
    numbers = {"levers": {"consent_rule": 2}, "consent_intercept": math.log(4.0), "owner_turnout": 0.8}

    def large(town: Any) -> None:
        town.people.households.area[np.arange(len(town.ballots.floor)) % 12 < 4] *= 2

    carried, n = checks.poll(12, 40_000, large, **numbers)
    persons = checks.chance_to_carry(2, 0.8, 0.8, 12, 4, 1)
    assert share("share carried", persons, carried, n).verdict == "fails"


def test_c2_catches_independent_owners() -> None:
    """A shared mood lifts unanimity from 6.9 to 11.8 %; leaving it out fails; n = 40,000, s.e. 0.13 %."""
    expected = checks.with_common_mood(lambda p: p**12, math.log(4.0), 0.7)
    carried, n = checks.poll(12, 40_000, levers={"consent_rule": 4}, consent_intercept=math.log(4.0))
    assert share("share carried", expected, carried, n, precision=0.05).verdict == "fails"
    assert share("share carried", 0.8**12, carried, n, precision=0.05).verdict == "holds"


# --- where and how often ---------------------------------------------------------------------------------------------


def test_projects_come_up_only_where_the_houses_have_a_use_for_them() -> None:
    model = quarter(kinds=tuple(Archetype), households=60)
    kinds, archetype = model.projects.kind, model.communities.archetype[model.projects.community]
    aged = {Archetype.OLD_NEIGHBOURHOOD, Archetype.AGEING}
    assert set(archetype[kinds == ProjectKind.LIFT]) == aged
    assert set(archetype[kinds == ProjectKind.RENOVATION]) == aged
    assert not aged & set(archetype[kinds == ProjectKind.REPLACEMENT])
    assert Archetype.RURAL not in archetype[kinds == ProjectKind.PARKING]
    assert np.array_equal(archetype[kinds == ProjectKind.COVENANT], list(Archetype))
    lifts, homes = kinds == ProjectKind.LIFT, model.households
    for first, stop in zip(model.projects.household_start[lifts], model.projects.household_stop[lifts], strict=True):
        assert len(set(homes.stairwell[first:stop])) == 1
        assert model.ballots.floor[first:stop].max() > 3
    assert len(set(model.projects.id)) == len(model.projects.id)


def test_every_column_says_what_it_is() -> None:
    for table in (Projects, ProjectRows, ProjectFlows, Ballots):
        for field in fields(table):
            assert field.column.unit, field
            assert field.column.meaning, field
            assert field.column.source, field


def test_rate_of_proposals_is_the_hazard() -> None:
    """20,000 stairwells at the need and efficacy of the rule, a week: mean n p, s.e. sqrt(n p)."""
    n = 20_000
    town = stairwells(2, n, {"project_initiative": 4.0}, proposal_head=0.0)
    town.projects.state[:] = ProjectState.IDLE
    town.people.residents.efficacy[:] = 0.5
    town.people.residents.age[::2] = 70
    row = python_row(town.people.parameters[0])
    hazard = proposal_hazard(int(ProjectKind.LIFT), 0.5, 0.5, 0.0, 4.0, row)
    assert hazard == pytest.approx(row.project_rate_lift * 4 / (365.25 / 7) * math.exp(0.5 - row.initial_efficacy))
    for _ in range(4):
        town.projects.state[:] = ProjectState.IDLE
        town.step()
    expected = 4 * n * (1 - math.exp(-hazard))
    assert town.flows.projects_proposed[0] == pytest.approx(expected, abs=4 * math.sqrt(expected))


# --- money -----------------------------------------------------------------------------------------------------------


def test_escrow_holds_what_projects_hold_and_every_fen_is_accounted_for() -> None:
    model, places = quarter(values={"talk_weeks": 6.0, "funding_weeks": 6.0}), 2
    for _ in range(60):
        model.step()
        held = [int(model.projects.held[model.projects.community == c].sum()) for c in range(places)]
        assert model.ledger.balances()[:places, Sector.PROJECTS].tolist() == held
        model.ledger.check()
    flows = model.ledger.matrix(since_start=True)[PROJECT, Sector.PROJECTS]
    shares, reserve, subsidy, works, refund = (int(flow) for flow in flows)
    assert min(shares, subsidy, -works) > 0
    assert reserve == 0  # no lifts to replace here
    assert shares + subsidy + works + refund == int(model.projects.held.sum())


def test_owners_who_do_not_pay_get_nothing_built_and_their_money_back() -> None:
    values = {"talk_weeks": 4.0, "funding_weeks": 4.0, "pay_consenting": 0.5, "pay_others": 0.0, "funding_floor": 1.0}
    model = quarter(values=values).run(until=60)
    collected = model.projects.state == ProjectState.FUNDING
    assert total(model, "project_ballots_carried") > 5
    paying = model.projects.kind != ProjectKind.COVENANT
    assert not (model.projects.state[paying] == ProjectState.DONE).any()
    assert model.projects.held[~collected].sum() == 0
    flows = model.ledger.matrix(since_start=True)[:, Sector.PROJECTS]
    assert flows[Purpose.PROJECT_SHARE] + flows[Purpose.PROJECT_REFUND] == model.projects.held.sum()
    assert flows[Purpose.PROJECT_REFUND] < 0


def test_district_and_maintenance_fund_pay_their_parts() -> None:
    """Everybody agrees and pays: shares, reserve and subsidy stand in the proportions of the rules, to a fen a home."""
    town = stairwells(
        30, 1, {"project_subsidy": 0.25}, consent_intercept=60.0, funding_weeks=1e-3, works_weeks_lift=3.0
    )
    town.projects.kind[:] = ProjectKind.REPLACEMENT
    town.step()
    town.step()
    p = python_row(town.people.parameters[0])
    cost = 30 * 100 * p.project_cost_replacement
    owners = cost * (1 - p.project_state_replacement) * 0.75
    flows = town.ledger.matrix(since_start=True)[:, Sector.PROJECTS]
    assert flows[Purpose.PROJECT_SHARE] == pytest.approx(owners * (1 - p.maintenance_fund_share), abs=30)
    assert flows[Purpose.PROJECT_RESERVE] == pytest.approx(owners * p.maintenance_fund_share, abs=1)
    assert flows[Purpose.PROJECT_SUBSIDY] == pytest.approx(cost - owners, abs=31)
    assert town.projects.held[0] == cost
    for _ in range(int(p.works_weeks_replacement)):
        assert town.projects.state[0] == ProjectState.WORKS
        town.step()
    assert town.projects.state[0] == ProjectState.DONE
    assert town.ledger.matrix(since_start=True)[Purpose.PROJECT_WORKS, Sector.PROJECTS] == -cost


# --- consent ---------------------------------------------------------------------------------------------------------


def test_signs_of_what_moves_consent() -> None:
    p = python_row(parameters.table([parameters.defaults()])[0])
    plain = (0.0, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0)
    middle = consent_value(*plain, p)
    for place, more in enumerate((10_000.0, 0.6, 0.6, 0.6, 1.0, 1.0, 0.1)):
        assert consent_value(*plain[:place], more, *plain[place + 1 :], p) > middle
    assert answer_of(1, 60.0, 0.99, p.owner_turnout, p) == 0
    assert answer_of(1, 60.0, 0.99, 0.0, p) == 2
    assert answer_of(0, 0.0, 0.51, 0.0, p) == 1
    assert (moved_by(0.4, 0.5), moved_by(0.4, -0.5), moved_by(0.4, 0.0)) == (0.7, 0.2, 0.4)


def test_only_the_undecided_change_sides_between_hearing_and_vote() -> None:
    """With deliberation in between nobody who agreed turns, and a part of the others does."""
    town = stairwells(12, 2_000, {"project_initiative": 20.0}, talk_weeks=60.0, project_rate_lift=1e6)
    town.projects.state[:] = ProjectState.IDLE
    town.step()
    before = town.ballots.answer.copy()
    town.people.levers["project_deliberation"][:] = 1.0
    town.people.parameters = parameters.table(
        [parameters.defaults() | INDIFFERENT | {"consent_deliberation": 1.0, "talk_weeks": 1e-3}]
    )
    town.step()
    assert (town.ballots.answer[before == 2] == 2).all()
    turned = (town.ballots.answer[before == 1] == 2).mean()
    expected = (1 / (1 + math.exp(-1.0)) - 0.5) / 0.5
    assert turned == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / (before == 1).sum()))


def test_a_cut_of_attitudes_keeps_the_chance_to_agree_at_the_reference() -> None:
    before = parameters.defaults()
    rows = [before, couplings.without(before, ["attitudes_to_consent"])]
    at = (before["initial_trust"], before["initial_community"])
    values = [consent_value(0.0, *at, 0.5, 0.0, 0.0, 0.0, python_row(parameters.table([row])[0])) for row in rows]
    assert values[0] == pytest.approx(values[1])
    assert rows[1]["consent_trust"] == 0.0


# --- what follows ----------------------------------------------------------------------------------------------------


def test_what_is_done_pleases_and_what_fails_discourages() -> None:
    town = stairwells(4, 2, consent_intercept=60.0, project_cost_lift=500.0)
    town.projects.kind[:] = ProjectKind.COVENANT
    residents, p = town.people.residents, python_row(town.people.parameters[0])
    residents.efficacy[:] = residents.performance[:] = residents.sense_of_community[:] = 0.5
    town.step()
    assert (town.projects.state == ProjectState.DONE).all()
    assert residents.efficacy == pytest.approx(0.5 + p.done_efficacy / 2)
    assert residents.performance == pytest.approx(0.5 + p.done_performance / 2)
    assert residents.sense_of_community == pytest.approx(0.5 + p.done_community / 2)
    town = stairwells(4, 1, {"consent_rule": 4})
    town.people.residents.efficacy[:] = 0.5
    town.step()
    support = float(town.projects.support[0])
    assert town.projects.state[0] == ProjectState.IDLE
    assert town.projects.due[0] == p.project_rest_weeks
    assert town.people.residents.efficacy == pytest.approx(0.5 * (1 - p.stop_efficacy * support))


def test_talks_take_hours_of_the_heads_at_the_site() -> None:
    """Three stairwells of one unit talk: its head on duty gives three times the hours; off duty, none."""
    for on_duty in (1, 0):
        town = stairwells(4, 3, talk_weeks=1e6)
        units = town.people.units
        units.organised[:], units.head[:], units.on_duty[:] = 1, 0, on_duty
        town.step()
        hours = float(town.people.parameters["talk_head_hours"][0])
        assert units.project_hours.tolist() == [3 * hours * on_duty]


@pytest.mark.parametrize(
    ("lever", "to"),
    [("project_initiative", 20), ("project_deliberation", 1), ("project_subsidy", 0.8), ("consent_rule", 4)],
)
def test_each_lever_moves_its_observable_in_its_direction(lever: str, to: float) -> None:
    spec, kinds = find(lever), (Archetype.OLD_NEIGHBOURHOOD,) * 4

    def measured(value: float) -> float:
        base = {} if lever == "project_initiative" else {"project_initiative": 10.0}
        base |= {"consent_rule": 2.0} if lever == "project_subsidy" else {}  # who lives low vetoes a lift at any price
        model = quarter({"project_initiative": 1.0} | base | {lever: value}, kinds=kinds, households=200).run(until=130)
        return float(evaluate(model.recorder.dataset())[spec.observable].sel(group="all").mean())

    assert (measured(to) - measured(1.0 if lever == "consent_rule" else spec.rest)) * spec.direction > 0


def test_switched_off_nothing_is_proposed() -> None:
    model = quarter(off={"projects"}).run(until=20)
    assert not model.projects.attempts.any()
    assert not model.units.project_hours.any()


def test_engines_give_the_same_bytes_under_a_programme() -> None:
    values = {"talk_weeks": 4.0, "funding_weeks": 3.0}
    compiled = quarter({"project_deliberation": 0.5}, values, households=36)
    agents = quarter({"project_deliberation": 0.5}, values, households=36, engine="agents")
    for _ in range(26):
        compiled.step()
        agents.step()
        for name, table in compiled.tables().items():
            for field, column in zip(table._fields, table, strict=True):
                assert column.tobytes() == getattr(getattr(agents, name), field).tobytes(), (name, field)
    assert total(compiled, "project_ballots") > 3
