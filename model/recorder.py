"""The recorder: writes weekly sums by community and group into arrays allocated before the run."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..agents import CommunityWorkers, Organisations, Residents, Units
from ..agents.columns import fields
from ..agents.ngo import FIRM_KIND
from ..agents.opinions import identifies
from ..agents.rates import MINUTES_AN_HOUR
from ..agents.resident import ELDER_AGE
from ..agents.taking_part import Act, stated_willingness
from ..agents.warning import NOBODY
from .compiled import kernel
from .flows import Flows
from .outlays import outlays
from .processes import issues
from .processes.ties import flag_distant
from .projects import ProjectFlows
from .structure import Communities, Ties

if TYPE_CHECKING:
    from .community_model import CommunityModel

EARLY = 30.0  # minutes within which a warning is early [T9.3]
GRAINS = 2.0**40  # a share is added up to 1e-12; sums of eight million residents fit into 64 bits
GROUPS = ("all", "elderly", "young", "migrants")

# Sums over the residents of a group (of participation age), in the order in which the kernel writes them.
RESIDENT_MEASURES = {
    "residents": "residents of participation age",
    "participants": "took part in any act but a vote in the past 52 weeks",
    "activity_participants": "attended a unit activity in the past 52 weeks",
    "council_participants": "attended a deliberation in the past 52 weeks",
    "volunteers": "volunteered in the past 52 weeks",
    "online_participants": "deliberated online in the past 52 weeks",
    "acts": "single acts of this week, votes left out",
    "aware": "know what units are for",
    "adopted": "use the platform",
    "skilled": "digital skill of at least skilled_level",
    "satisfied": "satisfaction of at least satisfied_level",
    "satisfaction": "summed satisfaction",
    "trust_committee": "summed trust in the committee",
    "efficacy": "summed external efficacy",
    "sense_of_community": "summed sense of community",
    "strangers": "know none of their door neighbours",
    "silent": "almost never chat with neighbours",
    "unidentified": "do not identify with what governance achieved",
    "exposed": "live where an emergency was on this week",
    "warned_early": "of these, warned within 30 minutes",
    "warned": "of these, warned within 60 minutes",
    "willing": "would say in a survey that they would take part, expected number",
    "safe": "of these, ready or away before the blow",
}
EVENTS = ("residents", "acts", "exposed", "warned_early", "warned", "safe")  # of these, what is counted every week
WEEKLY = tuple(k for k, name in enumerate(RESIDENT_MEASURES) if name in EVENTS)
ACTS = len(Act) - 1  # votes left out
UNIT_MEASURES = {
    "households": "households of the community",
    "covered_households": "households in a unit in force",
    "units_in_force": "units in force",
    "heads": "units in force with a head",
    "heads_on_duty": "heads who carried out their duties this week",
    "heads_trained": "heads trained in the past 52 weeks",
    "burnout": "summed burnout of heads",
    "overloaded_heads": "heads with more load than capacity",
    "recognition": "summed recognition of heads",
    "preferred_heads": "heads who are Party members or retired cadres",
    "unit_squares": "squared number of households, summed over units in force",
}
BODY_MEASURES = {
    "staff_minutes": "working time of the committee",
    "reporting_minutes": "of this, forms and reports",
    "service_minutes": "of this, residents",
    "organisations": "firms and NGOs around the community",
    "organisations_joined": "of these, taking part",
    "firms": "of them, firms",
    "ngos": "NGOs around the community",
    "ngos_joined": "of them, taking part",
    "ngo_income": "their income of a week, mean of about a year",
    "ngo_public_income": "of this, from contracts",
    "open_issues": "issues open at the end of the week",
    "persons": "residents of every age",
    "empty_dwellings": "dwellings in which nobody lives",
    "policy_in_place": "1 where the plan's policy is in place",
    "policy_maturity": "its maturity",
    "policy_belief": "gain in satisfaction that the committee expects of it",
    "posts": "posts of the committee that the budget pays for",
    "workers": "of these, filled",
    "worn_workers": "workers with burnout of at least worn_level",
    "burnt_workers": "workers with burnout of at least burnt_level",
    "staff_load": "load of the committee's workers, summed",
    "estate_quality": "quality of property service, summed over households",
    "estate_trust": "trust in the estate's manager, summed over residents of participation age",
    "owners_committees": "1 where an owners' committee is elected",
    "reported_satisfied": "satisfied residents as the committee reports them",
    "public_outlay": "fen of public money paid out for the community",
    "charity_outlay": "fen that its charity fund paid out",
}


class Recorder:
    """Weekly records of one run.

    ``residents``: float64 array (week, community, group, measure); ``communities``: (week, community, measure).
    What residents are and think is counted in the weeks of the model's ``looks`` alone (None: in all), and is
    not-a-number in the others.
    """

    def __init__(self, model: "CommunityModel") -> None:
        self.first_week: int = model.week + 1
        weeks: int = int(model.calendar.weeks) - self.first_week
        count = len(model.communities.id)
        self.flow_names = [field.name for field in fields(Flows)]
        project_names = [field.name for field in fields(ProjectFlows)]
        self.community_names = [*UNIT_MEASURES, *BODY_MEASURES, *project_names, *self.flow_names]
        self.residents = np.full((weeks, count, len(GROUPS), len(RESIDENT_MEASURES)), np.nan)
        self.communities = np.full((weeks, count, len(self.community_names)), np.nan)
        self.recorded = 0

    def record(self, model: "CommunityModel") -> None:
        """Write down the week that ``model`` has just finished."""
        row = model.week - self.first_week
        out = self.residents[row]
        record_residents(model.week, model.communities, model.residents, model.parameters, out)
        if model.looks is None or model.week in model.looks:
            look_at_residents(model.week, model.communities, model.residents, model.ties, model.parameters, out)
        recall = model.parameters["recall_weeks"]
        record_units(model.week, model.communities, model.units, model.residents, recall, self.communities[row])
        self._record_bodies(model, self.residents[row, :, 0, 0], self.communities[row, :, len(UNIT_MEASURES) :])
        self.recorded = row + 1

    def _record_bodies(self, model: "CommunityModel", residents: Any, out: Any) -> None:
        committees, communities = model.committees, model.communities
        around = np.zeros((len(communities.seed), 7))
        count_organisations(communities, model.organisations, around)
        staff = np.zeros((len(communities.seed), 3))
        count_workers(communities, model.workers, model.parameters, staff)
        still_open = np.zeros(len(communities.seed), np.int64)
        issues.count_open(communities, model.issues, still_open)
        columns = [
            committees.hours_minutes,
            committees.reporting_minutes,
            committees.service_minutes,
            *around.T,
            still_open,
            communities.resident_stop - communities.resident_start - communities.empty_places,
            np.add.reduceat(model.households.size == 0, communities.household_start, dtype=np.int64),
            committees.in_place,
            committees.maturity,
            committees.belief,
            committees.posts,
            *staff.T,
            staff[:, 0] * committees.load,
            model.property_companies.quality * (communities.household_stop - communities.household_start),
            model.property_companies.trust * residents,
            model.owners_committees.exists,
            committees.reported_satisfaction * residents,
            *outlays(model.ledger, len(communities.seed)),
            *model.project_flows,
            *model.flows,
        ]
        out[:] = np.concatenate(columns, dtype=np.float64).reshape(len(columns), -1).T

    @property
    def weeks(self) -> NDArray[np.int64]:
        """Weeks recorded so far."""
        return np.arange(self.first_week, self.first_week + self.recorded)

    def of(self, name: str, group: str) -> NDArray[np.float64]:
        """Values recorded so far by week and community, without a copy."""
        if name in RESIDENT_MEASURES:
            return self.residents[: self.recorded, :, GROUPS.index(group), list(RESIDENT_MEASURES).index(name)]
        return self.communities[: self.recorded, :, self.community_names.index(name)]

    def dataset(self) -> xr.Dataset:
        """Everything recorded so far, as a labelled dataset with dimensions week, community, group."""
        data: dict[str, Any] = {}
        for k, (name, meaning) in enumerate(RESIDENT_MEASURES.items()):
            values = self.residents[: self.recorded, :, :, k]
            data[name] = (("week", "community", "group"), values, {"long_name": meaning})
        counts = (*fields(ProjectFlows), *fields(Flows))
        meanings = UNIT_MEASURES | BODY_MEASURES | {f.name: f.column.meaning for f in counts}
        for k, name in enumerate(self.community_names):
            data[name] = (("week", "community"), self.communities[: self.recorded, :, k], {"long_name": meanings[name]})
        return xr.Dataset(data, coords={"week": self.weeks, "group": list(GROUPS)})


@kernel
def record_residents(week: int, communities: Communities, residents: Residents, parameters: Any, out: Any) -> None:
    """Count residents of participation age and what they did this week into ``out`` (community, group, measure)."""
    for c in range(len(communities.seed)):
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        groups = divided(residents.age[first:stop], residents.migrant[first:stop], parameters[c])
        for measure in WEEKLY:
            out[c, :, measure] = 0.0
        count_all(groups[0], groups, out[c, :, 0])
        flags, acts = np.empty(stop - first, np.uint8), residents.acts[first:stop]
        for act in range(ACTS):
            for i in range(len(flags)):
                flags[i] = acts[i] >> act & 1
            count_all(flags, groups, out[c, :, 6])
        if residents.exposed[first:stop].any():
            count_warned(first, stop, residents, groups, out[c])


@kernel
def look_at_residents(
    week: int, communities: Communities, residents: Residents, ties: Ties, parameters: Any, out: Any
) -> None:
    """Count residents of participation age by what they are, think and lately did: the measures but WEEKLY."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        first, stop = communities.resident_start[c], communities.resident_stop[c]
        groups = divided(residents.age[first:stop], residents.migrant[first:stop], p)
        for measure in range(out.shape[2]):
            if measure not in WEEKLY:
                out[c, :, measure] = 0.0
        count_participants(week - p.recall_weeks, first, stop, residents, groups, out[c])
        count_states(first, stop, residents, p, groups, out[c])
        strange, quiet = np.empty(stop - first, np.uint8), np.empty(stop - first, np.uint8)
        flag_distant(first, stop, ties, p, strange, quiet)
        count_all(strange, groups, out[c, :, 15])
        count_all(quiet, groups, out[c, :, 16])
        add_attitudes(first, stop, residents, p, groups, out[c])


@kernel
def divided(age: Any, migrant: Any, p: Any) -> Any:
    """Flags of who belongs to each of GROUPS: uint8 (group, resident)."""
    groups = np.empty((4, len(age)), np.uint8)
    everyone, elderly, young, migrants = groups[0], groups[1], groups[2], groups[3]
    for i in range(len(age)):
        everyone[i] = age[i] >= p.participation_age
        elderly[i] = everyone[i] & (age[i] >= ELDER_AGE)
        young[i] = everyone[i] & (age[i] < p.young_age)
        migrants[i] = everyone[i] & migrant[i]
    return groups


@kernel
def count_all(flags: Any, groups: Any, out: Any) -> None:
    """Count flags (0 or 1) in each group, in 32 bits: so many more go through a vector unit at once."""
    for g in range(len(groups)):
        group = groups[g]
        count = np.int32(0)
        for i in range(len(flags)):
            count = np.int32(count + np.int32(flags[i] & group[i]))
        out[g] += count


@kernel
def count_participants(since: float, first: int, stop: int, residents: Residents, groups: Any, out: Any) -> None:
    """Count those who took part in the past year: measures 1 to 5."""
    flags, either = np.empty(stop - first, np.uint8), np.zeros(stop - first, np.uint8)
    for k, last in enumerate(
        (
            residents.last_activity[first:stop],
            residents.last_council[first:stop],
            residents.last_volunteering[first:stop],
            residents.last_online[first:stop],
        )
    ):
        for i in range(len(flags)):
            flags[i] = last[i] > since
            either[i] |= flags[i]
        count_all(flags, groups, out[:, 2 + k])
    count_all(either, groups, out[:, 1])


@kernel
def count_states(first: int, stop: int, residents: Residents, p: Any, groups: Any, out: Any) -> None:
    """Count what residents know, use, master and like: measures 7 to 10 and 17."""
    count_all(residents.aware[first:stop], groups, out[:, 7])
    count_all(residents.adopted[first:stop], groups, out[:, 8])
    skill, satisfaction = residents.digital_skill[first:stop], residents.satisfaction[first:stop]
    sense = residents.sense_of_community[first:stop]
    flags = np.empty(stop - first, np.uint8)
    for i in range(len(flags)):
        flags[i] = skill[i] >= p.skilled_level
    count_all(flags, groups, out[:, 9])
    for i in range(len(flags)):
        flags[i] = satisfaction[i] >= p.satisfied_level
    count_all(flags, groups, out[:, 10])
    for i in range(len(flags)):
        flags[i] = not identifies(satisfaction[i], sense[i], p)
    count_all(flags, groups, out[:, 17])


@kernel
def count_warned(first: int, stop: int, residents: Residents, groups: Any, out: Any) -> None:
    """Count whom an emergency threatens, and what a warning came to: measures 18 to 20 and 22."""
    flags = np.empty(stop - first, np.uint8)
    count_all(residents.exposed[first:stop], groups, out[:, 18])
    for measure, minutes in ((19, EARLY), (20, float(MINUTES_AN_HOUR))):
        for i in range(len(flags)):
            flags[i] = residents.warned_by[first + i] != NOBODY and residents.warned_minute[first + i] <= minutes
        count_all(flags, groups, out[:, measure])
    count_all(residents.safe[first:stop], groups, out[:, 22])


@kernel
def add_attitudes(first: int, stop: int, residents: Residents, p: Any, groups: Any, out: Any) -> None:
    """Add up attitudes, and the chances of a yes if all were asked whether they would take part: 11 to 14 and 21."""
    satisfaction, trust = residents.satisfaction[first:stop], residents.trust_committee[first:stop]
    efficacy, sense = residents.efficacy[first:stop], residents.sense_of_community[first:stop]
    education, willing = residents.education[first:stop], np.empty(stop - first)
    for i in range(len(willing)):
        willing[i] = stated_willingness(
            np.float64(education[i]), np.float64(efficacy[i]), np.float64(trust[i]), np.float64(sense[i]), p
        )
    for measure, values in ((11, satisfaction), (12, trust), (13, efficacy), (14, sense)):
        add_all(values, groups, out[:, measure])
    add_all(willing, groups, out[:, 21])


@kernel
def add_all(shares: Any, groups: Any, out: Any) -> None:
    """Add up shares (0 to 1) in each group, as whole numbers of GRAINS: sums that no order of adding changes."""
    grains = np.empty(len(shares), np.int64)
    for i in range(len(grains)):
        grains[i] = np.int64(np.float64(shares[i]) * GRAINS)
    for g in range(len(groups)):
        group = groups[g]
        total = np.int64(0)
        for i in range(len(grains)):
            total += grains[i] & -np.int64(group[i])
        out[g] += np.float64(total) / GRAINS


@kernel
def record_units(
    week: int, communities: Communities, units: Units, residents: Residents, recall: Any, out: Any
) -> None:
    """Add up units by community into the first columns of ``out`` (community, measure)."""
    for c in range(len(communities.seed)):
        out[c, :11] = 0.0
        out[c, 0] = communities.household_stop[c] - communities.household_start[c]
        for u in range(communities.unit_start[c], communities.unit_stop[c]):
            if units.organised[u] == 0:
                continue
            size = float(units.household_stop[u] - units.household_start[u])
            head = int(units.head[u])
            out[c, 1] += size
            out[c, 2] += 1.0
            out[c, 10] += size * size
            if head < 0:
                continue
            out[c, 3] += 1.0
            out[c, 4] += units.on_duty[u]
            out[c, 5] += units.last_training[u] > week - recall[c]
            out[c, 6] += units.burnout[u]
            out[c, 7] += units.overload[u] > 0.0
            out[c, 8] += units.recognition[u]
            out[c, 9] += residents.party_member[head] | residents.retired_cadre[head]


@kernel
def count_workers(communities: Communities, workers: CommunityWorkers, parameters: Any, out: Any) -> None:
    """Count workers, and those worn and burnt out, by community into ``out`` (community, 3)."""
    for c in range(len(communities.seed)):
        p = parameters[c]
        for w in range(communities.post_start[c], communities.post_stop[c]):
            if workers.filled[w] == 1:
                out[c, 0] += 1.0
                out[c, 1] += workers.burnout[w] >= p.worn_level
                out[c, 2] += workers.burnout[w] >= p.burnt_level


@kernel
def count_organisations(communities: Communities, organisations: Organisations, out: Any) -> None:
    """Count organisations, those taking part, firms, NGOs, NGOs taking part, incomes into ``out`` (community, 7)."""
    for c in range(len(communities.seed)):
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            if organisations.active[o] == 0:
                continue
            out[c, 0] += 1.0
            out[c, 1] += organisations.joined[o]
            if organisations.kind[o] == FIRM_KIND:
                out[c, 2] += 1.0
            else:
                public = np.float64(organisations.income_public[o])
                out[c, 3] += 1.0
                out[c, 4] += organisations.joined[o]
                out[c, 5] += public + organisations.income_gifts[o] + organisations.income_market[o]
                out[c, 6] += public
