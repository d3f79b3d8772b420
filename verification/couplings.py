"""Couplings between parts of the model against closed forms (checks X)."""

import math
from collections.abc import Iterator

import numpy as np

from ..agents.committee import split_week
from .check import CheckError, Row, batches, check, exact, printed
from .effort import lever_row, row_of
from .stations import Station, poisson

HOURS = 50.0  # working week of the one worker
WAITS = {0.0: 0.25, 0.2: 0.5, 0.3: 1.0, 0.35: 2.0}
LIGHT, MIDDLE, HEAVY = 1_000_000, 3_000_000, 12_000_000  # arrivals; waits near saturation take many to average out


@check(
    "X1",
    "Reports take the time that residents wait for",
    cases=[{"share": s, "n": LIGHT if s < max(WAITS) - 0.1 else MIDDLE} for s in WAITS if s < max(WAITS)],
    study=[{"share": max(WAITS), "n": HEAVY}],
)
def reporting_wait(
    share: float = 0.3, capacity: float = 10.0, arrivals: float = 6.0, n: int = 3_000_000, seed: int = 1
) -> Iterator[Row]:
    """A worker settles ``capacity`` issues a week with all hours; reports take the ``share`` s of them; W = 1/(m - l).

    m = capacity (1 - s). The committee's own split of the week gives the hours, the ladder's queue the waits.
    """
    if not 0.0 <= share < 1.0 or not 1_000 <= n <= 100_000_000:
        message = "give 0 <= share < 1 and 1,000 to 100,000,000 arrivals"
        raise CheckError(message)
    if not 0.0 < arrivals < capacity * (1.0 - share):
        message = (
            f"no steady state: {capacity * (1.0 - share):g} issues a week can be settled and {arrivals:g} arrive; "
            f"give share < {1.0 - arrivals / capacity:g}"
        )
        raise CheckError(message)
    p = row_of(unit_weight=0.0, reporting_ceiling=1.0, report_minutes=1.0, mandatory_share=1.0)
    lever = lever_row(staff_weekly_hours=HOURS, reporting_departments=1.0)
    hours, _, reporting, service, _, _, _ = split_week(1.0, 0.0, lever, 0, round(share * 60.0 * HOURS), p)
    yield exact("minutes for reports", round(share * 60.0 * HOURS), reporting)
    rate = capacity * service / hours
    expected = 1.0 / (rate - arrivals)
    if (capacity, arrivals) == (10.0, 6.0) and share in WAITS:
        yield printed("W (published)", WAITS[share], expected)
    path = Station(1, rate=rate, seed=seed).run(poisson(arrivals, n, seed))
    yield batches("W", expected, path.sojourn)
    yield batches("P(W > its mean)", math.exp(-1.0), np.asarray(path.sojourn > expected))
