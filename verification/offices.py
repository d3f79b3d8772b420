"""Offices of unit heads, built by hand, on which the project's own kernels run."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..agents import Committees, Residents, Units
from ..agents.columns import allocate
from ..agents.view import python_row
from ..model import parameters
from ..model.flows import Flows
from ..model.levers import LeverSchedule
from ..model.processes import heads
from ..model.structure import Communities

YEAR = 52.0  # weeks in which a yearly loss share acts, as the theory page counts

# Nothing but what a check switches on: no strain, no pay, no skill, no work, capacity 4 h, one candidate a unit.
BARE = {
    "exit_rate": 0.0,
    "exit_burnout": 0.0,
    "exit_overload": 0.0,
    "exit_pay": 0.0,
    "exit_recognition": 0.0,
    "exit_skill": 0.0,
    "frailty_spread": 0.0,
    "burnout_support_buffer": 0.0,
    "burnout_recognition_buffer": 0.0,
    "burnout_skill_buffer": 0.0,
    "head_duty_hours": 0.0,
    "head_duty_household_hours": 0.0,
    "head_form_hours": 0.0,
    "head_capacity_low": 4.0,
    "head_capacity_high": 4.0,
    "candidate_rate": 0.0,
    "candidate_community": 0.0,
    "candidate_efficacy": 0.0,
    "candidate_time": 0.0,
    "candidate_pay": 0.0,
}


def weekly_hazard(annual: float) -> float:
    """Hazard a week at which a share ``annual`` leaves in a year."""
    return -math.log(1.0 - annual) / YEAR


def hazard_of(chance: float) -> float:
    """Hazard a week that acts within the week with this chance."""
    return -math.log(1.0 - chance)


def office(
    units: int,
    changes: dict[str, float],
    levers: dict[str, float] | None = None,
    communities: int = 1,
    seed: int = 77,
) -> Any:
    """``units`` units of one household and one resident aged 50 in each of some communities, heads in all of them.

    ``changes`` are parameters laid over the bare ones.
    """
    total = units * communities
    o = SimpleNamespace(
        communities=allocate(Communities, communities),
        residents=allocate(Residents, total),
        units=allocate(Units, total),
        committees=allocate(Committees, communities),
        flows=allocate(Flows, communities),
        parameters=parameters.table([parameters.defaults() | BARE | changes] * communities),
        levers=LeverSchedule(communities).now,
        week=0,
    )
    for name, value in ({"head_trainings": 0.0} | (levers or {})).items():
        o.levers[name] = value
    rows = np.arange(total)
    first = np.arange(communities) * units
    o.communities.seed[:] = seed + np.arange(communities)
    o.communities.unit_start[:], o.communities.unit_stop[:] = first, first + units
    o.residents.id[:], o.residents.age[:] = rows + 10_000_000, 50
    o.units.id[:] = rows
    for start, stop in (("household_start", "household_stop"), ("resident_start", "resident_stop")):
        getattr(o.units, start)[:], getattr(o.units, stop)[:] = rows, rows + 1
    o.units.organised[:], o.units.head[:] = 1, rows
    o.units.capacity[:], o.units.frailty[:] = 4.0, 1.0
    return o


def run(o: Any, weeks: int = 1, *, recruit: bool = True) -> None:
    """Weeks of the process's own kernels."""
    tables = (o.communities, o.units, o.parameters, o.levers)
    for _ in range(weeks):
        heads.share_work(o.communities, o.units, o.committees, o.parameters, o.levers)
        heads.live_all(o.week, *tables)
        if recruit:
            heads.recruit_all(o.week, o.communities, o.residents, o.units, o.parameters, o.levers)
        o.week += 1


def row_of(changes: dict[str, float]) -> Any:
    """Parameter row of bare offices with ``changes``, as rules take it."""
    return python_row(parameters.table([parameters.defaults() | BARE | changes])[0])


def filled(o: Any) -> float:
    """Share of offices with a head."""
    return float((o.units.head >= 0).mean())
