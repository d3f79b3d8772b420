"""Rules of taking up a policy: how it matures and is replaced, what pilots teach, and who follows of itself [T10].

The committee of :mod:`shequ.agents.committee` calls the rules of learning and adoption; the process calls the others.
"""

from typing import Any

from .rules import LN2, log, power, probability, rule

CLOSED, OFFERED, MANDATED = 0, 1, 2  # what a plan leaves to a committee: nothing, to join or not, to join when pressed


@rule
def maturing_weeks(weeks: float, experience: float, ratio: float) -> float:
    """Weeks in which a policy matures once ``experience`` communities have it: Wright's learning curve [T10.1].

    weeks x experience^(log2 ratio), experience at least 1: every doubling leaves the share ``ratio`` of the time.
    """
    return weeks * power(max(experience, 1.0), log(ratio) / LN2)


@rule
def matured(maturity: float, weeks: float) -> float:
    """Maturity a week later: m + (1 - e^(-1 / weeks)) (1 - m), so 1 - e^(-age / weeks) from a fresh start [T10.3].

    With 0 weeks a policy acts at once.
    """
    return 1.0 if weeks <= 0.0 else maturity + probability(1.0 / weeks) * (1.0 - maturity)


@rule
def restarted(maturity: float, carried: float) -> float:
    """Maturity of the policy that replaces one: the share of it that is carried over [T10.3]."""
    return carried * maturity


@rule
def strength(piloting: float, readiness: float, p: Any) -> float:
    """Effect of a mature policy here, relative to an average community [T10.3].

    (1 + boost pilot) (1 + gain (readiness - 1/2)), at least 0: extra effort in pilots, and communities it suits more.
    """
    return max(0.0, (1.0 + p.pilot_boost * piloting) * (1.0 + p.readiness_gain * (readiness - 0.5)))


@rule
def discounted(gain: float, inflation: float, discount: float) -> float:
    """Gain expected elsewhere of a ``gain`` seen at sites that are ``inflation`` times as effective [T10.3].

    gain / (1 + discount (inflation - 1)): taken at face value with discount 0, put right with 1.
    """
    return gain / (1.0 + discount * (inflation - 1.0))


@rule
def posterior_weight(sites: float, noise: float, spread: float) -> float:
    """Weight of the mean of ``sites`` results against a prior, n / (n + s^2 / t^2) [T10.1].

    ``noise`` is the variance s^2 of one result, ``spread`` the prior variance t^2.
    """
    return sites / (sites + noise / spread)


@rule
def posterior_mean(prior: float, evidence: float, weight: float) -> float:
    """Belief after seeing evidence: prior + weight (evidence - prior) [T10.1]."""
    return prior + weight * (evidence - prior)


@rule
def posterior_variance(spread: float, weight: float) -> float:
    """Variance that is left of a prior variance after seeing evidence of ``weight``: (1 - weight) t^2 [T10.1]."""
    return (1.0 - weight) * spread


@rule
def adoption_hazard(belief: float, neighbours: float, mandated: float, p: Any) -> float:
    """Hazard a week of taking up a policy that the plan does not bring: h0 + h1 b + h2 n + h3 m, at least 0 [T10.3].

    Of itself, by the gain it believes in, by the share of neighbouring communities that have it, under a mandate.
    """
    pull = p.adoption_belief * belief + p.adoption_neighbours * neighbours + p.adoption_mandate * mandated
    return max(0.0, p.adoption_base + pull)
