"""Firms: rows of kind 1 in the table of organisations; rules of closing and of providing services beside the own trade.

A row stands for premises: where a firm closes they stand empty until another of the same size moves in.
"""

from typing import Any

from .contracting import exit_hazard
from .giving import firm_fee, firm_gift
from .ngo import Organisations, joined_after, joining_chance
from .rates import MONTHS_A_YEAR, WEEKS_A_YEAR
from .rules import probability, rule
from .streams import Stream
from .view import AgentView


@rule
def cournot_profit(spread: float, slope: float, firms: float) -> float:
    """Profit of each of ``firms`` equal firms before fixed cost: (a - c)^2/(b (n + 1)^2) [T6.1].

    ``spread``: highest price a less unit cost c; ``slope``: b of the inverse demand a - b q.
    """
    return max(0.0, spread) * spread / (slope * (firms + 1.0) * (firms + 1.0))


@rule
def provides_after(provides: int, joined: int, size: float, others: float, unmet: float, subsidy: float, p: Any) -> int:
    """Whether a firm provides services after it thought it over: if what it earns is worth the fixed cost [T6.3].

    (Cournot profit x size + subsidy) a week, for ever, discounted, + goodwill if it takes part >= fixed cost; a firm
    that already provides saves only what is not sunk by leaving. ``others``: firms around that provide; ``unmet``:
    share of requests that miss, which carries the price; ``subsidy`` in CNY/month.
    """
    profit = cournot_profit(p.provision_spread * unmet, p.provision_slope, others + 1.0) * size
    worth = (profit + subsidy * MONTHS_A_YEAR / WEEKS_A_YEAR) * WEEKS_A_YEAR / p.firm_discount
    saved = p.provision_fixed_cost * (1.0 - p.provision_sunk * provides)
    return 1 if worth + p.provision_goodwill * joined >= saved else 0


@rule
def firm_course(age: int, size: float, u: float, p: Any) -> tuple[float, int]:
    """Hazard of closing (1/year) of a firm ``age`` weeks old, and whether it closes this week [T6.1].

    m0 exp(-m1 age - m2 ln size): new and small firms close more often, as NGOs do, at a level of their own.
    """
    hazard = exit_hazard(p.firm_exit_base, age / WEEKS_A_YEAR, size, 0.0, 0.0, p)
    return hazard, 1 if u < probability(hazard / WEEKS_A_YEAR) else 0


class Firm(AgentView):
    """A local firm that may sign a co-building agreement and give to the fund."""

    table = Organisations
    place = "organisations"

    def decide_joining(self) -> None:
        """Take part in the units' work, or not, as agreements and company suggest."""
        if not self.active:
            return
        p, lever = self.parameters, self.levers
        appeal = p.firm_join_base + p.firm_join_agreement * lever.firm_agreements
        chance = joining_chance(appeal, lever.tripartite_platform, self.size, self.joined_nearby, p)
        self.joined = joined_after(self.joined, chance, self.draw(Stream.JOIN, 0), self.draw(Stream.JOIN, 1), p)
        self.weeks_joined = self.joined * (self.weeks_joined + 1)

    def decide_gift(self) -> None:
        """Give to the charity fund and rent a site this month, or not."""
        p, lever = self.parameters, self.levers
        u, v, w = (self.draw(Stream.DONATION, k) for k in range(3))
        self.gift = firm_gift(self.joined, self.size, lever.donation_drive, u, v, p)
        self.fee = firm_fee(self.active, self.joined, self.size, lever.resource_swap, w, p)

    def decide_course(self) -> None:
        """Close, or go on."""
        if self.active:
            u = self.draw(Stream.FIRM_TURNOVER)
            self.hazard, self.closing = firm_course(self.age, self.size, u, self.parameters)

    def decide_provision(self) -> None:
        """Provide services to households beside the own trade, or not; some firms think it over in a quarter."""
        if not self.active or self.draw(Stream.PROVISION) >= self.parameters.provision_review:
            return
        self.provides = provides_after(
            self.provides,
            self.joined,
            self.size,
            self.model.delivery.providers[self.community_row] - self.provides,
            self.model.delivery.unmet[self.community_row],
            self.levers.firm_incentive,
            self.parameters,
        )
