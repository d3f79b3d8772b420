"""Which factors matter, how much, when, and how sure that is: indices of a finished study, by SALib.

Methods: ``sobol`` (first-order S1 and total ST, second-order S2 on request), ``morris`` (mean absolute elementary
effect mu_star, spread sigma), ``shapley`` (shares of variance that add up to one), and two that read any finished
study: ``delta`` (moment-independent, with S1) and ``pawn`` (distance of distribution functions). Places in the unit
cube stand for the factors; Morris' effects are those of going through the whole range.

The seed of a run is a factor of its own, ``luck``: its total index is the share of variance that the noise of a run
has, alone or with others; what the other factors do together with luck is in their total indices.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from ..store import StoreError
from . import designs
from .designs import UNIT, Plan
from .records import Records

type Values = NDArray[np.float64]

LEVEL = 0.95
RESAMPLES = 200  # of the bootstrap
FEW_RESAMPLES = 20  # of delta, which takes its time
SLOW = ("delta",)  # methods that are asked at the last date only, and not for the first blocks of a design
BOOT_SEED = 1  # SALib takes 0 for no seed
SLICES = 10  # of PAWN
DOUBLINGS = 6  # steps of a convergence table
FEWEST_RUNS = 64  # in its first step, where a block is one run
FEWEST_BLOCKS = 4  # in a convergence table
COLUMNS = {  # of each method: index, half-width of its interval
    "sobol": {"S1": "S1_conf", "ST": "ST_conf"},
    "morris": {"mu_star": "mu_star_conf", "mu": "", "sigma": ""},
    "shapley": {"shapley": "shapley_conf"},
    "delta": {"delta": "delta_conf", "S1": "S1_conf"},
    "pawn": {"median": "", "maximum": ""},
}
RANKED = {"sobol": "ST", "morris": "mu_star", "shapley": "shapley", "delta": "delta", "pawn": "median"}


@dataclass(frozen=True)
class Sensitivity:
    """Indices of a study. ``method`` may differ from the one it was designed for, where that reads any study."""

    records: Records
    method: str

    @cached_property
    def plan(self) -> Plan:
        """The design that the study was made with."""
        told = self.records.frozen["analysis"]
        groups = tuple((name, tuple(members)) for name, members in told.get("groups", {}).items())
        return Plan(told.get("method", "delta"), told.get("n", 0), 0, told.get("second_order", False), groups)

    @cached_property
    def names(self) -> list[str]:
        """Factors of the study."""
        return [entry["factor"] for entry in self.records.frozen["factors"]]

    @property
    def movers(self) -> list[str]:
        """What the indices are about: factors, or groups of them."""
        return designs.movers(self.plan, self.names) if self.blocked else self.names

    @property
    def blocked(self) -> bool:
        """Whether the method needs the design that was made for it."""
        return self.method in designs.BLOCKED

    @cached_property
    def units(self) -> Values:
        """Places of all runs in the unit cube, shape (run, factor)."""
        table: Any = self.records.design
        if f"{UNIT}{self.names[0]}" in table:
            return table[[f"{UNIT}{name}" for name in self.names]].to_numpy(float)
        bounds = {entry["factor"]: (entry["low"], entry["high"]) for entry in self.records.frozen["factors"]}
        columns = [(table[name] - bounds[name][0]) / (bounds[name][1] - bounds[name][0]) for name in self.names]
        return np.stack([column.to_numpy(float) for column in columns], axis=1)

    def outcomes(self, observable: str, group: str = "all") -> pd.DataFrame:
        """Values by run and week; runs that failed or are not done are not-a-number."""
        found: Any = self.records.values(observable, group=group)
        return found.reindex(range(len(self.units)))

    # --- indices ------------------------------------------------------------------------------------------------------

    def indices(self, outcomes: Values) -> tuple[pd.DataFrame, int]:
        """Indices of one outcome (one value a run), and how many runs had to be left out with those that failed."""
        units, known, left_out = self._whole(outcomes)
        table: Any = _analysed(self.method, self.plan, self.names, units, known)
        return table.assign(factor=self.movers), left_out

    def over_time(self, observable: str, group: str = "all") -> pd.DataFrame:
        """Indices at every week that the study keeps: columns week, factor, and those of the method."""
        frame: Any = self.outcomes(observable, group)
        tables: list[Any] = []
        for week in frame.columns:
            table: Any = self.indices(frame[week].to_numpy(float))[0]
            tables.append(table.assign(week=int(week)))
        return pd.concat(tables, ignore_index=True)

    def converging(self, outcomes: Values) -> pd.DataFrame:
        """The ranked index from the first n blocks, n doubling: columns n, factor, index, conf."""
        size = designs.block(self.plan, self.names) if self.blocked else 1
        whole = len(outcomes) // size
        least = FEWEST_BLOCKS if self.blocked else FEWEST_RUNS
        counts = [whole // 2**k for k in range(DOUBLINGS) if whole // 2**k >= least]
        ranked = RANKED[self.method]
        tables: list[pd.DataFrame] = []
        for n in sorted(counts):
            units, known, _ = self._whole(outcomes[: n * size], self.units[: n * size])
            table: Any = _analysed(self.method, self.plan, self.names, units, known)
            interval = COLUMNS[self.method][ranked]
            conf = table[interval] if interval else np.nan
            tables.append(pd.DataFrame({"n": n, "factor": self.movers, "index": table[ranked], "conf": conf}))
        return pd.concat(tables, ignore_index=True)

    def second_order(self, outcomes: Values) -> pd.DataFrame:
        """Second-order indices of Sobol': columns first, second, S2, S2_conf, the largest first; empty without them."""
        if self.method != "sobol" or not self.plan.second_order:
            return pd.DataFrame(columns=["first", "second", "S2", "S2_conf"])
        units, known, _ = self._whole(outcomes)
        found = _salib("sobol", self.plan, self.names, units, known)
        rows = [
            {"first": a, "second": b, "S2": float(found["S2"][i, j]), "S2_conf": float(found["S2_conf"][i, j])}
            for i, a in enumerate(self.movers)
            for j, b in enumerate(self.movers)
            if i < j
        ]
        whole: Any = pd.DataFrame(rows)
        return whole.sort_values("S2", ascending=False, ignore_index=True)

    def _whole(self, outcomes: Values, units: Values | None = None) -> tuple[Values, Values, int]:
        """Blocks in which every run has a value; raises StoreError if too few are left."""
        units = self.units if units is None else units
        size = designs.block(self.plan, self.names) if self.blocked else 1
        if self.blocked and self.plan.method != self.method:
            made = self.records.frozen["analysis"].get("method", "no method")
            message = (
                f"this study was designed for {made}; {self.method} needs a design of its own (shequ sensitivity "
                f"SCENARIO --method {self.method}); delta and pawn read any study"
            )
            raise StoreError(message)
        good = np.isfinite(outcomes).reshape(-1, size).all(axis=1)
        if good.sum() < FEWEST_BLOCKS:
            message = f"only {good.sum()} of {len(good)} blocks of runs are whole; indices need {FEWEST_BLOCKS}"
            raise StoreError(message)
        rows = np.repeat(good, size)
        return units[rows], outcomes[rows], int((~rows).sum())


def _analysed(method: str, plan: Plan, names: Sequence[str], units: Values, outcomes: Values) -> pd.DataFrame:
    """Columns of the method, one row a factor or group. An outcome that never varies has indices of 0."""
    columns = [name for pair in COLUMNS[method].items() for name in pair if name]
    if np.ptp(outcomes) == 0.0:
        count = len(designs.movers(plan, names)) if method in designs.BLOCKED else len(names)
        return pd.DataFrame(dict.fromkeys(columns, np.zeros(count)))
    found = _salib(method, plan, names, units, outcomes)
    return pd.DataFrame({name: np.asarray(found[name], np.float64) for name in columns})


def _salib(method: str, plan: Plan, names: Sequence[str], units: Values, outcomes: Values) -> Any:
    described = designs.problem(plan, names) if method in designs.BLOCKED else designs.problem(_bare(plan), names)
    boot: dict[str, Any] = {"num_resamples": RESAMPLES, "conf_level": LEVEL, "seed": BOOT_SEED}
    own: dict[str, Any] = {
        "sobol": {"calc_second_order": plan.second_order, **boot},
        "morris": {"num_levels": designs.LEVELS, **boot},
        "shapley": {"conf_level": LEVEL},
        "delta": boot | {"num_resamples": FEW_RESAMPLES},
        "pawn": {"S": SLICES, "seed": BOOT_SEED},
    }[method]
    given = (outcomes,) if method == "sobol" else (units, outcomes)
    with warnings.catch_warnings(record=True):  # what it warns of it does itself, as merging bins
        library: Any = import_module(f"SALib.analyze.{method}")  # slow to load
        found: Any = library.analyze(described, *given, **own)
    renamed = {"shapley": "shapley_normalized", "delta": "delta_raw"}.get(method)
    return found if renamed is None else {**found, method: found[renamed], f"{method}_conf": found[f"{renamed}_conf"]}


def _bare(plan: Plan) -> Plan:
    return Plan("delta", plan.n, plan.seed)
