"""Rules of service requests: who asks for which service, gives up, and how a provider is found.

They belong to :class:`~shequ.agents.household.Household`, whose method ``request_service`` calls them; the kernels in
:mod:`shequ.model.processes.services` call the same rules.
"""

from enum import IntEnum
from typing import Any

from .rules import happens, inlined, rule


class ServiceClass(IntEnum):
    """Classes of service that households need; bit k of ``needs`` stands for class k."""

    ELDERCARE = 0
    CHILDCARE = 1
    MEDIATION = 2
    HEALTH = 3
    CULTURE = 4


CLASSES = len(ServiceClass)
NO_REQUEST = 255


@inlined
def need_count(needs: int) -> int:
    """Count the classes of service in the bits of ``needs``."""
    count = 0
    for k in range(CLASSES):
        count += needs >> k & 1
    return count


@rule
def need_at(needs: int, place: int) -> int:
    """Class of the needed service number ``place``, counted from 0."""
    for k in range(CLASSES):
        if needs >> k & 1 == 1:
            if place == 0:
                return k
            place -= 1
    return NO_REQUEST


@rule
def ask_for_service(needs: int, u_ask: float, u_class: float, p: Any) -> int:
    """Class of service asked for this week, NO_REQUEST for none.

    Each need gives rise to requests at ``request_rate`` a week, so P(ask) = 1 - exp(-rate * needs), and each need is
    equally likely to be the one. [T4.3; shares of needs: ten_household-028 to 030]
    """
    count = need_count(needs)
    if not happens(u_ask, p.request_rate * count):
        return NO_REQUEST
    return need_at(needs, int(u_class * count))


@rule
def next_request(
    request: int, waiting: int, served: int, needs: int, draws: tuple[float, float, float, float], p: Any
) -> tuple[int, int]:
    """Request and weeks waited of this week.

    An unmet request of last week is given up with probability 1 - exp(-giveup_rate), else it waits a week more; who has
    no open request may raise one. [T4.3]
    """
    if request != NO_REQUEST and served == 0:
        if happens(draws[0], p.giveup_rate):
            return NO_REQUEST, 0
        return request, waiting + 1
    return ask_for_service(needs, draws[1], draws[2], p), 0


@rule
def ordered_from_list(u: float, has_head: bool, menu_ordering: float, resource_list: float) -> bool:
    """Whether a request is ordered by the unit head from the resource list: needs a head, P = ordering * list.

    Otherwise the household looks for a provider by itself. [ten_household-123, ten_household-185]
    """
    return has_head and u < menu_ordering * resource_list


@rule
def first_provider(u: float, providers: int) -> int:
    """Choose the provider that a household turns to first: any, for it does not know who has room.

    Without a list it tries no other: urn-ball search (Butters 1977). [T4.1, check R4]
    """
    return int(u * providers)
