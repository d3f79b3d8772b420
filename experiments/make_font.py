"""Rebuilds the Chinese font that ships with the project, from Noto Sans CJK (SIL Open Font License 1.1).

``python -m shequ.experiments.make_font NotoSansCJK-Regular.ttc``; the file comes with the package ``fonts-noto-cjk`` of
Debian and Ubuntu. It keeps printable ASCII, common punctuation, the 3,755 characters of GB 2312 level 1, and every
character of the project's own texts. The licence asks that a changed font does not bear a reserved name, and a system's
full font must not take its place: so it is called ``fonts.FAMILY``.
"""

import sys
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

from .fonts import FAMILY, FONT

ROOT = Path(__file__).resolve().parents[1]
WRITTEN = ("*.yaml", "agents/*.py", "model/**/*.py", "model/**/*.yaml", "scenarios/**/*.yaml", "app/*.py", "*.md")
PUNCTUATION = "·×÷±°≥≤≈→←↑↓–—‘’“”…‰№①②③④⑤⑥⑦⑧⑨⑩¥￥、。〈〉《》「」『』【】〔〕！（），：；？～％＋－／＝　"
LEVEL_1 = (range(0xB0, 0xD8), range(0xA1, 0xFF))  # lead and trail bytes of GB 2312 level 1
NAMES = {1: FAMILY, 2: "Regular", 3: f"{FAMILY} subset", 4: FAMILY, 6: FAMILY.replace(" ", "")}
OURS = {16, 17, 18, 20, 21, 22, 25}  # further forms of the name, which must not stay


def characters() -> set[str]:
    """Every character that the font should have."""
    leads, trails = LEVEL_1
    common = {bytes((a, b)).decode("gb2312", errors="ignore") for a in leads for b in trails}
    own = {c for pattern in WRITTEN for path in ROOT.glob(pattern) for c in path.read_text(encoding="utf-8")}
    return {*map(chr, range(0x20, 0x7F)), *PUNCTUATION, *common, *(c for c in own if c.isprintable())} - {""}


def make(source: Path, target: Path = FONT) -> None:
    """Write the subset of the font (or of the Simplified Chinese font of the collection) ``source`` to ``target``."""
    font: Any = _simplified(source)
    options = subset.Options(layout_features=[], hinting=False, desubroutinize=False, notdef_outline=True)
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GPOS", "GSUB"]
    cutter: Any = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(c) for c in characters()])
    cutter.subset(font)
    _rename(font)
    font["head"].modified = font["head"].created  # the same bytes whenever it is made
    font.recalcTimestamp = False
    font.save(target)


def _simplified(source: Path) -> Any:
    if source.suffix.lower() != ".ttc":
        return TTFont(source)
    collection: Any = TTCollection(source)
    return next(font for font in collection.fonts if " SC" in str(font["name"].getDebugName(4)))


def _rename(font: Any) -> None:
    table = font["name"]
    table.names = [record for record in table.names if record.nameID not in OURS]
    for record in table.names:
        if record.nameID in NAMES:
            record.string = NAMES[record.nameID]
    if "CFF " in font:
        inner = font["CFF "].cff
        inner.fontNames = [NAMES[6]]
        inner.topDictIndex[0].FullName = inner.topDictIndex[0].FamilyName = FAMILY


if __name__ == "__main__":
    make(Path(sys.argv[1]))
