"""What covers each plan: no measure and no promise of a register stands nowhere."""

import json

import pytest
from typer.testing import CliRunner

from shequ.app.cli import app
from shequ.calibration import coverage, evidence
from shequ.calibration.coverage import Coverage
from shequ.scenarios import catalogue, loader

PLANS = tuple(evidence.registers())
SCENARIOS = loader.load("all_plans").plans  # one plan a register
DATED = PLANS  # registers that list their promises


@pytest.mark.parametrize("plan", PLANS)
def test_no_measure_and_no_promise_stands_nowhere(plan: str) -> None:
    found = coverage.coverage(plan)
    assert found.scenarios
    assert found.missing_measures == ()
    assert found.missing_promises == ()
    measures = [*found.encoded, *found.left_out]
    assert sorted(measure.slug for measure in measures) == sorted(evidence.registers()[plan].interventions)
    assert all(measure.reason for measure in found.left_out)
    assert all(promise.reason for promise in found.not_measurable)


@pytest.mark.parametrize("plan", DATED)
def test_promises_stand_in_the_scenario_as_in_the_register(plan: str) -> None:
    """The same ids, days and figures in both files, none more and none less."""
    register = {entry.id: (entry.by, set(entry.records)) for entry in evidence.registers()[plan].milestones}
    (scenario,) = [name for name in SCENARIOS if loader._file(loader.find(name)).source.register_name == plan]
    assert register == {m.id: (m.by, set(m.evidence)) for m in loader.load(scenario).milestones}


@pytest.mark.parametrize("plan", DATED)
def test_most_measures_are_used_by_the_scenario_and_not_only_listed(plan: str) -> None:
    found = coverage.coverage(plan)
    assert sum(measure.in_scenario for measure in found.encoded) >= 0.9 * len(found.encoded)


def test_every_alias_names_a_measure_of_a_register() -> None:
    """A slug with a typing mistake in the catalogue would cover nothing."""
    known = {f"{name}/{slug}" for name, register in evidence.registers().items() for slug in register.interventions}
    named = [*catalogue.aliases(), *(slug for entry in catalogue.catalogue().not_modelled for slug in entry.slugs)]
    assert set(named) == known
    assert len(named) == len(known) == 335


def test_a_slug_or_a_promise_left_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    register = evidence.registers()["standardization"]
    more = evidence.RegisterMilestone(id="G2025-new", by=register.milestones[0].by, what="something new")
    changed = register.model_copy(
        update={"interventions": [*register.interventions, "new"], "milestones": [*register.milestones, more]}
    )
    monkeypatch.setattr(coverage, "registers", lambda: {"standardization": changed})
    found = coverage.coverage("standardization")
    assert found.missing_measures == ("new",)
    assert found.missing_promises == ("G2025-new",)


def test_counts_add_up() -> None:
    for found in coverage.every_plan():
        uses = [record.used_for for record in evidence.registers()[found.register].records]
        assert sum(found.records.values()) == sum(len(use) for use in uses)
        assert len(found.measurable) + len(found.not_measurable) == len(found.promises)


def test_a_plan_is_found_by_its_register_and_by_its_scenario() -> None:
    assert coverage.coverage("subdistrict_creation") == coverage.coverage("subdistrict")
    with pytest.raises(evidence.EvidenceError, match="Did you mean 'four_creations'"):
        coverage.coverage("four_creation")


def invoked(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["coverage", *arguments])
    assert result.exit_code == 0
    return result.output


def test_the_command_prints_a_line_a_plan_and_json() -> None:
    text = invoked()
    assert all(any(line.strip().startswith(plan) for line in text.splitlines()) for plan in PLANS)
    assert [entry["plan"] for entry in json.loads(invoked("--json"))] == list(PLANS)


def test_the_command_prints_one_plan_in_full() -> None:
    found: Coverage = coverage.coverage("standardization")
    text = "".join(invoked("standardization").split())
    for entry in (*found.encoded, *found.left_out):
        assert entry.slug in text
        assert "".join(entry.reason.split())[:20] in text
    content = json.loads(invoked("standardization", "--json"))
    assert len(content["measures"]) == 62
    assert len(content["promises"]) == 27
