"""A world handed over: a model goes on from where another stands, as if it had lived through the same weeks itself.

Before the first week of a plan nothing of the plan acts, so that runs of several plans on one seed live through the
same warm-up. It is simulated once and handed to each of them.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from ..agents.columns import copy_of
from .recorder import Recorder

if TYPE_CHECKING:
    from .community_model import CommunityModel


class HandoverError(ValueError):
    """A world that cannot be handed over."""


def take_over(model: "CommunityModel", warm: "CommunityModel") -> None:
    """Put ``model``, of which nothing is built yet, where ``warm`` stands at the end of its warm-up.

    ``warm`` is left as it is. Raises HandoverError unless it is a world of the same district, seed, and parameters.
    """
    if warm.week >= 0 or model.week > warm.week:
        message = (
            f"a world is handed over at the end of its warm-up, not in week {warm.week} to one in week {model.week}"
        )
        raise HandoverError(message)
    same = (model.district, model.seed, model.off, model.calendar.start) == (
        warm.district,
        warm.seed,
        warm.off,
        warm.calendar.start,
    )
    if not same or model.parameters.tobytes() != warm.parameters.tobytes():
        message = "a world is handed over to plans on the same district, with the same seed, parameters and processes"
        raise HandoverError(message)
    for name, table in warm.tables().items():
        setattr(model, name, copy_of(table))
    model.profile = warm.profile
    model.ledger = replace(warm.ledger, book=copy_of(warm.ledger.book))
    model.recorder = Recorder(model)
    recorded = warm.recorder.recorded
    model.recorder.residents[:recorded] = warm.recorder.residents[:recorded]
    model.recorder.communities[:recorded] = warm.recorder.communities[:recorded]
    model.recorder.recorded = recorded
    model.week = warm.week
