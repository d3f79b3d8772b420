"""Replicates of many scenarios, kept one by one: what was simulated once for one comparison is not simulated again.

A shelf is a folder with one folder a run (its identity) and in it one file a replicate. Runs on the same seed are
simulated together, so that they share their warm-up; every replicate is kept as soon as it is there.
"""

import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from ..model.compiled import reporting_compilation
from ..model.draws import replicate_seeds
from ..model.observables import catalogue
from .chunk import Chunk, carry_out
from .pool import RunError, cores, processes, rehearse
from .progress import Reporter, reporter
from .runner import RESULTS, Run, RunInterrupted
from .store import StoreError, reason, unpack

SHELF = RESULTS / "replicates"
TOGETHER = 8  # runs on one seed that one worker simulates in a row: they share a warm-up, and the rest stays balanced
LOOK_SECONDS = 0.5  # how often finished files are counted


@dataclass(frozen=True)
class Wanted:
    """One replicate of one run."""

    run: Run
    replicate: int

    @property
    def seed(self) -> int:
        """Seed of the replicate."""
        return replicate_seeds(self.run.seed, self.replicate + 1)[self.replicate]


@dataclass(frozen=True)
class Shelf:
    """The folder that keeps replicates."""

    folder: Path

    def path(self, wanted: Wanted) -> Path:
        """File of a replicate."""
        return self.folder / wanted.run.identity / f"{wanted.replicate:04d}.nc.gz"

    def read(self, wanted: Wanted, without: Iterable[str] = ()) -> xr.Dataset:
        """Observables of a replicate that is there, but those that are not asked for."""
        path = self.path(wanted)
        try:
            return unpack(path.read_bytes(), without)
        except (OSError, ValueError, TypeError, IndexError, EOFError, zlib.error) as error:
            message = f"{path} is damaged; delete it, and the same command makes it anew"
            raise StoreError(message) from error

    def fill(self, wanted: Sequence[Wanted], *, workers: int | None, progress: bool | Reporter | None) -> None:
        """Simulate what is not there yet; raises RunInterrupted, RunError or StoreError with what was kept."""
        workers = cores() if workers is None else workers
        if workers < 1:
            message = f"workers must be at least 1, not {workers}"
            raise RunError(message)
        missing = [one for one in wanted if not self.path(one).is_file()]
        total, there = len(wanted), len(wanted) - len(missing)
        with reporter(progress) as tell:
            tell.done(there, total)
            told = 0
            try:
                for done in _carried_out(self._chunks(missing, workers), workers, tell):
                    if done > told:
                        told = done
                        tell.done(there + done, total)
            except KeyboardInterrupt as error:
                message = f"stopped. {self._kept(wanted)}"
                raise RunInterrupted(message) from error
            except BrokenProcessPool as error:
                message = f"a worker process died; it may have run out of memory (then use fewer). {self._kept(wanted)}"
                raise RunError(message) from error
            except OSError as error:
                message = f"cannot write to {self.folder}: {reason(error)}. {self._kept(wanted)}"
                raise StoreError(message) from error

    def _kept(self, wanted: Sequence[Wanted]) -> str:
        there = sum(self.path(one).is_file() for one in wanted)
        return f"{there} of {len(wanted)} runs are kept in {self.folder}; the same command goes on from there"

    def _chunks(self, missing: Sequence[Wanted], workers: int) -> list[Chunk]:
        """Runs to be simulated in a row: those of one seed, as many as leave every worker something to do."""
        by_seed: dict[int, list[Wanted]] = {}
        for one in missing:
            self.path(one).parent.mkdir(parents=True, exist_ok=True)
            by_seed.setdefault(one.seed, []).append(one)
        size = min(TOGETHER, max(1, -(-len(missing) // workers)))
        return [
            Chunk(tuple(one.run.job for one in part), seed, tuple(self.path(one) for one in part))
            for seed, same in by_seed.items()
            for part in (same[k : k + size] for k in range(0, len(same), size))
        ]


def _carried_out(chunks: Sequence[Chunk], workers: int, tell: Reporter) -> Iterator[int]:
    """Do all chunks; yield how many runs are finished, now and then and at the end."""
    if not chunks:
        return
    with reporting_compilation(tell.compiling):
        if workers == 1 or len(chunks) == 1:
            for done, _ in enumerate((path for chunk in chunks for path in chunk.carry_out()), start=1):
                yield done
            return
        rehearse(chunks[0].jobs[0])
    paths = [path for chunk in chunks for path in chunk.paths]
    with processes(min(workers, len(chunks))) as executor:
        futures: set[Future[None]] = {executor.submit(carry_out, chunk) for chunk in chunks}
        while futures:
            finished, futures = wait(futures, timeout=LOOK_SECONDS, return_when="FIRST_COMPLETED")
            for future in finished:
                future.result()
            yield sum(path.is_file() for path in paths)


def collect[T](
    wanted: Sequence[Wanted],
    names: Collection[str],
    reduce: Callable[[xr.Dataset], T],
    *,
    folder: Path,
    workers: int | None,
    progress: bool | Reporter | None,
) -> list[T]:
    """Simulate what the shelf in ``folder`` lacks and return ``reduce`` of every replicate, in the order given.

    ``names`` are the observables that ``reduce`` is given: to read all would take ten times as long.
    """
    shelf = Shelf(folder)
    shelf.fill(wanted, workers=workers, progress=progress)
    others = [name for name in catalogue() if name not in names]

    def read(one: Wanted) -> T:
        return reduce(shelf.read(one, others))

    with ThreadPoolExecutor() as threads:  # unpacking is done outside the interpreter's lock
        return list(threads.map(read, wanted))


def last_week(runs: Sequence[Run]) -> int:
    """Last week that all runs have; raises RunError unless all begin on the same day."""
    starts: Any = {run.inputs.calendar.start for run in runs}
    if len(starts) > 1:
        message = (
            f"the scenarios begin on different days ({', '.join(map(str, sorted(starts)))}), so that no week is shared"
        )
        raise RunError(message)
    return min(run.job.last_week for run in runs)
