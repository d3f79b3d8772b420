"""Residents: who they are. Their rules follow below their columns."""

from typing import Annotated, NamedTuple

from .columns import F32, I16, I32, NEVER, U8, U64, Column
from .view import AgentView

ELDER_AGE = 60  # elders are residents of 60 and over, as in the plans (ten_household-193)


class Residents(NamedTuple):
    """One row a resident, sorted by community, then household."""

    id: Annotated[U64, Column("id", "permanent number; keys the draws", "design")]
    community: Annotated[I32, Column("row", "row of the community", "design", 0)]
    household: Annotated[I32, Column("row", "row of the household", "design", 0)]
    unit: Annotated[I32, Column("row", "row of the ten-household unit", "design", 0)]
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
    acts_last: Annotated[U8, Column("bits", "acts of last week", "T1.3", 0, 31)]
    contribution: Annotated[F32, Column("share", "share of free hours given in a week of volunteering", "T1.3", 0, 1)]
    adopted: Annotated[U8, Column("flag", "uses the community platform", "T7.3", 0, 1)]
    last_activity: Annotated[I16, Column("week", "last unit activity attended", "T1.3", NEVER, None, NEVER)]
    last_council: Annotated[I16, Column("week", "last deliberation attended", "T1.3", NEVER, None, NEVER)]
    last_volunteering: Annotated[I16, Column("week", "last volunteering", "T1.3", NEVER, None, NEVER)]
    last_online: Annotated[I16, Column("week", "last online deliberation", "T1.3", NEVER, None, NEVER)]


class Resident(AgentView):
    """A resident: belongs to one household and one unit; takes part or stays away, trusts, asks, answers."""

    table = Residents
    place = "residents"
