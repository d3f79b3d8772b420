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

from typing import TYPE_CHECKING, Any

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
    """Twin of :meth:`Resident.update_attitudes`."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        disclosure = levers[c].fund_disclosure
        quality, openness = np.float64(companies.quality[c]), np.float64(companies.openness[c])
        for i in range(communities.resident_start[c], communities.resident_stop[c]):
            if residents.present[i] == 0:
                continue
            h, u = residents.household[i], residents.unit[i]
            outcome, fairness = int(households.outcome[h]), np.float64(households.fairness[h])
            latent, served = np.float64(households.latent[h]), np.float64(households.served[h])
            waited = 1.0 if served > 0.0 or households.request[h] != NOTHING else 0.0
            joint = 1.0 if residents.last_activity[i] == week or residents.last_council[i] == week else 0.0
            tasks = 1.0 if units.small_tasks[u] > 0 else 0.0
            done = np.float64(units.tasks_done[u]) / np.float64(units.small_tasks[u]) if tasks > 0.0 else 0.0
            lived = 1.0 if outcome != 0 or waited > 0.0 or joint > 0.0 else 0.0

            update_trust(residents, i, outcome, int(households.outcome_level[h]), fairness, latent, disclosure, p)
            residents.trust_property[i] = opinions.property_trust(
                np.float64(residents.trust_property[i]), quality, latent, openness, int(payers.estate_outcome[h]), p
            )
            result = done if residents.acts[i] != 0 else 0.0
            residents.efficacy[i] = opinions.efficacy_after_week(
                np.float64(residents.efficacy[i]),
                np.float64(residents.efficacy_anchor[i]),
                outcome,
                result,
                disclosure,
                p,
            )
            residents.sense_of_community[i] = opinions.community_after_week(
                np.float64(residents.sense_of_community[i]),
                np.float64(residents.community_anchor[i]),
                np.float64(residents.contacts[i]),
                joint,
                outcome,
                fairness,
                tasks - done,
                p,
            )
            own, heard = np.float64(residents.performance[i]), np.float64(residents.neighbour_performance[i])
            performance = opinions.performance_after_week(
                own, heard, outcome, fairness, waited, served, joint, tasks, done, latent, p
            )
            update_satisfaction(residents, i, performance, lived, p)


@kernel
def update_trust(
    residents: Residents, i: int, outcome: int, level: int, fairness: float, latent: float, disclosure: float, p: Any
) -> None:
    """Trust of one resident in committee and subdistrict."""
    heard, anchor = np.float64(residents.neighbour_trust[i]), np.float64(residents.trust_anchor[i])
    own, upper = np.float64(residents.trust_committee[i]), np.float64(residents.trust_subdistrict[i])
    own = opinions.trust_after_outcome(own, outcome, fairness, opinions.concern(level, False, p), p)
    residents.trust_committee[i] = opinions.trust_after_week(own, heard, anchor, latent, disclosure, p)
    upper = opinions.trust_after_outcome(upper, outcome, fairness, opinions.concern(level, True, p), p)
    residents.trust_subdistrict[i] = opinions.trust_after_week(upper, upper, anchor, latent, disclosure, p)


@kernel
def update_satisfaction(residents: Residents, i: int, performance: float, lived: float, p: Any) -> None:
    """Satisfaction and expectation of one resident, by expectancy disconfirmation."""
    expectation = np.float64(residents.expectation[i])
    residents.satisfaction[i] = opinions.satisfaction_of(
        np.float64(residents.satisfaction_base[i]), performance, expectation, p
    )
    residents.expectation[i] = opinions.expectation_after(expectation, performance, lived, p)
    residents.performance[i] = performance
