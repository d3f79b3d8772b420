"""Households: where needs and grievances arise, and who speaks up."""

from typing import Annotated, NamedTuple

from .columns import F32, I8, I16, I32, U8, U64, Column
from .view import AgentView

NOTHING = 255  # no grievance, no request


class Households(NamedTuple):
    """One row a household, in the order of the street: neighbours are next to each other."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    unit: Annotated[I32, Column("row", "row of the ten-household unit", "design", 0)]
    resident_start: Annotated[I32, Column("row", "first resident; the household's members follow", "design", 0)]
    size: Annotated[U8, Column("person", "members", "T0.3", 1, 12)]
    building: Annotated[I16, Column("number", "building or courtyard within the community", "design", 0)]
    stairwell: Annotated[I16, Column("number", "stairwell within the community", "design", 0)]
    owner: Annotated[U8, Column("flag", "owns its dwelling", "T0.3", 0, 1)]
    area: Annotated[F32, Column("m2", "floor area of the dwelling", "T1.1", 10, 500, 80)]
    migrant: Annotated[U8, Column("flag", "without local registration", "ten_household-016", 0, 1)]
    special: Annotated[U8, Column("flag", "special group: elder living alone or in need", "ten_household-019", 0, 1)]
    needs: Annotated[U8, Column("bits", "classes of service it needs, see ServiceClass", "ten_household-028", 0, 31)]
    # Grievance of this week
    grievance: Annotated[U8, Column("type", "issue type claimed this week, 255 none", "T2.3", 0, 255, NOTHING)]
    severity: Annotated[F32, Column("share", "severity of this week's grievance", "T2.3", 0, 1)]
    channel: Annotated[U8, Column("channel", "channel chosen, see Channel", "T2.3", 0, 7)]
    latent: Annotated[F32, Column("share", "dissatisfaction from lumped grievances, decaying", "T2.3", 0, 1)]
    # What came of its issue this week
    outcome: Annotated[I8, Column("sign", "+1 an issue was settled, -1 failed, 0 nothing", "T2.3", -1, 1)]
    outcome_level: Annotated[U8, Column("level", "ladder level of that outcome, 1-4", "T2.3", 0, 4)]
    fairness: Annotated[F32, Column("share", "how fairly it was handled (procedural justice)", "T2.1", 0, 1)]
    # What it decides with its neighbours this week
    ballot: Annotated[U8, Column("ballot", "vote on the unit's proposal: 0 none, 1 against, 2 for", "T1.1", 0, 2)]
    helped: Annotated[U8, Column("bits", "small tasks of the unit it volunteered for, bit k for task k", "T1.1", 0, 255)]
    # Service of this week
    request: Annotated[U8, Column("class", "service class asked for this week, 255 none", "T4.3", 0, 255, NOTHING)]
    waiting: Annotated[I16, Column("week", "weeks this request has waited", "T4.3", 0)]
    served: Annotated[U8, Column("flag", "1 served this week, 0 not", "T4.3", 0, 1)]


class Household(AgentView):
    """A household: neighbours by address, one unit, needs and grievances."""

    table = Households
    place = "households"
