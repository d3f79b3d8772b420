"""The calendar of the plans."""

from datetime import date

import pytest

from shequ.model.calendar import Calendar, CalendarError


def test_start_must_be_a_monday() -> None:
    with pytest.raises(CalendarError, match="2024-01-01"):
        Calendar(date(2024, 1, 3), date(2025, 1, 1))


def test_date_outside_the_calendar() -> None:
    with pytest.raises(CalendarError, match="2029-01-01 lies outside"):
        Calendar().week_of(date(2029, 1, 1))
