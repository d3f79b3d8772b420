"""Subdistrict offices and their departments: the top of the ladder."""

from typing import Annotated, NamedTuple

from .columns import F32, I32, U64, Column
from .view import AgentView


class Subdistricts(NamedTuple):
    """One row a subdistrict office."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    seed: Annotated[U64, Column("id", "seed of draws that belong to the subdistrict", "design")]
    community: Annotated[I32, Column("row", "its first community, whose parameters and levers it reads", "design", 0)]
    departments: Annotated[I32, Column("count", "departments that settle issues", "T5.3", 1)]


class Departments(NamedTuple):
    """One row a department of a subdistrict."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "first community of its subdistrict", "design", 0)]
    subdistrict: Annotated[I32, Column("row", "row of the subdistrict", "design", 0)]
    weekly_hours: Annotated[F32, Column("h/week", "hours for issues from communities", "T2.2", 0)]


class SubdistrictOffice(AgentView):
    """A subdistrict office: top rung of the ladder, paymaster of the communities."""

    table = Subdistricts
    place = "subdistricts"


class Department(AgentView):
    """A department: settles what the council could not."""

    table = Departments
    place = "departments"
