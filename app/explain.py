"""``shequ explain NAME``: what a rule, parameter, lever, observable, coupling or process is, and where it is read."""

from collections.abc import Iterable
from difflib import get_close_matches
from inspect import cleandoc

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from ..model import couplings, levers, observables, parameters, source
from ..model.names import language, name_of, unit_of


class ExplainError(ValueError):
    """A name that nothing in the model bears."""


def explain(name: str, console: Console) -> None:
    """Print all that bears ``name``; raises ExplainError with the nearest names if nothing does."""
    found = [
        *(part for rule in source.rules() if name in {rule.name, rule.full_name} for part in [_rule(rule)]),
        *([_parameter(name)] if name in parameters.catalogue() else []),
        *([_lever(name)] if name in levers.catalogue() else []),
        *([_observable(name)] if name in observables.catalogue() else []),
        *([_coupling(name)] if name in couplings.catalogue() else []),
        *(_process(process) for process in source.processes() if process.name == name),
    ]
    if not found:
        known = sorted(names())
        near = get_close_matches(name, known, n=4)
        hint = f"Did you mean {', '.join(near)}?" if near else "`shequ list parameters` (or levers, rules) shows all."
        message = f"nothing is called {name!r}. {hint}"
        raise ExplainError(message)
    for index, text in enumerate(found):
        if index:
            console.print()
        console.print(text)


def names() -> set[str]:
    """Every name that can be explained."""
    return {
        *(rule.name for rule in source.rules()),
        *parameters.catalogue(),
        *levers.catalogue(),
        *observables.catalogue(),
        *couplings.catalogue(),
        *(process.name for process in source.processes()),
    }


def _entry(kind: str, name: str, lines: Iterable[tuple[str, str]], body: str) -> Group:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in lines:
        if value:
            table.add_row(label, Text(value))
    return Group(Text.assemble((name, "bold"), (f"  {kind}", "dim")), Text(_flowing(body)), table)


def _flowing(text: str) -> str:
    """Paragraphs on one line each, for the terminal to break; equations and lists stand as they are."""
    lines: list[str] = []
    for line in text.splitlines():
        before = lines[-1] if lines else ""
        if before and line and not before.startswith(" ") and not line.startswith((" ", "-")):
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return "\n".join(lines)


def _rule(rule: source.Function) -> Group:
    known = parameters.catalogue()
    reads = [f"{name} = {known[name].value:g} {known[name].unit}" for name in sorted(rule.attributes) if name in known]
    lines = [
        ("where", rule.place),
        ("parameters", "; ".join(reads)),
        ("levers", ", ".join(sorted(rule.attributes & set(levers.catalogue())))),
        ("called by", _places(source.callers(rule.name))),
    ]
    return _entry("rule", rule.signature, lines, cleandoc(rule.docstring))


def _parameter(name: str) -> Group:
    p = parameters.catalogue()[name]
    lines = [
        ("value", f"{p.value:g} {p.unit}"),
        ("range", f"{p.low:g} to {p.high:g} ({p.kind})"),
        ("source", p.source),
        ("process", p.process),
        ("read by", _places(source.readers(name))),
    ]
    return _entry("parameter", name, lines, p.meaning)


def _lever(name: str) -> Group:
    lever = levers.catalogue()[name]
    push = "raises" if lever.direction > 0 else "lowers"
    moved = name_of("observables", lever.observable, lever.observable)
    lines = [
        ("at rest", f"{lever.rest:g} {unit_of(lever.unit)}"),
        ("bounds", f"{lever.low:g} to {lever.high:g}"),
        ("more of it", f"{push} {moved}"),
        ("source", lever.source),
        ("process", lever.process),
        ("read by", _places(source.readers(name))),
    ]
    return _entry("lever", _titled("levers", name), lines, lever.meaning)


def _observable(name: str) -> Group:
    observable = observables.catalogue()[name]
    groups = "told apart by group of residents" if observable.by_group else "for all residents and for areas only"
    place = next((f.place for f in source.functions() if f.kind == "observable" and f.name == name), "")
    lines = [
        ("unit", unit_of(observable.unit)),
        ("groups", groups),
        ("better", observable.better or "depends on who is asked"),
        ("source", observable.source),
        ("where", place),
        ("levers", ", ".join(lever.name for lever in levers.catalogue().values() if lever.observable == name)),
    ]
    return _entry(
        "observable", f"{name}: {name_of('observables', name, observable.label)}", lines, observable.definition
    )


def _coupling(name: str) -> Group:
    coupling = couplings.catalogue()[name]
    kept = sorted({parameter for level in coupling.levels for parameter in level.into})
    lines = [
        ("from, to", " -> ".join(coupling.path)),
        ("when cut", ", ".join(f"{parameter} = {value:g}" for parameter, value in coupling.cut.items())),
        ("level kept in", ", ".join(kept)),
        ("source", coupling.source),
    ]
    return _entry("coupling", name, lines, coupling.meaning)


def _process(process: source.Module) -> Group:
    mine = [p.name for p in parameters.catalogue().values() if p.process == process.name]
    moved = [lever.name for lever in levers.catalogue().values() if lever.process == process.name]
    lines = [("where", process.file), ("parameters", ", ".join(mine)), ("levers", ", ".join(moved))]
    return _entry("process", _titled("processes", process.name), lines, process.docstring)


def _titled(section: str, name: str) -> str:
    """``name``, with its name in another language than English."""
    return name if language() == "en" else f"{name}: {name_of(section, name)}"


def _places(functions: Iterable[source.Function]) -> str:
    return ", ".join(f"{function.full_name} ({function.place})" for function in functions)
