"""Districts of committees, workers and organisations, built by hand, on which the project's own kernels run."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from ..agents import Committees, CommunityWorkers, Organisations
from ..agents.columns import allocate
from ..agents.view import python_row
from ..model import parameters
from ..model.levers import LeverSchedule
from ..model.processes import effort
from ..model.structure import Communities

P: Any = python_row(parameters.table([parameters.defaults()])[0])  # parameters at their defaults
POSTS = 10  # rows of posts a community


def district(communities: int, residents: int, levers: dict[str, float] | None = None, **changes: float) -> Any:
    """Committees of ``communities`` communities of ``residents`` people, one in ten of them an organisation."""
    d = SimpleNamespace(
        communities=allocate(Communities, communities),
        committees=allocate(Committees, communities),
        workers=allocate(CommunityWorkers, communities * POSTS),
        organisations=allocate(Organisations, communities * 50),
        parameters=parameters.table([parameters.defaults() | changes] * communities),
        levers=LeverSchedule(communities).now,
        week=0,
    )
    for name, value in (levers or {}).items():
        d.levers[name] = value
    rows = np.arange(communities)
    d.communities.seed[:] = 5
    d.communities.resident_start[:], d.communities.resident_stop[:] = rows * residents, (rows + 1) * residents
    d.communities.organisation_start[:], d.communities.organisation_stop[:] = rows * 50, (rows + 1) * 50
    d.communities.post_start[:], d.communities.post_stop[:] = rows * POSTS, (rows + 1) * POSTS
    d.committees.id[:] = rows
    d.committees.skill[:] = d.parameters["staff_skill"]
    d.workers.id[:] = np.arange(communities * POSTS)
    fill_posts(d)
    d.organisations.id[:], d.organisations.size[:] = np.arange(communities * 50), 1.0
    d.organisations.kind[:] = np.arange(communities * 50) % 2
    d.organisations.active[:] = 1
    return d


def fill_posts(d: Any) -> None:
    """Open the posts that the levers pay for and put somebody into each."""
    effort.open_posts(d.communities, d.committees, d.workers, d.parameters, d.levers)
    effort.staff_all(d.week, d.communities, d.workers, d.parameters)
    effort.open_posts(d.communities, d.committees, d.workers, d.parameters, d.levers)


def split(d: Any, weeks: int = 1) -> None:
    """Let committees split so many weeks."""
    for _ in range(weeks):
        effort.split_all(d.week, d.communities, d.committees, d.parameters, d.levers)
        d.week += 1
