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
    table.add_column("plan", no_wrap=True, style="bold")
    headers = ("measures\nmodelled", "\nnot", "promises\nmeasured", "\nnot", "records\ninput")
    for header in (*headers, *(f"\n{SHORT.get(use, use)}" for use in USES[1:])):
        table.add_column(header, justify="right", no_wrap=True)
    for entry in found:
        counts = [len(entry.encoded), len(entry.left_out), len(entry.measurable), len(entry.not_measurable)]
        table.add_row(entry.register, *(str(count) for count in (*counts, *entry.records.values())))
    out.print(table)
    for entry in found:
        _print_missing(entry, out)
    told = ", ".join(f"{short} {use}" for use, short in SHORT.items())
    out.print(f"{told}; a record with two uses counts in both.", soft_wrap=True)
    out.print("`shequ coverage PLAN` lists measures and promises, with reasons.", soft_wrap=True)


def _print_one(found: Coverage, out: Console) -> None:
    scenarios = ", ".join(found.scenarios) or "none yet"
    out.print(Text(f"{found.title.en} {found.title.zh}".strip(), style="bold"), soft_wrap=True)
    out.print(f"Scenarios: {scenarios}\n", soft_wrap=True)
    in_scenario = sum(entry.in_scenario for entry in found.encoded)
    out.print(Text(f"Measures encoded ({len(found.encoded)}, {in_scenario} of them in a scenario)", style="bold"))
    rows = [(m.slug, m.entry + ("" if m.in_scenario else " (in the catalogue only)")) for m in found.encoded]
    out.print(plain("", ("measure", "intervention"), rows))
    out.print(Text(f"Measures not modelled ({len(found.left_out)})", style="bold"))
    out.print(plain("", ("measure", "reason"), [(m.slug, m.reason) for m in found.left_out]))
    out.print(Text(f"Promises measurable ({len(found.measurable)})", style="bold"))
    rows = [(p.id, p.by.isoformat(), p.observable or "") for p in found.measurable]
    out.print(plain("", ("promise", "by", "observable"), rows))
    out.print(Text(f"Promises not measurable ({len(found.not_measurable)})", style="bold"))
    rows = [(p.id, p.by.isoformat(), p.reason) for p in found.not_measurable]
    out.print(plain("", ("promise", "by", "reason"), rows))
    uses = ", ".join(f"{use} {count}" for use, count in found.records.items())
    out.print(f"Records by use: {uses}.", soft_wrap=True)
    _print_missing(found, out)


def _print_missing(found: Coverage, out: Console) -> None:
    """Name what stands nowhere."""
    for what, missing in (("measures", found.missing_measures), ("promises", found.missing_promises)):
        if missing:
            out.print(Text(f"{found.register}: {what} that stand nowhere: {', '.join(missing)}", style="bold red"))
