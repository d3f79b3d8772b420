"""Emergencies: who is warned how, who is helped when, what each lever does, and that wrong machines are caught."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from shequ import verification
from shequ.agents.warning import EmergencyKind, Source
from shequ.model import CommunityModel, observables, parameters
from shequ.model.district import EmergencyEvent, small_district
from shequ.model.levers import Setting, find
from shequ.model.processes import emergencies as process
from shequ.model.processes.emergencies import EmergencyError
from shequ.model.processes.issues import issue_balance
from shequ.scenarios import compile, loader
from shequ.verification import emergencies

STORM = EmergencyEvent(EmergencyKind.RAINSTORM, 2, 0.8, (0, 1, 2), 90.0)
FLOOD = EmergencyEvent(EmergencyKind.FLOOD, 4, 0.8, (0, 1, 2), 90.0)
EVENTS = (STORM, EmergencyEvent(EmergencyKind.EPIDEMIC, 3, 0.8, (0, 2)), FLOOD, replace(STORM, week=5, rows=(1,)))
UNITS = {"unit_coverage": 1.0, "unit_households": 12.0, "platform_modules": 4.0, "emergency_stock": 0.5}


def town(
    levers: dict[str, float] | None = None, events: Any = EVENTS, values: dict[str, float] | None = None, **kwargs: Any
) -> CommunityModel:
    """Three communities with units everywhere; the warm-up lets heads take office and goods come in."""
    doses = UNITS | (levers or {})
    settings = [Setting(-1000, c, name, value) for c in range(3) for name, value in doses.items()]
    changed = parameters.with_changes({"warmup_weeks": 20} | (values or {}))
    district = small_district(kwargs.pop("households", 150), 3)
    return CommunityModel(district, seed=8, settings=settings, events=events, parameter_values=changed, **kwargs)


def measured(name: str, levers: dict[str, float] | None = None, values: dict[str, float] | None = None) -> float:
    """Observable after one storm."""
    model = town(levers, (STORM,), values, households=250).run(until=3)
    return float(observables.evaluate(model.recorder.dataset())[name].sel(group="all")[-1])


def test_engines_are_equal_through_emergencies() -> None:
    levers = {"emergency_alert": 0.8, "unit_kits": 0.8, "emergency_drills": 2.0, "alarm_ways": 1.5}
    compiled, agents = town(levers, households=60), town(levers, households=60, engine="agents")
    while compiled.week < 6:
        compiled.step()
        agents.step()
        for name, table in compiled.tables().items():
            for field in table._fields:
                mine, other = getattr(table, field), getattr(getattr(agents, name), field)
                assert mine.tobytes() == other.tobytes(), f"week {compiled.week}: {name}.{field}"
    assert compiled.recorder.residents.tobytes() == agents.recorder.residents.tobytes()


def test_without_events_or_switched_off_nothing_happens() -> None:
    plain, off = town(events=()).run(until=4), town(off={"emergencies"}).run(until=4)
    for name, table in plain.tables().items():
        for field in table._fields:
            assert getattr(table, field).tobytes() == getattr(getattr(off, name), field).tobytes(), f"{name}.{field}"
    assert plain.stores.received.sum() == 0
    assert plain.residents.exposed.sum() == 0


def test_until_the_blow_only_goods_differ() -> None:
    struck, plain = town().run(until=1), town(events=()).run(until=1)
    for name, table in plain.tables().items():
        if name != "stores":
            for field in table._fields:
                assert getattr(table, field).tobytes() == getattr(getattr(struck, name), field).tobytes(), field


def test_who_is_warned_how() -> None:
    """Calls reach only households with a phone and a head or stand-in, pushes only users; minutes fit the chain."""
    model = town({"emergency_alert": 1.0}, (STORM,)).run(until=1)
    model.week += 1
    process.step(model)  # alone, since later in the week users leave the platform and heads their office
    people, homes, p = model.residents, model.households, model.parameters[0]
    phone = (people.digital_skill >= p["phone_skill"]) & (people.age >= p["participation_age"])
    reachable = np.isin(people.household, people.household[phone])
    by = people.warned_by
    heads = np.zeros(len(by), bool)
    heads[model.units.head[model.units.head >= 0]] = True
    in_head_home = np.isin(people.household, people.household[heads])
    assert set(np.unique(by)) == {0, 1, 2, 3, 4, 5}
    assert reachable[(by == Source.CALL) & ~in_head_home].all()
    assert not reachable[by == Source.VISIT].any()
    assert people.adopted[by == Source.PUSH].all()
    assert ((people.warned_minute >= 0) == (by > 0)).all()
    assert people.warned_minute[by == Source.CALL].min() >= 3 * p["contact_minutes"]
    assert (people.safe <= people.heeds).all()
    assert (people.warned_minute[people.safe == 1] + p["act_minutes"] <= STORM.forewarning + 1e-3).all()
    assert ((homes.help_hours >= 0) == (homes.emergency == 1)).all()


def test_nobody_is_warned_outside_the_area_and_all_is_cleared() -> None:
    model = town(events=(replace(STORM, rows=(1,)),)).run(until=2)
    inside = model.residents.community == 1
    assert model.residents.warned_by[~inside].sum() == 0
    assert model.residents.exposed.tolist() == inside.astype(int).tolist()
    assert model.households.emergency[model.households.community != 1].sum() == 0
    model.step()
    for column in (model.residents.exposed, model.residents.warned_by, model.emergencies.kind):
        assert column.sum() == 0
    assert (model.households.help_hours == -1).all()


def test_help_is_felt_and_issues_are_not_lost() -> None:
    """Late help is a failure to the household, help in time a success; the ladder's books stay whole."""
    for hours, sign in ((1.0, -1), (24.0, 1)):
        values = {"late_help_hours": hours, "relief_hours": 24.0 if sign > 0 else 30.0}
        model = town({"emergency_stock": 0.0}, (STORM,), values, off={"issues"}).run(until=2)
        hit = model.households.emergency == 1
        assert hit.sum() > 10
        assert (model.households.outcome[hit] == sign).all()
        assert not issue_balance(model).any()


def test_sensors_make_the_warning_earlier() -> None:
    """Half of the sensors give half of the minutes; more residents are safe in time."""
    blind, sensed = (
        town({"sensors": share}, (STORM,), {"sensor_forewarning": 60.0}).run(until=2) for share in (0.0, 0.5)
    )
    assert (sensed.emergencies.forewarning - blind.emergencies.forewarning == 30.0).all()
    assert sensed.residents.safe.sum() > blind.residents.safe.sum()


@pytest.mark.parametrize(
    ("lever", "to"),
    [
        ("emergency_drills", 6),
        ("alarm_ways", 3),
        ("emergency_alert", 1),
        ("emergency_stock", 0.99),
        ("unit_kits", 0.99),
    ],
)
def test_each_lever_moves_its_observable_in_its_direction(lever: str, to: float) -> None:
    spec = find(lever)
    low, high = measured(spec.observable, {lever: spec.rest}), measured(spec.observable, {lever: to})
    assert (high - low) * spec.direction > 0


@pytest.mark.parametrize("coupling", ["hop_vacancy", "hop_off_duty", "hop_burnout"])
def test_each_coupling_with_heads_can_be_cut(coupling: str) -> None:
    """Vacancy, neglected duties and burnout each cost calls that get through; at 0 the coupling is gone.

    Every other office falls vacant, or every other head neglects the duties, or all heads are tired.
    """

    def called(value: float, *, troubled: bool) -> int:
        model = town(values={"hop_vacancy": 0.0, "hop_off_duty": 0.0, "hop_burnout": 0.0} | {coupling: value})
        model.run(until=1).week += 1
        units = model.units
        units.on_duty[:], units.burnout[:] = 1, 0.0
        if troubled:
            units.burnout[:] = 0.8
            units.on_duty[::2] = 0
            units.head[1::2] = -1
        process.step(model)
        return int((model.residents.warned_by == Source.CALL).sum())

    assert called(1.0, troubled=True) < 0.95 * called(0.0, troubled=True)
    assert abs(called(0.0, troubled=True) / called(0.0, troubled=False) - 1.0) < 0.05


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (replace(STORM, rows=(3,)), "rows are 0 to 2"),
        (replace(STORM, rows=()), "rows are 0 to 2"),
        (replace(STORM, severity=0.0), "severity must lie"),
        (replace(STORM, forewarning=-1.0), "forewarning must be"),
        (replace(STORM, rows=(1, 1)), "one emergency a week"),
    ],
)
def test_events_that_cannot_happen_are_refused(event: EmergencyEvent, message: str) -> None:
    with pytest.raises(EmergencyError, match=message):
        town(events=(event,))


def evacuated(**values: float) -> tuple[CommunityModel, Any, Any]:
    """A town in the week of a flood, who needs a hand there, and who has family that left in time."""
    model = town(events=(replace(FLOOD, week=2),), values=values, households=250).run(until=1)
    model.week += 1
    process.step(model)
    people, p = model.residents, model.parameters[0]
    frail = (people.age >= p["escort_age"]) & (people.age >= p["participation_age"])
    family = np.bincount(people.household, (people.safe == 1) & ~frail)[people.household] > 0
    return model, frail, family


def check_escort(model: CommunityModel, frail: Any, family: Any) -> int:
    """Nobody goes alone who cannot; a head brings as many as the minutes allow. Returns how many were brought."""
    people, units, p = model.residents, model.units, model.parameters[0]
    brought = frail & (people.safe == 1) & ~family
    for u in range(len(units.head)):
        members = slice(units.resident_start[u], units.resident_stop[u])
        head = units.head[u]
        free = 0.0
        if units.organised[u] and head >= 0 and units.on_duty[u] and people.warned_by[head]:
            free = max(0.0, FLOOD.forewarning - float(people.warned_minute[head]))
        assert brought[members].sum() <= free / p["escort_minutes"]
    refuses = (people.warned_by > 0) & (people.heeds == 0)
    assert not (frail & refuses & (people.safe == 1)).any()
    assert people.safe[frail & family & ~refuses].all()
    return int(brought.sum())


def test_before_a_flood_heads_bring_neighbours_away_one_after_another() -> None:
    slow, fast = evacuated(escort_age=65, escort_minutes=60.0), evacuated(escort_age=65, escort_minutes=5.0)
    assert 0 < check_escort(*slow) < check_escort(*fast)
    assert fast[0].units.emergency_hours.sum() > 0


def test_the_escort_check_catches_heads_who_bring_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that counts everybody as away must be noticed."""

    def everybody(communities: Any, residents: Any, *_: Any) -> None:
        residents.safe[residents.exposed == 1] = 1

    monkeypatch.setattr(process, "bring_away", everybody)
    with pytest.raises(AssertionError):
        check_escort(*evacuated(escort_age=65, escort_minutes=60.0))


def test_rainstorm_layer_strikes_every_community() -> None:
    inputs = compile.compile(loader.load("ten_household", layers=["stress/rainstorm"]))
    assert [(e.kind, e.severity, e.forewarning) for e in inputs.events] == [(1, 0.6, 60.0), (1, 0.6, 360.0)]
    assert all(e.rows == tuple(range(20)) for e in inputs.events)
    assert inputs.hash != compile.compile("ten_household").hash


# --- wrong machines --------------------------------------------------------------------------------------------------


def test_e1_catches_calls_made_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def at_once(upper: Any, start: Any, minutes: float, chance: Any, luck: Any, below: Any) -> None:
        del chance, luck
        below[:] = np.repeat(upper, np.diff(start)) + minutes

    monkeypatch.setattr(emergencies, "call_level", at_once)
    assert verification.call_tree().verdict == "fails"


def test_e2_catches_hops_that_are_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Households with a luck of their own at every hop: the mean is right, the spread is not."""

    def alone(sizes: tuple[int, int, int], minutes: float, chance: float, rng: Any) -> Any:
        del minutes
        reached = (rng.random((3, int(np.prod(sizes)))) < chance).all(axis=0)
        return np.where(reached, 1.0, np.inf)

    monkeypatch.setattr(emergencies, "chain", alone)
    report = verification.shared_hops(n=5000)
    verdicts = {row.quantity: row.verdict for row in report.rows}
    assert verdicts["mean coverage"] == "holds"
    assert verdicts["variance of coverage"] == "fails"


def test_e5_catches_visits_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def in_turn(begin: float, visitors: int, work: Any, done: Any) -> None:
        del visitors
        done[:] = begin + np.cumsum(work)

    monkeypatch.setattr(emergencies, "visit", in_turn)
    assert verification.last_visit().verdict == "fails"


def test_e7_catches_goods_that_vanish(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgets(stores: Any, row: int, pieces: int) -> None:
        stores.on_hand[row] -= min(pieces, int(stores.on_hand[row]))

    monkeypatch.setattr(emergencies, "lose", forgets)
    assert verification.goods_are_conserved(weeks=8, households=20).verdict == "fails"


@pytest.mark.parametrize(
    ("id", "numbers", "message"),
    [
        ("E1", {"grids": 0}, "grids must be at least 1"),
        ("E2", {"p": 1.5}, "p must lie between 0 and 1"),
        ("E3", {"a": 0.0}, "no closed form"),
        ("E4", {"r": 1.0}, "near 1 outbreaks"),
        ("E5", {"visitors": 0}, "visitors must be at least 1"),
        ("E6", {"poisson": 80.0}, "poisson <= 60"),
        ("E7", {"weeks": 2}, "weeks must be at least 8"),
    ],
)
def test_impossible_numbers_are_refused(id: str, numbers: dict[str, float], message: str) -> None:
    with pytest.raises(verification.CheckError, match=message):
        verification.find(id)(**numbers)
