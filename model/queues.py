"""Queues on an event clock: customers wait at nodes, servers take them up, and nothing is rounded to the week.

A week is cut out of continuous time: whoever is being served keeps the server until the service ends, in this week or
later; whoever waits keeps waiting. Working through weeks one by one therefore gives the same path as working through
all time at once, and the closed forms of queueing theory hold (theory T2.1, checks Q1-Q8). A service of ``work`` hours
takes ``work / weekly_hours`` weeks of the server's calendar.

At a node the next customer is the one of the lowest ``rank``, then the earliest, then the one of the smallest ``key``;
a service once begun is not broken off. A waiting customer goes away at ``leave`` (gives up) or at ``limit`` (the time
limit of the node), whichever is first, unless served before.
"""

from typing import Annotated, NamedTuple

import numpy as np

from ..agents.columns import F64, I32, I64, U8, U64, Column
from .compiled import kernel

QUEUED, STARTED, LEFT, EXPIRED, REFUSED = 0, 1, 2, 3, 4  # what became of a customer

LONG_AGO = -1e9  # week at which a server that never worked became free


class Nodes(NamedTuple):
    """One row a node: a run of servers that share one queue."""

    first_server: Annotated[I32, Column("row", "first server", "T2.3", 0)]
    last_server: Annotated[I32, Column("row", "one past the last server at work", "T2.3", 0)]
    server_limit: Annotated[I32, Column("row", "one past the last server kept for this node", "T2.3", 0)]
    weekly_hours: Annotated[F64, Column("h/week", "working hours of each server; 0: closed this week", "T2.3", 0)]
    skill: Annotated[F64, Column("share", "skill of those who work here", "T2.3", 0, 1)]
    waits: Annotated[U8, Column("flag", "1 room to wait, 0 none: who finds no free server is lost", "T2.1", 0, 1, 1)]


class Servers(NamedTuple):
    """One row a server."""

    free_at: Annotated[F64, Column("week", "time at which the present service ends", "T2.3", None, None, LONG_AGO)]
    busy: Annotated[F64, Column("week", "time at work within the window", "T2.3", 0)]


class Customers(NamedTuple):
    """One row a customer at a node; rows are sorted by node, time and key."""

    node: Annotated[I32, Column("row", "node", "T2.3", 0)]
    time: Annotated[F64, Column("week", "time of arrival at the node", "T2.3")]
    key: Annotated[U64, Column("id", "permanent number, decides between equal times", "T2.3")]
    rank: Annotated[U8, Column("class", "priority class, 0 first", "T2.1", 0)]
    leave: Annotated[F64, Column("week", "time of giving up", "T2.1")]
    limit: Annotated[F64, Column("week", "time at which the node's limit runs out", "T2.3")]
    work: Annotated[F64, Column("h", "work it needs", "T2.3", 0)]
    fate: Annotated[U8, Column("fate", "0 waits on, 1 served, 2 gave up, 3 limit ran out, 4 refused", "T2.3", 0, 4)]
    start: Annotated[F64, Column("week", "start of service", "T2.3")]
    finish: Annotated[F64, Column("week", "end of service, or time of going away", "T2.3")]


@kernel
def new_customers(count: int) -> Customers:
    """Table of ``count`` customers who wait for ever, to be filled in (compiled twin of ``allocate``)."""
    return Customers(
        np.zeros(count, np.int32),
        np.zeros(count, np.float64),
        np.zeros(count, np.uint64),
        np.zeros(count, np.uint8),
        np.full(count, np.inf),
        np.full(count, np.inf),
        np.zeros(count, np.float64),
        np.zeros(count, np.uint8),
        np.zeros(count, np.float64),
        np.zeros(count, np.float64),
    )


@kernel
def event_order(node: I32, time: F64, key: U64) -> I64:
    """Row numbers sorted by node, then time, then key: a merge sort, which compiles faster than three of numpy's."""
    size = len(node)
    order, spare = np.arange(size), np.empty(size, np.int64)
    width = 1
    while width < size:
        for start in range(0, size, 2 * width):
            middle, stop = min(start + width, size), min(start + 2 * width, size)
            a, b = start, middle
            for k in range(start, stop):
                if b >= stop or (a < middle and not _before(order[b], order[a], node, time, key)):
                    spare[k] = order[a]
                    a += 1
                else:
                    spare[k] = order[b]
                    b += 1
        order, spare = spare, order
        width *= 2
    return order


@kernel
def _before(i: int, j: int, node: I32, time: F64, key: U64) -> bool:
    """Whether row ``i`` comes before row ``j``."""
    if node[i] != node[j]:
        return bool(node[i] < node[j])
    if time[i] != time[j]:
        return bool(time[i] < time[j])
    return bool(key[i] < key[j])


@kernel
def open_window(servers: Servers, begin: float, end: float) -> None:
    """Start a window: count the time that services begun earlier take of it."""
    for s in range(len(servers.free_at)):
        servers.busy[s] = min(max(servers.free_at[s] - begin, 0.0), end - begin)


@kernel
def serve(customers: Customers, nodes: Nodes, servers: Servers, begin: float, end: float) -> None:
    """Run every node that has customers through the window from ``begin`` to ``end`` (weeks).

    Writes fate, start and finish of the customers, free_at and busy of the servers. Services start before ``end``.
    """
    count = len(customers.time)
    heap = np.empty(count, np.int64)
    first = 0
    while first < count:
        node = int(customers.node[first])
        stop = first
        while stop < count and customers.node[stop] == node:
            stop += 1
        _serve_node(customers, first, stop, nodes, servers, heap, begin, end)
        _sweep(customers, first, stop, nodes.waits[node] == 1, end)
        first = stop


@kernel
def _serve_node(
    q: Customers, first: int, stop: int, nodes: Nodes, servers: Servers, heap: I64, begin: float, end: float
) -> None:
    """Event loop of one node: the earliest free server takes the best of those who wait by then."""
    node = int(q.node[first])
    hours = nodes.weekly_hours[node]
    if hours <= 0.0 or nodes.last_server[node] <= nodes.first_server[node]:
        return
    size = stop - first
    waiting = 0
    coming = first
    now = begin
    while True:
        s = _earliest(servers.free_at, nodes.first_server[node], nodes.last_server[node])
        now = max(servers.free_at[s], now)
        if waiting == 0 and coming < stop and q.time[coming] > now:
            now = q.time[coming]
        while coming < stop and q.time[coming] <= now:
            _push(heap, waiting, q.rank[coming] * size + coming - first)
            waiting += 1
            coming += 1
        if waiting == 0 or now >= end:
            return
        row = first + heap[0] % size
        waiting -= 1
        _drop_top(heap, waiting)
        gone = min(q.leave[row], q.limit[row])
        if gone <= now:
            _go_away(q, row)
        elif nodes.waits[node] == 0 and q.time[row] < now:
            q.fate[row] = REFUSED
            q.finish[row] = q.time[row]
        else:
            q.fate[row] = STARTED
            q.start[row] = now
            q.finish[row] = now + q.work[row] / hours
            servers.free_at[s] = q.finish[row]
            servers.busy[s] += min(q.finish[row], end) - now


@kernel
def _sweep(q: Customers, first: int, stop: int, waits: bool, end: float) -> None:
    """Let those go who still wait and whose time ran out before ``end``; without room to wait, all who came."""
    for row in range(first, stop):
        if q.fate[row] == QUEUED:
            if not waits and q.time[row] < end:
                q.fate[row] = REFUSED
                q.finish[row] = q.time[row]
            elif min(q.leave[row], q.limit[row]) < end:
                _go_away(q, row)


@kernel
def _go_away(q: Customers, row: int) -> None:
    if q.leave[row] <= q.limit[row]:
        q.fate[row] = LEFT
        q.finish[row] = q.leave[row]
    else:
        q.fate[row] = EXPIRED
        q.finish[row] = q.limit[row]


@kernel
def _earliest(free_at: F64, first: int, stop: int) -> int:
    """Server that is free first; among equals the first in row order."""
    best = first
    for s in range(first + 1, stop):
        if free_at[s] < free_at[best]:
            best = s
    return best


@kernel
def _push(heap: I64, size: int, value: int) -> None:
    """Put ``value`` on a binary heap of ``size`` entries, the smallest on top."""
    at = size
    while at > 0 and heap[(at - 1) // 2] > value:
        heap[at] = heap[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at] = value


@kernel
def _drop_top(heap: I64, size: int) -> None:
    """Take the top off a binary heap that keeps ``size`` entries."""
    value = heap[size]
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = value
