"""The world without plans against the records of 2022-2023: one row a record, both values side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np
import pandas as pd
import xarray as xr

from ..model.keeping import declarations

FIRST_YEAR = slice(
    0, 51
)  # weeks over which the model's value is taken: the first year, no plan, after a year of warm-up


@dataclass(frozen=True)
class BaselineTarget:
    """Interval that records give for one observable: lowest to highest record, widened by ``margin``.

    Parameters are fitted to the records of ``fitted`` targets; the others are held out and compared alone.
    """

    observable: str
    group: str
    records: Mapping[str, float]
    margin: float
    note: str
    fitted: bool = True

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return max(0.0, min(self.records.values()) - self.margin)

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return max(self.records.values()) + self.margin


@cache
def targets() -> tuple[BaselineTarget, ...]:
    """All baseline targets, in the order of the file."""
    entries: list[dict[str, Any]] = declarations("shequ.calibration", "baseline.yaml")
    return tuple(BaselineTarget(**entry) for entry in entries)


def table(observables: xr.Dataset) -> pd.DataFrame:
    """Compare a run of ``baseline_2023`` with the records.

    ``observables`` has dimensions replicate, week and group. The model's value is the mean over the replicates and the
    first year; ``low`` and ``high`` are the interval of the records.
    """
    rows: list[dict[str, Any]] = []
    for target in targets():
        series = cast("Any", observables[target.observable]).sel(group=target.group, week=FIRST_YEAR)
        value = float(series.mean())
        rows.append(
            {
                "observable": target.observable,
                "group": target.group,
                "fitted": target.fitted,
                "records": ", ".join(f"{name} = {number:g}" for name, number in target.records.items()),
                "low": target.low,
                "high": target.high,
                "model": value,
                "inside": bool(np.isfinite(value) and target.low <= value <= target.high),
                "note": target.note,
            }
        )
    return pd.DataFrame(rows)
