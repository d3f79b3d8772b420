"""Observables: named measures with written definitions. Milestones, comparisons and calibration see nothing else.

An observable is a function of a :class:`View` (the recorded sums of one area and group through the weeks); its
docstring is its definition. Windows end with the week they are given for; ``year`` means the past 52 weeks, ``quarter`` the past 13.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .calendar import WEEKS_A_YEAR

type Series = NDArray[np.float64]

YEAR, QUARTER = 52, 13
HOURS_A_DAY = 24.0
MONTHS_A_QUARTER = 3.0
ROLLED_OUT = 0.8  # share of households in units in force from which a community counts as reached


class ObservableError(ValueError):
    """An observable that does not exist."""


class View:
    """Recorded sums of one area (a set of communities) and one group of residents.

    Every method returns a float64 array with one value a recorded week.
    """

    def __init__(self, data: xr.Dataset, group: str, area: Series) -> None:
        self.data = data
        self.group = group
        self.area = area  # (week, community) weights 0 or 1
        self.weeks: NDArray[np.int64] = data["week"].to_numpy()

    def by_community(self, name: str) -> Series:
        """Values by week and community, communities outside the area at zero."""
        variable = self.data[name]
        values = variable.sel(group=self.group) if "group" in variable.dims else variable
        return np.where(self.area > 0, values.to_numpy(), 0.0)

    def now(self, name: str) -> Series:
        """Sum over the area this week."""
        return self.by_community(name).sum(axis=1)

    def window(self, name: str, weeks: int) -> Series:
        """Sum over the area and the past ``weeks`` weeks (fewer where the record starts later)."""
        total = np.concatenate([[0.0], np.cumsum(self.now(name))])
        stop = np.arange(1, len(total))
        return total[stop] - total[np.maximum(0, stop - weeks)]

    def year(self, name: str) -> Series:
        """Sum over the past year."""
        return self.window(name, YEAR)

    def quarter(self, name: str) -> Series:
        """Sum over the past quarter."""
        return self.window(name, QUARTER)

    def since_start(self, name: str) -> Series:
        """Sum since the plan began (zero during warm-up)."""
        return np.cumsum(np.where(self.weeks >= 0, self.now(name), 0.0))


@dataclass(frozen=True)
class Observable:
    """A named measure: its unit, label, definition, source, and whether groups of residents differ in it."""

    name: str
    unit: str
    label: str
    definition: str
    source: str
    by_group: bool
    low: float | None
    high: float | None
    compute: Callable[[View], Series]


_catalogue: dict[str, Observable] = {}


def _observable(
    unit: str, label: str, source: str, *, by_group: bool = False
) -> Callable[[Callable[[View], Series]], Callable[[View], Series]]:
    """Enter the decorated function into the catalogue; its docstring is the definition."""

    def register(function: Callable[[View], Series]) -> Callable[[View], Series]:
        high = 1.0 if unit == "share" else None
        definition = " ".join((function.__doc__ or "").split())
        _catalogue[function.__name__] = Observable(
            function.__name__, unit, label, definition, source, by_group, 0.0, high, function
        )
        return function

    return register


def catalogue() -> Mapping[str, Observable]:
    """All observables by name."""
    return _catalogue


def find(name: str) -> Observable:
    """Look up the observable called ``name``; raises ObservableError with the nearest names."""
    if name not in _catalogue:
        near = get_close_matches(name, _catalogue, n=3)
        hint = f" Did you mean {', '.join(near)}?" if near else " `shequ list observables` shows all."
        message = f"there is no observable {name!r}.{hint}"
        raise ObservableError(message)
    return _catalogue[name]


def _ratio(upper: Series, lower: Series) -> Series:
    """Return upper / lower, not-a-number where the lower is zero."""
    return np.divide(upper, lower, out=np.full_like(upper, np.nan), where=lower > 0)


def evaluate(data: xr.Dataset, areas: Mapping[str, Series] | None = None) -> xr.Dataset:
    """Every observable of a recorded run: dimensions week and group.

    ``data`` comes from ``Recorder.dataset()``. Groups are ``all`` and the groups of residents over the whole district,
    then one entry for each of ``areas`` (name -> weights of shape (week, community)) with all its residents.
    Observables that do not tell groups of residents apart are not-a-number in them.
    """
    whole = np.ones((data.sizes["week"], data.sizes["community"]))
    resident_groups = [str(g) for g in data["group"].to_numpy()]
    places: dict[str, Series] = dict(areas or {})
    labels = [*resident_groups, *places]
    views = [View(data, group, whole) for group in resident_groups]
    views += [View(data, "all", area) for area in places.values()]
    variables: dict[str, Any] = {}
    for observable in _catalogue.values():
        columns: list[Series] = []
        for label, view in zip(labels, views, strict=True):
            tells = observable.by_group or label not in resident_groups[1:]
            columns.append(observable.compute(view) if tells else np.full(data.sizes["week"], np.nan))
        attributes = {
            "units": observable.unit,
            "long_name": observable.label,
            "definition": observable.definition,
            "source": observable.source,
        }
        variables[observable.name] = (("week", "group"), np.stack(columns, axis=1), attributes)
    return xr.Dataset(variables, coords={"week": data["week"], "group": labels})


# --- participation ---------------------------------------------------------------------------------------------------


@_observable("share", "participation", "ten_household-037", by_group=True)
def participation_rate(v: View) -> Series:
    """Share of residents of participation age who took part in a unit activity, a deliberation (in person or online)
    or volunteering at least once in the past 52 weeks; votes do not count.
    """
    return _ratio(v.now("participants"), v.now("residents"))


@_observable("share", "participation in unit activities", "ten_household-147", by_group=True)
def unit_activity_participation_rate(v: View) -> Series:
    """Share of residents of participation age who attended a unit activity or festival in the past 52 weeks."""
    return _ratio(v.now("activity_participants"), v.now("residents"))


@_observable("share", "participation in decisions", "standardization-098", by_group=True)
def decision_participation_rate(v: View) -> Series:
    """Share of residents of participation age who attended a deliberation in person in the past 52 weeks."""
    return _ratio(v.now("council_participants"), v.now("residents"))


@_observable("share", "volunteering", "T1.2", by_group=True)
def volunteering_rate(v: View) -> Series:
    """Share of residents of participation age who volunteered in the past 52 weeks."""
    return _ratio(v.now("volunteers"), v.now("residents"))


@_observable("share", "online participation", "T1.2", by_group=True)
def online_participation_rate(v: View) -> Series:
    """Share of residents of participation age who deliberated online in the past 52 weeks."""
    return _ratio(v.now("online_participants"), v.now("residents"))


@_observable("1/year", "events per resident", "four_creations-075", by_group=True)
def participation_events_per_year(v: View) -> Series:
    """Single acts of the past 52 weeks (votes left out) per resident of participation age."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return _ratio(v.year("acts") * YEAR / weeks, v.now("residents"))


@_observable("share", "platform use", "ten_household-093", by_group=True)
def online_platform_use_rate(v: View) -> Series:
    """Share of residents of participation age who are on the community platform."""
    return _ratio(v.now("adopted"), v.now("residents"))


@_observable("share", "awareness of units", "ten_household-062", by_group=True)
def awareness_rate(v: View) -> Series:
    """Share of residents of participation age who know what ten-household units are for."""
    return _ratio(v.now("aware"), v.now("residents"))


@_observable("share", "digital skill of elders", "ten_household-096")
def elderly_digital_skill_rate(v: View) -> Series:
    """Share of residents of 60 and over whose digital skill reaches the level of 'handles a smartphone well'."""
    elders = View(v.data, "elderly", v.area)
    return _ratio(elders.now("skilled"), elders.now("residents"))


# --- attitudes and ties ----------------------------------------------------------------------------------------------


@_observable("share", "satisfied residents", "ten_household-155", by_group=True)
def satisfaction_rate(v: View) -> Series:
    """Share of residents of participation age whose satisfaction with community governance reaches 'satisfied'."""
    return _ratio(v.now("satisfied"), v.now("residents"))


@_observable("share", "trust in the committee", "T8.3", by_group=True)
def trust_committee(v: View) -> Series:
    """Mean trust in the residents' committee, on [0, 1]."""
    return _ratio(v.now("trust_committee"), v.now("residents"))


@_observable("share", "external efficacy", "T8.3", by_group=True)
def efficacy(v: View) -> Series:
    """Mean external efficacy, on [0, 1]."""
    return _ratio(v.now("efficacy"), v.now("residents"))


@_observable("share", "sense of community", "T8.3", by_group=True)
def sense_of_community(v: View) -> Series:
    """Mean sense of community, on [0, 1]."""
    return _ratio(v.now("sense_of_community"), v.now("residents"))


@_observable("share", "do not know their neighbours", "ten_household-012", by_group=True)
def neighbour_unknown_share(v: View) -> Series:
    """Share of residents of participation age who know none of their door neighbours."""
    return _ratio(v.now("strangers"), v.now("residents"))


# --- issues ----------------------------------------------------------------------------------------------------------


@_observable("1/year", "claims per resident", "T2.2")
def claims_per_person_year(v: View) -> Series:
    """Issues claimed in the past 52 weeks per resident of participation age."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return _ratio(v.year("claims") * WEEKS_A_YEAR / weeks, v.now("residents"))


@_observable("share", "grievances not claimed", "T2.1")
def unclaimed_share(v: View) -> Series:
    """Share of perceived grievances of the past quarter that were never claimed."""
    return _ratio(v.quarter("lumped"), v.quarter("grievances"))


@_observable("share", "first-contact resolution", "T2.2")
def first_contact_share(v: View) -> Series:
    """Share of issues solved in the past 52 weeks that were solved by whoever took them up first."""
    solved = sum((v.year(f"resolved_{k}") for k in range(1, 5)), start=np.zeros(len(v.weeks)))
    return _ratio(v.year("resolved_first"), solved)


@_observable("h", "response time", "ten_household-149")
def response_time_hours(v: View) -> Series:
    """Mean time from a claim to the moment somebody takes it up, over issues taken up in the past quarter."""
    return _ratio(v.quarter("response_hours"), v.quarter("responses"))


@_observable("day", "resolution time", "T2.2")
def resolution_time_days(v: View) -> Series:
    """Mean time from a claim to its solution, over issues solved in the past quarter."""
    solved = sum((v.quarter(f"resolved_{k}") for k in range(1, 5)), start=np.zeros(len(v.weeks)))
    return _ratio(v.quarter("resolution_hours"), solved) / HOURS_A_DAY


@_observable("share", "answered late", "standardization-105")
def late_response_share(v: View) -> Series:
    """Share of issues taken up in the past quarter that had waited more than ten days."""
    return _ratio(v.quarter("late_responses"), v.quarter("responses"))


@_observable("share", "unresolved after a month", "standardization-106")
def unresolved_share(v: View) -> Series:
    """Issues that turned 30 days old unsolved in the past 52 weeks, as a share of claims."""
    return _ratio(v.year("open_month"), v.year("claims"))


@_observable("share", "repeat issues", "T2.2")
def repeat_share(v: View) -> Series:
    """Issues that came back in the past 52 weeks, as a share of new and repeated ones together."""
    return _ratio(v.year("repeats"), v.year("claims") + v.year("repeats"))


@_observable("share", "mediation success", "ten_household-148")
def mediation_success_rate(v: View) -> Series:
    """Share of neighbour disputes closed in the past 52 weeks that were settled."""
    return _ratio(v.year("disputes_settled"), v.year("disputes_closed"))


# --- services --------------------------------------------------------------------------------------------------------


@_observable("share", "service mismatch", "ten_household-033")
def service_mismatch_rate(v: View) -> Series:
    """Share of service requests of the past quarter that supply missed."""
    return 1.0 - _ratio(v.quarter("requests_met"), v.quarter("requests"))


@_observable("share", "idle services", "ten_household-084")
def facility_idle_rate(v: View) -> Series:
    """Share of service slots of the past quarter that nobody used."""
    return 1.0 - _ratio(v.quarter("slots_used"), v.quarter("slots"))


# --- heads and units -------------------------------------------------------------------------------------------------


@_observable("share", "heads who leave in a year", "ten_household-066")
def head_attrition_rate(v: View) -> Series:
    """Heads who left in the past 52 weeks per head in office (mean of the window)."""
    weeks = np.minimum(np.arange(1, len(v.weeks) + 1), YEAR)
    return _ratio(v.year("head_exits") * YEAR / weeks, v.year("heads") / weeks)


@_observable("share", "units without a head", "T3.3")
def head_vacancy_rate(v: View) -> Series:
    """Share of units in force without a head."""
    return 1.0 - _ratio(v.now("heads"), v.now("units_in_force"))


@_observable("share", "heads on duty", "ten_household-107")
def head_duty_rate(v: View) -> Series:
    """Share of head-weeks of the past quarter in which the head carried out the duties."""
    return _ratio(v.quarter("heads_on_duty"), v.quarter("heads"))


@_observable("share", "burnout of heads", "T3.3")
def head_burnout(v: View) -> Series:
    """Mean burnout of heads in office, on [0, 1]."""
    return _ratio(v.now("burnout"), v.now("heads"))


@_observable("share", "overloaded heads", "T3.3")
def head_overload_share(v: View) -> Series:
    """Share of heads whose load exceeds the hours they can give."""
    return _ratio(v.now("overloaded_heads"), v.now("heads"))


@_observable("share", "heads trained within a year", "ten_household-115")
def head_training_coverage(v: View) -> Series:
    """Share of heads in office trained in the past 52 weeks."""
    return _ratio(v.now("heads_trained"), v.now("heads"))


@_observable("event", "head trainings so far", "ten_household-143")
def head_trainings_total(v: View) -> Series:
    """Trainings attended by heads since the plan began."""
    return v.since_start("head_trainings")


@_observable("share", "households in units", "ten_household-104")
def unit_coverage(v: View) -> Series:
    """Share of households that belong to a unit in force."""
    return _ratio(v.now("covered_households"), v.now("households"))


@_observable("share", "communities reached", "ten_household-141")
def community_rollout_share(v: View) -> Series:
    """Share of communities in which at least four households in five belong to a unit in force."""
    covered = v.by_community("covered_households") >= ROLLED_OUT * v.by_community("households")
    inside = v.area > 0
    return _ratio((covered & inside).sum(axis=1).astype(np.float64), inside.sum(axis=1).astype(np.float64))


@_observable("1/month", "activities per unit", "ten_household-113")
def activities_per_month(v: View) -> Series:
    """Unit activities held per unit in force and month, over the past quarter."""
    return _ratio(v.quarter("activities_held"), v.quarter("units_in_force") / QUARTER) / MONTHS_A_QUARTER


@_observable("event", "unit activities so far", "ten_household-144")
def unit_activities_total(v: View) -> Series:
    """Unit activities held since the plan began."""
    return v.since_start("activities_held")


@_observable("share", "activities organised online", "ten_household-126")
def online_activity_organisation_rate(v: View) -> Series:
    """Share of unit activities of the past quarter that were organised online."""
    return _ratio(v.quarter("activities_online"), v.quarter("activities_held"))


# --- staff, money, organisations -------------------------------------------------------------------------------------


@_observable("share", "staff time on reports", "ten_household-026")
def reporting_time_share(v: View) -> Series:
    """Share of committee working time spent on forms and reports in the past quarter."""
    return _ratio(v.quarter("reporting_minutes"), v.quarter("staff_minutes"))


@_observable("share", "staff time on residents", "ten_household-027")
def service_time_share(v: View) -> Series:
    """Share of committee working time that reached residents directly in the past quarter."""
    return _ratio(v.quarter("service_minutes"), v.quarter("staff_minutes"))


@_observable("share", "social money", "ten_household-125")
def social_fund_share(v: View) -> Series:
    """Share of the communities' income of the past 52 weeks that came from donations and markets."""
    return _ratio(v.year("social_income"), v.year("social_income") + v.year("fiscal_income"))


@_observable("ratio", "growth of funds", "ten_household-124")
def fund_growth_rate(v: View) -> Series:
    """Income of the communities in the past 52 weeks relative to the 52 weeks before, minus one."""
    income = v.year("social_income") + v.year("fiscal_income")
    before = np.concatenate([np.zeros(min(YEAR, len(income))), income[:-YEAR]])
    return _ratio(income - before, before)


@_observable("share", "head pay that arrives", "ten_household-173")
def subsidy_paid_share(v: View) -> Series:
    """Pay received by heads as a share of pay promised, over the past quarter."""
    return _ratio(v.quarter("subsidies_paid"), v.quarter("subsidies_due"))


@_observable("share", "firms and NGOs taking part", "ten_household-119")
def social_force_participation_rate(v: View) -> Series:
    """Share of the firms and NGOs around the communities that take part in the units' work."""
    return _ratio(v.now("organisations_joined"), v.now("organisations"))
