"""Purses: two communities in which money alone moves, with heads on duty, on which the project's own funding runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..model import parameters
from ..model.calendar import Calendar
from ..model.community_model import CommunityModel, Engine
from ..model.district import Appropriation, small_district
from ..model.ledger import Purpose, Sector
from ..model.levers import Setting
from ..model.processes import funding
from ..model.schedule import PROCESSES

ALONE = tuple(name for name in PROCESSES if name != "funding")
YEARLY = 1_000_000  # fen a year from the district


def money(yearly: int = YEARLY, first: int = 2024, last: int = 2028, growth: float = 0.0) -> Appropriation:
    """The district's appropriation for the units."""
    return Appropriation("ten_household_fund", "district", yearly, first, last, growth)


def purse(
    budget: Sequence[Appropriation] = (),
    heads: int = 4,
    engine: Engine = "compiled",
    values: Mapping[str, float] | None = None,
    calendar: Calendar | None = None,
    seed: int = 9,
    **levers: float,
) -> CommunityModel:
    """Build a model in which funding alone runs, with ``heads`` heads on duty in each of two communities."""
    settings = [Setting(-1000, c, name, value) for c in range(2) for name, value in levers.items()]
    model = CommunityModel(
        small_district(150),
        seed=seed,
        settings=settings,
        budget=budget,
        engine=engine,
        off=ALONE,
        calendar=calendar,
        parameter_values=parameters.with_changes(values or {}),
    )
    model.week = -1
    units, communities = model.units, model.communities
    units.organised[:] = 0
    for c in range(2):
        rows = slice(communities.unit_start[c], communities.unit_start[c] + heads)
        units.organised[rows] = 1
        units.head[rows] = communities.resident_start[c]
        units.on_duty[rows] = 1
        units.activities[rows] = 1
    return model


def busy(yearly: int, seed: int = 9) -> CommunityModel:
    """A purse with every kind of expense and of income."""
    model = purse(
        [money(yearly)],
        seed=seed,
        head_subsidy=200.0,
        head_performance_pay=100.0,
        activity_budget=200.0,
        unit_activities=4.0,
        head_trainings=4.0,
        points_reward=5.0,
        platform_modules=4.0,
        donation_drive=1.0,
        resource_swap=1.0,
    )
    model.organisations.joined[:] = 1
    model.units.trainings[:] = model.units.organised
    return model


def one_week(model: CommunityModel, participations: int) -> None:
    """Run the money of one week in which residents took part so many times in each community."""
    model.week += 1
    model.set_levers()
    for column in model.flows:
        column[:] = 0
    funding.step(model)
    model.flows.participations[:] = participations
    funding.settle(model)


def _since_start(model: CommunityModel) -> Any:
    """Net receipts in fen, shape (purpose, place, sector)."""
    return model.ledger.book.total.reshape(len(Purpose), model.ledger.places, -1)


def spent(model: CommunityModel, *purposes: int) -> int:
    """Fen that left the unit funds of communities for these purposes, since the start."""
    return -int(_since_start(model)[list(purposes), :2, Sector.UNIT_FUND].sum())


def released(model: CommunityModel) -> int:
    """Fen that the pool gave to the unit funds of communities, since the start."""
    return int(_since_start(model)[Purpose.RELEASE, :2, Sector.UNIT_FUND].sum())


def appropriated(model: CommunityModel) -> int:
    """Fen that the district gave to the pool, since the start."""
    return int(_since_start(model)[Purpose.APPROPRIATION, 2, Sector.UNIT_FUND])
