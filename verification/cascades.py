"""Thresholds and cascades (checks P1, P2, P7 to P9): the threshold rule, the kernels and the ties of the model."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, cast

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats  # pyright: ignore[reportMissingTypeStubs]

from ..agents.taking_part import Participation
from ..model.structure import Ties
from .check import CheckError, Row, check, close, exact, mean, printed, share
from .crowd import Crowd, crowd, network, random_network

NX, OPTIMIZE, SPECIAL, STATS = (cast("Any", module) for module in (nx, optimize, special, stats))

ALWAYS = -1.0  # a threshold that is always reached: seeds
GLOBAL = 0.05  # a cascade is global if it moves more than this share
TOGETHER = 200  # graphs that are run side by side


def followers(size: int, groups: int = 1) -> Crowd:
    """Return crowds whose members join when enough of their contacts have."""
    return crowd(size, groups, participation_rule=float(Participation.THRESHOLD))


def spread(people: Crowd, ties: Ties, most: int = 2000) -> list[NDArray[np.bool_]]:
    """Who takes part, round by round, until nothing changes."""
    rounds: list[NDArray[np.bool_]] = []
    for _ in range(most):
        people.look_around(ties)
        rounds.append(people.decide())
        if len(rounds) > 1 and np.array_equal(rounds[-1], rounds[-2]):
            return rounds
    message = f"the cascade did not settle in {most} rounds; give a smaller n"
    raise CheckError(message)


def counts(rounds: Sequence[NDArray[np.bool_]]) -> list[int]:
    """Number of those who act, round by round."""
    return [int(r.sum()) for r in rounds]


def need(right: bool, message: str) -> None:
    """Refuse numbers for which there is no check."""
    if not right:
        raise CheckError(message)


# --- thresholds, everybody sees everybody -----------------------------------------------------------------------------


@check("P1", "Granovetter: a bandwagon, and what one person less does to it", cases=[{}, {"gap": 1}])
def bandwagon(n: int = 100, gap: int = 0) -> Iterator[Row]:
    """``n`` persons with thresholds of 0, 1, ... others: one joins a round, in the end all.

    ``gap`` raises the threshold of the one who waits for ``gap`` others by one: then only ``gap`` ever act (0: no gap).
    """
    need(3 <= n <= 500 and 0 <= gap < n - 1, f"give 3 to 500 persons and 0 <= gap <= n - 2, not n = {n}, gap = {gap}")
    thresholds = np.arange(n)
    thresholds[gap] += gap > 0
    people = followers(n)
    people.residents.threshold[:] = thresholds / (n - 1)
    path = counts(spread(people, network([NX.complete_graph(n)])))
    last = gap or n
    if n == 100 and gap <= 1:
        yield printed("number in the end (published)", 1 if gap else 100, last)
    yield exact("number in the end", last, path[-1])
    yield exact("rounds in which one more joined", last, sum(path[k] == k + 1 for k in range(last)))


def normal_share(average: float, sd: float) -> float:
    """Smallest share r with r = Phi((r - average) / sd), which the map reaches from nobody acting."""
    share, last = 0.0, -1.0
    for _ in range(2_000_000):
        if share == last:
            break
        share, last = 0.5 * math.erfc((average - share) / (sd * math.sqrt(2.0))), share
    return share


def normal_jump(average: float) -> tuple[float, float]:
    """Critical spread of normal thresholds and the share before the jump: r = Phi(x), phi(x) = sd, sd x = r - average.

    The two conditions (fixed point, slope 1) leave one unknown x < 0: Phi(x) - average = x phi(x).
    """

    def excess(x: float) -> float:
        return float(SPECIAL.ndtr(x) - average - x * STATS.norm.pdf(x))

    x = float(OPTIMIZE.brentq(excess, -8.0, -1.0))
    return float(STATS.norm.pdf(x)), float(SPECIAL.ndtr(x))


def settled_share(average: float, sd: float, n: int) -> float:
    """Final share with ``n`` quantiles of normal thresholds, everybody seeing everybody, from nobody acting."""
    people = followers(n)
    people.residents.threshold[:] = np.clip(average + sd * SPECIAL.ndtri((np.arange(n) + 0.5) / n), -1.0, 2.0)
    share, last = 0.0, -1.0
    while share != last:
        last = share
        people.residents.peer_share[:] = share
        share = float(people.decide().mean())
    return share


NORMAL = {0.10: 0.0077, 0.12: 0.0402, 0.122: 0.0548, 0.123: 1.000, 0.20: 0.99991, 0.30: 0.9934}
DIGITS = {0.20: 5}


@check("P2", "Granovetter: normal thresholds", cases=[{"sd": sd} for sd in NORMAL])
def normal_thresholds(sd: float = 0.12, average: float = 0.25, n: int = 100_000) -> Iterator[Row]:
    """``n`` quantiles of thresholds of mean ``average`` and deviation ``sd``: smallest root of r = Phi((r - m) / sd).

    The root jumps at a critical deviation; the model must jump within a thousandth of it.
    """
    need(0.0 < sd < 1.0 and 0.0 < average < 0.45, "give thresholds with 0 < sd < 1 and 0 < average < 0.45")
    critical, before = normal_jump(average)
    need(abs(sd / critical - 1.0) > 1e-3, f"at sd = {sd} the share jumps (critical: {critical:.6f}); give another")
    expected = normal_share(average, sd)
    if average == 0.25:
        yield close("critical sd (published)", 0.12222, critical, tolerance=5e-6)
        yield close("share before the jump (published)", 0.0620, before, tolerance=5e-5)
        if sd in NORMAL:
            yield printed("share in the end (published)", NORMAL[sd], expected, digits=DIGITS.get(sd, 4))
    yield close("share in the end", expected, settled_share(average, sd, n), tolerance=2e-4)
    yield exact("the model jumps above the critical sd", 1.0, settled_share(average, critical * 1.001, n) > 0.5)
    yield exact("the model stays low below it", 1.0, settled_share(average, critical * 0.999, n) < before)


# --- cascades on random graphs ----------------------------------------------------------------------------------------


def watts_window(phi: float) -> tuple[float, float] | None:
    """Mean degrees of Poisson graphs between which one seed can move all: z P(Pois(z) <= K - 2) = 1, K = 1/phi.

    Watts 2002: sum of k (k - 1) p_k over the vulnerable, those of at most K contacts, exceeds z. None if it never does.
    """
    most = vulnerable(phi) - 2

    def excess(z: float) -> float:
        return float(z * STATS.poisson.cdf(most, z) - 1.0)

    grid = np.linspace(0.05, 60.0, 6000)
    above = [float(z) for z in grid if excess(float(z)) > 0.0]
    if not above:
        return None
    step = float(grid[1] - grid[0])
    lower, upper = ((above[0] - step, above[0]), (above[-1], above[-1] + step))
    return float(OPTIMIZE.brentq(excess, *lower)), float(OPTIMIZE.brentq(excess, *upper))


def vulnerable(phi: float) -> int:
    """Most contacts of a person whom one active contact moves."""
    return int(np.floor(1.0 / phi * (1.0 + 1e-12)))


def trigger_chance(z: float, phi: float) -> float:
    """Chance that a random seed moves the giant part of the vulnerable on an endless Poisson graph.

    u, the chance that a link leads to no endless chain of vulnerable persons, solves
    u = 1 - G1(1) + G1(u), G1(x) = sum of k p_k x^(k - 1) / z over k <= K; a seed succeeds with 1 - G0(u).
    """
    ks = np.arange(1, vulnerable(phi) + 1)
    weight = ks * STATS.poisson.pmf(ks, z) / z
    u = 0.0
    for _ in range(100_000):
        new = 1.0 - float(weight.sum()) + float((weight * u ** (ks - 1)).sum())
        if new == u:
            break
        u = new
    return 1.0 - math.exp(z * (u - 1.0))


def final_size(z: float, phi: float, seeds: float) -> float:
    """Gleeson & Cahalane 2007: final share on an endless Poisson graph with a share ``seeds`` that always acts."""
    ks = np.arange(0, int(z + 12 * math.sqrt(z)) + 30)
    degrees = STATS.poisson.pmf(ks, z)

    def moved(q: float, others: Any) -> Any:
        """Chance that enough of ``others`` contacts act, each with the chance q: at least phi of all k."""
        enough = np.ceil(phi * ks * (1.0 - 1e-12))
        return np.where(ks == 0, 0.0, STATS.binom.sf(enough - 1, others, q))

    q = seeds
    for _ in range(100_000):
        new = seeds + (1.0 - seeds) * float((ks * degrees / z * moved(q, np.maximum(ks - 1, 0))).sum())
        if abs(new - q) < 1e-14:
            break
        q = new
    return seeds + (1.0 - seeds) * float((degrees * moved(q, ks)).sum())


def cascade_shares(z: float, phi: float, seeds: float, nodes: int, graphs: int, rng: int) -> NDArray[np.float64]:
    """Final share in each of ``graphs`` random graphs; ``seeds`` below 1 is a share of nodes, else a number."""
    generator = np.random.default_rng(rng)
    people = followers(nodes, graphs)
    people.residents.threshold[:] = phi
    count = int(seeds) if seeds >= 1 else round(seeds * nodes)
    for g in range(graphs):
        people.residents.threshold[g * nodes + generator.choice(nodes, count, replace=False)] = ALWAYS
    final = spread(people, random_network(nodes, z, graphs, generator))[-1]
    return final.reshape(graphs, nodes).mean(axis=1)


UPPER = {0.18: 5.7647, 0.15: 7.477, 0.12: 10.657, 0.10: 13.659, 0.25: 3.863}
LOWER = {0.18: 1.0207, 0.25: 1.114}
WATTS = {2.0: (0.73, 0.800), 4.0: (0.90, 0.981), 5.5: (0.40, 0.996), 0.8: (0.0, 0.0), 7.0: (0.0, 0.0), 10.0: (0.0, 0.0)}
SIMULATED = 400  # runs behind the published shares of runs


@check(
    "P7",
    "Watts: the window of global cascades",
    cases=[{"z": 4.0, "n": 1000}, *({"z": z, "runs": 50} for z in (0.8, 7.0, 10.0))],
    study=[{"z": 4.0}, {"z": 2.0, "runs": 3400}, {"z": 5.5, "runs": 17_000, "n": 2000}],
)
def watts(z: float = 4.0, phi: float = 0.18, runs: int = 1600, n: int = 5000, seed: int = 7) -> Iterator[Row]:
    """One seed on ``runs`` Poisson graphs of ``n`` persons and mean degree ``z``, rule "at least ``phi`` of contacts".

    Inside the window the share of runs above 5 % is the chance to hit the giant part of the vulnerable, and the size
    that of Gleeson & Cahalane for a vanishing seed; outside no run is global.
    """
    need(0.0 < phi <= 1.0 and 0.0 < z <= 50.0, "give 0 < phi <= 1 and 0 < z <= 50")
    window = watts_window(phi)
    for name, published, k in (("lower end", LOWER, 0), ("upper end", UPPER, 1)):
        if phi in published and window:
            digits = 4 if phi == 0.18 else 3
            yield printed(f"{name} of the window (published)", published[phi], window[k], digits=digits)
    shares = np.concatenate(
        [cascade_shares(z, phi, 1, n, min(TOGETHER, runs - k), seed + k) for k in range(0, runs, TOGETHER)]
    )
    large = shares[shares > GLOBAL]
    if window is None or not window[0] < z < window[1]:
        yield exact("runs above 5 %", 0, len(large))
        return
    chance, size = trigger_chance(z, phi), final_size(z, phi, 1e-9)
    if phi == 0.18 and z in WATTS:
        error = math.sqrt(chance * (1.0 - chance) / SIMULATED)
        yield close("share of runs above 5 % (published, 400 runs)", WATTS[z][0], chance, tolerance=4 * error + 5e-3)
        yield close("mean size of these (published)", WATTS[z][1], size, tolerance=2e-3)
    yield share("share of runs above 5 %", chance, len(large), len(shares))
    yield close("mean size of these", size, float(large.mean()) if len(large) else 0.0, tolerance=2e-3)


SIZES = {(4.0, 0.30, 0.01): 0.0272, (4.0, 0.30, 0.05): 0.9812, (4.0, 0.18, 0.01): 0.9804, (8.0, 0.18, 0.01): 0.99967}


@check(
    "P8",
    "Gleeson & Cahalane: final size with a share of seeds",
    cases=[{"z": z, "phi": phi, "seeds": s, "graphs": 48 if size < 0.1 else 10} for (z, phi, s), size in SIZES.items()],
)
def gleeson_cahalane(
    z: float = 4.0, phi: float = 0.3, seeds: float = 0.05, graphs: int = 10, n: int = 20_000, seed: int = 11
) -> Iterator[Row]:
    """A share ``seeds`` always acts, others from ``phi`` of their contacts on; ``graphs`` Poisson graphs of ``n``."""
    need(0.0 < phi <= 1.0 and 0.0 < z <= 50.0 and 0.0 < seeds < 1.0, "give 0 < phi <= 1, 0 < z <= 50, 0 < seeds < 1")
    need(graphs >= 2, "give at least 2 graphs, for a standard error")
    expected = final_size(z, phi, seeds)
    if (z, phi, seeds) in SIZES:
        digits = 5 if z == 8.0 else 4
        yield printed("final share (published)", SIZES[z, phi, seeds], expected, digits=digits)
    yield mean("final share", expected, cascade_shares(z, phi, seeds, n, graphs, seed))


# --- cascades that need several contacts ------------------------------------------------------------------------------


def ring_rounds(n: int, k: int, contacts: int, block: int) -> int | None:
    """Rounds until a block of seeds has moved a ring of ``n`` who know the k nearest; None if it never starts.

    With r = k / 2 each side gains w = r - contacts + 1 a round; a gap of at most 2 r + 1 - contacts closes at once.
    """
    gain = k // 2 - contacts + 1
    if gain <= 0 or block < contacts:
        return None
    return math.ceil(max(0, n - block - (k + 1 - contacts)) / (2 * gain)) + 1


def contagion(graph: "nx.Graph[int]", contacts: float, seeds: list[int]) -> list[int]:
    """Number who act, round by round, if each needs ``contacts`` of its contacts; all have the same degree."""
    people = followers(len(graph))
    people.residents.threshold[:] = contacts / cast("Any", graph).degree(0)
    people.residents.threshold[seeds] = ALWAYS
    return counts(spread(people, network([graph])))


@check(
    "P9",
    "Centola & Macy: contagion that needs several contacts",
    cases=[{}, {"k": 8}, {"contacts": 3, "block": 4}],
)
def complex_contagion(
    n: int = 100, k: int = 4, contacts: int = 2, block: int = 2, far: int = 1000, seed: int = 5
) -> Iterator[Row]:
    """Ring of ``n`` who know the ``k`` nearest and act once ``contacts`` of them do, from ``block`` neighbours.

    On a random graph of ``far`` persons of the same degree two seeds without a common contact move nobody if two
    contacts are needed, and everybody if one is enough.
    """
    need(k % 2 == 0 and 4 <= k < n and 1 <= contacts <= k, "give an even k from 4 to n - 1 and 1 <= contacts <= k")
    need(1 <= block < n - k and n <= 2000 and 50 * k <= far <= 5000, "give 1 <= block < n - k, n <= 2000, far >= 50 k")
    rounds = ring_rounds(n, k, contacts, block)
    path = contagion(NX.circulant_graph(n, range(1, k // 2 + 1)), contacts, list(range(block)))
    if (n, contacts, block) == (100, 2, 2) and k in (4, 8):
        yield printed("rounds until all act (published)", {4: 49, 8: 17}[k], rounds or 0)
    yield exact("number on the ring in the end", block if rounds is None else n, path[-1])
    if rounds is not None:
        yield exact("rounds until all act", rounds, path.index(n) if n in path else 0)
    graph = cast("nx.Graph[int]", NX.random_regular_graph(k, far, seed=seed))
    apart = next(b for b in range(far // 2, far) if not ({0} | set(graph[0])) & ({b} | set(graph[b])))
    yield exact("number by long ties, two needed", 2, contagion(graph, 2, [0, apart])[-1])
    yield exact("number by long ties, one needed", far, contagion(graph, 1, [0, apart])[-1])
