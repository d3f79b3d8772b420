"""Triggers: a plan that adapts watches observables week by week, and moves levers once a condition has held."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from . import observables
from .levers import Act, LeverError, LeverSchedule, find

if TYPE_CHECKING:
    from .recorder import Recorder

DISTRICT = -1  # instead of a community's number where a trigger watches several


class TriggerError(ValueError):
    """A trigger that does not fit the district."""


@dataclass(frozen=True)
class Trigger:
    """When ``observable`` has been above (or below) ``threshold`` ``for_weeks`` weeks in a row, ``acts`` happen.

    It is read at the end of a week, for residents of ``group`` in the communities ``rows`` together, in weeks from
    ``first_week`` on; a value that is not a number does not count. The acts begin ``delay_weeks`` after the following
    Monday. ``once``: never again; else the count begins anew. ``community`` is the permanent number of the one that
    watches itself, or -1.
    """

    name: str
    observable: str
    threshold: float
    above: bool
    rows: tuple[int, ...]
    acts: tuple[Act, ...]
    for_weeks: int = 1
    group: str = "all"
    first_week: int = 0
    delay_weeks: int = 0
    once: bool = True
    community: int = DISTRICT


@dataclass(frozen=True)
class Firing:
    """A trigger's condition was met: in which community (-1: several), at the end of which week, at which value."""

    trigger: str
    community: int
    week: int
    value: float


class Watch:
    """All triggers of a run: how long each has held, and what has fired so far."""

    def __init__(self, triggers: Sequence[Trigger], communities: int) -> None:
        for trigger in triggers:
            observables.find(trigger.observable)
            rows = {*trigger.rows, *(act.row for act in trigger.acts)}
            if not trigger.rows or not all(0 <= row < communities for row in rows):
                message = f"trigger {trigger.name!r} names rows {sorted(rows)}; rows are 0 to {communities - 1}"
                raise TriggerError(message)
            for act in trigger.acts:
                lever = find(act.lever)
                if act.way == "to" and not lever.low <= act.amount <= lever.high:
                    message = f"trigger {trigger.name!r}: {act.lever} = {act.amount:g} is outside its bounds"
                    raise LeverError(message)
        self.open = list(triggers)
        self.held = dict.fromkeys(range(len(self.open)), 0)
        self.firings: list[Firing] = []

    def look(self, week: int, recorder: "Recorder", schedule: LeverSchedule) -> None:
        """Read what is watched at the end of ``week``; what fires is laid over the levers."""
        values: dict[tuple[str, str, tuple[int, ...]], float] = {}
        for k in list(self.held):
            trigger = self.open[k]
            if week < trigger.first_week:
                continue
            key = (trigger.observable, trigger.group, trigger.rows)
            if key not in values:
                values[key] = value_now(recorder, *key)
            value = values[key]
            holds = value > trigger.threshold if trigger.above else value < trigger.threshold
            self.held[k] = self.held[k] + 1 if holds else 0
            if self.held[k] < trigger.for_weeks:
                continue
            self.held[k] = 0
            if trigger.once:
                del self.held[k]
            self.firings.append(Firing(trigger.name, trigger.community, week, value))
            for act in trigger.acts:
                schedule.lay(act, week + 1 + trigger.delay_weeks)


def value_now(recorder: "Recorder", observable: str, group: str, rows: tuple[int, ...]) -> float:
    """Value of an observable in the last recorded week, over the communities ``rows`` together."""
    area = np.zeros((recorder.recorded, recorder.communities.shape[1]))
    area[:, list(rows)] = 1.0
    return float(observables.find(observable).compute(observables.View(recorder, group, area))[-1])
