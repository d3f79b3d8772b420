"""People move, age, are born and die (T8.5; M1-M4)."""

from typing import Any

import numpy as np
import pytest

from shequ.agents.columns import copy_of, violations
from shequ.agents.living import skill_at_sixty, years_left
from shequ.agents.moving import elders_among_newcomers, is_let, migrants_among_tenants, move_hazard
from shequ.agents.rates import WEEKS_A_YEAR
from shequ.agents.serving import OTHER
from shequ.model import CommunityModel, homes, parameters
from shequ.model.district import small_district
from shequ.model.levers import Setting
from shequ.model.network import DOOR
from shequ.model.processes import mobility
from shequ.verification import mobility as checks
from shequ.verification.districts import P

KNOWN = parameters.defaults()
HURRIED = KNOWN | {"move_out": 0.02, "birth_rate": 1.0, "death_mode_age": 70.0, "warmup_weeks": 2.0}


def settled(weeks: int = 3, **levers: float) -> CommunityModel:
    """Small district some weeks before the plan begins."""
    settings = [Setting(-1000, c, name, value) for name, value in levers.items() for c in range(3)]
    model = CommunityModel(small_district(60, 3), seed=2, settings=settings)
    model.week = -weeks
    model.set_levers()
    return model


def leave(model: CommunityModel, *rows: int) -> None:
    """Let the households ``rows`` move out."""
    model.households.moves[:] = 0
    model.households.moves[list(rows)] = 1
    m = model
    homes.leave(m.communities, m.households, m.residents, m.units, m.ties, m.issues, m.flows)


def members(model: CommunityModel, h: int) -> slice:
    first = int(model.households.resident_start[h])
    return slice(first, first + int(model.households.size[h] + model.households.empty_places[h]))


# --- rules ------------------------------------------------------------------------------------------------------------


def test_who_moves_by_tenure_age_office_and_satisfaction() -> None:
    """Rates relative to a satisfied young tenant's are the products of the ratios."""
    s = KNOWN["initial_satisfaction"]
    base = move_hazard(0, False, False, s, 1.0, P)
    assert base == pytest.approx(P.move_out * P.tenant_move_ratio)
    assert move_hazard(1, False, False, s, 1.0, P) == pytest.approx(P.move_out * P.owner_move_ratio)
    assert move_hazard(0, True, False, s, 1.0, P) == pytest.approx(base * P.elder_move_ratio)
    assert move_hazard(0, False, True, s, 1.0, P) == pytest.approx(base * P.head_move_ratio)
    assert move_hazard(0, False, False, s, 3.0, P) == pytest.approx(3.0 * base)
    assert move_hazard(1, False, False, s, 3.0, P) == move_hazard(1, False, False, s, 1.0, P)
    assert move_hazard(0, False, False, 0.0, 1.0, P) == pytest.approx(base * (1.0 + P.move_satisfaction * s))


def test_moves_alone_leave_shares_where_they_are() -> None:
    """Elder households leave at ratio r: the share q of newcomers that balances it solves e r (1 - q) = (1 - e) q."""
    for share in (0.1, 0.32, 0.7):
        q = elders_among_newcomers(share, 1.0, P)
        assert share * P.elder_move_ratio * (1.0 - q) == pytest.approx((1.0 - share) * q)
        assert elders_among_newcomers(share, 2.0, P) == pytest.approx(min(2.0 * q, 1.0))
    assert migrants_among_tenants(0.3, 0.6) * (1.0 - 0.7 * 0.6) == pytest.approx(0.3)
    assert migrants_among_tenants(0.1, 1.0) == pytest.approx(1.0)
    assert migrants_among_tenants(0.0, 1.0) == 0.0
    assert not is_let(0.0, 1.0)
    assert is_let(0.6, 3.0)
    assert not is_let(0.7, 3.0)


def test_years_left_follow_gompertz() -> None:
    """Survival at the drawn time gives back the uniform; median age at death of the newborn M + ln(ln 2)/b, about."""
    for age, u in ((0.0, 0.5), (40.0, 0.9), (75.0, 0.2)):
        t = years_left(age, u, P)
        scale = np.exp(P.death_slope * (age - P.death_mode_age))
        assert np.exp(-scale * np.expm1(P.death_slope * t)) == pytest.approx(u, rel=1e-6)
    median = P.death_mode_age + np.log(np.log(2.0)) / P.death_slope
    assert years_left(0.0, 0.5, P) == pytest.approx(median, abs=0.1)
    assert skill_at_sixty(1.0, P) == pytest.approx(1.0 - 0.7 * (P.adult_skill_mean - P.elder_skill_mean))


# --- who leaves, who comes --------------------------------------------------------------------------------------------


def test_leavers_take_ties_and_claims_with_them() -> None:
    model = settled()
    h = int(np.flatnonzero(model.households.size > 1)[0])
    model.issues.state[:3], model.issues.type[:3] = 1, [0, 0, 5]
    model.issues.household[:3] = [h, h + 1, h]
    gone = members(model, h)
    size = int(model.households.size[h])
    leave(model, h)
    assert model.households.size[h] == 0
    assert not model.residents.present[gone].any()
    assert (model.ties.strength[model.ties.start[gone.start] : model.ties.start[gone.stop]] == 0).all()
    assert model.issues.state[:3].tolist() == [0, 1, 1]  # the neighbour's claim and the broken lift stay
    assert model.flows.withdrawn[0] == 1
    assert model.flows.persons_left[0] == size
    assert checks.places_apart(model) == checks.one_sided(model) == 0


def test_a_head_who_moves_leaves_office_for_other_reasons() -> None:
    model = settled()
    h = 5
    unit = int(model.households.unit[h])
    model.units.head[unit], model.units.exit_reason[unit] = model.households.resident_start[h], 0
    leave(model, h)
    assert model.units.head[unit] == -1
    assert model.units.exit_reason[unit] == OTHER
    assert model.flows.head_exits[0] == 1


def test_newcomers_are_new_people_in_an_old_dwelling() -> None:
    model = CommunityModel(small_district(60, 3), seed=2, parameter_values=KNOWN | {"vacancy_weeks": 1.0})
    before = copy_of(model.residents)
    rows = list(range(0, 60, 4))
    owners, near = model.households.owner.copy(), model.residents.sense_of_community.copy()
    leave(model, *rows)
    model.households.moves[:] = 0
    for _ in range(40):
        model.week += 1
        mobility.arrive(
            model.week, model.communities, model.households, model.residents, model.units, model.dwellings,
            model.lives, model.ties, model.flows, model.profile, model.parameters, model.levers,
        )  # fmt: skip
    here = model.residents.present == 1
    assert (model.households.size == model.dwellings.usual_size).all()
    assert (model.households.owner == owners).all()
    came = here & np.isin(model.residents.household, rows)
    assert not np.isin(model.residents.id[came], before.id[before.present == 1]).any()
    first = int(np.flatnonzero(came)[0])
    ties = slice(int(model.ties.start[first]), int(model.ties.start[first + 1]))
    away = model.ties.kind[ties] == DOOR
    assert (model.ties.strength[ties][away] == 0).all()
    assert (model.ties.affinity[ties][away] > 0).any()
    assert (model.residents.sense_of_community <= near)[~came].all()
    assert (model.residents.sense_of_community < near)[~came].any()
    assert checks.places_apart(model) == checks.one_sided(model) == 0


def test_without_mobility_nobody_comes_or_goes() -> None:
    """And both worlds begin with the same people."""
    still = CommunityModel(small_district(60, 3), seed=2, off={"mobility"})
    moving = CommunityModel(small_district(60, 3), seed=2)
    here = moving.residents.present == 1
    assert not still.communities.empty_places.any()
    for name in ("id", "age", "trust_committee", "satisfaction_base", "sociability"):
        assert (getattr(still.residents, name) == getattr(moving.residents, name)[here]).all()
    still.run(until=still.week + 6)
    assert still.flows.persons_left.sum() == still.flows.deaths.sum() == 0
    assert (still.households.size == still.dwellings.usual_size).all()


# --- lives ------------------------------------------------------------------------------------------------------------


def test_nobody_ages_before_the_plan_and_everybody_does_in_its_first_year() -> None:
    model = settled(4)
    known = dict(_living(model))
    for week in range(-3, 53):
        model.week = week
        mobility.step(model)
        if week == -1:
            assert all(known.get(i, a) == a for i, a in _living(model))
    older = [a - known[i] for i, a in _living(model) if i in known]
    assert set(older) <= {0, 1, 2}
    assert np.mean(older) == pytest.approx(52.0 / WEEKS_A_YEAR, abs=0.02)


def _living(model: CommunityModel) -> list[tuple[int, int]]:
    here = model.residents.present == 1
    return list(zip(model.residents.id[here].tolist(), model.residents.age[here].tolist(), strict=True))


def test_the_eldest_adult_changes_places_with_the_first() -> None:
    """Exchanging two places keeps who knows whom: the graph of persons is the same."""
    model = settled()
    h = int(np.flatnonzero((model.households.size > 2) & (model.households.empty_places > 0))[0])
    first = int(model.households.resident_start[h])
    model.residents.age[members(model, h)][1:] = [30, 50, *[9] * (int(model.households.size[h]) - 3), 0]
    assert homes.eldest(h, 18, model.households, model.residents) in {first, first + 2}
    model.residents.age[first] = 20
    assert homes.eldest(h, 18, model.households, model.residents) == first + 2
    unit = int(model.households.unit[h])
    model.units.head[unit] = first + 2
    before, two = _graph(model), int(model.residents.id[first + 2])
    homes.change_places(model, first, first + 2)
    assert int(model.residents.id[first]) == two
    assert model.units.head[unit] == first
    assert _graph(model) == before
    assert checks.one_sided(model) == 0


def _graph(model: CommunityModel) -> dict[tuple[int, int], tuple[int, float, float]]:
    ties, people = model.ties, model.residents
    one = np.repeat(np.arange(len(people.id)), np.diff(ties.start))
    two = ties.other + model.communities.resident_start[people.community[one]]
    names = np.where(people.present == 1, people.id, np.arange(len(people.id)))
    values = zip(ties.kind.tolist(), ties.affinity.tolist(), ties.strength.tolist(), strict=True)
    return dict(zip(zip(names[one].tolist(), names[two].tolist(), strict=True), values, strict=True))


def test_births_and_deaths_of_a_year_are_about_those_of_the_country() -> None:
    """Births 6.4 and deaths 7.9 per 1,000 in 2023; a synthetic population of 20,000 has a standard error of 0.6."""
    model: Any = CommunityModel(small_district(1000, 8), seed=4, parameter_values=KNOWN | {"warmup_weeks": 1.0})
    people = int(model.residents.present.sum())
    assert people > 19_000
    for _ in range(53):
        model.week += 1
        mobility.step(model)
    assert 1000.0 * model.flows.births.sum() / people == pytest.approx(6.4, abs=4 * 0.6)
    assert 1000.0 * model.flows.deaths.sum() / people == pytest.approx(7.9, abs=4 * 0.65)


# --- the whole --------------------------------------------------------------------------------------------------------


def test_levers_move_turnover_and_age() -> None:
    def after(**levers: float) -> tuple[float, float]:
        model = settled(104, **levers)
        for _ in range(104):
            model.week += 1
            mobility.step(model)
        here = model.residents.present == 1
        return float(model.flows.households_left.sum()), float((model.residents.age[here] >= 60).mean())

    left, elders = after()
    assert after(influx=4.0)[0] > 1.5 * left
    assert after(elder_influx=4.0)[1] > elders + 0.02


def test_engines_agree_on_hurried_lives() -> None:
    one, two = (
        CommunityModel(small_district(40, 3), seed=6, engine=engine, parameter_values=HURRIED)
        for engine in ("compiled", "agents")
    )
    for _ in range(15):
        one.step()
        two.step()
    assert one.dwellings.generation.sum() > 10
    columns = [one.recorder.community_names.index(name) for name in ("births", "deaths")]
    assert (one.recorder.communities[: one.recorder.recorded, :, columns].sum(axis=(0, 1)) > 0).all()
    for name, table in one.tables().items():
        for field, column in zip(table._fields, table, strict=True):
            assert column.tobytes() == getattr(getattr(two, name), field).tobytes(), f"{name}.{field}"
        assert not list(violations(table))


def test_m1_catches_ties_that_outlive_a_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(checks.ALIKE, "newcomer_ties", 0.5)
    assert checks.ties_under_moves(communities=40, households=40).verdict == "fails"


def test_m4_catches_a_person_who_is_lost_and_a_tie_with_one_end() -> None:
    model = settled()
    assert checks.places_apart(model) == checks.one_sided(model) == 0
    model.residents.present[0] = 0
    assert checks.places_apart(model) > 0
    assert checks.one_sided(model) > 0
