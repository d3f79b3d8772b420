"""What waits for what: pushed starts, slips of one and of all, lengthened durations, circles."""

from datetime import date
from pathlib import Path

import pytest

from shequ.scenarios import compile, texts
from shequ.scenarios.compile import ModelInputs
from shequ.scenarios.reader import ScenarioError

HEAD = "schema: 1\nname: plan\ntitle: {en: plan}\nextends: baseline_2023\n"
ITEMS = """phases:
  - {name: one, start: 2024-01-01, end: 2024-12-29, reach: 0.5}
  - {name: two, start: 2024-12-30, end: 2026-12-27, reach: 1.0}
interventions:
  - {id: a, levers: {data_sharing: {to: 1}}, when: {start: 2024-06-03, ramp_weeks: 10}}
  - {id: b, levers: {menu_ordering: {to: 1}}, after: {item: a, lag: P8W}}
  - {id: c, levers: {need_list: {to: 1}}, after: {item: b}, when: {start: 2024-01-01}}
  - {id: d, levers: {resource_list: {to: 1}}, after: {phase: one, lag: P4W}}
"""


def compiled(tmp_path: Path, more: str = "") -> ModelInputs:
    path = tmp_path / "plan.yaml"
    path.write_text(HEAD + ITEMS + more)
    return compile.compile(path)


def first(inputs: ModelInputs) -> dict[str, int]:
    return {move.item: move.first_week for move in inputs.moves}


def test_what_waits_begins_at_full_force_and_lag_of_the_other(tmp_path: Path) -> None:
    """a: week 22, in full force after 10 weeks; b: 8 weeks later; c: at once; d: 4 weeks after phase one."""
    assert first(compiled(tmp_path)) == {"a": 22, "b": 40, "c": 40, "d": 52 + 4}


def test_a_slipped_item_pushes_all_that_follows(tmp_path: Path) -> None:
    assert first(compiled(tmp_path, "slip: {a: P6W}\n")) == {"a": 28, "b": 46, "c": 46, "d": 56}


def test_a_slipped_phase_pushes_what_waits_for_it(tmp_path: Path) -> None:
    assert first(compiled(tmp_path, "slip: {one: P6W}\n"))["d"] == 62
    longer = compiled(tmp_path, "slip: {one: {times: 1.5}}\n")
    assert longer.phases[0].end == date(2025, 6, 29)  # 52 weeks become 78
    assert longer.phases[1].start == date(2025, 6, 29).replace(day=30)
    assert first(longer)["d"] == 52 + 26 + 4


def test_all_durations_can_be_lengthened(tmp_path: Path) -> None:
    """Ramps and lags half as long again: 22 + 15 + 12; what has an entry of its own keeps it."""
    assert first(compiled(tmp_path, "slip: {all: {times: 1.5}}\n")) == {"a": 22, "b": 49, "c": 49, "d": 58}
    assert first(compiled(tmp_path, "slip: {all: {times: 0}}\n")) == {"a": 22, "b": 22, "c": 22, "d": 52}
    mixed = compiled(tmp_path, "slip: {all: {times: 1.5}, a: {by: P1W}}\n")
    assert first(mixed) == {"a": 23, "b": 45, "c": 45, "d": 58}


def test_a_lengthened_ramp_climbs_as_slowly(tmp_path: Path) -> None:
    weeks = [
        [s.week for s in compiled(tmp_path, more).settings if s.lever == "data_sharing" and s.row == 0]
        for more in ("", "slip: {a: {times: 2}}\n")
    ]
    assert weeks == [list(range(22, 32)), list(range(22, 42))]


def test_show_says_what_pushed_each_item(tmp_path: Path) -> None:
    compiled(tmp_path, "slip: {a: {by: P6W, times: 2}}\n")
    shown = texts.show(tmp_path / "plan.yaml")
    assert "slips by P6W; takes 2 times as long" in shown
    assert "pushed from 2024-01-01 until a is in full force and P8W more" in shown
    assert "pushed from 2024-01-01 until one is over and P4W more" in shown


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("when: {start: 2024-06-03, ramp_weeks: 10}", "after: {item: c}", "in a circle: a -> c -> b -> a"),
        ("{item: a, lag: P8W}", "{item: aa, lag: P8W}", "plan.yaml:10: interventions[1].after.item: found 'aa'"),
        ("{phase: one, lag: P4W}", "{phase: on, lag: P4W}", "plan.yaml:12: interventions[3].after.phase: there is no"),
        ("{phase: one, lag: P4W}", "{phase: one, item: a}", "give `item:` or `phase:`"),
        ("{id: d,", "{id: all,", "'all' stands for all items"),
        ("after: {item: b}, when: {start: 2024-01-01}", "after: {item: b}, when: {end: 2024-03-01}", "touches nobody"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in ITEMS
    (tmp_path / "plan.yaml").write_text(HEAD + ITEMS.replace(old, new, 1))
    with pytest.raises(ScenarioError) as caught:
        compile.compile(tmp_path / "plan.yaml")
    assert message in str(caught.value), str(caught.value)
