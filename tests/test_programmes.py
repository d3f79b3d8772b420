"""Departments' programmes, beside the check R9."""

import numpy as np
import pytest

from shequ.agents.using_services import CLASSES
from shequ.model import CommunityModel, programmes
from shequ.model.district import small_district
from shequ.model.ledger import Purpose, Sector
from shequ.model.levers import Setting
from shequ.model.programmes import POOLED
from shequ.verification import idle_money
from shequ.verification import programmes as checks

ALONE = ("organisations", "participation", "platform", "outreach", "projects", "facilities")


def served(pooling: float, weeks: int = 60) -> CommunityModel:
    """Four communities in which departments' money is pooled so far."""
    settings = [Setting(-1000, c, "fund_pooling", pooling) for c in range(4)]
    return CommunityModel(small_district(120, 4), seed=3, off=ALONE, settings=settings).run(until=weeks)


def test_r9_catches_a_pool_that_stays_earmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = checks.granted
    monkeypatch.setattr(checks, "granted", lambda communities, slots, _: plain(communities, slots, 0.0))
    assert idle_money(pooling=0.0, communities=2000).verdict == "holds"
    assert idle_money(pooling=1.0, communities=2000).verdict == "fails"


def test_pooling_leaves_less_idle_and_serves_more() -> None:
    apart, together = served(0.0), served(1.0)
    idle = [float(m.recorder.dataset()["programme_spending"].sum()) for m in (apart, together)]
    assert idle[1] > 1.1 * idle[0]
    met = [float(m.recorder.dataset()["requests_met"].sum()) for m in (apart, together)]
    assert met[1] > met[0]


def test_pots_are_what_the_account_holds_and_purposes_stay_apart() -> None:
    model = served(0.4)
    for _ in range(20):
        model.step()
        balances = model.ledger.balances()[:4, Sector.PROGRAMMES]
        assert (model.programmes.pot.sum(axis=1) == balances).all()
        assert (model.programmes.pot >= 0).all()
    assert (model.programmes.pot[:, POOLED] > 0).any() or model.programmes.bought.sum() > 0
    assert model.ledger.matrix(since_start=True)[Purpose.PROGRAMME, Sector.PROGRAMMES] > 0


def test_bought_slots_come_on_top_in_their_own_class() -> None:
    model = served(0.0, 2)
    model.programmes.pot[:] = 0
    model.supply.requests[:], model.supply.met[:] = 5, 0
    model.programmes.pot[:, 1] = 10**9
    book = model.ledger.book
    programmes.buy(model.programmes, model.supply, book, model.flows, model.parameters)
    assert (model.programmes.bought == np.eye(CLASSES, dtype=int)[1] * 5).all()
