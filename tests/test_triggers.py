"""Triggers: when they fire, what they do, the same in both engines and for any number of workers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shequ
from shequ.experiments import Result
from shequ.experiments.firings import summed_up
from shequ.model import CommunityModel, observables
from shequ.model.calendar import Calendar
from shequ.model.district import small_district
from shequ.model.levers import Act, LeverError, LeverSchedule, Setting
from shequ.model.triggers import Firing, Trigger, TriggerError, Watch
from shequ.scenarios import compile, loader, texts
from shequ.scenarios.reader import ScenarioError

HEAD = "schema: 1\nname: plan\ntitle: {en: plan}\nextends: baseline_2023\n"
SMALL = {"communities": 3, "households": 30, "until": "2024-04-28", "progress": False}
PAY = Act("head_subsidy", 0, "to", 300.0)


class Tape:
    """A recorder that holds one made-up series of units without a head, in one community."""

    def __init__(self, vacancy: list[float]) -> None:
        self.communities = np.zeros((len(vacancy), 1, 1))
        self.vacancy, self.recorded = np.array(vacancy), 0

    @property
    def weeks(self) -> Any:
        return np.arange(self.recorded)

    def of(self, name: str, group: str) -> Any:
        del group
        series = np.ones(len(self.vacancy)) if name == "units_in_force" else 1.0 - self.vacancy
        return series[: self.recorded, None]


def fired(vacancy: list[float], **more: Any) -> list[int]:
    """Weeks in which a trigger on a vacancy above 0.2 fires on this series."""
    trigger = Trigger("t", "head_vacancy_rate", 0.2, True, (0,), (PAY,), **more)
    tape, watch, schedule = Tape(vacancy), Watch([trigger], 1), LeverSchedule(1)
    for week in range(len(vacancy)):
        tape.recorded = week + 1
        watch.look(week, tape, schedule)  # type: ignore[arg-type]
    return [firing.week for firing in watch.firings]


def test_it_fires_in_the_week_that_completes_its_span_and_not_before() -> None:
    """Eight weeks above: the eighth fires; seven and a gap do not; exactly the threshold is not above it."""
    assert fired([0.0] * 3 + [0.3] * 8, for_weeks=8) == [10]
    assert fired([0.0] * 3 + [0.3] * 7 + [0.1] + [0.3] * 7, for_weeks=8) == []
    assert fired([0.2] * 20, for_weeks=1) == []
    assert fired([0.3] * 20, for_weeks=2, first_week=5) == [6]
    assert fired([np.nan] * 5 + [0.3], for_weeks=1) == [5]


def test_once_or_each_time_the_span_is_full() -> None:
    assert fired([0.3] * 10, for_weeks=3) == [2]
    assert fired([0.3] * 10, for_weeks=3, once=False) == [2, 5, 8]


def test_below_is_the_other_side() -> None:
    trigger = Trigger("t", "head_vacancy_rate", 0.2, False, (0,), (PAY,))
    tape, watch = Tape([0.3, 0.1]), Watch([trigger], 1)
    for tape.recorded in (1, 2):
        watch.look(tape.recorded - 1, tape, LeverSchedule(1))  # type: ignore[arg-type]
    assert watch.firings == [Firing("t", -1, 1, pytest.approx(0.1))]


# --- what an act does to a lever --------------------------------------------------------------------------------------


def through(schedule: LeverSchedule, weeks: int, lever: str = "head_subsidy") -> list[float]:
    values: list[float] = []
    for week in range(weeks):
        schedule.advance(week)
        values.append(float(schedule.now[lever][0]))
    return values


def test_an_act_lies_over_what_is_dated_and_gives_way_when_it_ends() -> None:
    dated = [Setting(0, 0, "head_subsidy", 100.0), Setting(4, 0, "head_subsidy", 200.0)]
    schedule = LeverSchedule(1, dated)
    schedule.lay(Act("head_subsidy", 0, "times", 2.0, weeks=4), 2)
    assert through(schedule, 8) == [100, 100, 200, 200, 400, 400, 200, 200]


def test_an_act_builds_up_keeps_bounds_and_is_thinned_by_fidelity() -> None:
    schedule = LeverSchedule(1)
    schedule.lay(Act("head_subsidy", 0, "to", 400.0, fidelity=0.5, ramp_weeks=4), 1)
    assert through(schedule, 6) == [0, 50, 100, 150, 200, 200]
    schedule = LeverSchedule(1)
    schedule.lay(Act("head_subsidy", 0, "by", 5000.0), 0)
    assert through(schedule, 1) == [1000]


def test_an_act_of_the_policy_waits_for_the_policy() -> None:
    schedule = LeverSchedule(1)
    schedule.lay(Act("head_subsidy", 0, "to", 400.0, of_policy=True), 0)
    schedule.advance(0)
    schedule.let_policy_act([False], [1.0])
    assert schedule.now["head_subsidy"][0] == 0
    schedule.let_policy_act([True], [1.0])
    assert schedule.now["head_subsidy"][0] == 400


# --- in a run ---------------------------------------------------------------------------------------------------------


def town(threshold: float, **more: Any) -> CommunityModel:
    acts = tuple(Act("publicity", row, "to", 0.5) for row in range(2))
    trigger = Trigger("word", "awareness_rate", threshold, True, (0, 1), acts, 2, delay_weeks=1)
    settings = [Setting(0, row, "publicity", 0.05) for row in range(2)]
    values = {**shequ.model.parameters.defaults(), "warmup_weeks": 4.0}
    return CommunityModel(
        small_district(40, 2), seed=5, settings=settings, triggers=[trigger], parameter_values=values, **more
    )


def test_engines_are_equal_through_a_trigger_that_fires() -> None:
    compiled, agents = town(0.05).run(until=9), town(0.05, engine="agents").run(until=9)
    assert compiled.watch.firings == agents.watch.firings
    assert len(compiled.watch.firings) == 1
    assert compiled.recorder.communities.tobytes() == agents.recorder.communities.tobytes()
    assert compiled.recorder.residents.tobytes() == agents.recorder.residents.tobytes()


def test_what_is_watched_is_what_is_reported_and_the_act_follows_its_delay() -> None:
    model = town(0.05)
    publicity: list[float] = []
    while model.week < 9:
        model.step()
        publicity += [float(model.levers["publicity"][0])] if model.week >= 0 else []
    firing = model.watch.firings[0]
    reported = observables.evaluate(model.recorder.dataset())["awareness_rate"].sel(group="all")
    assert firing.value == float(reported.sel(week=firing.week))
    first = publicity.index(0.5)
    assert first == firing.week + 2  # the next Monday, and a week of delay


def test_a_trigger_that_never_fires_changes_no_byte() -> None:
    quiet, plain = town(1.0).run(until=9), town(1.0)
    plain.watch = Watch([], 2)
    plain.run(until=9)
    assert quiet.watch.firings == []
    assert quiet.recorder.communities.tobytes() == plain.recorder.communities.tobytes()


def test_triggers_that_do_not_fit_the_district_are_refused() -> None:
    with pytest.raises(TriggerError, match="rows are 0 to 0"):
        Watch([Trigger("t", "awareness_rate", 0.5, True, (1,), (PAY,))], 1)
    with pytest.raises(LeverError, match="outside its bounds"):
        Watch([Trigger("t", "awareness_rate", 0.5, True, (0,), (Act("head_subsidy", 0, "to", 1e6),))], 1)


# --- in a scenario ----------------------------------------------------------------------------------------------------

PLAN = (
    HEAD
    + """interventions:
  - {id: word, levers: {publicity: {to: 0.1}}, when: {start: 2024-01-01}, fidelity: {mean: 1}}
  - {id: support, levers: {head_support: {to: 0.8}}, when: {ramp_weeks: 4}, fidelity: {mean: 1}}
triggers:
  - {when: {observable: awareness_rate, above: 0.3, for_weeks: 2}, then: {item: support}, each: community}
  - id: pay
    when: {observable: awareness_rate, above: 0.2}
    then: {levers: {head_subsidy: {to: 3600, unit: CNY/year}, head_honour: {to: 0.5}}, lasts: P8W}
    delay: P4W
  - id: never
    when: {observable: participation_rate, above: 0.999}
    then: {lever: duplicate_forms, by: -1}
    once: false
"""
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("triggers")
    (path / "plan.yaml").write_text(PLAN)
    shequ.run(path / "plan.yaml", replicates=3, workers=1, out=path / "one", **SMALL)
    return path


def test_a_plan_with_triggers_compiles_into_data(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN)
    inputs = compile.compile(tmp_path / "plan.yaml")
    names = [trigger.name for trigger in inputs.triggers]
    assert names == ["awareness_rate.support"] * 20 + ["pay", "never"]
    assert [t.rows for t in inputs.triggers[:20]] == [(row,) for row in range(20)]
    pay = inputs.triggers[20]
    assert {(act.lever, act.amount, act.weeks) for act in pay.acts} == {
        ("head_subsidy", 300, 8),
        ("head_honour", 0.5, 8),
    }
    assert (pay.delay_weeks, pay.community, len(pay.acts)) == (4, -1, 40)
    assert "support" not in {move.item for move in inputs.moves}


def test_an_item_that_waits_for_its_trigger_builds_up_as_slowly_as_all_others(tmp_path: Path) -> None:
    """Four weeks half as long again are six."""
    (tmp_path / "plan.yaml").write_text(PLAN + "slip: {all: {times: 1.5}}\n")
    inputs = compile.compile(tmp_path / "plan.yaml")
    assert {act.ramp_weeks for trigger in inputs.triggers[:20] for act in trigger.acts} == {6}


def test_an_item_that_waits_for_its_trigger_slips_as_all_others(tmp_path: Path) -> None:
    """Six weeks after the trigger's own delay, which takes half as long again; what moves levers does not slip."""
    plan = PLAN.replace("each: community}", "each: community, delay: P4W}", 1).replace(
        "ramp_weeks: 4}", "ramp_weeks: 4, end: 2024-12-29}", 1
    )
    (tmp_path / "plan.yaml").write_text(plan)
    on_time = compile.compile(tmp_path / "plan.yaml").triggers
    (tmp_path / "plan.yaml").write_text(plan + "slip: {all: {by: P6W, times: 1.5}}\n")
    late = compile.compile(tmp_path / "plan.yaml").triggers
    assert {(one.delay_weeks, act.stop) for one in on_time[:20] for act in one.acts} == {(4, 52)}
    assert {(one.delay_weeks, act.stop) for one in late[:20] for act in one.acts} == {(12, 58)}
    assert on_time[20:] == late[20:]


def test_firings_are_kept_shown_and_the_same_for_any_number_of_workers(folder: Path) -> None:
    shequ.run(folder / "plan.yaml", replicates=3, workers=2, out=folder / "two", **SMALL)
    for name in ("triggers.csv", "observables.nc", "run.json", "timeline.png"):
        assert (folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes(), name
    result = Result.load(folder / "one")
    assert set(result.firings["replicate"]) == {0, 1, 2}
    table = result.triggers.set_index("trigger")
    assert table.loc["pay", "fired_share"] == 1.0
    assert table.loc["pay", "times"] == 1.0
    assert table.loc["awareness_rate.support", "times"] == 3.0  # each of three communities
    assert table.loc["never", ["fired_share", "first"]].tolist() == [0.0, ""]
    lines = {line.get_linestyle() for line in result.plot().axes[0].get_lines()}
    assert ":" in lines or len(result.plot().axes[0].texts) >= 2


def test_first_weeks_are_summed_up_over_the_replicates_that_fired() -> None:
    library: Any = __import__("pandas")
    rows = [(0, "a", -1, 4, "", 0.1), (0, "a", -1, 9, "", 0.1), (2, "a", -1, 6, "", 0.1)]
    frame = library.DataFrame(rows, columns=["replicate", "trigger", "community", "week", "date", "value"])
    row = summed_up(frame, ["a"], 4, Calendar()).iloc[0]
    assert (row.fired_share, row.times, row["first"]) == (0.5, 0.75, Calendar().monday(4).isoformat())


def test_show_and_diff_tell_of_triggers(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN)
    shown = texts.show(tmp_path / "plan.yaml")
    assert "if in each community awareness_rate is above 0.3 for 2 weeks: support begins" in shown
    assert "waits for a trigger" in shown
    assert "+ trigger pay: " in texts.diff("baseline_2023", tmp_path / "plan.yaml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("above: 0.2}", "above: 1.2}", "plan.yaml:11: triggers[1].when.above: found 1.2"),
        ("awareness_rate, above: 0.2", "awarness_rate, above: 0.2", "Did you mean 'awareness_rate'"),
        ("lever: duplicate_forms", "lever: duplicate_form", "plan.yaml:16: triggers[2].then: there is no lever"),
        ("by: -1", "to: 9", "duplicate_forms may be 1 to 5"),
        ("{item: support}", "{item: suport}", "Did you mean 'support'"),
        (
            "when: {ramp_weeks: 4}",
            "when: {start: 2024-05-01}",
            "triggers[0].then.item: found 'support', which begins by its `start:`",
        ),
        ("delay: P4W", "where: {share: 0.5, phase: any}", "asks for no phase"),
        ("above: 0.3,", "above: 0.3, below: 0.1,", "give `above:` or `below:`"),
        ("then: {item: support}", "then: {}", "give `lever:`, `levers:` or `item:`"),
    ],
)
def test_bad_triggers_are_refused_with_line_and_key(old: str, new: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN.replace(old, new, 1))
    with pytest.raises(ScenarioError) as caught:
        compile.compile(loader.load(tmp_path / "plan.yaml"))
    assert message in str(caught.value), str(caught.value)
    assert len(caught.value.problems) == 1
