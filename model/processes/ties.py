"""Ties: what residents see of their contacts, and how ties grow by doing things together and fade.

``gather`` runs as the week begins: from last week's state of contacts it writes what each resident hears
(``peer_share``, ``peers_adopted``, ``peers_aware``, ``neighbour_trust``, ``neighbour_performance``,
``neighbour_contribution``, ``contacts``) and how near the unit's head is (``head_tie``). Every mean is weighted by tie
strength. ``acts_last`` must hold last week's acts by then.

``step`` runs after participation: it writes ``ties.strength`` from this week's joint acts (``last_activity`` together
with ``unit``; ``last_council``). Household ties stay as they are. Both are machinery: one kernel for both engines.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents import Residents, Units
from ...agents.columns import U8
from ...agents.opinions import tie_loss, tie_strength
from ...agents.unit_head import VACANT
from ..compiled import kernel
from ..network import DOOR, HOUSEHOLD
from ..structure import Communities, Ties

if TYPE_CHECKING:
    from ..community_model import CommunityModel

SEEN = 8  # numbers kept of each contact, in one cache line


def gather(model: "CommunityModel") -> None:
    """Write what every resident hears of contacts and how near the head of the unit is."""
    gather_all(model.communities, model.residents, model.units, model.ties)


def step(model: "CommunityModel") -> None:
    """Move the strength of every tie by a week; where households stay, moves count as an expected loss."""
    moves = 1.0 if "mobility" in model.off else 0.0
    step_all(model.week, model.communities, model.residents, model.ties, moves, model.parameters)


def strangers(model: "CommunityModel") -> U8:
    """Flag each resident who knows none of the door neighbours (ten_household-012).

    Door neighbours are the possible ties of kind 1: members of other households of the stairwell at most ``door_reach``
    doors away whom one ever meets. One knows somebody's name if the tie has ``known_strength`` or more.
    """
    return distant(model)[0]


def silent(model: "CommunityModel") -> U8:
    """Flag each resident who almost never chats with neighbours: only the household's ties reach ``chat_strength``."""
    return distant(model)[1]


def distant(model: "CommunityModel") -> tuple[U8, U8]:
    """Flag who is a stranger to the door neighbours, and who is silent: :func:`strangers`, :func:`silent`."""
    strange, quiet = np.empty(len(model.residents.id), np.uint8), np.empty(len(model.residents.id), np.uint8)
    flag_distant(model.communities, model.ties, model.parameters, strange, quiet)
    return strange, quiet


@kernel
def gather_all(communities: Communities, residents: Residents, units: Units, ties: Ties) -> None:
    """Average last week's state of contacts, community by community, in the fixed order of each resident's ties."""
    for c in range(len(communities.seed)):
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        seen = look(first, stop, residents)
        for i in range(first, stop):
            total = acted = adopted = aware = trust = performance = contribution = 0.0
            for t in range(np.uint64(ties.start[i]), np.uint64(ties.start[i + 1])):
                weight = np.float64(ties.strength[t])
                other = ties.other[t]
                total += weight
                acted += weight * seen[other, 0]
                adopted += weight * seen[other, 1]
                aware += weight * seen[other, 2]
                trust += weight * seen[other, 3]
                performance += weight * seen[other, 4]
                contribution += weight * seen[other, 5]
            residents.contacts[i] = total
            residents.head_tie[i] = 0.0
            if total > 0.0:
                residents.peer_share[i] = min(1.0, acted / total)
                residents.peers_adopted[i] = min(1.0, adopted / total)
                residents.peers_aware[i] = min(1.0, aware / total)
                residents.neighbour_trust[i] = min(1.0, trust / total)
                residents.neighbour_performance[i] = min(1.0, performance / total)
                residents.neighbour_contribution[i] = min(1.0, contribution / total)
            else:  # who has no contacts hears nothing: shares are 0, opinions stay the own ones
                residents.peer_share[i] = 0.0
                residents.peers_adopted[i] = 0.0
                residents.peers_aware[i] = 0.0
                residents.neighbour_trust[i] = residents.trust_committee[i]
                residents.neighbour_performance[i] = residents.performance[i]
                residents.neighbour_contribution[i] = residents.belief[i]
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            if units.head[u] != VACANT:
                reach_out(u, units.head[u], first, residents.unit, residents.head_tie, ties)


@kernel
def look(first: int, stop: int, residents: Residents) -> Any:
    """Last week's state of the residents of one community, one line of memory each."""
    seen = np.zeros((stop - first, SEEN))
    for i in range(first, stop):
        row = seen[i - first]
        row[0] = 1.0 if residents.acts_last[i] != 0 else 0.0
        row[1] = np.float64(residents.adopted[i])
        row[2] = np.float64(residents.aware[i])
        row[3] = np.float64(residents.trust_committee[i])
        row[4] = np.float64(residents.performance[i])
        row[5] = np.float64(residents.contribution[i])
    return seen


@kernel
def reach_out(u: int, head: int, first: int, unit: Any, head_tie: Any, ties: Ties) -> None:
    """Write how near the head of unit ``u`` is to each member: the strength of their tie."""
    for t in range(ties.start[head], ties.start[head + 1]):
        member = first + ties.other[t]
        if unit[member] == u:
            head_tie[member] = ties.strength[t]
    head_tie[head] = 1.0


@kernel
def step_all(
    week: int, communities: Communities, residents: Residents, ties: Ties, moves: float, parameters: Any
) -> None:
    """Strengthen and weaken every tie; both directions of a pair see the same numbers and stay equal.

    Ties of residents who met nobody this week are moved in one run up to the next who did.
    """
    for c in range(len(communities.seed)):
        p = parameters[c]
        base, loss = p.tie_formation, tie_loss(moves, p)
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        begin = ties.start[first]
        for i in range(first, stop):
            active, council = residents.last_activity[i] == week, residents.last_council[i] == week
            if active or council:
                move_apart(begin, ties.start[i], base, loss, ties)
                begin = ties.start[i + 1]
                for t in range(ties.start[i], begin):
                    j = first + ties.other[t]
                    together = 1.0
                    if active and residents.last_activity[j] == week and residents.unit[j] == residents.unit[i]:
                        together += p.joint_activity_effect
                    if council and residents.last_council[j] == week:
                        together += p.joint_council_effect
                    formation = base * together * np.float64(ties.affinity[t])
                    old = np.float64(ties.strength[t])
                    ties.strength[t] = old if ties.kind[t] == HOUSEHOLD else tie_strength(old, formation, loss)
        move_apart(begin, ties.start[stop], base, loss, ties)


@kernel
def move_apart(begin: Any, end: Any, base: float, loss: float, ties: Ties) -> None:
    """Move the ties ``begin`` to ``end`` - 1, whose people did nothing together."""
    strength, affinity, kind = ties.strength[begin:end], ties.affinity[begin:end], ties.kind[begin:end]
    for t in range(len(strength)):
        old = np.float64(strength[t])
        moved = tie_strength(old, base * np.float64(affinity[t]), loss)
        strength[t] = old if kind[t] == HOUSEHOLD else moved


@kernel
def flag_distant(communities: Communities, ties: Ties, parameters: Any, strange: Any, quiet: Any) -> None:
    """Flag who knows no door neighbour (``strange``), and who chats with nobody outside the household (``quiet``)."""
    for c in range(len(communities.seed)):
        known, chat = parameters[c].known_strength, parameters[c].chat_strength
        for i in range(communities.resident_start[c], communities.resident_stop[c]):
            knows = chats = False
            for t in range(np.uint64(ties.start[i]), np.uint64(ties.start[i + 1])):
                strength, kind = ties.strength[t], ties.kind[t]
                knows |= (strength >= known) & (kind == DOOR)
                chats |= (strength >= chat) & (kind != HOUSEHOLD)
            strange[i] = not knows
            quiet[i] = not chats
