"""Households: where needs and grievances arise, and who speaks up."""

from typing import Annotated, NamedTuple

from . import consenting
from .columns import F32, I8, I16, I32, U8, U64, Column
from .finding_a_path import OWN, find_path, is_sensed
from .living import ELDER_AGE
from .moving import move_hazard
from .rules import happens
from .speaking_up import (
    FACILITY,
    HOTLINE,
    NO_GRIEVANCE,
    NOBODY,
    TOLD_DRAW,
    UNNAMED,
    building_fails,
    building_key,
    choose_channel,
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
from .speaking_up import Channel as Channel
from .speaking_up import IssueType as IssueType
from .streams import Stream
from .taking_part import VOTE, supports, volunteer_probability
from .unit_head import head_works
from .using_services import ServiceClass as ServiceClass
from .using_services import next_request
from .view import AgentView
from .warning import NOT_HELPED

NOTHING = 255  # no grievance, no request


class Households(NamedTuple):
    """One row a household, in the order of the street: neighbours are next to each other."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    unit: Annotated[I32, Column("row", "row of the ten-household unit", "design", 0)]
    resident_start: Annotated[I32, Column("row", "first resident; the household's members follow", "design", 0)]
    size: Annotated[U8, Column("person", "members; 0 while the dwelling stands empty", "T0.3", 0, 13, 1)]
    empty_places: Annotated[U8, Column("person", "rows kept for members beside those who live here", "T8.5", 0, 13)]
    building: Annotated[I16, Column("number", "building or courtyard within the community", "design", 0)]
    stairwell: Annotated[I16, Column("number", "stairwell within the community", "design", 0)]
    owner: Annotated[U8, Column("flag", "owns its dwelling", "T0.3", 0, 1)]
    area: Annotated[F32, Column("m2", "floor area of the dwelling", "T1.1", 10, 500, 80)]
    migrant: Annotated[U8, Column("flag", "without local registration", "ten_household-016", 0, 1)]
    special: Annotated[U8, Column("flag", "special group: elder living alone or in need", "ten_household-019", 0, 1)]
    needs: Annotated[U8, Column("bits", "classes of service it needs, see ServiceClass", "ten_household-028", 0, 31)]
    moves: Annotated[U8, Column("flag", "moves out at the end of this week", "T8.5", 0, 1)]
    # Grievance of this week
    grievance: Annotated[
        U8, Column("type", "type of the grievance felt this week, see IssueType; 255 none", "T2.3", 0, 255, NOTHING)
    ]
    severity: Annotated[F32, Column("share", "severity of this week's grievance", "T2.3", 0, 1)]
    channel: Annotated[U8, Column("channel", "where it was taken, see Channel; 0 lumped", "T2.3", 0, 7)]
    path: Annotated[U8, Column("path", "who took it there or could have, see Path; 4 no path was open", "T7.3", 0, 4)]
    latent: Annotated[F32, Column("share", "dissatisfaction from lumped grievances, decaying", "T2.3", 0, 1)]
    # What came of its issue this week
    outcome: Annotated[I8, Column("sign", "+1 an issue was settled, -1 failed, 0 nothing", "T2.3", -1, 1)]
    outcome_level: Annotated[U8, Column("level", "ladder level of that outcome, 1-4", "T2.3", 0, 4)]
    fairness: Annotated[F32, Column("share", "how fairly it was handled (procedural justice)", "T2.1", 0, 1)]
    # What it decides with its neighbours this week
    ballot: Annotated[U8, Column("ballot", "vote on the unit's proposal: 0 none, 1 against, 2 for", "T1.1", 0, 2)]
    helped: Annotated[U8, Column("bits", "small tasks of the unit it did, bit k for task k", "T1.1", 0, 255)]
    # Service of this week
    request: Annotated[U8, Column("class", "service class asked for this week, 255 none", "T4.3", 0, 255, NOTHING)]
    waiting: Annotated[I16, Column("week", "weeks this request has waited", "T4.3", 0)]
    served: Annotated[U8, Column("flag", "1 served this week, 0 not", "T4.3", 0, 1)]
    # In an emergency of this week
    emergency: Annotated[U8, Column("flag", "the blow left it in need of help", "T9.3", 0, 1)]
    help_hours: Annotated[
        F32, Column("h", "hours from the blow to help; -1 none", "T9.3", NOT_HELPED, None, NOT_HELPED)
    ]


class Household(AgentView):
    """A household: neighbours by address, one unit, needs and grievances."""

    table = Households
    place = "households"

    def raise_grievance(self) -> None:
        """Meet this week's trouble, if there is one: name it, blame somebody, claim it or swallow it."""
        p, latent, kept = self.parameters, self.latent, latent_kept(self.parameters)
        self.grievance, self.channel, self.severity, self.path = NO_GRIEVANCE, NOBODY, 0.0, OWN
        if self.size == 0:
            return
        issue = self._trouble()
        if issue == NO_GRIEVANCE:
            self.latent = latent_after(latent, kept, False, 0.0, p)
            return
        severity = severity_of(issue, self.draw(Stream.GRIEVANCE, 2), p)
        channel, path = self._speak_up(issue, severity)
        if channel != UNNAMED:
            self.grievance, self.channel, self.severity, self.path = issue, channel, severity, path
        self.latent = latent_after(latent, kept, channel == NOBODY, severity, p)

    def _trouble(self) -> int:
        """Type of this week's trouble: the building's failure if there is one, else one of the household's own."""
        p, c, week = self.parameters, self.community_row, self.model.week
        communities = self.model.communities
        archetype = int(communities.archetype[c])
        neglected = neglect(float(self.model.property_companies.quality[c]), p)
        key = building_key(int(communities.id[c]), self.building)
        failed = building_fails(neglected, archetype, self.model.draw(c, Stream.FACILITY_FAILURE, key), p)
        if failed and self.draw(Stream.GRIEVANCE, 3) < p.facility_affected:
            return FACILITY
        summer = season(week, p.season_amplitude, p.season_peak)
        rates = grievance_rates(self.size, self.migrant, self.special, neglected, archetype, summer, p)
        return trouble(rates, self.draw(Stream.GRIEVANCE, 0), self.draw(Stream.GRIEVANCE, 1))

    def _speak_up(self, issue: int, severity: float) -> tuple[int, int]:
        """Channel by which the trouble becomes known, NOBODY if it is swallowed, and path; the first member speaks."""
        p, residents, r = self.parameters, self.model.residents, self.resident_start
        channel, path = self._choose_channel()
        trust = float((residents.trust_subdistrict if channel == HOTLINE else residents.trust_committee)[r])
        warning, draws, sensed = self.levers.demand_warning, self._four(Stream.CLAIM), self._sensed(issue)
        efficacy, told = float(residents.efficacy[r]), self._told()
        return speak_up(channel, severity, efficacy, trust, self.latent, warning, sensed, told, draws, p), path

    def _told(self) -> bool:
        """Whether staff out of the office would hear of the trouble."""
        outside, c, communities = self.levers.staff_outreach, self.community_row, self.model.communities
        if outside <= 0.0:
            return False
        minutes = outside * self.parameters.grid_issue_share * float(self.model.committees.service_minutes[c])
        households = float(communities.household_stop[c] - communities.household_start[c])
        return self.draw(Stream.CLAIM, TOLD_DRAW) < heard_outside(minutes, households, self.parameters)

    def _choose_channel(self) -> tuple[int, int]:
        """Channel that the household would take and path that is left, where channels close or somebody helps."""
        p, lever, residents, units = self.parameters, self.levers, self.model.residents, self.model.units
        r, u = self.resident_start, self.unit
        reachable = head_works(int(units.organised[u]), int(units.head[u]), int(units.on_duty[u]))
        adopted = residents.adopted
        channel = choose_channel(
            reachable,
            float(residents.head_tie[r]),
            float(residents.digital_skill[r]),
            float(residents.trust_committee[r]),
            adopted[r] == 1,
            self._four(Stream.CHANNEL),
            p,
        )
        if lever.online_only <= 0.0 and lever.assisted_use <= 0.0:
            return channel, OWN
        users, draws = float(adopted[r + 1 : r + self.size + self.empty_places].sum()), self._four(Stream.CLAIM_PATH)
        return find_path(channel, adopted[r] == 1, users, reachable, lever.online_only, lever.assisted_use, draws, p)

    def _sensed(self, issue: int) -> bool:
        """Whether a sensor of the building or of the household notices the trouble."""
        if self.levers.sensors <= 0.0:
            return False
        c = self.community_row
        key = building_key(int(self.model.communities.id[c]), self.building)
        at_building = self.model.draw(c, Stream.FACILITY_FAILURE, key, 1)
        return is_sensed(issue, self.special, at_building, self.draw(Stream.SENSOR), self.levers.sensors)

    def _four(self, stream: Stream) -> tuple[float, float, float, float]:
        return self.draw(stream, 0), self.draw(stream, 1), self.draw(stream, 2), self.draw(stream, 3)

    def request_service(self) -> None:
        """Go on waiting for a service, give up, or ask for one that the household needs."""
        draws = self._four(Stream.SERVICE_REQUEST)
        self.request, self.waiting = next_request(
            self.request, self.waiting, self.served, self.needs, draws, self.parameters
        )
        self.served = 0

    def help_out(self) -> None:
        """Volunteer, or not, for each small task of a unit that nobody coordinates."""
        units, u = self.model.units, self.unit
        self.helped = 0
        if self.size == 0:
            return
        if units.small_tasks[u] == 0 or head_works(int(units.organised[u]), int(units.head[u]), int(units.on_duty[u])):
            return
        players = float(units.household_stop[u] - units.household_start[u])
        chance = volunteer_probability(self.parameters.task_cost_ratio, players)
        for k in range(int(units.small_tasks[u])):
            if self.draw(Stream.SMALL_TASK, 1 + k) < chance:
                self.helped += 1 << k

    def cast_ballot(self) -> None:
        """Vote for or against the unit's proposal if the household owns its dwelling and a member goes to vote."""
        residents, first = self.model.residents, self.resident_start
        self.ballot = 0
        if self.model.units.proposal[self.unit] == 0 or self.owner == 0:
            return
        if not any(int(residents.acts[first + m]) & VOTE for m in range(self.size + self.empty_places)):
            return
        community, trust = float(residents.sense_of_community[first]), float(residents.trust_committee[first])
        chance = supports(community, trust, self.parameters)
        self.ballot = 2 if self.draw(Stream.VOTE) < chance else 1

    def answer_project(self) -> None:
        """Answer what is asked about a collective project: at the hearing, then at the ballot [T1.3]."""
        ballots, row, p = self.model.ballots, self.row, self.parameters
        if ballots.asked[row] == consenting.Asked.NOTHING:
            return
        residents, units, first, u = self.model.residents, self.model.units, self.resident_start, self.unit
        trust, community, head = p.initial_trust, p.initial_community, 0.0
        at_home = int(self.owner == 1 and self.size > 0)
        if at_home:
            trust, community = float(residents.trust_committee[first]), float(residents.sense_of_community[first])
            head = float(head_works(int(units.organised[u]), int(units.head[u]), int(units.on_duty[u])))
        value = consenting.consent_value(
            float(ballots.gain[row]),
            trust,
            community,
            float(ballots.company[row]),
            head,
            self.levers.project_deliberation,
            float(ballots.mood[row]),
            p,
        )
        reached, pays = self.draw(Stream.PROJECT_ANSWER, 0), self.draw(Stream.PROJECT_ANSWER, 1)
        answer = consenting.answer_of(at_home, value, float(ballots.leaning[row]), reached, p)
        ballots.answer[row] = answer
        ballots.pays[row] = consenting.pays_share(answer, pays, p)

    def decide_moving(self) -> None:
        """Move out at the end of this week, or stay [T8.5]."""
        residents, units, first = self.model.residents, self.model.units, self.resident_start
        self.moves = 0
        if self.size == 0:
            return
        elder, head = int(residents.age[first]) >= ELDER_AGE, int(units.head[self.unit])
        heads = head >= 0 and int(residents.household[head]) == self.row
        satisfaction = float(residents.satisfaction[first])
        hazard = move_hazard(self.owner, elder, heads, satisfaction, self.levers.influx, self.parameters)
        self.moves = happens(self.draw(Stream.MOVING, 0), hazard)
