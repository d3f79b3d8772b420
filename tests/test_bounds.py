"""Bounds that tell at a glance to whom nothing can happen: never below what they bound, and not far above it."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from shequ.agents.moving import highest_move_hazard, move_hazard
from shequ.agents.serving import candidate_hazard, highest_candidate_hazard
from shequ.agents.taking_part import may_take_part, takes_part
from shequ.agents.view import python_row
from shequ.model import parameters

CASES = 40


def worlds() -> list[Any]:
    """Default parameters, and draws from the ranges of all of them."""
    generator = np.random.default_rng(1)
    catalogue = parameters.catalogue().values()
    drawn = [{one.name: float(generator.uniform(one.low, one.high)) for one in catalogue} for _ in range(CASES)]
    return [python_row(parameters.table([values])[0]) for values in (parameters.defaults(), *drawn)]


@pytest.mark.parametrize("offers", [1.0, 2.0, 5.0])
def test_nobody_who_takes_part_is_passed_over(offers: float) -> None:
    for value in np.linspace(-12.0, 6.0, 181):
        chance = 1.0 - (1.0 - 1.0 / (1.0 + np.exp(-value))) ** offers
        u = chance * (1.0 - 1e-9)
        assert takes_part(u, value, offers)
        assert may_take_part(u, value, offers)


def test_most_are_passed_over_and_all_where_nothing_is_on_offer() -> None:
    assert not may_take_part(0.06, -3.0, 1.0)  # L(-3) = 0.047
    assert not may_take_part(0.12, -3.0, 2.0)
    assert not may_take_part(1e-9, 5.0, 0.0)


def test_no_household_moves_faster_than_the_highest_hazard() -> None:
    for p, influx in product(worlds(), (1.0, 3.0)):
        kinds = product((0, 1), (False, True), (False, True), (0.0, 0.3, 1.0))
        hazards = [move_hazard(owner, elder, heads, s, influx, p) for owner, elder, heads, s in kinds]
        assert highest_move_hazard(influx, p) == pytest.approx(max(hazards), rel=1e-12)


def test_nobody_takes_office_faster_than_the_highest_hazard() -> None:
    for p, pay, selection in product(worlds(), (0.0, 300.0), (0.0, 1.0)):
        highest = highest_candidate_hazard(pay, selection, p)
        age = 0.5 * (p.head_age_low + p.head_age_high)
        people = product((0.0, 1.0), (0.0, 1.0), (0.0, 100.0), (0.0, 1.0))
        hazards = [candidate_hazard(age, *person, pay, selection, p) for person in people]
        assert highest == pytest.approx(max(hazards), rel=1e-9)
