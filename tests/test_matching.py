"""Matching: stability, who wins, and the bounds (checks R3, R4, R5)."""

import numpy as np
import pytest

from shequ.model.matching import blocking_pairs, deferred_acceptance, maximum_matching, urn_ball

ONE = np.int32(1)


def random_market(rng, requests, providers):
    """Independent uniform preferences of both sides."""
    preference = rng.random((requests, providers)).argsort(axis=1).astype(np.int32)
    return preference, rng.random((providers, requests))


def ranks(preference, score, match):
    """Mean rank (1 best) that matched requests and matched providers give each other."""
    matched = np.flatnonzero(match >= 0)
    partner = match[matched]
    of_requests = (preference[matched] == partner[:, None]).argmax(axis=1) + 1
    of_providers = (score[partner] > score[partner, matched][:, None]).sum(axis=1) + 1
    return of_requests.mean(), of_providers.mean()


@pytest.mark.parametrize(
    ("requests", "providers", "expected"),
    [
        (50, 50, ((4.19, 0.03), (11.77, 0.08))),
        (100, 100, ((5.02, 0.04), (20.19, 0.13))),
        (100, 101, ((4.10, 0.02), (23.50, 0.12))),
        (101, 100, ((20.02, 0.13), (4.95, 0.04))),
    ],
)
def test_r3_mean_ranks_and_the_short_side_wins(requests, providers, expected):
    """1,000 random markets; expected (value, s.e.) of Ashlagi, Kanoria & Leshno's setting; both s.e. are combined."""
    rng = np.random.default_rng(requests * 1000 + providers)
    capacity = np.full(providers, ONE)
    results = []
    for _ in range(1000):
        preference, score = random_market(rng, requests, providers)
        match = deferred_acceptance(preference, score, capacity)
        assert blocking_pairs(preference, score, capacity, match) == 0
        results.append(ranks(preference, score, match))
    means, errors = np.mean(results, axis=0), np.std(results, axis=0) / np.sqrt(len(results))
    for mean, error, (value, value_error) in zip(means, errors, expected, strict=True):
        assert error < 0.01 * value
        assert abs(mean - value) < 4 * np.hypot(error, value_error)


def other_side_proposes(preference, score):
    """Match with providers proposing; returns the provider of every request."""
    requests, providers = preference.shape
    rank = np.empty((requests, providers))
    np.put_along_axis(rank, preference.astype(np.int64), np.arange(providers)[None, :].repeat(requests, 0), axis=1)
    theirs = deferred_acceptance((-score).argsort(axis=1).astype(np.int32), -rank, np.full(requests, ONE))
    match = np.full(requests, -1, np.int32)
    match[theirs[theirs >= 0]] = np.flatnonzero(theirs >= 0)
    return match


@pytest.mark.parametrize(("requests", "providers"), [(30, 30), (30, 34), (34, 30)])
def test_r3_proposers_do_best_and_the_same_are_unmatched(requests, providers):
    """No stable matching is better for any proposer; both sides' matchings leave out the same (rural hospitals)."""
    rng = np.random.default_rng(7)
    capacity = np.full(providers, ONE)
    gains = 0
    for _ in range(100):
        preference, score = random_market(rng, requests, providers)
        match = deferred_acceptance(preference, score, capacity)
        other = other_side_proposes(preference, score)
        assert blocking_pairs(preference, score, capacity, other) == 0
        assert ((match < 0) == (other < 0)).all()
        matched = np.flatnonzero(match >= 0)
        ours = (preference[matched] == match[matched][:, None]).argmax(axis=1)
        theirs = (preference[matched] == other[matched][:, None]).argmax(axis=1)
        assert (ours <= theirs).all()
        gains += int((ours < theirs).sum())
    assert gains > 0


def patchy_market(rng):
    """Capacities from 0 to 3 and lists of random length."""
    requests, providers = int(rng.integers(1, 25)), int(rng.integers(1, 9))
    preference, score = random_market(rng, requests, providers)
    for i in range(requests):
        preference[i, rng.integers(0, providers + 1) :] = -1
    return preference, score, rng.integers(0, 4, providers).astype(np.int32)


def test_r3_stable_with_capacities_and_short_lists():
    rng = np.random.default_rng(3)
    for _ in range(500):
        preference, score, capacity = patchy_market(rng)
        match = deferred_acceptance(preference, score, capacity)
        assert blocking_pairs(preference, score, capacity, match) == 0
        assert (np.bincount(match[match >= 0], minlength=len(capacity)) <= capacity).all()
        rows, places = np.nonzero(preference >= 0)
        served = int((match >= 0).sum())
        assert served <= maximum_matching(rows, preference[rows, places], capacity, len(match)) <= 2 * served


def test_r3_catches_a_wrong_implementation():
    """First come, first served (no displacement) leaves blocking pairs, and the check sees them."""
    rng = np.random.default_rng(11)
    blocking = 0
    for _ in range(50):
        preference, score = random_market(rng, 20, 20)
        match = np.full(20, -1, np.int32)
        for i in range(20):
            match[i] = next(j for j in preference[i] if j not in match)
        blocking += blocking_pairs(preference, score, np.full(20, ONE), match)
    assert blocking > 0


@pytest.mark.parametrize(
    ("providers", "capacity", "share"),
    [(10, 1, 0.651322), (100, 1, 0.633968), (200_000, 1, 0.632121), (200_000, 2, 0.729329), (200_000, 3, 0.775958)],
)
def test_r4_urn_ball_bound(providers, capacity, share):
    """Closed form at load = capacity; the last three are the limit of many providers."""
    load = providers * capacity
    assert urn_ball(load, providers, capacity) / load == pytest.approx(share, abs=2e-6)


@pytest.mark.parametrize(("degree", "share"), [(1, 0.544062), (2, 0.783926), (3, 0.927687), (4, 0.977840)])
def test_r5_maximum_matching_of_sparse_graphs(degree, share):
    """Karp & Sipser: random bipartite graph, 5,000 + 5,000 nodes, Poisson degrees; single graphs scatter by 0.006."""
    n = 5000
    rng = np.random.default_rng(degree)
    edges = rng.poisson(n * degree)
    best = maximum_matching(rng.integers(0, n, edges), rng.integers(0, n, edges), np.ones(n, np.int64), n)
    assert best / n == pytest.approx(share, abs=0.006)


def test_r5_bound_counts_capacities():
    """Three requests for one provider of two places, one of them also for another of one place: all three fit."""
    assert maximum_matching([0, 1, 2, 2], [0, 0, 0, 1], [2, 1], 3) == 3
    assert maximum_matching([0, 1, 2], [0, 0, 0], [2, 1], 3) == 2
    assert maximum_matching([], [], [0, 0], 4) == 0
