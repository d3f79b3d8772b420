"""The register of evidence: nothing is lost, and what cites it says what it says."""

import re
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from shequ.calibration import baseline, evidence
from shequ.model import levers
from shequ.scenarios import catalogue, compile, loader
from shequ.scenarios.reader import ScenarioError, parse
from shequ.scenarios.schema import ScenarioFile

PLAN = "ten_household"
REGISTERS = ("ten_household", "four_creations", "standardization")
ROOT = Path(__file__).resolve().parents[1]
ID = r"(?:ten_household|four_creations|standardization|subdistrict|z_community)-\d{3}"
FITTED = re.compile(rf"cal ({ID}(?:, {ID})*)")


def cited(block: object) -> set[str]:
    """Evidence ids anywhere in a block."""
    return set(re.findall(ID, repr(block)))


def scenario_files() -> list[ScenarioFile]:
    return [loader._file(loader.find(name)) for name, _, _ in loader.available()]


def uses() -> dict[str, set[str]]:
    """Uses of every record, as the project's own files cite it."""
    found: defaultdict[str, set[str]] = defaultdict(set)

    def mark(use: str, ids: set[str]) -> None:
        for id in ids:
            found[id].add(use)

    code = [
        path for folder in ("agents", "model") for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".yaml"}
    ]
    for text in (path.read_text(encoding="utf-8") for path in code):
        mark("calibration", {id for group in FITTED.findall(text) for id in re.findall(ID, group)})
        mark("input", cited(FITTED.sub("", text)))
    mark("input", cited(catalogue.catalogue()))
    for file in scenario_files():
        overlays = [file, *file.variants.values()]
        mark("milestone", {id for overlay in overlays for promise in overlay.milestones for id in promise.evidence})
        bare = {"milestones": [], "variants": {}}
        mark("input", set().union(*(cited(overlay.model_copy(update=bare)) for overlay in overlays)))
    for target in baseline.targets():
        mark("calibration" if target.fitted else "validation", {id for id in target.records if re.match(ID, id)})
    return found


@pytest.mark.parametrize("register", REGISTERS)
def test_used_for_says_what_the_files_of_the_project_say(register: str) -> None:
    found = uses()
    said = {record.id: set(record.used_for) for record in evidence.registers()[register].records}
    assert {id: use for id, use in said.items() if use != found.get(id, {"unused"})} == {}


def test_cited_evidence_exists_and_is_not_called_unused() -> None:
    ids = set().union(*(cited(block) for block in [*scenario_files(), catalogue.catalogue()]))
    ids |= set().union(*(cited(lever.source) for lever in levers.catalogue().values()))
    assert len(ids) > 100
    for id in sorted(ids):
        assert evidence.record(id).used_for != ["unused"], id


@pytest.mark.parametrize(("plan", "count"), [("ten_household", 217), ("four_creations", 205), ("standardization", 206)])
def test_register_keeps_all_records_and_promises(plan: str, count: int) -> None:
    register = evidence.registers()[plan]
    assert len(register.records) == count
    assert {record.id.rpartition("-")[0] for record in register.records} == {plan}
    promised = {id for milestone in loader.load(plan).milestones for id in milestone.evidence}
    assert {record.id for record in register.records if record.kind == "target"} <= promised
    assert {record.id for record in evidence.used_for("milestone", plan)} == promised


END = {"ten_household": date(2028, 12, 31), "four_creations": date(2026, 12, 31), "standardization": date(2025, 12, 31)}
DOWNWARD = {"response_time", "professional_staff_gap", "lift_ageing_share"}  # less is better, said by no bound
READ_ANEW = {"pilot_community_count", "firm_ngo_project_growth"}  # ranges and growth, told as levels


@pytest.mark.parametrize(("plan", "count"), [("ten_household", 41), ("four_creations", 40), ("standardization", 27)])
def test_milestones_promise_what_the_records_say(plan: str, count: int) -> None:
    """Value, direction and day of every milestone against its record; a wrong number in either file fails."""
    counted = 0
    for milestone in compile.compile(plan).milestones:
        for record in map(evidence.record, milestone.evidence):
            if record.kind != "target" or record.metric in READ_ANEW:
                continue
            counted += 1
            matched = record.metric == "service_need_match_rate"  # a match of x is a mismatch of 1 - x
            if record.value is not None:
                assert milestone.target == pytest.approx(1.0 - record.value if matched else record.value), milestone.id
            downward = matched or record.bound in {"le", "lt"} or record.metric in DOWNWARD or (record.value or 0.0) < 0
            assert milestone.direction == ("at_most" if downward else "at_least"), milestone.id
            assert milestone.by == (record.date if isinstance(record.date, date) else END[plan]), milestone.id
    assert counted == count


def test_a_register_with_two_equal_ids_is_refused() -> None:
    text = (evidence.FOLDER / "ten_household.yaml").read_text(encoding="utf-8").replace("-002,", "-001,", 1)
    with pytest.raises(ScenarioError, match="given twice"):
        evidence.load(parse(text))


def test_a_file_that_holds_another_register_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files of one register would else hide each other."""
    text = (evidence.FOLDER / "standardization.yaml").read_text(encoding="utf-8")
    for name in ("standardization", "copy"):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(evidence, "FOLDER", tmp_path)
    with pytest.raises(evidence.EvidenceError, match=r"copy\.yaml: register: found 'standardization'; write 'copy'"):
        evidence.registers.__wrapped__()


def test_unknown_record_offers_the_nearest() -> None:
    with pytest.raises(evidence.EvidenceError, match="Did you mean 'ten_household-"):
        evidence.record("ten_household-999")


def test_baseline_table_agrees_with_the_records() -> None:
    checked = 0
    for target in baseline.targets():
        for id, value in target.records.items():
            if not id.startswith("T"):  # theory tags stand in docs/theory.md
                checked += 1
                assert evidence.record(id).value == pytest.approx(value), id
                assert ("calibration" if target.fitted else "validation") in evidence.record(id).used_for, id
    assert checked > 25
