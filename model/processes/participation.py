"""Taking part: heads and committees call events, residents come or stay away, small jobs get done, votes carry.

Order of the week: committees call festivals, meetings and online topics; heads plan the week of their unit; residents
are asked and choose their acts; households do small tasks and vote; then everything is counted. Before all of it, as
the week opens, ``open_week`` turns this week's acts into last week's.

Reads what residents saw of their contacts last week (``peer_share``, ``neighbour_contribution``), attitudes, the head's
state (``on_duty``, ``burnout``, ``overload``, ``ask_hours``) and the money that came (``activity_money``).
Writes acts, contributions and beliefs of residents, what units held and settled, ballots and help of households, flows.
"""

from typing import TYPE_CHECKING, Any

from ...agents import Committees, Household, Households, Resident, Residents, ResidentsCommittee, UnitHead, Units
from ...agents.rates import MINUTES_AN_HOUR, WEEKS_A_MONTH, WEEKS_A_YEAR, arrivals, scheduled
from ...agents.taking_part import (
    ACTIVITY,
    COUNCIL,
    LOGIT,
    ONLINE,
    THRESHOLD,
    VOLUNTEERING,
    VOTE,
    ask_probability,
    carries,
    chosen_acts,
    contribution_of,
    follows_others,
    inclination,
    new_belief,
    offered_acts,
    supports,
    takes_part,
    volunteer_probability,
)
from ...agents.unit_head import (
    ACTIVITY_DRAW,
    DELIBERATION_DRAW,
    MATTER_DRAW,
    MOST_TASKS,
    ONLINE_DRAW,
    PROPOSAL_DRAW,
    activity_means,
    matter_of,
    planned_effort,
)
from ..compiled import kernel
from ..draws import Stream, rule, uniform, uniforms
from ..flows import Flows
from ..structure import Communities

if TYPE_CHECKING:
    from ..community_model import CommunityModel

PARTICIPATION, ASK = int(Stream.PARTICIPATION), int(Stream.ASK)
UNIT_ACTIVITY, COMMUNITY_EVENT = int(Stream.UNIT_ACTIVITY), int(Stream.COMMUNITY_EVENT)
SMALL_TASK, BALLOT = int(Stream.SMALL_TASK), int(Stream.VOTE)


def open_week(model: "CommunityModel") -> None:
    """Call the acts of the week that ended last week's: what contacts see of one another."""
    model.residents.acts_last[:] = model.residents.acts


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
    m.decide(Household, "help_out", help_out, week, m.communities, m.households, m.units, parameters)
    m.decide(
        Household, "cast_ballot", cast_ballots, week, m.communities, m.households, m.residents, m.units, parameters
    )
    count_units(m.communities, m.households, m.units, parameters, m.flows)
    count_residents(m.communities, m.residents, parameters, m.flows)


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
            if not head_works(units, t):
                continue
            effort = planned_effort(float(units.burnout[t]), float(units.overload[t]), lever.head_support, p)
            means = activity_means(lever.activity_budget, float(units.activity_money[t]), p)
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


@rule
def head_works(units: Units, t: int) -> bool:
    """Whether unit ``t`` is in force and its head does the duties."""
    return units.organised[t] == 1 and units.head[t] >= 0 and units.on_duty[t] == 1


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
    """Residents choose the acts of their week: kernel of ``Resident.decide_participation``."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        seed = communities.seed[c]
        reward = levers[c].points_reward
        for i in range(communities.resident_start[c], communities.resident_stop[c]):
            residents.acts[i] = 0
            residents.asked[i] = 0
            if residents.age[i] < p.participation_age:
                continue
            t = int(residents.unit[i])
            be_asked(week, seed, residents, units, i, t, p)
            follow_neighbours(residents, units, i, t, p)
            offers = offers_to(residents, units, committees, i, t, c)
            acts = 0
            base = inclination_of(residents, i, p)
            if p.participation_rule == LOGIT:
                draws = uniforms(seed, PARTICIPATION, week, residents.id[i], 0)
                hours = float(residents.available_hours[i])
                acts = chosen_acts(base, reward, hours, offers[0], offers[1], offers[2], draws, p)
            elif p.participation_rule == THRESHOLD:
                if follows_others(float(residents.peer_share[i]), float(residents.threshold[i]), reward, p):
                    acts = offered_acts(offers[0], offers[1], offers[2])
            elif residents.contribution[i] > 0:
                acts = VOLUNTEERING
            if units.proposal[t] > 0 and households.owner[residents.household[i]] and residents.age[i] >= p.voting_age:
                value = base + p.vote_intercept - p.cost_effect * p.vote_hours
                if takes_part(uniform(seed, PARTICIPATION, week, residents.id[i], 4), value, 1.0):
                    acts |= VOTE
            residents.acts[i] = acts
            if acts > 0:
                remember(week, residents, i, acts)


@rule
def be_asked(week: int, seed: Any, residents: Residents, units: Units, i: int, t: int, p: Any) -> None:
    """Let the head visit resident ``i``, or not."""
    hours = float(units.ask_hours[t])
    if hours > 0.0:
        persons = float(int(units.resident_stop[t]) - int(units.resident_start[t]))
        chance = ask_probability(hours, persons, float(residents.head_tie[i]), p)
        residents.asked[i] = uniform(seed, ASK, week, residents.id[i], 0) < chance


@rule
def follow_neighbours(residents: Residents, units: Units, i: int, t: int, p: Any) -> None:
    """Renew belief and readiness to give of resident ``i``."""
    members = float(int(units.household_stop[t]) - int(units.household_start[t]))
    residents.belief[i] = new_belief(float(residents.belief[i]), float(residents.neighbour_contribution[i]), p)
    residents.contribution[i] = contribution_of(
        int(residents.contributor[i]), float(residents.belief[i]), float(residents.sense_of_community[i]), members, p
    )


@rule
def offers_to(
    residents: Residents, units: Units, committees: Committees, i: int, t: int, c: int
) -> tuple[float, float, float]:
    """Activities, deliberations and online topics open to resident ``i``."""
    adopted = float(residents.adopted[i])
    online = float(units.online_activities[t])
    near = float(units.activities[t]) - online + adopted * online
    told = 1.0 if residents.aware[i] or residents.asked[i] else 0.0
    activities = told * near + float(committees.festival[c])
    councils = told * float(units.deliberations[t]) + float(committees.meetings[c])
    return activities, councils, adopted * float(committees.online_topics[c])


@rule
def inclination_of(residents: Residents, i: int, p: Any) -> float:
    """Inclination of resident ``i`` that this week's acts share."""
    return inclination(
        float(residents.propensity[i]),
        float(residents.available_hours[i]),
        float(residents.education[i]),
        float(residents.efficacy[i]),
        float(residents.trust_committee[i]),
        float(residents.sense_of_community[i]),
        float(residents.peer_share[i]),
        float(residents.asked[i]),
        p,
    )


@rule
def remember(week: int, residents: Residents, i: int, acts: int) -> None:
    """Note the week of each act of resident ``i``."""
    if acts & ACTIVITY:
        residents.last_activity[i] = week
    if acts & COUNCIL:
        residents.last_council[i] = week
    if acts & VOLUNTEERING:
        residents.last_volunteering[i] = week
    if acts & ONLINE:
        residents.last_online[i] = week


# --- small tasks and votes -------------------------------------------------------------------------------------------


@kernel
def help_out(week: int, communities: Communities, households: Households, units: Units, parameters: Any) -> None:
    """Households volunteer for tasks that nobody coordinates: kernel of ``Household.help_out``."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        seed = communities.seed[c]
        for h in range(communities.household_start[c], communities.household_stop[c]):
            t = int(households.unit[h])
            helped = 0
            if units.small_tasks[t] > 0 and not head_works(units, t):
                players = float(int(units.household_stop[t]) - int(units.household_start[t]))
                chance = volunteer_probability(p.task_cost_ratio, players)
                for k in range(units.small_tasks[t]):
                    if uniform(seed, SMALL_TASK, week, households.id[h], 1 + k) < chance:
                        helped += 1 << k
            households.helped[h] = helped


@kernel
def cast_ballots(
    week: int, communities: Communities, households: Households, residents: Residents, units: Units, parameters: Any
) -> None:
    """Households vote on the proposal of their unit: kernel of ``Household.cast_ballot``."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        seed = communities.seed[c]
        for h in range(communities.household_start[c], communities.household_stop[c]):
            households.ballot[h] = 0
            if units.proposal[households.unit[h]] == 0 or households.owner[h] == 0:
                continue
            first = int(households.resident_start[h])
            votes = False
            for i in range(first, first + int(households.size[h])):
                votes = votes or int(residents.acts[i]) & VOTE > 0
            if votes:
                chance = supports(
                    float(residents.sense_of_community[first]), float(residents.trust_committee[first]), p
                )
                households.ballot[h] = 2 if uniform(seed, BALLOT, week, households.id[h], 0) < chance else 1


# --- machinery: what came of it --------------------------------------------------------------------------------------


@kernel
def count_units(communities: Communities, households: Households, units: Units, parameters: Any, flows: Flows) -> None:
    """Settle small tasks and votes of every unit, and count events."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        for t in range(communities.unit_start[c], communities.unit_limit[c]):
            done, minutes = finish_tasks(households, units, t, p)
            units.tasks_done[t] = done
            units.adopted[t] = units.proposal[t] > 0 and carries_vote(households, units, t, p)
            flows.small_tasks[c] += units.small_tasks[t]
            flows.tasks_done[c] += done
            flows.volunteer_minutes[c] += minutes
            flows.proposals[c] += units.proposal[t] > 0
            flows.proposals_adopted[c] += units.adopted[t]
            flows.activities_held[c] += units.activities[t]
            flows.activities_online[c] += units.online_activities[t]


@rule
def finish_tasks(households: Households, units: Units, t: int, p: Any) -> tuple[int, int]:
    """Small tasks of unit ``t`` that got done, and minutes that its members gave to them.

    A working head makes the unit one team, which sends one member to each task; else each volunteer turns up, and a
    task without one stays undone [P6].
    """
    tasks = int(units.small_tasks[t])
    if tasks == 0:
        return 0, 0
    if head_works(units, t):
        return tasks, int(tasks * p.task_minutes)
    any_bit = 0
    volunteers = 0
    for h in range(units.household_start[t], units.household_stop[t]):
        any_bit |= int(households.helped[h])
        volunteers += bits(int(households.helped[h]))
    return bits(any_bit), int(volunteers * p.task_minutes)


@rule
def bits(x: int) -> int:
    """Count the ones in the binary form of x."""
    count = 0
    while x > 0:
        count += x & 1
        x = x >> 1
    return count


@rule
def carries_vote(households: Households, units: Units, t: int, p: Any) -> bool:
    """Whether owners and their floor area both carry the proposal of unit ``t`` [Civil Code, art. 278]."""
    owners = voting = yes = 0.0
    area = area_voting = area_yes = 0.0
    for h in range(units.household_start[t], units.household_stop[t]):
        if households.owner[h] == 0:
            continue
        space = float(households.area[h])
        owners += 1.0
        area += space
        if households.ballot[h] > 0:
            voting += 1.0
            area_voting += space
        if households.ballot[h] == 2:
            yes += 1.0
            area_yes += space
    matter = int(units.proposal[t])
    return carries(matter, voting, yes, owners, p) and carries(matter, area_voting, area_yes, area, p)


@kernel
def count_residents(communities: Communities, residents: Residents, parameters: Any, flows: Flows) -> None:
    """Count acts, asks and volunteered time; whoever volunteers gives the least time, or what one is ready to give."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        acts_done = asks = minutes = 0
        for i in range(communities.resident_start[c], communities.resident_stop[c]):
            acts = int(residents.acts[i])
            asks += int(residents.asked[i])
            if acts == 0:
                continue
            acts_done += bits(acts)
            if acts & VOLUNTEERING:
                ready = float(residents.contribution[i]) * float(residents.available_hours[i])
                minutes += int(MINUTES_AN_HOUR * max(p.volunteering_hours, ready))
        flows.participations[c] += acts_done
        flows.asks[c] += asks
        flows.volunteer_minutes[c] += minutes
