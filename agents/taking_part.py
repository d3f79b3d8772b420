"""Rules of taking part: who joins in, what they give, who does the small jobs, when a vote carries.

They belong to :class:`~shequ.agents.resident.Resident` and :class:`~shequ.agents.household.Household`, whose methods
call them, and stand here because several kinds of agents share them.
"""

from enum import IntEnum, IntFlag
from typing import Any

from .rules import clip01, followed, inlined, logistic, power, rule


class Act(IntFlag):
    """Ways of taking part; a resident's week is a sum of them."""

    ACTIVITY = 1
    COUNCIL = 2
    VOLUNTEERING = 4
    ONLINE = 8
    VOTE = 16


class Participation(IntEnum):
    """How residents decide (parameter ``participation_rule``)."""

    LOGIT = 0
    THRESHOLD = 1
    CONDITIONAL = 2


class Contributor(IntEnum):
    """Types of contributors to a common good [T1.1: Fischbacher, Gaechter & Fehr 2001]."""

    CONDITIONAL = 0
    FREE_RIDER = 1
    HUMP = 2
    ALTRUIST = 3


class Matter(IntEnum):
    """What is put to the vote; Civil Code article 278 asks for a majority that grows with the matter."""

    NONE = 0
    ORDINARY = 1
    SPECIAL = 2
    UNANIMOUS = 3


ACTIVITY, COUNCIL, VOLUNTEERING, ONLINE, VOTE = (int(act) for act in Act)
LOGIT, THRESHOLD = int(Participation.LOGIT), int(Participation.THRESHOLD)
COOPERATOR, HUMP, ALTRUIST = int(Contributor.CONDITIONAL), int(Contributor.HUMP), int(Contributor.ALTRUIST)
SPECIAL, UNANIMOUS = int(Matter.SPECIAL), int(Matter.UNANIMOUS)

ROUNDING = 1e-12  # more than a probability computed in double precision is wrong by
VOTE_DRAW = 4  # draws 0 to 3 of a resident's week are for the other acts


@rule
def ask_probability(ask_hours: float, persons: float, head_tie: float, p: Any) -> float:
    """Probability that the unit's head asks a given member in person this week.

    The head makes 60 ask_hours / ask_minutes visits among ``persons`` members, so a bigger unit gets a smaller share
    asked; a visit to somebody the head does not know comes off with the share ``ask_stranger`` [T1.1: "nobody asked"].
    """
    visits = ask_hours * 60.0 / p.ask_minutes
    return min(1.0, visits / max(1.0, persons)) * max(head_tie, p.ask_stranger)


@inlined
def habit(weeks_ago: int, p: Any) -> float:
    """Inclination, in logits, that comes from having done the same at most ``habit_weeks`` ago."""
    return p.habit_effect if weeks_ago <= p.habit_weeks else 0.0


@inlined
def inclination(
    propensity: float,
    available_hours: float,
    education: float,
    efficacy: float,
    trust: float,
    community: float,
    peer_share: float,
    asked: float,
    p: Any,
) -> float:
    """Part of V that all acts share, in logits [T1.3].

    propensity + bR avail + bH edu + bE efficacy + bT trust + bS community + bN peer_share + bM asked, with avail the
    free hours as a share of ``full_hours``, at most 1.
    """
    return (
        propensity
        + p.resource_effect * min(1.0, available_hours / p.full_hours)
        + p.education_effect * education
        + p.efficacy_effect * efficacy
        + p.trust_effect * trust
        + p.community_effect * community
        + p.peer_effect * peer_share
        + p.ask_effect * asked
    )


@inlined
def stated_willingness(education: float, efficacy: float, trust: float, community: float, p: Any) -> float:
    """Probability that a resident who is asked in a survey says that he or she would take part [T1.2].

    L(bW + bH edu + bE efficacy + bT trust + bS community): the attitudes that also move acts, but no free time, no
    occasion, no company, no cost; what lies between this and acting is what a plan can bring.
    """
    return logistic(
        p.willing_intercept
        + p.education_effect * education
        + p.efficacy_effect * efficacy
        + p.trust_effect * trust
        + p.community_effect * community
    )


@inlined
def incentive(reward: float, motive: float, p: Any) -> float:
    """Weigh a reward in CNY: u = bP reward - bK motive 1[reward > 0] [T1.3; P12].

    A reward crowds out a share of the private ``motive`` (1 in the logit rule, where bK is in logits).
    """
    if reward > 0.0:
        return p.reward_effect * reward - p.crowding * motive
    return 0.0


@inlined
def open_activities(told: float, adopted: float, held: float, online: float, festival: float, p: Any) -> float:
    """Count the activities open to a resident: those of the unit if told of them, online ones for users, festivals.

    told (held - online + users online) + festival, users = adopted where online activities are for users alone
    """
    users = followed(adopted, 1.0, p.online_for_users)
    return told * (held - online + users * online) + festival


@inlined
def worth_of(base: float, reward: float, intercept: float, weeks_ago: int, hours: float, p: Any) -> float:
    """Value of an act in logits [T1.3]: V = base + u(reward) + b0_a + habit_a - bC hours_a."""
    return base + incentive(reward, 1.0, p) + intercept + habit(weeks_ago, p) - p.cost_effect * hours


@inlined
def may_take_part(u: float, value: float, occasions: float) -> bool:
    """Whether :func:`takes_part` could be true, told fast for many: u < n L(V), the bound of Boole, with more for L(V).

    e**x >= 1 + x + x**2 / 2 + x**3 / 6 + x**4 / 24 for x = -V > 0, so L(V) <= 1 / (2 + x + ... + x**4 / 24); else 1.
    ``occasions`` n is a whole number, 0 where nothing is on offer; ``ROUNDING`` keeps the bound above what it bounds.
    """
    x = max(0.0, -value)
    tail = 1.0 / (2.0 + x * (1.0 + x * (1.0 / 2.0 + x * (1.0 / 6.0 + x * (1.0 / 24.0)))))
    most = tail if value < 0.0 else 1.0
    return u < occasions * most + ROUNDING


@rule
def takes_part(u: float, value: float, offers: float) -> bool:
    """Whether draw u brings a resident to one of ``offers`` occasions of value V: P = 1 - (1 - L(V))**offers."""
    stays = 1.0 - logistic(value)
    away = stays
    while offers > 1.0:
        away = away * stays
        offers = offers - 1.0
    return u < 1.0 - away


@inlined
def volunteers(base: float, reward: float, weeks_ago: int, u: float, p: Any) -> bool:
    """Whether draw u makes a resident with the hours for it volunteer: P = L(V), V as in :func:`worth_of`."""
    return u < logistic(worth_of(base, reward, p.volunteering_intercept, weeks_ago, p.volunteering_hours, p))


@inlined
def has_time_to_help(left: float, p: Any) -> bool:
    """Whether the hours that are left in the week are enough to volunteer: left >= ``volunteering_hours``."""
    return left >= p.volunteering_hours


@rule
def chosen_acts(
    base: float,
    reward: float,
    free_hours: float,
    activities: float,
    councils: float,
    topics: float,
    volunteers: bool,
    weeks_ago: tuple[int, int, int],
    draws: tuple[float, float, float],
    p: Any,
) -> int:
    """Acts of the week under the logit rule [T1.3].

    P(a) = L(V) with V of :func:`worth_of`, for each act on offer, if the hours that are left allow it. Volunteering is
    always on offer; who ``volunteers`` would if there is time. ``weeks_ago`` and ``draws`` are in the order activity,
    council, online.
    """
    left = free_hours
    acts = 0
    if activities > 0.0 and left >= p.activity_hours:
        value = worth_of(base, reward, p.activity_intercept, weeks_ago[0], p.activity_hours, p)
        if takes_part(draws[0], value, activities):
            acts |= ACTIVITY
            left = left - p.activity_hours
    if councils > 0.0 and left >= p.council_hours:
        value = worth_of(base, reward, p.council_intercept, weeks_ago[1], p.council_hours, p)
        if takes_part(draws[1], value, councils):
            acts |= COUNCIL
            left = left - p.council_hours
    if volunteers and has_time_to_help(left, p):
        acts |= VOLUNTEERING
        left = left - p.volunteering_hours
    if topics > 0.0 and left >= p.online_hours:
        value = worth_of(base, reward, p.online_intercept, weeks_ago[2], p.online_hours, p)
        if takes_part(draws[2], value, topics):
            acts |= ONLINE
    return acts


@rule
def follows_others(peer_share: float, threshold: float, reward: float, p: Any) -> bool:
    """Whether a resident joins under the threshold rule: peer_share + u(reward) >= theta.

    The private motive that a reward may crowd out is 1 - theta, what one brings along without company
    [T1.1: Granovetter 1978; Watts 2002; P12].
    """
    return peer_share + incentive(reward, max(0.0, 1.0 - threshold), p) >= threshold


@rule
def offered_acts(activities: float, councils: float, topics: float) -> int:
    """All acts on offer, for those who join under the threshold rule."""
    acts = VOLUNTEERING
    if activities > 0.0:
        acts |= ACTIVITY
    if councils > 0.0:
        acts |= COUNCIL
    if topics > 0.0:
        acts |= ONLINE
    return acts


@rule
def bits(x: int) -> int:
    """Count the ones in the binary form of x."""
    count = 0
    while x > 0:
        count += x & 1
        x = x >> 1
    return count


# --- contributions to a common good ----------------------------------------------------------------------------------


@inlined
def new_belief(belief: float, seen: float, p: Any) -> float:
    """Believed contribution of others: bel' = (1 - g) bel + g seen, with g ``belief_learning`` [T1.1]."""
    return clip01((1.0 - p.belief_learning) * belief + p.belief_learning * seen)


@inlined
def altruism_threshold(members: float, p: Any) -> float:
    """Weight on others' payoff above which giving pays in a linear common good [P10].

    One unit given costs 1, returns MPCR = R / N to oneself and as much to each of N - 1 others, with R
    ``public_return``: alpha* = (1 - MPCR) / (MPCR (N - 1)).
    """
    n = max(2.0, members)
    own = p.public_return / n
    return (1.0 - own) / (own * (n - 1.0))


@inlined
def contribution_of(kind: int, belief: float, community: float, weight: float, p: Any) -> float:
    """Share of free hours that a contributor of type ``kind`` gives to the common good [T1.1].

    Conditional cooperator: a + s belief. Hump-shaped: s belief up to the peak, then falling to 0 at belief 1.
    Altruist: all, if the weight on others, ``altruism`` times sense of community, exceeds ``weight``, the
    :func:`altruism_threshold` of the group. Free rider: nothing.
    """
    if kind == COOPERATOR:
        return clip01(p.cooperation_base + p.cooperation_slope * belief)
    if kind == HUMP:
        rising = p.cooperation_slope * min(belief, p.hump_peak)
        return rising * min(1.0, (1.0 - belief) / (1.0 - p.hump_peak))
    if kind == ALTRUIST and p.altruism * community > weight:
        return 1.0
    return 0.0


@inlined
def hours_given(contribution: float, free_hours: float, p: Any) -> float:
    """Hours that a volunteer gives in the week: the least time, and a share of the free hours that are left."""
    return p.volunteering_hours + contribution * max(0.0, free_hours - p.volunteering_hours)


@rule
def volunteer_probability(cost_ratio: float, players: float) -> float:
    """Probability that one of ``players`` does a job that one alone can do [T1.1: Diekmann 1985; P6].

    P = 1 - (c / b)**(1 / (N - 1)), the symmetric mixed equilibrium; a single player does it. A team of s members that
    coordinates weighs s b against c: call with c / (s b) and the number of teams.
    """
    if players <= 1.0:
        return 1.0
    return 1.0 - power(cost_ratio, 1.0 / (players - 1.0))


# --- votes -----------------------------------------------------------------------------------------------------------


@rule
def supports(community: float, trust: float, p: Any) -> float:
    """Probability that a household votes for a proposal: L(v0 + vS sense of community + vT trust in the committee)."""
    return logistic(p.support_intercept + p.support_community * community + p.support_trust * trust)


@rule
def carries(matter: int, voting: float, yes: float, total: float, p: Any) -> bool:
    """Whether one count (of owners, or of their floor area) carries a proposal [T1.1: Civil Code, art. 278; P11].

    Quorum: two thirds of all. Ordinary matters: more than half of those voting. Special ones: at least three quarters.
    Matters inside a stairwell, such as a lift: nobody who votes may object.
    """
    if total <= 0.0 or voting < p.vote_quorum * total:
        return False
    if matter == UNANIMOUS:
        return yes >= voting
    if matter == SPECIAL:
        return yes >= p.special_majority * voting
    return yes > p.ordinary_majority * voting
