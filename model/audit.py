"""Who reads what: the processes that read each parameter and lever, found in the source; what a run leaves unread."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from . import levers, parameters, source
from .district import Archetype
from .schedule import PROCESSES

ALWAYS = "model"  # reader of what is read outside the switchable processes: population, network, recorder, calendar


@cache
def reading_processes() -> Mapping[str, frozenset[str]]:
    """Processes that read each parameter and lever, by name. ``model`` stands for what always runs.

    A process reads what its functions read, and what the rules that they call read. Found in the text of the code: a
    value that is read and then multiplied by zero counts as read.
    """
    found: dict[str, set[str]] = {name: set() for name in (*parameters.catalogue(), *levers.catalogue())}
    # Rules count where a process calls them.
    for file in {function.file for function in source.functions() if not function.file.startswith("agents/")}:
        process = Path(file).stem if file.startswith("model/processes/") else ALWAYS
        reached = _reached(file)
        for name, processes in found.items():
            if reached & {name, source.common_name(name)[0]}:
                processes.add(process)
    return {name: frozenset(processes) for name, processes in found.items()}


def _reached(file: str) -> set[str]:
    """Names read by the functions of ``file`` and by the rules that they call, however deep."""
    by_name: dict[str, list[source.Function]] = {}
    for function in source.functions():
        if function.file.startswith("agents/"):
            by_name.setdefault(function.name, []).append(function)
    queue = [function for function in source.functions() if function.file == file]
    seen = {id(function) for function in queue}
    reads: set[str] = set()
    while queue:
        function = queue.pop()
        reads |= function.attributes
        called = [other for name in function.mentions for other in by_name.get(name, ()) if id(other) not in seen]
        seen |= {id(other) for other in called}
        queue += called
    return reads


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
