"""Property companies and owners' committees."""

from typing import Annotated, NamedTuple

from .columns import F32, I32, U8, U64, Column
from .view import AgentView


class PropertyCompanies(NamedTuple):
    """One row a property company; row c serves community c."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    quality: Annotated[F32, Column("share", "quality of its service", "T4.3", 0, 1)]


class OwnersCommittees(NamedTuple):
    """One row an owners' committee; row c belongs to community c."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    exists: Annotated[U8, Column("flag", "an owners' committee is elected", "T14", 0, 1)]


class PropertyCompany(AgentView):
    """A property company: its quality decides how often things break and whose fault it is."""

    table = PropertyCompanies
    place = "property_companies"


class OwnersCommittee(AgentView):
    """An owners' committee: speaks for owners to the property company."""

    table = OwnersCommittees
    place = "owners_committees"
