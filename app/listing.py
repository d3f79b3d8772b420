"""``shequ list``: what there is."""

import json
import sys
from collections.abc import Callable

from ..model import couplings, levers, parameters, source
from ..model.names import language, name_of, phrase
from .tables import console, plain

type Row = dict[str, str]
type Rows = list[Row]


def listing(what: str, *, as_json: bool) -> None:
    """Print everything of a kind as a table or as JSON."""
    rows = LISTINGS[what]()
    if as_json:
        sys.stdout.write(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
        return
    columns = list(rows[0]) if rows else []
    out = console()
    out.print(
        plain(
            "",
            [name_of("columns", column, column) for column in columns],
            [[row[column] for column in columns] for row in rows],
        )
    )
    out.print(
        phrase("{n} scenarios", n=len(rows))
        if what == "scenarios"
        else phrase("{n} {what}. `shequ explain NAME` says more.", n=len(rows), what=phrase(what))
    )


def _called(section: str, name: str) -> Row:
    """Column with names in the language spoken, where that is not English."""
    return {} if language() == "en" else {language(): name_of(section, name)}


def _archetypes() -> Rows:
    from ..model.district import Archetype  # noqa: PLC0415  slow to load, and the other lists do without

    return [{"name": kind.label, **_called("archetypes", kind.label)} for kind in Archetype]


def _interventions() -> Rows:
    from ..scenarios.catalogue import interventions  # noqa: PLC0415  slow to load, and the other lists do without

    return [
        {"name": name, "title": entry.title.en, "zh": entry.title.zh, "levers": ", ".join(entry.levers)}
        for name, entry in interventions().items()
    ]


def _scenarios() -> Rows:
    from ..scenarios import loader  # noqa: PLC0415  slow to load, and the other lists do without

    return [{"name": name, "title": english, "zh": chinese} for name, english, chinese in loader.available()]


def _levers() -> Rows:
    return [
        {
            "name": lever.name,
            **_called("levers", lever.name),
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
        {
            "name": o.name,
            **_called("observables", o.name),
            "unit": o.unit,
            "definition": o.definition,
            "source": o.source,
        }
        for o in observables.catalogue().values()
    ]


def _processes() -> Rows:
    return [
        {
            "name": p.name,
            **_called("processes", p.name),
            "what happens": p.docstring.split("\n\n")[0].replace("\n", " "),
        }
        for p in source.processes()
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
    "interventions": _interventions,
    "archetypes": _archetypes,
    "levers": _levers,
    "parameters": _parameters,
    "observables": _observables,
    "processes": _processes,
    "rules": _rules,
    "couplings": _couplings,
}
