"""Residents: who they are. Their rules follow below their columns."""

from typing import Annotated, NamedTuple

from . import giving, learning, opinions, taking_part, warning
from .columns import F32, I16, I32, NEVER, U8, U64, Column
from .household import NOTHING
from .living import ELDER_AGE as ELDER_AGE
from .rates import WEEKS_A_YEAR
from .rules import followed, happens
from .streams import Stream
from .taking_part import ACTIVITY, COUNCIL, LOGIT, ONLINE, THRESHOLD, VOLUNTEERING, VOTE
from .view import AgentView


class Residents(NamedTuple):
    """One row a resident, sorted by community, then household."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    household: Annotated[I32, Column("row", "row of the household", "design", 0)]
    unit: Annotated[I32, Column("row", "row of the ten-household unit", "design", 0)]
    present: Annotated[U8, Column("flag", "lives here; 0 for a place kept for somebody to come", "T8.5", 0, 1, 1)]
    # Who they are
    age: Annotated[U8, Column("year", "age", "T0.3", 0, 110)]
    education: Annotated[F32, Column("share", "education: 0 none, 0.5 high school, 1 college", "T1.2", 0, 1)]
    available_hours: Annotated[F32, Column("h/week", "free hours that could go to community life", "T1.3", 0, 60)]
    digital_skill: Annotated[F32, Column("share", "skill with smartphone and apps", "T7.3", 0, 1)]
    digital_base: Annotated[F32, Column("share", "skill one falls back to without training or help", "T7.3", 0, 1)]
    party_member: Annotated[U8, Column("flag", "Party member", "ten_household-181", 0, 1)]
    retired_cadre: Annotated[U8, Column("flag", "retired cadre", "ten_household-181", 0, 1)]
    migrant: Annotated[U8, Column("flag", "without local household registration", "ten_household-016", 0, 1)]
    sociability: Annotated[F32, Column("ratio", "rate of making ties, relative to the mean", "T8.2", 0, 20)]
    propensity: Annotated[F32, Column("logit", "lasting personal inclination to take part", "T1.3", -12, 12)]
    threshold: Annotated[F32, Column("share", "share of contacts that must act first (threshold rule)", "T1.3", -1, 2)]
    contributor: Annotated[
        U8, Column("type", "0 conditional cooperator, 1 free rider, 2 hump-shaped, 3 altruist", "T1.3", 0, 3)
    ]
    # What they think
    aware: Annotated[U8, Column("flag", "knows what ten-household units are for", "ten_household-062", 0, 1)]
    trust_committee: Annotated[F32, Column("share", "trust in the residents' committee", "T8.3", 0, 1)]
    trust_subdistrict: Annotated[F32, Column("share", "trust in the subdistrict office", "T8.3", 0, 1)]
    trust_property: Annotated[F32, Column("share", "trust in the property company", "T8.3", 0, 1)]
    efficacy: Annotated[F32, Column("share", "external efficacy: 'they listen'", "T8.3", 0, 1)]
    sense_of_community: Annotated[F32, Column("share", "sense of community", "T8.3", 0, 1)]
    satisfaction: Annotated[F32, Column("share", "satisfaction with community governance", "T8.3", 0, 1)]
    satisfaction_base: Annotated[F32, Column("share", "lasting part of satisfaction: its intercept", "T8.1", -1, 1)]
    performance: Annotated[F32, Column("share", "perceived performance of community governance", "T8.3", 0, 1)]
    expectation: Annotated[F32, Column("share", "expected performance", "T8.3", 0, 1)]
    trust_anchor: Annotated[F32, Column("share", "lasting opinion that trust falls back to", "T8.1", 0, 1)]
    efficacy_anchor: Annotated[F32, Column("share", "lasting level that efficacy falls back to", "T8.1", 0, 1)]
    community_anchor: Annotated[F32, Column("share", "level that sense of community falls back to", "T8.1", 0, 1)]
    belief: Annotated[F32, Column("share", "believed contribution of others", "T1.3", 0, 1)]
    # What they hear this week (from last week's state of their contacts)
    peer_share: Annotated[F32, Column("share", "share of contacts that took part last week", "T1.3", 0, 1)]
    neighbour_trust: Annotated[F32, Column("share", "contacts' mean trust in the committee last week", "T8.3", 0, 1)]
    neighbour_performance: Annotated[F32, Column("share", "contacts' mean perceived performance", "T8.3", 0, 1)]
    neighbour_contribution: Annotated[F32, Column("share", "contacts' mean contribution last week", "T1.1", 0, 1)]
    peers_aware: Annotated[F32, Column("share", "share of contacts that knew of units last week", "T1.1", 0, 1)]
    peers_adopted: Annotated[F32, Column("share", "share of contacts on the platform last week", "T7.3", 0, 1)]
    contacts: Annotated[F32, Column("tie", "summed strength of ties", "T8.3", 0)]
    head_tie: Annotated[F32, Column("share", "strength of the tie to one's unit head", "T8.3", 0, 1)]
    asked: Annotated[U8, Column("flag", "asked in person this week", "T1.3", 0, 1)]
    # What they do
    acts: Annotated[U8, Column("bits", "acts of this week, see Act", "T1.3", 0, 31)]
    acts_last: Annotated[U8, Column("bits", "acts of the last week that is over", "T1.3", 0, 31)]
    contribution: Annotated[F32, Column("share", "share of free hours given in a week of volunteering", "T1.3", 0, 1)]
    adopted: Annotated[U8, Column("flag", "uses the community platform", "T7.3", 0, 1)]
    gift: Annotated[I32, Column("fen", "gift to the charity fund in the last month", "T4.3", 0)]
    last_activity: Annotated[I16, Column("week", "last unit activity attended", "T1.3", NEVER, None, NEVER)]
    last_council: Annotated[I16, Column("week", "last deliberation attended", "T1.3", NEVER, None, NEVER)]
    last_volunteering: Annotated[I16, Column("week", "last volunteering", "T1.3", NEVER, None, NEVER)]
    last_online: Annotated[I16, Column("week", "last online deliberation", "T1.3", NEVER, None, NEVER)]
    platform_interest: Annotated[F32, Column("share", "worth of a platform that all contacts use", "T7.1", 0, 1)]
    # In an emergency of this week
    exposed: Annotated[U8, Column("flag", "lives where an emergency is on", "T9.3", 0, 1)]
    tells: Annotated[U8, Column("flag", "passes a warning on beyond the household", "T9.3", 0, 1)]
    warned_by: Annotated[U8, Column("source", "who warned first, see Source; 0 nobody", "T9.3", 0, 5)]
    warned_minute: Annotated[
        F32, Column("min", "minute of the first warning; -1 none", "T9.3", warning.NOT_WARNED, None, warning.NOT_WARNED)
    ]
    heeds: Annotated[U8, Column("flag", "acts on the warning", "T9.3", 0, 1)]
    safe: Annotated[U8, Column("flag", "did so before the blow", "T9.3", 0, 1)]


class Resident(AgentView):
    """A resident: belongs to one household and one unit; takes part or stays away, trusts, asks, answers."""

    table = Residents
    place = "residents"

    def decide_participation(self) -> None:
        """Choose this week's acts among what is on offer [T1.3]."""
        self.acts = self.asked = 0
        if self.age < self.parameters.participation_age:
            return
        self.asked = self._is_asked()
        self._follow_neighbours()
        chosen = self._choose_acts() | self._goes_to_vote() * VOTE
        self.acts = chosen
        week = self.model.week
        if chosen & ACTIVITY:
            self.last_activity = week
        if chosen & COUNCIL:
            self.last_council = week
        if chosen & VOLUNTEERING:
            self.last_volunteering = week
        if chosen & ONLINE:
            self.last_online = week

    def _is_asked(self) -> bool:
        """Whether the head of one's unit visits and asks this week."""
        units, unit = self.model.units, self.unit
        hours = float(units.ask_hours[unit])
        if hours <= 0.0:
            return False
        persons = float(units.resident_stop[unit] - units.resident_start[unit] - units.empty_places[unit])
        return self.draw(Stream.ASK) < taking_part.ask_probability(hours, persons, self.head_tie, self.parameters)

    def _follow_neighbours(self) -> None:
        """Renew what one believes others give, and what one is ready to give oneself."""
        p, units, unit = self.parameters, self.model.units, self.unit
        members = float(units.household_stop[unit] - units.household_start[unit])
        self.belief = taking_part.new_belief(self.belief, self.neighbour_contribution, p)
        self.contribution = taking_part.contribution_of(
            self.contributor, self.belief, self.sense_of_community, taking_part.altruism_threshold(members, p), p
        )

    def _offers(self) -> tuple[float, float, float]:
        """Count unit activities and festivals, deliberations and online topics that are open to this resident."""
        units, unit, committees, c = self.model.units, self.unit, self.model.committees, self.community
        p = self.parameters
        told = followed(1.0 if self.aware or self.asked else 0.0, 1.0, p.telling_needed)
        held, online = float(units.activities[unit]), float(units.online_activities[unit])
        activities = taking_part.open_activities(told, self.adopted, held, online, float(committees.festival[c]), p)
        councils = told * float(units.deliberations[unit]) + float(committees.meetings[c])
        return activities, councils, self.adopted * float(committees.online_topics[c])

    def _inclination(self) -> float:
        """Inclination that this week's acts share."""
        return taking_part.inclination(
            self.propensity,
            self.available_hours,
            self.education,
            self.efficacy,
            self.trust_committee,
            self.sense_of_community,
            self.peer_share,
            float(self.asked),
            self.parameters,
        )

    def _choose_acts(self) -> int:
        """Acts of this week under the rule in force, votes left out."""
        p, reward = self.parameters, self.levers.points_reward
        activities, councils, topics = self._offers()
        if p.participation_rule == THRESHOLD:
            joins = taking_part.follows_others(self.peer_share, self.threshold, reward, p)
            return taking_part.offered_acts(activities, councils, topics) if joins else 0
        if p.participation_rule != LOGIT:
            return VOLUNTEERING if self.contribution > 0.0 else 0
        u = [self.draw(Stream.PARTICIPATION, k) for k in range(4)]
        week = self.model.week
        base = self._inclination()
        return taking_part.chosen_acts(
            base,
            reward,
            self.available_hours,
            activities,
            councils,
            topics,
            taking_part.volunteers(base, reward, week - self.last_volunteering, u[2], p),
            (week - self.last_activity, week - self.last_council, week - self.last_online),
            (u[0], u[1], u[3]),
            p,
        )

    def _goes_to_vote(self) -> bool:
        """Whether one votes on the unit's proposal; owners decide, from the age of majority."""
        p, owner = self.parameters, int(self.model.households.owner[self.household])
        if self.model.units.proposal[self.unit] == 0 or owner == 0 or self.age < p.voting_age:
            return False
        value = self._inclination() + p.vote_intercept - p.cost_effect * p.vote_hours
        return taking_part.takes_part(self.draw(Stream.PARTICIPATION, taking_part.VOTE_DRAW), value, 1.0)

    def decide_telling(self) -> None:
        """Choose, where an emergency is on, whether to pass a warning on beyond the household [T9.3]."""
        if self.exposed == 1 and self.age >= self.parameters.participation_age:
            chance = warning.sharing_chance(self.sense_of_community, self.parameters)
            self.tells = self.draw(Stream.WARNING_CHOICE, warning.TELLS) < chance

    def decide_heeding(self) -> None:
        """Act on a warning or not; who does so early enough is safe [T9.3]."""
        p = self.parameters
        if self.warned_by == warning.NOBODY or self.age < p.participation_age:
            return
        chance = warning.heed_chance(self.trust_committee, self.warned_by, p)
        self.heeds = self.draw(Stream.WARNING_CHOICE, warning.HEEDS) < chance
        forewarning = float(self.model.emergencies.forewarning[self.community])
        self.safe = self.heeds == 1 and warning.safe_in_time(self.warned_minute, forewarning, p)

    def hear(self) -> None:
        """Hear what units are for, or forget it [T1.1]."""
        if self.age < self.parameters.participation_age:
            return
        p, lever = self.parameters, self.levers
        attended = 1.0 if self.acts & (ACTIVITY | COUNCIL) else 0.0
        hazard = learning.hearing_hazard(
            lever.publicity, lever.doorstep_visits, self.peers_aware, attended, float(self.asked), p
        )
        heard, forgot = self.draw(Stream.AWARENESS, 0), self.draw(Stream.AWARENESS, 1)
        self.aware = learning.is_aware(self.aware, heard, forgot, hazard, p)

    def decide_platform(self) -> None:
        """Take up the platform, stay, or leave it; elders learn and forget how to use a device [T7.3]."""
        if self.age < self.parameters.participation_age:
            return
        if self.age >= ELDER_AGE:
            self._practise()
        p, lever = self.parameters, self.levers
        quality = learning.platform_quality(lever.platform_modules, lever.platform_operations, p)
        u = self.draw(Stream.ADOPTION)
        if self.adopted:
            leaves = happens(u, learning.dropout_hazard(self.satisfaction, quality, p))
            self.adopted = not leaves and learning.worth_using(self.platform_interest, self.peers_adopted, p)
        elif lever.platform_modules > 0.0 and learning.worth_using(self.platform_interest, self.peers_adopted, p):
            alarm = float(self.model.platforms.alarm[self.community_row])
            hazard = learning.contact_hazard(self.peers_adopted, float(self.asked), p) * learning.shied_away(alarm, p)
            self.adopted = u < hazard and happens(u, hazard * self._ease(quality))

    def _ease(self, quality: float) -> float:
        return learning.ease_of_use(
            float(self.age),
            self.education,
            self.digital_skill,
            quality,
            self.levers.elder_friendly,
            float(ELDER_AGE),
            self.parameters,
        )

    def stated_willingness(self) -> float:
        """Probability that the resident says in a survey that he or she would take part."""
        return taking_part.stated_willingness(
            self.education, self.efficacy, self.trust_committee, self.sense_of_community, self.parameters
        )

    def _practise(self) -> None:
        p, lever = self.parameters, self.levers
        classes = 0.0
        if lever.elder_training > 0.0:
            hazard = lever.elder_training / WEEKS_A_YEAR
            classes = 1.0 if happens(self.draw(Stream.DIGITAL_TRAINING), hazard) else 0.0
        self.digital_skill = learning.new_skill(
            self.digital_skill, self.digital_base, classes, lever.neighbour_digital_help, float(self.adopted), p
        )

    def decide_gift(self) -> None:
        """Give to the charity fund this month, or not."""
        p, lever = self.parameters, self.levers
        self.gift = 0
        if self.age >= p.participation_age and giving.gives(
            self.trust_committee,
            self.satisfaction,
            self.belief,
            self.contributor,
            lever.donation_drive,
            lever.fund_disclosure,
            self.draw(Stream.DONATION, 0),
            p,
        ):
            self.gift = giving.amount_given(self.draw(Stream.DONATION, 1), p.gift_size)

    def update_attitudes(self) -> None:
        """Let this week's experience and what contacts think move trust, efficacy, belonging and satisfaction."""
        if not self.present:
            return
        p, model = self.parameters, self.model
        homes, h, units, u = model.households, self.household, model.units, self.unit
        outcome, level, fairness = int(homes.outcome[h]), int(homes.outcome_level[h]), float(homes.fairness[h])
        latent, disclosure = float(homes.latent[h]), self.levers.fund_disclosure
        served = float(homes.served[h])
        waited = 1.0 if served > 0.0 or int(homes.request[h]) != NOTHING else 0.0
        joint = 1.0 if model.week in {self.last_activity, self.last_council} else 0.0
        tasks = 1.0 if units.small_tasks[u] > 0 else 0.0
        done = float(units.tasks_done[u]) / float(units.small_tasks[u]) if tasks > 0.0 else 0.0
        lived = 1.0 if outcome != 0 or waited > 0.0 or joint > 0.0 else 0.0

        own, heard, anchor = self.trust_committee, self.neighbour_trust, self.trust_anchor
        own = opinions.trust_after_outcome(own, outcome, fairness, opinions.concern(level, False, p), p)
        self.trust_committee = opinions.trust_after_week(own, heard, anchor, latent, disclosure, p)
        upper = self.trust_subdistrict
        upper = opinions.trust_after_outcome(upper, outcome, fairness, opinions.concern(level, True, p), p)
        self.trust_subdistrict = opinions.trust_after_week(upper, upper, anchor, latent, disclosure, p)
        quality = float(model.property_companies.quality[self.community_row])
        openness = float(model.property_companies.openness[self.community_row])
        estate = int(model.fee_payers.estate_outcome[self.household])
        self.trust_property = opinions.property_trust(self.trust_property, quality, latent, openness, estate, p)

        result = done if self.acts != 0 else 0.0
        self.efficacy = opinions.efficacy_after_week(
            self.efficacy, self.efficacy_anchor, outcome, result, disclosure, p
        )
        self.sense_of_community = opinions.community_after_week(
            self.sense_of_community, self.community_anchor, self.contacts, joint, outcome, fairness, tasks - done, p
        )
        performance = opinions.performance_after_week(
            self.performance,
            self.neighbour_performance,
            outcome,
            fairness,
            waited,
            served,
            joint,
            tasks,
            done,
            latent,
            p,
        )
        self.satisfaction = opinions.satisfaction_of(self.satisfaction_base, performance, self.expectation, p)
        self.expectation = opinions.expectation_after(self.expectation, performance, lived, p)
        self.performance = performance
