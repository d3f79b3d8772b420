"""Every parameter moves something, and refuses what it cannot be."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from shequ.agents.warning import EmergencyKind
from shequ.experiments.replicate import smaller
from shequ.model import CommunityModel, parameters
from shequ.model.district import Archetype, CommunitySpec, DistrictSpec, EmergencyEvent, Offer, PolicyPath
from shequ.model.levers import Setting
from shequ.scenarios.compile import compile
from shequ.scenarios.loader import load

STRONG = {  # everything that a plan can do at once, so that every part of the model is at work
    "points_reward": 10,
    "donation_drive": 1,
    "resource_swap": 1,
    "fund_disclosure": 1,
    "tripartite_platform": 1,
    "firm_agreements": 1,
    "ngo_contracting": 1,
    "third_party_evaluation": 0.5,
    "venture_grants": 10_000,
    "ngo_incubation": 0.5,
    "firm_incentive": 500,
    "platform_modules": 2,
    "platform_operations": 0.5,
    "elder_friendly": 0.5,
    "activities_online": 0.5,
    "need_surveys": 6,
    "staff_outreach": 0.3,
    "staff_training": 60,
    "survey_channel": 0.5,
    "space_sharing": 0.2,
    "assisted_use": 0.3,
    "online_only": 0.3,
    "sensors": 0.3,
    "data_breach": 0.2,
    "data_update_weeks": 8,
    "head_support": 0.5,
    "head_honour": 0.5,
    "lead_department": 0.5,
    "joint_meetings": 1,
    "linked_appraisal": 0.5,
    "unit_deliberations": 4,
    "emergency_drills": 4,
    "alarm_ways": 1.5,
    "emergency_alert": 1,
    "emergency_stock": 0.6,
    "unit_kits": 0.5,
    "unit_activities": 4,
    "project_initiative": 20,
    "project_deliberation": 0.5,
    "project_subsidy": 0.2,
}

AT_WORK = {  # what rests by default and would leave others without effect
    "warmup_weeks": 4,
    "maturity_weeks": 8,
    "experience_curve": 0.8,
    "policy_churn": 0.01,
    "pilot_boost": 0.2,
    "readiness_gain": 0.5,
    "talk_weeks": 4,
    "exit_rate": 0.012,
    "funding_weeks": 3,
    "works_weeks_renovation": 4,
    "ngo_reserve": 4,
    "recall_trust": 0.7,
    "recall_rate": 0.5,
    "committee_lapse": 0.045,
    "election_support": 0.3,
    "withdraw_floor": 0.98,
    "withdraw_rate": 0.5,
    "property_loss": 0.35,
    "new_start": 0.1,
    "return_rate": 0.2,
}
MANAGED = [Setting(2, 3, "trust_management", 0.7), Setting(2, 5, "self_management", 1.0)]
MANAGED += [Setting(14, c, "owners_committee_support", 1.0) for c in range(8)]  # once companies have given up
PATHS = [PolicyPath(0, 20, (), 0.8)] * 3 + [PolicyPath(None, None, (Offer(2, 60, bool(c % 2)),), 0.4) for c in range(5)]


def plan(households: int, money: float) -> dict[str, Any]:
    """Return the ten-household plan and more on one community of every archetype, from the first week.

    Of the budget it brings the share ``money``.
    """
    arguments = compile(smaller(load("ten_household"), 8, 40), 3).arguments()
    district = DistrictSpec(tuple(CommunitySpec(k, kind, households) for k, kind in enumerate(Archetype)))
    strong = [Setting(-4, c, name, value) for c in range(8) for name, value in STRONG.items()]
    strong += [Setting(4, c, "data_breach", 0) for c in range(8)]  # alarm fades
    struck = [
        EmergencyEvent(kind, week, 0.8, tuple(range(8)), 90.0)
        for kind, week in zip([*EmergencyKind, *EmergencyKind], (3, 6, 9, 12, 15, 18, 21, 24), strict=True)
    ]
    budget = [replace(promise, yearly_fen=int(money * promise.yearly_fen)) for promise in arguments["budget"]]
    changed = {
        "seed": 3,
        "district": district,
        "settings": [*arguments["settings"], *strong, *MANAGED],
        "events": struck,
    }
    changed["budget"] = budget
    return arguments | changed | {"paths": PATHS}


def fingerprint(inputs: dict[str, Any], weeks: int, **changes: float) -> str:
    """Hash of the state and the records after ``weeks`` of plan, with ``changes`` to the parameters."""
    values = parameters.with_changes(AT_WORK | changes)
    model = CommunityModel(**(inputs | {"parameter_values": values})).run(until=weeks)
    digest = hashlib.sha256(model.recorder.communities.tobytes() + model.recorder.residents.tobytes())
    digest.update(model.ledger.book.balance.tobytes())
    for name, table in model.tables().items():
        for field, column in zip(table._fields, table, strict=True):
            digest.update(f"{name}.{field}".encode() + column.tobytes())
    return digest.hexdigest()


def idle(names: Iterable[str], inputs: dict[str, Any], weeks: int) -> list[str]:
    """Names of the parameters that change nothing at either end of their range."""
    base = fingerprint(inputs, weeks)
    assert fingerprint(inputs, weeks) == base
    found: list[str] = []
    for name in names:
        parameter = parameters.find(name)
        ends = [end for end in (parameter.low, parameter.high) if end != parameter.value]
        ends.sort(key=lambda end: -abs(end - parameter.value))
        if all(fingerprint(inputs, weeks, **{name: end}) == base for end in ends):
            found.append(name)
    return found


def test_every_parameter_moves_something() -> None:
    """Set each parameter to an end of its range: some column or record must change.

    First on small and poor communities and half a year; what is idle there on larger and richer ones through a turn of
    the year.
    """
    names = [name for name in parameters.catalogue() if name != "warmup_weeks"]
    assert idle(idle(names, plan(40, 0.002), 26), plan(150, 1.0), 60) == []


def test_unknown_parameter_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(parameters.ParameterError, match="ask_effect"):
        parameters.with_changes({"ask_efect": 0.5})


def test_value_out_of_range_is_refused() -> None:
    with pytest.raises(parameters.ParameterError, match="outside its range"):
        parameters.with_changes({"ask_effect": 50.0})
