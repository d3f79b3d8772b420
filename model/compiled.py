"""Compiled kernels: one decorator, one cache on disk that never serves code older than the source."""

import ast
import functools
import hashlib
import inspect
import os
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

import filelock
import numba
import numba.core.event
import numba.extending

from . import keeping, passing
from .source import ROOT, imports

KEPT_CACHES = 3  # caches of older sources that stay on disk, so that switching branches does not recompile


@cache
def cache_folder(source: str) -> Path:
    """Folder of compiled code for the module in file ``source``: its name is a hash of all that it is made from.

    Numba looks only at the file that holds a kernel; a rule edited in another file would leave stale code behind.
    """
    digest = hashlib.sha256()
    for path in sorted(_made_from(Path(source).resolve())):
        digest.update(_content_hash(path))
    module = Path(source).stem
    base = keeping.cache() / "kernels"
    folder = base / f"{module}-{digest.hexdigest()[:16]}"
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _drop_old(base, module)
    return folder


@cache
def _content_hash(path: Path) -> bytes:
    place = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path  # copies of the project share their code
    return hashlib.sha256(place.as_posix().encode() + path.read_bytes()).digest()


def _made_from(path: Path) -> set[Path]:
    """Return ``path`` and everything of this project that it imports, directly or not."""
    seen = {path}
    queue = [path]
    while queue:
        for other in imports(queue.pop()) - seen:
            seen.add(other)
            queue.append(other)
    return seen


def _drop_old(base: Path, module: str) -> None:
    folders = sorted(base.glob(f"{module}-*"), key=lambda p: p.stat().st_mtime, reverse=True)
    for folder in folders[KEPT_CACHES + 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


def kernel[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` on first use; IEEE arithmetic, no fastmath, GIL released, kept on disk.

    Called from Python, the compiled entry runs; tables go in as one argument each (see :mod:`shequ.model.passing`).
    Called from another kernel, the function is compiled into its caller.
    """
    name, line = f"{function.__module__}.{function.__name__}", cast("Any", function).__code__.co_firstlineno
    path = cache_folder(inspect.getfile(function)) / f"{name}-{line}.py"
    source = path.read_text(encoding="utf-8") if path.exists() else _kept(_source(function), path)

    @cache  # made when it is first called: most kernels are only ever compiled into others
    def entry() -> Callable[..., Any]:
        return _entry(function, source, path)

    @functools.wraps(function)
    def call(*args: Any) -> Any:
        return entry()(*[passing.packed(value) if isinstance(value, tuple) else value for value in args])

    def implementation(*_: Any) -> Callable[P, R]:
        return function

    numba.extending.overload(call, jit_options={"error_model": "numpy", "forceinline": True}, strict=False)(
        implementation
    )
    return cast("Callable[P, R]", call)


def _source(function: Callable[..., Any]) -> str:
    """Source of a kernel's entry: the function's own, which first opens its packed tables, one line an argument."""
    definition = ast.parse(inspect.getsource(function)).body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    definition.returns = None
    for argument in definition.args.args:
        argument.annotation = None
    opening = "".join(f"{name} = _opened_table({name})\n" for name in inspect.signature(function).parameters)
    definition.body = [*ast.parse(opening).body, *definition.body]
    return ast.unparse(ast.fix_missing_locations(definition)) + "\n"


def _kept(source: str, path: Path) -> str:
    """Return ``source`` once it lies in the file ``path``, where Numba looks for it before it keeps its code."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_text(source, encoding="utf-8")
        temporary.replace(path)
    return source


def _entry(function: Callable[..., Any], source: str, path: Path) -> Callable[..., Any]:
    """Compiled form of ``function``, from the ``source`` of its entry."""
    function.__globals__["_opened_table"] = passing.opened
    made: dict[str, Any] = {}
    exec(compile(_kept(source, path), str(path), "exec"), function.__globals__, made)
    before = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    numba.config.CACHE_DIR = str(path.parent)  # type: ignore[attr-defined]
    try:
        compiled: Any = cast("Any", numba).njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)(
            made[function.__name__]
        )
    finally:
        numba.config.CACHE_DIR = before  # type: ignore[attr-defined]
    compiled.compile = _one_at_a_time(compiled.compile, path.with_suffix(".lock"))
    return compiled


def _one_at_a_time[**P, R](compile_or_load: Callable[P, R], lock: Path) -> Callable[P, R]:
    """Let one process at a time compile a kernel: the others wait, then load what it left on disk.

    Numba's own files are not safe against two writers, who may end up with each other's code.
    """

    def locked(*args: P.args, **kwargs: P.kwargs) -> R:
        with filelock.FileLock(lock):
            return compile_or_load(*args, **kwargs)

    return locked


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
def reporting_compilation(report: Callable[[str], None]) -> Generator[None]:
    """While the block runs, call ``report(name)`` each time a kernel has to be compiled."""
    listener = _Listener(report)
    with cast("Any", numba.core.event).install_listener("numba:compile", listener):
        yield
