"""``shequ study``: what lies in the folder of a study, and its failed runs."""

import json
import sys
from pathlib import Path
from typing import Any

from ..experiments.pool import RunError
from ..experiments.store import write_bytes
from ..experiments.studies import executors
from ..experiments.studies.records import Records, records
from ..experiments.studies.reopening import forget_failed, one_run, reopened
from ..experiments.studies.runner import carry_out
from ..experiments.studies.work import DONE, FAILED
from ..model.names import phrase
from .report import telling
from .tables import console, plain

SHOWN = 10  # failed runs


def study_report(
    path: Path,
    *,
    run: int | None,
    resume: bool,
    retry: bool,
    hub: Path | None,
    workers: int | None,
    executor: str = executors.PROCESSES,
    as_json: bool,
) -> None:
    """Print the state of a study; go on with it, do failed runs or one run again, or write its quantiles for a hub."""
    if run is not None:
        _alone(path, run)
        return
    if retry:
        forget_failed(path)
    if resume or retry:
        carry_out(reopened(path), path, workers=workers, executor=executor, progress=telling())
    known = records(path)
    if hub is not None:
        _write(known, hub)
        return
    state = _state(known)
    if as_json:
        sys.stdout.write(json.dumps(state, indent=1, ensure_ascii=False) + "\n")
        return
    screen = console()
    screen.print(
        phrase(
            "{kind} of {scenarios}: {done} of {runs} runs done, {failed} failed, {missing} missing; {seconds} s a run",
            **{**state, "scenarios": ", ".join(state["scenarios"]), "seconds": f"{state['seconds']:.2f}"},
        )
    )
    whole: Any = known.runs
    failed = whole[whole["status"] == FAILED]
    if len(failed):
        rows = [[str(k), str(row["stage"]), str(row["error"])] for k, row in failed.head(SHOWN).iterrows()]
        screen.print(plain(phrase("failed runs"), [phrase("run"), phrase("stage"), phrase("error")], rows))
        screen.print(
            phrase("one again: shequ study {path} --run {run}; all of them: --retry", path=path, run=rows[0][0])
        )


def _state(known: Records) -> dict[str, Any]:
    frozen, table = known.frozen, known.runs
    whole: Any = table
    done, failed = int((whole["status"] == DONE).sum()), int((whole["status"] == FAILED).sum())
    return {
        "kind": frozen["kind"],
        "scenarios": [entry["name"] for entry in frozen["scenarios"]],
        "factors": [entry["factor"] for entry in frozen["factors"]],
        "runs": frozen["runs"],
        "done": done,
        "failed": failed,
        "missing": frozen["runs"] - done - failed,
        "seconds": float(whole["seconds"].mean()),
    }


def _alone(path: Path, run: int) -> None:
    """Do one run again and print its point, and what it gives at the last week or why it fails."""
    study, told = one_run(path, run)
    screen = console()
    for name, value in study.row(run).items():
        screen.print(f"{name}: {value:g}" if isinstance(value, float) else f"{name}: {value}")
    if told.status == FAILED:
        message = f"run {run} fails at the stage {told.stage!r}: {told.error}"
        raise RunError(message)
    last = max(week for week, *_ in told.series)
    for week, name, group, value in told.series:
        if week == last:
            screen.print(
                phrase("week {week}, {name}, {group}: {value}", week=week, name=name, group=group, value=f"{value:.4g}")
            )


def _write(known: Records, path: Path) -> None:
    table: Any = known.hub()
    if path.suffix == ".parquet":
        table.to_parquet(path, index=False)
    elif path.suffix == ".csv":
        write_bytes(path, table.to_csv(index=False, float_format="%.8g").encode())
    else:
        message = f"{path} must end in .csv or .parquet"
        raise RunError(message)
