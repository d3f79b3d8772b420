"""Money and managers of estates: fees are collected and spent, managers come and go. Machinery of both engines."""

from typing import Any

import numpy as np

from ..agents import FeePayers, Households, OwnersCommittees, PropertyCompanies, Residents
from ..agents.giving import FEN
from ..agents.paying import NO_BALLOT, REPLACE, trust_in_new
from ..agents.property_company import (
    FALLBACK,
    LUMP_SUM,
    NOBODY,
    SELF,
    TRUST,
    effort_after,
    manager_pay,
    need_under,
    openness_of,
    quality_after,
    service_from,
    spending_for,
    worth,
)
from ..agents.rules import rule
from ..agents.taking_part import Matter, carries
from .compiled import kernel
from .draws import Stream, normal, uniform
from .flows import Flows
from .funds import account, fen
from .ledger import Book, Purpose, Sector, transfer
from .levers import LeverTable
from .parameters import ParameterTable
from .structure import Communities

NEW_COMPANY = int(Stream.PROPERTY_COMPANY)
ORDINARY = int(Matter.ORDINARY)
WORLD, HOUSEHOLDS, SUPPLIERS = int(Sector.WORLD), int(Sector.HOUSEHOLDS), int(Sector.SUPPLIERS)
PROPERTY, OWNERS = int(Sector.PROPERTY), int(Sector.OWNERS)
PROPERTY_FEE, MANAGER_PAY = int(Purpose.PROPERTY_FEE), int(Purpose.MANAGER_PAY)
ESTATE_WAGES, ESTATE_UPKEEP = int(Purpose.ESTATE_WAGES), int(Purpose.ESTATE_UPKEEP)
OWNERS_WORKS, FALLBACK_SERVICE = int(Purpose.OWNERS_WORKS), int(Purpose.FALLBACK_SERVICE)


@rule
def hired(form: int) -> bool:
    """Whether a company manages the estate."""
    return form in (LUMP_SUM, TRUST)


@rule
def planned(form: int, in_trust: float, by_owners: float) -> int:
    """Form of management that the levers bring about: trust needs somebody who manages, owners can always begin."""
    if in_trust > 0.0 and form != NOBODY:
        return TRUST
    if by_owners > 0.0:
        return SELF
    return LUMP_SUM if form == TRUST else form


# --- managers come and go --------------------------------------------------------------------------------------------


@kernel
def change_managers(
    week: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    companies: PropertyCompanies,
    owners: OwnersCommittees,
    payers: FeePayers,
    flows: Flows,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Put managers in place as levers, votes of owners and companies themselves have it; say who reads the books."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        before = int(companies.form[c])
        form = planned(before, lever.trust_management, lever.self_management)
        other = hired(form) and not hired(before)
        if form == before and hired(form):
            other = owners.meeting[c] == 1 and recalled(c, communities, households, payers, p)
        if form == before and companies.leaving[c] == 1:
            other = hired(before) and lever.trust_management > 0.0
            if not other:
                form = LUMP_SUM if before == FALLBACK else (SELF if owners.exists[c] == 1 else FALLBACK)
                other = hired(form)
        if other:
            u = uniform(communities.seed[c], NEW_COMPANY, week, companies.id[c], 1)
            quality = np.float64(companies.market[c]) + p.property_spread * normal(u)
            companies.need[c] = need_under(quality, np.float64(companies.usual[c]), p)
        if other or form != before:
            begin(c, form, communities, residents, companies, p)
            flows.manager_changes[c] += 1
            if not (hired(before) and not other):
                give_up_arrears(c, communities, companies, payers)
        elif form == SELF:
            companies.effort[c] = effort_after(np.float64(companies.effort[c]), p)
        effort, committee = np.float64(companies.effort[c]), int(owners.exists[c])
        companies.openness[c] = openness_of(form, lever.trust_management, effort, committee, p)


@kernel
def recalled(c: int, communities: Communities, households: Households, payers: FeePayers, p: Any) -> bool:
    """Whether owners voted the company out: an ordinary matter, by owners and by their floor area [T1.1]."""
    total, voting, yes = np.zeros(2), np.zeros(2), np.zeros(2)
    for h in range(communities.household_start[c], communities.household_stop[c]):
        if households.owner[h] == 1:
            weight = np.float64(households.area[h])
            total += np.array([1.0, weight])
            if payers.ballot[h] != NO_BALLOT:
                voting += np.array([1.0, weight])
            if payers.ballot[h] == REPLACE:
                yes += np.array([1.0, weight])
    return carries(ORDINARY, voting[0], yes[0], total[0], p) and carries(ORDINARY, voting[1], yes[1], total[1], p)


@kernel
def begin(
    c: int, form: int, communities: Communities, residents: Residents, companies: PropertyCompanies, p: Any
) -> None:
    """Open a new chapter: form, fee, zeal; and hope, save where the subdistrict only helps out."""
    companies.form[c] = form
    level = np.float64(companies.level[c])
    companies.price[c] = level if hired(form) else (p.self_fee * level if form == SELF else 0.0)
    companies.effort[c] = 1.0 if form == SELF else 0.0
    companies.revenue[c] = companies.usual[c]
    if form == FALLBACK:
        return
    for i in range(communities.resident_start[c], communities.resident_stop[c]):
        residents.trust_property[i] = trust_in_new(np.float64(residents.trust_property[i]), p)


@kernel
def give_up_arrears(c: int, communities: Communities, companies: PropertyCompanies, payers: FeePayers) -> None:
    """What is owed to a manager who is gone is never paid."""
    for h in range(communities.household_start[c], communities.household_stop[c]):
        companies.lapsed[c] += payers.arrears[h]
        payers.arrears[h] = 0


# --- fees are collected and spent ------------------------------------------------------------------------------------


@kernel
def collect(
    communities: Communities,
    households: Households,
    companies: PropertyCompanies,
    payers: FeePayers,
    book: Book,
    flows: Flows,
    parameters: ParameterTable,
) -> None:
    """Bill the month's fee and book what is paid; spend it; let the service follow the spending."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        form, homes = int(companies.form[c]), communities.household_stop[c] - communities.household_start[c]
        if form == NOBODY:
            continue
        purse = account(c, PROPERTY if form in (LUMP_SUM, FALLBACK) else OWNERS)
        need, effort = np.float64(companies.need[c]), np.float64(companies.effort[c])
        if form == FALLBACK:
            amount = fen(homes * spending_for(p.fallback_quality, need))
            transfer(book, account(c, WORLD), purse, FALLBACK_SERVICE, amount)
        else:
            paid = take_fees(c, communities, households, companies, payers, flows, p)
            transfer(book, account(c, HOUSEHOLDS), purse, PROPERTY_FEE, paid)
            revenue, usual = paid / (FEN * homes), np.float64(companies.usual[c])
            mean = np.float64(companies.revenue[c])
            companies.revenue[c] = mean + p.revenue_memory * (revenue - mean)
            kept = fen(homes * manager_pay(form, revenue, usual, p))
            transfer(book, purse, account(c, WORLD), MANAGER_PAY, kept)
        openness = np.float64(companies.openness[c])
        spending = spend(book, c, purse, openness, p) / (FEN * homes)
        aim = service_from(worth(spending, effort, openness, p), need)
        companies.quality[c] = quality_after(np.float64(companies.quality[c]), aim, p)


@kernel
def take_fees(
    c: int,
    communities: Communities,
    households: Households,
    companies: PropertyCompanies,
    payers: FeePayers,
    flows: Flows,
    p: Any,
) -> int:
    """Bill every household; returns what comes in, in fen. Who pays also pays off some arrears; some are given up."""
    price = np.float64(companies.price[c])
    count = received = 0
    for h in range(communities.household_start[c], communities.household_stop[c]):
        fee, owed = fen(price * np.float64(households.area[h])), int(payers.arrears[h])
        flows.fees_due[c] += fee
        companies.billed[c] += fee
        if payers.paid[h] == 1:
            late = int(p.arrears_repaid * owed)
            flows.fees_paid[c] += fee
            received += fee + late
            owed -= late
            count += 1
        else:
            owed += fee
        given_up = int(p.arrears_lapse * owed)
        companies.lapsed[c] += given_up
        payers.arrears[h] = owed - given_up
    companies.collected[c] += received
    companies.payers[c] = count / (communities.household_stop[c] - communities.household_start[c])
    return received


@kernel
def spend(book: Book, c: int, purse: int, openness: float, p: Any) -> int:
    """Spend all that is in the purse: what owners choose as far as they decide, then wages and upkeep; returns it."""
    money = int(book.balance[purse])
    works = int(p.owners_decide * openness * money)
    wages = int(p.wage_share * (money - works))
    transfer(book, purse, account(c, SUPPLIERS), OWNERS_WORKS, works)
    transfer(book, purse, account(c, WORLD), ESTATE_WAGES, wages)
    transfer(book, purse, account(c, SUPPLIERS), ESTATE_UPKEEP, money - works - wages)
    return money
