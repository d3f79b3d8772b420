"""Books and credits that are wrong are found."""

import pytest

from shequ import verification
from shequ.agents.columns import allocate
from shequ.model.hours import Credits, Hours, HoursError, check, issue
from shequ.model.ledger import MAY_OVERDRAW, Ledger, LedgerError, Purpose, Sector, transfer
from shequ.verification import money
from shequ.verification.check import CheckError
from shequ.verification.money import SimPurpose, SimSector


def test_an_account_without_credit_pays_what_it_holds():
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


def test_an_overdrawn_account_is_found():
    ledger = Ledger.opened(1, may_overdraw=frozenset(Sector))
    transfer(ledger.book, ledger.account(0, Sector.CHARITY), 0, Purpose.DONATION, 10)
    ledger.check()
    strict = Ledger(Sector, Purpose, 1, ledger.book._replace(may_overdraw=Ledger.opened(1).book.may_overdraw))
    with pytest.raises(LedgerError, match="CHARITY at place 0 is overdrawn"):
        strict.check()
    assert Sector.CHARITY not in MAY_OVERDRAW


def test_r2_catches_a_wrong_implementation(monkeypatch):
    """Households that do not spend out of wealth stay at the first period's income."""

    def thrifty(book, payer, payee, purpose, amount):
        out_of_wealth = purpose == SimPurpose.CONSUMPTION and book.balance[SimSector.PRODUCTION] > 0
        return transfer(book, payer, payee, purpose, 0 if out_of_wealth else amount)

    monkeypatch.setattr(money, "transfer", thrifty)
    assert verification.model_sim(periods=20).verdict == "fails"


def test_money_that_cannot_be_counted_is_refused():
    for refusing, numbers in (
        (verification.money_conserved, {"yearly": -1}),
        (verification.model_sim, {"tax": 1.0}),
        (verification.budgets, {"back": 1.5}),
    ):
        with pytest.raises(CheckError, match="give"):
            refusing(**numbers)


# --- credits ----------------------------------------------------------------------------------------------------------


def test_r6_catches_a_wrong_implementation():
    points, bank, hours = allocate(Credits, 2), allocate(Credits, 2), allocate(Hours, 2)
    issue(points, 0, 50)
    points.redeemed[0] += 20  # redeemed but still held
    with pytest.raises(HoursError, match="points: issued is not held"):
        check(hours, points, bank)
    hours.staff_unused[1] = -5
    with pytest.raises(HoursError, match="community 1: staff spent 5 minutes more"):
        check(hours, points, bank)
