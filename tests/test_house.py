"""The house keeps its own rules: packages, sizes, imports, names, sources."""

import ast
import inspect
import re
import tomllib
from pathlib import Path

import pytest

from shequ import verification
from shequ.agents.columns import fields
from shequ.model import levers, parameters
from shequ.model.audit import reading_processes, unread
from shequ.model.community_model import AGENT_TYPES, CommunityModel
from shequ.model.district import Archetype, small_district
from shequ.model.flows import Flows
from shequ.model.observables import catalogue
from shequ.model.schedule import PROCESSES
from shequ.model.source import common_name
from shequ.model.structure import Communities, Issues, Ties

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ("agents", "model", "scenarios", "calibration", "experiments", "verification", "app")
SOURCES = sorted(p for part in LIBRARY for p in (ROOT / part).rglob("*.py"))
TESTS = sorted((ROOT / "tests").glob("*.py"))
LAYERS = LIBRARY
SOURCE_TAG = re.compile(
    r"T\d+(\.\d)?|(ten_household|four_creations|standardization|subdistrict|z_community)-\d{3}|assumed|cal |definition"
)


def test_every_package_is_named_in_pyproject() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    present = {"shequ"} | {
        "shequ." + ".".join(p.parent.relative_to(ROOT).parts)
        for part in LIBRARY
        for p in (ROOT / part).rglob("__init__.py")
    }
    assert listed == present


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    """app -> experiments -> calibration -> scenarios -> model -> agents; type checking may look upwards."""
    here = path.relative_to(ROOT).parts[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level >= 2 and id(node) not in guarded:
            parts = (node.module or "").split(".")
            names = [a.name for a in node.names] if parts == [""] else [parts[0]]
            depth = len(path.relative_to(ROOT).parts) - 1
            for name in names:
                if node.level == depth + 1 and name in LAYERS:
                    assert LAYERS.index(name) <= LAYERS.index(here), ast.unparse(node)


def test_only_agents_and_the_model_know_mesa() -> None:
    for path in SOURCES:
        if "import mesa" in path.read_text(encoding="utf-8") or "from mesa" in path.read_text(encoding="utf-8"):
            assert path.parent.name == "agents" or path.name == "community_model.py", path


def test_every_parameter_lever_and_observable_says_what_it_is() -> None:
    for parameter in parameters.catalogue().values():
        assert parameter.unit, parameter
        assert parameter.meaning, parameter
        assert SOURCE_TAG.search(parameter.source), parameter
        assert parameter.low < parameter.high, parameter
    for lever in levers.catalogue().values():
        assert SOURCE_TAG.search(lever.source), lever
        assert lever.process in PROCESSES, lever
        assert lever.observable in catalogue(), lever
    for observable in catalogue().values():
        assert len(observable.definition) > 20, observable
        assert SOURCE_TAG.search(observable.source), observable


def test_every_column_says_what_it_is() -> None:
    tables = {kind.table for kind in AGENT_TYPES} | {Communities, Ties, Issues, Flows}
    for table in tables:
        for field in fields(table):
            assert field.column.unit, field
            assert field.column.meaning, field
            assert field.column.source, field


def test_nothing_is_left_unread() -> None:
    assert unread() == []


def test_switching_a_process_off_reports_what_it_alone_reads() -> None:
    alone = [name for name, processes in reading_processes().items() if processes == frozenset({"heads"})]
    assert alone
    assert set(alone) <= set(unread(off=["heads"]))
    assert set(alone) <= set(CommunityModel(small_district(20, 1), off=["heads"]).unread)


def test_a_district_leaves_the_numbers_of_other_archetypes_unread() -> None:
    one = unread([Archetype.MIXED])
    assert "household_size_rural" in one
    assert "household_size_mixed" not in one
    assert {common_name(name)[1] for name in one} == set(Archetype) - {Archetype.MIXED}


def test_the_project_speaks_of_itself_alone() -> None:
    pattern = re.compile(r"\.\./shared|/wor[k]/|/roo[t]/|/tm[p]/|pyth[o]nhosted|pyp[i]\.org|npmj[s]\.org")
    for path in ROOT.rglob("*"):
        inside = path.relative_to(ROOT).parts
        if (
            inside[0].startswith(".")
            or inside[0] in {"build", "results"}
            or not path.is_file()
            or path.suffix in {".png", ".pyc", ".ttf"}
        ):
            continue
        if path.suffix in {".py", ".md", ".yaml", ".toml", ".txt", ".json", ".cff", ""}:
            assert not pattern.search(path.read_text(encoding="utf-8", errors="ignore")), path


CHECKS = [
    f"{family}{k}"
    for family, last in (
        ("p", 12),
        ("q", 13),
        ("h", 6),
        ("r", 8),
        ("s", 7),
        ("d", 9),
        ("a", 7),
        ("e", 7),
        ("l", 6),
        ("n", 4),
    )
    for k in range(1, last + 1)
]
CHECKS += [
    *(f"c{k}" for k in range(1, 5)),
    *(f"f{k}" for k in range(1, 4)),
    *(f"g{k}" for k in range(6)),
    *(f"m{k}" for k in range(1, 5)),
    *(f"x{k}" for k in range(1, 5)),
]


def test_every_check_of_the_theory_page_has_a_test_that_bears_its_id() -> None:
    """And the page names the file in which it stands."""
    page = (ROOT / "docs/theory.md").read_text(encoding="utf-8")
    told = {
        check.lower(): set(re.findall(r"`([a-z_/]+\.py)`", row))
        for check, row in re.findall(r"^\| ([A-Z]\d+) \|(.*)$", page, re.M)
    }
    stands: dict[str, set[str]] = {}
    for path in TESTS:
        for check in re.findall(r"^def test_([a-z]\d+)_(?!\w*catch)", path.read_text(encoding="utf-8"), re.M):
            stands.setdefault(check, set()).add(path.name)
    for name, check in verification.catalogue.items():
        file = Path(inspect.getfile(check.body)).relative_to(ROOT)
        stands.setdefault(name.lower(), set()).add(file.as_posix())
    assert set(CHECKS) <= set(stands)
    assert {check: told[check] for check in CHECKS} == {check: stands[check] for check in CHECKS}


def test_at_least_ten_checks_are_shown_to_catch_a_wrong_implementation() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    assert len(re.findall(r"def test_\w*catch\w*", text)) >= 10
