"""Which trigger fired when: kept with each replicate, gathered into one table, summed up for people."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from typing import Any

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
import xarray as xr

from ..model.calendar import Calendar
from ..model.triggers import Firing

FIRINGS = "firings"  # attribute of a replicate's dataset
COLUMNS = ("replicate", "trigger", "community", "week", "date", "value")


def with_firings(data: xr.Dataset, firings: Iterable[Firing]) -> xr.Dataset:
    """Return ``data`` with what fired during its run as an attribute."""
    return data.assign_attrs({FIRINGS: json.dumps([astuple(firing) for firing in firings])})


def gathered(replicates: Mapping[int, xr.Dataset], calendar: Calendar) -> pd.DataFrame:
    """Return one row a firing: replicate, trigger, community (-1: several), week, its Monday, and the value read."""
    rows: list[tuple[Any, ...]] = []
    for replicate, data in sorted(replicates.items()):
        for trigger, community, week, value in json.loads(data.attrs.get(FIRINGS, "[]")):
            rows.append((replicate, trigger, community, week, calendar.monday(week).isoformat(), value))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def summed_up(firings: pd.DataFrame, triggers: Iterable[str], replicates: int, calendar: Calendar) -> pd.DataFrame:
    """Return one row a trigger: share of replicates in which it fired, when first, and how often.

    ``first``, ``low90`` and ``high90`` are the Mondays of the median and 90 % interval of the first week, over the
    replicates in which it fired; empty where it never did. ``times`` is the mean number of firings a replicate.
    """
    rows: list[dict[str, Any]] = []
    frame: Any = firings
    for name in triggers:
        mine = frame[frame["trigger"] == name]
        first = mine.groupby("replicate")["week"].min().to_numpy()
        days = ["", "", ""]
        if len(first):
            weeks = np.quantile(first, (0.5, 0.05, 0.95), method="lower")
            days = [calendar.monday(int(week)).isoformat() for week in weeks]
        rows.append(
            {
                "trigger": name,
                "fired_share": len(first) / replicates,
                "first": days[0],
                "low90": days[1],
                "high90": days[2],
                "times": len(mine) / replicates,
            }
        )
    return pd.DataFrame(rows)
