"""Rules of moving: when a household leaves its dwelling, who comes after it, what a tie is worth by length of stay."""

from typing import Any

from .opinions import tie_loss
from .rules import clip01, exp, rule

STAYING = 0.0  # expected moves in the loss of a tie between people who stay


@rule
def move_hazard(owner: int, elder: bool, heads: bool, satisfaction: float, influx: float, p: Any) -> float:
    """Rate per week at which a household moves out of the district [T8.5].

    move_out x ratio of its tenure (tenants also times the lever ``influx``) x elder_move_ratio if its first member is
    60 or older x head_move_ratio if a member heads the unit x (1 + move_satisfaction (S0 - S)), with S the satisfaction
    of the first member and S0 = initial_satisfaction.
    """
    rate = p.move_out * (p.owner_move_ratio if owner == 1 else p.tenant_move_ratio * influx)
    rate *= p.elder_move_ratio if elder else 1.0
    rate *= p.head_move_ratio if heads else 1.0
    return rate * max(0.0, 1.0 + p.move_satisfaction * (p.initial_satisfaction - satisfaction))


@rule
def highest_move_hazard(influx: float, p: Any) -> float:
    """Return what move_hazard is at most: of every kind of household, at the bounds 0 and 1 of satisfaction."""
    highest = 0.0
    for kind in range(16):
        owner, elder, heads, satisfied = kind & 1, kind & 2 > 0, kind & 4 > 0, kind >> 3
        highest = max(highest, move_hazard(owner, elder, heads, float(satisfied), influx, p))
    return highest


@rule
def is_let(u: float, influx: float) -> bool:
    """Whether a home that its owners left is let: with chance 1 - 1/influx where ``influx`` exceeds 1, else never."""
    return u < 1.0 - 1.0 / max(1.0, influx)


@rule
def migrants_among_tenants(migrant_share: float, owner_share: float) -> float:
    """Share of migrants among households that rent: m / (1 - (1 - m) o), for owners are local [definition]."""
    renting = 1.0 - (1.0 - migrant_share) * owner_share
    return migrant_share / renting if renting > 0.0 else 0.0


@rule
def elders_among_newcomers(elder_share: float, influx: float, p: Any) -> float:
    """Share of elder households among those who move in: e r / (e r + 1 - e), times the lever ``elder_influx``.

    e is the archetype's share and r = elder_move_ratio: moves alone then leave the share where it is [definition].
    """
    moving = elder_share * p.elder_move_ratio
    return clip01(influx * moving / (moving + 1.0 - elder_share))


@rule
def strength_after_stay(affinity: float, weeks: float, p: Any) -> float:
    """Strength of a tie ``weeks`` after the later of the two moved in, if they do nothing together [S7, M2].

    A* - (A* - A0) e**(-(f + d) weeks): A* = f/(f + d) without moves, f = tie_formation affinity, d = tie_decay,
    A0 = newcomer_ties A*.
    """
    formation, loss = p.tie_formation * affinity, tie_loss(STAYING, p)
    rest = formation / (formation + loss)
    return rest * (1.0 - (1.0 - p.newcomer_ties) * exp(-(formation + loss) * weeks))
