"""Grievances, claims and the ladder (checks Q9, Q11, Q12, Q13, G4)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from scipy import stats

from shequ.agents import Household
from shequ.agents.columns import allocate, copy_of, violations
from shequ.agents.handling import meetings_held
from shequ.agents.speaking_up import AGED, DENSE, FACILITY, NOBODY, WARNING, stages_passed
from shequ.model import CommunityModel, parameters
from shequ.model.casework import COUNTERS
from shequ.model.district import Archetype, CommunitySpec, DistrictSpec
from shequ.model.flows import Flows
from shequ.model.levers import Setting
from shequ.model.processes import issues, ladder
from shequ.model.structure import COOLING, FREE, Issues

CLAIMED, DISPUTED, LAWYER, FILED = 0.718, 0.626, 0.230, 0.112  # Miller & Sarat 1980-81; the last two of disputes
RATES = ("inquiry", "dispute", "property", "environment", "welfare", "facility")
ALL_FAIL = dict.fromkeys(("success_head", "success_grid", "success_council", "success_department"), -60.0)
NO_TROUBLE = {f"rate_{name}": 0.0 for name in RATES}
ALL_CLAIM = {"perceive": 1.0, "attribute": 1.0, "claim_intercept": 60.0}


def town(
    values: Mapping[str, float] | None = None,
    levers: Mapping[str, float] | None = None,
    *,
    households: int = 300,
    communities: int = 2,
    specs: tuple[CommunitySpec, ...] = (),
    **kwargs: Any,
) -> CommunityModel:
    """District in which every unit has a head on duty and every committee a worker or more."""
    specs = specs or tuple(CommunitySpec(c, Archetype(c % 8), households) for c in range(communities))
    settings = [Setting(-1000, c, name, value) for name, value in (levers or {}).items() for c in range(len(specs))]
    known = parameters.defaults()
    assert set(values or {}) <= set(known)
    model = CommunityModel(
        DistrictSpec(specs), seed=5, settings=settings, parameter_values=known | dict(values or {}), **kwargs
    )
    model.week = -1
    model.lever_schedule.advance(-1)
    model._rows.clear()  # rows of levers that agents read
    units, size = model.units, model.communities.resident_stop - model.communities.resident_start
    units.organised[:] = units.household_stop > units.household_start
    units.head[:] = np.where(units.organised == 1, model.households.resident_start[units.household_start], -1)
    units.on_duty[:] = units.organised
    units.capacity[:], units.skill[:], units.burnout[:] = 4.0, 0.4, 0.2
    model.residents.head_tie[:] = 0.4
    model.committees.staff[:] = np.maximum(size / 1500.0, 1.0)
    model.committees.service_minutes[:] = size / 1500.0 * 10 * 60
    return model


def live(model: CommunityModel, weeks: int) -> dict[str, float]:
    """Run issues and ladder for some weeks, check that no issue is lost, and return the summed flows."""
    total = dict.fromkeys(Flows._fields, 0.0)
    for _ in range(weeks):
        model.week += 1
        for column in model.flows:
            column[:] = 0
        issues.step(model)
        ladder.step(model)
        assert not issues.issue_balance(model).any()
        for name, column in model.flows._asdict().items():
            total[name] += float(column.sum())
    return total


def state(model: CommunityModel) -> bytes:
    return b"".join(column.tobytes() for table in (model.households, model.issues, model.flows) for column in table)


def near(value: float, expected: float, error: float, precision: float = 0.01) -> bool:
    """Whether ``value`` lies within 4 standard errors of ``expected``; the standard error must be small enough."""
    assert error < precision * expected, f"void: standard error {error:.3g} of {expected:.6g}"
    return abs(value - expected) <= 4 * error


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


# --- the ladder -------------------------------------------------------------------------------------------------------


def test_q12_repeats_multiply_arrivals() -> None:
    """All cases fail and a share 0.196 comes back: arrivals 1.2438 times the first claims; n is about 60,000."""
    values = ALL_FAIL | ALL_CLAIM | {"return_share": 0.196, "escalate_failure": 0.0, "escalate_timeout": 0.0}
    values |= {"patience_rate": 0.0, "withdrawal_rate": 0.0, "rate_inquiry": 0.03, "return_delay": 0.5}
    model = town(values, households=1500)
    model.committees.service_minutes[:] = 10**9
    model.departments.weekly_hours[:] = 1e9
    total = live(model, 260)
    closures = total["closures"]
    assert near(total["repeats"] / closures, 0.196, (0.196 * 0.804 / closures) ** 0.5)
    assert (total["claims"] + total["repeats"]) / total["claims"] == pytest.approx(1.2438, rel=0.012)


def test_q13_every_issue_is_accounted_for_in_the_whole_model() -> None:
    model = CommunityModel(DistrictSpec(tuple(CommunitySpec(c, Archetype(c), 150) for c in range(3))), seed=4)
    for _ in range(60):
        model.step()
        assert not issues.issue_balance(model).any()


def test_q13_catches_a_lost_issue() -> None:
    model = town()
    live(model, 10)
    model.issues.state[np.flatnonzero((model.issues.state != FREE) & (model.issues.state != COOLING))[0]] = FREE
    assert np.abs(issues.issue_balance(model)).sum() == 1


def test_g4_without_trouble_nothing_happens() -> None:
    model = town(NO_TROUBLE)
    before = copy_of(model.households)
    total = live(model, 10)
    assert all(value == 0 for value in total.values())
    assert all(a.tobytes() == b.tobytes() for a, b in zip(before, model.households, strict=True))


def test_g4_infinite_capacity_answers_at_once() -> None:
    model = town({"listed_share": 0.0})
    model.units.capacity[:] = 1e12
    model.committees.service_minutes[:] = 2**31 - 1
    model.departments.weekly_hours[:] = 1e12
    total = live(model, 50)
    assert total["responses"] == total["claims"] + total["repeats"] > 100
    assert total["response_hours"] < 1e-3


def test_g4_without_heads_everything_enters_at_level_two() -> None:
    model = town()
    model.units.capacity[:] = 0.0
    live(model, 3)
    waiting = (model.issues.state != FREE) & (model.issues.level == 1)
    assert waiting.any()
    model.units.head[:] = -1
    total = live(model, 30)
    assert total["entered_1"] == 0
    assert total["entered_2"] > 0
    assert not ((model.issues.state != FREE) & (model.issues.level == 1)).any()
    assert not model.units.issue_hours.any()


def test_households_learn_how_their_issues_ended() -> None:
    model = town({"rate_facility": 0.2})
    ends = 0
    for _ in range(30):
        live(model, 1)
        table, homes = model.issues, model.households
        for i in np.flatnonzero(table.ended >= model.week):
            h = table.household[i]
            who = np.array([h])
            if table.type[i] == FACILITY:
                who = np.flatnonzero((homes.community == homes.community[h]) & (homes.building == homes.building[h]))
                assert len(who) > 1
            assert np.all(homes.outcome[who] != 0)
            assert np.all(homes.outcome_level[who] >= 1)
            ends += 1
    assert ends > 50


def test_a_community_lives_the_same_alone_and_in_a_district() -> None:
    """Communities of other subdistricts change no byte, wherever the row stands."""
    mine = CommunitySpec(7, Archetype.OLD_NEIGHBOURHOOD, 200)
    others = tuple(CommunitySpec(k, Archetype(k), 120 + 40 * k, 0 if k < 3 else 2) for k in (1, 2, 4))
    alone = town(specs=(mine,))
    among = town(specs=(others[0], others[1], CommunitySpec(7, mine.archetype, 200, 1), others[2]))
    rows = slice(among.communities.household_start[2], among.communities.household_stop[2])
    for _ in range(80):
        live(alone, 1)
        live(among, 1)
        for name in ("grievance", "severity", "channel", "latent", "outcome", "outcome_level", "fairness"):
            assert getattr(alone.households, name).tobytes() == getattr(among.households, name)[rows].tobytes()
        for name in (*COUNTERS, "grievances", "lumped", "claims", "open_before"):
            assert getattr(alone.flows, name)[0] == getattr(among.flows, name)[2], name


def test_room_for_issues_grows_without_changing_them() -> None:
    tight, roomy = town({"rate_inquiry": 0.05}), town({"rate_inquiry": 0.05})
    tight.issues = allocate(Issues, 0)
    tight.communities.issue_start[:] = tight.communities.issue_stop[:] = 0
    for _ in range(40):
        live(tight, 1)
        live(roomy, 1)
        for a, b in zip(tight.flows, roomy.flows, strict=True):
            assert a.tobytes() == b.tobytes()
    assert len(tight.issues.state) > 0


def test_columns_stay_in_range() -> None:
    model = town({f"rate_{name}": 0.05 for name in RATES})
    live(model, 40)
    assert not [*violations(model.households), *violations(model.issues), *violations(model.nodes)]


@pytest.mark.parametrize("monthly", [0.0, 0.3, 1.0, 4.0])
@pytest.mark.parametrize("phase", [0.0, 0.4, 0.99])
def test_meetings_add_up_to_their_monthly_number(monthly: float, phase: float) -> None:
    held = [meetings_held(week, phase, monthly) for week in range(-53, 261)]
    assert min(held) >= 0
    assert abs(sum(held) - monthly * 12 * 314 / (365.25 / 7)) < 1


def share(a: str, b: str) -> Any:
    return lambda f: f[a] / f[b]


LEVERS = {
    "feedback_loop": (0.0, 1.0, share("repeats", "closures"), -1),
    "issue_collation": (0.5, 4.3, share("response_hours", "responses"), -1),
    "demand_warning": (0.0, 0.5, share("lumped", "grievances"), -1),
    "council_meetings": (0.3, 4.0, share("resolution_hours", "closures"), -1),
    "council_parties": (1.0, 4.0, share("resolved_3", "entered_3"), 1),
    "social_workers": (0.0, 3.0, share("disputes_settled", "disputes_closed"), 1),
    "head_powers": (0.0, 3.0, share("resolved_1", "entered_1"), 1),
    "time_limit_head": (2.0, 60.0, share("response_hours", "responses"), 1),
    "time_limit_grid": (2.0, 60.0, share("resolution_hours", "closures"), 1),
    "time_limit_council": (5.0, 120.0, share("resolution_hours", "closures"), 1),
}


@pytest.mark.parametrize("lever", LEVERS)
def test_levers_move_what_they_are_for(lever: str) -> None:
    low, high, measure, sign = LEVERS[lever]
    slow = {"time_limit_head": 0.3, "time_limit_grid": 0.5}  # these limits matter where people wait
    results: list[float] = []
    for value in (low, high):
        model = town(levers={lever: value}, households=1500)
        model.units.capacity[:] = 4.0 * slow.get(lever, 1.0)
        model.committees.service_minutes[:] //= 2 if lever == "time_limit_grid" else 1
        results.append(measure(live(model, 150)))
    assert sign * (results[1] - results[0]) > 0.005 * abs(results[0]), results


def test_trained_heads_settle_more_and_faster() -> None:
    measures: list[tuple[float, float]] = []
    for skill, burnout in ((0.2, 0.6), (0.8, 0.1)):
        model = town(households=1500)
        model.units.skill[:], model.units.burnout[:] = skill, burnout
        f = live(model, 100)
        measures.append((f["resolved_1"] / f["entered_1"], f["resolution_hours"] / f["closures"]))
    assert measures[1][0] > measures[0][0] + 0.05
    assert measures[1][1] < measures[0][1]


def test_every_parameter_matters() -> None:
    """Each number of the two files, at the ends of its range, changes what happens within a year and a half."""
    levers = {"head_powers": 2.0, "council_parties": 2.0, "feedback_loop": 0.5, "demand_warning": 0.2}
    model = town(levers=levers, households=500, communities=3)
    model.committees.service_minutes[:] //= 2  # where nobody waits, priorities and limits are idle
    start = model.snapshot() | {name: copy_of(getattr(model, name)) for name in ("nodes", "servers", "flows")}
    idle: list[str] = []
    for name, parameter in parameters.catalogue().items():
        if parameter.process not in {"issues", "ladder"}:
            continue
        ends: list[bytes] = []
        for value in (parameter.low, parameter.high):
            for table, columns in start.items():
                setattr(model, table, copy_of(columns))
            model.parameters = parameters.table([parameters.defaults() | {name: value}] * 3)
            model.week = -1
            total = live(model, 75)
            ends.append(state(model) + repr(total).encode())
        if ends[0] == ends[1]:
            idle.append(name)
    assert idle == []


def test_baseline_shows_the_known_pattern() -> None:
    """Whole model, levers at rest: claims, first contact, mediation, repeats as in the sources (T2.2, appendix B)."""
    model = CommunityModel(DistrictSpec(tuple(CommunitySpec(c, Archetype(c), 2000) for c in range(3))), seed=6)
    for _ in range(30):
        model.step()
    total = dict.fromkeys(Flows._fields, 0.0)
    for _ in range(80):
        model.step()
        for name, column in model.flows._asdict().items():
            total[name] += float(column.sum())
    f = total
    assert 0.003 < f["claims"] / (80 * len(model.residents.id)) < 0.006
    assert 0.53 < f["resolved_first"] / f["closures"] < 0.86
    assert 0.45 < f["disputes_settled"] / f["disputes_closed"] < 0.62
    assert 0.1 < f["repeats"] / f["closures"] < 0.3
    assert 60 < f["response_hours"] / f["responses"] < 200
