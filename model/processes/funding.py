"""Money: what comes into the unit fund and the charity fund, how heads are paid, and what is left for activities.

The unit fund has three sources. The district pays its appropriation into a pool at the opening of a year and releases
it month by month: at most an equal share of what is left, heads' pay first, among communities in proportion to what
each has promised. Gifts come from residents and firms, fees from firms that rent sites; both go to the community's
charity fund, which helps out where the budget money ends and buys services with what the units do not need. An ordinary
budget keeps the committee going. Unspent budget money goes back as a year opens (T4.3).

Reads: residents' and firms' attitudes, units (head, duties, activities, trainings), levers, ``model.budget``. Writes:
gift and fee of residents and firms; pay, month_activities, month_duties, activity_money and training_money of units;
the ledger, points, ``model.funds``; flows of money.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents.columns import allocate
from ...agents.firm import Firm
from ...agents.giving import FEN, amount_given, firm_fee, firm_gift, gives
from ...agents.ngo import FIRM_KIND, Organisations
from ...agents.rates import MONTHS_A_YEAR, WEEKS_A_MONTH
from ...agents.resident import Resident, Residents
from ...agents.rules import rule
from ...agents.unit_head import Units
from ..compiled import kernel
from ..draws import Stream, draw_four, uniforms
from ..flows import Flows
from ..funds import Funds, account, appropriate, carry_back, draw_on, fen, release, take_in
from ..hours import Credits, expire, issue, redeem
from ..ledger import Book, Ledger, Purpose, Sector, transfer
from ..levers import LeverTable
from ..parameters import ParameterTable
from ..structure import Communities

if TYPE_CHECKING:
    from ..community_model import CommunityModel

DONATION_DRAW = int(Stream.DONATION)
SUNDAY = timedelta(days=6)
FULL = 255  # what a tally of a month can hold
COMMUNITY, UNIT_FUND, CHARITY = int(Sector.COMMUNITY), int(Sector.UNIT_FUND), int(Sector.CHARITY)
HEADS, HOUSEHOLDS, SUPPLIERS = int(Sector.HEADS), int(Sector.HOUSEHOLDS), int(Sector.SUPPLIERS)
HEAD_SUBSIDY, PERFORMANCE_PAY = int(Purpose.HEAD_SUBSIDY), int(Purpose.PERFORMANCE_PAY)
ACTIVITY, TRAINING, PLATFORM = int(Purpose.ACTIVITY), int(Purpose.TRAINING), int(Purpose.PLATFORM)
POINTS, SERVICE_PURCHASE = int(Purpose.POINTS), int(Purpose.SERVICE_PURCHASE)
ORDINARY_SPENDING = int(Purpose.ORDINARY_SPENDING)

ACCOUNTS = ("ten_household_fund", "special_fund")  # names under which plans promise money; one pool takes it all
PAYERS = ("district", "donations", "market")


class FundingError(ValueError):
    """A budget that names an account or payer which does not exist."""


def check_budget(model: "CommunityModel") -> None:
    """Raise FundingError on a budget that cannot be booked."""
    for money in model.budget:
        if money.account not in ACCOUNTS or money.payer not in PAYERS:
            message = (
                f"budget: {money.payer!r} cannot pay into {money.account!r}; payers are {', '.join(PAYERS)}, "
                f"accounts are {', '.join(ACCOUNTS)}"
            )
            raise FundingError(message)


def prepare(model: "CommunityModel") -> None:
    """Open ``model.ledger`` and ``model.funds``."""
    seeds, district = np.unique(model.communities.seed, return_inverse=True)
    model.funds = allocate(Funds, len(model.communities.id))
    model.funds.district[:] = district
    model.ledger = Ledger.opened(len(model.communities.id) + len(seeds))


def step(model: "CommunityModel") -> None:
    """Take in money, pay heads as a month opens, and say how far the money for activities and trainings will go."""
    m, book = model, model.ledger.book
    m.ledger.begin_week()
    m.funds.weeks_since_pay[:] += 1
    if m.calendar.opens_year(m.week):
        carry_back(book, m.funds, m.parameters)
    _appropriate(m)
    promise(m.communities, m.units, m.points, m.funds, m.parameters, m.levers)
    if m.calendar.opens_month(m.week):
        m.decide(Resident, "decide_gift", decide_gifts, m.week, m.communities, m.residents, m.parameters, m.levers)
        organisations = (m.communities, m.organisations, m.parameters, m.levers)
        m.decide(Firm, "decide_gift", decide_firm_gifts, m.week, *organisations)
        take_in(m.communities, m.residents, m.organisations, book, m.funds, m.flows, m.parameters)
        release(book, m.funds, m.flows, int(MONTHS_A_YEAR) + 1 - _month(m))
        pay_heads(m.communities, m.units, book, m.funds, m.flows, m.parameters, m.levers)
        redeem_points(book, m.points, m.funds, m.flows, m.parameters)
    set_aside(m.communities, m.units, book, m.funds, m.flows, _weeks_left(m), m.parameters)


def settle(model: "CommunityModel") -> None:
    """Pay the week's activities and trainings, issue points, spend the ordinary budget; the books must balance."""
    m = model
    pay_units(m.communities, m.units, m.ledger.book, m.points, m.flows, m.parameters, m.levers)
    spend_ordinary(m.ledger.book, m.flows, _weeks_left(m))
    m.ledger.check()


def _month(model: "CommunityModel") -> int:
    """Month in which the week ends: the new one in a week that opens a month."""
    return (model.calendar.monday(model.week) + SUNDAY).month


def _weeks_left(model: "CommunityModel") -> int:
    """Weeks until the next payday, this one included."""
    left = 1
    while not model.calendar.opens_month(model.week + left):
        left += 1
    return left


def _appropriate(model: "CommunityModel") -> None:
    """Pay the appropriations of a year into the pools of the districts: as it opens, or as many weeks late as they are.

    Entries whose payer is ``donations`` or ``market`` are targets and bring no money by themselves.
    """
    for money in model.budget:
        due = model.week - money.weeks_late
        if money.payer != "district" or not (model.calendar.opens_year(due) or due == 0):
            continue
        year = (model.calendar.monday(due) + SUNDAY).year
        if money.first_year <= year <= money.last_year:
            amount = round(money.yearly_fen * (1.0 + money.growth) ** (year - money.first_year))
            appropriate(model.ledger.book, model.funds, amount)


@rule
def performance_due(activities: int, duties: int, weeks: int, p: Any) -> bool:
    """Whether a head has earned the month's performance pay: enough activities were held and the duties were kept.

    [ten_household-117, ten_household-107]
    """
    return activities >= p.performance_activities and duties >= p.duty_share_paid * weeks


@kernel
def promise(
    communities: Communities,
    units: Units,
    points: Credits,
    funds: Funds,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Add up what each community has promised: pay due by now, and a month of activities, trainings and the rest."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        in_force = heads = earned = 0
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            if units.organised[u] == 0:
                continue
            in_force += 1
            if units.head[u] >= 0:
                heads += 1
                activities, duties = int(units.month_activities[u]), int(units.month_duties[u])
                earned += performance_due(activities, duties, int(funds.weeks_since_pay[c]), p)
        funds.pay_due[c] = heads * fen(lever.head_subsidy) + earned * fen(lever.head_performance_pay)
        funds.activities[c] = fen(in_force * lever.unit_activities * lever.activity_budget)
        funds.trainings[c] = fen(heads * lever.head_trainings / MONTHS_A_YEAR * p.training_cost)
        funds.platform[c] = fen(lever.platform_modules * p.platform_cost)
        funds.points[c] = int(p.points_redeemed * points.held[c])


@kernel
def decide_gifts(
    week: int, communities: Communities, residents: Residents, parameters: ParameterTable, levers: LeverTable
) -> None:
    """Kernel of :meth:`Resident.decide_gift`."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        u, giving = np.empty((4, stop - first)), np.empty(stop - first, np.bool_)
        draw_four(communities.seed[c], DONATION_DRAW, week, residents.id[first:stop], u)
        age, kind = residents.age[first:stop], residents.contributor[first:stop]
        trust, satisfaction = residents.trust_committee[first:stop], residents.satisfaction[first:stop]
        belief, luck = residents.belief[first:stop], u[0]
        for k in range(len(giving)):
            giving[k] = gives(
                np.float64(trust[k]),
                np.float64(satisfaction[k]),
                np.float64(belief[k]),
                int(kind[k]),
                lever.donation_drive,
                lever.fund_disclosure,
                luck[k],
                p,
            )
        for k in range(len(giving)):
            gift = amount_given(u[1, k], p.gift_size) if giving[k] and age[k] >= p.participation_age else 0
            residents.gift[first + k] = gift


@kernel
def decide_firm_gifts(
    week: int, communities: Communities, organisations: Organisations, parameters: ParameterTable, levers: LeverTable
) -> None:
    """Kernel of :meth:`Firm.decide_gift`."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            if organisations.kind[o] != FIRM_KIND:
                continue
            u = uniforms(communities.seed[c], DONATION_DRAW, week, organisations.id[o], 0)
            joined, size = int(organisations.joined[o]), np.float64(organisations.size[o])
            organisations.gift[o] = firm_gift(joined, size, lever.donation_drive, u[0], u[1], p)
            organisations.fee[o] = firm_fee(int(organisations.active[o]), joined, size, lever.resource_swap, u[2], p)


@kernel
def pay_heads(
    communities: Communities,
    units: Units,
    book: Book,
    funds: Funds,
    flows: Flows,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Pay subsidy and performance pay, pro rata within a community where money is short; a new month begins.

    What is withheld stays in the fund and is never made good.
    """
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        due = int(funds.pay_due[c])
        money = int(book.balance[account(c, UNIT_FUND)]) + int(book.balance[account(c, CHARITY)])
        share = min(1.0, money / due) * (1.0 - lever.subsidy_withheld) if due > 0 else 0.0
        subsidy, performance = int(share * fen(lever.head_subsidy)), int(share * fen(lever.head_performance_pay))
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            received = fiscal = 0
            if units.organised[u] == 1 and units.head[u] >= 0:
                received, fiscal = draw_on(book, c, HEADS, HEAD_SUBSIDY, subsidy, False)
                activities, duties = int(units.month_activities[u]), int(units.month_duties[u])
                if performance_due(activities, duties, int(funds.weeks_since_pay[c]), p):
                    more, of_budget = draw_on(book, c, HEADS, PERFORMANCE_PAY, performance, False)
                    received += more
                    fiscal += of_budget
            units.pay[u] = received / FEN
            units.month_activities[u] = 0
            units.month_duties[u] = 0
            flows.subsidies_paid[c] += received
            flows.fiscal_spending[c] += fiscal
        flows.subsidies_due[c] += due
        funds.weeks_since_pay[c] = 0


@kernel
def redeem_points(book: Book, points: Credits, funds: Funds, flows: Flows, parameters: ParameterTable) -> None:
    """Redeem points and let a share lapse; where money is short, points and the other bills get equal shares."""
    for c in range(len(points.held)):
        p: Any = parameters[c]
        wanted = int(funds.points[c])
        bills = wanted + int(funds.activities[c]) + int(funds.trainings[c]) + int(funds.platform[c])
        money = int(book.balance[account(c, UNIT_FUND)]) + int(book.balance[account(c, CHARITY)])
        share = min(1.0, money / bills) if bills > 0 else 0.0
        paid, fiscal = draw_on(book, c, HOUSEHOLDS, POINTS, int(share * wanted), False)
        flows.fiscal_spending[c] += fiscal
        redeem(points, c, paid)
        expire(points, c, int(p.points_expired * points.held[c]))


@kernel
def set_aside(
    communities: Communities,
    units: Units,
    book: Book,
    funds: Funds,
    flows: Flows,
    weeks_left: int,
    parameters: ParameterTable,
) -> None:
    """Say which share of promised trainings and activities the money at hand covers until payday; buy services.

    Trainings come before activities; the charity fund buys services with a share of what the units will not need.
    """
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        part = weeks_left / WEEKS_A_MONTH
        fund, charity = int(book.balance[account(c, UNIT_FUND)]), int(book.balance[account(c, CHARITY)])
        money = fund + charity + int(book.balance[account(c, COMMUNITY)]) - part * funds.platform[c]
        trainings, activities = part * funds.trainings[c], part * funds.activities[c]
        training_money = min(1.0, max(0.0, money) / trainings) if trainings > 0.0 else 1.0
        activity_money = min(1.0, max(0.0, money - trainings) / activities) if activities > 0.0 else 1.0
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            units.training_money[u] = training_money
            units.activity_money[u] = activity_money
        needed = max(0.0, trainings + activities + part * funds.platform[c] + funds.pay_due[c] - fund)
        spare = int(p.charity_purchases * max(0.0, charity - needed))
        paid = transfer(book, account(c, CHARITY), account(c, SUPPLIERS), SERVICE_PURCHASE, spare)
        funds.slots_bought[c] = paid / (FEN * p.slot_price)


@kernel
def pay_units(
    communities: Communities,
    units: Units,
    book: Book,
    points: Credits,
    flows: Flows,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Pay the activities and trainings of the week and the platform; issue points; keep the month's tally of units."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        activities = trainings = 0.0
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            activities += np.float64(units.activity_money[u]) * units.activities[u]
            trainings += np.float64(units.training_money[u]) * units.trainings[u]
            units.month_activities[u] = min(FULL, int(units.month_activities[u]) + int(units.activities[u]))
            units.month_duties[u] = min(FULL, int(units.month_duties[u]) + int(units.on_duty[u]))
        platform = fen(lever.platform_modules * p.platform_cost / WEEKS_A_MONTH)
        spent = draw_on(book, c, SUPPLIERS, TRAINING, fen(trainings * p.training_cost), True)[1]
        bill = fen(p.activities_billed * activities * lever.activity_budget)
        spent += draw_on(book, c, SUPPLIERS, ACTIVITY, bill, True)[1]
        spent += draw_on(book, c, SUPPLIERS, PLATFORM, platform, True)[1]
        flows.fiscal_spending[c] += spent
        issue(points, c, fen(flows.participations[c] * lever.points_reward))


@kernel
def spend_ordinary(book: Book, flows: Flows, weeks_left: int) -> None:
    """Spend the ordinary budget evenly until the next one comes."""
    for c in range(len(flows.fiscal_spending)):
        amount = max(0, int(book.balance[account(c, COMMUNITY)])) // weeks_left
        spent = transfer(book, account(c, COMMUNITY), account(c, SUPPLIERS), ORDINARY_SPENDING, amount)
        flows.fiscal_spending[c] += spent
