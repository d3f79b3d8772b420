"""Agents and kernels write the same bytes: participation, small tasks, votes, platform, outreach."""

from collections.abc import Callable

import numpy as np
import pytest

from shequ.agents import Resident
from shequ.agents.taking_part import Act, Participation
from shequ.model import CommunityModel, parameters
from shequ.model.district import small_district
from shequ.model.levers import Setting
from shequ.model.processes import outreach, participation, platform, ties

BUSY = {
    "unit_activities": 8.0,
    "unit_deliberations": 5.0,
    "activity_budget": 100.0,
    "points_reward": 10.0,
    "neighbour_festivals": 24.0,
    "council_meetings": 4.0,
    "platform_modules": 4.0,
    "platform_operations": 0.5,
    "activities_online": 0.5,
    "elder_friendly": 0.5,
    "elder_training": 4.0,
    "neighbour_digital_help": 0.5,
    "publicity": 0.05,
    "doorstep_visits": 1.0,
}
LIVELY = {
    "proposal_share": 1.0,
    "task_rate": 0.05,
    "volunteering_intercept": -5.0,
    "council_intercept": -4.0,
    "activity_intercept": -4.0,
    "threshold_mean": 0.1,
    "innovation": 0.002,
    "imitation": 0.02,
    "dropout": 0.02,
    "forgetting": 0.03,
}
WEEKS = 12


def build(engine: str, rule: Participation, **kwargs: object) -> CommunityModel:
    """Return a small district in which much happens, its units led by heads in all states."""
    model = CommunityModel(
        small_district(70, 2),
        seed=5,
        settings=[Setting(-52, c, lever, value) for c in range(2) for lever, value in BUSY.items()],
        parameter_values=parameters.defaults() | LIVELY | {"participation_rule": float(rule)},
        engine=engine,  # type: ignore[arg-type]
        **kwargs,  # type: ignore[arg-type]
    )
    rng = np.random.default_rng(2)
    units, count = model.units, len(model.units.id)
    led = (units.household_stop > units.household_start) & (rng.random(count) < 0.8)
    units.organised[:] = led
    units.head[:] = np.where(led, units.resident_start, -1)
    units.on_duty[:] = rng.random(count) < 0.8
    units.burnout[:] = rng.random(count)
    units.overload[:] = rng.random(count)
    units.activity_money[:] = rng.random(count)
    units.ask_hours[:] = led * rng.random(count)
    model.residents.digital_base[:] = 0.5 * model.residents.digital_skill
    model.households.area[:] = 40 + 80 * rng.random(len(model.households.id))
    return model


def run(model: CommunityModel) -> None:
    for week in range(WEEKS):
        model.week = week
        model.set_levers()
        ties.gather(model)
        participation.step(model)
        platform.step(model)
        outreach.step(model)


def differences(a: CommunityModel, b: CommunityModel) -> list[str]:
    tables = [*a.tables().items(), ("flows", a.flows)]
    return [
        f"{name}.{column}"
        for name, table in tables
        for column in table._fields
        if getattr(table, column).tobytes() != getattr(getattr(b, name), column).tobytes()
    ]


@pytest.mark.parametrize("rule", list(Participation))
def test_engines_agree(rule: Participation) -> None:
    compiled, agents = build("compiled", rule), build("agents", rule)
    run(compiled)
    run(agents)
    assert differences(compiled, agents) == []


def test_much_happens_in_what_is_compared() -> None:
    """The comparison would be worth little if some branch never ran."""
    model = build("compiled", Participation.LOGIT)
    before = model.residents.digital_skill.copy(), model.residents.adopted.copy(), model.residents.aware.copy()
    run(model)
    r, flows = model.residents, model.flows
    for last in (r.last_activity, r.last_council, r.last_volunteering, r.last_online):
        assert (last >= 0).sum() > 5
    for flow in (flows.asks, flows.proposals, flows.small_tasks, flows.tasks_done, flows.activities_online):
        assert flow.sum() > 5
    assert flows.proposals.sum() > flows.proposals_adopted.sum() > 0
    assert flows.tasks_done.sum() < flows.small_tasks.sum()
    for was, now in zip(before, (r.digital_skill, r.adopted, r.aware), strict=True):
        assert (now > was).any()
        assert (now < was).any()


def changed(method: str, change: Callable[[Resident], None]) -> type[Resident]:
    def decide(self: Resident) -> None:
        getattr(Resident, method)(self)
        change(self)

    class Other(Resident):
        pass

    setattr(Other, method, decide)
    return Other


def test_comparison_catches_a_wrong_implementation() -> None:
    """One resident who does the opposite about activities, and one whose skill is rounded otherwise, must show."""

    def contradicts(resident: Resident) -> None:
        if resident.row == 3:
            resident.acts ^= int(Act.ACTIVITY)

    def rounds(resident: Resident) -> None:
        if resident.age >= 60:
            resident.digital_skill = float(np.nextafter(np.float32(resident.digital_skill), np.float32(1)))

    plain = build("compiled", Participation.LOGIT)
    run(plain)
    for method, change, column in (
        ("decide_participation", contradicts, "residents.acts"),
        ("decide_platform", rounds, "residents.digital_skill"),
    ):
        other = build("compiled", Participation.LOGIT, agent_types={Resident: changed(method, change)})
        run(other)
        assert column in differences(plain, other)
