"""Rules of organisations that live on contracts: how they are founded, bid, work, are paid, drift and close [T6].

They belong to :class:`~shequ.agents.ngo.NGO`; the kernels in :mod:`shequ.model.service_projects` and
:mod:`shequ.model.processes.organisations` call the same rules. Money is in yuan, amounts that are paid in fen.
"""

from typing import Any

from .committee import effort_share
from .rules import exp, log, power, probability, rule

KEPT = 24  # rows of projects a community
FREE, OPEN, UNDER_WAY, ACCEPTED = 0, 1, 2, 3  # states of a project
NO_BID = -1

# --- founding and closing --------------------------------------------------------------------------------------------


@rule
def founding_rate(funding: float, unmet: float, incubation: float, p: Any) -> float:
    """Foundings a year in a community: l0 + l1 (f - 1) + l2 (u - u0) + l3 i, at least 0 [T6.3].

    ``funding``: money for projects relative to that without a plan; ``unmet``: share of requests that miss;
    ``incubation``: strength of the incubator.
    """
    rate = p.entry_base + p.entry_funding * (funding - 1.0) + p.entry_unmet * (unmet - p.unmet_reference)
    return max(0.0, rate + p.entry_incubation * incubation)


@rule
def concentration(public: float, gifts: float, market: float) -> float:
    """Concentration of income: HHI = sum of squared shares; 0 without income [T6.1]."""
    total = public + gifts + market
    return (public * public + gifts * gifts + market * market) / (total * total) if total > 0.0 else 0.0


@rule
def running_costs(size: float, p: Any) -> float:
    """Costs a week in yuan: of the paid staff, for a core of volunteers works for nothing."""
    return p.ngo_costs * max(0.0, size - p.volunteer_core)


@rule
def funding_shock(income: float, costs: float) -> float:
    """Share of the costs that the income of the past year does not cover [T6.3]."""
    return max(0.0, 1.0 - income / costs) if costs > 0.0 else 0.0


@rule
def exit_hazard(base: float, age: float, size: float, dependence: float, shelter: float, p: Any) -> float:
    """Hazard a year of closing: m0 exp(-m1 age - m2 ln size + m3 dependence) (1 - shelter) [T6.3].

    ``base``: m0, that of a new organisation of mean size; ``age`` in years; ``dependence``: HHI of income x funding
    shock; ``shelter``: what an incubator takes away.
    """
    return base * exp(-p.exit_age * age - p.exit_size * log(size) + p.exit_shock * dependence) * (1.0 - shelter)


@rule
def weeks_in_red(cash: int, weeks: int) -> int:
    """Weeks in a row that ended with nothing left to pay the next from."""
    return weeks + 1 if cash <= 0 else 0


@rule
def closes(red: int, hazard: float, u: float, p: Any) -> int:
    """1 where it closes: after ``red_weeks_borne`` weeks in the red, or by a ``hazard`` (1/week) [T6.3]."""
    return 1 if red >= p.red_weeks_borne or u < probability(hazard) else 0


@rule
def relief(age: int, strength: float, effect: float, p: Any) -> float:
    """Return what an incubator takes off an organisation ``age`` weeks old: ``effect`` x strength while it is young."""
    return effect * strength if age < p.incubation_weeks else 0.0


# --- the contest for contracts ---------------------------------------------------------------------------------------


@rule
def ties(weeks_joined: int, p: Any) -> float:
    """Closeness to the committee: t0 + (1 - t0)(1 - e^(-weeks / memory)), grown by taking part [T6.1]."""
    return p.tie_outsider + (1.0 - p.tie_outsider) * probability(weeks_joined / p.tie_weeks)


@rule
def standing(reputation: float, skill: float, closeness: float, p: Any) -> float:
    """Weight of a bidder before its proposal: (reputation x skill x ties)^g [T6.3]."""
    return power(reputation * skill * closeness, p.contest_exponent)


@rule
def bid_spending(rent: float, chance: float, exponent: float) -> float:
    """Yuan spent on a proposal: g V s (1 - s), at which one more yuan wins back one; V (n - 1)/n^2 for n equals [T6.1].

    ``rent``: what the contract leaves to who wins it; ``chance``: own share s of the weights.
    """
    return exponent * rent * chance * (1.0 - chance)


@rule
def contest_weight(own_standing: float, spending: float, exponent: float) -> float:
    """Weight with which a bid wins: standing x spending^g; nothing spent weighs nothing [T6.1]."""
    return own_standing * power(spending, exponent) if spending > 0.0 else 0.0


@rule
def expected_value(rent: float, fit: float, chance: float, spending: float) -> float:
    """Yuan that a bid is worth: rent x share that there are hands for x chance - spending."""
    return rent * fit * chance - spending


# --- work, pay and what follows --------------------------------------------------------------------------------------


@rule
def paid_effort(public_share: float, tied: float, p: Any) -> float:
    """Share of working time that goes to contracts, by the power rule of T5.1: mission drift [T6.3].

    Weights: public share of income x (duty + (1 - duty) tied) for contracts, the rest for the own mission. ``tied``:
    how far pay hangs on the result.
    """
    weight = public_share * (p.contract_duty + (1.0 - p.contract_duty) * tied)
    return effort_share(weight, 1.0 - weight, p.ngo_returns)


@rule
def result(delivered: float, skill: float, p: Any) -> float:
    """Result of a project on [0, 1]: share delivered x (1 - weight of quality x (1 - skill))."""
    return delivered * (1.0 - p.quality_weight * (1.0 - skill))


@rule
def pay_earned(tied: float, score: float, standard: float) -> float:
    """Share of a contract's value that is paid in the end: 1 - tied (1 - score/standard), at most 1 [T4.3]."""
    return 1.0 - tied * max(0.0, 1.0 - score / standard)


@rule
def skill_after(skill: float, slots: float, p: Any) -> float:
    """Skill in a class after a week: + learning x slots x (1 - skill) - forgetting x skill, never below a founder's."""
    return max(p.founding_skill, skill + p.ngo_learning * slots * (1.0 - skill) - p.ngo_forgetting * skill)


@rule
def size_after(size: float, income: float, cash: float, p: Any) -> float:
    """Size after a week: paid staff comes and goes towards what money allows; volunteers stay [T6.1: dependence].

    Allowed: income + (cash - reserve)/buffer a week, the reserve so many weeks of its costs: a buffer stock.
    """
    spare = (cash - p.ngo_reserve * running_costs(size, p)) / p.buffer_weeks
    carried = p.volunteer_core + max(0.0, income + spare) / p.ngo_costs
    return max(p.volunteer_core, size + p.size_pace * (carried - size))
