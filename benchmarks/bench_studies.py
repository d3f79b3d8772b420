"""Runs a second of a study, store included: ``python -m pytest benchmarks/bench_studies.py -s -n 0 -p no:randomly``.

One community of about 3,000 residents, 261 weeks of the ten-household plan, every process on; prints the rate, the
share of the workers' time that went into runs, and how the memory of the runner grew.
"""

import resource
import time
from pathlib import Path
from typing import Any

import pandas as pd

from shequ.experiments.studies import definition, factors, runner
from shequ.experiments.studies.definition import Study
from shequ.experiments.studies.records import records
from shequ.scenarios import loader

RUNS = 128
WORKERS = 2


def study(runs: int) -> Study:
    scenario = loader.load("ten_household")
    known = [factors.read(name, scenario) for name in ("trust_gain", "luck")]
    table = pd.DataFrame({one.name: [one.at((k + 0.5) / runs) for k in range(runs)] for one in known})
    return definition.described("table", ["ten_household"], known, table, communities=1, households=1150)


def test_runs_a_second(tmp_path: Path) -> None:
    runner.carry_out(study(8), tmp_path / "warm", workers=WORKERS, progress=False)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    path = runner.carry_out(study(RUNS), tmp_path / "study", workers=WORKERS, progress=False).path
    wall = time.perf_counter() - start
    table: Any = records(path).runs
    inside = float(table["seconds"].sum()) / (wall * WORKERS)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"\n{RUNS / wall:.1f} runs a second on {WORKERS} workers, {inside:.0%} of their time in runs,", end=" ")
    print(f"{table['seconds'].mean():.3f} s a run; the runner grew by {grown:.0f} MB")
