"""Scenarios as data: what compiles, what it compiles to, and that nothing of the register is lost."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shequ.calibration import evidence
from shequ.model import levers, observables
from shequ.model.district import Archetype
from shequ.model.levers import LeverSchedule
from shequ.model.recorder import GROUPS
from shequ.scenarios import catalogue, compile, durations, json_schema, loader, texts, words
from shequ.scenarios.reader import ScenarioError
from shequ.scenarios.schema import Overlay

WEEKS = 261  # Mondays from 2024-01-01 to 2028-12-31 [G0]
PLAN = "ten_household"


def write(folder: Path, text: str, name: str = "mine") -> Path:
    """A scenario file with the required head."""
    path = folder / f"{name}.yaml"
    path.write_text(f"schema: 1\nname: {name}\ntitle: {{en: {name}}}\nextends: baseline_2023\n{text}", encoding="utf-8")
    return path


def through_time(inputs: compile.ModelInputs) -> np.ndarray:
    """Every lever by (week, community), as the model's own schedule plays the settings."""
    schedule = LeverSchedule(len(inputs.district.communities), list(inputs.settings))
    frames: list[np.ndarray] = []
    for week in range(inputs.calendar.weeks):
        schedule.advance(week)
        frames.append(schedule.now.copy())
    return np.stack(frames)


# --- files of the project ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, _, _ in loader.available()])
def test_every_scenario_of_the_project_passes_check(name: str) -> None:
    assert texts.check(name) == []


def test_json_schema_is_fresh() -> None:
    committed = json_schema.FILE.read_text(encoding="utf-8")
    assert committed == json_schema.text(), "run: python -m shequ.scenarios.json_schema"


def test_schema_names_archetypes_and_groups_of_the_model() -> None:
    assert list(words.ARCHETYPES) == [kind.label for kind in Archetype]
    assert set(words.Kind.__args__) == set(words.ARCHETYPES)
    assert set(words.Group.__args__) == set(GROUPS)


def test_no_measure_of_the_register_is_missing() -> None:
    entries = catalogue.catalogue()
    placed = list(catalogue.aliases()) + [slug for entry in entries.not_modelled for slug in entry.slugs]
    wanted = [f"{PLAN}/{slug}" for slug in evidence.registers()[PLAN].interventions]
    assert len(wanted) == 65
    assert sorted(slug for slug in placed if slug.startswith(f"{PLAN}/")) == sorted(wanted)


# --- district ---------------------------------------------------------------------------------------------------------


def test_baseline_district_has_twenty_communities_and_sixty_thousand_residents() -> None:
    inputs = compile.compile("baseline_2023")
    kinds = [Archetype(community.archetype).label for community in inputs.district.communities]
    assert {kind: kinds.count(kind) for kind in kinds} == {"new_estate": 6, "old_neighbourhood": 9, "urban_village": 5}
    assert inputs.district.subdistricts == 2
    rows = inputs.parameter_rows()
    residents = sum(
        community.households * rows[c][f"household_size_{kinds[c]}"]
        for c, community in enumerate(inputs.district.communities)
    )
    assert residents == pytest.approx(60_000, rel=0.03)
    assert (inputs.settings, inputs.calendar.weeks) == ((), WEEKS)


def test_district_and_phases_do_not_depend_on_the_seed() -> None:
    one, other = compile.compile(PLAN, 1), compile.compile(PLAN, 2)
    assert (one.district, one.phases) == (other.district, other.phases)
    assert one.settings != other.settings
    assert one.hash == other.hash


def test_more_communities_of_one_type_change_no_others() -> None:
    scenario = loader.load("baseline_2023")
    first, *rest = scenario.communities
    grown = replace(scenario, communities=(first.model_copy(update={"count": 8}), *rest))
    before = {c.id: c.households for c in compile.compile(scenario).district.communities}
    after = {c.id: c.households for c in compile.compile(grown).district.communities}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 2


def test_small_districts_compile_too() -> None:
    scenario = loader.load(PLAN)
    for count in (1, 2, 3):
        small = tuple(
            entry.model_copy(update={"count": count, "households": [60, 60]}) for entry in scenario.communities
        )
        inputs = compile.compile(replace(scenario, communities=small))
        assert len(inputs.district.communities) == 3 * count


# --- phases -----------------------------------------------------------------------------------------------------------


def test_phases_reach_what_the_plan_says() -> None:
    inputs = compile.compile(PLAN)
    pilot, rollout, optimise = inputs.phases
    kinds = {inputs.district.communities[row].archetype for row in pilot.entry}
    assert (len(pilot.entry), len(kinds)) == (5, 3)
    assert (len(rollout.entry), len(optimise.entry)) == (16, 20)
    assert set(pilot.entry) < set(rollout.entry) < set(optimise.entry)
    weeks = sorted(rollout.entry[row] for row in rollout.new)
    assert weeks[0] == inputs.calendar.week_of(date(2025, 1, 1))
    assert weeks[-1] <= inputs.calendar.week_of(date(2026, 12, 31))
    assert max(np.diff(weeks)) - min(np.diff(weeks)) <= 1  # evenly spread


def test_best_first_takes_the_readiest_and_worst_first_the_least_ready(tmp_path: Path) -> None:
    from shequ.scenarios.places import places_of

    chosen: dict[str, set[int]] = {}
    for order in ("best_first", "worst_first"):
        text = f"phases: [{{name: one, start: 2024-01-01, end: 2024-12-31, reach: 0.5, order: {order}}}]\n"
        scenario = loader.load(write(tmp_path, text))
        chosen[order] = set(compile.compile(scenario).phases[0].entry)
        ready = {place.row: place.readiness for place in places_of(scenario)}
    assert min(ready[row] for row in chosen["best_first"]) > max(ready[row] for row in chosen["worst_first"])


def test_items_hold_from_the_week_a_community_enters(tmp_path: Path) -> None:
    text = """
phases:
  - {name: one, start: 2024-01-01, end: 2024-12-31, reach: 0.5}
  - {name: two, start: 2025-01-01, end: 2026-12-31, reach: 1.0}
interventions:
  - {id: pay, levers: {head_subsidy: {to: 300, unit: CNY/month}}, where: {phase: any}}
  - id: more
    levers: {head_subsidy: {to: 600, unit: CNY/month}}
    where: {phase: one}
    when: {start: 2025-07-01, end: 2025-12-31}
"""
    inputs = compile.compile(write(tmp_path, text))
    pay = through_time(inputs)["head_subsidy"]
    start, end = inputs.calendar.week_of(date(2025, 7, 1)), inputs.calendar.week_of(date(2025, 12, 31))
    first = inputs.phases[0].entry
    for row, entry in enumerate(inputs.entry_week):
        assert entry is not None
        expected = np.where(np.arange(WEEKS) >= entry, 300.0, 0.0)
        if row in first:
            expected[start : end + 1] = 600.0  # the later item lies over the earlier one, and gives way when it ends
        assert np.array_equal(pay[:, row], expected)


def test_a_slip_pushes_phase_and_items_that_wait(tmp_path: Path) -> None:
    text = """
phases:
  - {name: one, start: 2024-01-01, end: 2024-12-31, reach: 0.5}
  - {name: two, start: 2025-01-01, end: 2026-12-31, reach: 1.0}
interventions:
  - {id: a, levers: {data_sharing: {to: 1}}, when: {start: 2024-06-03, ramp_weeks: 10}}
  - {id: b, levers: {menu_ordering: {to: 1}}, after: {item: a, lag: P4W}}
"""
    plain = compile.compile(write(tmp_path, text))
    late = compile.compile(write(tmp_path, text + "slip: {one: P6M, a: P8W}\n", "late"))
    first = {move.item: move.first_week for move in plain.moves}
    second = {move.item: move.first_week for move in late.moves}
    assert first["b"] == first["a"] + 10 + 4
    assert (second["a"] - first["a"], second["b"] - first["b"]) == (8, 8)
    assert late.phases[0].start == date(2024, 7, 1)
    assert late.phases[1].start == late.phases[0].end.replace(day=1, month=7) + (late.phases[0].end - date(2025, 6, 30))


# --- doses ------------------------------------------------------------------------------------------------------------


def test_ramp_climbs_in_equal_steps(tmp_path: Path) -> None:
    text = """
interventions:
  - {id: short, levers: {head_support: {to: 0.8}}, when: {start: 2024-03-04, ramp_weeks: 8}}
  - {id: long, levers: {data_sharing: {to: 0.5}}, when: {start: 2024-03-04, ramp_weeks: 40}}
"""
    now = through_time(compile.compile(write(tmp_path, text)))[:, 0]
    week = 9  # 2024-03-04
    assert now["head_support"][week - 1 : week + 9] == pytest.approx([0, *np.arange(1, 9) / 10, 0.8])
    assert now["data_sharing"][week : week + 40] == pytest.approx(np.repeat(np.arange(1, 11) / 20, 4))
    assert now["data_sharing"][-1] == 0.5


def test_rates_of_another_period_are_converted(tmp_path: Path) -> None:
    levers = "{unit_deliberations: {to: 52, unit: 1/year}, publicity: {to: 0.52, unit: share/year}}"
    text = f"interventions: [{{id: a, levers: {levers}}}]\n"
    now = through_time(compile.compile(write(tmp_path, text)))[0, 0]
    assert now["unit_deliberations"] == pytest.approx(52 / 12)
    assert now["publicity"] == pytest.approx(0.52 * 7 / 365.25)


def test_rules_jump_and_are_not_thinned_by_fidelity() -> None:
    inputs = compile.compile(PLAN, 3)
    rule = through_time(inputs)["partition_rule"]
    for row, (community, entry) in enumerate(zip(inputs.district.communities, inputs.entry_week, strict=True)):
        wanted = {"new_estate": 1.0, "old_neighbourhood": 2.0, "urban_village": 3.0}[
            Archetype(community.archetype).label
        ]
        assert np.array_equal(rule[:, row], np.where(np.arange(WEEKS) >= (entry or 0), wanted, 0.0))


def fidelity_sample(mean: float, folder: Path) -> np.ndarray:
    """Doses that reached 2,000 communities, of a full dose, with sd 0.1."""
    text = f"""
district:
  communities: [{{archetype: new_estate, count: 2000, households: [50, 50]}}]
interventions:
  - {{id: a, levers: {{head_support: {{to: 1}}}}, fidelity: {{mean: {mean}, sd: 0.1}}}}
"""
    inputs = compile.compile(write(folder, text), 5)
    return np.array([setting.value for setting in inputs.settings])


def is_normal(doses: np.ndarray, mean: float) -> bool:
    """Whether mean and variance are those of a normal (mean, 0.1), each within 4 standard errors."""
    n = len(doses)
    mean_error, variance_error = 0.1 / np.sqrt(n), 0.01 * np.sqrt(2 / (n - 1))
    return abs(doses.mean() - mean) < 4 * mean_error and abs(doses.var(ddof=1) - 0.01) < 4 * variance_error


def test_fidelity_has_the_stated_mean_and_spread(tmp_path: Path) -> None:
    """n = 2,000 doses; expected mean 0.6 (s.e. 0.0022) and variance 0.01 (s.e. 3.2 %); 0 and 1 are 4 sd away."""
    assert is_normal(fidelity_sample(0.6, tmp_path), 0.6)


def test_fidelity_check_catches_a_wrong_implementation(tmp_path: Path) -> None:
    doses = fidelity_sample(0.6, tmp_path)
    assert not is_normal(np.full_like(doses, 0.6), 0.6)  # the mean handed to everybody
    assert not is_normal(0.6 + 0.1 * np.sqrt(12) * (doses.argsort().argsort() / len(doses) - 0.4), 0.6)  # shifted


def test_fidelity_moves_a_lever_part_of_the_way(tmp_path: Path) -> None:
    text = "interventions: [{id: a, levers: {head_duties: {to: 8}}, fidelity: {mean: 0.75}}]\n"
    assert through_time(compile.compile(write(tmp_path, text)))[0, 0]["head_duties"] == pytest.approx(12 - 0.75 * 4)


@given(
    to=st.floats(0, 1),
    start=st.integers(0, 250),
    length=st.integers(1, 60),
    ramp=st.integers(0, 60),
    mean=st.floats(0, 1),
)
@settings(max_examples=40, deadline=None)
def test_a_dose_never_leaves_the_way_between_rest_and_target(
    to: float, start: int, length: int, ramp: int, mean: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monday = date(2024, 1, 1).toordinal() + 7 * start
    end = min(monday + 7 * length, date(2028, 12, 31).toordinal())
    text = (
        f"interventions: [{{id: a, levers: {{head_support: {{to: {to:.6f}}}}}, fidelity: {{mean: {mean:.6f}}}, "
        f"when: {{start: {date.fromordinal(monday)}, end: {date.fromordinal(end)}, ramp_weeks: {ramp}}}}}]\n"
    )
    path = write(tmp_path_factory.mktemp("dose"), text)
    if float(f"{to:.6f}") == 0.0:
        with pytest.raises(ScenarioError, match="changes nothing"):
            compile.compile(path)
        return
    values = through_time(compile.compile(path))["head_support"][:, 0]
    assert values.min() >= 0.0
    assert values.max() <= to * mean + 1e-6
    assert values[:start].max(initial=0.0) == 0.0
    stop = (date.fromordinal(end) - date(2024, 1, 1)).days // 7 + 1
    assert values[stop:].max(initial=0.0) == 0.0
    assert (np.diff(values[start:stop]) >= 0).all()


def test_every_setting_lies_within_bounds_and_every_item_touches_somebody() -> None:
    inputs = compile.compile(PLAN, 11)
    known = levers.catalogue()
    assert all(known[s.lever].low <= s.value <= known[s.lever].high for s in inputs.settings)
    assert all(0 <= s.week < WEEKS for s in inputs.settings)
    assert all(move.rows and move.changes for move in inputs.moves)
    assert {s.lever for s in inputs.settings} == set(compile.audit(inputs))


# --- laying over ------------------------------------------------------------------------------------------------------


def test_variants_lay_over_the_plan() -> None:
    for variant in loader.variants(PLAN):
        inputs = compile.compile(f"{PLAN}:{variant}")
        assert inputs.name == f"{PLAN}:{variant}"
        assert inputs.hash != compile.compile(PLAN).hash
    wide = compile.compile(f"{PLAN}:district_wide_2024").milestones
    assert {m.id: m.area for m in wide}["T2024-coverage"] == "all"


def test_layers_and_settings_lie_over_the_plan() -> None:
    plain = compile.compile(PLAN)
    scenario = loader.load(PLAN, layers=["stress/platform_outage"], settings={"head_subsidy": "3600 CNY/year"})
    inputs = compile.compile(scenario)
    assert inputs.name == "ten_household+platform_outage"
    now, before = through_time(inputs), through_time(plain)
    assert (now["head_subsidy"] == 300.0).all()
    down = slice(inputs.calendar.week_of(date(2027, 1, 1)), inputs.calendar.week_of(date(2027, 6, 30)) + 1)
    assert (now["platform_modules"][down] == 0).all()
    assert np.array_equal(now["platform_modules"][down.stop :], before["platform_modules"][down.stop :])


def test_a_budget_cut_takes_its_share_of_the_years_it_covers() -> None:
    inputs = compile.compile(loader.load(PLAN, layers=["stress/budget_cut"]))
    district = {line.first_year: line.yearly_fen for line in inputs.budget if line.payer == "district"}
    assert district == {year: 250_000_000 if year in {2026, 2027} else 500_000_000 for year in range(2024, 2029)}
    assert [line.yearly_fen for line in inputs.budget if line.payer == "donations"] == [200_000_000]


def test_drop_leaves_entries_out(tmp_path: Path) -> None:
    path = tmp_path / "less.yaml"
    text = f"schema: 1\nname: less\ntitle: {{en: less}}\nextends: {PLAN}\ndrop: [head_selection, G-awareness]\n"
    path.write_text(text, encoding="utf-8")
    inputs = compile.compile(path)
    assert "head_selection" not in {move.item for move in inputs.moves}
    assert len(inputs.milestones) == len(compile.compile(PLAN).milestones) - 1


def test_areas_follow_the_phases() -> None:
    inputs = compile.compile(PLAN)
    areas = inputs.areas(range(-10, WEEKS))
    assert areas["pilot"].sum(axis=1).tolist() == [5.0] * (WEEKS + 10)
    reached = areas["reached"].sum(axis=1)
    assert (reached[0], reached[10], reached[10 + 155], reached[-1]) == (0, 5, 16, 20)
    assert (np.diff(reached) >= 0).all()


# --- texts ------------------------------------------------------------------------------------------------------------


def test_show_names_every_item_and_milestone() -> None:
    text = texts.show(PLAN)
    scenario = loader.load(PLAN)
    for key in [item.key for item in scenario.interventions] + [m.id for m in scenario.milestones]:
        assert key in text
    assert "社区十联户工作方案" in text


def test_new_writes_a_file_that_passes_and_does_not_overwrite(tmp_path: Path) -> None:
    path = texts.new("my_plan", tmp_path / "my_plan.yaml")
    assert texts.check(path) == []
    assert compile.compile(path).name == "my_plan"
    with pytest.raises(ScenarioError, match="exists already"):
        texts.new("my_plan", path)
    with pytest.raises(ScenarioError, match="lower-case"):
        texts.new("My plan", tmp_path / "other.yaml")


def test_diff_shows_only_what_differs() -> None:
    assert "are the same" in texts.diff(PLAN, PLAN)
    lines = texts.diff(PLAN, f"{PLAN}:yearly_training").splitlines()[2:]
    assert lines == [
        "- head_training_three_tier head_trainings: to 4 1/year",
        "+ head_training_three_tier head_trainings: to 1 1/year",
    ]


# --- durations --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "duration", "expected"),
    [
        (date(2024, 1, 31), "P1M", date(2024, 2, 29)),
        (date(2023, 11, 30), "P3M", date(2024, 2, 29)),
        (date(2024, 2, 29), "P1Y", date(2025, 2, 28)),
        (date(2024, 1, 1), "P8W", date(2024, 2, 26)),
        (date(2024, 12, 25), "P1M10D", date(2025, 2, 4)),
    ],
)
def test_durations_follow_the_calendar(day: date, duration: str, expected: date) -> None:
    assert durations.add(day, duration) == expected


def test_catalogue_entries_fit_the_levers_and_observables_exist() -> None:
    assert len(catalogue.interventions()) > 40
    for name, entry in catalogue.interventions().items():
        assert set(entry.levers) <= set(levers.catalogue()), name
    assert {m.observable for m in compile.compile(PLAN).milestones if m.measurable} <= set(observables.catalogue())
    assert isinstance(loader.load(PLAN).origin, Overlay)
