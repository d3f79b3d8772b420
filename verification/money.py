"""Money and credits are conserved to the fen (checks R1, R2, R6)."""

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

import numpy as np

from ..agents.columns import I64, allocate
from ..model.compiled import kernel
from ..model.hours import Credits, expire, issue, redeem
from ..model.ledger import MAY_OVERDRAW, Book, Ledger, LedgerError, Purpose, Sector, transfer
from .check import Row, at_least_one, check, close, exact, printed, require
from .purses import YEARLY, appropriated, busy, money, one_week, purse, released, spent

TAKING_PART = 30  # participations a week and community, which earn points
SIM = (20.0, 0.2, 0.6, 0.4)  # Godley & Lavoie 2007: G, theta, a1, a2
SIM_INCOME = (38.4615, 47.9290, 55.9399, 62.7184, 68.4540, 73.3073)
SIM_WEALTH = (12.3077, 22.7219, 31.5339)


# --- R1 ---------------------------------------------------------------------------------------------------------------


@kernel
def post_all(book: Book, postings: I64) -> I64:
    """Make ``postings`` (payer, payee, purpose, fen), one a row; returns what was paid."""
    paid = np.zeros(len(postings), np.int64)
    for k in range(len(postings)):
        paid[k] = transfer(book, postings[k, 0], postings[k, 1], postings[k, 2], postings[k, 3])
    return paid


@check("R1", "money is conserved", cases=[{"yearly": 0}, {"yearly": YEARLY}, {"yearly": 100 * YEARLY}])
def money_conserved(
    yearly: int = YEARLY, weeks: int = 104, ledgers: int = 200, postings: int = 30, places: int = 3, seed: int = 9
) -> Iterator[Row]:
    """Random postings between any accounts, in ``ledgers`` ledgers: rows of the flow matrix sum to zero, columns give
    the balances, nobody overdraws who may not, and rule and kernel agree.

    Then some weeks of the model's money with ``yearly`` fen from the district and every kind of expense.
    """
    require(yearly >= 0, "give a yearly appropriation of 0 fen or more")
    at_least_one(weeks=weeks, ledgers=ledgers, postings=postings, places=places)
    yield from _postings(np.random.default_rng(seed), ledgers, postings, places)
    model = busy(yearly, seed)
    rows = columns = alarms = 0
    total: Any = np.zeros(weeks, np.int64)
    for week in range(weeks):
        one_week(model, TAKING_PART)
        alarms += _alarm(model.ledger)
        rows += int((model.ledger.matrix().sum(axis=1) != 0).sum())
        columns += int((model.ledger.book.balance != model.ledger.book.total.sum(axis=0)).sum())
        total[week] = model.ledger.book.balance.sum()
    yield exact("model: purposes with money from nowhere, over all weeks", 0, rows)
    yield exact("model: balances that are not the sum of their flows, over all weeks", 0, columns)
    yield exact("model: weeks that the ledger finds at fault", 0, alarms)
    yield exact("model: all balances together, farthest from zero", 0, np.abs(total).max())


def _postings(rng: Any, ledgers: int, postings: int, places: int) -> Iterator[Row]:
    accounts = places * len(Sector)
    rows = columns = overdrawn = wrong = differ = alarms = 0
    strict = np.array([sector not in MAY_OVERDRAW for sector in Sector] * places)
    for _ in range(ledgers):
        ends = rng.integers(0, accounts, (postings, 2))
        amounts = (10.0 ** rng.uniform(-1.0, 12.0, postings)).astype(np.int64)  # from 0 to 10 billion yuan
        array: Any = np.column_stack([ends, rng.integers(0, len(Purpose), postings), amounts])
        ledger, plain = Ledger.opened(places), Ledger.opened(places)
        paid = post_all(ledger.book, array)
        rows += int((ledger.matrix(since_start=True).sum(axis=1) != 0).sum())
        columns += int((ledger.book.balance != ledger.book.total.sum(axis=0)).sum())
        overdrawn += int((ledger.book.balance[strict] < 0).sum())
        wrong += int(((paid < 0) | (paid > amounts)).sum())
        alarms += _alarm(ledger)
        differ += [transfer(plain.book, *posting) for posting in array.tolist()] != paid.tolist()
        differ += bool((plain.book.total != ledger.book.total).any())
    yield exact("postings: purposes with money from nowhere", 0, rows)
    yield exact("postings: balances that are not the sum of their flows", 0, columns)
    yield exact("postings: accounts overdrawn that may not be", 0, overdrawn)
    yield exact("postings: paid less than nothing or more than asked", 0, wrong)
    yield exact("postings: ledgers found at fault", 0, alarms)
    yield exact("postings: rule and kernel differ", 0, differ)


def _alarm(ledger: Ledger) -> int:
    """1 if the ledger finds itself at fault, else 0."""
    try:
        ledger.check()
    except LedgerError:
        return 1
    return 0


# --- R2 ---------------------------------------------------------------------------------------------------------------


class SimSector(IntEnum):
    """Who holds money in model SIM."""

    GOVERNMENT = 0
    PRODUCTION = 1
    HOUSEHOLDS = 2


class SimPurpose(IntEnum):
    """What money is paid for in model SIM."""

    GOVERNMENT_SPENDING = 0
    CONSUMPTION = 1
    WAGES = 2
    TAXES = 3


def run_sim(numbers: tuple[float, float, float, float], periods: int, scale: int) -> tuple[Any, Any, Ledger]:
    """Model SIM by rounds of the multiplier: nothing is solved, every yuan is handed from one to the next.

    Returns income and wealth of each period, in units of ``scale`` fen.
    """
    spending, tax_rate, of_income, of_wealth = numbers
    ledger = Ledger.opened(1, SimSector, SimPurpose, frozenset({SimSector.GOVERNMENT}))
    book = ledger.book
    government, production, households = SimSector
    incomes, wealths = np.zeros(periods), np.zeros(periods)
    for period in range(periods):
        ledger.begin_week()
        wealth = int(book.balance[households])
        transfer(book, government, production, SimPurpose.GOVERNMENT_SPENDING, int(spending * scale))
        transfer(book, households, production, SimPurpose.CONSUMPTION, int(of_wealth * wealth))
        while book.balance[production] > 0:
            wages = transfer(book, production, households, SimPurpose.WAGES, int(book.balance[production]))
            tax = transfer(book, households, government, SimPurpose.TAXES, int(tax_rate * wages))
            transfer(book, households, production, SimPurpose.CONSUMPTION, int(of_income * (wages - tax)))
        ledger.check()
        incomes[period] = ledger.matrix()[SimPurpose.WAGES, households] / scale
        wealths[period] = book.balance[households] / scale
    return incomes, wealths, ledger


@check("R2", "model SIM: income and wealth by rounds of payments")
def model_sim(
    spending: float = 20.0,
    tax: float = 0.2,
    of_income: float = 0.6,
    of_wealth: float = 0.4,
    periods: int = 120,
    scale: int = 1_000_000_000,
) -> Iterator[Row]:
    """Government spends, households are paid, taxed, and spend ``of_income`` of the rest and ``of_wealth`` of money.

    Y = (G + a2 H) / (1 - a1 (1 - t)), H' = H + (1 - a1)(1 - t) Y - a2 H, at rest Y = G/t and H = (1 - a1)(1 - t)/a2 Y.
    Each posting is rounded down to a fen, of which a unit of money has ``scale``.
    """
    shares = (tax, of_income, of_wealth)
    require(min(shares) > 0.0 and max(shares) < 1.0, "give a tax and shares spent between 0 and 1")
    require(spending > 0.0 and periods >= 1, "give spending above 0 and a period or more")
    require(10**6 <= scale * spending <= 10**12, "give a scale that makes spending a million to a trillion fen")
    numbers = (spending, tax, of_income, of_wealth)
    saved, spent = (1.0 - of_income) * (1.0 - tax), 1.0 - of_income * (1.0 - tax)
    income, wealth = np.zeros(periods), np.zeros(periods)
    held = 0.0
    for period in range(periods):
        income[period] = (spending + of_wealth * held) / spent
        wealth[period] = held = held + saved * income[period] - of_wealth * held
    if numbers == SIM:
        for name, published, values in (("income", SIM_INCOME, income), ("wealth", SIM_WEALTH, wealth)):
            for k, value in enumerate(published[:periods]):
                yield printed(f"{name} of period {k + 1} (published)", value, values[k], digits=4)
    rounding = 1e-6 * spending / tax
    incomes, wealths, ledger = run_sim(numbers, periods, scale)
    yield close("income, largest distance", 0.0, float(np.abs(incomes - income).max()), tolerance=rounding)
    yield close("wealth, largest distance", 0.0, float(np.abs(wealths - wealth).max()), tolerance=10.0 * rounding)
    rest = spending / tax
    factor = 1.0 - of_wealth + saved * of_wealth / spent  # by which the gap shrinks a period
    gap = rest * factor**periods
    yield close("income in the end, near rest", rest, incomes[-1], tolerance=gap / factor + rounding)
    at_rest = saved / of_wealth * rest
    yield close(
        "wealth in the end, near rest", at_rest, wealths[-1], tolerance=saved / of_wealth * gap + 10.0 * rounding
    )
    debt = -ledger.book.balance[SimSector.GOVERNMENT]
    yield exact("debt of government is wealth of households, fen", debt, ledger.book.balance[SimSector.HOUSEHOLDS])


# --- R6 ---------------------------------------------------------------------------------------------------------------


@check(
    "R6",
    "no line above its appropriation; credits add up",
    cases=[{"yearly": yearly, "back": back} for yearly, back in ((0, 1.0), (YEARLY, 0.0), (100 * YEARLY, 1.0))],
)
def budgets(yearly: int = YEARLY, back: float = 1.0, years: int = 2, steps: int = 2000, seed: int = 9) -> Iterator[Row]:
    """Spending <= released <= appropriated every week of ``years`` years with every kind of expense.

    Where nothing is promised, nothing is released, and as a year ends the share ``back`` of the money returns. Points
    and volunteered minutes after any ``steps`` random steps: issued = held + redeemed + expired.
    """
    require(yearly >= 0 and 1 <= years <= 5, "give a yearly appropriation of 0 fen or more and 1 to 5 years")
    require(0.0 <= back <= 1.0 and steps >= 1, "give a share that goes back between 0 and 1, and one step or more")
    model = busy(yearly, seed)
    over = unreleased = opened = uneven = 0
    while opened < years or not model.calendar.opens_year(model.week + 1):
        one_week(model, TAKING_PART)
        opened += int(model.calendar.opens_year(model.week))
        over += spent(model, *range(Purpose.HEAD_SUBSIDY, len(Purpose))) > released(model)
        unreleased += released(model) > appropriated(model)
        points = model.points
        uneven += int((points.issued != points.held + points.redeemed + points.expired).sum())
    yield exact("weeks with more spent than released", 0, over)
    yield exact("weeks with more released than appropriated", 0, unreleased)
    yield exact("appropriated, fen", years * yearly, appropriated(model))
    yield exact("points of the model that do not add up", 0, uneven)
    earned = TAKING_PART * 500 * (model.week + 1)
    yield exact("points issued in each community, fen", earned, float(model.points.issued.mean()))
    yield from _returned(yearly, back, seed)
    yield from _credits(np.random.default_rng(seed), steps)


def _returned(yearly: int, back: float, seed: int) -> Iterator[Row]:
    """One year's money that nobody is promised."""
    idle = purse(
        [money(yearly, last=2024)], values={"carry_back": back}, seed=seed, platform_modules=0.0, head_trainings=0.0
    )
    while not (idle.week > 0 and idle.calendar.opens_year(idle.week)):
        idle.step()
    yield exact("unpromised money released, fen", 0, released(idle))
    pool, district = (int(idle.ledger.balances()[2, sector]) for sector in (Sector.UNIT_FUND, Sector.DISTRICT))
    yield close("unspent money that stays, fen", (1.0 - back) * yearly, pool, tolerance=1.0)
    yield close("unspent money that returns, fen", back * yearly, district, tolerance=1.0)


def _credits(rng: Any, steps: int) -> Iterator[Row]:
    """Random steps with the rules that points and volunteered minutes share, beside a count of one's own."""
    credits = allocate(Credits, 2)
    held: list[int] = [0, 0]
    wrong = 0
    for _ in range(steps):
        c, amount, step = int(rng.integers(2)), int(10.0 ** rng.uniform(-1.0, 6.0)), int(rng.integers(3))
        if step == 0:
            issue(credits, c, amount)
            held[c] += amount
        else:
            done = redeem(credits, c, amount) if step == 1 else expire(credits, c, amount)
            wrong += done is not None and done != min(amount, held[c])
            held[c] -= min(amount, held[c])
        wrong += bool((credits.issued != credits.held + credits.redeemed + credits.expired).any())
        wrong += credits.held.tolist() != held
    yield exact("credits: steps after which sums are wrong", 0, wrong)
