"""``shequ coverage``: what of each plan stands in the project, and what does not, with the reason."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..calibration.coverage import USES, Coverage, Measure, Promised, coverage, every_plan
from ..model.names import language, name_of, phrase, reason_of
from .tables import console, plain

SHORT: dict[str, str] = {"calibration": "calib.", "validation": "valid.", "milestone": "mile."}


def coverage_report(plan: str | None, *, as_json: bool) -> None:
    """Print all plans as a table, or one in full; or JSON."""
    if plan is None:
        found = every_plan()
        if as_json:
            _write([_plain(entry) for entry in found])
        else:
            _print_all(found)
        return
    one = coverage(plan)
    if as_json:
        _write(_plain(one))
    else:
        _print_one(one, console())


def _write(content: Any) -> None:
    sys.stdout.write(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _plain(found: Coverage) -> dict[str, Any]:
    def measure(entry: Measure) -> dict[str, Any]:
        return asdict(entry) | {"title": {"en": entry.title.en, "zh": entry.title.zh}}

    def promise(entry: Promised) -> dict[str, Any]:
        return asdict(entry) | {"by": entry.by.isoformat()}

    return {
        "plan": found.register,
        "title": {"en": found.title.en, "zh": found.title.zh},
        "scenarios": list(found.scenarios),
        "measures": [measure(entry) for entry in (*found.encoded, *found.left_out)],
        "missing_measures": list(found.missing_measures),
        "promises": [promise(entry) for entry in found.promises],
        "missing_promises": list(found.missing_promises),
        "records": dict(found.records),
    }


def _print_all(found: Sequence[Coverage]) -> None:
    out = console()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    table.add_column(phrase("plan"), no_wrap=True, style="bold")
    headers = (phrase("measures\nmodelled"), phrase("\nnot"), phrase("promises\nmeasured"), phrase("\nnot"))
    for header in (*headers, phrase("records\ninput"), *(f"\n{_use(use, short=True)}" for use in USES[1:])):
        table.add_column(header, justify="right", no_wrap=True)
    for entry in found:
        counts = [len(entry.encoded), len(entry.left_out), len(entry.measurable), len(entry.not_measurable)]
        table.add_row(_plan(entry), *(str(count) for count in (*counts, *entry.records.values())))
    out.print(table)
    for entry in found:
        _print_missing(entry, out)
    told = ", ".join(f"{short} {use}" for use, short in SHORT.items()) + "; " if language() == "en" else ""
    out.print(told + phrase("a record with two uses counts in both."), soft_wrap=True)
    out.print(phrase("`shequ coverage PLAN` lists measures and promises, with reasons."), soft_wrap=True)


def _plan(found: Coverage) -> str:
    """Name of a plan by which it can be asked for, after its title where that is in another language than English."""
    return found.register if language() == "en" else f"{found.title.zh} {found.register}"


def _use(use: str, *, short: bool = False) -> str:
    """What records are used for."""
    return SHORT.get(use, use) if short and language() == "en" else name_of("uses", use)


def _print_one(found: Coverage, out: Console) -> None:
    scenarios = ", ".join(found.scenarios) or phrase("none yet")
    title = f"{found.title.en} {found.title.zh}".strip() if language() == "en" else _plan(found)
    out.print(Text(title, style="bold"), soft_wrap=True)
    out.print(phrase("Scenarios: {scenarios}", scenarios=scenarios) + "\n", soft_wrap=True)
    in_scenario = sum(entry.in_scenario for entry in found.encoded)
    head = phrase("Measures encoded ({n}, {m} of them in a scenario)", n=len(found.encoded), m=in_scenario)
    out.print(Text(head, style="bold"))
    rows = [(m.slug, _entry(m)) for m in found.encoded]
    out.print(plain("", (phrase("measure"), phrase("intervention")), rows))
    out.print(Text(phrase("Measures not modelled ({n})", n=len(found.left_out)), style="bold"))
    rows = [(m.slug, _titled(m, reason_of(m.reason))) for m in found.left_out]
    out.print(plain("", (phrase("measure"), phrase("reason")), rows))
    out.print(Text(phrase("Promises measurable ({n})", n=len(found.measurable)), style="bold"))
    columns = (phrase("promise of the plan"), phrase("day"))
    promised = [(p.id, p.by.isoformat(), _observable(p)) for p in found.measurable]
    out.print(plain("", (*columns, phrase("observable")), promised))
    out.print(Text(phrase("Promises not measurable ({n})", n=len(found.not_measurable)), style="bold"))
    promised = [(p.id, p.by.isoformat(), reason_of(p.reason)) for p in found.not_measurable]
    out.print(plain("", (*columns, phrase("reason")), promised))
    uses = phrase(", ").join(f"{_use(use)} {count}" for use, count in found.records.items())
    out.print(phrase("Records by use: {uses}.", uses=uses), soft_wrap=True)
    _print_missing(found, out)


def _observable(promise: Promised) -> str:
    return name_of("observables", str(promise.observable), promise.observable)


def _entry(measure: Measure) -> str:
    """Entry of the catalogue that means a measure."""
    where = "" if measure.in_scenario else phrase(" (in the catalogue only)")
    return measure.entry + where if language() == "en" else f"{measure.title.zh} {measure.entry}{where}"


def _titled(measure: Measure, reason: str) -> str:
    """Reason, after the title of the measure where that is in another language than English."""
    return reason if language() == "en" else f"{measure.title.zh}：{reason}"


def _print_missing(found: Coverage, out: Console) -> None:
    """Name what stands nowhere."""
    missing = (
        (phrase("measures"), found.missing_measures),
        (phrase("promises"), found.missing_promises),
    )
    for what, names in missing:
        if names:
            facts = {"plan": found.register, "what": what, "names": ", ".join(names)}
            out.print(Text(phrase("{plan}: {what} that stand nowhere: {names}", **facts), style="bold red"))
