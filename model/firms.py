"""Firms around a community: who closes, which empty premises are let, who provides services beside the own trade."""

from typing import Any

import numpy as np

from ..agents.firm import firm_course, provides_after
from ..agents.ngo import FIRM_KIND, Organisations
from ..agents.rates import WEEKS_A_YEAR
from ..agents.rules import probability
from .compiled import kernel
from .draws import Stream, uniform
from .flows import Flows
from .levers import LeverTable
from .parameters import ParameterTable
from .service_projects import Delivery
from .structure import Communities

PROVISION, FIRM_TURNOVER = int(Stream.PROVISION), int(Stream.FIRM_TURNOVER)


@kernel
def take_course(week: int, communities: Communities, organisations: Organisations, parameters: ParameterTable) -> None:
    """Twin of Firm.decide_course."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            if organisations.kind[o] == FIRM_KIND and organisations.active[o] == 1:
                u = uniform(communities.seed[c], FIRM_TURNOVER, week, organisations.id[o], 0)
                age, size = int(organisations.age[o]), np.float64(organisations.size[o])
                organisations.hazard[o], organisations.closing[o] = firm_course(age, size, u, p)


@kernel
def let_premises(
    week: int, communities: Communities, organisations: Organisations, flows: Flows, parameters: ParameterTable
) -> None:
    """Empty the premises of firms that close; let those that stand empty to new firms."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            if organisations.kind[o] != FIRM_KIND:
                continue
            if organisations.closing[o] == 1:
                organisations.active[o] = organisations.closing[o] = 0
                organisations.joined[o] = organisations.provides[o] = 0
                organisations.weeks_joined[o] = organisations.age[o] = 0
                flows.firm_exits[c] += 1
            elif organisations.active[o] == 1:
                organisations.age[o] += 1
            elif uniform(communities.seed[c], FIRM_TURNOVER, week, organisations.id[o], 1) < probability(
                p.firm_entry / WEEKS_A_YEAR
            ):
                organisations.active[o] = 1
                flows.firm_foundings[c] += 1


@kernel
def provide_all(
    week: int,
    communities: Communities,
    organisations: Organisations,
    delivery: Delivery,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Twin of Firm.decide_provision."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            if organisations.kind[o] != FIRM_KIND or organisations.active[o] == 0:
                continue
            if uniform(communities.seed[c], PROVISION, week, organisations.id[o], 0) >= p.provision_review:
                continue
            provides = int(organisations.provides[o])
            organisations.provides[o] = provides_after(
                provides,
                int(organisations.joined[o]),
                np.float64(organisations.size[o]),
                delivery.providers[c] - provides,
                delivery.unmet[c],
                lever.firm_incentive,
                p,
            )
