"""Matching: that checks R3 and R5 catch what is wrong, and places count in the bound."""

import numpy as np
import pytest

from shequ import verification
from shequ.model.matching import blocking_pairs, maximum_matching
from shequ.verification import matching
from shequ.verification.check import CheckError
from shequ.verification.matching import ONE, market


def first_come(preference, score, capacity):
    """First come, first served: no displacement."""
    match = np.full(len(preference), -1, np.int32)
    room = np.array(capacity)
    for i in range(len(preference)):
        for j in preference[i]:
            if j >= 0 and room[j] > 0:
                match[i] = j
                room[j] -= 1
                break
    return match


def test_r3_catches_a_wrong_implementation():
    """First come, first served (no displacement) leaves blocking pairs, and the check sees them."""
    rng = np.random.default_rng(11)
    blocking = 0
    for _ in range(50):
        preference, score = market(rng, 20, 20)
        places = np.full(20, ONE)
        blocking += blocking_pairs(preference, score, places, first_come(preference, score, places))
    assert blocking > 0


def test_r3_check_catches_a_wrong_implementation(monkeypatch):
    monkeypatch.setattr(matching, "deferred_acceptance", first_come)
    assert verification.stable_matching(requests=12, providers=12, markets=20, patchy=20).verdict == "fails"


def test_r5_catches_a_wrong_implementation(monkeypatch):
    """A matching that takes what comes is smaller than the largest."""

    def greedy(requests, providers, capacity, count):
        taken, served = set(), set()
        for i, j in zip(requests.tolist(), providers.tolist(), strict=True):
            if i not in served and j not in taken:
                served.add(i)
                taken.add(j)
        return len(served)

    monkeypatch.setattr(matching, "maximum_matching", greedy)
    assert verification.sparse_matching(degree=2.0).verdict == "fails"


def test_numbers_without_a_closed_form_are_refused():
    for check, numbers in (
        (verification.stable_matching, {"requests": 0}),
        (verification.uncoordinated_search, {"providers": 1}),
        (verification.sparse_matching, {"degree": 0.0}),
    ):
        with pytest.raises(CheckError, match="give"):
            check(**numbers)


def test_the_bound_counts_capacities():
    """Three requests for one provider of two places, one of them also for another of one place: all three fit."""
    assert maximum_matching([0, 1, 2, 2], [0, 0, 0, 1], [2, 1], 3) == 3
    assert maximum_matching([0, 1, 2], [0, 0, 0], [2, 1], 3) == 2
    assert maximum_matching([], [], [0, 0], 4) == 0
