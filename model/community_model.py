"""The model: a Mesa model whose state is columns and whose week is one ordered list of processes."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

import mesa
import numpy as np
from mesa.agent import AgentSet

from .. import agents
from ..agents.columns import copy_of
from ..agents.view import AgentView, python_row
from . import audit, couplings, draws, parameters, population, schedule
from .calendar import Calendar
from .district import Appropriation, DistrictSpec, EmergencyEvent, PolicyPath
from .flows import Flows
from .funds import Funds
from .handover import take_over
from .homes import Dwellings, Lives
from .hours import Credits, Hours
from .ledger import Ledger
from .levers import LeverSchedule, Setting
from .programmes import Programmes
from .projects import Ballots, ProjectFlows, ProjectRows, Projects
from .queues import Nodes, Servers
from .service_projects import Delivery, ServiceProjects, Skills
from .stocks import Stores
from .structure import Communities, Emergencies, Issues, Supply, Ties
from .triggers import Trigger, Watch

if TYPE_CHECKING:
    from .processes.facilities import Rooms
    from .processes.platform import Platforms
    from .processes.policies import Paths
    from .processes.surveys import Surveys
    from .recorder import Recorder

type Engine = Literal["compiled", "agents"]

AGENT_TYPES: tuple[type[AgentView], ...] = (
    agents.Resident,
    agents.Household,
    agents.UnitHead,
    agents.ResidentsCommittee,
    agents.CommunityWorker,
    agents.SubdistrictOffice,
    agents.Department,
    agents.NGO,
    agents.Firm,
    agents.PropertyCompany,
    agents.OwnersCommittee,
    agents.FeePayer,
)


class CommunityModel(mesa.Model[Any, Any] if TYPE_CHECKING else mesa.Model):
    """A district of communities, run week by week.

    ``engine`` is ``compiled`` (kernels loop over columns) or ``agents`` (Mesa agents decide one by one); both give the
    same bytes. ``settings`` move levers; ``budget`` promises money; ``paths`` say how the policy behind settings comes
    to each community (none: settings act as they are); ``events`` are emergencies that strike; ``triggers`` watch
    observables and move levers; ``off`` names processes that do not run, ``cut`` couplings that do not act (see
    :mod:`shequ.model.couplings`); ``agent_types`` replaces a kind of agent by a subclass of it, whose overridden
    decisions then run agent by agent. With ``warm``, a model of the same world at the end of its warm-up, this one goes
    on from there (see :mod:`shequ.model.handover`). With ``looks`` the recorder looks at residents in no other weeks.
    """

    communities: Communities
    residents: agents.Residents
    households: agents.Households
    dwellings: Dwellings
    lives: Lives
    profile: Any  # what the archetype of each community says of its people, one record a community
    units: agents.Units
    committees: agents.Committees
    workers: agents.CommunityWorkers
    subdistricts: agents.Subdistricts
    departments: agents.Departments
    organisations: agents.Organisations
    skills: Skills
    service_projects: ServiceProjects
    delivery: Delivery
    property_companies: agents.PropertyCompanies
    owners_committees: agents.OwnersCommittees
    fee_payers: agents.FeePayers
    ties: Ties
    issues: Issues
    nodes: Nodes
    servers: Servers
    flows: Flows
    ledger: Ledger
    funds: Funds
    hours: Hours
    points: Credits
    time_bank: Credits
    supply: Supply
    programmes: Programmes
    surveys: "Surveys"
    rooms: "Rooms"
    platforms: "Platforms"
    paths: "Paths"
    projects: Projects
    project_rows: ProjectRows
    project_flows: ProjectFlows
    ballots: Ballots
    emergencies: Emergencies
    stores: Stores
    recorder: "Recorder"

    def __init__(
        self,
        district: DistrictSpec,
        *,
        seed: int = 0,
        calendar: Calendar | None = None,
        settings: Sequence[Setting] = (),
        budget: Sequence[Appropriation] = (),
        paths: Sequence[PolicyPath] = (),
        events: Sequence[EmergencyEvent] = (),
        triggers: Sequence[Trigger] = (),
        parameter_values: Mapping[str, float] | Sequence[Mapping[str, float]] | None = None,
        engine: Engine = "compiled",
        off: Iterable[str] = (),
        cut: Iterable[str] = (),
        agent_types: Mapping[type[AgentView], type[AgentView]] | None = None,
        warm: "CommunityModel | None" = None,
        looks: Collection[int] | None = None,
    ) -> None:
        super().__init__(rng=seed % 2**63)
        self.district = district
        self.seed = seed
        self.calendar = calendar or Calendar()
        self.engine: Engine = engine
        self.off = schedule.known_processes(tuple(off))
        self.cut = frozenset(cut)
        self.budget = tuple(budget)
        self.policy_paths = tuple(paths)
        self.looks = None if looks is None or triggers else frozenset(looks)  # triggers watch every week
        self.events = tuple(events)
        self.kinds = {kind: (agent_types or {}).get(kind, kind) for kind in AGENT_TYPES}
        self._views: dict[type[AgentView], AgentSet[Any]] = {}
        self._rows: dict[tuple[str, int], Any] = {}

        count = len(district.communities)
        values = parameter_values or parameters.defaults()
        rows = [values] * count if isinstance(values, Mapping) else list(values)
        self.parameters = parameters.table([couplings.without(row, self.cut) for row in rows])
        self.lever_schedule = LeverSchedule(count, list(settings))
        self.levers = self.lever_schedule.now

        self.week = -round(self.parameters["warmup_weeks"][0]) - 1  # the week last finished
        if warm is None:
            population.build(self, room_for_children="mobility" not in self.off)
            schedule.prepare(self)
        else:
            take_over(self, warm)
        schedule.prepare_plan(self)
        self.watch = Watch(triggers, count)

    # --- time ------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Run one week, as listed in :mod:`shequ.model.schedule`."""
        self.week += 1
        self.set_levers()
        schedule.run_week(self)
        self.watch.look(self.week, self.recorder, self.lever_schedule)

    def set_levers(self) -> None:
        """Bring the levers to what is set for this week, also where agents read them."""
        if self.lever_schedule.advance(self.week):
            self.forget_rows()

    def run(self, until: int | None = None) -> "CommunityModel":
        """Run warm-up and plan up to and including week ``until`` (default: the last week of the calendar)."""
        last = self.calendar.weeks - 1 if until is None else until
        while self.week < last:
            self.step()
        return self

    @property
    def unread(self) -> list[str]:
        """Parameters and levers that nothing reads here: of processes that are idle, or of other archetypes."""
        return audit.unread(self.district.archetypes, schedule.idle(self.off, self.events, self.policy_paths))

    # --- decisions -------------------------------------------------------------------------------------------

    def decide(self, kind: type[AgentView], method: str, kernel: Callable[..., Any], *args: Any) -> None:
        """Let every agent of ``kind`` take the decision ``method``.

        The compiled engine calls ``kernel(*args)``, unless the model's type for ``kind`` overrides the method: then,
        as in the agents engine, each agent's own method is called, in row order.
        """
        chosen = self.kinds[kind]
        if self.engine == "compiled" and getattr(chosen, method) is getattr(kind, method):
            kernel(*args)
        else:
            cast("Any", self.views(kind)).do(method)

    def draw(self, community: int, stream: int, key: int, k: int = 0) -> float:
        """Draw number ``k`` of ``key`` (a permanent id) in this week: uniform in (0, 1)."""
        seed = self.communities.seed[community]
        return draws.draw(seed, int(stream), np.int64(self.week), np.uint64(key), k)  # type: ignore[arg-type]

    def parameter_row(self, community: int) -> Any:
        """Parameters of a community, as plain floats."""
        return self._row("parameters", self.parameters, community)

    def lever_row(self, community: int) -> Any:
        """Levers of a community this week, as plain floats."""
        return self._row("levers", self.levers, community)

    def forget_rows(self) -> None:
        """Read rows of levers anew: some have moved."""
        self._rows = {key: row for key, row in self._rows.items() if key[0] != "levers"}

    def _row(self, name: str, table: Any, community: int) -> Any:
        key = (name, community)
        if key not in self._rows or self._rows[key][0] is not table:
            self._rows[key] = (table, python_row(table[community]))
        return self._rows[key][1]

    # --- agents ----------------------------------------------------------------------------------------------

    def views(self, kind: type[AgentView]) -> AgentSet[Any]:
        """All agents of ``kind``, one view a row, in row order; made when first asked for."""
        if kind not in self._views:
            chosen = self.kinds[kind]
            self._views[kind] = AgentSet([chosen(self, row) for row in self._rows_of(kind)], random=self.random)
        return self._views[kind]

    def _rows_of(self, kind: type[AgentView]) -> Iterable[int]:
        if kind is agents.NGO or kind is agents.Firm:
            wanted = int(kind is agents.Firm)
            return [int(row) for row in np.flatnonzero(self.organisations.kind == wanted)]
        return range(len(getattr(self, kind.place)[0]))

    @property
    def agents_by_type(self) -> Any:
        """Mesa's view of the model: every kind of agent with the set of its agents."""
        return {self.kinds[kind]: self.views(kind) for kind in AGENT_TYPES}

    # --- state -----------------------------------------------------------------------------------------------

    TABLES = (
        "communities",
        "residents",
        "households",
        "dwellings",
        "lives",
        "units",
        "committees",
        "workers",
        "subdistricts",
        "departments",
        "organisations",
        "skills",
        "service_projects",
        "delivery",
        "property_companies",
        "owners_committees",
        "fee_payers",
        "ties",
        "issues",
        "nodes",
        "servers",
        "flows",
        "funds",
        "supply",
        "projects",
        "project_rows",
        "project_flows",
        "ballots",
        "surveys",
        "rooms",
        "platforms",
        "emergencies",
        "stores",
        "hours",
        "points",
        "time_bank",
        "programmes",
    )

    def tables(self) -> dict[str, Any]:
        """Every table of state by name (the arrays themselves, not copies)."""
        return {name: getattr(self, name) for name in self.TABLES}

    def snapshot(self) -> dict[str, Any]:
        """Copies of every table of state."""
        return {name: copy_of(table) for name, table in self.tables().items()}
