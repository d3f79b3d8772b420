"""Runs: same bytes for any number of workers, safe on the disk, resumable, and honest about what is there."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import shequ
from shequ.experiments import Result, RunError, StoreError, describe, runner, store
from shequ.experiments.pool import cores
from shequ.experiments.replicate import simulate
from shequ.model.calendar import CalendarError
from shequ.model.draws import replicate_seeds
from shequ.model.parameters import ParameterError
from shequ.scenarios.reader import ScenarioError

FEW = {"communities": 3, "households": 20, "until": "2024-03-31"}
SMALL = FEW | {"progress": False}
FILES = {"milestones.csv", "milestones.json", "observables.csv", "observables.nc", "run.json", "timeline.png"}


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that must be the same for the same run."""
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != runner.LOG}
    assert set(found) == FILES
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result of three replicates."""
    out = tmp_path_factory.mktemp("run") / "result"
    shequ.run("ten_household", replicates=3, workers=1, out=out, **SMALL)
    return out


# --- same run, same bytes -------------------------------------------------------------------------------------------


def test_files_are_the_same_bytes_for_any_number_of_workers(folder: Path, tmp_path: Path) -> None:
    shequ.run("ten_household", replicates=3, workers=2, out=tmp_path / "two", **SMALL)
    assert contents(tmp_path / "two") == contents(folder)


def test_replicates_do_not_depend_on_how_many_there_are(folder: Path) -> None:
    two = shequ.run("ten_household", replicates=2, workers=1, **SMALL)
    three = Result.load(folder)
    xr.testing.assert_identical(two.observables.drop_attrs(), three.observables.sel(replicate=[0, 1]).drop_attrs())


def test_replicates_differ_from_each_other(folder: Path) -> None:
    values = Result.load(folder).observables["trust_committee"].sel(group="all", week=12).to_numpy()
    assert len(set(values)) == 3


def test_the_seed_matters() -> None:
    one, other = (shequ.run("ten_household", replicates=1, seed=seed, **SMALL).observables for seed in (0, 1))
    assert not one["trust_committee"].equals(other["trust_committee"])


def test_both_engines_give_the_same_result() -> None:
    tiny = SMALL | {"communities": 1, "households": 15, "until": "2024-01-14"}
    fast, slow = (shequ.run("baseline_2023", replicates=1, engine=e, **tiny) for e in ("compiled", "agents"))
    xr.testing.assert_identical(fast.observables, slow.observables)


def test_plans_with_the_same_seed_share_their_luck() -> None:
    """Two plans that differ only from 2024-02 on are the same until then: common random numbers."""
    plan = runner.loader.load("ten_household")
    scenario = replace(plan, interventions=(), milestones=(), budget=())
    later = runner.loader.load("baseline_2023", settings={"points_reward": "50 CNY/event"})
    item = later.interventions[-1]
    when = item.when.model_copy(update={"start": runner.date(2024, 2, 5)})
    changed = replace(scenario, interventions=(item.model_copy(update={"when": when}),))
    same, other = (shequ.run(s, replicates=2, workers=1, **SMALL).observables for s in (scenario, changed))
    week = 5  # starts on 2024-02-05
    for name in same:
        np.testing.assert_array_equal(
            same[name].sel(week=slice(None, week - 1)), other[name].sel(week=slice(None, week - 1))
        )
    assert not same["participation_rate"].equals(other["participation_rate"])


# --- identity -------------------------------------------------------------------------------------------------------


def test_identity_follows_everything_that_matters_and_nothing_else() -> None:
    same = describe("ten_household", **FEW).identity
    assert describe("ten_household", replicates=7, engine="agents", **FEW).identity == same
    others = [
        describe("baseline_2023", **FEW),
        describe("ten_household", seed=1, **FEW),
        describe("ten_household", set={"head_subsidy": 300}, **FEW),
        describe("ten_household", parameters={"ask_effect": 0.6}, **FEW),
        describe("ten_household", with_=["stress/staff_freeze"], **FEW),
        describe("ten_household", **FEW | {"until": "2024-06-30"}),
        describe("ten_household", **FEW | {"households": 21}),
    ]
    assert len({same, *(other.identity for other in others)}) == len(others) + 1


def test_smaller_districts_keep_their_kinds() -> None:
    for count in (1, 2, 3, 7, 40):
        district = describe("ten_household", communities=count, households=12).inputs.district.communities
        assert len(district) == count
        assert {community.households for community in district} == {12}
        assert len({community.archetype for community in district}) == min(count, 3)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"replicates": 0}, RunError),
        ({"seed": -1}, RunError),
        ({"communities": 0}, RunError),
        ({"until": "soon"}, RunError),
        ({"until": "2030-01-01"}, CalendarError),
        ({"set": {"head_subsidi": 3}}, ScenarioError),
        ({"set": {"head_subsidy": 3e6}}, ScenarioError),
        ({"parameters": {"nonsense": 3}}, ParameterError),
        ({"parameters": {"ask_effect": 99}}, ParameterError),
        ({"with_": ["nonsense"]}, ScenarioError),
    ],
)
def test_wrong_input_is_refused_before_anything_runs(given: dict[str, object], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        describe("ten_household", **given)


def test_a_run_says_what_it_leaves_unread(folder: Path) -> None:
    planned = describe("ten_household", **FEW)
    assert "household_size_rural" in planned.unread
    assert "ask_effect" not in planned.unread
    assert "emergency_drills" in planned.unread, "no emergency strikes"
    assert "emergency_drills" not in describe("ten_household", with_=["stress/rainstorm"], communities=3).unread
    assert Result.load(folder).manifest["unread"] == planned.unread
    with pytest.warns(runner.IdleChangeWarning, match="household_size_rural"):
        describe("ten_household", parameters={"household_size_rural": 2.5, "ask_effect": 0.6})


# --- results --------------------------------------------------------------------------------------------------------


def test_a_result_is_read_back_as_it_was(folder: Path) -> None:
    written = shequ.run("ten_household", replicates=3, workers=1, **SMALL)
    read = Result.load(folder)
    xr.testing.assert_identical(read.observables, written.observables)
    assert (read.promises, read.phases, read.calendar) == (written.promises, written.phases, written.calendar)
    assert read.milestones.equals(written.milestones)
    assert read.manifest == json.loads(json.dumps(written.manifest))


def test_the_long_table_holds_every_value(folder: Path) -> None:
    result = Result.load(folder)
    frame = result.to_dataframe()
    assert len(frame) == int(sum(variable.count() for variable in result.observables.data_vars.values()))
    row = frame[(frame.replicate == 1) & (frame.week == 4) & (frame.observable == "awareness_rate")]
    value = row[row.group == "elderly"].value.item()
    assert value == result.observables["awareness_rate"].sel(replicate=1, week=4, group="elderly")
    assert str(row.date.iloc[0].date()) == "2024-01-29"


def test_a_pilot_group_is_the_pilot_communities_alone() -> None:
    """In the first week only pilots are reached, so that both areas hold the same communities."""
    planned = describe("ten_household", communities=6, households=20, until="2024-01-07")
    data = simulate(planned.job, replicate_seeds(0, 1)[0]).sel(week=0)
    assert float(data["unit_coverage"].sel(group="pilot")) == float(data["unit_coverage"].sel(group="reached"))
    everybody = float(data["participation_events_per_year"].sel(group="all"))
    assert float(data["participation_events_per_year"].sel(group="pilot")) != everybody


def test_a_result_shows_itself_in_a_notebook(folder: Path) -> None:
    text = Result.load(folder)._repr_html_()
    assert "data:image/png;base64," in text
    assert "T2024-participation" in text


# --- the folder -----------------------------------------------------------------------------------------------------


def test_a_finished_result_is_not_overwritten_unasked(folder: Path) -> None:
    before = contents(folder)
    with pytest.raises(StoreError, match="this very run"):
        shequ.run("ten_household", replicates=3, workers=1, out=folder, **SMALL)
    with pytest.raises(StoreError, match="another run"):
        shequ.run("ten_household", replicates=3, seed=5, workers=1, out=folder, **SMALL)
    assert contents(folder) == before


def test_force_replaces_a_result_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "result"
    shequ.run("ten_household", replicates=1, seed=9, workers=1, out=out, **SMALL)
    shequ.run("ten_household", replicates=3, workers=1, out=out, force=True, **SMALL)
    assert contents(out) == contents(folder)
    foreign = tmp_path / "thesis"
    foreign.mkdir()
    (foreign / "chapter.txt").write_text("years of work")
    with pytest.raises(StoreError, match="not a result"):
        shequ.run("ten_household", replicates=1, workers=1, out=foreign, force=True, **SMALL)
    assert (foreign / "chapter.txt").read_text() == "years of work"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["result", "thesis"]


def test_a_folder_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot write"):
        shequ.run("ten_household", replicates=1, out=tmp_path / "file" / "result", **SMALL)


def test_a_run_goes_on_from_what_is_there(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "result"
    planned = describe("ten_household", replicates=3, **FEW)
    kept = store.Store(out, planned.identity)
    kept.open(force=False)
    kept.keep(1, simulate(planned.job, replicate_seeds(0, 3)[1]))
    seen: list[int] = []
    whole = runner.simulate_all
    monkeypatch.setattr(
        runner, "simulate_all", lambda job, seeds, **more: seen.extend(seeds) or whole(job, seeds, **more)
    )
    shequ.run("ten_household", replicates=3, workers=1, out=out, **SMALL)
    assert seen == [0, 2]
    assert contents(out) == contents(folder)
    assert not kept.partial.exists()


def test_replicates_of_another_run_are_not_taken_up(tmp_path: Path) -> None:
    out = tmp_path / "result"
    other = store.Store(out, "another")
    other.open(force=False)
    other.keep(0, xr.Dataset({"x": ("week", [1.0])}))
    result = shequ.run("ten_household", replicates=1, workers=1, out=out, **SMALL)
    assert "x" not in result.observables


def test_a_damaged_replicate_is_named(tmp_path: Path) -> None:
    planned = describe("ten_household", replicates=1, **FEW)
    kept = store.Store(tmp_path / "result", planned.identity)
    kept.open(force=False)
    (kept.partial / "0000.nc").write_bytes(b"CDF\x01 torn")
    with pytest.raises(StoreError, match=r"0000\.nc is damaged"):
        shequ.run("ten_household", replicates=1, workers=1, out=tmp_path / "result", **SMALL)


def test_a_full_disk_gives_one_message_and_keeps_what_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = store.write_dataset

    def fills(path: Path, dataset: xr.Dataset) -> None:
        if path.name == "0001.nc":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        whole(path, dataset)

    monkeypatch.setattr(store, "write_dataset", fills)
    out = tmp_path / "result"
    with pytest.raises(StoreError, match=r"no space is left on the disk\. 1 of 3 replicates are kept in .*partial"):
        shequ.run("ten_household", replicates=3, workers=1, out=out, **SMALL)
    assert not out.exists()
    assert [path.name for path in (tmp_path / "result.partial").glob("*.nc")] == ["0000.nc"]


# --- a run that is stopped from outside -----------------------------------------------------------------------------


def start(out: Path, *more: str, replicates: int = 400, limit: int | None = None) -> subprocess.Popen[str]:
    """Start a run by the command line, in a session of its own; ``limit`` bounds the size of files in KiB."""
    arguments = ["run", "ten_household", "--communities", "3", "--households", "20", "--until", "2024-03-31"]
    arguments += ["--replicates", str(replicates), "--out", str(out), *more]
    # Whoever starts the tests in the background has Ctrl-C ignored, and children inherit that.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    command = [sys.executable, "-c", heard + "from shequ.app.cli import main; main()", *arguments]
    if limit is not None:
        command = ["bash", "-c", f'ulimit -f {limit}; exec "$@"', "bash", *command]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_for_replicates(out: Path, process: subprocess.Popen[str], seconds: float = 240.0) -> None:
    until = time.monotonic() + seconds
    while not list(out.with_name(out.name + ".partial").glob("*.nc")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)


def test_ctrl_c_keeps_finished_replicates_and_the_next_start_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "result"
    process = start(out, "--workers", "2")
    wait_for_replicates(out, process)
    os.killpg(process.pid, signal.SIGINT)
    _, message = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in message
    assert f"replicates are kept in {out}.partial" in message
    assert not out.exists()
    kept = {path.name: path.read_bytes() for path in out.with_name("result.partial").glob("*.nc")}
    assert kept
    shequ.run("ten_household", replicates=len(kept), workers=1, out=out, **SMALL)
    assert (out / "run.json").is_file()


def test_kill_9_leaves_no_whole_looking_result_and_no_workers(tmp_path: Path) -> None:
    out = tmp_path / "result"
    process = start(out, "--workers", "2")
    wait_for_replicates(out, process)
    process.kill()
    process.communicate(timeout=60)
    assert not out.exists()
    until = time.monotonic() + 30
    while subprocess.run(["ps", "-o", "pid=", "-s", str(process.pid)], capture_output=True, check=False).stdout.strip():
        assert time.monotonic() < until, "a worker outlived its parent"
        time.sleep(0.1)


def test_a_disk_that_refuses_is_one_message(tmp_path: Path) -> None:
    process = start(tmp_path / "result", "--workers", "1", replicates=1, limit=20)
    _, message = process.communicate(timeout=240)
    assert process.returncode == 2
    assert "Traceback" not in message
    assert "cannot write the result" in message


def test_cores_are_those_of_this_process() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
