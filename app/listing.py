"""``shequ list``: what there is."""

import json
import sys
from collections.abc import Callable

from ..model import couplings, levers, parameters, source
from .tables import console, plain

type Rows = list[dict[str, str]]


def listing(what: str, *, as_json: bool) -> None:
    """Print everything of a kind as a table or as JSON."""
    rows = LISTINGS[what]()
    if as_json:
        sys.stdout.write(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
        return
    columns = list(rows[0]) if rows else []
    out = console()
    out.print(plain("", columns, [[row[column] for column in columns] for row in rows]))
    out.print(
        f"{len(rows)} {what}. `shequ explain NAME` says more." if what != "scenarios" else f"{len(rows)} scenarios"
    )


def _scenarios() -> Rows:
    from ..scenarios import loader  # noqa: PLC0415  slow to load, and the other lists do without

    return [{"name": name, "title": english, "zh": chinese} for name, english, chinese in loader.available()]


def _levers() -> Rows:
    return [
        {
            "name": lever.name,
            "rest": f"{lever.rest:g}",
            "range": f"{lever.low:g} to {lever.high:g}",
            "unit": lever.unit,
            "meaning": lever.meaning,
        }
        for lever in levers.catalogue().values()
    ]


def _parameters() -> Rows:
    return [
        {
            "name": p.name,
            "value": f"{p.value:g}",
            "range": f"{p.low:g} to {p.high:g}",
            "unit": p.unit,
            "process": p.process,
            "meaning": p.meaning,
        }
        for p in parameters.catalogue().values()
    ]


def _observables() -> Rows:
    from ..model import observables  # noqa: PLC0415  slow to load, and the other lists do without

    return [
        {"name": o.name, "unit": o.unit, "definition": o.definition, "source": o.source}
        for o in observables.catalogue().values()
    ]


def _processes() -> Rows:
    return [
        {"name": p.name, "what happens": p.docstring.split("\n\n")[0].replace("\n", " ")} for p in source.processes()
    ]


def _rules() -> Rows:
    return [{"name": r.name, "where": r.place, "what": r.docstring.split("\n")[0]} for r in source.rules()]


def _couplings() -> Rows:
    return [
        {"name": c.name, "from and to": " > ".join(c.path), "what it hands on": c.meaning, "source": c.source}
        for c in couplings.catalogue().values()
    ]


LISTINGS: dict[str, Callable[[], Rows]] = {
    "scenarios": _scenarios,
    "levers": _levers,
    "parameters": _parameters,
    "observables": _observables,
    "processes": _processes,
    "rules": _rules,
    "couplings": _couplings,
}
