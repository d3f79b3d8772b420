"""Writes the scenario file of a user's own community: their households, and the rest of the district as in 2023."""

import os
import re
from pathlib import Path

from . import explain, loader, own_data
from .own_data import Estate
from .reader import Problem, ScenarioError
from .words import NAME

BASE = "baseline_2023"
TEXT = """\
# {name}: a community of one's own, from {file}. Check it with `shequ scenario check`, then run it with `shequ run`.
schema: 1
name: {name}
title: {{en: {name}}}
extends: {base} # a plan, such as ten_household, may stand here as well
district:
  communities:
    # The rest of the district, as in {base}; leave out what you do not need.
{rest}
    # Your own: `archetype` gives what the file leaves open. Communities of one archetype are reported together.
    - archetype: {archetype}
      count: 1
      households: [{count}, {count}]
      own: # `sha256` is that of the file as it was read; write the new one when the file changes
        file: {file}
        sha256: {sha256}
"""


def write(name: str, path: Path, data: Path, archetype: str) -> Estate:
    """Write a scenario called ``name`` to ``path`` that refers to the households in ``data``; return what is in them.

    Raises ScenarioError where the data have faults, or ``path`` exists already.
    """
    if path.exists():
        raise ScenarioError([Problem(str(path), None, "", "the file exists already; choose another name")])
    if re.fullmatch(NAME, name) is None:
        message = f"found {name!r}; allowed: {explain.PATTERNS[NAME]}"
        raise ScenarioError([Problem(str(path), None, "name", message)])
    if not data.is_file():
        raise ScenarioError([Problem(str(data), None, "", "there is no such file")])
    estate = own_data.read(data, own_data.digest(data))
    base = loader.load(BASE)
    rest = [
        f"    - {{archetype: {entry.archetype}, count: {entry.count}, households: {entry.households}}}"
        for entry in base.communities
    ]
    relative = Path(os.path.relpath(data.resolve(), path.resolve().parent)).as_posix()
    text = TEXT.format(
        name=name,
        file=relative if re.fullmatch(r"[\w./-]+", relative) else "'" + relative.replace("'", "''") + "'",
        base=BASE,
        rest="\n".join(rest),
        archetype=archetype,
        count=len(estate.households),
        sha256=estate.sha256,
    )
    path.write_text(text, encoding="utf-8")
    return estate


def told(scenario: loader.Scenario) -> list[str]:
    """What the files of a scenario's own households hold, what is filled in and from where."""
    lines: list[str] = []
    for entry in scenario.communities:
        if entry.own is not None:
            estate = own_data.read(entry.own.path, entry.own.sha256)
            lines += [f"{entry.own.file}: {line}" for line in estate.lines()]
    return lines
