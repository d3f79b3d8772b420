"""``shequ.run``: a scenario, many replicates, one result."""

import platform
import warnings
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any

import xarray as xr

from .. import __version__
from ..model import audit, couplings
from ..model.community_model import Engine
from ..model.draws import replicate_seeds
from ..model.schedule import idle, known_processes
from ..scenarios import loader
from ..scenarios.compile import ModelInputs
from ..scenarios.wording import trigger_text
from .firings import gathered
from .pool import RunError, cores, simulate_all
from .progress import Reporter, reporter
from .replicate import Job, code_hash, identity, known_point, parameter_hash, smaller
from .result import Result
from .store import Store, StoreError, reason, write_bytes
from .timeline import Phase

RESULTS = Path("results")
LOG = "run.log"


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C: the message says what was kept."""


class IdleChangeWarning(UserWarning):
    """A parameter or lever was moved that nothing in the run reads, so that moving it changes nothing."""


@dataclass(frozen=True)
class Run:
    """A run that is fully described and not yet done: same description, same bytes."""

    job: Job
    inputs: ModelInputs
    seed: int
    replicates: int

    @cached_property
    def identity(self) -> str:
        """Hash of all that determines the result but the number of replicates."""
        return identity(self.job, self.inputs, self.seed)

    @property
    def default_folder(self) -> Path:
        """Folder for the result if the user names none."""
        name = self.inputs.name.replace("/", "-").replace(":", "-")
        return RESULTS / f"{name}-{self.identity[:8]}-{self.seed}"

    @property
    def unread(self) -> list[str]:
        """Parameters and levers that nothing reads in this run, in alphabetical order."""
        return audit.unread(self.inputs.district.archetypes, self.idle)

    @property
    def idle(self) -> frozenset[str]:
        """Processes that do nothing in this run."""
        return idle(self.job.off, self.inputs.events, self.inputs.paths)

    @property
    def manifest(self) -> dict[str, Any]:
        """What was run, and on which versions of what."""
        return {
            "scenario": self.inputs.name,
            "title": self.inputs.title,
            "title_zh": self.inputs.title_zh,
            "scenario_hash": self.inputs.hash,
            "parameter_hash": parameter_hash(self.inputs, self.job.point),
            "parameters_changed": dict(self.job.point),
            "off": sorted(self.job.off),
            "cut": sorted(self.job.cut),
            "triggers": {trigger.key: trigger_text(trigger) for trigger in self.job.scenario.triggers},
            "unread": self.unread,
            "identity": self.identity,
            "seed": self.seed,
            "replicates": self.replicates,
            "last_week": self.job.last_week,
            "communities": len(self.inputs.district.communities),
            "households": sum(community.households for community in self.inputs.district.communities),
            "version": __version__,
            "code": code_hash(),
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "numba", "mesa", "xarray", "matplotlib")},
            "status": "complete",
        }


def describe(
    scenario: str | Path | loader.Scenario,
    *,
    replicates: int = 20,
    seed: int = 0,
    engine: Engine = "compiled",
    until: date | str | None = None,
    set: Mapping[str, str | float] | None = None,
    with_: Sequence[str | Path] = (),
    parameters: Mapping[str, float] | None = None,
    off: Sequence[str] = (),
    cut: Sequence[str] = (),
    communities: int | None = None,
    households: int | None = None,
) -> Run:
    """Check everything that :func:`run` is given and return the run, not yet done."""
    for name, value in (("replicates", replicates), ("communities", communities), ("households", households)):
        if value is not None and value < 1:
            message = f"{name} must be at least 1, not {value}"
            raise RunError(message)
    if seed < 0:
        message = f"the seed must be 0 or more, not {seed}"
        raise RunError(message)
    if not isinstance(scenario, loader.Scenario):
        scenario = loader.load(scenario, layers=with_, settings=set)
    elif with_ or set:
        message = "give `set` and `with_` to scenarios.loader.load when you hand in a loaded scenario"
        raise RunError(message)
    if communities is not None or households is not None:
        scenario = smaller(scenario, communities, households)
    left_out, severed = tuple(known_processes(off)), tuple(couplings.find(name).name for name in cut)
    job = Job(scenario, 0, known_point(parameters), engine, left_out, severed)
    inputs = job.inputs(seed)
    planned = Run(replace(job, last_week=_last_week(inputs, until)), inputs, seed, replicates)
    moved = {**(parameters or {}), **(set or {})}
    if in_vain := [name for name in planned.unread if name in moved] if moved else []:
        message = f"moved, but nothing in this run reads it: {', '.join(in_vain)}"
        warnings.warn(message, IdleChangeWarning, stacklevel=2)
    return planned


def _last_week(inputs: ModelInputs, until: date | str | None) -> int:
    if until is None:
        return inputs.calendar.weeks - 1
    if isinstance(until, str):
        try:
            until = date.fromisoformat(until)
        except ValueError as error:
            message = f"{until!r} is not a date; write it as 2026-12-31"
            raise RunError(message) from error
    return inputs.calendar.week_of(until)


def run(
    scenario: str | Path | loader.Scenario,
    *,
    replicates: int = 20,
    seed: int = 0,
    engine: Engine = "compiled",
    workers: int | None = None,
    until: date | str | None = None,
    set: Mapping[str, str | float] | None = None,
    with_: Sequence[str | Path] = (),
    parameters: Mapping[str, float] | None = None,
    off: Sequence[str] = (),
    cut: Sequence[str] = (),
    communities: int | None = None,
    households: int | None = None,
    out: str | Path | None = None,
    force: bool = False,
    progress: bool | Reporter | None = None,
) -> Result:
    """Run a scenario and return its :class:`Result`.

    ``scenario`` is a name or a file; ``with_`` lays files over it; ``set`` holds levers (``{"head_subsidy": 300}``) in
    all communities; ``parameters`` replaces numbers of the model; ``off`` leaves processes out and ``cut`` couplings
    between them (:mod:`shequ.model.couplings`). ``communities`` and ``households`` (each) shrink the
    district. Replicate k has the same seed in every scenario, so that differences between scenarios are paired.
    ``workers`` processes share the replicates (None: one a core); the result is the same for any number of them.
    ``out`` keeps the result in a folder and goes on from an unfinished run there; without it nothing is written.
    ``progress``: None draws a bar on a terminal, False is silent, or hand in a reporter.
    """
    planned = describe(
        scenario,
        replicates=replicates,
        seed=seed,
        engine=engine,
        until=until,
        set=set,
        with_=with_,
        parameters=parameters,
        off=off,
        cut=cut,
        communities=communities,
        households=households,
    )
    return carry_out(planned, workers=workers, out=out, force=force, progress=progress)


def carry_out(
    planned: Run,
    *,
    workers: int | None = None,
    out: str | Path | None = None,
    force: bool = False,
    progress: bool | Reporter | None = None,
) -> Result:
    """Do a run that :func:`describe` described."""
    workers = cores() if workers is None else workers
    if workers < 1:
        message = f"workers must be at least 1, not {workers}"
        raise RunError(message)
    started, clock = datetime.now().astimezone(), monotonic()
    store = None if out is None else Store(_folder(out), planned.identity)
    if store is not None:
        store.open(force=force)
    with reporter(progress) as tell:
        done = _replicates(planned, workers, store, tell)
    stacked: Any = xr.concat([done[k] for k in sorted(done)], "replicate")
    data: xr.Dataset = stacked.assign_coords(replicate=sorted(done))
    data.attrs = {"scenario": planned.inputs.name, "identity": planned.identity, "seed": planned.seed}
    drawn = [phase for phase in planned.inputs.phases if not phase.plan]  # those of several plans overlap
    phases = tuple(Phase(phase.name, phase.start, phase.end, phase.title, phase.title_zh) for phase in drawn)
    promises = planned.job.promises(planned.inputs)
    firings = gathered(done, planned.inputs.calendar)
    result = Result(data, planned.inputs.calendar, promises, phases, planned.manifest, firings)
    if store is not None:
        log = (
            f"started {started:%Y-%m-%d %H:%M:%S%z}\nseconds {monotonic() - clock:.1f}\n"
            f"workers {workers}\nengine {planned.job.engine}\n"
        )
        with _explained(store, planned.replicates, planned.replicates):
            store.complete(lambda folder: _write(result, folder, log))
    return result


def done_once(
    planned: Run, *, workers: int | None = None, out: Path | None = None, progress: bool | Reporter | None = None
) -> Result:
    """Do a run, or read it from the folder ``out`` if it lies there already; another run's result is replaced."""
    if out is not None and out.is_dir():
        kept = Result.load(out)
        if kept.manifest["identity"] == planned.identity and kept.replicates == planned.replicates:
            return kept
    return carry_out(planned, workers=workers, out=out, force=out is not None, progress=progress)


def _folder(out: str | Path) -> Path:
    folder = Path(out)
    return folder if folder.name else folder.resolve()


def _replicates(planned: Run, workers: int, store: Store | None, tell: Reporter) -> dict[int, xr.Dataset]:
    """Simulate what is not there yet; every replicate is kept as soon as it is finished."""
    total = planned.replicates
    done = store.finished(total) if store else {}
    seeds = {k: seed for k, seed in enumerate(replicate_seeds(planned.seed, total)) if k not in done}
    tell.done(len(done), total)
    try:
        for k, data in simulate_all(planned.job, seeds, workers=workers, tell=tell):
            if store:
                with _explained(store, total, len(done)):
                    store.keep(k, data)
            done[k] = data
            tell.done(len(done), total)
    except KeyboardInterrupt as error:
        message = f"stopped. {_kept(store, total, len(done))}"
        raise RunInterrupted(message) from error
    except RunError as error:
        message = f"{error}. {_kept(store, total, len(done))}"
        raise RunError(message) from error
    finally:
        if store:
            store.abandon()
    return done


@contextmanager
def _explained(store: Store, total: int, done: int) -> Generator[None]:
    """Turn a disk that does not take the result into one clear message."""
    try:
        yield
    except OSError as error:
        message = f"cannot write the result to {store.folder}: {reason(error)}. {_kept(store, total, done)}"
        raise StoreError(message) from error


def _kept(store: Store | None, total: int, done: int) -> str:
    if store is None or done == 0:
        return "Nothing was kept"
    return f"{done} of {total} replicates are kept in {store.partial}; the same command goes on from there"


def _write(result: Result, folder: Path, log: str) -> None:
    result.save(folder)
    write_bytes(folder / LOG, log.encode())
