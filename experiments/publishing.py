"""Tables for papers: the same frame as CSV (every digit that matters), Markdown and LaTeX (read by people).

CSV keeps its English machine names; Markdown and LaTeX speak the language spoken.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd  # pyright: ignore[reportMissingTypeStubs]

from ..model import observables
from ..model.names import group_of, language, name_of, phrase, unit_of
from .store import write_bytes

type Saying = Mapping[str, Callable[[str], str]]

DIGITS = "%.6g"
SHOWN = 3  # significant digits in Markdown and LaTeX
LARGEST_PLAIN = 1e6
SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}


NEEDS_CHINESE = "% Chinese: compile with XeLaTeX or LuaLaTeX and the package ctex\n"


def write_table(path: Path, frame: pd.DataFrame, caption: str, called: Saying) -> None:
    """Write ``frame`` beside ``path`` with the suffixes .csv, .md and .tex; the same frame gives the same bytes.

    ``called`` says how people call what stands in a column of machine names, beside those that all tables have.
    """
    whole: Any = frame
    table: str = whole.to_csv(index=False, float_format=DIGITS, lineterminator="\n")
    names = [str(name) for name in whole.columns]
    saying: dict[str, Callable[[Any], str]] = {**_saying(), **called}
    said = [saying.get(name, _cell) for name in names]
    rows = [[say(value) for say, value in zip(said, row, strict=True)] for row in whole.itertuples(index=False)]
    columns = [name_of("columns", name, name) for name in names]
    numeric = [whole[name].dtype.kind in "if" for name in names]
    write_bytes(path.with_suffix(".csv"), table.encode())
    write_bytes(path.with_suffix(".md"), markdown(columns, rows, numeric, caption).encode())
    write_bytes(path.with_suffix(".tex"), latex(columns, rows, numeric, caption, label=path.name).encode())


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one mapping a row, as JSON knows it: None for what is not a number."""
    whole: Any = frame
    return whole.astype(object).where(whole.notna(), None).to_dict("records")


def _saying() -> dict[str, Callable[[str], str]]:
    """How people call what stands in columns that several tables have."""
    labels = {o.label: name_of("observables", o.name, o.label) for o in observables.catalogue().values()}
    better = {"more": phrase("more"), "less": phrase("less"), "": ""}
    return {"label": labels.__getitem__, "unit": unit_of, "group": group_of, "better": better.__getitem__}


def _cell(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    if value != value:  # noqa: PLR0124  not-a-number
        return ""
    whole = abs(value) >= 10.0**SHOWN and abs(value) < LARGEST_PLAIN
    return f"{value:.0f}" if whole else f"{value:.{SHOWN}g}"


def markdown(columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], caption: str) -> str:
    """Return a Markdown table; numbers to the right, bars inside cells escaped."""
    lines = [list(columns), ["---:" if right else "---" for right in numeric], *rows]
    body = "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
    return f"{caption}\n\n{body}\n"


def latex(
    columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], caption: str, *, label: str
) -> str:
    """Return a LaTeX table over several pages (packages longtable and booktabs), every special character escaped."""
    head = " & ".join(map(escaped, columns)) + r" \\"
    body = "\n".join(" & ".join(map(escaped, row)) + r" \\" for row in rows)
    shape = "".join("r" if right else "l" for right in numeric)
    return (NEEDS_CHINESE if language() == "zh" else "") + (
        f"\\begin{{longtable}}{{{shape}}}\n\\caption{{{escaped(caption)}}}\\label{{tab:{label}}}\\\\\n\\toprule\n{head}\n"
        f"\\midrule\n\\endhead\n{body}\n\\bottomrule\n\\end{{longtable}}\n"
    )


def escaped(text: str) -> str:
    """Return ``text`` as LaTeX prints it literally."""
    return "".join(SPECIAL.get(letter, letter) for letter in text)
