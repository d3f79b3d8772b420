"""Plans are compared on one district, whatever the district for which they were written."""

from pathlib import Path
from typing import Any

import pytest

from shequ.app import comparison as report
from shequ.experiments import RunError
from shequ.experiments.comparison import Comparison, compare
from shequ.experiments.courses import loaded, on_one_district
from shequ.scenarios import loader
from shequ.scenarios.combining import on_district_of
from shequ.scenarios.compile import compile
from shequ.scenarios.reader import ScenarioError

SMALL: dict[str, Any] = {"communities": 3, "households": 20, "replicates": 2}
GROUND = """district:
  communities:
    - {archetype: mixed, count: 2, households: [40, 50], readiness: 0.5, assumed: true, reason: an example}
    - {archetype: old_neighbourhood, count: 1, households: [40, 50], readiness: 0.5, assumed: true, reason: an example}
  subdistricts: 1
"""
HEAD = "schema: 1\nname: {name}\ntitle: {{en: An example}}\nsummary: An example.\nextends: {of}\n"
OWN_DRAWS = ("elder_household_share_old_neighbourhood", "college_share_old_neighbourhood")  # of community Z


def written(folder: Path, name: str, of: str, rest: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(HEAD.format(name=name, of=of) + rest, encoding="utf-8")
    return path


def test_a_moved_plan_is_that_plan_written_for_the_other_district(tmp_path: Path) -> None:
    ground = written(tmp_path, "ground", "baseline_2023", GROUND)
    by_hand = written(tmp_path, "by_hand", "z_community_refined", f"{GROUND}drop: [{', '.join(OWN_DRAWS)}]\n")
    moved = on_district_of(loader.load("z_community_refined"), loader.load(ground))
    for seed in (0, 7):
        found, expected = compile(moved, seed), compile(by_hand, seed)
        for part in ("district", "settings", "budget", "events", "paths", "triggers", "parameter_changes"):
            assert getattr(found, part) == getattr(expected, part)
    assert moved.hash == loader.load(by_hand).hash


def test_a_plan_on_its_own_district_is_left_as_it_is() -> None:
    plan = loader.load("ten_household")
    assert on_district_of(plan, loader.load("baseline_2023")) is plan


def test_overrides_stay_with_the_plan_and_those_of_a_community_with_the_place() -> None:
    ground = loader.load("cases/yulan_renewal")
    moved = compile(on_district_of(loader.load("cases/pilots_first"), ground))
    assert {change["pilot_boost"] for change in moved.parameter_changes} == {0.3}
    owned = [change.get("owners_committee_share_old_neighbourhood") for change in moved.parameter_changes]
    assert owned == [
        entry.overrides.get(key)
        for entry in ground.communities
        for key in ["owners_committee_share_old_neighbourhood"]
        for _ in range(entry.count)
    ]
    assert 1 in owned


@pytest.mark.parametrize("district", [None, "z_community_refined"])
def test_all_runs_are_on_one_district(district: str | None) -> None:
    known = loaded(["baseline_2023", "subdistrict_creation", "z_community_refined"])
    ground = known["baseline_2023"] if district is None else known[district]
    runs, guests = on_one_district(known, ground, SMALL)
    assert guests == [name for name in known if name != ground.name]
    assert len({run.inputs.district for run in runs.values()}) == 1
    assert {len(run.inputs.uncertain.keys() & set(OWN_DRAWS)) for run in runs.values()} == {2 if district else 0}


def test_a_comparison_tells_which_plans_were_written_for_another_district(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    given: dict[str, Any] = {
        "observables": ["trust_committee"],
        "dates": ["2024-02-29"],
        "store": tmp_path,
        "workers": 1,
    }
    found = compare(["baseline_2023", "z_community_refined"], **given, **SMALL)
    assert found.manifest["district"] == "baseline_2023"
    assert found.manifest["from_other_districts"] == ["z_community_refined"]
    assert set(found.groups["group"]) >= {"new_estate", "urban_village"}  # Z itself has neither

    def again(*_: Any, **__: Any) -> Comparison:
        return found

    monkeypatch.setattr(report, "compare", again)
    report.comparison_report(["baseline_2023", "z_community_refined"], out=tmp_path / "out", as_json=False)
    printed = " ".join(capsys.readouterr().out.split())
    assert "All on the district of baseline_2023" in printed
    assert "money of their own files: z_community_refined." in printed


def test_districts_are_not_compared() -> None:
    known = loaded(["baseline_2023", "subdistrict_creation", "subdistrict_creation:mixed_estates"])
    with pytest.raises(RunError, match="differ in their districts alone"):
        on_one_district(known, known["baseline_2023"], SMALL)


def test_a_plan_that_does_not_fit_says_which_district_it_is_on(tmp_path: Path) -> None:
    rural = "interventions: [{id: far, levers: {publicity: {by: 0.01}}, where: {archetype: rural}}]\n"
    place = GROUND.replace("archetype: mixed", "archetype: rural")
    known = loaded(["baseline_2023", written(tmp_path, "far_off", "baseline_2023", place + rural)])
    with pytest.raises(
        ScenarioError, match=r"far_off\.yaml:\d+: .*touches nobody.*district of baseline_2023.*--district"
    ):
        on_one_district(known, known["baseline_2023"], SMALL)
    runs, _ = on_one_district(known, known["far_off"], SMALL)
    assert set(runs) == set(known)
