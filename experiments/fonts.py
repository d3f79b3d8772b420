"""Fonts of plots: English in Matplotlib's own, Chinese in a subset of Noto Sans CJK that ships with the project.

Characters of a user's own file that neither has come from a font of the system if one has them all. A character that no
font has is drawn as ``?`` after one warning, never as a box.
"""

import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from ..model.names import language

LATIN = "DejaVu Sans"
FAMILY = "Shequ Sans SC"
FONT = Path(__file__).parent / "typefaces" / "ShequSansSC-Regular.otf"
OF_SYSTEMS = (  # what systems with Chinese bring, in order of preference
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Arial Unicode MS",
)
MISSING = "?"
BOLD = 700  # as Matplotlib counts weights

_warned: set[str] = set()


@cache
def _ours() -> frozenset[int]:
    """Enter the project's font into Matplotlib's list; the characters that it and Matplotlib's own font have."""
    manager: Any = font_manager
    manager.fontManager.addfont(str(FONT))
    regular = manager.fontManager.ttflist[-1]
    manager.fontManager.ttflist.append(replace(regular, weight=BOLD))  # one weight serves for both
    latin: str = manager.findfont(LATIN, fallback_to_default=False)
    return frozenset(_characters(str(FONT)) | _characters(latin))


def _characters(path: str) -> set[int]:
    return set(FT2Font(path).get_charmap())


@cache
def _of_system() -> tuple[str, frozenset[int]] | None:
    """Name and characters of a Chinese font of the system; None if there is none."""
    manager: Any = font_manager
    installed = {entry.name: entry.fname for entry in manager.fontManager.ttflist}
    found = next((name for name in OF_SYSTEMS if name in installed), None)
    return None if found is None else (found, frozenset(_characters(installed[found])))


def families() -> list[str]:
    """Font families for Matplotlib, in the order in which a character is looked for."""
    _ours()
    own = [FAMILY, LATIN] if language() == "zh" else [LATIN, FAMILY]
    system = _of_system()
    return own if system is None else [*own, system[0]]


def shown(text: str) -> str:
    """Return ``text`` with ``?`` for what no font has, which is told once."""
    system = _of_system()
    known = _ours() if system is None else _ours() | system[1]
    lacking = sorted({c for c in text if ord(c) not in known and not c.isspace()})
    new = [c for c in lacking if c not in _warned]
    if new:
        _warned.update(new)
        listed = ", ".join(f"{c} (U+{ord(c):04X})" for c in new)
        message = f"no font here has {listed}; plots show {MISSING} instead. Installing Noto Sans CJK helps."
        warnings.warn(message, stacklevel=2)
    return "".join(MISSING if c in lacking else c for c in text)
