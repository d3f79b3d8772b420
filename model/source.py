"""Reads the project's own source as text: which rules there are, where they stand, and who reads what.

Nothing is loaded for it, so that it is quick; what it says about a rule is what the code says.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .district import Archetype
from .keeping import kept

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("agents", "model", "model/processes")
WRITTEN = {".py", ".yaml"}


@dataclass(frozen=True)
class Function:
    """A function of the model: its place, documentation, and the names it uses.

    ``attributes`` are names read as ``something.name`` or written as text, such as ``table["name"]``; ``calls`` are
    names of functions called; ``mentions`` are those and all other names, such as a function handed on.
    """

    name: str
    kind: str  # rule, kernel, observable, method, function, or module (what stands outside functions)
    owner: str
    file: str
    line: int
    signature: str
    docstring: str
    attributes: frozenset[str]
    calls: frozenset[str]
    mentions: frozenset[str]

    @property
    def place(self) -> str:
        """File and line, in the form editors jump to."""
        return f"{self.file}:{self.line}"

    @property
    def full_name(self) -> str:
        """Name with the class it belongs to."""
        return f"{self.owner}.{self.name}" if self.owner else self.name


@dataclass(frozen=True)
class Module:
    """A process: its name, file and documentation."""

    name: str
    file: str
    docstring: str


@cache
def functions() -> tuple[Function, ...]:
    """Every function of agents and model, in the order of files and lines."""
    found: list[Function] = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).glob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            file = path.relative_to(ROOT).as_posix()
            found += [*_read(tree, file, ""), _outside(tree, file, path.stem)]
    return tuple(found)


@cache
def everything() -> bytes:
    """All that agents and model are written in, code and declarations, file after file."""
    paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in WRITTEN)
    return b"".join(path.relative_to(ROOT).as_posix().encode() + path.read_bytes() for path in dict.fromkeys(paths))


@cache
def imports(path: Path) -> frozenset[Path]:
    """Files of this project that ``path`` imports when it is loaded."""
    place = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
    known = _known_imports()
    return frozenset(ROOT / name for name in known[place]) if place in known else frozenset(_imported(path))


@cache
def _known_imports() -> dict[str, list[str]]:
    """What each file of agents and model imports, by its place."""
    return kept("imports", everything(), _read_imports)


def _read_imports() -> dict[str, list[str]]:
    paths = [path for folder in FOLDERS for path in (ROOT / folder).glob("*.py")]
    return {
        path.relative_to(ROOT).as_posix(): sorted(other.relative_to(ROOT).as_posix() for other in _imported(path))
        for path in paths
    }


def _imported(path: Path) -> set[Path]:
    found: set[Path] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.level:
            folder = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            names = [folder.with_suffix(".py"), folder / "__init__.py", *(folder / f"{a.name}.py" for a in node.names)]
            found.update(name for name in names if name.is_file())
    return found


def _outside(tree: ast.Module, file: str, name: str) -> Function:
    """Return what stands outside functions: tables of names, mostly."""
    parts = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    inside = [part for node in parts for part in ast.walk(node)]
    line = parts[0].lineno if parts else 1
    return Function(
        name, "module", "", file, line, name, "", frozenset(_names_read(inside)), frozenset(), _mentions(inside)
    )


def _names_read(inside: list[ast.AST]) -> Iterator[str]:
    for part in inside:
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Load):
            yield part.attr
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _mentions(inside: list[ast.AST]) -> frozenset[str]:
    return frozenset(_name(part) for part in inside if isinstance(part, ast.Name | ast.Attribute))


def _read(node: ast.Module | ast.ClassDef, file: str, owner: str) -> Iterator[Function]:
    for child in node.body:
        if isinstance(child, ast.ClassDef):
            yield from _read(child, file, child.name)
        elif isinstance(child, ast.FunctionDef):
            yield _function(child, file, owner)


def _function(node: ast.FunctionDef, file: str, owner: str) -> Function:
    decorators = {_name(d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list}
    kinds = {"rule": "rule", "kernel": "kernel", "_observable": "observable"}
    kind = next((kinds[d] for d in decorators if d in kinds), "method" if owner else "function")
    inside = [part for statement in node.body for part in ast.walk(statement)]
    calls = {_name(part.func) for part in inside if isinstance(part, ast.Call)}
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return Function(
        node.name,
        kind,
        owner,
        file,
        node.lineno,
        f"{node.name}({ast.unparse(node.args)}){returns}",
        ast.get_docstring(node) or "",
        frozenset(_names_read(inside)),
        frozenset(calls),
        _mentions(inside),
    )


def _name(node: ast.expr) -> str:
    """Last part of a dotted name."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def rules() -> list[Function]:
    """Every rule."""
    return [function for function in functions() if function.kind == "rule"]


def readers(name: str) -> list[Function]:
    """Functions that read the parameter or lever ``name``; parameters by archetype are read by their common name."""
    names = {name, common_name(name)[0]}
    return [function for function in functions() if names & function.attributes]


def common_name(name: str) -> tuple[str, Archetype | None]:
    """Name under which code reads a parameter, and the archetype that the value is for: household_size, MIXED."""
    for archetype in Archetype:
        if name.endswith(f"_{archetype.label}"):
            return name.removesuffix(f"_{archetype.label}"), archetype
    return name, None


def callers(name: str) -> list[Function]:
    """Functions that call the rule ``name``."""
    return [function for function in functions() if name in function.calls]


@cache
def processes() -> tuple[Module, ...]:
    """Return the processes of the model, in alphabetical order."""
    paths = [path for path in sorted((ROOT / "model/processes").glob("*.py")) if path.stem != "__init__"]
    return tuple(
        Module(
            path.stem,
            path.relative_to(ROOT).as_posix(),
            ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "",
        )
        for path in paths
    )
