"""The calendar: weeks that start on Mondays, with the months and years that budgets and routines follow."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property

WEEK = timedelta(days=7)


@cache  # the same few hundred weeks are asked for a dozen times a week
def _monday(start: date, week: int) -> date:
    return start + week * WEEK


@cache
def _sunday(start: date, week: int) -> date:
    return _monday(start, week + 1) - timedelta(days=1)


class CalendarError(ValueError):
    """A date that the calendar cannot hold."""


@dataclass(frozen=True)
class Calendar:
    """Weeks from the Monday ``start`` to the last one that begins on or before ``end``.

    Week 0 starts on ``start``; warm-up weeks have negative numbers. The plan horizon 2024-01-01 to 2028-12-31 has
    261 weeks [theory G0].
    """

    start: date = date(2024, 1, 1)
    end: date = date(2028, 12, 31)

    def __post_init__(self) -> None:
        if self.start.weekday() != 0:
            monday = self.start - timedelta(days=self.start.weekday())
            message = f"the calendar must start on a Monday; {self.start} is not one. Try {monday}."
            raise CalendarError(message)
        if self.end <= self.start:
            message = f"the calendar ends on {self.end}, before its start on {self.start}"
            raise CalendarError(message)

    @cached_property
    def weeks(self) -> int:
        """Number of weeks."""
        return (self.end - self.start).days // 7 + 1

    def monday(self, week: int) -> date:
        """Monday of ``week``."""
        return _monday(self.start, week)

    def week_of(self, day: date) -> int:
        """Week that holds ``day``; raises CalendarError outside the calendar."""
        week = (day - self.start).days // 7
        if not 0 <= week < self.weeks:
            message = f"{day} lies outside the calendar {self.start} to {self.end}"
            raise CalendarError(message)
        return week

    def over_by(self, day: date) -> int:
        """Last week that is over once ``day`` is; -1 or less where none of the calendar is."""
        return ((day - self.start).days + 1) // 7 - 1

    def month_ends(self, last: int) -> list[int]:
        """Weeks up to ``last`` that are the last ones to be over in their month."""
        return [week for week in range(last + 1) if self.last_day(week).month != self.last_day(week + 1).month]

    def last_day(self, week: int) -> date:
        """Sunday of ``week``."""
        return _sunday(self.start, week)

    def opens_month(self, week: int) -> bool:
        """Whether the first day of a month falls into ``week``: the week in which monthly pay and meetings happen."""
        return self.last_day(week).day <= WEEK.days

    def opens_quarter(self, week: int) -> bool:
        """Whether the first day of a quarter falls into ``week``."""
        return self.opens_month(week) and self.last_day(week).month in {1, 4, 7, 10}

    def opens_year(self, week: int) -> bool:
        """Whether 1 January falls into ``week``."""
        return self.opens_month(week) and self.last_day(week).month == 1

    def closes_year(self, week: int) -> bool:
        """Whether 31 December falls into ``week``."""
        return self.monday(week + 1).year != self.monday(week).year
