"""Who does the work: processes of this machine, a Dask cluster that is there, or one started here."""

from collections.abc import Callable, Generator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from typing import Any

from ..pool import RunError, processes

PROCESSES, LOCAL_DASK, DASK = "processes", "local-dask", "dask://"
ALLOWED = "processes, local-dask, dask://HOST:PORT"
HOW_TO_INSTALL = "it needs the extra: pip install 'shequ[dask]'"


class Inline(Executor):
    """An executor that does the work at once, in this process."""

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call ``fn`` and return what came of it."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def check(name: str) -> None:
    """Refuse what is no executor; raises RunError."""
    if name not in {PROCESSES, LOCAL_DASK} and not name.startswith(DASK):
        message = f"there is no executor {name!r}; allowed: {ALLOWED}"
        raise RunError(message)


@contextmanager
def executor(name: str, workers: int) -> Generator[Executor]:
    """Give the executor called ``name``, one that :func:`check` lets pass. One worker of processes works here."""
    if name == PROCESSES:
        if workers == 1:
            yield Inline()
        else:
            with processes(workers) as pool:
                yield pool
    else:
        with _dask(name, workers) as client:
            yield client.get_executor(pure=False, retries=0)


def worker_died(error: Exception) -> bool:
    """Whether an executor says by ``error`` that a worker is gone, and not that the work went wrong."""
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"  # Dask may not be there to ask


@contextmanager
def _dask(name: str, workers: int) -> Generator[Any]:
    """Client of a cluster: of ``workers`` processes started here, or of the scheduler at an address."""
    try:
        import distributed  # noqa: PLC0415  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        message = f"the executor {name!r} is not there: {HOW_TO_INSTALL}"
        raise RunError(message) from error
    library: Any = distributed
    if name == LOCAL_DASK:
        with (
            library.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
            library.Client(cluster) as client,
        ):
            yield client
        return
    address = f"tcp://{name.removeprefix(DASK)}"
    try:
        client = library.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        message = f"no Dask scheduler answers at {address}: {error}. Start one with: dask scheduler"
        raise RunError(message) from error
    with client:
        yield client
