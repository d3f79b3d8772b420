"""Evidence: what the plans and their sources state, record by record, and what each record is used for.

One file a plan, ``evidence/<register>.yaml``. Its keys:

``register``, ``plan``, ``seed``
    Name of the register, title of the plan, and the name of the source document.
``interventions``
    Slugs of the measures that the plan names; ``scenarios/interventions.yaml`` says what each becomes.
``phases``
    Stretches of the plan with their days (null: not said) and the records that belong to them.
``milestones``
    What the plan promises for a day: :class:`RegisterMilestone`. The plan's scenario holds each under the same id.
``records``
    One figure a line: :class:`Record`.

Shares are fractions of one, changes are signed fractions of what was there before.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..scenarios import explain
from ..scenarios.blocks import Title
from ..scenarios.reader import Problem, ScenarioError, Source, nearest, read
from ..scenarios.words import EVIDENCE, ITEM, NAME

FOLDER = Path(__file__).with_name("evidence")

Kind = Literal["baseline", "target", "norm", "cost", "effect", "correlation", "timeline"]
Strength = Literal["named_statistic", "named_survey", "local_case", "anecdote", "plan_target", "theory"]
Bound = Literal["ge", "gt", "le", "lt", "min", "max"]
Use = Literal["input", "calibration", "validation", "milestone", "unused"]


class EvidenceError(ValueError):
    """A record that does not exist."""


class Record(BaseModel):
    """One figure that a source states; scenarios, levers and parameters cite it by its ``id``.

    - ``section``: where the plan says it.
    - ``metric``, ``group``, ``place``, ``date``: what was measured, of whom, where and when. ``date`` is a year, a day,
      or None; ``date_assumed`` says that the text gives none and the year follows from its context. ``scope`` narrows
      the metric.
    - ``value``, ``unit``: the figure, None where the plan names an aim without one. ``before`` is the value before, or
      elsewhere, with which the source compares it; ``since`` the year from which a change is counted; ``range`` what
      the text gives where ``value`` is the middle; ``derived`` says that it was computed from other figures.
    - ``bound``: how ``value`` bounds the quantity: ge, gt, le, lt, or min and max of a range; None means equal.
    - ``strength``: what kind of source the plan has for it.
    - ``used_for``: ``input`` (a parameter, lever, rule, observable, intervention or scenario rests on it),
      ``calibration`` (the world without a plan is fitted to it), ``validation`` (`shequ baseline` compares that world
      with it, and nothing is fitted to it), ``milestone`` (a promise that runs are compared with) or ``unused``.
    - ``note``: our own remark.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    id: Annotated[str, Field(pattern=EVIDENCE)]
    section: str
    kind: Kind
    metric: str
    group: str
    place: str
    date: int | date | None
    date_assumed: bool = False
    value: float | int | None
    before: float | int | None = None
    since: int | None = None
    range: Annotated[list[float | int] | None, Field(min_length=2, max_length=2)] = None
    derived: bool = False
    unit: str
    strength: Strength
    bound: Bound | None = None
    scope: str | None = None
    used_for: Annotated[list[Use], Field(min_length=1)]
    note: str = ""


class RegisterPhase(BaseModel):
    """A stretch of a plan: what it calls it, first and last day (None: not said), and the records that belong to it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: Annotated[str, Field(pattern=NAME)]
    title: Title
    start: date | None
    end: date | None
    records: list[str] = []


class RegisterMilestone(BaseModel):
    """What a plan promises for a day.

    ``what`` says it in a few words; ``records`` are the figures that promise it, none where a thing is to be done.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: Annotated[str, Field(pattern=ITEM)]
    by: date
    what: str
    records: list[str] = []


class RegisterFile(BaseModel):
    """One file: what a plan does, promises and states."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    register_name: Annotated[str, Field(alias="register", pattern=NAME)]
    plan: Title
    seed: str = ""
    interventions: list[str]
    phases: list[RegisterPhase] = []
    milestones: list[RegisterMilestone] = []
    records: list[Record]


def load(source: Source) -> RegisterFile:
    """Check the register that ``source`` holds; raises ScenarioError with every fault and its line."""
    try:
        register = RegisterFile.model_validate(source.data)
    except ValidationError as error:
        raise ScenarioError(explain.problems(source, error, RegisterFile)) from error
    faults = _repeated(source, "records", [entry.id for entry in register.records])
    faults += _repeated(source, "milestones", [entry.id for entry in register.milestones])
    for index, entry in enumerate(register.records):
        if "unused" in entry.used_for and len(entry.used_for) > 1:
            message = f"found {entry.used_for}; `unused` excludes the others"
            faults.append(source.problem(("records", index, "used_for"), message))
    known = {entry.id for entry in register.records}
    for key, blocks in (("phases", register.phases), ("milestones", register.milestones)):
        for index, block in enumerate(blocks):
            for number, id in enumerate(block.records):
                if id not in known:
                    message = f"the register has no record {id!r}.{nearest(id, known)}"
                    faults.append(source.problem((key, index, "records", number), message))
    if faults:
        raise ScenarioError(faults)
    return register


def _repeated(source: Source, key: str, ids: list[str]) -> list[Problem]:
    """Ids under ``key`` that stand there a second time."""
    faults: list[Problem] = []
    seen: dict[str, int | None] = {}
    for index, id in enumerate(ids):
        if id in seen:
            message = f"the id {id!r} is given twice, first on line {seen[id]}"
            faults.append(source.problem((key, index, "id"), message))
        seen.setdefault(id, source.line((key, index, "id")))
    return faults


@cache
def registers() -> Mapping[str, RegisterFile]:
    """Every register by name; raises EvidenceError if a file holds another register than its name says."""
    found = {path.stem: load(read(path, f"calibration/evidence/{path.name}")) for path in sorted(FOLDER.glob("*.yaml"))}
    for name, register in found.items():
        if register.register_name != name:
            message = f"calibration/evidence/{name}.yaml: register: found {register.register_name!r}; write {name!r}"
            raise EvidenceError(message)
    return found


@cache
def records() -> Mapping[str, Record]:
    """Every record by id; raises EvidenceError if two registers share one."""
    every = [entry for register in registers().values() for entry in register.records]
    twice = sorted(id for id, count in Counter(entry.id for entry in every).items() if count > 1)
    if twice:
        message = f"two registers have a record {', '.join(twice)}; an id stands in one file"
        raise EvidenceError(message)
    return {entry.id: entry for entry in every}


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
