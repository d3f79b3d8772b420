"""Broken scenario files: each is refused with file, line and key, or is still right; none with a traceback, none hangs.

``SHEQU_FUZZ=5000 pytest -m study tests/test_fuzz.py`` breaks that many files in each way.
"""

import os
import re
import signal
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from typer.testing import CliRunner

from shequ.app.cli import app
from shequ.scenarios import loader, texts
from shequ.scenarios.reader import ScenarioError

FILES = sorted(path for part in ("", "cases/", "examples/", "stress/") for path in loader.FOLDER.glob(f"{part}*.yaml"))
FILES = [path for path in FILES if path.stem not in loader.RESERVED]
LIGHT = [path for path in FILES if path.stem != "ten_household"]  # whose nine variants take seconds when all is right
MANY = int(os.environ.get("SHEQU_FUZZ", "2000"))
FEW = 12
SECONDS = 60  # a file takes at most 7 on an idle machine
WHOLE = re.compile(
    r"this is not YAML|is not UTF-8|nested too deeply|a scenario file is a mapping|blow this up|contains itself"
)

JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(10**40), max_value=10**40),
    st.floats(),
    st.sampled_from(
        ["", " ", "P9Y", "P999Y", "2024-13-45", "31/12/2024", "社区", "\u202e", "\x85", "head_subsidi", "&a", "~"]
    ),
    st.sampled_from(
        ["2024-01-01T25:00:00", "9999-12-31", "0001-01-01", "1e999", ".nan", "0x1F", "1_000", "0o777", "12:30:45"]
    ),
    st.text(max_size=30),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
    st.dates(),
)
SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}
QUICK = (Phase.explicit, Phase.generate)  # without shrinking what was found


@contextmanager
def in_time() -> Generator[None]:
    """Fail if the block takes longer than SECONDS."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        message = f"no answer within {SECONDS} seconds"
        raise TimeoutError(message)

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@cache
def tree(path: Path) -> Any:
    """Plain data of a file."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def written(data: Any) -> str:
    out = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_unicode = True
    yaml.dump(data, out)
    return out.getvalue()


def refused(path: Path, content: bytes) -> list[str]:
    """Messages about a file; each names it, and all but those about the whole file name a line and a key."""
    path.write_bytes(content)
    with in_time():
        messages = texts.check(path)
    for message in messages:
        assert message.startswith(f"{path}"), message
        assert "\n" not in message, message
        if not WHOLE.search(message):
            assert re.match(re.escape(str(path)) + r":\d+: ", message), message
    return messages


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a tree."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


def changed(data: Any, path: tuple[Any, ...], how: str, junk: Any) -> Any:
    """A copy of ``data`` with the value at ``path`` broken."""
    if path:
        copy = dict(data) if isinstance(data, dict) else list(data)
        if len(path) == 1 and how == "drop":
            del copy[path[0]]
        elif len(path) == 1 and how == "rename" and isinstance(copy, dict):
            copy[f"{path[0]}x"] = copy.pop(path[0])
        else:
            copy[path[0]] = changed(data[path[0]], path[1:], how, junk)
        return copy
    if how == "unknown key" and isinstance(data, dict):
        return {**data, "no_such_key": junk}
    if how == "nest":
        return {"a": {"a": {"a": [[[data]]]}}}
    if how == "repeat" and isinstance(data, list):
        return [*data, *data]
    if how == "negative" and isinstance(data, int | float):
        return -1 - abs(data)
    if how == "huge" and isinstance(data, int | float):
        return data * 10**9 + 10**9
    if how == "late" and hasattr(data, "year"):
        return data.replace(year=2077)
    return junk


HOW = ("put", "drop", "rename", "unknown key", "nest", "repeat", "negative", "huge", "late")


@st.composite
def broken_trees(draw: st.DrawFn) -> str:
    """A right file with one to three places broken."""
    data = tree(draw(st.sampled_from(LIGHT)))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(data)[1:] or [()]))
        data = changed(data, path, draw(st.sampled_from(HOW)), draw(JUNK))
    return written(data)


@st.composite
def broken_texts(draw: st.DrawFn) -> bytes:
    """A right file cut off, cut through, with lines twice, or with bytes put in."""
    content = draw(st.sampled_from(FILES)).read_bytes()
    for _ in range(draw(st.integers(1, 3))):
        at, length = draw(st.integers(0, len(content))), draw(st.integers(1, 60))
        how = draw(st.sampled_from(["cut off", "cut out", "twice", "bytes", "marks", "indent"]))
        if how == "cut off":
            content = content[:at]
        elif how == "cut out":
            content = content[:at] + content[at + length :]
        elif how == "twice":
            lines = content.splitlines(keepends=True)
            k = draw(st.integers(0, max(0, len(lines) - 1)))
            content = b"".join([*lines[: k + 1], *lines[k:]])
        elif how == "bytes":
            content = content[:at] + draw(st.binary(max_size=20)) + content[at:]
        elif how == "marks":
            content = content[:at] + draw(st.text("{}[]:,&*!|>-?#'\"%@` \t\n", max_size=6)).encode() + content[at:]
        else:
            content = content[:at].replace(b"\n", b"\n ", 1) + content[at:]
    return content


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file in a folder of its own, for one broken scenario after the other."""
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "riverside_estate.csv").write_bytes((loader.FOLDER / "examples" / "riverside_estate.csv").read_bytes())
    return folder / "broken.yaml"


def break_trees(file: Path, examples: int, phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    @settings(max_examples=examples, phases=phases, **SETTINGS)
    @given(content=broken_trees())
    def breaking(content: str) -> None:
        for message in refused(file, content.encode()):
            assert re.match(re.escape(str(file)) + r":\d+: .+?: ", message) or ": found " in message, message

    breaking()


def break_texts(file: Path, examples: int, phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    @settings(max_examples=examples, phases=phases, **SETTINGS)
    @given(content=broken_texts())
    def breaking(content: bytes) -> None:
        refused(file, content)

    breaking()


def break_commands(file: Path, examples: int, phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    @settings(max_examples=examples, phases=phases, **SETTINGS)
    @given(content=st.one_of(st.binary(max_size=200), broken_texts()))
    def breaking(content: bytes) -> None:
        file.write_bytes(content)
        with in_time():
            result = CliRunner().invoke(app, ["scenario", "check", str(file)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert result.exit_code in {0, 2}
        assert "Traceback" not in result.output
        assert str(file) in result.output

    breaking()


WAYS = {"trees": break_trees, "texts": break_texts, "commands": break_commands}


@pytest.mark.parametrize("way", WAYS)
def test_broken_files_are_refused(way: str, file: Path) -> None:
    WAYS[way](file, FEW)


@pytest.mark.study
@pytest.mark.parametrize("way", WAYS)
def test_thousands_of_broken_files_are_refused(way: str, file: Path) -> None:
    WAYS[way](file, MANY)


def test_the_test_catches_a_traceback_and_a_message_without_a_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(texts.loader, "is_layer", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            break_texts(file, 50, QUICK)
    with monkeypatch.context() as patch:
        patch.setattr("shequ.scenarios.reader.Source.line", lambda *_: None)
        with pytest.raises(AssertionError):
            break_trees(file, 50, QUICK)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + k)}: &{chr(98 + k)} [{', '.join([f'*{chr(97 + k)}'] * 9)}]\n" for k in range(9)
)
HARD = {
    "alias bomb": (BOMB.encode(), "blow this up"),
    "alias of itself": (b"a: &a [*a]\n", "contains itself"),
    "deep lists": (b"a: " + b"[" * 5000 + b"]" * 5000, "nested too deeply"),
    "deep mappings": ("".join(f"{' ' * k}a:\n" for k in range(60)).encode(), "nested too deeply"),
    "binary": (bytes(range(256)) * 8, "UTF-8"),
    "zeros": (b"\x00" * 100, "not YAML"),
    "two documents": (b"schema: 1\n---\nschema: 1\n", "not YAML"),
    "a line break in a key": (b'schema: 1\nname: x\ntitle: {"0\\nE": x}\n', r"title.0\nE: unknown key"),
    "a layer's parameter out of its range": (
        b"schema: 1\nname: x\ntitle: {en: x}\nlayer: true\ndistrict: {overrides: {pilot_boost: 1}}\n",
        "overrides.pilot_boost: found 1",
    ),
    "a trigger on an item that the plan under it dates": (
        b"schema: 1\nname: x\ntitle: {en: x}\nextends: standardization\ntriggers:\n"
        b"  - {when: {observable: awareness_rate, above: 0.3}, then: {item: leading_group_cycle}}\n",
        "broken.yaml:6: triggers[0].then.item: found 'leading_group_cycle', which begins by its `start:`",
    ),
    "a list": (b"- schema: 1\n", "a mapping of keys"),
    "nothing": (b"", "a mapping of keys"),
    "a huge number": (
        b"schema: 1\nname: x\nextends: baseline_2023\ncalendar: {start: 1e999, end: .nan}\n",
        "calendar.start",
    ),
    "a long number": (b"schema: " + b"9" * 5000 + b"\nname: x\ntitle: {en: x}\n", "schema"),
    "extends itself": (b"schema: 1\nname: broken\ntitle: {en: x}\nextends: broken\n", "runs in a circle"),
    "extends a folder": (b"schema: 1\nname: x\ntitle: {en: x}\nextends: ../\n", "extends"),
    "end of time": (
        b"schema: 1\nname: x\ntitle: {en: x}\nextends: baseline_2023\ncalendar: {start: 2024-01-01, end: 9999-12-31}\n",
        "",
    ),
}


@pytest.mark.parametrize("case", HARD)
def test_hard_files_are_refused(case: str, file: Path) -> None:
    content, part = HARD[case]
    messages = refused(file, content)
    assert messages
    assert any(part in message for message in messages), messages


def test_files_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / f"{name}.yaml").write_text(f"schema: 1\nname: {name}\ntitle: {{en: x}}\nextends: {other}\n")
    with pytest.raises(ScenarioError, match="circle"):
        loader.load(tmp_path / "a.yaml")
