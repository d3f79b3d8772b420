"""Every account closes: money, hours, people, issues, goods, credits, rooms (check X4)."""

from collections.abc import Callable, Iterator

import numpy as np

from ..agents.columns import violations
from ..model import CommunityModel
from ..model.ledger import Purpose, Sector
from ..model.processes.issues import issue_balance
from .check import Row, check, exact, require
from .everything import everything_on
from .mobility import came_and_went, places_apart, present


@check("X4", "every account closes, every week")
def accounts(weeks: int = 40, households: int = 30, seed: int = 0) -> Iterator[Row]:
    """A community of each archetype lives ``weeks`` weeks without a plan and as many with everything on at once: every
    lever moves through its range, every kind of emergency strikes, a policy comes and spreads.

    What is not accounted for, added up over weeks and communities, is zero: fen, also those of property fees, NGOs,
    contracts, programmes, projects; minutes of staff; issues; emergency goods; rooms; persons; credits; households
    in units; values outside their declared range.
    """
    require(min(weeks, households) >= 1, "X4 needs at least 1 week and 1 household")
    model = CommunityModel(**everything_on(weeks, households, seed))
    model.week = max(model.week, -weeks - 1)
    lost = dict.fromkeys(ACCOUNTS, 0)
    living = present(model)
    for _ in range(2 * weeks):
        model.step()
        living += came_and_went(model)
        lost["persons"] += int(np.abs(living - present(model)).sum())
        for name, missing in ACCOUNTS.items():
            lost[name] += missing(model)
    yield Row("goods issued, at least", 1.0, float(min(model.stores.issued.sum(), 1)), 0.0)
    for name, amount in lost.items():
        yield exact(f"{name} unaccounted for", 0, amount)


# --- money -----------------------------------------------------------------------------------------------------------


def _fen(model: CommunityModel) -> int:
    """Sum of all balances, of every kind of payment, and of balances against their flows."""
    book = model.ledger.book
    lost = abs(int(book.balance.sum())) + int(np.abs(book.week.sum(axis=1)).sum())
    return lost + int(np.abs(book.balance - book.total.sum(axis=0)).sum())


def _fen_of_projects(model: CommunityModel) -> int:
    """Escrow accounts against what their projects hold, by community; and what moved otherwise than for a project."""
    projects, places = model.projects, len(model.communities.id)
    held = np.zeros(places, np.int64)
    np.add.at(held, projects.community, projects.held)
    escrow = model.ledger.balances()[:, Sector.PROJECTS]
    inside = [purpose for purpose in Purpose if purpose.name.startswith("PROJECT_")]
    moved = np.delete(model.ledger.book.total.reshape(len(Purpose), -1, len(Sector))[:, :, Sector.PROJECTS], inside, 0)
    return int(np.abs(escrow[:places] - held).sum() + np.abs(escrow[places:]).sum() + np.abs(moved).sum())


def _fees(model: CommunityModel) -> int:
    """Property fees that are neither paid nor given up nor owed, or paid and not booked, or booked and not spent."""
    companies, book = model.property_companies, model.ledger.book
    owed = np.bincount(model.fee_payers.community, model.fee_payers.arrears, len(companies.billed)).astype(np.int64)
    booked = model.ledger.matrix(since_start=True)[Purpose.PROPERTY_FEE, Sector.HOUSEHOLDS]
    lost = int(np.abs(companies.billed - companies.collected - companies.lapsed - owed).sum())
    unspent = book.balance.reshape(model.ledger.places, -1)[:, [Sector.PROPERTY, Sector.OWNERS]]
    return lost + abs(int(companies.collected.sum() + booked)) + int(np.abs(unspent).sum())


def _fen_of_ngos(model: CommunityModel) -> int:
    """Cash of NGOs and money for service projects, against the accounts of NGOs and of escrow."""
    communities, balances = model.communities, model.ledger.balances()[: len(model.communities.id)]
    cash = np.add.reduceat(model.organisations.cash, communities.organisation_start)
    escrow = model.service_projects.escrow.reshape(len(balances), -1).sum(axis=1)
    return int(np.abs(cash - balances[:, Sector.NGOS]).sum() + np.abs(escrow - balances[:, Sector.ESCROW]).sum())


def _fen_of_programmes(model: CommunityModel) -> int:
    """Pots of departments' programmes against their accounts, by community; and money received, neither spent nor
    given back nor there.
    """
    held = model.programmes.pot.sum(axis=1)
    accounts = model.ledger.balances()[: len(held), Sector.PROGRAMMES]
    total = model.ledger.matrix(since_start=True)[:, Sector.PROGRAMMES]
    inside = [Purpose.PROGRAMME, Purpose.SERVICE_PURCHASE, Purpose.CARRY_BACK]
    return int(np.abs(held - accounts).sum() + np.abs(np.delete(total, inside)).sum()) + int((held < 0).sum())


def _rooms(model: CommunityModel) -> int:
    """Communities whose rooms are used beyond what is open, and fen of upkeep that did not reach suppliers."""
    rooms, got = model.rooms, model.ledger.book.week[int(Purpose.ROOM_UPKEEP)]
    return int((rooms.used > rooms.open + 1e-9).sum()) + abs(int(got[got > 0].sum() - rooms.upkeep.sum()))


def _credits(model: CommunityModel) -> int:
    return sum(
        int(np.abs(credits.issued - credits.held - credits.redeemed - credits.expired).sum())
        for credits in (model.points, model.time_bank)
    )


# --- people, time, work ----------------------------------------------------------------------------------------------


def _minutes(model: CommunityModel) -> int:
    hours = model.committees
    used = hours.reporting_minutes + hours.coordination_minutes + hours.service_minutes + hours.unit_support_minutes
    return int(np.abs(used - hours.hours_minutes).sum())


def _issues(model: CommunityModel) -> int:
    return int(np.abs(issue_balance(model)).sum())


def _goods(model: CommunityModel) -> int:
    goods = model.stores
    return int(np.abs(goods.received - goods.issued - goods.lost - goods.on_hand).sum())


def _households(model: CommunityModel) -> int:
    """Households that no unit of the community holds, or that two hold."""
    total = 0
    for c in range(len(model.communities.seed)):
        first, stop = model.communities.household_start[c], model.communities.household_stop[c]
        held = np.zeros(stop - first, np.int64)
        for u in range(model.communities.unit_start[c], model.communities.unit_stop[c]):
            held[model.units.household_start[u] - first : model.units.household_stop[u] - first] += 1
        total += int((held != 1).sum())
    return total


def _values(model: CommunityModel) -> int:
    return sum(1 for table in model.tables().values() for _ in violations(table))


ACCOUNTS: dict[str, Callable[[CommunityModel], int]] = {
    "fen": _fen,
    "fen of property fees": _fees,
    "fen of projects": _fen_of_projects,
    "fen of NGOs and contracts": _fen_of_ngos,
    "fen of programmes": _fen_of_programmes,
    "rooms": _rooms,
    "credits": _credits,
    "minutes of staff": _minutes,
    "issues": _issues,
    "goods": _goods,
    "persons": places_apart,
    "households in units": _households,
    "values out of range": _values,
}
