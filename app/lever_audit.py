"""``shequ scenario check --run``: the dead-lever audit of a plan."""

import sys
from collections import Counter
from statistics import median

from rich.console import Console
from rich.progress import Progress

from ..experiments.lever_audit import audit_levers
from ..model.names import phrase
from ..scenarios import loader
from .tables import console, flowing

STEP = 10  # entries between two lines of progress where nobody sits at a terminal


def audit_report(file: str, layers: list[str], *, seed: int, households: int) -> list[str]:
    """Audit ``file``; print what waits and how soon the rest shows; returns a fault for each that changes nothing."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(phrase("{file}: runs without each item", file=file), total=None)

        def tell(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)
            if bar.disable and done % STEP == 0:
                sys.stderr.write(phrase("{file}: {done} of {total}", file=file, done=done, total=of) + "\n")

        findings = audit_levers(
            loader.load(file, layers=layers),
            seed=seed,
            households=households,
            tell=tell,
        )
    out, count = console(), Counter(finding.verdict for finding in findings)
    for finding in findings:
        if finding.verdict == "waits":
            out.print(phrase("waits: {problem}", problem=finding.problem), soft_wrap=True)
    weeks = [finding.week for finding in findings if finding.week is not None]
    when = phrase(", half of them by week {week}", week=f"{median(weeks):.0f}") if weeks else ""
    told = phrase(
        "{file}: {n} levers moved, shocks and triggers: {changes} change the run{when}; {waits} wait for what does not "
        "come in this run; {nothing} change nothing",
        file=file,
        n=len(findings),
        changes=count["changes"],
        when=when,
        waits=count["waits"],
        nothing=count["changes nothing"],
    )
    out.print(flowing(told, out.width))
    return [str(finding.problem) for finding in findings if finding.verdict == "changes nothing"]
