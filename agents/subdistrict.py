"""Subdistrict offices and their departments: the top of the ladder, and the principals of the committees.

Rules of departments (how many ask, how targets grow on the way down, how several departments decide one matter) and,
for planners, the contract of a principal who pays for several tasks of which some are seen badly.
"""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np

from .columns import F32, F64, I32, U64, Column
from .handling import DAYS
from .rules import power, probability, rule
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


# --- what departments ask for ----------------------------------------------------------------------------------------


@rule
def inflated(target: float, inflation: float, layers: float) -> float:
    """Target that reaches the bottom where each of ``layers`` adds the share ``inflation`` d: target (1 + d)^layers.

    [T5.1]
    """
    return target * power(1.0 + inflation, layers)


@rule
def reports_asked(departments: float, overlap: float, items: float, sharing: float) -> float:
    """Return reports asked for in a week, of ``items`` facts of which each department wants the share ``overlap``.

    D f M where nothing is shared, the distinct M (1 - (1 - f)^D) where all is, linear in between [T5.3]
    """
    filled = departments * overlap * items
    distinct = items * (1.0 - power(1.0 - overlap, departments))
    return filled + sharing * (distinct - filled)


@rule
def outdated_share(weeks: float, change: float) -> float:
    """Share of facts that are out of date when looked up, in data renewed every ``weeks`` T; they change at rate k.

    Mean of 1 - e^(-k t) over t from 0 to T: 1 - (1 - e^(-k T)) / (k T) [T7.3]
    """
    x = change * weeks
    return 1.0 - probability(x) / x if x > 0.0 else 0.0


@rule
def sharing_that_serves(sharing: float, update_weeks: float, p: Any) -> float:
    """Share of facts that need not be asked for again: shared and up to date [T7.3]."""
    return sharing * (1.0 - outdated_share(update_weeks, p.fact_change))


# --- matters of several departments ----------------------------------------------------------------------------------


@rule
def led_share(sharing: float, lead: float) -> float:
    """Share of dealings that run through one body: shared data or a lead department, 1 - (1 - s)(1 - l)."""
    return sharing + lead - sharing * lead


@rule
def channels(departments: float, led: float) -> float:
    """Channels to coordinate: each pair of departments, D (D - 1) / 2; where one body leads, D - 1 [T5.1]."""
    pairs = departments * (departments - 1.0) / 2.0
    return pairs + led * (departments - 1.0 - pairs)


@rule
def approval_weeks(meetings: float, p: Any) -> float:
    """Mean weeks until a department answers; joint meetings a month shorten it: days / 7 / (1 + m meetings) [T5.3]."""
    return p.approval_days / DAYS / (1.0 + p.joint_meeting_effect * meetings)


@rule
def agreement_chance(linked: float, p: Any) -> float:
    """P(a department agrees) = a + (1 - a) e linked: appraisal that counts joint matters for all of them [T5.3]."""
    return p.approval_agreement + (1.0 - p.approval_agreement) * p.linked_effect * linked


# --- the principal's contract, for planners --------------------------------------------------------------------------


def optimal_weights(benefits: Sequence[float], noise: Any, cost: Any, aversion: float = 1.0) -> F64:
    """Weights that a principal should put on measured tasks, by Holmström and Milgrom (1991) [T5.1, checks A1, A2].

    ``benefits``: worth B of a unit of effort at each task. ``noise``: covariance S of the measures. ``cost``: second
    derivatives C of the cost of effort; off the diagonal positive where tasks compete for the same hours. ``aversion``:
    r, of the staff to risk. Returns alpha = (I + r C S)^-1 B. A task that nobody can measure has infinite variance:
    give numpy.inf on the diagonal, and its weight is 0. In the model weights are levers (outcome_weight,
    unit_appraisal_weight) and time is split by the power rule; this tells which weights are worth trying.
    """
    worth, second, variance = (np.asarray(given, np.float64) for given in (benefits, cost, noise))
    seen = np.isfinite(np.diagonal(variance))
    own, cross, rest = (
        second[np.ix_(rows, columns)] for rows, columns in ((seen, seen), (seen, ~seen), (~seen, ~seen))
    )
    # What nobody sees is still done for its own sake: it takes from the worth and the cost of what is seen.
    through = np.linalg.solve(rest, cross.T).T
    net = worth[seen] - through @ worth[~seen]
    weights = np.zeros(len(worth))
    weights[seen] = np.linalg.solve(
        np.eye(int(seen.sum())) + aversion * (own - through @ cross.T) @ variance[np.ix_(seen, seen)], net
    )
    return weights


def efforts_under(weights: Sequence[float] | F64, cost: Any) -> F64:
    """Efforts that staff choose under ``weights``, where marginal cost equals weight: C t = alpha [T5.1, check A1]."""
    return np.linalg.solve(np.asarray(cost, np.float64), np.asarray(weights, np.float64))


class SubdistrictOffice(AgentView):
    """A subdistrict office: top rung of the ladder, paymaster of the communities."""

    table = Subdistricts
    place = "subdistricts"


class Department(AgentView):
    """A department: settles what the council could not."""

    table = Departments
    place = "departments"
