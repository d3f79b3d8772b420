"""Collective projects as rows: one row a project that a stairwell, a building or a community could have."""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np

from ..agents import consenting
from ..agents.columns import F32, I16, I32, I64, NEVER, U8, U64, Column, allocate
from ..agents.consenting import ProjectKind

if TYPE_CHECKING:
    from .community_model import CommunityModel

TAG = 8  # of the ids of projects
HIGHEST = 255  # floor that a column can hold
TAG_BITS, COMMUNITY_BITS, KIND_BITS = 60, 20, 16  # an id is tag, community, kind and place, shifted by these


class Projects(NamedTuple):
    """One row a possible project, by community, kind and place; ``ProjectRows`` says which rows are a community's."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    kind: Annotated[U8, Column("type", "kind, see ProjectKind", "T1.3", 0, 4)]
    household_start: Annotated[I32, Column("row", "first household concerned", "design", 0)]
    household_stop: Annotated[I32, Column("row", "one past the last household concerned", "design", 0)]
    state: Annotated[
        U8, Column("state", "0 not proposed, 1 talks, 2 money is collected, 3 works, 4 done", "T1.3", 0, 4)
    ]
    asked: Annotated[U8, Column("stage", "what its households are asked this week, see Asked", "T1.3", 0, 2)]
    proposed: Annotated[I16, Column("week", "week of the last proposal", "T1.3", NEVER, None, NEVER)]
    due: Annotated[
        I16, Column("week", "week in which works end or from which it may return", "T1.3", NEVER, None, NEVER)
    ]
    attempts: Annotated[U8, Column("count", "proposals so far", "T1.3", 0)]
    support: Annotated[F32, Column("share", "owners reached who agreed when last asked", "T1.3", 0, 1)]
    cost: Annotated[I64, Column("fen", "cost of the works as voted on", "T1.3", 0)]
    owed: Annotated[I64, Column("fen", "of this, owners' shares", "T1.3", 0)]
    reserve: Annotated[I64, Column("fen", "of this, from the maintenance fund", "T1.3", 0)]
    held: Annotated[I64, Column("fen", "money of the project in escrow", "T1.3", 0)]


class ProjectRows(NamedTuple):
    """One row a community."""

    start: Annotated[I32, Column("row", "first project", "design", 0)]
    stop: Annotated[I32, Column("row", "one past the last project", "design", 0)]


class Ballots(NamedTuple):
    """One row a household: what its dwelling's owner is asked this week, and answers."""

    floor: Annotated[U8, Column("floor", "floor of the dwelling, 1 the lowest", "T1.2", 1, 255, 1)]
    asked: Annotated[U8, Column("stage", "what is asked, see Asked", "T1.3", 0, 2)]
    due: Annotated[I64, Column("fen", "share of the cost", "T1.3", 0)]
    gain: Annotated[F32, Column("CNY", "worth of the project less the share, after compensation", "T1.3")]
    mood: Annotated[F32, Column("logit", "what the owners of a stairwell share", "T1.3")]
    company: Annotated[F32, Column("share", "share that agreed at the hearing; a half at the hearing", "T1.3", 0, 1)]
    leaning: Annotated[F32, Column("share", "reluctance: agrees if below the chance of agreeing", "T1.3", 0, 1)]
    answer: Annotated[U8, Column("answer", "0 not reached, 1 against, 2 for", "T1.3", 0, 2)]
    pays: Annotated[U8, Column("flag", "pays the share if the vote carries", "T1.3", 0, 1)]


class ProjectFlows(NamedTuple):
    """One row a community; counts of this week, the last two as they stand."""

    projects_proposed: Annotated[I64, Column("project", "collective projects proposed", "T1.3", 0)]
    project_ballots: Annotated[I64, Column("vote", "votes held on projects", "T1.3", 0)]
    project_ballots_carried: Annotated[I64, Column("vote", "of these, carried", "T1.3", 0)]
    project_answers: Annotated[I64, Column("household", "votes cast on projects", "T1.3", 0)]
    project_answers_for: Annotated[I64, Column("household", "of these, in favour", "T1.3", 0)]
    projects_stopped: Annotated[I64, Column("project", "projects that failed in the vote or for money", "T1.3", 0)]
    projects_begun: Annotated[I64, Column("project", "projects whose works began", "T1.3", 0)]
    renovations_stopped: Annotated[I64, Column("project", "stopped projects that were renovations", "T1.3", 0)]
    renovations_begun: Annotated[I64, Column("project", "begun works that were renovations", "T1.3", 0)]
    projects_done: Annotated[I64, Column("project", "projects completed", "T1.3", 0)]
    project_weeks: Annotated[I64, Column("week", "summed weeks from proposal to completion", "T1.3", 0)]
    lifts_done: Annotated[I64, Column("project", "completed projects that were added lifts", "T1.3", 0)]
    projects_open: Annotated[I64, Column("project", "projects between proposal and completion", "T1.3", 0)]
    liftless_stairwells: Annotated[
        I64, Column("stairwell", "stairwells that could have a lift and have none", "T1.2", 0)
    ]


def prepare(model: "CommunityModel") -> None:
    """Make ``model.projects``, ``project_rows``, ``project_flows`` and ``ballots``."""
    communities, households = model.communities, model.households
    count = len(communities.id)
    model.project_flows = allocate(ProjectFlows, count)
    model.project_rows = allocate(ProjectRows, count)
    model.ballots = allocate(Ballots, len(households.id))
    sites = [site for c in range(count) for site in _sites(model, c)]
    model.projects = _rows(np.concatenate(sites), communities.id)
    edges = np.searchsorted(model.projects.community, np.arange(count + 1))
    model.project_rows.start[:], model.project_rows.stop[:] = edges[:-1], edges[1:]


def _sites(model: "CommunityModel", c: int) -> list[Any]:
    """Write the floors of community ``c``; return its possible projects as rows of numbers, one array a kind."""
    communities, households = model.communities, model.households
    rows = slice(int(communities.household_start[c]), int(communities.household_stop[c]))
    p = model.parameter_row(c)
    stairs, buildings = starts(households.stairwell[rows]), starts(households.building[rows])
    place = np.arange(rows.stop - rows.start) - np.repeat(stairs[:-1], np.diff(stairs))
    floor = 1 + (place / p.flats_per_floor).astype(np.int64)
    model.ballots.floor[rows] = np.minimum(floor, HIGHEST)
    high = np.maximum.reduceat(floor, stairs[:-1]) > p.lift_break_even
    whole = np.array([0, rows.stop - rows.start])
    ends = {  # where one site ends and the next begins
        ProjectKind.LIFT: stairs,
        ProjectKind.REPLACEMENT: buildings,
        ProjectKind.RENOVATION: buildings,
        ProjectKind.PARKING: whole,
        ProjectKind.COVENANT: whole,
    }
    sites: list[Any] = []
    for kind, cuts in ends.items():
        if consenting.FOUND[kind][communities.archetype[c]] == 1:
            place = np.flatnonzero(high) if kind == ProjectKind.LIFT else np.arange(len(cuts) - 1)
            site = np.full((len(place), 5), (c, kind, 0, rows.start, rows.start), np.int64)
            site[:, 2] = place
            site[:, 3] += cuts[place]
            site[:, 4] += cuts[place + 1]
            sites.append(site)
    return sites


def starts(labels: Any) -> Any:
    """Places at which a new label begins in a run of equal labels, and the length at the end."""
    return np.concatenate([[0], np.flatnonzero(np.diff(labels)) + 1, [len(labels)]])


def _rows(sites: Any, ids: Any) -> Projects:
    """Table of projects from rows of (community, kind, place, first household, one past the last)."""
    community, kind, place, first, stop = sites.T
    table = allocate(Projects, len(sites))
    table.id[:] = (
        (np.uint64(TAG) << np.uint64(TAG_BITS))
        + (ids[community].astype(np.uint64) << np.uint64(COMMUNITY_BITS))
        + (kind.astype(np.uint64) << np.uint64(KIND_BITS))
        + place.astype(np.uint64)
    )
    table.community[:], table.kind[:] = community, kind
    table.household_start[:], table.household_stop[:] = first, stop
    return table
