"""Platform and outreach: Bass diffusion (checks D1, D2), the digital divide, hearing and forgetting."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from shequ.agents.learning import contact_hazard, happens
from shequ.agents.rates import WEEKS_A_YEAR
from shequ.agents.view import python_row
from shequ.model import parameters
from shequ.model.processes import outreach, platform
from shequ.tests.crowd import Crowd, crowd

YEAR = 52  # weeks of the check D2


def bass(t: float, p: float, q: float) -> float:
    """Bass 1969, share of adopters at time t."""
    return (1 - math.exp(-(p + q) * t)) / (1 + q / p * math.exp(-(p + q) * t))


def stepped(p: float, q: float, steps: int, years: float) -> list[float]:
    """Shares from the project's hazard, added up in explicit steps of ``1 / steps`` years."""
    rates = python_row(parameters.table([parameters.defaults() | {"innovation": p, "imitation": q}])[0])
    shares = [0.0]
    for _ in range(round(years * steps)):
        shares.append(shares[-1] + contact_hazard(shares[-1], 0.0, rates) / steps * (1 - shares[-1]))
    return shares


@pytest.mark.parametrize(("p", "q", "peak"), [(0.03, 0.38, 6.192619), (0.01, 0.5, 7.670633), (0.02, 0.4, 7.132696)])
def test_d1_closed_form(p: float, q: float, peak: float) -> None:
    """In small steps the hazard gives the closed form: its values, and its peak at ln(q / p) / (p + q)."""
    fine = stepped(p, q, 2000, 12.0)
    for t in (5.0, 10.0):
        assert fine[round(t * 2000)] == pytest.approx(bass(t, p, q), abs=1e-4)
    assert float(np.argmax(np.diff(fine))) / 2000 == pytest.approx(peak, abs=2e-3)
    assert bass(5, 0.03, 0.38) == pytest.approx(0.331199, abs=1e-6)
    assert bass(10, 0.03, 0.38) == pytest.approx(0.812803, abs=1e-6)


def test_d2_explicit_steps() -> None:
    yearly = stepped(0.03, 0.38, 1, 10)
    increments = [0.03, 0.040158, 0.052685, 0.067261, 0.082803, 0.097216, 0.107486, 0.110481]
    assert np.diff(yearly)[:8] == pytest.approx(increments, abs=1e-6)
    assert yearly[10] == pytest.approx(0.782643, abs=1e-6)
    weekly = stepped(0.03, 0.38, YEAR, 10)
    assert [weekly[5 * YEAR], weekly[10 * YEAR]] == pytest.approx([0.329953, 0.812345], abs=1e-6)


def adopters(n: int, weeks: int, p: float, q: float) -> NDArray[np.float64]:
    """Share of users week by week in a crowd in which everybody sees everybody."""
    people = crowd(n, innovation=p, imitation=q, ease_intercept=60.0, ease_age=0.0, dropout=0.0)  # L() = 1
    people.levers["platform_modules"][:] = 4.0
    shares = [0.0]
    for week in range(weeks):
        people.residents.peers_adopted[:] = shares[-1]
        use_platform(people, week)
        shares.append(float(people.residents.adopted.mean()))
    return np.array(shares)


def use_platform(people: Crowd, week: int) -> None:
    platform.decide_platform(week, people.communities, people.residents, people.parameters, people.levers)


def misses_bass(shares: NDArray[np.float64], p: float, q: float, n: int) -> bool:
    """Compare weekly shares after 5 and 10 years with explicit weekly steps of which each is a probability 1 - e**-h.

    Standard error at 5 years: sampling noise sqrt(F (1 - F) / n), carried on by imitation, at most twice as large.
    """
    expected = [0.0]
    for _ in range(10 * YEAR):
        hazard = (p + q * expected[-1]) / YEAR
        expected.append(expected[-1] + (1 - expected[-1]) * (1 - math.exp(-hazard)))
    assert expected[5 * YEAR] == pytest.approx(bass(5, p, q), abs=0.002)
    missed = False
    for t in (5 * YEAR, 10 * YEAR):
        error = 2 * math.sqrt(expected[t] * (1 - expected[t]) / n)
        assert error < 0.01 * expected[t]
        missed = missed or abs(shares[t] - expected[t]) > 4 * error
    return missed


def test_d1_d2_agents_on_a_complete_graph() -> None:
    """n = 200,000, p = 0.03 and q = 0.38 a year in weekly steps: 0.3297 after 5 years (s.e. 0.0021), 0.812 after 10."""
    n = 200_000
    assert not misses_bass(adopters(n, 10 * YEAR, 0.03 / YEAR, 0.38 / YEAR), 0.03, 0.38, n)


def test_d1_catches_a_wrong_implementation() -> None:
    """Without imitation, or with one tenth less of it, the curve is another one."""
    n = 200_000
    for q in (0.0, 0.342):
        assert misses_bass(adopters(n, 10 * YEAR, 0.03 / YEAR, q / YEAR), 0.03, 0.38, n)


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
