"""The calendar of the plans."""

from datetime import date

import pytest

from shequ.agents.rules import probability
from shequ.model.calendar import Calendar, CalendarError


def test_g0_261_weeks_from_monday_to_sunday() -> None:
    calendar = Calendar()
    assert calendar.weeks == 261
    assert calendar.monday(0) == date(2024, 1, 1)
    assert calendar.monday(0).weekday() == 0
    assert calendar.monday(260).toordinal() + 6 == date(2028, 12, 31).toordinal()


def test_g0_counts_months_quarters_and_years() -> None:
    calendar = Calendar()
    weeks = range(calendar.weeks)
    assert sum(calendar.opens_month(w) for w in weeks) == 60
    assert sum(calendar.opens_quarter(w) for w in weeks) == 20
    assert sum(calendar.opens_year(w) for w in weeks) == 5
    assert sum(calendar.closes_year(w) for w in weeks) == 5


def test_g1_hazard_over_a_year_is_the_same_at_once_or_week_by_week() -> None:
    hazard = 0.00429122
    assert (1 - probability(hazard)) ** 52 == pytest.approx(1 - probability(52 * hazard), rel=1e-9)


def test_start_must_be_a_monday() -> None:
    with pytest.raises(CalendarError, match="2024-01-01"):
        Calendar(date(2024, 1, 3), date(2025, 1, 1))


def test_date_outside_the_calendar() -> None:
    with pytest.raises(CalendarError, match="2029-01-01 lies outside"):
        Calendar().week_of(date(2029, 1, 1))
