"""Who reads what: the processes that read each parameter and lever, found in the source; what a run leaves unread."""

from collections.abc import Iterable, Mapping
from functools import cache

from . import levers, parameters, source
from .district import Archetype
from .keeping import kept
from .schedule import PROCESSES

PROCESS_FOLDER = "model/processes/"
ALWAYS = "model"  # reader of what is read outside the switchable processes: population, network, recorder, calendar


@cache
def reading_processes() -> Mapping[str, frozenset[str]]:
    """Processes that read each parameter and lever, by name. ``model`` stands for what always runs.

    A process reads what its functions read, and what the rules and the machinery that they call read. Found in the
    text of the code, function by function: a value that is read and then multiplied by zero counts as read.
    """
    found = kept("readers", source.everything(), _found)
    return {name: frozenset(processes) for name, processes in found.items()}


def _found() -> dict[str, list[str]]:
    found: dict[str, set[str]] = {name: set() for name in (*parameters.catalogue(), *levers.catalogue())}
    mine = {name: _reached(_of_file(f"{PROCESS_FOLDER}{name}.py")) for name in PROCESSES}
    for process, functions in [*mine.items(), (ALWAYS, _reached(_always(mine.values())))]:
        reads = {name for function in functions for name in function.attributes}
        for name, processes in found.items():
            if name in reads or source.common_name(name)[0] in reads:
                processes.add(process)
    return {name: sorted(processes) for name, processes in found.items()}


def _of_file(file: str) -> list[source.Function]:
    return [function for function in source.functions() if function.file == file]


def _always(of_processes: Iterable[list[source.Function]]) -> list[source.Function]:
    """Machinery that is not there for processes alone: where what always runs begins."""
    called = {id(function) for functions in of_processes for function in functions}
    return [f for f in source.functions() if not f.file.startswith(("agents/", PROCESS_FOLDER)) and id(f) not in called]


def _reached(roots: list[source.Function]) -> list[source.Function]:
    """Return the functions ``roots`` and all rules and machinery that they call, however deep."""
    queue, reached = list(roots), list[source.Function]()
    seen = {id(function) for function in queue}
    while queue:
        function = queue.pop()
        reached.append(function)
        near = _near(function.file)
        called = [
            other
            for name in function.mentions
            for other in _callable().get(name, ())
            if other.file in near and id(other) not in seen
        ]
        seen |= {id(other) for other in called}
        queue += called
    return reached


@cache
def _near(file: str) -> frozenset[str]:
    """Return ``file`` and those that it imports: where what it calls stands."""
    imported = source.imports(source.ROOT / file)
    return frozenset({file, *(path.relative_to(source.ROOT).as_posix() for path in imported)})


@cache
def _callable() -> Mapping[str, list[source.Function]]:
    """Rules and machinery by name; a process is called by the schedule alone."""
    by_name: dict[str, list[source.Function]] = {}
    for function in source.functions():
        if not function.file.startswith(PROCESS_FOLDER) and function.kind != "module":
            by_name.setdefault(function.name, []).append(function)
    return by_name


def unread(archetypes: Iterable[Archetype] = Archetype, off: Iterable[str] = ()) -> list[str]:
    """Parameters and levers that a run leaves unread, in alphabetical order.

    That is: nothing reads them when the processes ``off`` do not run, or they describe an archetype that is not among
    the ``archetypes`` of the district.
    """
    running, present = {ALWAYS, *PROCESSES} - set(off), {None, *archetypes}
    return sorted(
        name
        for name, processes in reading_processes().items()
        if not processes & running or source.common_name(name)[1] not in present
    )
