"""A sensitivity study from beginning to end: of a scenario or a textbook function, and as large as it needs to be."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...model import parameters
from ...scenarios import loader
from ...scenarios.loader import Scenario
from ..pool import RunError
from ..progress import Reporter
from ..runner import describe
from . import designs, executors, factors, functions
from .course import Kept
from .definition import EVERYBODY, Study, batch_for, described, numbered
from .factors import LUCK, Factor
from .findings import Findings, findings
from .records import records
from .runner import carry_out, default_folder

KIND = "sensitivity"
RANGE = "="  # NAME=LOW..HIGH
DOTS = ".."
PROCESS = "process:"
NESTED = ("sobol", "delta")  # methods with intervals whose designs begin with a design
MOST_DOUBLINGS = 8


def chosen_factors(scenario: Scenario, given: Sequence[str], idle: Sequence[str] = ()) -> list[Factor]:
    """Factors as they are written on the command line; default: what the scenario calls uncertain. Luck comes along.

    ``NAME=LOW..HIGH`` gives a range of one's own; ``process:NAME`` stands for all uncertain parameters of a process
    that the run reads (those in ``idle`` it does not), ``process:all`` for those of every process.
    """
    texts = list(given) or [
        f"lever:{entry.key}" if entry.lever else entry.key for entry in scenario.uncertain if not entry.drawn
    ]
    found: dict[str, Factor] = {}
    for text in texts:
        for factor in factors_of(scenario, text, idle):
            found[factor.name] = factor
    if not found:
        message = f"{scenario.name} calls nothing uncertain; name factors with --factor (`shequ list parameters`)"
        raise RunError(message)
    return [*(one for one in found.values() if one.name != LUCK), factors.read(LUCK, scenario)]


def factors_of(scenario: Scenario, text: str, idle: Sequence[str] = ()) -> list[Factor]:
    """Factors that one word of the command line stands for, see :func:`chosen_factors`."""
    if text.startswith(PROCESS):
        process = text.removeprefix(PROCESS)
        known = {one.process for one in parameters.catalogue().values()}
        if process not in {"all", *known}:
            message = (
                f"{text!r}: there is no process {process!r} with parameters. Known: all, {', '.join(sorted(known))}"
            )
            raise RunError(message)
        names = [
            one.name
            for one in parameters.catalogue().values()
            if one.kind == "uncertain" and process in {"all", one.process} and one.name not in idle
        ]
        return [factors.read(name, scenario) for name in names]
    name, equals, span = text.partition(RANGE)
    if not equals:
        return [factors.read(name, scenario)]
    low, dots, high = span.partition(DOTS)
    try:
        if not dots:
            raise ValueError
        return [factors.read(name, scenario, float(low), float(high))]
    except ValueError as error:
        if isinstance(error, RunError):
            raise
        message = f"{text!r} is no factor with a range; write it as trust_gain=0.02..0.1"
        raise RunError(message) from error


def study_of(
    scenario: str,
    method: str,
    n: int,
    *,
    factor: Sequence[str] = (),
    groups: Mapping[str, Sequence[str]] | None = None,
    second_order: bool = False,
    seed: int = 0,
    batch: int | None = None,
    kept_groups: Sequence[str] = EVERYBODY,
    **settings: Any,
) -> Study:
    """Describe a sensitivity study: of a scenario, or of ``ishigami``, ``g`` or ``noisy``; raises RunError.

    ``settings`` go to :func:`.definition.described`.
    """
    plan = designs.planned(method, n, seed, second_order=second_order, groups=groups or {})
    if scenario in functions.FUNCTIONS:
        known = functions.factors(scenario)
        if scenario == "noisy":
            known = (*known, Factor(LUCK, "", 0.0, 1.0))
        table = numbered(designs.design(plan, known), known)
        kept = Kept((functions.VALUE,), ("all",), (0,))
        course = functions.FunctionCourse(scenario)
        return Study(KIND, (course,), known, table, seed, kept, {}, plan.as_json, batch or batch_for(len(table)))
    loaded = loader.load(scenario, layers=settings.get("layers", ()))
    idle = _unread(scenario, settings) if any(text.startswith(PROCESS) for text in factor) else ()
    chosen = chosen_factors(loaded, factor, idle)
    table = designs.design(plan, chosen)
    return described(
        KIND, [scenario], chosen, table, seed=seed, analysis=plan.as_json, batch=batch, groups=kept_groups, **settings
    )


def _unread(scenario: str, settings: Mapping[str, Any]) -> list[str]:
    names = ("until", "communities", "households")
    given = {name: settings[name] for name in names if settings.get(name) is not None}
    return describe(loader.load(scenario, layers=settings.get("layers", ())), replicates=1, **given).unread


def assess(
    scenario: str,
    method: str,
    n: int,
    *,
    out: Path | None = None,
    precision: float | None = None,
    workers: int | None = None,
    executor: str = executors.PROCESSES,
    force: bool = False,
    progress: bool | Reporter | None = None,
    **settings: Any,
) -> tuple[Findings, Path]:
    """Do a sensitivity study, read it, and return what it found and the folder of the study.

    With ``precision`` n doubles (runs that are there stand) until the half-width of every interval of the ranked index
    at the last date is at most so large, eight times at most.
    """
    if precision is not None and method not in NESTED:
        message = f"the design of {method} does not grow; give --n (only {', '.join(NESTED)} take --precision)"
        raise RunError(message)
    study = study_of(scenario, method, n, **settings)
    folder = out or default_folder(study)
    for step in range(MOST_DOUBLINGS + 1):
        carry_out(study, folder, workers=workers, executor=executor, force=force and not step, progress=progress)
        if precision is None:
            break
        last = findings(records(folder), method, last_only=True, group=settings.get("kept_groups", EVERYBODY)[-1])
        if last.widest <= precision:
            break
        study = study_of(scenario, method, n * 2 ** (step + 1), batch=study.batch, **settings)
    return findings(records(folder), method, group=settings.get("kept_groups", EVERYBODY)[-1]), folder
