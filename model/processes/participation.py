"""Taking part: heads and committees call events, residents come or stay away, small jobs get done, votes carry.

Order of the week: committees call festivals, meetings and online topics; heads plan the week of their unit; residents
are asked and choose their acts; households do small tasks and vote; then everything is counted, and the week's acts
are kept as ``acts_last``, which contacts will see next week.

Reads what residents saw of their contacts last week (``peer_share``, ``neighbour_contribution``), attitudes, the head's
state (``on_duty``, ``burnout``, ``overload``, ``ask_hours``) and the money that came (``activity_money``).
Writes acts, contributions and beliefs of residents, what units held and settled, ballots and help of households, flows.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents import Committees, Households, Resident, Residents, ResidentsCommittee, UnitHead, Units
from ...agents.rates import MINUTES_AN_HOUR, WEEKS_A_MONTH, WEEKS_A_YEAR, arrivals, scheduled
from ...agents.rules import followed
from ...agents.taking_part import (
    ACTIVITY,
    COUNCIL,
    LOGIT,
    ONLINE,
    THRESHOLD,
    VOLUNTEERING,
    VOTE,
    VOTE_DRAW,
    Act,
    altruism_threshold,
    ask_probability,
    chosen_acts,
    contribution_of,
    follows_others,
    has_time_to_help,
    hours_given,
    inclination,
    may_take_part,
    new_belief,
    offered_acts,
    open_activities,
    takes_part,
    volunteers,
    worth_of,
)
from ...agents.unit_head import (
    ACTIVITY_DRAW,
    DELIBERATION_DRAW,
    MATTER_DRAW,
    MOST_TASKS,
    ONLINE_DRAW,
    PROPOSAL_DRAW,
    activity_means,
    head_works,
    matter_of,
    planned_effort,
)
from ...agents.using_rooms import place_found
from .. import unit_life
from ..compiled import kernel
from ..draws import Stream, draw_first, draw_four, uniform, uniforms
from ..flows import Flows
from ..structure import Communities

if TYPE_CHECKING:
    from ..community_model import CommunityModel

ACTS = len(Act)
PARTICIPATION, ASK = int(Stream.PARTICIPATION), int(Stream.ASK)
UNIT_ACTIVITY, COMMUNITY_EVENT = int(Stream.UNIT_ACTIVITY), int(Stream.COMMUNITY_EVENT)
SMALL_TASK = int(Stream.SMALL_TASK)


def step(model: "CommunityModel") -> None:
    """Run the week's events, acts, small tasks and votes."""
    m, week = model, model.week
    levers, parameters = m.levers, m.parameters
    m.decide(ResidentsCommittee, "plan_events", plan_events, week, m.communities, m.committees, parameters, levers)
    m.decide(UnitHead, "plan_week", plan_weeks, week, m.communities, m.units, parameters, levers)
    m.decide(
        Resident,
        "decide_participation",
        decide_participation,
        week,
        m.communities,
        m.residents,
        m.households,
        m.units,
        m.committees,
        parameters,
        levers,
    )
    unit_life.settle(m)
    count_residents(m.communities, m.residents, parameters, m.flows)
    m.residents.acts_last[:] = m.residents.acts


# --- what is called --------------------------------------------------------------------------------------------------


@kernel
def plan_events(week: int, communities: Communities, committees: Committees, parameters: Any, levers: Any) -> None:
    """Committees call festivals, meetings and online topics: kernel of ``ResidentsCommittee.plan_events``."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        lever = levers[c]
        u = uniforms(communities.seed[c], COMMUNITY_EVENT, week, committees.id[c], 0)
        committees.festival[c] = u[0] < lever.neighbour_festivals / WEEKS_A_YEAR
        committees.meetings[c] = scheduled(u[1], lever.council_meetings / WEEKS_A_MONTH)
        topics = p.online_topics * min(1.0, lever.platform_modules / p.all_modules)
        committees.online_topics[c] = scheduled(u[2], topics)


@kernel
def plan_weeks(week: int, communities: Communities, units: Units, parameters: Any, levers: Any) -> None:
    """Heads plan activities, deliberations and proposals: kernel of ``UnitHead.plan_week``."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        lever = levers[c]
        seed = communities.seed[c]
        online = lever.activities_online * min(1.0, lever.platform_modules / p.online_module)
        for t in range(communities.unit_start[c], communities.unit_limit[c]):
            key = units.id[t]
            households = int(units.household_stop[t]) - int(units.household_start[t])
            tasks = arrivals(uniform(seed, SMALL_TASK, week, key, 0), p.task_rate * households, MOST_TASKS)
            units.small_tasks[t] = tasks
            units.activities[t] = 0
            units.online_activities[t] = 0
            units.deliberations[t] = 0
            units.proposal[t] = 0
            if not head_works(units.organised[t], units.head[t], units.on_duty[t]):
                continue
            effort = planned_effort(np.float64(units.burnout[t]), np.float64(units.overload[t]), lever.head_support, p)
            effort *= place_found(np.float64(units.room_found[t]), p)
            means = activity_means(lever.activity_budget, np.float64(units.activity_money[t]), p)
            mean = lever.unit_activities / WEEKS_A_MONTH * effort * means
            held = scheduled(uniform(seed, UNIT_ACTIVITY, week, key, ACTIVITY_DRAW), mean)
            units.activities[t] = held
            for k in range(held):
                units.online_activities[t] += uniform(seed, UNIT_ACTIVITY, week, key, ONLINE_DRAW + k) < online
            mean = lever.unit_deliberations / WEEKS_A_MONTH * effort
            held = scheduled(uniform(seed, UNIT_ACTIVITY, week, key, DELIBERATION_DRAW), mean)
            units.deliberations[t] = held
            if held > 0 and uniform(seed, UNIT_ACTIVITY, week, key, PROPOSAL_DRAW) < p.proposal_share:
                units.proposal[t] = matter_of(uniform(seed, UNIT_ACTIVITY, week, key, MATTER_DRAW), p)


# --- who comes -------------------------------------------------------------------------------------------------------


@kernel
def decide_participation(
    week: int,
    communities: Communities,
    residents: Residents,
    households: Households,
    units: Units,
    committees: Committees,
    parameters: Any,
    levers: Any,
) -> None:
    """Residents choose the acts of their week: kernel of ``Resident.decide_participation``.

    It goes community by community through all parts, as long as its residents lie in the processor's cache.
    """
    for c in range(len(communities.seed)):
        p = parameters[c]
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        ask_residents(week, c, communities, residents, units, p)
        follow_neighbours(c, communities, residents, units, p)
        offers = np.empty((3, stop - first))
        offer(c, communities, residents, units, committees, p, offers)
        choose_acts(week, communities.seed[c], first, stop, residents, offers, levers[c].points_reward, p)
        go_to_vote(week, c, communities, residents, households, units, p)
        note_weeks(week, first, stop, residents)


@kernel
def ask_residents(week: int, c: int, communities: Communities, residents: Residents, units: Units, p: Any) -> None:
    """Let heads visit members, or not."""
    residents.asked[communities.resident_start[c] : communities.resident_stop[c]] = 0
    for t in range(communities.unit_start[c], communities.unit_stop[c]):
        hours = np.float64(units.ask_hours[t])
        if hours <= 0.0:
            continue
        first, stop = int(units.resident_start[t]), int(units.resident_stop[t])
        persons = float(stop - first - int(units.empty_places[t]))
        u = np.empty(stop - first)
        draw_first(communities.seed[c], ASK, week, residents.id[first:stop], u)
        for i in range(first, stop):
            if residents.age[i] >= p.participation_age:
                chance = ask_probability(hours, persons, np.float64(residents.head_tie[i]), p)
                residents.asked[i] = u[i - first] < chance


@kernel
def follow_neighbours(c: int, communities: Communities, residents: Residents, units: Units, p: Any) -> None:
    """Renew what residents believe others give, and what they are ready to give themselves."""
    first, stop = communities.resident_start[c], communities.resident_stop[c]
    age = residents.age[first:stop]
    belief, seen = residents.belief[first:stop], residents.neighbour_contribution[first:stop]
    for k in range(len(age)):
        learned = np.float32(new_belief(np.float64(belief[k]), np.float64(seen[k]), p))
        belief[k] = learned if age[k] >= p.participation_age else belief[k]
    weights = np.empty(len(age))
    for t in range(communities.unit_start[c], communities.unit_stop[c]):
        members = float(units.household_stop[t] - units.household_start[t])
        weights[units.resident_start[t] - first : units.resident_stop[t] - first] = altruism_threshold(members, p)
    kind, sense = residents.contributor[first:stop], residents.sense_of_community[first:stop]
    contribution = residents.contribution[first:stop]
    for k in range(len(age)):
        given = contribution_of(int(kind[k]), np.float64(belief[k]), np.float64(sense[k]), weights[k], p)
        contribution[k] = np.float32(given) if age[k] >= p.participation_age else contribution[k]


@kernel
def offer(
    c: int, communities: Communities, residents: Residents, units: Units, committees: Committees, p: Any, offers: Any
) -> None:
    """Count the activities, deliberations and topics open to every resident of a community, into rows of ``offers``."""
    festival, meetings = np.float64(committees.festival[c]), np.float64(committees.meetings[c])
    online_topics = np.float64(committees.online_topics[c])
    begin = communities.resident_start[c]
    for t in range(communities.unit_start[c], communities.unit_stop[c]):
        first, stop = units.resident_start[t], units.resident_stop[t]
        held, online = np.float64(units.activities[t]), np.float64(units.online_activities[t])
        deliberations = np.float64(units.deliberations[t])
        aware, asked, adopted = residents.aware[first:stop], residents.asked[first:stop], residents.adopted[first:stop]
        activities, councils = offers[0, first - begin : stop - begin], offers[1, first - begin : stop - begin]
        topics = offers[2, first - begin : stop - begin]
        for k in range(len(aware)):
            told = followed(np.float64((aware[k] | asked[k]) != 0), 1.0, p.telling_needed)
            activities[k] = open_activities(told, np.float64(adopted[k]), held, online, festival, p)
            councils[k] = told * deliberations + meetings
            topics[k] = np.float64(adopted[k]) * online_topics


@kernel
def choose_acts(
    week: int, seed: np.uint64, first: int, stop: int, residents: Residents, offers: Any, reward: float, p: Any
) -> None:
    """Acts of the week under the rule in force, votes left out."""
    if p.participation_rule == LOGIT:
        choose_by_inclination(week, seed, first, stop, residents, offers, reward, p)
        return
    for i in range(first, stop):
        acts, k = 0, i - first
        if residents.age[i] < p.participation_age:
            acts = 0
        elif p.participation_rule == THRESHOLD:
            if follows_others(np.float64(residents.peer_share[i]), np.float64(residents.threshold[i]), reward, p):
                acts = offered_acts(offers[0, k], offers[1, k], offers[2, k])
        elif residents.contribution[i] > 0:
            acts = VOLUNTEERING
        residents.acts[i] = acts


@kernel
def choose_by_inclination(
    week: int, seed: np.uint64, first: int, stop: int, residents: Residents, offers: Any, reward: float, p: Any
) -> None:
    """Acts of the residents of one community under the logit rule; to most nothing is open but to volunteer."""
    u = np.empty((4, stop - first))
    bases: Any = np.empty(stop - first)
    helps: Any = np.empty(stop - first, np.bool_)
    draw_four(seed, PARTICIPATION, week, residents.id[first:stop], u)
    incline(first, stop, residents, p, bases)
    offer_help(week, bases, residents.last_volunteering[first:stop], u[2], reward, p, helps)
    activities, councils, topics = offers[0], offers[1], offers[2]
    age, hours, acts = residents.age[first:stop], residents.available_hours[first:stop], residents.acts[first:stop]
    gives: Any = np.empty(stop - first, np.uint8)
    for k in range(len(gives)):
        gives[k] = helps[k] & has_time_to_help(np.float64(hours[k]), p) & (age[k] >= p.participation_age)
    for k in range(len(gives)):
        acts[k] = VOLUNTEERING * gives[k]
    likely: Any = np.zeros(stop - first, np.bool_)
    lasts = residents.last_activity[first:stop], residents.last_council[first:stop], residents.last_online[first:stop]
    for occasions, last, draws, act in (
        (activities, lasts[0], u[0], (p.activity_intercept, p.activity_hours)),
        (councils, lasts[1], u[1], (p.council_intercept, p.council_hours)),
        (topics, lasts[2], u[3], (p.online_intercept, p.online_hours)),
    ):
        if occasions.any():
            find_likely(week, occasions, bases, last, draws, reward, act, p, likely)
    for k in np.flatnonzero(likely):
        if age[k] >= p.participation_age:
            acts[k] = chosen_acts(
                bases[k],
                reward,
                np.float64(hours[k]),
                activities[k],
                councils[k],
                topics[k],
                helps[k],
                (week - int(lasts[0][k]), week - int(lasts[1][k]), week - int(lasts[2][k])),
                (u[0, k], u[1, k], u[3, k]),
                p,
            )


@kernel
def find_likely(
    week: int, occasions: Any, bases: Any, last: Any, u: Any, reward: float, act: Any, p: Any, likely: Any
) -> None:
    """Flag who might join one kind of act (its intercept and hours); most do not, and need no closer look."""
    for k in range(len(likely)):
        value = worth_of(bases[k], reward, act[0], week - int(last[k]), act[1], p)
        likely[k] |= may_take_part(u[k], value, np.ceil(occasions[k]))


@kernel
def incline(first: int, stop: int, residents: Residents, p: Any, bases: Any) -> None:
    """Write how much every resident of a community is inclined to act."""
    propensity, hours = residents.propensity[first:stop], residents.available_hours[first:stop]
    education, efficacy = residents.education[first:stop], residents.efficacy[first:stop]
    trust, sense = residents.trust_committee[first:stop], residents.sense_of_community[first:stop]
    peers, asked = residents.peer_share[first:stop], residents.asked[first:stop]
    for k in range(len(bases)):
        bases[k] = inclination(
            np.float64(propensity[k]),
            np.float64(hours[k]),
            np.float64(education[k]),
            np.float64(efficacy[k]),
            np.float64(trust[k]),
            np.float64(sense[k]),
            np.float64(peers[k]),
            np.float64(asked[k]),
            p,
        )


@kernel
def offer_help(week: int, bases: Any, last: Any, u: Any, reward: float, p: Any, helps: Any) -> None:
    """Write who would volunteer, given the time."""
    for k in range(len(helps)):
        helps[k] = volunteers(bases[k], reward, week - int(last[k]), u[k], p)


@kernel
def go_to_vote(
    week: int,
    c: int,
    communities: Communities,
    residents: Residents,
    households: Households,
    units: Units,
    p: Any,
) -> None:
    """Add the act of voting where the unit has a proposal and the household owns its dwelling."""
    for t in range(communities.unit_start[c], communities.unit_stop[c]):
        if units.proposal[t] == 0:
            continue
        first, stop = units.resident_start[t], units.resident_stop[t]
        bases: Any = np.empty(stop - first)
        incline(first, stop, residents, p, bases)
        for i in range(first, stop):
            if households.owner[residents.household[i]] == 0 or residents.age[i] < p.voting_age:
                continue
            value = bases[i - first] + p.vote_intercept - p.cost_effect * p.vote_hours
            if takes_part(uniform(communities.seed[c], PARTICIPATION, week, residents.id[i], VOTE_DRAW), value, 1.0):
                residents.acts[i] |= VOTE


@kernel
def note_weeks(week: int, first: int, stop: int, residents: Residents) -> None:
    """Note the week of each act."""
    acts = residents.acts[first:stop]
    for act, last in (
        (ACTIVITY, residents.last_activity[first:stop]),
        (COUNCIL, residents.last_council[first:stop]),
        (VOLUNTEERING, residents.last_volunteering[first:stop]),
        (ONLINE, residents.last_online[first:stop]),
    ):
        for k in range(len(acts)):
            last[k] = week if acts[k] & act else last[k]


# --- machinery --------------------------------------------------------------------------------------------------------


@kernel
def count_residents(communities: Communities, residents: Residents, parameters: Any, flows: Flows) -> None:
    """Count acts, asks and volunteered time."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        acts, hours = residents.acts[first:stop], residents.available_hours[first:stop]
        shares = residents.contribution[first:stop]
        done = minutes = 0
        for act in range(ACTS):
            for k in range(len(acts)):
                done += acts[k] >> act & 1
        for k in range(len(acts)):
            given = int(MINUTES_AN_HOUR * hours_given(np.float64(shares[k]), np.float64(hours[k]), p))
            minutes += given if acts[k] & VOLUNTEERING else 0
        flows.participations[c] += done
        flows.asks[c] += np.sum(residents.asked[first:stop])
        flows.volunteer_minutes[c] += minutes
