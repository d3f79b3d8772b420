"""Firms: rows of kind 1 in the table of organisations."""

from .giving import firm_fee, firm_gift
from .ngo import Organisations, joined_after, joining_chance
from .streams import Stream
from .view import AgentView


class Firm(AgentView):
    """A local firm that may sign a co-building agreement and give to the fund."""

    table = Organisations
    place = "organisations"

    def decide_joining(self) -> None:
        """Take part in the units' work, or not, as agreements and company suggest."""
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
        self.fee = firm_fee(self.joined, self.size, lever.resource_swap, w, p)
