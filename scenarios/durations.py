"""Durations as plans write them (ISO 8601: P6M, P8W) and conversion between the units of levers."""

import re
from calendar import monthrange
from datetime import date, timedelta

_DURATION = re.compile(r"^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$")
MONTHS_A_YEAR = 12
DAYS_A_WEEK = 7

# Periods a year: a rate given per week, month, quarter or year may be written in any of the four.
PER_YEAR = {"week": 365.25 / 7.0, "month": 12.0, "quarter": 4.0, "year": 1.0}


class DurationError(ValueError):
    """A text that is not an ISO 8601 duration of years, months, weeks and days."""


def add(day: date, duration: str) -> date:
    """Add ``duration`` to ``day``: years and months by the calendar, weeks and days by count."""
    match = _DURATION.match(duration)
    if match is None or duration == "P":
        message = f"{duration!r} is not a duration; write P6M (months), P8W (weeks), P10D (days) or P1Y (years)"
        raise DurationError(message)
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    count = day.year * MONTHS_A_YEAR + day.month - 1 + years * MONTHS_A_YEAR + months
    year, month = divmod(count, MONTHS_A_YEAR)
    shifted = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return shifted + timedelta(weeks=weeks, days=days)


def weeks(duration: str) -> int:
    """Whole weeks of ``duration``, months and years as from the first of January 2024."""
    start = date(2024, 1, 1)
    return (add(start, duration) - start).days // DAYS_A_WEEK


def factor(given: str, wanted: str) -> float | None:
    """Return the number by which a value in the unit ``given`` is multiplied to stand in ``wanted``; None if it cannot.

    Units that differ only in the period of a rate convert (52/year is 4.33/month); anything else must be equal.
    """
    if given == wanted:
        return 1.0
    head, _, period = given.rpartition("/")
    wanted_head, _, wanted_period = wanted.rpartition("/")
    if head and head == wanted_head and period in PER_YEAR and wanted_period in PER_YEAR:
        return PER_YEAR[period] / PER_YEAR[wanted_period]
    return None
