"""Committees split their working time: departments first, then residents and units.

Departments ask for reports (Poisson, with duplicates unless data are shared); reports that find no time wait. What is
left after coordination and reports goes to residents and to units and their heads, by the weights the appraisal sets.

Reads: levers of staff, number of residents. Writes: committees (staff, all minutes, backlog); the four parts add up to
hours_minutes exactly.
"""

from typing import TYPE_CHECKING, Any

from ...agents import Committees, ResidentsCommittee
from ...agents.committee import BATCH, MOST_IN_BATCH, TEN_THOUSAND, THOUSAND, reports_asked, split_week
from ...agents.rates import arrivals
from ..compiled import kernel
from ..draws import Stream, uniform
from ..levers import LeverTable
from ..parameters import ParameterTable
from ..structure import Communities

if TYPE_CHECKING:
    from ..community_model import CommunityModel

REPORTING = int(Stream.REPORTING)


def prepare(model: "CommunityModel") -> None:
    """Give every committee its staff and their hours before the first week."""
    step(model)


def step(model: "CommunityModel") -> None:
    """Let every committee split its week."""
    model.decide(
        ResidentsCommittee,
        "split_hours",
        split_all,
        model.week,
        model.communities,
        model.committees,
        model.parameters,
        model.levers,
    )


@kernel
def split_all(
    week: int, communities: Communities, committees: Committees, parameters: ParameterTable, levers: LeverTable
) -> None:
    """Twin of ResidentsCommittee.split_hours."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        seed = communities.seed[c]
        residents = float(communities.resident_stop[c] - communities.resident_start[c])
        items = p.report_items * residents / THOUSAND
        asked = reports_asked(lever.reporting_departments, p.report_overlap, items, lever.data_sharing)
        batches = int(asked / BATCH) + 1
        arrived = 0
        for k in range(batches):
            arrived += arrivals(uniform(seed, REPORTING, week, committees.id[c], k), asked / batches, MOST_IN_BATCH)
        staff = lever.staff_per_10000 * residents / TEN_THOUSAND
        parts = split_week(
            staff,
            lever.staff_weekly_hours,
            lever.reporting_departments,
            lever.data_sharing,
            lever.unit_appraisal_weight,
            lever.supervision,
            int(committees.backlog[c]),
            arrived,
            p,
        )
        committees.staff[c] = staff
        committees.hours_minutes[c] = parts[0]
        committees.coordination_minutes[c] = parts[1]
        committees.reporting_minutes[c] = parts[2]
        committees.service_minutes[c] = parts[3]
        committees.unit_support_minutes[c] = parts[4]
        committees.backlog[c] = parts[5]
