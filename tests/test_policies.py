"""Policies: brought or taken up, maturing, replaced, teaching others; levers act as far as the policy goes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shequ import verification
from shequ.agents import Committees
from shequ.agents.columns import allocate, violations
from shequ.experiments import estimators
from shequ.experiments.replicate import observe, smaller
from shequ.model import CommunityModel, parameters
from shequ.model.district import Archetype, CommunitySpec, DistrictSpec, Offer, PolicyPath
from shequ.model.levers import Setting, catalogue
from shequ.model.processes import policies
from shequ.model.schedule import PROCESSES
from shequ.scenarios import compile, loader
from shequ.verification import rollout as checks

OFF = set(PROCESSES) - {"policies"}
HEAD = "schema: 1\nname: mine\ntitle: {en: mine}\nextends: baseline_2023\n"
SPREADING = """
phases:
  - {name: pilot, start: 2024-01-01, end: 2024-06-30, select: {max: 2}, order: cherry_picked, entry: at_start}
  - {name: spread, start: 2024-07-01, end: 2025-03-31, spread: voluntary}
  - {name: order, start: 2025-04-01, end: 2025-12-31, spread: mandated}
  - {name: all, start: 2026-01-01, end: 2028-12-31, reach: 1.0}
interventions:
  - id: meet
    levers: {council_meetings: {to: 2}, unit_coverage: {to: 0.9}, head_support: {to: 0.8}}
    where: {phase: any}
  - id: tell
    levers: {publicity: {to: 0.1}, head_support: {by: 0.1}}
    when: {start: 2024-02-01}
"""
AT_WORK = {
    "maturity_weeks": 10.0,
    "policy_churn": 0.02,
    "pilot_boost": 0.3,
    "readiness_gain": 0.5,
    "review_weeks": 4.0,
    "adoption_base": 0.01,
    "warmup_weeks": 2.0,
}


def district(count: int, subdistricts: int = 1) -> DistrictSpec:
    specs = (CommunitySpec(c, Archetype.MIXED, 12, c * subdistricts // count) for c in range(count))
    return DistrictSpec(tuple(specs))


def model(paths: list[PolicyPath], settings: list[Setting], **kwargs: Any) -> CommunityModel:
    """Return a model of small communities in which nothing runs but policies."""
    values = parameters.defaults() | {"warmup_weeks": 1.0} | kwargs.pop("values", {})
    options = {"seed": 2, "off": OFF, "parameter_values": values, "district": district(len(paths))} | kwargs
    return CommunityModel(paths=paths, settings=settings, **options)


def spreading(folder: Path, **kwargs: Any) -> tuple[compile.ModelInputs, CommunityModel]:
    path = folder / "mine.yaml"
    path.write_text(HEAD + SPREADING, encoding="utf-8")
    inputs = compile.compile(smaller(loader.load(path), 8, 25), 4)
    return inputs, CommunityModel(**(inputs.arguments(AT_WORK) | kwargs))


# --- levers -------------------------------------------------------------------------------------------------------


def test_a_lever_acts_as_far_as_the_policy_has_matured() -> None:
    settings = [Setting(0, 0, "council_meetings", 4.3, 0.3), Setting(0, 0, "unit_coverage", 0.9, 0.3)]
    m = model([PolicyPath(5)], settings, values={"maturity_weeks": 10.0})
    for week in range(-1, 30):
        m.step()
        assert m.week == week
        maturity = 1.0 - np.exp(-(week - 4) / 10.0) if week >= 5 else 0.0
        assert m.levers[0]["council_meetings"] == pytest.approx(0.3 + 4.0 * maturity, abs=1e-5)
        assert m.levers[0]["unit_coverage"] == (0.9 if week >= 5 else 0.3)  # a decision: in full at once
        assert m.levers[0]["publicity"] == catalogue()["publicity"].rest


def test_at_the_default_values_and_without_the_process_levers_act_as_they_are_set() -> None:
    settings = [Setting(5, 0, "council_meetings", 4.0, 0.3), Setting(8, 0, "publicity", 0.1)]
    for options in ({}, {"off": set(PROCESSES), "values": AT_WORK}):
        m = model([PolicyPath(5, 9)], settings, **options)
        while m.week < 12:
            m.step()
            assert m.levers[0]["council_meetings"] == (4.0 if m.week >= 5 else 0.3)
            assert m.levers[0]["publicity"] == (0.1 if m.week >= 8 else 0.002)


def test_pilots_get_extra_effort_within_the_bounds_of_a_lever_until_the_phase_ends() -> None:
    settings = [
        Setting(0, c, name, value, rest)
        for c in range(2)
        for name, value, rest in (("council_meetings", 2.3, 0.3), ("head_support", 0.9, 0.0))
    ]
    m = model([PolicyPath(0, 3), PolicyPath(0)], settings, values={"pilot_boost": 0.5})
    for week in range(-1, 5):
        m.step()
        if week >= 0:
            pilot = week < 3
            assert m.levers["council_meetings"].tolist() == pytest.approx([3.3 if pilot else 2.3, 2.3])
            assert m.levers["head_support"].tolist() == pytest.approx([1.0 if pilot else 0.9, 0.9])


def test_what_is_decided_once_does_not_mature() -> None:
    """Borders must not be redrawn every week, and money is promised in full."""
    fixed = {name for name, lever in catalogue().items() if not lever.matures}
    assert {lever.name for lever in catalogue().values() if lever.process == "rollout"} <= fixed
    assert {lever.name for lever in catalogue().values() if lever.unit.startswith("CNY")} <= fixed


# --- churn, spread, learning ----------------------------------------------------------------------------------------


def test_a_replaced_policy_begins_with_what_is_carried_over() -> None:
    m = model([PolicyPath(0)] * 40, [], values={"maturity_weeks": 20.0, "policy_churn": 0.02, "carry_over": 0.25})
    m.run(until=20)
    before, restarts = m.committees.maturity.copy(), 0
    for _ in range(20):
        m.step()
        new = m.flows.policy_restarts == 1
        assert (m.committees.policy_age[new] == 0).all()
        assert m.committees.maturity[new] == pytest.approx(0.25 * before[new], abs=1e-7)
        grown = before[~new] + (1 - np.exp(-1 / 20)) * (1 - before[~new])
        assert m.committees.maturity[~new] == pytest.approx(grown, abs=1e-6)
        before, restarts = m.committees.maturity.copy(), restarts + int(new.sum())
    assert 4 <= restarts <= 32  # mean 15.8


def test_committees_join_only_while_they_are_free_to() -> None:
    paths = [PolicyPath(None, None, (Offer(5, 15),))] * 30 + [PolicyPath(10, None, (Offer(20, 30, True),))] * 2
    settings = [Setting(0, c, "council_meetings", 2.3, 0.3) for c in range(32)]
    m = model([*paths, PolicyPath()], settings, values={"adoption_base": 0.02})
    joined = []
    for _ in range(-1, 40):
        m.step()
        joined.append(m.committees.in_place.copy())
        assert (m.levers["council_meetings"][:32] == np.where(m.committees.in_place[:32], 2.3, 0.3)).all()
    early, late = joined[5], joined[15]  # ends of weeks 4 and 14
    assert early.sum() == 0
    assert 0 < late[:30].sum() < 30
    assert late[30:].tolist() == [1, 1, 0]
    assert (joined[-1] == late).all()


def test_neighbours_are_the_others_of_the_subdistrict() -> None:
    committees = allocate(Committees, 5)
    committees.in_place[:] = [1, 0, 1, 0, 1]
    policies.look_around(committees, np.array([0, 0, 0, 1, 2]))
    assert committees.neighbours_in_place.tolist() == [0.5, 1.0, 0.5, 0.0, 0.0]


def test_evidence_is_the_gain_over_the_others_of_the_district() -> None:
    committees = allocate(Committees, 6)
    committees.in_place[:] = [1, 1, 0, 0, 1, 0]
    committees.strength[:] = [1.5, 1.1, 9, 9, 2.0, 9]
    gain = np.array([0.3, 0.1, 0.05, 0.15, 0.4, 0.2])
    policies.gather_evidence(committees, gain, np.array([0, 0, 0, 0, 1, 2]))
    assert committees.evidence == pytest.approx([0.1] * 4 + [0.4, 0.0], abs=1e-6)
    assert committees.evidence_sites.tolist() == [2, 2, 2, 2, 1, 0]
    assert committees.evidence_inflation == pytest.approx([1.3] * 4 + [2.0, 1.0], abs=1e-6)


def test_belief_follows_the_satisfaction_of_the_pilots() -> None:
    m = model([PolicyPath(0), PolicyPath(), PolicyPath()], [], values={"review_weeks": 4.0, "selection_discount": 0.0})
    m.run(until=0)
    rows = slice(int(m.communities.resident_start[0]), int(m.communities.resident_stop[0]))
    assert m.committees.belief.tolist() == [0.0] * 3
    m.residents.satisfaction[:] = 0.5
    m.committees.outcome_before[:] = 0.4
    m.residents.satisfaction[rows] = 0.7
    m.run(until=4)
    # One site of 0.2 over the others, as uncertain as the prior: half of it is believed.
    assert m.committees.belief == pytest.approx([0.1] * 3, abs=1e-6)
    assert m.committees.belief_variance == pytest.approx([0.005] * 3, abs=1e-6)


def test_both_engines_agree_while_policies_spread(tmp_path: Path) -> None:
    _, compiled = spreading(tmp_path, engine="compiled")
    _, agents = spreading(tmp_path, engine="agents")
    for _ in range(110):
        compiled.step()
        agents.step()
        for name, table in compiled.tables().items():
            assert list(violations(table)) == []
            for field in table._fields:
                other = getattr(getattr(agents, name), field)
                assert getattr(table, field).tobytes() == other.tobytes(), f"week {compiled.week}: {name}.{field}"
    assert compiled.recorder.communities.tobytes() == agents.recorder.communities.tobytes()
    assert compiled.committees.belief.any()


# --- scenarios ------------------------------------------------------------------------------------------------------


def test_a_plan_may_leave_it_to_the_communities(tmp_path: Path) -> None:
    inputs, m = spreading(tmp_path)
    pilots = inputs.phases[0].new
    assert [path.entry == 0 for path in inputs.paths] == [row in pilots for row in range(8)]
    for row, path in enumerate(inputs.paths):
        assert len(path.offers) == (0 if row in pilots else 2)
        assert (path.pilot_stop is not None) == (row in pilots)
    without = {s.lever: s.without for s in inputs.settings}  # the last of each
    assert without["publicity"] is None
    assert without["head_support"] == pytest.approx(0.1)
    m.run()
    record = m.recorder.dataset()
    there = record["policy_in_place"].sel(week=slice(0, None)).to_numpy()
    assert there[0].sum() == 2
    assert 2 < there[100].sum() <= 8
    assert there[-1].sum() == 8
    observed = observe(record, inputs, ())
    share = observed["policy_adoption_rate"].sel(group="all", week=100)
    assert float(share) == there[100].mean()
    reached = inputs.areas(record["week"].to_numpy(), record["policy_in_place"].to_numpy())["reached"]
    assert (reached[record["week"].to_numpy() >= 0] == there).all()
    assert float(observed["policy_restart_rate"].sel(group="all", week=200)) > 0
    assert 0 < float(observed["policy_maturity"].sel(group="all", week=200)) < 1


def test_cherry_picking_takes_other_pilots_than_true_readiness(tmp_path: Path) -> None:
    chosen = {}
    for order in ("best_first", "cherry_picked", "cherry_picked, reliability: 1.0"):
        path = tmp_path / "mine.yaml"
        text = f"phases: [{{name: one, start: 2024-01-01, end: 2024-12-31, reach: 0.4, order: {order}}}]\n"
        path.write_text(HEAD + text, encoding="utf-8")
        chosen[order] = compile.compile(path).phases[0].new
    best, picked, perfect = chosen.values()
    assert perfect == best
    assert set(picked) != set(best)


def test_paths_must_fit_the_district() -> None:
    with pytest.raises(policies.PolicyError, match="3 policy paths for 2 communities"):
        model([PolicyPath()] * 3, [], district=district(2))


# --- checks and estimators ------------------------------------------------------------------------------------------


def test_l2_catches_steps_of_a_week_taken_for_continuous_time() -> None:
    row = next(row for row in verification.churn(steps=1, weeks=600).rows if row.quantity == "mean maturity")
    assert row.verdict == "holds"
    assert replace(row, expected=2.0 / 3.0).verdict == "fails"


def test_l3_catches_a_draw_by_lot(monkeypatch: pytest.MonkeyPatch) -> None:
    ranked = checks.ranked
    monkeypatch.setattr(checks, "ranked", lambda scores, lots, order: ranked(scores, lots, "random"))
    assert verification.selection(n=50_000).verdict == "fails"


def test_l6_catches_extra_effort_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    path = checks.PolicyPath
    monkeypatch.setattr(checks, "PolicyPath", lambda entry, stop, *more: path(entry, 10_000, *more))
    assert verification.pilots(boost=0.3).verdict == "fails"


@pytest.mark.parametrize(
    ("check", "numbers"),
    [
        ("adoption", {"chance": 0.7}),
        ("churn", {"tau": 0.0}),
        ("selection", {"best": 1.0}),
        ("estimators", {"gap": 0}),
        ("learning_from_sites", {"noise": 0.0}),
        ("pilots", {"dose": 5.0}),
    ],
)
def test_impossible_numbers_are_refused(check: str, numbers: dict[str, float]) -> None:
    with pytest.raises(verification.CheckError, match="no closed form here: give"):
        getattr(verification, check)(**numbers)


def test_estimators_refuse_what_tells_nothing() -> None:
    outcome = np.arange(12.0).reshape(4, 3)
    with pytest.raises(estimators.EstimatorError, match="come to some earlier"):
        estimators.stepped_wedge(outcome, np.ones((4, 3)))
    with pytest.raises(estimators.EstimatorError, match="holds no week, or a group no community"):
        estimators.difference_in_differences(outcome, np.ones(3), slice(0, 2), slice(2, 4))
