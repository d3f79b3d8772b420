"""Designs of sensitivity studies, all by SALib or scipy, in the unit cube; factors then take their place in it.

A design is made of blocks that stand or fall together: the runs of one base point of Saltelli's scheme, one trajectory
of Morris or of Goda's scheme for Shapley effects; where any design serves (delta, PAWN) a block is one run.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray
from scipy.stats import qmc

from ..pool import RunError
from .factors import Factor

type Method = Literal["sobol", "morris", "shapley", "delta", "pawn"]
type Units = NDArray[np.float64]

METHODS: tuple[str, ...] = get_args(Method.__value__)
BLOCKED = ("sobol", "morris", "shapley")  # methods with a design of their own
LEVELS = 4  # of Morris' grid
UNIT = "u."  # column of a factor's place in the unit cube
FEWEST = 4  # blocks


@dataclass(frozen=True)
class Plan:
    """What is asked of a design: ``n`` blocks for ``method``; ``groups`` are factors that move together."""

    method: Method
    n: int
    seed: int
    second_order: bool = False
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def as_json(self) -> dict[str, Any]:
        """The plan as it is written down."""
        return {
            "method": self.method,
            "n": self.n,
            "second_order": self.second_order,
            "groups": {name: list(members) for name, members in self.groups},
        }


def planned(method: str, n: int, seed: int, *, second_order: bool, groups: Mapping[str, Sequence[str]]) -> Plan:
    """Check what is asked for and return the plan; raises RunError."""
    if method not in METHODS:
        message = f"there is no method {method!r}; allowed: {', '.join(METHODS)}"
        raise RunError(message)
    if method == "sobol" and (n < FEWEST or n & (n - 1)):
        message = f"--n must be a power of 2 of at least {FEWEST} for sobol, not {n}: only then are the points balanced"
        raise RunError(message)
    if n < FEWEST:
        message = f"--n must be at least {FEWEST}, not {n}"
        raise RunError(message)
    if groups and method not in {"sobol", "morris"}:
        message = f"{method} knows no groups of factors; sobol and morris do"
        raise RunError(message)
    named: Any = method
    return Plan(named, n, seed, second_order and method == "sobol", tuple((k, tuple(v)) for k, v in groups.items()))


def problem(plan: Plan, names: Sequence[str]) -> dict[str, Any]:
    """SALib's description of the unit cube, one side a factor."""
    numbers = [f"x{k}" for k in range(len(names))]  # some names of ours SALib takes for names of its own
    found: dict[str, Any] = {"num_vars": len(names), "names": numbers, "bounds": [[0.0, 1.0]] * len(names)}
    if plan.groups:
        of = {member: group for group, members in plan.groups for member in members}
        if unknown := sorted(set(of) - set(names)):
            message = f"{', '.join(unknown)} is in a group, and no factor of this study"
            raise RunError(message)
        found["groups"] = [of.get(name, name) for name in names]
    return found


def movers(plan: Plan, names: Sequence[str]) -> list[str]:
    """What the indices are about: factors, or groups of them, in their order."""
    return list(dict.fromkeys(problem(plan, names).get("groups", names)))


def block(plan: Plan, names: Sequence[str]) -> int:
    """Runs of one block."""
    count = len(movers(plan, names))
    if plan.method == "sobol":
        return 2 * count + 2 if plan.second_order else count + 2
    return count + 1 if plan.method in BLOCKED else 1


def design(plan: Plan, factors: Sequence[Factor]) -> pd.DataFrame:
    """One row a run: a column a factor, and one more with its place in the unit cube."""
    names = [factor.name for factor in factors]
    if len(names) < 2:
        message = "a sensitivity study needs at least two factors"
        raise RunError(message)
    units = _units(plan, problem(plan, names), len(names))
    values = {factor.name: [factor.at(float(u)) for u in units[:, k]] for k, factor in enumerate(factors)}
    return pd.DataFrame(values | {f"{UNIT}{name}": units[:, k] for k, name in enumerate(names)})


def _units(plan: Plan, described: dict[str, Any], count: int) -> Units:
    own: dict[str, Any] = {
        "sobol": {"calc_second_order": plan.second_order},
        "morris": {"num_levels": LEVELS},
    }.get(plan.method, {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own dependencies, and of numbers of points that are no power of 2
        if plan.method not in BLOCKED:
            return qmc.Sobol(count, rng=plan.seed).random(plan.n)
        library: Any = import_module(f"SALib.sample.{plan.method}")  # slow to load
        return np.asarray(library.sample(described, plan.n, seed=plan.seed, **own), np.float64)
