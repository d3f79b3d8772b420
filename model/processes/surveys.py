"""Surveys of needs: households are asked at the door or online, and measured need moves towards what they name.

Who opens the door is old more often than not, who answers online uses the platform; both name first what concerns
them. So the channel decides how far measured need is from true need (T4.3). Between surveys the notes of requests pull
measured need their own way (process services), and the survey grows old.

Reads: households (needs), residents (age, adopted), levers. Writes: ``model.surveys``, ``supply.need``, flows of
surveys.
"""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np

from ...agents.columns import F64, I32, Column, held
from ...agents.committee import Committees
from ...agents.household import Households
from ...agents.resident import ELDER_AGE, Residents
from ...agents.surveying import answer_chance, distance, names_need, survey_due, survey_pull
from ...agents.using_services import CLASSES
from ..compiled import kernel
from ..draws import Stream, uniform
from ..flows import Flows
from ..levers import LeverTable
from ..parameters import ParameterTable
from ..structure import Communities
from .services import count_needs

if TYPE_CHECKING:
    from ..community_model import CommunityModel

NEED_SURVEY, SURVEY_ANSWER = int(Stream.NEED_SURVEY), int(Stream.SURVEY_ANSWER)
NONE_YET = -1  # age of a survey that was never held
CHANNEL_DRAW, ANSWER_DRAW, NAMING_DRAW = 0, 4, 5  # draws of a household, and of its members


class Surveys(NamedTuple):
    """The last survey of each community (rows); ``share`` and ``wanted`` have one column a class of service."""

    age: Annotated[I32, Column("week", "weeks since the last survey; -1 none yet", "T4.3", NONE_YET)]
    share: Annotated[F64, Column("share", "share of each class among the needs named in it", "T4.3", 0, 1)]
    wanted: Annotated[F64, Column("share", "true share of each class, counted once a month", "T4.3", 0, 1)]


def prepare(model: "CommunityModel") -> None:
    """Make ``model.surveys``: none was held yet."""
    count = len(model.communities.id)
    shape = (count, CLASSES)
    model.surveys = held(Surveys(np.full(count, NONE_YET, np.int32), np.zeros(shape), np.zeros(shape)))
    count_needs(model.communities, model.households, model.surveys.wanted)


def step(model: "CommunityModel") -> None:
    """Hold the surveys that are due, and let measured need follow."""
    m = model
    if m.calendar.opens_month(m.week):
        m.surveys.wanted[:] = 0.0
        count_needs(m.communities, m.households, m.surveys.wanted)
    tables = (m.communities, m.committees, m.households, m.residents)
    hold_surveys(m.week, *tables, m.surveys, m.flows, m.parameters, m.levers)
    follow(m.surveys, m.supply.need, m.flows, m.parameters)


@kernel
def hold_surveys(
    week: int,
    communities: Communities,
    committees: Committees,
    households: Households,
    residents: Residents,
    surveys: Surveys,
    flows: Flows,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Let surveys age, and hold those that are due."""
    for c in range(len(communities.seed)):
        lever: Any = levers[c]
        if surveys.age[c] != NONE_YET:
            surveys.age[c] += 1
        if lever.need_surveys <= 0.0:
            continue
        phase = uniform(communities.seed[c], NEED_SURVEY, 0, committees.id[c], 0)
        if survey_due(week, phase, lever.need_surveys):
            ask(week, c, communities, households, residents, surveys, flows, parameters[c], lever.survey_channel)


@kernel
def ask(
    week: int,
    c: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    surveys: Surveys,
    flows: Flows,
    p: Any,
    door_share: float,
) -> None:
    """Ask every household of a community, the share ``door_share`` at the door and the others online.

    The first member who is reached answers for it. A survey that nobody answers leaves the last one in place.
    """
    seed = communities.seed[c]
    named = np.zeros(CLASSES)
    for h in range(communities.household_start[c], communities.household_stop[c]):
        at_door = uniform(seed, SURVEY_ANSWER, week, households.id[h], CHANNEL_DRAW) < door_share
        first = int(households.resident_start[h])
        for i in range(first, first + int(households.size[h]) + int(households.empty_places[h])):
            if residents.age[i] < p.participation_age:
                continue
            elder = residents.age[i] >= ELDER_AGE
            chance = answer_chance(at_door, elder, residents.adopted[i] == 1, p)
            if uniform(seed, SURVEY_ANSWER, week, residents.id[i], ANSWER_DRAW) >= chance:
                continue
            flows.survey_answers[c] += 1
            flows.survey_elders[c] += elder
            u = uniform(seed, SURVEY_ANSWER, week, residents.id[i], NAMING_DRAW)
            for z in range(CLASSES):
                if int(households.needs[h]) >> z & 1 == 1 and names_need(z, elder, u, p):
                    named[z] += 1.0
            break
    if named.sum() > 0.0:
        surveys.share[c] = named / named.sum()
        surveys.age[c] = 0


@kernel
def follow(surveys: Surveys, need: F64, flows: Flows, parameters: ParameterTable) -> None:
    """Move measured need towards the last survey, and note how far it is from true need."""
    for c in range(len(surveys.age)):
        p: Any = parameters[c]
        age = int(surveys.age[c])
        if age != NONE_YET:
            need[c] += survey_pull(float(age), p) * (surveys.share[c] - need[c])
            flows.surveyed[c] += age < p.recall_weeks
        for z in range(CLASSES):
            flows.need_error[c] += distance(need[c, z], surveys.wanted[c, z])
