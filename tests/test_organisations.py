"""NGOs and firms: founding, contracts, pay, closing, and what levers move (T6), beside the checks N1 to N5."""

from typing import Any

import numpy as np
import pytest

from shequ.agents import NGO
from shequ.agents.contracting import ACCEPTED, KEPT, OPEN, UNDER_WAY, pay_earned, size_after
from shequ.agents.firm import firm_course, provides_after
from shequ.model import CommunityModel, service_projects
from shequ.model.district import small_district
from shequ.model.ledger import Purpose, Sector
from shequ.model.levers import Setting
from shequ.model.processes import organisations as process
from shequ.model.schedule import PROCESSES
from shequ.verification import founding_and_closing, funding_stops, premises_let
from shequ.verification import organisations as checks
from shequ.verification.effort import row_of
from shequ.verification.organisations import settle, society, work

ALONE = tuple(name for name in PROCESSES if name not in {"organisations", "funding"})


def lone_model(weeks: int, communities: int = 40, seed: int = 3, since: int = 0, **levers: float) -> CommunityModel:
    """Let organisations and funding alone run from warm-up to ``weeks`` of plan, levers set from week ``since`` on."""
    settings = [Setting(since, c, name, value) for c in range(communities) for name, value in levers.items()]
    model = CommunityModel(small_district(10, communities), seed=seed, off=ALONE, settings=settings)
    return model.run(until=weeks)


def ngos(model: CommunityModel) -> Any:
    """Rows of the NGOs that exist."""
    return (model.organisations.kind == 0) & (model.organisations.active == 1)


def flow(model: CommunityModel, name: str) -> float:
    """Sum of a recorded flow over weeks and communities."""
    return float(model.recorder.dataset()[name].sum())


# --- checks that can fail ---------------------------------------------------------------------------------------------


def test_n1_catches_a_hazard_that_is_not_the_one_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """NGOs that close a tenth more often are fewer and younger."""
    plain = society

    def hasty(communities: int, rows: int, seed: int, **changes: float) -> Any:
        return plain(communities, rows, seed, **(changes | {"exit_base": 1.1 * changes["exit_base"]}))

    monkeypatch.setattr(checks, "society", hasty)
    report = founding_and_closing(years=12, n=1600, entry=3.0, exit=0.3)
    assert {row.verdict for row in report.rows if row.quantity in {"mean number", "mean age in weeks"}} == {"fails"}


def test_n5_catches_another_hazard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Firms that close a fifth more often."""
    plain = society

    def hasty(communities: int, rows: int, seed: int, **changes: float) -> Any:
        return plain(communities, rows, seed, **(changes | {"firm_exit_base": 1.2 * changes["firm_exit_base"]}))

    monkeypatch.setattr(checks, "society", hasty)
    assert premises_let(n=40_000, exit=0.5).verdict == "fails"


def test_n4_catches_an_organisation_that_lives_on_debt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may owe a week's costs closes a week late where the reserve divides by the burn."""

    def richer(s: Any, cash: int) -> None:
        settle(s, cash + 1)

    monkeypatch.setattr(checks, "settle", richer)
    assert funding_stops(reserve=100.0, burn=10.0).rows[0].verdict == "fails"


# --- money ------------------------------------------------------------------------------------------------------------


def test_cash_of_ngos_is_their_account_and_projects_are_in_escrow() -> None:
    model = lone_model(60, 10, service_contracts=1.5, venture_grants=5000.0, firm_incentive=1000.0)
    ledger, first = model.ledger.balances(), model.communities.organisation_start
    cash = np.add.reduceat(model.organisations.cash, first)
    assert (cash == ledger[:10, Sector.NGOS]).all()
    assert (model.service_projects.escrow.reshape(10, KEPT).sum(axis=1) == ledger[:10, Sector.ESCROW]).all()
    assert not model.service_projects.escrow[model.service_projects.state == 0].any()
    assert not model.organisations.cash[~ngos(model)].any()
    paid = model.ledger.matrix(since_start=True)
    for purpose in (Purpose.SERVICE_PROJECT, Purpose.NGO_INCOME, Purpose.NGO_COSTS, Purpose.FIRM_INCENTIVE):
        assert paid[purpose].any(), purpose


def one_project(evaluation: float, delivered: float, skill: float = 1.0) -> Any:
    """An NGO whose contract of 1,000 yuan ends this week, so much of it delivered; an advance of half was paid."""
    s = society(1, 1, ngo_costs=0.0, pay_lag=4.0, ngo_forgetting=0.0, evaluation_tied=0.5, pay_standard=0.8)
    settle(s, 0)
    s.levers["third_party_evaluation"] = evaluation
    s.skills.level[:] = skill
    j = s.projects
    j.state[0], j.winner[0], j.weeks[0] = UNDER_WAY, 0, 1
    j.value[0], j.escrow[0], j.agreed[0], j.delivered[0] = 100_000, 50_000, 10.0, 10.0 * delivered
    s.ledger.book.balance[Sector.ESCROW] = 50_000
    return s


@pytest.mark.parametrize(
    ("evaluation", "delivered", "share"), [(0.0, 0.2, 1.0), (1.0, 0.9, 1.0), (1.0, 0.4, 0.75), (0.5, 0.4, 0.875)]
)
def test_a_contract_is_paid_late_and_as_earned(evaluation: float, delivered: float, share: float) -> None:
    """1 - tied (1 - score/standard): nobody looks without an evaluation; the rest goes back to the district."""
    s = one_project(evaluation, delivered)
    work(s)
    assert s.projects.state[0] == ACCEPTED
    assert s.flows.contracts_ended[0] == 1
    assert s.flows.contracts_kept[0] == 0
    for _ in range(3):
        work(s)
    assert s.organisations.cash[0] == 0
    work(s)
    assert s.organisations.cash[0] == pytest.approx(100_000 * share - 50_000, abs=1)
    assert s.ledger.book.balance[Sector.ESCROW] == 0
    assert s.ledger.balances()[1, Sector.DISTRICT] == pytest.approx(100_000 * (1.0 - share), abs=1)
    assert s.organisations.reputation[0] == pytest.approx(1.0 + 0.3 * (delivered - 1.0))


def test_pay_hangs_on_the_result_as_far_as_it_is_tied() -> None:
    assert pay_earned(0.0, 0.1, 0.8) == pay_earned(1.0, 0.9, 0.8) == 1.0
    assert pay_earned(0.5, 0.4, 0.8) == pytest.approx(0.75)


def test_an_ngo_delivers_what_it_has_hands_for_and_learns() -> None:
    """Half of five slots a week go to a contract of ten in ten weeks as long as it asks for more than one a week."""
    s = society(1, 1, ngo_slots=5.0, ngo_forgetting=0.0, ngo_learning=0.1)
    settle(s, 10**9)
    o, j = s.organisations, s.projects
    o.joined[0], o.paid_effort[0], j.state[0], j.winner[0], j.service[0] = 1, 0.5, UNDER_WAY, 0, 2
    j.agreed[0], j.weeks[0], j.value[0] = 100.0, 20, 1
    work(s)
    assert s.delivery.slots[0, 2] == pytest.approx(2.5)
    assert s.delivery.mission[0] == pytest.approx(2.5)
    assert s.skills.level[0, 2] == pytest.approx(0.5 + 0.1 * 2.5 * 0.5)
    assert s.skills.level[0, 0] == 0.5
    j.agreed[0] = 3.0
    work(s)
    assert s.delivery.slots[0, 2] == pytest.approx(0.5 / 19, rel=1e-4)
    o.joined[0] = 0
    work(s)
    assert s.delivery.slots.sum() == s.delivery.mission.sum() == 0.0


def test_what_nobody_bids_for_goes_back_as_the_year_ends() -> None:
    s = society(1, 1)
    service_projects.fund(
        0, 1.0, False, s.communities, s.projects, s.delivery, s.funds, s.ledger.book, s.parameters, s.levers
    )
    opened = int((s.projects.state == OPEN).sum())
    p = row_of()
    assert opened == int(p.contract_budget * 2 / p.contract_value)
    assert s.ledger.balances()[0, Sector.ESCROW] == opened * 100 * p.contract_value
    service_projects.lapse(s.projects, s.delivery, s.funds, s.ledger.book, s.parameters)
    assert s.ledger.balances()[0, Sector.ESCROW] == 0
    assert s.ledger.balances()[1, Sector.DISTRICT] == opened * 100 * p.contract_value
    assert not s.projects.state.any()


def test_size_rests_where_income_pays_for_it() -> None:
    """With the wished-for reserve: core + income / costs; a hole in the purse makes it smaller."""
    p = row_of()
    size = 1.0
    for _ in range(2000):
        size = size_after(size, 300.0, p.ngo_reserve * p.ngo_costs * (size - p.volunteer_core), p)
    assert size == pytest.approx(p.volunteer_core + 300.0 / p.ngo_costs)
    assert size_after(1.0, 300.0, -1000.0, p) < size_after(1.0, 300.0, 1000.0, p)
    assert size_after(p.volunteer_core, 0.0, -1e6, p) == p.volunteer_core


# --- the whole --------------------------------------------------------------------------------------------------------


def test_without_a_plan_the_world_stays_about_where_it_is() -> None:
    """Two NGOs a community (ten_household-076), three quarters public money (standardization-102), 2 to 8 % exits."""
    model = lone_model(260, 60)
    record = model.recorder.dataset()
    years = 1.0 + 260 / 52
    exits = flow(model, "ngo_exits") / (float(record["ngos"].mean("week").sum()) * years)
    assert float(record["ngos"][-52:].mean()) == pytest.approx(2.0, abs=0.4)
    assert 0.02 < exits < 0.09
    share = float(record["ngo_public_income"].sum() / record["ngo_income"].sum())
    assert share == pytest.approx(0.75, abs=0.05)
    size = model.organisations.size[ngos(model)].sum() / 60
    assert size == pytest.approx(2.4, abs=0.5)


def test_levers_move_what_they_should() -> None:
    rest = lone_model(156)
    more, none = lone_model(156, service_contracts=2.0), lone_model(156, service_contracts=0.0)
    nursed, given = lone_model(156, ngo_incubation=1.0), lone_model(156, venture_grants=20_000.0)
    judged = lone_model(156, third_party_evaluation=1.0)
    assert ngos(more).sum() > ngos(rest).sum() > ngos(none).sum() + 20
    assert ngos(nursed).sum() > ngos(rest).sum() + 10

    def public(model: CommunityModel) -> float:
        o, there = model.organisations, ngos(model)
        income = o.income_public + o.income_gifts + o.income_market
        return float(o.income_public[there].sum() / income[there].sum())

    assert public(given) < public(rest) - 0.1
    kept = [flow(model, "contracts_kept") / flow(model, "contracts_ended") for model in (rest, judged)]
    assert kept[1] > kept[0] + 0.05


def test_closed_rows_are_used_again_under_a_new_id() -> None:
    model = lone_model(156, service_contracts=0.0, ngo_incubation=1.0)
    o = model.organisations
    assert flow(model, "ngo_exits") > 10
    assert len(np.unique(o.id)) == len(o.id)
    assert ((o.id >> np.uint64(process.GENERATION)) != (o.id[0] >> np.uint64(process.GENERATION))).any()
    there, founded = ngos(model).sum(), flow(model, "ngo_foundings")
    assert there == 40 * 2 + founded - flow(model, "ngo_exits")
    assert not o.joined[(o.kind == 0) & (o.active == 0)].any()


def test_firms_provide_services_where_a_subsidy_makes_it_worth_while() -> None:
    p = row_of()
    assert provides_after(0, 1, 1.0, 0.0, p.unmet_reference, 0.0, p) == 0
    assert provides_after(0, 1, 1.0, 0.0, p.unmet_reference, 800.0, p) == 1
    assert provides_after(1, 1, 1.0, 0.0, p.unmet_reference, 300.0, p) == 1  # the cost is sunk
    assert provides_after(0, 1, 1.0, 0.0, p.unmet_reference, 300.0, p) == 0
    assert provides_after(1, 0, 1.0, 2.0, 0.0, 0.0, p) == 0
    without, subsidised = lone_model(60, 10), lone_model(60, 10, firm_incentive=1000.0)
    assert not without.organisations.provides.any()
    assert subsidised.organisations.provides.sum() > 15


def test_firms_close_and_premises_are_let_again() -> None:
    """Where nobody moves in, all is lost in time; what closes takes no part, sells nothing and pays no fee."""
    model = lone_model(104, 80, firm_agreements=1.0, firm_incentive=1000.0)
    o = model.organisations
    shut = (o.kind == 1) & (o.active == 0)
    assert shut.sum() > 5
    assert not o.joined[shut].any()
    assert not o.provides[shut].any()
    assert flow(model, "firm_exits") - flow(model, "firm_foundings") == shut.sum()
    small, big = (firm_course(0, size, 0.5, row_of())[0] for size in (0.2, 5.0))
    assert small > big


def test_services_take_up_what_ngos_and_firms_bring() -> None:
    """Twenty slots of contracts and ten of missions come on top of the rest, the first in their own class."""
    off = tuple(name for name in PROCESSES if name != "services")
    plain, helped = (CommunityModel(small_district(80, 2), seed=1, off=off) for _ in range(2))
    helped.delivery.slots[:, 1] = 20.0
    helped.delivery.mission[:] = 10.0
    helped.organisations.provides[helped.organisations.kind == 1] = 1
    for model in (plain, helped):
        model.step()
    more = helped.supply.slots - plain.supply.slots
    assert (more[:, 1] >= 20).all()
    firms = helped.parameters["provider_slots"] * helped.organisations.size[helped.organisations.kind == 1].sum() / 2
    assert more.sum() / 2 == pytest.approx(30 + firms.mean(), abs=4)


def test_a_subclass_may_decide_otherwise() -> None:
    class Idle(NGO):
        def decide_bid(self) -> None:
            self.bid, self.spending = -1, 0

    model = CommunityModel(small_district(20, 2), seed=2, off=ALONE, agent_types={NGO: Idle}).run(until=-1)
    assert not (model.service_projects.state >= UNDER_WAY).any()
    assert flow(model, "contracts_ended") == 0


def test_both_engines_give_the_same_bytes() -> None:
    levers = {"service_contracts": 2.0, "third_party_evaluation": 1.0, "ngo_incubation": 1.0, "firm_incentive": 700.0}
    settings = [Setting(-1000, c, name, value) for c in range(4) for name, value in levers.items()]
    one, other = (
        CommunityModel(small_district(10, 4), seed=4, off=ALONE, settings=settings, engine=engine).run(until=20)
        for engine in ("compiled", "agents")
    )
    for name in ("organisations", "service_projects", "skills", "delivery", "flows"):
        for a, b in zip(getattr(one, name), getattr(other, name), strict=True):
            assert a.tobytes() == b.tobytes(), name
    assert (one.ledger.book.total == other.ledger.book.total).all()
    assert one.organisations.provides.any()
