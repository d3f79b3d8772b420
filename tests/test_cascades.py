"""Thresholds and cascades: the checks P1, P2, P7 to P9 notice a rule that is a little wrong."""

import networkx as nx
import numpy as np

from shequ.verification.cascades import cascade_shares, counts, followers, spread, trigger_chance, watts_window
from shequ.verification.check import share
from shequ.verification.crowd import network


def test_p1_catches_a_wrong_implementation() -> None:
    """A rule that asks for more than the threshold, not for the threshold, never starts."""
    people = followers(100)
    people.residents.threshold[:] = np.nextafter((np.arange(100) / 99).astype(np.float32), np.float32(2))
    assert counts(spread(people, network([nx.complete_graph(100)])))[-1] != 100


def test_p7_catches_a_wrong_implementation() -> None:
    """phi = 1/4, z = 2.5: a neighbour in four is enough under '>=' (window up to 3.863), under '>' there is none."""
    phi, n = 0.25, 2000
    wrong = float(np.nextafter(np.float32(phi), np.float32(1)))
    expected = trigger_chance(2.5, phi)
    for value, verdict in ((phi, "holds"), (wrong, "fails")):
        large = (cascade_shares(2.5, value, 1, n, 60, rng=3) > 0.05).sum()
        assert share("share of runs above 5 %", expected, large, 60, precision=0.2).verdict == verdict
    assert watts_window(0.26) is None
