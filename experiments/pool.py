"""Replicates on many processes: same results for any number of workers, and none left behind when a run is stopped."""

import gc
import multiprocessing
import os
import platform
import signal
import threading
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from multiprocessing.connection import wait

import llvmlite.binding
import xarray as xr

from ..model.compiled import reporting_compilation
from ..model.keeping import kept
from ..model.source import everything
from .progress import Reporter
from .replicate import Job, simulate, smaller

REHEARSAL_HOUSEHOLDS = 40


class RunError(RuntimeError):
    """A run that could not be finished."""


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def simulate_all(
    job: Job, seeds: Mapping[int, int], *, workers: int, tell: Reporter
) -> Iterator[tuple[int, xr.Dataset]]:
    """Yield (replicate, observables) for every replicate of ``seeds``, as they finish: in any order."""
    with reporting_compilation(tell.compiling):
        if workers == 1 or len(seeds) == 1:
            for replicate, seed in seeds.items():
                yield replicate, simulate(job, seed)
            return
        rehearse(job)
    with processes(min(workers, len(seeds))) as executor:
        futures = {executor.submit(simulate, job, seed): replicate for replicate, seed in seeds.items()}
        for future in as_completed(futures):
            yield futures[future], _value(future, futures[future])


def rehearse(job: Job) -> None:
    """Run ``job`` with few households, so that kernels are compiled once, here, and workers find them on the disk.

    Once is enough for a scenario, as long as neither the code nor what compiles it changes.
    """
    scenario = smaller(job.scenario, None, REHEARSAL_HOUSEHOLDS)

    def compiled() -> bool:
        simulate(replace(job, scenario=scenario, engine="compiled"), 0)
        return True

    machine = (platform.python_version(), version("numba"), llvmlite.binding.get_host_cpu_name())
    of = (*machine, job.scenario.hash, sorted(job.off), sorted(job.cut), job.last_week, sorted(job.point.items()))
    kept(f"rehearsed-{job.scenario.name}", repr(of).encode() + everything(), compiled)


def _value(future: "Future[xr.Dataset]", replicate: int) -> xr.Dataset:
    try:
        return future.result()
    except BrokenProcessPool as error:
        message = (
            f"a worker process died while replicate {replicate} was under way. It may have run out of memory (then use "
            "fewer workers), or a script calls shequ.run without the line `if __name__ == '__main__':` (add it, or use "
            "workers=1)"
        )
        raise RunError(message) from error


@contextmanager
def processes(workers: int) -> Generator[ProcessPoolExecutor]:
    """Give a pool whose processes end with the block, at once if it is left by an error or by Ctrl-C."""
    others = multiprocessing.active_children()
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare_worker)
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            if child not in others:
                child.terminate()
        raise
    executor.shutdown()


def _prepare_worker() -> None:
    """Leave Ctrl-C to the parent, and end when the parent is gone, however it ended.

    What libraries bring along is never garbage: to search it again and again took a third of compiling a plan.
    """
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
