"""The order of a week. Read this first: everything that happens in the model happens here, in this order."""

from collections.abc import Callable, Iterable, Sized
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..agents.columns import allocate
from . import hours
from .flows import Flows
from .processes import (
    attitudes,
    effort,
    emergencies,
    facilities,
    funding,
    heads,
    issues,
    ladder,
    mobility,
    organisations,
    outreach,
    participation,
    platform,
    policies,
    projects,
    property,
    rollout,
    services,
    surveys,
    ties,
)
from .projects import prepare as prepare_projects
from .recorder import Recorder

if TYPE_CHECKING:
    from .community_model import CommunityModel

# Processes that may be switched off one by one (``CommunityModel(off={"ties"})``).
PROCESSES = (
    "policies",
    "rollout",
    "funding",
    "effort",
    "issues",
    "ladder",
    "property",
    "surveys",
    "services",
    "participation",
    "projects",
    "facilities",
    "attitudes",
    "ties",
    "heads",
    "organisations",
    "platform",
    "outreach",
    "mobility",
    "emergencies",
)


def run_week(model: "CommunityModel") -> None:
    """Run one week.

    0.  policies       a plan's policy comes, matures, is replaced, is taken up; so the levers of the week
    1.  rollout        units are cut and put in force
    2.  funding        budgets and gifts come in; heads are paid; money for activities is set aside
    3.  ties.gather    what residents see of their contacts: last week's acts and attitudes
    4.  emergencies    a warning runs on a clock of minutes, a blow falls, help comes; only in runs with events
    5.  effort         committees split their hours between reports, residents and units; staff leave and are replaced
    6.  issues         grievances arise, are claimed or lumped, and choose a channel
    7.  ladder         head, grid worker, council, department: queues on an event clock inside the week; how help came
                       in an emergency is felt (emergencies.settle)
    7a. property       monthly: fees are paid or not, service follows the money, managers and owners' committees change
    8.  services       needs are surveyed (surveys); requests meet supply
    9.  participation  heads ask; residents take part; small tasks get done or not; rooms are
                       shared out (facilities)
        projects       lifts, renovations, parking, covenants are proposed, voted on, paid for and built
    10. attitudes      satisfaction, trust, efficacy, sense of community follow what happened
    11. ties           ties form by doing things together, and fade
    12. heads          load, burnout, exit, recruitment, training
    13. organisations  NGOs and firms join or leave; NGOs bid, work, are paid, close and are founded; firms may
                       provide services
    14. platform       adoption, drop-out, digital skill
    15. outreach       residents hear of the units, and forget
    16. mobility       residents age and die, children are born, households move out and in
    17. accounts       activities and trainings are paid; books must balance
    18. recorder       the week is written down

    Whatever one agent reads of another is last week's state, so the order within a step does not matter.
    """
    for column in model.flows:
        column.fill(0)
    _run(model, "policies", policies.step)
    _run(model, "rollout", rollout.step)
    _run(model, "funding", funding.step)
    ties.gather(model)
    _run(model, "emergencies", emergencies.step)
    _run(model, "effort", effort.step)
    _run(model, "issues", issues.step)
    _run(model, "ladder", ladder.step)
    _run(model, "emergencies", emergencies.settle)
    _run(model, "property", property.step)
    _run(model, "surveys", surveys.step)
    _run(model, "services", services.step)
    _run(model, "participation", participation.step)
    _run(model, "projects", projects.step)
    _run(model, "facilities", facilities.step)
    _run(model, "attitudes", attitudes.step)
    _run(model, "ties", ties.step)
    _run(model, "heads", heads.step)
    _run(model, "organisations", organisations.step)
    _run(model, "platform", platform.step)
    _run(model, "outreach", outreach.step)
    _run(model, "mobility", mobility.step)
    _run(model, "funding", funding.settle)
    hours.settle(model)
    _check_issues(model)
    model.recorder.record(model)


def _check_issues(model: "CommunityModel") -> None:
    """Raise RuntimeError unless every issue is accounted for (check Q13)."""
    missing = issues.issue_balance(model)
    if missing.any():
        message = f"week {model.week}: {missing.tolist()} issues are unaccounted for, by community"
        raise RuntimeError(message)


class ProcessError(ValueError):
    """A process that does not exist."""


def known_processes(names: Iterable[str]) -> frozenset[str]:
    """Return ``names`` if processes bear them; raises ProcessError with the nearest names."""
    for name in names:
        if name not in PROCESSES:
            near = get_close_matches(name, PROCESSES, n=3)
            hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(PROCESSES)}"
            message = f"there is no process {name!r}; {hint}"
            raise ProcessError(message)
    return frozenset(names)


def idle(off: Iterable[str], events: Sized, paths: Sized) -> frozenset[str]:
    """Processes that do nothing in a run: those that are off, emergencies without events, policies without a plan."""
    without = {"emergencies": len(events) == 0, "policies": len(paths) == 0}
    return frozenset(off) | {name for name, nothing in without.items() if nothing}


def _run(model: "CommunityModel", name: str, step: Callable[["CommunityModel"], None]) -> None:
    """Run a process unless it is switched off."""
    if name not in model.off:
        step(model)


def prepare(model: "CommunityModel") -> None:
    """Make ready the world before its first week: what is the same under every plan."""
    model.flows = allocate(Flows, len(model.communities.id))
    hours.prepare(model)
    funding.prepare(model)
    attitudes.prepare(model)
    prepare_projects(model)
    mobility.prepare(model)
    platform.prepare(model)
    policies.prepare(model)
    rollout.prepare(model)
    effort.prepare(model)
    ladder.prepare(model)
    property.prepare(model)
    services.prepare(model)
    surveys.prepare(model)
    facilities.prepare(model)
    organisations.prepare(model)
    emergencies.prepare(model)
    model.recorder = Recorder(model)


def prepare_plan(model: "CommunityModel") -> None:
    """Make ready what the plan brings into the world; refuse what does not fit it."""
    funding.check_budget(model)
    policies.prepare_plan(model)
    emergencies.check_events(model)
