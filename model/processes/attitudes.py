"""Attitudes: what residents make of the week.

Each resident's trust, efficacy, sense of community, perceived performance, satisfaction and expectation move with

- what came of the household's issue and request this week (``outcome``, ``outcome_level``, ``fairness``, ``request``,
  ``served``) and what it swallowed (``latent``),
- what the resident did (``acts``, ``last_activity``, ``last_council``) and the unit's common tasks (``small_tasks``,
  ``tasks_done``),
- what contacts thought last week (``neighbour_trust``, ``neighbour_performance``, ``contacts``), which
  :func:`shequ.model.processes.ties.gather` wrote before,
- open books (lever ``fund_disclosure``), the quality and openness of property management, and how issues with the
  estate ended (``estate_outcome``),

and fall back slowly to lasting levels (``trust_anchor``, ``efficacy_anchor``, ``community_anchor``). Writes only the
resident's own row.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...agents import FeePayers, Households, PropertyCompanies, Resident, Residents, Units, opinions
from ...agents.household import NOTHING
from ..compiled import kernel
from ..structure import Communities

if TYPE_CHECKING:
    from ..community_model import CommunityModel


def prepare(model: "CommunityModel") -> None:
    """Take the attitudes at the start as lasting levels, and make satisfaction fit them: S = a + b P with P = E."""
    settle_all(model.communities, model.residents, model.parameters)


def step(model: "CommunityModel") -> None:
    """Move every resident's attitudes by a week."""
    model.decide(
        Resident,
        "update_attitudes",
        update_all,
        model.week,
        model.communities,
        model.residents,
        model.households,
        model.units,
        model.property_companies,
        model.fee_payers,
        model.parameters,
        model.levers,
    )


@kernel
def settle_all(communities: Communities, residents: Residents, parameters: Any) -> None:
    """Run :func:`settle_in` on every resident."""
    for c in range(len(communities.seed)):
        for i in range(communities.resident_start[c], communities.resident_stop[c]):
            settle_in(residents, i, parameters[c])


@kernel
def settle_in(residents: Residents, i: int, p: Any) -> None:
    """Take the attitudes of a resident as lasting levels, and make satisfaction fit them: S = a + b P with P = E."""
    expectation = np.float64(residents.expectation[i])
    residents.trust_anchor[i] = residents.trust_committee[i]
    residents.efficacy_anchor[i] = residents.efficacy[i]
    residents.community_anchor[i] = residents.sense_of_community[i]
    residents.performance[i] = expectation
    residents.satisfaction_base[i] = np.float64(residents.satisfaction[i]) - p.performance_effect * expectation


class Week(NamedTuple):
    """What the residents of one community lived through this week: float64 or int32 arrays, one entry a resident."""

    outcome: Any
    level: Any
    estate: Any
    fairness: Any
    latent: Any
    served: Any
    waited: Any
    joint: Any
    tasks: Any
    done: Any


@kernel
def update_all(
    week: int,
    communities: Communities,
    residents: Residents,
    households: Households,
    units: Units,
    companies: PropertyCompanies,
    payers: FeePayers,
    parameters: Any,
    levers: Any,
) -> None:
    """Twin of :meth:`Resident.update_attitudes`: one attitude after the other, so that vector units can be used.

    New values go to an array of their own first: so no parameter has to be read again after a value is written.
    """
    for c in range(len(communities.seed)):
        p = parameters[c]
        disclosure = levers[c].fund_disclosure
        quality, openness = np.float64(companies.quality[c]), np.float64(companies.openness[c])
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        lived = live_through(week, c, communities, residents, households, units, payers)
        new: Any = np.empty(stop - first)
        present = residents.present[first:stop]
        trust_bodies(first, stop, residents, lived, disclosure, new, p)
        trust_estate(residents.trust_property[first:stop], present, lived, quality, openness, new, p)
        feel_able(first, stop, residents, lived, disclosure, new, p)
        belong(first, stop, residents, lived, new, p)
        judge(first, stop, residents, lived, new, p)


@kernel
def live_through(
    week: int,
    c: int,
    communities: Communities,
    residents: Residents,
    households: Households,
    units: Units,
    payers: FeePayers,
) -> Week:
    """Lay out side by side what the residents of a community lived through; most households lived through little."""
    first, stop = communities.resident_start[c], communities.resident_stop[c]
    n = stop - first
    marks, shares = np.zeros((3, n), np.int32), np.zeros((7, n))
    outcome, level, estate = marks[0], marks[1], marks[2]
    fairness, latent, served, waited = shares[0], shares[1], shares[2], shares[3]
    joint, tasks, done = shares[4], shares[5], shares[6]
    for h in range(communities.household_start[c], communities.household_stop[c]):
        asked = (households.served[h] > 0.0) | (households.request[h] != NOTHING)
        if asked | (households.outcome[h] != 0) | (payers.estate_outcome[h] != 0):
            begin = int(households.resident_start[h]) - first
            for k in range(begin, begin + int(households.size[h]) + int(households.empty_places[h])):
                outcome[k], level[k] = households.outcome[h], households.outcome_level[h]
                estate[k], fairness[k] = payers.estate_outcome[h], households.fairness[h]
                served[k], waited[k] = households.served[h], asked
    home = residents.household[first:stop]
    activity, council = residents.last_activity[first:stop], residents.last_council[first:stop]
    for k in range(n):
        latent[k] = households.latent[np.uint64(home[k])]
    for k in range(n):
        joint[k] = (activity[k] == week) | (council[k] == week)
    for u in range(communities.unit_start[c], communities.unit_stop[c]):
        if units.small_tasks[u] > 0:
            begin, end = units.resident_start[u] - first, units.resident_stop[u] - first
            tasks[begin:end] = 1.0
            done[begin:end] = np.float64(units.tasks_done[u]) / np.float64(units.small_tasks[u])
    return Week(outcome, level, estate, fairness, latent, served, waited, joint, tasks, done)


@kernel
def keep(new: Any, present: Any, column: Any) -> None:
    """Write the new values of those who live here."""
    for k in range(len(new)):
        column[k] = new[k] if present[k] != 0 else np.float64(column[k])


@kernel
def trust_bodies(first: int, stop: int, residents: Residents, lived: Week, disclosure: float, new: Any, p: Any) -> None:
    """Trust in committee and subdistrict; nobody hears what others think of the subdistrict."""
    heard, anchor = residents.neighbour_trust[first:stop], residents.trust_anchor[first:stop]
    own, upper = residents.trust_committee[first:stop], residents.trust_subdistrict[first:stop]
    outcome, level, fairness, latent = lived.outcome, lived.level, lived.fairness, lived.latent
    for k in range(len(new)):
        weight = opinions.concern(level[k], False, p)
        moved = opinions.trust_after_outcome(np.float64(own[k]), outcome[k], fairness[k], weight, p)
        new[k] = opinions.trust_after_week(moved, np.float64(heard[k]), np.float64(anchor[k]), latent[k], disclosure, p)
    keep(new, residents.present[first:stop], own)
    for k in range(len(new)):
        weight = opinions.concern(level[k], True, p)
        moved = opinions.trust_after_outcome(np.float64(upper[k]), outcome[k], fairness[k], weight, p)
        new[k] = opinions.trust_after_week(moved, moved, np.float64(anchor[k]), latent[k], disclosure, p)
    keep(new, residents.present[first:stop], upper)


@kernel
def trust_estate(trust: Any, present: Any, lived: Week, quality: float, openness: float, new: Any, p: Any) -> None:
    """Trust in the estate's manager."""
    latent, outcome = lived.latent, lived.estate
    for k in range(len(new)):
        new[k] = opinions.property_trust(np.float64(trust[k]), quality, latent[k], openness, outcome[k], p)
    keep(new, present, trust)


@kernel
def feel_able(first: int, stop: int, residents: Residents, lived: Week, disclosure: float, new: Any, p: Any) -> None:
    """External efficacy."""
    efficacy, anchor = residents.efficacy[first:stop], residents.efficacy_anchor[first:stop]
    acts, outcome, done = residents.acts[first:stop], lived.outcome, lived.done
    for k in range(len(new)):
        result = done[k] * np.float64(acts[k] != 0)
        new[k] = opinions.efficacy_after_week(
            np.float64(efficacy[k]), np.float64(anchor[k]), outcome[k], result, disclosure, p
        )
    keep(new, residents.present[first:stop], efficacy)


@kernel
def belong(first: int, stop: int, residents: Residents, lived: Week, new: Any, p: Any) -> None:
    """Sense of community."""
    sense, anchor = residents.sense_of_community[first:stop], residents.community_anchor[first:stop]
    contacts, joint, outcome = residents.contacts[first:stop], lived.joint, lived.outcome
    fairness, tasks, done = lived.fairness, lived.tasks, lived.done
    for k in range(len(new)):
        new[k] = opinions.community_after_week(
            np.float64(sense[k]),
            np.float64(anchor[k]),
            np.float64(contacts[k]),
            joint[k],
            outcome[k],
            fairness[k],
            tasks[k] - done[k],
            p,
        )
    keep(new, residents.present[first:stop], sense)


@kernel
def judge(first: int, stop: int, residents: Residents, lived: Week, new: Any, p: Any) -> None:
    """Perceived performance; and satisfaction and expectation, by expectancy disconfirmation."""
    present, satisfied = residents.present[first:stop], np.empty(stop - first)
    own, heard = residents.performance[first:stop], residents.neighbour_performance[first:stop]
    base, expectation = residents.satisfaction_base[first:stop], residents.expectation[first:stop]
    outcome, fairness, waited, served = lived.outcome, lived.fairness, lived.waited, lived.served
    joint, tasks, done, latent = lived.joint, lived.tasks, lived.done, lived.latent
    for k in range(len(new)):
        new[k] = opinions.performance_after_week(
            np.float64(own[k]),
            np.float64(heard[k]),
            outcome[k],
            fairness[k],
            waited[k],
            served[k],
            joint[k],
            tasks[k],
            done[k],
            latent[k],
            p,
        )
    keep(new, present, own)
    for k in range(len(new)):
        satisfied[k] = opinions.satisfaction_of(np.float64(base[k]), new[k], np.float64(expectation[k]), p)
    keep(satisfied, present, residents.satisfaction[first:stop])
    for k in range(len(new)):
        anything = np.float64((outcome[k] != 0) | (waited[k] > 0.0) | (joint[k] > 0.0))
        satisfied[k] = opinions.expectation_after(np.float64(expectation[k]), new[k], anything, p)
    keep(satisfied, present, expectation)
