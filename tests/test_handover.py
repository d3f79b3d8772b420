"""One warm-up for several plans: the same bytes as one each."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from shequ.experiments import describe, replicate
from shequ.experiments.firings import FIRINGS
from shequ.experiments.replicate import simulate, simulate_together
from shequ.model import handover
from shequ.model.community_model import CommunityModel
from shequ.model.handover import HandoverError, take_over

SMALL: dict[str, Any] = {"communities": 4, "households": 30, "until": "2024-12-31"}
PLANS = ("baseline_2023", "ten_household", "ten_household:growing_fund", "cases/pilots_first")


WATCHING = """schema: 1
name: watching
title: {en: watching}
extends: baseline_2023
triggers:
  - {when: {observable: awareness_rate, above: 0.05}, then: {lever: publicity, to: 0.2}}
"""


def test_plans_that_share_a_warm_up_live_as_they_do_alone(tmp_path: Path) -> None:
    (tmp_path / "watching.yaml").write_text(WATCHING)
    jobs = [describe(name, **SMALL).job for name in (*PLANS, tmp_path / "watching.yaml")]
    jobs.append(describe("ten_household", with_=["stress/rainstorm"], **SMALL).job)
    jobs.append(describe("ten_household", off=["ties"], **SMALL).job)
    for job, data in zip(jobs, simulate_together(jobs, 5), strict=True):
        xr.testing.assert_identical(data, simulate(job, 5))
        assert (FIRINGS in data.attrs) == bool(job.scenario.triggers), "what fired is kept, too"


def test_a_handover_catches_a_table_that_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong: residents stay as they were built."""
    jobs = [describe(name, **SMALL).job for name in PLANS[:2]]
    whole = CommunityModel.tables
    monkeypatch.setattr(
        CommunityModel, "tables", lambda model: {k: v for k, v in whole(model).items() if k != "residents"}
    )
    plan = list(simulate_together(jobs, 5))[1]
    assert not plan.equals(simulate(jobs[1], 5))


def test_the_warm_up_is_simulated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[int] = []

    def noted(model: CommunityModel, warm: CommunityModel) -> None:
        handed.append(warm.week)
        handover.take_over(model, warm)

    monkeypatch.setattr(replicate, "take_over", noted)
    jobs = [describe(name, **SMALL | {"until": "2024-01-14"}).job for name in PLANS]
    assert len(list(simulate_together(jobs, 5))) == len(PLANS)
    assert handed == [-1] * len(PLANS)


def test_a_world_is_not_handed_over_in_the_middle_of_a_plan() -> None:
    job = describe("ten_household", **SMALL).job
    models = [CommunityModel(**job.inputs(5).arguments()) for _ in range(2)]
    models[0].run(until=0)
    with pytest.raises(HandoverError, match="end of its warm-up"):
        take_over(models[1], models[0])
    assert not np.isfinite(models[1].recorder.residents).any()
