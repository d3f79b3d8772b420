"""Service requests: ordering from the list, what supply follows (T4.3)."""

import numpy as np
import pytest

from shequ import verification
from shequ.agents import Household
from shequ.agents.using_services import CLASSES, ServiceClass, ask_for_service, need_at, need_count
from shequ.agents.view import python_row
from shequ.model import parameters
from shequ.model.community_model import CommunityModel, Engine
from shequ.model.district import small_district
from shequ.model.levers import Setting
from shequ.model.processes import services
from shequ.model.schedule import PROCESSES
from shequ.verification import matching
from shequ.verification.streets import filled, rows, street

ALONE = tuple(name for name in PROCESSES if name != "services")


def test_r4_catches_a_wrong_implementation(monkeypatch):
    """If some could try the next provider too, more slots would fill."""
    ordering = {"menu_ordering": 0.3, "resource_list": 1.0}
    monkeypatch.setattr(matching, "filled", lambda *args: filled(*args, **ordering))
    assert verification.uncoordinated_search(providers=100).verdict == "fails"


def test_if_all_order_from_the_list_every_slot_fills():
    assert (filled(100, 100, 1, 20, menu_ordering=1.0, resource_list=1.0) == 1.0).all()


def test_special_groups_and_long_waits_are_placed_first():
    p, lever = rows(menu_ordering=1.0, resource_list=1.0)
    households, units = street(30, special=5)
    households.waiting[:8] = 3
    capacity = services.places(10, 2)
    assert services.serve(0, np.uint64(1), np.arange(30), capacity, households, units, p, lever) == 10
    assert households.served[25:].all()
    assert households.served[:8].sum() == 5
    assert households.served[8:25].sum() == 0


def test_without_a_head_nobody_orders_from_the_list():
    p, lever = rows(menu_ordering=1.0, resource_list=1.0)
    households, units = street(50)
    units.head[:] = -1
    assert services.serve(0, np.uint64(1), np.arange(50), services.places(50, 1), households, units, p, lever) < 40


@pytest.mark.parametrize(("slots", "each", "expected"), [(5, 2, [2, 2, 1]), (4, 2, [2, 2]), (0, 3, []), (1, 10, [1])])
def test_places(slots, each, expected):
    assert services.places(slots, each).tolist() == expected


def test_requests_follow_needs():
    """P(ask) = 1 - exp(-rate * needs), each need equally likely."""
    p = python_row(rows(request_rate=0.04)[0])
    needs = 0b10110
    assert need_count(needs) == 3
    assert [need_at(needs, k) for k in range(3)] == [1, 2, 4]
    chance = 1 - np.exp(-0.12)
    assert ask_for_service(needs, chance - 1e-9, 0.5, p) == ServiceClass.MEDIATION
    assert ask_for_service(needs, chance + 1e-9, 0.5, p) == 255
    assert ask_for_service(0, 1e-12, 0.5, p) == 255


def lone_model(weeks, engine: Engine = "compiled", programmes=True, **levers):
    """Run services alone for some weeks in a district whose committees and heads do not change.

    Departments' programmes buy what is missed, whatever else is on offer: without them the rest shows.
    """
    values = parameters.with_changes({} if programmes else {"programme_money": 0.0})
    settings = [Setting(-1000, c, name, value) for c in range(2) for name, value in levers.items()]
    model = CommunityModel(
        small_district(1000), seed=3, settings=settings, engine=engine, off=ALONE, parameter_values=values
    )
    residents = model.communities.resident_stop - model.communities.resident_start
    model.committees.reporting_minutes[:] = 0
    model.committees.coordination_minutes[:] = 0
    model.committees.unit_support_minutes[:] = 0
    model.committees.hours_minutes[:] = residents * 1.98  # 6.6 staff per 10,000 residents, 50 hours
    model.committees.service_minutes[:] = residents * 0.4
    model.units.organised[:] = 1
    model.units.head[:] = 0
    totals = np.zeros(4)
    for _ in range(weeks):
        model.step()
        totals += [getattr(model.flows, n).sum() for n in ("requests", "requests_met", "slots", "slots_used")]
        bounds = services.coordination(model)
        assert (bounds["met"] <= bounds["most"]).all()
        assert (model.supply.requests.sum(axis=1) == model.flows.requests).all()
    return model, totals


def test_both_engines_give_the_same_bytes():
    compiled, _ = lone_model(5)
    agents, _ = lone_model(5, engine="agents")
    for one, other in zip(compiled.households, agents.households, strict=True):
        assert one.tobytes() == other.tobytes()
    assert compiled.households.waiting.max() > 0
    assert compiled.households.served.sum() > 0


def test_a_subclass_may_decide_otherwise():
    class Silent(Household):
        def request_service(self):
            self.request = 255

    model = CommunityModel(small_district(60), off=ALONE, agent_types={Household: Silent})
    model.step()
    assert model.flows.requests.sum() == 0


def test_lists_and_ordering_mend_the_mismatch():
    """At rest about 42 % of requests miss (ten_household-033); each list helps, both together most.

    Supply is scaled up in place of the volunteers and organisations that are not there.
    """
    lists = {"need_list": 1.0}
    orders = {"resource_list": 1.0, "menu_ordering": 1.0}
    missed, idle = {}, {}
    for name, levers in {"rest": {}, "lists": lists, "orders": orders, "both": lists | orders}.items():
        _, (requests, met, slots, used) = lone_model(80, service_supply=1.7, **levers)
        missed[name], idle[name] = 1 - met / requests, 1 - used / slots
    assert missed["rest"] == pytest.approx(0.42, abs=0.06)
    assert idle["rest"] == pytest.approx(0.40, abs=0.1)
    assert max(missed["lists"], missed["orders"]) < missed["rest"] - 0.03
    assert missed["both"] < min(missed["lists"], missed["orders"]) - 0.03


def test_supply_follows_the_need_list():
    """With a full need list the mix of slots is that of need, and no slot goes into publicity."""
    model, _ = lone_model(3, programmes=False, need_list=1.0)
    total = model.supply.slots.sum(axis=1)
    assert np.abs(model.supply.slots[:, :CLASSES] / total[:, None] - model.supply.need).max() < 1.5 / total.min()
    plain, _ = lone_model(3, programmes=False)
    share = plain.supply.slots / plain.supply.slots.sum(axis=1)[:, None]
    assert (share[:, services.PUBLICITY] > 0.1).all()
    assert (share[:, ServiceClass.CULTURE] > 1.5 * plain.supply.need[:, ServiceClass.CULTURE]).all()


def test_supply_lever_scales_slots():
    _, (_, _, plain, _) = lone_model(40, programmes=False)
    _, (_, _, double, _) = lone_model(40, programmes=False, service_supply=2.0)
    assert double / plain == pytest.approx(2, abs=0.02)
