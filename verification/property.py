"""Property fees against closed forms and a published case (checks F1 to F3)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..agents import FeePayers, Households, OwnersCommittees, PropertyCompanies, Residents
from ..agents.columns import allocate
from ..agents.paying import fee_chance
from ..agents.property_company import LUMP_SUM, TRUST
from ..agents.view import python_row
from ..model import CommunityModel, parameters
from ..model.calendar import Calendar
from ..model.estates import collect
from ..model.flows import Flows
from ..model.ledger import Ledger, Purpose, Sector
from ..model.processes import property as fees
from ..model.schedule import PROCESSES
from ..model.structure import Communities
from ..scenarios.compile import compile
from ..scenarios.loader import load
from .check import Row, at_least_one, batches, check, close, exact, printed, require
from .participation import EQUILIBRIA, equilibria, settles_at

TIGHT = 1e-6  # quality is kept in single precision
AREA = 80.0  # m2, of every flat
AT_WORK = ("property", "attitudes")


def estate(households: int, per_building: int = 40, **values: float) -> Any:
    """One estate managed for a lump sum, whose households hold one resident each; ``values`` are parameters."""
    communities, homes = allocate(Communities, 1), allocate(Households, households)
    communities.household_stop[0] = communities.resident_stop[0] = households
    homes.id[:] = homes.resident_start[:] = np.arange(households)
    homes.building[:] = np.arange(households) // per_building
    homes.area[:] = AREA
    companies, payers = allocate(PropertyCompanies, 1), allocate(FeePayers, households)
    companies.form[:], companies.price[:] = LUMP_SUM, 1.0
    return SimpleNamespace(
        communities=communities,
        households=homes,
        residents=allocate(Residents, households),
        companies=companies,
        owners=allocate(OwnersCommittees, 1),
        payers=payers,
        flows=allocate(Flows, 1),
        ledger=Ledger.opened(2),
        parameters=parameters.table([parameters.defaults() | values]),
    )


def month(place: Any, week: int) -> float:
    """Let every household look around and pay, or not; returns the share that pays."""
    at = (place.communities, place.households, place.residents, place.companies)
    fees.look_around(week, *at, place.owners, place.payers, place.parameters)
    fees.pay_all(week, *at, place.payers, place.parameters)
    place.companies.payers[0] = place.payers.paid.mean()
    return float(place.companies.payers[0])


@check("F1", "Paying because neighbours pay: states of rest", cases=[{"a": a, "s": s} for a, s in EQUILIBRIA])
def paying_together(
    a: float = -3.0, s: float = 6.0, households: int = 10_000, months: int = 400, nearby: float = 0.0, seed: int = 4
) -> Iterator[Row]:
    """Roots of x = L(a + s x), of which the outer ones hold; between them, one that tips (s > 4).

    An estate of ``households``, in which the fee rule has the inclination ``a`` and the effect ``s`` of neighbours, is
    started beside the tipping point or at the ends: it stays where the mean field says. ``nearby`` is the weight of the
    own building (of 40); the closed form is that of none.
    """
    at_least_one(households=households)
    require(months >= 50 and 0.0 <= s <= 8.0 and 0.0 <= nearby <= 1.0, "give 50 months or more, s and nearby in range")
    roots = equilibria(a, s)
    if (a, s) in EQUILIBRIA:
        for k, value in enumerate(EQUILIBRIA[a, s]):
            yield printed(f"share at rest {k + 1} (published)", value, roots[k], digits=5)
    place = estate(households, fee_neighbours=s, fee_price=0.0, fee_nearby=nearby)
    place.companies.inclination[0] = a
    p = python_row(place.parameters[0])
    for x in roots:
        chance = fee_chance(a, 0.0, 0.0, x, 1.0, 0.0, p)
        yield close(f"fee rule at {x:.3f}", x, chance, tolerance=TIGHT)
    starts = (0.8 * roots[1], 1.0 - 0.8 * (1.0 - roots[1])) if len(roots) == 3 else (0.0, 1.0)
    place.communities.seed[0] = seed
    for k, start in enumerate(starts):
        place.payers.paid[:] = np.arange(households) % 100 < 100.0 * start
        place.companies.payers[0] = place.payers.paid.mean()
        path = [month(place, 10_000 * k + week) for week in range(months + 60)]
        yield batches(f"mean share from {start:.2f}", settles_at(a, s, start), path[60:])


@check("F2", "Service follows the money, and money is conserved", cases=[{"form": LUMP_SUM}, {"form": TRUST}])
def service_for_money(
    form: int = LUMP_SUM, share: float = 0.5, openness: float = 1.0, price: float = 1.5, months: int = 24
) -> Iterator[Row]:
    """The ``share`` of households pays every month; Q(t) = Q* + (1 - pace)^t (Q(0) - Q*), Q* = B/(B + need).

    B is the revenue less the margin on the usual one (form 1) or the commission (form 2), worth more by
    choice x decided x ``openness``. Arrears grow as A' = (1 - g)(A + fee) where none is paid. What comes in goes out.
    """
    require(form in (LUMP_SUM, TRUST) and months >= 1, "give form 1 or 2 and a month or more")
    require(0.0 <= share <= 1.0 and 0.0 <= openness <= 1.0 and 0.0 < price <= 20.0, "give shares and a price in range")
    count = 200
    place = estate(count, arrears_repaid=0.0)
    p = python_row(place.parameters[0])
    companies, payers = place.companies, place.payers
    paying = round(share * count)
    payers.paid[:paying] = 1
    companies.form[0], companies.price[0], companies.openness[0] = form, price, openness
    companies.quality[0], companies.need[0], companies.usual[0] = 0.9, 40.0, 0.8 * AREA * price
    at = (place.communities, place.households, companies, payers, place.ledger.book, place.flows, place.parameters)
    for _ in range(months):
        collect(*at)
        place.ledger.check()
    revenue = AREA * price * paying / count
    kept = min(revenue, p.company_margin * 0.8 * AREA * price) if form == LUMP_SUM else p.trust_commission * revenue
    spending = (revenue - kept) * (1.0 + p.choice_gain * p.owners_decide * openness)
    aim = spending / (spending + 40.0)
    got = float(companies.quality[0])
    yield close("quality", aim + (1.0 - p.service_pace) ** months * (0.9 - aim), got, tolerance=1e-4)
    fee, keep = AREA * price, 1.0 - p.arrears_lapse
    owed = fee * keep * (1.0 - keep**months) / (1.0 - keep)
    owed = owed if paying < count else 0.0
    yield close("arrears of the last household, yuan", owed, payers.arrears[-1] / 100.0, tolerance=0.01 * months)
    flows = place.ledger.matrix(since_start=True)
    yield exact("fees, fen", months * paying * round(100.0 * fee), -flows[Purpose.PROPERTY_FEE, Sector.HOUSEHOLDS])
    yield exact("fees not yet spent, fen", 0, int(flows[:, [Sector.PROPERTY, Sector.OWNERS]].sum()))
    billed = companies.collected[0] + companies.lapsed[0] + payers.arrears.sum()
    yield exact("billed = paid + given up + owed, fen", int(companies.billed[0]), int(billed))


@check("F3", "An estate in Pidu: self-management tires, trust management recovers")
def pidu(terms: int = 8, term_months: int = 12, months: int = 12, seed: int = 0) -> Iterator[Row]:
    """The case file ``cases/pidu_trust_property``: ``terms`` of self-management, then ``months`` in trust.

    Published: above 80 % pay in the first two terms, then less from term to term until most do not; above 85 % within
    months of the trust (taken as: six). Only property and attitudes run; before, two years of warm-up.
    """
    at_least_one(terms=terms, term_months=term_months, months=months)
    require(terms >= 3 and 7 <= months <= 500, "give 3 terms or more, and 7 to 500 months in trust")
    paid = collected(pidu_model(terms * term_months, seed), terms * term_months + months)
    shares = paid[: terms * term_months].reshape(terms, term_months).mean(axis=1)
    yield exact("of the first two terms, above 80 %", 2, int((shares[:2] > 0.8).sum()))
    yield exact("later terms that do not fall", 0, int((np.diff(shares[1:]) >= 0.0).sum()))
    yield exact("last term: most do not pay", 1, int(shares[-1] < 0.5))
    trusted = paid[terms * term_months :]
    yield exact("in trust, above 85 % from the seventh month on", len(trusted) - 6, int((trusted[6:] > 0.85).sum()))


def pidu_model(months: int, seed: int, **values: float) -> CommunityModel:
    """Build the case's estate, to be taken into trust after ``months`` of self-management; ``values``: parameters."""
    arguments: Any = compile(load("cases/pidu_trust_property"), seed).arguments()
    calendar = Calendar(arguments["calendar"].start, arguments["calendar"].start + timedelta(days=31 * (months + 600)))
    opening = [week for week in range(calendar.weeks) if calendar.opens_month(week)]
    settings = [
        replace(setting, week=opening[months]) if setting.lever == "trust_management" else setting
        for setting in arguments["settings"]
    ]
    changed = {
        "seed": seed,
        "calendar": calendar,
        "settings": settings,
        "off": [name for name in PROCESSES if name not in AT_WORK],
        "parameter_values": [row | values for row in arguments["parameter_values"]],
    }
    return CommunityModel(**arguments | changed)


def collected(model: CommunityModel, months: int) -> Any:
    """Share of households that paid, in each of the first ``months`` months of the plan."""
    paid: list[float] = []
    while len(paid) < months:
        model.step()
        if model.week >= 0 and model.calendar.opens_month(model.week):
            paid.append(float(model.property_companies.payers[0]))
    return np.array(paid)
