"""The register of evidence: nothing is lost, and what cites it says what it says."""

import re
from datetime import date
from importlib.resources import files

import pytest
from ruamel.yaml import YAML

from shequ.calibration import evidence
from shequ.model import levers
from shequ.scenarios import catalogue, compile, loader
from shequ.scenarios.reader import ScenarioError, parse

PLAN = "ten_household"


def cited(block: object) -> set[str]:
    """Evidence ids anywhere in a block."""
    return set(re.findall(r"[a-z_]+-\d{3}", repr(block)))


def test_cited_evidence_exists_and_is_not_called_unused() -> None:
    files = [loader._file(loader.find(name)) for name, _, _ in loader.available()]
    ids = set().union(*(cited(block) for block in [*files, catalogue.catalogue()]))
    ids |= set().union(*(cited(lever.source) for lever in levers.catalogue().values()))
    assert len(ids) > 100
    for id in sorted(ids):
        assert evidence.record(id).used_for != ["unused"], id


def test_register_keeps_all_records_and_promises() -> None:
    register = evidence.registers()[PLAN]
    assert len(register.records) == 217
    promised = {id for milestone in loader.load(PLAN).milestones for id in milestone.evidence}
    targets = {record.id for record in register.records if record.kind == "target"}
    assert targets <= promised
    assert {record.id for record in evidence.used_for("milestone", PLAN)} == promised


def test_milestones_promise_what_the_records_say() -> None:
    """Value and direction of every milestone against its record; a wrong number in either file fails."""
    counted = 0
    for milestone in compile.compile(PLAN).milestones:
        records = [evidence.record(id) for id in milestone.evidence]
        for record in records:
            if record.kind != "target" or record.metric == "pilot_community_count":
                continue
            counted += 1
            assert milestone.target == pytest.approx(record.value), milestone.id
            downward = record.bound in {"le", "lt"} or record.metric == "response_time"
            assert milestone.direction == ("at_most" if downward else "at_least"), milestone.id
            dated = isinstance(record.date, date)
            assert milestone.by == (record.date if dated else date(2028, 12, 31)), milestone.id
    assert counted == 41


def test_a_register_with_two_equal_ids_is_refused() -> None:
    text = (evidence.FOLDER / "ten_household.yaml").read_text(encoding="utf-8").replace("-002,", "-001,", 1)
    with pytest.raises(ScenarioError, match="given twice"):
        evidence.load(parse(text))


def test_unknown_record_offers_the_nearest() -> None:
    with pytest.raises(evidence.EvidenceError, match="Did you mean 'ten_household-"):
        evidence.record("ten_household-999")


def test_baseline_table_agrees_with_the_records() -> None:
    text = (files("shequ.calibration") / "baseline.yaml").read_text(encoding="utf-8")
    checked = 0
    for entry in YAML(typ="safe", pure=True).load(text):
        for id, value in entry["records"].items():
            if not id.startswith("T"):  # theory tags stand in docs/theory.md
                checked += 1
                assert evidence.record(id).value == pytest.approx(value), id
                assert "calibration" in evidence.record(id).used_for, id
    assert checked > 15
