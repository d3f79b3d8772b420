"""What a long run tells while it works: kernels being compiled, replicates done, rate and time left."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from ..model.names import phrase

SECONDS_A_MINUTE = 60.0


class Reporter(Protocol):
    """Somebody who wants to know how a run gets on."""

    def compiling(self, kernel: str) -> None:
        """Take note that ``kernel`` is being compiled (first start after an installation or a change only)."""
        ...

    def done(self, replicates: int, of: int) -> None:
        """Take note that ``replicates`` of ``of`` are finished."""
        ...


class Silent:
    """A reporter that says nothing."""

    def compiling(self, kernel: str) -> None:
        """Say nothing."""

    def done(self, replicates: int, of: int) -> None:
        """Say nothing."""


class RateColumn(ProgressColumn):
    """Replicates a minute, or seconds a replicate where they are slow."""

    def render(self, task: Task) -> Text:
        """Return the rate of ``task``, empty until it is known."""
        if not task.speed:
            return Text("")
        a_minute = task.speed * SECONDS_A_MINUTE
        slow = a_minute < 1.0
        each = phrase("{n} s each", n=f"{1.0 / task.speed:.0f}")
        return Text(each if slow else phrase("{n}/min", n=f"{a_minute:.0f}"), style="progress.data.speed")


class Bar:
    """A reporter that draws a progress bar on the terminal."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task(phrase("starting"), total=None)
        self._kernels = 0

    def compiling(self, kernel: str) -> None:
        """Name the kernel under compilation."""
        self._kernels += 1
        told = phrase("first start: compiling {kernel} ({n})", kernel=kernel, n=self._kernels)
        self._bar.update(self._task, description=told)

    def done(self, replicates: int, of: int) -> None:
        """Move the bar."""
        told = phrase("{n} of {total} replicates", n=replicates, total=of)
        self._bar.update(self._task, description=told, completed=replicates, total=of)


@contextmanager
def reporter(wanted: "bool | Reporter | None") -> Generator[Reporter]:
    """Give the reporter for a run.

    ``None`` draws a bar if somebody sits at a terminal, ``True`` draws one anyhow, ``False`` is silent.
    """
    choice = sys.stderr.isatty() if wanted is None else wanted
    if not isinstance(choice, bool):
        yield choice
    elif not choice:
        yield Silent()
    else:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), RateColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True, speed_estimate_period=3600.0) as bar:
            yield Bar(bar)
