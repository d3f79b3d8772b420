"""People who come and go: ties under moves, stays, lifetimes, counts of people (checks M)."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..agents import Residents
from ..agents.columns import allocate
from ..agents.rates import WEEKS_A_YEAR
from ..model import CommunityModel, parameters
from ..model.district import Archetype, CommunitySpec, DistrictSpec
from ..model.homes import Lives
from ..model.network import HOUSEHOLD
from ..model.processes import mobility, ties
from ..model.structure import Communities
from .check import Row, check, exact, mean, printed, random, require, share

ALIKE = {  # everybody moves at the same rate, and every possible tie forms at the same rate
    "tenant_move_ratio": 1.0,
    "owner_move_ratio": 1.0,
    "elder_move_ratio": 1.0,
    "head_move_ratio": 1.0,
    "move_satisfaction": 0.0,
    "homophily": 0.0,
    "door_decay": 0.0,
    "sociability_spread": 0.0,
    "newcomer_ties": 0.0,
}
AT_ONCE = 0.001  # weeks that a dwelling stands empty where that should not matter
ADULT = 18
STEPS = 1000  # of an integral over a year of age
YOUNG, LOOSE = 0.02, 0.05  # standard errors that still tell right from wrong, as shares of the expected value


def movers(communities: int, households: int, seed: int, weeks: int, **values: float) -> CommunityModel:
    """Return communities of one archetype before so many weeks of warm-up, in which people move and do not age."""
    specs = tuple(CommunitySpec(c, Archetype.MIXED, households) for c in range(communities))
    known = parameters.defaults() | ALIKE | {"warmup_weeks": float(weeks)} | values
    return CommunityModel(DistrictSpec(specs), seed=seed, parameter_values=known)


def move(model: CommunityModel, weeks: int) -> None:
    """Run moves and ties alone."""
    for _ in range(weeks):
        model.week += 1
        ties.step(model)
        mobility.step(model)


def strengths(model: CommunityModel) -> Any:
    """Mean strength of the ties between households, by community; ties to places of nobody left out."""
    t, communities = model.ties, model.communities
    known = (t.kind != HOUSEHOLD) & (t.affinity > 0.0)
    sums, counts = np.append(0.0, np.cumsum(t.strength * known)), np.append(0, np.cumsum(known))
    begin, end = t.start[communities.resident_start], t.start[communities.resident_stop]
    return (sums[end] - sums[begin]) / (counts[end] - counts[begin])


@check("M1", "Ties at rest while households move")
def ties_under_moves(
    f: float = 0.02, d: float = 0.0, move_out: float = 0.003, communities: int = 60, households: int = 60, seed: int = 1
) -> Iterator[Row]:
    """Ties form at ``f`` a week, fade at ``d``, and end when one of two households moves out, at ``move_out`` each.

    Mean strength f/(f + d + 2 move_out) at the start, where each pair has lived together for an exponential time; in
    weekly steps, counted after the moves, it rests at s f/(1 - s (1 - f - d)) with s = e^(-2 move_out). Dwellings are
    taken at once.
    """
    require(0.0 < f < 1.0 and d >= 0.0 and f + d < 1.0, "give f above 0, d of 0 or more, f + d below 1")
    require(0.0005 <= move_out <= 0.02, "give move_out from 0.0005 to 0.02")
    require(communities >= 2 and households >= 20, "give at least 2 communities of 20 households")
    weeks = math.ceil(3.0 / (f + d + 2.0 * move_out))
    values = {"tie_formation": f, "tie_decay": d, "move_out": move_out, "vacancy_weeks": AT_ONCE}
    model = movers(communities, households, seed, weeks, **values)
    rest = f / (f + d + 2.0 * move_out)
    if (f, d, move_out) == (0.02, 0.0, 0.003):
        yield printed("mean strength (published, S7)", 0.769231, rest)
    yield mean("mean strength at the start", rest, strengths(model), precision=YOUNG)
    move(model, weeks)
    stays = math.exp(-2.0 * move_out)
    expected = stays * f / (1.0 - stays * (1.0 - f - d))
    yield mean(f"mean strength {weeks} weeks later", expected, strengths(model), precision=YOUNG)


@check("M2", "Exponential stays and empty dwellings")
def stays(
    move_out: float = 0.002,
    owner_ratio: float = 0.5,
    tenant_ratio: float = 1.5,
    vacancy: float = 6.0,
    weeks: int = 52,
    communities: int = 40,
    households: int = 500,
    seed: int = 1,
) -> Iterator[Row]:
    """Share of households still in place after ``weeks`` weeks: e^(-rate weeks), for owners and tenants.

    And the share of dwellings that stand empty after two years: (1 - a) q/(1 - (1 - a)(1 - q)), where a household
    leaves in a week with q = 1 - e^(-rate) and the next comes with a = 1 - e^(-1/vacancy), at the earliest at once.
    """
    require(0.0 < move_out <= 0.02 and min(owner_ratio, tenant_ratio) > 0.0, "give rates above 0, move_out to 0.02")
    require(vacancy > 0.0 and 1 <= weeks <= 104, "give a vacancy above 0 and 1 to 104 weeks")
    require(min(communities, households) >= 1, "give at least 1 community of 1 household")
    values = {"move_out": move_out, "owner_move_ratio": owner_ratio, "tenant_move_ratio": tenant_ratio}
    model = movers(communities, households, seed, 104, **values, vacancy_weeks=vacancy)
    owner = model.households.owner == 1
    move(model, weeks)
    stayed = (model.dwellings.generation == 0) & (model.households.size > 0)
    for name, who, ratio in (("owners", owner, owner_ratio), ("tenants", ~owner, tenant_ratio)):
        chance = math.exp(-move_out * ratio * weeks)
        yield share(f"{name} still there after {weeks} weeks", chance, int(stayed[who].sum()), int(who.sum()))
    move(model, 104 - weeks)
    comes = 1.0 - math.exp(-1.0 / vacancy)
    for name, who, ratio in (("owners'", owner, owner_ratio), ("tenants'", ~owner, tenant_ratio)):
        leaves = 1.0 - math.exp(-move_out * ratio)
        expected = (1.0 - comes) * leaves / (1.0 - (1.0 - comes) * (1.0 - leaves))
        empty, n = int((model.households.size[who] == 0).sum()), int(who.sum())
        error = math.sqrt(expected * (1.0 - expected) / n)
        yield random(f"{name} dwellings empty", expected, empty / n, error, precision=1.0)


@check(
    "M3",
    "Lifetimes by Gompertz's law",
    cases=[{"age": 0, "years": 70.0}, {"age": 60, "years": 10.0}, {"age": 80, "years": 5.0}],
)
def lifetimes(
    age: int = 60, years: float = 10.0, mode: float = 87.0, slope: float = 0.095, n: int = 200_000, seed: int = 1
) -> Iterator[Row]:
    """Of people ``age`` years old, S = exp(-e^(b (x - M)) (e^(b t) - 1)) are alive t = ``years`` later.

    M is ``mode``, the age at which most die, b is ``slope``. [Gompertz 1825]
    Birthdays lie anywhere in the year, so x is uniform on [age, age + 1); newborn children are exactly 0.
    """
    require(0 <= age <= 100 and 0.0 < years <= 100.0, "give an age of 0 to 100 and 0 to 100 years")
    require(0.05 <= slope <= 0.2 and 60.0 <= mode <= 100.0, "give a slope from 0.05 to 0.2 and a mode from 60 to 100")
    require(100 <= n <= 10_000_000, "n: 100 to 10,000,000")
    residents, lives = allocate(Residents, n), allocate(Lives, n)
    residents.id[:], residents.age[:] = np.arange(n), age
    row: Any = parameters.table([parameters.defaults() | {"death_mode_age": mode, "death_slope": slope}])
    place = allocate(Communities, 1)
    place.seed[0], place.resident_stop[0] = seed, n
    mobility.draw_lives(place, residents, lives, row)
    x = age + (np.arange(STEPS) + 0.5) / STEPS * (age > 0)
    weeks = math.floor(years * WEEKS_A_YEAR)
    survival = np.exp(-np.exp(slope * (x - mode)) * np.expm1(slope * weeks / WEEKS_A_YEAR)).mean()
    alive = int((lives.dies > weeks).sum())
    yield share(f"alive after {years:g} years, in whole weeks", float(survival), alive, n, precision=LOOSE)
    yield exact("born after they came to be of that age", 0, int((-lives.born < math.floor(age * WEEKS_A_YEAR)).sum()))


@check("M4", "Nobody is lost, and every household has a voice")
def people(
    weeks: int = 60, communities: int = 3, households: int = 60, seed: int = 0, hurry: float = 10.0
) -> Iterator[Row]:
    """Residents = those of the start + moved in - moved out + born - died, every week, by community.

    Places and people agree in all tables; the first place of a lived-in dwelling holds an adult; numbers of persons
    are unique; both ends of a tie agree, and nobody knows an empty place. Moves, births and deaths are ``hurry`` times
    as frequent as usual.
    """
    require(min(weeks, communities, households) >= 1 and 0.0 < hurry <= 20.0, "give counts of 1 or more, hurry to 20")
    known = parameters.defaults()
    rates = {name: hurry * known[name] for name in ("move_out", "birth_rate")}
    model = movers(communities, households, seed, 1, **rates, death_mode_age=known["death_mode_age"] - 4.0 * hurry)
    living = present(model)
    lost = misplaced = mute = 0
    for _ in range(weeks):
        model.step()
        living += came_and_went(model)
        lost += int(np.abs(living - present(model)).sum())
        misplaced += places_apart(model)
        speakers = model.residents.age[model.households.resident_start]
        mute += int(((model.households.size > 0) & (speakers < ADULT)).sum())
    yield exact("persons unaccounted for", 0, lost)
    yield exact("places that tables count differently", 0, misplaced)
    yield exact("household-weeks without an adult in the first place", 0, mute)
    numbers = model.residents.id[model.residents.present == 1]
    yield exact("numbers given twice", 0, len(numbers) - len(np.unique(numbers)))
    yield exact("ties that the other side sees differently", 0, one_sided(model))


def present(model: CommunityModel) -> Any:
    """Residents who live in each community, counted one by one."""
    return np.bincount(model.residents.community, model.residents.present, len(model.communities.id)).astype(np.int64)


def came_and_went(model: CommunityModel) -> Any:
    """Persons who came this week less those who went, by community."""
    flows = model.flows
    return flows.persons_arrived - flows.persons_left + flows.births - flows.deaths


def places_apart(model: CommunityModel) -> int:
    """Differences between persons counted one by one and the counts of households, units and communities."""
    residents, homes, units, communities = model.residents, model.households, model.units, model.communities
    at_home = np.bincount(residents.household, residents.present, len(homes.id)).astype(np.int64)
    in_unit = np.bincount(residents.unit, residents.present, len(units.id)).astype(np.int64)
    kept = (units.resident_stop - units.resident_start).astype(np.int64)
    total = int(np.abs(at_home - homes.size).sum()) + int(np.abs(kept - units.empty_places - in_unit).sum())
    stops = np.append(homes.resident_start[1:], len(residents.id))
    total += int(np.abs(stops - homes.resident_start - homes.size - homes.empty_places).sum())
    places = communities.resident_stop - communities.resident_start
    return total + int(np.abs(places - communities.empty_places - present(model)).sum())


def one_sided(model: CommunityModel) -> int:
    """Directed ties without an equal one back, and ties with strength to a place of nobody."""
    t, here = model.ties, model.residents.present == 1
    one = np.repeat(np.arange(len(here)), np.diff(t.start))
    two = t.other + model.communities.resident_start[model.residents.community[one]]
    there, back = np.lexsort((two, one)), np.lexsort((one, two))
    total = int(((one[there] != two[back]) | (two[there] != one[back])).sum())
    for column in (t.kind, t.affinity, t.strength):
        total += int((column[there] != column[back]).sum())
    return total + int(((t.strength > 0.0) & ~(here[one] & here[two])).sum())
