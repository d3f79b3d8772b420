"""Committees' time and organisations' joining against closed forms."""

import numpy as np
import pytest

from shequ.agents.committee import bucket
from shequ.agents.ngo import FIRM_KIND, NGO_KIND
from shequ.agents.subdistrict import reports_asked
from shequ.model.processes import organisations
from shequ.verification.districts import P, district, split

# --- reports and hours ------------------------------------------------------------------------------------------------


def test_eight_departments_collect_three_fifths_twice() -> None:
    """ten_household-078, -079: eight departments, 60 % of data collected more than once."""
    filled, distinct = (reports_asked(8.0, P.report_overlap, 1.0, s) for s in (0.0, 1.0))
    assert 1.0 - distinct / filled == pytest.approx(0.6, abs=0.02)


def test_shares_of_time_at_rest() -> None:
    """ten_household-026, -027: three fifths on forms, one fifth with residents; 400 committees over 25 weeks."""
    d = district(400, 2500)
    reports, service = [], []
    for _ in range(25):
        split(d)
        reports.append((d.committees.reporting_minutes / d.committees.hours_minutes).mean())
        service.append((d.committees.service_minutes / d.committees.hours_minutes).mean())
    assert np.mean(reports) == pytest.approx(0.60, abs=0.01)
    assert np.mean(service) == pytest.approx(0.20, abs=0.01)


def test_reports_arrive_as_a_poisson_stream() -> None:
    """n = 60,000 committee-weeks, mean 77.8 reports: mean and variance agree (nothing is left over)."""
    levers = {"staff_per_10000": 25.0, "reporting_departments": 6.0, "target_inflation": 0.0}
    d = district(3000, 2000, levers, report_items=21.61)
    counts: list[np.ndarray] = []
    for _ in range(20):
        split(d)
        assert not d.committees.backlog.any()
        counts.append(d.committees.reporting_minutes / P.report_minutes)
    seen = np.concatenate(counts)
    mean = 6 * 0.3 * 21.61 * 2
    error = np.sqrt(mean / len(seen))
    variance_error = np.sqrt((mean + 2 * mean**2) / len(seen))
    assert error < 0.01 * mean
    assert variance_error < 0.05 * mean
    assert abs(seen.mean() - mean) <= 4.0 * error
    assert abs(seen.var() - mean) <= 4.0 * variance_error


def test_reports_that_find_no_time_wait() -> None:
    """Backlog is max(Q + arrivals - capacity, 0): it grows by the excess, and drains when departments ask less."""
    assert [bucket(3, 4, 5), bucket(0, 2, 5)] == [2, 0]
    d = district(200, 3000, {"reporting_departments": 15.0}, mandatory_share=1.0)
    split(d, 40)
    capacity = (0.85 * d.committees.hours_minutes - d.committees.coordination_minutes) // P.report_minutes
    asked = 15 * 0.3 * 33.8 * 1.1**4 * 3.0
    excess = asked - capacity
    error = np.sqrt(asked * 40 / 200)
    assert abs(d.committees.backlog.mean() - 40 * excess.mean()) <= 4.0 * error
    left = int(d.committees.backlog[0])
    d.levers["reporting_departments"] = 1.0
    split(d)
    assert d.committees.backlog[0] < left


def test_sharing_data_frees_time_and_weights_move_it() -> None:
    def shares(levers: dict[str, float]) -> tuple[float, float, float]:
        d = district(50, 2500, levers)
        split(d)
        c = d.committees
        total = c.hours_minutes.sum()
        return c.reporting_minutes.sum() / total, c.service_minutes.sum() / total, c.unit_support_minutes.sum() / total

    rest, shared = shares({}), shares({"data_sharing": 1.0})
    weighed, watched = shares({"unit_appraisal_weight": 0.3}), shares({"supervision": 1.0})
    assert shared[0] < 0.5 * rest[0]
    assert shared[1] > 2.0 * rest[1]
    assert weighed[2] > rest[2] + 0.02
    assert watched[2] > rest[2] + 0.005
    assert weighed[1] < rest[1]


# --- organisations ---------------------------------------------------------------------------------------------------


def joined(weeks: int, levers: dict[str, float], communities: int = 600, **changes: float) -> tuple[float, float]:
    """Shares of NGOs and of firms (each 25 a community) that take part after ``weeks``."""
    d = district(communities, 100, levers, **changes)
    tables = (d.communities, d.organisations, d.parameters, d.levers)
    for week in range(weeks):
        organisations.look_around(d.communities, d.organisations)
        organisations.join_all(NGO_KIND, week, *tables)
        organisations.join_all(FIRM_KIND, week, *tables)
    o = d.organisations
    return float(o.joined[o.kind == NGO_KIND].mean()), float(o.joined[o.kind == FIRM_KIND].mean())


def test_joining_rests_at_the_logit() -> None:
    """Without company the share settles at L(base), n = 15,000 of each kind."""
    ngo, firm = joined(150, {}, join_nearby=0.0, ngo_join_base=-1.0, firm_join_base=0.5)
    for seen, base in ((ngo, -1.0), (firm, 0.5)):
        expected = 1.0 / (1.0 + np.exp(-base))
        error = np.sqrt(expected * (1.0 - expected) / 15_000)
        assert error < 0.0151 * expected
        assert abs(seen - expected) <= 4.0 * error


def test_joining_nears_its_rest_at_the_rate_of_review() -> None:
    """Half of the way after ln 2 / 0.077 = 9 weeks: share = L(base) (1 - e**(-0.077 t))."""
    ngo, _ = joined(9, {}, join_nearby=0.0, ngo_join_base=0.0)
    expected = 0.5 * (1.0 - np.exp(-9 * 0.077))
    assert abs(ngo - expected) <= 4.0 * np.sqrt(expected * (1.0 - expected) / 15_000)


def test_few_join_at_rest_and_most_under_the_plan() -> None:
    """ten_household-073, -074 and -119: 8 % of NGOs and 12 % of firms; the plan wants 60 %."""
    ngo, firm = joined(200, {})
    assert ngo == pytest.approx(0.08, abs=0.015)
    assert firm == pytest.approx(0.12, abs=0.02)
    plan = joined(200, {"tripartite_platform": 1.0, "firm_agreements": 1.0, "ngo_contracting": 1.0})
    assert all(0.5 < share < 0.8 for share in plan)


def test_each_lever_moves_its_own_kind() -> None:
    rest = joined(100, {}, 200)
    contracts, agreements = joined(100, {"ngo_contracting": 1.0}, 200), joined(100, {"firm_agreements": 1.0}, 200)
    platform = joined(100, {"tripartite_platform": 1.0}, 200)
    assert contracts[0] > 1.5 * rest[0]
    assert agreements[1] > 1.5 * rest[1]
    assert min(platform[0] / rest[0], platform[1] / rest[1]) > 1.5


def test_organisations_look_at_the_others_only() -> None:
    d = district(1, 10)
    d.organisations.joined[:10] = 1
    organisations.look_around(d.communities, d.organisations)
    assert d.organisations.joined_nearby[0] == np.float32(9 / 49)
    assert d.organisations.joined_nearby[20] == np.float32(10 / 49)


def test_larger_organisations_join_more() -> None:
    d = district(400, 100)
    d.organisations.size[:] = np.where(np.arange(len(d.organisations.id)) % 4 < 2, 3.0, 1.0 / 3.0)
    tables = (d.communities, d.organisations, d.parameters, d.levers)
    for week in range(100):
        organisations.look_around(d.communities, d.organisations)
        organisations.join_all(NGO_KIND, week, *tables)
    ngos = d.organisations.kind == NGO_KIND
    large = d.organisations.size > 1.0
    assert d.organisations.joined[ngos & large].mean() > 1.3 * d.organisations.joined[ngos & ~large].mean()
    assert (d.organisations.weeks_joined[d.organisations.joined == 1] >= 1).all()
    assert not d.organisations.weeks_joined[d.organisations.joined == 0].any()
