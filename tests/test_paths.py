"""Paths to a claim, sensors, old data, leaks beside the checks D7 to D9 (T7.3)."""

import numpy as np
import pytest

from shequ import verification
from shequ.agents.finding_a_path import find_path, is_sensed
from shequ.agents.speaking_up import FACILITY, NO_GRIEVANCE, WARNING, IssueType
from shequ.model import CommunityModel, parameters
from shequ.model.district import small_district
from shequ.model.levers import Setting
from shequ.model.observables import evaluate
from shequ.scenarios.compile import compile
from shequ.scenarios.loader import load
from shequ.verification import paths
from shequ.verification.effort import row_of
from shequ.verification.paths import without_path
from shequ.verification.towns import ALL_CLAIM, NO_TROUBLE, RATES, live, state, town


def test_d7_catches_families_that_do_not_help(monkeypatch: pytest.MonkeyPatch) -> None:
    """A town whose members refuse to help, beside the closed form in which they do."""

    def helpful(model: CommunityModel, closed: float, assisted: float) -> object:
        refusing, model.parameters = model.parameters, parameters.table([parameters.defaults()])
        chances = without_path(model, closed, assisted)
        model.parameters = refusing
        return chances

    built = paths.seekers
    monkeypatch.setattr(paths, "seekers", lambda *args: built(*args, family_help=0.0))
    monkeypatch.setattr(paths, "without_path", helpful)
    assert verification.no_path(closed=1.0, assisted=0.0, households=2000, weeks=40).verdict == "fails"


def test_the_desk_stays_open_to_those_who_are_not_helped() -> None:
    p = row_of(station_reach=0.5, family_help=0.5)
    shut, lucky, unlucky = 0.2, (0.1, 0.1, 0.1, 0.1), (0.1, 0.9, 0.9, 0.9)
    assert find_path(2, False, 1.0, True, 0.0, 0.0, unlucky, p) == (2, 0)
    assert find_path(2, False, 1.0, True, shut, 0.0, unlucky, p) == (0, 4)
    assert find_path(2, False, 1.0, True, shut, 0.0, lucky, p) == (3, 1)
    assert find_path(2, False, 0.0, True, shut, 0.5, lucky, p) == (3, 2)
    assert find_path(2, False, 0.0, False, shut, 0.5, lucky, p) == (3, 3)
    assert find_path(4, True, 0.0, False, shut, 0.0, unlucky, p) == (3, 0)
    assert find_path(1, False, 0.0, True, 1.0, 0.0, unlucky, p) == (1, 0)
    assert find_path(4, False, 0.0, True, 0.0, 1.0, lucky, p) == (4, 0), "who goes past the community is not helped"


def test_engines_find_the_same_paths() -> None:
    values = {f"rate_{name}": 0.05 for name in RATES}
    levers = {"demand_warning": 0.3, "online_only": 0.6, "assisted_use": 0.4, "sensors": 0.3}
    compiled, agents = (town(values, levers, households=60, engine=engine) for engine in ("compiled", "agents"))
    seen: set[int] = set()
    for model in (compiled, agents):
        model.residents.adopted[::4] = 1
        model.units.on_duty[::2] = 0
        model.households.special[::3] = 1
    for _ in range(16):
        live(compiled, 1)
        live(agents, 1)
        assert state(compiled) == state(agents)
        seen |= set(compiled.households.path.tolist())
    assert seen == {0, 1, 2, 3, 4}, "every path must have been compared"


def test_levers_move_what_they_are_for() -> None:
    def rates(weeks: int = 40, **levers: float) -> dict[str, float]:
        f = live(town(levers=levers, households=800), weeks)
        return {
            "excluded": f["excluded"] / f["grieved"],
            "elders": f["excluded_elders"] / f["grieved_elders"],
            "assisted": f["assisted"] / f["grieved"],
            "unclaimed": f["lumped"] / f["grievances"],
            "response": f["response_hours"] / f["responses"],
        }

    rest, shut, helped = rates(), rates(online_only=1.0), rates(online_only=1.0, assisted_use=0.8)
    assert rest["excluded"] == rest["assisted"] == 0.0
    assert shut["excluded"] > 0.2
    assert shut["unclaimed"] > rest["unclaimed"] + 0.1
    assert helped["excluded"] < 0.5 * shut["excluded"]
    assert helped["assisted"] > shut["assisted"] + 0.1
    assert rates(assisted_use=0.5)["assisted"] > 0.05
    assert rates(150, sensors=1.0)["response"] < 0.98 * rates(150)["response"]


def test_sensors_notice_what_nobody_claims_and_ask_nobody() -> None:
    """With a sensor in every building each failure is known, even where nobody would ever claim."""
    silent = {"claim_intercept": -60.0, "perceive": 0.0, "rate_facility": 0.1, "facility_affected": 1.0}
    model = town(NO_TROUBLE | silent, {"sensors": 1.0})
    total = live(model, 10)
    assert total["claims"] > 0
    assert total["lumped"] == 0
    assert set(model.issues.channel[model.issues.state != 0].tolist()) == {WARNING}
    welfare, inquiry = int(IssueType.WELFARE), int(IssueType.INQUIRY)
    assert is_sensed(welfare, 1, 0.9, 0.1, 0.5)
    assert not is_sensed(welfare, 0, 0.1, 0.1, 0.5)
    assert not is_sensed(inquiry, 1, 0.1, 0.1, 0.5)
    assert is_sensed(FACILITY, 0, 0.1, 0.9, 0.5)


def test_sensors_and_warning_model_are_independent() -> None:
    """Of failures that nobody claims 1 - (1 - s)(1 - w) are known, s = 0.4 and w = 0.5; n > 1,000, s.e. 1.5 %."""
    values = NO_TROUBLE | ALL_CLAIM | {"claim_intercept": -60.0, "rate_welfare": 0.3, "special_welfare": 0.0}
    model = town(values, {"sensors": 0.4, "demand_warning": 0.5}, households=600, communities=1)
    model.households.special[:] = 1
    known = asked = 0
    for _ in range(12):
        live(model, 1)
        with_one = model.households.grievance != NO_GRIEVANCE
        asked += int(with_one.sum())
        known += int((model.households.channel[with_one] == WARNING).sum())
    assert asked > 1000
    expected = 1 - 0.6 * 0.5
    assert known / asked == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / asked))


def test_d8_catches_data_that_age_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "outdated_share", lambda weeks, change: 1 - np.exp(-change * weeks))
    assert verification.data_grow_old().verdict == "fails"


def test_d9_catches_a_leak_that_nobody_heeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths.platform, "suffer_breach", lambda *args: None)
    assert verification.leak(n=50_000).verdict == "fails"


def test_a_leak_costs_trust_and_users() -> None:
    """From the same state, a leak in week 0 leaves fewer users and less trust a quarter later."""
    found = {}
    for breach in (0.0, 1.0):
        leak = [(0, breach), (1, 0.0)]
        settings = [Setting(week, c, "data_breach", value) for week, value in leak for c in range(2)]
        settings += [Setting(-1000, c, "platform_modules", 4.0) for c in range(2)]
        model = CommunityModel(small_district(400, 2), seed=3, settings=settings).run(until=13)
        data = evaluate(model.recorder.dataset()).sel(group="all").isel(week=-1)
        found[breach] = (float(data.online_platform_use_rate), float(data.trust_committee))
    assert found[1.0][0] < found[0.0][0]
    assert found[1.0][1] < found[0.0][1] - 0.005


def test_stress_layers_close_channels_and_leak_data() -> None:
    for layer, lever, value in (("online_only", "online_only", 1.0), ("data_breach", "data_breach", 0.5)):
        inputs = compile(load("ten_household", layers=[f"stress/{layer}"]))
        assert value in {setting.value for setting in inputs.settings if setting.lever == lever}
