"""What the public and the charity funds paid for each community this week, read from the ledger.

Public money is that of the district, of the committee's ordinary account, of the unit fund, of departments' programmes
and of the escrow of service projects. It counts when it leaves them: money that moves between them, or waits in one of
them, is not yet spent.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ledger import Ledger, Purpose, Sector

PURSES = (Sector.COMMUNITY, Sector.UNIT_FUND, Sector.PROGRAMMES)  # public money that stands in the books of a community
BY_THE_DISTRICT = {  # purposes for which the district pays beyond the purses: who in the community receives it
    Purpose.PROJECT_SUBSIDY: Sector.PROJECTS,
    Purpose.SERVICE_PROJECT: Sector.NGOS,
    Purpose.FIRM_INCENTIVE: Sector.FIRMS,
}
FROM_OUTSIDE = Purpose.FALLBACK_SERVICE  # the subdistrict pays, which has no account of its own
BETWEEN_PURSES = (
    Purpose.ORDINARY_BUDGET,
    Purpose.APPROPRIATION,
    Purpose.RELEASE,
    Purpose.PROGRAMME,
    Purpose.CARRY_BACK,
)
GIFTS = (Purpose.DONATION, Purpose.MARKET_INCOME, Purpose.NGO_CAPITAL)  # what comes into a charity fund
SPENDING = np.array([purpose not in BETWEEN_PURSES for purpose in Purpose], np.int64)  # 1 or 0 a purpose
GIVING = np.array([purpose not in GIFTS for purpose in Purpose], np.int64)


def outlays(ledger: Ledger, communities: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Public money and charity money paid out this week, in fen, one value a community."""
    week: Any = ledger.book.week.reshape(len(ledger.purposes), ledger.places, -1)[:, :communities]
    public = -week[FROM_OUTSIDE, :, Sector.WORLD]
    for purse in PURSES:
        public -= SPENDING @ week[:, :, purse]
    for purpose, payee in BY_THE_DISTRICT.items():
        public += week[purpose, :, payee]
    return public, -(GIVING @ week[:, :, Sector.CHARITY])
