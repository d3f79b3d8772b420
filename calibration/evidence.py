"""Evidence: what the plans and their sources state, record by record, and what each record is used for.

The records lie in ``evidence/*.yaml``; the head of each file explains its columns.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..scenarios import explain
from ..scenarios.blocks import Title
from ..scenarios.reader import Problem, ScenarioError, Source, nearest, read
from ..scenarios.words import EVIDENCE, NAME

FOLDER = Path(__file__).with_name("evidence")

Kind = Literal["baseline", "target", "norm", "cost", "effect", "correlation", "timeline"]
Strength = Literal["named_statistic", "named_survey", "local_case", "anecdote", "plan_target", "theory"]
Bound = Literal["ge", "gt", "le", "lt", "min", "max"]
Use = Literal["input", "calibration", "validation", "milestone", "unused"]


class EvidenceError(ValueError):
    """A record that does not exist."""


class Record(BaseModel):
    """One figure that a source states.

    ``date`` is a year, a day, or None where the source gives none. ``bound`` says how ``value`` bounds the quantity:
    ge, gt, le, lt, or min and max of a range; None means equal. ``scope`` narrows the metric.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    id: Annotated[str, Field(pattern=EVIDENCE)]
    section: str
    kind: Kind
    metric: str
    group: str
    place: str
    date: int | date | None
    value: float | int
    unit: str
    strength: Strength
    bound: Bound | None = None
    scope: str | None = None
    used_for: Annotated[list[Use], Field(min_length=1)]
    note: str = ""


class RegisterFile(BaseModel):
    """One file of records, with the slugs of the measures that its plan names."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    register_name: Annotated[str, Field(alias="register", pattern=NAME)]
    plan: Title
    interventions: list[str]
    records: list[Record]


def load(source: Source) -> RegisterFile:
    """Check the register that ``source`` holds; raises ScenarioError with every fault and its line."""
    try:
        register = RegisterFile.model_validate(source.data)
    except ValidationError as error:
        raise ScenarioError(explain.problems(source, error, RegisterFile)) from error
    faults: list[Problem] = []
    seen: dict[str, int | None] = {}
    for index, entry in enumerate(register.records):
        if entry.id in seen:
            message = f"the id {entry.id!r} is given twice, first on line {seen[entry.id]}"
            faults.append(source.problem(("records", index, "id"), message))
        seen.setdefault(entry.id, source.line(("records", index, "id")))
        if "unused" in entry.used_for and len(entry.used_for) > 1:
            message = f"found {entry.used_for}; `unused` excludes the others"
            faults.append(source.problem(("records", index, "used_for"), message))
    if faults:
        raise ScenarioError(faults)
    return register


@cache
def registers() -> Mapping[str, RegisterFile]:
    """Every register by name."""
    found = [load(read(path, f"calibration/evidence/{path.name}")) for path in sorted(FOLDER.glob("*.yaml"))]
    return {register.register_name: register for register in found}


@cache
def records() -> Mapping[str, Record]:
    """Every record by id."""
    return {entry.id: entry for register in registers().values() for entry in register.records}


def record(id: str) -> Record:
    """Return the record ``id``; raises EvidenceError with the nearest ids."""
    known = records()
    if id not in known:
        message = f"there is no evidence record {id!r}.{nearest(id, known)}"
        raise EvidenceError(message)
    return known[id]


def used_for(use: Use, register: str | None = None) -> list[Record]:
    """List the records with the use ``use``, of all registers or one."""
    chosen = records().values() if register is None else registers()[register].records
    return [entry for entry in chosen if use in entry.used_for]
