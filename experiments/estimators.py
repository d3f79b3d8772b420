"""Estimators of what a policy did, as an evaluation would compute them from a record by week and community.

``outcome`` has the shape (week, community), such as ``record["trust_committee"].sel(group="all").to_numpy()`` of
``Recorder.dataset()``; ``treated`` and ``in_place`` say where (and when) the policy is in place, as
``record["policy_in_place"]``. Periods are masks or slices of weeks. Every estimator gives one number in units of the
outcome. [T10.1]
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

type Panel = NDArray[np.float64]


class EstimatorError(ValueError):
    """A record from which an effect cannot be told."""


def before_after(outcome: Any, treated: Any, before: Any, after: Any) -> float:
    """Mean of the treated communities in the weeks ``after`` less that ``before``: a trend counts as effect."""
    chosen = _flags(treated)
    panel = np.asarray(outcome, np.float64)[:, chosen]
    return float(_period(panel, after).mean() - _period(panel, before).mean())


def difference_in_differences(outcome: Any, treated: Any, before: Any, after: Any) -> float:
    """Change of the treated communities from the weeks ``before`` to those ``after``, less that of the others.

    Right where both would have changed alike, and where sites are not chosen for what they will show.
    """
    others = ~_flags(treated)
    return before_after(outcome, treated, before, after) - before_after(outcome, others, before, after)


def stepped_wedge(outcome: Any, in_place: Any) -> float:
    """Effect in a staggered rollout by least squares, with a level a community and a level a week (Hussey & Hughes).

    y = community + week + effect in_place. In a full table the levels drop out as both means are taken off.
    """
    panel, policy = _centred(outcome), _centred(in_place)
    spread = float((policy * policy).sum())
    if spread <= np.finfo(np.float64).eps * policy.size:
        message = "communities and weeks explain where the policy is; it must come to some earlier than to others"
        raise EstimatorError(message)
    return float((policy * panel).sum() / spread)


def _centred(values: Any) -> Panel:
    panel = np.asarray(values, np.float64)
    return panel - panel.mean(axis=0) - panel.mean(axis=1, keepdims=True) + panel.mean()


def _flags(treated: Any) -> NDArray[np.bool_]:
    return np.asarray(treated) > 0


def _period(panel: Panel, weeks: Any) -> Panel:
    part = panel[weeks]
    if part.size == 0:
        message = "nothing to compare: a period holds no week, or a group no community"
        raise EstimatorError(message)
    return part
