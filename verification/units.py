"""Small common jobs and votes of a unit (checks P6, P11), through the rules and kernels of the model."""

import math
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # pyright: ignore[reportMissingTypeStubs]

from ..agents.taking_part import VOTE, carries, volunteer_probability
from ..agents.view import python_row
from ..model import parameters, unit_life
from .check import CheckError, Row, check, exact, mean, printed, share
from .crowd import Crowd, crowd

STATS = cast("Any", stats)

TASKS = 8  # jobs a unit can have in a week
HOUSEHOLDS = 200_000  # of a crowd at most, to bound memory: more jobs take more weeks

# --- small jobs -------------------------------------------------------------------------------------------------------


def finish(people: Crowd, week: int = 0) -> None:
    """Let the units do their small jobs of ``week``."""
    tables = people.communities, people.households, people.units, people.parameters
    unit_life.help_out(week, *tables)
    unit_life.count_units(*tables, people.flows)


def jobs(players: int, cost_ratio: float, tasks: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Jobs done (of eight) and volunteers by unit and week, for at least ``tasks`` jobs in units of ``players``."""
    rounds = -(-tasks // TASKS)
    units = min(rounds, max(1, HOUSEHOLDS // players))
    people = crowd(players * units, unit_households=players, task_cost_ratio=cost_ratio)
    done, volunteers = list[Any](), list[Any]()
    for week in range(-(-rounds // units)):
        people.units.small_tasks[:] = TASKS
        finish(people, week)
        done.append(people.units.tasks_done.astype(np.int64))
        helped: Any = np.bitwise_count(people.households.helped)
        volunteers.append(helped.reshape(units, players).sum(axis=1, dtype=np.int64))
    return np.concatenate(done), np.concatenate(volunteers)


def undone(done: NDArray[np.int64], expected: float) -> Row:
    """Row for the share of jobs that nobody does."""
    tasks = TASKS * len(done)
    return share("share undone", expected, tasks - float(done.sum()), tasks)


DILEMMA = {  # (players, c / b, team): P(one acts), P(nobody)
    (10, 0.2, 1): (0.163749, 0.167250),
    (12, 0.2, 1): (0.136112, 0.172778),
    (15, 0.2, 1): (0.108598, 0.178280),
    (12, 0.5, 1): (0.061069, 0.469465),
    (1200, 0.2, 1): (None, 0.199732),
    (10, 0.2, 12): (0.365506, 0.010575),
    (100, 0.2, 12): (None, 0.015991),
}
PAYOFF = {(10, 0.2, 12): 118.0, (120, 0.2, 1): 96.0}


@check(
    "P6",
    "Diekmann: the volunteer's dilemma",
    cases=[
        *({"players": players, "ratio": 0.2} for players in (10, 12, 15)),
        {"players": 12, "ratio": 0.5, "tasks": 32_000},
        {"players": 10, "ratio": 0.2, "team": 12, "tasks": 1_000_000},
        {"players": 120, "ratio": 0.2},
    ],
    study=[
        {"players": 1200, "ratio": 0.2, "tasks": 50_000},
        {"players": 100, "ratio": 0.2, "team": 12, "tasks": 700_000},
    ],
)
def volunteers_dilemma(players: int = 12, ratio: float = 0.2, team: int = 1, tasks: int = 80_000) -> Iterator[Row]:
    """``players`` units of ``team`` members each; a job costs the one who does it c = ``ratio``, all gain b = 1.

    One acts with 1 - (c / (s b))**(1 / (N - 1)), nobody with (c / (s b))**(N / (N - 1)); payoff N s b - N c.
    """
    if not (1 <= players <= HOUSEHOLDS and team >= 1 and 0.0 < ratio < team):
        message = f"give 1 to {HOUSEHOLDS} players and 0 < ratio < team: {players}, {ratio}, {team}"
        raise CheckError(message)
    cost = ratio / team
    acts = 1.0 - cost ** (1.0 / (players - 1)) if players > 1 else 1.0
    nobody = cost ** (players / (players - 1)) if players > 1 else 0.0
    payoff = float(players * (team - ratio))
    acts_published, nobody_published = DILEMMA.get((players, ratio, team), (None, None))
    if acts_published is not None:
        yield printed("P(one acts) (published)", acts_published, acts)
    if nobody_published is not None:
        yield printed("P(nobody) (published)", nobody_published, nobody)
    if (players, ratio, team) in PAYOFF:
        yield printed("payoff of all (published)", PAYOFF[players, ratio, team], payoff)
    yield printed("P(one acts)", acts, volunteer_probability(cost, float(players)))
    done, volunteers = jobs(players, cost, tasks)
    if nobody > 0.0:
        yield undone(done, nobody)
    yield mean("payoff of all", payoff, (players * team * done - ratio * volunteers) / TASKS)
    people = crowd(20 * players, unit_households=players, task_cost_ratio=cost)
    people.units.small_tasks[:] = TASKS
    people.units.organised[:] = people.units.on_duty[:] = 1
    people.units.head[:] = people.units.resident_start
    finish(people)
    yield exact("jobs done under working heads", 20 * TASKS, int(people.units.tasks_done.sum()))
    yield exact("volunteers under working heads", 0, int(people.households.helped.sum()))


# --- votes ------------------------------------------------------------------------------------------------------------


def poll(people: Crowd, weeks: int = 1) -> int:
    """Let the units vote for some weeks; returns the number of proposals adopted."""
    tables = people.communities, people.households
    for week in range(weeks):
        unit_life.cast_ballots(week, *tables, people.residents, people.units, people.parameters)
        unit_life.count_units(*tables, people.units, people.parameters, people.flows)
    return int(people.flows.proposals_adopted[0])


def adopted(matter: int, support: float, owners: int, votes: int, **changes: Any) -> tuple[int, int]:
    """Proposals adopted and voted on in units of ``owners`` that all vote, each for it with the chance ``support``."""
    units = min(votes, max(1, HOUSEHOLDS // owners))
    weeks = -(-votes // units)
    logit = math.log(support / (1.0 - support))
    flat: dict[str, Any] = {"support_community": 0.0, "support_trust": 0.0, "support_intercept": logit}
    people = crowd(owners * units, unit_households=owners, **flat, **changes)
    people.residents.acts[:] = VOTE
    people.units.proposal[:] = matter
    return poll(people, weeks), units * weeks


def yes_needed(matter: int, voting: int) -> int:
    """Votes in favour that article 278 asks of ``voting`` owners: more than half, three quarters, or all."""
    return {1: voting // 2 + 1, 2: -(-3 * voting // 4), 3: voting}[matter]


CONSENT = {(2, 0.7): 0.492516, (2, 0.8): 0.794569, (2, 0.9): 0.974363, (3, 0.8): 0.068719, (3, 0.9): 0.282430}


@check("P11", "Votes of owners", cases=[{"matter": matter, "p": p} for matter, p in CONSENT])
def consent(matter: int = 2, p: float = 0.8, owners: int = 12, votes: int = 150_000) -> Iterator[Row]:
    """``owners`` all vote, each in favour with the chance ``p``; ``matter`` 1 ordinary, 2 special, 3 unanimous.

    Expected: binomial tails; and the smallest share of all owners that carries a matter at a quorum of two thirds.
    """
    if matter not in (1, 2, 3) or not 0.0 < p < 1.0 or not 1 <= owners <= 500:
        message = f"give matter 1, 2 or 3, 0 < p < 1, 1 to 500 owners; not {matter}, {p}, {owners}"
        raise CheckError(message)
    expected = float(STATS.binom.sf(yes_needed(matter, owners) - 1, owners, p))
    if owners == 12 and (matter, p) in CONSENT:
        yield printed("share adopted (published)", CONSENT[matter, p], expected)
    passed, n = adopted(matter, p, owners, votes)
    yield share("share adopted", expected, passed, n)
    row = python_row(parameters.table([parameters.defaults()])[0])
    quorum = -(-2 * owners // 3)
    carrying = [
        yes
        for voting in range(owners + 1)
        for yes in range(voting + 1)
        if carries(matter, float(voting), float(yes), float(owners), row)
    ]
    yield exact("fewest owners in favour who can carry it", yes_needed(matter, quorum), min(carrying))
