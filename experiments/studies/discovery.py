"""Scenario discovery by ema-workbench: in which futures a promise is broken, in words that a planner can use.

PRIM (Friedman & Fisher 1999; Bryant & Lempert 2010) peels a box off the futures, a little at a time, so that the share
of broken promises inside rises. ``coverage`` is the share of all broken futures that lie in the box, ``density`` the
share of the futures in it that are broken, ``mass`` the share of all futures in it. CART (Breiman et al. 1984) cuts the
futures by a tree; its leaves are boxes. ema-workbench is an extra: it is under a BSD licence but brings Platypus along,
which is under the GPL; nothing of shequ needs it otherwise.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from ..pool import RunError

DENSITY = 0.8  # of the box that is told, if one is so dense
COVERAGE = 0.5  # of the box that is told, if none is so dense
FEWEST_CASES = 10  # broken futures, and kept ones
PEEL = 0.05  # share that one step of PRIM takes off
LEAST_MASS = 0.05  # share of futures in a box
SURE = 0.05  # quasi-p of a limit (one-sided binomial test) above which it is dropped
COLUMNS = ["plan", "milestone", "method", "box", "coverage", "density", "mass", "factor", "from", "to", "p"]
MISSING = (
    "scenario discovery needs ema-workbench: pip install 'shequ[discovery]' (BSD licence; it brings Platypus along, "
    "which is under the GPL)"
)


@dataclass(frozen=True)
class Limit:
    """One side of a box: ``factor`` lies in [``low``, ``high``]; infinite where the box is open. ``p``: quasi-p."""

    factor: str
    low: float
    high: float
    p: float = float("nan")


@dataclass(frozen=True)
class Box:
    """A part of the futures, by one ``method``."""

    method: str
    coverage: float
    density: float
    mass: float
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class Peeling:
    """What PRIM found: the box that is told, and coverage, density and number of limits of every step."""

    box: Box
    steps: pd.DataFrame


def installed() -> bool:
    """Whether the extra is there."""
    return find_spec("ema_workbench") is not None


def workbench(part: str = "") -> Any:
    """ema-workbench or a part of it (``.analysis.prim``); raises RunError where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extras of its own that are not there
            return import_module(f"ema_workbench{part}")
    except ImportError as error:
        raise RunError(MISSING) from error


def enough(broken: NDArray[np.bool_]) -> bool:
    """Whether there are futures of both kinds to tell apart."""
    return FEWEST_CASES <= int(broken.sum()) <= len(broken) - FEWEST_CASES


def prim(points: pd.DataFrame, broken: NDArray[np.bool_], *, peel: float = PEEL) -> Peeling:
    """Peel the box of broken futures: the widest with a density of ``DENSITY``, else the densest that covers half.

    ``peel`` is the share that a step takes off. Limits that could be chance (quasi-p above ``SURE``) are dropped.
    """
    library = workbench(".analysis.prim")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        box: Any = library.Prim(points, broken, peel_alpha=peel, mass_min=LEAST_MASS).find_box()
        steps: Any = box.peeling_trajectory.copy()
        dense, wide = steps[steps["density"] >= DENSITY], steps[steps["coverage"] >= COVERAGE]
        chosen = int(dense["coverage"].idxmax()) if len(dense) else int(wide["density"].idxmax())
        for name, p in dict(box.p_values[chosen]).items():
            if min(value for value in p if value >= 0.0) > SURE:
                box.drop_restriction(name, chosen)
                chosen = len(box.peeling_trajectory) - 1
    row = box.peeling_trajectory.loc[chosen]
    limits = _limits(box.box_lims[chosen], box.box_lims[0], dict(box.p_values[chosen]))
    told = Box("prim", float(row["coverage"]), float(row["density"]), float(row["mass"]), tuple(limits))
    return Peeling(told, steps[["coverage", "density", "mass", "res_dim"]])


def cart(points: pd.DataFrame, broken: NDArray[np.bool_]) -> list[Box]:
    """Leaves of a classification tree in which most futures are broken, the largest share of them first."""
    library = workbench(".analysis.cart")
    modes = workbench(".analysis.scenario_discovery_util").RuleInductionType
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = library.CART(points, broken, mass_min=LEAST_MASS, mode=modes.BINARY)
        tree.build_tree()
        found = [
            Box(
                "cart", float(one["coverage"]), float(one["density"]), float(one["mass"]), tuple(_limits(limits, whole))
            )
            for one, limits in zip(tree.stats, tree.boxes, strict=True)
            for whole in [_whole(points)]
        ]
    return sorted((box for box in found if box.density > 0.5), key=lambda box: -box.coverage)


def _whole(points: pd.DataFrame) -> pd.DataFrame:
    table: Any = points
    return pd.DataFrame([table.min(), table.max()])


def _limits(box: Any, whole: Any, p_values: dict[str, Any] | None = None) -> Iterator[Limit]:
    """Sides on which a box is smaller than the whole."""
    for name in box.columns:
        low, high = float(box[name].iloc[0]), float(box[name].iloc[1])
        first, last = float(whole[name].iloc[0]), float(whole[name].iloc[1])
        if low > first or high < last:
            known = [p for p in (p_values or {}).get(name, []) if p >= 0.0]
            yield Limit(
                str(name),
                low if low > first else -np.inf,
                high if high < last else np.inf,
                min(known) if known else float("nan"),
            )


def rows(plan: str, milestone: str, boxes: list[Box]) -> list[dict[str, Any]]:
    """One row a limit of every box."""
    return [
        {
            "plan": plan,
            "milestone": milestone,
            "method": box.method,
            "box": number,
            "coverage": box.coverage,
            "density": box.density,
            "mass": box.mass,
            "factor": limit.factor,
            "from": limit.low,
            "to": limit.high,
            "p": limit.p,
        }
        for number, box in enumerate(boxes, 1)
        for limit in box.limits
    ]
