"""Whoever manages an estate, the service it gives for its money, and owners' committees: columns and rules [T4.3]."""

from enum import IntEnum
from typing import Annotated, Any, NamedTuple

from .columns import F32, I32, I64, U8, U64, Column
from .rules import exp, happens, rule
from .streams import Stream
from .view import AgentView


class Management(IntEnum):
    """Who manages the estate."""

    NONE = 0  # nobody: no fee; the quality of common ground stays as it is
    LUMP_SUM = 1  # a company that owns the fees, takes its margin first and bears the loss
    TRUST = 2  # a company on commission; fees are the owners' and lie in a common account
    SELF = 3  # owners themselves, unpaid, at a low fee
    FALLBACK = 4  # the subdistrict has the worst cleaned up; no fee


NOBODY, LUMP_SUM, TRUST = int(Management.NONE), int(Management.LUMP_SUM), int(Management.TRUST)
SELF, FALLBACK = int(Management.SELF), int(Management.FALLBACK)


class PropertyCompanies(NamedTuple):
    """One row an estate's manager; row c serves community c. Spending and revenue: yuan a household and month."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    quality: Annotated[F32, Column("share", "quality of its service", "T4.3", 0, 1)]
    form: Annotated[U8, Column("type", "who manages the estate, see Management", "T4.2", 0, 4)]
    price: Annotated[F32, Column("CNY/m2/month", "property fee in force", "T4.3", 0, 20)]
    level: Annotated[F32, Column("CNY/m2/month", "property fee that a company asks here", "T4.3", 0, 20)]
    rate: Annotated[F32, Column("share", "share of households that pay at the reference point", "T4.3", 0, 1)]
    market: Annotated[F32, Column("share", "mean quality of companies that can be had here", "T4.3", 0, 1)]
    inclination: Annotated[F32, Column("logit", "inclination to pay, all else at zero: f0", "T4.3")]
    need: Annotated[F32, Column("CNY/month", "spending a household that buys half of the best quality", "T4.3", 0)]
    usual: Annotated[F32, Column("CNY/month", "revenue a household at the reference point", "T4.3", 0)]
    revenue: Annotated[F32, Column("CNY/month", "revenue a household, mean of the last months", "T4.3", 0)]
    effort: Annotated[F32, Column("share", "zeal of self-management, 1 when it is founded", "T4.2", 0, 1)]
    openness: Annotated[F32, Column("share", "how far books are open and owners decide", "standardization-010", 0, 1)]
    trust: Annotated[F32, Column("share", "mean trust of residents in it as the month began", "T8.3", 0, 1)]
    payers: Annotated[F32, Column("share", "share of households that paid the last fee", "T4.2", 0, 1)]
    leaving: Annotated[U8, Column("flag", "gives up the estate, or comes, this month", "T4.3", 0, 1)]
    billed: Annotated[I64, Column("fen", "fees billed so far, arrears at the start included", "T4.3", 0)]
    collected: Annotated[I64, Column("fen", "of these, paid, in time or late", "T4.3", 0)]
    lapsed: Annotated[I64, Column("fen", "of these, given up", "T4.3", 0)]


class OwnersCommittees(NamedTuple):
    """One row an owners' committee; row c belongs to community c."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    exists: Annotated[U8, Column("flag", "an owners' committee is elected", "T14", 0, 1)]
    share: Annotated[F32, Column("share", "share of such communities that have one", "T14", 0, 1)]
    sense: Annotated[F32, Column("share", "mean sense of community of residents as the month began", "T8.3", 0, 1)]
    meeting: Annotated[U8, Column("flag", "calls owners to vote on the company this month", "T1.1", 0, 1)]


# --- service for money -----------------------------------------------------------------------------------------------


@rule
def half_need(spending: float, quality: float) -> float:
    """Spending that buys half of the best quality, where ``spending`` buys ``quality``: B (1 - Q) / Q [T4.3]."""
    return spending * (1.0 - quality) / quality


@rule
def need_under(quality: float, usual: float, p: Any) -> float:
    """Need of an estate whose company gives ``quality`` for the ``usual`` revenue, less its margin [T4.3]."""
    return half_need(usual - manager_pay(LUMP_SUM, usual, usual, p), min(max(quality, p.least_quality), p.best_quality))


@rule
def service_from(spending: float, need: float) -> float:
    """Quality that ``spending`` keeps up: Q = B / (B + need), with returns that fall [T4.3]. Both a household."""
    return spending / (spending + need)


@rule
def spending_for(quality: float, need: float) -> float:
    """Spending a household that keeps up ``quality``: the inverse of :func:`service_from` [T4.3]."""
    return need * quality / (1.0 - quality)


@rule
def worth(spending: float, effort: float, openness: float, p: Any) -> float:
    """Worth of ``spending``: B (1 + volunteers effort) (1 + choice decided openness) [T4.3].

    Work that owners do unpaid adds to it, and money goes further on works that owners chose.
    """
    volunteered = 1.0 + p.volunteer_gain * effort
    return spending * volunteered * (1.0 + p.choice_gain * p.owners_decide * openness)


@rule
def manager_pay(form: int, revenue: float, usual: float, p: Any) -> float:
    """What the manager keeps of a month's ``revenue`` a household [T4.2].

    A lump-sum company takes the margin on what it counts on, so that service bears every loss; a trust company gets a
    commission on what comes in; nobody else is paid.
    """
    if form == LUMP_SUM:
        return min(revenue, p.company_margin * usual)
    return p.trust_commission * revenue if form == TRUST else 0.0


@rule
def quality_after(quality: float, aim: float, p: Any) -> float:
    """Quality a month later: Q + service_pace (aim - Q); wear and repair take time [T4.3]."""
    return quality + p.service_pace * (aim - quality)


@rule
def openness_of(form: int, in_trust: float, effort: float, committee: int, p: Any) -> float:
    """How far books are open and owners decide [standardization-010].

    As far as fees are held in trust; in self-management as far as it is zealous; and by an owners' committee.
    """
    own = in_trust if form == TRUST else (p.self_openness * effort if form == SELF else 0.0)
    return max(own, p.committee_openness if committee > 0 and form != NOBODY else 0.0)


@rule
def effort_after(effort: float, p: Any) -> float:
    """Zeal of self-management a month later: it tires by the share self_fatigue [T4.2, T3.1]."""
    return effort * (1.0 - p.self_fatigue)


# --- who stays, who is elected ---------------------------------------------------------------------------------------


@rule
def leaves(form: int, revenue: float, usual: float, committee: int, u: float, p: Any) -> bool:
    """Whether the manager changes this month by a company's own will [T4.3].

    A company whose revenue stays below withdraw_floor of the usual gives notice at the rate withdraw_rate; where the
    subdistrict helps out, one comes at the rate return_rate if an owners' committee can sign.
    """
    if form in (LUMP_SUM, TRUST):
        return revenue < p.withdraw_floor * usual and happens(u, p.withdraw_rate)
    return form == FALLBACK and committee > 0 and happens(u, p.return_rate)


@rule
def committee_after(exists: int, share: float, sense: float, support: float, u: float, p: Any) -> bool:
    """Whether there is an owners' committee after this month [T14].

    It lapses at rate d, and one is elected at the rate (d s / (1 - s) + e2 support) e^(e1 (S - S0)): as many as today
    (share s) at the usual sense of community, more where owners are helped or feel as a community.
    """
    if exists > 0:
        return not happens(u, p.committee_lapse)
    usual = p.committee_lapse * share / max(1.0 - share, p.committee_lapse)
    community = exp(p.election_community * (sense - p.initial_community))
    return happens(u, (usual + p.election_support * support) * community)


@rule
def calls_meeting(form: int, exists: int, trust: float, u: float, p: Any) -> bool:
    """Whether the owners' committee calls a vote on the company: at recall_rate while mean trust is low [T1.1]."""
    hired = form in (LUMP_SUM, TRUST)
    return hired and exists > 0 and trust < p.recall_trust and happens(u, p.recall_rate)


class PropertyCompany(AgentView):
    """A property company: its quality decides how often things break and whose fault it is."""

    table = PropertyCompanies
    place = "property_companies"

    def decide_staying(self) -> None:
        """Give up an estate that does not pay, or take on one that nobody serves."""
        committee = int(self.model.owners_committees.exists[self.row])
        u = self.draw(Stream.PROPERTY_COMPANY)
        self.leaving = leaves(self.form, self.revenue, self.usual, committee, u, self.parameters)


class OwnersCommittee(AgentView):
    """An owners' committee: speaks for owners to the property company, and may have them vote on it."""

    table = OwnersCommittees
    place = "owners_committees"

    def renew(self) -> None:
        """Be elected or lapse; call a vote on a company that few trust."""
        companies, p = self.model.property_companies, self.parameters
        form, trust = int(companies.form[self.row]), float(companies.trust[self.row])
        u, v = self.draw(Stream.OWNERS_COMMITTEE, 0), self.draw(Stream.OWNERS_COMMITTEE, 1)
        support = self.levers.owners_committee_support
        self.exists = committee_after(self.exists, self.share, self.sense, support, u, p)
        self.meeting = calls_meeting(form, self.exists, trust, v, p)
