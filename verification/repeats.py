"""Cases that come back, and that no issue is lost (checks Q12, Q13)."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import optimize  # pyright: ignore[reportMissingTypeStubs]

from ..model import CommunityModel
from ..model.district import Archetype, CommunitySpec, DistrictSpec
from ..model.processes import issues
from ..model.queues import LEFT, QUEUED, STARTED
from .check import Row, at_least_one, batches, check, exact, printed, random, require, share
from .queues import impatient
from .stations import Station
from .towns import ALL_CLAIM, ALL_FAIL, live, town

AWAY = 400.0  # mean service times until a quitter returns: so late that returns are Poisson
WINDOW = 10.0


@check("Q12", "repeats: those who gave up, and bad endings")
def repeats(
    c: int = 5,
    a: float = 5.0,
    theta: float = 0.5,
    back: float = 0.8,
    n: int = 1_200_000,
    returned: float = 0.196,
    weeks: int = 260,
    seed: int = 12,
) -> Iterator[Row]:
    """Erlang A with ``a`` first attempts; a share ``back`` of those who give up comes back much later.

    Arrivals solve x = a + back theta Lq(x). Then a town in which every case fails and a share ``returned`` comes back
    once more, again and again: arrivals are 1 / (1 - returned) times the first claims.
    """
    require(0.0 <= back < 1.0 and 0.0 < returned < 1.0, "give shares that come back between 0 and 1")
    at_least_one(n=n, weeks=weeks)
    most = a + back * (a + 10.0 * c) / (1.0 - back)  # arrivals cannot exceed a / (1 - back)

    def surplus(x: float) -> float:
        return a + back * theta * impatient(c, x, theta).queue - x

    solver: Any = optimize
    arrivals = float(solver.brentq(surplus, a, most, xtol=1e-12))
    queue = impatient(c, arrivals, theta).queue
    if (c, a, theta, back) == (5, 5.0, 0.5, 0.8):
        yield printed("arrivals (published)", 6.212127, arrivals)
        yield printed("Lq (published)", 3.030316, queue)
    coming, waiting = retried(c, a, theta, back, n, seed)
    yield batches("arrivals", arrivals, coming)
    yield batches("Lq", queue, waiting, precision=0.015)
    factor = 1.0 / (1.0 - returned)
    if returned == 0.196:
        yield printed("arrivals over first claims (published)", 1.2438, factor, digits=4)
    values = ALL_FAIL | ALL_CLAIM | {"return_share": returned, "escalate_failure": 0.0, "escalate_timeout": 0.0}
    values |= {"patience_rate": 0.0, "withdrawal_rate": 0.0, "rate_inquiry": 0.03, "return_delay": 0.5}
    model = town(values, households=1500)
    model.committees.service_minutes[:] = 10**9
    model.departments.weekly_hours[:] = 1e9
    total = live(model, weeks)
    yield share("share of closed cases that come back", returned, total["repeats"], int(total["closures"]))
    error = math.sqrt(returned) * factor / math.sqrt(total["claims"])  # attempts at a case are geometric
    yield random("arrivals over first claims", factor, 1.0 + total["repeats"] / total["claims"], error)


def retried(c: int, a: float, theta: float, back: float, n: int, seed: int) -> tuple[Any, Any]:
    """Arrivals a service time, and numbers in the queue halfway through a window, by window after a warm-up."""
    rng = np.random.default_rng(seed)
    station = Station(c, patience=theta, window=WINDOW)
    time, work, leave = np.zeros(0), np.zeros(0), np.zeros(0)
    later: Any = np.zeros(0)
    arrivals: list[float] = []
    queue: list[int] = []
    windows = int(n / a / WINDOW)
    for w in range(windows):
        end = station.begin + WINDOW
        fresh = station.begin + WINDOW * rng.random(rng.poisson(a * WINDOW))
        new = np.sort(np.concatenate([fresh, later[later < end]]))
        later = later[later >= end]
        time = np.concatenate([time, new])
        work = np.concatenate([work, rng.exponential(size=len(new))])
        leave = np.concatenate([leave, new + rng.exponential(1.0 / theta, len(new))])
        q = station.serve(time, work, leave, 0, np.arange(len(time)))
        quit_at = q.finish[(q.fate == LEFT) & (rng.random(len(time)) < back)]
        later = np.concatenate([later, np.maximum(quit_at + rng.exponential(AWAY, len(quit_at)), end)])
        if w > windows // 10:
            arrivals.append(len(new) / WINDOW)
            seen: Any = np.select([q.fate == STARTED, q.fate == LEFT], [q.start, q.finish], np.inf)
            queue.append(int(((time <= end - WINDOW / 2.0) & (seen > end - WINDOW / 2.0)).sum()))
        time, work, leave = (column[q.fate == QUEUED] for column in (time, work, leave))
    return np.array(arrivals), np.array(queue)


@check("Q13", "no issue is lost")
def issues_conserved(communities: int = 3, households: int = 150, weeks: int = 60, seed: int = 4) -> Iterator[Row]:
    """The whole model: what came in = open + resolved + failed + abandoned + withdrawn + lumped, every week."""
    at_least_one(weeks=weeks)
    require(1 <= communities <= 8 and households >= 20, "give 1 to 8 communities of 20 households or more")
    specs = tuple(CommunitySpec(c, Archetype(c), households) for c in range(communities))
    model = CommunityModel(DistrictSpec(specs), seed=seed)
    missing: Any = np.zeros(communities, np.int64)
    before = came = ended = repeated = 0
    for week in range(weeks):
        model.step()
        f = model.flows
        before = int(f.open_before.sum()) if week == 0 else before
        missing += np.abs(issues.issue_balance(model))
        came += int(f.grievances.sum())
        repeated += int(f.repeats.sum())
        resolved = f.resolved_1 + f.resolved_2 + f.resolved_3 + f.resolved_4
        ended += int((resolved + f.lumped + f.failed + f.abandoned + f.withdrawn).sum())
    still: Any = np.zeros(communities, np.int64)
    issues.count_open(model.communities, model.issues, still)
    yield exact("issues unaccounted for in some week", 0, missing.sum())
    yield exact("in all: open before and come in = open now and ended", before + came + repeated, still.sum() + ended)
