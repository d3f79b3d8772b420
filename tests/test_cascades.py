"""Thresholds and cascades (P1, P2, P7, P8, P9): published cases through the model's own rule, kernels and ties."""

import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtri
from scipy.stats import poisson

from shequ.agents.taking_part import Participation
from shequ.model.structure import Ties
from shequ.tests.crowd import Crowd, crowd, network, random_network

ALWAYS = -1.0  # a threshold that is always reached: seeds


def followers(size: int, groups: int = 1) -> Crowd:
    return crowd(size, groups, participation_rule=float(Participation.THRESHOLD))


def spread(people: Crowd, ties: Ties, most: int = 400) -> list[NDArray[np.bool_]]:
    """Who takes part, round by round, until nothing changes."""
    rounds: list[NDArray[np.bool_]] = []
    for _ in range(most):
        people.look_around(ties)
        rounds.append(people.decide())
        if len(rounds) > 1 and np.array_equal(rounds[-1], rounds[-2]):
            return rounds
    pytest.fail("the cascade did not settle")


def counts(rounds: list[NDArray[np.bool_]]) -> list[int]:
    return [int(r.sum()) for r in rounds]


def granovetter(thresholds: NDArray[np.int64]) -> list[int]:
    people = followers(len(thresholds))
    people.residents.threshold[:] = thresholds / (len(thresholds) - 1)
    return counts(spread(people, network([nx.complete_graph(len(thresholds))])))


def test_p1_granovetter_bandwagon() -> None:
    """100 agents with thresholds 0, 1, ..., 99: one joins a round; without the one of threshold 1, only one acts."""
    assert granovetter(np.arange(100)) == [*range(1, 101), 100]
    broken = np.arange(100)
    broken[1] = 2
    assert granovetter(broken) == [1, 1]


def test_p1_catches_a_wrong_implementation() -> None:
    """A rule that asks for more than the threshold, not for the threshold, never starts."""
    people = followers(100)
    people.residents.threshold[:] = np.nextafter((np.arange(100) / 99).astype(np.float32), np.float32(2))
    assert counts(spread(people, network([nx.complete_graph(100)])))[-1] != 100


def settled_share(sd: float, n: int = 100_000) -> float:
    """Final share with normal thresholds of mean 25 %, everybody seeing everybody, from nobody acting."""
    people = followers(n)
    quantiles = (np.arange(n) + 0.5) / n
    people.residents.threshold[:] = np.clip(0.25 + sd * ndtri(quantiles), -1.0, 2.0)
    share, last = 0.0, -1.0
    while share != last:
        last = share
        people.residents.peer_share[:] = share
        share = float(people.decide().mean())
    return share


@pytest.mark.parametrize(
    ("sd", "expected"),
    [(0.10, 0.0077), (0.120, 0.0402), (0.122, 0.0548), (0.123, 1.000), (0.20, 0.99991), (0.30, 0.9934)],
)
def test_p2_normal_thresholds(sd: float, expected: float) -> None:
    assert settled_share(sd) == pytest.approx(expected, abs=2e-4)


def test_p2_critical_spread() -> None:
    """The share jumps from about 6.2 % to nearly all at a standard deviation of 12.222 %."""
    assert 0.0580 < settled_share(0.12219) < 0.0620
    assert settled_share(0.12225) > 0.99


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


def test_p7_window_of_global_cascades() -> None:
    """Watts 2002: with phi = 0.18 one seed moves a Poisson graph only for 1.0207 < z < 5.7647."""
    window = [brentq(lambda z: z * poisson.cdf(3, z) - 1.0, a, b) for a, b in ((0.5, 2.0), (4.0, 8.0))]
    assert window == pytest.approx([1.0207, 5.7647], abs=1e-4)
    for z in (0.8, 7.0, 10.0):
        assert (cascade_shares(z, 0.18, 1, 5000, 50, rng=7) < 0.05).all(), z
    for z in (2.0, 5.5):
        assert (cascade_shares(z, 0.18, 1, 5000, 50, rng=7) > 0.05).any(), z


def test_p7_frequency_and_size_of_global_cascades() -> None:
    """z = 4, n = 5,000: 0.90 of runs become global (1,200 runs, s.e. 0.0087), with mean size 0.981 (s.e. below 0.0002).

    The published frequency is itself a mean of 400 runs (s.e. 0.015).
    """
    shares = np.concatenate([cascade_shares(4.0, 0.18, 1, 5000, 200, rng=r) for r in range(6)])
    error = float(np.hypot(np.sqrt(0.9 * 0.1 / len(shares)), np.sqrt(0.9 * 0.1 / 400)))
    assert (shares > 0.05).mean() == pytest.approx(0.90, abs=4 * error)
    assert shares[shares > 0.05].mean() == pytest.approx(0.981, abs=1.5e-3)


def test_p7_catches_a_wrong_implementation() -> None:
    """phi = 1/4, z = 2.5: a neighbour in four is enough under '>=' (window up to 3.863), under '>' there is none."""
    right = cascade_shares(2.5, 0.25, 1, 5000, 30, rng=3)
    wrong = cascade_shares(2.5, float(np.nextafter(np.float32(0.25), np.float32(1))), 1, 5000, 30, rng=3)
    assert (right > 0.05).mean() > 0.4
    assert (wrong < 0.05).all()


@pytest.mark.parametrize(
    ("z", "phi", "seeds", "expected", "graphs"),
    [
        (4.0, 0.30, 0.01, 0.0272, 80),
        (4.0, 0.30, 0.05, 0.9812, 10),
        (4.0, 0.18, 0.01, 0.9804, 10),
        (8.0, 0.18, 0.01, 0.99967, 10),
    ],
)
def test_p8_final_size_with_a_seed_share(z: float, phi: float, seeds: float, expected: float, graphs: int) -> None:
    """Gleeson & Cahalane 2007 on graphs of 20,000 nodes; standard error measured between graphs."""
    shares = cascade_shares(z, phi, seeds, 20_000, graphs, rng=11)
    error = float(shares.std(ddof=1) / np.sqrt(len(shares)))
    assert error < 0.01 * expected
    assert shares.mean() == pytest.approx(expected, abs=4 * error + 5e-5)


def ring(n: int, k: int) -> nx.Graph:
    """Ring in which everybody knows the k nearest, half on each side."""
    return nx.circulant_graph(n, range(1, k // 2 + 1))


def contagion(graph: nx.Graph, contacts: float, seeds: list[int]) -> list[int]:
    people = followers(len(graph))
    people.residents.threshold[:] = contacts / graph.degree(0)
    people.residents.threshold[seeds] = ALWAYS
    return counts(spread(people, network([graph])))


def test_p9_complex_contagion_on_a_ring() -> None:
    """Two contacts needed: 100 on a ring of k = 4 in 49 steps, of k = 8 in 17; three of four needed: stays at 4."""
    assert contagion(ring(100, 4), 2, [0, 1]).index(100) == 49
    assert contagion(ring(100, 8), 2, [0, 1]).index(100) == 17
    assert contagion(ring(100, 4), 3, [0, 1, 2, 3])[-1] == 4


def test_p9_long_ties_do_not_carry_complex_contagion() -> None:
    """Random 4-regular graph: two seeds without a common neighbour stay two, though one contact would reach all."""
    graph = nx.random_regular_graph(4, 1000, seed=5)
    pairs = [(a, b) for a in range(0, 40) for b in range(500, 540)]
    apart = [[a, b] for a, b in pairs if not set(graph[a]) & set(graph[b]) and not graph.has_edge(a, b)]
    for seeds in apart[:5]:
        assert contagion(graph, 2, seeds)[-1] == 2
        assert contagion(graph, 1, seeds)[-1] == 1000
