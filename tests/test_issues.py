"""Grievances and claims."""

import numpy as np
import pytest

from shequ import verification
from shequ.agents import Household
from shequ.agents.speaking_up import AGED, DENSE, NOBODY, WARNING
from shequ.model import parameters
from shequ.model.district import Archetype
from shequ.model.structure import FREE
from shequ.verification import grievances
from shequ.verification.towns import RATES, live, state, town


def test_q9_catches_a_wrong_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stages that do not depend on the one before."""
    wrong = lambda rates, draws: sum(u < rate for u, rate in zip(draws, rates, strict=True))  # noqa: E731
    monkeypatch.setattr(grievances, "stages_passed", wrong)
    assert verification.pyramid(weeks=100).verdict == "fails"


def test_engines_raise_the_same_grievances() -> None:
    values = {f"rate_{name}": 0.05 for name in RATES}
    levers = {"demand_warning": 0.4, "staff_outreach": 0.5}
    compiled, agents = (town(values, levers, households=60, engine=engine) for engine in ("compiled", "agents"))
    for model in (compiled, agents):
        model.residents.adopted[::2] = 1
    seen: set[int] = set()
    for _ in range(12):
        live(compiled, 1)
        live(agents, 1)
        assert state(compiled) == state(agents)
        seen |= set(compiled.households.channel.tolist())
    assert seen == {0, 1, 2, 3, 4, 5}, "every channel must have been compared"


def test_engine_equality_catches_a_wrong_implementation() -> None:
    class Meek(Household):
        def raise_grievance(self) -> None:
            super().raise_grievance()
            if self.row == 3 and self.grievance != 255:
                self.channel = NOBODY

    values = {f"rate_{name}": 0.1 for name in RATES}
    plain, changed = town(values, households=60), town(values, households=60, agent_types={Household: Meek})
    live(plain, 12)
    live(changed, 12)
    assert state(plain) != state(changed)


def test_archetypes_are_the_ones_that_rules_name() -> None:
    aged = {Archetype.OLD_NEIGHBOURHOOD, Archetype.URBAN_VILLAGE, Archetype.AGEING}
    assert {kind for kind in Archetype if AGED[kind]} == aged
    assert {kind for kind in Archetype if DENSE[kind]} == {Archetype.URBAN_VILLAGE, Archetype.MIGRANT}


def test_warnings_turn_lumped_grievances_into_issues() -> None:
    model = town({"claim_intercept": -60.0}, {"demand_warning": 1.0})
    total = live(model, 20)
    assert total["claims"] > 0
    assert total["lumped"] == 0
    assert total["entered_1"] == 0
    opened = model.issues.state != FREE
    assert set(model.issues.channel[opened].tolist()) == {WARNING}


def told_share(hours: float, weeks: int = 60) -> tuple[float, float, float]:
    """Share of troubles told to staff out of the office where nobody claims, what is expected, and its s.e."""
    model = town({"claim_intercept": -60.0, "rate_facility": 0.0}, {"staff_outreach": 0.8}, households=1500)
    p = parameters.defaults()
    model.committees.service_minutes[:] = hours * 60.0 / (0.8 * p["grid_issue_share"])
    total = live(model, weeks)
    met = p["outreach_meets"] * hours * p["worth_telling_weeks"] / 1500.0
    expected = p["told_when_met"] * (1.0 - np.exp(-met))
    return total["claims"] / total["grievances"], expected, np.sqrt(expected * (1 - expected) / total["grievances"])


def test_staff_outside_hear_what_nobody_would_claim() -> None:
    """About 1,400 troubles; f (1 - e**-(m h k / n)) = 0.306 (s.e. 0.012) at 15 hours out of the office a week."""
    found, expected, error = told_share(15.0)
    assert abs(found - expected) < 4 * error
    _, wrong, _ = told_share(15.0 / parameters.defaults()["worth_telling_weeks"], weeks=1)
    assert abs(found - wrong) > 4 * error  # troubles forgotten after a week
