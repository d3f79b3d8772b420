"""NGOs and firms share one table of organisations; this file holds the table and the NGOs."""

from typing import Annotated, Any, NamedTuple

from .columns import F32, I32, I64, U8, U64, Column
from .contracting import (
    KEPT,
    NO_BID,
    OPEN,
    bid_spending,
    closes,
    concentration,
    exit_hazard,
    expected_value,
    funding_shock,
    paid_effort,
    relief,
    running_costs,
    standing,
    ties,
    weeks_in_red,
)
from .giving import FEN
from .rates import WEEKS_A_YEAR
from .rules import log, logistic, probability, rule
from .streams import Stream
from .view import AgentView

NGO_KIND = 0
FIRM_KIND = 1


class Organisations(NamedTuple):
    """One row an organisation that could join the community's work: NGOs (0), firms (1), rows for later NGOs (0)."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "community it sits in", "design", 0)]
    kind: Annotated[U8, Column("type", "0 NGO, 1 firm", "ten_household-075", 0, 1)]
    active: Annotated[U8, Column("flag", "exists; a row that does not may be taken by a new one", "T6.3", 0, 1)]
    joined: Annotated[U8, Column("flag", "takes part in the units' work", "ten_household-119", 0, 1)]
    weeks_joined: Annotated[I32, Column("week", "weeks since it joined", "T6.3", 0)]
    joined_nearby: Annotated[
        F32, Column("share", "share of the other organisations around that took part last week", "T6.1", 0, 1)
    ]
    size: Annotated[F32, Column("ratio", "means, relative to the mean of its kind; log-normal", "T6.3", 0)]
    age: Annotated[I32, Column("week", "weeks since it was founded", "T6.3", 0)]
    cash: Annotated[I64, Column("fen", "money of an NGO; below zero it owes wages and bills", "T6.3")]
    red_weeks: Annotated[I32, Column("week", "weeks in a row with nothing left", "T6.3", 0)]
    reputation: Annotated[F32, Column("share", "results of its projects, remembered", "T6.3", 0, 1)]
    income_public: Annotated[F32, Column("CNY/week", "income from contracts, mean of about a year", "T6.3", 0)]
    income_gifts: Annotated[F32, Column("CNY/week", "income from gifts and grants, likewise", "T6.3", 0)]
    income_market: Annotated[F32, Column("CNY/week", "income from fees, likewise", "T6.3", 0)]
    received: Annotated[I64, Column("fen", "paid on contracts since the last week's accounts", "T6.3", 0)]
    granted: Annotated[I64, Column("fen", "grants since the last week's accounts", "T6.3", 0)]
    paid_effort: Annotated[F32, Column("share", "working time that goes to contracts while it has any", "T6.3", 0, 1)]
    workload: Annotated[F32, Column("slot/week", "slots that its contracts still ask for", "T6.3", 0)]
    bid: Annotated[I32, Column("row", "project it bids for this month; -1 none", "T6.3", -1, None, -1)]
    spending: Annotated[I64, Column("fen", "spent on the proposal", "T6.1", 0)]
    hazard: Annotated[F32, Column("1/year", "hazard of closing while there is money", "T6.3", 0)]
    closing: Annotated[U8, Column("flag", "closes this week", "T6.3", 0, 1)]
    provides: Annotated[U8, Column("flag", "firm that sells services to households beside its trade", "T6.3", 0, 1)]
    gift: Annotated[I32, Column("fen", "gift to the charity fund in the last month", "T4.3", 0)]
    fee: Annotated[I32, Column("fen", "fee paid for sites and advertising in the last month", "ten_household-125", 0)]


@rule
def joining_chance(appeal: float, platform: float, size: float, nearby: float, p: Any) -> float:
    """Probability that an organisation which thinks it over takes part [T6.3].

    L(appeal + jP platform + jS ln size + jN share of the others around that take part); ``appeal`` is the inclination
    of its kind and the effort put into contracts with it.
    """
    return logistic(appeal + p.join_platform * platform + p.join_size * log(size) + p.join_nearby * nearby)


@rule
def joined_after(joined: int, chance: float, u: float, v: float, p: Any) -> int:
    """Whether it takes part after this week: it thinks it over at rate ``join_review``, else all stays as it was."""
    if u < probability(p.join_review):
        return 1 if v < chance else 0
    return joined


@rule
def worth_of_bid(
    value: int, agreed: float, weeks: int, room: float, own: float, field: float, p: Any
) -> tuple[float, int]:
    """Expected worth in yuan of a bid for a project of ``value`` fen, and what is spent on it, in fen [T6.3].

    ``agreed`` slots in ``weeks``; ``room``: slots a week that it can take on; ``own``: its standing, ``field``: the
    sum of the standings of all NGOs around.
    """
    rent = p.contract_margin * value / FEN
    fit = min(1.0, max(0.0, room * weeks / agreed))
    chance = own / max(field, own)
    spending = bid_spending(rent, chance, p.contest_exponent)
    return expected_value(rent, fit, chance, spending), int(FEN * spending)


@rule
def course_taken(
    cash: int,
    red_weeks: int,
    age: int,
    size: float,
    incomes: tuple[float, float, float],
    incubation: float,
    evaluation: float,
    u: float,
    p: Any,
) -> tuple[float, int, int, float]:
    """Hazard of closing (1/year), weeks in the red, whether it closes, and its share of time for contracts [T6.3]."""
    income = incomes[0] + incomes[1] + incomes[2]
    dependence = concentration(incomes[0], incomes[1], incomes[2]) * funding_shock(income, running_costs(size, p))
    shelter = relief(age, incubation, p.incubation_shelter, p)
    hazard = exit_hazard(p.exit_base, age / WEEKS_A_YEAR, size, dependence, shelter, p)
    red = weeks_in_red(cash, red_weeks)
    share = incomes[0] / income if income > 0.0 else 0.0
    return hazard, red, closes(red, hazard / WEEKS_A_YEAR, u, p), paid_effort(share, p.evaluation_tied * evaluation, p)


class NGO(AgentView):
    """A social organisation that may take over unit services."""

    table = Organisations
    place = "organisations"

    def decide_joining(self) -> None:
        """Take part in the units' work, or not, as contracts and company suggest."""
        if not self.active:
            return
        p, lever = self.parameters, self.levers
        appeal = p.ngo_join_base + p.ngo_join_contract * lever.ngo_contracting
        chance = joining_chance(appeal, lever.tripartite_platform, self.size, self.joined_nearby, p)
        self.joined = joined_after(self.joined, chance, self.draw(Stream.JOIN, 0), self.draw(Stream.JOIN, 1), p)
        self.weeks_joined = self.joined * (self.weeks_joined + 1)

    def decide_bid(self) -> None:
        """Bid for the open project that promises most, if any promises anything."""
        self.bid, self.spending = NO_BID, 0
        if not self.active:
            return
        p, projects, best = self.parameters, self.model.service_projects, 0.0
        room = p.bid_stretch * p.ngo_slots * self.size - self.workload
        closeness = ties(self.weeks_joined, p)
        for j in range(self.community_row * KEPT, (self.community_row + 1) * KEPT):
            if projects.state[j] != OPEN:
                continue
            skill = float(self.model.skills.level[self.row, projects.service[j]])
            own = standing(self.reputation, skill, closeness, p)
            worth, spending = worth_of_bid(
                int(projects.value[j]),
                float(projects.agreed[j]),
                int(projects.weeks[j]),
                room,
                own,
                projects.field[j],
                p,
            )
            if worth > best:
                best, self.bid, self.spending = worth, j, spending

    def decide_course(self) -> None:
        """Close, or go on and split working time between what pays and the own mission."""
        if not self.active:
            return
        p, lever = self.parameters, self.levers
        incomes = (self.income_public, self.income_gifts, self.income_market)
        self.hazard, self.red_weeks, self.closing, self.paid_effort = course_taken(
            self.cash,
            self.red_weeks,
            self.age,
            self.size,
            incomes,
            lever.ngo_incubation,
            lever.third_party_evaluation,
            self.draw(Stream.NGO_EXIT),
            p,
        )
