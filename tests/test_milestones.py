"""The milestone table and the timeline, against values that can be worked out by hand."""

from dataclasses import replace
from datetime import date

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from shequ.experiments import milestones, timeline
from shequ.experiments.milestones import Promise, table
from shequ.model.calendar import Calendar

CALENDAR = Calendar()
WEEKS = np.arange(-10, 261)
DUE = 51  # the week that ends on 2024-12-29, the last one over by 2024-12-31
END_2024 = date(2024, 12, 31)


def data(**series: np.ndarray) -> xr.Dataset:
    """Observables of one group from arrays (replicate, week)."""
    return xr.Dataset(
        {
            name: (("replicate", "week", "group"), values[:, :, None], {"units": "share", "long_name": name})
            for name, values in series.items()
        },
        coords={"week": WEEKS, "group": ["all"]},
    )


def ramp(*crossings: int) -> np.ndarray:
    """One replicate a crossing: 0 before that week, 1 from it on."""
    return np.array([(crossing <= WEEKS).astype(float) for crossing in crossings])


def promise(low: float | None = 0.5, high: float | None = None, week: int = DUE, **more: object) -> Promise:
    plain = Promise("m", "participation_rate", "all", END_2024, week, low, high)
    return replace(plain, **more)


def judge(promised: Promise, values: np.ndarray, **others: np.ndarray) -> pd.Series:
    return table([promised], data(participation_rate=values, **others), CALENDAR).iloc[0]


def check_dates(promised: Promise) -> None:
    """Five replicates cross in weeks 10, 40, 60, 80 and never: two of five in time, three of five from week 60 on."""
    row = judge(promised, ramp(10, 40, 60, 80, 999))
    assert row.attained_share == pytest.approx(2 / 5)
    assert row.half_attain == (CALENDAR.monday(60)).isoformat()
    assert row.weeks_late == 60 - DUE


def test_share_date_and_delay_by_hand() -> None:
    check_dates(promise())


def test_share_date_and_delay_catches_a_wrong_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison that takes a value one week too late must be noticed."""
    monkeypatch.setattr(
        Promise, "series", lambda self, whole: np.roll(whole[self.observable].values[:, :, 0], 1, axis=1)
    )
    with pytest.raises(AssertionError):
        check_dates(promise())


def test_a_promise_kept_by_exactly_half_is_kept_in_time() -> None:
    row = judge(promise(), ramp(10, 999))
    assert row.attained_share == 0.5
    assert row.weeks_late == 0


def test_a_promise_never_kept_says_so() -> None:
    row = judge(promise(), ramp(999, 999))
    assert row.half_attain == "not by 2028"
    assert np.isnan(row.weeks_late)
    assert row.attained_share == 0


def test_a_promise_lost_again_before_its_date_is_late_until_kept_anew() -> None:
    values = ((WEEKS < 20) | (WEEKS >= 100)).astype(float)[None]
    row = judge(promise(), values)
    assert row.attained_share == 0
    assert row.half_attain == CALENDAR.start.isoformat()
    assert row.weeks_late == 100 - DUE


def test_warm_up_weeks_do_not_count_as_attained() -> None:
    row = judge(promise(), (WEEKS < 0).astype(float)[None])
    assert row.half_attain == "not by 2028"


def test_a_run_that_stops_before_the_date_is_not_judged() -> None:
    short = data(participation_rate=ramp(5)).sel(week=slice(-10, 30))
    row = table([promise()], short, CALENDAR).iloc[0]
    assert np.isnan(row.attained_share)
    assert np.isnan(row["median"])
    assert row.half_attain == CALENDAR.monday(5).isoformat()


def test_what_is_not_a_number_keeps_no_promise() -> None:
    values = np.full((2, len(WEEKS)), np.nan)
    values[0] = 0.1
    row = judge(promise(low=None, high=0.5), values)
    assert row.attained_share == 0.5
    assert row["median"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("low", "high", "direction", "expected"),
    [(0.3, None, "at_least", 0.7), (None, 0.3, "at_most", 0.4), (0.3, 0.5, "between", 0.3)],
)
def test_directions(low: float | None, high: float | None, direction: str, expected: float) -> None:
    """Ten replicates at 0.0, 0.1 ... 0.9: bounds are included."""
    values = np.repeat((np.arange(10) / 10)[:, None], len(WEEKS), axis=1)
    promised = promise(low=low, high=high)
    assert promised.direction == direction
    assert judge(promised, values).attained_share == pytest.approx(expected)


def test_median_and_interval_are_quantiles_over_replicates() -> None:
    values = np.repeat(np.arange(101)[:, None] / 100, len(WEEKS), axis=1)
    row = judge(promise(), values)
    assert (row["median"], row.low90, row.high90) == pytest.approx((0.5, 0.05, 0.95))


def test_quantiles_leave_out_what_is_not_a_number() -> None:
    """Columns: whole, with a gap, and without any number."""
    values = np.array([[1.0, np.nan, np.nan], [2.0, 4.0, np.nan], [3.0, 6.0, np.nan]])
    found = milestones.quantiles(values)
    np.testing.assert_allclose(found[:, 0], [1.1, 2.0, 2.9])
    np.testing.assert_allclose(found[:, 1], [4.1, 5.0, 5.9])
    assert np.isnan(found[:, 2]).all()


def test_a_total_counts_from_the_day_it_is_promised_for() -> None:
    """One event a week since week 0: by week 51 there are 52, and 12 from week 40 on."""
    total = np.clip(WEEKS + 1, 0, None).astype(float)[None]
    assert judge(promise(low=52), total).attained_share == 1
    assert judge(promise(low=53), total).attained_share == 0
    assert judge(promise(low=12, since_week=40), total).attained_share == 1
    assert judge(promise(low=13, since_week=40), total).attained_share == 0
    assert judge(promise(low=52, since_week=0), total).attained_share == 1


def test_the_column_of_what_held_back_is_there_only_if_it_was_found() -> None:
    judged = table([promise()], data(participation_rate=ramp(999)), CALENDAR)
    assert "held_back_by" not in judged
    found = pd.DataFrame([{"id": "m", "held_back_by": "money", "closed": 0.4}])
    row = milestones.with_held_back(judged, found).iloc[0]
    assert (row.held_back_by, row.closed) == ("money", 0.4)
    assert milestones.with_held_back(judged, found.assign(id="other")).held_back_by[0] == ""


def test_promises_that_cannot_be_measured_are_not_judged() -> None:
    rows = table([promise(measurable=False, reason="a handbook")], data(participation_rate=ramp(1)), CALENDAR)
    assert len(rows) == 0
    assert list(rows.columns) == list(milestones.COLUMNS)
    assert milestones.summary(rows).startswith("0 of 0")


def test_promises_survive_json() -> None:
    one = promise(low=None, high=0.1, since_week=3, evidence=("ten_household-118",))
    assert Promise.from_json(one.as_json()) == one


@given(
    values=st.lists(st.floats(0, 1), min_size=1, max_size=12),
    target=st.floats(0, 1),
    more=st.floats(0, 1),
)
def test_a_stricter_promise_is_never_kept_more_often(values: list[float], target: float, more: float) -> None:
    series = np.repeat(np.array(values)[:, None], len(WEEKS), axis=1)
    easy, hard = judge(promise(low=target), series), judge(promise(low=target + more), series)
    assert hard.attained_share <= easy.attained_share


# --- the timeline -----------------------------------------------------------------------------------------------------


def picture(**more: object) -> timeline.Timeline:
    phases = [timeline.Phase("pilot", date(2024, 1, 1), END_2024)]
    values = {"promises": [promise()], "phases": phases} | more
    return timeline.draw(data(participation_rate=ramp(30, 70)), CALENDAR, title="plan", **values)


def test_the_timeline_is_the_same_bytes_whatever_the_settings_of_the_user() -> None:
    first = picture().png()
    assert first[:8] == b"\x89PNG\r\n\x1a\n"
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 30, "savefig.dpi": 20}):
        assert picture().png() == first
    assert mpl.rcParams["axes.titlelocation"] == "center"


def test_the_timeline_shows_medians_promises_and_phases() -> None:
    figure = picture()
    axis = next(axis for axis in figure.axes if axis.get_visible())
    assert axis.get_title(loc="left") == "participation_rate"
    median = axis.get_lines()[0].get_ydata()
    assert list(median[[29, 30, 69, 70]]) == [0, 0.5, 0.5, 1]
    marks = [line for line in axis.get_lines() if line.get_marker() == "^"]
    assert [float(mark.get_ydata()[0]) for mark in marks] == [0.5]
    assert "pilot" in [text.get_text() for text in axis.texts]


def test_a_promise_is_drawn_filled_only_when_kept() -> None:
    def face(promised: Promise) -> str:
        axis = next(axis for axis in picture(promises=[promised]).axes if axis.get_visible())
        return next(line for line in axis.get_lines() if line.get_marker() == "^").get_markerfacecolor()

    assert face(promise(low=0.5)) == timeline.KEPT  # one replicate of two crosses in week 30
    assert face(promise(low=0.5, week=29)) == "white"
