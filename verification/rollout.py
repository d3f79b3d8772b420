"""Policies that spread, mature and are replaced, and what pilots show of them (checks L1 to L6)."""

import math
from collections.abc import Iterator
from statistics import NormalDist
from typing import Any

import numpy as np

from ..agents import Committees
from ..agents.adopting import OFFERED, matured, maturing_weeks, posterior_mean, posterior_variance, posterior_weight
from ..agents.columns import allocate
from ..agents.rates import WEEKS_A_MONTH
from ..experiments.estimators import before_after, difference_in_differences, stepped_wedge
from ..model import levers, parameters
from ..model.community_model import CommunityModel
from ..model.district import Archetype, CommunitySpec, DistrictSpec, PolicyPath
from ..model.flows import Flows
from ..model.levers import Setting
from ..model.processes.policies import age_all, consider_all, learn_all
from ..model.schedule import PROCESSES
from ..model.structure import Communities
from ..scenarios.selection import Order, measured, ranked
from .check import CheckError, Row, check, close, mean, printed, random, share

LIVES = {26.0: 0.5, 52.0: 0.666667, 104.0: 0.8}  # mean maturity with exponential lives, tau = 26 weeks
FIXED = {52.0: 0.567668, 104.0: 0.754579}  # with lives of fixed length
WEEKLY = 0.658037  # in steps of a week, lives of 52 on average
INTENSITY = {0.5: 0.797885, 0.2: 1.399810, 0.1: 1.754983}  # mean of the best share of normal scores
RELAXATIONS = 8  # times over which a start without any policy is forgotten
BEGINNING, ROLLED_OUT = 1, 2  # periods of a pilot study; 0 is before


def must(holds: bool, allowed: str) -> None:
    """Raise CheckError with what is allowed unless it holds."""
    if not holds:
        message = f"there is no closed form here: give {allowed}"
        raise CheckError(message)


def towns(n: int, seed: int) -> tuple[Communities, Committees]:
    """Return ``n`` communities with a committee each and nothing else."""
    communities, committees = allocate(Communities, n), allocate(Committees, n)
    communities.seed[:] = seed
    committees.id[:] = np.arange(n)
    return communities, committees


def same_for_all(n: int, **changes: float) -> Any:
    """Return the parameters of ``n`` communities, default but for ``changes``."""
    table = np.repeat(parameters.table([parameters.defaults() | changes]), n)
    table.flags.writeable = False
    return table


@check("L1", "adoption at a constant hazard")
def adoption(chance: float = 0.1, periods: int = 10, n: int = 10_000, seed: int = 1) -> Iterator[Row]:
    """``n`` committees free to join, each with the ``chance`` to do so in a week: F(t) = 1 - (1 - chance)^t."""
    must(0.0 < chance < 0.5 and periods > 0, "0 < chance < 0.5 and periods > 0")
    median = math.log(0.5) / math.log(1.0 - chance)
    expected = 1.0 - (1.0 - chance) ** periods
    if (chance, periods) == (0.1, 10):
        yield printed("F(10) (published)", 0.651322, expected)
        yield printed("median (published)", 6.5788, median, digits=4)
    communities, committees = towns(n, seed)
    committees.offered[:] = OFFERED
    table = same_for_all(n, adoption_base=-math.log(1.0 - chance), adoption_belief=0.0)
    last = math.ceil(median)
    joined = np.zeros(max(periods, last) + 1)
    for week in range(1, len(joined)):
        consider_all(week, communities, committees, table)
        joined[week] = committees.in_place.mean()
    yield share("F at the end", expected, n * joined[periods], n)
    # Survival falls by the same share every week, so its logarithm is a line between weeks.
    left = np.log(1.0 - joined[last - 1 : last + 1])
    got = last - 1 + (math.log(0.5) - left[0]) / (left[1] - left[0])
    error = math.sqrt(1.0 / n) / -math.log(1.0 - chance)
    yield random("median", median, got, error, precision=0.02)


@check(
    "L2",
    "maturity under churn",
    cases=[{"life": 52.0, "steps": 1, "weeks": 600}, *({"life": life} for life in LIVES)],
)
def churn(
    tau: float = 26.0,
    life: float = 52.0,
    carry: float = 0.0,
    steps: int = 20,
    weeks: int = 60,
    n: int = 4_000,
    seed: int = 2,
) -> Iterator[Row]:
    """``n`` policies mature as 1 - e^(-age/tau) and are replaced after ``life`` weeks on average: 1/(1 + tau/life).

    In ``steps`` steps a week. With the share ``carry`` of the maturity carried over, tau counts (1 - carry) times.
    """
    must(tau > 0.0 and life * steps > 1.0 and 0.0 <= carry < 1.0, "tau > 0, life x steps > 1 and 0 <= carry < 1")
    limit = 1.0 / (1.0 + tau * (1.0 - carry) / life)
    stop, gain = 1.0 / (life * steps), 1.0 - math.exp(-1.0 / (tau * steps))
    stepwise = (1.0 - stop) * gain / (1.0 - stop * carry - (1.0 - stop) * (1.0 - gain))
    published = (tau, carry) == (26.0, 0.0)
    if published and life in LIVES and steps > 1:
        yield printed("exponential lives (published)", LIVES[life], limit)
    if published and (life, steps) == (52.0, 1):
        yield printed("in steps of a week (published)", WEEKLY, stepwise)
    yield mean("mean maturity", limit if steps >= 20 else stepwise, _maturity(tau, life, carry, steps, weeks, n, seed))
    if carry == 0.0:
        fixed = 1.0 - tau / life * (1.0 - math.exp(-life / tau))
        if published and life in FIXED:
            yield printed("fixed lives (published)", FIXED[life], fixed)
        yield close("fixed lives", fixed, _fixed_life(tau, life, steps), tolerance=1.0 / (tau * steps) ** 2)


def _maturity(tau: float, life: float, carry: float, steps: int, weeks: int, n: int, seed: int) -> Any:
    """Mean maturity of each of ``n`` policies over ``weeks`` weeks, long after they began."""
    communities, committees = towns(n, seed)
    committees.in_place[:] = 1
    flows, alone = allocate(Flows, n), np.ones(n)
    hazard = -math.log(1.0 - 1.0 / (life * steps))
    table = same_for_all(n, maturity_weeks=tau * steps, policy_churn=hazard, carry_over=carry)
    forgotten = round(RELAXATIONS * steps / (1.0 / tau + (1.0 - carry) / life))
    total = np.zeros(n)
    for step in range(forgotten + weeks * steps):
        age_all(step, communities, committees, flows, alone, table)
        if step >= forgotten:
            total += committees.maturity
    return total / (weeks * steps)


def _fixed_life(tau: float, life: float, steps: int) -> float:
    """Mean maturity over one life, by the trapezoid rule."""
    values = [0.0]
    for _ in range(round(life * steps)):
        values.append(matured(values[-1], tau * steps))
    return float(np.trapezoid(values) / (len(values) - 1))


@check("L3", "sites chosen for what they promise", cases=[{"best": best} for best in INTENSITY])
def selection(
    best: float = 0.2, tau: float = 1.0, beta: float = 1.0, reliability: float = 0.6, n: int = 100_000, seed: int = 3
) -> Iterator[Row]:
    """The ``best`` share of ``n`` normal scores x is chosen, effects are tau + beta x: seen is tau + beta phi(z)/best.

    Chosen on a survey of the given ``reliability`` and left alone, they fall by (1 - reliability) phi(z)/best.
    """
    must(0.0 < best < 1.0 and 0.0 < reliability <= 1.0, "0 < best < 1 and 0 < reliability <= 1")
    normal = NormalDist()
    intensity = normal.pdf(normal.inv_cdf(1.0 - best)) / best
    if best in INTENSITY:
        yield printed("phi(z)/best (published)", INTENSITY[best], intensity)
    rng = np.random.default_rng(seed)
    x, lots, count = rng.standard_normal(n), list(rng.random(n)), round(best * n)
    orders: tuple[tuple[Order, float], ...] = (("best_first", 1.0), ("worst_first", -1.0), ("random", 0.0))
    for order, sign in orders:
        chosen = np.zeros(n)
        chosen[ranked(x, lots, order)[:count]] = 1.0
        panel = np.stack([np.zeros(n), chosen * (tau + beta * x)])
        got = difference_in_differences(panel, chosen, slice(0, 1), slice(1, 2))
        error = beta * x[chosen > 0].std() / math.sqrt(count)
        yield random(f"effect seen, {order}", tau + sign * beta * intensity, got, error, precision=0.02)
    if (best, reliability) == (0.2, 0.6):
        yield printed("regression to the mean (published)", 0.559924, (1.0 - reliability) * intensity)
    true = math.sqrt(reliability) * x
    first, second = (measured(true, reliability, list(rng.random(n))) for _ in range(2))
    picked = ranked(first, lots, "cherry_picked")[:count]
    yield mean("regression to the mean", (1.0 - reliability) * intensity, (first - second)[picked], precision=0.02)


@check("L4", "estimators on a record without noise")
def estimators(
    level: float = 10.0,
    trend: float = 0.1,
    effect: float = 2.0,
    apart: float = 0.5,
    communities: int = 8,
    gap: int = 20,
) -> Iterator[Row]:
    """Outcome ``level`` + ``trend`` t + ``effect`` D + ``apart`` c; half of the communities enter ``gap`` weeks early.

    Difference in differences and stepped wedge give the effect exactly, before against after adds trend x gap.
    """
    must(communities >= 2 and gap >= 1, "at least 2 communities and a gap of 1")
    half = np.arange(communities) < communities // 2
    weeks = np.arange(3 * gap)[:, None]
    in_place = weeks >= np.where(half, gap, 2 * gap)[None, :]
    outcome = level + trend * weeks + effect * in_place + apart * np.arange(communities)[None, :]
    before, after = slice(0, gap), slice(gap, 2 * gap)
    size = 1e-12 * (abs(level) + abs(trend) * 3 * gap + abs(effect) + abs(apart) * communities)
    for name, expected, got in (
        ("difference in differences", effect, difference_in_differences(outcome, half, before, after)),
        ("stepped wedge", effect, stepped_wedge(outcome, in_place)),
        ("before and after", effect + trend * gap, before_after(outcome, half, before, after)),
    ):
        yield close(name, expected, got, tolerance=size)


@check("L5", "learning from others and by doing")
def learning_from_sites(
    sites: int = 5,
    noise: float = 4.0,
    spread: float = 1.0,
    gain: float = 0.3,
    inflation: float = 1.5,
    ratio: float = 0.8,
    doublings: int = 3,
) -> Iterator[Row]:
    """Weight n/(n + s^2/t^2) of ``sites`` results of variance ``noise`` against a prior of mean 0, variance ``spread``.

    Results seen one by one teach as much as all at once. Learning curve: effort ratio^doublings, exponent log2 ratio.
    """
    allowed = "sites > 0, noise > 0, spread > 0, inflation > 0 and 0 < ratio <= 1"
    must(sites > 0 and noise > 0 and spread > 0 and inflation > 0 and 0 < ratio <= 1 and doublings > 0, allowed)
    weight = sites / (sites + noise / spread)
    if (sites, noise, spread) == (5, 4.0, 1.0):
        yield printed("weight (published)", 0.555556, weight)
    yield close("weight", weight, posterior_weight(sites, noise, spread), tolerance=1e-12)
    belief, variance = 0.0, spread
    for _ in range(sites):
        one = posterior_weight(1.0, noise, variance)
        belief, variance = posterior_mean(belief, gain, one), posterior_variance(variance, one)
    yield close("belief, one by one", weight * gain, belief, tolerance=1e-12)
    yield close("variance, one by one", 1.0 / (1.0 / spread + sites / noise), variance, tolerance=1e-12 * spread)
    for discount in (0.0, 1.0):
        communities, committees = towns(1, 1)
        committees.evidence[:], committees.evidence_sites[:] = gain, sites
        committees.evidence_inflation[:] = inflation
        beliefs = {"belief_spread": math.sqrt(spread), "evidence_spread": math.sqrt(noise)}
        learn_all(0, communities, committees, same_for_all(1, selection_discount=discount, **beliefs))
        expected = weight * gain / (inflation if discount else 1.0)
        yield close(
            f"belief of a committee, discount {discount:g}", expected, float(committees.belief[0]), tolerance=1e-6
        )
    exponent = math.log2(maturing_weeks(1.0, 2.0, ratio))
    if ratio == 0.8:
        yield printed("exponent (published)", -0.321928, exponent)
    got = maturing_weeks(1.0, 2.0**doublings, ratio)
    if (ratio, doublings) == (0.8, 3):
        yield printed("effort after 8 (published)", 0.512, got, digits=3)
    yield close("effort", ratio**doublings, got, tolerance=1e-9)


# --- pilots in the model ----------------------------------------------------------------------------------------------


@check("L6", "pilots and rollout", cases=[{}, {"boost": 0.3}, {"gain": 0.5, "best": 1}])
def pilots(
    boost: float = 0.0,
    gain: float = 0.0,
    best: int = 0,
    dose: float = 2.5,
    communities: int = 900,
    weeks: int = 60,
    seed: int = 6,
) -> Iterator[Row]:
    """A model whose committees are to hold ``dose`` council meetings a month more: pilots first, then all the others.

    Without extra effort (``boost``) and with pilots by lot the pilot estimate is that of the rollout; with it the
    rollout brings estimate/(1 + boost). If readiness counts (``gain``) and the ``best`` go first, pilots show more.
    """
    spec = levers.find("council_meetings")
    must(boost >= 0 and gain >= 0 and dose > 0, "boost >= 0, gain >= 0 and dose > 0")
    rng = np.random.default_rng(seed)
    ready = np.clip(rng.normal(0.5, 0.15, communities), 0.0, 1.0)
    strongest = (1.0 + boost) * (1.0 + gain * (ready.max() - 0.5))
    must(spec.rest + dose * strongest <= spec.high, f"a dose below {(spec.high - spec.rest) / strongest:.3g}")
    order = ranked(ready, list(rng.random(communities)), "best_first" if best else "random")
    pilot = np.zeros(communities, np.bool_)
    pilot[order[: communities // 3]] = True
    meetings = _study(pilot, ready, dose, {"pilot_boost": boost, "readiness_gain": gain}, weeks, seed)
    periods = [slice(k * weeks, (k + 1) * weeks) for k in range(3)]
    effect = dose / WEEKS_A_MONTH
    seen = difference_in_differences(meetings, pilot, periods[0], periods[BEGINNING])
    brought = before_after(meetings, ~pilot, periods[BEGINNING], periods[ROLLED_OUT])
    change = meetings[periods[BEGINNING]].mean(axis=0) - meetings[periods[0]].mean(axis=0)
    later = (meetings[periods[ROLLED_OUT]].mean(axis=0) - meetings[periods[BEGINNING]].mean(axis=0))[~pilot]
    error = math.hypot(_error(change[pilot]), _error(change[~pilot]))
    suits = [1.0 + gain * (float(ready[group].mean()) - 0.5) for group in (pilot, ~pilot)]
    yield random("pilot estimate", (1.0 + boost) * suits[0] * effect, seen, error)
    yield random("effect of the rollout", suits[1] * effect, brought, _error(later))
    told = math.hypot(error / (1.0 + boost), _error(later)) / brought
    left = seen / (1.0 + boost) / brought
    yield random("estimate/(1 + boost), over rollout", suits[0] / suits[1], left, told, precision=0.02)


def _error(values: Any) -> float:
    return float(values.std(ddof=1)) / math.sqrt(len(values))


def _study(pilot: Any, ready: Any, dose: float, changes: dict[str, float], weeks: int, seed: int) -> Any:
    """Council meetings by week and community: none has the policy, then the pilots, then all."""
    n = len(pilot)
    rest = levers.find("council_meetings").rest
    paths = [
        PolicyPath(weeks if chosen else 2 * weeks, 2 * weeks if chosen else None, (), float(score))
        for chosen, score in zip(pilot, ready, strict=True)
    ]
    model = CommunityModel(
        DistrictSpec(tuple(CommunitySpec(c, Archetype.MIXED, 1) for c in range(n))),
        seed=seed,
        settings=[Setting(0, c, "council_meetings", rest + dose, rest) for c in range(n)],
        paths=paths,
        parameter_values=parameters.defaults() | changes | {"warmup_weeks": 1},
        off=set(PROCESSES) - {"policies", "participation"},
    )
    model.run(until=-1)
    record = np.zeros((3 * weeks, n))
    for week in range(3 * weeks):
        model.step()
        record[week] = model.committees.meetings
    return record
