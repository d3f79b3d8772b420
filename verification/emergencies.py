"""Emergencies against closed forms: the chain of calls, word of mouth, visits, goods (checks E1 to E7)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from ..agents.columns import allocate, held
from ..agents.warning import EmergencyKind, Source, over_ways
from ..model import parameters
from ..model.community_model import CommunityModel
from ..model.district import EmergencyEvent, small_district
from ..model.levers import Setting
from ..model.network import INTEREST
from ..model.schedule import PROCESSES
from ..model.stocks import Stores, hand_out, lose, order_up_to, order_up_to_whole, receive
from ..model.structure import Ties
from ..model.warning import call_level, minute_of_share, spread, visit
from .check import CheckError, Row, check, exact, mean, printed, random

BEYOND = 1e12  # minutes: word of mouth until it stops
PUBLISHED_EXTINCT = {1.5: 0.417188, 2.0: 0.203188}
PUBLISHED_LAST = {10: 2.928968, 12: 3.103211, 15: 3.318229}
PUBLISHED_POISSON = {(30.0, 0.75): 34, (30.0, 0.9): 37, (30.0, 0.95): 39}
LARGE = 0.1  # share of the persons from which an outbreak has not died out


# --- the chain -------------------------------------------------------------------------------------------------------


def chain(sizes: tuple[int, int, int], minutes: float, chance: float, rng: np.random.Generator) -> Any:
    """Minutes at which the households of one committee are called by way of grid workers and heads."""
    upper, lists = np.zeros(1), 1
    for size in sizes:
        below = lists * size
        times = np.zeros(below)
        start = np.arange(0, below + 1, size)
        call_level(upper, start, minutes, np.full(below, chance), rng.random(below), times)
        upper, lists = times, below
    return upper


def _whole(least: int, **numbers: int) -> None:
    for name, value in numbers.items():
        if value < least:
            message = f"{name} must be at least {least}, not {value}"
            raise CheckError(message)


def _open_share(**numbers: float) -> None:
    for name, value in numbers.items():
        if not 0.0 < value < 1.0:
            message = f"{name} must lie between 0 and 1, not {value}"
            raise CheckError(message)


@check("E1", "chain of serial calls: last and mean household")
def call_tree(grids: int = 10, heads: int = 10, households: int = 12, minutes: float = 3.0) -> Iterator[Row]:
    """Every call gets through after ``minutes``: last sum b t, mean sum (b + 1)/2 t over the levels."""
    _whole(1, grids=grids, heads=heads, households=households)
    times = chain((grids, heads, households), minutes, 1.0, np.random.default_rng(0))
    calls = grids + heads + households
    if (grids, heads, households, minutes) == (10, 10, 12, 3.0):
        yield printed("last (published)", 96.0, calls * minutes)
        yield printed("mean (published)", 52.5, (calls + 3) / 2.0 * minutes)
    yield printed("last household", calls * minutes, times.max(), digits=9)
    yield printed("mean household", (calls + 3) / 2.0 * minutes, times.mean(), digits=9)


def spread_of_coverage(p: float, grids: int, heads: int, households: int) -> float:
    """Standard deviation of the share reached over three hops that those below share."""
    heads_part = p * (p * p + p * (1.0 - p) / households)  # second moment of one head's share
    grid_part = p * (p**4 + (heads_part - p**4) / heads)
    return math.sqrt((grid_part - p**6) / grids)


@check("E2", "coverage of a chain whose hops fail", cases=[{}, {"ways": 2}])
def shared_hops(
    p: float = 0.9,
    ways: int = 1,
    grids: int = 10,
    heads: int = 10,
    households: int = 12,
    n: int = 20_000,
    seed: int = 2,
) -> Iterator[Row]:
    """Each hop gets through with chance 1 - (1 - p)^ways: mean coverage its cube; hops are shared, so it varies."""
    _open_share(p=p)
    _whole(1, ways=ways, grids=grids, heads=heads, households=households)
    _whole(100, n=n)
    hop = 1.0 - (1.0 - p) ** ways
    sd = spread_of_coverage(hop, grids, heads, households)
    if (p, ways, grids, heads, households) == (0.9, 1, 10, 10, 12):
        yield printed("mean (published)", 0.729, hop**3)
        yield printed("s.d. (published)", 0.081374, sd)
    if (p, ways) == (0.9, 2):
        yield printed("mean (published)", 0.970299, hop**3)
    rng, chance = np.random.default_rng(seed), over_ways(p, float(ways))
    reached = np.array([np.isfinite(chain((grids, heads, households), 3.0, chance, rng)).mean() for _ in range(n)])
    yield mean("mean coverage", hop**3, reached)
    square = (reached - hop**3) ** 2
    yield random("variance of coverage", sd**2, square.mean(), square.std(ddof=1) / math.sqrt(n), precision=0.05)


# --- word of mouth ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Town:
    """Persons who all tell, and whom each knows, to run the model's own word of mouth on."""

    ties: Ties
    ids: Any
    contacts: Any
    tells: Any

    def hears(self, minute: Any, week: int, seed: int, contagion: float) -> Any:
        """Minutes at which each hears who otherwise would at ``minute``; until news stops."""
        source = np.full(len(minute), int(Source.BROADCAST), np.uint8)
        spread(
            week,
            np.uint64(seed),
            0,
            self.ids,
            self.contacts,
            self.tells,
            self.ties,
            contagion,
            1.0,
            BEYOND,
            minute,
            source,
        )
        return minute


def town(start: Any, other: Any, contacts: float) -> Town:
    """Person i knows ``other[start[i]]`` to ``other[start[i + 1] - 1]``; all ties are of full strength."""
    persons, count = len(start) - 1, len(other)
    kind, full = np.full(count, INTEREST, np.uint8), np.ones(count, np.float32)
    ties = held(Ties(start.astype(np.int64), other.astype(np.uint16), kind, full, full.copy()))
    ids = np.arange(1, persons + 1, dtype=np.uint64)
    return Town(ties, ids, np.full(persons, contacts, np.float32), np.ones(persons, np.uint8))


@check("E3", "broadcast and contagion", cases=[{}, {"b": 0.0}])
def broadcast_and_contagion(
    a: float = 0.02, b: float = 0.1, persons: int = 500, n: int = 100, seed: int = 3
) -> Iterator[Row]:
    """Everybody knows everybody: share s reached at ln((1 + b s/a)/(1 - s))/(a + b) minutes, mean field; n towns."""
    if a <= 0.0 or b < 0.0:
        message = f"there is no closed form at a = {a}, b = {b}: give a > 0 and b >= 0"
        raise CheckError(message)
    _whole(50, persons=persons)
    _whole(10, n=n)
    if persons > 5000:
        message = f"{persons} persons have {persons**2:,} ties: give at most 5000"
        raise CheckError(message)
    everybody = np.tile(np.arange(persons), persons).reshape(persons, persons)
    others = everybody[~np.eye(persons, dtype=bool)]
    full = town(np.arange(persons + 1) * (persons - 1), others, persons - 1.0)
    rng = np.random.default_rng(seed)
    runs = [full.hears(rng.exponential(1.0 / a, persons), k, seed, b) for k in range(n)]
    for s, name in ((0.5, "t50"), (0.9, "t90")):
        expected = math.log((1.0 + b * s / a) / (1.0 - s)) / (a + b)
        published = {(0.1, 0.5): 16.2159, (0.1, 0.9): 33.3944, (0.0, 0.9): 115.1293}.get((b, s))
        if a == 0.02 and published is not None:
            yield printed(f"{name} (published)", published, expected, digits=4)
        yield mean(name, expected, [minute_of_share(run, s) for run in runs])


def extinction(r: float) -> float:
    """Smallest root of q = e^(r (q - 1)): chance that a branching with Poisson(r) children dies out."""
    q = 0.0
    for _ in range(10_000):
        q = math.exp(r * (q - 1.0))
    return q


def outbreaks(r: float, persons: int, graphs: int, starts: int, seed: int) -> Any:
    """Persons reached from one, by graph and start: each tells a Poisson(``r``) number of others, picked at random."""
    rng = np.random.default_rng(seed)
    sizes = np.zeros((graphs, starts))
    for g in range(graphs):
        start = np.concatenate([[0], np.cumsum(rng.poisson(r, persons))])
        sparse = town(start, rng.integers(persons, size=int(start[-1])), 1.0)
        for k, first in enumerate(rng.integers(persons, size=starts)):
            minute = np.full(persons, np.inf)
            minute[first] = 0.0
            sizes[g, k] = np.isfinite(sparse.hears(minute, k, seed, 1.0)).sum()
    return sizes


@check(
    "E4",
    "word of mouth that branches: dies out or not, and how large it gets",
    cases=[{}, {"r": 0.8, "persons": 10_000, "graphs": 210, "starts": 400}],
    study=[{"r": 2.0, "persons": 1000, "graphs": 300, "starts": 200}],
)
def branching(r: float = 1.5, persons: int = 2000, graphs: int = 320, starts: int = 60, seed: int = 4) -> Iterator[Row]:
    """Each tells Poisson(r) others: dies out with q = e^(r (q - 1)); below r = 1 the mean size is 1/(1 - r)."""
    if not 0.0 < r < 6.0 or 0.9 < r < 1.1:
        message = f"r = {r}: give 0 < r <= 0.9 or 1.1 <= r < 6; near 1 outbreaks are as large as the town"
        raise CheckError(message)
    _whole(100, persons=persons)
    _whole(2, graphs=graphs, starts=starts)
    if persons > 65_535:
        message = f"persons = {persons}: a community has at most 65535"
        raise CheckError(message)
    sizes = outbreaks(r, persons, graphs, starts, seed)
    if r > 1.0:
        q = extinction(r)
        if r in PUBLISHED_EXTINCT:
            yield printed("dies out (published)", PUBLISHED_EXTINCT[r], q)
        yield mean("dies out", q, (sizes < LARGE * persons).mean(axis=1))
    else:
        if r == 0.8:
            yield printed("mean size (published)", 5.0, 1.0 / (1.0 - r))
        yield mean("mean size", 1.0 / (1.0 - r), sizes.mean(axis=1))


# --- visits and goods ------------------------------------------------------------------------------------------------


@check(
    "E5", "last of parallel visits", cases=[*({"visits": n, "visitors": n} for n in PUBLISHED_LAST), {"visitors": 3}]
)
def last_visit(
    visits: int = 12, visitors: int = 12, minutes: float = 1.0, n: int = 20_000, seed: int = 5
) -> Iterator[Row]:
    """Exponential visits shared by visitors: the last ends after visits/visitors - 1 + H_visitors means."""
    _whole(1, visits=visits, visitors=visitors)
    _whole(100, n=n)
    hands = min(visits, visitors)
    last = minutes * ((visits - hands) / hands + sum(1.0 / k for k in range(1, hands + 1)))
    if visits == hands and minutes == 1.0 and visits in PUBLISHED_LAST:
        yield printed("last visit (published)", PUBLISHED_LAST[visits], last)
    work = np.random.default_rng(seed).exponential(minutes, (n, visits))
    done = np.zeros((n, visits))
    for k in range(n):
        visit(0.0, visitors, work[k], done[k])
    yield mean("last visit", last, done.max(axis=1))


@check("E6", "order level by the critical ratio", cases=[{}, {"poisson": 30.0, "ratio": 0.9}, {"ratio": 0.95}])
def newsvendor(average: float = 100.0, sd: float = 20.0, poisson: float = 30.0, ratio: float = 0.75) -> Iterator[Row]:
    """Demand N(average, sd): average + sd z; Poisson demand: fewest pieces that suffice with the chance ``ratio``."""
    _open_share(ratio=ratio)
    if not 0.0 < poisson <= 60.0 or sd < 0.0 or average < 0.0:
        message = f"give 0 < poisson <= 60, sd >= 0, average >= 0; found {poisson}, {sd}, {average}"
        raise CheckError(message)
    level = max(average + sd * NormalDist().inv_cdf(ratio), 0.0)
    if (average, sd, ratio) == (100.0, 20.0, 0.75):
        yield printed("normal (published)", 113.4898, level, digits=4)
    yield printed("normal", level, order_up_to(average, sd, ratio))
    fewest, covered = 0, math.exp(-poisson)
    while covered < ratio:
        fewest += 1
        covered += math.exp(fewest * math.log(poisson) - poisson - math.lgamma(fewest + 1))
    if (poisson, ratio) in PUBLISHED_POISSON:
        yield exact("Poisson (published)", PUBLISHED_POISSON[poisson, ratio], fewest)
    yield exact("Poisson", fewest, order_up_to_whole(poisson, ratio))


@check("E7", "goods: issued + lost + on hand = received")
def goods_are_conserved(weeks: int = 26, households: int = 60, moves: int = 1000, seed: int = 7) -> Iterator[Row]:
    """In random moves of one store, and in every store of a town struck by all kinds of emergency, every week."""
    _whole(8, weeks=weeks, households=households)
    _whole(1, moves=moves)
    stores, rng = allocate(Stores, 1), np.random.default_rng(seed)
    for pieces, kind in zip(rng.integers(20, size=moves).tolist(), rng.integers(3, size=moves).tolist(), strict=True):
        (receive, lose, hand_out)[kind](stores, 0, pieces)
        if _missing(stores) or stores.on_hand[0] < 0:
            break
    yield exact("pieces missing after random moves", 0, _missing(stores))
    levers = {"unit_coverage": 1.0, "unit_kits": 0.9, "emergency_stock": 0.9, "staff_per_10000": 25.0}
    events = [EmergencyEvent(kind, 2 * k, 0.8, (0, 1), 60.0) for k, kind in enumerate((*EmergencyKind, *EmergencyKind))]
    model = CommunityModel(
        small_district(households, 2),
        seed=seed,
        events=[event for event in events if event.week < weeks],
        settings=[Setting(-1000, c, name, value) for c in range(2) for name, value in levers.items()],
        parameter_values=parameters.with_changes({"warmup_weeks": 8, "stock_loss": 0.02}),
        off=set(PROCESSES) - {"rollout", "effort", "heads", "emergencies"},
    )
    missing = 0
    while model.week < weeks - 1:
        model.step()
        missing += _missing(model.stores)
    issued, handed = int(model.stores.issued.sum()), float(model.recorder.dataset()["emergency_needs"].sum())
    stock_outs = float(model.recorder.dataset()["stock_outs"].sum())
    yield exact("pieces missing in the town, summed over weeks", 0, missing)
    yield exact("issued = households helped from stocks", handed - stock_outs, issued)


def _missing(stores: Stores) -> int:
    """Pieces that do not add up, summed over the stores."""
    return int(np.abs(stores.received - stores.issued - stores.lost - stores.on_hand).sum())
