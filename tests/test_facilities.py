"""Surveys of needs and rooms beside the checks R7 and R8: levers, wrong implementations, engines (T4.3)."""

from typing import Any

import numpy as np
import pytest

from shequ import verification
from shequ.agents.surveying import survey_due
from shequ.agents.using_services import ServiceClass
from shequ.experiments.replicate import smaller
from shequ.model import CommunityModel
from shequ.model.district import small_district
from shequ.model.levers import Setting
from shequ.model.observables import evaluate
from shequ.model.processes import facilities, surveys
from shequ.scenarios.compile import compile
from shequ.scenarios.loader import load
from shequ.verification.facilities import hold, surveyed_town


def lived(weeks: int, households: int = 150, engine: Any = "compiled", **levers: float) -> CommunityModel:
    settings = [Setting(-1000, c, name, value) for c in range(2) for name, value in levers.items()]
    return CommunityModel(small_district(households, 2), seed=3, settings=settings, engine=engine).run(until=weeks)


def last(model: CommunityModel, name: str) -> float:
    return float(evaluate(model.recorder.dataset())[name].sel(group="all").to_numpy()[model.recorder.recorded - 1])


# --- surveys ----------------------------------------------------------------------------------------------------------


def test_r7_catches_a_survey_in_which_everybody_is_as_easily_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    alike = lambda model, week, door: hold(model, week, 1.0 - door)  # noqa: E731
    monkeypatch.setattr(verification.facilities, "hold", alike)
    assert verification.survey_bias(door=1.0, households=300, rounds=20).verdict != "holds"


def test_both_channels_together_come_closest_to_true_need() -> None:
    """At the door eldercare is named too often, online too seldom: the error of each is above that of both."""
    model = surveyed_town(3000, 2)
    wanted, eldercare = model.surveys.wanted[0], int(ServiceClass.ELDERCARE)
    lean = {}
    for door in (0.0, 0.5, 1.0):
        named = np.mean([hold(model, week, door)[2] for week in range(10)], axis=0)
        lean[door] = float((named - wanted)[eldercare] - (named - wanted)[int(ServiceClass.CHILDCARE)])
    assert lean[0.0] < lean[0.5] < lean[1.0]
    assert lean[0.0] < 0.0 < lean[1.0]
    assert abs(lean[0.5]) < max(abs(lean[0.0]), abs(lean[1.0]))


@pytest.mark.parametrize("yearly", [0.0, 1.0, 2.0, 12.0])
def test_surveys_add_up_to_their_yearly_number(yearly: float) -> None:
    held = sum(survey_due(week, 0.3, yearly) for week in range(-52, 209))
    assert abs(held - yearly * 261 / (365.25 / 7)) < 1


def test_levers_of_surveys_move_what_they_are_for() -> None:
    rest, once = lived(56), lived(56, need_surveys=1.0)
    assert last(rest, "needs_survey_coverage") == 0.0
    assert last(once, "needs_survey_coverage") == 1.0
    online = lived(56, need_surveys=1.0, survey_channel=0.0, platform_modules=4.0)
    assert last(once, "needs_survey_elder_share") > last(online, "needs_survey_elder_share") + 0.1


def test_measured_need_follows_a_survey_and_then_forgets_it() -> None:
    model = CommunityModel(small_district(60, 1), seed=1)
    share = np.array([0.6, 0.1, 0.1, 0.1, 0.1])
    model.surveys.share[0], model.surveys.age[:], model.supply.need[0] = share, 0, 0.2
    surveys.follow(model.surveys, model.supply.need, model.flows, model.parameters)
    pull = model.parameters["survey_weight"][0]
    assert model.supply.need[0] == pytest.approx(0.2 + pull * (share - 0.2))
    model.surveys.age[:], model.supply.need[0] = 52, 0.2
    surveys.follow(model.surveys, model.supply.need, model.flows, model.parameters)
    assert model.supply.need[0] == pytest.approx(0.2 + 0.5 * pull * (share - 0.2))


# --- rooms ------------------------------------------------------------------------------------------------------------


def test_r8_catches_rooms_that_do_not_wear(monkeypatch: pytest.MonkeyPatch) -> None:
    def stays(model: CommunityModel) -> float:
        return float(model.rooms.condition[0])

    monkeypatch.setattr(verification.facilities, "keep_up", stays)
    assert verification.rooms_in_use(weeks=2000).verdict == "fails"


def test_without_money_rooms_decay_and_nothing_is_paid() -> None:
    model = CommunityModel(small_district(60, 1), seed=1, off=["funding"])
    before = float(model.rooms.condition[0])
    facilities.step(model)
    assert model.rooms.upkeep[0] == 0
    assert model.rooms.condition[0] == pytest.approx(before * (1 - model.parameters["room_wear"][0]))


def test_levers_of_rooms_move_what_they_are_for() -> None:
    busy = {"unit_coverage": 1.0, "unit_households": 10.0, "unit_activities": 8.0, "activity_budget": 300.0}
    alone, shared = lived(60, 300, **busy), lived(60, 300, **busy, space_sharing=1.0)
    column = alone.recorder.community_names.index("activities_held")
    held = [float(np.nansum(model.recorder.communities[:, :, column])) for model in (alone, shared)]
    assert last(shared, "room_shortage_rate") < last(alone, "room_shortage_rate") - 0.05
    assert held[1] > 1.02 * held[0]
    kept = lived(40, facility_upkeep=1.0)
    assert last(kept, "facility_condition") > last(lived(40), "facility_condition") + 0.02


def test_community_and_services_come_before_units_and_units_before_groups() -> None:
    model = CommunityModel(small_district(60, 1), seed=1)
    model.rooms.own[:], model.rooms.condition[:] = 3.0, 1.0
    model.committees.meetings[:] = 2
    model.units.activities[: model.communities.unit_stop[0]] = 20
    tables = (model.communities, model.committees, model.units, np.zeros(1, np.int64), model.rooms, model.flows)
    model.set_levers()
    facilities.share_out(0, *tables, model.parameters, model.levers)
    wishes = model.parameters["meetings_in_rooms"][0] * 20 * model.communities.unit_stop[0]
    assert model.rooms.used[0] == 3.0
    assert model.units.room_found[0] == pytest.approx(1.0 / wishes)


# --- both -------------------------------------------------------------------------------------------------------------


def test_engines_are_equal_with_surveys_and_short_rooms() -> None:
    levers = {"need_surveys": 6.0, "survey_channel": 0.5, "unit_activities": 8.0, "unit_coverage": 1.0}
    compiled, agents = (lived(10, 40, engine, **levers) for engine in ("compiled", "agents"))
    assert compiled.recorder.communities.tobytes() == agents.recorder.communities.tobytes()
    short = compiled.recorder.communities[:, :, compiled.recorder.community_names.index("room_wishes")]
    assert (short > compiled.recorder.communities[:, :, compiled.recorder.community_names.index("room_slots")]).any()
    assert (compiled.surveys.age >= 0).all()


def test_the_plan_renews_its_data_every_week() -> None:
    inputs = compile(smaller(load("ten_household"), 3, 40), 5)
    weeks = [setting.value for setting in inputs.settings if setting.lever == "data_update_weeks"]
    assert 1.0 <= min(weeks) < 1.6
