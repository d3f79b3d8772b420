"""Households as payers of the property fee: they pay if service, trust and their neighbours suggest it [T4.3].

Paying is conditional cooperation: what a household does depends on the share of its neighbours who pay.
"""

from typing import Annotated, Any, NamedTuple

from .columns import F32, I8, I32, I64, U8, Column
from .rules import clip01, inlined, log, logistic, rule
from .streams import Stream
from .view import AgentView

NO_BALLOT, KEEP, REPLACE = 0, 1, 2


class FeePayers(NamedTuple):
    """One row a household, in the order of :class:`~shequ.agents.household.Households`."""

    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    paid: Annotated[U8, Column("flag", "paid the last property fee in time", "T4.3", 0, 1)]
    paying_neighbours: Annotated[F32, Column("share", "share of neighbours who paid the one before", "T4.3", 0, 1)]
    arrears: Annotated[I64, Column("fen", "property fees not paid", "T4.3", 0)]
    ballot: Annotated[U8, Column("ballot", "vote on the company: 0 none, 1 keep, 2 replace", "T1.1", 0, 2)]
    estate_outcome: Annotated[
        I8,
        Column("sign", "+1 an issue with the estate was settled this week, -1 failed, 0 none", "T2.3", -1, 1),
    ]


@inlined
def fee_chance(
    inclination: float, quality: float, trust: float, neighbours: float, price: float, openness: float, p: Any
) -> float:
    """Probability that a household pays this month's property fee [T4.3].

    P = L(f0 + f1 quality + f2 trust + f3 share of neighbours who pay - f4 price + f5 openness). In a large estate of
    like households the share that pays moves as x' = L(a + s x) with s = f3: two states of rest for s > 4 (F1).
    """
    logit = inclination + p.fee_quality * quality + p.fee_trust * trust + p.fee_neighbours * neighbours
    return logistic(logit - p.fee_price * price + p.fee_openness * openness)


@rule
def inclination_at(rate: float, quality: float, trust: float, price: float, openness: float, p: Any) -> float:
    """Inclination f0 at which the share ``rate`` pays while the share ``rate`` is seen to pay [T4.3]."""
    logit = log(rate / (1.0 - rate)) - p.fee_neighbours * rate
    return logit - p.fee_quality * quality - p.fee_trust * trust + p.fee_price * price - p.fee_openness * openness


@rule
def neighbours_seen(building: float, estate: float, p: Any) -> float:
    """Share of payers that a household goes by: w that of its building + (1 - w) that of the estate [T4.3].

    The door shows the building, the notice board the estate; w is fee_nearby.
    """
    return p.fee_nearby * building + (1.0 - p.fee_nearby) * estate


@rule
def standing_arrears(fee: float, rate: float, p: Any) -> float:
    """Arrears a household at which as much is added as repaid and given up: fee (1 - x) / (x r + g) [T4.3].

    x: share that pays; r: share of arrears repaid with a fee; g: share given up a month.
    """
    return fee * (1.0 - rate) / (rate * p.arrears_repaid + p.arrears_lapse)


@rule
def vote_on_company(sense: float, trust: float, u: float, v: float, p: Any) -> int:
    """Ballot of an owner: goes to vote with L(t0 + t1 S), and then is for another company with L(r1 (Tr - T)) [T1.1].

    S: sense of community; T: trust in the company; Tr: trust at which opinion is divided.
    """
    if u >= logistic(p.recall_turnout + p.recall_community * sense):
        return NO_BALLOT
    return REPLACE if v < logistic(p.recall_slope * (p.recall_divided - trust)) else KEEP


@rule
def trust_in_new(trust: float, p: Any) -> float:
    """Trust in a manager that just began: T + new_start (1 - T), for hope [T4.2]."""
    return clip01(trust + p.new_start * (1.0 - trust))


class FeePayer(AgentView):
    """A household as payer of the property fee and as voter on the company."""

    table = FeePayers
    place = "fee_payers"

    @property
    def id(self) -> int:
        """Permanent number of the household, which keys its draws."""
        return int(self.model.households.id[self.row])

    def decide_fee(self) -> None:
        """Pay this month's fee, or not; the first member decides."""
        model, c, homes = self.model, self.community_row, self.model.households
        companies = model.property_companies
        self.paid = 0
        if companies.price[c] <= 0.0:
            return
        trust = float(companies.trust[c])  # an absent owner thinks of it as residents do on average
        if homes.size[self.row] > 0:
            trust = float(model.residents.trust_property[homes.resident_start[self.row]])
        chance = fee_chance(
            float(companies.inclination[c]),
            float(companies.quality[c]),
            trust,
            self.paying_neighbours,
            float(companies.price[c]),
            float(companies.openness[c]),
            self.parameters,
        )
        self.paid = 1 if self.draw(Stream.FEE) < chance else 0

    def vote(self) -> None:
        """Cast a ballot if the owners' committee called a vote and the household owns its dwelling."""
        model = self.model
        self.ballot = NO_BALLOT
        homes, row = model.households, self.row
        if model.owners_committees.meeting[self.community_row] == 0 or homes.owner[row] == 0 or homes.size[row] == 0:
            return
        first = model.households.resident_start[self.row]
        sense, trust = model.residents.sense_of_community[first], model.residents.trust_property[first]
        u, v = self.draw(Stream.OWNERS_VOTE, 0), self.draw(Stream.OWNERS_VOTE, 1)
        self.ballot = vote_on_company(float(sense), float(trust), u, v, self.parameters)
