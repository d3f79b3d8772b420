"""Random draws as a pure function of (seed, stream, week, id, k).

Nobody holds a generator. A draw belongs to a decision (its stream), a week and somebody's permanent id; whoever asks,
in whatever order, on whatever thread, gets the same number. So when one household moves in, nobody else's life
changes, and two scenarios with one seed differ only through what the scenarios do: the same resident meets the same
luck in both worlds. That makes paired comparisons sharp.

Generator: Philox 4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"), which
passes BigCrush; ``tests/test_draws.py`` checks the published known-answer vectors. Counter words: id (two), week,
stream and block; key: the seed. Streams therefore never overlap.
"""

from typing import Any

import numpy as np

from ..agents.rules import inlined, log, normal_quantile, rule
from ..agents.streams import Stream as Stream
from .compiled import kernel

MULTIPLIER_A = np.uint64(0xD2511F53)
MULTIPLIER_B = np.uint64(0xCD9E8D57)
WEYL_A = np.uint64(0x9E3779B9)
WEYL_B = np.uint64(0xBB67AE85)
MASK = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
STREAM_SHIFT = np.uint64(16)  # k // 4, the block, lies in the low 16 bits
TO_UNIT = 2.0**-32


@inlined
def philox(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Philox 4x32-10: four 32-bit words from a counter of four and a key of two, all held in 64 bits."""
    for _ in range(10):
        a = MULTIPLIER_A * c0
        b = MULTIPLIER_B * c2
        c0, c1, c2, c3 = (b >> HALF) ^ c1 ^ k0, b & MASK, (a >> HALF) ^ c3 ^ k1, a & MASK
        k0 = (k0 + WEYL_A) & MASK
        k1 = (k1 + WEYL_B) & MASK
    return c0, c1, c2, c3


@inlined
def uniforms(seed: np.uint64, stream: int, week: int, key: np.uint64, block: int) -> tuple[float, float, float, float]:
    """Four independent uniforms in (0, 1), of 32 bits each: draws 4*block ... 4*block + 3 of one decision."""
    words = philox(
        key & MASK,
        key >> HALF,
        np.uint64(week) & MASK,
        (np.uint64(stream) << STREAM_SHIFT) | np.uint64(block),
        seed & MASK,
        seed >> HALF,
    )
    return (
        (float(words[0]) + 0.5) * TO_UNIT,
        (float(words[1]) + 0.5) * TO_UNIT,
        (float(words[2]) + 0.5) * TO_UNIT,
        (float(words[3]) + 0.5) * TO_UNIT,
    )


@rule
def uniform(seed: np.uint64, stream: int, week: int, key: np.uint64, k: int) -> float:
    """Draw number k of a decision: uniform in (0, 1)."""
    four = uniforms(seed, stream, week, key, k // 4)
    return four[k % 4]


@kernel
def draw_first(seed: np.uint64, stream: int, week: int, keys: Any, out: Any) -> None:
    """Write draw 0 of each of ``keys`` into ``out``: many at once, on vector units, cost a seventh of one by one."""
    for i in range(len(keys)):
        out[i] = uniforms(seed, stream, week, keys[i], 0)[0]


@kernel
def draw_four(seed: np.uint64, stream: int, week: int, keys: Any, out: Any) -> None:
    """Write draws 0 to 3 of each of ``keys`` into the four rows of ``out``."""
    one, two, three, four = out[0], out[1], out[2], out[3]
    for i in range(len(keys)):
        u = uniforms(seed, stream, week, keys[i], 0)
        one[i], two[i], three[i], four[i] = u[0], u[1], u[2], u[3]


@rule
def exponential(u: float) -> float:
    """Exponential variate of mean 1 from a uniform."""
    return -log(u)


@rule
def normal(u: float) -> float:
    """Standard normal variate from a uniform, by inversion."""
    return normal_quantile(u)


@kernel
def draw(seed: np.uint64, stream: int, week: int, key: np.uint64, k: int) -> float:
    """Return :func:`uniform`, compiled: for callers in Python (the agents engine, tests, notebooks)."""
    return uniform(seed, stream, week, key, k)


@kernel
def philox_block(counter: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Philox 4x32-10 on arrays of uint64 words (4 and 2): the form in which test vectors are published."""
    words = philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1])
    return np.array([words[0], words[1], words[2], words[3]], dtype=np.uint64)


def replicate_seeds(seed: int, replicates: int) -> list[int]:
    """Return 64-bit seeds of ``replicates`` runs, spawned from ``seed``; replicate k has its seed in every scenario."""
    children = np.random.SeedSequence(seed).spawn(replicates)
    return [int(child.generate_state(1, np.uint64)[0]) for child in children]
