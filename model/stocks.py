"""Emergency goods: one row an item and place of a community; received = issued + lost + on hand, in pieces [E7]."""

from typing import Annotated, NamedTuple

from ..agents.columns import I64, Column
from ..agents.rates import arrivals
from ..agents.rules import normal_quantile, rule
from ..agents.warning import EmergencyKind

ITEMS = len(EmergencyKind)  # goods by kind of emergency: kits, food and drugs, water, bedding
COMMUNITY, UNITS = 0, 1  # places: the community's store; what lies with the units, one pool a community
PLACES = 2
MOST_PIECES = 1000  # of one unit


class Stores(NamedTuple):
    """One row an item and place; rows of a community follow each other."""

    received: Annotated[I64, Column("piece", "received since the start", "T9.3", 0)]
    issued: Annotated[I64, Column("piece", "handed out since the start", "T9.3", 0)]
    lost: Annotated[I64, Column("piece", "spoilt or gone since the start", "T9.3", 0)]
    on_hand: Annotated[I64, Column("piece", "there now", "T9.3", 0)]


@rule
def store_row(c: int, kind: int, place: int) -> int:
    """Row of the goods for emergencies of ``kind`` at ``place`` in community ``c``."""
    return (c * ITEMS + kind - 1) * PLACES + place


@rule
def receive(stores: Stores, row: int, pieces: int) -> None:
    """Take in ``pieces``."""
    stores.received[row] += pieces
    stores.on_hand[row] += pieces


@rule
def lose(stores: Stores, row: int, pieces: int) -> None:
    """Write off up to ``pieces``."""
    gone = min(pieces, int(stores.on_hand[row]))
    stores.lost[row] += gone
    stores.on_hand[row] -= gone


@rule
def hand_out(stores: Stores, row: int, pieces: int) -> int:
    """Hand out up to ``pieces``; returns how many there were."""
    given = min(pieces, int(stores.on_hand[row]))
    stores.issued[row] += given
    stores.on_hand[row] -= given
    return given


@rule
def order_up_to(mean: float, sd: float, ratio: float) -> float:
    """Stock at which normal demand is met with the chance ``ratio``: mean + sd z, never below 0 [T9.1: newsvendor, E6].

    ``ratio`` is the critical ratio cu / (cu + co) of the costs of a piece too few and a piece too many.
    """
    return max(mean + sd * normal_quantile(ratio), 0.0) if ratio > 0.0 else 0.0


@rule
def order_up_to_whole(mean: float, ratio: float) -> int:
    """Fewest pieces that meet Poisson demand of ``mean`` (up to 60) with the chance ``ratio`` [T9.1, E6]."""
    return arrivals(ratio, mean, MOST_PIECES)
