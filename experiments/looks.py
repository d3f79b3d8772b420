"""Weeks and days at which runs of a study or comparison are looked at."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from ..model.calendar import Calendar
from .pool import RunError
from .runner import Run


def looked_at(run: Run, end: int, weeks: Sequence[int] = ()) -> Run:
    """Return the run of which week 0, the ends of months up to week ``end`` and ``weeks`` are kept."""
    kept = {0, *run.inputs.calendar.month_ends(end), *weeks}
    return replace(run, job=replace(run.job, looks=tuple(sorted(kept))))


def days_of(given: Sequence[str | date], calendar: Calendar, end: int) -> list[date]:
    """Dates in order; without any, the ends of years."""
    last = calendar.last_day(end)
    if not given:
        ends = [date(year, 12, 31) for year in range(calendar.start.year, last.year + 1)]
        return [day for day in ends if day <= last] or [last]
    days: list[date] = []
    for day in given:
        try:
            days.append(day if isinstance(day, date) else date.fromisoformat(day))
        except ValueError as error:
            message = f"{day!r} is not a date; write it as 2026-12-31"
            raise RunError(message) from error
    first = calendar.last_day(0)
    for day in days:
        if not first <= day <= last:
            message = f"{day} is not among the days that all scenarios share: {first} to {last}"
            raise RunError(message)
    return sorted(set(days))
