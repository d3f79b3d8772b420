"""Collective projects: what a vote needs, what neighbours share, who gains from a lift, how long it takes (C)."""

import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import integrate, stats  # pyright: ignore[reportMissingTypeStubs]

from ..agents.consenting import ProjectState
from .check import Row, check, close, exact, mean, printed, require, share
from .stairwells import stairwells

INTEGRATE, STATS = cast("Any", integrate), cast("Any", stats)
DWELLINGS = 120_000  # of one poll at most, to bound memory: more votes take more polls
CERTAIN = 60.0  # logit of a chance of 1
RULES = {1: "half", 2: "three quarters", 3: "three quarters, no objection below", 4: "unanimity"}


def poll(homes: int, votes: int, prepare: Callable[[Any], None] = lambda _: None, **changes: Any) -> tuple[int, int]:
    """Votes carried and held in stairwells of ``homes`` that ``prepare`` may change."""
    count = min(votes, max(1, DWELLINGS // homes))
    town = stairwells(homes, count, **changes)
    prepare(town)
    polls = -(-votes // count)
    return town.carried(polls), count * polls


# --- by persons and by floor area ------------------------------------------------------------------------------------


def carries_by_law(rule: int, voting: int, yes: int, total: int) -> bool:
    """One count under art. 278, in whole numbers: quorum of two thirds, then the majority of ``rule``."""
    if 3 * voting < 2 * total or voting == 0:
        return False
    return {1: 2 * yes > voting, 2: 4 * yes >= 3 * voting, 3: 4 * yes >= 3 * voting, 4: yes == voting}[rule]


@cache
def outcomes(owners: int, p: float, turnout: float) -> tuple[tuple[int, int, float], ...]:
    """Voting, yes and their probability among ``owners`` who come with ``turnout`` and agree with ``p``."""
    return tuple(
        (voting, yes, float(STATS.binom.pmf(voting, owners, turnout) * STATS.binom.pmf(yes, voting, p)))
        for voting in range(owners + 1)
        for yes in range(voting + 1)
    )


def chance_to_carry(rule: int, p: float, turnout: float, owners: int, low: int, ratio: int) -> float:
    """Chance to carry, summed over all outcomes of ``low`` owners with ``ratio`` times the area, and of the others."""
    total = 0.0
    for voting, yes, weight in outcomes(low, p, turnout):
        for others, others_yes, other_weight in outcomes(owners - low, p, turnout):
            persons = carries_by_law(rule, voting + others, yes + others_yes, owners)
            area = carries_by_law(rule, ratio * voting + others, ratio * yes + others_yes, ratio * low + owners - low)
            if persons and area and (rule != 3 or yes == voting):
                total += weight * other_weight
    return total


VOTES = {(2, 0.8, 1.0, 0): 0.794569, (4, 0.8, 1.0, 0): 0.068719, (3, 0.8, 1.0, 4): 0.386547, (2, 0.8, 0.8, 4): 0.565898}


@check(
    "C1",
    "Votes on a project by persons and floor area",
    cases=[
        *({"rule": rule, "p": p, "turnout": turnout, "low": low} for rule, p, turnout, low in VOTES),
        {"rule": 1, "p": 0.6, "turnout": 0.7, "low": 6, "ratio": 3},
    ],
)
def project_vote(
    rule: int = 2,
    p: float = 0.8,
    turnout: float = 1.0,
    low: int = 4,
    ratio: int = 2,
    owners: int = 12,
    votes: int = 150_000,
) -> Iterator[Row]:
    """``owners`` are reached with ``turnout`` and agree with ``p``; ``low`` of them, on floors that a lift harms, hold
    ``ratio`` times the area. Expected: the sum over all outcomes of article 278 in whole numbers.

    ``rule`` 1 more than half, 2 three quarters, 3 three quarters and no objection below, 4 unanimity of those voting.
    """
    require(rule in RULES, f"rule: {RULES}")
    require(0.0 < p < 1.0 and 0.0 < turnout <= 1.0, "0 < p < 1 and 0 < turnout <= 1")
    require(0 <= low <= owners <= 24 and 1 <= ratio <= 10, "0 <= low <= owners <= 24 and ratio 1 to 10")
    expected = chance_to_carry(rule, p, turnout, owners, low, ratio)
    if (owners, ratio) == (12, 2) and (rule, p, turnout, low) in VOTES:
        yield printed("share carried (published)", VOTES[rule, p, turnout, low], expected)

    def prepare(town: Any) -> None:
        below = np.arange(len(town.ballots.floor)) % owners < low
        town.ballots.floor[below] = 1
        town.people.households.area[below] *= ratio

    logit = math.log(p / (1.0 - p))
    carried, n = poll(
        owners, votes, prepare, levers={"consent_rule": rule}, consent_intercept=logit, owner_turnout=turnout
    )
    yield share("share carried", expected, carried, n)


# --- what neighbours share -------------------------------------------------------------------------------------------


def with_common_mood(carries: Callable[[float], float], logit: float, spread: float) -> float:
    """Mean of ``carries`` (of the chance to agree) over a normal mood: the numerical integral."""

    def weighted(z: float) -> float:
        return math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) * carries(1.0 / (1.0 + math.exp(-logit - spread * z)))

    return float(INTEGRATE.quad(weighted, -8.0, 8.0, epsabs=1e-12, limit=200)[0])


MOODS = {(4, 0.0): 0.068719, (4, 0.7): 0.118194, (4, 1.5): 0.205474, (2, 0.7): 0.706567, (2, 1.5): 0.621967}


@check(
    "C2",
    "Neighbours who share a mood",
    cases=[{"rule": rule, "spread": spread} for rule, spread in MOODS],
)
def common_mood(
    rule: int = 4, spread: float = 0.7, middle: float = 0.8, owners: int = 12, votes: int = 150_000
) -> Iterator[Row]:
    """All vote; each agrees with L(logit ``middle`` + ``spread`` z), z standard normal and the same for the stairwell.

    Expected: the binomial tail integrated over z. A ``spread`` of 0 makes owners independent (P11).
    """
    require(rule in (1, 2, 4), "rule: 1 more than half, 2 three quarters, 4 unanimity")
    require(0.0 < middle < 1.0 and 0.0 <= spread <= 5.0 and 1 <= owners <= 500, "0 < middle < 1, spread 0 to 5")
    needed = {1: owners // 2 + 1, 2: -(-3 * owners // 4), 4: owners}[rule]
    logit = math.log(middle / (1.0 - middle))
    expected = with_common_mood(lambda p: float(STATS.binom.sf(needed - 1, owners, p)), logit, spread)
    if (middle, owners) == (0.8, 12) and (rule, spread) in MOODS:
        yield printed("share carried (published)", MOODS[rule, spread], expected)
    flat: dict[str, Any] = {"consent_intercept": logit, "consent_shared": spread}
    carried, n = poll(owners, votes, levers={"consent_rule": rule}, **flat)
    yield share("share carried", expected, carried, n)


# --- a lift ----------------------------------------------------------------------------------------------------------


def sum_of_trials(chances: list[float]) -> NDArray[np.float64]:
    """Probabilities of 0, 1, ... successes of independent trials with unequal ``chances``."""
    law = np.ones(1)
    for p in chances:
        law = np.convolve(law, [1.0 - p, p])
    return law


NET = {0.0: (-40_000, -20_000, -18_000, 14_000, 46_000, 78_000), 0.8: (-8_000, -4_000, -3_600, 7_670, 25_200, 42_730)}


@check("C3", "Who gains from a lift, and who pays", cases=[{"rate": rate} for rate in NET])
def lift(
    rate: float = 0.0,
    floors: int = 6,
    worth: float = 50_000.0,
    loss: float = 20_000.0,
    cost: float = 50_000.0,
    subsidy: float = 0.4,
    effect: float = 0.25,
    votes: int = 150_000,
) -> Iterator[Row]:
    """Two flats a floor; nothing to gain on the third, ``worth`` a floor above, ``loss`` a floor below; floors from the
    third on pay in proportion to their height above the second; losers get the share ``rate`` of their loss.

    Net gains by floor, whose sum no compensation changes; and the chance of three quarters in a vote where 10,000 CNY
    move ``effect`` logits from a chance of three quarters: unequal trials, convolved.
    """
    require(4 <= floors <= 12 and 0.0 <= rate <= 1.0 and 0.0 <= subsidy < 1.0, "4 to 12 floors, shares in [0, 1]")
    require(min(worth, loss, cost) > 0.0 and 0.0 <= effect <= 1.0, "money is positive, 0 <= effect <= 1")
    bill = cost * 2 * floors * (1.0 - subsidy)
    heights = [max(0, floor - 2) for floor in range(1, floors + 1)]
    before = [
        (worth if floor > 3 else loss) * (floor - 3) - bill * height / (2 * sum(heights))
        for floor, height in enumerate(heights, start=1)
    ]
    gains, losses = sum(max(g, 0.0) for g in before), sum(max(-g, 0.0) for g in before)
    paid = min(rate, gains / losses)
    net = [g * (1.0 - paid) if g < 0.0 else g * (1.0 - paid * losses / gains) for g in before]
    if (floors, worth, loss, cost, subsidy) == (6, 50_000.0, 20_000.0, 50_000.0, 0.4) and rate in NET:
        for floor, published in enumerate(NET[rate], start=1):
            yield printed(f"net gain on floor {floor} (published)", published, net[floor - 1], digits=0)
    values: dict[str, Any] = {
        "lift_floor_worth": worth,
        "lift_floor_loss": loss,
        "project_cost_lift": cost,
        "project_state_lift": subsidy,
        "deliberation_compensation": rate,
        "consent_gain": effect,
        "consent_intercept": math.log(3.0),
    }
    levers = {"project_deliberation": 1.0, "consent_rule": 2}
    homes = 2 * floors
    town = stairwells(homes, max(1, min(votes, DWELLINGS // homes)), levers, **values)
    town.ballots.floor[:] = 1 + np.arange(len(town.ballots.floor)) % homes // 2
    polls = -(-votes // len(town.projects.id))
    carried = town.carried(polls)
    for floor in range(1, floors + 1):
        got = float(town.ballots.gain[2 * floor - 2])
        yield close(f"net gain on floor {floor}", net[floor - 1], got, tolerance=0.05)
    yield close("sum of net gains", sum(before), float(town.ballots.gain[:homes:2].sum(dtype=float)), tolerance=0.1)
    owed = int(town.ballots.due[:homes].sum())
    yield exact("shares add up to what owners owe, fen", owed, int(town.projects.owed[0]))
    yield close("owners' part, CNY", bill, owed / 100.0, tolerance=homes / 100.0)
    chances = [1.0 / (1.0 + math.exp(-effect * g / 10_000.0) / 3.0) for g in net for _ in range(2)]
    expected = float(sum_of_trials(chances)[-(-3 * homes // 4) :].sum())
    yield share("share carried", expected, carried, polls * len(town.projects.id))


# --- time ------------------------------------------------------------------------------------------------------------


@check(
    "C4",
    "Time from proposal to works",
    cases=[{}, {"deliberation": 1.0}, {"talks": 10.0, "funding": 10.0}],
)
def time_to_works(
    talks: float = 26.0, funding: float = 20.0, speed: float = 1.0, deliberation: float = 0.0, n: int = 20_000
) -> Iterator[Row]:
    """Talks end with the hazard (1 + ``speed`` ``deliberation``)/``talks`` a week, the collection with 1/``funding``;
    everybody agrees and pays. The time is a sum of two geometric ones: mean 1/p1 + 1/p2, median by convolution.
    """
    require(min(talks, funding) >= 1.0 and max(talks, funding) <= 200.0, "stages of 1 to 200 weeks")
    require(speed >= 0.0 and 0.0 <= deliberation <= 1.0 and 100 <= n <= 50_000, "speed >= 0, 0 <= deliberation <= 1")
    first = 1.0 - math.exp(-(1.0 + speed * deliberation) / talks)
    second = 1.0 - math.exp(-1.0 / funding)
    weeks = int(40 * (1.0 / first + 1.0 / second))
    steps = np.arange(1, weeks)
    law = np.convolve(STATS.geom.pmf(steps, first), STATS.geom.pmf(steps, second))[: weeks - 1]
    until = 2 + int(np.searchsorted(np.cumsum(law), 0.5))  # the shortest time is two weeks
    below = float(np.cumsum(law)[until - 2])
    values: dict[str, Any] = {"talk_weeks": talks, "funding_weeks": funding, "talk_speed": speed}
    town = stairwells(2, n, {"project_deliberation": deliberation}, consent_intercept=CERTAIN, **values)
    town.ballots.floor[:] = 4
    begun = np.zeros(n)
    while (begun == 0).any() and town.week < weeks:
        town.step()
        begun[(begun == 0) & (town.projects.state == ProjectState.WORKS)] = town.week
    require(bool(begun.all()), "give more weeks")
    yield mean("weeks from proposal to works", 1.0 / first + 1.0 / second, begun)
    yield share(f"begun within the median of {until} weeks", below, int((begun <= until).sum()), n)
