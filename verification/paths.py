"""Paths to a channel, shared data that age, and leaks (checks D7 to D9), through the kernels of the week."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..agents.columns import allocate
from ..agents.finding_a_path import BY_HEAD
from ..agents.rates import MINUTES_AN_HOUR
from ..agents.speaking_up import NO_GRIEVANCE, PLATFORM
from ..agents.subdistrict import outdated_share, reports_asked, sharing_that_serves
from ..model import CommunityModel
from ..model.processes import issues, platform
from .check import CheckError, Row, check, close, random, require, share
from .crowd import crowd
from .effort import row_of
from .platform import EASY
from .towns import ALL_CLAIM, NO_TROUBLE, town

TO_THE_DESK = {"head_intercept": -60.0, "head_tie_effect": 0.0, "head_unskilled": 0.0, "platform_use": 0.0}
PARTS = 200_000  # of an integral


def without_path(model: CommunityModel, closed: float, assisted: float) -> Any:
    """Chance of every household that its grievance finds no path: product of the chances that each path fails."""
    p, adopted, units = model.parameter_row(0), model.residents.adopted, model.units
    chances = np.zeros(len(model.households.id))
    homes = model.households
    places = homes.size + homes.empty_places
    for h, (first, many) in enumerate(zip(homes.resident_start, places, strict=True)):
        if adopted[first]:
            continue
        users = int(adopted[first + 1 : first + many].sum())
        u = model.households.unit[h]
        head = units.organised[u] == 1 and units.head[u] >= 0 and units.on_duty[u] == 1
        chances[h] = closed * (1.0 - p.family_help) ** users * (1.0 - assisted * head)
        chances[h] *= 1.0 - assisted * p.station_reach
    return chances


def seekers(closed: float, assisted: float, households: int, seed: int, **values: float) -> CommunityModel:
    """Return a town in which everybody claims at the desk; a third of residents use the platform, half have a head."""
    numbers = NO_TROUBLE | ALL_CLAIM | TO_THE_DESK | {"rate_inquiry": 0.1} | values
    levers = {"online_only": closed, "assisted_use": assisted}
    model = town(numbers, levers, households=households, communities=1, seed=seed)
    people = model.residents
    people.adopted[:] = (np.arange(len(people.id)) % 3 == 0) & (people.present == 1)
    model.units.on_duty[::2] = 0
    return model


@check(
    "D7",
    "who finds no path when offline channels close",
    cases=[{"closed": 1.0, "assisted": 0.0}, {"closed": 0.5, "assisted": 0.4}],
)
def no_path(
    closed: float = 1.0, assisted: float = 0.4, households: int = 4000, weeks: int = 90, seed: int = 1
) -> Iterator[Row]:
    """The share ``closed`` o of desks and telephones is shut, heads and stations help non-users with ``assisted`` a.

    P(no path) = o (1 - f)^users at home (1 - a)^head (1 - a s), users of the platform always having one: over all
    households with a grievance. Heads who claim for others give their time.
    """
    if not (0.0 < closed <= 1.0 and 0.0 <= assisted < 1.0 and households >= 100 and weeks >= 1):
        message = f"give 0 < closed <= 1, 0 <= assisted < 1 and 100 households; not {closed}, {assisted}, {households}"
        raise CheckError(message)
    model = seekers(closed, assisted, households, seed)
    chance = without_path(model, closed, assisted)
    homes, minutes = model.households, model.parameter_row(0).assist_minutes
    expected = variance = grieved = excluded = claims = hours = 0.0
    for _ in range(weeks):
        model.week += 1
        for column in model.flows:
            column[:] = 0
        issues.step(model)
        with_one = homes.grievance != NO_GRIEVANCE
        expected += float(chance[with_one].sum())
        variance += float((chance * (1.0 - chance))[with_one].sum())
        grieved += float(model.flows.grieved.sum())
        excluded += float(model.flows.excluded.sum())
        claims += int(((homes.path == BY_HEAD) & (homes.channel == PLATFORM)).sum())
        hours += float(model.units.help_hours.sum(dtype=float))
    yield random("share without a path", expected / grieved, excluded / grieved, math.sqrt(variance) / grieved)
    yield close("hours of heads who claim for others", claims * minutes / MINUTES_AN_HOUR, hours, tolerance=1e-3)


@check("D8", "shared data grow old", cases=[{"weeks": 4.3}, {"weeks": 52.0}])
def data_grow_old(weeks: float = 4.3, change: float = 0.01, sharing: float = 1.0) -> Iterator[Row]:
    """Facts change at the rate ``change`` k and are renewed every ``weeks`` T: the mean of 1 - e^(-k t) is out of date.

    So many shared facts are asked for again. The mean over 0 < t < T is added up in small parts.
    """
    require(0.0 < weeks <= 520.0 and 0.0 < change <= 1.0, "give 0 < weeks <= 520 and 0 < change <= 1 a week")
    require(0.0 <= sharing <= 1.0, f"give 0 <= sharing <= 1, not {sharing}")
    times = (np.arange(PARTS) + 0.5) * weeks / PARTS
    expected = float((1.0 - np.exp(-change * times)).mean())
    yield close("share out of date", expected, outdated_share(weeks, change), tolerance=1e-9)
    serves = sharing_that_serves(sharing, weeks, row_of(fact_change=change))
    every, distinct = (reports_asked(8.0, 0.3, 1.0, share) for share in (0.0, 1.0))
    asked = distinct + (every - distinct) * (1.0 - sharing * (1.0 - expected))
    yield close("reports asked for", asked, reports_asked(8.0, 0.3, 1.0, serves), tolerance=1e-8)


@check("D9", "a leak keeps people away for a while", cases=[{"breach": 1.0}, {"breach": 0.5}])
def leak(breach: float = 1.0, weeks: int = 26, n: int = 200_000, hazard: float = 0.02, seed: int = 1) -> Iterator[Row]:
    """Data of the share ``breach`` of users leak in week 0; the hazard h of others is h (1 - effect breach 2^(-t/H)).

    So after ``weeks`` the share 1 - e^-(sum of hazards) has turned to the platform; users' trust is T (1 - loss b).
    """
    require(0.0 <= breach <= 1.0 and 0.0 < hazard <= 0.5, "give 0 <= breach <= 1 and a hazard above 0, up to 0.5")
    require(weeks >= 1 and n >= 1000, "give at least 1 week and 1,000 residents")
    people = crowd(n, seed=seed, **EASY, innovation=hazard, imitation=0.0)
    people.levers["platform_modules"][:] = 4.0
    p, state = people.parameters[0], allocate(platform.Platforms, 1)
    total, user = 0.0, n - 1
    people.residents.adopted[user] = 1
    people.residents.trust_committee[:] = people.residents.trust_subdistrict[:] = 0.5
    for week in range(weeks):
        people.levers["data_breach"][:] = breach if week == 0 else 0.0
        tables = (people.communities, people.residents, state, people.parameters, people.levers)
        platform.suffer_breach(*tables)
        platform.decide_platform(week, *tables)
        total += hazard * (1.0 - p["alarm_effect"] * breach * 0.5 ** (week / p["alarm_half_life"]))
    turned = float(people.residents.adopted[:user].sum())
    yield share("who turned to the platform", -math.expm1(-total), turned, user)
    for name, column in (("committee", "trust_committee"), ("subdistrict", "trust_subdistrict")):
        trust = getattr(people.residents, column)
        kept = 0.5 * (1.0 - p["breach_loss"] * breach)
        yield close(f"trust of a user in the {name}", kept, float(trust[user]), tolerance=1e-6)
        yield close(f"trust of the others in the {name}", 0.5, float(trust[0]), tolerance=0.0)
