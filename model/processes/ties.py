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
from ...agents.opinions import tie_loss, tie_strength
from ...agents.taking_part import ACTIVITY, COUNCIL
from ...agents.unit_head import VACANT
from ..compiled import kernel
from ..network import DOOR, HOUSEHOLD
from ..structure import Communities, Ties
from ..vectors import WIDTH, WINDOW, average_rows, flags_within

if TYPE_CHECKING:
    from ..community_model import CommunityModel

KNOWN, CHATTY = np.uint8(1), np.uint8(2)  # flags of a tie
ALL = np.float32(1.0)  # a mean of shares may exceed 1 by rounding


def gather(model: "CommunityModel") -> None:
    """Write what every resident hears of contacts and how near the head of the unit is."""
    gather_all(model.communities, model.residents, model.units, model.ties)


def step(model: "CommunityModel") -> None:
    """Move the strength of every tie by a week; where households stay, moves count as an expected loss."""
    moves = 1.0 if "mobility" in model.off else 0.0
    step_all(model.week, model.communities, model.residents, model.ties, moves, model.parameters)


@kernel
def gather_all(communities: Communities, residents: Residents, units: Units, ties: Ties) -> None:
    """Average last week's state of contacts, community by community, in the fixed order of each resident's ties."""
    for c in range(len(communities.seed)):
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        listen(first, stop, look(first, stop, residents), residents, ties)
        residents.head_tie[first:stop] = 0.0
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            if units.head[u] != VACANT:
                reach_out(u, units.head[u], first, residents.unit, residents.head_tie, ties)


@kernel
def look(first: int, stop: int, residents: Residents) -> Any:
    """Last week's state of the residents of one community, one row each."""
    seen = np.zeros((stop - first, WIDTH), np.float32)
    acts, adopted, aware = residents.acts_last[first:stop], residents.adopted[first:stop], residents.aware[first:stop]
    trust, performance = residents.trust_committee[first:stop], residents.performance[first:stop]
    contribution = residents.contribution[first:stop]
    for k in range(len(seen)):
        seen[k, 0], seen[k, 1], seen[k, 2] = acts[k] != 0, adopted[k], aware[k]
        seen[k, 3], seen[k, 4], seen[k, 5] = trust[k], performance[k], contribution[k]
    return seen


@kernel
def listen(first: int, stop: int, seen: Any, residents: Residents, ties: Ties) -> None:
    """Write what each resident of one community hears of contacts, the means over their ties.

    Who has no contacts hears nothing: shares are 0, opinions stay the own ones.
    """
    start, contacts, heard = ties.start[first : stop + 1], residents.contacts[first:stop], np.empty(WIDTH, np.float32)
    trust, performance = residents.trust_committee[first:stop], residents.performance[first:stop]
    belief, peers = residents.belief[first:stop], residents.peer_share[first:stop]
    adopted, aware = residents.peers_adopted[first:stop], residents.peers_aware[first:stop]
    their_trust, their_view = residents.neighbour_trust[first:stop], residents.neighbour_performance[first:stop]
    their_part = residents.neighbour_contribution[first:stop]
    for k in range(len(contacts)):
        weight = average_rows(ties.strength, ties.other, seen, start[k], start[k + 1], heard)
        alone = weight <= 0.0
        contacts[k] = weight
        peers[k], adopted[k], aware[k] = min(ALL, heard[0]), min(ALL, heard[1]), min(ALL, heard[2])
        their_trust[k] = trust[k] if alone else min(ALL, heard[3])
        their_view[k] = performance[k] if alone else min(ALL, heard[4])
        their_part[k] = belief[k] if alone else min(ALL, heard[5])


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

    First come the few ties whose people did something together, and their strengths are put aside.
    """
    for c in range(len(communities.seed)):
        p = parameters[c]
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        begin, end = ties.start[first], ties.start[stop]
        joint, grown = np.empty(end - begin, np.int64), np.empty(end - begin, np.float32)
        did = joined_in(week, residents.last_activity[first:stop], residents.last_council[first:stop])
        n = 0
        for k in np.flatnonzero(did):
            i = first + k
            for t in range(ties.start[i], ties.start[i + 1]):
                both = did[k] & did[ties.other[t]]
                if both == 0 or ties.kind[t] == HOUSEHOLD:
                    continue
                together = 1.0
                if both & ACTIVITY and residents.unit[first + ties.other[t]] == residents.unit[i]:
                    together += p.joint_activity_effect
                if both & COUNCIL:
                    together += p.joint_council_effect
                if together > 1.0:
                    formation = p.tie_formation * together * np.float64(ties.affinity[t])
                    joint[n] = t
                    grown[n] = tie_strength(np.float64(ties.strength[t]), formation, tie_loss(moves, p))
                    n += 1
        move_apart(ties.strength[begin:end], ties.affinity[begin:end], ties.kind[begin:end], moves, p)
        for k in range(n):
            ties.strength[joint[k]] = grown[k]


@kernel
def joined_in(week: int, last_activity: Any, last_council: Any) -> Any:
    """Which of ACTIVITY and COUNCIL each resident of a community attended this week, as flags."""
    did = np.empty(len(last_activity), np.uint8)
    for k in range(len(did)):
        did[k] = ACTIVITY * (last_activity[k] == week) | COUNCIL * (last_council[k] == week)
    return did


@kernel
def move_apart(strength: Any, affinity: Any, kind: Any, moves: float, p: Any) -> None:
    """Move ties by a week as if their people did nothing together."""
    base, loss = p.tie_formation, tie_loss(moves, p)
    for t in range(len(strength)):
        old = np.float64(strength[t])
        moved = tie_strength(old, base * np.float64(affinity[t]), loss)
        strength[t] = old if kind[t] == HOUSEHOLD else moved


@kernel
def flag_distant(first: int, stop: int, ties: Ties, p: Any, strange: Any, quiet: Any) -> None:
    """Flag who of one community knows no door neighbour (``strange``), and who almost never chats (``quiet``).

    Door neighbours are the possible ties of kind 1: members of other households of the stairwell at most ``door_reach``
    doors away whom one ever meets. One knows somebody's name if the tie has ``known_strength`` or more
    (ten_household-012), and chats with those outside the household whose tie reaches ``chat_strength``.
    """
    begin, start = ties.start[first], ties.start[first : stop + 1]
    marks = mark(ties.strength[begin : ties.start[stop]], ties.kind[begin : ties.start[stop]], p)
    for k in range(len(strange)):
        met = flags_within(marks, start[k] - begin, start[k + 1] - begin)
        strange[k] = met & KNOWN == 0
        quiet[k] = met & CHATTY == 0


@kernel
def mark(strength: Any, kind: Any, p: Any) -> Any:
    """Flag ties to known neighbours, and those one chats over."""
    marks = np.zeros(len(kind) + WINDOW, np.uint8)
    known, chat = np.float32(p.known_strength), np.float32(p.chat_strength)
    for t in range(len(kind)):
        knows, chats = (strength[t] >= known) & (kind[t] == DOOR), (strength[t] >= chat) & (kind[t] != HOUSEHOLD)
        marks[t] = KNOWN * knows + CHATTY * chats
    return marks
