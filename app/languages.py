"""The option ``--lang`` of commands that print names."""

from enum import StrEnum
from typing import Annotated

import typer


class LanguageName(StrEnum):
    """Languages of names and plots."""

    EN = "en"
    ZH = "zh"


Lang = Annotated[
    LanguageName | None,
    typer.Option("--lang", help="Language of names and plots; default: SHEQU_LANG, the locale, English."),
]
