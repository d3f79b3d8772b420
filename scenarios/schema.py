"""What a scenario file may hold: one pydantic model a block. :mod:`.json_schema` makes the JSON Schema from it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from .blocks import After, Block, Cost, Days, District, Dose, Fidelity, Register, Select, Slip, Title, When, Where
from .selection import Entry, Order, Spread
from .words import Day, Duration, EmergencyType, Evidence, Group, ItemId, Name, Share

ALL_ITEMS = "all"  # in `slip`: every item that is not named


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

    `budget_cut`: `share` of the money of `account` fails to come from `start` to `end`. `late_funds`: the money of the
    years from that of `start` to that of `end` comes `delay` after the year has opened. `emergency`: something of the
    given `type` and `severity` strikes the communities `where` in the week of `start`, and in as many `weeks` in all,
    each time `forewarning` minutes after the subdistrict office is warned.
    """

    id: ItemId | None = None
    kind: Literal["budget_cut", "late_funds", "emergency"]
    start: Day
    account: Annotated[Name | None, Field(description="money: account that is hit; all if left out")] = None
    payer: Annotated[Literal["district", "donations", "market"] | None, Field(alias="from")] = None
    share: Annotated[Share | None, Field(description="budget_cut: share that fails to come")] = None
    delay: Annotated[Duration | None, Field(description="late_funds: how late the money of a year comes")] = None
    end: Day | None = None
    type: Annotated[EmergencyType | None, Field(description="emergency: what strikes")] = None
    severity: Annotated[float, Field(gt=0, le=1, description="scales the share of households in need")] | None = None
    forewarning: Annotated[float, Field(ge=0, le=10080, description="minutes from warning to blow")] | None = None
    weeks: Annotated[int, Field(ge=1, le=52, description="emergency: weeks in a row in which it strikes")] = 1
    where: Annotated[Where, Field(default_factory=Where, description="communities struck; all if left out")]
    evidence: list[Evidence] = []

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {
            "budget_cut": ("share", "end"),
            "late_funds": ("delay", "end"),
            "emergency": ("type", "severity", "forewarning"),
        }
        may = ("weeks", "where") if self.kind == "emergency" else ("account", "payer")
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


class Uncertain(Block):
    """A lever or parameter of this scenario that experiments may vary.

    With `drawn: true` each replicate draws the parameter anew, uniform in the range: the source leaves it blank.
    """

    lever: str | None = None
    parameter: str | None = None
    range: Annotated[list[float], Field(min_length=2, max_length=2)]
    drawn: bool = False

    @property
    def key(self) -> str:
        """Name of the lever or parameter."""
        return self.lever or self.parameter or ""


class Watch(Block):
    """A condition on an observable: above or below a number, `for_weeks` weeks in a row."""

    observable: str
    group: Group = "all"
    above: float | None = None
    below: float | None = None
    for_weeks: Annotated[int, Field(ge=1, le=520)] = 1
    start: Annotated[Day | None, Field(description="first day that counts; weeks of warm-up never count")] = None

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.above is None) == (self.below is None):
            code, text = "side", "give `above:` or `below:`, one of the two"
            raise PydanticCustomError(code, text)
        return self


class Act(Block):
    """What a trigger does: it moves levers, over whatever is dated, or starts an item that waits for it."""

    lever: str | None = None
    to: float | None = None
    by: float | None = None
    times: float | None = None
    unit: str | None = None
    levers: dict[str, Dose] = {}
    item: Annotated[ItemId | None, Field(description="item of the plan that has no date and waits for this")] = None
    ramp_weeks: Annotated[int, Field(ge=0, le=520, description="weeks over which the change builds up")] = 0
    lasts: Annotated[Duration | None, Field(description="how long the change holds; to the end if left out")] = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum((self.lever is not None, bool(self.levers), self.item is not None)) != 1:
            code, text = "act", "give `lever:`, `levers:` or `item:`, one of the three"
            raise PydanticCustomError(code, text)
        given = [way for way in ("to", "by", "times") if getattr(self, way) is not None]
        if len(given) != (self.lever is not None):
            code, text = "dose", "a `lever:` needs exactly one of `to`, `by`, `times`, and nothing else has them"
            raise PydanticCustomError(code, text)
        if self.item is not None and (self.ramp_weeks or self.lasts):
            code, text = "act", "an item has its own `when: {ramp_weeks, end}`; leave `ramp_weeks` and `lasts` out"
            raise PydanticCustomError(code, text)
        return self

    def doses(self) -> dict[str, Dose]:
        """Levers that this moves, without those of the item."""
        if self.lever is None:
            return self.levers
        dose = Dose(to=self.to, by=self.by, times=self.times, unit=self.unit)
        return {self.lever: dose if self._source is None else dose.place(self._source, self._path)}


class Trigger(Block):
    """Watch, then act: when the condition has held for its weeks, `then` happens, `delay` later."""

    id: ItemId | None = None
    when: Watch
    then: Act
    where: Annotated[Where, Field(default_factory=Where, description="communities watched and acted on")]
    each: Annotated[
        Literal["district", "community"],
        Field(description="the value of all of them together is watched, or each watches its own and acts alone"),
    ] = "district"
    delay: Annotated[Duration | None, Field(description="from the decision to the act")] = None
    once: Annotated[bool, Field(description="false: the count begins anew after each time")] = True

    @property
    def key(self) -> str:
        """Name of the trigger."""
        done = self.then.item or self.then.lever or "+".join(self.then.levers)
        return self.id or f"{self.when.observable}.{done}"


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
    triggers: Annotated[list[Trigger], Field(description="adaptive plans: watch, then act")] = []
    drop: Annotated[list[ItemId], Field(description="phases, items, budget lines, milestones to leave out")] = []
    slip: Annotated[
        dict[ItemId, Duration | Slip],
        Field(description="items or phases (`all`: every item) that start later by a duration, or take longer"),
    ] = {}


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
    combine: Annotated[
        list[str], Field(description="plans carried out together; their items bear the plan's name in front")
    ] = []
    layer: Annotated[bool, Field(description="true: this file only changes other scenarios (--with)")] = False
    variants: dict[str, Variant] = {}
