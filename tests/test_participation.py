"""Taking part beside the checks P3 to P5, P10, P12: asking, rewards, what volunteers give."""

import numpy as np
import pytest

from shequ.agents import Resident
from shequ.agents.taking_part import Act, Contributor, ask_probability, stated_willingness, takes_part
from shequ.agents.view import python_row
from shequ.model import CommunityModel, parameters
from shequ.model.district import small_district
from shequ.model.processes import participation
from shequ.verification.crowd import crowd
from shequ.verification.participation import count_rows, group_counts

N = 200_000


def test_p4_catches_a_wrong_implementation() -> None:
    """Persons who all act with the mean probability give the mean 6, but the variance 4.8."""
    p = np.repeat([0.1, 0.2, 0.3], 10)
    counts = group_counts(np.full(30, np.log(0.2 / 0.8)), 10_000, 10)
    assert [row.verdict for row in count_rows(counts, p)] == ["holds", "fails"]


def test_reward_and_crowding_move_the_logit_too() -> None:
    """u = bP inc - bK: 20 yuan at 0.02 against 0.3; n = 200,000, s.e. below 0.0012."""
    for reward, value in ((0.0, -1.0), (5.0, -1.2), (20.0, -0.9)):
        people = crowd(N, volunteering_intercept=-1.0, reward_effect=0.02, crowding=0.3)
        people.levers["points_reward"][:] = reward
        expected = 1 / (1 + np.exp(-value))
        error = np.sqrt(expected * (1 - expected) / N)
        assert people.decide().mean() == pytest.approx(expected, abs=4 * error)


@pytest.mark.parametrize("households", [12, 30, 60])
def test_bigger_units_have_a_smaller_share_asked(households: int) -> None:
    """3 h of visits at 12 min make 15 asks a unit, of which the head's tie of 0.6 lets 9 succeed; n = 60,000."""
    people = crowd(60_000, unit_households=households, ask_minutes=12.0, ask_stranger=0.3)
    people.units.ask_hours[:] = 3.0
    people.residents.head_tie[:] = 0.6
    people.decide()
    expected = min(1.0, 15.0 / households) * 0.6
    error = float(np.sqrt(expected * (1 - expected) / 60_000))
    assert people.residents.asked.mean() == pytest.approx(expected, abs=4 * error)


def test_strangers_are_asked_at_the_share_of_strangers() -> None:
    p = python_row(parameters.table([parameters.defaults()])[0])
    assert ask_probability(1.0, 1000.0, 0.0, p) == ask_probability(1.0, 1000.0, p.ask_stranger, p)
    assert ask_probability(1.0, 1000.0, 0.9, p) == pytest.approx(60 / p.ask_minutes / 1000 * 0.9)


def test_an_ask_adds_five_to_fifteen_points_at_a_base_of_thirty_per_cent() -> None:
    """T1.3: bM is set for +5 to +15 points at P = 0.3; n = 200,000, s.e. 0.001."""
    people = crowd(N, volunteering_intercept=float(np.log(0.3 / 0.7)))
    people.units.ask_hours[:] = 1e9
    people.residents.head_tie[:] = 1.0
    gain = people.decide().mean() - 0.3
    assert people.residents.asked.all()
    assert 0.05 < gain < 0.15


def test_only_those_told_come_to_unit_activities_and_only_users_to_online_ones() -> None:
    people = crowd(400, activity_intercept=50.0, online_intercept=50.0, volunteering_intercept=-50.0)
    r = people.residents
    r.aware[:200] = 1
    r.adopted[::2] = 1
    people.units.activities[:] = 1
    people.decide()
    assert np.array_equal(r.acts == Act.ACTIVITY, r.aware == 1)
    people.units.online_activities[:] = 1
    people.committees.online_topics[:] = 1
    people.decide()
    assert np.array_equal((r.acts & Act.ACTIVITY) > 0, (r.aware == 1) & (r.adopted == 1))
    assert np.array_equal((r.acts & Act.ONLINE) > 0, r.adopted == 1)
    people.committees.festival[:] = 1
    people.decide()
    assert ((r.acts & Act.ACTIVITY) > 0).all()
    assert (r.last_activity == people.week - 1).all()


def test_time_is_a_budget() -> None:
    """With two hours free, an activity of two hours leaves none for volunteering; children stay at home."""
    people = crowd(50, activity_intercept=50.0, volunteering_intercept=50.0, council_intercept=50.0)
    people.residents.available_hours[:] = 2.0
    people.residents.age[:5] = 9
    people.committees.festival[:] = people.committees.meetings[:] = 1
    people.decide()
    assert people.residents.acts[:5].tolist() == [0] * 5
    assert (people.residents.acts[5:] == Act.ACTIVITY).all()


@pytest.mark.parametrize("offers", [1, 2, 3])
def test_more_occasions_raise_the_chance_to_come(offers: int) -> None:
    """P = 1 - (1 - L(V))**offers, on a grid of draws; the shortcut for far-off acts must not change an answer."""
    for value in (-8.0, -3.1, -3.0, -1.0, 2.0):
        expected = 1.0 - (1.0 - 1.0 / (1.0 + np.exp(-value))) ** offers
        draws = np.concatenate([np.linspace(0.0005, 0.9995, 1000), [expected * 0.999999, expected * 1.000001]])
        assert [takes_part(float(u), value, float(offers)) for u in draws] == (draws < expected).tolist()


def test_volunteers_give_the_least_time_and_a_share_of_the_rest() -> None:
    """Ten free hours, 1.5 at least: 90 minutes from a free rider, all 600 from an altruist, 345 at one half."""
    people = crowd(3, volunteering_intercept=50.0, volunteering_hours=1.5, cooperation_base=0.5, altruism=1.5)
    people.residents.contributor[:] = [Contributor.FREE_RIDER, Contributor.ALTRUIST, Contributor.CONDITIONAL]
    people.residents.sense_of_community[:] = 1.0
    people.decide()
    participation.count_residents(people.communities, people.residents, people.parameters, people.flows)
    assert people.flows.volunteer_minutes.tolist() == [90 + 600 + 345]
    assert people.flows.participations.tolist() == [3]


def test_habit_holds_for_the_same_act_and_some_weeks() -> None:
    """A habit of 3 logits on a base of -3: L(0) = 1/2 for those who volunteered up to eight weeks ago; n = 200,000."""
    people = crowd(N, volunteering_intercept=-3.0, habit_effect=3.0, habit_weeks=8.0)
    people.week = 100
    for column, weeks, expected in (
        (people.residents.last_volunteering, 8, 0.5),
        (people.residents.last_volunteering, 9, 1 / (1 + np.e**3)),
        (people.residents.last_council, 1, 1 / (1 + np.e**3)),
    ):
        people.residents.last_volunteering[:] = people.residents.last_council[:] = -30_000
        column[:] = people.week - weeks
        error = np.sqrt(expected * (1 - expected) / N)
        assert people.decide().mean() == pytest.approx(expected, abs=4 * error)


def test_heads_plan_what_is_asked_for_and_less_when_worn_out() -> None:
    """Mean activities a week of 20,000 units at 4 a month: 4 / 4.348 times effort and means; s.e. below 0.4 %."""
    people = crowd(240_000, unit_households=12)
    units = people.units
    units.organised[:] = units.on_duty[:] = 1
    units.head[:] = units.resident_start
    people.levers["unit_activities"][:] = 4.0
    p = people.parameters[0]
    for burnout, overload, arrived in ((0.0, 0.0, 1.0), (0.8, 0.0, 1.0), (0.0, 0.5, 0.0)):
        units.burnout[:], units.overload[:], units.activity_money[:] = burnout, overload, arrived
        people.levers["activity_budget"][:] = p["activity_cost"]
        participation.plan_weeks(0, people.communities, units, people.parameters, people.levers)
        means = p["free_activities"] + (1 - p["free_activities"]) * arrived
        mean = 4 * 12 * 7 / 365.25 * (1 - p["burnout_drag"] * burnout) / (1 + p["overload_drag"] * overload) * means
        error = np.sqrt(0.25 / len(units.id))  # planned counts lie at the two whole numbers about the mean
        assert units.activities.mean() == pytest.approx(mean, abs=4 * error)
        assert (np.abs(units.activities - mean) < 1).all()
    units.on_duty[:] = 0
    participation.plan_weeks(0, people.communities, units, people.parameters, people.levers)
    assert not units.activities.any()


def test_willingness_is_recorded_as_residents_state_it() -> None:
    """Sum over Mesa agents beside the record; willingness rises with education and lies far above action."""
    model = CommunityModel(small_district(40, 2), seed=2).run(until=0)
    of_age = [r for r in model.views(Resident) if r.age >= r.parameters.participation_age]
    recorded = model.recorder.dataset()["willing"].sel(group="all")[-1]
    assert float(recorded.sum()) == pytest.approx(sum(r.stated_willingness() for r in of_age), rel=1e-12)
    p = of_age[0].parameters
    assert stated_willingness(1.0, 0.4, 0.5, 0.5, p) > stated_willingness(0.5, 0.4, 0.5, 0.5, p)
    assert float(recorded.sum()) > 2 * sum(r.acts > 0 for r in of_age)
