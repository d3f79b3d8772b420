"""Who reads what: the processes that read each parameter and lever, found in the source; dead ones are reported."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from . import levers, parameters
from .schedule import PROCESSES

ROOT = Path(__file__).resolve().parents[1]
ALWAYS = "model"  # reader of what is read outside the switchable processes: population, network, recorder, calendar


@dataclass
class _Function:
    """Names that one function mentions: attributes and strings (``reads``), calls and arguments (``calls``)."""

    module: str
    reads: set[str] = field(default_factory=set[str])
    calls: set[str] = field(default_factory=set[str])


@cache
def readers() -> Mapping[str, frozenset[str]]:
    """Processes that read each parameter and lever, by name. ``model`` stands for what always runs."""
    functions = _functions()
    names = {*parameters.catalogue(), *levers.catalogue()}
    stems = {name: _stem(name) for name in names}
    found: dict[str, set[str]] = {name: set() for name in names}
    for module in {function.module for group in functions.values() for function in group}:
        if module.startswith("agents/"):
            continue  # rules count where a process calls them
        process = Path(module).stem if module.startswith("model/processes/") else ALWAYS
        reached = _reached(functions, module)
        for name in names:
            if name in reached or stems[name] in reached:
                found[name].add(process)
    return {name: frozenset(modules) for name, modules in found.items()}


def _stem(name: str) -> str:
    """Name under which code reads a parameter that differs by archetype: household_size_mixed -> household_size."""
    from .district import Archetype  # noqa: PLC0415

    for archetype in Archetype:
        if name.endswith(f"_{archetype.label}"):
            return name.removesuffix(f"_{archetype.label}")
    return name


def _functions() -> dict[str, list[_Function]]:
    """Every function of the model and of the agents, by name; module-level code goes under the module's path."""
    found: dict[str, list[_Function]] = {}
    for path in sorted([*ROOT.glob("agents/*.py"), *ROOT.glob("model/**/*.py")]):
        module = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, []).append(_mentions(node, module))
            elif isinstance(node, ast.Assign):
                found.setdefault(module, []).append(_mentions(node, module))
    return found


def _mentions(node: ast.AST, module: str) -> _Function:
    function = _Function(module)
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            function.reads.add(part.attr)
            function.calls.add(part.attr)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            function.reads.add(part.value)
        elif isinstance(part, ast.Name):
            function.calls.add(part.id)
    return function


def _reached(functions: Mapping[str, list[_Function]], module: str) -> set[str]:
    """Names read by the functions of ``module`` and by the rules that they call, however deep."""
    queue = [f for group in functions.values() for f in group if f.module == module]
    seen = {id(f) for f in queue}
    reads: set[str] = set()
    while queue:
        function = queue.pop()
        reads |= function.reads
        for name in function.calls:
            for called in functions.get(name, ()):
                if id(called) not in seen and called.module.startswith("agents/"):
                    seen.add(id(called))
                    queue.append(called)
    return reads


def unread(off: Iterable[str] = ()) -> list[str]:
    """Parameters and levers that nothing reads when the processes ``off`` do not run, in alphabetical order."""
    running = {ALWAYS, *PROCESSES} - set(off)
    return sorted(name for name, processes in readers().items() if not processes & running)
