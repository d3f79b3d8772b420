"""Structural tables: what is neither an agent nor a decision, but says who lies where and what is open."""

from typing import Annotated, Any, NamedTuple

import numpy as np

from ..agents.columns import F32, F64, I8, I32, I64, U8, U16, U64, Column

FREE, WAITING, IN_SERVICE, FORWARDED, COOLING = 0, 1, 2, 3, 4  # states of an issue row


class Communities(NamedTuple):
    """One row a community: the rows of everything that lies in it. Ranges are start (included) to stop (excluded)."""

    id: Annotated[I64, Column("id", "permanent number", "design", 0)]
    seed: Annotated[U64, Column("id", "seed of every draw in this community", "design")]
    archetype: Annotated[U8, Column("type", "archetype, see Archetype", "scenarios", 0, 7)]
    subdistrict: Annotated[I32, Column("row", "row of the subdistrict", "design", 0)]
    household_start: Annotated[I32, Column("row", "first household", "design", 0)]
    household_stop: Annotated[I32, Column("row", "one past the last household", "design", 0)]
    resident_start: Annotated[I32, Column("row", "first resident", "design", 0)]
    resident_stop: Annotated[I32, Column("row", "one past the last resident", "design", 0)]
    empty_places: Annotated[I32, Column("person", "rows of residents in which nobody lives now", "T8.5", 0)]
    unit_start: Annotated[I32, Column("row", "first unit row kept for this community", "design", 0)]
    unit_stop: Annotated[I32, Column("row", "one past the last unit row in use", "design", 0)]
    unit_limit: Annotated[I32, Column("row", "one past the last unit row kept for this community", "design", 0)]
    cut_households: Annotated[F32, Column("household", "unit size aimed at in the last cut; 0 never cut", "design", 0)]
    cut_rule: Annotated[U8, Column("rule", "rule of the last cut, see lever partition_rule", "design", 0, 3)]
    organisation_start: Annotated[I32, Column("row", "first organisation", "design", 0)]
    organisation_stop: Annotated[I32, Column("row", "one past the last organisation", "design", 0)]
    issue_start: Annotated[I32, Column("row", "first issue row kept for this community", "design", 0)]
    issue_stop: Annotated[I32, Column("row", "one past the last issue row kept for this community", "design", 0)]
    post_start: Annotated[I32, Column("row", "first post of the committee", "design", 0)]
    post_stop: Annotated[I32, Column("row", "one past the last post kept for the committee", "design", 0)]


class Ties(NamedTuple):
    """Possible ties, as a CSR matrix with both directions of every pair: row i holds start[i] to start[i + 1].

    ``start`` has one more entry than there are residents; the other columns have one entry a directed pair.
    """

    start: Annotated[I64, Column("row", "first pair of a resident", "design", 0)]
    other: Annotated[U16, Column("row", "the other resident, counted from the community's first", "design", 0)]
    kind: Annotated[U8, Column("type", "0 household, 1 near doors, 2 building, 3 interest", "T8.3", 0, 3)]
    affinity: Annotated[
        F32, Column("ratio", "rate of forming relative to next-door equals: distance and likeness", "T8.3", 0)
    ]
    strength: Annotated[F32, Column("share", "strength of the tie", "T8.3", 0, 1)]


class Issues(NamedTuple):
    """One row an open issue; free rows have state 0. Times are in weeks since the start of the plan, as fractions."""

    state: Annotated[
        U8, Column("state", "0 free, 1 waiting, 2 in service, 3 between levels, 4 may return", "T2.3", 0, 4)
    ]
    key: Annotated[U64, Column("id", "permanent number; keys the draws", "T2.3")]
    community: Annotated[I32, Column("row", "row of the community", "T2.3", 0)]
    household: Annotated[I32, Column("row", "household that claims", "T2.3", 0)]
    unit: Annotated[I32, Column("row", "its unit when it was claimed", "T2.3", 0)]
    type: Annotated[U8, Column("type", "issue type, see IssueType", "T2.3", 0, 7)]
    channel: Annotated[U8, Column("channel", "channel chosen, see Channel", "T2.3", 0, 7)]
    level: Annotated[U8, Column("level", "ladder level, 1 head to 4 department", "T2.3", 0, 4)]
    severity: Annotated[F32, Column("share", "severity", "T2.3", 0, 1)]
    reports: Annotated[I32, Column("household", "households behind one common cause", "T2.3", 0)]
    created: Annotated[F64, Column("week", "time of the claim", "T2.3")]
    first_handled: Annotated[F64, Column("week", "time at which somebody first took it up; -1e9 not yet", "T2.3")]
    entered: Annotated[F64, Column("week", "time of entering the present level", "T2.3")]
    limit: Annotated[F64, Column("week", "time at which the present level's time limit runs out", "T2.3")]
    leave: Annotated[F64, Column("week", "time at which the claimant gives up waiting", "T2.3")]
    work: Annotated[F32, Column("h", "work that the present level needs", "T2.3", 0)]
    finish: Annotated[F64, Column("week", "time at which the present service ends", "T2.3")]
    success: Annotated[I8, Column("sign", "outcome of the present service: +1, -1, 0 not yet known", "T2.3", -1, 1)]
    returns: Annotated[U8, Column("count", "times it came back after a bad outcome", "T2.3", 0)]
    cooperation: Annotated[F32, Column("share", "how far the other side goes along", "T2.3", 0, 1)]
    ended: Annotated[F64, Column("week", "time of being closed or given up; -1e9 not yet", "T2.3", None, None, -1e9)]
    fairness: Annotated[F32, Column("share", "how fairly it was handled, once ended", "T2.1", 0, 1)]
    parties: Annotated[U8, Column("count", "departments that must agree; 0: one decides alone", "T5.3", 0)]
    agreed: Annotated[U8, Column("flag", "all of these agreed", "T5.3", 0, 1)]


class Emergencies(NamedTuple):
    """One row a community: the emergency of this week. Minutes since the subdistrict office was warned."""

    kind: Annotated[U8, Column("type", "what strikes, see EmergencyKind; 0 nothing", "T9.3", 0, 4)]
    severity: Annotated[F32, Column("share", "severity", "T9.3", 0, 1)]
    forewarning: Annotated[F32, Column("min", "minute of the blow", "T9.3", 0)]
    alarm: Annotated[F64, Column("min", "minute at which the committee knows; infinite: never called", "T9.3", 0)]


class Supply(NamedTuple):
    """Services by community (rows) and class (columns; in ``slots`` and ``carry`` the last class is publicity)."""

    need: Annotated[F64, Column("share", "measured need: share of each class in requests", "ten_household-187", 0, 1)]
    carry: Annotated[F64, Column("slot", "fractions of slots carried to next week", "T4.3", 0)]
    slots: Annotated[I64, Column("slot", "slots offered this week", "ten_household-084", 0)]
    requests: Annotated[I64, Column("request", "requests open this week", "ten_household-033", 0)]
    met: Annotated[I64, Column("request", "of these, met", "ten_household-033", 0)]
    volunteer_minutes: Annotated[I64, Column("min", "volunteered minutes offered this week (one column)", "T4.3", 0)]


def ranges(start: Any, stop: Any, counts: Any) -> None:
    """Consecutive ranges of the given lengths."""
    stop[:] = np.cumsum(counts)
    start[:] = stop - counts
