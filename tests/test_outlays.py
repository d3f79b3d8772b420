"""Money spent, as the comparison of plans counts it: nothing is counted twice, nothing is left out."""

from typing import Any

import numpy as np
import pytest

from shequ.experiments import describe
from shequ.model import observables, outlays
from shequ.model.community_model import CommunityModel
from shequ.model.ledger import Purpose, Sector

PUBLIC = (Sector.DISTRICT, Sector.COMMUNITY, Sector.UNIT_FUND, Sector.PROGRAMMES, Sector.ESCROW)
GIFTS = (Purpose.DONATION, Purpose.MARKET_INCOME, Purpose.NGO_CAPITAL)
WEEKS = 60


def run_plan() -> tuple[CommunityModel, tuple[int, int]]:
    """A run, and what had been spent when its books were opened: contracts that were under way."""
    run = describe("ten_household", communities=3, households=40)
    model = CommunityModel(**run.job.inputs(3).arguments())
    before = spent_by_balances(model)
    return model.run(until=WEEKS), before


def spent_by_balances(model: CommunityModel) -> tuple[int, int]:
    """What left the public purses and the charity funds: what came in, less what is still there. In fen."""
    flows, balances = model.ledger.matrix(since_start=True), model.ledger.balances()
    public = -flows[[Purpose.REVENUE, Purpose.FALLBACK_SERVICE], Sector.WORLD].sum()
    income = flows[list(GIFTS), Sector.CHARITY].sum()
    return int(public - balances[:, list(PUBLIC)].sum()), int(income - balances[:, Sector.CHARITY].sum())


def recorded(model: CommunityModel) -> list[int]:
    record: Any = model.recorder.dataset()
    return [int(record[name].sum()) for name in ("public_outlay", "charity_outlay")]


def test_outlays_are_what_came_in_less_what_is_still_there() -> None:
    model, before = run_plan()
    public, charity = np.subtract(spent_by_balances(model), before).tolist()
    assert recorded(model) == [public, charity]
    assert min(public, charity) > 0


def test_outlays_catch_money_that_only_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong: what one public purse hands to another counts, too."""
    monkeypatch.setattr(outlays, "SPENDING", list(Purpose))
    model, before = run_plan()
    assert recorded(model)[0] != spent_by_balances(model)[0] - before[0]


def test_money_observables_count_from_the_first_week_of_the_plan() -> None:
    model, _ = run_plan()
    record: Any = model.recorder.dataset()
    spent = observables.evaluate(record)["public_spending_total"].sel(group="all")
    weekly = record["public_outlay"].sum("community").where(record["week"] >= 0, 0.0)
    np.testing.assert_allclose(spent, weekly.cumsum("week") / 100.0, rtol=1e-12)
