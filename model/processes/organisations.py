"""NGOs and firms join the units' work or leave it.

Each thinks it over now and then and takes part with a probability that contracts, the platform of the three parties,
its size and the company of others suggest.

Reads: organisations (size, joined of last week), levers of firms and NGOs. Writes: organisations.joined, .weeks_joined,
.joined_nearby.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents import NGO, Firm, Organisations
from ...agents.ngo import FIRM_KIND, NGO_KIND, joined_after, joining_chance
from ..compiled import kernel
from ..draws import Stream, uniform
from ..levers import LeverTable
from ..parameters import ParameterTable
from ..structure import Communities

if TYPE_CHECKING:
    from ..community_model import CommunityModel

JOIN = int(Stream.JOIN)


def step(model: "CommunityModel") -> None:
    """Let organisations look around, then think over whether to take part."""
    tables = (model.communities, model.organisations, model.parameters, model.levers)
    look_around(model.communities, model.organisations)
    model.decide(NGO, "decide_joining", join_all, NGO_KIND, model.week, *tables)
    model.decide(Firm, "decide_joining", join_all, FIRM_KIND, model.week, *tables)


@kernel
def look_around(communities: Communities, organisations: Organisations) -> None:
    """Write the share of the other organisations around the community that take part."""
    for c in range(len(communities.seed)):
        start, stop = communities.organisation_start[c], communities.organisation_stop[c]
        joined = 0
        for o in range(start, stop):
            joined += int(organisations.joined[o])
        others = max(stop - start - 1, 1)
        for o in range(start, stop):
            organisations.joined_nearby[o] = (joined - int(organisations.joined[o])) / others


@kernel
def join_all(
    kind: int,
    week: int,
    communities: Communities,
    organisations: Organisations,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Twin of NGO.decide_joining and Firm.decide_joining, for organisations of ``kind``."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        seed = communities.seed[c]
        if kind == NGO_KIND:
            appeal = p.ngo_join_base + p.ngo_join_contract * lever.ngo_contracting
        else:
            appeal = p.firm_join_base + p.firm_join_agreement * lever.firm_agreements
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            if organisations.kind[o] != kind:
                continue
            key = organisations.id[o]
            chance = joining_chance(
                appeal,
                lever.tripartite_platform,
                np.float64(organisations.size[o]),
                np.float64(organisations.joined_nearby[o]),
                p,
            )
            joined = joined_after(
                int(organisations.joined[o]),
                chance,
                uniform(seed, JOIN, week, key, 0),
                uniform(seed, JOIN, week, key, 1),
                p,
            )
            organisations.joined[o] = joined
            organisations.weeks_joined[o] = joined * (organisations.weeks_joined[o] + 1)
