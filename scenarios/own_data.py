"""Reads a file of a user's own households: what counts and categories it holds, what is missing, what is wrong.

The columns are described in ``docs/own_community.md``. Names, numbers and telephones of people are not read. Rows are
counted as a spreadsheet shows them: the header is row 1.
"""

import csv
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any, cast

import pandas as pd  # pyright: ignore[reportMissingTypeStubs]

from ..model.district import ADULT_AGE, LARGEST_HOUSEHOLD, OwnHousehold
from .reader import Problem, ScenarioError, allowed, nearest

MOST_FAULTS = 50  # faults that are told one by one
MOST_ROWS = 20_000  # households of a community
LARGEST_FILE = 50_000_000  # bytes
OLDEST, LEAST_AREA, MOST_AREA, HIGHEST_FLOOR = 110, 10.0, 500.0, 120
COLUMNS: Mapping[str, tuple[str, ...]] = {  # name, and what else files call it
    "household": ("household_id", "户号", "户编号"),
    "building": ("楼栋", "楼号", "栋"),
    "stairwell": ("单元", "单元号", "梯"),
    "floor": ("楼层", "层"),
    "members": ("size", "人数", "家庭人数", "户人数"),
    "ages": ("age", "年龄", "成员年龄"),
    "tenure": ("产权", "住房性质", "居住性质"),
    "migrant": ("流动人口", "外来"),
    "area": ("area_m2", "面积", "建筑面积"),
    "party_members": ("party", "党员", "党员数"),
}
PERSONAL = re.compile(
    r"name|phone|tel|mobile|id_?card|identity|passport|email|姓名|户主|电话|手机|身份证|证件|邮箱|微信", re.I
)
TENURE = {
    "owner": True,
    "own": True,
    "自有": True,
    "自住": True,
    "tenant": False,
    "rent": False,
    "租住": False,
    "租赁": False,
}
FLAGS = {"yes": True, "1": True, "true": True, "是": True, "no": False, "0": False, "false": False, "否": False}
READERS = {".csv": "", ".xlsx": "openpyxl", ".parquet": "pyarrow"}
FILLED_FROM = {
    "building": "the archetype's households per stairwell and stairwells per building",
    "stairwell": "the archetype's households per stairwell",
    "ages": "the archetype's share of elder households and the ages of families, by the seed",
    "tenure": "the archetype's share of owners, by the seed",
    "migrant": "the archetype's share of migrants, by the seed",
    "area": "the usual floor area of 80 m2",
    "party_members": "the share of Party members among adults, by the seed",
}


@dataclass(frozen=True)
class Filled:
    """A column that is not given for ``rows`` households; ``source`` says what takes its place."""

    column: str
    rows: int
    source: str


@dataclass(frozen=True)
class Estate:
    """The households of a file in the order of the street, what is filled in, and what is said of its columns."""

    households: tuple[OwnHousehold, ...]
    filled: tuple[Filled, ...]
    notes: tuple[str, ...]
    sha256: str

    def lines(self) -> list[str]:
        """What a user should know: size, what is filled from where, what is not read."""
        people = sum(home.size for home in self.households)
        told = [f"{len(self.households):,} households, {people:,} residents"]
        told += [f"{f.column}: {f.rows:,} households without it; filled from {f.source}" for f in self.filled]
        return [*told, *self.notes]


class _Rows:
    """The rows of a file while they are read, with every fault."""

    def __init__(self, file: str, header: list[str], rows: list[list[str]]) -> None:
        self.file = file
        self.faults: list[Problem] = []
        self.notes: list[str] = []
        self.cells: dict[str, list[str]] = {}
        self.count = len(rows)
        for k, given in enumerate(header):
            cells = [row[k] if k < len(row) else "" for row in rows]
            name = _column(given)
            if name is None:
                self.notes += [_unread(given)] if given or any(cells) else []
            elif name in self.cells:
                self.faults.append(Problem(file, 1, given, f"this is the column {name!r} a second time; keep one"))
            else:
                self.cells[name] = cells
        for row, cells in enumerate(rows):
            if any(cells[len(header) :]):
                message = (
                    f"found {len(cells)} cells for {len(header)} columns; part ages by ';', "
                    'and put a cell that holds commas between "quotes"'
                )
                self.fault(row, "", message)

    def cell(self, row: int, column: str) -> str:
        return self.cells[column][row] if column in self.cells else ""

    def blank(self, row: int) -> bool:
        return not any(column[row] for column in self.cells.values())

    def fault(self, row: int, column: str, message: str) -> None:
        self.faults.append(Problem(self.file, row + 2, column, message))

    def read[T](self, row: int, column: str, parse: Callable[[str], T | None], wanted: str) -> T | None:
        """Value of a cell; None where it is empty, or wrong, which is a fault."""
        text = self.cell(row, column)
        if not text:
            return None
        value = parse(text)
        if value is None:
            self.fault(row, column, f"found {text!r}; allowed: {wanted}")
        return value


def digest(path: Path) -> str:
    """SHA-256 of the file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def read(path: Path, sha256: str) -> Estate:
    """Read the households of the file ``path``, whose content has the hash ``sha256`` (which keeps a copy in memory).

    Raises ScenarioError with up to MOST_FAULTS faults, each with row and column.
    """
    header, *cells = [[_cell(value) for value in row] for row in _table(path)]
    rows = _Rows(path.name, header, cells)
    if not rows.faults and "members" not in rows.cells and "ages" not in rows.cells:
        found = allowed(rows.cells) or "none that is known"
        message = f"there is neither a column 'members' nor 'ages'; one of them is needed. Columns: {found}"
        rows.faults.append(Problem(rows.file, 1, "", message))
    if not rows.faults:
        _addresses(rows)
    homes = [] if rows.faults else _homes(rows)
    if not homes and not rows.faults:
        rows.faults.append(Problem(rows.file, None, "", "the file holds no household"))
    if len(homes) > MOST_ROWS:
        message = f"the file holds {len(homes):,} households; a community has at most {MOST_ROWS:,}"
        rows.faults.append(Problem(rows.file, None, "", message))
    if rows.faults:
        more = len(rows.faults) - MOST_FAULTS
        told = rows.faults[:MOST_FAULTS]
        told += [Problem(rows.file, None, "", f"and {more:,} more faults")] if more > 0 else []
        raise ScenarioError(told)
    return Estate(tuple(homes), tuple(_filled(homes)), tuple(rows.notes), sha256)


# --- the file -------------------------------------------------------------------------------------------------------


def _table(path: Path) -> list[list[Any]]:
    """All rows of the file as they stand, the names of the columns first."""
    kind = path.suffix.lower()
    if kind not in READERS:
        raise ScenarioError(
            [Problem(path.name, None, "", f"found a {kind or 'nameless'} file; allowed: {allowed(READERS)}")]
        )
    if path.stat().st_size > LARGEST_FILE:
        message = f"the file has {path.stat().st_size:,} bytes; at most {LARGEST_FILE:,} are read"
        raise ScenarioError([Problem(path.name, None, "", message)])
    try:
        table = _READ[kind](path)
    except ImportError as error:
        message = f"reading {kind} files needs the package {READERS[kind]}: pip install 'shequ[{kind[1:]}]'"
        raise ScenarioError([Problem(path.name, None, "", message)]) from error
    except Exception as error:
        # The readers of three formats fail in their own ways on a file that is not what it is called.
        message = f"this cannot be read as a {kind} table: {' '.join(str(error).split())[:200]}"
        raise ScenarioError([Problem(path.name, None, "", message)]) from error

    if not table:
        raise ScenarioError([Problem(path.name, None, "", "the file is empty; its first row names the columns")])
    return table


def _csv(path: Path) -> list[list[Any]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")  # what spreadsheets in China write
    return list(csv.reader(StringIO(text, newline=""), strict=True))


def _xlsx(path: Path) -> list[list[Any]]:
    library: Any = pd
    frame = library.read_excel(path, header=None, dtype=str, keep_default_na=False, engine="openpyxl")
    return frame.to_numpy(object).tolist()


def _parquet(path: Path) -> list[list[Any]]:
    library: Any = pd
    frame = library.read_parquet(path, engine="pyarrow")
    return [list(frame.columns), *(list(row) for row in frame.itertuples(index=False, name=None))]


_READ: Mapping[str, Callable[[Path], list[list[Any]]]] = {".csv": _csv, ".xlsx": _xlsx, ".parquet": _parquet}


def _column(given: str) -> str | None:
    plain = given.strip().lower().replace(" ", "_")
    return next((name for name, others in COLUMNS.items() if plain == name or plain in others), None)


def _unread(given: str) -> str:
    if not given:
        return "a column without a name is not read"
    if PERSONAL.search(given):
        return f"column {given!r} is not read: personal data"
    return f"column {given!r} is not read.{nearest(given, COLUMNS)}"


def _cell(value: Any) -> str:
    """Text of a cell; empty for what stands for nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if hasattr(value, "__len__") and not isinstance(value, str):
        return ";".join(_cell(part) for part in value)
    if cast("Any", pd).isna(value):
        return ""
    text = str(value).strip()
    return text.removesuffix(".0") if re.fullmatch(r"-?\d+\.0", text) else text


# --- rows -----------------------------------------------------------------------------------------------------------


def _addresses(rows: _Rows) -> None:
    """An address that only some households have would tear the street apart."""
    for column, above in (("building", ""), ("stairwell", "building"), ("floor", "building")):
        if column not in rows.cells:
            continue
        if above and above not in rows.cells:
            rows.faults.append(Problem(rows.file, 1, column, f"a {column} needs the column {above!r} beside it"))
        for row in range(rows.count):
            if not rows.cell(row, column) and not rows.blank(row):
                rows.fault(row, column, "empty; give it for every household, or leave the column out")


def _homes(rows: _Rows) -> list[OwnHousehold]:
    """Households in the order of the street: by building, stairwell, floor, then as in the file."""
    placed: list[tuple[Any, OwnHousehold]] = []
    seen: dict[str, int] = {}
    for row in range(rows.count):
        if rows.blank(row):
            continue
        number = rows.cell(row, "household")
        if number and number in seen:
            rows.fault(row, "household", f"this household stands in row {seen[number]} already")
        seen.setdefault(number, row + 2)
        floor = rows.read(row, "floor", _whole(-5, HIGHEST_FLOOR), f"a whole number from -5 to {HIGHEST_FLOOR}")
        home = _home(rows, row)
        if home is not None:
            building, stairwell = home.building or "", home.stairwell or ""
            key = (_natural(building), building, _natural(stairwell), stairwell, floor or 0, row)
            placed.append((key, home))
    return [] if rows.faults else [home for _, home in sorted(placed, key=lambda entry: entry[0])]


def _home(rows: _Rows, row: int) -> OwnHousehold | None:
    before = len(rows.faults)
    ages = rows.read(row, "ages", _ages, f"whole years from 0 to {OLDEST}, parted by ';'") or ()
    size = rows.read(row, "members", _whole(1, LARGEST_HOUSEHOLD), f"a whole number from 1 to {LARGEST_HOUSEHOLD}")
    party = rows.read(row, "party_members", _whole(0, LARGEST_HOUSEHOLD), "a whole number from 0 on")
    owner = rows.read(row, "tenure", _word(TENURE), allowed(TENURE))
    migrant = rows.read(row, "migrant", _word(FLAGS), allowed(FLAGS))
    area = rows.read(row, "area", _room, f"square metres from {LEAST_AREA:g} to {MOST_AREA:g}")
    if len(rows.faults) > before:
        return None
    size = size or len(ages)
    if size == 0:
        rows.fault(row, "members" if "members" in rows.cells else "ages", "empty; how many live here must be known")
    elif not len(ages) <= size <= LARGEST_HOUSEHOLD:
        rows.fault(row, "ages", f"found {len(ages)} ages for {size} members; at most {LARGEST_HOUSEHOLD} live together")
    elif len(ages) == size and max(ages) < ADULT_AGE:
        rows.fault(row, "ages", f"nobody here is {ADULT_AGE} or older; an adult speaks for each household")
    adults = size - sum(age < ADULT_AGE for age in ages)
    if party is not None and party > adults:
        rows.fault(row, "party_members", f"found {party} for {adults} adults")
    if owner and migrant:
        rows.fault(
            row,
            "migrant",
            "this household owns its home and is without local registration; the model keeps these apart",
        )
    if len(rows.faults) > before:
        return None
    building, stairwell = rows.cell(row, "building") or None, rows.cell(row, "stairwell") or None
    return OwnHousehold(size, tuple(sorted(ages, reverse=True)), party, building, stairwell, owner, migrant, area)


def _whole(low: int, high: int) -> Callable[[str], int | None]:
    return lambda text: int(text) if re.fullmatch(r"-?\d{1,6}", text) and low <= int(text) <= high else None


def _ages(text: str) -> tuple[int, ...] | None:
    parts = [part for part in re.split(r"[;；,，、/\s]+", text) if part]
    ages = [_whole(0, OLDEST)(part) for part in parts]
    known = tuple(age for age in ages if age is not None)
    return known if len(known) == len(ages) else None


def _word(known: Mapping[str, bool]) -> Callable[[str], bool | None]:
    return lambda text: known.get(text.lower())


def _room(text: str) -> float | None:
    try:
        area = float(text)
    except ValueError:
        return None
    return area if LEAST_AREA <= area <= MOST_AREA else None


def _natural(text: str) -> list[tuple[int, int | str]]:
    """Sort key by which building 2 stands before building 10."""
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in re.split(r"(\d+)", text) if part]


def _filled(homes: list[OwnHousehold]) -> list[Filled]:
    lacking = {
        "building": [home.building is None for home in homes],
        "stairwell": [home.building is not None and home.stairwell is None for home in homes],
        "ages": [len(home.ages) < home.size for home in homes],
        "tenure": [home.owner is None for home in homes],
        "migrant": [home.migrant is None for home in homes],
        "area": [home.area is None for home in homes],
        "party_members": [home.party_members is None for home in homes],
    }
    return [Filled(name, sum(rows), FILLED_FROM[name]) for name, rows in lacking.items() if any(rows)]
