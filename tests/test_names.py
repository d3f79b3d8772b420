"""Names in two languages, and fonts that have every character of them."""

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from typer.testing import CliRunner

from shequ.app.cli import app
from shequ.experiments import fonts, run
from shequ.experiments.make_font import characters
from shequ.experiments.timeline import styled
from shequ.model import levers, names, observables
from shequ.model.district import Archetype
from shequ.model.recorder import GROUPS
from shequ.model.schedule import PROCESSES
from shequ.scenarios import loader, relaxing, schema
from shequ.scenarios.catalogue import catalogue

ROOT = Path(__file__).resolve().parents[1]
HAN = re.compile(r"[\u4e00-\u9fff]")
SIZE = {"communities": 3, "households": 40, "until": "2024-06-30", "replicates": 1, "workers": 1}


def called(function: str) -> Iterator[str]:
    """First arguments, where they are texts, of all calls of ``function`` in the library."""
    for part in ("scenarios", "experiments", "app"):
        for path in (ROOT / part).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function:
                    yield from (a.value for a in node.args[:1] if isinstance(a, ast.Constant))


def test_every_name_is_there_in_chinese_and_no_other() -> None:
    """Section by section; a new lever or observable needs a line in model/names_zh.yaml."""
    cost: Any = schema.Cost.model_fields["per"].annotation
    money: Any = schema.Cost.model_fields["unit"].annotation
    units = {lever.unit for lever in levers.catalogue().values()} | set(money.__args__)
    known = {
        "archetypes": {kind.label for kind in Archetype},
        "groups": {*GROUPS, "pilot", "reached"},
        "processes": set(PROCESSES),
        "shocks": {*shock_words()},
        "units": units | {o.unit for o in observables.catalogue().values()},
        "per": set(cost.__args__),
        "observables": set(observables.catalogue()),
        "levers": set(levers.catalogue()),
    }
    elsewhere = {"phrases", "columns", "couplings", "plans", "uses"}  # tested here below and in test_chinese.py
    found = {section: set(entries) for section, entries in names.chinese().items() if section not in elsewhere}
    assert found == known


def shock_words() -> Iterator[str]:
    kinds: Any = schema.Shock.model_fields["kind"].annotation
    yield from kinds.__args__
    yield from schema.EmergencyType.__args__


def test_every_phrase_is_there_in_chinese_with_the_same_numbers() -> None:
    phrases = names.chinese()["phrases"]
    assert set(called("phrase")) <= set(phrases)
    for english, chinese in phrases.items():
        assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", chinese)), english


def test_names_differ_within_a_section() -> None:
    for section, entries in names.chinese().items():
        if section not in {"phrases", "units"}:
            assert len(set(entries.values())) == len(entries), section
        bare = [text for text in entries.values() if not HAN.search(re.sub(r"{\w+}", "", text))]
        assert all(re.fullmatch(r"({\w+}|[（）。，：； ])+", text) for text in bare), bare


def test_titles_of_files_are_there_in_both_languages() -> None:
    entries = catalogue()
    titles = [*(entry.title for entry in entries.interventions.values()), *(e.title for e in entries.not_modelled)]
    titles += [relaxation.title for relaxation in relaxing.catalogue().values()]
    for name, english, chinese in loader.available():
        assert english, name
        assert HAN.search(chinese), name
        titles += loader.variants(name).values()
        if not loader.is_layer(name):
            scenario = loader.load(name)
            assert all(phase.title is not None for phase in scenario.phases), name
            titles += [phase.title for phase in scenario.phases if phase.title is not None]
    assert all(title.en and HAN.search(title.zh) for title in titles)


def every_text() -> set[str]:
    texts = {text for section in names.chinese().values() for text in section.values()}
    entries = catalogue()
    texts |= {entry.title.zh for entry in [*entries.interventions.values(), *entries.not_modelled]}
    for name, _, chinese in loader.available():
        texts |= {chinese, *(title.zh for title in loader.variants(name).values())}
    return texts


def drawn(text: str) -> list[str]:
    """What Matplotlib warns of when it draws ``text`` with the fonts that ship with the project alone."""
    figure = Figure(figsize=(1, 1))
    with warnings.catch_warnings(record=True) as told, names.speaking("zh"), styled():
        warnings.simplefilter("always")
        figure.text(0, 0, text, fontfamily=[fonts.FAMILY, fonts.LATIN])
        FigureCanvasAgg(figure).draw()
    return [str(entry.message) for entry in told]


def test_the_font_has_every_character_of_the_project() -> None:
    assert drawn("\n".join(sorted(every_text()))) == []
    assert drawn("".join(sorted(c for c in characters() if c.isprintable() and c != "$"))) == []


def test_the_test_of_the_font_catches_a_wrong_character() -> None:
    assert "missing from font" in drawn("龘")[0]


def test_the_font_is_small_and_comes_with_its_licence() -> None:
    assert fonts.FONT.stat().st_size < 1_500_000
    assert "SIL OPEN FONT LICENSE" in (fonts.FONT.parent / "OFL.txt").read_text(encoding="utf-8")


def test_a_character_that_no_font_has_is_told_once_and_no_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_of_system", lambda: None)
    monkeypatch.setattr(fonts, "_warned", set())
    with pytest.warns(UserWarning, match="U\\+9F98"):
        assert fonts.shown("龘湖社区") == "?湖社区"
    assert fonts.shown("龘") == "?"
    monkeypatch.setattr(fonts, "_of_system", lambda: ("a font of the system", frozenset({ord("龘")})))
    assert fonts.shown("龘湖") == "龘湖"
    assert fonts.families()[-1] == "a font of the system"


def test_plots_speak_both_languages() -> None:
    result = run("ten_household", **SIZE)

    def words(lang: names.Language | None) -> set[str]:
        figure = result.plot(lang=lang)
        found: Any = [*figure.findobj(lambda part: hasattr(part, "get_text"))]
        return {part.get_text() for part in found}

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert {"社区十联户工作方案", "试点阶段", "参与率", "中位数"} <= words("zh")
        assert result.plot(lang="zh").png() != result.plot(lang="en").png()
    assert {"Ten-household linkage plan", "Pilot", "participation"} <= words("en")
    assert not any(HAN.search(text) for text in words("en"))


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "SHEQU_LANG": "en"}, "en"),
        ({"LANG": "en_US.UTF-8", "SHEQU_LANG": "zh"}, "zh"),
    ],
)
def test_the_language_comes_from_the_environment(
    environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SHEQU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert names.language() == expected
    with names.speaking("zh"):
        assert names.name_of("levers", "head_subsidy") == "联户长补贴"
        assert names.name_of("levers", "of_my_own") == "of my own"
        assert names.group_of("elderly of pilot") == "试点社区的老年人"


def test_commands_speak_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    def said(*arguments: str) -> str:
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == 0, result.output
        return result.output

    for arguments, words in (
        (["list", "levers"], ["联户长补贴"]),
        (["list", "observables"], ["参与率"]),
        (["list", "processes"], ["逐级办理"]),
        (["list", "archetypes"], ["老旧小区"]),
        (["list", "interventions"], ["多元激励"]),
        (["explain", "head_subsidy"], ["联户长补贴", "元/月"]),
        (
            ["scenario", "show", "ten_household"],
            ["试点阶段", "多元激励", "联户长补贴 调至 200 元/月", "参与率（试点社区） 不低于 0.5"],
        ),
        (["scenario", "diff", "baseline_2023", "ten_household"], ["调至 200 元/月"]),
    ):
        printed = said(*arguments, "--lang", "zh")
        assert all(word in printed for word in words), arguments
    monkeypatch.setenv("SHEQU_LANG", "fr")
    refused = CliRunner().invoke(app, ["list"])
    assert refused.exit_code == 2
    assert "allowed: en, zh" in refused.output


def test_milestone_table_in_chinese_fits_a_hundred_columns(tmp_path: Path) -> None:
    from rich.cells import cell_len

    sizes = ["--communities", "3", "--households", "40", "--until", "2025-01-31", "--replicates", "2", "--workers", "1"]
    result = CliRunner().invoke(app, ["run", "ten_household", "--lang", "zh", "--out", str(tmp_path / "r"), *sizes])
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert all(word in result.stdout for word in ("参与率", "制约", "按时达成"))
    assert "…" not in result.stdout
    assert max(cell_len(line) for line in lines[:-1]) <= 100
