"""Every lever moves the observable that it declares, in the direction that it declares.

A lever is set to its lower bound, its rest and its upper bound on the same 16 communities (two of each archetype, each
in a subdistrict of its own) and the same luck, from the start of the plan on. Compared is the mean of the observable
over the last half year of two. The difference between the bounds, in the direction declared, is paired over
communities; its standard error comes from their spread. Neither half of the way may go clearly against it.
``pytest -m study tests/test_levers.py`` takes 64 communities.
"""

from collections.abc import Mapping
from dataclasses import replace
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
    "partition_redivisions": {"partition_rule": 3.0},  # uniform borders follow nobody who moves
    "project_deliberation": {"project_initiative": 20.0, "consent_rule": 2.0},
    "project_subsidy": {"project_initiative": 20.0, "consent_rule": 2.0},  # who lives low vetoes a lift at any price
    "resource_list": {"need_list": 1.0, "menu_ordering": 1.0},
    "survey_channel": {"need_surveys": 6.0},
    "time_limit_head": {"unit_households": 60.0},  # a head of few households lets nothing lie
}
LARGE = {"menu_ordering": 600, "resource_list": 600, "staff_training": 600}  # households: so many disputes


def district(communities: int, households: int) -> DistrictSpec:
    kinds = list(Archetype)
    return DistrictSpec(tuple(CommunitySpec(c, kinds[c % 8], households, c) for c in range(communities)))


@cache
def lived(communities: int, households: int, set_up: frozenset[tuple[str, float]]) -> xr.Dataset:
    """Record of the world with these levers off their rest."""
    everywhere = range(communities)
    model = CommunityModel(
        district(communities, households),
        seed=5,
        settings=[Setting(0, c, name, value) for c in everywhere for name, value in sorted(set_up)],
        events=[EmergencyEvent(EmergencyKind(1), WEEKS - k, 0.8, tuple(everywhere), 60.0) for k in (30, 10)],
        budget=[Appropriation("ten_household_fund", "district", communities * FUND, 2024, 2028)],
        parameter_values=parameters.with_changes({"warmup_weeks": WARM_UP}),
    )
    return model.run(until=WEEKS - 1).recorder.dataset()


@cache
def measured(lever: levers.Lever, value: float, communities: int) -> Any:
    """Observable of the lever in each community, where the lever has ``value``."""
    wanted = {**WORLD, **NEEDS.get(lever.name, {}), lever.name: value}
    set_up = frozenset((name, at) for name, at in wanted.items() if at != levers.find(name).rest)
    data = lived(communities, LARGE.get(lever.name, HOUSEHOLDS), set_up)
    weights = np.eye(communities)[:, None, :].repeat(data.sizes["week"], axis=1)
    compute = observables.find(lever.observable).compute
    return np.array(
        [compute(observables.View(observables.Recorded(data), "all", area))[-LAST:].mean() for area in weights]
    )


def gain(lever: levers.Lever, low: float, high: float, communities: int) -> tuple[float, float, int]:
    """Mean difference from ``low`` to ``high`` in the declared direction, its standard error, and the pairs of it."""
    difference = (measured(lever, high, communities) - measured(lever, low, communities)) * lever.direction
    known = difference[~np.isnan(difference)]
    return float(known.mean()), float(known.std(ddof=1) / np.sqrt(len(known))), len(known)


def moves_as_declared(lever: levers.Lever, communities: int) -> None:
    mean, error, pairs = gain(lever, lever.low, lever.high, communities)
    told = f"{lever.name} on {lever.observable}: {mean:.4g}, standard error {error:.2g}, n = {pairs}"
    assert mean > SHOWN * error, told
    for low, high in ((lever.low, lever.rest), (lever.rest, lever.high)):  # and does not turn on the way
        mean, error, pairs = gain(lever, low, high, communities)
        assert mean >= AGAINST * error, f"{told}; from {low:g} to {high:g}: {mean:.4g}, {error:.2g}, n = {pairs}"


@pytest.mark.parametrize("name", levers.catalogue())
def test_each_lever_moves_its_observable_in_its_direction(name: str) -> None:
    moves_as_declared(levers.find(name), FEW)


@pytest.mark.study
@pytest.mark.parametrize("name", levers.catalogue())
def test_each_lever_moves_its_observable_on_many_communities(name: str) -> None:
    moves_as_declared(levers.find(name), MANY)


def test_lists_name_levers() -> None:
    assert set(LARGE) | set(NEEDS) | set(WORLD) <= set(levers.catalogue())


def test_the_test_catches_a_lever_that_pushes_the_other_way() -> None:
    right = levers.find("publicity")
    mean, error, pairs = gain(replace(right, direction=-right.direction), right.low, right.high, FEW)
    assert mean < AGAINST * error
    assert pairs == FEW


def test_the_test_catches_a_lever_that_turns_on_the_way() -> None:
    """More departments want more reports, until talks with all of them leave no time to write any."""
    turns = replace(levers.find("reporting_departments"), observable="reporting_time_share", direction=1, high=20.0)
    with pytest.raises(AssertionError, match="from 8 to 20"):
        moves_as_declared(turns, FEW)
