"""The catalogue of interventions: named bundles of levers, in ``interventions.yaml``."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from ..model import levers
from ..model.keeping import kept
from . import durations, explain
from .blocks import Block, Cost, Dose, Title
from .reader import Problem, ScenarioError, Source, nearest, read
from .words import Evidence, Name

CATEGORICAL = "rule"  # levers of this unit choose between rules: they jump, and no fidelity thins them
FILE = Path(__file__).with_name("interventions.yaml")
SLUG = r"^[a-z_]+/[a-z0-9_]+$"

Slug = Annotated[str, Field(pattern=SLUG, description="register and slug, such as ten_household/head_studio")]


class Entry(Block):
    """A named bundle of levers with their usual doses.

    ``aliases`` are the slugs of the evidence registers that mean this. ``expressed_as`` names the key of a scenario
    file that says it where no lever does.
    """

    title: Title
    aliases: list[Slug] = Field(default_factory=list[Slug])
    levers: dict[str, Dose] = Field(default_factory=dict[str, Dose])
    expressed_as: Literal["phases", "budget", "where"] | None = None
    cost: Cost | None = None
    evidence: list[Evidence] = Field(default_factory=list[Evidence])


class NotModelled(Block):
    """Something that a plan does and the model cannot express; ``reason`` says why."""

    slugs: list[Slug]
    title: Title
    evidence: list[Evidence] = Field(default_factory=list[Evidence])


class InterventionsFile(Block):
    """The whole file."""

    version: Annotated[Literal[1], Field(alias="schema")]
    interventions: dict[Name, Entry]
    not_modelled: list[NotModelled]


@cache
def catalogue() -> InterventionsFile:
    """Read the file; raises ScenarioError with every fault."""
    return load(_read())


def _read() -> Source:
    """Read the file, or what was kept of it: no other takes so long to read."""

    def plain() -> list[Any]:
        source = read(FILE, FILE.name)
        return [source.data, [[list(path), line] for path, line in source.lines.items()]]

    data, lines = kept(FILE.stem, FILE.read_bytes(), plain)
    return Source(FILE.name, data, {tuple(path): line for path, line in lines}, FILE.parent)


def load(source: Source) -> InterventionsFile:
    """Check the catalogue that ``source`` holds."""
    try:
        whole = InterventionsFile.model_validate(source.data)
    except ValidationError as error:
        raise ScenarioError(explain.problems(source, error, InterventionsFile)) from error
    faults: list[Problem] = []
    for name, entry in whole.interventions.items():
        entry.place(source, ("interventions", name))
        if not entry.levers and entry.expressed_as is None:
            faults.append(entry.problem("", f"{name!r} moves no lever; name `levers:` or say `expressed_as:`"))
        for lever, dose in entry.levers.items():
            faults += dose_problems(lever, dose.place(source, ("interventions", name, "levers", lever)))
    faults += _slug_problems(source, whole)
    if faults:
        raise ScenarioError(faults)
    return whole


def _slug_problems(source: Source, whole: InterventionsFile) -> list[Problem]:
    faults: list[Problem] = []
    seen: dict[str, str] = {}
    for name, entry in whole.interventions.items():
        for index, slug in enumerate(entry.aliases):
            if slug in seen:
                message = f"{slug!r} is an alias of {seen[slug]!r} already; a slug stands in one place"
                faults.append(source.problem(("interventions", name, "aliases", index), message))
            seen[slug] = name
    for row, entry in enumerate(whole.not_modelled):
        for index, slug in enumerate(entry.slugs):
            if slug in seen:
                message = f"{slug!r} stands under {seen[slug]!r} already; a slug stands in one place"
                faults.append(source.problem(("not_modelled", row, "slugs", index), message))
            seen[slug] = "not_modelled"
        if not entry.reason:
            faults.append(source.problem(("not_modelled", row), "say why it cannot be expressed (`reason:`)"))
    return faults


def interventions() -> dict[str, Entry]:
    """Entries by name."""
    return dict(catalogue().interventions)


@cache
def aliases() -> dict[str, str]:
    """Name of the entry for every register slug (``ten_household/head_studio`` -> ``head_support``)."""
    return {slug: name for name, entry in catalogue().interventions.items() for slug in entry.aliases}


def dose_problems(lever: str, dose: Dose) -> list[Problem]:
    """Faults of a change of ``lever``: unknown, a unit that does not fit, a value out of bounds."""
    known = levers.catalogue()
    if lever not in known:
        message = f"there is no lever {lever!r}.{nearest(lever, known)} `shequ list levers` shows all."
        return [dose.problem("", message)]
    spec = known[lever]
    scale = 1.0 if dose.unit is None or dose.way == "times" else durations.factor(dose.unit, spec.unit)
    if scale is None:
        message = f"found the unit {dose.unit!r}; {lever} is measured in {spec.unit!r}"
        return [dose.problem("unit", message)]
    if dose.range is not None:
        return _range_problems(lever, dose, scale)
    if spec.unit == CATEGORICAL and dose.way != "to":
        return [dose.problem(dose.way, f"{lever} chooses between rules; give `to:`")]
    if dose.way == "times" and dose.unit is not None:
        return [dose.problem("unit", "`times` multiplies what is there and has no unit; leave `unit:` out")]
    if dose.way != "to":
        return []
    values = dose.to.values() if isinstance(dose.to, dict) else [dose.to or 0.0]
    return [
        dose.problem("to", f"found {value:g} {dose.unit or spec.unit}; {lever} may be {bounds(spec)}")
        for value in values
        if not spec.low <= value * scale <= spec.high or (spec.unit == CATEGORICAL and value % 1)
    ]


def _range_problems(lever: str, dose: Dose, scale: float) -> list[Problem]:
    """Faults of a value that is drawn from a range."""
    spec = levers.catalogue()[lever]
    if spec.unit == CATEGORICAL:
        return [dose.problem("range", f"{lever} chooses between rules; give `to:`")]
    low, high = dose.range or (0.0, 0.0)
    if low >= high:
        return [dose.problem("range", f"found [{low:g}, {high:g}]; the first number is the smaller one")]
    if not spec.low <= low * scale <= high * scale <= spec.high:
        return [
            dose.problem("range", f"found [{low:g}, {high:g}] {dose.unit or spec.unit}; {lever} may be {bounds(spec)}")
        ]
    return []


def bounds(spec: levers.Lever) -> str:
    """Bounds of a lever in words."""
    if spec.unit == CATEGORICAL:
        return f"a whole number from {spec.low:g} to {spec.high:g}"
    return f"{spec.low:g} to {spec.high:g} {spec.unit}"
