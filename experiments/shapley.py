"""Shapley values of any game by sampled orders: who brings how much, averaged over the orders in which players join.

A coalition is a set of player numbers; a game gives each coalition a value (a number or an array). The marginal of a
player in an order is what is gained as the player joins those before. In every order the marginals add up to the value
of all less that of none, so their means do, too: efficiency holds by construction (Castro, Gomez & Tejada 2009).
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

type Coalition = frozenset[int]
type Order = tuple[int, ...]
type Values = NDArray[np.float64]


def orders(players: int, count: int, key: Sequence[int]) -> list[Order]:
    """Draw ``count`` orders of so many players; every second is the reverse of the one before, which evens them out."""
    stream = np.random.default_rng(list(key))
    drawn: list[Order] = []
    while len(drawn) < count:
        order = tuple(int(player) for player in stream.permutation(players))
        drawn += [order, order[::-1]]
    return drawn[:count]


def prefixes(order: Order) -> list[Coalition]:
    """Coalitions that form as the players of ``order`` join: from nobody to everybody."""
    return [frozenset(order[:k]) for k in range(len(order) + 1)]


def needed(players: int, sampled: Iterable[Order]) -> list[Coalition]:
    """Coalitions to be valued, each once: nobody, everybody, all but one, and those that form in the orders."""
    everybody = frozenset(range(players))
    fixed = [frozenset[int](), everybody, *(everybody - {player} for player in range(players))]
    return list(dict.fromkeys([*fixed, *(one for order in sampled for one in prefixes(order))]))


def shapley(value: Mapping[Coalition, Values], players: int, sampled: Sequence[Order]) -> Values:
    """Mean marginal of each player over the sampled orders; shape (player, ...)."""
    total = np.zeros((players, *np.shape(value[frozenset()])))
    for order in sampled:
        chain = prefixes(order)
        for player, before, after in zip(order, chain[:-1], chain[1:], strict=True):
            total[player] += value[after] - value[before]
    return total / len(sampled)


def leave_one_out(value: Mapping[Coalition, Values], players: int) -> Values:
    """Return what is lost when each player alone is left out of all; shape (player, ...)."""
    everybody = frozenset(range(players))
    return np.stack([value[everybody] - value[everybody - {player}] for player in range(players)])


def most_runs(players: int, count: int) -> int:
    """Most coalitions that :func:`needed` asks for with ``count`` orders."""
    inside = max(0, players - 2)  # sizes 1 to players - 2: nobody, all but one and everybody are valued anyhow
    return players + 2 + count * inside


def affordable(players: int, runs: int) -> int:
    """How many orders so many runs allow; none if they are too few for one."""
    return max(0, (runs - players - 2) // max(1, players - 2))
