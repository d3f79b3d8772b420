"""The plans as files: complete registers, promises as recorded, figures drawn from ranges, plans together."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from shequ.calibration import evidence
from shequ.model import levers
from shequ.model.draws import replicate_seeds
from shequ.scenarios import catalogue, combining, compile, loader, texts
from shequ.scenarios.reader import ScenarioError

PLANS = {"subdistrict_creation": "subdistrict", "z_community_refined": "z_community"}
RECORDS = {"subdistrict": 159, "z_community": 60}
TOGETHER = ("ten_household", "four_creations", "standardization", "subdistrict_creation", "z_community_refined")


@pytest.mark.parametrize("register", RECORDS)
def test_every_measure_of_a_register_has_one_place(register: str) -> None:
    """Each slug is an alias of one entry or is not modelled; the loader refuses a slug in two places."""
    known = catalogue.catalogue()
    placed = {*catalogue.aliases(), *(slug for entry in known.not_modelled for slug in entry.slugs)}
    wanted = {f"{register}/{slug}" for slug in evidence.registers()[register].interventions}
    assert {slug for slug in placed if slug.startswith(f"{register}/")} == wanted


@pytest.mark.parametrize("plan", PLANS)
def test_registers_are_complete_and_every_promise_is_a_milestone(plan: str) -> None:
    register = evidence.registers()[PLANS[plan]]
    assert len(register.records) == RECORDS[PLANS[plan]]
    promised = {id for milestone in loader.load(plan).milestones for id in milestone.evidence}
    assert {record.id for record in register.records if record.kind == "target"} <= promised
    assert {record.id for record in evidence.used_for("milestone", PLANS[plan])} == promised


@pytest.mark.parametrize("plan", PLANS)
def test_milestones_say_what_the_records_say(plan: str) -> None:
    """Value, direction and day; undated promises fall on the last day, or on one that is marked as assumed."""
    counted = 0
    assumed = {promise.id for promise in loader.load(plan).milestones if promise.assumed}
    for milestone in compile.compile(plan).milestones:
        for record in map(evidence.record, milestone.evidence):
            if record.kind != "target":
                continue
            counted += 1
            assert record.value in (pytest.approx(milestone.target), pytest.approx(milestone.target_high or 0.0))
            if milestone.direction != "between":
                downward = record.bound in {"le", "lt"} or record.metric.startswith("visits_per_errand")
                assert milestone.direction == ("at_most" if downward else "at_least"), milestone.id
            if isinstance(record.date, date):
                assert milestone.by == record.date, milestone.id
            else:
                assert milestone.by == date(2028, 12, 31) or milestone.id in assumed, milestone.id
    assert counted == {"subdistrict_creation": 43, "z_community_refined": 5}[plan]


# --- drawn from ranges ------------------------------------------------------------------------------------------------


def drawn(seed: int) -> tuple[int, float, float]:
    """Households, share of elder households and outreach of Community Z in the run of ``seed``."""
    inputs = compile.compile("z_community_refined", seed)
    outreach = max(s.value for s in inputs.settings if s.lever == "neighbour_festivals" and s.week == 0)
    elders = inputs.parameter_changes[0]["elder_household_share_old_neighbourhood"]
    return inputs.district.communities[0].households, elders, outreach


def test_blanked_figures_are_drawn_from_the_seed() -> None:
    assert drawn(3) == drawn(3)
    seen = [drawn(int(seed)) for seed in replicate_seeds(0, 40)]
    for values, (low, high) in zip(zip(*seen, strict=True), ((800, 3000), (0.3, 0.65), (4, 20)), strict=True):
        array = np.array(values, float)
        assert low <= array.min() < array.max() <= high
        error = (high - low) / np.sqrt(12 * len(array))  # n = 40 uniform draws
        assert abs(array.mean() - (low + high) / 2) < 4 * error
        assert not abs(array.mean() - high) < 4 * error  # the upper end handed to everybody
    pairs = np.corrcoef(np.array(seen).T)
    assert (np.abs(pairs[np.triu_indices(3, 1)]) < 4 / np.sqrt(len(seen))).all()  # each figure has its own draw


HEAD = "schema: 1\nname: bad\ntitle: {en: bad}\nextends: baseline_2023\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("interventions: [{id: a, levers: {publicity: {range: [0.2, 0.1]}}}]", "the first number is the smaller one"),
        ("interventions: [{id: a, levers: {publicity: {range: [0.1, 0.9]}}}]", "publicity may be 0 to 0.5 share/week"),
        ("interventions: [{id: a, levers: {consent_rule: {range: [1, 3]}}}]", "chooses between rules"),
        ("interventions: [{id: a, levers: {publicity: {to: 0.1, range: [0.1, 0.2]}}}]", "found to and range"),
        ("uncertain: [{lever: publicity, range: [0.1, 0.2], drawn: true}]", "write the range of a lever at its dose"),
        ("combine: [ten_houshold]", "Did you mean 'ten_household'"),
        ("combine: [ten_household, 'ten_household:growing_fund']", "a second time"),
        ("combine: [all_plans]", "which combines plans itself"),
        ("combine: [stress/budget_cut]", "does not run by itself"),
    ],
)
def test_bad_ranges_and_combinations_are_named(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(f"{HEAD}{text}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        compile.compile(path)
    assert len(caught.value.problems) == 1
    assert message in str(caught.value)
    assert str(path) in str(caught.value) or "budget_cut" in str(caught.value)


# --- plans together ---------------------------------------------------------------------------------------------------


def test_plans_together_keep_all_their_entries_under_their_names() -> None:
    whole = loader.load("all_plans")
    assert set(whole.plans) == set(whole.origin.combine) >= set(TOGETHER)
    dropped = set(whole.origin.drop)
    assert dropped == {"z_community_refined.building_self_management"}
    for name in TOGETHER:
        plan = loader.load(name)
        for entries in ("interventions", "phases", "milestones", "budget"):
            mine = {f"{name}.{loader._key(entry)}" for entry in getattr(plan, entries)}
            assert mine - dropped <= {loader._key(entry) for entry in getattr(whole, entries)}
    assert len(compile.compile("all_plans").district.communities) == 20


def test_money_of_plans_adds_up() -> None:
    """What all plans promise is the sum of what each does; 50 yuan a head are for the 60,000 of this district."""
    lines = loader.load("all_plans").budget
    district = {line.key: line.amount for line in lines if line.payer == "district" and line.per == "district"}
    assert district["ten_household.ten_household_fund.district"] == 5_000_000
    assert district["subdistrict_creation.special_fund.district"] == 50 * 60_000
    assert district["subdistrict_creation.prize_pool"] == 3 * 500_000
    each = {line.key: line.amount for line in lines if line.payer == "district" and line.per == "community"}
    fen = sum(money.yearly_fen for money in compile.compile("all_plans").budget if money.payer == "district")
    assert fen == 100 * (sum(district.values()) + 20 * sum(each.values()))


def test_of_plans_on_one_lever_the_farthest_dose_holds() -> None:
    """Where several plans move a lever, it goes as far as the farthest of them, not as far as their sum."""
    inputs = compile.compile("all_plans", 7)
    table = {rivalry.lever: rivalry for rivalry in inputs.rivalries}
    council = table["council_parties"]  # four groups in one plan, three in the others
    assert max(council.settings, key=lambda name: council.settings[name]) == "ten_household"
    assert council.held["ten_household"] > 0
    last = {(s.row, s.lever): s.value for s in inputs.settings}
    for rivalry in inputs.rivalries:
        spec = levers.find(rivalry.lever)
        reach = max(abs(value - spec.rest) for value in rivalry.settings.values())
        ends = [abs(value - spec.rest) for (_, lever), value in last.items() if lever == rivalry.lever]
        assert max(ends) == pytest.approx(reach), rivalry.lever  # not the sum of both
    text = texts.show("all_plans")
    assert all(f"  {lever}" in text for lever in table)


def test_each_plan_together_has_its_own_pilots_and_reach() -> None:
    inputs = compile.compile("all_plans")
    areas = inputs.areas(range(261), np.ones((261, 20)))
    assert areas["ten_household.pilot"][0].sum() == 5
    assert areas["subdistrict_creation.reached"][-1].sum() == 20
    assert areas["ten_household.reached"][10].sum() == 5  # the other plan's communities are not this one's


def test_triggers_waits_and_slips_of_a_plan_bear_its_name(tmp_path: Path) -> None:
    path = tmp_path / "both.yaml"
    path.write_text(f"{HEAD}combine: [four_creations, cases/adaptive_heads]\n", encoding="utf-8")
    both, alone = loader.load(path), loader.load("cases/adaptive_heads")
    assert alone.triggers
    assert [t.key for t in both.triggers] == [f"adaptive_heads.{t.key}" for t in alone.triggers]
    inputs = compile.compile(both)
    assert {t.name for t in inputs.triggers} == {f"adaptive_heads.{t.key}" for t in alone.triggers}
    layer = tmp_path / "slow.yaml"
    layer.write_text(
        "schema: 1\nname: slow\nlayer: true\ntitle: {en: slow}\nslip: {all: P12W}\n"
        "interventions: [{id: late_word, levers: {publicity: {by: 0.01}}, after: {phase: pilot}}]\n",
        encoding="utf-8",
    )
    slow = combining.combine(loader.load("baseline_2023"), [loader.load("ten_household", layers=[layer])])
    assert slow.slip.keys() == {item.key for item in slow.interventions}
    late = next(item for item in slow.interventions if item.key == "ten_household.late_word")
    assert late.after is not None
    assert late.after.phase == "ten_household.pilot"


def test_what_the_district_draws_is_drawn_under_several_plans_too(tmp_path: Path) -> None:
    """What a plan draws describes its own district and is left out; that of the file that combines stays."""
    name = "college_share_old_neighbourhood"
    (tmp_path / "own.yaml").write_text(
        f"{HEAD}uncertain:\n  - {{parameter: {name}, range: [0.1, 0.3], drawn: true}}\n", encoding="utf-8"
    )
    own = loader.load(tmp_path / "own.yaml")
    found = combining.combine(own, [loader.load("ten_household"), loader.load("z_community_refined")])
    assert [(entry.key, entry.range) for entry in found.uncertain if entry.drawn] == [(name, [0.1, 0.3])]
    values = {
        compile.compile(replace(own, uncertain=found.uncertain), seed).parameter_changes[0][name] for seed in (1, 2)
    }
    assert len(values) == 2
