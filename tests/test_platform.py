"""Platform and outreach: Bass diffusion beside the checks D1 to D6, the digital divide, hearing and forgetting."""

import math

import numpy as np
import pytest

from shequ.agents.rates import WEEKS_A_YEAR
from shequ.agents.rules import happens
from shequ.model import parameters
from shequ.model.processes import outreach
from shequ.verification.check import mean
from shequ.verification.crowd import Crowd, crowd
from shequ.verification.platform import adopters, chances, settles, use_platform

YEAR = 52


def test_d1_catches_a_wrong_implementation() -> None:
    """Without imitation, or with one tenth less of it, the curve is another one."""
    expected = chances(0.03, 0.38, 12, 5)[5]
    for q, verdict in ((0.38, "holds"), (0.342, "fails"), (0.0, "fails")):
        assert mean("F(5)", expected, adopters(10_000, 24, 12, 5, 0.03, q, 1)[5]).verdict == verdict


def test_d5_catches_a_price_that_is_not_the_one_asked() -> None:
    """At a price one twentieth higher the users rest elsewhere, and a mass that was critical no longer is."""
    assert abs(settles(0.2, 1.0, 10_000) - 0.723607) < 0.001
    assert abs(settles(0.21, 1.0, 10_000) - 0.723607) > 0.01
    assert settles(0.2, 0.29, 10_000) > 0.7
    assert settles(0.21, 0.29, 10_000) == 0.0


def test_platform_needs_to_exist_and_gains_from_modules_operations_and_design() -> None:
    def users(age: int, **levers: float) -> float:
        people = crowd(20_000)
        people.residents.age[:] = age
        people.residents.peers_adopted[:] = 0.3
        people.residents.digital_skill[:] = people.residents.digital_base[:] = 0.4
        for name, value in levers.items():
            people.levers[name][:] = value
        for week in range(104):
            use_platform(people, week)
        return float(people.residents.adopted.mean())

    assert users(40, platform_modules=0.0) == 0.0
    few, many = users(40, platform_modules=1.0), users(40, platform_modules=4.0)
    cared_for = users(40, platform_modules=4.0, platform_operations=1.0)
    assert 0.02 < few < many - 0.01 < cared_for - 0.02
    old, friendly = users(75, platform_modules=4.0), users(75, platform_modules=4.0, elder_friendly=1.0)
    assert old < many - 0.01
    assert friendly > old + 0.01


def test_users_leave_at_the_dropout_hazard() -> None:
    """Survival after 104 weeks at a hazard of 0.006 (1 - 0.5 satisfaction): n = 200,000, s.e. 0.2 %."""
    n, people = 200_000, crowd(200_000, dropout=0.006, dropout_satisfaction=0.5, dropout_quality=0.0, imitation=0.0)
    people.parameters = parameters.table(
        [dict(zip(people.parameters.dtype.names or (), people.parameters[0], strict=True)) | {"innovation": 0.0}]
    )
    people.residents.adopted[:] = 1
    people.residents.satisfaction[:] = 0.5
    for week in range(104):
        use_platform(people, week)
    expected = math.exp(-104 * 0.006 * 0.75)
    error = math.sqrt(expected * (1 - expected) / n)
    assert people.residents.adopted.mean() == pytest.approx(expected, abs=4 * error)


def elders(**levers: float) -> Crowd:
    people = crowd(20_000)
    people.residents.age[:] = 70
    people.residents.digital_skill[:] = people.residents.digital_base[:] = 0.3
    for name, value in levers.items():
        people.levers[name][:] = value
    return people


def test_classes_close_part_of_the_gap() -> None:
    """One year at two classes a head: mean gap 0.7 (1 - gS)**classes; n = 20,000, s.e. below 0.1 %."""
    people = elders(elder_training=2.0)
    gain, loss = 0.1, 0.0
    values = dict(zip(people.parameters.dtype.names or (), people.parameters[0], strict=True))
    people.parameters = parameters.table([values | {"class_gain": gain, "skill_loss": loss}])
    for week in range(YEAR):
        use_platform(people, week)
    chance = 1 - math.exp(-2.0 / WEEKS_A_YEAR)
    gap = 0.7 * (1 - chance * gain) ** YEAR
    spread = math.sqrt(0.7**2 * (1 - chance * gain * (2 - gain)) ** YEAR - gap**2)
    assert 1 - people.residents.digital_skill.mean(dtype=float) == pytest.approx(gap, abs=4 * spread / 20_000**0.5)


def test_skill_fades_to_where_it_was_without_practice() -> None:
    people = elders()
    people.residents.digital_skill[:] = 0.8
    people.residents.adopted[10_000:] = 1
    use_platform(people, 0)
    p = people.parameters[0]
    kept = people.residents.digital_skill
    assert kept[0] == pytest.approx(0.8 - p["skill_loss"] * 0.5, rel=1e-6)
    assert kept[-1] == pytest.approx(0.8 - p["skill_loss"] * (1 - p["practice"]) * 0.5, rel=1e-6)
    rest = elders()
    use_platform(rest, 0)
    assert (rest.residents.digital_skill == np.float32(0.3)).all()
    helped = elders(neighbour_digital_help=1.0)
    use_platform(helped, 0)
    assert (helped.residents.digital_skill > np.float32(0.3)).all()


def hear(people: Crowd, weeks: int) -> float:
    for week in range(weeks):
        outreach.hear(week, people.communities, people.residents, people.parameters, people.levers)
    return float(people.residents.aware.mean())


def test_awareness_settles_where_hearing_and_forgetting_balance() -> None:
    """Two states: share h / (h + f (1 - h)) with weekly chances h to hear, f to forget; n = 100,000, s.e. 0.5 %."""
    n = 100_000
    people = crowd(n, forgetting=0.05, talk_effect=0.0, notice_effect=0.5)
    people.levers["publicity"][:] = 0.04
    h, f = 1 - math.exp(-0.02), 1 - math.exp(-0.05)
    expected = h / (h + f * (1 - h))
    error = math.sqrt(expected * (1 - expected) / n)
    assert error < 0.01 * expected
    assert hear(people, 200) == pytest.approx(expected, abs=4 * error)


@pytest.mark.parametrize("source", ["publicity", "visits", "contacts", "event", "ask"])
def test_every_source_of_awareness_has_its_hazard(source: str) -> None:
    """One week, nobody aware: share 1 - e**-h; n = 300,000, standard error below 1 % of it."""
    n = 300_000
    people = crowd(n, notice_effect=0.4, handbook_effect=1.0, talk_effect=0.2, event_effect=0.7, asking_effect=0.5)
    people.levers["publicity"][:] = 0.25 if source == "publicity" else 0.0
    people.levers["doorstep_visits"][:] = 2.0 if source == "visits" else 0.0
    people.residents.peers_aware[:] = 0.5 if source == "contacts" else 0.0
    people.residents.acts[:] = 1 if source == "event" else 4
    people.residents.asked[:] = source == "ask"
    hazards = {"publicity": 0.1, "visits": 2.0 / WEEKS_A_YEAR, "contacts": 0.1, "event": 0.7, "ask": 0.5}
    expected = 1 - math.exp(-hazards[source])
    error = math.sqrt(expected * (1 - expected) / n)
    assert error < 0.01 * expected
    assert hear(people, 1) == pytest.approx(expected, abs=4 * error)


def test_trying_the_hazard_first_changes_no_answer() -> None:
    for hazard in (1e-6, 1e-4, 0.01, 0.5, 3.0):
        p = 1 - math.exp(-hazard)
        draws = [p * x for x in (0.01, 0.5, 0.999, 1.001, 1.5)] + [hazard * 1.001]
        assert [happens(u, hazard) for u in draws] == [u < p for u in draws]
