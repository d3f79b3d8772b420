"""Rules of collective projects: who proposes a lift or a renovation, its worth to each owner, who agrees and pays.

They belong to :class:`~shequ.agents.household.Household`, whose method ``answer_project`` calls them, and to the
process ``projects``, which leads a project from the proposal to the works. Money in CNY unless it says
fen. [T1.3]
"""

from enum import IntEnum
from typing import Any

from .rates import WEEKS_A_YEAR
from .rules import exp, logistic, rule
from .taking_part import Matter, carries


class ProjectKind(IntEnum):
    """What owners of a stairwell, a building or a community can do together."""

    LIFT = 0  # a lift added to a stairwell without one
    REPLACEMENT = 1  # the worn lifts of a building, replaced
    RENOVATION = 2  # pipes, roof and walls of a building
    PARKING = 3  # ground of the community laid out anew for cars
    COVENANT = 4  # rules that the owners of a community give themselves


class ProjectState(IntEnum):
    """Where a project stands."""

    IDLE = 0
    TALKS = 1
    FUNDING = 2
    WORKS = 3
    DONE = 4


class Asked(IntEnum):
    """What a household is asked this week."""

    NOTHING = 0
    HEARING = 1  # what it thinks of a proposal
    BALLOT = 2  # its vote, and its share of the cost if the vote carries


class ConsentRule(IntEnum):
    """What a vote must reach; each is stricter than the one before."""

    HALF = 1  # Civil Code, art. 278: ordinary matters
    QUARTERS = 2  # the same: special matters
    LOWER_FLOORS = 3  # special, and no objection from floors that a lift harms
    UNANIMOUS = 4  # no objection from anybody who votes


LIFT, REPLACEMENT, RENOVATION, PARKING, COVENANT = (int(kind) for kind in ProjectKind)
IDLE, TALKS, FUNDING, WORKS, DONE = (int(state) for state in ProjectState)
HEARING, BALLOT = int(Asked.HEARING), int(Asked.BALLOT)
HALF, QUARTERS, LOWER_FLOORS, UNANIMOUS = (int(rule_) for rule_ in ConsentRule)
MATTER_ORDINARY, MATTER_SPECIAL, MATTER_UNANIMOUS = int(Matter.ORDINARY), int(Matter.SPECIAL), int(Matter.UNANIMOUS)
AGAINST, FOR = 1, 2  # answers; 0 not reached
WAN = 10_000.0  # CNY in the unit of the effect of money on consent
# By archetype: where a project of each kind can come up at all. Walk-ups have no lifts, towers have old ones.
FOUND = {
    ProjectKind.LIFT: (0, 1, 0, 0, 0, 1, 0, 0),
    ProjectKind.REPLACEMENT: (1, 0, 0, 1, 0, 0, 1, 0),
    ProjectKind.RENOVATION: (0, 1, 0, 0, 0, 1, 0, 0),
    ProjectKind.PARKING: (1, 1, 0, 1, 0, 1, 1, 0),
    ProjectKind.COVENANT: (1, 1, 1, 1, 1, 1, 1, 1),
}


@rule
def of_kind(kind: int, lift: float, replacement: float, renovation: float, parking: float) -> float:
    """Pick the number of a kind of project; a covenant needs neither money nor works, so its number is 0."""
    if kind == LIFT:
        return lift
    if kind == REPLACEMENT:
        return replacement
    if kind == RENOVATION:
        return renovation
    return parking if kind == PARKING else 0.0


@rule
def proposal_hazard(kind: int, need: float, efficacy: float, heads: float, initiative: float, p: Any) -> float:
    """Hazard a week that somebody proposes a project of ``kind`` at a site that could have it [T1.3].

    rate / year x initiative x e^(a (efficacy - initial) + b (need - 1/2)) x (1 + c heads), with ``need`` on [0, 1],
    mean ``efficacy`` of the site's households, and the share of its units whose ``heads`` are on duty.
    """
    rate = p.project_rate_covenant
    if kind != COVENANT:
        rate = of_kind(
            kind, p.project_rate_lift, p.project_rate_replacement, p.project_rate_renovation, p.project_rate_parking
        )
    moved = exp(p.proposal_efficacy * (efficacy - p.initial_efficacy) + p.proposal_need * (need - 0.5))
    return rate / WEEKS_A_YEAR * initiative * moved * (1.0 + p.proposal_head * heads)


# --- worth and cost --------------------------------------------------------------------------------------------------


@rule
def project_cost(kind: int, p: Any) -> float:
    """Cost of a project, in CNY a dwelling."""
    return of_kind(
        kind, p.project_cost_lift, p.project_cost_replacement, p.project_cost_renovation, p.project_cost_parking
    )


@rule
def owners_part(kind: int, subsidy: float, p: Any) -> float:
    """Share of the cost that is left to owners: (1 - usual government share) (1 - subsidy)."""
    state = of_kind(
        kind, p.project_state_lift, p.project_state_replacement, p.project_state_renovation, p.project_state_parking
    )
    return (1.0 - state) * (1.0 - subsidy)


@rule
def from_reserve(kind: int, p: Any) -> float:
    """Share of the owners' part that comes out of the maintenance fund, which they paid when they bought."""
    return p.maintenance_fund_share if kind == REPLACEMENT else 0.0


@rule
def works_weeks(kind: int, p: Any) -> float:
    """Weeks of construction."""
    return of_kind(kind, p.works_weeks_lift, p.works_weeks_replacement, p.works_weeks_renovation, p.works_weeks_parking)


@rule
def worth_to(kind: int, floor: float, p: Any) -> float:
    """Worth of a project to the owner of a dwelling on ``floor`` (1 the lowest), before its cost, in CNY.

    A lift is worth nothing at the break-even floor, more with every floor above it, and harms the floors below (light,
    noise, the lead over the upper floors that is lost) [T1.2].
    """
    if kind == LIFT:
        above = floor - p.lift_break_even
        return p.lift_floor_worth * above if above > 0.0 else p.lift_floor_loss * above
    return of_kind(kind, 0.0, p.project_worth_replacement, p.project_worth_renovation, p.project_worth_parking)


@rule
def cost_weight(kind: int, floor: float, area: float, p: Any) -> float:
    """Weight of a dwelling in the cost: its floor area, for lifts times the floors above those that are free."""
    return area * max(0.0, floor - p.lift_free_floors) if kind == LIFT else area


@rule
def compensation_rate(deliberation: float, losses: float, gains: float, p: Any) -> float:
    """Share of their losses that losers are paid by those who gain: what was agreed, as far as gains reach."""
    return min(deliberation * p.deliberation_compensation, gains / losses) if losses > 0.0 else 0.0


@rule
def compensated(gain: float, rate: float, losses: float, gains: float) -> float:
    """Net gain after compensation: losers bear 1 - rate of their loss, gainers pay it in proportion to their gains."""
    return gain * (1.0 - rate) if gain < 0.0 else gain - rate * losses * gain / max(gains, 1.0)


# --- answers ---------------------------------------------------------------------------------------------------------


@rule
def consent_value(
    gain: float, trust: float, community: float, company: float, head: float, deliberation: float, mood: float, p: Any
) -> float:
    """Inclination of an owner to agree, in logits [T1.3].

    c0 + cG gain / 10,000 + cT trust + cS community + cN (company - 1/2) + cH head + cD deliberation + mood: what the
    owner gains net of the cost share, trust in the committee, sense of community, the share of neighbours who agreed at
    the hearing (1/2 there), a head who goes from door to door, structured deliberation, the mood of the stairwell.
    """
    return (
        p.consent_intercept
        + p.consent_gain * gain / WAN
        + p.consent_trust * trust
        + p.consent_community * community
        + p.consent_neighbours * (company - 0.5)
        + p.consent_head * head
        + p.consent_deliberation * deliberation
        + mood
    )


@rule
def answer_of(owner: int, value: float, leaning: float, u: float, p: Any) -> int:
    """Answer of a dwelling's owner: 0 not reached, 1 against, 2 for; for if ``leaning`` < L(value).

    The leaning is one uniform draw an owner and project, so that only the undecided change sides between the hearing
    and the vote. Owners who live elsewhere (``owner`` 0) are harder to reach.
    """
    if u >= (p.owner_turnout if owner == 1 else p.absent_turnout):
        return 0
    return FOR if leaning < logistic(value) else AGAINST


@rule
def pays_share(answer: int, u: float, p: Any) -> bool:
    """Whether an owner pays the share once the vote has carried."""
    return u < (p.pay_consenting if answer == FOR else p.pay_others)


# --- the vote --------------------------------------------------------------------------------------------------------


@rule
def rule_of(kind: int, lifts: float) -> int:
    """Rule that a project needs: ``lifts`` for lifts; else art. 278, special where common parts change [T1.1]."""
    if kind == LIFT:
        return int(lifts + 0.5)
    return QUARTERS if kind in (RENOVATION, PARKING) else HALF


@rule
def carries_project(
    rule_: int,
    voting: float,
    yes: float,
    owners: float,
    area_voting: float,
    area_yes: float,
    area: float,
    objections: int,
    p: Any,
) -> bool:
    """Whether a vote carries by persons and by floor area; ``objections`` are those of floors that a lift harms."""
    matter = MATTER_ORDINARY if rule_ == HALF else MATTER_SPECIAL
    if rule_ == UNANIMOUS:
        matter = MATTER_UNANIMOUS
    both = carries(matter, voting, yes, owners, p) and carries(matter, area_voting, area_yes, area, p)
    return both and (rule_ != LOWER_FLOORS or objections == 0)


# --- time and what is felt -------------------------------------------------------------------------------------------


@rule
def talk_hazard(deliberation: float, p: Any) -> float:
    """Hazard a week that talks end in a vote: (1 + speed deliberation) / weeks."""
    return (1.0 + p.talk_speed * deliberation) / p.talk_weeks


@rule
def moved_by(value: float, effect: float) -> float:
    """Attitude after an event: v + e (1 - v) if the effect e is positive, v + e v if it is negative."""
    return value + effect * (1.0 - value) if effect > 0.0 else value + effect * value
