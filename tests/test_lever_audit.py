"""The dead-lever audit: it finds what changes nothing, and nothing else."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from shequ.app.cli import app
from shequ.experiments.lever_audit import Finding, audit_levers
from shequ.scenarios import loader

PLAN = """schema: 1
name: plan
title: {en: plan}
extends: baseline_2023
calendar: {start: 2024-01-01, end: 2024-06-30}
district:
  communities: [{archetype: new_estate, count: 2, households: [30, 30]}]
  subdistricts: 1
interventions:
  - {id: works, levers: {publicity: {to: 0.1}}, when: {start: 2024-02-05}}
  - {use: emergency_stock}
  - {id: too_late, levers: {elder_training: {to: 2}}, when: {start: 2024-06-24, ramp_weeks: 100}}
  - {id: covered, levers: {unit_activities: {to: 2}}, when: {start: 2024-02-05}}
  - {id: cover, levers: {unit_activities: {to: 4}}, when: {start: 2024-02-05}}
triggers:
  - {id: on, when: {observable: awareness_rate, above: 0.0, for_weeks: 2}, then: {lever: doorstep_visits, to: 1}}
  - {id: never, when: {observable: awareness_rate, above: 0.999}, then: {lever: doorstep_visits, to: 1}}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audit") / "plan.yaml"
    path.write_text(PLAN)
    return path


@pytest.fixture(scope="module")
def findings(file: Path) -> dict[str, Finding]:
    told: list[tuple[int, int]] = []
    found = audit_levers(loader.load(file), tell=lambda done, of: told.append((done, of)))
    assert told == [(k, len(found)) for k in range(1, len(found) + 1)]
    return {finding.what: finding for finding in found}


def test_what_works_shows_from_its_week_on(findings: dict[str, Finding]) -> None:
    works = findings["works moves publicity"]
    assert works.verdict == "changes"
    assert works.week is not None
    assert works.week >= 5
    assert findings["trigger on"].verdict == "changes"


def test_what_another_covers_changes_nothing_and_is_named_with_its_line(findings: dict[str, Finding]) -> None:
    covered = findings["covered moves unit_activities"]
    assert covered.verdict == "changes nothing"
    assert "plan.yaml:13: interventions[3].levers.unit_activities: covered moves" in str(covered.problem)
    assert findings["cover moves unit_activities"].verdict == "changes"


def test_what_nothing_reads_here_waits(findings: dict[str, Finding]) -> None:
    stock = findings["emergency_stock moves unit_kits"]
    assert stock.verdict == "waits"
    assert "nothing strikes" in stock.reason
    assert findings["trigger never"].verdict == "waits"


def test_with_a_storm_the_goods_matter(file: Path, tmp_path: Path) -> None:
    (tmp_path / "storm.yaml").write_text(
        "schema: 1\nname: storm\ntitle: {en: storm}\nlayer: true\nshocks:\n  - {kind: emergency, type: rainstorm, "
        "start: 2024-03-04, severity: 1, forewarning: 60}\n"
    )
    scenario = loader.load(file, layers=[tmp_path / "storm.yaml"])
    found = {finding.what: finding for finding in audit_levers(scenario, tell=lambda _, __: None)}
    assert found["emergency_stock moves emergency_stock"].verdict == "changes"
    assert found["shock emergency.2024-03-04"].verdict == "changes"


def test_the_command_fails_on_what_changes_nothing(file: Path) -> None:
    done = CliRunner().invoke(app, ["scenario", "check", str(file), "--run", "--households", "30"])
    assert done.exit_code == 2, done.output
    assert "covered moves unit_activities" in done.output
    assert "2 wait" in done.output or "wait for what does not come" in done.output
