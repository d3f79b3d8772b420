"""The Four Creations and standardisation as files: preparation, readings kept as variants, doses within bounds."""

from datetime import date
from pathlib import Path

import pytest

from shequ.model import levers
from shequ.scenarios import compile, loader

PLANS = ("four_creations", "standardization")
HEAD = "schema: 1\nname: mine\ntitle: {en: mine}\nextends: baseline_2023\nphases:\n"
PREPARING = "  - {name: preparing, start: 2024-01-01, end: 2024-06-30}\n"
PILOT = "  - {name: pilot, start: 2024-07-01, end: 2024-12-31, select: {max: 3}, entry: at_start}\n"
ROLLOUT = "  - {name: rollout, start: 2025-01-01, end: 2025-12-31, reach: 1.0}\n"


def compiled(folder: Path, phases: str) -> compile.ModelInputs:
    path = folder / "mine.yaml"
    path.write_text(HEAD + phases, encoding="utf-8")
    return compile.compile(path)


def test_preparation_brings_nobody_in_and_is_no_pilot(tmp_path: Path) -> None:
    """Pilots are the communities of the first phase that brings any in, whatever precedes it."""
    plain, prepared = (compiled(tmp_path, text) for text in (PILOT + ROLLOUT, PREPARING + PILOT + ROLLOUT))
    weeks = range(261)
    assert prepared.areas(weeks)["pilot"].sum() == 261 * 3
    assert (prepared.areas(weeks)["pilot"] == plain.areas(weeks)["pilot"]).all()
    assert (prepared.areas(weeks)["reached"] == plain.areas(weeks)["reached"]).all()
    assert prepared.paths == plain.paths
    assert prepared.areas(weeks)["reached"][:26].sum() == 0  # 26 Mondays before the pilot's


def test_phases_reach_what_the_plans_say() -> None:
    inputs = compile.compile("four_creations")
    reached = inputs.areas(range(261))["reached"].mean(axis=1)
    pilot, rollout = inputs.calendar.week_of(date(2024, 7, 1)), inputs.calendar.week_of(date(2026, 12, 31))
    assert [reached[0], reached[pilot], reached[rollout]] == [0.0, pytest.approx(0.2), 1.0]
    kinds = {inputs.district.communities[row].archetype for row in inputs.phases[1].new}
    assert len(kinds) == 3  # old, new and floating population
    every = compile.compile("standardization")
    assert every.areas(range(261))["reached"].mean(axis=1)[every.calendar.week_of(date(2025, 12, 31))] == 1.0


@pytest.mark.parametrize("plan", PLANS)
def test_settings_lie_within_bounds_and_every_item_touches_somebody(plan: str) -> None:
    for seed in range(4):  # fidelity differs by seed
        inputs = compile.compile(plan, seed)
        known = levers.catalogue()
        assert all(known[s.lever].low <= s.value <= known[s.lever].high for s in inputs.settings)
        assert all(move.rows and move.changes for move in inputs.moves)


@pytest.mark.parametrize("plan", PLANS)
def test_every_variant_changes_the_plan(plan: str) -> None:
    hashes = {compile.compile(f"{plan}:{variant}").hash for variant in loader.variants(plan)}
    assert len(hashes | {compile.compile(plan).hash}) == len(loader.variants(plan)) + 1 == 5


def lever_at(name: str, lever: str, day: date) -> list[float]:
    """What ``lever`` is set to in each community on ``day``."""
    inputs = compile.compile(name)
    week = inputs.calendar.week_of(day)
    held = {s.row: s.value for s in inputs.settings if s.lever == lever and s.week <= week}
    return [held.get(row, levers.find(lever).rest) for row in range(len(inputs.district.communities))]


def test_readings_of_contradictions_move_what_they_say() -> None:
    end = date(2028, 12, 25)
    assert set(lever_at("standardization", "outcome_weight", end)) == {0.6}
    assert set(lever_at("standardization:outcomes_seventy", "outcome_weight", end)) == {0.7}
    assert set(lever_at("standardization:fifteen_workers", "staff_per_10000", end)) == {15.0}
    assert max(lever_at("standardization", "project_subsidy", end)) == 0.25
    assert max(lever_at("standardization:residents_pay_the_rest", "project_subsidy", end)) == 0.0
    assert set(lever_at("four_creations:norm_as_printed", "staff_per_10000", end)) == {3.8}
    assert min(lever_at("four_creations", "staff_per_10000", end)) > levers.find("staff_per_10000").rest
    wide = compile.compile("four_creations:district_wide_2025").milestones
    assert {m.area for m in wide if m.by == date(2025, 12, 31) and m.measurable} == {"all"}
