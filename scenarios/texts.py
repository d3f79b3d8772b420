"""What people read of scenarios: a summary, a difference, the answers of ``check``, and a skeleton to start from."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.cells import cell_len

from ..model import levers
from ..model.names import group_of, language, name_of, phrase, reason_of, title_of, unit_of
from . import explain, loader, own_scenario
from .catalogue import catalogue, interventions
from .compile import Milestone, ModelInputs, milestone_of
from .compile import compile as compiled
from .loader import Scenario
from .reader import Problem, ScenarioError
from .schema import Intervention
from .wording import dose_text, said, shock_text, trigger_text
from .words import NAME

SKELETON = Path(__file__).with_name("skeleton.yaml")
WIDTH = 34  # column of names


# --- check ------------------------------------------------------------------------------------------------------------


def check(path: str | Path, layers: Sequence[str | Path] = ()) -> list[str]:
    """Every fault of a scenario, its variants included, one message each; empty if the whole file is right.

    ``layers`` are laid over it.
    """
    found: dict[str, None] = {}
    try:
        names = list(loader.variants(path))
        layer = loader.is_layer(path)
    except ScenarioError as error:
        return [str(problem) for problem in error.problems]
    for variant in [None, *names]:
        try:
            if layer:
                _check_layer(path)
            else:
                compiled(loader.load(path, variant=variant, layers=layers))
        except ScenarioError as error:
            found.update(dict.fromkeys(str(problem) for problem in error.problems))
    return list(found)


def _check_layer(path: str | Path) -> None:
    """Lay a layer over every plan of the project: it must fit one of them."""
    plans = [name for name, _, _ in loader.available() if not loader.is_layer(name)]
    faults: list[Problem] = []
    for plan in reversed(plans):
        try:
            compiled(loader.load(plan, layers=[path]))
        except ScenarioError as error:
            faults = faults or error.problems
        else:
            return
    raise ScenarioError(faults)


# --- show -------------------------------------------------------------------------------------------------------------


def show(name: str | Path, layers: Sequence[str | Path] = (), settings: Mapping[str, str | float] | None = None) -> str:
    """Summary of a scenario: district, phases, interventions by date, money, milestones, variants."""
    scenario = loader.load(name, layers=layers, settings=settings)
    inputs, own = compiled(scenario), own_scenario.told(scenario)
    parts = [
        _heading(scenario, inputs),
        _district(inputs),
        "\n".join([phrase("Households of one's own"), *(f"  {line}" for line in own)]) if own else "",
        _phases(inputs),
        _interventions(scenario, inputs),
        _triggers(scenario),
        _shocks(scenario),
        _rivalries(inputs),
        _money(scenario, inputs),
        _milestones(inputs.milestones),
        _variants(name),
        _left_out(scenario),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _wide(text: str) -> str:
    """``text`` filled up to the column of names; a Chinese character takes two places."""
    return text + " " * max(1, WIDTH - cell_len(text))


def _called(key: str, title: str) -> str:
    """Name of an entry: its key, after its title where that is in another language than English."""
    return key if language() == "en" or not title else f"{title} {key}"


def _heading(scenario: Scenario, inputs: ModelInputs) -> str:
    both = f"{inputs.title} ({inputs.title_zh})" if inputs.title_zh and language() == "en" else ""
    title = f"{inputs.name}: {both or title_of(inputs.title, inputs.title_zh)}"
    days = phrase(
        "{start} to {end}, {weeks} weeks; hash {hash}",
        start=inputs.calendar.start,
        end=inputs.calendar.end,
        weeks=inputs.calendar.weeks,
        hash=inputs.hash[:12],
    )
    return "\n".join(part for part in (title, scenario.summary, days) if part)


def _district(inputs: ModelInputs) -> str:
    communities = inputs.district.communities
    lines = [phrase("District: {n} communities, {m} subdistricts", n=len(communities), m=inputs.district.subdistricts)]
    for kind in dict.fromkeys(community.archetype for community in communities):
        sizes = [community.households for community in communities if community.archetype == kind]
        text = phrase(
            "{n} communities of {low} to {high} households, {total} in all",
            n=len(sizes),
            low=min(sizes),
            high=max(sizes),
            total=f"{sum(sizes):,}",
        )
        lines.append(f"  {_wide(_called(kind.label, name_of('archetypes', kind.label)))}{text}")
    return "\n".join(lines)


def _phases(inputs: ModelInputs) -> str:
    if not inputs.phases:
        return ""
    lines = [phrase("Phases")]
    reached: set[int] = set()
    for phase in inputs.phases:
        reached |= set(phase.new)
        numbers = ", ".join(str(inputs.district.communities[row].id) for row in phase.new) or phrase("none")
        share = len(reached) / len(inputs.district.communities)
        days = phrase(
            "{start} to {end}, {share} of communities at its end",
            start=phase.start,
            end=phase.end,
            share=f"{share:.0%}",
        )
        lines.append(f"  {_wide(_called(phase.name, title_of(phase.title, phase.title_zh)))}{days}")
        lines.append(f"  {_wide('')}{phrase('new: {numbers}', numbers=numbers)}")
        if phase.free:
            word = "told to join: {n} communities" if phase.mandated else "free to join: {n} communities"
            lines.append(f"  {_wide('')}{phrase(word, n=len(phase.free))}")
    return "\n".join(lines)


def _interventions(scenario: Scenario, inputs: ModelInputs) -> str:
    if not scenario.interventions:
        return phrase("Interventions: none")
    lines = [phrase("Interventions ({n}), by first week", n=len(scenario.interventions))]
    spans = {item.key: [move for move in inputs.moves if move.item == item.key] for item in scenario.interventions}
    dated = [item for item in scenario.interventions if item.key not in scenario.waiting]
    for item in sorted(dated, key=lambda i: min(move.first_week for move in spans[i.key])):
        moves = spans[item.key]
        first = inputs.calendar.monday(min(move.first_week for move in moves))
        count = len({row for move in moves for row in move.rows})
        mark = phrase(" [assumed]") if item.assumed else ""
        where = phrase("{n} communities: {doses}", n=count, doses=_doses(scenario, item))
        lines.append(f"  {first}  {_wide(_called(item.key, _title(item)))}{where}{mark}")
        lines += [f"  {'':<12}{inputs.pushed[item.key]}"] if item.key in inputs.pushed else []
    for item in scenario.interventions:
        if item.key in scenario.waiting:
            where = phrase("waits for a trigger: {doses}", doses=_doses(scenario, item))
            lines.append(f"  {phrase('no date'):<12}{_wide(_called(item.key, _title(item)))}{where}")
    return "\n".join(lines)


def _title(item: Intervention) -> str:
    """Title of the entry of the catalogue that ``item`` uses."""
    return interventions()[item.use].title.zh if item.use in interventions() else ""


def _doses(scenario: Scenario, item: Intervention) -> str:
    present = {str(entry.archetype) for entry in scenario.communities}
    return ", ".join(
        f"{name_of('levers', lever, lever)} {dose_text(lever, dose, present)}"
        for lever, dose in scenario.doses(item).items()
    )


def _triggers(scenario: Scenario) -> str:
    lines = [phrase("Triggers")] if scenario.triggers else []
    return "\n".join([*lines, *(f"  {t.key:<{WIDTH}}{trigger_text(t)}" for t in scenario.triggers)])


def _shocks(scenario: Scenario) -> str:
    lines = [phrase("Shocks")] if scenario.shocks else []
    return "\n".join([*lines, *(f"  {shock.key:<{WIDTH}}{shock_text(shock)}" for shock in scenario.shocks)])


def _rivalries(inputs: ModelInputs) -> str:
    """Say which levers several plans move, how far each, and for what share of the time its dose holds."""
    if not inputs.rivalries:
        return ""
    lines = [
        phrase("Levers that several plans move (the dose farthest from rest holds; share of the time that it does)")
    ]
    for rivalry in inputs.rivalries:
        spec, total = levers.find(rivalry.lever), sum(rivalry.held.values())
        doses = [
            f"{plan} {value:.3g} ({rivalry.held[plan] / total:.0%})" if total else f"{plan} {value:.3g}"
            for plan, value in rivalry.settings.items()
        ]
        called = _called(rivalry.lever, name_of("levers", rivalry.lever))
        lines.append(f"  {_wide(called)}{', '.join(doses)} {unit_of(spec.unit)}")
    return "\n".join(lines)


def _money(scenario: Scenario, inputs: ModelInputs) -> str:
    lines = [phrase("Money promised")] if inputs.budget else []
    for line in inputs.budget:
        growth = phrase(", {growth} a year", growth=f"{line.growth:+.0%}") if line.growth else ""
        text = phrase(
            "{amount} CNY/year from {payer}, {first} to {last}",
            amount=f"{line.yearly_fen / 100:,.0f}",
            payer=phrase(line.payer),
            first=line.first_year,
            last=line.last_year,
        )
        lines.append(f"  {_wide(line.account)}{text}{growth}")
    costs = [item for item in scenario.interventions if item.cost is not None]
    lines += [phrase("Costs that the plan names")] if costs else []
    for item in costs:
        cost = item.cost
        assert cost is not None
        amount = phrase(
            "{amount} {unit} per {per}",
            amount=f"{cost.amount:g}",
            unit=unit_of(cost.unit),
            per=name_of("per", cost.per),
        )
        lines.append(f"  {_wide(_called(item.key, _title(item)))}{amount}")
    return "\n".join(lines)


def promise_text(milestone: Milestone) -> str:
    """Say what was promised: ``participation_rate of all at least 0.5``."""
    what = name_of("observables", milestone.observable, milestone.observable) or phrase("not measurable")
    who = phrase(" of {who}", who=group_of(milestone.group)) if milestone.group != "all" else ""
    if milestone.area != "all":
        who = phrase(" of {who}", who=phrase(f"{milestone.area} communities"))
    bound = phrase(milestone.direction.replace("_", " "))
    value = f"{milestone.target:,.10g}"
    value += "" if milestone.target_high is None else phrase(" and {value}", value=f"{milestone.target_high:,.10g}")
    since = "" if milestone.since is None else phrase(", counted from {day}", day=milestone.since)
    reason = "" if milestone.measurable else f": {reason_of(milestone.reason)}"
    return f"{what}{who} {bound} {value}{since}{reason}"


def _milestones(milestones: Sequence[Milestone]) -> str:
    if not milestones:
        return ""
    measurable = sum(milestone.measurable for milestone in milestones)
    lines = [phrase("Milestones ({n}, {m} measurable)", n=len(milestones), m=measurable)]
    for milestone in sorted(milestones, key=lambda m: m.by):
        lines.append(f"  {milestone.by}  {_wide(milestone.id)}{promise_text(milestone)}")
    return "\n".join(lines)


def _variants(name: str | Path) -> str:
    base = str(name).partition(loader.VARIANT_MARK)[0] if not Path(name).is_file() else name
    found = loader.variants(base)
    lines = [phrase("Variants (run NAME:VARIANT)")] if found else []
    for key, title in found.items():
        both = f"{title.en} ({title.zh})" if title.zh and language() == "en" else title_of(title.en, title.zh)
        lines.append(f"  {_wide(key)}{both}")
    return "\n".join(lines)


def _left_out(scenario: Scenario) -> str:
    """Say what the plan does and the model cannot express, if the scenario names its register."""
    source = scenario.origin.source
    if source is None:
        return ""
    prefix = f"{source.register_name}/"
    entries = [entry for entry in catalogue().not_modelled if any(slug.startswith(prefix) for slug in entry.slugs)]
    lines = [phrase("Measures of the plan that are not modelled")] if entries else []
    lines += [f"  {title_of(entry.title.en, entry.title.zh)}: {reason_of(entry.reason)}" for entry in entries]
    return "\n".join(lines)


# --- new and diff -----------------------------------------------------------------------------------------------------


def new(name: str, path: str | Path) -> Path:
    """Write a commented scenario called ``name`` to ``path``; it passes ``check``. An existing file is left alone."""
    target = Path(path)
    if target.exists():
        raise ScenarioError([Problem(str(target), None, "", "the file exists already; choose another name")])
    if re.fullmatch(NAME, name) is None:
        message = f"found {name!r}; allowed: {explain.PATTERNS[NAME]}"
        raise ScenarioError([Problem(str(target), None, "name", message)])
    target.write_text(SKELETON.read_text(encoding="utf-8").replace("NAME", name), encoding="utf-8")
    return target


def diff(a: str | Path, b: str | Path) -> str:
    """Show what differs between two scenarios, line by line: ``-`` only in the first, ``+`` only in the second."""
    first, second = loader.load(a), loader.load(b)
    left, right = _facts(first), _facts(second)
    lines = [f"--- {first.name}", f"+++ {second.name}"]
    for key in [*left, *(key for key in right if key not in left)]:
        if left.get(key) != right.get(key):
            lines += [f"- {key}: {left[key]}"] if key in left else []
            lines += [f"+ {key}: {right[key]}"] if key in right else []
    return "\n".join(lines) + "\n" if len(lines) > 2 else f"{first.name} and {second.name} are the same.\n"


def _facts(scenario: Scenario) -> dict[str, str]:
    """Everything a run reads of a scenario, by place."""
    facts: dict[str, str] = {}
    if scenario.calendar is not None:
        facts["calendar"] = f"{scenario.calendar.start} to {scenario.calendar.end}"
    for entry in scenario.communities:
        low, high = entry.households
        facts[f"district {entry.archetype}"] = (
            f"{entry.count} of {low} to {high} households, readiness {entry.readiness:g}"
        )
        if entry.own is not None:
            facts[f"district {entry.archetype} own"] = f"{entry.own.file} {entry.own.sha256[:12]}"
    facts["district subdistricts"] = str(scenario.subdistricts)
    facts |= {f"district parameter {key}": f"{value:g}" for key, value in scenario.overrides.items()}
    if scenario.fidelity is not None:
        facts["fidelity"] = f"{scenario.fidelity.mean:g} +- {scenario.fidelity.sd:g}"
    for phase in scenario.phases:
        reach = "" if phase.reach is None else f", reach {phase.reach:.0%}"
        facts[f"phase {phase.name}"] = f"{phase.start} to {phase.end}{reach}, {phase.order}, entry {phase.entry}"
        if phase.spread != "planned":
            facts[f"phase {phase.name} spread"] = phase.spread
        if phase.order == "cherry_picked":
            facts[f"phase {phase.name} reliability"] = f"{phase.reliability:g}"
        if phase.select is not None:
            facts[f"phase {phase.name} select"] = str(phase.select.model_dump(exclude_defaults=True))
    for item in scenario.interventions:
        facts |= _item_facts(scenario, item)
    for line in scenario.budget:
        years = f"{line.start or 'start'} to {line.end or 'end'}"
        facts[f"budget {line.key}"] = (
            f"{line.amount:,.0f} {line.unit} per {line.per}, growth {line.growth:.0%}, {years}"
        )
    for shock in scenario.shocks:
        facts[f"shock {shock.key}"] = shock_text(shock)
    facts |= {f"milestone {m.id}": f"{promise_text(m)} by {m.by}" for m in map(milestone_of, scenario.milestones)}
    facts |= {f"trigger {trigger.key}": trigger_text(trigger) for trigger in scenario.triggers}
    facts |= {f"slip {key}": str(slip.model_dump(exclude_defaults=True)) for key, slip in scenario.slip.items()}
    return facts


def _item_facts(scenario: Scenario, item: Intervention) -> dict[str, str]:
    facts = {f"{item.key} {lever}": dose_text(lever, dose) for lever, dose in scenario.doses(item).items()}
    for name in ("where", "when", "after", "fidelity"):
        block = getattr(item, name)
        given: dict[str, object] = {}
        if block is not None:
            given = block.model_dump(exclude_defaults=True, exclude={"note", "reason", "assumed"})
        if given:
            facts[f"{item.key} {name}"] = ", ".join(f"{key} {said(value)}" for key, value in given.items())
    return facts
