"""Queues on the event clock against closed forms of queueing theory (checks Q1 to Q8, Q12).

Runs are cut into windows as the ladder cuts time into weeks. Standard errors come from 50 batch means; every check
requires its standard error to be below 1 % of the expected value (see `agrees`), else it is void.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shequ.agents.columns import allocate
from shequ.model.queues import (
    EXPIRED,
    LEFT,
    QUEUED,
    STARTED,
    Nodes,
    Servers,
    event_order,
    new_customers,
    open_window,
    serve,
)
from shequ.verification.check import batches
from shequ.verification.stations import Station, poisson


def agrees(values: Any, expected: float, precision: float = 0.01) -> bool:
    """Whether the mean lies within 4 standard errors of ``expected``; the standard error must be small enough."""
    row = batches("", expected, values, precision=precision)
    assert row.verdict != "void", row
    return row.verdict == "holds"


# --- Q4, Q5 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("servers", "arrivals", "patience", "n", "abandoned", "wait"),
    [
        (50, 48.0, 0.5, 8_000_000, 0.0309, 3.71 / 60),
        (5, 5.0, 0.5, 1_000_000, 0.146132, 0.292263),
        (5, 6.0, 0.5, 1_000_000, 0.226387, 0.452773),
    ],
)
def test_q4_erlang_a(servers: int, arrivals: float, patience: float, n: int, abandoned: float, wait: float) -> None:
    """Impatient customers: share who give up and mean time in queue (the first case is published, time in minutes)."""
    station = Station(servers, patience=patience)
    path = station.run(poisson(arrivals, n, 4))
    assert agrees(path.fate == LEFT, abandoned)
    assert agrees(path.wait, wait)
    if servers == 50:
        assert station.utilisation == pytest.approx(0.930, rel=0.005)
    if arrivals == servers:
        assert agrees(path.wait > 0, 0.633151)


def test_q4_patience_as_long_as_service() -> None:
    """theta = mu: the number present is Poisson(5), so P(wait) = P(Poisson(5) >= 5); n = 1e6."""
    path = Station(5, patience=1.0).run(poisson(5.0, 1_000_000, 5))
    assert agrees(path.wait > 0, 0.559507)
    assert agrees(path.present(1.0), 5.0)


@pytest.mark.parametrize(
    ("servers", "rates", "waits", "n"),
    [(1, (0.3, 0.5), (1.142857, 5.714286), 3_000_000), (5, (1.5, 2.5), (0.158318, 0.791589), 4_000_000)],
)
def test_q5_priority(servers: int, rates: tuple[float, float], waits: tuple[float, float], n: int) -> None:
    """Two classes, non-preemptive (Cobham 1954); by Kleinrock's conservation law the weighted mean is that of FIFO."""
    first, second = prioritised(servers, rates, n, 6)
    assert agrees(first, waits[0])
    assert agrees(second, waits[1])
    weighted = (rates[0] * waits[0] + rates[1] * waits[1]) / sum(rates)
    assert weighted == pytest.approx(4.0 if servers == 1 else 0.554113, rel=1e-5)


def prioritised(servers: int, rates: tuple[float, float], n: int, seed: int, reverse: bool = False) -> tuple[Any, Any]:
    """Waits of the two classes."""
    rank = np.random.default_rng(seed).random(n) < rates[1] / sum(rates)
    path = Station(servers, seed=seed).run(poisson(sum(rates), n, seed), rank.astype(np.uint8) ^ reverse)
    return path.wait[~rank], path.wait[rank]


# --- Q6, Q8, Q12 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("patience", [0.0, 0.3])
def test_q6_little(patience: float) -> None:
    """L = lambda W in each class, with priorities, with and without impatience; n = 3e6, L counted at moments."""
    rank = np.random.default_rng(7).integers(0, 2, 3_000_000)
    time = poisson(2.4, len(rank), 7)
    path = Station(3, patience=patience, seed=7).run(time, rank)
    for k in (0, 1):
        rate = (rank == k).sum() / (time[-1] - time[0])
        assert agrees(path.present(0.5, rank == k), rate * path.sojourn[rank == k].mean())


def test_q8_jackson_ladder() -> None:
    """Four levels, each failure climbs: W_k of independent M/M/c_k queues; n = 6e6 enter, lambda = 10 a week."""
    expected = (0.398667, 0.722222, 1.2, 2.5)
    climbs = (0.4, 0.5, 0.3)
    rng = np.random.default_rng(8)
    time = poisson(10.0, 6_000_000, 8)
    total = 0.0
    for level, (servers, rate) in enumerate(((5, 3.0), (3, 2.0), (2, 1.5), (1, 1.0))):
        path = Station(servers, rate, seed=80 + level, window=200.0).run(time)
        assert agrees(path.sojourn, expected[level])
        total += path.sojourn.sum() / 6_000_000
        if level < 3:
            time = np.sort(path.finish[rng.random(len(time)) < climbs[level]])
    assert total == pytest.approx(1.077556, rel=0.01)


def retried(n: int, retry: float) -> tuple[float, Any]:
    """Erlang A (5 servers, lambda 5, theta 0.5) whose quitters come back with probability ``retry``, much later.

    Returns arrivals a unit of time and the queue lengths counted at moments, after a warm-up.
    """
    rng = np.random.default_rng(12)
    station = Station(5, patience=0.5, window=10.0)
    time, work, leave = np.zeros(0), np.zeros(0), np.zeros(0)
    later, arrivals, queue = np.zeros(0), 0, []
    windows = int(n / 5.0 / station.window)
    for w in range(windows):
        end = station.begin + station.window
        fresh = station.begin + station.window * rng.random(rng.poisson(5.0 * station.window))
        new = np.sort(np.concatenate([fresh, later[later < end]]))
        later = later[later >= end]
        time = np.concatenate([time, new])
        work = np.concatenate([work, rng.exponential(size=len(new))])
        leave = np.concatenate([leave, new + rng.exponential(2.0, len(new))])
        q = station.serve(time, work, leave, 0, np.arange(len(time)))
        quit_at = q.finish[(q.fate == LEFT) & (rng.random(len(time)) < retry)]
        later = np.concatenate([later, np.maximum(quit_at + rng.exponential(400.0, len(quit_at)), end)])
        if w > windows // 10:
            arrivals += len(new)
            until = np.where(q.fate == STARTED, q.start, np.where(q.fate == LEFT, q.finish, np.inf))
            queue.append(((time <= end - 5.0) & (until > end - 5.0)).sum())
        time, work, leave = (column[q.fate == QUEUED] for column in (time, work, leave))
    return arrivals / (len(queue) * station.window), np.array(queue)


def test_q12_repeats_of_those_who_gave_up() -> None:
    """lambda_eff = lambda0 + q theta Lq(lambda_eff) = 6.212127 with Lq = 3.030316; n = 1.2e6 first attempts."""
    rate, queue = retried(1_200_000, 0.8)
    assert rate == pytest.approx(6.212127, rel=0.01)
    assert agrees(queue, 3.030316, precision=0.015)


# --- checks of the checks ---------------------------------------------------------------------------------------------


def test_q2_catches_a_wrong_implementation() -> None:
    """Who is noticed only at the end of the week waits in a weekly bucket, which is no M/M/c queue."""
    path = Station(5).run(np.ceil(poisson(4.0, 1_500_000, 5)))
    assert not agrees(path.wait, 0.554113, precision=0.1)


def test_q5_catches_a_wrong_implementation() -> None:
    """Taking the last class first."""
    first, _ = prioritised(1, (0.3, 0.5), 1_500_000, 6, reverse=True)
    assert not agrees(first, 1.142857, precision=0.1)


def test_q4_catches_a_wrong_implementation() -> None:
    """Customers who never give up."""
    path = Station(5).run(poisson(4.5, 1_500_000, 4))
    assert not agrees(path.wait, 0.292263, precision=0.5)


# --- exact properties -------------------------------------------------------------------------------------------------

CASE = st.lists(
    st.tuples(
        st.integers(0, 60).map(lambda x: x / 8),  # arrival
        st.integers(0, 24).map(lambda x: x / 8),  # work
        st.integers(0, 2),  # class
        st.one_of(st.just(np.inf), st.integers(1, 40).map(lambda x: x / 8 + 1 / 16)),  # patience
        st.one_of(st.just(np.inf), st.integers(1, 40).map(lambda x: x / 8 + 1 / 32)),  # limit
    ),
    max_size=25,
)


def by_hand(case: list[Any], servers: int, end: float) -> list[tuple[int, float, float]]:
    """Second implementation: look through everybody at every event."""
    free = [0.0] * servers
    fate = [(QUEUED, 0.0, 0.0)] * len(case)
    open_rows = set(range(len(case)))
    while True:
        s = free.index(min(free))
        arrivals = [case[k][0] for k in open_rows]
        now = max(free[s], min(arrivals, default=np.inf))
        if now >= end:
            break
        for k in sorted(open_rows, key=lambda k: (case[k][2], case[k][0], k)):
            time, work, _, patience, limit = case[k]
            gone = time + min(patience, limit)
            if time <= now and gone > now:
                fate[k] = (STARTED, now, now + work)
                free[s] = now + work
                open_rows.remove(k)
                break
            if gone <= now:
                fate[k] = (LEFT if patience <= limit else EXPIRED, 0.0, gone)
                open_rows.remove(k)
                break
    for k in open_rows:
        time, _, _, patience, limit = case[k]
        if time + min(patience, limit) < end:
            fate[k] = (LEFT if patience <= limit else EXPIRED, 0.0, time + min(patience, limit))
    return fate


def run_windows(case: list[Any], servers: int, cuts: list[float]) -> list[tuple[int, float, float]]:
    """Run the project's queue through windows that end at ``cuts``."""
    nodes, table = allocate(Nodes, 1), allocate(Servers, servers)
    nodes.last_server[:] = nodes.server_limit[:] = servers
    nodes.weekly_hours[:] = 1.0
    result = [(QUEUED, 0.0, 0.0)] * len(case)
    waiting: list[int] = []
    for begin, end in pairwise([0.0, *cuts]):
        rows = [*waiting, *(k for k in range(len(case)) if begin <= case[k][0] < end)]
        q = new_customers(len(rows))
        for place, k in enumerate(sorted(rows, key=lambda k: (case[k][0], k))):
            time, work, rank, patience, limit = case[k]
            q.time[place], q.work[place], q.rank[place], q.key[place] = time, work, rank, k
            q.leave[place], q.limit[place] = time + patience, time + limit
        open_window(table, begin, end)
        serve(q, nodes, table, begin, end)
        for place, k in enumerate(q.key):
            result[k] = (int(q.fate[place]), float(q.start[place]), float(q.finish[place]))
        waiting = [k for k in rows if result[k][0] == QUEUED]
    return result


@given(CASE, st.integers(1, 3))
def test_a_second_implementation_agrees(case: list[Any], servers: int) -> None:
    case = sorted(case)
    assert run_windows(case, servers, [8.0]) == by_hand(case, servers, 8.0)


@given(CASE, st.integers(1, 3))
def test_weeks_give_the_same_path_as_one_long_window(case: list[Any], servers: int) -> None:
    case = sorted(case)
    assert run_windows(case, servers, [float(w) for w in range(1, 9)]) == run_windows(case, servers, [8.0])


def test_a_closed_node_starts_nobody_and_reopens() -> None:
    nodes, table = allocate(Nodes, 1), allocate(Servers, 1)
    nodes.last_server[:] = 1
    q = new_customers(2)
    q.time[:], q.work[:], q.leave[:] = (0.25, 0.5), 1.0, (np.inf, 0.75)
    serve(q, nodes, table, 0.0, 1.0)
    assert q.fate.tolist() == [QUEUED, LEFT]
    assert q.finish[1] == 0.75
    nodes.weekly_hours[:] = 4.0
    serve(q, nodes, table, 1.0, 2.0)
    assert (q.fate[0], q.start[0], q.finish[0]) == (STARTED, 1.0, 1.25)


def test_event_order_sorts_by_node_time_key() -> None:
    rng = np.random.default_rng(0)
    node, time = rng.integers(0, 3, 500).astype(np.int32), rng.integers(0, 9, 500) / 8
    key = rng.permutation(500).astype(np.uint64)
    assert event_order(node, time, key).tolist() == np.lexsort((key, time, node)).tolist()
