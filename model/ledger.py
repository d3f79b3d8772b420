"""Money: a double-entry ledger in integer fen (0.01 yuan).

Every posting goes through :func:`transfer`: a payer, a payee, a purpose, an amount. An account belongs to a sector at a
place (a community, or a district): account = place * sectors + sector. The flows of a week form the transaction-flow
matrix of Godley & Lavoie (2007): one row a purpose, one column an account, receipts positive. So three things must hold
exactly at every step: every row sums to zero, every balance is the sum of its column, and all balances together are
what they were at the start. [T4.1, check R1]
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple, cast

import numpy as np

from ..agents.columns import I64, U8, holder
from ..agents.rules import rule
from .compiled import kernel


class LedgerError(RuntimeError):
    """Books that do not balance, or a posting that makes no sense."""


class Sector(IntEnum):
    """Who holds money. Those from HEADS to SUPPLIERS and the world live on means of their own: their balance is what
    came from us. An NGO below zero owes wages and bills.
    """

    WORLD = 0  # taxpayers and everybody else
    DISTRICT = 1  # budget of the district
    COMMUNITY = 2  # ordinary account of the residents' committee
    UNIT_FUND = 3  # budget money for the units: the district's pool, and what communities received of it
    CHARITY = 4  # community charity fund: gifts and market income
    HEADS = 5
    HOUSEHOLDS = 6
    FIRMS = 7
    SUPPLIERS = 8  # those who sell goods, lessons and services
    PROJECTS = 9  # escrow of collective projects: what was paid in and has not been spent or paid back
    PROPERTY = 10  # the estate's manager
    OWNERS = 11  # common account of the owners, where fees are theirs and not the manager's
    NGOS = 12  # what the NGOs of the community hold together
    ESCROW = 13  # money set aside for service projects, until they are accepted
    PROGRAMMES = 14  # money of departments for services in a community, each sum for its own class


MAY_OVERDRAW = frozenset({Sector.WORLD, Sector.HEADS, Sector.HOUSEHOLDS, Sector.FIRMS, Sector.SUPPLIERS, Sector.NGOS})


class Purpose(IntEnum):
    """What a posting is for: the rows of the transaction-flow matrix."""

    REVENUE = 0  # the world finances the district
    ORDINARY_BUDGET = 1  # district to community
    APPROPRIATION = 2  # district to the pool of the unit fund
    RELEASE = 3  # pool to community
    CARRY_BACK = 4  # unspent budget money back to the district
    DONATION = 5
    MARKET_INCOME = 6
    HEAD_SUBSIDY = 7
    PERFORMANCE_PAY = 8
    ACTIVITY = 9
    TRAINING = 10
    PLATFORM = 11
    POINTS = 12
    SERVICE_PURCHASE = 13
    ORDINARY_SPENDING = 14
    PROJECT_SHARE = 15  # owners to the escrow
    PROJECT_RESERVE = 16  # owners' maintenance fund to the escrow
    PROJECT_SUBSIDY = 17  # district to the escrow
    PROJECT_WORKS = 18
    PROJECT_REFUND = 19  # escrow to owners
    ROOM_UPKEEP = 20
    PROPERTY_FEE = 21  # households to the estate's manager, or to the owners' common account
    MANAGER_PAY = 22  # margin or commission of a property company
    ESTATE_WAGES = 23
    ESTATE_UPKEEP = 24  # goods and repairs
    OWNERS_WORKS = 25  # what owners chose to have done
    FALLBACK_SERVICE = 26  # the subdistrict pays where no manager is left
    SERVICE_PROJECT = 27  # district to escrow, escrow to NGOs; what is not earned goes back
    NGO_COSTS = 28  # wages, rent, proposals
    NGO_INCOME = 29  # gifts, fees and grants to NGOs
    NGO_CAPITAL = 30  # what founders bring, and what is left or owed when an NGO closes
    FIRM_INCENTIVE = 31
    PROGRAMME = 32  # departments of the district to their programmes in a community


class Book(NamedTuple):
    """The arrays of a ledger, as kernels take them. Money in fen."""

    balance: I64  # (account,)
    may_overdraw: U8  # (sector,)
    week: I64  # (purpose, account) net receipts of this week
    total: I64  # (purpose, account) net receipts since the books were opened


@rule
def transfer(book: Book, payer: int, payee: int, purpose: int, amount: int) -> int:
    """Pay ``amount`` fen from one account to another; returns what was paid.

    An account that may not go below zero pays what it holds and no more.
    """
    if amount < 0:
        raise ValueError("an amount to be paid is negative")
    paid = amount
    if book.may_overdraw[payer % len(book.may_overdraw)] == 0:
        paid = min(amount, max(0, int(book.balance[payer])))
    book.balance[payer] -= paid
    book.balance[payee] += paid
    book.week[purpose, payer] -= paid
    book.week[purpose, payee] += paid
    book.total[purpose, payer] -= paid
    book.total[purpose, payee] += paid
    return paid


@dataclass(frozen=True)
class Ledger:
    """The books of a model: who holds money, for what it moves, at how many places."""

    sectors: type[IntEnum]
    purposes: type[IntEnum]
    places: int
    book: Book

    @classmethod
    def opened(
        cls,
        places: int,
        sectors: type[IntEnum] = Sector,
        purposes: type[IntEnum] = Purpose,
        may_overdraw: frozenset[IntEnum] = frozenset(MAY_OVERDRAW),
    ) -> "Ledger":
        """Open books of ``places`` places with every balance at zero."""
        accounts = places * len(sectors)
        overdraw = np.array([sector in may_overdraw for sector in sectors], np.uint8)
        flows = (len(purposes), accounts)
        zeros = (np.zeros(flows, np.int64), np.zeros(flows, np.int64))
        book: Book = cast("Any", holder(Book))(np.zeros(accounts, np.int64), overdraw, *zeros)
        return cls(sectors, purposes, places, book)

    def account(self, place: int, sector: int) -> int:
        """Return the number of the account of ``sector`` at ``place``."""
        return place * len(self.sectors) + sector

    def begin_week(self) -> None:
        """Start a new page: the flows of this week are zero."""
        self.book.week[:] = 0

    def balances(self) -> I64:
        """Return balances in fen, shape (place, sector)."""
        return self.book.balance.reshape(self.places, -1)

    def matrix(self, *, since_start: bool = False) -> I64:
        """Return the transaction-flow matrix in fen, shape (purpose, sector), receipts positive, summed over places."""
        flows = self.book.total if since_start else self.book.week
        return flows.reshape(len(self.purposes), self.places, -1).sum(axis=1)

    def check(self) -> None:
        """Raise LedgerError unless rows sum to zero, columns give the balances, and nobody overdrew who may not."""
        book = self.book
        if in_order(book):
            return
        for name, flows in (("this week", book.week), ("since the start", book.total)):
            for row in np.flatnonzero(flows.sum(axis=1)):
                message = f"ledger: {self.purposes(row).name} {name} sums to {flows[row].sum()} fen, not to zero"
                raise LedgerError(message)
        wrong = np.flatnonzero(book.balance != book.total.sum(axis=0))
        if wrong.size:
            message = f"ledger: the balance of {self._name(wrong[0])} is not the sum of its flows"
            raise LedgerError(message)
        forbidden = (self.balances() < 0) & (book.may_overdraw == 0)
        if forbidden.any():
            message = f"ledger: {self._name(np.flatnonzero(forbidden)[0])} is overdrawn"
            raise LedgerError(message)

    def _name(self, account: int) -> str:
        place, sector = divmod(int(account), len(self.sectors))
        return f"{self.sectors(sector).name} at place {place}"


@kernel
def in_order(book: Book) -> bool:
    """Whether flows of each purpose sum to zero, balances are sums of flows, and nobody overdrew who may not."""
    purposes, accounts = book.total.shape
    balances = np.zeros(accounts, np.int64)
    for row in range(purposes):
        week = total = np.int64(0)
        for a in range(accounts):
            week += book.week[row, a]
            total += book.total[row, a]
            balances[a] += book.total[row, a]
        if week != 0 or total != 0:
            return False
    for a in range(accounts):
        if book.balance[a] != balances[a] or (
            book.balance[a] < 0 and book.may_overdraw[a % len(book.may_overdraw)] == 0
        ):
            return False
    return True
