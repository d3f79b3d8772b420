"""Stairwells: households with nothing but a project before them, on which the process ``projects`` runs as it is."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..agents import PropertyCompanies
from ..agents.columns import allocate
from ..agents.consenting import ProjectKind, ProjectState
from ..model.ledger import Ledger
from ..model.processes import projects as process
from ..model.projects import Ballots, ProjectFlows, ProjectRows, Projects
from .crowd import Crowd, crowd

AT_ONCE = 1e-3  # mean weeks of a stage that ends in the first week
# Everything that moves consent at zero; everybody is reached and pays.
INDIFFERENT = {
    "consent_intercept": 0.0,
    "consent_gain": 0.0,
    "consent_trust": 0.0,
    "consent_community": 0.0,
    "consent_neighbours": 0.0,
    "consent_head": 0.0,
    "consent_deliberation": 0.0,
    "consent_shared": 0.0,
    "owner_turnout": 1.0,
    "pay_consenting": 1.0,
    "talk_weeks": AT_ONCE,
}


@dataclass
class Stairwells:
    """Tables of ``count`` stairwells of ``homes`` dwellings each, one a project, all in one community."""

    people: Crowd
    projects: Projects
    rows: ProjectRows
    ballots: Ballots
    flows: ProjectFlows
    ledger: Ledger
    companies: PropertyCompanies
    week: int = 0

    def step(self) -> None:
        """Run a week of the process, as :func:`shequ.model.processes.projects.step` does."""
        m, people = self, self.people
        asked = process.move_on(
            m.week,
            people.communities,
            people.residents,
            people.households,
            people.units,
            m.companies,
            m.rows,
            m.projects,
            m.ballots,
            m.flows,
            m.ledger.book,
            np.zeros(1, np.int32),
            people.parameters,
            people.levers,
        )
        if asked > 0:
            tables = (m.week, people.communities, people.residents, people.households)
            rules = (people.parameters, people.levers)
            process.answer_all(*tables, people.units, m.projects, m.ballots, *rules)
            process.count_answers(*tables, m.projects, m.ballots, m.flows, m.ledger.book, *rules)
        m.week += 1

    def carried(self, polls: int) -> int:
        """Put every project to the vote ``polls`` times, each time newly proposed; returns how often it carried."""
        for _ in range(polls):
            self.projects.state[:], self.projects.proposed[:] = ProjectState.TALKS, self.week
            self.step()
        return int(self.flows.project_ballots_carried[0])


def stairwells(homes: int, count: int, levers: dict[str, float] | None = None, seed: int = 1, **changes: float) -> Any:
    """Return ``count`` stairwells that talk about a lift; every dwelling has its owner, on a floor that gains."""
    values: dict[str, Any] = INDIFFERENT | changes
    people = crowd(homes * count, seed=seed, **values)
    people.households.stairwell[:] = np.arange(homes * count) // homes % np.iinfo(np.int16).max
    for name, value in (levers or {}).items():
        people.levers[name][:] = value
    projects, rows = allocate(Projects, count), allocate(ProjectRows, 1)
    projects.id[:] = np.arange(count)
    projects.kind[:] = ProjectKind.LIFT
    projects.household_start[:] = np.arange(count) * homes
    projects.household_stop[:] = projects.household_start + homes
    projects.state[:], projects.proposed[:] = ProjectState.TALKS, 0
    rows.stop[:] = count
    ballots = allocate(Ballots, homes * count)
    ballots.floor[:] = int(people.parameters["lift_break_even"][0])
    flows, companies = allocate(ProjectFlows, 1), allocate(PropertyCompanies, 1)
    return Stairwells(people, projects, rows, ballots, flows, Ledger.opened(2), companies)
