"""Towns: whole models, under a strong plan or with issues and the ladder alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..model import CommunityModel, parameters
from ..model.district import Appropriation, Archetype, CommunitySpec, DistrictSpec, small_district
from ..model.flows import Flows
from ..model.levers import Setting
from ..model.processes import issues, ladder

RATES = ("inquiry", "dispute", "property", "environment", "welfare", "facility")
# Logits of -60 and 60 are chances of 0 and 1.
ALL_FAIL = dict.fromkeys(("success_head", "success_grid", "success_council", "success_department"), -60.0)
NO_TROUBLE = {f"rate_{name}": 0.0 for name in RATES}
ALL_CLAIM = {"perceive": 1.0, "attribute": 1.0, "claim_intercept": 60.0}
PLAN = {  # doses of a strong plan: units in force everywhere, paid and trained heads, activities, money
    "unit_coverage": 1.0,
    "unit_households": 12.0,
    "head_subsidy": 200.0,
    "head_trainings": 4.0,
    "unit_activities": 2.0,
    "activity_budget": 100.0,
    "points_reward": 5.0,
    "donation_drive": 1.0,
    "menu_ordering": 1.0,
    "resource_list": 1.0,
    "need_list": 1.0,
    "platform_modules": 4.0,
    "tripartite_platform": 1.0,
    "partition_redivisions": 4.0,
}


def planned(households: int = 45, communities: int = 3, seed: int = 3, **kwargs: Any) -> CommunityModel:
    """Return a model under ``PLAN`` from week 0 on."""
    settings = [Setting(0, c, name, value) for name, value in PLAN.items() for c in range(communities)]
    budget = (Appropriation("ten_household_fund", "district", 40_000_00, 2024, 2028),)
    return CommunityModel(
        small_district(households, communities), seed=seed, settings=settings, budget=budget, **kwargs
    )


def town(
    values: Mapping[str, float] | None = None,
    levers: Mapping[str, float] | None = None,
    *,
    households: int = 300,
    communities: int = 2,
    seed: int = 5,
    specs: tuple[CommunitySpec, ...] = (),
    **kwargs: Any,
) -> CommunityModel:
    """District in which every unit has a head on duty and every committee a worker or more.

    ``values`` are parameters (also beyond their ranges), ``levers`` hold from the start in every community.
    """
    specs = specs or tuple(CommunitySpec(c, Archetype(c % 8), households) for c in range(communities))
    settings = [Setting(-1000, c, name, value) for name, value in (levers or {}).items() for c in range(len(specs))]
    known = parameters.defaults()
    for name in values or {}:
        parameters.find(name)
    model = CommunityModel(
        DistrictSpec(specs), seed=seed, settings=settings, parameter_values=known | dict(values or {}), **kwargs
    )
    model.week = -1
    model.set_levers()
    units, size = model.units, model.communities.resident_stop - model.communities.resident_start
    units.organised[:] = units.household_stop > units.household_start
    units.head[:] = np.where(units.organised == 1, model.households.resident_start[units.household_start], -1)
    units.on_duty[:] = units.organised
    units.capacity[:], units.skill[:], units.burnout[:] = 4.0, 0.4, 0.2
    model.residents.head_tie[:] = 0.4
    model.committees.staff[:] = np.maximum(size / 1500.0, 1.0)
    model.committees.service_minutes[:] = size / 1500.0 * 10 * 60
    return model


def live(model: CommunityModel, weeks: int) -> dict[str, float]:
    """Run issues and ladder for some weeks and return the summed flows; RuntimeError if an issue is lost."""
    total = dict.fromkeys(Flows._fields, 0.0)
    for _ in range(weeks):
        model.week += 1
        for column in model.flows:
            column[:] = 0
        issues.step(model)
        ladder.step(model)
        if issues.issue_balance(model).any():
            message = f"week {model.week}: issues are unaccounted for"
            raise RuntimeError(message)
        for name, column in model.flows._asdict().items():
            total[name] += float(column.sum())
    return total


def state(model: CommunityModel) -> bytes:
    """Bytes of all that issues and ladder write."""
    return b"".join(column.tobytes() for table in (model.households, model.issues, model.flows) for column in table)
