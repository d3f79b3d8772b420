"""Stations: one node of service, run window by window as the ladder cuts time into weeks."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from ..agents.columns import allocate
from ..model.queues import (
    QUEUED,
    STARTED,
    Customers,
    Nodes,
    Servers,
    new_customers,
    open_window,
    serve,
)


@dataclass
class Station:
    """One node of exponential (or given) service, run window by window on a stream of arrivals."""

    servers: int
    rate: float = 1.0  # services a server finishes per unit of time
    patience: float = 0.0  # hazard of giving up
    waits: bool = True
    window: float = 500.0
    seed: int = 1
    begin: float = 0.0
    busy: float = 0.0
    last: float = 0.0  # when the last customer of ``run`` left

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.nodes, self.table = allocate(Nodes, 1), allocate(Servers, self.servers)
        self.nodes.last_server[:] = self.nodes.server_limit[:] = self.servers
        self.nodes.weekly_hours[:] = self.rate
        self.nodes.waits[:] = self.waits
        self.rows = np.zeros(0, np.int64)

    def run(self, time: Any, rank: Any = None) -> "Path":
        """Serve customers who arrive at the sorted times; work is exponential of mean 1."""
        n = len(time)
        path = Path(time, np.zeros(n) if rank is None else rank, np.zeros(n), np.zeros(n), np.zeros(n, np.uint8))
        work = self.rng.exponential(size=n)
        leave = time + self.rng.exponential(size=n) / self.patience if self.patience else np.full(n, np.inf)
        waiting, coming = np.zeros(0, np.int64), 0
        while coming < n or len(waiting):
            stop = int(np.searchsorted(time, self.begin + self.window))
            rows = np.concatenate([waiting, np.arange(coming, stop)])
            q = self.serve(time[rows], work[rows], leave[rows], path.rank[rows], rows)
            path.start[rows], path.finish[rows], path.fate[rows] = q.start, q.finish, q.fate
            waiting, coming = rows[q.fate == QUEUED], stop
        self.last = float(np.max(path.finish))
        return path

    def serve(self, time: Any, work: Any, leave: Any, rank: Any, key: Any) -> Customers:
        """Run one window."""
        q = new_customers(len(time))
        q.time[:], q.work[:], q.leave[:], q.rank[:], q.key[:] = time, work, leave, rank, key
        end = self.begin + self.window
        open_window(self.table, self.begin, end)
        serve(q, self.nodes, self.table, self.begin, end)
        self.busy += self.table.busy.sum()
        self.begin = end
        return q

    @property
    def utilisation(self) -> float:
        """Share of the servers' time that was spent on service until the last customer left."""
        return self.busy / (self.last * self.servers)


@dataclass
class Path:
    """What became of every customer."""

    time: Any
    rank: Any
    start: Any
    finish: Any
    fate: Any

    @property
    def wait(self) -> Any:
        """Time in the queue, until service or until leaving."""
        left: Any = cast("Any", np).where(self.fate == STARTED, self.start, self.finish)
        return left - self.time

    @property
    def sojourn(self) -> Any:
        """Time in queue and service."""
        return self.finish - self.time

    def present(self, spacing: float, who: Any = slice(None)) -> Any:
        """Number of customers present at moments ``spacing`` apart (counted, not derived from sojourn times)."""
        moments = np.arange(self.time[0] + 100.0, self.time[-1] - 100.0, spacing)
        arrived = np.searchsorted(np.sort(self.time[who]), moments, side="right")
        return arrived - np.searchsorted(np.sort(self.finish[who]), moments, side="right")


def poisson(rate: float, n: int, seed: int) -> Any:
    """Times of ``n`` arrivals at ``rate``."""
    return np.cumsum(np.random.default_rng([seed, 77]).exponential(1.0 / rate, n))
