"""Money in the model: appropriations, pay of heads, gifts, points (T4.3)."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from shequ.agents.giving import FREE_RIDER, amount_given, firm_fee, firm_gift, gives
from shequ.agents.view import python_row
from shequ.model import parameters
from shequ.model.calendar import Calendar
from shequ.model.community_model import CommunityModel
from shequ.model.district import Appropriation, DistrictSpec, small_district
from shequ.model.ledger import Purpose, Sector
from shequ.model.levers import Setting
from shequ.model.processes import funding
from shequ.verification.purses import ALONE, YEARLY, appropriated, money, one_week, purse, released, spent

NO_SOCIAL = {"gift_base": -9.0, "gift_trust": 0.0, "gift_satisfaction": 0.0, "gift_belief": 0.0, "firm_gift_base": -4.0}


def test_appropriations_grow_by_the_year_and_start_when_promised():
    model = purse([money(first=2025, last=2026, growth=0.3)])
    paid = []
    while model.week < 150:
        model.step()
        if model.calendar.opens_year(model.week):
            paid.append(int(model.ledger.matrix()[Purpose.APPROPRIATION, Sector.UNIT_FUND]))
    assert paid == [0, YEARLY, round(YEARLY * 1.3)]


def test_an_appropriation_comes_in_week_0_of_a_calendar_that_starts_late():
    model = purse([money()], calendar=Calendar(date(2024, 4, 8), date(2024, 12, 31)))
    model.step()
    assert appropriated(model) == YEARLY


def test_heads_are_paid_in_full_where_money_is_enough():
    """Subsidy at once; performance pay only after a month with activities and duties kept."""
    model = purse([money(100 * YEARLY)], head_subsidy=200.0, head_performance_pay=100.0)
    units, first = model.units, int(model.communities.unit_start[0])
    units.on_duty[first] = 0
    units.activities[first + 1] = 0
    model.step()
    assert set(units.pay[first : first + 4]) == {200.0}
    while not model.calendar.opens_month(model.week + 1):
        model.step()
    model.step()
    assert units.pay[first : first + 5].tolist() == [200.0, 200.0, 300.0, 300.0, 0.0]
    assert model.flows.subsidies_due[0] == model.flows.subsidies_paid[0] == 100_000
    assert units.month_activities[first + 2] == 1  # the tally began anew this week
    assert spent(model, Purpose.PERFORMANCE_PAY) == 6 * 10_000  # two here, four in the other community


def test_short_money_is_paid_pro_rata():
    """The pool opens a twelfth of the year in January: 8 heads share it equally, and no one else is paid."""
    model = purse([money()], values=NO_SOCIAL, head_subsidy=200.0)
    model.residents.contributor[:] = FREE_RIDER
    model.step()
    monthly = YEARLY // 12
    paid = model.units.pay[model.units.organised == 1]
    assert len(paid) == 8
    assert paid == pytest.approx(monthly / 8 / 100, abs=0.02)
    assert model.flows.subsidies_due.sum() == 8 * 20_000
    assert monthly - 8 <= model.flows.subsidies_paid.sum() <= monthly
    assert model.flows.fiscal_spending.sum() >= model.flows.subsidies_paid.sum()


def test_the_year_is_spread_over_the_months():
    """Promises beyond the pool: each month opens about a twelfth, and all of it is out by December."""
    model = purse([money(last=2024)], head_subsidy=1000.0)
    monthly = []
    for _ in range(52):
        before = released(model)
        model.step()
        if model.calendar.opens_month(model.week):
            monthly.append(released(model) - before)
    assert len(monthly) == 12
    assert min(monthly) > 0.99 * YEARLY / 12
    assert sum(monthly) == pytest.approx(YEARLY, abs=12 * 8)


def test_heads_are_paid_before_activities():
    """If pay takes all the money, activities get what the ordinary account holds; with plenty they get all."""
    poor = purse([money()], head_subsidy=1000.0, activity_budget=1000.0, unit_activities=8.0)
    rich = purse([money(1000 * YEARLY)], head_subsidy=1000.0, activity_budget=1000.0, unit_activities=8.0)
    for model in (poor, rich):
        model.step()
    assert (rich.units.activity_money == 1).all()
    assert (poor.units.activity_money[poor.units.organised == 1] < 0.2).all()
    assert spent(poor, Purpose.ACTIVITY) < 0.01 * spent(poor, Purpose.HEAD_SUBSIDY)
    assert -rich.ledger.matrix()[Purpose.ACTIVITY].min() == 8 * 100_000  # eight units, one activity each


def test_trainings_come_before_activities():
    model = purse(activity_budget=1000.0, unit_activities=8.0, head_trainings=12.0, values={"training_cost": 500.0})
    model.step()
    units, in_force = model.units, model.units.organised == 1
    assert (units.training_money[in_force] > 0.1).all()
    assert (units.activity_money[in_force] == 0).all()


def test_points_are_redeemed_while_money_lasts():
    model = purse([money()], points_reward=10.0)
    for _ in range(60):
        one_week(model, participations=50)
    points, paid = model.points, model.ledger.matrix(since_start=True)[Purpose.POINTS, Sector.HOUSEHOLDS]
    assert (points.issued == 60 * 50 * 1000).all()
    assert points.redeemed.sum() == paid > 0
    assert points.expired.sum() > 0


def test_both_engines_give_the_same_bytes():
    one, other = (
        purse([money()], engine=engine, head_subsidy=100.0, donation_drive=0.7, resource_swap=0.6, fund_disclosure=0.5)
        for engine in ("compiled", "agents")
    )
    for model in (one, other):
        model.organisations.joined[::2] = 1
        for _ in range(6):
            model.step()
    for name in ("residents", "organisations", "units"):
        for a, b in zip(getattr(one, name), getattr(other, name), strict=True):
            assert a.tobytes() == b.tobytes()
    assert (one.ledger.book.total == other.ledger.book.total).all()
    assert one.residents.gift.sum() > 0
    assert one.organisations.fee.sum() > 0


def test_giving_follows_trust_appeal_and_type():
    """Odds ratios of the rule: a gift is made just below its probability and not above it."""
    p = python_row(parameters.table([parameters.defaults()])[0])

    def chance(trust, satisfaction, belief, contributor, appeal, disclosure):
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2
            gave = gives(trust, satisfaction, belief, contributor, appeal, disclosure, middle, p)
            low, high = (middle, high) if gave else (low, middle)
        return low

    def logit(x):
        return np.log(x / (1 - x))

    base = logit(chance(0.5, 0.5, 0.5, 0, 0.0, 0.0))
    assert logit(chance(0.7, 0.5, 0.5, 0, 0.0, 0.0)) - base == pytest.approx(0.2 * p.gift_trust, abs=1e-6)
    assert logit(chance(0.5, 0.9, 0.5, 0, 0.0, 0.0)) - base == pytest.approx(0.4 * p.gift_satisfaction, abs=1e-6)
    assert logit(chance(0.5, 0.5, 0.5, 0, 1.0, 1.0)) - base == pytest.approx(
        p.gift_appeal + p.gift_disclosure, abs=1e-6
    )
    assert base - logit(chance(0.5, 0.5, 0.5, 3, 0.0, 0.0)) == pytest.approx(0.5 * p.gift_belief, abs=1e-6)
    assert chance(1.0, 1.0, 1.0, FREE_RIDER, 1.0, 1.0) == 0


def test_amounts_have_the_stated_mean():
    """Exponential with mean 20 yuan: n = 40,000 gifts, s.e. 0.5 %; rounding to fen is far below it."""
    draws = (np.arange(40_000) + np.random.default_rng(1).random(40_000)) / 40_000
    amounts = np.array([amount_given(u, 20.0) for u in draws])
    assert amounts.dtype.kind == "i"
    assert amounts.mean() == pytest.approx(2000, rel=0.01)
    assert amounts.std() == pytest.approx(2000, rel=0.03)


def test_firms_give_if_they_take_part_and_trade_more_then():
    p = python_row(parameters.table([parameters.defaults()])[0])
    assert firm_gift(0, 1.0, 1.0, 1e-9, 0.5, p) == 0
    assert firm_gift(1, 2.0, 0.0, 1e-9, 0.5, p) == pytest.approx(2 * firm_gift(1, 1.0, 0.0, 1e-9, 0.5, p), abs=1)
    outsider, partner = p.swap_deals * p.swap_outsider, p.swap_deals
    assert firm_fee(1, 0, 1.0, 1.0, outsider + 1e-9, p) == 0 < firm_fee(1, 1, 1.0, 1.0, outsider + 1e-9, p)
    assert firm_fee(1, 1, 1.0, 1.0, partner + 1e-9, p) == 0
    assert firm_fee(1, 1, 1.0, 0.0, 1e-9, p) == 0
    assert firm_fee(0, 0, 1.0, 1.0, 1e-9, p) == 0  # empty premises


@pytest.mark.parametrize("entry", [("district", "roads"), ("lottery", "ten_household_fund")])
def test_a_budget_that_cannot_be_booked_is_refused(entry):
    payer, account = entry
    with pytest.raises(funding.FundingError, match="payers are district, donations, market"):
        purse([Appropriation(account, payer, 1, 2024, 2028)])


def test_targets_bring_no_money():
    """What donors are hoped to give is a target; the money comes from their decisions."""
    hoped = [Appropriation("ten_household_fund", payer, 10**12, 2024, 2028) for payer in ("donations", "market")]
    with_target, without = purse(hoped), purse()
    for model in (with_target, without):
        for _ in range(6):
            model.step()
    assert (with_target.ledger.book.total == without.ledger.book.total).all()


def test_communities_of_another_seed_are_another_district():
    """In a batch every run has its own pool."""
    specs = tuple(replace(spec, seed=5 + spec.id // 2) for spec in small_district(60, 4).communities)
    settings = [Setting(-1000, c, "platform_modules", 0.0) for c in range(4)]
    model = CommunityModel(DistrictSpec(specs), budget=[money()], off=ALONE, settings=settings)
    model.week = -1
    model.step()
    assert model.funds.district.tolist() == [0, 0, 1, 1]
    pools = model.ledger.balances()[4:, Sector.UNIT_FUND]
    assert pools.tolist() == [YEARLY, YEARLY]
