"""Small tasks and votes of a unit, beside the checks P6 and P11."""

from hypothesis import given
from hypothesis import strategies as st

from shequ.agents.taking_part import VOTE, Matter, carries
from shequ.agents.view import python_row
from shequ.model import parameters
from shequ.verification.check import share
from shequ.verification.crowd import crowd
from shequ.verification.units import adopted, jobs, poll, undone

P = python_row(parameters.table([parameters.defaults()])[0])


def test_p6_catches_a_wrong_implementation() -> None:
    """The exponent 1 / N instead of 1 / (N - 1), which is the right rule at (c / b)**(11 / 12), leaves c / b undone."""
    right, wrong = jobs(12, 0.2, 80_000)[0], jobs(12, 0.2 ** (11 / 12), 80_000)[0]
    assert undone(right, 0.172778).verdict == "holds"
    assert undone(wrong, 0.172778).verdict == "fails"


def test_p11_catches_a_wrong_implementation() -> None:
    """More than three quarters, not at least three quarters, would need ten of twelve: 0.558 at a support of 0.8."""
    for majority, verdict in ((0.75, "holds"), (0.7501, "fails")):
        passed, votes = adopted(int(Matter.SPECIAL), 0.8, 12, 15_000, special_majority=majority)
        assert share("share adopted", 0.794569, passed, votes).verdict == verdict


@given(st.integers(1, 60), st.data())
def test_a_stricter_matter_never_passes_where_a_milder_one_fails(total: int, data: st.DataObject) -> None:
    voting = data.draw(st.integers(0, total))
    yes = data.draw(st.integers(0, voting))
    ordinary, special, unanimous = (carries(m, voting, yes, total, P) for m in list(Matter)[1:])
    assert ordinary >= special >= unanimous


def test_floor_area_counts_beside_heads() -> None:
    """Seven of twelve are a majority of owners, but not of floor area if the five hold the big flats."""
    people = crowd(12, unit_households=12, support_intercept=0.0, support_community=200.0, support_trust=0.0)
    people.residents.acts[:] = VOTE
    people.residents.sense_of_community[:7] = 1.0
    people.parameters = parameters.table(
        [parameters.defaults() | {"support_intercept": -100.0, "support_community": 200.0, "support_trust": 0.0}]
    )
    people.units.proposal[:] = int(Matter.ORDINARY)
    assert poll(people) == 1
    people.households.area[7:] = 200.0
    people.flows.proposals_adopted[:] = 0
    assert poll(people) == 0


def test_tenants_have_no_ballot_and_absentees_cast_none() -> None:
    people = crowd(12, unit_households=12, support_intercept=50.0)
    people.residents.acts[:9] = VOTE
    people.households.owner[:4] = 0
    people.units.proposal[:] = int(Matter.ORDINARY)
    passed = poll(people)
    assert people.households.ballot.tolist() == [0] * 4 + [2] * 5 + [0] * 3
    assert passed == 0  # five of eight owners are below the quorum
