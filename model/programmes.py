"""Programmes of departments: money passed down to communities, each sum for one class of service, gone if not spent.

Departments plan from above: they split their money over the classes as other supply is planned, not as need is. A sum
buys slots of its own class alone, as far as requests of that class were missed last week; what is left as a year opens
goes back. Where sums are pooled (lever ``fund_pooling``) they buy whatever was missed most. [T4.3; four_creations-065]
"""

from typing import Annotated, Any, NamedTuple

import numpy as np

from ..agents.columns import I64, Column
from ..agents.rates import MONTHS_A_YEAR
from ..agents.rules import rule
from ..agents.using_services import CLASSES
from .compiled import kernel
from .flows import Flows
from .funds import Funds, account, district_pays, fen, place_of_district
from .ledger import Book, Purpose, Sector, transfer
from .levers import LeverTable
from .parameters import ParameterTable
from .structure import Communities, Supply

DISTRICT, PROGRAMMES, SUPPLIERS = int(Sector.DISTRICT), int(Sector.PROGRAMMES), int(Sector.SUPPLIERS)
PROGRAMME, CARRY_BACK = int(Purpose.PROGRAMME), int(Purpose.CARRY_BACK)
SERVICE_PURCHASE = int(Purpose.SERVICE_PURCHASE)
POOLED = CLASSES  # the last pot is for any class


class Programmes(NamedTuple):
    """What programmes hold and bought in every community, by class of service; the last place is the pool."""

    pot: Annotated[I64, Column("fen", "money held", "four_creations-065", 0)]  # (community, CLASSES + 1)
    bought: Annotated[I64, Column("slot", "slots bought this week", "four_creations-065", 0)]  # (community, CLASSES)


@kernel
def grant(
    communities: Communities,
    programmes: Programmes,
    plan: Any,
    funds: Funds,
    book: Book,
    flows: Flows,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Pay a month of programme money into the pots; ``plan`` (community, class): how departments split it."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        residents = communities.resident_stop[c] - communities.resident_start[c] - communities.empty_places[c]
        for z in range(CLASSES):
            amount = fen(p.programme_money * residents / MONTHS_A_YEAR * plan[c, z])
            pooled = int(lever.fund_pooling * amount)
            programmes.pot[c, z] += amount - pooled
            programmes.pot[c, POOLED] += pooled
            place = place_of_district(funds, c)
            flows.programme_income[c] += district_pays(book, place, account(c, PROGRAMMES), PROGRAMME, amount)


@kernel
def lapse(programmes: Programmes, funds: Funds, book: Book, parameters: ParameterTable) -> None:
    """Return what the year left in the pots to the districts, as far as the rule says."""
    for c in range(len(programmes.pot)):
        p: Any = parameters[c]
        for z in range(CLASSES + 1):
            unspent = int(p.carry_back * programmes.pot[c, z])
            programmes.pot[c, z] -= unspent
            district = account(place_of_district(funds, c), DISTRICT)
            transfer(book, account(c, PROGRAMMES), district, CARRY_BACK, unspent)


@kernel
def buy(programmes: Programmes, supply: Supply, book: Book, flows: Flows, parameters: ParameterTable) -> None:
    """Buy slots for what was missed last week: each pot for its own class, the pool for what is still missed most."""
    for c in range(len(programmes.pot)):
        p: Any = parameters[c]
        price = fen(p.slot_price)
        missed = np.zeros(CLASSES, np.int64)
        for z in range(CLASSES):
            missed[z] = supply.requests[c, z] - supply.met[c, z]
            slots = slots_for(int(missed[z]), int(programmes.pot[c, z]), price)
            programmes.bought[c, z] = slots
            programmes.pot[c, z] -= slots * price
            missed[z] -= slots
        for _ in range(slots_for(int(missed.sum()), int(programmes.pot[c, POOLED]), price)):
            z = int(np.argmax(missed))
            programmes.bought[c, z] += 1
            programmes.pot[c, POOLED] -= price
            missed[z] -= 1
        spent = int(programmes.bought[c].sum()) * price
        transfer(book, account(c, PROGRAMMES), account(c, SUPPLIERS), SERVICE_PURCHASE, spent)
        flows.programme_spending[c] += spent


@rule
def slots_for(missed: int, money: int, price: int) -> int:
    """Slots at ``price`` fen that ``money`` buys, at most those ``missed``."""
    return min(missed, money // price)
