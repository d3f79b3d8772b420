"""The three cases show their published direction, and lose it where the mechanism is cut.

With and without the measure on the same seeds: n paired replicates, effect over its standard error.
"""

from typing import Any

import numpy as np
import pytest

import shequ

SMALL: dict[str, Any] = {"workers": 1, "progress": False}


def outcome(scenario: str, observable: str, replicates: int, **options: Any) -> np.ndarray:
    """Mean of the observable over the weeks of the plan, one value a replicate."""
    result = shequ.run(scenario, replicates=replicates, seed=11, **SMALL, **options)
    values: Any = result.observables[observable].sel(group="all")
    return np.nanmean(values.where(values["week"] >= 0, drop=True).to_numpy(), axis=1)


def effect(with_it: np.ndarray, without: np.ndarray) -> tuple[float, float]:
    """Mean difference of pairs and its standard error."""
    difference = with_it - without
    return float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(len(difference)))


def lift_weeks(scenario: str, replicates: int, **options: Any) -> np.ndarray:
    """Mean weeks from proposal to completion of all lifts done in the five years, one value a replicate.

    Only lifts are proposed, in 60 buildings of 16 homes. Each year's mean counts as often as there are lifts in it.
    """
    others = dict.fromkeys(("project_rate_renovation", "project_rate_parking", "project_rate_covenant"), 0.0)
    homes = {"households_per_stairwell_new_estate": 16.0, "stairwells_per_building_new_estate": 1.0}
    estate: dict[str, Any] = {"communities": 1, "households": 960, "parameters": {**others, **homes}}
    result = shequ.run(scenario, replicates=replicates, seed=11, **SMALL, **estate, **options)
    year_ends: Any = result.observables.sel(group="all", week=[0, 52, 104, 156, 208, 260])
    done = np.diff(year_ends["projects_done_total"].to_numpy(), axis=1)
    weeks = np.nan_to_num(year_ends["project_duration_weeks"].to_numpy()[:, 1:]) * done
    assert (done.sum(axis=1) >= 30).all()
    return weeks.sum(axis=1) / done.sum(axis=1)


@pytest.mark.study
def test_structured_deliberation_shortens_lift_projects() -> None:
    """Weeks a lift, 5 pairs of some 50 lifts each; without its effect on talks and consent nothing differs."""
    names = ("cases/zhongyuan_micro_grid", "cases/zhongyuan_micro_grid:without_procedure")
    mean, error = effect(*(lift_weeks(name, 5) for name in names))
    assert mean < -3 * error
    assert np.array_equal(*(lift_weeks(name, 1, cut=["deliberation_to_consent"]) for name in names))


def test_outreach_raises_resolution() -> None:
    """Troubles settled of all there were, 5 pairs; where staff hear nothing, their hours outside are lost."""
    names = ("cases/shengxin_immersive", "cases/shengxin_immersive:without_outreach")
    here: dict[str, Any] = {"replicates": 5, "households": 600}
    mean, error = effect(*(outcome(name, "grievance_resolution_rate", **here) for name in names))
    assert mean > 3 * error
    deaf = {**here, "cut": ["staff_to_claims"]}
    lost, lost_error = effect(*(outcome(name, "grievance_resolution_rate", **deaf) for name in names))
    assert lost < 3 * lost_error
    assert lost < mean / 4


@pytest.mark.parametrize("other", ["unasked", pytest.param("untouched", marks=pytest.mark.study)])
def test_consulted_renewal_raises_satisfaction(other: str) -> None:
    """Share of satisfied residents, 6 pairs: asked against unasked, asked against nothing; by what projects do."""
    names = ("cases/yulan_renewal", f"cases/yulan_renewal:{other}")
    here: dict[str, Any] = {"replicates": 6, "households": 600}
    mean, error = effect(*(outcome(name, "satisfaction_rate", **here) for name in names))
    assert mean > 3 * error
    cut = {**here, "cut": ["projects_to_attitudes"]}
    left, left_error = effect(*(outcome(name, "satisfaction_rate", **cut) for name in names))
    assert abs(left) < max(4 * left_error, mean / 4)
    assert left < mean / 2
