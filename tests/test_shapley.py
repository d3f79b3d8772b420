"""Shapley values against games that are solved in the literature, and against all orders."""

from collections.abc import Callable
from itertools import permutations
from math import factorial

import numpy as np
import pytest

from shequ.experiments import shapley
from shequ.experiments.shapley import Coalition

type Game = Callable[[Coalition], float]

COSTS = (1.0, 2.0, 2.0, 4.0, 7.0)  # of the runway that each aircraft needs


def glove(coalition: Coalition) -> float:
    """Two left gloves (0, 1), one right glove (2); pairs are worth 1. Solution: 1/6, 1/6, 2/3 (Shapley & Shubik)."""
    return float(min(len(coalition & {0, 1}), len(coalition & {2})))


def airport(coalition: Coalition) -> float:
    """Runway as long as the largest aircraft needs (Littlechild & Owen, 1973)."""
    return max((COSTS[player] for player in coalition), default=0.0)


def additive(coalition: Coalition) -> float:
    return sum(COSTS[player] for player in coalition)


def airport_shares() -> list[float]:
    """Closed form: each stretch of runway is shared equally by those who need it."""
    shares = [0.0] * len(COSTS)
    before = 0.0
    for cost in sorted(set(COSTS)):
        users = [k for k, mine in enumerate(COSTS) if mine >= cost]
        for user in users:
            shares[user] += (cost - before) / len(users)
        before = cost
    return shares


def by_all_orders(game: Game, players: int) -> np.ndarray:
    every = list(permutations(range(players)))
    assert len(every) == factorial(players)
    return shapley.shapley(valued(game, players, every), players, every)


def valued(game: Game, players: int, orders: list[tuple[int, ...]]) -> dict[Coalition, np.ndarray]:
    return {one: np.array(game(one)) for one in shapley.needed(players, orders)}


def test_all_orders_give_the_known_solutions() -> None:
    assert by_all_orders(glove, 3) == pytest.approx([1 / 6, 1 / 6, 2 / 3])
    assert by_all_orders(airport, 5) == pytest.approx(airport_shares())
    assert by_all_orders(additive, 5) == pytest.approx(COSTS)


def sampled(game: Game, players: int, studies: int, draw: Callable[[int], list[tuple[int, ...]]]) -> np.ndarray:
    """Estimates of so many studies: shape (study, player)."""
    rows = [shapley.shapley(valued(game, players, draw(k)), players, draw(k)) for k in range(studies)]
    return np.stack(rows)


def distance(estimates: np.ndarray, truth: object) -> float:
    """Largest distance of the mean from the truth, in standard errors (1/sqrt(n) of the spread of studies)."""
    errors = estimates.std(axis=0, ddof=1) / np.sqrt(len(estimates))
    return float(np.max(np.abs(estimates.mean(axis=0) - np.asarray(truth)) / np.maximum(errors, 1e-12)))


@pytest.mark.parametrize(("game", "truth"), [(glove, [1 / 6, 1 / 6, 2 / 3]), (airport, airport_shares())])
def test_sampled_orders_are_right_on_average(game: Game, truth: list[float]) -> None:
    """n = 800 studies of two orders each; the mean lies within 4 standard errors for every player."""
    estimates = sampled(game, len(truth), 800, lambda k: shapley.orders(len(truth), 2, (9, k)))
    assert distance(estimates, truth) <= 4


def test_sampling_catches_orders_that_favour_somebody() -> None:
    """Wrong: the first player always comes first."""

    def wrong(k: int) -> list[tuple[int, ...]]:
        return [(0, *(player for player in order if player != 0)) for order in shapley.orders(5, 2, (9, k))]

    assert distance(sampled(airport, 5, 800, wrong), airport_shares()) > 4


def test_an_additive_game_needs_one_order_and_leave_one_out_agrees() -> None:
    orders = shapley.orders(5, 1, (3,))
    value = valued(additive, 5, orders)
    assert shapley.shapley(value, 5, orders) == pytest.approx(COSTS)
    assert shapley.leave_one_out(value, 5) == pytest.approx(COSTS)


def test_shares_add_up_to_the_whole_in_every_sample() -> None:
    """Efficiency, for games without any structure."""
    rng = np.random.default_rng(5)
    for players in (1, 2, 6):
        orders = shapley.orders(players, 3, (players,))
        value = {one: rng.normal(size=4) for one in shapley.needed(players, orders)}
        whole = value[frozenset(range(players))] - value[frozenset()]
        assert shapley.shapley(value, players, orders).sum(axis=0) == pytest.approx(whole)


def test_every_second_order_is_a_reverse_and_the_budget_is_kept() -> None:
    orders = shapley.orders(6, 4, (1,))
    assert orders[1] == orders[0][::-1]
    assert orders[3] == orders[2][::-1]
    assert orders == shapley.orders(6, 4, (1,))
    assert orders != shapley.orders(6, 4, (2,))
    for runs in range(8, 60):
        count = shapley.affordable(6, runs)
        if count:
            assert len(shapley.needed(6, shapley.orders(6, count, (1,)))) <= shapley.most_runs(6, count) <= runs
    assert shapley.affordable(6, 11) == 0
