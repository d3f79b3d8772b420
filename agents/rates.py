"""From rates to what happens in a week: the units of time, and counts of events from one uniform."""

from .rules import exp, rule

WEEKS_A_YEAR = 365.25 / 7.0
MONTHS_A_YEAR = 12.0
WEEKS_A_MONTH = WEEKS_A_YEAR / MONTHS_A_YEAR
MINUTES_AN_HOUR = 60.0


@rule
def scheduled(u: float, mean: float) -> int:
    """Count of planned events: ``mean`` rounded up or down at random, floor(mean + u), so that E = mean.

    Plans are kept as evenly as whole numbers allow: the variance is at most a quarter.
    """
    return int(mean + u)


@rule
def arrivals(u: float, mean: float, most: int) -> int:
    """Count of events that come by themselves: the Poisson quantile of u, at most ``most``."""
    term = exp(-mean)
    total = term
    n = 0
    while total < u and n < most:
        n += 1
        term = term * mean / n
        total += term
    return n
