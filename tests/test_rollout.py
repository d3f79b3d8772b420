"""Units: every household in one, borders by rule, heads and places carried over, coverage only adds."""

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from shequ.agents import Households, Residents
from shequ.agents.columns import allocate
from shequ.agents.view import python_row
from shequ.model import CommunityModel, parameters, partition
from shequ.model.district import Archetype, CommunitySpec, DistrictSpec
from shequ.model.levers import Setting
from shequ.model.processes import rollout
from shequ.model.schedule import PROCESSES
from shequ.model.structure import Ties

MINE = {"rollout", "effort", "heads", "organisations"}
OFF = set(PROCESSES) - MINE
P = python_row(parameters.table([parameters.defaults()])[0])

PLAN = {
    "unit_coverage": 1.0,
    "unit_households": 12.0,
    "partition_rule": 2.0,
    "partition_redivisions": 4.0,
    "head_duties": 8.0,
    "head_subsidy": 200.0,
    "head_honour": 0.8,
    "head_assessments": 4.0,
    "head_trainings": 4.0,
    "head_support": 0.6,
    "head_selection": 0.7,
    "home_visits": 2.0,
    "supervision": 0.6,
    "unit_appraisal_weight": 0.15,
    "data_sharing": 0.5,
    "tripartite_platform": 0.8,
    "firm_agreements": 0.8,
    "ngo_contracting": 0.8,
}


def district(households: int = 90) -> DistrictSpec:
    kinds = (Archetype.NEW_ESTATE, Archetype.OLD_NEIGHBOURHOOD, Archetype.URBAN_VILLAGE, Archetype.RURAL)
    return DistrictSpec(tuple(CommunitySpec(c, kind, households + 7 * c) for c, kind in enumerate(kinds)))


def town(**kwargs: Any) -> CommunityModel:
    values = parameters.with_changes({"warmup_weeks": 52})  # the dates below count from a warm-up of a year
    return CommunityModel(district(), seed=4, off=OFF, parameter_values=values, **kwargs)


def settings(values: dict[str, float], week: int) -> list[Setting]:
    return [Setting(week, row, name, value) for row in range(4) for name, value in values.items()]


def assert_partition(m: CommunityModel) -> None:
    """Units tile the street, and everybody's unit is the one that holds the household."""
    for c in range(len(m.communities.id)):
        rows = np.arange(m.communities.unit_start[c], m.communities.unit_stop[c])
        starts, stops = m.units.household_start[rows], m.units.household_stop[rows]
        assert starts[0] == m.communities.household_start[c]
        assert stops[-1] == m.communities.household_stop[c]
        assert (starts[1:] == stops[:-1]).all()
        assert (stops > starts).all()
        assert (m.units.resident_start[rows[1:]] == m.units.resident_stop[rows[:-1]]).all()
        assert m.units.resident_start[rows[0]] == m.communities.resident_start[c]
        assert m.units.resident_stop[rows[-1]] == m.communities.resident_stop[c]
        assert len(rows) <= m.communities.unit_limit[c] - m.communities.unit_start[c]
        for u in rows:
            assert (m.households.unit[m.units.household_start[u] : m.units.household_stop[u]] == u).all()
            assert (m.residents.unit[m.units.resident_start[u] : m.units.resident_stop[u]] == u).all()
        spare = slice(int(m.communities.unit_stop[c]), int(m.communities.unit_limit[c]))
        assert (m.units.head[spare] == -1).all()
        assert not m.units.organised[spare].any()
    assert (m.residents.unit == m.households.unit[m.residents.household]).all()
    assert len(set(m.units.id[m.units.household_stop > 0].tolist())) == np.sum(m.units.household_stop > 0)


# --- borders ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [0, 1, 2, 3])
@pytest.mark.parametrize("size", [6, 12, 20, 60])
def test_every_household_lies_in_exactly_one_unit(rule: int, size: int) -> None:
    m = town()
    m.levers["partition_rule"], m.levers["unit_households"] = rule, size
    rollout.step(m)
    assert_partition(m)
    assert (m.communities.cut_rule == rule).all()


def street(buildings: list[int], stairwells: list[int] | None = None) -> Households:
    """Households in buildings (and stairwells) of the given sizes, one resident each."""
    table = allocate(Households, sum(buildings))
    table.building[:] = np.repeat(np.arange(len(buildings)), buildings)
    flights = stairwells or buildings
    table.stairwell[:] = np.repeat(np.arange(len(flights)), flights)
    table.size[:] = 1
    table.resident_start[:] = np.arange(sum(buildings))
    return table


def network(n: int, pairs: dict[tuple[int, int], float]) -> tuple[Residents, Ties]:
    """Residents one a household, and the ties of the given pairs in both directions."""
    residents = allocate(Residents, n)
    residents.household[:] = np.arange(n)
    both = sorted([(a, b, s) for (a, b), s in pairs.items()] + [(b, a, s) for (a, b), s in pairs.items()])
    start = np.searchsorted([a for a, _, _ in both], np.arange(n + 1)).astype(np.int64)
    others = np.array([b for _, b, _ in both], np.uint16)
    strength = np.array([s for _, _, s in both], np.float32)
    nothing = np.zeros(len(both), np.uint8)
    return residents, Ties(start, others, nothing, strength, strength)


def cut(table: Households, target: float, rule: int, pairs: dict[tuple[int, int], float] | None = None) -> list[int]:
    n = len(table.size)
    residents, ties = network(n, pairs or {})
    starts = partition.borders(0, n, target, rule, table, residents, ties, 0, P)
    return [int(b - a) for a, b in pairwise([*starts.tolist(), n])]


def test_uniform_rule_cuts_every_n_households() -> None:
    assert cut(street([30, 20]), 12, 0) == [12, 12, 12, 12, 2]


def test_building_rule_keeps_stairwells_and_buildings_whole() -> None:
    assert cut(street([48, 36], [12] * 7), 12, 1) == [12] * 7
    assert cut(street([48, 48], [12] * 8), 24, 1) == [24] * 4
    assert cut(street([25, 25]), 12, 1) == [12, 13, 12, 13] or cut(street([25, 25]), 12, 1) == [13, 12, 13, 12]
    assert sorted(cut(street([34, 34]), 12, 1)) == [11, 11, 11, 11, 12, 12]


def test_small_buildings_join_whole() -> None:
    assert cut(street([4] * 9), 12, 1) == [12, 12, 12]
    sizes = cut(street([30, 3, 30]), 12, 1)  # three households cannot be a unit; they join part of one neighbour
    assert min(sizes) >= partition.SMALLEST_UNIT
    edges = np.cumsum(sizes).tolist()
    assert 30 in edges or 33 in edges


def test_generated_estates_are_not_cut_across_buildings() -> None:
    m = town()
    m.levers["partition_rule"], m.levers["unit_households"] = 1, 12
    rollout.step(m)
    place = m.households.community.astype(int) * 1000 + m.households.building
    held = np.bincount(place)
    for u in np.flatnonzero(m.units.household_stop > 0):
        inside = np.unique(place[m.units.household_start[u] : m.units.household_stop[u]])
        large = inside[held[inside] >= 0.8 * 12]
        others = inside[held[inside] < 0.8 * 12]
        assert len(large) <= 1
        assert len(large) == 0 or (held[others] < partition.SMALLEST_UNIT).all()


def test_acquaintance_rule_cuts_where_ties_are_weakest() -> None:
    """Neighbours who know each other in groups of 10, 14, 11 and 13: the borders fall between the groups."""
    groups = [10, 14, 11, 13]
    edges = np.cumsum([0, *groups])
    pairs = {
        (a, b): (1.0 if np.searchsorted(edges, a, "right") == np.searchsorted(edges, b, "right") else 0.05)
        for a in range(48)
        for b in range(a + 1, min(a + 4, 48))
    }
    assert cut(street([48]), 12, 2, pairs) == groups
    assert cut(street([48]), 12, 1, pairs) == [12, 12, 12, 12]


def test_severed_ties_are_the_ties_that_span_a_cut() -> None:
    draw = np.random.default_rng(1)
    pairs = {(a, b): float(draw.random()) for a in range(40) for b in range(a + 1, 40) if draw.random() < 0.2}
    residents, ties = network(40, pairs)
    severed = np.zeros(41)
    partition.count_severed(0, 40, 0, 15, street([40]), residents, ties, severed)
    for j in range(1, 40):
        expected = sum(np.float32(s) for (a, b), s in pairs.items() if a < j <= b and b - a <= 15)
        assert severed[j] == pytest.approx(expected, abs=1e-5)
    assert severed[40] == 0.0


def test_mixed_rule_spreads_migrants() -> None:
    """Blocks of migrants and locals: shares by unit lie nearer to the community's than under the uniform rule."""
    table = street([96])
    table.migrant[:] = np.tile([0] * 9 + [1] * 7, 6)

    def spread(rule: int) -> float:
        edges = np.cumsum([0, *cut(table, 12, rule)])
        return float(np.std([table.migrant[a:b].mean() for a, b in pairwise(edges)]))

    assert spread(3) < 0.5 * spread(0)


def cost_of(sizes: tuple[int, ...], building: np.ndarray, migrant: np.ndarray, cuts: np.ndarray, mix: float) -> float:
    """Cost of a way to cut, spelled out: bounds 8 to 12.5 around 10."""
    total, a = 0.0, 0
    for k, length in enumerate(sizes):
        b = a + length
        beyond = max(8.0 - length, 0.0, length - 12.5) / 10.0
        total += (length / 10.0 - 1.0) ** 2 + 100.0 * beyond**2 + mix * (migrant[a:b].mean() - migrant.mean()) ** 2
        inside = [j for j in range(a + 1, b) if building[j] != building[j - 1]]
        total += 4.0 * len(inside)
        ends = (a == 0 or building[a] != building[a - 1]) or (b == len(building) or building[b] != building[b - 1])
        total += 1e6 * (bool(inside) and not ends)
        total += cuts[b] if k < len(sizes) - 1 else 0.0
        a = b
    return total


@cache
def compositions(n: int) -> list[tuple[int, ...]]:
    """All ways to write n as an ordered sum of parts of at least 6."""
    return ([(n,)] if n >= 6 else []) + [(k, *rest) for k in range(6, n - 5) for rest in compositions(n - k)]


@pytest.mark.parametrize("seed", range(12))
def test_search_finds_the_cheapest_cut(seed: int) -> None:
    """Against brute force over all cuts of 30 households."""
    draw = np.random.default_rng(seed)
    n = 30
    building = np.cumsum(draw.random(n) < 0.12)
    migrant = (draw.random(n) < 0.4).astype(float)
    cuts = draw.random(n + 1) * 0.3
    cross = np.zeros(n + 1)
    for j in range(1, n):
        cross[j] = 4.0 * (building[j] != building[j - 1])
    starts = partition.cheapest(building.astype(np.int64), migrant, cuts, cross, 10.0, 8.0, 12.5, 2.0)
    found = tuple(int(b - a) for a, b in pairwise([*starts.tolist(), n]))
    costs = {sizes: cost_of(sizes, building, migrant, cuts, 2.0) for sizes in compositions(n) if max(sizes) <= 25}
    assert costs[found] == pytest.approx(min(costs.values()), abs=1e-9)


def test_search_check_catches_a_wrong_implementation() -> None:
    """A cut that ignores ties is not the cheapest where ties differ."""
    draw = np.random.default_rng(3)
    cuts = draw.random(31) * 0.3
    building, migrant = np.zeros(30, np.int64), np.zeros(30)
    starts = partition.cheapest(building, migrant, np.zeros(31), np.zeros(31), 10.0, 8.0, 12.5, 2.0)
    found = tuple(int(b - a) for a, b in pairwise([*starts.tolist(), 30]))
    best = min(cost_of(sizes, building, migrant, cuts, 2.0) for sizes in compositions(30))
    assert cost_of(found, building, migrant, cuts, 2.0) > best + 1e-6


# --- coming into force -----------------------------------------------------------------------------------------------


def test_raising_coverage_only_adds_units() -> None:
    m = town()
    before = np.zeros(len(m.units.id), np.uint8)
    used = m.units.household_stop > 0
    for coverage in np.linspace(0.0, 1.0, 21):
        m.levers["unit_coverage"] = coverage
        rollout.step(m)
        assert (m.units.organised >= before).all()
        before = m.units.organised.copy()
        share, error = before[used].mean(), np.sqrt(max(coverage * (1 - coverage), 1e-9) / used.sum())
        assert abs(share - coverage) <= 4.0 * error + 1e-9
    assert (before == used).all()


def test_a_unit_no_longer_in_force_releases_its_head() -> None:
    m = town(settings=settings({"unit_coverage": 1.0}, -60))
    for _ in range(30):
        m.step()
    assert (m.units.head >= 0).sum() >= 5
    m.levers["unit_coverage"] = 0.0
    rollout.step(m)
    assert (m.units.head == -1).all()
    assert (m.units.frailty == 0.0).all()


# --- a new cut -------------------------------------------------------------------------------------------------------


def test_heads_go_with_their_households() -> None:
    """After a cut into smaller units everybody in office stays, with all that belongs to the office."""
    m = town(settings=settings({"unit_coverage": 1.0}, -60))
    for _ in range(40):
        m.step()
    units = m.units
    kept = {
        int(units.head[u]): [float(getattr(units, name)[u]) for name in rollout.OFFICE]
        for u in np.flatnonzero(units.head >= 0)
    }
    assert len(kept) >= 10
    m.levers["unit_households"], m.levers["partition_rule"] = 10, 1
    rollout.step(m)
    assert_partition(m)
    now = {
        int(units.head[u]): [float(getattr(units, name)[u]) for name in rollout.OFFICE]
        for u in np.flatnonzero(units.head >= 0)
    }
    assert now == kept
    for u in np.flatnonzero(units.head >= 0):
        assert m.residents.unit[units.head[u]] == u


def test_of_two_heads_the_longer_in_office_stays() -> None:
    m = town(settings=settings({"unit_coverage": 1.0, "unit_households": 10.0}, -60))
    for _ in range(60):
        m.step()
    units = m.units
    tenure = {int(h): int(t) for h, t in zip(units.head, units.tenure, strict=True) if h >= 0}
    m.levers["unit_households"] = 30
    rollout.step(m)
    stay = units.head[units.head >= 0]
    assert 0 < len(stay) < len(tenure)
    for h in stay:
        rivals = [r for r in tenure if m.residents.unit[r] == m.residents.unit[h]]
        assert tenure[int(h)] == max(tenure[r] for r in rivals)
    assert {int(m.residents.unit[h]) for h in stay} == {int(m.residents.unit[h]) for h in tenure}


def test_a_cut_that_changes_nothing_touches_nothing() -> None:
    m = town()
    for _ in range(20):
        m.step()
    before = m.snapshot()
    for c in range(4):
        rollout.recut(m, c)
    for column, old in zip(m.units, before["units"], strict=True):
        assert column.tobytes() == old.tobytes()


@pytest.mark.parametrize(("yearly", "months"), [(0, []), (1, [1]), (2, [1, 7]), (4, [1, 4, 7, 10])])
def test_units_are_redrawn_on_time(monkeypatch: pytest.MonkeyPatch, yearly: float, months: list[int]) -> None:
    m = town()
    rollout.step(m)
    m.levers["partition_redivisions"] = yearly
    redrawn: list[tuple[int, int]] = []

    def note(model: CommunityModel, c: int) -> None:
        if c == 0:
            redrawn.append((model.calendar.monday(model.week + 1).year, model.calendar.monday(model.week + 1).month))

    monkeypatch.setattr(rollout, "recut", note)
    for week in range(261):
        m.week = week
        rollout.step(m)
    sundays = [(year, month) for year in range(2024, 2029) for month in months]
    assert redrawn == sundays


# --- engines ---------------------------------------------------------------------------------------------------------


def test_engines_agree_on_heads_effort_and_organisations() -> None:
    """Every byte of every table, each week, through a change of plan and quarterly redivisions."""
    compiled, agents = (town(settings=settings(PLAN, -20), engine=engine) for engine in ("compiled", "agents"))
    for _ in range(75):
        compiled.step()
        agents.step()
        for name, table in compiled.tables().items():
            for field in table._fields:
                same = getattr(table, field).tobytes() == getattr(getattr(agents, name), field).tobytes()
                assert same, f"week {compiled.week}: {name}.{field}"
        for field in compiled.flows._fields:
            assert getattr(compiled.flows, field).tobytes() == getattr(agents.flows, field).tobytes(), field
    assert compiled.units.trainings.any() or compiled.units.last_training.max() > 0
    assert compiled.units.head.max() >= 0
    assert compiled.organisations.joined.any()
