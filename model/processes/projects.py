"""Collective projects: owners add a lift, renew a building, lay out parking or give themselves rules, or fail to agree.

A project is proposed (by need, by residents who think that they are heard, by heads), talked over from door to door
until a vote is called, voted on under the rule in force, paid into an escrow account by owners, maintenance fund and
district, and built. What fails rests for a while and may be proposed again. Households are asked twice, at the hearing
and at the ballot; in all other weeks the process draws one number a possible project.

Reads: households (owner, area, address), attitudes of their first members, heads on duty, quality of property
management, levers. Writes: projects, ballots, project_flows; the ledger; units.project_hours; performance,
sense_of_community and efficacy of residents whose project is done or stopped.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents import Household, Households, PropertyCompanies, Residents, Units
from ...agents.consenting import (
    BALLOT,
    DONE,
    FUNDING,
    HEARING,
    IDLE,
    LIFT,
    RENOVATION,
    TALKS,
    WORKS,
    ProjectKind,
    answer_of,
    consent_value,
    moved_by,
    pays_share,
    proposal_hazard,
    rule_of,
    talk_hazard,
    works_weeks,
)
from ...agents.rules import probability
from ...agents.unit_head import head_works
from ..ballots import ANSWER, ask, forget, site_facts, tally, work_of_heads
from ..compiled import kernel
from ..draws import Stream, draw_first, uniform
from ..funds import account, district_pays
from ..ledger import Book, Purpose, Sector, transfer
from ..levers import LeverTable
from ..parameters import ParameterTable
from ..projects import Ballots, ProjectFlows, ProjectRows, Projects
from ..structure import Communities

if TYPE_CHECKING:
    from ..community_model import CommunityModel

PROPOSAL, STAGE = int(Stream.PROJECT_PROPOSAL), int(Stream.PROJECT_STAGE)
HOUSEHOLDS, SUPPLIERS, ESCROW = int(Sector.HOUSEHOLDS), int(Sector.SUPPLIERS), int(Sector.PROJECTS)
SHARE, RESERVE = int(Purpose.PROJECT_SHARE), int(Purpose.PROJECT_RESERVE)
SUBSIDY, BUILDING, REFUND = int(Purpose.PROJECT_SUBSIDY), int(Purpose.PROJECT_WORKS), int(Purpose.PROJECT_REFUND)
KINDS = len(ProjectKind)


def step(model: "CommunityModel") -> None:
    """Move every project on by a week; where a hearing or a ballot is due, ask the households and count."""
    m = model
    for column in m.project_flows:
        column[:] = 0
    m.units.project_hours[:] = 0
    asked = move_on(
        m.week,
        m.communities,
        m.residents,
        m.households,
        m.units,
        m.property_companies,
        m.project_rows,
        m.projects,
        m.ballots,
        m.project_flows,
        m.ledger.book,
        m.funds.district,
        m.parameters,
        m.levers,
    )
    if asked == 0:
        return
    people = (m.week, m.communities, m.residents, m.households)
    m.decide(Household, "answer_project", answer_all, *people, m.units, m.projects, m.ballots, m.parameters, m.levers)
    count_answers(*people, m.projects, m.ballots, m.project_flows, m.ledger.book, m.parameters, m.levers)


# --- from week to week -----------------------------------------------------------------------------------------------


@kernel
def move_on(
    week: int,
    communities: Communities,
    residents: Residents,
    households: Households,
    units: Units,
    companies: PropertyCompanies,
    rows: ProjectRows,
    projects: Projects,
    ballots: Ballots,
    flows: ProjectFlows,
    book: Book,
    district: Any,
    parameters: ParameterTable,
    levers: LeverTable,
) -> int:
    """Propose, call votes, close collections, build; returns how many projects have a question to their households."""
    asked = 0
    highest = np.empty(KINDS)
    for c in range(len(communities.seed)):
        p: Any = parameters[c]
        lever: Any = levers[c]
        seed = communities.seed[c]
        quality = np.float64(companies.quality[c])
        first, last = rows.start[c], rows.stop[c]
        forget(projects, ballots, first, last)
        luck: Any = np.empty(last - first)
        draw_first(seed, PROPOSAL, week, projects.id[first:last], luck)
        for k in range(KINDS):  # whatever the site is like
            highest[k] = proposal_hazard(k, 1.0, 1.0, 1.0, lever.project_initiative, p)
        for j in range(first, last):
            state, kind = int(projects.state[j]), int(projects.kind[j])
            flows.liftless_stairwells[c] += kind == LIFT and state != DONE
            flows.projects_open[c] += state in (TALKS, FUNDING, WORKS)
            if state == IDLE and week >= projects.due[j]:
                u = luck[j - first]
                if u >= highest[kind]:
                    continue
                heads = work_of_heads(communities, units, c, projects, j, 0.0)
                need, efficacy = site_facts(residents, households, projects, j, quality)
                if u < probability(proposal_hazard(kind, need, efficacy, heads, lever.project_initiative, p)):
                    asked += ask(week, seed, households, projects, j, ballots, HEARING, p, lever)
                    flows.projects_proposed[c] += projects.state[j] == TALKS
            elif state == TALKS:
                work_of_heads(communities, units, c, projects, j, p.talk_head_hours)
                u = uniform(seed, STAGE, week, projects.id[j], 0)
                if u < probability(talk_hazard(lever.project_deliberation, p)):
                    asked += ask(week, seed, households, projects, j, ballots, BALLOT, p, lever)
            elif state == FUNDING:
                if uniform(seed, STAGE, week, projects.id[j], 0) < probability(1.0 / p.funding_weeks):
                    place = len(communities.seed) + district[c]
                    close_collection(week, c, place, residents, households, projects, j, flows, book, p)
            elif state == WORKS:
                build(week, c, residents, households, projects, j, flows, book, p)
    return asked


# --- answers ---------------------------------------------------------------------------------------------------------


@kernel
def answer_all(
    week: int,
    communities: Communities,
    residents: Residents,
    households: Households,
    units: Units,
    projects: Projects,
    ballots: Ballots,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Twin of Household.answer_project."""
    for j in range(len(projects.id)):
        if projects.asked[j] == 0:
            continue
        c = int(projects.community[j])
        p: Any = parameters[c]
        deliberation = levers[c].project_deliberation
        seed = communities.seed[c]
        for h in range(projects.household_start[j], projects.household_stop[j]):
            i, u = int(households.resident_start[h]), int(households.unit[h])
            trust, community, head = p.initial_trust, p.initial_community, 0.0
            at_home = int(households.owner[h] == 1 and households.size[h] > 0)
            if at_home:
                trust, community = np.float64(residents.trust_committee[i]), np.float64(residents.sense_of_community[i])
                head = 1.0 if head_works(units.organised[u], units.head[u], units.on_duty[u]) else 0.0
            value = consent_value(
                np.float64(ballots.gain[h]),
                trust,
                community,
                np.float64(ballots.company[h]),
                head,
                deliberation,
                np.float64(ballots.mood[h]),
                p,
            )
            reached = uniform(seed, ANSWER, week, households.id[h], 0)
            pays = uniform(seed, ANSWER, week, households.id[h], 1)
            answer = answer_of(at_home, value, np.float64(ballots.leaning[h]), reached, p)
            ballots.answer[h] = answer
            ballots.pays[h] = pays_share(answer, pays, p)


# --- counting, paying, building --------------------------------------------------------------------------------------


@kernel
def count_answers(
    week: int,
    communities: Communities,
    residents: Residents,
    households: Households,
    projects: Projects,
    ballots: Ballots,
    flows: ProjectFlows,
    book: Book,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Note the support of proposals; where a vote was held, go on or stop."""
    for j in range(len(projects.id)):
        if projects.asked[j] == 0:
            continue
        c = int(projects.community[j])
        p: Any = parameters[c]
        rule = rule_of(int(projects.kind[j]), levers[c].consent_rule)
        carried, voting, yes = tally(households, projects, j, ballots, rule, p)
        projects.support[j] = yes / voting if voting > 0 else 0.0
        if projects.asked[j] == HEARING:
            continue
        flows.project_ballots[c] += 1
        flows.project_ballots_carried[c] += carried
        flows.project_answers[c] += voting
        flows.project_answers_for[c] += yes
        if not carried:
            stop(week, c, residents, households, projects, j, flows, p)
        elif projects.cost[j] == 0:
            flows.projects_begun[c] += 1
            finish(week, c, residents, households, projects, j, flows, p)
        else:
            projects.state[j] = FUNDING
            for h in range(projects.household_start[j], projects.household_stop[j]):
                amount = int(ballots.due[h]) if ballots.pays[h] == 1 else 0
                projects.held[j] += transfer(book, account(c, HOUSEHOLDS), account(c, ESCROW), SHARE, amount)


@kernel
def close_collection(
    week: int,
    c: int,
    district: int,
    residents: Residents,
    households: Households,
    projects: Projects,
    j: int,
    flows: ProjectFlows,
    book: Book,
    p: Any,
) -> None:
    """Add what maintenance fund and district pay and begin works, if owners paid enough; else pay back and stop.

    Works are cut to the money that is there.
    """
    escrow, owners = account(c, ESCROW), account(c, HOUSEHOLDS)
    held, owed, reserve = int(projects.held[j]), int(projects.owed[j]), int(projects.reserve[j])
    if held < p.funding_floor * owed:
        projects.held[j] -= transfer(book, escrow, owners, REFUND, held)
        stop(week, c, residents, households, projects, j, flows, p)
        return
    subsidy = int(projects.cost[j]) - owed - reserve
    projects.held[j] += transfer(book, owners, escrow, RESERVE, reserve)
    projects.held[j] += district_pays(book, district, escrow, SUBSIDY, subsidy)
    projects.state[j] = WORKS
    projects.due[j] = week + int(works_weeks(int(projects.kind[j]), p))
    flows.projects_begun[c] += 1
    flows.renovations_begun[c] += projects.kind[j] == RENOVATION


@kernel
def build(
    week: int,
    c: int,
    residents: Residents,
    households: Households,
    projects: Projects,
    j: int,
    flows: ProjectFlows,
    book: Book,
    p: Any,
) -> None:
    """Pay the builders an equal part of what is left a week; the last week's completes the works."""
    left = max(1, int(projects.due[j]) - week + 1)
    amount = int(projects.held[j]) // left
    projects.held[j] -= transfer(book, account(c, ESCROW), account(c, SUPPLIERS), BUILDING, amount)
    if week >= projects.due[j]:
        finish(week, c, residents, households, projects, j, flows, p)


@kernel
def finish(
    week: int,
    c: int,
    residents: Residents,
    households: Households,
    projects: Projects,
    j: int,
    flows: ProjectFlows,
    p: Any,
) -> None:
    """Complete project ``j``: who lives there thinks better of governance, of neighbours and of having a say."""
    projects.state[j] = DONE
    flows.projects_done[c] += 1
    flows.lifts_done[c] += projects.kind[j] == LIFT
    flows.project_weeks[c] += week - int(projects.proposed[j])
    for h in range(projects.household_start[j], projects.household_stop[j]):
        start = int(households.resident_start[h])
        for i in range(start, start + int(households.size[h]) + int(households.empty_places[h])):
            residents.performance[i] = moved_by(np.float64(residents.performance[i]), p.done_performance)
            residents.sense_of_community[i] = moved_by(np.float64(residents.sense_of_community[i]), p.done_community)
            residents.efficacy[i] = moved_by(np.float64(residents.efficacy[i]), p.done_efficacy)


@kernel
def stop(
    week: int,
    c: int,
    residents: Residents,
    households: Households,
    projects: Projects,
    j: int,
    flows: ProjectFlows,
    p: Any,
) -> None:
    """Let project ``j`` rest; residents lose efficacy, the more of them had agreed."""
    projects.state[j] = IDLE
    projects.due[j] = week + int(p.project_rest_weeks)
    flows.projects_stopped[c] += 1
    flows.renovations_stopped[c] += projects.kind[j] == RENOVATION
    for h in range(projects.household_start[j], projects.household_stop[j]):
        start = int(households.resident_start[h])
        for i in range(start, start + int(households.size[h]) + int(households.empty_places[h])):
            effect = p.stop_efficacy * np.float64(projects.support[j])
            residents.efficacy[i] = moved_by(np.float64(residents.efficacy[i]), -effect)
