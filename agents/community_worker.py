"""Community workers: the people who hold the posts of a residents' committee, wear out, leave and are replaced.

They tire by the rule of heads (``burnout_after``) and leave by the same hazard (``exit_hazard``), at a level of their
own and with pay set beside that of civil servants.
"""

from typing import Annotated, Any, NamedTuple

from .columns import F32, I32, U8, U64, Column
from .rules import exp, log, normal_quantile, probability, rule
from .serving import burnout_after, exit_hazard, overload_of, starting_frailty
from .streams import Stream
from .view import AgentView

EXIT_DRAW, HIRE_DRAW, FRAILTY_DRAW, LOAD_DRAW = 0, 1, 2, 3  # draws of a post


class CommunityWorkers(NamedTuple):
    """One row a post: whether it is open and filled, and the state of who holds it."""

    id: Annotated[U64, Column("id", "permanent number of the post; keys the draws", "design")]
    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    open: Annotated[U8, Column("flag", "the budget pays for the post", "T5.3", 0, 1)]
    filled: Annotated[U8, Column("flag", "somebody holds it", "T5.3", 0, 1)]
    tenure: Annotated[I32, Column("week", "weeks in the post", "T3.3", 0)]
    burnout: Annotated[F32, Column("share", "burnout", "T3.3", 0, 1)]
    frailty: Annotated[F32, Column("ratio", "lasting exit proneness, log-normal of median 1", "T3.3", 0)]
    portion: Annotated[F32, Column("ratio", "own load to that of colleagues, log-normal of median 1", "T3.2", 0)]
    exits: Annotated[U8, Column("flag", "left of their own accord this week", "T3.2", 0, 1)]
    hired: Annotated[U8, Column("flag", "took up the post this week", "T3.2", 0, 1)]


@rule
def starting_portion(u: float, p: Any) -> float:
    """Lasting share of the common load, one person holding many duties: exp(s z) [T3.2]."""
    return exp(p.worker_load_spread * normal_quantile(u))


@rule
def worker_burnout(burnout: float, load: float, portion: float, skill: float, pay: float, p: Any) -> float:
    """Burnout of a worker after a week, by the rule of heads [T3.3]: overload is load x portion - 1.

    Pay up to that of civil servants is the recognition that buffers; there is no standing help for staff.
    """
    overload = overload_of(load * portion, 1.0)
    return burnout_after(burnout, overload, 0.0, min(pay, 1.0), skill, p)


@rule
def worker_exit_hazard(frailty: float, burnout: float, skill: float, pay: float, p: Any) -> float:
    """Hazard that a worker leaves in a week: that of a head without subsidy, times r pay^-e [T3.3].

    ``pay`` relative to civil servants. Overload acts through burnout alone: measured causes are weak (T3.2).
    """
    return (
        p.worker_exit_ratio
        * exit_hazard(frailty, burnout, 0.0, 0.0, 0.0, skill, p)
        * exp(-p.worker_exit_pay * log(pay))
    )


class CommunityWorker(AgentView):
    """A post of the committee, and who holds it."""

    table = CommunityWorkers
    place = "workers"

    def live_week(self) -> None:
        """Bear this week's work, then stay or leave."""
        self.exits = 0
        if self.filled == 0:
            return
        p, pay = self.parameters, self.levers.staff_pay
        committees, c = self.model.committees, self.community_row
        skill = float(committees.skill[c])
        burnout = worker_burnout(self.burnout, float(committees.load[c]), self.portion, skill, pay, p)
        self.tenure += 1
        self.burnout = burnout
        if self.draw(Stream.STAFF, EXIT_DRAW) < probability(worker_exit_hazard(self.frailty, burnout, skill, pay, p)):
            self.exits = 1
            self.leave_post()

    def leave_post(self) -> None:
        """Empty the post: every column about its holder falls back."""
        self.filled = self.tenure = 0
        self.burnout = self.frailty = self.portion = 0.0

    def fill_post(self) -> None:
        """Find somebody for an open post; one given up this week is first offered next week."""
        p = self.parameters
        self.hired = 0
        if self.open == 0 or self.filled == 1 or self.exits == 1:
            return
        if self.draw(Stream.STAFF, HIRE_DRAW) < probability(p.worker_hire_rate * (1.0 - self.levers.hiring_freeze)):
            self.hired = self.filled = 1
            self.frailty = starting_frailty(self.draw(Stream.STAFF, FRAILTY_DRAW), p)
            self.portion = starting_portion(self.draw(Stream.STAFF, LOAD_DRAW), p)
