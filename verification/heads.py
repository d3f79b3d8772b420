"""Heads of units: leaving, empty offices, burnout, skill (checks H1 to H3, H5)."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..agents.rates import WEEKS_A_YEAR
from ..agents.rules import probability
from ..agents.serving import burnout_after, exit_hazard
from .check import Row, at_least_one, check, close, exact, printed, random, require, share
from .offices import YEAR, filled, hazard_of, office, row_of, run, weekly_hazard

WEEKLY = {0.2: 0.00428203, 0.3: 0.00683566, 0.1: 0.00202411}  # yearly attrition: chance to leave in a week
SURVIVAL = {52: 0.8, 104: 0.64, 260: 0.32768}  # at 20 % a year
PRECISE = 5e-7  # float32 columns near 1


@check("H1", "yearly attrition as a weekly chance", cases=[{}, {"exit": 0.3, "n": 60_000}, {"exit": 0.1, "n": 60_000}])
def attrition(exit: float = 0.2, n: int = 100_000, seed: int = 77) -> Iterator[Row]:
    """A share ``exit`` of ``n`` heads leaves a year: chance 1 - (1 - exit)^(1/52) a week, whatever their state."""
    require(0.0 < exit < 1.0, "give a yearly share of exits between 0 and 1")
    at_least_one(n=n)
    hazard, chance = weekly_hazard(exit), 1.0 - (1.0 - exit) ** (1.0 / YEAR)
    if exit in WEEKLY:
        yield printed("weekly chance (published)", WEEKLY[exit], chance, digits=8)
    if exit == 0.2:
        yield printed("weekly hazard (published)", 0.00429122, hazard, digits=8)
        yield printed("mean tenure in weeks (published)", 233.03, 1.0 / hazard, digits=2)
        yield printed("mean tenure in whole weeks (published)", 233.53, 1.0 / chance, digits=2)
    got = exit_hazard(1.0, 0.9, 0.9, 900.0, 0.9, 0.9, row_of({"exit_rate": hazard}))
    yield close("weekly hazard", hazard, got, tolerance=1e-12)
    yield close("weekly chance", chance, probability(got), tolerance=1e-9 * chance)
    o = office(n, {"exit_rate": hazard}, seed=seed)
    for until, published in SURVIVAL.items():
        expected = (1.0 - exit) ** (until / YEAR)
        if exit == 0.2:
            yield printed(f"in office after {until} weeks (published)", published, expected)
        run(o, until - o.week, recruit=False)
        yield share(f"in office after {until} weeks", expected, n * filled(o), n)


@check("H2", "share of offices filled")
def offices_filled(
    exit: float = 0.2,
    refill: float = 1 / 6,
    units: int = 50,
    communities: int = 2500,
    rounds: int = 8,
    seed: int = 77,
) -> Iterator[Row]:
    """Heads leave at ``exit`` a year, an empty office is filled with the chance ``refill`` a week from the next week.

    Filled: refill / (refill + weekly exit); vacancies of ``units`` units are binomial. Counted in ``rounds`` weeks ten
    apart, whose correlation (1 - refill - weekly exit)^10 enters the standard error.
    """
    require(0.0 < exit < 1.0 and 0.0 < refill < 1.0, "give a yearly share of exits and a chance between 0 and 1")
    at_least_one(communities=communities, rounds=rounds)
    require(units >= 2, "give communities of 2 units or more")
    leaving = 1.0 - (1.0 - exit) ** (1.0 / YEAR)
    empty = leaving / (refill + leaving)
    if (exit, refill) == (0.2, 1 / 6):
        yield printed("filled, in continuous time (published)", 0.974899, refill / (refill + weekly_hazard(exit)))
        yield printed("filled, week by week (published)", 0.974951, 1.0 - empty)
    changes = {"exit_rate": weekly_hazard(exit), "candidate_rate": hazard_of(refill)}
    o = office(units, changes, communities=communities, seed=seed)
    run(o, math.ceil(math.log(1e-4) / math.log(max(abs(1.0 - refill - leaving), 1e-9))))
    shares: list[float] = []
    for _ in range(rounds):
        run(o, 10)
        shares.append(1.0 - filled(o))
    again = (1.0 - refill - leaving) ** 10
    offices = units * communities
    error = math.sqrt(empty * (1.0 - empty) / (offices * rounds) * (1.0 + again) / (1.0 - again))
    yield random("empty", empty, float(np.mean(shares)), error)
    vacancies = (o.units.head < 0).reshape(communities, units).sum(axis=1)
    variance = units * empty * (1.0 - empty)
    fourth = variance * (1.0 + 3.0 * variance * (1.0 - 2.0 / units))  # fourth central moment of the binomial, nearly
    error = math.sqrt((fourth - variance**2) / communities)
    yield random("variance of vacancies by community", variance, vacancies.var(), error, precision=0.05)


@check("H3", "linear burnout")
def burnout(gain: float = 0.05, overload: float = 0.6, recovery: float = 0.1, weeks: int = 200) -> Iterator[Row]:
    """A head with ``overload`` gains ``gain`` overload a week and loses the share ``recovery``.

    Rest at gain overload / recovery, approached by the factor 1 - recovery a week.
    """
    require(0.0 < recovery < 1.0 and gain > 0.0 and overload > 0.0, "give a recovery between 0 and 1, the rest above 0")
    at_least_one(weeks=weeks)
    rest, half = gain * overload / recovery, math.log(0.5) / math.log(1.0 - recovery)
    require(rest <= 1.0, f"burnout would rest at {rest:g}, but it is a share: give less gain or more recovery")
    if (gain, overload, recovery) == (0.05, 0.6, 0.1):
        yield printed("rest (published)", 0.3, rest)
        yield printed("half-life in weeks (published)", 6.5788, half, digits=4)
    changes = {"burnout_gain": gain, "burnout_recovery": recovery, "burnout_saturation": 0.0}
    hours = 4.0 * (1.0 + overload) / 8.0  # eight duties for a capacity of 4 h
    o = office(1, changes | {"head_duty_hours": hours}, {"head_duties": 8.0})
    path = np.zeros(weeks + 1)
    for week in range(weeks):
        run(o)
        path[week + 1] = o.units.burnout[0]
    yield close("overload", overload, float(o.units.overload[0]), tolerance=PRECISE * (1.0 + overload))
    exact_path = rest * (1.0 - (1.0 - recovery) ** np.arange(weeks + 1))
    yield close("largest distance from the path", 0.0, float(np.abs(path - exact_path).max()), tolerance=1e-6)
    rule = burnout_after(rest, overload, 0.0, 0.0, 0.0, row_of(changes))
    yield close("rest", rest, rule, tolerance=1e-12)
    step = min(max(1, round(half)), weeks)
    got = step * math.log(0.5) / math.log((rest - path[step]) / rest)
    yield close("half-life in weeks", half, got, tolerance=1e-3 * half)


@check("H5", "skill under regular training")
def training(
    every: int = 26, gain: float = 0.3, forgetting: float = 0.005, units: int = 40, seed: int = 77
) -> Iterator[Row]:
    """A training ``every`` weeks gives the share ``gain`` of what is missing; ``forgetting`` is lost a week.

    Just after: gain / (1 - (1 - gain)(1 - forgetting)^every); just before: (1 - forgetting)^every of it.
    """
    require(every >= 2, "give 2 weeks or more between trainings")
    require(0.0 < gain < 1.0 and 0.0 <= forgetting < 1.0, "give gain and forgetting between 0 and 1")
    at_least_one(units=units)
    kept = (1.0 - forgetting) ** every
    after = gain / (1.0 - (1.0 - gain) * kept)
    if (every, gain, forgetting) == (26, 0.3, 0.005):
        yield printed("skill just after (published)", 0.778142, after)
        yield printed("skill just before (published)", 0.683060, after * kept)
    o = office(
        units, {"skill_gain": gain, "skill_forgetting": forgetting}, {"head_trainings": WEEKS_A_YEAR / every}, seed=seed
    )
    o.units.phase[:] = (np.arange(units) + 0.5) / units
    run(o, every * math.ceil(math.log(1e-8) / math.log((1.0 - gain) * kept)))
    trained: list[Any] = []
    skill: list[Any] = []
    for _ in range(2 * every):
        run(o)
        trained.append(o.units.trainings.copy())
        skill.append(o.units.skill.astype(np.float64))
    events, values = np.array(trained), np.array(skill)
    yield exact("units without two trainings in twice the time", 0, (events.sum(axis=0) != 2).sum())
    before = values[:-1][events[1:] == 1] * (1.0 - forgetting)
    for name, expected, got in (("after", after, values[events == 1]), ("before", after * kept, before)):
        yield close(f"skill just {name}, lowest", expected, got.min(), tolerance=2e-6)
        yield close(f"skill just {name}, highest", expected, got.max(), tolerance=2e-6)
    last = np.array([np.flatnonzero(column)[-1] for column in events.T]) + o.week - 2 * every
    yield exact("units that remember another week of training", 0, (o.units.last_training != last).sum())
