"""One warm-up for several plans: the same bytes as one each."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from shequ.experiments import describe
from shequ.experiments.firings import FIRINGS
from shequ.experiments.replicate import Job, simulate, simulate_together
from shequ.model import population
from shequ.model.calendar import Calendar
from shequ.model.community_model import CommunityModel
from shequ.model.handover import HandoverError

SMALL: dict[str, Any] = {"communities": 4, "households": 30, "until": "2024-12-31"}
PLANS = ("baseline_2023", "ten_household", "ten_household:growing_fund", "cases/pilots_first")


WATCHING = """schema: 1
name: watching
title: {en: watching}
extends: baseline_2023
triggers:
  - {when: {observable: awareness_rate, above: 0.05}, then: {lever: publicity, to: 0.2}}
"""


def plans(folder: Path) -> list[Job]:
    """Plans of all kinds: with policies, with a trigger, with an emergency."""
    (folder / "watching.yaml").write_text(WATCHING)
    jobs = [describe(name, **SMALL).job for name in (*PLANS, folder / "watching.yaml")]
    return [*jobs, describe("ten_household", with_=["stress/rainstorm"], **SMALL).job]


def test_plans_that_share_a_warm_up_live_as_they_do_alone(tmp_path: Path) -> None:
    jobs = [*plans(tmp_path), describe("ten_household", off=["ties"], **SMALL).job]
    for job, data in zip(jobs, simulate_together(jobs, 5), strict=True):
        xr.testing.assert_identical(data, simulate(job, 5))
        assert (FIRINGS in data.attrs) == bool(job.scenario.triggers), "what fired is kept, too"


def test_looking_at_residents_less_often_changes_nothing_else(tmp_path: Path) -> None:
    """Every observable is the same in the weeks that are kept, whatever was recorded in others."""
    for job in plans(tmp_path):
        weeks = (0, *Calendar().month_ends(job.last_week))
        xr.testing.assert_identical(simulate(replace(job, looks=weeks), 5), simulate(job, 5).sel(week=list(weeks)))


def test_residents_are_looked_at_when_asked() -> None:
    """The test above would pass if looks did nothing."""
    job = replace(describe("baseline_2023", **SMALL).job, looks=(1,))
    recorder = CommunityModel(**job.inputs(5).arguments(job.point), looks=job.looks).run(until=2).recorder
    satisfied = recorder.of("satisfied", "all")
    assert np.isnan(satisfied[:-2]).all()
    assert (satisfied[-2] > 0).all()
    assert np.isnan(satisfied[-1]).all()
    assert (recorder.of("residents", "all") > 0).all()


def test_a_handover_catches_a_table_that_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong: the money of programmes stays behind; nothing stands in its place that could pass for it."""
    jobs = [describe(name, **SMALL).job for name in PLANS[:2]]
    whole = CommunityModel.tables
    monkeypatch.setattr(
        CommunityModel, "tables", lambda model: {k: v for k, v in whole(model).items() if k != "programmes"}
    )
    with pytest.raises(AttributeError, match="programmes"):
        list(simulate_together(jobs, 5))


def test_a_world_handed_over_is_the_same_in_every_table() -> None:
    job = describe("ten_household", **SMALL).job
    given = job.inputs(5).arguments()
    alone = CommunityModel(**given).run(until=-1)
    first = CommunityModel(**describe("baseline_2023", **SMALL).job.inputs(5).arguments()).run(until=-1)
    model = CommunityModel(**given, warm=first)
    before = first.snapshot()
    for week in (-1, 10):
        for one in (alone, model):
            one.run(until=week)
        pairs: list[tuple[Any, Any]] = [(alone.ledger.book, model.ledger.book)]
        pairs += zip(alone.tables().values(), model.tables().values(), strict=True)
        for mine, theirs in pairs:
            for name, column, other in zip(mine._fields, mine, theirs, strict=True):
                assert column.tobytes() == other.tobytes(), f"{type(mine).__name__}.{name} in week {week}"
    assert alone.programmes.pot.any(), "money that stood in pots"
    for name, table in first.tables().items():
        for column, other in zip(before[name], table, strict=True):
            assert column.tobytes() == other.tobytes(), f"{name} of the world that was kept has moved"


def test_the_warm_up_is_simulated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[int] = []
    build = population.build

    def noted(model: CommunityModel, *, room_for_children: bool) -> None:
        built.append(model.week)
        build(model, room_for_children=room_for_children)

    monkeypatch.setattr(population, "build", noted)
    jobs = [describe(name, **SMALL | {"until": "2024-01-14"}).job for name in PLANS[:3]]
    assert len(list(simulate_together(jobs, 5))) == len(jobs)
    assert len(built) == 1


def test_a_world_is_not_handed_over_in_the_middle_of_a_plan() -> None:
    given = describe("ten_household", **SMALL).job.inputs(5).arguments()
    warm = CommunityModel(**given).run(until=0)
    with pytest.raises(HandoverError, match="end of its warm-up"):
        CommunityModel(**given, warm=warm)


@pytest.mark.parametrize("change", [{"seed": 6}, {"off": ["ties"]}, {"cut": ["staff_to_claims"]}])
def test_a_world_is_not_handed_over_to_another_world(change: dict[str, Any]) -> None:
    given = describe("ten_household", **SMALL).job.inputs(5).arguments()
    warm = CommunityModel(**given)
    with pytest.raises(HandoverError, match="same district"):
        CommunityModel(**given | change, warm=warm)
