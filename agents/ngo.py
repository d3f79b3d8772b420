"""NGOs and firms share one table of organisations; this file holds the table and the NGOs."""

from typing import Annotated, Any, NamedTuple

from .columns import F32, I32, U8, U64, Column
from .rules import log, logistic, probability, rule
from .streams import Stream
from .view import AgentView

NGO_KIND = 0
FIRM_KIND = 1


class Organisations(NamedTuple):
    """One row an organisation that could join the community's work: NGOs (kind 0), then firms (kind 1)."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "community it sits in", "design", 0)]
    kind: Annotated[U8, Column("type", "0 NGO, 1 firm", "ten_household-075", 0, 1)]
    joined: Annotated[U8, Column("flag", "takes part in the units' work", "ten_household-119", 0, 1)]
    weeks_joined: Annotated[I32, Column("week", "weeks since it joined", "T6.3", 0)]
    joined_nearby: Annotated[
        F32, Column("share", "share of the other organisations around that took part last week", "T6.1", 0, 1)
    ]
    size: Annotated[F32, Column("ratio", "means, relative to the mean of its kind; log-normal", "T6.3", 0)]
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


class NGO(AgentView):
    """A social organisation that may take over unit services."""

    table = Organisations
    place = "organisations"

    def decide_joining(self) -> None:
        """Take part in the units' work, or not, as contracts and company suggest."""
        p, lever = self.parameters, self.levers
        appeal = p.ngo_join_base + p.ngo_join_contract * lever.ngo_contracting
        chance = joining_chance(appeal, lever.tripartite_platform, self.size, self.joined_nearby, p)
        self.joined = joined_after(self.joined, chance, self.draw(Stream.JOIN, 0), self.draw(Stream.JOIN, 1), p)
        self.weeks_joined = self.joined * (self.weeks_joined + 1)
