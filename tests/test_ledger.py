"""Money and credits are conserved exactly (checks R1, R2, R6)."""

from enum import IntEnum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shequ.agents.columns import allocate
from shequ.model.compiled import kernel
from shequ.model.hours import Credits, Hours, HoursError, check, expire, issue, redeem
from shequ.model.ledger import MAY_OVERDRAW, Book, Ledger, LedgerError, Purpose, Sector, transfer

POSTING = st.tuples(
    st.integers(0, 3 * len(Sector) - 1),
    st.integers(0, 3 * len(Sector) - 1),
    st.integers(0, len(Purpose) - 1),
    st.integers(0, 10**12),
)


@kernel
def post_all(book: Book, postings: np.ndarray) -> np.ndarray:
    paid = np.zeros(len(postings), np.int64)
    for k in range(len(postings)):
        paid[k] = transfer(book, postings[k, 0], postings[k, 1], postings[k, 2], postings[k, 3])
    return paid


@given(st.lists(POSTING, min_size=1, max_size=30))
@settings(max_examples=200, deadline=None)
def test_r1_any_postings_conserve_money(postings):
    """Rows sum to zero, columns give the balances, the total stays zero, and nobody overdraws who may not."""
    ledger = Ledger.opened(3)
    array = np.array(postings, np.int64)
    paid = post_all(ledger.book, array)
    ledger.check()
    assert ledger.book.balance.sum() == 0
    assert (ledger.matrix(since_start=True).sum(axis=1) == 0).all()
    assert ((paid >= 0) & (paid <= array[:, 3])).all()
    plain = Ledger.opened(3)  # the rule as plain Python gives the same books
    assert [transfer(plain.book, *posting) for posting in postings] == paid.tolist()
    assert (plain.book.total == ledger.book.total).all()


def test_r1_an_account_without_credit_pays_what_it_holds():
    ledger = Ledger.opened(1)
    fund, heads, world = (ledger.account(0, s) for s in (Sector.UNIT_FUND, Sector.HEADS, Sector.WORLD))
    assert transfer(ledger.book, fund, heads, Purpose.HEAD_SUBSIDY, 500) == 0
    assert transfer(ledger.book, world, fund, Purpose.REVENUE, 300) == 300
    assert transfer(ledger.book, fund, heads, Purpose.HEAD_SUBSIDY, 500) == 300
    assert ledger.balances()[0, Sector.UNIT_FUND] == 0
    with pytest.raises(ValueError, match="negative"):
        transfer(ledger.book, world, fund, Purpose.REVENUE, -1)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda book: book.balance.__setitem__(2, 1), "is not the sum of its flows"),
        (lambda book: book.week.__setitem__((3, 2), 7), "RELEASE this week sums to 7 fen"),
        (lambda book: book.total.__setitem__((5, 1), -4), "DONATION since the start sums to -4 fen"),
    ],
)
def test_r1_catches_a_wrong_implementation(damage, message):
    """A one-sided posting (money from nowhere) is found and named."""
    ledger = Ledger.opened(2)
    ledger.check()
    damage(ledger.book)
    with pytest.raises(LedgerError, match=message):
        ledger.check()


def test_r1_an_overdrawn_account_is_found():
    ledger = Ledger.opened(1, may_overdraw=frozenset(Sector))
    transfer(ledger.book, ledger.account(0, Sector.CHARITY), 0, Purpose.DONATION, 10)
    ledger.check()
    strict = Ledger(Sector, Purpose, 1, ledger.book._replace(may_overdraw=Ledger.opened(1).book.may_overdraw))
    with pytest.raises(LedgerError, match="CHARITY at place 0 is overdrawn"):
        strict.check()
    assert Sector.CHARITY not in MAY_OVERDRAW


# --- model SIM --------------------------------------------------------------------------------------------------------


class SimSector(IntEnum):
    GOVERNMENT = 0
    PRODUCTION = 1
    HOUSEHOLDS = 2


class SimPurpose(IntEnum):
    GOVERNMENT_SPENDING = 0
    CONSUMPTION = 1
    WAGES = 2
    TAXES = 3


def run_sim(periods: int, scale: int, spend_wealth: bool = True) -> tuple[list[float], list[float], Ledger]:
    """Godley & Lavoie's model SIM by multiplier rounds: nothing is solved, every yuan is handed from one to the next.

    G = 20, theta = 0.2, a1 = 0.6, a2 = 0.4 in units of ``scale`` fen. Returns income and wealth of each period.
    """
    ledger = Ledger.opened(1, SimSector, SimPurpose, frozenset({SimSector.GOVERNMENT}))
    book = ledger.book
    incomes, wealths = [], []
    for _ in range(periods):
        ledger.begin_week()
        wealth = int(book.balance[SimSector.HOUSEHOLDS])
        transfer(book, SimSector.GOVERNMENT, SimSector.PRODUCTION, SimPurpose.GOVERNMENT_SPENDING, 20 * scale)
        if spend_wealth:
            transfer(book, SimSector.HOUSEHOLDS, SimSector.PRODUCTION, SimPurpose.CONSUMPTION, wealth * 4 // 10)
        while book.balance[SimSector.PRODUCTION] > 0:
            sales = int(book.balance[SimSector.PRODUCTION])
            wages = transfer(book, SimSector.PRODUCTION, SimSector.HOUSEHOLDS, SimPurpose.WAGES, sales)
            tax = transfer(book, SimSector.HOUSEHOLDS, SimSector.GOVERNMENT, SimPurpose.TAXES, wages * 2 // 10)
            spent = (wages - tax) * 6 // 10
            transfer(book, SimSector.HOUSEHOLDS, SimSector.PRODUCTION, SimPurpose.CONSUMPTION, spent)
        ledger.check()
        incomes.append(ledger.matrix()[SimPurpose.WAGES, SimSector.HOUSEHOLDS] / scale)
        wealths.append(book.balance[SimSector.HOUSEHOLDS] / scale)
    return incomes, wealths, ledger


def test_r2_model_sim():
    """Published path of income and wealth; rounding each posting down costs less than 1e-6 of a unit of 1e9 fen."""
    incomes, wealths, ledger = run_sim(120, 10**9)
    assert incomes[:6] == pytest.approx([38.4615, 47.9290, 55.9399, 62.7184, 68.4540, 73.3073], abs=6e-5)
    assert wealths[:3] == pytest.approx([12.3077, 22.7219, 31.5339], abs=6e-5)
    assert incomes[-1] == pytest.approx(100, abs=1e-5)  # the gap shrinks by 11/13 a period
    assert wealths[-1] == pytest.approx(80, abs=1e-5)
    assert -ledger.book.balance[SimSector.GOVERNMENT] == ledger.book.balance[SimSector.HOUSEHOLDS]  # debt is wealth


def test_r2_catches_a_wrong_implementation():
    """Households that do not spend out of wealth stay at the first period's income."""
    incomes, _, _ = run_sim(3, 10**9, spend_wealth=False)
    assert incomes[0] == pytest.approx(38.4615, abs=6e-5)
    assert abs(incomes[1] - 47.9290) > 9


# --- credits ----------------------------------------------------------------------------------------------------------

STEP = st.tuples(st.sampled_from(["issue", "redeem", "expire"]), st.integers(0, 1), st.integers(0, 10**6))


@given(st.lists(STEP, max_size=40))
@settings(max_examples=200, deadline=None)
def test_r6_credits_issued_are_held_redeemed_or_expired(steps):
    points, bank, hours = allocate(Credits, 2), allocate(Credits, 2), allocate(Hours, 2)
    for what, c, amount in steps:
        {"issue": issue, "redeem": redeem, "expire": expire}[what](points, c, amount)
        check(hours, points, bank)


def test_r6_catches_a_wrong_implementation():
    points, bank, hours = allocate(Credits, 2), allocate(Credits, 2), allocate(Hours, 2)
    issue(points, 0, 50)
    points.redeemed[0] += 20  # redeemed but still held
    with pytest.raises(HoursError, match="points: issued is not held"):
        check(hours, points, bank)
    hours.staff_unused[1] = -5
    with pytest.raises(HoursError, match="community 1: staff spent 5 minutes more"):
        check(hours, points, bank)
