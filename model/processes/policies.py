"""Policies: a plan's policy comes to a community, matures, is replaced, teaches others, and is taken up by them.

A scenario says which levers a policy moves where and when; how much of that is brought about is decided here:

    lever = without + maturity x strength (set - without)

``without`` being what holds where the policy is not in place. Levers that a decision fixes hold in full, levers that no
policy moves as they are set. A policy comes with the week of the plan, or a committee takes it up of itself where the
plan leaves it to the committee: by what it believes after the quarterly look at the gain of the others in the district,
by its neighbours in the subdistrict, under a mandate. Nothing happens without the paths of a plan; switched off, every
lever acts as it is set.

Reads: paths of the plan, parameters, residents.satisfaction, committees and draws. Writes: the levers of the week,
committees (readiness to belief_variance), flows.policy_restarts.
"""

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from ...agents import Committees, ResidentsCommittee
from ...agents.adopting import (
    CLOSED,
    MANDATED,
    OFFERED,
    adoption_hazard,
    discounted,
    matured,
    maturing_weeks,
    posterior_mean,
    posterior_variance,
    posterior_weight,
    restarted,
    strength,
)
from ...agents.rules import happens
from ..compiled import kernel
from ..district import PolicyPath
from ..draws import Stream, uniform
from ..flows import Flows
from ..parameters import ParameterTable
from ..structure import Communities

if TYPE_CHECKING:
    from ..community_model import CommunityModel

POLICY_CHURN, POLICY_ADOPTION = int(Stream.POLICY_CHURN), int(Stream.POLICY_ADOPTION)
NEVER_ENTERS = np.iinfo(np.int64).max
NOT_YET = -1.0  # committees.outcome_before before the district's first pilot

type Weeks = NDArray[np.int64]


class PolicyError(ValueError):
    """Paths of a policy that do not fit the district."""


class Paths(NamedTuple):
    """The paths of a plan as arrays: ``entry`` and ``pilot_stop`` by community, the rest by offer."""

    entry: Weeks
    pilot_stop: Weeks
    row: Weeks
    start: Weeks
    stop: Weeks
    state: Weeks


def prepare(model: "CommunityModel") -> None:
    """Let belief begin with what is expected beforehand."""
    committees = model.committees
    committees.belief[:] = model.parameters["belief_prior"]
    committees.belief_variance[:] = model.parameters["belief_spread"] ** 2


def prepare_plan(model: "CommunityModel") -> None:
    """Lay out the paths of the plan, and how ready each committee is for it."""
    paths, committees = model.policy_paths, model.committees
    if paths and len(paths) != len(committees.id):
        message = f"there are {len(paths)} policy paths for {len(committees.id)} communities; give one a community"
        raise PolicyError(message)
    committees.readiness[:] = [path.readiness for path in paths] if paths else PolicyPath.readiness
    model.paths = laid_out(paths)


def laid_out(paths: tuple[PolicyPath, ...]) -> Paths:
    """Return the paths of all communities as arrays."""
    offers = [(row, offer) for row, path in enumerate(paths) for offer in path.offers]
    return Paths(
        np.array([NEVER_ENTERS if path.entry is None else path.entry for path in paths], np.int64),
        np.array([-NEVER_ENTERS if path.pilot_stop is None else path.pilot_stop for path in paths], np.int64),
        np.array([row for row, _ in offers], np.int64),
        np.array([offer.start for _, offer in offers], np.int64),
        np.array([offer.stop for _, offer in offers], np.int64),
        np.array([MANDATED if offer.mandated else OFFERED for _, offer in offers], np.int64),
    )


def step(model: "CommunityModel") -> None:
    """Bring, offer, age and judge the policy; then let the levers act as far as it goes."""
    if not model.policy_paths:
        return
    week, communities, committees, parameters = model.week, model.communities, model.committees, model.parameters
    look_around(committees, communities.subdistrict)
    _offer(model)
    _review(model)
    model.decide(ResidentsCommittee, "consider_policy", consider_all, week, communities, committees, parameters)
    committees.in_place[week >= model.paths.entry] = 1
    committees.piloting[:] = (committees.in_place == 1) & (week < model.paths.pilot_stop)
    experience = of_group(committees.in_place.astype(np.float64), model.funds.district)[0]
    age_all(week, communities, committees, model.flows, experience, parameters)
    force = committees.maturity.astype(np.float64) * committees.strength.astype(np.float64)
    if model.lever_schedule.let_policy_act(committees.in_place == 1, force):
        model.forget_rows()


def look_around(committees: Committees, subdistrict: Any) -> None:
    """Write the share of the other communities of the subdistrict in which the policy is in place."""
    mine = committees.in_place.astype(np.float64)
    total, count = of_group(mine, subdistrict)
    committees.neighbours_in_place[:] = np.where(count > 1, (total - mine) / np.maximum(count - 1, 1), 0.0)


def of_group(values: Any, group: Any) -> tuple[Any, Any]:
    """Sum of ``values`` over the group of each row, and the number of rows in it."""
    bincount = cast("Any", np.bincount)
    return bincount(group, values)[group], bincount(group)[group]


def _offer(model: "CommunityModel") -> None:
    """Write what the plan leaves to each committee this week."""
    paths, offered = model.paths, model.committees.offered
    offered[:] = CLOSED
    open_now = (paths.start <= model.week) & (model.week < paths.stop)
    np.maximum.at(offered, paths.row[open_now], paths.state[open_now].astype(offered.dtype))


# --- learning --------------------------------------------------------------------------------------------------------


def _review(model: "CommunityModel") -> None:
    """Note the outcome before the district's first pilot; when a review is due, gather evidence and learn from it."""
    committees, district = model.committees, model.funds.district
    begun = of_group((model.week >= model.paths.entry) | (committees.in_place == 1), district)[0] > 0
    first = begun & (committees.outcome_before == NOT_YET)
    due = model.week % model.parameters["review_weeks"].astype(np.int64) == 0
    if not (begun & (first | due)).any():
        return
    outcome = outcomes(model)
    committees.outcome_before[first] = outcome[first]
    if due.any():
        gather_evidence(committees, outcome - committees.outcome_before, district)
        tables = (model.communities, committees, model.parameters)
        model.decide(ResidentsCommittee, "learn_from_others", learn_all, model.week, *tables)


def outcomes(model: "CommunityModel") -> Any:
    """Mean satisfaction of residents of participation age, by community."""
    communities, residents = model.communities, model.residents
    old = residents.age >= np.repeat(
        model.parameters["participation_age"], communities.resident_stop - communities.resident_start
    )
    # Communities follow each other without gaps, so each sum runs to the next start.
    total = np.add.reduceat(np.where(old, residents.satisfaction, 0.0), communities.resident_start)
    return total / np.maximum(np.add.reduceat(old.astype(np.int64), communities.resident_start), 1)


def gather_evidence(committees: Committees, gain: Any, district: Any) -> None:
    """Write what the district shows: the mean gain where the policy is in place, over that of the others, if any."""
    have = committees.in_place == 1
    sites = of_group(have.astype(np.float64), district)[0]
    others = of_group(~have * 1.0, district)[0]
    seen = of_group(np.where(have, gain, 0.0), district)[0] / np.maximum(sites, 1)
    usual = of_group(np.where(have, 0.0, gain), district)[0] / np.maximum(others, 1)
    inflation = of_group(np.where(have, committees.strength, 0.0), district)[0] / np.maximum(sites, 1)
    committees.evidence[:] = np.where(sites > 0, seen - usual, 0.0)
    committees.evidence_sites[:] = sites
    committees.evidence_inflation[:] = np.where(sites > 0, inflation, 1.0)


@kernel
def learn_all(week: int, communities: Communities, committees: Committees, parameters: ParameterTable) -> None:
    """Twin of ResidentsCommittee.learn_from_others."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        if week % int(p.review_weeks) != 0:
            continue
        spread, noise = p.belief_spread * p.belief_spread, p.evidence_spread * p.evidence_spread
        weight = posterior_weight(float(committees.evidence_sites[c]), noise, spread)
        gain = discounted(
            np.float64(committees.evidence[c]), np.float64(committees.evidence_inflation[c]), p.selection_discount
        )
        committees.belief[c] = posterior_mean(p.belief_prior, gain, weight)
        committees.belief_variance[c] = posterior_variance(spread, weight)


# --- adoption and age ------------------------------------------------------------------------------------------------


@kernel
def consider_all(week: int, communities: Communities, committees: Committees, parameters: ParameterTable) -> None:
    """Twin of ResidentsCommittee.consider_policy."""
    for c in range(len(communities.seed)):
        if committees.in_place[c] == 1 or committees.offered[c] == CLOSED:
            continue
        mandated = 1.0 if committees.offered[c] == MANDATED else 0.0
        hazard = adoption_hazard(
            np.float64(committees.belief[c]), np.float64(committees.neighbours_in_place[c]), mandated, parameters[c]
        )
        u = uniform(communities.seed[c], POLICY_ADOPTION, week, committees.id[c], 0)
        committees.in_place[c] = happens(u, hazard)


@kernel
def age_all(
    week: int,
    communities: Communities,
    committees: Committees,
    flows: Flows,
    experience: Any,
    parameters: ParameterTable,
) -> None:
    """Let every policy in place mature by a week, or begin anew; ``experience``: communities that have it, by row."""
    for c in range(len(communities.seed)):
        if committees.in_place[c] == 0:
            continue
        p: Any = parameters[c]
        before = np.float64(committees.maturity[c])
        u = uniform(communities.seed[c], POLICY_CHURN, week, committees.id[c], 0)
        if happens(u, p.policy_churn):
            committees.maturity[c] = restarted(before, p.carry_over)
            committees.policy_age[c] = 0
            flows.policy_restarts[c] += 1
        else:
            weeks = maturing_weeks(p.maturity_weeks, experience[c], p.experience_curve)
            committees.maturity[c] = matured(before, weeks)
            committees.policy_age[c] += 1
        committees.strength[c] = strength(np.float64(committees.piloting[c]), np.float64(committees.readiness[c]), p)
