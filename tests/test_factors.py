"""What a study varies does what it says: each factor against a file written by hand."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shequ.experiments import RunError
from shequ.experiments.runner import describe
from shequ.experiments.studies import factors
from shequ.experiments.studies.course import ScenarioCourse
from shequ.experiments.studies.definition import course_of
from shequ.model import levers, parameters
from shequ.scenarios import loader
from shequ.scenarios.compile import ModelInputs, compile
from shequ.scenarios.loader import Scenario
from shequ.scenarios.reader import ScenarioError

PLAN = "ten_household"
LAYER = "schema: 1\nname: by_hand\nlayer: true\ntitle: {en: By hand}\n"


def plan(*layers: Path | str) -> Scenario:
    return loader.load(PLAN, layers=layers)


def at(values: dict[str, float], scenario: Scenario | None = None) -> Scenario:
    known = scenario or plan()
    return factors.applied(known, {factors.read(name, known): x for name, x in values.items()})


def layer(folder: Path, text: str) -> Path:
    path = folder / "by_hand.yaml"
    path.write_text(LAYER + text, encoding="utf-8")
    return path


def same(one: ModelInputs, other: ModelInputs) -> bool:
    parts = ("district", "settings", "budget", "events", "paths", "triggers", "parameter_changes")
    return all(getattr(one, part) == getattr(other, part) for part in parts)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"late:head_selection": 20.0}, "slip: {head_selection: P20W}"),
        ({"late:all": 8.0}, "slip: {all: P8W}"),
        ({"slow:all": 1.5}, "slip: {all: {times: 1.5}}"),
        ({"late:all": 8.0, "slow:all": 1.5}, "slip: {all: {by: P8W, times: 1.5}}"),
        ({"late:rollout": 26.0}, "slip: {rollout: P26W}"),
    ],
)
def test_delays_are_those_of_a_layer(values: dict[str, float], text: str, tmp_path: Path) -> None:
    moved, by_hand = compile(at(values), 3), compile(plan(layer(tmp_path, text)), 3)
    assert same(moved, by_hand)
    assert not same(moved, compile(plan(), 3))


@pytest.mark.parametrize("name", ["stress/head_exodus", "stress/budget_cut", "stress/late_funds", "stress/flood"])
def test_a_shock_at_its_full_size_is_its_layer_and_at_none_the_plan(name: str) -> None:
    assert same(compile(at({f"size:{name}": 1.0}), 3), compile(plan(name), 3))
    assert same(compile(at({f"size:{name}": 0.0}), 3), compile(plan(), 3))


def test_half_a_shock_later(tmp_path: Path) -> None:
    """By hand: half of half the money, from a year later to the end; the exodus at half its dose, 26 weeks later."""
    text = "shocks:\n  - {kind: budget_cut, from: district, share: 0.25, start: 2026-12-31, end: 2028-12-29}\n"
    moved = at({"size:stress/budget_cut": 0.5, "time:stress/budget_cut": 52.0})
    assert same(compile(moved, 3), compile(plan(layer(tmp_path, text)), 3))
    text = (
        "interventions:\n  - {id: out, levers: {head_exits: {to: 100, unit: ratio}}, "
        "when: {start: 2027-01-04, end: 2027-01-10}, fidelity: {mean: 0.5}}\n"
    )
    moved = compile(at({"size:stress/head_exodus": 0.5, "time:stress/head_exodus": 26.0}), 3)
    assert moved.settings == compile(plan(layer(tmp_path, text)), 3).settings
    assert max(one.value for one in moved.settings if one.lever == "head_exits") == 1.0 + 0.5 * 99.0


def test_a_shock_that_is_pushed_past_the_end_does_not_happen() -> None:
    late = at({"size:stress/head_exodus": 1.0, "time:stress/head_exodus": 200.0})
    assert same(compile(late, 3), compile(plan(), 3))


def test_items_that_slip_past_the_end_do_not_happen_and_hold_up_what_waits_for_them() -> None:
    found = compile(at({"late:all": 52.0, "slow:all": 2.0, "late:platform_modules": 250.0}), 3)
    assert not [one for one in found.settings if one.lever == "demand_warning"]  # waits for the platform
    with pytest.raises(ScenarioError, match="touches nobody"):
        compile(replace(at({"late:platform_modules": 250.0}), forgiving=False), 3)


def test_money_and_fidelity() -> None:
    whole, part = compile(plan(), 3), compile(at({"money:all": 0.25}), 3)
    paid = [[line.yearly_fen for line in inputs.budget] for inputs in (whole, part)]
    assert paid[1] == [pytest.approx(0.25 * fen, rel=1e-9) for fen in paid[0]]
    (first, *others) = plan().budget
    one = at({f"money:{first.key}": 0.5}).budget
    assert one[0].amount == 0.5 * first.amount
    assert list(one[1:]) == others
    assert {item.fidelity.mean for item in at({"fidelity:all": 0.7}).interventions if item.fidelity} == {0.7}
    chosen = at({"fidelity:head_selection": 0.3})
    assert [item.key for item in chosen.interventions if item.fidelity and item.fidelity.mean == 0.3] == [
        "head_selection"
    ]


@pytest.fixture(scope="module")
def course() -> ScenarioCourse:
    return course_of(describe(PLAN, communities=3, households=30), (12,))


def test_a_lever_goes_where_its_dose_is_said_to_go(course: ScenarioCourse) -> None:
    """Rest 0, farthest 0.8 (to 0.6, then by 0.2): at 0.4 every setting is halved, at 0.8 none moves."""
    lever = factors.read("lever:head_support", course.job.scenario)
    assert levers.catalogue()["head_support"].rest == 0.0
    whole = course.farthest["head_support"]
    assert whole == pytest.approx(0.8)
    plain = course.job.inputs(5).settings
    assert course.job_at({lever: whole}).inputs(5).settings == plain
    halved = course.job_at({lever: whole / 2.0}).inputs(5).settings
    for one, other in zip(halved, plain, strict=True):
        assert one.value == pytest.approx(other.value * (0.5 if other.lever == "head_support" else 1.0))
    assert {one.lever for one, other in zip(halved, plain, strict=True) if one.value != other.value} == {"head_support"}


def test_parameters_reach_the_run_and_weeks_are_whole(course: ScenarioCourse) -> None:
    gain = factors.read("trust_gain", course.job.scenario, 0.02, 0.04)
    assert course.job_at({gain: 0.03}).point == {"trust_gain": 0.03}
    assert gain.at(0.25) == pytest.approx(0.025)
    assert (gain.unit, gain.name) == (parameters.catalogue()["trust_gain"].unit, "trust_gain")
    late = factors.read("late:all", course.job.scenario, 0, 3)
    assert [late.at(u) for u in (0.0, 0.24, 0.26, 0.99, 1.0)] == [0.0, 0.0, 1.0, 3.0, 3.0]


def test_ranges_are_those_of_the_scenario_then_of_the_catalogue() -> None:
    known: dict[str, Any] = {name: factors.read(name, plan()) for name in ("lever:publicity", "trust_gain", "luck")}
    assert (known["lever:publicity"].low, known["lever:publicity"].high) == (0.01, 0.06)
    spec = parameters.catalogue()["trust_gain"]
    assert (known["trust_gain"].low, known["trust_gain"].high) == (spec.low, spec.high)
    assert (known["luck"].low, known["luck"].high) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("name", "low", "high", "message"),
    [
        ("trust_gian", None, None, "no parameter called 'trust_gian'. Did you mean 'trust_gain'"),
        ("lever:head_suport", None, None, "Did you mean 'head_support'"),
        ("lever:influx", None, None, "no lever of ten_household called 'influx'"),
        ("late:head_selektion", None, None, "Did you mean 'head_selection'"),
        ("money:funds", None, None, "no money of ten_household called 'funds'"),
        ("speed:all", None, None, "no kind 'speed'"),
        ("size:stress/budget_cuts", None, None, "stress/budget_cut"),
        ("size:baseline_2023", None, None, "is no layer"),
        ("size:stress/policy_churn", None, None, "vary the parameters instead"),
        ("trust_gain", 0.5, 0.4, "low < high"),
        ("trust_gain", 0.0, 5.0, "allowed: 0.02 to 0.1"),
    ],
)
def test_what_is_no_factor_is_refused(name: str, low: float | None, high: float | None, message: str) -> None:
    with pytest.raises(RunError, match=message):
        factors.read(name, plan(), low, high)


def test_days_stay_inside_the_calendar() -> None:
    found = at({"size:stress/budget_cut": 1.0, "time:stress/budget_cut": -200.0})
    (shock,) = [one for one in found.shocks if one.kind == "budget_cut"]
    assert shock.start == date(2024, 1, 1)
