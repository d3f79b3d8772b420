"""Relaxations: what may hold a plan back, lifted one at a time; declared in ``relaxations.yaml``."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from . import explain, loader
from .blocks import Block, Title
from .loader import Scenario
from .reader import Problem, ScenarioError, Source, allowed, nearest, read
from .schema import Overlay
from .words import Name

FILE = Path(__file__).with_name("relaxations.yaml")


class Relaxation(Overlay):
    """One means in plenty: an overlay, all budget lines times a number, or every dose in full."""

    title: Title
    budget_times: Annotated[float, Field(gt=1, le=100, description="every line of the budget times this")] | None = None
    full_fidelity: Annotated[bool, Field(description="every dose reaches the ground in full")] = False


class RelaxationsFile(Block):
    """The whole file."""

    version: Annotated[Literal[1], Field(alias="schema")]
    relaxations: dict[Name, Relaxation]


@cache
def catalogue() -> Mapping[str, Relaxation]:
    """All relaxations by name, in the order of the file; raises ScenarioError with every fault of it."""
    return checked(read(FILE, FILE.name))


def checked(source: Source) -> Mapping[str, Relaxation]:
    """Relaxations that ``source`` holds."""
    try:
        content = RelaxationsFile.model_validate(source.data)
    except ValidationError as error:
        raise ScenarioError(explain.problems(source, error, RelaxationsFile)) from error
    loader.place(content, source, ())
    return content.relaxations


def find(name: str) -> Relaxation:
    """Look up the relaxation called ``name``; raises ScenarioError with the nearest names."""
    known = catalogue()
    if name not in known:
        message = f"there is no relaxation {name!r}.{nearest(name, known)} Known: {allowed(known, 30)}"
        raise ScenarioError([Problem(FILE.name, None, "relaxations", message)])
    return known[name]


def relaxed(scenario: Scenario, name: str) -> Scenario:
    """Lay the relaxation called ``name`` over ``scenario``; where a lever stands there already nothing moves."""
    relaxation, faults = find(name), list[Problem]()
    laid = loader.lay(scenario, relaxation, faults)
    if faults:
        raise ScenarioError(faults)
    if relaxation.budget_times is not None:
        times = relaxation.budget_times
        budget = tuple(line.model_copy(update={"amount": line.amount * times}) for line in laid.budget)
        laid = replace(laid, budget=budget)
    if relaxation.full_fidelity:
        items = tuple(item.model_copy(update={"fidelity": None}) for item in laid.interventions)
        laid = replace(laid, interventions=items, fidelity=None)
    own = frozenset(item.key for item in relaxation.interventions)
    return replace(laid, layers=(*laid.layers, f"relaxed.{name}"), may_idle=laid.may_idle | own)
