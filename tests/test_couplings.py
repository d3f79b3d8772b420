"""Couplings can be cut one by one; an ablation ranks what each contributes, on the same draws."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shequ.experiments import RunError
from shequ.experiments.ablation import BASE, ablate, paired
from shequ.model import CommunityModel, couplings, parameters
from shequ.model.district import small_district
from shequ.model.schedule import PROCESSES, ProcessError
from shequ.verification import submodels

SMALL: dict[str, Any] = {"communities": 3, "households": 20, "until": "2024-02-11", "workers": 1, "progress": False}


def test_every_coupling_joins_two_processes_and_holds_real_parameters() -> None:
    known = parameters.catalogue()
    for coupling in couplings.catalogue().values():
        assert set(coupling.path) <= set(PROCESSES), coupling
        assert re.match(r"T\d+", coupling.source), coupling
        assert set(coupling.cut) <= set(known), coupling
        assert any(known[name].value != value for name, value in coupling.cut.items()), coupling
        for level in coupling.levels:
            assert set(level.at) <= set(coupling.cut), coupling
            assert {*level.into, *level.at.values()} <= set(known), coupling
            assert level.scale in {"linear", "log"}, coupling


def test_a_cut_keeps_the_level_at_the_reference() -> None:
    """At the initial trust and efficacy the logit of claiming is the same with and without; candidates likewise."""
    before = parameters.defaults()
    after = couplings.without(before, ["attitudes_to_claims", "attitudes_to_candidates"])
    trust, efficacy, community = (before[f"initial_{name}"] for name in ("trust", "efficacy", "community"))
    logit = before["claim_intercept"] + before["claim_trust"] * trust + before["claim_efficacy"] * efficacy
    assert after["claim_intercept"] == pytest.approx(logit)
    assert after["claim_trust"] == after["claim_efficacy"] == 0.0
    assert after["bypass_intercept"] == pytest.approx(before["bypass_intercept"] - before["bypass_trust"] * trust)
    rise = np.exp(before["candidate_community"] * community + before["candidate_efficacy"] * efficacy)
    assert after["candidate_rate"] == pytest.approx(before["candidate_rate"] * rise)
    assert before == parameters.defaults()


def test_cut_couplings_hand_nothing_on() -> None:
    """With its three sources cut, trust stays where it began, whatever becomes of issues."""
    names = ["handling_to_attitudes", "participation_to_attitudes", "ties_to_opinions", "services_to_attitudes"]
    weeks = 4
    whole = CommunityModel(small_district(60, 1), seed=3)
    cut = CommunityModel(small_district(60, 1), seed=3, cut=names)
    start = whole.residents.trust_committee.copy()
    for model in (whole, cut):
        model.run(until=model.week + weeks)
    assert whole.issues.state.any()
    assert not np.array_equal(whole.residents.trust_committee, cut.residents.trust_committee)
    assert np.array_equal(cut.residents.trust_committee, start)


def test_every_process_belongs_to_the_stage_or_to_one_submodel() -> None:
    inside = [process for own in submodels.SUBMODELS.values() for process in own]
    assert sorted([*submodels.STAGE, *inside]) == sorted(PROCESSES)


def test_x2_catches_a_coupling_that_is_left() -> None:
    """Whole and alone, attitudes differ as soon as one of the couplings that lead to them acts."""
    processes, district = submodels.STAGE | submodels.SUBMODELS["attitudes and ties"], (12, 2, 30, 3)
    for left, differs in ((None, False), ("handling_to_attitudes", True)):
        cut = [name for name in couplings.catalogue() if name != left]
        alone = submodels.lived(processes, *district, cut=cut)
        whole = submodels.lived(PROCESSES, *district, cut=cut)
        assert (alone["residents.trust_committee"] != whole["residents.trust_committee"]) is differs


def test_unknown_names_offer_the_nearest() -> None:
    with pytest.raises(couplings.CouplingError, match="did you mean repeats"):
        CommunityModel(small_district(20, 1), cut=["repeat"])
    with pytest.raises(ProcessError, match="did you mean ladder"):
        CommunityModel(small_district(20, 1), off=["lader"])
    with pytest.raises(couplings.CouplingError, match="did you mean"):
        ablate("baseline_2023", of=["strain_to_exit"], **SMALL)
    with pytest.raises(RunError, match="at least 2 replicates"):
        ablate("baseline_2023", replicates=1, **SMALL)


def test_paired_interval_is_students() -> None:
    """Differences 1, 2, 3: mean 2, t(0.95; 2) = 2.919986, s.e. 1 / sqrt(3)."""
    center, low, high = paired(np.array([1.0, 2.0, 3.0]))
    assert center == 2.0
    assert (low, high) == pytest.approx((2.0 - 2.919986 / 3**0.5, 2.0 + 2.919986 / 3**0.5), abs=1e-6)


def test_an_ablation_ranks_parts_and_goes_on_where_it_was(tmp_path: Path) -> None:
    out = tmp_path / "ablation"
    parts = ["participation", "ties_to_platform"]
    first = ablate("ten_household", of=parts, replicates=2, out=out, **SMALL)
    stamps = {path: path.stat().st_mtime_ns for path in out.glob("*/run.json")}
    assert {path.parent.name for path in stamps} == {BASE, *parts}
    again = ablate("ten_household", of=parts, replicates=2, out=out, **SMALL)
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    assert again.frame.equals(first.frame)
    assert json.loads((out / "ablation.json").read_text())["contributions"]
    acts = first.frame[first.frame.observable == "participation_events_per_year"].set_index("part")
    assert acts.loc["participation", "without"] < acts.loc["participation", "with"]
    row = first.frame.iloc[0]
    assert row.contribution == pytest.approx(row["with"] - row.without)
    ranked = first.frame[first.frame["rank"].notna()]
    assert ((ranked.low > 0) | (ranked.high < 0)).all()
