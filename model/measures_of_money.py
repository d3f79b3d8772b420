"""The named measures of money spent; see :mod:`shequ.model.measures`."""

from .observables import Series, View, observable

FEN_A_YUAN = 100.0


@observable("CNY", "public money spent so far", "T4.1")
def public_spending_total(v: View) -> Series:
    """Public money paid out since the plan began, by the district, committees and unit funds; what waits in an account
    is not spent.
    """
    return v.since_start("public_outlay") / FEN_A_YUAN


@observable("CNY", "charity money spent so far", "T4.1")
def charity_spending_total(v: View) -> Series:
    """Money that the communities' charity funds paid out since the plan began."""
    return v.since_start("charity_outlay") / FEN_A_YUAN
