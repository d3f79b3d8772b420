"""The dead-lever audit: runs with and without each item of a plan, compared byte by byte."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..model.audit import reading_processes
from ..model.community_model import CommunityModel
from ..model.names import name_of, phrase
from ..model.schedule import idle
from ..scenarios import loader
from ..scenarios.compile import ModelInputs, compile
from ..scenarios.reader import Problem
from .replicate import smaller

type Verdict = Literal["changes", "waits", "changes nothing"]

EVENTS = "emergencies"  # the process that has nothing to do in a run without events


@dataclass(frozen=True)
class Finding:
    """What one entry of a plan does in a run: ``what`` it is, where it stands, and the ``verdict``.

    ``week`` is the first in which the recorded state differs from that of the run without it, None if none does.
    ``waits``: nothing in this run reads it, or its condition is never met, for the ``reason`` given.
    """

    what: str
    place: Problem
    verdict: Verdict
    week: int | None = None
    reason: str = ""

    @property
    def problem(self) -> Problem:
        """Say it as a fault of the file."""
        return replace(self.place, message=f"{self.what}: {self.reason}")


@dataclass(frozen=True)
class Tape:
    """What a whole run recorded, week by week."""

    residents: NDArray[np.float64]
    communities: NDArray[np.float64]
    first_week: int

    def differs(self, model: CommunityModel) -> bool:
        """Whether the week that ``model`` has just finished was otherwise in this run."""
        row = model.week - self.first_week
        mine = model.recorder
        return (
            mine.residents[row].tobytes() != self.residents[row].tobytes()
            or mine.communities[row].tobytes() != self.communities[row].tobytes()
        )


def audit_levers(
    scenario: loader.Scenario, *, seed: int = 0, households: int | None = None, tell: Callable[[int, int], None]
) -> list[Finding]:
    """Leave out each move of a lever, each shock and each trigger of ``scenario`` in turn, on the same seed.

    ``households`` gives every community so many, for shorter runs. A run ends as soon as it differs. ``tell`` hears how
    many of how many are done. What another item covers up all the time changes nothing.
    """
    scenario = scenario if households is None else smaller(scenario, None, households)
    inputs = compile(scenario, seed)
    model = _model(inputs).run()
    tape = Tape(model.recorder.residents, model.recorder.communities, model.recorder.first_week)
    fired = {firing.trigger for firing in model.watch.firings}
    total = len(inputs.moves) + len(scenario.shocks) + len(scenario.triggers)
    found: list[Finding] = []
    for finding in [*_moves(scenario, inputs, tape), *_shocks(scenario, inputs, tape)]:
        found.append(finding())
        tell(len(found), total)
    for trigger in scenario.triggers:
        what, place = phrase("trigger {key}", key=trigger.key), trigger.problem("then", "")
        if trigger.key not in fired:
            found.append(Finding(what, place, "waits", None, phrase("its condition is never met in this run")))
        else:
            others = tuple(one for one in inputs.triggers if one.name != trigger.key)
            found.append(_paired(what, place, replace(inputs, triggers=others), tape))
        tell(len(found), total)
    return found


def _model(inputs: ModelInputs) -> CommunityModel:
    return CommunityModel(**inputs.arguments())


def _moves(scenario: loader.Scenario, inputs: ModelInputs, tape: Tape) -> Iterator[Callable[[], Finding]]:
    nothing_to_do = idle((), inputs.events, inputs.paths)
    items = {item.key: item for item in scenario.interventions}
    for move in inputs.moves:
        item = items[move.item]
        what = phrase("{item} moves {lever}", item=move.item, lever=move.lever)
        place = item.problem(("levers", move.lever) if move.lever in item.levers else "use", "")
        readers = reading_processes()[move.lever]
        if not readers - nothing_to_do:
            reason = phrase(
                "{processes} alone reads {lever}, and in this run {why}",
                processes=phrase(" and ").join(name_of("processes", reader, reader) for reader in sorted(readers)),
                lever=move.lever,
                why=phrase("nothing strikes") if EVENTS in readers else phrase("no policy comes or goes"),
            )
            yield lambda what=what, place=place, reason=reason: Finding(what, place, "waits", None, reason)
            continue
        thinned = replace(scenario, without=scenario.without | {f"{move.item}/{move.lever}"})
        yield lambda what=what, place=place, thinned=thinned: _paired(what, place, compile(thinned, inputs.seed), tape)


def _shocks(scenario: loader.Scenario, inputs: ModelInputs, tape: Tape) -> Iterator[Callable[[], Finding]]:
    for shock in scenario.shocks:
        others = tuple(other for other in scenario.shocks if other is not shock)
        calm = replace(scenario, shocks=others)
        yield lambda shock=shock, calm=calm: _paired(
            phrase("shock {key}", key=shock.key), shock.problem("kind", ""), compile(calm, inputs.seed), tape
        )


def _paired(what: str, place: Problem, without: ModelInputs, tape: Tape) -> Finding:
    """Run without it until something differs from the run with it."""
    model: Any = _model(without)
    while model.week < without.calendar.weeks - 1:
        model.step()
        if tape.differs(model):
            return Finding(what, place, "changes", model.week)
    reason = phrase("without it every recorded number is the same; give another dose, time or place, or leave it out")
    return Finding(what, place, "changes nothing", None, reason)
