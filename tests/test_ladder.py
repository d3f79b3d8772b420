"""The ladder: head, grid worker, council, department and a lost issue."""

from typing import Any

import numpy as np
import pytest

from shequ.agents.columns import allocate, copy_of, violations
from shequ.agents.handling import meetings_held
from shequ.agents.speaking_up import FACILITY
from shequ.model import CommunityModel, parameters
from shequ.model.casework import COUNTERS
from shequ.model.district import Archetype, CommunitySpec, DistrictSpec
from shequ.model.flows import Flows
from shequ.model.processes import issues
from shequ.model.structure import COOLING, FREE, WAITING, Issues
from shequ.verification.towns import RATES, live, state, town

# --- the ladder -------------------------------------------------------------------------------------------------------


def test_q13_catches_a_lost_issue() -> None:
    model = town()
    live(model, 10)
    model.issues.state[np.flatnonzero((model.issues.state != FREE) & (model.issues.state != COOLING))[0]] = FREE
    assert np.abs(issues.issue_balance(model)).sum() == 1


def test_where_heads_leave_everything_enters_at_level_two() -> None:
    model = town()
    model.units.capacity[:] = 0.0
    live(model, 3)
    waiting = (model.issues.state != FREE) & (model.issues.level == 1)
    assert waiting.any()
    model.units.head[:] = -1
    total = live(model, 30)
    assert total["entered_1"] == 0
    assert total["entered_2"] > 0
    assert not ((model.issues.state != FREE) & (model.issues.level == 1)).any()
    assert not model.units.issue_hours.any()


# --- waiting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [{}, {"listed_share": 0.0, "escalate_timeout": 1.0, "joint_share": 1.0}])
def test_who_reaches_a_level_waits_there_or_stopped_waiting(values: dict[str, float]) -> None:
    model = town(values, {"time_limit_head": 3.0, "time_limit_grid": 3.0}, households=800)
    model.committees.service_minutes[:] //= 2
    total = live(model, 60)
    model.units.head[::2] = -1  # what lies with them is passed on
    later = live(model, 20)
    for level in range(1, 5):
        waiting = ((model.issues.state == WAITING) & (model.issues.level == level)).sum()
        entered, stopped = (total[f"{name}_{level}"] + later[f"{name}_{level}"] for name in ("entered", "waits"))
        assert stopped > 100
        assert entered == stopped + waiting
        assert total[f"resolved_{level}"] <= total[f"handled_{level}"] <= total[f"waits_{level}"]


def test_who_waits_once_waits_for_the_response() -> None:
    """Nothing is listed, passed on, given up or comes back: the first wait is the response time, and the only one."""
    never = ("listed_share", "escalate_timeout", "escalate_failure", "patience_rate", "withdrawal_rate", "return_share")
    model = town(dict.fromkeys(never, 0.0) | {"time_limit_department": 1e6}, households=800)
    total = live(model, 60)
    assert total["response_hours"] > 0
    assert sum(total[f"waits_{k}"] for k in range(1, 5)) == total["responses"]
    assert sum(total[f"wait_hours_{k}"] for k in range(1, 5)) == pytest.approx(total["response_hours"], rel=1e-9)


@pytest.mark.parametrize(("name", "level"), [("head", 1), ("grid", 2), ("council", 3)])
def test_nobody_waits_longer_than_the_limit(name: str, level: int) -> None:
    """Where the limit holds for all, the mean wait stays below it, and reaches it where nobody is served."""
    model = town({"escalate_timeout": 1.0}, {f"time_limit_{name}": 4.0, "council_meetings": 0.0}, households=800)
    model.units.capacity[:] = 0.0
    model.committees.service_minutes[:] = 0
    total = live(model, 40)
    days = total[f"wait_hours_{level}"] / total[f"waits_{level}"] / 24.0
    patience = parameters.defaults()["patience_rate"] + parameters.defaults()["withdrawal_rate"]  # a week
    expected, longer = ((1.0 - np.exp(-patience * limit / 7.0)) / patience * 7.0 for limit in (4.0, 4.4))
    error = 1.0 / np.sqrt(total[f"waits_{level}"])  # the shorter of patience and limit is spread by less than a day
    assert abs(days - expected) < 4.0 * error
    assert abs(days - longer) > 4.0 * error  # the check tells a limit a tenth longer
    assert days < 4.0


def test_households_learn_how_their_issues_ended() -> None:
    model = town({"rate_facility": 0.2})
    ends = 0
    for _ in range(30):
        live(model, 1)
        table, homes = model.issues, model.households
        for i in np.flatnonzero(table.ended >= model.week):
            h = table.household[i]
            who = np.array([h])
            if table.type[i] == FACILITY:
                who = np.flatnonzero((homes.community == homes.community[h]) & (homes.building == homes.building[h]))
                assert len(who) > 1
            assert np.all(homes.outcome[who] != 0)
            assert np.all(homes.outcome_level[who] >= 1)
            ends += 1
    assert ends > 50


def test_a_community_lives_the_same_alone_and_in_a_district() -> None:
    """Communities of other subdistricts change no byte, wherever the row stands."""
    mine = CommunitySpec(7, Archetype.OLD_NEIGHBOURHOOD, 200)
    others = tuple(CommunitySpec(k, Archetype(k), 120 + 40 * k, 0 if k < 3 else 2) for k in (1, 2, 4))
    alone = town(specs=(mine,))
    among = town(specs=(others[0], others[1], CommunitySpec(7, mine.archetype, 200, 1), others[2]))
    rows = slice(among.communities.household_start[2], among.communities.household_stop[2])
    for _ in range(80):
        live(alone, 1)
        live(among, 1)
        for name in ("grievance", "severity", "channel", "latent", "outcome", "outcome_level", "fairness"):
            assert getattr(alone.households, name).tobytes() == getattr(among.households, name)[rows].tobytes()
        for name in (*COUNTERS, "grievances", "lumped", "claims", "open_before"):
            assert getattr(alone.flows, name)[0] == getattr(among.flows, name)[2], name


def test_room_for_issues_grows_without_changing_them() -> None:
    tight, roomy = town({"rate_inquiry": 0.05}), town({"rate_inquiry": 0.05})
    tight.issues = allocate(Issues, 0)
    tight.communities.issue_start[:] = tight.communities.issue_stop[:] = 0
    for _ in range(40):
        live(tight, 1)
        live(roomy, 1)
        for a, b in zip(tight.flows, roomy.flows, strict=True):
            assert a.tobytes() == b.tobytes()
    assert len(tight.issues.state) > 0


def test_columns_stay_in_range() -> None:
    model = town({f"rate_{name}": 0.05 for name in RATES})
    live(model, 40)
    assert not [*violations(model.households), *violations(model.issues), *violations(model.nodes)]


@pytest.mark.parametrize("monthly", [0.0, 0.3, 1.0, 4.0])
@pytest.mark.parametrize("phase", [0.0, 0.4, 0.99])
def test_meetings_add_up_to_their_monthly_number(monthly: float, phase: float) -> None:
    held = [meetings_held(week, phase, monthly) for week in range(-53, 261)]
    assert min(held) >= 0
    assert abs(sum(held) - monthly * 12 * 314 / (365.25 / 7)) < 1


def share(a: str, b: str) -> Any:
    return lambda f: f[a] / f[b]


LEVERS = {
    "feedback_loop": (0.0, 1.0, share("repeats", "closures"), -1),
    "issue_collation": (0.5, 4.3, share("response_hours", "responses"), -1),
    "demand_warning": (0.0, 0.5, share("lumped", "grievances"), -1),
    "staff_outreach": (0.0, 0.6, share("lumped", "grievances"), -1),
    "council_meetings": (0.3, 4.0, share("resolution_hours", "closures"), -1),
    "council_parties": (1.0, 4.0, share("resolved_3", "entered_3"), 1),
    "social_workers": (0.0, 3.0, share("disputes_settled", "disputes_closed"), 1),
    "head_powers": (0.0, 3.0, share("resolved_1", "entered_1"), 1),
    "time_limit_head": (2.0, 60.0, share("response_hours", "responses"), 1),
    "time_limit_grid": (2.0, 60.0, share("entered_3", "entered_2"), -1),
    "time_limit_council": (5.0, 120.0, share("resolution_hours", "closures"), 1),
}


@pytest.mark.parametrize("lever", LEVERS)
def test_levers_move_what_they_are_for(lever: str) -> None:
    low, high, measure, sign = LEVERS[lever]
    slow = {"time_limit_head": 0.3, "time_limit_grid": 0.5}  # these limits matter where people wait
    results: list[float] = []
    for value in (low, high):
        model = town(levers={lever: value}, households=1500)
        model.units.capacity[:] = 4.0 * slow.get(lever, 1.0)
        model.committees.service_minutes[:] //= 2 if lever == "time_limit_grid" else 1
        results.append(measure(live(model, 150)))
    assert sign * (results[1] - results[0]) > 0.01 * abs(results[0]), results


def test_trained_heads_settle_more_and_faster() -> None:
    measures: list[tuple[float, float]] = []
    for skill, burnout in ((0.2, 0.6), (0.8, 0.1)):
        model = town(households=1500)
        model.units.skill[:], model.units.burnout[:] = skill, burnout
        f = live(model, 100)
        measures.append((f["resolved_1"] / f["entered_1"], f["resolution_hours"] / f["closures"]))
    assert measures[1][0] > measures[0][0] + 0.05
    assert measures[1][1] < measures[0][1]


def test_every_parameter_matters() -> None:
    """Each number of the two files, at the ends of its range, changes what happens within a year and a half."""
    levers = {
        "head_powers": 2.0,
        "council_parties": 2.0,
        "feedback_loop": 0.5,
        "demand_warning": 0.2,
        "staff_outreach": 0.3,
    }
    model = town(levers=levers, households=500, communities=3)
    model.committees.service_minutes[:] //= 2  # where nobody waits, priorities and limits are idle
    start = model.snapshot() | {name: copy_of(getattr(model, name)) for name in ("nodes", "servers", "flows")}
    idle: list[str] = []
    for name, parameter in parameters.catalogue().items():
        if parameter.process not in {"issues", "ladder"}:
            continue
        ends: list[bytes] = []
        for value in (parameter.low, parameter.high):
            for table, columns in start.items():
                setattr(model, table, copy_of(columns))
            model.parameters = parameters.table([parameters.defaults() | {name: value}] * 3)
            model.week = -1
            total = live(model, 75)
            ends.append(state(model) + repr(total).encode())
        if ends[0] == ends[1]:
            idle.append(name)
    assert idle == []


def test_baseline_shows_the_known_pattern() -> None:
    """Whole model, levers at rest: claims, first contact, mediation, repeats as in the sources (T2.2, appendix B)."""
    model = CommunityModel(DistrictSpec(tuple(CommunitySpec(c, Archetype(c), 2000) for c in range(3))), seed=6)
    for _ in range(30):
        model.step()
    total = dict.fromkeys(Flows._fields, 0.0)
    for _ in range(80):
        model.step()
        for name, column in model.flows._asdict().items():
            total[name] += float(column.sum())
    f = total
    assert 0.003 < f["claims"] / (80 * len(model.residents.id)) < 0.006
    assert 0.53 < f["resolved_first"] / f["closures"] < 0.86
    error = 4 * (0.25 / f["disputes_closed"]) ** 0.5  # of a share: n = 780, standard error 0.018
    assert 0.45 - error < f["disputes_settled"] / f["disputes_closed"] < 0.62 + error
    assert 0.1 < f["repeats"] / f["closures"] < 0.3
    assert 60 < f["response_hours"] / f["responses"] < 200
