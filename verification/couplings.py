"""Couplings between parts of the model: reports and waiting, a policy that changes nothing, accounts (checks X)."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..agents.columns import violations
from ..agents.committee import split_week
from ..agents.warning import EmergencyKind
from ..experiments.replicate import smaller
from ..model import CommunityModel, levers
from ..model.calendar import Calendar
from ..model.district import EmergencyEvent, small_district
from ..model.draws import replicate_seeds
from ..model.levers import Setting
from ..model.processes.issues import issue_balance
from ..scenarios import loader
from ..scenarios.compile import compile
from .check import STANDARD_ERRORS, CheckError, Row, batches, check, close, exact, printed
from .effort import lever_row, row_of
from .mobility import came_and_went, places_apart, present
from .stations import Station, poisson

FIRST = -1000  # a week before any warm-up
WATCHED = ("residents", "households", "units", "ties", "issues", "committees", "organisations")
COUNTED = ("participations", "grievances", "claims", "responses", "head_exits")  # flows added up in X3
HOURS = 50.0  # working week of the one worker
WAITS = {0.0: 0.25, 0.2: 0.5, 0.3: 1.0, 0.35: 2.0}
LIGHT, MIDDLE, HEAVY = 1_000_000, 3_000_000, 12_000_000  # arrivals; waits near saturation take many to average out


@check(
    "X1",
    "Reports take the time that residents wait for",
    cases=[{"share": s, "n": LIGHT if s < max(WAITS) - 0.1 else MIDDLE} for s in WAITS if s < max(WAITS)],
    study=[{"share": max(WAITS), "n": HEAVY}],
)
def reporting_wait(
    share: float = 0.3, capacity: float = 10.0, arrivals: float = 6.0, n: int = 3_000_000, seed: int = 1
) -> Iterator[Row]:
    """A worker settles ``capacity`` issues a week with all hours; reports take the ``share`` s of them; W = 1/(m - l).

    m = capacity (1 - s). The committee's own split of the week gives the hours, the ladder's queue the waits.
    """
    if not 0.0 <= share < 1.0 or not 1_000 <= n <= 100_000_000:
        message = "give 0 <= share < 1 and 1,000 to 100,000,000 arrivals"
        raise CheckError(message)
    if not 0.0 < arrivals < capacity * (1.0 - share):
        message = (
            f"no steady state: {capacity * (1.0 - share):g} issues a week can be settled and {arrivals:g} arrive; "
            f"give share < {1.0 - arrivals / capacity:g}"
        )
        raise CheckError(message)
    p = row_of(unit_weight=0.0, reporting_ceiling=1.0, report_minutes=1.0, mandatory_share=1.0)
    lever = lever_row(staff_weekly_hours=HOURS, reporting_departments=1.0)
    hours, _, reporting, service, _, _, _ = split_week(1.0, 0.0, lever, 0, round(share * 60.0 * HOURS), p)
    yield exact("minutes for reports", round(share * 60.0 * HOURS), reporting)
    rate = capacity * service / hours
    expected = 1.0 / (rate - arrivals)
    if (capacity, arrivals) == (10.0, 6.0) and share in WAITS:
        yield printed("W (published)", WAITS[share], expected)
    path = Station(1, rate=rate, seed=seed).run(poisson(arrivals, n, seed))
    yield batches("W", expected, path.sojourn)
    yield batches("P(W > its mean)", math.exp(-1.0), np.asarray(path.sojourn > expected))


@check("X3", "a policy that changes nothing")
def neutral_policy(
    pairs: int = 12, weeks: int = 26, communities: int = 2, households: int = 60, seed: int = 0
) -> Iterator[Row]:
    """Two arms with the same seed, one of them told to set every lever to its rest value: no byte differs.

    And ``pairs`` of arms with different seeds: the differences in what happens are centred on 0 within 4 standard
    errors. The model runs ``weeks`` weeks without warm-up.
    """
    if pairs < 3 or weeks < 1:
        message = "X3 needs at least 3 pairs and 1 week"
        raise CheckError(message)
    plain = _lived(weeks, communities, households, seed, [])
    told = _lived(weeks, communities, households, seed, at_rest(communities))
    differing = sum(
        int((np.asarray(a) != np.asarray(b)).sum())
        for name in WATCHED
        for a, b in zip(getattr(plain, name), getattr(told, name), strict=True)
    )
    yield exact("values that differ under a neutral policy", 0, differing)
    yield exact("values that differ in the record", 0, int((_record(plain) != _record(told)).sum()))
    runs = [_lived(weeks, communities, households, other, []) for other in replicate_seeds(seed, 2 * pairs)]
    for name in COUNTED:
        totals = np.array([_total(model, name) for model in runs])
        differences = totals[0::2] - totals[1::2]
        error = float(np.std(differences, ddof=1)) / math.sqrt(pairs)
        label = f"{name.replace('_', ' ')}: mean difference between seeds"
        yield close(label, 0.0, float(differences.mean()), tolerance=STANDARD_ERRORS * error)


def at_rest(communities: int) -> list[Setting]:
    """Return orders that every lever take the value that it has anyhow, from the first week on."""
    known = levers.catalogue().values()
    return [Setting(FIRST, c, lever.name, lever.rest) for lever in known for c in range(communities)]


def _lived(weeks: int, communities: int, households: int, seed: int, settings: list[Setting]) -> CommunityModel:
    model = CommunityModel(small_district(households, communities), seed=seed, settings=settings, calendar=Calendar())
    model.run(until=model.week + weeks)
    return model


def _record(model: CommunityModel) -> Any:
    return np.nan_to_num(model.recorder.communities[: model.recorder.recorded], nan=-1.0)


def _total(model: CommunityModel, name: str) -> float:
    column = model.recorder.community_names.index(name)
    return float(model.recorder.communities[: model.recorder.recorded, :, column].sum())


@check("X4", "every account closes, every week")
def accounts(weeks: int = 60, communities: int = 3, households: int = 40, seed: int = 0) -> Iterator[Row]:
    """The ten-household plan on a small district, from ``weeks`` weeks before its start to as many after it,
    with a rainstorm in its first week.

    Added up over weeks and communities: fen that are not somewhere else, minutes of staff that are nowhere, issues that
    are neither open nor closed, emergency goods that were neither issued nor lost nor are on hand, persons who did not
    come, go, or stay in one household, credits that were neither held nor used, households in no unit or in two, values
    outside their declared range. All are zero.
    """
    if min(weeks, communities, households) < 1:
        message = "X4 needs at least 1 week, 1 community and 1 household"
        raise CheckError(message)
    scenario = smaller(loader.load("ten_household"), communities, households)
    storm = EmergencyEvent(EmergencyKind.RAINSTORM, 0, 0.8, tuple(range(communities)), 60.0)
    model: Any = CommunityModel(**compile(scenario, seed).arguments() | {"events": (storm,)})
    model.week = max(model.week, -weeks - 1)
    missing = dict.fromkeys(
        (
            "fen",
            "minutes of staff",
            "issues",
            "goods",
            "persons",
            "credits",
            "households in units",
            "values out of range",
        ),
        0,
    )
    living, goods = present(model), model.stores
    for _ in range(2 * weeks):
        model.step()
        missing["fen"] += _fen_lost(model)
        missing["minutes of staff"] += _minutes_lost(model)
        missing["issues"] += int(np.abs(issue_balance(model)).sum())
        missing["goods"] += int(np.abs(goods.received - goods.issued - goods.lost - goods.on_hand).sum())
        living += came_and_went(model)
        missing["persons"] += int(np.abs(living - present(model)).sum()) + places_apart(model)
        missing["credits"] += _credits_lost(model)
        missing["households in units"] += _households_outside_units(model)
        missing["values out of range"] += sum(1 for table in model.tables().values() for _ in violations(table))
    yield Row("goods issued, at least", 1.0, float(min(goods.issued.sum(), 1)), 0.0)
    for name, count in missing.items():
        yield exact(f"{name} unaccounted for", 0, count)


def _fen_lost(model: CommunityModel) -> int:
    """Sum of all balances, of every kind of payment, and of balances against their flows."""
    book = model.ledger.book
    lost = abs(int(book.balance.sum())) + int(np.abs(book.week.sum(axis=1)).sum())
    return lost + int(np.abs(book.balance - book.total.sum(axis=0)).sum())


def _minutes_lost(model: CommunityModel) -> int:
    hours = model.committees
    used = hours.reporting_minutes + hours.coordination_minutes + hours.service_minutes + hours.unit_support_minutes
    return int(np.abs(used - hours.hours_minutes).sum())


def _credits_lost(model: CommunityModel) -> int:
    return sum(
        int(np.abs(credits.issued - credits.held - credits.redeemed - credits.expired).sum())
        for credits in (model.points, model.time_bank)
    )


def _households_outside_units(model: CommunityModel) -> int:
    """Households that no unit of the community holds, or that two hold."""
    total = 0
    for c in range(len(model.communities.seed)):
        first, stop = model.communities.household_start[c], model.communities.household_stop[c]
        held = np.zeros(stop - first, np.int64)
        for u in range(model.communities.unit_start[c], model.communities.unit_stop[c]):
            held[model.units.household_start[u] - first : model.units.household_stop[u] - first] += 1
        total += int((held != 1).sum())
    return total
