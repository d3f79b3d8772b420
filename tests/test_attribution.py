"""`shequ attribute`: the parts of a plan, what is left of it without them, and how its effect is shared out."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from shequ.app.attribution import groups_of
from shequ.experiments import RunError, attribution, describe, shapley
from shequ.experiments.attribution import WHOLE, Attribution, attribute, parts_of
from shequ.experiments.replicate import simulate
from shequ.scenarios import compile, loader

SMALL: dict[str, Any] = {"communities": 2, "households": 20, "replicates": 2}
DAY = "2024-04-28"
HEADS = ["head_incentive_package", "head_training_three_tier", "head_support"]
OTHERS = ["data_sharing_platform", "dual_lists", "tripartite_platform"]


@pytest.fixture(scope="module")
def plan() -> loader.Scenario:
    """A plan of six items and a fund, some of which wait for others."""
    whole = loader.load("ten_household")
    keys = {*HEADS, *OTHERS, "unit_downsizing", "community_data_map", "menu_services"}
    return replace(whole, interventions=tuple(item for item in whole.interventions if item.key in keys), milestones=())


@pytest.fixture(scope="module")
def found(plan: loader.Scenario, tmp_path_factory: pytest.TempPathFactory) -> Attribution:
    groups = {"heads": HEADS, "lists": ["dual_lists", "menu_services"]}
    store = tmp_path_factory.mktemp("shelf")
    return attribute(
        plan, observables=["trust_committee", "unit_coverage"], groups=groups, day=DAY, store=store, workers=1, **SMALL
    )


def test_shares_add_up_to_the_whole_plan(found: Attribution) -> None:
    for name in ("trust_committee", "unit_coverage"):
        *parts, whole = found.of(name)
        assert whole["part"] == WHOLE
        for column in ("shapley", "cost"):
            assert sum(row[column] for row in parts) == pytest.approx(whole[column], rel=1e-9, abs=1e-12)
    assert abs(found.of("unit_coverage")[-1]["shapley"]) > 0.0


def test_units_come_from_the_items_that_cut_them(found: Attribution) -> None:
    """Nothing else moves coverage in the first weeks: a game with one player who matters."""
    *parts, whole = found.of("unit_coverage")
    shares = {row["part"]: row["shapley"] for row in parts}
    assert shares["rollout"] == pytest.approx(whole["shapley"], rel=1e-9)
    assert {name for name, share in shares.items() if abs(share) > 1e-12} == {"rollout"}


def test_every_item_and_line_belongs_to_one_part(plan: loader.Scenario, found: Attribution) -> None:
    keys = [key for part in found.parts.values() for key in part]
    assert sorted(keys) == sorted([item.key for item in plan.interventions] + [line.key for line in plan.budget])
    assert found.parts["heads"] == tuple(HEADS)
    by_item = parts_of(describe(plan, **SMALL), "item", {})
    assert len(by_item) == len(plan.interventions) + 1


def test_items_that_wait_keep_their_dates_when_what_they_wait_for_is_left_out(plan: loader.Scenario) -> None:
    whole = compile.compile(plan, 3)
    without = compile.compile(replace(plan, without=frozenset({"dual_lists"})), 3)
    dates = [
        {(move.item, move.lever): move.first_week for move in inputs.moves if move.item == "menu_services"}
        for inputs in (whole, without)
    ]
    assert dates[0]
    assert dates[0] == dates[1]
    assert "dual_lists" not in {move.item for move in without.moves}


WATCHING = """schema: 1
name: watching
title: {en: watching}
extends: baseline_2023
interventions:
  - {id: word, levers: {publicity: {to: 0.2}}, fidelity: {mean: 1}}
triggers:
  - {id: tell, when: {observable: awareness_rate, above: 0.0}, then: {item: word}}
  - {id: train, when: {observable: awareness_rate, above: 0.0}, then: {levers: {elder_training: {to: 2}}}}
"""


def test_what_waits_for_a_trigger_is_a_part_and_so_is_a_trigger(tmp_path: Path) -> None:
    """Awareness follows from what is told: left out, the item must be missed, and in the trigger it must not act."""
    (tmp_path / "watching.yaml").write_text(WATCHING)
    watching = loader.load(tmp_path / "watching.yaml")
    for left, names in (("word", ["train"]), ("train", ["tell"]), ("tell", ["train"])):
        inputs = compile.compile(replace(watching, without=frozenset({left})))
        assert [trigger.name for trigger in inputs.triggers] == names
    store, day = tmp_path / "shelf", "2024-03-31"
    found = attribute(watching, observables=["awareness_rate"], by="item", day=day, store=store, workers=1, **SMALL)
    assert set(found.parts) == {"word", "train"}
    *parts, whole = found.of("awareness_rate")
    shares = {row["part"]: row["shapley"] for row in parts}
    assert shares["word"] == pytest.approx(whole["shapley"], rel=1e-9)
    assert shares["word"] > 0.01
    twice = WATCHING.replace("id: train", "id: word")
    (tmp_path / "twice.yaml").write_text(twice)
    with pytest.raises(RunError, match="word names two of items, triggers and budget lines"):
        parts_of(describe(tmp_path / "twice.yaml", **SMALL), "item", {})


def test_parts_add_up_where_a_run_knows_no_value() -> None:
    """Three replicates; in the last, nobody can be asked unless part 0 acts: it counts for no part."""
    orders = [[(0, 1), (1, 0)]] * 3
    rng = np.random.default_rng(1)
    needed = shapley.needed(2, orders[0])
    games = [{one: np.array([rng.normal(), 0.0, 1.0]) for one in needed} for _ in orders]
    for one in needed:
        if 0 not in one:
            games[2][one][0] = np.nan
    columns = ["trust_committee", "public_spending_total", "charity_spending_total"]
    table: Any = attribution._table(games, orders, ["a", "b"], columns, columns[:1])
    *parts, whole = table.to_dict("records")
    assert [row["replicates"] for row in (*parts, whole)] == [2, 2, 2]
    assert sum(row["shapley"] for row in parts) == pytest.approx(whole["shapley"])
    both = np.array([float(game[frozenset({0, 1})][0] - game[frozenset()][0]) for game in games[:2]])
    assert whole["shapley"] == pytest.approx(both.mean())
    low, high = stats.ttest_1samp(both, 0.0).confidence_interval(0.95)
    assert (whole["low"], whole["high"]) == pytest.approx((low, high))
    assert low < 0.0 < high
    assert np.isnan([row["share"] for row in (*parts, whole)]).all(), "no share of what may be nothing"


def test_json_has_the_rows(found: Attribution) -> None:
    told = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert len(told["rows"]) == len(found.table)
    assert told["rows"][0]["shapley"] == found.table["shapley"].iloc[0]
    assert told["observables"] == ["trust_committee", "unit_coverage"]


@pytest.mark.study
def test_a_plan_without_any_part_is_the_world_without_a_plan(plan: loader.Scenario) -> None:
    """Phases alone change nothing that residents notice."""
    keys = frozenset([item.key for item in plan.interventions] + [line.key for line in plan.budget])
    empty = describe(replace(plan, without=keys), **SMALL, until="2024-06-30")
    world = describe("baseline_2023", **SMALL, until="2024-06-30")
    mine, theirs = (simulate(run.job, 5).sel(group="all") for run in (empty, world))
    for name in ("trust_committee", "participation_rate", "unit_coverage", "public_spending_total"):
        np.testing.assert_array_equal(mine[name], theirs[name])
    assert empty.identity != describe(plan, **SMALL, until="2024-06-30").identity


@pytest.mark.study
def test_files_are_the_same_bytes_for_any_number_of_workers(
    plan: loader.Scenario, found: Attribution, tmp_path: Path
) -> None:
    two = attribute(
        plan,
        observables=["trust_committee", "unit_coverage"],
        groups={"heads": HEADS, "lists": ["dual_lists", "menu_services"]},
        day=DAY,
        store=tmp_path / "shelf",
        workers=2,
        **SMALL,
    )
    for name, one in (("one", found), ("two", two)):
        one.save(tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"replicates": 1}, "at least 2 replicates"),
        ({"runs": 5}, "5 runs are too few"),
        ({"groups": {"x": ["nothing"]}}, "is no item of"),
        ({"groups": {"x": ["dual_lists"], "y": ["dual_lists"]}}, "stands in the group 'x' already"),
        ({"groups": {"rollout": ["dual_lists"]}}, "name of what you did not name: unit_downsizing"),
        ({"groups": {WHOLE: ["dual_lists"]}}, "name of the whole plan"),
        ({"groups": {"x": ["dual_list"]}}, "Did you mean 'dual_lists'"),
    ],
)
def test_wrong_input_is_refused_before_anything_runs(
    plan: loader.Scenario, given: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match=message):
        attribute(plan, store=tmp_path, **SMALL | given)
    assert not list(tmp_path.rglob("*.gz"))


def test_groups_of_the_command_line_are_checked() -> None:
    assert groups_of(["a=x, y", "b=z"]) == {"a": ["x", "y"], "b": ["z"]}
    with pytest.raises(RunError, match="names no group"):
        groups_of(["a"])
    with pytest.raises(RunError, match="given twice"):
        groups_of(["a=x", "a=y"])
