"""The unit fund and the charity fund: accounts, how money comes in, and which of them pays a bill."""

from typing import Annotated, Any, NamedTuple

import numpy as np

from ..agents.columns import F64, I32, I64, Column
from ..agents.giving import FEN
from ..agents.ngo import Organisations
from ..agents.rates import MONTHS_A_YEAR
from ..agents.resident import Residents
from ..agents.rules import rule
from .compiled import kernel
from .flows import Flows
from .ledger import Book, Purpose, Sector, transfer
from .parameters import ParameterTable
from .structure import Communities

SECTORS = len(Sector)
WORLD, DISTRICT, COMMUNITY = int(Sector.WORLD), int(Sector.DISTRICT), int(Sector.COMMUNITY)
UNIT_FUND, CHARITY = int(Sector.UNIT_FUND), int(Sector.CHARITY)
HOUSEHOLDS, FIRMS = int(Sector.HOUSEHOLDS), int(Sector.FIRMS)
REVENUE, ORDINARY_BUDGET = int(Purpose.REVENUE), int(Purpose.ORDINARY_BUDGET)
APPROPRIATION, RELEASE, CARRY_BACK = int(Purpose.APPROPRIATION), int(Purpose.RELEASE), int(Purpose.CARRY_BACK)
DONATION, MARKET_INCOME = int(Purpose.DONATION), int(Purpose.MARKET_INCOME)


class Funds(NamedTuple):
    """What funding remembers: one row a community. Promises are those of a month, in fen."""

    district: Annotated[I32, Column("row", "district it belongs to: communities of one seed form one", "design", 0)]
    weeks_since_pay: Annotated[I32, Column("week", "weeks since the last payday", "T4.3", 0)]
    pay_due: Annotated[I64, Column("fen", "pay due to heads this payday", "ten_household-173", 0)]
    activities: Annotated[I64, Column("fen", "money promised for a month's activities", "T4.3", 0)]
    trainings: Annotated[I64, Column("fen", "cost of a month's trainings", "T4.3", 0)]
    platform: Annotated[I64, Column("fen", "a month's cost of the platform", "T4.3", 0)]
    points: Annotated[I64, Column("fen", "points that residents want to redeem in a month", "T4.3", 0)]
    slots_bought: Annotated[F64, Column("slot", "service slots bought by the charity fund this week", "T4.3", 0)]


@rule
def account(place: int, sector: int) -> int:
    """Return the number of the account of ``sector`` at ``place``; districts come after the communities."""
    return place * SECTORS + sector


@rule
def draw_on(book: Book, c: int, payee: int, purpose: int, amount: int, ordinary: bool) -> tuple[int, int]:
    """Pay ``amount`` for community ``c``: budget money of the units first, then charity, then the ordinary account.

    Returns what was paid, and how much of it was budget money. Only ``ordinary`` expenses may touch the last.
    """
    to = account(c, payee)
    fiscal = transfer(book, account(c, UNIT_FUND), to, purpose, amount)
    paid = fiscal + transfer(book, account(c, CHARITY), to, purpose, amount - fiscal)
    if ordinary:
        last = transfer(book, account(c, COMMUNITY), to, purpose, amount - paid)
        return paid + last, fiscal + last
    return paid, fiscal


@rule
def fen(yuan: float) -> int:
    """Return ``yuan`` in whole fen, rounded."""
    return int(FEN * yuan + 0.5)


@rule
def place_of_district(funds: Funds, c: int) -> int:
    """Place of the accounts of community ``c``'s district."""
    return len(funds.district) + funds.district[c]


@rule
def district_pays(book: Book, place: int, payee: int, purpose: int, amount: int) -> int:
    """Let the district at ``place`` pay with money that the world gives it for that; returns what was paid."""
    transfer(book, account(place, WORLD), account(place, DISTRICT), REVENUE, amount)
    return transfer(book, account(place, DISTRICT), payee, purpose, amount)


@kernel
def appropriate(book: Book, funds: Funds, amount: int) -> None:
    """Pay ``amount`` into the pool of every district; the world makes up what the district lacks."""
    communities = len(funds.district)
    for d in range(communities, communities + funds.district.max() + 1):
        lacking = max(0, amount - int(book.balance[account(d, DISTRICT)]))
        transfer(book, account(d, WORLD), account(d, DISTRICT), REVENUE, lacking)
        transfer(book, account(d, DISTRICT), account(d, UNIT_FUND), APPROPRIATION, amount)


@kernel
def carry_back(book: Book, funds: Funds, parameters: ParameterTable) -> None:
    """Return unspent budget money of pools and communities to the districts, as far as the rule says."""
    communities = len(funds.district)
    for c in range(communities):
        p: Any = parameters[c]
        d = place_of_district(funds, c)
        unspent = int(p.carry_back * book.balance[account(c, UNIT_FUND)])
        transfer(book, account(c, UNIT_FUND), account(d, DISTRICT), CARRY_BACK, unspent)
    for d in range(funds.district.max() + 1):
        p: Any = parameters[np.argmax(funds.district == d)]  # the rule of its first community
        pool = account(communities + d, UNIT_FUND)
        unspent = int(p.carry_back * book.balance[pool])
        transfer(book, pool, account(communities + d, DISTRICT), CARRY_BACK, unspent)


@kernel
def take_in(
    communities: Communities,
    residents: Residents,
    organisations: Organisations,
    book: Book,
    funds: Funds,
    flows: Flows,
    parameters: ParameterTable,
) -> None:
    """Book a month's gifts, fees and ordinary budget of every community."""
    count = len(communities.seed)
    for c in range(count):
        p: Any = parameters[c]
        first, last = communities.resident_start[c], communities.resident_stop[c]
        charity = account(c, CHARITY)
        gifts = int(residents.gift[first:last].sum())
        income = transfer(book, account(c, HOUSEHOLDS), charity, DONATION, gifts)
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            income += transfer(book, account(c, FIRMS), charity, DONATION, int(organisations.gift[o]))
            income += transfer(book, account(c, FIRMS), charity, MARKET_INCOME, int(organisations.fee[o]))
        flows.social_income[c] += income
        budget = fen(p.community_budget * (last - first - communities.empty_places[c]) / MONTHS_A_YEAR)
        place = place_of_district(funds, c)
        flows.fiscal_income[c] += district_pays(book, place, account(c, COMMUNITY), ORDINARY_BUDGET, budget)


@kernel
def release(book: Book, funds: Funds, flows: Flows, months_left: int) -> None:
    """Release money from the pools: at most pool / months_left this month, heads' pay first, short money pro rata."""
    count = len(funds.district)
    for d in range(funds.district.max() + 1):
        pool = account(count + d, UNIT_FUND)
        left = int(book.balance[pool]) // months_left
        for pay_first in (True, False):
            wanted = 0
            for c in range(count):
                if funds.district[c] == d:
                    wanted += _lacking(book, funds, c, pay_first)
            share = min(1.0, left / wanted) if wanted > 0 else 0.0
            for c in range(count):
                if funds.district[c] == d:
                    amount = min(left, int(share * _lacking(book, funds, c, pay_first)))
                    paid = transfer(book, pool, account(c, UNIT_FUND), RELEASE, amount)
                    flows.fiscal_income[c] += paid
                    left -= paid


@rule
def _lacking(book: Book, funds: Funds, c: int, pay_only: bool) -> int:
    """Budget money that community ``c`` still lacks for this payday, or for all that it has promised for the month."""
    promised = int(funds.pay_due[c])
    if not pay_only:
        promised += int(funds.activities[c]) + int(funds.trainings[c])
        promised += int(funds.platform[c]) + int(funds.points[c])
    return max(0, promised - int(book.balance[account(c, UNIT_FUND)]))
