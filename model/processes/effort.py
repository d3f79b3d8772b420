"""Committees split their working time: departments first, then residents and units; staff wear out and leave.

Departments ask for reports (Poisson, with duplicates unless data are shared); reports that find no time wait. What is
left after coordination and reports goes to residents and to units and their heads, by the weights the appraisal sets.
Working time is that of the posts that are filled. Then every worker bears the week's load and stays or leaves, open
posts find somebody, and the committee reports upwards how many residents are satisfied.

Reads: levers of staff, number of residents and their satisfaction. Writes: workers, committees (posts, staff, skill,
all minutes, backlog, load, what is reported), flows of staff; the four parts add up to hours_minutes exactly.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents import Committees, CommunityWorker, CommunityWorkers, Residents, ResidentsCommittee
from ...agents.committee import (
    BATCH,
    MOST_IN_BATCH,
    TEN_THOUSAND,
    THOUSAND,
    gaming,
    reported_rate,
    skill_after,
    split_week,
)
from ...agents.community_worker import (
    EXIT_DRAW,
    FRAILTY_DRAW,
    HIRE_DRAW,
    LOAD_DRAW,
    starting_portion,
    worker_burnout,
    worker_exit_hazard,
)
from ...agents.rates import arrivals
from ...agents.rules import probability
from ...agents.serving import starting_frailty
from ...agents.subdistrict import inflated, reports_asked, sharing_that_serves
from ..compiled import kernel
from ..draws import Stream, normal, uniform
from ..flows import Flows
from ..levers import LeverTable
from ..parameters import ParameterTable
from ..structure import Communities

if TYPE_CHECKING:
    from ..community_model import CommunityModel

REPORTING, STAFF, REPORTED_RATE = int(Stream.REPORTING), int(Stream.STAFF), int(Stream.REPORTED_RATE)


def prepare(model: "CommunityModel") -> None:
    """Give every committee its staff, all posts filled by fresh people, and their hours before the first week."""
    open_posts(model.communities, model.committees, model.workers, model.parameters, model.levers)
    staff_all(model.week, model.communities, model.workers, model.parameters)
    step(model)
    committees = model.committees
    committees.first_staff[:] = committees.staff
    committees.first_service_minutes[:] = committees.service_minutes
    committees.first_support_minutes[:] = committees.unit_support_minutes


def step(model: "CommunityModel") -> None:
    """Let every committee split its week, and every worker live it."""
    communities, committees, workers = model.communities, model.committees, model.workers
    parameters, levers = model.parameters, model.levers
    open_posts(communities, committees, workers, parameters, levers)
    model.decide(ResidentsCommittee, "split_hours", split_all, model.week, communities, committees, parameters, levers)
    model.decide(
        CommunityWorker, "live_week", live_all, model.week, communities, committees, workers, parameters, levers
    )
    model.decide(CommunityWorker, "fill_post", fill_all, model.week, communities, workers, parameters, levers)
    survey(communities, model.residents, committees, parameters)
    model.decide(
        ResidentsCommittee, "report_rates", report_all, model.week, communities, committees, parameters, levers
    )
    count_staff(communities, workers, model.flows)


# --- machinery -------------------------------------------------------------------------------------------------------


@kernel
def open_posts(
    communities: Communities,
    committees: Committees,
    workers: CommunityWorkers,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Open as many posts as the norm pays for, close the rest, and count the staff that fills them.

    A committee has at least ``least_posts`` members: where the norm pays for fewer, all are part-time alike.
    """
    for c in range(len(communities.seed)):
        residents = float(communities.resident_stop[c] - communities.resident_start[c] - communities.empty_places[c])
        due = levers[c].staff_per_10000 * residents / TEN_THOUSAND
        first, stop = communities.post_start[c], communities.post_stop[c]
        posts = min(max(int(parameters[c].least_posts), math.ceil(due)), stop - first)
        filled = 0
        for w in range(first, stop):
            workers.open[w] = w < first + posts
            if workers.open[w] == 0:
                leave_post(workers, w)
            filled += workers.filled[w]
        committees.posts[c] = posts
        committees.staff[c] = due * filled / posts


@kernel
def leave_post(workers: CommunityWorkers, w: int) -> None:
    """Twin of CommunityWorker.leave_post."""
    workers.filled[w] = 0
    workers.tenure[w] = 0
    workers.burnout[w] = 0.0
    workers.frailty[w] = 0.0
    workers.portion[w] = 0.0


@kernel
def survey(communities: Communities, residents: Residents, committees: Committees, parameters: ParameterTable) -> None:
    """Count the residents who are satisfied, as an independent survey of all would."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        age, satisfaction = residents.age[first:stop], residents.satisfaction[first:stop]
        asked, satisfied = np.int32(0), np.int32(0)
        for k in range(len(age)):
            old_enough = age[k] >= p.participation_age
            asked += np.int32(old_enough)
            satisfied += np.int32(old_enough & (satisfaction[k] >= p.satisfied_level))
        committees.satisfied[c] = satisfied / max(asked, 1)


@kernel
def count_staff(communities: Communities, workers: CommunityWorkers, flows: Flows) -> None:
    """Add up who left and who came."""
    for c in range(len(communities.seed)):
        for w in range(communities.post_start[c], communities.post_stop[c]):
            flows.staff_exits[c] += workers.exits[w]
            flows.staff_hired[c] += workers.hired[w]


# --- decisions -------------------------------------------------------------------------------------------------------


@kernel
def split_all(
    week: int, communities: Communities, committees: Committees, parameters: ParameterTable, levers: LeverTable
) -> None:
    """Twin of ResidentsCommittee.split_hours."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        seed = communities.seed[c]
        residents = float(communities.resident_stop[c] - communities.resident_start[c] - communities.empty_places[c])
        items = inflated(p.report_items, lever.target_inflation, p.target_layers) * residents / THOUSAND
        sharing = sharing_that_serves(lever.data_sharing, lever.data_update_weeks, p)
        asked = reports_asked(lever.reporting_departments, p.report_overlap, items, sharing)
        batches = int(asked / BATCH) + 1
        arrived = 0
        for k in range(batches):
            arrived += arrivals(uniform(seed, REPORTING, week, committees.id[c], k), asked / batches, MOST_IN_BATCH)
        parts = split_week(np.float64(committees.staff[c]), residents, lever, int(committees.backlog[c]), arrived, p)
        committees.hours_minutes[c] = parts[0]
        committees.coordination_minutes[c] = parts[1]
        committees.reporting_minutes[c] = parts[2]
        committees.service_minutes[c] = parts[3]
        committees.unit_support_minutes[c] = parts[4]
        committees.backlog[c] = parts[5]
        committees.load[c] = parts[6]
        committees.skill[c] = skill_after(np.float64(committees.skill[c]), lever.staff_training, p)


@kernel
def live_all(
    week: int,
    communities: Communities,
    committees: Committees,
    workers: CommunityWorkers,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Twin of CommunityWorker.live_week."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        pay = levers[c].staff_pay
        skill, load = np.float64(committees.skill[c]), np.float64(committees.load[c])
        for w in range(communities.post_start[c], communities.post_stop[c]):
            workers.exits[w] = 0
            if workers.filled[w] == 0:
                continue
            burnout = worker_burnout(
                np.float64(workers.burnout[w]), load, np.float64(workers.portion[w]), skill, pay, p
            )
            workers.tenure[w] += 1
            workers.burnout[w] = burnout
            hazard = worker_exit_hazard(np.float64(workers.frailty[w]), burnout, skill, pay, p)
            if uniform(communities.seed[c], STAFF, week, workers.id[w], EXIT_DRAW) < probability(hazard):
                workers.exits[w] = 1
                leave_post(workers, w)


@kernel
def fill_all(
    week: int, communities: Communities, workers: CommunityWorkers, parameters: ParameterTable, levers: LeverTable
) -> None:
    """Twin of CommunityWorker.fill_post."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        hiring = p.worker_hire_rate * (1.0 - levers[c].hiring_freeze)
        seed = communities.seed[c]
        for w in range(communities.post_start[c], communities.post_stop[c]):
            workers.hired[w] = 0
            if workers.open[w] == 0 or workers.filled[w] == 1 or workers.exits[w] == 1:
                continue
            if uniform(seed, STAFF, week, workers.id[w], HIRE_DRAW) < probability(hiring):
                workers.hired[w] = 1
                take_post(week, seed, workers, w, p)


@kernel
def take_post(week: int, seed: np.uint64, workers: CommunityWorkers, w: int, p: Any) -> None:
    """Let somebody take up a post."""
    workers.filled[w] = 1
    workers.frailty[w] = starting_frailty(uniform(seed, STAFF, week, workers.id[w], FRAILTY_DRAW), p)
    workers.portion[w] = starting_portion(uniform(seed, STAFF, week, workers.id[w], LOAD_DRAW), p)


@kernel
def staff_all(week: int, communities: Communities, workers: CommunityWorkers, parameters: ParameterTable) -> None:
    """Fill every open post, as before the first week."""
    for c in range(len(communities.seed)):
        for w in range(communities.post_start[c], communities.post_stop[c]):
            if workers.open[w] == 1 and workers.filled[w] == 0:
                take_post(week, communities.seed[c], workers, w, parameters[c])


@kernel
def report_all(
    week: int, communities: Communities, committees: Committees, parameters: ParameterTable, levers: LeverTable
) -> None:
    """Twin of ResidentsCommittee.report_rates."""
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        dressed = gaming(lever.outcome_weight, lever.supervision, p)
        z = normal(uniform(communities.seed[c], REPORTED_RATE, week, committees.id[c], 0))
        committees.gaming[c] = dressed
        committees.reported_satisfaction[c] = reported_rate(
            np.float64(committees.satisfied[c]), np.float64(committees.gaming[c]), z, p
        )
