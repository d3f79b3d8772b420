"""Draws: published vectors, uniformity, independence of streams, of order and of who else is there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shequ.agents.rules import exp, log, normal_quantile
from shequ.model.draws import Stream, draw, philox_block, replicate_seeds, uniform

WORD = 0xFFFFFFFF

# Known-answer vectors published with Random123 (kat_vectors, philox4x32 with 10 rounds).
VECTORS = [
    ([0, 0, 0, 0], [0, 0], [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([WORD] * 4, [WORD] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


@pytest.mark.parametrize(("counter", "key", "expected"), VECTORS)
def test_philox_gives_the_published_vectors(counter: list[int], key: list[int], expected: list[int]) -> None:
    got = philox_block(np.array(counter, np.uint64), np.array(key, np.uint64))
    assert got.tolist() == expected


def test_philox_vectors_catch_a_wrong_implementation() -> None:
    """A generator that takes its key words in the wrong order must not pass the third vector."""
    counter, key, expected = VECTORS[2]
    got = philox_block(np.array(counter, np.uint64), np.array(key[::-1], np.uint64))
    assert got.tolist() != expected


def _sample(stream: int, week: int, n: int = 200_000, k: int = 0) -> np.ndarray:
    return np.array([draw(np.uint64(9), stream, np.int64(week), np.uint64(i), k) for i in range(n)])


def test_draws_are_uniform() -> None:
    """n = 200,000: mean 1/2 within 4 s.e. (s.e. 0.000645), and a Kolmogorov-Smirnov test at 1e-4."""
    sample = _sample(int(Stream.PARTICIPATION), 3)
    assert abs(sample.mean() - 0.5) < 4 * np.sqrt(1 / 12 / len(sample))
    assert stats.kstest(sample, "uniform").pvalue > 1e-4
    assert sample.min() > 0
    assert sample.max() < 1


@pytest.mark.parametrize("other", [{"stream": 11}, {"week": 4}, {"k": 1}, {"k": 4}])
def test_streams_weeks_and_numbers_are_independent(other: dict[str, int]) -> None:
    """Correlation of n = 50,000 pairs is 0 within 4 s.e. (s.e. 0.0045)."""
    base = {"stream": 10, "week": 3, "k": 0}
    n = 50_000
    a = _sample(n=n, **base)
    b = _sample(n=n, **(base | other))
    assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(n)


def test_draw_belongs_to_its_key_and_not_to_the_order() -> None:
    keys = list(range(1000))
    forward = {k: draw(np.uint64(1), 10, np.int64(0), np.uint64(k), 0) for k in keys}
    backward = {k: draw(np.uint64(1), 10, np.int64(0), np.uint64(k), 0) for k in reversed(keys)}
    assert forward == backward


@given(st.integers(0, 2**64 - 1), st.integers(-300, 300), st.integers(0, 2**64 - 1), st.integers(0, 40))
def test_python_and_compiled_draws_are_equal(seed: int, week: int, key: int, k: int) -> None:
    arguments = (np.uint64(seed), 12, np.int64(week), np.uint64(key), k)
    with np.errstate(over="ignore"):
        assert uniform(*arguments) == draw(*arguments)


def test_names_of_streams_are_unique() -> None:
    assert len({int(stream) for stream in Stream}) == len(Stream.__members__)


def test_replicate_seeds_are_a_prefix_of_longer_lists() -> None:
    assert replicate_seeds(5, 3) == replicate_seeds(5, 8)[:3]
    assert len(set(replicate_seeds(5, 500))) == 500


@given(st.floats(-59, 59))
def test_exp_against_numpy(x: float) -> None:
    assert exp(x) == pytest.approx(np.exp(x), rel=1e-10)


@given(st.floats(1e-300, 1e300))
def test_log_against_numpy(x: float) -> None:
    assert log(x) == pytest.approx(np.log(x), rel=1e-13, abs=1e-15)


@given(st.floats(1e-12, 1 - 1e-12))
def test_normal_quantile_against_scipy(u: float) -> None:
    assert normal_quantile(u) == pytest.approx(stats.norm.ppf(u), rel=1e-9, abs=1e-12)
