"""Facilities: the community's rooms wear out, are kept up with ordinary money, and are shared out among users.

Rooms offer slots as far as their condition allows; schools, firms and offices may open theirs in idle hours. Meetings
of the community and culture services are served first, then meetings of units, then groups of residents that come by
themselves. Units that found no room plan fewer meetings in the following week (T4.3).

Reads: supply (culture services met this week), committees (meetings, festival), units (activities, deliberations),
levers. Writes: ``model.rooms``, room_found of units, the ledger (upkeep), flows of rooms and ``fiscal_spending``.
"""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np

from ...agents.columns import F32, F64, I64, Column, allocate
from ...agents.committee import Committees
from ...agents.rates import arrivals
from ...agents.rules import followed
from ...agents.unit_head import Units
from ...agents.using_rooms import condition_after, given, groups_expected, open_slots, resting_condition
from ...agents.using_services import ServiceClass
from ..compiled import kernel
from ..district import Archetype
from ..draws import Stream, uniform
from ..flows import Flows
from ..funds import account, fen
from ..ledger import Book, Purpose, Sector, transfer
from ..levers import LeverTable, catalogue
from ..parameters import ParameterTable
from ..structure import Communities

if TYPE_CHECKING:
    from ..community_model import CommunityModel

ROOM_USE = int(Stream.ROOM_USE)
CULTURE = int(ServiceClass.CULTURE)
COMMUNITY, SUPPLIERS, ROOM_UPKEEP = int(Sector.COMMUNITY), int(Sector.SUPPLIERS), int(Purpose.ROOM_UPKEEP)
MOST_GROUPS = 1000  # groups of residents that look for a room in one week


class Rooms(NamedTuple):
    """The rooms of each community: one row a community."""

    own: Annotated[F64, Column("slot/week", "slots of the community's own rooms in full order", "T4.3", 0)]
    condition: Annotated[F32, Column("share", "condition of these rooms", "T4.3", 0, 1)]
    open: Annotated[F64, Column("slot", "slots open this week, shared rooms included", "T4.3", 0)]
    used: Annotated[F64, Column("slot", "of these, used", "T4.3", 0)]
    upkeep: Annotated[I64, Column("fen", "upkeep paid this week", "T4.3", 0)]


def prepare(model: "CommunityModel") -> None:
    """Give every community its rooms, in the condition that the upkeep at rest keeps up."""
    communities, parameters = model.communities, model.parameters
    model.rooms = allocate(Rooms, len(communities.id))
    rest = catalogue()["facility_upkeep"].rest
    for c, kind in enumerate(communities.archetype):
        label = Archetype(kind).label
        residents = communities.resident_stop[c] - communities.resident_start[c] - communities.empty_places[c]
        thousands = residents / 1000.0
        slots = parameters["opening_hours"][c] / parameters["slot_hours"][c]
        model.rooms.own[c] = parameters[f"{'community_rooms'}_{label}"][c] * thousands * slots
        model.rooms.condition[c] = resting_condition(rest, model.parameter_row(c))


def step(model: "CommunityModel") -> None:
    """Keep the rooms up and share them out."""
    m = model
    keep_up(m.ledger.book, m.rooms, m.flows, m.parameters, m.levers)
    served = m.supply.met[:, CULTURE]
    share_out(m.week, m.communities, m.committees, m.units, served, m.rooms, m.flows, m.parameters, m.levers)


@kernel
def keep_up(book: Book, rooms: Rooms, flows: Flows, parameters: ParameterTable, levers: LeverTable) -> None:
    """Pay for upkeep what the lever says and the ordinary account holds; rooms wear and are repaired."""
    for c in range(len(rooms.own)):
        p: Any = parameters[c]
        full = fen(p.upkeep_cost * rooms.own[c])
        wanted = int(levers[c].facility_upkeep * full)
        paid = transfer(book, account(c, COMMUNITY), account(c, SUPPLIERS), ROOM_UPKEEP, wanted)
        flows.fiscal_spending[c] += paid
        rooms.upkeep[c] = paid
        kept = followed(paid / max(full, 1), wanted / max(full, 1), p.upkeep_needs_money)
        rooms.condition[c] = condition_after(np.float64(rooms.condition[c]), kept, p)


@kernel
def share_out(
    week: int,
    communities: Communities,
    committees: Committees,
    units: Units,
    served: I64,
    rooms: Rooms,
    flows: Flows,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Give the open slots to the community's meetings and services, then to units, then to groups of residents."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        residents = float(communities.resident_stop[c] - communities.resident_start[c] - communities.empty_places[c])
        condition = np.float64(rooms.condition[c])
        slots = open_slots(rooms.own[c], condition, p.shared_rooms * residents / 1000.0, levers[c].space_sharing)
        first = p.events_in_rooms * (float(committees.meetings[c]) + float(committees.festival[c]))
        first += p.culture_in_rooms * served[c]
        held = 0
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            held += int(units.activities[u]) - int(units.online_activities[u]) + int(units.deliberations[u])
        meetings = p.meetings_in_rooms * held
        draw = uniform(communities.seed[c], ROOM_USE, week, committees.id[c], 0)
        groups = float(arrivals(draw, groups_expected(residents, condition, p), MOST_GROUPS))
        used = given(first, slots)
        mine = given(meetings, slots - used)
        found = mine / meetings if meetings > 0.0 else 1.0
        units.room_found[communities.unit_start[c] : communities.unit_limit[c]] = found
        used += mine
        used += given(groups, slots - used)
        rooms.open[c] = slots
        rooms.used[c] = used
        flows.room_slots[c] += slots
        flows.room_slots_used[c] += used
        flows.room_wishes[c] += first + meetings + groups
        flows.room_condition[c] += condition
