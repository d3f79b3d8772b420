"""What a scenario file may hold: one pydantic model a block. :mod:`.json_schema` makes the JSON Schema from it."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from .reader import Path_, Problem, Source
from .selection import Entry, Order, Spread
from .words import SHA256, Day, Duration, EmergencyType, Evidence, Group, ItemId, Kind, Name, Share, no_triggers


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
        return Path() / self.file if self._source is None else self._source.folder / self.file


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
    own: Annotated[OwnFile | None, Field(description="own households, not drawn: the first so many of the street")] = (
        None
    )


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


class Phase(Block):
    """A stretch of the plan in which communities enter it."""

    name: Name
    title: Annotated[Title | None, Field(description="name for tables and plots; without one, `name`")] = None
    start: Day
    end: Day
    select: Select | None = None
    reach: Annotated[Share | None, Field(description="share of all communities reached by its end, in all")] = None
    order: Annotated[Order, Field(description="by readiness, by lot, or best first on a baseline score")] = "random"
    reliability: Annotated[float, Field(gt=0, le=1, description="of the score of `order: cherry_picked`")] = 0.6
    entry: Annotated[Entry, Field(description="communities enter evenly over the phase or all at once")] = "even"
    spread: Annotated[Spread, Field(description="who enters is named, or all others may join, or must")] = "planned"
    evidence: list[Evidence] = []


class Dose(Block):
    """What happens to one lever: it goes `to` a value, or moves `by` an amount, or is multiplied (`times`)."""

    to: float | dict[Kind, float] | None = None
    by: float | dict[Kind, float] | None = None
    times: float | dict[Kind, float] | None = None
    unit: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = [way for way in ("to", "by", "times") if getattr(self, way) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            code, text = "dose", "give exactly one of `to`, `by`, `times`; found {found}"
            raise PydanticCustomError(code, text, {"found": found})
        return self

    @property
    def way(self) -> str:
        """Which of the three is given."""
        return next(way for way in ("to", "by", "times") if getattr(self, way) is not None)

    def amount(self, archetype: str) -> float | None:
        """Return the number for communities of ``archetype``; None where they are not named."""
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
    """An item waits until another is in full force."""

    item: ItemId
    lag: Duration | None = None


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


class Intervention(Block):
    """One thing that is done: an entry of the catalogue (`use`), levers, or both."""

    id: Annotated[ItemId | None, Field(description="name for `after`, `drop` and `slip`; `use` if left out")] = None
    use: Name | None = None
    levers: dict[str, Dose] = {}
    where: Where = Field(default_factory=Where)
    when: When = Field(default_factory=When)
    after: After | None = None
    fidelity: Fidelity | None = None
    cost: Cost | None = None
    evidence: list[Evidence] = []

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.use is None and self.id is None:
            code, text = "named", "give `use:` (an entry of the catalogue) or an `id:` with `levers:`"
            raise PydanticCustomError(code, text)
        if self.use is None and not self.levers:
            code, text = "moves", "an item without `use:` must name the `levers:` it moves"
            raise PydanticCustomError(code, text)
        return self

    @property
    def key(self) -> str:
        """Name of the item."""
        return self.id or self.use or ""


class Money(Block):
    """Money promised to an account."""

    id: ItemId | None = None
    account: Name
    payer: Annotated[Literal["district", "donations", "market"], Field(alias="from")]
    amount: Annotated[float, Field(ge=0, le=1e10)]
    unit: Literal["CNY/year"]
    per: Literal["district", "community"] = "district"
    start: Day | None = None
    end: Day | None = None
    growth: Annotated[float, Field(ge=-1, le=10, description="growth from year to year")] = 0.0
    evidence: list[Evidence] = []

    @property
    def key(self) -> str:
        """Name of the line."""
        return self.id or f"{self.account}.{self.payer}"


class Shock(Block):
    """A blow from outside.

    `budget_cut`: `share` of the money of `account` fails to come from `start` to `end`. `emergency`: something of the
    given `type` and `severity` strikes the communities `where` in the week of `start`, `forewarning` minutes after the
    subdistrict office is warned.
    """

    id: ItemId | None = None
    kind: Literal["budget_cut", "emergency"]
    start: Day
    account: Annotated[Name | None, Field(description="budget_cut: account that is cut; all if left out")] = None
    payer: Annotated[Literal["district", "donations", "market"] | None, Field(alias="from")] = None
    share: Share | None = None
    end: Day | None = None
    type: Annotated[EmergencyType | None, Field(description="emergency: what strikes")] = None
    severity: Annotated[float, Field(gt=0, le=1, description="scales the share of households in need")] | None = None
    forewarning: Annotated[float, Field(ge=0, le=10080, description="minutes from warning to blow")] | None = None
    where: Annotated[Where, Field(default_factory=Where, description="communities struck; all if left out")]
    evidence: list[Evidence] = []

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {"budget_cut": ("share", "end"), "emergency": ("type", "severity", "forewarning")}
        may = {"budget_cut": ("account", "payer"), "emergency": ("where",)}[self.kind]
        for key in needed[self.kind]:
            if getattr(self, key) is None:
                code, text = "shock", "a shock of kind {kind} needs `{key}:`"
                raise PydanticCustomError(code, text, {"kind": self.kind, "key": key})
        always = {"id", "kind", "start", "evidence", "assumed", "reason", "note"}
        for key in self.model_fields_set - always - {*needed[self.kind], *may}:
            code, text = "shock", "a shock of kind {kind} has no `{key}:`"
            raise PydanticCustomError(code, text, {"kind": self.kind, "key": {"payer": "from"}.get(key, key)})
        return self

    @property
    def key(self) -> str:
        """Name of the shock."""
        return self.id or f"{self.kind}.{self.start}"


class Promise(Block):
    """An observable compared with a promise by a day."""

    id: ItemId
    observable: str | None = None
    group: Group = "all"
    communities: Annotated[
        Literal["all", "reached", "pilot"],
        Field(description="over which the value is taken: all, those in any phase by then, those of the first phase"),
    ] = "all"
    by: Day
    since: Annotated[Day | None, Field(description="for totals: counted from this day")] = None
    at_least: float | None = None
    at_most: float | None = None
    between: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    measurable: bool = True
    evidence: list[Evidence] = []

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given = [way for way in ("at_least", "at_most", "between") if getattr(self, way) is not None]
        if self.measurable and self.observable is None:
            code, text = "observable", "a measurable milestone needs an `observable:`"
            raise PydanticCustomError(code, text)
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            code, text = "bound", "give exactly one of `at_least`, `at_most`, `between`; found {found}"
            raise PydanticCustomError(code, text, {"found": found})
        if not self.measurable and self.observable is not None:
            code, text = "observable", "a milestone with `measurable: false` has no `observable:`"
            raise PydanticCustomError(code, text)
        if not self.measurable and not self.reason:
            code, text = "reason", "`measurable: false` needs a `reason:`"
            raise PydanticCustomError(code, text)
        return self

    @property
    def key(self) -> str:
        """Name of the milestone."""
        return self.id


class Uncertain(Block):
    """A lever or parameter of this scenario that experiments may vary."""

    lever: str | None = None
    parameter: str | None = None
    range: Annotated[list[float], Field(min_length=2, max_length=2)]

    @property
    def key(self) -> str:
        """Name of the lever or parameter."""
        return self.lever or self.parameter or ""


class Overlay(Block):
    """What can be laid over a scenario: lists grow, entries with a known name are replaced, `drop` removes entries."""

    calendar: Days | None = None
    district: District | None = None
    phases: list[Phase] = []
    interventions: list[Intervention] = []
    fidelity: Annotated[Fidelity | None, Field(description="for items that state none")] = None
    budget: list[Money] = []
    shocks: list[Shock] = []
    milestones: list[Promise] = []
    uncertain: list[Uncertain] = []
    triggers: Annotated[list[dict[str, Any]], BeforeValidator(no_triggers), Field(max_length=0)] = []
    drop: Annotated[list[ItemId], Field(description="phases, items, budget lines, milestones to leave out")] = []
    slip: Annotated[dict[ItemId, Duration], Field(description="items or phases that start later by a duration")] = {}


class Variant(Overlay):
    """Another reading of the plan, kept beside the one encoded."""

    title: Title


class ScenarioFile(Overlay):
    """A scenario, or a layer that can be laid over any scenario."""

    version: Annotated[Literal[1], Field(alias="schema")]
    name: Name
    title: Title
    summary: str = ""
    source: Register | None = None
    extends: Annotated[str | None, Field(description="name of the scenario this one starts from")] = None
    layer: Annotated[bool, Field(description="true: this file only changes other scenarios (--with)")] = False
    variants: dict[str, Variant] = {}
