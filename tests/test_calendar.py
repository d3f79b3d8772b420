"""The calendar of the plans."""

from datetime import date

import pytest

from shequ.model.calendar import Calendar, CalendarError


def test_start_must_be_a_monday() -> None:
    with pytest.raises(CalendarError, match="2024-01-01"):
        Calendar(date(2024, 1, 3), date(2025, 1, 1))


def test_a_week_is_over_on_its_sunday() -> None:
    """1 January 2024 is a Monday: the first week is over on Sunday the 7th and not before."""
    days = {
        date(2024, 1, 6): -1,
        date(2024, 1, 7): 0,
        date(2024, 1, 13): 0,
        date(2024, 1, 14): 1,
        date(2023, 12, 31): -1,
    }
    assert {day: Calendar().over_by(day) for day in days} == days
    assert [Calendar().last_day(week) for week in (0, 260)] == [date(2024, 1, 7), date(2028, 12, 31)]


def test_a_month_ends_with_the_last_week_that_is_over() -> None:
    calendar = Calendar()
    days = [date(2024, 2, 1), date(2024, 3, 1), date(2025, 1, 1), date(2029, 1, 1)]
    ends = [calendar.over_by(date.fromordinal(day.toordinal() - 1)) for day in days]
    weeks = calendar.month_ends(260)
    assert [weeks[0], weeks[1], weeks[11], weeks[-1]] == ends
    assert len(weeks) == 60


def test_date_outside_the_calendar() -> None:
    with pytest.raises(CalendarError, match="2029-01-01 lies outside"):
        Calendar().week_of(date(2029, 1, 1))
