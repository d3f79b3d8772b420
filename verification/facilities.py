"""Surveys of needs and rooms of the community (checks R7 and R8), through the kernels of the week."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..agents.resident import ELDER_AGE
from ..agents.using_services import CLASSES, ServiceClass
from ..model import CommunityModel, parameters
from ..model.district import small_district
from ..model.funds import account
from ..model.ledger import Purpose, Sector, transfer
from ..model.levers import Setting
from ..model.processes import facilities, surveys
from .check import CheckError, Row, check, close, mean, require

WORLD, COMMUNITY = int(Sector.WORLD), int(Sector.COMMUNITY)
USERS = 3  # every third adult is on the platform


def answers_expected(model: CommunityModel, door: float) -> tuple[float, float, Any]:
    """Expected answers, answers of elders, and answers that name each class, from inclusion probabilities.

    Member j of a household answers with q_j prod_{k<j} (1 - q_k), whatever the channel's q.
    """
    p, residents, households = model.parameter_row(0), model.residents, model.households
    total, elders, named = 0.0, 0.0, np.zeros(CLASSES)
    for h in range(len(households.id)):
        first, wants = int(households.resident_start[h]), int(households.needs[h])
        for share, at_door in ((door, True), (1.0 - door, False)):
            nobody_yet = share
            for i in range(first, first + int(households.size[h])):
                if residents.age[i] < p.participation_age:
                    continue
                old = residents.age[i] >= ELDER_AGE
                at_home = p.door_answer_elder if old else p.door_answer
                chance = at_home if at_door else p.online_answer * float(residents.adopted[i])
                answers = nobody_yet * chance
                nobody_yet -= answers
                total += answers
                elders += answers * old
                for z in range(CLASSES):
                    other = ServiceClass.CHILDCARE if old else ServiceClass.ELDERCARE
                    named[z] += answers * (wants >> z & 1) * (p.need_seen if z == other else 1.0)
    return total, elders, named


def hold(model: CommunityModel, week: int, door: float) -> tuple[float, float, Any]:
    """Hold a survey in ``week``: answers, answers of elders, and shares of the classes named."""
    model.flows.survey_answers[:] = model.flows.survey_elders[:] = 0
    tables = (model.communities, model.households, model.residents, model.surveys, model.flows)
    surveys.ask(week, 0, *tables, model.parameters[0], door)
    return float(model.flows.survey_answers[0]), float(model.flows.survey_elders[0]), model.surveys.share[0].copy()


def surveyed_town(households: int, seed: int) -> CommunityModel:
    """Return a community in which every third adult uses the platform."""
    model = CommunityModel(small_district(households, 1), seed=seed)
    residents, age = model.residents, model.parameters["participation_age"][0]
    residents.adopted[:] = (np.arange(len(residents.id)) % USERS == 0) & (residents.age >= age)
    return model


@check("R7", "who answers a survey decides what is needed", cases=[{"door": 1.0}, {"door": 0.5}, {"door": 0.0}])
def survey_bias(door: float = 1.0, households: int = 1500, rounds: int = 150, seed: int = 1) -> Iterator[Row]:
    """The share ``door`` of households is asked at the door, the others online; the first who is reached answers.

    Expected answers and needs named follow from the inclusion probability of every member; the standard errors are
    those of ``rounds`` surveys of the same households. Shares are ratios of expected values, good to 1 in the number of
    answers.
    """
    if not 0.0 <= door <= 1.0 or households < 200 or rounds < 10:
        message = f"give 0 <= door <= 1, 200 households and 10 rounds or more; not {door}, {households}, {rounds}"
        raise CheckError(message)
    model = surveyed_town(households, seed)
    total, elders, named = answers_expected(model, door)
    held = [hold(model, week, door) for week in range(rounds)]
    yield mean("answers", total, [one[0] for one in held])
    yield mean("answers of elders", elders, [one[1] for one in held], precision=0.05)
    for z in ServiceClass:
        yield mean(f"share of {z.name.lower()}", named[z] / named.sum(), [one[2][z] for one in held])


# --- rooms ------------------------------------------------------------------------------------------------------------


def street_of_rooms(upkeep: float, groups: float, seed: int) -> CommunityModel:
    """Return a community with money for a lifetime of upkeep, in whose rooms only groups of residents meet."""
    model = CommunityModel(small_district(400, 1), seed=seed, settings=[Setting(-1000, 0, "facility_upkeep", upkeep)])
    residents = float(model.residents.present.sum())
    changes = {"culture_in_rooms": 0.0, "meetings_in_rooms": 0.0, "room_groups": 1e3 * groups / residents}
    model.parameters = parameters.table([parameters.defaults() | changes])
    model.set_levers()
    transfer(model.ledger.book, account(1, WORLD), account(0, COMMUNITY), int(Purpose.REVENUE), 10**12)
    return model


def keep_up(model: CommunityModel) -> float:
    """Let a week pass over the rooms; returns their condition."""
    facilities.keep_up(model.ledger.book, model.rooms, model.flows, model.parameters, model.levers)
    return float(model.rooms.condition[0])


def share_out(model: CommunityModel, week: int) -> tuple[float, float]:
    """Share out the rooms of ``week``: slots used and wished for."""
    model.flows.room_wishes[:] = 0.0
    tables = (model.communities, model.committees, model.units, np.zeros(1, np.int64), model.rooms, model.flows)
    facilities.share_out(week, *tables, model.parameters, model.levers)
    return float(model.rooms.used[0]), float(model.flows.room_wishes[0])


@check("R8", "rooms wear and are repaired, and fill by chance", cases=[{"upkeep": 0.5}, {"upkeep": 0.0}])
def rooms_in_use(
    upkeep: float = 0.5, groups: float = 6.0, slots: int = 8, weeks: int = 20_000, seed: int = 1
) -> Iterator[Row]:
    """At the share ``upkeep`` m of full upkeep the condition rests at r m / (r m + d), x - x* shrinking by 1 - r m - d.

    Then Poisson(``groups``) groups a week look for one of ``slots`` slots: E min(N, c) = sum of P(N > k) for k < c.
    """
    require(0.0 <= upkeep <= 1.0, f"give 0 <= upkeep <= 1, not {upkeep}")
    require(0.1 <= groups <= 100.0 and 1 <= slots <= 500, "give 0.1 to 100 groups and 1 to 500 slots")
    require(weeks >= 1000, f"give 1,000 weeks or more, not {weeks}")
    model = street_of_rooms(upkeep, groups, seed)
    p = model.parameter_row(0)
    gain = p.room_repair * upkeep
    rest, kept = gain / (gain + p.room_wear), 1.0 - gain - p.room_wear
    model.rooms.condition[:] = 1.0
    path = [keep_up(model) for _ in range(1500)]
    for week in (1, 52, 1500):
        yield close(f"condition after {week} weeks", rest + (1.0 - rest) * kept**week, path[week - 1], tolerance=2e-5)
    model.rooms.condition[:] = 1.0
    model.rooms.own[:] = float(slots)
    used, wished = np.array([share_out(model, week) for week in range(weeks)]).T
    below = [math.exp(-groups) * sum(groups**k / math.factorial(k) for k in range(n + 1)) for n in range(slots)]
    yield mean("wishes a week", groups, wished)
    yield mean("slots used a week", sum(1.0 - share for share in below), used)
