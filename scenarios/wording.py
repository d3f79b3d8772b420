"""Single parts of a scenario in words: doses, triggers, shocks."""

from collections.abc import Collection
from datetime import date

from ..model import levers
from ..model.names import name_of, phrase, unit_of
from .blocks import Dose
from .schema import Shock, Trigger
from .words import ARCHETYPES


def dose_text(lever: str, dose: Dose, archetypes: Collection[str] = ARCHETYPES) -> str:
    """One dose in words (``to 200 CNY/month``), for the ``archetypes`` that matter."""
    if dose.range is not None:
        low, high = dose.range
        unit = dose.unit or levers.find(lever).unit
        return f"drawn from {low:g} to {high:g} {unit}" + (" [assumed]" if dose.assumed else "")
    amounts = {kind: dose.amount(kind) for kind in ARCHETYPES if kind in archetypes}
    given = {kind: f"{amount:g}" for kind, amount in amounts.items() if amount is not None}
    same = len(set(given.values())) == 1 and len(given) == len(amounts)
    apart = " / ".join(f"{number} ({name_of('archetypes', kind, kind)})" for kind, number in given.items())
    numbers = next(iter(given.values())) if same else apart
    unit = "" if dose.way == "times" else f" {unit_of(dose.unit or levers.find(lever).unit)}"
    return f"{phrase(dose.way)} {numbers}{unit}" + (phrase(" [assumed]") if dose.assumed else "")


def trigger_text(trigger: Trigger) -> str:
    """Say what is watched and what happens: ``if head_vacancy_rate above 0.2 for 8 weeks: head_subsidy to 300``."""
    when, then = trigger.when, trigger.then
    side = f"below {when.below:g}" if when.above is None else f"above {when.above:g}"
    group = "" if when.group == "all" else f" of {when.group}"
    span = "" if when.for_weeks == 1 else f" for {when.for_weeks} weeks"
    since = "" if when.start is None else f" from {when.start} on"
    done = ", ".join(f"{lever} {dose_text(lever, dose)}" for lever, dose in then.doses().items())
    rest = [f"{then.item} begins" if then.item else done]
    rest += [f"over {then.ramp_weeks} weeks"] if then.ramp_weeks else []
    rest += [f"for {then.lasts}"] if then.lasts else []
    rest += [f"after {trigger.delay}"] if trigger.delay else []
    rest += [] if trigger.once else ["each time"]
    who = "each community" if trigger.each == "community" else "the district"
    where = trigger.where.model_dump(exclude_defaults=True)
    area = "".join(f", {key} {said(value)}" for key, value in where.items())
    return f"if in {who} {when.observable}{group} is {side}{span}{since}: {', '.join(rest)}{area}"


def shock_text(shock: Shock) -> str:
    """Say what strikes and when."""
    if shock.kind == "budget_cut":
        return f"{shock.kind} of {shock.share or 0.0:.0%}, {shock.start} to {shock.end}"
    if shock.kind == "late_funds":
        return f"{shock.kind} by {shock.delay}, {shock.start} to {shock.end}"
    where = shock.where.model_dump(exclude_defaults=True)
    area = ", ".join(f"{key} {said(value)}" for key, value in where.items()) or "everywhere"
    weeks = f" and {shock.weeks - 1} weeks after" if shock.weeks > 1 else ""
    return f"{shock.type} of severity {shock.severity:g}, {shock.start}{weeks}, {shock.forewarning:g} min ahead, {area}"


def said(value: object) -> str:
    """Say a value of a scenario file; days as in the file."""
    return value.isoformat() if isinstance(value, date) else str(value)
