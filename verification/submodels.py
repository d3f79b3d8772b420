"""Submodels taken apart: with every coupling cut each lives as it does alone (check X2)."""

from collections.abc import Collection, Iterator

from ..agents.warning import EmergencyKind
from ..model import CommunityModel, couplings, parameters
from ..model.district import EmergencyEvent, PolicyPath, small_district
from ..model.levers import Setting
from ..model.schedule import PROCESSES
from .check import Row, check, exact, require

FIRST = -1000  # a week before any warm-up

# The levers in force, who lives there, the units and their heads are the stage on which all play: in every run.
STAGE = frozenset({"policies", "rollout", "heads", "mobility"})
SUBMODELS = {
    "participation": {"participation"},
    "grievances": {"issues", "ladder"},
    "money": {"funding"},
    "collective projects": {"projects"},
    "property": {"property"},
    "services": {"surveys", "services"},
    "rooms": {"facilities"},
    "staff": {"effort"},
    "organisations": {"organisations"},
    "platform": {"platform"},
    "awareness": {"outreach"},
    "attitudes and ties": {"attitudes", "ties"},
    "emergencies": {"emergencies"},
}
BUSY = {  # a plan under which every submodel has something to do
    "unit_coverage": 1.0,
    "unit_activities": 2.0,
    "unit_deliberations": 1.0,
    "home_visits": 1.0,
    "head_subsidy": 200.0,
    "head_performance_pay": 100.0,
    "activity_budget": 100.0,
    "platform_modules": 3.0,
    "activities_online": 0.3,
    "publicity": 0.02,
    "ngo_contracting": 1.0,
    "firm_agreements": 1.0,
    "donation_drive": 1.0,
    "elder_training": 2.0,
    "points_reward": 5.0,
    "resource_swap": 0.5,
    "project_initiative": 20.0,
    "project_deliberation": 0.5,
    "need_surveys": 4.0,
    "survey_channel": 0.5,
    "space_sharing": 0.5,
    "assisted_use": 0.5,
    "online_only": 0.5,
    "sensors": 0.5,
    "data_sharing": 0.5,
    "third_party_evaluation": 0.5,
    "venture_grants": 1.0,
    "ngo_incubation": 0.5,
    "firm_incentive": 300.0,
    "influx": 2.0,
}

# What one process writes down of what happened in another.
MESSAGES = frozenset(
    {
        "residents.contacts",
        "residents.head_tie",
        "residents.neighbour_contribution",
        "residents.neighbour_performance",
        "residents.neighbour_trust",
        "residents.peer_share",
        "residents.peers_adopted",
        "residents.peers_aware",
        "households.outcome",
        "households.outcome_level",
        "households.fairness",
        "units.month_activities",
        "delivery.unmet",
        "flows.fiscal_spending",
        "rooms.upkeep",
        "points.issued",
        "points.held",
        "points.expired",
    }
)

type State = dict[str, bytes]


@check("X2", "with every coupling cut, each submodel lives as it does alone")
def submodels_apart(weeks: int = 30, communities: int = 2, households: int = 60, seed: int = 3) -> Iterator[Row]:
    """A district with a busy plan and a storm lives ``weeks`` weeks whole with every coupling cut, and once for each
    submodel with no process but its own.

    The columns of state that a submodel writes, and no other, hold the same bytes in both. The levers, the residents,
    the units in force and their heads (policies, mobility, rollout, heads) stand in every run: they are the stage.
    """
    require(weeks >= 10, "X2 needs at least 10 weeks")
    require(min(communities, households) >= 2, "X2 needs at least 2 communities and 2 households")
    stage = lived(STAGE, weeks, communities, households, seed)
    whole = lived(PROCESSES, weeks, communities, households, seed)
    alone = {name: lived(STAGE | own, weeks, communities, households, seed) for name, own in SUBMODELS.items()}
    written = {name: {k for k in state if state[k] != stage[k]} - MESSAGES for name, state in alone.items()}
    for name, state in alone.items():
        others = set[str]().union(*(keys for other, keys in written.items() if other != name))
        own = written[name] - others
        require(len(own) > 0, f"{name} has nothing to do in this district: give more households or weeks")
        yield exact(f"{name}: of {len(own)} columns, differ", 0, sum(state[key] != whole[key] for key in own))
    touched = MESSAGES.union(*written.values())
    changed = [key for key in stage if key not in touched and whole[key] != stage[key]]
    yield exact(f"stage: of {len(stage) - len(touched)} columns, differ", 0, len(changed))


def lived(
    processes: Collection[str],
    weeks: int,
    communities: int,
    households: int,
    seed: int,
    cut: Collection[str] | None = None,
) -> State:
    """State of every column after ``weeks`` weeks with these ``processes`` and the couplings ``cut`` (default: all)."""
    settings = [Setting(FIRST, c, lever, value) for c in range(communities) for lever, value in BUSY.items()]
    start = -round(parameters.defaults()["warmup_weeks"])
    storm = EmergencyEvent(EmergencyKind.RAINSTORM, start + weeks // 3, 0.8, tuple(range(communities)), 60.0)
    model = CommunityModel(
        small_district(households, communities),
        seed=seed,
        settings=settings,
        events=(storm,),
        paths=[PolicyPath(start + 3)] * communities,
        off=set(PROCESSES) - set(processes),
        cut=couplings.catalogue() if cut is None else cut,
    )
    model.run(until=model.week + weeks)
    return {
        f"{name}.{field}": column.tobytes()
        for name, table in model.tables().items()
        for field, column in zip(table._fields, table, strict=True)
    }
