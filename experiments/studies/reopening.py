"""A study from its folder: to go on with it, to do failed runs again, to look at one run alone."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd  # pyright: ignore[reportMissingTypeStubs]

from ...scenarios import loader
from ..pool import RunError
from ..store import StoreError
from . import factors, functions
from .course import Kept
from .definition import REPLICATE, Study, described
from .factors import LUCK, Factor
from .folder import Folder
from .parts import RUNS
from .records import Records, records
from .runner import batch_of, batches_of
from .work import FAILED, Told, work


def reopened(path: str | Path) -> Study:
    """The study that a folder holds; raises StoreError where its scenarios or the code are others by now."""
    known = records(path)
    frozen = known.frozen
    varied = tuple(_factor(entry, frozen) for entry in frozen["factors"])
    study = _of_functions(known, varied) if not frozen["settings"] else _of_scenarios(known, varied)
    if study.frozen != frozen:
        differing = sorted(key for key in frozen if frozen[key] != study.frozen.get(key))
        message = (
            f"{path} was made by other files than there are now (they differ in {', '.join(differing)}); its runs can "
            "be read, but not done again"
        )
        raise StoreError(message)
    return study


def _factor(entry: Mapping[str, Any], frozen: Mapping[str, Any]) -> Factor:
    name, low, high = entry["factor"], entry["low"], entry["high"]
    if not frozen["settings"] and name != LUCK:
        return Factor("argument", name, low, high)
    kind, mark, of = name.partition(":")
    named: Any = kind if mark else "parameter"
    return Factor(LUCK, "", low, high) if name == LUCK else Factor(named, of if mark else name, low, high)


def _design(known: Records) -> pd.DataFrame:
    table: Any = known.design
    places = {entry["name"]: k for k, entry in enumerate(known.frozen["scenarios"])}
    return table.assign(scenario=table["scenario"].map(places)).reset_index(drop=True)


def _of_functions(known: Records, varied: tuple[Factor, ...]) -> Study:
    frozen, table = known.frozen, numbered_again(_design(known))
    courses = tuple(functions.FunctionCourse(entry["name"]) for entry in frozen["scenarios"])
    kept = Kept(tuple(frozen["observables"]), tuple(frozen["groups"]), tuple(frozen["weeks"]))
    return Study(frozen["kind"], courses, varied, table, frozen["seed"], kept, {}, frozen["analysis"], frozen["batch"])


def _of_scenarios(known: Records, varied: tuple[Factor, ...]) -> Study:
    frozen, settings = known.frozen, known.frozen["settings"]
    for name in settings["scenarios"]:
        scenario = loader.load(name, layers=settings["with"])
        for factor in varied:
            factors.read(factor.name, scenario, factor.low, factor.high)
    days = [known.calendar.last_day(week) for week in frozen["weeks"]]
    study = described(
        frozen["kind"],
        settings["scenarios"],
        varied,
        _design(known),
        seed=frozen["seed"],
        layers=settings["with"],
        observables=frozen["observables"],
        groups=frozen["groups"],
        dates=days,
        until=settings["until"],
        communities=settings["communities"],
        households=settings["households"],
        analysis=frozen["analysis"],
        batch=frozen["batch"],
    )
    return replace(study, design=numbered_again(_design(known)))


def numbered_again(design: pd.DataFrame) -> pd.DataFrame:
    """A design as it was before it went to the disk."""
    table: Any = design
    return table.astype({"scenario": "int32", REPLICATE: "int32"})


def one_run(path: str | Path, run: int) -> tuple[Study, Told]:
    """Do one run of a study again, in this process, and tell what it told; nothing is written."""
    study = reopened(path)
    if not 0 <= run < study.runs:
        message = f"{path} has runs 0 to {study.runs - 1}, and none called {run}"
        raise RunError(message)
    (told,) = work(batch_of(study, 0, [run]))
    return study, told


def forget_failed(path: str | Path) -> int:
    """Take back the batches in which runs failed, so that the study does them again; return how many runs failed."""
    study, known, folder = reopened(path), records(path), Folder(Path(path))
    table: Any = known.runs
    failed = set(table.index[table["status"] == FAILED])
    with folder.alone():
        for number, runs in enumerate(batches_of(study)):
            if not failed.isdisjoint(runs):
                folder.part(RUNS, number).unlink(missing_ok=True)
    return len(failed)
