"""Patterns that the whole model should show (T13.1): what nobody put in as a number and ought to come out.

Each pattern looks at the lives of a few districts, followed week by week with one seed, and states what it finds beside
what sources lead to expect. A statement may fail: the report says so.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..agents.giving import CONDITIONAL_COOPERATOR
from ..agents.speaking_up import NO_GRIEVANCE, NOBODY, Channel, IssueType
from ..model import CommunityModel, observables
from ..model.names import group_of, phrase
from ..model.network import DOOR
from ..model.structure import FREE
from ..scenarios import loader
from ..scenarios.compile import compile
from .pool import RunError
from .replicate import smaller

type Verdict = Literal["holds", "does not hold", "cannot be shown"]
type Tally = NDArray[np.float64]

YEAR = 52
OPEN = float("inf")
PROPERTY_MATTERS = (IssueType.PROPERTY, IssueType.FACILITY)
TELEPHONE = (Channel.COMMITTEE, Channel.HOTLINE)  # desk, telephone and the city's hotline


@dataclass(frozen=True)
class Statement:
    """One thing that a pattern says: ``got`` should lie in [low, high]; None: the model does not record it.

    ``group``: residents of whom it is said, if not of all that the text names.
    """

    text: str
    got: float | None
    low: float = -OPEN
    high: float = OPEN
    source: str = "T13.1"
    group: str = ""

    @property
    def said(self) -> str:
        """What it says, in the language spoken."""
        who = phrase(", {group}", group=group_of(self.group)) if self.group else ""
        return phrase(self.text) + who

    @property
    def verdict(self) -> Verdict:
        """Whether it holds."""
        if self.got is None or not np.isfinite(self.got):
            return "cannot be shown"
        return "holds" if self.low <= self.got <= self.high else "does not hold"


@dataclass
class Life:
    """A district followed through all its weeks: observables, and weekly tallies that no observable keeps."""

    model: CommunityModel
    orders: list[Tally] = field(default_factory=list[Tally])  # new issues still open as their week ends, by type
    channels: list[Tally] = field(default_factory=list[Tally])  # claims by channel
    given: list[float] = field(default_factory=list[float])  # mean contribution of conditional cooperators

    def live(self) -> "Life":
        """Run to the end of the calendar."""
        while self.model.week < self.model.calendar.weeks - 1:
            self.model.step()
            self._note()
        return self

    def _note(self) -> None:
        households, residents = self.model.households, self.model.residents
        spoke = (households.grievance != NO_GRIEVANCE) & (households.channel != NOBODY)
        issues = self.model.issues
        new = issues.type[(issues.state != FREE) & (issues.created >= self.model.week)]
        self.orders.append(np.bincount(new, minlength=len(IssueType)).astype(np.float64))
        self.channels.append(np.bincount(households.channel[spoke], minlength=len(Channel)).astype(np.float64))
        cooperators = (residents.contributor == CONDITIONAL_COOPERATOR) & (residents.present == 1)
        self.given.append(float(residents.contribution[cooperators].mean()))

    @cached_property
    def record(self) -> xr.Dataset:
        """What the recorder wrote, by week, community and group."""
        return self.model.recorder.dataset()

    @cached_property
    def observed(self) -> xr.Dataset:
        """Every observable by week and group."""
        return observables.evaluate(self.record)

    def year(self, name: str, year: int, group: str = "all") -> float:
        """Mean of an observable over year ``year`` of the plan (0 is the first, -1 the last)."""
        series: Any = cast("Any", self.observed[name]).sel(group=group)
        values = np.asarray(series)[-self.model.calendar.weeks :]
        return float(np.nanmean(values[YEAR * year :][:YEAR] if year >= 0 else values[-YEAR:]))

    def mean_satisfaction(self, community: int, weeks: slice) -> float:
        """Mean satisfaction of a community's residents in ``weeks`` of the plan, on [0, 1]."""
        record: Any = self.record.isel(community=community).sel(group="all")
        total, people = (
            np.asarray(record[name])[-self.model.calendar.weeks :][weeks] for name in ("satisfaction", "residents")
        )
        return float(total.sum() / people.sum())

    def share(self, tallies: list[Tally], kinds: tuple[int, ...], first: int, stop: int | None) -> float:
        """Share of ``kinds`` in what was counted from week ``first`` to ``stop`` (counted from the end if negative)."""
        total = np.sum(tallies[first:stop], axis=0)
        return float(total[list(kinds)].sum() / max(total.sum(), 1.0))


@dataclass(frozen=True)
class District:
    """A scenario with what is laid over it and set."""

    scenario: str
    layers: tuple[str, ...] = ()
    settings: tuple[tuple[str, float], ...] = ()


BASELINE = District("baseline_2023")
PLAN = District("ten_household")
PAPER = District("baseline_2023", settings=(("outcome_weight", 0.9),))
PILOTS = District("cases/pilots_first")
PROGRAMME = ("project_initiative", 20.0)  # many lifts are proposed, so that one run counts enough of them
UNANIMITY = District("baseline_2023", settings=(("consent_rule", 4.0), PROGRAMME))
QUARTERS = District("baseline_2023", settings=(("consent_rule", 2.0), PROGRAMME))


class Lives:
    """Districts followed so far; each is lived once, when a pattern first asks for it."""

    def __init__(self, seed: int = 0, communities: int | None = None, households: int | None = None) -> None:
        for name, value, least in (("seed", seed, 0), ("communities", communities, 1), ("households", households, 1)):
            if value is not None and value < least:
                message = f"{name} must be at least {least}, not {value}"
                raise RunError(message)
        self.seed, self.communities, self.households = seed, communities, households
        self._lived: dict[District, Life] = {}

    def __getitem__(self, district: District) -> Life:
        if district not in self._lived:
            layers: list[str | Path] = list(district.layers)
            scenario = loader.load(district.scenario, layers=layers, settings=dict(district.settings))
            if self.communities is not None or self.households is not None:
                scenario = smaller(scenario, self.communities, self.households)
            model = CommunityModel(**compile(scenario, self.seed).arguments())
            self._lived[district] = Life(model).live()
        return self._lived[district]


type Finder = Callable[[Lives], Iterator[Statement]]


@dataclass(frozen=True)
class Pattern:
    """A pattern of T13.1: what it says, where it is looked for, and how."""

    number: int
    title: str
    places: tuple[District, ...]
    find: Finder

    @property
    def said(self) -> str:
        """What it says, in the language spoken."""
        return phrase(self.title)

    @property
    def where(self) -> str:
        """Scenarios in which it is looked for."""
        return "; ".join(
            " ".join(
                [d.scenario, *(f"--with {layer}" for layer in d.layers), *(f"--set {k}={v}" for k, v in d.settings)]
            )
            for d in self.places
        )


_catalogue: dict[int, Pattern] = {}


def pattern(number: int, title: str, *places: District) -> Callable[[Finder], Finder]:
    """Enter a function that yields statements as pattern ``number``."""

    def enter(find: Finder) -> Finder:
        _catalogue[number] = Pattern(number, title, places, find)
        return find

    return enter


class PatternError(ValueError):
    """A pattern that does not exist."""


def find(numbers: Sequence[int] = ()) -> list[Pattern]:
    """Return the patterns ``numbers`` (none: all) in their order; raises PatternError for others."""
    for number in numbers:
        if number not in _catalogue:
            message = f"there is no pattern {number}; there are {', '.join(map(str, sorted(_catalogue)))}"
            raise PatternError(message)
    return [_catalogue[number] for number in sorted(numbers or _catalogue)]


@pattern(1, "Many are willing, few act, and who gives by example gives less and less", BASELINE)
def willing_and_acting(lives: Lives) -> Iterator[Statement]:
    """Stated willingness above 55 % in each age group, action several times lower; conditional cooperation decays."""
    life = lives[BASELINE]
    for group in ("all", "young", "elderly"):
        willing = life.year("participation_willingness", 0, group)
        yield Statement("who say that they would take part", willing, 0.55, source="T1.2", group=group)
    yield Statement("residents who took part in a year", life.year("participation_rate", 0), 0.0, 0.55 / 2, "T1.2")
    before, after = np.mean(life.given[:4]), np.mean(life.given[-YEAR:])
    yield Statement("gifts of time of conditional cooperators, end against start", float(after / before), 0.0, 0.99)


@pattern(2, "Most requests end where they are first taken up; property leads", BASELINE)
def first_contact(lives: Lives) -> Iterator[Statement]:
    """53-86 % end at first contact, a minority climbs; property matters are about one fifth of work orders."""
    life = lives[BASELINE]
    solved = life.year("first_contact_share", 0)
    yield Statement("solved issues that ended at first contact", solved, 0.53, 0.86, "T2.2")
    yield Statement("solved issues that climbed", 1.0 - solved, 0.05, 0.5)
    matters = life.share(life.orders, PROPERTY_MATTERS, -YEAR, None)
    yield Statement("property and facilities among issues not settled on the spot", matters, 0.15, 0.25, "T2.2")


@pattern(3, "Handling and volume rise together for some years, then level off", PLAN)
def quality_and_volume(lives: Lives) -> Iterator[Statement]:
    """Rising handling quality with rising volume for some years, then saturation."""
    life = lives[PLAN]
    settled = [1.0 - life.year("unresolved_share", y) for y in range(4)] + [1.0 - life.year("unresolved_share", -1)]
    volume = [life.year("claims_per_person_year", y) for y in (0, 2)]
    yield Statement("claims of the third year to those of the first", volume[1] / volume[0], 1.0)
    yield Statement("rise of the share settled, first to third year", settled[2] - settled[0], 0.0)
    late = (settled[4] - settled[2]) / max(settled[2] - settled[0], 1e-9)
    yield Statement("further rise to the fifth, relative to the first", late, -0.5, 0.5)


@pattern(4, "Neighbours meet daily or hardly ever", BASELINE)
def two_kinds_of_neighbour(lives: Lives) -> Iterator[Statement]:
    """Contact is bimodal: over a quarter daily, about a quarter almost never."""
    life = lives[BASELINE]
    yield Statement("almost never chat", life.year("neighbour_silent_share", 0), 0.2, 0.28, "T8.2")
    strongest = _strongest_tie(life.model)
    thirds = np.histogram(strongest, bins=3, range=(0.0, 1.0))[0] / len(strongest)
    yield Statement("strongest tie to a neighbour in the upper third", float(thirds[2]), 0.25)
    yield Statement(
        "in the middle third, to the rarer of the outer ones", float(thirds[1] / min(thirds[0], thirds[2])), 0.0, 1.0
    )


def _strongest_tie(model: CommunityModel) -> NDArray[np.float64]:
    """Strength of the strongest tie of each resident outside the household."""
    ties = model.ties
    outside = np.where(ties.kind >= DOOR, ties.strength, 0.0)
    strongest = np.zeros(len(model.residents.id))
    owner = np.repeat(np.arange(len(strongest)), np.diff(ties.start))
    np.maximum.at(strongest, owner, outside)
    return strongest[model.residents.age >= model.parameters["participation_age"][0]]


@pattern(5, "Staff wear out and leave; heads leave more", BASELINE)
def wearing_out(lives: Lives) -> Iterator[Statement]:
    """Burnout near 42 % any and 13 % severe; exit near 20 % a year, volunteers about 35 %, heads between."""
    life = lives[BASELINE]
    yield Statement("workers with any burnout", life.year("staff_burnout_rate", 0), 0.35, 0.49, "T3.2")
    yield Statement("workers with severe burnout", life.year("staff_severe_burnout_rate", 0), 0.08, 0.18, "T3.2")
    yield Statement("workers who left in a year", life.year("staff_turnover_rate", 0), 0.15, 0.25, "T3.2")
    yield Statement("heads who left in a year", life.year("head_attrition_rate", 0), 0.2, 0.4)


@pattern(6, "The old come online late and stay behind", PLAN)
def digital_divide(lives: Lives) -> Iterator[Statement]:
    """Online use of 60 and over 45-60 % in 2024-2028, below the young throughout; the telephone loses."""
    life = lives[PLAN]
    yield Statement(
        "60 and over on the platform in the last year",
        life.year("online_platform_use_rate", -1, "elderly"),
        0.45,
        0.6,
        "T7.2",
    )
    behind = [
        life.year("online_platform_use_rate", y, "young") - life.year("online_platform_use_rate", y, "elderly")
        for y in (0, 1, 2, 3, -1)
    ]
    yield Statement("least lead of the young over them in any year", min(behind), 0.0)
    weeks = life.model.calendar.weeks
    first = life.share(life.channels, TELEPHONE, -weeks, YEAR - weeks)
    last = life.share(life.channels, TELEPHONE, -YEAR, None)
    yield Statement(
        "share of desk and telephone in claims, last against first year", last / max(first, 1e-9), 0.0, 0.99
    )


@pattern(7, "Far more volunteers are registered than active", BASELINE)
def idle_volunteers(lives: Lives) -> Iterator[Statement]:
    """Hours per volunteer well below one a week (Nanjing 2020: 0.39 hours a volunteer in all)."""
    life = lives[BASELINE]
    record: Any = life.record
    minutes = float(record["volunteer_minutes"].to_numpy()[-YEAR:].sum()) / YEAR
    volunteers = float(record["volunteers"].sel(group="all").to_numpy()[-YEAR:].sum(axis=1).mean())
    yield Statement(
        "hours a week per volunteer of the past year", minutes / 60.0 / max(volunteers, 1.0), 0.0, 0.5, "T1.2"
    )


@pattern(8, "One objection in the stairwell stops most lifts", UNANIMITY, QUARTERS)
def stairwells_block(lives: Lives) -> Iterator[Statement]:
    """Unanimity in stairwells blocks most projects at 80 % support (0.8^12 = 7 %), three quarters passes 79 %."""
    one, three = lives[UNANIMITY], lives[QUARTERS]
    support = three.year("project_consent_share", -1)
    yield Statement("votes of owners in favour", support, 0.7, 0.9)
    built = one.year("lift_retrofit_rate", -1) / max(three.year("lift_retrofit_rate", -1), 1e-9)
    yield Statement("lifts under unanimity to lifts under three quarters", built, 0.0, 0.5)


@pattern(9, "Pilots look better than rollouts", PILOTS, BASELINE)
def pilots_flatter(lives: Lives) -> Iterator[Statement]:
    """In their first year with the policy, pilots gain more over the same world without it than later communities."""
    plan, world = lives[PILOTS], lives[BASELINE]
    paths = plan.model.policy_paths
    gains = {True: list[float](), False: list[float]()}
    for c, path in enumerate(paths):
        if path.entry is not None:
            weeks = slice(path.entry, path.entry + YEAR)
            gains[path.pilot_stop is not None].append(
                plan.mean_satisfaction(c, weeks) - world.mean_satisfaction(c, weeks)
            )
    enough = gains[True] and gains[False]
    pilots, later = (float(np.mean(gains[kind])) if enough else None for kind in (True, False))
    yield Statement("gain in satisfaction in pilots", pilots, 0.0)
    ratio = pilots / max(later, 1e-9) if pilots is not None and later is not None else None
    yield Statement("the same, relative to later communities", ratio, 1.0, source="T10.2")


@pattern(10, "Where results count, reports shine", PAPER)
def shining_reports(lives: Lives) -> Iterator[Statement]:
    """Reported satisfaction lies above surveyed satisfaction where the weight on results is high."""
    life = lives[PAPER]
    reported, asked = life.year("reported_satisfaction_rate", -1), life.year("satisfaction_rate", -1)
    yield Statement("reported less surveyed satisfaction", reported - asked, 0.05)
    plain = lives[BASELINE]
    gap = plain.year("reported_satisfaction_rate", -1) - plain.year("satisfaction_rate", -1)
    yield Statement("the same gap, high weight less usual weight", reported - asked - gap, 0.0)
