"""Chinese everywhere a user looks: no English sentence is left, tables fit, files for machines stay English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from shequ.app.cli import app
from shequ.app.listing import LISTINGS
from shequ.app.tables import flowing
from shequ.calibration import coverage
from shequ.experiments import attribution_plot, comparison_plots, fonts, patterns
from shequ.experiments.attribution import Attribution, attribute
from shequ.experiments.comparison import Comparison, compare
from shequ.experiments.studies import discovery, searching, stressing
from shequ.experiments.studies.findings import STEPS
from shequ.experiments.timeline import Timeline
from shequ.model import couplings, names
from shequ.scenarios import loader

ROOT = Path(__file__).resolve().parents[1]
HAN = re.compile(r"[\u4e00-\u9fff]")
SENTENCE = re.compile(r"[a-z]{2,},? [a-z]{2,},? [a-z]{2,}")
SMALL = {"communities": 2, "households": 20, "replicates": 2, "workers": 1}
SIZES = ["--communities", "2", "--households", "20", "--replicates", "2", "--workers", "1", "--lang", "zh"]
PRINTING = {"print", "echo", "add_column", "add_row", "update", "add_task", "write"}
FORMED = {"pilot communities", "reached communities"}  # put together from a milestone's area


def said(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


def english_left(text: str) -> list[str]:
    """Three small English words in a row, outside of what stands in backquotes."""
    return SENTENCE.findall(re.sub(r"`[^`]*`", "", text))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shelf")


@pytest.fixture(scope="module")
def compared(store: Path) -> Comparison:
    plans = ["baseline_2023", "ten_household", "ten_household:small_units"]
    return compare(plans, dates=["2024-02-25"], store=store, **SMALL)


@pytest.fixture(scope="module")
def attributed(store: Path) -> Attribution:
    groups = {"heads": ["head_selection", "head_support"]}
    rest = [item.key for item in loader.load("ten_household").interventions if item.key not in groups["heads"]]
    settings = {"observables": ["trust_committee"], "day": "2024-01-28", "store": store}
    return attribute("ten_household", groups=groups | {"rest_of_it": rest}, **settings, **SMALL)


def words(figure: Timeline) -> set[str]:
    return {part.get_text() for part in figure.findobj(lambda part: hasattr(part, "get_text"))} - {""}


def test_no_command_prints_words_that_are_not_translated() -> None:
    """What is printed or put into a table goes through ``phrase``; bare texts there are marks and names alone."""
    for path in [*(ROOT / "app").glob("*.py"), ROOT / "experiments/progress.py"]:
        if path.name not in {"explain.py", "verify.py", "cli.py", "errors.py", "scenario_commands.py"}:
            assert not list(bare(path)), path.name


def bare(path: Path) -> Iterator[str]:
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in PRINTING:
            for argument in call.args:
                inside = [n for n in ast.walk(argument) if isinstance(n, ast.Call) and ast.unparse(n.func) == "phrase"]
                inside += [n for n in ast.walk(argument) if isinstance(n, ast.keyword) and n.arg == "style"]
                told = {id(n) for part in inside for n in ast.walk(part)}
                texts = [n.value for n in ast.walk(argument) if isinstance(n, ast.Constant) and id(n) not in told]
                yield from (t for t in texts if isinstance(t, str) and re.search(r"[a-z]{3,} [a-z]{3,}", t))


def test_no_phrase_is_left_over() -> None:
    used = {
        node.value
        for part in ("scenarios", "experiments", "app", "model")
        for path in (ROOT / part).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    directions = {"at least", "at most"}  # from at_least, at_most
    assert set(names.chinese()["phrases"]) - used - directions - FORMED == set()


def test_patterns_couplings_and_plans_have_chinese_names() -> None:
    phrases = names.chinese()["phrases"]
    tree = ast.parse(Path(patterns.__file__).read_text(encoding="utf-8"))
    places = {"Statement": 0, "pattern": 1}
    texts = [
        call.args[places[call.func.id]].value  # type: ignore[attr-defined]
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in places
    ]
    assert len(texts) > 25
    assert set(texts) <= set(phrases)
    assert set(names.chinese()["couplings"]) == set(couplings.catalogue())
    assert set(names.chinese()["plans"]) == set(loader.load("all_plans").plans)
    assert set(names.chinese()["uses"]) == set(coverage.USES)
    with names.speaking("zh"):
        assert names.group_of("elderly of ten_household.pilot") == "十联户试点社区的老年人"
    with names.speaking("en"):
        assert names.group_of("elderly of ten_household.pilot") == "elderly of pilot (ten household)"
        assert names.group_of("all") == "all residents"


def test_every_reason_is_there_in_chinese_and_no_other() -> None:
    """A new measure that is not modelled, or a promise that is not measured, needs a line in model/reasons_zh.yaml."""
    found = {entry.reason for plan in coverage.every_plan() for entry in (*plan.left_out, *plan.promises)}
    assert found - {""} == set(names.reasons())
    bare = "".join(text for text in names.reasons().values() if not HAN.search(text))
    assert bare == ""


def test_the_font_has_every_character_of_reasons() -> None:
    known = fonts._characters(str(fonts.FONT))
    assert {c for text in names.reasons().values() for c in text if ord(c) not in known} == set()


def test_columns_of_tables_have_chinese_names_and_no_other(compared: Comparison, attributed: Attribution) -> None:
    with names.speaking("zh"):
        listed = {column for rows in LISTINGS.values() for column in rows()[0]}
    studies = {"rank", "factor", *STEPS, "first", "second", *discovery.COLUMNS}  # S1, ST and their like are symbols
    studies |= {column for columns in stressing.COLUMNS.values() for column in columns} | set(searching.COLUMNS)
    assert listed | studies | {*compared.table, *compared.groups, *attributed.table} == set(names.chinese()["columns"])


def test_files_for_people_speak_chinese_and_files_for_machines_english(compared: Comparison, tmp_path: Path) -> None:
    for lang in names.LANGUAGES:
        with names.speaking(lang):
            compared.save(tmp_path / lang)
    for file in ("comparison.csv", "groups.csv", "comparison.json"):
        assert (tmp_path / "zh" / file).read_bytes() == (tmp_path / "en" / file).read_bytes()
    markdown, tex = ((tmp_path / "zh" / f"groups{end}").read_text(encoding="utf-8") for end in (".md", ".tex"))
    header, _, row = markdown.splitlines()[2:5]
    assert all(HAN.search(cell) for cell in header.strip("| ").split("|"))
    assert row.startswith("| 社区十联户工作方案 | participation_rate | 参与率 | 比例 | 越高越好 | ")
    assert tex.startswith("% Chinese")
    assert english_left(markdown) == []
    assert not HAN.search((tmp_path / "en" / "groups.tex").read_text(encoding="utf-8"))


def test_plots_speak_one_language(compared: Comparison, attributed: Attribution) -> None:
    known = fonts._characters(str(fonts.FONT)) | fonts._ours()
    for draw in (comparison_plots.ladder, comparison_plots.paths, comparison_plots.archetypes, comparison_plots.equity):
        with names.speaking("zh"):
            chinese = words(draw(compared))
        with names.speaking("en"):
            english = words(draw(compared))
        assert not any(HAN.search(text) for text in english)
        assert not any(english_left(text) or "_" in text.replace("d_z", "") for text in chinese), chinese
        assert {c for text in chinese for c in text if ord(c) not in known and not c.isspace()} == set()
        assert {"社区十联户工作方案", "社区十联户工作方案·每单元15至20人"} <= chinese
    with names.speaking("zh"):
        drawn = words(attribution_plot.bars(attributed, "trust_committee"))
        assert attributed.title == "社区十联户工作方案"
        assert [attributed.called(part) for part in ("budget", "participation", "head_support", "rest_of_it")] == [
            "预算",
            "居民参与",
            "联户长工作室",
            "rest of it",
        ]
    assert {"联户长", "预算", "沙普利值", "去除后的损失", "对居委会的信任（百分点）"} <= drawn


@pytest.mark.study
def test_commands_leave_no_english_sentence(store: Path, tmp_path: Path) -> None:
    plans = ["baseline_2023", "ten_household"]
    kept = ["--store", str(store), "--out", str(tmp_path / "r")]
    printed = [said("compare", *plans, "--date", "2024-02-25", *kept, *SIZES)]
    assert "社区十联户工作方案与“2023年现状延续”相比" in printed[0]
    printed += [
        said(
            "ablate",
            "ten_household",
            "--of",
            "heads",
            "--of",
            "repeats",
            "--until",
            "2024-03-31",
            *SIZES[:-2],
            "--out",
            str(tmp_path / "a"),
            "--lang",
            "zh",
        )
    ]
    printed += [
        said(
            "holdback", "ten_household", "--of", "money", "--until", "2024-12-31", *SIZES, "--out", str(tmp_path / "h")
        )
    ]
    printed += [said("coverage", "--lang", "zh"), said("coverage", "standardization", "--lang", "zh")]
    printed += [said("patterns", "2", "--communities", "2", "--households", "20", "--lang", "zh")]
    for text in printed:
        assert english_left(text) == []
        assert HAN.search(text)
        lines = [line for line in text.splitlines() if not line.startswith(str(tmp_path))]
        assert max(map(cell_len, lines)) <= 100
    plan = tmp_path / "plan.yaml"
    plan.write_text(AUDITED, encoding="utf-8")
    audited = said("scenario", "check", str(plan), "--run", "--households", "20", "--lang", "zh", code=2)
    assert english_left(audited) == []
    assert "covered 调整 unit_activities: 去掉它，所有记录的数值都不变" in audited
    assert "1项不改变任何结果" in audited.replace("\n", "")


AUDITED = """schema: 1
name: plan
title: {en: plan, zh: 方案}
extends: baseline_2023
calendar: {start: 2024-01-01, end: 2024-03-31}
district:
  communities: [{archetype: new_estate, count: 2, households: [20, 20]}]
  subdistricts: 1
interventions:
  - {use: emergency_stock}
  - {id: covered, levers: {unit_activities: {to: 2}}, when: {start: 2024-02-05}}
  - {id: cover, levers: {unit_activities: {to: 4}}, when: {start: 2024-02-05}}
triggers:
  - {id: never, when: {observable: awareness_rate, above: 0.999}, then: {lever: doorstep_visits, to: 1}}
"""


def test_the_search_for_english_catches_a_sentence() -> None:
    assert english_left("差值 that stand nowhere: x")
    assert not english_left("`shequ coverage PLAN lists all the words` 的 head_support, head_files")


def test_chinese_lines_break_between_characters_and_keep_words_whole() -> None:
    text = "对 comparison.csv 的180项检验作（Holm）校正，后仍显著。"
    with names.speaking("zh"):
        lines = flowing(text, 20).splitlines()
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(line) <= 20 for line in lines)
    assert not any(line[0] in "，。）" for line in lines)
    assert any("comparison.csv" in line for line in lines)
    with names.speaking("en"):
        assert flowing(text, 20) == text
