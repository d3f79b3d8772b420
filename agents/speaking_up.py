"""Rules of grievances: how one arises, whether it is named, blamed and claimed, and by which channel.

They belong to :class:`~shequ.agents.household.Household`, whose method ``raise_grievance`` calls them; the kernel in
:mod:`shequ.model.processes.issues` calls the same rules.
"""

from enum import IntEnum
from typing import Any

from .rates import MINUTES_AN_HOUR, WEEKS_A_YEAR
from .rules import LN2, clip01, exp, happens, inlined, logistic, probability, rule

BUILDINGS = 65536  # room for building numbers in the key of a building's draws


class IssueType(IntEnum):
    """What a grievance is about."""

    INQUIRY = 0
    DISPUTE = 1
    PROPERTY = 2
    ENVIRONMENT = 3
    WELFARE = 4
    FACILITY = 5


class Channel(IntEnum):
    """Where a household takes its grievance."""

    NOBODY = 0  # lumped: it says nothing
    HEAD = 1
    COMMITTEE = 2  # desk, telephone or grid worker
    PLATFORM = 3
    HOTLINE = 4  # 12345: dispatched to a department, past the community
    WARNING = 5  # not claimed, noticed by the platform's warning model


FACILITY = int(IssueType.FACILITY)
NOBODY = int(Channel.NOBODY)
HEAD = int(Channel.HEAD)
COMMITTEE = int(Channel.COMMITTEE)
PLATFORM = int(Channel.PLATFORM)
HOTLINE = int(Channel.HOTLINE)
WARNING = int(Channel.WARNING)

NO_GRIEVANCE = 255
UNNAMED = -1
TOLD_DRAW = 7  # of the stream of claims, beside those of claiming (0 to 3) and of the claim's time and intake (4 to 6)

# by archetype: new estate, old neighbourhood, urban village, mixed, migrant, ageing, village to city, rural
AGED = (0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0)  # old pipes, lifts and wires
DENSE = (0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0)  # many households on little ground


@rule
def building_key(community: int, building: int) -> int:
    """Permanent number of a building, which keys its draws: community id and number in the community."""
    return community * BUILDINGS + building


@rule
def season(week: int, amplitude: float, peak: float) -> float:
    """Seasonal factor of mean 1: 1 + amplitude * s [T2.3: m_season; triangle assumed].

    s falls in a straight line from +1 at week ``peak`` of the year to -1 half a year away.
    """
    phase = ((week - peak) / WEEKS_A_YEAR) % 1.0
    return 1.0 + amplitude * (4.0 * abs(phase - 0.5) - 1.0)


@rule
def neglect(quality: float, p: Any) -> float:
    """Factor on troubles with estate and buildings from the quality of property service: e**(a (1/2 - q)) [T2.3]."""
    return exp(p.quality_effect * (0.5 - quality))


@inlined
def grievance_rates(
    size: float, migrant: float, special: float, neglected: float, archetype: int, summer: float, p: Any
) -> tuple[float, float, float, float, float]:
    """Troubles a week that befall a household, by type in the order of IssueType (facilities excepted).

    lambda_z * size * m_z, with m of migrants (inquiries), density (disputes), ``neglect`` by the property company
    (property), season (environment) and special groups (welfare) [T2.3].
    """
    return (
        size * p.rate_inquiry * (1.0 + p.migrant_inquiries * migrant),
        size * p.rate_dispute * (1.0 + p.dense_disputes * DENSE[archetype]),
        size * p.rate_property * neglected,
        size * p.rate_environment * summer,
        size * p.rate_welfare * (1.0 + p.special_welfare * special),
    )


@inlined
def all_rates(rates: tuple[float, float, float, float, float]) -> float:
    """Rate of troubles of any type."""
    return rates[0] + rates[1] + rates[2] + rates[3] + rates[4]


@rule
def trouble(rates: tuple[float, float, float, float, float], u_any: float, u_type: float) -> int:
    """Type of this week's trouble, 255 none: at most one a week, P = 1 - e**-sum(rates), types in proportion [T2.1: the
    superposition of rare events is Poisson].
    """
    total = all_rates(rates)
    if not happens(u_any, total):
        return NO_GRIEVANCE
    rest = u_type * total
    for k in range(len(rates)):
        rest -= rates[k]
        if rest < 0.0:
            return k
    return len(rates) - 1


@rule
def building_fails(neglected: float, archetype: int, u: float, p: Any) -> bool:
    """Whether a facility of a building fails this week: hazard h (1 + a*aged) times ``neglect`` [T2.1].

    One cause, many reports: a compound Poisson process.
    """
    return happens(u, p.rate_facility * (1.0 + p.aged_failures * AGED[archetype]) * neglected)


@rule
def severity_of(issue: int, u: float, p: Any) -> float:
    """Severity in [0, 1]: the type's mean plus or minus up to ``severity_spread``, uniform [T2.3]."""
    means = (
        p.severity_inquiry,
        p.severity_dispute,
        p.severity_property,
        p.severity_environment,
        p.severity_welfare,
        p.severity_facility,
    )
    return clip01(means[issue] + p.severity_spread * (2.0 * u - 1.0))


@rule
def choose_channel(
    reachable: bool,
    head_tie: float,
    digital_skill: float,
    trust_committee: float,
    adopted: bool,
    draws: tuple[float, float, float, float],
    p: Any,
) -> int:
    """Channel a grievance would take: past the community with L(b0 - b1*trust), else the head if one is on duty with
    L(h0 + h1*tie + h2*(1 - digital skill)), else the platform for its users, else the committee
    [T2.3: bypass falls with trust; T7.3: those without skill go by head or telephone].
    """
    if draws[0] < logistic(p.bypass_intercept - p.bypass_trust * trust_committee):
        return HOTLINE
    liking = p.head_intercept + p.head_tie_effect * head_tie + p.head_unskilled * (1.0 - digital_skill)
    if reachable and draws[1] < logistic(liking):
        return HEAD
    if adopted and draws[2] < p.platform_use:
        return PLATFORM
    return COMMITTEE


@rule
def claim_probability(channel: int, severity: float, efficacy: float, trust: float, latent: float, p: Any) -> float:
    """P(claim) = L(c0 + c1*severity + c2*efficacy + c3*trust + c5*latent - c4*effort of the channel) [T2.3; latent
    dissatisfaction added: the drop that makes the cup run over].
    """
    efforts = (0.0, p.effort_head, p.effort_committee, p.effort_platform, p.effort_hotline)
    return logistic(
        p.claim_intercept
        + p.claim_severity * severity
        + p.claim_efficacy * efficacy
        + p.claim_trust * trust
        + p.claim_latent * latent
        - p.claim_effort * efforts[channel]
    )


@rule
def heard_outside(minutes: float, households: float, p: Any) -> float:
    """Chance that staff out of the office hear of a trouble nobody claims while it lasts: f (1 - e**-(m h k / n)).

    m households met an hour, h = ``minutes`` / 60 hours out of the office a week, n households in the community, k
    weeks for which a trouble is worth telling: meetings at random (Poisson); who is met tells the share f [T2.3].
    """
    met = p.outreach_meets * minutes / MINUTES_AN_HOUR * p.worth_telling_weeks / households
    return p.told_when_met * probability(met)


@rule
def stages_passed(rates: tuple[float, ...], draws: tuple[float, ...]) -> int:
    """Return how many stages of a pyramid are passed in turn, each with its own probability [T2.1: naming, blaming,
    claiming (Felstiner, Abel & Sarat 1980-81); dispute pyramid (Miller & Sarat 1980-81)].
    """
    for k in range(len(rates)):
        if draws[k] >= rates[k]:
            return k
    return len(rates)


@rule
def speak_up(
    channel: int,
    severity: float,
    efficacy: float,
    trust: float,
    latent: float,
    demand_warning: float,
    sensed: bool,
    told: bool,
    draws: tuple[float, float, float, float],
    p: Any,
) -> int:
    """Channel by which a trouble becomes known: -1 if it is not even named and blamed (no grievance), NOBODY if the
    grievance is lumped, COMMITTEE if it is ``told`` to staff out of the office instead, WARNING if the platform notices
    what was lumped (share ``demand_warning``) or a sensor has the trouble before anybody says a word (``sensed``), else
    ``channel``: NOBODY where no path to a channel was open.
    """
    if sensed:
        return WARNING
    claim = claim_probability(channel, severity, efficacy, trust, latent, p)
    passed = stages_passed((p.perceive, p.attribute, claim), (draws[0], draws[1], draws[2]))
    if passed < 2:
        return UNNAMED
    if passed > 2 and channel != NOBODY:
        return channel
    if told:
        return COMMITTEE
    return WARNING if draws[3] < demand_warning else NOBODY


@rule
def latent_kept(p: Any) -> float:
    """Share of latent dissatisfaction kept from week to week, e**(-ln 2 / half-life) [T2.3: decays with half-life]."""
    return exp(-LN2 / p.latent_half_life)


@inlined
def latent_after(latent: float, kept: float, lumped: bool, severity: float, p: Any) -> float:
    """Latent dissatisfaction a week later: x*kept, a lumped grievance adding w*severity of what is left to 1 [T2.3]."""
    x = latent * kept
    return clip01(x + p.lumped_latent * severity * (1.0 - x)) if lumped else clip01(x)
