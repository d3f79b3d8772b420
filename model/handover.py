"""A world handed over: a model goes on from where another stands, as if it had lived through the same weeks itself.

Before the first week of a plan nothing of the plan acts, so that runs of several plans on one seed live through the
same warm-up. It is simulated once and handed to each of them.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from ..agents.columns import copy_of

if TYPE_CHECKING:
    from .community_model import CommunityModel


class HandoverError(ValueError):
    """A world that cannot be handed over."""


def take_over(model: "CommunityModel", warm: "CommunityModel") -> None:
    """Put ``model`` where ``warm`` stands, at the end of the warm-up; ``warm`` is left as it is."""
    if warm.week >= 0 or model.week > warm.week:
        message = (
            f"a world is handed over at the end of its warm-up, not in week {warm.week} to one in week {model.week}"
        )
        raise HandoverError(message)
    readiness = model.committees.readiness  # of the model's own plan
    for name, table in warm.tables().items():
        setattr(model, name, copy_of(table))
    model.committees.readiness[:] = readiness
    model.ledger = replace(warm.ledger, book=copy_of(warm.ledger.book))
    recorded = warm.recorder.recorded
    for mine, theirs in (
        (model.recorder.residents, warm.recorder.residents),
        (model.recorder.communities, warm.recorder.communities),
    ):
        mine[:recorded] = theirs[:recorded]
    model.recorder.recorded = recorded
    model.week = warm.week
