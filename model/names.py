"""Names in two languages: of observables, levers, processes, archetypes, groups, units, shocks; and words of tables.

English names stand with the declarations (``head_subsidy`` reads "head subsidy", an observable has its label); Chinese
names stand in ``names_zh.yaml``, reasons of plans in ``reasons_zh.yaml``. A command speaks one language throughout:
that of ``--lang``, else of the variable ``SHEQU_LANG``, else of the locale if that is Chinese, else English.
"""

import locale
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Literal

from .keeping import declarations

type Language = Literal["en", "zh"]

LANGUAGES: tuple[Language, ...] = ("en", "zh")
VARIABLE = "SHEQU_LANG"
OF = " of "  # "elderly of pilot": a group of residents within an area
EVERYBODY = "all residents"  # English name of the group "all"

_chosen: ContextVar[Language | None] = ContextVar("language", default=None)


class LanguageError(ValueError):
    """A language that the project does not speak."""


def known_language(text: str) -> Language:
    """Return ``text`` as a language; raises LanguageError for any but ``en`` and ``zh``."""
    for language in LANGUAGES:
        if text.strip().lower() == language:
            return language
    message = (
        f"found the language {text!r}; allowed: {', '.join(LANGUAGES)} (option --lang, or the variable {VARIABLE})"
    )
    raise LanguageError(message)


def language() -> Language:
    """Language of names now."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    wanted = os.environ.get(VARIABLE)
    if wanted:
        return known_language(wanted)
    settings = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    place = next((text for text in settings if text), None) or locale.getlocale()[0] or ""
    return "zh" if place.lower().startswith(("zh", "chinese")) else "en"


@contextmanager
def speaking(wanted: Language | str | None) -> Generator[None]:
    """Speak ``wanted`` inside the block; None: what is spoken already."""
    token = _chosen.set(_chosen.get() if wanted is None else known_language(wanted))
    try:
        yield
    finally:
        _chosen.reset(token)


def speak(wanted: str) -> None:
    """Speak ``wanted`` from now on."""
    _chosen.set(known_language(wanted))


@cache
def chinese() -> Mapping[str, Mapping[str, str]]:
    """Chinese names by section of ``names_zh.yaml`` and by English name."""
    return _read("names_zh.yaml")


@cache
def reasons() -> Mapping[str, str]:
    """Chinese reasons by their English words."""
    return _read("reasons_zh.yaml")


def _read(file: str) -> Any:
    return declarations("shequ.model", file)


def name_of(section: str, name: str, english: str | None = None) -> str:
    """Name of ``name`` for people. ``english``: its English name, by default ``name`` with spaces.

    What is declared elsewhere, as in a user's own file, keeps its English name.
    """
    plain = name.replace("_", " ") if english is None else english
    return plain if language() == "en" else chinese()[section].get(name, plain)


def unit_of(unit: str) -> str:
    """Unit for people."""
    return name_of("units", unit, unit)


def group_of(label: str) -> str:
    """Group of residents, area (of one plan among several: ``ten_household.pilot``), or group within an area."""
    group, of, area = label.partition(OF)
    if of:
        return f"{group_of(area)}的{group_of(group)}" if language() == "zh" else f"{group} of {group_of(area)}"
    plan, mark, area = label.rpartition(".")
    if mark:
        called = name_of("plans", plan)
        return f"{called}{group_of(area)}" if language() == "zh" else f"{group_of(area)} ({called})"
    section = "archetypes" if label in chinese()["archetypes"] else "groups"
    return name_of(section, label, EVERYBODY if label == "all" else None)


def phrase(english: str, **values: object) -> str:
    """Say ``english`` in the language spoken, with ``values`` put into its braces.

    Raises KeyError for a phrase that ``names_zh.yaml`` lacks.
    """
    text = english if language() == "en" else chinese()["phrases"][english]
    return text.format(**values)


def reason_of(english: str) -> str:
    """Say a reason that a plan or the catalogue gives in the language spoken; a user's own stays as it is."""
    return english if language() == "en" else reasons().get(english, english)


def title_of(english: str, zh: str) -> str:
    """Return one of two titles: the Chinese one if it is spoken and there is one."""
    return zh if zh and language() == "zh" else english
