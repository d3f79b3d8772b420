"""Grievances and claims (checks Q9, Q11)."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from shequ.agents import Household
from shequ.agents.speaking_up import AGED, DENSE, FACILITY, NOBODY, WARNING, stages_passed
from shequ.model import CommunityModel
from shequ.model.district import Archetype
from shequ.model.structure import FREE
from shequ.verification.towns import ALL_CLAIM, NO_TROUBLE, RATES, live, near, state, town

CLAIMED, DISPUTED, LAWYER, FILED = 0.718, 0.626, 0.230, 0.112  # Miller & Sarat 1980-81; the last two of disputes


# --- raising grievances ----------------------------------------------------------------------------------------------


def pyramid(count: Any, n: int = 400_000) -> bool:
    """Whether 718.0 / 449.5 / 103.4 / 50.3 of 1,000 grievances pass the stages, as ``count`` counts them."""
    draws = np.random.default_rng(9).random((n, 3)).tolist()
    lawyers = np.array([count((CLAIMED, DISPUTED, LAWYER), tuple(row)) for row in draws])
    filings = np.array([count((CLAIMED, DISPUTED, FILED), tuple(row)) for row in draws])
    shares = ((lawyers > 0).mean(), (lawyers > 1).mean(), (lawyers > 2).mean(), (filings > 2).mean())
    expected = (0.7180, 0.449468, 0.103378, 0.050340)
    return all(near(x, p, (p * (1 - p) / n) ** 0.5) for x, p in zip(shares, expected, strict=True))


def test_q9_pyramid() -> None:
    """n = 400,000 grievances through the published stage rates."""
    assert pyramid(stages_passed)


def test_q9_catches_a_wrong_implementation() -> None:
    """Stages that do not depend on the one before."""
    assert not pyramid(lambda rates, draws: sum(u < rate for u, rate in zip(draws, rates, strict=True)))


def test_q9_households_claim_at_the_stage_rate() -> None:
    """Claims of the kernel at P(claim) = 0.718 for everybody; n is about 60,000 grievances."""
    flat = {f"claim_{name}": 0.0 for name in ("severity", "efficacy", "trust", "latent", "effort")}
    p = CLAIMED
    model = town(flat | {"claim_intercept": float(np.log(p / (1 - p))), "rate_inquiry": 0.05, "rate_facility": 0.0})
    total = live(model, 400)
    assert near(total["claims"] / total["grievances"], p, (p * (1 - p) / total["grievances"]) ** 0.5)
    assert total["grievances"] == total["claims"] + total["lumped"]


def units_of_twelve(model: CommunityModel, weeks: int) -> Any:
    """Weekly number of grievances in each run of twelve households."""
    counts: list[Any] = []
    for _ in range(weeks):
        live(model, 1)
        counts.append((model.households.grievance != 255).reshape(-1, 12).sum(axis=1))
    return np.concatenate(counts)


def test_q11_rare_events_are_nearly_poisson() -> None:
    """12 households, p = 0.025 a week, n = 100,000: mean 0.3, variance/mean 0.975, distance to Poisson 0.0048."""
    values = NO_TROUBLE | ALL_CLAIM | {"rate_inquiry": -float(np.log(0.975)), "migrant_inquiries": 0.0}
    model = town(values, households=600)
    model.households.size[:] = 1
    counts = units_of_twelve(model, 1000)
    n = len(counts)
    assert near(counts.mean(), 0.3, (0.2925 / n) ** 0.5)
    kurtosis = (1 - 6 * 0.025 * 0.975) / 0.2925  # of the binomial, in excess of the normal
    assert near(counts.var(), 0.2925, 0.2925 * ((2 + kurtosis) / n) ** 0.5, precision=0.05)
    shares = np.bincount(counts, minlength=13) / n
    assert 0.5 * np.abs(shares - stats.poisson.pmf(np.arange(13), 0.3)).sum() == pytest.approx(0.004831, abs=0.0027)


def test_q11_common_causes_are_compound() -> None:
    """A building of N fails with probability f and a share a of it reports: variance fNa(1 - a + Na) - (fNa)^2."""
    values = NO_TROUBLE | ALL_CLAIM | {"rate_facility": 0.3, "quality_effect": 0.0, "aged_failures": 0.0}
    model = town(values, households=3000)
    a, f = model.parameters["facility_affected"][0], 1 - np.exp(-0.3)
    building = model.households.building.astype(int) + 1000 * model.households.community
    names, place, size = np.unique(building, return_inverse=True, return_counts=True)
    size_most = np.bincount(size).argmax()
    same = np.flatnonzero(size == size_most)
    counts, opened, reports = [], 0.0, 0
    for _ in range(1000):
        opened += live(model, 1)["claims"]
        affected = np.bincount(place, model.households.grievance == FACILITY, len(names))
        counts.append(affected[same])
        reports += int((affected > 0).sum())
    sample, size_most = np.concatenate(counts), float(size_most)
    mean = f * size_most * a
    variance = f * size_most * a * (1 - a + size_most * a) - mean**2
    assert near(sample.mean(), mean, (variance / len(sample)) ** 0.5)
    fourth = ((sample - sample.mean()) ** 4).mean()
    assert near(sample.var(), variance, ((fourth - variance**2) / len(sample)) ** 0.5, precision=0.05)
    assert variance / mean > 2
    assert opened == reports  # one issue a failure, however many report it


def test_engines_raise_the_same_grievances() -> None:
    values = {f"rate_{name}": 0.05 for name in RATES}
    levers = {"demand_warning": 0.4}
    compiled, agents = (town(values, levers, households=60, engine=engine) for engine in ("compiled", "agents"))
    for model in (compiled, agents):
        model.residents.adopted[::2] = 1
    seen: set[int] = set()
    for _ in range(12):
        live(compiled, 1)
        live(agents, 1)
        assert state(compiled) == state(agents)
        seen |= set(compiled.households.channel.tolist())
    assert seen == {0, 1, 2, 3, 4, 5}, "every channel must have been compared"


def test_engine_equality_catches_a_wrong_implementation() -> None:
    class Meek(Household):
        def raise_grievance(self) -> None:
            super().raise_grievance()
            if self.row == 3 and self.grievance != 255:
                self.channel = NOBODY

    values = {f"rate_{name}": 0.1 for name in RATES}
    plain, changed = town(values, households=60), town(values, households=60, agent_types={Household: Meek})
    live(plain, 12)
    live(changed, 12)
    assert state(plain) != state(changed)


def test_archetypes_are_the_ones_that_rules_name() -> None:
    aged = {Archetype.OLD_NEIGHBOURHOOD, Archetype.URBAN_VILLAGE, Archetype.AGEING}
    assert {kind for kind in Archetype if AGED[kind]} == aged
    assert {kind for kind in Archetype if DENSE[kind]} == {Archetype.URBAN_VILLAGE, Archetype.MIGRANT}


def test_warnings_turn_lumped_grievances_into_issues() -> None:
    model = town({"claim_intercept": -60.0}, {"demand_warning": 1.0})
    total = live(model, 20)
    assert total["claims"] > 0
    assert total["lumped"] == 0
    assert total["entered_1"] == 0
    opened = model.issues.state != FREE
    assert set(model.issues.channel[opened].tolist()) == {WARNING}
