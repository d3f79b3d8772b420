"""The report on the patterns that the whole model should show."""

import json
import math

import pytest
from typer.testing import CliRunner

from shequ.app.cli import app
from shequ.experiments import RunError
from shequ.experiments.patterns import BASELINE, PLAN, Lives, PatternError, Statement, find

SMALL = ["--communities", "2", "--households", "30"]


def test_a_statement_holds_inside_its_interval_alone() -> None:
    assert Statement("x", 0.5, 0.5, 0.6).verdict == "holds"
    assert Statement("x", 0.61, 0.5, 0.6).verdict == "does not hold"
    assert Statement("x", None, 0.5).verdict == "cannot be shown"
    assert Statement("x", math.nan, 0.5).verdict == "cannot be shown"


def test_a_district_is_lived_once_and_the_same_way_each_time() -> None:
    lives = Lives(1, 2, 20)
    life = lives[BASELINE]
    assert lives[BASELINE] is life
    again = Lives(1, 2, 20)[BASELINE]
    assert life.observed.identical(again.observed)
    assert life.given == again.given
    assert len(life.given) == life.model.calendar.weeks + int(life.model.parameters["warmup_weeks"][0])


def test_shares_are_of_what_was_counted() -> None:
    life = Lives(1, 2, 30)[BASELINE]
    kinds = tuple(range(len(life.channels[0])))
    assert life.share(life.channels, kinds, 0, None) == pytest.approx(1.0)
    parts = [life.share(life.channels, (kind,), -52, None) for kind in kinds]
    assert sum(parts) == pytest.approx(1.0)


def test_the_report_gives_every_pattern_with_where_and_what() -> None:
    run = CliRunner().invoke(app, ["patterns", "2", "10", "--json", *SMALL])
    assert run.exit_code == 0, run.output
    second, tenth = json.loads(run.stdout)
    assert second["where"] == "baseline_2023"
    assert tenth["where"] == "baseline_2023 --set outcome_weight=0.9"
    for row in second["statements"] + tenth["statements"]:
        inside = (row["low"] is None or row["got"] >= row["low"]) and (row["high"] is None or row["got"] <= row["high"])
        assert row["verdict"] == ("holds" if inside else "does not hold")


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(PatternError, match="there is no pattern 77; there are 1, 2"):
        find([77])
    with pytest.raises(RunError, match="households must be at least 1"):
        Lives(0, None, 0)
    assert PLAN in find([3])[0].places
