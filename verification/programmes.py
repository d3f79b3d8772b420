"""Money of departments' programmes: earmarked or pooled, against the order statistics of demand (check R9)."""

import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..agents.columns import allocate, held
from ..agents.using_services import CLASSES
from ..model import parameters, programmes
from ..model.flows import Flows
from ..model.funds import Funds, fen
from ..model.ledger import Ledger
from ..model.levers import LeverSchedule
from ..model.programmes import POOLED, Programmes
from ..model.structure import Communities, Supply
from .check import Row, check, exact, mean, require

RESIDENTS = 1200
PRICE = 60.0  # yuan a slot
LEAN = 0.1  # share of the money of each class but the first


def granted(communities: int, slots: int, pooling: float) -> Any:
    """Communities that have just received money for ``slots`` slots in all, three fifths of it for the first class."""
    changes = {"slot_price": PRICE, "programme_money": 12.0 * slots * PRICE / RESIDENTS}
    s = SimpleNamespace(
        communities=allocate(Communities, communities),
        programmes=held(
            Programmes(np.zeros((communities, CLASSES + 1), np.int64), np.zeros((communities, CLASSES), np.int64))
        ),
        funds=allocate(Funds, communities),
        flows=allocate(Flows, communities),
        ledger=Ledger.opened(communities + 1),
        parameters=parameters.table([parameters.defaults() | changes] * communities),
        levers=LeverSchedule(communities).now,
    )
    s.communities.resident_start[:] = RESIDENTS * np.arange(communities)
    s.communities.resident_stop[:] = RESIDENTS * (np.arange(communities) + 1)
    s.levers["fund_pooling"] = pooling
    plan = np.full((communities, CLASSES), LEAN)
    plan[:, 0] = 1.0 - LEAN * (CLASSES - 1)
    money = (s.funds, s.ledger.book, s.flows, s.parameters)
    programmes.grant(s.communities, s.programmes, plan, *money, s.levers)
    return s


def missed_by(rng: Any, communities: int, load: float) -> Any:
    """Supply of a week in which Poisson(``load``) requests of every class were missed."""
    supply = Supply(
        np.zeros((communities, CLASSES)),
        np.zeros((communities, CLASSES + 1)),
        np.zeros((communities, CLASSES + 1), np.int64),
        rng.poisson(load, (communities, CLASSES)),
        np.zeros((communities, CLASSES), np.int64),
        np.zeros(communities, np.int64),
    )
    return held(supply)


def mean_of_least(load: float, slots: int) -> float:
    """E min(N, c) of a Poisson(``load``) number N: the sum of P(N > k) for k < c."""
    below = np.cumsum([math.exp(-load + k * math.log(load) - math.lgamma(k + 1)) for k in range(slots)])
    return float((1.0 - below).sum())


@check(
    "R9",
    "earmarked money lies idle, pooled money does not",
    cases=[{"pooling": 0.0}, {"pooling": 1.0}, {"pooling": 0.0, "load": 12.0}],
)
def idle_money(
    slots: int = 20, load: float = 4.0, pooling: float = 0.0, communities: int = 20_000, seed: int = 4
) -> Iterator[Row]:
    """Money for ``slots`` slots, 3/5 of it for one of five classes and 1/10 for each other, meets Poisson(``load``)
    missed requests of every class, in ``communities`` communities.

    Slots bought, earmarked: sum over classes of E min(N_z, c_z); pooled: E min(sum of N_z, c). Nothing is lost.
    """
    require(
        slots >= 10 and slots % 10 == 0 and slots <= 1000,
        "give 10, 20, ... 1,000 slots, so that classes get whole ones",
    )
    require(0.01 <= load <= 500.0 and pooling in (0.0, 1.0), "give a load of 0.01 to 500 and pooling 0 or 1")
    require(2 <= communities <= 1_000_000, "give 2 to 1,000,000 communities")
    s = granted(communities, slots, pooling)
    received = s.programmes.pot.sum(axis=1)
    programmes.buy(
        s.programmes, missed_by(np.random.default_rng(seed), communities, load), s.ledger.book, s.flows, s.parameters
    )
    shares = [slots] if pooling else [slots * 6 // 10] + [slots // 10] * (CLASSES - 1)
    loads = [CLASSES * load] if pooling else [load] * CLASSES
    expected = sum(mean_of_least(n, c) for n, c in zip(loads, shares, strict=True))
    yield mean("slots bought", expected, s.programmes.bought.sum(axis=1))
    spent = s.programmes.bought.sum(axis=1) * fen(PRICE)
    yield exact("fen neither spent nor kept", 0, int(np.abs(received - spent - s.programmes.pot.sum(axis=1)).sum()))
    programmes.lapse(s.programmes, s.funds, s.ledger.book, s.parameters)
    yield exact("fen left after the year", 0, int(s.programmes.pot.sum()))
    if pooling == 0.0:
        yield exact("fen in the pool", 0, int(s.programmes.pot[:, POOLED].sum()))
