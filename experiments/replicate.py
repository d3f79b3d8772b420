"""One replicate: compile the scenario, build the model, run it, evaluate the observables. And who a run is."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .. import __version__
from ..model import observables, parameters
from ..model.calendar import Calendar
from ..model.community_model import CommunityModel, Engine
from ..model.district import Archetype
from ..model.names import OF
from ..scenarios.blocks import Households
from ..scenarios.compile import Milestone, ModelInputs, compile
from ..scenarios.doses import stretched
from ..scenarios.loader import Scenario
from .firings import with_firings
from .milestones import Promise

type Area = NDArray[np.float64]

HASH_DIGITS = 16
DECIDING = (
    "agents/**/*.py",
    "model/**/*.py",
    "model/**/*.yaml",
    "scenarios/*.py",
    "experiments/replicate.py",
    "experiments/firings.py",
    "experiments/milestones.py",
    "experiments/studies/course.py",
    "experiments/studies/factors.py",
)
NAMES = "_zh.yaml"  # Chinese names, which decide nothing


@dataclass(frozen=True)
class Job:
    """Everything that a replicate needs but its seed.

    ``last_week`` is the last week that is run; ``point`` replaces parameters; ``off`` processes and
    ``cut`` couplings are left out. How much of each dose reaches the ground is drawn from the seed, so that the
    scenario is compiled anew for each replicate. ``doses`` says how many times as far from rest the scenario brings
    levers. With ``looks`` only those weeks are kept, and residents are looked at in them alone.
    """

    scenario: Scenario
    last_week: int
    point: Mapping[str, float] = field(default_factory=dict[str, float])
    engine: Engine = "compiled"
    off: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    looks: tuple[int, ...] | None = None
    doses: Mapping[str, float] = field(default_factory=dict[str, float])

    def inputs(self, seed: int) -> ModelInputs:
        """Compile the scenario for the replicate with ``seed``."""
        inputs = compile(self.scenario, seed)
        return replace(inputs, settings=stretched(inputs.settings, self.doses)) if self.doses else inputs

    def promises(self, inputs: ModelInputs) -> tuple[Promise, ...]:
        """Return what the plan promises, every group of residents and communities under its label."""
        return tuple(_promise(milestone, inputs.calendar) for milestone in inputs.milestones)


def _promise(milestone: Milestone, calendar: Calendar) -> Promise:
    low = None if milestone.direction == "at_most" else milestone.target
    high = {"at_least": None, "at_most": milestone.target, "between": milestone.target_high}[milestone.direction]
    return Promise(
        id=milestone.id,
        observable=milestone.observable,
        group=_label(milestone.group, milestone.area),
        by=milestone.by,
        week=max(0, calendar.over_by(milestone.by)),
        low=low,
        high=high,
        since_week=None if milestone.since is None else calendar.week_of(milestone.since),
        evidence=milestone.evidence,
        measurable=milestone.measurable,
        reason=milestone.reason,
    )


def _label(group: str, area: str) -> str:
    if area == "all":
        return group
    return area if group == "all" else f"{group}{OF}{area}"


def simulate(job: Job, seed: int) -> xr.Dataset:
    """Run one replicate and return its observables (week, group)."""
    inputs = job.inputs(seed)
    return _told(job, inputs, lived(job, inputs))


def _told(job: Job, inputs: ModelInputs, model: CommunityModel) -> xr.Dataset:
    """Return what is kept of a finished run: its observables, and what fired where the plan has triggers."""
    data = observe(model.recorder.dataset(), inputs, job.promises(inputs))
    if job.looks is not None:
        data = data.sel(week=list(job.looks))
    return with_firings(data, model.watch.firings) if inputs.triggers else data


def simulate_together(jobs: Sequence[Job], seed: int) -> Iterator[xr.Dataset]:
    """Run one replicate of each job, all with ``seed``; the same bytes as :func:`simulate` one by one."""
    warm: dict[str, CommunityModel] = {}
    for job in jobs:
        inputs = job.inputs(seed)
        yield _told(job, inputs, lived(job, inputs, warm))


def lived(job: Job, inputs: ModelInputs, warm: dict[str, CommunityModel] | None = None) -> CommunityModel:
    """Return the model at the end of the run.

    Jobs that share a district, parameters, processes and a seed live through one warm-up: where ``warm`` is given it
    keeps the warm-ups that were simulated. The bytes are the same with and without.
    """
    beginning = "" if warm is None else _beginning(job, inputs)
    if warm is None or not beginning:
        return _model(job, inputs).run(until=job.last_week)
    if beginning not in warm:
        warm[beginning] = _model(job, inputs).run(until=min(-1, job.last_week))
    return _model(job, inputs, warm[beginning]).run(until=job.last_week)


def _model(job: Job, inputs: ModelInputs, warm: CommunityModel | None = None) -> CommunityModel:
    """Model of a run: from its beginning, or from where ``warm`` stands, which is left as it is."""
    given: dict[str, Any] = inputs.arguments(job.point)
    return CommunityModel(**given, engine=job.engine, off=job.off, cut=job.cut, warm=warm, looks=job.looks)


def _beginning(job: Job, inputs: ModelInputs) -> str:
    """Hash of all that the weeks before week 0 follow from; empty where the scenario acts in them already."""
    if any(setting.week < 0 for setting in inputs.settings) or any(event.week < 0 for event in inputs.events):
        return ""
    world = [asdict(inputs.district), inputs.calendar.start, inputs.seed, *inputs.parameter_changes]
    return hash_of([*world, job.point, job.looks, sorted(job.off), sorted(job.cut), job.engine])


def observe(record: xr.Dataset, inputs: ModelInputs, promises: tuple[Promise, ...]) -> xr.Dataset:
    """Evaluate the observables of a recorded run, for groups of residents and for areas.

    Areas are the archetypes, ``pilot`` (communities of the first phase, all the time) and ``reached`` (communities from
    the week in which they enter the plan); a promise to a group of residents within an area adds that group.
    """
    weeks = record["week"].to_numpy()
    areas = dict(_areas(inputs, weeks, record["policy_in_place"].to_numpy()))
    data = observables.evaluate(record, areas)
    wanted = dict.fromkeys(promise.group for promise in promises if OF in promise.group)
    return xr.concat([data, *(_within(record, label, areas) for label in wanted)], "group") if wanted else data


def series_of(
    record: xr.Dataset, inputs: ModelInputs, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], NDArray[np.float64]]:
    """Values by recorded week of each observable and group in ``wanted``, as :func:`observe` gives them, and no others.

    A group that the district does not have, or that the observable does not tell apart, is not-a-number.
    """
    weeks = record["week"].to_numpy()
    areas = dict(_areas(inputs, weeks, record["policy_in_place"].to_numpy()))
    whole = np.ones((len(weeks), record.sizes["community"]))
    residents = [str(group) for group in record["group"].to_numpy()]
    sums = observables.Recorded(record)
    views: dict[str, observables.View | None] = {}
    found: dict[tuple[str, str], NDArray[np.float64]] = {}
    for name, label in wanted:
        observable = observables.find(name)
        group, _, area = label.partition(OF) if OF in label else (label, "", "")
        if label in areas:
            group, area = "all", label
        if label not in views:
            known = group in residents and (not area or area in areas)
            views[label] = observables.View(sums, group, areas[area] if area else whole) if known else None
        view = views[label]
        tells = view is not None and (observable.by_group or group == "all")
        found[name, label] = observable.compute(view) if view is not None and tells else np.full(len(weeks), np.nan)
    return found


def _areas(inputs: ModelInputs, weeks: Any, in_place: Area) -> Iterator[tuple[str, Area]]:
    """Names and weights (week, community) of the areas of a scenario."""
    kinds = np.array([int(community.archetype) for community in inputs.district.communities])
    for kind in np.unique(kinds):
        yield Archetype(int(kind)).label, np.tile((kinds == kind).astype(np.float64), (len(weeks), 1))
    yield from inputs.areas(weeks, in_place).items()


def _within(record: xr.Dataset, label: str, areas: Mapping[str, Area]) -> xr.Dataset:
    """Observables of a group of residents within an area."""
    group, _, area = label.partition(OF)
    view = observables.View(observables.Recorded(record), group, areas[area])
    unknown = np.full(record.sizes["week"], np.nan)
    variables = {
        name: (("week", "group"), (observable.compute(view) if observable.by_group else unknown)[:, None])
        for name, observable in observables.catalogue().items()
    }
    return xr.Dataset(variables, coords={"week": record["week"], "group": [label]})


# --- smaller districts ----------------------------------------------------------------------------------------------


def smaller(scenario: Scenario, communities: int | None, households: int | None) -> Scenario:
    """Return ``scenario`` on a district of ``communities`` communities of ``households`` each (None: as it is).

    The archetypes keep their shares as far as whole communities allow, and each has at least one while there is room.
    """
    entries = scenario.communities
    counts = [entry.count for entry in entries] if communities is None else _shared_out(communities, scenario)
    resized = tuple(
        entry.model_copy(update={"count": count, "households": _sizes(entry, households)})
        for entry, count in zip(entries, counts, strict=True)
        if count > 0
    )
    total = sum(entry.count for entry in resized)
    return replace(scenario, communities=resized, subdistricts=min(scenario.subdistricts, total))


def _sizes(entry: Households, households: int | None) -> list[int]:
    """Fewest and most households; a user's own file cannot give more than it has."""
    if households is None:
        return entry.households
    return [households if entry.own is None else min(households, entry.households[0])] * 2


def _shared_out(communities: int, scenario: Scenario) -> list[int]:
    """Share communities out over the entries of the district: one each first, then the largest claim that is unmet."""
    sizes = [entry.count for entry in scenario.communities]
    counts = [0] * len(sizes)
    for _ in range(communities):
        claims = [
            size / (count + 0.5) * (entry.own is None) if count else size + sum(sizes)
            for entry, size, count in zip(scenario.communities, sizes, counts, strict=True)
        ]
        counts[claims.index(max(claims))] += 1
    return counts


# --- identity -------------------------------------------------------------------------------------------------------


def parameter_hash(inputs: ModelInputs, point: Mapping[str, float]) -> str:
    """Return a hash of the parameters of every community."""
    return hash_of(inputs.parameter_rows(point))


def identity(job: Job, inputs: ModelInputs, seed: int) -> str:
    """Return the hash of all that determines the result of a run but the number of replicates.

    That is: the scenario and what the model is given by it, the parameters, the seed, the last week, and the code. The
    engine is left out, since both engines give the same bytes; so is the number of workers.
    """
    given = replace(inputs, moves=(), pushed={}, uncertain={})
    return hash_of(
        {
            "scenario": job.scenario.hash,
            "inputs": asdict(given),
            "parameters": given.parameter_rows(job.point),
            "off": sorted(job.off),
            "cut": sorted(job.cut),
            "last_week": job.last_week,
            "looks": job.looks,
            "seed": seed,
            "version": __version__,
            "code": code_hash(),
        }
    )


@cache
def code_hash() -> str:
    """Return the hash of every source file that decides what a replicate holds: of the model, of what turns scenarios
    into its inputs, and of what observes it. Scenario files and their catalogue have a hash of their own.
    """
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    deciding = (path for pattern in DECIDING for path in root.glob(pattern))
    for path in sorted(path for path in deciding if not path.name.endswith(NAMES)):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:HASH_DIGITS]


def known_point(point: Mapping[str, float] | None) -> dict[str, float]:
    """Return ``point`` with every name and value checked; raises ParameterError."""
    values = parameters.with_changes(point or {})
    return {name: values[name] for name in point or {}}


def hash_of(content: object) -> str:
    """Hash of anything that JSON can write."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]
