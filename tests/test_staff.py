"""Staff of committees: strain, leaving and posts; what they report upwards; matters of several departments."""

from typing import Any

import numpy as np
import pytest

from shequ import verification
from shequ.agents import CommunityWorker
from shequ.agents.committee import gaming, reported_rate, skill_after
from shequ.agents.rates import WEEKS_A_YEAR
from shequ.agents.subdistrict import agreement_chance, approval_weeks, optimal_weights
from shequ.model import CommunityModel, casework, parameters
from shequ.model.district import small_district
from shequ.model.levers import Setting
from shequ.model.observables import evaluate
from shequ.model.processes import effort
from shequ.verification.check import Check
from shequ.verification.districts import P, district, split
from shequ.verification.effort import lever_row, row_of
from shequ.verification.towns import ALL_CLAIM, ALL_FAIL, NO_TROUBLE, live, town


def run_staff(d: Any, weeks: int, burn_in: int = 104) -> dict[str, float]:
    """Let staff work, leave and be replaced; yearly turnover, vacancy and shares of burnt-out after ``burn_in``."""
    exits = held = worn = burnt = posts = 0.0
    tables = (d.communities, d.workers, d.parameters)
    for week in range(weeks):
        effort.open_posts(d.communities, d.committees, d.workers, d.parameters, d.levers)
        split(d)
        effort.live_all(d.week, d.communities, d.committees, d.workers, d.parameters, d.levers)
        effort.fill_all(d.week, *tables, d.levers)
        if week >= burn_in:
            filled = d.workers.filled == 1
            exits += d.workers.exits.sum()
            held += filled.sum()
            posts += d.workers.open.sum()
            worn += (d.workers.burnout[filled] >= P.worn_level).sum()
            burnt += (d.workers.burnout[filled] >= P.burnt_level).sum()
    return {
        "turnover": exits / held * 52.0,
        "vacancy": 1.0 - held / posts,
        "worn": worn / held,
        "burnt": burnt / held,
    }


# --- courses ---------------------------------------------------------------------------------------------------------


def test_courses_lift_skill_to_its_fixed_point_and_cost_their_hours() -> None:
    """s* = (a h / 52 + f s0) / (a h / 52 + f) with 52.18 weeks a year; 120 hours a year cost 2.3 of a week of 50."""
    skill = float(P.staff_skill)
    for _ in range(1000):
        skill = skill_after(skill, 120.0, P)
    taught = P.staff_learning * 120.0 / WEEKS_A_YEAR
    assert skill == pytest.approx((taught + P.staff_forgetting * P.staff_skill) / (taught + P.staff_forgetting))
    assert skill_after(float(P.staff_skill), 0.0, P) == P.staff_skill
    plain, taught_staff = district(20, 3000), district(20, 3000)
    taught_staff.levers["staff_training"] = 120.0
    split(plain)
    split(taught_staff)
    ratio = taught_staff.committees.hours_minutes / plain.committees.hours_minutes
    assert np.allclose(ratio, 1.0 - 120.0 / WEEKS_A_YEAR / 50.0, atol=1e-4)


# --- staff -----------------------------------------------------------------------------------------------------------


def test_staff_wear_out_and_leave_as_surveys_say() -> None:
    """T3.2: any burnout 42 %, severe 13 %, 20 % leave in a year; 2,000 posts over six years."""
    seen = run_staff(district(400, 3000), 416)
    assert seen["worn"] == pytest.approx(0.42, abs=0.03)
    assert seen["burnt"] == pytest.approx(0.13, abs=0.03)
    assert seen["turnover"] == pytest.approx(0.20, abs=0.02)
    assert 0.02 < seen["vacancy"] < 0.08


def test_pay_and_fewer_reports_keep_staff() -> None:
    rest = run_staff(district(100, 3000), 260)
    paid = run_staff(district(100, 3000, {"staff_pay": 1.0}), 260)
    shared = run_staff(district(100, 3000, {"data_sharing": 1.0}), 260)
    many = run_staff(district(100, 3000, {"staff_per_10000": 18.0}), 260)
    assert paid["turnover"] < 0.8 * rest["turnover"]
    assert shared["worn"] < 0.7 * rest["worn"]
    assert many["worn"] < 0.5 * rest["worn"]


def test_a_higher_norm_opens_posts_that_fill_by_and_by() -> None:
    d = district(50, 6000, {"staff_per_10000": 8.0})
    assert (d.committees.posts == 5).all()
    assert d.committees.staff == pytest.approx(np.full(50, 4.8))
    d.levers["staff_per_10000"] = 15.0
    effort.open_posts(d.communities, d.committees, d.workers, d.parameters, d.levers)
    assert (d.committees.posts == 9).all()
    assert d.committees.staff == pytest.approx(np.full(50, 5.0))
    run_staff(d, 60, 0)
    assert d.committees.staff.mean() > 8.0
    d.levers["staff_per_10000"] = 8.0
    effort.open_posts(d.communities, d.committees, d.workers, d.parameters, d.levers)
    assert d.workers.filled.sum() <= 50 * 5
    assert (d.committees.staff <= np.float32(4.8)).all()


def test_an_empty_office_works_no_hours() -> None:
    d = district(3, 3000)
    d.workers.filled[:10] = 0
    d.workers.filled[10:11] = 0
    effort.open_posts(d.communities, d.committees, d.workers, d.parameters, d.levers)
    split(d)
    assert d.committees.hours_minutes[0] == d.committees.load[0] == 0
    assert 0.8 * 1.17 * d.committees.hours_minutes[2] == pytest.approx(d.committees.hours_minutes[1], abs=2)


def test_engines_agree_where_a_worker_is_overridden() -> None:
    class Same(CommunityWorker):
        def live_week(self) -> None:
            super().live_week()

        def fill_post(self) -> None:
            super().fill_post()

    plain, same = (
        CommunityModel(small_district(45, 3), seed=2, agent_types=kinds) for kinds in ({}, {CommunityWorker: Same})
    )
    exits = 0
    for _ in range(60):
        plain.step()
        same.step()
        exits += int(plain.workers.exits.sum())
    assert exits > 0
    assert plain.workers.tenure.max() > plain.workers.tenure[plain.workers.filled == 1].min()
    for name in plain.workers._fields:
        assert getattr(plain.workers, name).tobytes() == getattr(same.workers, name).tobytes(), name


# --- weights ---------------------------------------------------------------------------------------------------------


def test_weight_on_results_takes_time_from_paper_down_to_the_floor() -> None:
    def reporting(weight: float) -> float:
        d = district(60, 3000, {"outcome_weight": weight})
        split(d)
        assert not d.committees.backlog.any()
        return float(d.committees.reporting_minutes.sum() / d.committees.hours_minutes.sum())

    rest, half, all_on_results = reporting(0.3), reporting(0.6), reporting(1.0)
    assert rest == pytest.approx(reporting(0.0), rel=0.01)
    assert half < 0.7 * rest
    assert all_on_results == pytest.approx(P.mandatory_share * rest, rel=0.02)


def test_a3_catches_a_split_in_proportion_to_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    def proportional(weight: float, other: float, returns: float) -> float:
        return weight / (weight + other)

    monkeypatch.setattr("shequ.verification.effort.effort_share", proportional)
    assert verification.split(weight=0.6, returns=0.5).verdict == "fails"
    assert verification.split(weight=0.6, returns=0.0).verdict == "holds"


def test_a7_catches_a_lost_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaky(model: CommunityModel) -> Any:
        parts = whole(model)
        parts[0, 2] -= 1
        return parts

    whole = verification.hours_budget.body.__globals__["parts_of"]
    monkeypatch.setattr("shequ.verification.effort.parts_of", leaky)
    assert verification.hours_budget(communities=2, households=20, weeks=2).verdict == "fails"


def test_x1_catches_hours_that_reports_do_not_take(monkeypatch: pytest.MonkeyPatch) -> None:
    def idle(*args: Any) -> tuple[float, ...]:
        hours, coordination, reporting, service, support, left, load = split(*args)
        return hours, coordination, reporting, service + reporting, support, left, load

    split = verification.reporting_wait.body.__globals__["split_week"]
    monkeypatch.setattr("shequ.verification.couplings.split_week", idle)
    report = verification.reporting_wait(share=0.2, n=200_000)
    assert report.verdict == "fails"


def test_contract_maximises_what_the_principal_keeps() -> None:
    """No small change of the weights is better: B't - t'Ct/2 - r a'Sa/2 at t = C^-1 a, three tasks."""
    worth, noise = np.array([1.0, 0.7, 0.4]), np.diag([0.3, 0.8, 1.5])
    cost = np.array([[1.0, 0.4, 0.1], [0.4, 1.2, -0.2], [0.1, -0.2, 0.9]])

    def kept(weights: Any) -> float:
        efforts = np.linalg.solve(cost, weights)
        return float(worth @ efforts - efforts @ cost @ efforts / 2.0 - weights @ noise @ weights)

    best = optimal_weights(worth, noise, cost, aversion=2.0)
    for step in np.vstack([np.eye(3), -np.eye(3)]):
        assert kept(best + 0.01 * step) < kept(best)
    assert optimal_weights((1.0, 1.0), np.diag([np.inf, np.inf]), np.eye(2)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("check", "numbers", "message"),
    [
        (verification.contract, {"cross": 1.0}, "convex"),
        (verification.split, {"returns": 1.0}, "takes all"),
        (verification.duplicates, {"overlap": 0.0}, "overlap"),
        (verification.approval, {"departments": 0}, "departments"),
        (verification.layers, {"spread": 0.0}, "positive"),
        (verification.hours_budget, {"weeks": 1}, "weeks"),
        (verification.reporting_wait, {"share": 0.4}, r"no steady state: 6 issues .* give share < 0.4"),
    ],
)
def test_impossible_numbers_are_refused(check: Check, numbers: dict[str, float], message: str) -> None:
    with pytest.raises(verification.CheckError, match=message):
        check(**numbers)


# --- what is reported ------------------------------------------------------------------------------------------------


def test_gaming_grows_with_the_weight_and_stops_under_audit() -> None:
    shares = [gaming(weight, 0.0, P) for weight in (0.0, 0.1, 0.3, 0.7)]
    assert shares[0] == 0.0
    assert shares == sorted(shares)
    assert gaming(0.7, 1.0, P) == 0.0
    assert reported_rate(0.4, 0.5, 0.0, P) == pytest.approx(0.7)
    assert reported_rate(0.4, 0.0, 0.0, P) == pytest.approx(0.4)


def test_reported_satisfaction_lies_above_the_surveyed_one_where_it_counts() -> None:
    """T13.1, pattern 10; equal on average (4 standard errors) where nothing hangs on it."""

    def gap(weight: float) -> tuple[float, float]:
        settings = [Setting(-100, c, "outcome_weight", weight) for c in range(12)]
        model = CommunityModel(small_district(30, 12), seed=6, settings=settings).run(until=-1)
        found = evaluate(model.recorder.dataset()).sel(group="all")
        gaps = (found["reported_satisfaction_rate"] - found["satisfaction_rate"].shift(week=1)).to_numpy()[1:]
        return float(gaps.mean()), float(gaps.std(ddof=1) / np.sqrt(len(gaps)))

    for weight, low in ((0.0, None), (0.3, 0.2), (0.8, 0.3)):
        value, error = gap(weight)
        if low is None:
            assert abs(value) <= 4.0 * error
        else:
            assert value > low


# --- matters of several departments ----------------------------------------------------------------------------------


def test_levers_of_coordination_speed_up_joint_matters() -> None:
    """All claims fail up to the departments, all joint: a lead, meetings and linked appraisal bring more in time."""
    values = ALL_FAIL | NO_TROUBLE | ALL_CLAIM | {"rate_welfare": 0.02, "joint_share": 1.0, "escalate_failure": 1.0}

    def on_time(levers: dict[str, float]) -> float:
        model = town(values, levers)
        model.departments.weekly_hours[:] = 1e6
        total = live(model, 60)
        assert total["joint_closed"] > 300
        return total["joint_on_time"] / total["joint_closed"]

    rest = on_time({})
    lead, meetings, linked = (
        on_time({name: 1.0}) for name in ("lead_department", "joint_meetings", "linked_appraisal")
    )
    together = on_time({"lead_department": 1.0, "joint_meetings": 1.0, "linked_appraisal": 1.0})
    assert 0.3 < rest < 0.6
    assert min(lead, meetings) > rest + 0.05
    assert linked > rest
    assert together > 0.85


def test_on_time_without_a_queue_is_the_product_of_agreement_and_speed() -> None:
    """P(all agree) P(sum of three exponentials of 6.5 days below 21), n = 40,000."""
    days = 7.0 * approval_weeks(0.0, P)
    x = P.joint_deadline / days
    expected = P.approval_agreement**3 * (1.0 - np.exp(-x) * (1.0 + x + x * x / 2.0))
    mean, agreement = approval_weeks(0.0, P), agreement_chance(0.0, P)
    hits = 0
    for i in range(40_000):
        weeks, agreed = casework.approvals(3, np.uint64(i), np.uint64(9), 3, False, mean, agreement)
        hits += agreed and weeks <= P.joint_deadline / 7.0
    assert abs(hits / 40_000 - expected) <= 4.0 * np.sqrt(expected * (1.0 - expected) / 40_000)


def test_approvals_are_recorded_as_they_are_drawn() -> None:
    """Mean time until all have answered: 3 means one after the other, H_3 = 11/6 under a lead; agreement is a^3.

    n about 900 matters; the time of three exponentials of mean d has variance 3 d^2, the longest one 49/36 d^2.
    """
    values = ALL_FAIL | NO_TROUBLE | ALL_CLAIM | {"rate_welfare": 0.02, "joint_share": 1.0, "escalate_failure": 1.0}
    for levers, means, variance in (({}, 3.0, 3.0), ({"lead_department": 1.0}, 11.0 / 6.0, 49.0 / 36.0)):
        total = live(town(values, levers, households=800), 60)
        n = total["joint_asked"]
        assert n > 300
        days = total["joint_hours"] / n / 24.0
        assert abs(days - means * P.approval_days) < 4.0 * np.sqrt(variance / n) * P.approval_days
        agreed = P.approval_agreement**3
        assert abs(total["joint_agreed"] / n - agreed) < 4.0 * np.sqrt(agreed * (1.0 - agreed) / n)
        other = 3.0 + 11.0 / 6.0 - means  # the check tells a lead from none
        assert abs(days - other * P.approval_days) > 4.0 * np.sqrt(variance / n) * P.approval_days


def test_no_joint_matter_without_a_share_of_them() -> None:
    total = live(town({"joint_share": 0.0}), 30)
    assert total["entered_4"] > 0
    assert total["joint_closed"] == 0


def test_rows_of_checks_are_those_of_the_model() -> None:
    defaults = parameters.defaults()
    assert row_of().report_minutes == defaults["report_minutes"]
    assert lever_row(staff_pay=0.9).staff_pay == 0.9
