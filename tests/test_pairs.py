"""Statistics of pairs against closed forms, published examples and other implementations."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from shequ.experiments import pairs

# Sleep in ten patients under two drugs ("Student", 1908): the textbook paired t test gives t = -4.0621, p = 0.002833,
# and a 95 % interval of the mean difference from -2.4598858 to -0.7001142.
FIRST = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SECOND = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])


def test_an_effect_is_students_published_one() -> None:
    found = pairs.effect(SECOND, FIRST, 0.95)
    assert found.p == pytest.approx(0.002833, abs=5e-7)
    assert (found.low, found.high) == pytest.approx((-2.4598858, -0.7001142), abs=5e-8)
    assert found.d_z * np.sqrt(10) == pytest.approx(-4.0621, abs=5e-5)
    assert found.mean == pytest.approx(-1.58)
    assert found.d_baseline == pytest.approx(-1.58 / SECOND.std(ddof=1))


@pytest.mark.parametrize("n", [2, 3, 8, 40])
def test_effects_are_those_of_another_implementation(n: int) -> None:
    rng = np.random.default_rng(n)
    before, after = rng.normal(size=(2, n)) + np.array([[0.0], [0.4]])
    found, theirs = pairs.effect(before, after, 0.9), stats.ttest_rel(after, before)
    interval = theirs.confidence_interval(0.9)
    assert (found.low, found.high, found.p) == pytest.approx((interval.low, interval.high, theirs.pvalue))
    assert found.correlation == pytest.approx(stats.pearsonr(before, after).statistic)
    assert found.d_z == pytest.approx(theirs.statistic / np.sqrt(n))
    unpaired = stats.ttest_ind(after, before)  # both have n values: one standard error for pooled and separate spreads
    errors = [found.mean / result.statistic for result in (unpaired, theirs)]
    assert found.variance_ratio == pytest.approx((errors[0] / errors[1]) ** 2)
    alone = pairs.about_zero(after - before, 0.9)
    assert (alone.mean, alone.low, alone.high, alone.p) == pytest.approx((found.mean, found.low, found.high, found.p))


def test_pairs_with_what_is_not_a_number_are_left_out() -> None:
    found = pairs.effect(np.append(SECOND, np.nan), np.append(FIRST, 1.0), 0.95)
    assert found == pairs.effect(SECOND, FIRST, 0.95)
    alone = pairs.effect(SECOND[:1], FIRST[:1], 0.95)
    assert (alone.pairs, alone.mean) == (1, pytest.approx(-1.2))
    assert np.isnan(alone.low)


def test_pairs_that_all_differ_alike_leave_no_doubt() -> None:
    assert pairs.effect(FIRST, FIRST, 0.95).p == 1.0
    same = pairs.effect(np.zeros(4), np.ones(4), 0.95)
    assert (same.p, same.low, same.high) == (0.0, 1.0, 1.0)
    assert np.isnan(same.d_z)


def test_the_share_of_better_pairs_counts_ties_half() -> None:
    before, after = np.array([1.0, 1.0, 1.0, np.nan]), np.array([2.0, 1.0, 0.5, 1.0])
    assert pairs.share_better(before, after, 1) == pytest.approx(0.5)
    assert pairs.share_better(before, after + 1.0, -1) == 0.0
    assert np.isnan(pairs.share_better(before, after, 0))


# --- coverage -------------------------------------------------------------------------------------------------------

STUDIES, PAIRS, TRUE = 4000, 8, 0.3


def paired_data(rng: np.random.Generator, correlation: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
    """Runs with a known effect: normal, spread 1, members of a pair correlated."""
    shared, one, other = rng.standard_normal((3, PAIRS))
    a, b = np.sqrt(correlation), np.sqrt(1.0 - correlation)
    return a * shared + b * one, a * shared + b * other + TRUE


def coverage(interval: Callable[[np.ndarray, np.ndarray], tuple[float, float]]) -> tuple[float, float]:
    """Share of studies whose interval holds the true effect, and its standard error where 0.95 is expected."""
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(STUDIES):
        low, high = interval(*paired_data(rng))
        inside += low <= TRUE <= high
    return inside / STUDIES, float(np.sqrt(0.95 * 0.05 / STUDIES))


def of_effect(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    found = pairs.effect(before, after, 0.95)
    return found.low, found.high


def test_intervals_hold_the_effect_as_often_as_they_say() -> None:
    """n = 4000 studies of 8 pairs, expected 0.95, standard error 0.0034."""
    share, error = coverage(of_effect)
    assert abs(share - 0.95) <= 4 * error


def test_coverage_catches_intervals_that_are_wrong() -> None:
    """Wrong: normal quantiles for Student's, spread with n for n - 1; and independent samples for pairs."""

    def narrow(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
        differences = after - before
        half = 1.96 * differences.std() / np.sqrt(PAIRS)
        return differences.mean() - half, differences.mean() + half

    def unpaired(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
        interval = stats.ttest_ind(after, before).confidence_interval(0.95)
        return interval.low, interval.high

    for wrong in (narrow, unpaired):
        share, error = coverage(wrong)
        assert abs(share - 0.95) > 4 * error


def test_pairing_divides_the_variance_by_one_less_the_correlation() -> None:
    """Closed form: equal spreads give (1 + 1) / (2 - 2 r). Means of 4000 studies; r = 0.8 gives 5 in the long run."""
    rng = np.random.default_rng(2)
    before, after = (np.concatenate(part) for part in zip(*(paired_data(rng) for _ in range(STUDIES)), strict=True))
    n = len(before)
    found = pairs.effect(before, after, 0.95)
    assert found.correlation == pytest.approx(0.8, abs=4 * (1 - 0.8**2) / np.sqrt(n))
    assert found.variance_ratio == pytest.approx(5.0, abs=4 * 5.0 * (1 + 0.8) / np.sqrt(n))
    spread = before.var(ddof=1) + after.var(ddof=1)
    exact = spread / (spread - 2 * np.cov(before, after)[0, 1])
    assert found.variance_ratio == pytest.approx(exact, rel=1e-9)
    shuffled = pairs.effect(before, rng.permutation(after), 0.95)
    assert shuffled.variance_ratio == pytest.approx(1.0, abs=4 * 2 / np.sqrt(n)), "no pairs, nothing gained"


# --- many tests -----------------------------------------------------------------------------------------------------


def test_holm_adjusts_a_worked_example() -> None:
    """By hand: 0.01 x 4, 0.005 x 5 = 0.025, 0.03 x 3 = 0.09, then 0.04 x 2 = 0.08 raised to 0.09, and 0.09."""
    adjusted = pairs.holm([0.01, 0.04, 0.03, 0.005, 0.06, float("nan")])
    assert adjusted[:5] == pytest.approx([0.04, 0.09, 0.09, 0.025, 0.09])
    assert np.isnan(adjusted[5])


def family_error(adjust: Callable[[list[float]], np.ndarray]) -> tuple[float, float]:
    """Share of families of 10 true null hypotheses with a false finding, and the standard error at 0.05."""
    rng = np.random.default_rng(3)
    wrong = sum(bool((adjust(rng.uniform(size=10).tolist()) < 0.05).any()) for _ in range(4000))
    return wrong / 4000, float(np.sqrt(0.05 * 0.95 / 4000))


def test_holm_keeps_false_findings_of_a_family_at_the_threshold() -> None:
    """n = 4000 families; independent tests: 1 - (1 - 0.05 / 10)^10 = 0.0489, standard error 0.0034."""
    share, error = family_error(pairs.holm)
    assert abs(share - (1 - 0.995**10)) <= 4 * error


def test_family_error_catches_tests_that_are_not_adjusted() -> None:
    share, error = family_error(np.asarray)  # type: ignore[arg-type]
    assert share > 0.05 + 4 * error


def test_intervals_together_are_bonferronis() -> None:
    assert pairs.together(0.95, 5) == pytest.approx(0.99)
    assert pairs.quantile(pairs.together(0.95, 5), 20) == pytest.approx(2.845, abs=5e-4), "t table, 20 d.f., 0.995"


# --- ratios ---------------------------------------------------------------------------------------------------------


def test_fiellers_interval_solves_its_equation_and_covers() -> None:
    """Ends are where the t test of (upper - ratio x lower) gives 0.05. n = 2000 studies, 0.95, error 0.0049."""
    rng = np.random.default_rng(4)
    inside = 0
    for study in range(2000):
        lower = 2.0 + rng.standard_normal(12)
        upper = 3.0 * lower + rng.standard_normal(12) * 2.0 - 1.0  # means 5 and 2
        value, low, high = pairs.ratio(upper, lower, 0.95)
        inside += low <= 2.5 <= high
        if study < 20:
            for end in (low, high):
                assert stats.ttest_1samp(upper - end * lower, 0.0).pvalue == pytest.approx(0.05, rel=1e-6)
            assert low < value < high
    assert abs(inside / 2000 - 0.95) <= 4 * np.sqrt(0.95 * 0.05 / 2000)


def test_a_ratio_over_what_may_be_zero_has_no_bounds() -> None:
    assert np.isnan(pairs.ratio(np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.1, 1.0]), 0.95)).all()
