"""Plans on a district that is not their own, and several carried out together on one.

Together every entry of a plan bears the plan's name in front; calendar and district are those of the file that
combines. Budgets add up. On levers that several plans move see :class:`.doses.Rivalry`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .blocks import Block, Slip, Where
from .schema import ALL_ITEMS, Intervention, Money, Phase, Promise, Shock, Trigger, Uncertain
from .words import ANY_PHASE

if TYPE_CHECKING:
    from .loader import Scenario

PLAN_MARK = "."  # ten_household.head_training_three_tier


def plan_name(plan: "Scenario") -> str:
    """Name that the entries of ``plan`` bear: the scenario's, without its variant."""
    return plan.name.partition(":")[0]


def area_of(plan: str, area: str) -> str:
    """Name of the area ``area`` (pilot, reached) of ``plan``; of the only plan there is if ``plan`` is empty."""
    return f"{plan}{PLAN_MARK}{area}" if plan else area


def combine(base: "Scenario", plans: "Sequence[Scenario]") -> "Scenario":
    """Return ``base`` with all that ``plans`` do, spend and promise, on the calendar and district of ``base``."""
    return replace(
        base,
        phases=(*base.phases, *_all(plans, lambda plan: plan.phases, _phase)),
        interventions=(*base.interventions, *_all(plans, lambda plan: plan.interventions, _item)),
        budget=(*base.budget, *_all(plans, lambda plan: plan.budget, _line)),
        shocks=(*base.shocks, *_all(plans, lambda plan: plan.shocks, _line)),
        milestones=(*base.milestones, *_all(plans, lambda plan: plan.milestones, _promise)),
        uncertain=_uncertain(base, plans),
        triggers=(*base.triggers, *_all(plans, lambda plan: plan.triggers, _trigger)),
        slip={**base.slip, **{key: slip for plan in plans for key, slip in _slips(plan).items()}},
        plans=tuple(plan_name(plan) for plan in plans),
    )


def on_district_of(plan: "Scenario", ground: "Scenario") -> "Scenario":
    """Return ``plan`` carried out on the district of ``ground``: its communities, and what is drawn for them.

    Doses, money and what the plan overrides stay as its file has them; an item may find its lever where it wants it.
    """
    if plan.communities == ground.communities and plan.subdistricts == ground.subdistricts:
        return plan
    return replace(
        plan,
        communities=ground.communities,
        subdistricts=ground.subdistricts,
        uncertain=_uncertain(ground, [plan]),
        may_idle=plan.may_idle | {item.key for item in plan.interventions},
    )


def _all[B: Block](
    plans: "Sequence[Scenario]",
    entries: "Callable[[Scenario], Sequence[B]]",
    named: "Callable[[B, Scenario, str], B]",
) -> list[B]:
    return [named(entry, plan, f"{plan_name(plan)}{PLAN_MARK}") for plan in plans for entry in entries(plan)]


def _phase(phase: Phase, plan: "Scenario", mark: str) -> Phase:
    return phase.model_copy(update={"name": f"{mark}{phase.name}"})


def _item(item: Intervention, plan: "Scenario", mark: str) -> Intervention:
    """``item`` by its new name, with the phases and items that it speaks of; the plan's fidelity becomes its own."""
    update: dict[str, Any] = {"id": f"{mark}{item.key}", "fidelity": item.fidelity or plan.fidelity}
    update["where"] = _where(item.where, plan, mark)
    if item.when.phase is not None:
        update["when"] = item.when.model_copy(update={"phase": f"{mark}{item.when.phase}"})
    if item.after is not None:
        given = {key: getattr(item.after, key) for key in ("item", "phase")}
        update["after"] = item.after.model_copy(update={key: f"{mark}{name}" for key, name in given.items() if name})
    return item.model_copy(update=update)


def _where(where: Where, plan: "Scenario", mark: str) -> Where:
    named = where.phases()
    if not named:
        return where
    names = [phase.name for phase in plan.phases] if ANY_PHASE in named else named
    return where.model_copy(update={"phase": [f"{mark}{name}" for name in names]})


def _trigger(trigger: Trigger, plan: "Scenario", mark: str) -> Trigger:
    then = trigger.then
    if then.item is not None:
        then = then.model_copy(update={"item": f"{mark}{then.item}"})
    where = _where(trigger.where, plan, mark)
    return trigger.model_copy(update={"id": f"{mark}{trigger.key}", "then": then, "where": where})


def _slips(plan: "Scenario") -> dict[str, Slip]:
    """Slips of a plan by the new names; `all` stands for those of its items that are not named."""
    slips = {item.key: plan.slip[ALL_ITEMS] for item in plan.interventions} if ALL_ITEMS in plan.slip else {}
    slips |= {key: slip for key, slip in plan.slip.items() if key != ALL_ITEMS}
    return {f"{plan_name(plan)}{PLAN_MARK}{key}": slip for key, slip in slips.items()}


def _line[B: (Money, Shock)](line: B, plan: "Scenario", mark: str) -> B:
    return line.model_copy(update={"id": f"{mark}{line.key}"})


def _promise(promise: Promise, plan: "Scenario", mark: str) -> Promise:
    update = {"id": f"{mark}{promise.id}"}
    if promise.communities != "all":
        update["communities"] = f"{mark}{promise.communities}"
    return promise.model_copy(update=update)


def _uncertain(base: "Scenario", plans: "Sequence[Scenario]") -> tuple[Uncertain, ...]:
    """What may vary; what is drawn in every replicate belongs to the district, and is that of ``base`` alone."""
    drawn = [entry for entry in base.uncertain if entry.drawn]
    fixed = {entry.key for entry in drawn}
    varied = [entry for plan in (base, *plans) for entry in plan.uncertain if not entry.drawn]
    return (*drawn, *_widest([entry for entry in varied if entry.key not in fixed]))


def _widest(entries: Sequence[Uncertain]) -> tuple[Uncertain, ...]:
    """One range for each lever or parameter: the widest that the plans give."""
    found: dict[str, Uncertain] = {}
    for entry in entries:
        known = found.get(entry.key, entry)
        span = [min(known.range[0], entry.range[0]), max(known.range[1], entry.range[1])]
        found[entry.key] = known.model_copy(update={"range": span})
    return tuple(found.values())
