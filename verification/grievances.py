"""From grievances to claims, and how many there are in a week (checks Q9, Q11)."""

import math
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
from scipy import stats  # pyright: ignore[reportMissingTypeStubs]

from ..agents.speaking_up import FACILITY, NO_GRIEVANCE, stages_passed
from .check import Row, at_least_one, check, close, exact, mean, printed, random, require, share
from .towns import ALL_CLAIM, NO_TROUBLE, live, town

STAGES = (0.718, 0.626, 0.230, 0.112)  # Miller & Sarat 1980-81: claimed, disputed; with a lawyer, filed (of disputes)
PYRAMID = (718.0, 449.5, 103.4, 50.3)  # of 1,000 grievances


@check("Q9", "the pyramid of disputes")
def pyramid(
    claimed: float = 0.718,
    disputed: float = 0.626,
    lawyer: float = 0.230,
    filed: float = 0.112,
    n: int = 400_000,
    weeks: int = 400,
    seed: int = 9,
) -> Iterator[Row]:
    """``n`` grievances pass the stages in turn, each with its own chance; ``lawyer`` and ``filed`` are of disputes.

    Then households of two communities claim in ``weeks`` weeks, everybody with the chance ``claimed``.
    """
    at_least_one(n=n, weeks=weeks)
    stages = (claimed, disputed, lawyer, filed)
    require(min(stages) > 0.0 and max(stages) < 1.0, "give chances between 0 and 1")
    expected = (claimed, claimed * disputed, claimed * disputed * lawyer, claimed * disputed * filed)
    if stages == STAGES:
        for name, published, value in zip(("claims", "disputes", "lawyers", "filings"), PYRAMID, expected, strict=True):
            yield printed(f"{name} of 1,000 (published)", published, 1000.0 * value, digits=1)
    draws: Any = np.random.default_rng(seed).random((n, 3)).tolist()
    lawyers = np.array([stages_passed((claimed, disputed, lawyer), tuple(row)) for row in draws])
    filings = np.array([stages_passed((claimed, disputed, filed), tuple(row)) for row in draws])
    for k, name in enumerate(("claims", "disputes", "lawyers")):
        yield share(name, expected[k], int((lawyers > k).sum()), n)
    yield share("filings", expected[3], int((filings > 2).sum()), n)
    flat = {f"claim_{name}": 0.0 for name in ("severity", "efficacy", "trust", "latent", "effort")}
    chances = {"claim_intercept": math.log(claimed / (1.0 - claimed)), "rate_inquiry": 0.05, "rate_facility": 0.0}
    total = live(town(flat | chances), weeks)
    yield share("claims of households", claimed, total["claims"], int(total["grievances"]))
    yield exact("claimed or swallowed", total["grievances"], total["claims"] + total["lumped"])


@check("Q11", "weekly counts of grievances, apart and from common causes")
def weekly_counts(
    size: int = 12,
    p: float = 0.025,
    failures: float = 0.3,
    affected: float = 0.5,
    weeks: int = 1000,
    seed: int = 5,
) -> Iterator[Row]:
    """Groups of ``size`` households, each with a grievance with the chance ``p`` a week: binomial, nearly Poisson.

    Then buildings of N households in which something fails at the hazard ``failures`` a week and a share ``affected``
    (a) reports: with f = 1 - e^-failures mean fNa and variance fNa (1 - a + Na) - (fNa)^2.
    """
    at_least_one(weeks=weeks)
    require(1 <= size <= 600 and 0.0 < p < 0.5, "give 1 to 600 households and a chance p between 0 and 0.5")
    require(failures > 0.0 and 0.0 < affected <= 1.0, "give failures above 0 and a share affected above 0, at most 1")
    yield from _apart(size, p, weeks, seed)
    yield from _common(failures, affected, weeks, seed)


def _apart(size: int, p: float, weeks: int, seed: int) -> Iterator[Row]:
    """Household by household: mean, variance, distance to the Poisson distribution of the same mean."""
    distributions: Any = stats
    number = np.arange(size + 1)
    poisson: Any = distributions.poisson.pmf(number, size * p)
    binomial: Any = distributions.binom.pmf(number, size, p)
    distance = 0.5 * float(np.abs(binomial - poisson).sum() + 1.0 - poisson.sum())
    if (size, p) == (12, 0.025):
        yield printed("distance to Poisson (published)", 0.004831, distance)
    values = NO_TROUBLE | ALL_CLAIM | {"rate_inquiry": -math.log(1.0 - p), "migrant_inquiries": 0.0}
    model = town(values, households=600, seed=seed)
    model.households.size[:] = 1
    groups = len(model.households.id) // size
    found: list[Any] = []
    for _ in range(weeks):
        live(model, 1)
        troubled = model.households.grievance[: groups * size] != NO_GRIEVANCE
        found.append(troubled.reshape(groups, size).sum(axis=1))
    counts = np.concatenate(found)
    n, variance = len(counts), size * p * (1.0 - p)
    yield mean("mean", size * p, counts)
    excess = (1.0 - 6.0 * p * (1.0 - p)) / variance  # kurtosis of the binomial beyond the normal's
    yield random("variance", variance, counts.var(), variance * math.sqrt((2.0 + excess) / n), precision=0.05)
    shares = np.bincount(counts, minlength=size + 1) / n
    got = 0.5 * float(np.abs(shares - poisson).sum() + 1.0 - poisson.sum())
    scatter = float(np.sqrt(2.0 * binomial * (1.0 - binomial) / (math.pi * n)).sum())
    yield close("distance to Poisson", distance, got, tolerance=scatter)  # twice a sample's distance to its own law


def _common(failures: float, affected: float, weeks: int, seed: int) -> Iterator[Row]:
    """Building by building: moments of the counts where a failure troubles many at once, one issue a failure."""
    values = {"rate_facility": failures, "facility_affected": affected, "quality_effect": 0.0, "aged_failures": 0.0}
    model = town(NO_TROUBLE | ALL_CLAIM | values, households=3000, seed=seed)
    building: Any = model.households.building.astype(np.int64) + 1000 * model.households.community
    names, place, sizes = np.unique(building, return_inverse=True, return_counts=True)
    most = int(np.bincount(sizes).argmax())  # the commonest size of a building
    counts: list[Any] = []
    opened = reported = 0.0
    for _ in range(weeks):
        opened += live(model, 1)["claims"]
        failed: Any = model.households.grievance == FACILITY
        troubled: Any = cast("Any", np).bincount(place, failed, len(names))
        counts.append(troubled[sizes == most])
        reported += float((troubled > 0).sum())
    sample: Any = np.concatenate(counts)
    f = 1.0 - math.exp(-failures)
    average = f * most * affected
    variance = average * (1.0 - affected + most * affected) - average**2
    yield mean(f"mean of a building of {most}", average, sample)
    fourth = float(((sample - sample.mean()) ** 4).mean())
    error = math.sqrt((fourth - variance**2) / len(sample))
    yield random(f"variance of a building of {most}", variance, sample.var(), error, precision=0.05)
    yield exact("issues: one a failure, however many report it", reported, opened)
