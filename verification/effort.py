"""Effort of committees and dealings of departments against closed forms (checks A1 to A7)."""

import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..agents import Committees
from ..agents.columns import allocate
from ..agents.committee import effort_share, gaming, reports_taken_up, split_week, tournament_slope
from ..agents.rates import WEEKS_A_YEAR
from ..agents.subdistrict import channels, efforts_under, inflated, optimal_weights, reports_asked
from ..agents.view import python_row
from ..model import CommunityModel, levers, parameters
from ..model.casework import approvals
from ..model.district import small_district
from ..model.levers import LeverSchedule, Setting
from ..model.processes import effort
from ..model.structure import Communities
from .check import CheckError, Row, check, close, exact, mean, printed, share

TIGHT = 1e-9  # both sides are closed forms in double precision; rules' exp is good to 1e-10
CONTRACTS = {  # cross cost: weights and efforts at variances 0.25 and 1
    0.0: (0.8, 0.5, 0.8, 0.5),
    0.5: (0.615385, 0.461538, 0.512821, 0.205128),
    0.9: (0.478781, 0.446137, 0.406620, 0.080179),
    -0.5: (1.025641, 0.564103, 1.743590, 1.435897),
}
UNSEEN = {  # (cross cost, variance): weight
    (0.0, 0.25): 0.8,
    (0.25, 0.25): 0.607595,
    (0.5, 0.25): 0.421053,
    (0.9, 0.25): 0.095465,
    (1.0, 0.25): 0.0,
    (0.5, 0.5): 0.363636,
}
SPLITS = {(0.6, 0.0): 0.6, (0.6, 0.25): 0.631957, (0.6, 0.5): 0.692308, (0.6, 0.75): 0.835052, (0.8, 0.5): 0.941176}
DUPLICATES = {(10, 0.3): (0.971752, 3.0872), (5, 0.3): (0.831930, 1.8030)}
APPROVALS = {3: (1.8333, 3.0, 0.729), 5: (2.2833, 5.0, 0.59049), 8: (2.7179, 8.0, 0.430467)}
COMMITTEES, RESIDENTS = 400, 2000  # of the district in which reports are counted


def row_of(**changes: float) -> Any:
    """One community's parameters, with ``changes`` (not bound to their ranges: a check may go to the corner)."""
    return python_row(parameters.table([parameters.defaults() | changes])[0])


def lever_row(**changes: float) -> Any:
    """One community's levers at rest, with ``changes``."""
    return SimpleNamespace(**({name: lever.rest for name, lever in levers.catalogue().items()} | changes))


def refuse(unusable: bool, message: str) -> None:
    """Raise CheckError where numbers cannot be used."""
    if unusable:
        raise CheckError(message)


@check("A1", "Contract for two tasks that are measured with noise", cases=[{"cross": k} for k in CONTRACTS])
def contract(
    cross: float = 0.5, v1: float = 0.25, v2: float = 1.0, b1: float = 1.0, b2: float = 1.0, aversion: float = 1.0
) -> Iterator[Row]:
    """Weights (I + r C S)^-1 B and efforts C^-1 alpha for costs [[1, k], [k, 1]] and variances ``v1``, ``v2``.

    The closed form is written out for two tasks (Holmström & Milgrom 1991).
    """
    refuse(not -1.0 < cross < 1.0, f"the cost is convex for -1 < cross < 1, not at {cross}")
    refuse(min(v1, v2, aversion) < 0.0, "variances and aversion cannot be negative")
    cost = [[1.0, cross], [cross, 1.0]]
    weights = optimal_weights((b1, b2), np.diag([v1, v2]), cost, aversion)
    efforts = efforts_under(weights, cost)
    r1, r2 = aversion * v1, aversion * v2
    whole = (1.0 + r1) * (1.0 + r2) - cross * cross * r1 * r2
    alpha = (((1.0 + r2) * b1 - cross * r2 * b2) / whole, ((1.0 + r1) * b2 - cross * r1 * b1) / whole)
    chosen = tuple((alpha[i] - cross * alpha[1 - i]) / (1.0 - cross * cross) for i in range(2))
    names = ("weight 1", "weight 2", "effort 1", "effort 2")
    got = (*weights, *efforts)
    if (v1, v2, b1, b2, aversion) == (0.25, 1.0, 1.0, 1.0, 1.0) and cross in CONTRACTS:
        for name, published, value in zip(names, CONTRACTS[cross], got, strict=True):
            yield printed(f"{name} (published)", published, value)
    for name, expected, value in zip(names, (*alpha, *chosen), got, strict=True):
        yield close(name, expected, value, tolerance=TIGHT)


@check("A2", "Contract where the second task cannot be seen", cases=[{"cross": k, "v1": v} for k, v in UNSEEN])
def unseen(
    cross: float = 0.5, v1: float = 0.25, b1: float = 1.0, b2: float = 1.0, aversion: float = 1.0
) -> Iterator[Row]:
    """The weight on the task that is seen: (B1 - k B2)/(1 + r v1 (1 - k^2)); none on the other; nothing at k = 1."""
    refuse(not -1.0 <= cross <= 1.0, f"the cost is convex for -1 <= cross <= 1, not at {cross}")
    refuse(min(v1, aversion) < 0.0, "variance and aversion cannot be negative")
    weights = optimal_weights((b1, b2), np.diag([v1, np.inf]), [[1.0, cross], [cross, 1.0]], aversion)
    if (b1, b2, aversion) == (1.0, 1.0, 1.0) and (cross, v1) in UNSEEN:
        yield printed("weight 1 (published)", UNSEEN[cross, v1], weights[0])
    expected = (b1 - cross * b2) / (1.0 + aversion * v1 * (1.0 - cross * cross))
    yield close("weight 1", expected, weights[0], tolerance=TIGHT)
    yield exact("weight 2", 0.0, weights[1])


@check(
    "A3",
    "Time follows weights by the power rule",
    cases=[*({"weight": w, "returns": a} for w, a in SPLITS), {"weight": 0.6, "returns": 0.99}],
)
def split(weight: float = 0.6, returns: float = 0.5, hours: int = 1000) -> Iterator[Row]:
    """Share w^(1/(1 - a))/(w^(1/(1 - a)) + (1 - w)^(1/(1 - a))), in the rule and in a committee's week, to the minute.

    The week of ``hours`` staff hours is split between units (weight w) and residents, and between paper and results.
    """
    refuse(not 0.0 < weight < 1.0, "the weight lies between 0 and 1")
    refuse(not 0.0 <= returns < 1.0, "returns to effort lie in 0 <= a < 1; from 1 on the larger weight takes all")
    refuse(not 0 < hours <= 100_000, "hours: 1 to 100,000")
    expected = 1.0 / (1.0 + ((1.0 - weight) / weight) ** (1.0 / (1.0 - returns)))
    got = effort_share(weight, 1.0 - weight, returns)
    if (weight, returns) in SPLITS:
        yield printed("share (published)", SPLITS[weight, returns], got)
    yield close("share", expected, got, tolerance=TIGHT)
    p = row_of(unit_weight=weight, effort_returns=returns, report_minutes=1.0, mandatory_share=0.0)
    lever = lever_row(reporting_departments=1.0, staff_weekly_hours=50.0)
    week = split_week(hours / 50.0, 0.0, lever, 0, 0, p)
    minutes = 60 * hours
    yield close("minutes for units", expected * minutes, week[4], tolerance=0.5 + TIGHT * minutes)
    yield exact("minutes for units and residents", minutes, week[3] + week[4])
    paper = reports_taken_up(minutes, float(minutes), 1.0 - weight, p)
    yield close("minutes for reports of one minute", expected * minutes, paper, tolerance=1.0)


def reported(sharing: float, departments: int, overlap: float, items: float, weeks: int, seed: int) -> Any:
    """Reports handed in a week by committees with ample staff (committee-weeks)."""
    values = parameters.defaults() | {"report_items": items, "report_overlap": overlap, "fact_change": 0.0}
    values["coordination_hours"] = 0.0
    table = parameters.table([values] * COMMITTEES)
    communities, committees = allocate(Communities, COMMITTEES), allocate(Committees, COMMITTEES)
    rows = np.arange(COMMITTEES)
    communities.seed[:], committees.id[:] = seed, rows
    communities.resident_start[:], communities.resident_stop[:] = rows * RESIDENTS, (rows + 1) * RESIDENTS
    committees.staff[:] = departments * items
    now = LeverSchedule(COMMITTEES).now
    for name, value in (
        ("reporting_departments", departments),
        ("data_sharing", sharing),
        ("target_inflation", 0.0),
        ("outcome_weight", 0.0),
    ):
        now[name] = value
    minutes = np.zeros((weeks, COMMITTEES))
    for week in range(weeks):
        effort.split_all(week, communities, committees, table, now)
        minutes[week] = committees.reporting_minutes
    return minutes.ravel() / table["report_minutes"][0]


@check("A4", "Reports that ask for the same facts", cases=[{"departments": d, "overlap": f} for d, f in DUPLICATES])
def duplicates(
    departments: int = 10, overlap: float = 0.3, items: float = 20.0, weeks: int = 10, seed: int = 4
) -> Iterator[Row]:
    """``departments`` that each want the share ``overlap`` f of M facts fill in D f M; M (1 - (1 - f)^D) differ.

    Counted in the weeks of 400 committees with time enough, without and with shared data.
    """
    refuse(not 1 <= departments <= 100 or not 0.0 < overlap < 1.0, "give 1 to 100 departments, 0 < overlap < 1")
    refuse(not 0.0 < items <= 100.0 or not 0 < weeks <= 1000, "give 0 < items <= 100 and 1 to 1000 weeks")
    filled, distinct = departments * overlap, 1.0 - (1.0 - overlap) ** departments
    got = [reports_asked(float(departments), overlap, 1.0, sharing) for sharing in (0.0, 0.5, 1.0)]
    if (departments, overlap) in DUPLICATES:
        yield printed("different (published)", DUPLICATES[departments, overlap][0], got[2])
        yield printed("filled for each (published)", DUPLICATES[departments, overlap][1], got[0] / got[2], digits=4)
    for name, expected, value in zip(
        ("filled", "half shared", "different"), (filled, (filled + distinct) / 2.0, distinct), got, strict=True
    ):
        yield close(name, expected, value, tolerance=TIGHT * departments)
    for name, sharing, expected in (("nothing shared", 0.0, filled), ("all shared", 1.0, distinct)):
        counts = reported(sharing, departments, overlap, items, weeks, seed)
        yield mean(f"reports a week, {name}", expected * items * RESIDENTS / 1000.0, counts)


@check("A5", "Approvals of several departments", cases=[{"departments": d} for d in APPROVALS])
def approval(departments: int = 5, agreement: float = 0.9, n: int = 40_000, seed: int = 5) -> Iterator[Row]:
    """Exponential answers of mean 1: asked at once the slowest counts, H_n; one after the other n; all agree p^n.

    Channels: n (n - 1)/2 without a lead, n - 1 with one.
    """
    refuse(not 1 <= departments <= 40, "departments: 1 to 40")
    refuse(not 0.0 < agreement < 1.0, "agreement lies between 0 and 1")
    refuse(not 100 <= n <= 10_000_000, "n: 100 to 10,000,000 matters")
    parallel = math.fsum(1.0 / k for k in range(1, departments + 1))
    if departments in APPROVALS:
        published = APPROVALS[departments]
        yield printed("at once (published)", published[0], parallel, digits=4)
        yield printed("all agree at 0.9 (published)", published[2], 0.9**departments)
    key = np.uint64(seed)
    led = np.array([approvals(1, np.uint64(i), key, departments, True, 1.0, agreement) for i in range(n)])
    serial = np.array([approvals(1, np.uint64(i), key, departments, False, 1.0, agreement)[0] for i in range(n)])
    yield mean("weeks, asked at once under a lead", parallel, led[:, 0])
    yield mean("weeks, one after the other", float(departments), serial)
    yield share("all agree", agreement**departments, float(led[:, 1].sum()), n)
    yield exact("channels without a lead", departments * (departments - 1) / 2, channels(float(departments), 0.0))
    yield exact("channels with a lead", departments - 1, channels(float(departments), 1.0))


@check("A6", "Targets grow through layers; slope of a contest", cases=[{"inflation": 0.1}, {"inflation": 0.2}])
def layers(inflation: float = 0.1, layers: int = 4, spread: float = 1.0, weight: float = 0.3) -> Iterator[Row]:
    """(1 + d)^layers; the chance to win a contest of two with normal luck rises by 1/(2 s sqrt(pi)) a unit of output.

    The slope is compared with the difference of the normal distribution, and drives the gaming of reported rates.
    """
    refuse(inflation <= -1.0 or not 0 <= layers <= 50, "give inflation > -1 and 0 to 50 layers")
    refuse(spread <= 0.0, "the spread is positive")
    refuse(not 0.0 <= weight <= 1.0, "the weight lies between 0 and 1")
    got = inflated(1.0, inflation, float(layers))
    published = {(0.1, 4): 1.4641, (0.2, 4): 2.0736}
    if (inflation, layers) in published:
        yield printed("target (published)", published[inflation, layers], got, digits=4)
    expected = math.prod([1.0 + inflation] * layers)
    yield close("target", expected, got, tolerance=TIGHT * max(expected, 1.0))
    if spread == 1.0:
        yield printed("slope (published)", 0.282095, tournament_slope(spread))
    step = 1e-3 * spread
    slope = math.erf(step / (2.0 * spread)) / (2.0 * step)  # chance to win by +step less that by -step, over both steps
    yield close("slope of the contest", slope, tournament_slope(spread), tolerance=1e-6 * slope)
    p = row_of(reported_noise=spread)
    pressure = weight * slope / p.gaming_cost
    yield close("gaming", pressure / (1.0 + pressure), gaming(weight, 0.0, p), tolerance=1e-6)
    yield exact("gaming without weight", 0.0, gaming(0.0, 0.0, p))
    yield exact("gaming under full supervision", 0.0, gaming(weight, 1.0, p))


def parts_of(model: CommunityModel) -> Any:
    """Minutes of every committee this week: coordination, reporting, service, units (committee, part)."""
    c = model.committees
    return np.stack([c.coordination_minutes, c.reporting_minutes, c.service_minutes, c.unit_support_minutes], axis=1)


def residents_of(model: CommunityModel) -> Any:
    """Residents of every community now."""
    communities = model.communities
    return communities.resident_stop - communities.resident_start - communities.empty_places


def minutes_of_posts(model: CommunityModel, residents: Any) -> Any:
    """Working minutes of the filled posts, counted post by post before this week's leaving and hiring, and overtime.

    Courses are no working time. ``residents`` are those of the communities as the week began.
    """
    filled = model.workers.filled.astype(np.int64) + model.workers.exits - model.workers.hired
    starts = model.communities.post_start
    due = model.levers["staff_per_10000"] * residents / 10_000.0
    staff = (due * np.add.reduceat(filled, starts) / model.committees.posts).astype(np.float32).astype(np.float64)
    extra = np.clip(due - staff, 0.0, model.parameters["most_overtime"] * staff)
    at_work = model.levers["staff_weekly_hours"] - model.levers["staff_training"] / WEEKS_A_YEAR
    return np.floor((staff + extra) * at_work * 60.0 + 0.5)


@check("A7", "Working time is split to the minute")
def hours_budget(communities: int = 8, households: int = 45, weeks: int = 20, seed: int = 7) -> Iterator[Row]:
    """Coordination, reporting, service and units add up to the hours of the filled posts, every committee and week.

    In the whole model, under levers of staff set at random within their bounds and set anew halfway.
    """
    refuse(
        not 1 <= communities <= 100 or not 10 <= households <= 2000, "give 1 to 100 communities, 10 to 2000 households"
    )
    refuse(not 2 <= weeks <= 52, "weeks: 2 to 52")
    draw = np.random.default_rng(seed)
    staffing = [lever for lever in levers.catalogue().values() if lever.process == "effort"]
    start = -round(parameters.defaults()["warmup_weeks"])
    settings = [
        Setting(week, c, lever.name, float(draw.uniform(lever.low, lever.high)))
        for week in (start, start + weeks // 2)
        for c in range(communities)
        for lever in staffing
    ]
    model = CommunityModel(small_district(households, communities), seed=seed, settings=settings)
    wrong = negative = strange = moved = 0
    for _ in range(weeks):
        residents = residents_of(model)
        model.step()
        parts, hours = parts_of(model), model.committees.hours_minutes
        wrong += int((parts.sum(axis=1) != hours).sum())
        negative += int((parts < 0).sum())
        strange += int((minutes_of_posts(model, residents) != hours).sum())
        moved += int(model.workers.exits.sum() + model.workers.hired.sum())
    yield exact("committee-weeks whose parts do not add up", 0, wrong)
    yield exact("parts below zero", 0, negative)
    yield exact("committee-weeks whose hours are not those of the filled posts", 0, strange)
    yield exact("nobody came or went", 0, moved == 0)
