"""The command line: quick help, plain errors, tables that fit, and answers that are the code's own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from shequ.app import tables
from shequ.app.cli import app
from shequ.experiments import Result
from shequ.model import levers, observables, parameters, source

SMALL = ["--communities", "3", "--households", "40", "--until", "2024-03-31", "--replicates", "2", "--workers", "1"]


def shequ(*arguments: object) -> tuple[int, str, str]:
    """Exit code, output and error output of a command."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


# --- help -----------------------------------------------------------------------------------------------------------


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from shequ.app.cli import main\n"
        "sys.argv = ['shequ', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "scenario" in done.stdout
    loaded = {name.split(".")[0] for name in eval(done.stderr)}
    assert loaded.isdisjoint(
        {"numba", "mesa", "pandas", "matplotlib", "numpy", "xarray", "scipy", "pydantic", "ruamel"}
    )


# --- run and show ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cli") / "result"
    code, printed, _ = shequ("run", "ten_household", "--out", out, *SMALL)
    assert code == 0
    assert "timeline.png" in printed
    return out


def test_run_writes_what_it_prints(folder: Path) -> None:
    assert {"milestones.csv", "observables.csv", "timeline.png", "run.json", "run.log"} <= {
        p.name for p in folder.iterdir()
    }
    code, printed, _ = shequ("show", folder)
    assert code == 0
    for promise in Result.load(folder).promises:
        assert not promise.measurable or str(promise.by) in printed


def test_the_milestone_table_fits_a_hundred_columns(folder: Path) -> None:
    _, printed, _ = shequ("show", folder)
    lines = printed.splitlines()
    assert max(len(line) for line in lines[:-1]) <= tables.WIDTH
    assert "…" not in printed


def test_json_is_nothing_but_json(folder: Path) -> None:
    code, printed, _ = shequ("show", folder, "--json")
    assert code == 0
    content = json.loads(printed)
    assert content == json.loads((folder / "milestones.json").read_text())
    assert {row["id"] for row in content["milestones"]} == {p.id for p in Result.load(folder).promises if p.measurable}


def test_a_second_run_into_the_folder_is_refused(folder: Path) -> None:
    code, printed, message = shequ("run", "ten_household", "--out", folder, *SMALL)
    assert (code, printed) == (2, "")
    assert "--force" in message


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["run", "ten_houshold"], "ten_household"),
        (["run", "ten_household", "--set", "head_subsidi=3"], "head_subsidy"),
        (["run", "ten_household", "--set", "head_subsidy"], "lever=value"),
        (["run", "ten_household", "--until", "2031-01-01"], "2028-12-31"),
        (["run", "ten_household", "--replicates", "0"], "at least 1"),
        (["run", "ten_household", "--workers", "0"], "at least 1"),
        (["show", "no/such/folder"], "no result"),
        (["explain", "head_subsidi"], "head_subsidy"),
        (["scenario", "check", "no_such_plan"], "no scenario"),
        (["scenario", "new", "My Plan"], "lower-case"),
        (["scenario", "diff", "ten_household", "nothing"], "no scenario"),
    ],
)
def test_what_a_user_can_mend_is_one_message(arguments: list[str], hint: str) -> None:
    code, _, message = shequ(*arguments)
    assert code == 2
    assert hint in message
    assert "Traceback" not in message


def test_a_fault_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a user can mend is cut to a message; a bug keeps its traceback."""
    monkeypatch.setattr(source, "rules", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        shequ("explain", "head_subsidy")


# --- list and explain -----------------------------------------------------------------------------------------------


def test_lists_are_complete() -> None:
    for what, names in {
        "levers": set(levers.catalogue()),
        "parameters": set(parameters.catalogue()),
        "observables": set(observables.catalogue()),
        "rules": {rule.name for rule in source.rules()},
        "processes": {process.name for process in source.processes()},
    }.items():
        code, printed, _ = shequ("list", what, "--json")
        assert code == 0
        assert {row["name"] for row in json.loads(printed)} == names
        assert len(names) > 5
        code, printed, _ = shequ("list", what)
        assert code == 0
        assert f"{len(json.loads(shequ('list', what, '--json')[1]))} {what}" in printed


def test_scenarios_are_listed() -> None:
    code, printed, _ = shequ("list")
    assert code == 0
    assert "ten_household" in printed
    assert "社区十联户工作方案" in printed


def test_everything_can_be_explained() -> None:
    from shequ.app.explain import explain, names

    console = tables.console()
    with console.capture() as capture:
        for name in names():
            explain(name, console)
    assert "None" not in {line.strip() for line in capture.get().splitlines()}


def test_a_rule_is_explained_by_its_own_words_and_place() -> None:
    rule = next(rule for rule in source.rules() if rule.name == "recruit_hazard" or rule.docstring)
    _, printed, _ = shequ("explain", rule.name)
    assert rule.docstring.splitlines()[0].split()[0] in printed
    assert f"{rule.file}:{rule.line}" in printed
    line = (source.ROOT / rule.file).read_text(encoding="utf-8").splitlines()[rule.line - 1]
    assert line.strip().startswith(f"def {rule.name}(")


def test_a_parameter_is_explained_with_its_value_and_readers() -> None:
    parameter = parameters.find("ask_effect")
    _, printed, _ = shequ("explain", "ask_effect")
    assert f"{parameter.value:g} {parameter.unit}" in printed
    assert parameter.source.split()[0] in printed
    assert any(reader.place in printed for reader in source.readers("ask_effect"))


# --- scenario files -------------------------------------------------------------------------------------------------


def test_a_new_scenario_is_right_from_the_start(tmp_path: Path) -> None:
    file = tmp_path / "my_plan.yaml"
    assert shequ("scenario", "new", "my_plan", file)[0] == 0
    assert shequ("scenario", "check", file)[0] == 0
    assert shequ("scenario", "new", "my_plan", file)[0] == 2
    file.write_text(file.read_text().replace("name:", "nmae:", 1))
    code, _, message = shequ("scenario", "check", file)
    assert code == 2
    assert f"{file}:" in message
    assert "nmae" in message


def test_scenarios_are_shown_and_compared() -> None:
    code, printed, _ = shequ("scenario", "show", "ten_household", "--set", "head_subsidy=321")
    assert code == 0
    assert "321" in printed
    code, printed, _ = shequ("scenario", "diff", "baseline_2023", "ten_household")
    assert code == 0
    assert "+ phase pilot" in printed


def test_version() -> None:
    import shequ as package

    assert shequ("version")[1].strip() == f"shequ {package.__version__}"


# --- checks ---------------------------------------------------------------------------------------------------------


def test_a_check_runs_at_numbers_of_ones_own() -> None:
    code, printed, _ = shequ("verify", "q2", "--c", "7", "--a", "5.5", "--n", "200000")
    assert code == 1, "too few customers to tell: void, and no success"
    assert "0.456447" in printed
    assert "void" in printed
    code, printed, _ = shequ("verify", "Q3", "--c=4", "--a=2", "--json")
    assert code == 0
    report = json.loads(printed)[0]
    assert report["numbers"] == {"c": 4, "a": 2.0, "n": 1_000_000, "seed": 3}
    assert report["rows"][0]["expected"] == pytest.approx(2 / 21)


def test_checks_that_cannot_run_say_why() -> None:
    for arguments, part in (
        (["Q44"], "no check 'Q44'"),
        (["Q2", "--c", "7", "--a", "9"], "no steady state"),
        (["Q2", "--c"], "write numbers as --c 7"),
        (["Q2", "Q3", "--c", "7"], "belong to one check"),
    ):
        code, _, message = shequ("verify", *arguments)
        assert code == 2
        assert part in message
