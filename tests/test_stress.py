"""The stress library: what each shock does at once, on paired seeds; nothing before it strikes."""

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from shequ.experiments.replicate import observe, smaller
from shequ.model import CommunityModel
from shequ.model.calendar import Calendar
from shequ.scenarios import compile, loader

PLAN = "ten_household"
SEEDS = (0, 1)
COMMUNITIES, HOUSEHOLDS = 3, 60
SHARE = COMMUNITIES * HOUSEHOLDS / 23_500  # of the plan's households, and so of its money
CALENDAR = Calendar()

# Layer, first day of the shock, day on which the observable is read, observable, and the way it goes.
DIRECT = [
    ("epidemic_wave", date(2026, 1, 5), date(2026, 3, 1), "activities_per_month", -1),
    ("budget_cut", date(2026, 1, 1), date(2026, 12, 31), "social_fund_share", 1),
    ("late_funds", date(2024, 12, 30), date(2025, 4, 27), "subsidy_paid_share", -1),
    ("subsidy_unpaid", date(2026, 1, 1), date(2026, 9, 30), "subsidy_paid_share", -1),
    ("head_exodus", date(2026, 7, 6), date(2026, 7, 12), "head_vacancy_rate", 1),
    ("staff_freeze", date(2025, 1, 1), date(2026, 12, 31), "staff_vacancy_rate", 1),
    ("kpi_reversal", date(2026, 7, 1), date(2026, 12, 31), "head_duty_rate", -1),
    ("platform_outage", date(2027, 1, 1), date(2027, 6, 30), "online_activity_organisation_rate", -1),
    ("data_breach", date(2026, 6, 1), date(2026, 6, 14), "online_platform_use_rate", -1),
    ("ngo_funding_cliff", date(2027, 1, 1), date(2028, 12, 24), "ngo_government_share", -1),
    ("firm_exit", date(2027, 1, 1), date(2028, 12, 24), "social_force_participation_rate", -1),
    ("influx", date(2025, 1, 1), date(2026, 12, 31), "residential_turnover_rate", 1),
    ("ageing_surge", date(2025, 1, 1), date(2028, 12, 24), "elder_share", 1),
    ("online_only", date(2027, 1, 1), date(2027, 12, 31), "online_exclusion_rate", 1),
]


@cache
def record(layer: str | None, seed: int) -> tuple[Any, CommunityModel]:
    """Observables of a small district under the plan with its share of the money, and the model at the end."""
    scenario = loader.load(PLAN, layers=[] if layer is None else [f"stress/{layer}"])
    budget = tuple(line.model_copy(update={"amount": line.amount * SHARE}) for line in scenario.budget)
    inputs = compile.compile(smaller(replace(scenario, budget=budget), COMMUNITIES, HOUSEHOLDS), seed)
    model = CommunityModel(**inputs.arguments()).run()
    return observe(model.recorder.dataset(), inputs, ()), model


def at(layer: str | None, seed: int, day: date, name: str, group: str = "all") -> float:
    return float(record(layer, seed)[0][name].sel(group=group, week=CALENDAR.week_of(day)))


def test_every_shock_has_its_file() -> None:
    files = {path.stem for path in (Path(loader.FOLDER) / "stress").glob("*.yaml")}
    apart = {"flood", "rainstorm", "policy_churn", "pilot_cherry_picking"}  # tested below
    assert files == {entry[0] for entry in DIRECT} | apart


@pytest.mark.parametrize(("layer", "first", "day", "name", "way"), DIRECT, ids=[entry[0] for entry in DIRECT])
def test_each_shock_moves_its_observable_and_nothing_before(
    layer: str, first: date, day: date, name: str, way: int
) -> None:
    moved: list[float] = []
    for seed in SEEDS:
        struck, calm = record(layer, seed)[0], record(None, seed)[0]
        quiet = slice(None, CALENDAR.week_of(first) - 1)
        if layer not in {"epidemic_wave"}:  # goods are kept for a coming emergency
            xr.testing.assert_equal(struck.sel(week=quiet), calm.sel(week=quiet))
        moved.append(way * (at(layer, seed, day, name) - at(None, seed, day, name)))
    assert min(moved) >= 0.0, moved
    assert np.mean(moved) > 0.0, moved


def test_an_epidemic_keeps_striking_and_stops_all_meetings() -> None:
    struck = record("epidemic_wave", 0)[1].recorder.dataset()
    during = slice(CALENDAR.week_of(date(2026, 1, 5)), CALENDAR.week_of(date(2026, 3, 1)))
    assert (struck["emergencies"].sel(week=during) == 1).all()
    assert float(struck["emergencies"].sum()) == 8 * COMMUNITIES
    assert float(struck["emergency_needs"].sel(week=during).min("week").sum()) > 0
    for name in ("unit_activities", "council_meetings"):
        if name in struck:
            assert float(struck[name].sel(week=during).sum()) == 0


def test_late_money_is_late_and_whole() -> None:
    """The money of 2025 to 2027 is the same and comes twenty weeks late."""
    late, calm = record("late_funds", 0)[1], record(None, 0)[1]
    lines = {line.first_year: line for line in late.budget if line.payer == "district"}
    promised = next(line.yearly_fen for line in calm.budget if line.payer == "district")
    assert {year: line.weeks_late for year, line in lines.items()} == {2024: 0, 2025: 20, 2026: 20, 2027: 20, 2028: 0}
    assert {line.yearly_fen for line in lines.values()} == {promised}


def test_heads_bring_their_neighbours_away_before_a_flood() -> None:
    """With units more residents of 60 and over are away in time than where heads have all left."""
    day = date(2026, 7, 13)
    with_heads = [at("flood", seed, day, "safe_in_time_share", "elderly") for seed in SEEDS]
    assert min(with_heads) > 0.2
    assert np.isnan(at(None, 0, day, "safe_in_time_share"))


def test_cherry_picked_pilots_get_more_and_churn_restarts_policies() -> None:
    boosted, plain = record("pilot_cherry_picking", 0)[0], record(None, 0)[0]
    pilots = {"group": "pilot", "week": CALENDAR.week_of(date(2024, 12, 23))}
    assert not boosted.sel(pilots).equals(plain.sel(pilots))
    restarts = [
        float(record(layer, 0)[1].recorder.dataset()["policy_restarts"].sum()) for layer in (None, "policy_churn")
    ]
    assert restarts[0] == 0 < restarts[1]


def test_a_rainstorm_strikes_twice() -> None:
    assert float(record("rainstorm", 0)[1].recorder.dataset()["emergencies"].sum()) == 2 * COMMUNITIES
