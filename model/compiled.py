"""Compiled kernels: one decorator, one cache on disk that never serves code older than the source."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

import numba
import numba.core.event
import platformdirs

KEPT_CACHES = 3  # caches of older sources that stay on disk, so that switching branches does not recompile
_kernels: list[str] = []


@cache
def cache_folder() -> Path:
    """Folder of compiled code for exactly this source: its name is a hash of every file that kernels are made from.

    Numba looks only at the file that holds a kernel; a rule edited in another file would leave stale code behind.
    """
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted([*root.glob("agents/*.py"), *root.glob("model/**/*.py"), *root.glob("model/**/*.yaml")]):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    base = Path(os.environ.get("SHEQU_CACHE", platformdirs.user_cache_dir("shequ"))) / "kernels"
    folder = base / digest.hexdigest()[:16]
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _drop_old(base)
    return folder


def _drop_old(base: Path) -> None:
    folders = sorted((p for p in base.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    for folder in folders[KEPT_CACHES + 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


def kernel[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` on first use; IEEE arithmetic, no fastmath, GIL released, kept on disk."""
    before = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
    try:
        compiled = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    finally:
        numba.config.CACHE_DIR = before  # type: ignore[attr-defined]
    _kernels.append(function.__name__)
    return cast("Callable[P, R]", compiled)


class _Listener(numba.core.event.Listener):
    """Tells ``report`` the name of each kernel whose compilation starts."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self.report = report
        self.depth = 0

    def on_start(self, event: Any) -> None:
        if self.depth == 0:
            self.report(str(event.data["dispatcher"].py_func.__name__))
        self.depth += 1

    def on_end(self, event: Any) -> None:
        del event
        self.depth -= 1


@contextmanager
def reporting_compilation(report: Callable[[str], None]) -> Iterator[None]:
    """While the block runs, call ``report(name)`` each time a kernel has to be compiled."""
    listener = _Listener(report)
    with numba.core.event.install_listener("numba:compile", listener):
        yield
