"""Grievances and claims: what befalls households this week, who speaks up, and the issues that this opens.

Every household meets at most one trouble a week: its own (inquiry, dispute, property, environment, welfare) or a failed
facility of its building. It names it, blames somebody and claims it by a channel, or swallows it (T2.3). Claims about
one building's facility are one issue with many reports.

Staff out of the office hear of troubles that nobody would have claimed.

Reads: households, residents (last week's trust, efficacy, tie to the head, platform), units (head on duty), property
companies, committees (time for residents), levers. Writes: grievance, severity, channel, path and latent of
households; help_hours of units; new rows of issues; flows ``grievances``, ``lumped``, ``claims``, ``open_before`` and
those of paths. The ladder takes the new issues up.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...agents.columns import F32, I16, I64, U8, U64, allocate
from ...agents.committee import Committees
from ...agents.finding_a_path import OWN
from ...agents.handling import NOT_YET, cooperation, first_level, intake_delay
from ...agents.household import Household, Households
from ...agents.property_company import PropertyCompanies
from ...agents.resident import Residents
from ...agents.speaking_up import (
    FACILITY,
    HOTLINE,
    NO_GRIEVANCE,
    NOBODY,
    TOLD_DRAW,
    UNNAMED,
    all_rates,
    building_fails,
    building_key,
    grievance_rates,
    heard_outside,
    latent_after,
    latent_kept,
    neglect,
    season,
    severity_of,
    speak_up,
    trouble,
)
from ...agents.unit_head import Units
from ..claim_paths import count_paths, path_of, sensed_at
from ..compiled import kernel
from ..draws import Stream, draw_four, uniform, uniforms
from ..flows import Flows
from ..levers import LeverTable
from ..parameters import ParameterTable
from ..structure import COOLING, FORWARDED, FREE, Communities, Issues

if TYPE_CHECKING:
    from ..community_model import CommunityModel

GRIEVANCE = int(Stream.GRIEVANCE)
CLAIM = int(Stream.CLAIM)
FAILURE = int(Stream.FACILITY_FAILURE)
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_A = np.uint64(0xBF58476D1CE4E5B9)
MIX_B = np.uint64(0x94D049BB133111EB)
SILENT, LUMPED = -2, -1  # about a building's facility: nobody noticed, nobody spoke
SPARE_ROWS = 16  # rows added beyond need when a community runs out of issue rows


def step(model: "CommunityModel") -> None:
    """Raise this week's grievances and open the issues that are claimed."""
    m, rules = model, (model.parameters, model.levers)
    people = (m.communities, m.households, m.residents, m.units)
    count_open(m.communities, m.issues, m.flows.open_before)
    asked = (m.week, *people, m.property_companies, m.committees, *rules)
    m.decide(Household, "raise_grievance", raise_all, *asked)
    count_paths(*people, m.flows, m.parameters)
    short = shortage(m.communities, m.households, m.issues)
    if short.any():
        grow(m, short)
    sense = m.residents.sense_of_community
    open_all(m.week, m.communities, m.households, sense, _pressed(m), m.issues, m.flows, *rules)


def _pressed(model: "CommunityModel") -> F32:
    """Quality of each property company in handling an issue: an elected owners' committee presses it to do better."""
    companies, owners = model.property_companies, model.owners_committees
    pressed = companies.quality + model.parameters["owners_voice"] * owners.exists
    return np.minimum(pressed, 1.0).astype(np.float32)


def issue_balance(model: "CommunityModel") -> I64:
    """Issues of each community that are unaccounted for this week: always 0 (check Q13).

    Open before + grievances + repeats = open now + lumped + resolved + failed + abandoned + withdrawn. What cooled down
    after being closed is not open; when it comes back it counts as a repeat.
    """
    f = model.flows
    now = np.zeros_like(f.open_before)
    count_open(model.communities, model.issues, now)
    resolved = f.resolved_1 + f.resolved_2 + f.resolved_3 + f.resolved_4
    return f.open_before + f.grievances + f.repeats - now - f.lumped - resolved - f.failed - f.abandoned - f.withdrawn


# --- decisions --------------------------------------------------------------------------------------------------------


@kernel
def raise_all(
    week: int,
    communities: Communities,
    households: Households,
    residents: Residents,
    units: Units,
    property_companies: PropertyCompanies,
    committees: Committees,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Run ``Household.raise_grievance`` on all rows."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        seed, archetype, identity = communities.seed[c], int(communities.archetype[c]), int(communities.id[c])
        neglected = neglect(np.float64(property_companies.quality[c]), p)
        kept = latent_kept(p)
        summer = season(week, p.season_amplitude, p.season_peak)
        heard = heard_in(c, communities, committees, p, levers[c].staff_outreach)
        first, stop = communities.household_start[c], communities.household_stop[c]
        draws: Any = np.empty((4, stop - first))
        before: Any = np.empty(stop - first)
        draw_four(seed, GRIEVANCE, week, households.id[first:stop], draws)
        calm_down(first, stop, households, kept, before, p)
        struck: Any = np.empty(stop - first, np.bool_)
        befall(first, stop, households, neglected, archetype, summer, p, draws[0], struck)
        buildings: Any = households.building[first:stop]
        failed = failures(week, seed, identity, buildings.max() + 1, neglected, archetype, p)
        for b in np.flatnonzero(failed):  # buildings are numbered along the street
            struck[np.searchsorted(buildings, b) : np.searchsorted(buildings, b, side="right")] = True
        for k in np.flatnonzero(struck):
            h = k + first
            if households.size[h] == 0:
                continue
            u = draws[0, k], draws[1, k], draws[2, k], draws[3, k]
            if failed[buildings[k]] and u[3] < p.facility_affected:
                issue = FACILITY
            else:
                size, migrant = np.float64(households.size[h]), np.float64(households.migrant[h])
                special = np.float64(households.special[h])
                issue = trouble(grievance_rates(size, migrant, special, neglected, archetype, summer, p), u[0], u[1])
            if issue == NO_GRIEVANCE:
                continue
            severity = severity_of(issue, u[2], p)
            channel = voice(
                week, c, h, issue, severity, before[k], heard, communities, households, residents, units, p, levers[c]
            )
            households.latent[h] = latent_after(before[k], kept, channel == NOBODY, severity, p)


@kernel
def voice(
    week: int,
    c: int,
    h: int,
    issue: int,
    severity: float,
    latent: float,
    heard: float,
    communities: Communities,
    households: Households,
    residents: Residents,
    units: Units,
    p: Any,
    lever: Any,
) -> int:
    """Let the first member of a household in trouble name it and claim it, or swallow it; returns the channel."""
    seed, r = communities.seed[c], int(households.resident_start[h])
    trust = np.float64(residents.trust_committee[r])
    channel, path = path_of(week, seed, h, trust, households, residents, units, p, lever)
    sensed = sensed_at(week, seed, int(communities.id[c]), h, issue, households, lever.sensors)
    if channel == HOTLINE:
        trust = np.float64(residents.trust_subdistrict[r])
    u = uniforms(seed, CLAIM, week, households.id[h], 0)
    told = heard > 0.0 and uniform(seed, CLAIM, week, households.id[h], TOLD_DRAW) < heard
    efficacy, warning = np.float64(residents.efficacy[r]), lever.demand_warning
    channel = speak_up(channel, severity, efficacy, trust, latent, warning, sensed, told, u, p)
    if channel != UNNAMED:
        households.grievance[h] = issue
        households.channel[h] = channel
        households.severity[h] = severity
        households.path[h] = path
    return channel


@kernel
def calm_down(first: int, stop: int, households: Households, kept: float, before: Any, p: Any) -> None:
    """Leave the households of a community without a grievance; what they swallowed is kept in ``before``, and fades."""
    households.grievance[first:stop] = NO_GRIEVANCE
    households.channel[first:stop] = NOBODY
    households.severity[first:stop] = 0.0
    households.path[first:stop] = OWN
    latent, size = households.latent[first:stop], households.size[first:stop]
    for k in range(len(before)):
        before[k] = latent[k]
        faded = np.float32(latent_after(before[k], kept, False, 0.0, p))
        latent[k] = faded if size[k] > 0 else latent[k]


@kernel
def befall(
    first: int,
    stop: int,
    households: Households,
    neglected: float,
    archetype: int,
    summer: float,
    p: Any,
    u: Any,
    own: Any,
) -> None:
    """Flag the households that a trouble of their own may befall: draws below the rate, which bounds the chance."""
    size, migrant, special = households.size[first:stop], households.migrant[first:stop], households.special[first:stop]
    for k in range(len(own)):
        rates = grievance_rates(
            np.float64(size[k]), np.float64(migrant[k]), np.float64(special[k]), neglected, archetype, summer, p
        )
        own[k] = u[k] < all_rates(rates)


@kernel
def failures(
    week: int, seed: np.uint64, community: int, count: int, neglected: float, archetype: int, p: Any
) -> NDArray[np.bool_]:
    """Return whether a facility fails, by number of the building; ``community`` is the permanent number."""
    failed = np.empty(count, np.bool_)
    for b in range(count):
        key = np.uint64(building_key(community, b))
        failed[b] = building_fails(neglected, archetype, uniform(seed, FAILURE, week, key, 0), p)
    return failed


@kernel
def heard_in(c: int, communities: Communities, committees: Committees, p: Any, outside: float) -> float:
    """Chance of ``heard_outside`` in a community whose staff spend that share of their time for issues out."""
    if outside <= 0.0:
        return 0.0
    minutes = outside * p.grid_issue_share * np.float64(committees.service_minutes[c])
    return heard_outside(minutes, float(communities.household_stop[c] - communities.household_start[c]), p)


# --- machinery: claims become issues ----------------------------------------------------------------------------------


@kernel
def count_open(communities: Communities, issues: Issues, count: I64) -> None:
    """Write the number of open issues of each community; what cools down is closed for the time being."""
    for c in range(len(communities.seed)):
        count[c] = 0
        for i in range(communities.issue_start[c], communities.issue_stop[c]):
            count[c] += issues.state[i] != FREE and issues.state[i] != COOLING


@kernel
def shortage(communities: Communities, households: Households, issues: Issues) -> I64:
    """Count rows of issues that each community lacks if every household that speaks up opens an issue; 0 if none."""
    short = np.zeros(len(communities.seed), np.int64)
    for c in range(len(short)):
        for h in range(communities.household_start[c], communities.household_stop[c]):
            short[c] += households.channel[h] != NOBODY
        for i in range(communities.issue_start[c], communities.issue_stop[c]):
            short[c] -= issues.state[i] == FREE
        short[c] = max(short[c], 0)
    return short


def grow(model: "CommunityModel", short: I64) -> None:
    """Give communities that lack rows half as many again and the missing ones; rows keep their order."""
    old, communities = model.issues, model.communities
    sizes = (communities.issue_stop - communities.issue_start).astype(np.int64)
    grown = np.where(short > 0, sizes + sizes // 2 + short + SPARE_ROWS, sizes)
    stops = np.cumsum(grown)
    issues = allocate(Issues, int(stops[-1]))
    for c in range(len(sizes)):
        target = slice(stops[c] - grown[c], stops[c] - grown[c] + sizes[c])
        source = slice(communities.issue_start[c], communities.issue_stop[c])
        for to, column in zip(issues, old, strict=True):
            to[target] = column[source]
    communities.issue_start[:] = stops - grown
    communities.issue_stop[:] = stops
    model.issues = issues


@kernel
def issue_key(household: np.uint64, week: int) -> np.uint64:
    """Permanent number of the issue that a household opens in a week (at most one): SplitMix64 of both."""
    z = household + np.uint64(week) * GOLDEN
    z = (z ^ (z >> np.uint64(30))) * MIX_A
    z = (z ^ (z >> np.uint64(27))) * MIX_B
    return z ^ (z >> np.uint64(31))


@kernel
def open_all(
    week: int,
    communities: Communities,
    households: Households,
    sense_of_community: F32,
    quality: F32,
    issues: Issues,
    flows: Flows,
    parameters: ParameterTable,
    levers: LeverTable,
) -> None:
    """Open an issue for each claim, one for all claims about a building's facility, and count."""
    for c in range(len(communities.seed)):
        first, stop = int(communities.household_start[c]), int(communities.household_stop[c])
        seed, p = communities.seed[c], parameters[c]
        reports, silent = count_reports(
            week,
            seed,
            households.id[first:stop],
            households.grievance[first:stop],
            households.channel[first:stop],
            households.building[first:stop],
        )
        flows.lumped[c] += silent
        flows.grievances[c] += silent
        row = int(communities.issue_start[c])
        for h in np.flatnonzero(reports) + first:
            while issues.state[row] != FREE:
                row += 1
            flows.claims[c] += 1
            flows.grievances[c] += 1
            key, channel, issue = households.id[h], int(households.channel[h]), int(households.grievance[h])
            u = uniforms(seed, CLAIM, week, key, 1)
            issues.state[row] = FORWARDED
            issues.key[row] = issue_key(key, week)
            issues.community[row] = c
            issues.household[row] = h
            issues.unit[row] = households.unit[h]
            issues.type[row] = issue
            issues.channel[row] = channel
            issues.level[row] = first_level(channel)
            issues.severity[row] = households.severity[h]
            issues.reports[row] = reports[h - first]
            issues.created[row] = week + u[0]
            issues.first_handled[row] = NOT_YET
            issues.entered[row] = week + u[0] + intake_delay(channel, u[1], u[2], levers[c].issue_collation, p)
            issues.success[row] = 0
            issues.returns[row] = 0
            neighbours = np.float64(sense_of_community[households.resident_start[h]])
            issues.cooperation[row] = cooperation(issue, neighbours, np.float64(quality[c]))
            issues.ended[row] = NOT_YET


@kernel
def count_reports(week: int, seed: np.uint64, keys: U64, grievance: U8, channel: U8, building: I16) -> tuple[I64, int]:
    """Return reports of the issue that each household of a community opens, and the number of lumped grievances.

    A household that claims opens an issue of one report. About a failed facility only the first in the building opens
    one, and its reports are those of all; if nobody in the building says a word, one grievance is lumped.
    """
    reports = np.zeros(len(keys), np.int64)
    speaker = np.full(building.max() + 1, SILENT, np.int64)
    lumped = 0
    for h in np.flatnonzero(grievance != NO_GRIEVANCE):
        b = building[h]
        if grievance[h] != FACILITY:
            reports[h] = channel[h] != NOBODY
            lumped += channel[h] == NOBODY
        elif channel[h] == NOBODY:
            speaker[b] = max(speaker[b], LUMPED)
        elif speaker[b] < 0:
            speaker[b] = h
            reports[h] = 1
        else:
            other = int(speaker[b])
            if claim_time(seed, week, keys[h]) < claim_time(seed, week, keys[other]):
                reports[h], reports[other] = reports[other], 0
                speaker[b] = h
            reports[speaker[b]] += 1
    for b in range(len(speaker)):
        lumped += speaker[b] == LUMPED
    return reports, lumped


@kernel
def claim_time(seed: np.uint64, week: int, household: np.uint64) -> float:
    """Time of a household's claim, anywhere in the week."""
    return week + uniform(seed, CLAIM, week, household, 4)
