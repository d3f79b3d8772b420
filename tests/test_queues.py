"""Queues on the event clock: exact properties, and that the checks of queueing theory catch a wrong queue."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shequ import verification
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
from shequ.verification import queues
from shequ.verification.check import CheckError
from shequ.verification.stations import Path, Station, poisson

# --- checks of the checks ---------------------------------------------------------------------------------------------


def test_q2_catches_a_wrong_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is noticed only at the end of the week waits in a weekly bucket, which is no M/M/c queue."""
    monkeypatch.setattr(queues, "poisson", lambda *args: np.ceil(poisson(*args)))
    assert verification.erlang_c(c=5, a=4.0, n=1_500_000).verdict == "fails"


def test_q4_catches_a_wrong_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Customers who never give up."""
    monkeypatch.setattr(queues, "Station", lambda c, patience, seed: Station(c, seed=seed))
    assert verification.erlang_a(c=5, a=4.5, theta=0.5, n=500_000).verdict == "fails"


def test_q5_catches_a_wrong_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking the last class first."""

    class Reversed(Station):
        def run(self, time: Any, rank: Any = None) -> Path:
            return super().run(time, 1 - rank)

    monkeypatch.setattr(queues, "Station", Reversed)
    assert verification.priority(c=1, first=0.3, second=0.5, n=1_500_000).verdict == "fails"


def test_queues_without_a_steady_state_are_refused() -> None:
    for check, numbers in (
        (verification.erlang_a, {"theta": 0.0}),
        (verification.priority, {"c": 1, "first": 0.6, "second": 0.6}),
        (verification.little, {"a": 3.5}),
        (verification.jackson, {"up1": 0.9}),
        (verification.weekly_bucket, {"arrivals": 1.5}),
        (verification.repeats, {"back": 1.0}),
    ):
        with pytest.raises(CheckError, match="give"):
            check(**numbers)


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
