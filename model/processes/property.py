"""Property: who manages the estate, who pays the fee, and the service that the money buys.

As a month opens, each household pays the property fee or not, by service, trust, what its neighbours did last month,
the price, and whether books are open. The manager takes its pay and spends the rest; the service follows the spending
with a lag. A company that collects too little gives up the estate, to the owners if they have a committee, else to the
subdistrict's fallback. Owners' committees are elected and lapse; where trust is low they have owners vote on the
company. Levers put an estate into trust management or into its owners' hands. Estates without management bill nothing
and keep their quality.

Through the warm-up the inclination to pay follows what is lived, so that the archetype's rate is paid; then it stands.

Reads: issues that ended this week, residents' trust_property and sense_of_community, levers. Writes: property
companies, owners' committees, fee payers, trust_property where a new manager begins; the ledger; flows of fees.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents import (
    FeePayer,
    FeePayers,
    Households,
    OwnersCommittee,
    OwnersCommittees,
    PropertyCompanies,
    PropertyCompany,
    Residents,
)
from ...agents.columns import allocate
from ...agents.paying import fee_chance, inclination_at, neighbours_seen, standing_arrears, vote_on_company
from ...agents.property_company import (
    LUMP_SUM,
    NOBODY,
    SELF,
    calls_meeting,
    committee_after,
    half_need,
    leaves,
    need_under,
    openness_of,
    worth,
)
from ...agents.rules import clip01
from ...agents.speaking_up import FACILITY, IssueType
from ..casework import concerned
from ..compiled import kernel
from ..district import Archetype
from ..draws import Stream, draw, draw_first, uniform
from ..estates import change_managers, collect
from ..funds import fen
from ..levers import LeverTable
from ..parameters import ParameterTable
from ..structure import Communities, Issues

if TYPE_CHECKING:
    from ..community_model import CommunityModel

PROPERTY_TROUBLE = int(IssueType.PROPERTY)
FEE, OWNERS_VOTE = int(Stream.FEE), int(Stream.OWNERS_VOTE)
COMMITTEE, COMPANY = int(Stream.OWNERS_COMMITTEE), int(Stream.PROPERTY_COMPANY)
PROFILE = ("managed_share", "self_managed_share", "fee_rate", "fee_level", "property_quality", "owners_committee_share")


def prepare(model: "CommunityModel") -> None:
    """Draw who manages each estate, and set its need so that the archetype's fees just keep the quality drawn."""
    communities, companies, owners = model.communities, model.property_companies, model.owners_committees
    model.fee_payers = allocate(FeePayers, len(model.households.id))
    model.fee_payers.community[:] = model.households.community
    for c, seed in enumerate(communities.seed):
        label = Archetype(int(communities.archetype[c])).label
        row: dict[str, float] = {name: float(model.parameters[f"{name}_{label}"][c]) for name in PROFILE}
        company, own = (draw(seed, int(Stream.ORGANISATION), 0, companies.id[c], k) for k in (2, 3))
        managed = LUMP_SUM if company < row["managed_share"] else NOBODY
        companies.form[c] = SELF if own < row["self_managed_share"] else managed
        companies.rate[c], companies.level[c] = row["fee_rate"], row["fee_level"]
        companies.market[c], owners.share[c] = row["property_quality"], row["owners_committee_share"]
    open_books(communities, model.households, model.residents, companies, owners, model.fee_payers, model.parameters)


@kernel
def open_books(
    communities: Communities,
    households: Households,
    residents: Residents,
    companies: PropertyCompanies,
    owners: OwnersCommittees,
    payers: FeePayers,
    parameters: ParameterTable,
) -> None:
    """Begin at rest: fees, arrears and trust are what the archetype's rate and the quality drawn make them."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        form, rate, level = int(companies.form[c]), np.float64(companies.rate[c]), np.float64(companies.level[c])
        first, stop = communities.household_start[c], communities.household_stop[c]
        asked = p.self_fee * level if form == SELF else level
        companies.price[c] = asked if form != NOBODY else 0.0
        area = np.float64(households.area[first:stop].mean())
        usual = area * level * rate + rate * p.arrears_repaid * standing_arrears(area * level, rate, p)
        companies.usual[c] = companies.revenue[c] = usual
        companies.openness[c] = openness_of(form, 0.0, 0.0, int(owners.exists[c]), p)
        quality = min(max(np.float64(companies.quality[c]), p.least_quality), p.best_quality)
        companies.need[c] = need_under(quality, usual, p)
        if form == SELF:
            spent = worth(p.self_fee * usual, 0.0, np.float64(companies.openness[c]), p)
            companies.need[c] = half_need(spent, quality)
        owners.sense[c], companies.payers[c] = p.initial_community, rate
        for h in range(first, stop):
            payers.paying_neighbours[h] = rate
            payers.paid[h] = uniform(communities.seed[c], FEE, 0, households.id[h], 1) < rate
            if form != NOBODY:
                payers.arrears[h] = fen(standing_arrears(asked * np.float64(households.area[h]), rate, p))
                companies.billed[c] += payers.arrears[h]
        companies.trust[c] = quality
        fit_inclination(c, companies, p)
        for i in range(communities.resident_start[c], communities.resident_stop[c]):
            trust = np.float64(residents.trust_property[i]) + quality - p.initial_trust
            residents.trust_property[i] = clip01(trust)


@kernel
def fit_inclination(c: int, companies: PropertyCompanies, p: Any) -> None:
    """Set the inclination to pay so that the archetype's rate is paid for what is lived, at a company's fee if none."""
    price = np.float64(companies.price[c] if companies.price[c] > 0.0 else companies.level[c])
    quality, trust = np.float64(companies.quality[c]), np.float64(companies.trust[c])
    openness, rate = np.float64(companies.openness[c]), np.float64(companies.rate[c])
    companies.inclination[c] = inclination_at(rate, quality, trust, price, openness, p)


def step(model: "CommunityModel") -> None:
    """Tell households how issues with the estate ended; as a month opens, see to managers, fees and service."""
    m, week, communities = model, model.week, model.communities
    tell_payers(week, communities, m.households, m.issues, m.fee_payers)
    if not m.calendar.opens_month(week):
        return
    companies, owners, payers = m.property_companies, m.owners_committees, m.fee_payers
    rules = (m.parameters, m.levers)
    look_around(week, communities, m.households, m.residents, companies, owners, payers, m.parameters)
    m.decide(OwnersCommittee, "renew", renew_all, week, communities, companies, owners, *rules)
    if owners.meeting.any():
        m.decide(FeePayer, "vote", vote_all, week, communities, m.households, m.residents, owners, payers, m.parameters)
    m.decide(PropertyCompany, "decide_staying", stay_all, week, communities, companies, owners, m.parameters)
    change_managers(week, communities, m.households, m.residents, companies, owners, payers, m.flows, *rules)
    paying = (week, communities, m.households, m.residents, companies, payers, m.parameters)
    m.decide(FeePayer, "decide_fee", pay_all, *paying)
    collect(communities, m.households, companies, payers, m.ledger.book, m.flows, m.parameters)


# --- what is seen ----------------------------------------------------------------------------------------------------


@kernel
def tell_payers(week: int, communities: Communities, households: Households, issues: Issues, payers: FeePayers) -> None:
    """Let claimants (all in the building for a facility) feel how an issue with the estate ended; failures win."""
    payers.estate_outcome[:] = 0
    for c in range(len(communities.seed)):
        for i in range(communities.issue_start[c], communities.issue_stop[c]):
            if issues.ended[i] < week or (issues.type[i] != FACILITY and issues.type[i] != PROPERTY_TROUBLE):
                continue
            start, stop = concerned(c, i, communities, households, issues)
            for h in range(start, stop):
                if payers.estate_outcome[h] >= 0:
                    payers.estate_outcome[h] = issues.success[i]


@kernel
def look_around(
    week: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    companies: PropertyCompanies,
    owners: OwnersCommittees,
    payers: FeePayers,
    parameters: ParameterTable,
) -> None:
    """Write means of residents, and which share of its neighbours each household saw paying; fit inclinations before
    the plan begins.
    """
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        trust = sense = 0.0
        for i in range(communities.resident_start[c], communities.resident_stop[c]):
            if residents.present[i] == 1:
                trust += np.float64(residents.trust_property[i])
                sense += np.float64(residents.sense_of_community[i])
        persons = communities.resident_stop[c] - communities.resident_start[c] - communities.empty_places[c]
        if persons > 0:
            companies.trust[c], owners.sense[c] = trust / persons, sense / persons
        if week < 0:
            fit_inclination(c, companies, p)
        estate, stop = np.float64(companies.payers[c]), communities.household_stop[c]
        start = communities.household_start[c]
        while start < stop:
            end, count = start, 0
            while end < stop and households.building[end] == households.building[start]:
                count += int(payers.paid[end])
                end += 1
            for h in range(start, end):
                nearby = (count - int(payers.paid[h])) / (end - start - 1) if end - start > 1 else estate
                payers.paying_neighbours[h] = neighbours_seen(nearby, estate, p)
            start = end


# --- decisions -------------------------------------------------------------------------------------------------------


@kernel
def renew_all(
    week: int,
    communities: Communities,
    companies: PropertyCompanies,
    owners: OwnersCommittees,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Twin of OwnersCommittee.renew."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        seed, key = communities.seed[c], owners.id[c]
        u, v = uniform(seed, COMMITTEE, week, key, 0), uniform(seed, COMMITTEE, week, key, 1)
        share, sense = np.float64(owners.share[c]), np.float64(owners.sense[c])
        support = levers[c].owners_committee_support
        owners.exists[c] = committee_after(int(owners.exists[c]), share, sense, support, u, p)
        trust = np.float64(companies.trust[c])
        owners.meeting[c] = calls_meeting(int(companies.form[c]), int(owners.exists[c]), trust, v, p)


@kernel
def vote_all(
    week: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    owners: OwnersCommittees,
    payers: FeePayers,
    parameters: ParameterTable,
) -> None:
    """Twin of FeePayer.vote."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        for h in range(communities.household_start[c], communities.household_stop[c]):
            payers.ballot[h] = 0
            if owners.meeting[c] == 0 or households.owner[h] == 0 or households.size[h] == 0:
                continue
            i, key = households.resident_start[h], households.id[h]
            u = uniform(communities.seed[c], OWNERS_VOTE, week, key, 0)
            v = uniform(communities.seed[c], OWNERS_VOTE, week, key, 1)
            sense, trust = np.float64(residents.sense_of_community[i]), np.float64(residents.trust_property[i])
            payers.ballot[h] = vote_on_company(sense, trust, u, v, p)


@kernel
def stay_all(
    week: int,
    communities: Communities,
    companies: PropertyCompanies,
    owners: OwnersCommittees,
    parameters: ParameterTable,
) -> None:
    """Twin of PropertyCompany.decide_staying."""
    for c in range(len(communities.seed)):
        u = uniform(communities.seed[c], COMPANY, week, companies.id[c], 0)
        revenue, usual = np.float64(companies.revenue[c]), np.float64(companies.usual[c])
        form, committee = int(companies.form[c]), int(owners.exists[c])
        companies.leaving[c] = leaves(form, revenue, usual, committee, u, parameters[c])


@kernel
def pay_all(
    week: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    companies: PropertyCompanies,
    payers: FeePayers,
    parameters: ParameterTable,
) -> None:
    """Twin of FeePayer.decide_fee."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        price, openness = np.float64(companies.price[c]), np.float64(companies.openness[c])
        inclination, quality = np.float64(companies.inclination[c]), np.float64(companies.quality[c])
        first, stop = communities.household_start[c], communities.household_stop[c]
        if price <= 0.0:
            payers.paid[first:stop] = 0
            continue
        u: Any = np.empty(stop - first)
        draw_first(communities.seed[c], FEE, week, households.id[first:stop], u)
        usual = companies.trust[c]  # an absent owner thinks of it as residents do on average
        lived_in, speaker = households.size[first:stop] > 0, households.resident_start[first:stop]
        neighbours, trusts = payers.paying_neighbours[first:stop], residents.trust_property
        paid = np.empty(len(u), np.uint8)
        for k in range(len(u)):
            trust = trusts[speaker[k]] if lived_in[k] else usual
            seen = np.float64(neighbours[k])
            paid[k] = u[k] < fee_chance(inclination, quality, np.float64(trust), seen, price, openness, p)
        payers.paid[first:stop] = paid
