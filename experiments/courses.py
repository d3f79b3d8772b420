"""Courses of action that a comparison sets side by side: which they are, and all of them on one district."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..scenarios import loader
from ..scenarios.combining import on_district_of
from ..scenarios.loader import Scenario
from ..scenarios.reader import ScenarioError
from .pool import RunError
from .runner import Run, describe


def loaded(scenarios: Sequence[str | Path]) -> dict[str, Scenario]:
    """Scenarios by name, at least two, none twice."""
    found: dict[str, Scenario] = {}
    for given in scenarios:
        scenario = loader.load(given)
        if scenario.name in found:
            message = f"{scenario.name!r} is given twice; a plan is compared with others, not with itself"
            raise RunError(message)
        found[scenario.name] = scenario
    if len(found) < 2:
        message = "give at least two scenarios: the baseline, then what is compared with it"
        raise RunError(message)
    return found


def baseline(scenarios: Mapping[str, Scenario], name: str | None) -> str:
    """Name of the baseline: the one asked for, or the first."""
    if name is None:
        return next(iter(scenarios))
    if name not in scenarios:
        message = f"the baseline {name!r} is not among the scenarios; they are {', '.join(scenarios)}"
        raise RunError(message)
    return name


def on_one_district(
    scenarios: Mapping[str, Scenario], ground: Scenario, settings: Mapping[str, Any]
) -> tuple[dict[str, Run], list[str]]:
    """Runs of all ``scenarios`` on the district of ``ground``, and the names of those written for another one.

    ``settings`` go to :func:`shequ.experiments.runner.describe`.
    """
    moved = {name: on_district_of(scenario, ground) for name, scenario in scenarios.items()}
    guests = [name for name, scenario in scenarios.items() if moved[name] is not scenario]
    _refuse_twins(moved, guests, ground)
    return {name: _described(scenario, ground, settings) for name, scenario in moved.items()}, guests


def _refuse_twins(scenarios: Mapping[str, Scenario], guests: Sequence[str], ground: Scenario) -> None:
    """A plan is not compared with one that is the same as soon as both are on one district."""
    known: dict[str, str] = {}
    for name, scenario in scenarios.items():
        twin = known.setdefault(scenario.hash, name)
        if twin != name and not {twin, name}.isdisjoint(guests):
            message = (
                f"{name!r} and {twin!r} differ in their districts alone, and a comparison runs all plans on one "
                f"(here that of {ground.name}); leave one out, or look at each with `shequ run`"
            )
            raise RunError(message)


def _described(scenario: Scenario, ground: Scenario, settings: Mapping[str, Any]) -> Run:
    """Run of a scenario on the district of ``ground``; what does not fit there says which district that is."""
    try:
        return describe(scenario, **settings)
    except ScenarioError as error:
        where = f" (on the district of {ground.name}, as a comparison runs all plans on one; --district names another)"
        raise ScenarioError([replace(one, message=one.message + where) for one in error.problems]) from error
