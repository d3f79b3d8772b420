"""Rules of giving: when residents and firms give money to the charity fund, and when firms rent sites.

They belong to :class:`~shequ.agents.resident.Resident` and :class:`~shequ.agents.firm.Firm`; the kernels in
:mod:`shequ.model.processes.funding` call the same rules. Amounts are in integer fen.
"""

from typing import Any

from .rules import inlined, log, logistic, rule

FEN = 100.0  # fen in a yuan
CONDITIONAL_COOPERATOR, FREE_RIDER = 0, 1  # see Residents.contributor


@rule
def amount_given(u: float, mean: float) -> int:
    """Amount in fen: exponential with ``mean`` yuan, for small gifts are many and large ones few."""
    return int(FEN * mean * -log(u) + 0.5)


@inlined
def gives(
    trust: float,
    satisfaction: float,
    belief: float,
    contributor: int,
    appeal: float,
    disclosure: float,
    u: float,
    p: Any,
) -> bool:
    """Whether draw u makes a resident give this month; ``amount_given`` with ``gift_size`` says how much.

    P(give) = L(b0 + bT trust + bS satisfaction + bB belief + bA appeal + bD disclosure). Belief in others'
    contributions counts for conditional cooperators alone, and free riders give nothing. [T4.1 donations, T1.1 types]
    """
    logit = p.gift_base + p.gift_trust * trust + p.gift_satisfaction * satisfaction
    logit += p.gift_appeal * appeal + p.gift_disclosure * disclosure
    logit += p.gift_belief * (belief if contributor == CONDITIONAL_COOPERATOR else 0.0)
    return contributor != FREE_RIDER and u < logistic(logit)


@rule
def firm_gift(joined: int, size: float, appeal: float, u_give: float, u_amount: float, p: Any) -> int:
    """Gift of a firm this month, in fen: firms that take part give with P = L(b0 + bA appeal), in proportion to size.

    [ten_household-217, ten_household-077]
    """
    if joined == 0 or u_give >= logistic(p.firm_gift_base + p.firm_gift_appeal * appeal):
        return 0
    return amount_given(u_amount, p.firm_gift_size * size)


@rule
def firm_fee(active: int, joined: int, size: float, swap: float, u: float, p: Any) -> int:
    """Fee of a firm this month for a site or advertising space, in fen: P(deal) = swap * deal share.

    A firm that does not take part in the units' work strikes fewer deals, by ``swap_outsider``; premises that stand
    empty strike none (``swap_empty``). [ten_household-125, ten_household-219]
    """
    chance = p.swap_deals * swap
    if active == 0:
        chance = chance * p.swap_empty
    elif joined == 0:
        chance = chance * p.swap_outsider
    return int(FEN * p.swap_fee * size + 0.5) if u < chance else 0
