"""What of each plan stands in the project: its measures, its promises, its figures. Nothing is dropped in silence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import get_args

from ..scenarios import loader
from ..scenarios.catalogue import catalogue
from ..scenarios.loader import Scenario
from ..scenarios.reader import nearest
from ..scenarios.schema import Title
from .evidence import EvidenceError, RegisterFile, Use, registers

USES: tuple[Use, ...] = get_args(Use)


@dataclass(frozen=True)
class Measure:
    """A measure that a plan names, by its ``slug``.

    ``entry`` is the intervention of the catalogue that means it (empty if it is not modelled, for ``reason``);
    ``in_scenario`` says whether a scenario of the plan or one of its variants uses that, ``title`` is for people.
    """

    slug: str
    title: Title
    entry: str = ""
    in_scenario: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Promised:
    """A promise of a plan for a day: ``observable`` measures it, or nothing does, for ``reason``."""

    id: str
    by: date
    what: str
    scenario: str
    observable: str | None
    reason: str


@dataclass(frozen=True)
class Coverage:
    """One plan.

    ``missing_measures`` are slugs that the catalogue does not know, ``missing_promises`` promises of the register that
    no scenario holds; both are empty in a project that is complete. ``records`` counts records by use; a record with
    two uses counts in both.
    """

    register: str
    title: Title
    scenarios: tuple[str, ...]
    encoded: tuple[Measure, ...]
    left_out: tuple[Measure, ...]
    missing_measures: tuple[str, ...]
    promises: tuple[Promised, ...]
    missing_promises: tuple[str, ...]
    records: Mapping[Use, int]

    @property
    def measurable(self) -> tuple[Promised, ...]:
        """Promises that runs are compared with."""
        return tuple(promise for promise in self.promises if promise.observable is not None)

    @property
    def not_measurable(self) -> tuple[Promised, ...]:
        """Promises that this kind of model cannot measure."""
        return tuple(promise for promise in self.promises if promise.observable is None)


def coverage(plan: str) -> Coverage:
    """Say what of ``plan``, a register or a scenario of one, the project holds; raises EvidenceError if unknown."""
    found = {name: register.register_name for register in registers().values() for name in _scenarios(register)}
    name = found.get(plan, plan)
    if name not in registers():
        known = [*registers(), *found]
        message = f"there is no plan {plan!r}.{nearest(plan, known)} Plans: {', '.join(registers())}"
        raise EvidenceError(message)
    return _coverage(registers()[name])


def every_plan() -> list[Coverage]:
    """All plans, in the order of their registers."""
    return [_coverage(register) for register in registers().values()]


def _coverage(register: RegisterFile) -> Coverage:
    scenarios = _scenarios(register)
    measures = _measures(register, _used(scenarios))
    promises = _promises(register, scenarios)
    held = {promise.id for promise in promises}
    return Coverage(
        register=register.register_name,
        title=register.plan,
        scenarios=tuple(scenarios),
        encoded=tuple(measure for measure in measures if measure.entry),
        left_out=tuple(measure for measure in measures if not measure.entry),
        missing_measures=tuple(slug for slug in register.interventions if slug not in {m.slug for m in measures}),
        promises=promises,
        missing_promises=tuple(entry.id for entry in register.milestones if entry.id not in held),
        records={use: sum(use in record.used_for for record in register.records) for use in USES},
    )


@cache
def _every_scenario() -> Mapping[str, Scenario]:
    """Scenarios of the project by name; layers are none."""
    return {name: loader.load(name) for name, _, _ in loader.available() if not loader.is_layer(name)}


def _scenarios(register: RegisterFile) -> dict[str, Scenario]:
    """Scenarios that say they come from ``register``."""
    return {
        name: scenario
        for name, scenario in _every_scenario().items()
        if scenario.origin.source is not None and scenario.origin.source.register_name == register.register_name
    }


def _used(scenarios: Mapping[str, Scenario]) -> set[str]:
    """Interventions of the catalogue that ``scenarios`` and their variants use, or say by another key."""
    used = {name for name, entry in catalogue().interventions.items() if scenarios and entry.expressed_as is not None}
    for name, scenario in scenarios.items():
        variants = [loader.load(name, variant=variant) for variant in loader.variants(name)]
        used |= {item.use for layer in (scenario, *variants) for item in layer.interventions if item.use is not None}
    return used


def _measures(register: RegisterFile, used: set[str]) -> list[Measure]:
    """Measures of the plan that the catalogue knows, in the order of the register."""
    known: dict[str, Measure] = {}
    for name, entry in catalogue().interventions.items():
        for alias in entry.aliases:
            plan, _, slug = alias.partition("/")
            if plan == register.register_name:
                known[slug] = Measure(slug, entry.title, name, name in used)
    for entry in catalogue().not_modelled:
        for alias in entry.slugs:
            plan, _, slug = alias.partition("/")
            if plan == register.register_name:
                known[slug] = Measure(slug, entry.title, reason=entry.reason)
    return [known[slug] for slug in register.interventions if slug in known]


def _promises(register: RegisterFile, scenarios: Mapping[str, Scenario]) -> tuple[Promised, ...]:
    """Promises of the plan's scenarios by day, in the words of the register where it lists them."""
    words = {entry.id: entry.what for entry in register.milestones}
    found = [
        Promised(m.id, m.by, words.get(m.id, ""), name, m.observable, m.reason)
        for name, scenario in scenarios.items()
        for m in scenario.milestones
    ]
    return tuple(sorted(found, key=lambda promise: promise.by))
