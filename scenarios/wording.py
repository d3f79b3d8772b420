"""Single parts of a scenario in words: doses, triggers, shocks."""

from collections.abc import Collection
from datetime import date

from ..model import levers
from ..model.names import group_of, name_of, phrase, unit_of
from .blocks import Dose
from .schema import Shock, Trigger
from .words import ARCHETYPES


def dose_text(lever: str, dose: Dose, archetypes: Collection[str] = ARCHETYPES) -> str:
    """One dose in words (``to 200 CNY/month``), for the ``archetypes`` that matter."""
    if dose.range is not None:
        low, high = dose.range
        unit = dose.unit or levers.find(lever).unit
        drawn = phrase("drawn from {low} to {high} {unit}", low=f"{low:g}", high=f"{high:g}", unit=unit_of(unit))
        return drawn + (phrase(" [assumed]") if dose.assumed else "")
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
    low, high = (f"{end:g}" if end is not None else "" for end in (when.above, when.below))
    bound = phrase("above {value}", value=low) if low else phrase("below {value}", value=high)
    what = name_of("observables", when.observable, when.observable)
    group = "" if when.group == "all" else phrase(" of {who}", who=group_of(when.group))
    span = "" if when.for_weeks == 1 else phrase(" for {n} weeks", n=when.for_weeks)
    since = "" if when.start is None else phrase(" from {day} on", day=when.start)
    doses = then.doses().items()
    done = ", ".join(f"{name_of('levers', lever, lever)} {dose_text(lever, dose)}" for lever, dose in doses)
    rest = [phrase("{item} begins", item=then.item) if then.item else done]
    rest += [phrase("over {n} weeks", n=then.ramp_weeks)] if then.ramp_weeks else []
    rest += [phrase("for {span}", span=then.lasts)] if then.lasts else []
    rest += [phrase("after {span}", span=trigger.delay)] if trigger.delay else []
    rest += [] if trigger.once else [phrase("each time")]
    who = phrase("each community") if trigger.each == "community" else phrase("the district")
    where = trigger.where.model_dump(exclude_defaults=True)
    area = "".join(f", {key} {said(value)}" for key, value in where.items())
    facts = {"who": who, "what": f"{what}{group}", "bound": f"{bound}{span}{since}", "then": ", ".join(rest)}
    return phrase("if in {who} {what} is {bound}: {then}", **facts) + area


def shock_text(shock: Shock) -> str:
    """Say what strikes and when."""
    kind = name_of("shocks", shock.kind, shock.kind)
    days = {"start": shock.start, "end": shock.end}
    if shock.kind == "budget_cut":
        return phrase("{kind} of {share}, {start} to {end}", kind=kind, share=f"{shock.share or 0.0:.0%}", **days)
    if shock.kind == "late_funds":
        return phrase("{kind} by {delay}, {start} to {end}", kind=kind, delay=shock.delay, **days)
    where = shock.where.model_dump(exclude_defaults=True)
    area = ", ".join(f"{key} {said(value)}" for key, value in where.items()) or phrase("everywhere")
    return phrase(
        "{kind} of severity {severity}, {start}{weeks}, {minutes} min ahead, {area}",
        kind=name_of("shocks", shock.type or "", shock.type),
        severity=f"{shock.severity:g}",
        start=shock.start,
        weeks=phrase(" and {n} weeks after", n=shock.weeks - 1) if shock.weeks > 1 else "",
        minutes=f"{shock.forewarning:g}",
        area=area,
    )


def said(value: object) -> str:
    """Say a value of a scenario file; days as in the file."""
    return value.isoformat() if isinstance(value, date) else str(value)
