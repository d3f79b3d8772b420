"""NGOs and firms share one table of organisations; this file holds the table and the NGOs."""

from typing import Annotated, NamedTuple

from .columns import F32, I32, U8, U64, Column
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
    size: Annotated[F32, Column("ratio", "means, relative to the mean of its kind; log-normal", "T6.3", 0)]


class NGO(AgentView):
    """A social organisation that may take over unit services."""

    table = Organisations
    place = "organisations"
