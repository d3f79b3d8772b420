"""Finds scenario files, follows ``extends``, lays variants and layers over, and gives one merged scenario."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from . import explain
from .blocks import Block, Days, Dose, Fidelity, Households, Slip, Title
from .catalogue import interventions
from .combining import PLAN_MARK, combine, plan_name
from .reader import Key, Path_, Problem, ScenarioError, Source, allowed, nearest, read
from .schema import ALL_ITEMS, Intervention, Money, Overlay, Phase, Promise, ScenarioFile, Shock, Trigger, Uncertain

FOLDER = Path(__file__).parent
ON_TIME = Slip()
VARIANT_MARK = ":"  # ten_household:growing_fund
RESERVED = {"interventions", "relaxations", "skeleton"}  # YAML files beside the scenarios that are none


@dataclass(frozen=True)
class Scenario:
    """A scenario after ``extends``, variants, layers and settings are merged. Not yet checked against the model.

    ``without`` names what does not act: items, single levers of an item (``item/lever``), triggers and budget lines.
    They keep their places and dates, so that an item that waits for one of them begins when it would in the whole plan.
    """

    name: str
    title: Title
    summary: str
    origin: ScenarioFile
    calendar: Days | None = None
    communities: tuple[Households, ...] = ()
    subdistricts: int = 1
    overrides: Mapping[str, float] = field(default_factory=dict[str, float])
    overridden_in: Mapping[str, ScenarioFile] = field(default_factory=dict[str, ScenarioFile])  # whose word holds
    fidelity: Fidelity | None = None
    phases: tuple[Phase, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    budget: tuple[Money, ...] = ()
    shocks: tuple[Shock, ...] = ()
    milestones: tuple[Promise, ...] = ()
    uncertain: tuple[Uncertain, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    slip: Mapping[str, Slip] = field(default_factory=dict[str, Slip])
    layers: tuple[str, ...] = ()
    may_idle: frozenset[str] = frozenset()  # items that may find their lever where they want it
    without: frozenset[str] = frozenset()
    forgiving: bool = False  # what falls past the end of the calendar does not happen, and doses stop at bounds
    plans: tuple[str, ...] = ()

    def plan_of(self, key: str) -> str:
        """Plan to which the item or phase called ``key`` belongs, where several are carried out; else nothing."""
        plan = key.partition(PLAN_MARK)[0]
        return plan if plan in self.plans else ""

    def doses(self, item: Intervention) -> dict[str, Dose]:
        """Levers that ``item`` moves: those of its catalogue entry, with its own laid over."""
        known = interventions()
        usual = known[item.use].levers if item.use in known else {}
        return {**usual, **item.levers}

    def acts(self, key: str, lever: str = "") -> bool:
        """Whether the entry called ``key`` acts in this run (on ``lever``), or is left out."""
        return self.without.isdisjoint({key, f"{key}/{lever}"})

    def slip_of(self, item: Intervention) -> Slip:
        """How far ``item`` falls behind."""
        return self.slip.get(item.key) or self.slip.get(ALL_ITEMS) or ON_TIME

    def ramp_of(self, item: Intervention) -> int:
        """Weeks over which ``item`` builds up, after its slip."""
        return round(item.when.ramp_weeks * self.slip_of(item).times)

    @property
    def waiting(self) -> set[str]:
        """Items that have no date and wait for a trigger."""
        return {trigger.then.item for trigger in self.triggers if trigger.then.item is not None}

    @property
    def hash(self) -> str:
        """Fingerprint of everything that a run reads of this scenario, doses of the catalogue included."""
        parts: dict[str, Any] = {
            "calendar": _plain(self.calendar),
            "communities": [_plain(entry) for entry in self.communities],
            "subdistricts": self.subdistricts,
            "overrides": dict(self.overrides),
            "fidelity": _plain(self.fidelity),
            "phases": [_plain(phase) for phase in self.phases],
            "interventions": [
                [_plain(item), {name: _plain(dose) for name, dose in self.doses(item).items()}]
                for item in self.interventions
            ],
            "budget": [_plain(line) for line in self.budget],
            "shocks": [_plain(shock) for shock in self.shocks],
            "milestones": [_plain(promise) for promise in self.milestones],
            "triggers": [_plain(trigger) for trigger in self.triggers],
            "slip": {key: _plain(slip) for key, slip in self.slip.items()},
            "drawn": [_plain(entry) for entry in self.uncertain if entry.drawn],
            "plans": list(self.plans),
        }
        if self.without:
            parts["without"] = sorted(self.without)
        if self.forgiving:
            parts["forgiving"] = True
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _plain(block: Block | None) -> dict[str, Any]:
    spoken = {"note", "reason", "assumed", "evidence", "title"}
    return {} if block is None else block.model_dump(mode="json", by_alias=True, exclude=spoken)


def available() -> list[tuple[str, str, str]]:
    """Scenarios and layers that come with the project: name, English and Chinese title."""
    found: list[tuple[str, str, str]] = []
    for path in sorted(
        path for part in ("", "cases/", "examples/", "stress/") for path in FOLDER.glob(f"{part}*.yaml")
    ):
        name = path.relative_to(FOLDER).with_suffix("").as_posix()
        if name not in RESERVED:
            title = _file(path).title
            found.append((name, title.en, title.zh))
    return found


def find(name: str | Path, beside: Path | None = None) -> Path:
    """File of the scenario ``name``: a path, a name beside the file ``beside``, or one that comes with the project."""
    text = str(name)
    if text.endswith((".yaml", ".yml")) or (isinstance(name, Path) and name.is_file()):
        path = Path(name)
        return path if path.is_absolute() or beside is None else beside.parent / path
    folders = [FOLDER] if beside is None else [beside.parent, FOLDER]
    for folder in folders:
        path = folder / f"{text}.yaml"
        if path.is_file() and text not in RESERVED:
            return path
    known = [entry.relative_to(FOLDER).with_suffix("").as_posix() for entry in sorted(FOLDER.rglob("*.yaml"))]
    known = [entry for entry in known if entry not in RESERVED]
    message = f"there is no scenario {text!r}.{nearest(text, known)} Known: {allowed(known, 30)}; or give a file"
    raise ScenarioError([Problem(text, None, "", message)])


def load(
    name: str | Path,
    *,
    variant: str | None = None,
    layers: Sequence[str | Path] = (),
    settings: Mapping[str, str | float] | None = None,
) -> Scenario:
    """Read and merge a scenario; raises ScenarioError with every fault of the files' form.

    ``name`` may carry a variant (``ten_household:growing_fund``). ``layers`` are laid over in order; ``settings`` hold
    levers of all communities from the first week on: a number, or text with a unit (``"200 CNY/month"``).
    """
    if isinstance(name, str) and VARIANT_MARK in name and not Path(name).is_file():
        name, _, variant = name.rpartition(VARIANT_MARK)
    path = find(name)
    chain = _chain(path)
    top = chain[-1]
    if top.layer:
        message = f"a layer does not run by itself; lay it over a scenario: shequ run ten_household --with {name}"
        raise ScenarioError([top.problem("layer", message)])
    scenario = Scenario(top.name, top.title, top.summary, top)
    faults: list[Problem] = []
    for part in chain:
        if part.combine:
            scenario = combine(scenario, _plans(part))
        scenario = lay(scenario, part, faults)
    if variant is not None:
        scenario = _lay_variant(scenario, chain, variant, faults)
    for layer in layers:
        part = _file(find(layer))
        scenario = replace(lay(scenario, part, faults), layers=(*scenario.layers, part.name))
    scenario = _set(scenario, settings or {}, faults)
    if faults:
        raise ScenarioError(faults)
    return scenario


def _plans(part: ScenarioFile) -> list[Scenario]:
    """Load the plans that ``part`` combines, each by itself."""
    plans: list[Scenario] = []
    for index, name in enumerate(part.combine):
        try:
            files = _chain(find(name.partition(VARIANT_MARK)[0]))
            if any(file.combine for file in files):
                message = f"found {name!r}, which combines plans itself; name its plans here instead"
                raise ScenarioError([part.problem(("combine", index), message)])
            plan = load(name)
        except ScenarioError as error:
            fault = error.problems[0]
            here = fault if fault.line is not None else part.problem(("combine", index), fault.message)
            raise ScenarioError([here]) from error
        if plan_name(plan) in map(plan_name, plans):
            message = f"found {name!r} a second time; a plan is carried out once"
            raise ScenarioError([part.problem(("combine", index), message)])
        plans.append(plan)
    return plans


def variants(name: str | Path) -> dict[str, Title]:
    """Variants of a scenario, those it inherits included."""
    return {key: variant.title for part in _chain(find(name)) for key, variant in part.variants.items()}


def variant_title(name: str | Path) -> Title | None:
    """Title of the variant that ``name`` carries (``ten_household:growing_fund``); None if it carries none."""
    file, mark, variant = str(name).rpartition(VARIANT_MARK)
    return variants(file).get(variant) if mark and not Path(name).is_file() else None


def is_layer(name: str | Path) -> bool:
    """Whether the file only changes other scenarios."""
    return read_layer(name).layer


def read_layer(name: str | Path) -> ScenarioFile:
    """The file of a layer as it stands, not yet laid over a scenario."""
    return _file(find(name))


def _chain(path: Path) -> list[ScenarioFile]:
    """Read the file and everything it extends, the root first."""
    chain: list[ScenarioFile] = []
    seen: list[Path] = []
    while True:
        part = _file(path)
        seen.append(path.resolve())
        chain.insert(0, part)
        if part.extends is None:
            return chain
        try:
            path = find(part.extends, beside=path)
        except ScenarioError as error:
            raise ScenarioError([part.problem("extends", error.problems[0].message)]) from error
        if path.resolve() in seen:
            circle = " -> ".join([*(entry.name for entry in reversed(chain)), chain[-1].name])
            message = f"`extends` runs in a circle: {circle}"
            raise ScenarioError([part.problem("extends", message)])


def _file(path: Path) -> ScenarioFile:
    shown = path.relative_to(FOLDER.parent).as_posix() if path.is_relative_to(FOLDER) else str(path)
    source = read(path, shown)
    try:
        part = ScenarioFile.model_validate(source.data)
    except ValidationError as error:
        raise ScenarioError(explain.problems(source, error, ScenarioFile)) from error
    place(part, source, ())
    faults = [fault for overlay in (part, *part.variants.values()) for fault in _repeats(overlay)]
    if faults:
        raise ScenarioError(faults)
    return part


def place(block: Block, source: Source, path: Path_) -> None:
    """Tell every block of the file where it stands."""
    block.place(source, path)
    for name, info in type(block).model_fields.items():
        here = (*path, info.alias or name)
        value = getattr(block, name)
        inner: Iterable[tuple[Key, Any]] = ()
        if isinstance(value, Block):
            place(value, source, here)
        elif isinstance(value, list):
            inner = enumerate(cast("list[Any]", value))
        elif isinstance(value, dict):
            inner = cast("dict[str, Any]", value).items()
        for key, entry in inner:
            if isinstance(entry, Block):
                place(entry, source, (*here, key))


LISTS = ("phases", "interventions", "budget", "shocks", "milestones", "uncertain", "triggers")


def _key(entry: Block) -> str:
    if isinstance(entry, Phase):
        return entry.name
    return entry.id if isinstance(entry, Promise) else str(getattr(entry, "key", ""))


def _repeats(overlay: Overlay) -> list[Problem]:
    """Entries of one list of one file that share a name."""
    faults: list[Problem] = []
    for name in LISTS:
        seen: set[str] = set()
        for entry in cast("list[Block]", getattr(overlay, name)):
            key = _key(entry)
            if key in seen:
                word = "name" if isinstance(entry, Phase) else "id"
                message = f"two entries of {name} are called {key!r}; give one of them another `{word}:`"
                faults.append(entry.problem("", message))
            seen.add(key)
    return faults


def lay(scenario: Scenario, part: Overlay, faults: list[Problem]) -> Scenario:
    """``scenario`` with ``part`` laid over it."""
    changed: dict[str, Any] = {}
    if part.calendar is not None:
        changed["calendar"] = part.calendar
    if part.fidelity is not None:
        changed["fidelity"] = part.fidelity
    if part.district is not None:
        if part.district.communities is not None:
            changed["communities"] = tuple(part.district.communities)
        if part.district.subdistricts is not None:
            changed["subdistricts"] = part.district.subdistricts
        changed["overrides"] = {**scenario.overrides, **part.district.overrides}
        changed["overridden_in"] = {**scenario.overridden_in, **dict.fromkeys(part.district.overrides, part)}
    known = {_key(entry) for name in LISTS for entry in cast("tuple[Block, ...]", getattr(scenario, name))}
    for index, key in enumerate(part.drop):
        if key not in known:
            message = f"found {key!r}, which is nothing that could be left out.{nearest(key, known)}"
            faults.append(part.problem(("drop", index), message))
    for name in LISTS:
        kept = [entry for entry in getattr(scenario, name) if _key(entry) not in part.drop]
        changed[name] = tuple(_merged(kept, getattr(part, name)))
    items = {_key(entry) for name in ("phases", "interventions") for entry in cast("list[Block]", changed[name])}
    for key in part.slip:
        if key not in items | {ALL_ITEMS}:
            message = f"found {key!r}; only phases, items and `{ALL_ITEMS}` (items) slip.{nearest(key, items)}"
            faults.append(part.problem(("slip", key), message))
    late = {key: Slip(by=slip) if isinstance(slip, str) else slip for key, slip in part.slip.items()}
    changed["slip"] = {**scenario.slip, **late}
    return replace(scenario, **changed)


def _merged(old: list[Any], new: list[Any]) -> list[Any]:
    """Lay the list ``new`` over ``old``: entries of the same name take the old one's place, others follow."""
    by_key = {_key(entry): entry for entry in new}
    kept = [by_key.pop(_key(entry), entry) for entry in old]
    return [*kept, *by_key.values()]


def _lay_variant(scenario: Scenario, chain: list[ScenarioFile], variant: str, faults: list[Problem]) -> Scenario:
    known = {key: value for part in chain for key, value in part.variants.items()}
    if variant not in known:
        message = f"there is no variant {variant!r}.{nearest(variant, known)} Known: {allowed(known) or 'none'}"
        raise ScenarioError([chain[-1].problem("variants", message)])
    laid = lay(scenario, known[variant], faults)
    return replace(laid, name=f"{scenario.name}{VARIANT_MARK}{variant}")


def _set(scenario: Scenario, settings: Mapping[str, str | float], faults: list[Problem]) -> Scenario:
    """``scenario`` with levers held in all communities from the first week on."""
    items: list[Intervention] = []
    for lever, given in settings.items():
        text, _, unit = str(given).strip().partition(" ")
        source = Source("--set", {})
        try:
            dose = Dose(to=float(text), unit=unit.strip() or None)
        except ValueError:
            faults.append(
                Problem("--set", None, lever, f"found {given!r}; write {lever}=200 or {lever}='200 CNY/month'")
            )
            continue
        dose.place(source, (lever,))
        item = Intervention(id=f"set.{lever}", levers={lever: dose}, fidelity=Fidelity(mean=1.0))
        items.append(item.place(source, (lever,)))
    return replace(scenario, interventions=(*scenario.interventions, *items))
