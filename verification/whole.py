"""The whole model: calendar, rates, reproducibility, order, extremes, scale (checks G0 to G5)."""

import math
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, cast

from ..agents import Resident
from ..agents.columns import copy_of
from ..agents.rules import probability
from ..model import CommunityModel, parameters
from ..model.calendar import Calendar
from ..model.district import Archetype, CommunitySpec, DistrictSpec, small_district
from ..model.levers import Setting
from .check import CheckError, Row, check, close, exact, printed, random
from .platform import bass, need_rates, plain_steps
from .stations import Station, poisson
from .towns import NO_TROUBLE, live, planned, town


def need_town(households: int, communities: int, weeks: int) -> None:
    """Refuse districts that are too small to live in or too large for a check."""
    if not (households >= 20 and communities >= 1 and households * communities <= 10_000 and 1 <= weeks <= 200):
        message = "give 20 households or more, at most 10,000 in all, and 1 to 200 weeks"
        raise CheckError(message)


def differing(one: CommunityModel, two: CommunityModel, tables: Iterable[str] = ()) -> int:
    """Number of columns, of all tables or those named, in which two models differ."""
    return sum(
        getattr(table, field).tobytes() != getattr(getattr(two, name), field).tobytes()
        for name, table in one.tables().items()
        for field in table._fields
        if name in (tables or one.tables())
    )


# --- time -------------------------------------------------------------------------------------------------------------


@check("G0", "Calendar")
def calendar(first: int = 2024, last: int = 2028) -> Iterator[Row]:
    """Weeks from the first Monday of the year ``first`` that begin up to the end of ``last``, counted day by day."""
    if not 1900 <= first <= last <= first + 50:
        message = f"give first <= last, at most 50 years from 1900 on, not {first} and {last}"
        raise CheckError(message)
    start = date(first, 1, 1)
    start += timedelta(days=-start.weekday() % 7)
    made = Calendar(start, date(last, 12, 31))
    days = [start + timedelta(days=k) for k in range(7 * made.weeks)]
    mondays = sum(day.weekday() == 0 and day.year <= last for day in days)
    if (first, last) == (2024, 2028):
        yield printed("weeks (published)", 261, mondays)
        yield exact("week 0 begins on 2024-01-01", date(2024, 1, 1).toordinal(), made.monday(0).toordinal())
        yield exact("the last week ends on 2028-12-31", date(2028, 12, 31).toordinal(), days[-1].toordinal())
    yield exact("weeks", mondays, made.weeks)
    yield exact("last weeks that end before the last year does", 0, (date(last, 12, 31) - days[-1]).days // 7 > 0)
    weeks = range(made.weeks)
    firsts = [day for day in days if day.day == 1]
    yield exact("months opened", len(firsts), sum(made.opens_month(w) for w in weeks))
    yield exact("quarters opened", sum(d.month in (1, 4, 7, 10) for d in firsts), sum(map(made.opens_quarter, weeks)))
    yield exact("years opened", sum(d.month == 1 for d in firsts), sum(map(made.opens_year, weeks)))
    yield exact("years closed", sum((d.month, d.day) == (12, 31) for d in days), sum(map(made.closes_year, weeks)))


@check("G1", "Rates and the length of a step")
def rates(hazard: float = 0.00429122, weeks: int = 52, p: float = 0.03, q: float = 0.38) -> Iterator[Row]:
    """A ``hazard`` a week over ``weeks`` steps leaves as many as all at once; half the step, half the error (Bass)."""
    if not (0.0 < hazard * weeks <= 50.0 and hazard > 0.0):
        message = f"give a hazard above 0 that sums to 50 at most, not {hazard} over {weeks} weeks"
        raise CheckError(message)
    need_rates(p, q)
    once = 1.0 - probability(hazard * weeks)
    yield close("survival week by week", once, (1.0 - probability(hazard)) ** weeks, tolerance=1e-9 * once)
    expected = bass(5, p, q)
    coarse, fine = (expected - plain_steps(p, q, steps, 5)[-1] for steps in (52, 104))
    yield close("error of F(5), against half the step", 2.0, coarse / fine, tolerance=0.05)


# --- the same again ---------------------------------------------------------------------------------------------------


@check("G2", "Reproducible: seeds and streams")
def reproducible(seed: int = 3, households: int = 45, communities: int = 3, weeks: int = 4) -> Iterator[Row]:
    """A strong plan for ``weeks`` weeks after warm-up: same seed, same bytes; another seed, another population.

    Switching one process off moves no draw of another: in the first week nothing has had time to pass between them.
    """
    need_town(households, communities, weeks)
    a, b = (planned(households, communities, seed).run(until=weeks) for _ in range(2))
    records = [model.recorder.communities[: model.recorder.recorded].tobytes() for model in (a, b)]
    yield exact("columns that differ at the same seed", 0, differing(a, b))
    yield exact("records are the same bytes", 1, records[0] == records[1])
    other = planned(households, communities, seed + 1)
    few = min(len(a.residents.id), len(other.residents.id))
    living = (a.residents.present[:few] == 1) & (other.residents.present[:few] == 1)
    same = (a.residents.propensity[:few] == other.residents.propensity[:few])[living].mean()
    yield exact("share of residents alike at another seed", 0, float(same))
    whole, cut = planned(households, communities, seed), planned(households, communities, seed, off=["organisations"])
    whole.step()
    cut.step()
    yield exact("columns moved by switching organisations off", 0, differing(whole, cut, ("residents", "issues")))


@check("G3", "The order of agents does not matter")
def any_order(seed: int = 3, households: int = 45, communities: int = 3, weeks: int = 3) -> Iterator[Row]:
    """Residents decide one after the other, forwards and backwards: every column is the same, to the last bit."""
    need_town(households, communities, weeks)
    forward, backward = (planned(households, communities, seed, engine="agents") for _ in range(2))
    residents: Any = backward.views(Resident)
    turned = type(residents)(reversed(list(residents)), random=backward.random)
    cast("Any", backward)._views[Resident] = turned
    for _ in range(weeks):
        forward.step()
        backward.step()
    yield exact("columns that differ", 0, differing(forward, backward))
    yield exact("the last resident decides first", forward.residents.id[-1], next(iter(backward.views(Resident))).id)


# --- extremes ---------------------------------------------------------------------------------------------------------


@check("G4", "Extremes: no trouble, no limit, no heads, no money")
def extremes(seed: int = 5, households: int = 200, communities: int = 3, weeks: int = 20) -> Iterator[Row]:
    """What must vanish does: issues without trouble, waits without limits, level 1 without heads, pay without money."""
    need_town(households, communities, weeks)
    quiet = town(NO_TROUBLE, households=households, communities=communities, seed=seed)
    before, trust = copy_of(quiet.households), quiet.residents.trust_committee.copy()
    yield exact("flows without trouble", 0, sum(map(abs, live(quiet, weeks).values())))
    same = all(a.tobytes() == b.tobytes() for a, b in zip(before, quiet.households, strict=True))
    yield exact(
        "households and trust stay as they were", 1, same and bool((trust == quiet.residents.trust_committee).all())
    )
    boundless = town({"listed_share": 0.0}, households=households, communities=communities, seed=seed)
    boundless.units.capacity[:] = boundless.departments.weekly_hours[:] = 1e12
    boundless.committees.service_minutes[:] = 2**31 - 1
    total = live(boundless, weeks)
    yield exact("there are claims", 1, total["claims"] > 0)
    yield exact("answers without limits", total["claims"] + total["repeats"], total["responses"])
    yield close("hours waited without limits", 0.0, total["response_hours"], tolerance=1e-3)
    station = Station(1, rate=1e12, seed=seed)
    yield exact(
        "longest wait at a counter without limits", 0, float(station.run(poisson(5.0, 10_000, seed)).wait.max())
    )
    headless = town(households=households, communities=communities, seed=seed)
    headless.units.head[:] = -1
    total = live(headless, weeks)
    yield exact("issues of heads without heads", 0, total["entered_1"] + float(headless.units.issue_hours.sum()))
    yield exact("claims enter at level 2", 1, total["entered_2"] > 0)
    yield from _without_means(seed, households, communities, weeks)


def _without_means(seed: int, households: int, communities: int, weeks: int) -> Iterator[Row]:
    """Rows of the whole model without units, and without money."""
    district = small_district(households, communities)
    no_units = [Setting(-200, c, "unit_coverage", 0) for c in range(communities)]
    recorded = CommunityModel(district, seed=seed, settings=no_units).run(until=weeks).recorder.dataset()
    yield exact("there are claims in the whole model", 1, float(recorded["claims"].sum()) > 0)
    yield exact(
        "issues of heads in the whole model", 0, float(recorded["entered_1"].sum() + recorded["resolved_1"].sum())
    )
    promised = [Setting(-200, c, "head_subsidy", 200) for c in range(communities)]
    impossible = {"gift_base": -60.0, "firm_gift_base": -60.0, "swap_deals": 0.0}  # beyond their ranges: nobody gives
    values = parameters.defaults() | impossible
    poor = CommunityModel(district, seed=seed, settings=promised, parameter_values=values, off=["organisations"])
    recorded = poor.run(until=weeks).recorder.dataset()
    yield exact("pay is due", 1, float(recorded["subsidies_due"].sum()) > 0)
    yield exact("pay without money", 0, float(recorded["subsidies_paid"].sum()) + float(poor.units.pay.sum()))


# --- scale ------------------------------------------------------------------------------------------------------------

FLOWS = ("claims", "requests", "responses")


def flows(communities: int, households: int, weeks: int, seed: int) -> dict[str, Any]:
    """Flows of each of ``communities`` old neighbourhoods of one subdistrict, summed over ``weeks``."""
    kind = Archetype.OLD_NEIGHBOURHOOD
    district = DistrictSpec(tuple(CommunitySpec(c, kind, households) for c in range(communities)))
    recorded = CommunityModel(district, seed=seed).run(until=weeks).recorder.dataset()
    return {name: recorded[name].sum("week").to_numpy().astype(float) for name in FLOWS}


@check("G5", "Scale: twice the communities, all alike")
def scale(communities: int = 40, times: int = 2, households: int = 50, weeks: int = 25, seed: int = 6) -> Iterator[Row]:
    """``communities`` old neighbourhoods of a subdistrict, and ``times`` as many with other seeds: totals multiply.

    Standard errors come from the communities themselves and are up to 5 %.
    """
    if times < 2 or communities < 4:
        message = f"give 4 communities or more and times of 2 or more, not {communities} and {times}"
        raise CheckError(message)
    need_town(households, communities * times, weeks)
    few, many = flows(communities, households, weeks, seed), flows(communities * times, households, weeks, seed + 1)
    for name in FLOWS:
        error = math.sqrt(few[name].var(ddof=1) / communities + many[name].var(ddof=1) / (communities * times))
        total = times * few[name].sum()
        yield random(f"{name}, all", total, many[name].sum(), communities * times * error, precision=0.05)
