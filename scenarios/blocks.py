"""Small blocks that several parts of a scenario file share: the base of all blocks, doses, places, times."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from ..model.levers import Way
from .reader import Path_, Problem, Source
from .words import SHA256, Day, Duration, ItemId, Kind, Name, Share


class Block(BaseModel):
    """A mapping of a scenario file. Unknown keys are refused.

    ``assumed: true`` marks what the plan does not say and asks for a ``reason``; ``note`` is free text.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    assumed: Annotated[bool, Field(description="the source is silent here; give the reason")] = False
    reason: Annotated[str, Field(description="why this was assumed, or why this reading was chosen")] = ""
    note: str = ""

    _source: Source | None = PrivateAttr(default=None)
    _path: Path_ = PrivateAttr(default=())

    @model_validator(mode="after")
    def _reason_given(self) -> Self:
        if self.assumed and not self.reason:
            code, text = "reason", "`assumed: true` needs a `reason:`"
            raise PydanticCustomError(code, text)
        return self

    def place(self, source: Source, path: Path_) -> Self:
        """Remember where this block stands in its file."""
        self._source, self._path = source, path
        return self

    def problem(self, key: str | Path_, message: str) -> Problem:
        """Fault at ``key`` of this block."""
        inner: Path_ = (key,) if isinstance(key, str) and key else tuple(key)
        if self._source is None:
            return Problem("<scenario>", None, ".".join(map(str, (*self._path, *inner))), message)
        return self._source.problem((*self._path, *inner), message)


class Title(Block):
    """Name of a plan for people."""

    en: str
    zh: str = ""


class Register(Block):
    """Where the plan was read."""

    register_name: Annotated[str, Field(alias="register", description="evidence register, such as ten_household")]
    sections: list[str] = []


class Days(Block):
    """First and last day; weeks begin on Mondays."""

    start: Day
    end: Day


class OwnFile(Block):
    """A file of a user's own households: its path from this file, and the hash of its content."""

    file: Annotated[str, Field(min_length=1, description="CSV, XLSX or Parquet, see docs/own_community.md")]
    sha256: Annotated[str, Field(pattern=SHA256, description="hash of the file; `shequ scenario new` writes it")]

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return (self._source.folder if self._source is not None else Path()) / self.file


class Households(Block):
    """Communities of one archetype."""

    archetype: Kind
    count: Annotated[int, Field(ge=1, le=2000)]
    households: Annotated[
        list[Annotated[int, Field(ge=1, le=20000)]],
        Field(
            min_length=2, max_length=2, description="fewest and most households; each community draws its own number"
        ),
    ]
    readiness: Annotated[
        Share,
        Field(
            description="mean readiness; single communities differ by up to 0.2 by lot; `order: best_first` follows it"
        ),
    ] = 0.5
    overrides: Annotated[dict[str, float], Field(description="parameters that differ in these communities")] = {}
    redrawn: Annotated[bool, Field(description="true: sizes are drawn anew in every replicate")] = False
    own: Annotated[
        OwnFile | None,
        Field(description="households of one's own in place of drawn ones: the first so many of the file's street"),
    ] = None


class District(Block):
    """Who is there."""

    communities: list[Households] | None = None
    subdistricts: Annotated[int, Field(ge=1)] | None = None
    overrides: Annotated[dict[str, float], Field(description="parameters that differ in the whole district")] = {}


class Select(Block):
    """Choice of a few communities."""

    one_of_each: Literal["archetype"] | None = None
    max: Annotated[int, Field(ge=1)] | None = None
    archetypes: list[Kind] | None = None


WAYS = ("to", "by", "times", "range")


class Dose(Block):
    """What happens to one lever: it goes `to` a value, moves `by` an amount, or is multiplied (`times`).

    `range`: it goes to a value that each replicate draws anew between two numbers, where a source leaves it blank.
    """

    to: float | dict[Kind, float] | None = None
    by: float | dict[Kind, float] | None = None
    times: float | dict[Kind, float] | None = None
    range: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    unit: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = [way for way in WAYS if getattr(self, way) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            code, text = "dose", "give exactly one of `to`, `by`, `times`, `range`; found {found}"
            raise PydanticCustomError(code, text, {"found": found})
        return self

    @property
    def key(self) -> str:
        """Which of the four is given."""
        return next(way for way in WAYS if getattr(self, way) is not None)

    @property
    def way(self) -> Way:
        """How the lever moves: with a `range` it goes `to` what is drawn."""
        if self.by is not None:
            return "by"
        return "times" if self.times is not None else "to"

    def amount(self, archetype: str, lot: float = 0.5) -> float | None:
        """Return the number for communities of ``archetype``; None where they are not named.

        ``lot`` in (0, 1) says where in a `range` it lies.
        """
        if self.range is not None:
            return self.range[0] + lot * (self.range[1] - self.range[0])
        value: float | dict[Kind, float] = getattr(self, self.way)
        if isinstance(value, dict):
            return next((float(number) for kind, number in value.items() if kind == archetype), None)
        return float(value)


class Where(Block):
    """Which communities; several keys together mean all of them at once."""

    phase: Annotated[
        str | list[str] | None,
        Field(description="communities of these phases, each from its entry; `any` means all phases"),
    ] = None
    archetype: Kind | list[Kind] | None = None
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    communities: Annotated[list[int] | None, Field(description="permanent numbers of communities")] = None

    def phases(self) -> list[str]:
        """Phases named here."""
        return [self.phase] if isinstance(self.phase, str) else list(self.phase or [])

    def archetypes(self) -> list[str] | None:
        """Archetypes named here; None for all."""
        if self.archetype is None:
            return None
        return [self.archetype] if isinstance(self.archetype, str) else list(self.archetype)


class When(Block):
    """From when to when; without `start` from the entry of each community, or from the start of the calendar."""

    start: Day | None = None
    end: Day | None = None
    phase: Annotated[Name | None, Field(description="from the start of this phase on")] = None
    delay: Annotated[Duration, Field(description="how long after a community's entry")] | None = None
    ramp_weeks: Annotated[int, Field(ge=0, le=520, description="weeks over which the change builds up")] = 0


class After(Block):
    """An item waits until another is in full force, or until a phase is over, and for `lag` more."""

    item: Annotated[ItemId | None, Field(description="item that must be in full force")] = None
    phase: Annotated[Name | None, Field(description="phase that must be over")] = None
    lag: Duration | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.item is None) == (self.phase is None):
            code, text = "after", "give `item:` or `phase:`, one of the two"
            raise PydanticCustomError(code, text)
        return self


class Slip(Block):
    """How an item or phase falls behind: it starts `by` later, and all its own durations are `times` as long.

    Durations of an item are its delay, its ramp and its lag; that of a phase is its length.
    """

    by: Duration | None = None
    times: Annotated[float, Field(ge=0, le=10)] = 1.0


class Fidelity(Block):
    """How much of the dose reaches the ground: drawn for each community and item, clipped to [0, 1]."""

    mean: Share
    sd: Annotated[float, Field(ge=0, le=1)] = 0.0


class Cost(Block):
    """What the plan says an item costs; shown, not paid: money moves through the levers of the funding process."""

    per: Literal["head", "unit", "event", "household", "resident", "elder", "worker", "community", "district"]
    amount: Annotated[float, Field(ge=0)]
    unit: Literal["CNY", "CNY/month", "CNY/year", "CNY/event"]
    account: Name | None = None
