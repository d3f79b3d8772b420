"""Scenario files that cannot be read or combined: one clear message each."""

from pathlib import Path

import pytest

from shequ.scenarios import compile, loader, texts
from shequ.scenarios.catalogue import load as load_catalogue
from shequ.scenarios.reader import ScenarioError, parse

HEAD = "schema: 1\nname: bad\ntitle: {en: bad}\nextends: baseline_2023\n"  # lines 1 to 4


def refused(path: Path) -> str:
    """What is said of the file at ``path``: one message."""
    with pytest.raises(ScenarioError) as caught:
        compile.compile(path)
    assert len(caught.value.problems) == 1
    return str(caught.value)


def test_good_head_alone_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    path.write_text(HEAD)
    assert texts.check(path) == []


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(HEAD + "bugdet: []\ninterventions: [{use: head_selection, wehn: {}}]\nphases: [{name: one}]\n")
    lines = [int(message.split(":")[1]) for message in texts.check(path)]
    assert lines == [5, 6, 7, 7]


def test_missing_file(tmp_path: Path) -> None:
    assert "there is no such file" in refused(tmp_path / "none.yaml")


def test_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(ScenarioError, match="Did you mean 'ten_household'"):
        loader.load("ten_houshold")
    with pytest.raises(ScenarioError, match="Did you mean 'growing_fund'"):
        loader.load("ten_household:growing_funds")


def test_circle_in_extends(tmp_path: Path) -> None:
    for name, base in (("one", "two"), ("two", "one")):
        text = f"schema: 1\nname: {name}\ntitle: {{en: x}}\nextends: {base}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    message = refused(tmp_path / "one.yaml")
    assert f"{tmp_path / 'two.yaml'}:4: extends: `extends` runs in a circle: one -> two -> one" == message


def test_unknown_base(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(HEAD.replace("baseline_2023", "baseline_2024"))
    message = refused(path)
    assert f"{path}:4: extends: there is no scenario 'baseline_2024'. Did you mean 'baseline_2023'?" in message


def test_fault_of_the_base_names_the_base(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(HEAD + "interventions:\n  - use: head_selektion\n")
    (tmp_path / "top.yaml").write_text("schema: 1\nname: top\ntitle: {en: top}\nextends: base\n")
    assert refused(tmp_path / "top.yaml").startswith(f"{tmp_path / 'base.yaml'}:6: interventions[0].use: ")


def test_no_district_and_no_base(tmp_path: Path) -> None:
    path = tmp_path / "bare.yaml"
    path.write_text("schema: 1\nname: bare\ntitle: {en: bare}\n")
    messages = texts.check(path)
    assert len(messages) == 2
    assert all("extends: baseline_2023" in message for message in messages)


def test_two_megabytes_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_text(HEAD + "# " + "x" * 2_000_000 + "\n")
    assert "at most 2,000,000 (2 MB)" in refused(path)


def test_alias_bomb_is_refused_quickly(tmp_path: Path) -> None:
    path = tmp_path / "bomb.yaml"
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]" for k in range(1, 12)]
    path.write_text("\n".join(lines) + "\n")
    assert "aliases (*name) blow this up" in refused(path)


def test_alias_in_itself_and_deep_nests_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop.yaml"
    path.write_text("a: &a [*a]\n")
    assert "contains itself" in refused(path)
    for depth in (60, 20_000):
        path.write_text("a: " + "[" * depth + "]" * depth + "\n")
        assert "nested too deeply" in refused(path)


def test_not_text_and_not_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"name: \xff\xfe\n")
    assert "not UTF-8" in refused(path)
    path.write_text("- 1\n")
    assert "is a mapping of keys" in refused(path)
    path.write_text("")
    assert "is a mapping of keys" in refused(path)


def test_a_layer_does_not_run_by_itself() -> None:
    with pytest.raises(ScenarioError, match="does not run by itself"):
        compile.compile("stress/budget_cut")


@pytest.mark.parametrize(
    ("lever", "value", "message"),
    [
        ("head_subsidi", 200, "--set: head_subsidi: there is no lever 'head_subsidi'. Did you mean 'head_subsidy'"),
        ("head_subsidy", "many", "--set: head_subsidy: found 'many'"),
        ("head_subsidy", 5000, "--set: head_subsidy.to: found 5000 CNY/month; head_subsidy may be 0 to 1000"),
        ("head_subsidy", "3 h/week", "--set: head_subsidy.unit: found the unit 'h/week'"),
        ("head_subsidy", "nan", "--set: head_subsidy: found 'nan'"),
    ],
)
def test_bad_settings(lever: str, value: str | float, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        compile.compile(loader.load("ten_household", settings={lever: value}))
    assert str(caught.value).startswith(message)


CATALOGUE = """schema: 1
interventions:
  one:
    title: {en: one}
    aliases: [plan/a]
    levers: {head_subsidy: {to: 200, unit: CNY/month}}
  two:
    title: {en: two}
    aliases: [plan/b]
    levers: {head_honour: {to: 1}}
not_modelled:
  - {slugs: [plan/c], title: {en: c}, reason: why}
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("plan/b", "plan/a", "c:9: interventions.two.aliases[0]: 'plan/a' is an alias of 'one' already"),
        ("plan/c", "plan/a", "c:12: not_modelled[0].slugs[0]: 'plan/a' stands under 'one' already"),
        (", reason: why", "", "c:12: not_modelled[0]: say why it cannot be expressed"),
        ("CNY/month", "CNY", "c:6: interventions.one.levers.head_subsidy.unit: found the unit 'CNY'"),
        ("    levers: {head_honour: {to: 1}}\n", "", "c:7: interventions.two: 'two' moves no lever"),
        ("head_honour", "head_honor", "c:10: interventions.two.levers.head_honor: there is no lever"),
    ],
)
def test_bad_catalogues(old: str, new: str, message: str) -> None:
    load_catalogue(parse(CATALOGUE, "c"))
    with pytest.raises(ScenarioError) as caught:
        load_catalogue(parse(CATALOGUE.replace(old, new), "c"))
    assert str(caught.value).startswith(message)
