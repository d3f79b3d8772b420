"""Flows of the week: counters by community that processes add to and the recorder reads; zero as a week begins."""

from typing import Annotated, NamedTuple

from ..agents.columns import F64, I64, Column


class Flows(NamedTuple):
    """One row a community; every column counts what happened this week."""

    # issues (T2): generated = lumped + claimed, and what becomes of claims
    open_before: Annotated[I64, Column("issue", "issues open as the week began", "T2.3", 0)]
    grievances: Annotated[I64, Column("issue", "grievances perceived", "T2.3", 0)]
    lumped: Annotated[I64, Column("issue", "of these, not claimed", "T2.3", 0)]
    claims: Annotated[I64, Column("issue", "of these, claimed: new issues on the ladder", "T2.3", 0)]
    grieved: Annotated[I64, Column("household", "households with a grievance", "T7.3", 0)]
    grieved_elders: Annotated[I64, Column("household", "of these, where somebody of 60 or over speaks", "T7.3", 0)]
    excluded: Annotated[I64, Column("household", "with a grievance, but no path to claim it", "T7.3", 0)]
    excluded_elders: Annotated[I64, Column("household", "of these, where an elder speaks", "T7.3", 0)]
    assisted: Annotated[I64, Column("household", "who claimed online through somebody else", "T7.3", 0)]
    repeats: Annotated[I64, Column("issue", "issues that came back after a bad outcome", "T2.3", 0)]
    entered_1: Annotated[I64, Column("issue", "issues that reached a unit head", "T2.3", 0)]
    entered_2: Annotated[I64, Column("issue", "issues that reached a grid worker", "T2.3", 0)]
    entered_3: Annotated[I64, Column("issue", "issues that reached the community council", "T2.3", 0)]
    entered_4: Annotated[I64, Column("issue", "issues that reached subdistrict or department", "T2.3", 0)]
    resolved_1: Annotated[I64, Column("issue", "resolved by unit heads", "T2.3", 0)]
    resolved_2: Annotated[I64, Column("issue", "resolved by grid workers", "T2.3", 0)]
    resolved_3: Annotated[I64, Column("issue", "resolved by the council", "T2.3", 0)]
    resolved_4: Annotated[I64, Column("issue", "resolved by subdistrict or department", "T2.3", 0)]
    resolved_first: Annotated[I64, Column("issue", "resolved by whoever took them up first", "T2.2", 0)]
    failed: Annotated[I64, Column("issue", "closed without a solution", "T2.3", 0)]
    abandoned: Annotated[I64, Column("issue", "given up while waiting", "T2.3", 0)]
    withdrawn: Annotated[I64, Column("issue", "withdrawn for other reasons", "T2.3", 0)]
    disputes_closed: Annotated[I64, Column("issue", "neighbour disputes closed", "ten_household-148", 0)]
    disputes_settled: Annotated[I64, Column("issue", "of these, settled by mediation", "ten_household-148", 0)]
    responses: Annotated[I64, Column("issue", "issues first taken up this week", "ten_household-149", 0)]
    response_hours: Annotated[F64, Column("h", "summed time from claim to being taken up", "ten_household-149", 0)]
    late_responses: Annotated[I64, Column("issue", "of these, after more than ten days", "standardization-105", 0)]
    closures: Annotated[I64, Column("issue", "issues resolved or failed this week", "T2.3", 0)]
    resolution_hours: Annotated[F64, Column("h", "summed time from claim to being resolved or failed", "T2.3", 0)]
    open_month: Annotated[
        I64, Column("issue", "issues that turned 30 days old unsolved this week", "standardization-106", 0)
    ]
    waits_1: Annotated[I64, Column("issue", "issues that stopped waiting at unit heads", "T2.3", 0)]
    waits_2: Annotated[I64, Column("issue", "issues that stopped waiting at grid workers", "T2.3", 0)]
    waits_3: Annotated[I64, Column("issue", "issues that stopped waiting at the council", "T2.3", 0)]
    waits_4: Annotated[I64, Column("issue", "issues that stopped waiting at subdistrict or department", "T2.3", 0)]
    wait_hours_1: Annotated[F64, Column("h", "summed time that these had waited at unit heads", "T2.3", 0)]
    wait_hours_2: Annotated[F64, Column("h", "summed time that these had waited at grid workers", "T2.3", 0)]
    wait_hours_3: Annotated[F64, Column("h", "summed time that these had waited at the council", "T2.3", 0)]
    wait_hours_4: Annotated[
        F64, Column("h", "summed time that these had waited at subdistrict or department", "T2.3", 0)
    ]
    handled_1: Annotated[I64, Column("issue", "issues on which work by unit heads ended", "T2.3", 0)]
    handled_2: Annotated[I64, Column("issue", "issues on which work by grid workers ended", "T2.3", 0)]
    handled_3: Annotated[I64, Column("issue", "issues on which work by the council ended", "T2.3", 0)]
    handled_4: Annotated[I64, Column("issue", "issues on which work by subdistrict or department ended", "T2.3", 0)]
    # services (T4)
    requests: Annotated[I64, Column("request", "service requests new or waiting", "ten_household-033", 0)]
    requests_met: Annotated[I64, Column("request", "of these, met", "ten_household-033", 0)]
    slots: Annotated[I64, Column("slot", "service slots offered", "ten_household-084", 0)]
    slots_used: Annotated[I64, Column("slot", "of these, used", "ten_household-084", 0)]
    requests_special: Annotated[I64, Column("request", "requests of special groups", "T4.3", 0)]
    met_special: Annotated[I64, Column("request", "of these, met", "T4.3", 0)]
    # surveys of needs and rooms (T4)
    surveyed: Annotated[I64, Column("flag", "needs were surveyed within a year", "standardization-064", 0, 1)]
    survey_answers: Annotated[I64, Column("person", "answers to a survey of needs", "subdistrict-044", 0)]
    survey_elders: Annotated[I64, Column("person", "of these, by people of 60 and over", "subdistrict-045", 0)]
    need_error: Annotated[F64, Column("share", "distance of measured from true shares of needs", "T4.3", 0, 1)]
    room_slots: Annotated[F64, Column("slot", "slots in which a room is open", "ten_household-035", 0)]
    room_slots_used: Annotated[F64, Column("slot", "of these, used", "ten_household-035", 0)]
    room_wishes: Annotated[F64, Column("slot", "slots wished for", "T4.3", 0)]
    room_condition: Annotated[F64, Column("share", "condition of the community's rooms", "T4.3", 0, 1)]
    # money (T4), in fen
    fiscal_spending: Annotated[
        I64, Column("fen", "community money spent that came from budgets", "ten_household-085", 0)
    ]
    programme_income: Annotated[I64, Column("fen", "programme money from departments", "four_creations-065", 0)]
    programme_spending: Annotated[I64, Column("fen", "of this, spent on services", "four_creations-065", 0)]
    social_income: Annotated[I64, Column("fen", "donations and market income of the community", "ten_household-086", 0)]
    fiscal_income: Annotated[I64, Column("fen", "budget money received", "ten_household-085", 0)]
    subsidies_due: Annotated[I64, Column("fen", "pay promised to heads", "ten_household-173", 0)]
    subsidies_paid: Annotated[I64, Column("fen", "pay received by heads", "ten_household-173", 0)]
    fees_due: Annotated[I64, Column("fen", "property fees billed this month", "standardization-011", 0)]
    fees_paid: Annotated[I64, Column("fen", "of these, paid in time", "standardization-011", 0)]
    manager_changes: Annotated[I64, Column("event", "estates that came under another manager", "T4.3", 0)]
    # heads and units (T3)
    head_exits: Annotated[I64, Column("person", "heads who left", "ten_household-066", 0)]
    exits_workload: Annotated[I64, Column("person", "of these, because of the workload", "ten_household-067", 0)]
    exits_pay: Annotated[I64, Column("person", "of these, because of the pay", "ten_household-068", 0)]
    exits_skill: Annotated[I64, Column("person", "of these, for lack of skill", "ten_household-069", 0)]
    head_recruits: Annotated[I64, Column("person", "heads who took office", "T3.3", 0)]
    households_regrouped: Annotated[
        I64, Column("household", "households that new borders took out of their unit", "ten_household-168", 0)
    ]
    head_trainings: Annotated[I64, Column("event", "trainings attended by heads", "ten_household-143", 0)]
    activities_held: Annotated[I64, Column("event", "unit activities held", "ten_household-144", 0)]
    activities_online: Annotated[I64, Column("event", "of these, organised online", "ten_household-126", 0)]
    # participation (T1)
    participations: Annotated[I64, Column("act", "single acts of taking part", "four_creations-075", 0)]
    volunteer_minutes: Annotated[I64, Column("min", "volunteered time", "T1.3", 0)]
    asks: Annotated[I64, Column("person", "residents asked in person", "T1.3", 0)]
    small_tasks: Annotated[I64, Column("task", "small common tasks that came up", "T1.1", 0)]
    tasks_done: Annotated[I64, Column("task", "of these, done", "T1.1", 0)]
    proposals: Annotated[I64, Column("vote", "unit proposals put to the vote", "T1.1", 0)]
    proposals_adopted: Annotated[I64, Column("vote", "of these, adopted", "T1.1", 0)]
    # people come and go (T8.5)
    households_left: Annotated[I64, Column("household", "households that moved out of the district", "T8.2", 0)]
    households_arrived: Annotated[I64, Column("household", "households that moved in", "T8.2", 0)]
    persons_left: Annotated[I64, Column("person", "their members: who moved out", "T8.2", 0)]
    persons_arrived: Annotated[I64, Column("person", "who moved in", "T8.2", 0)]
    births: Annotated[I64, Column("person", "children born", "T8.5", 0)]
    deaths: Annotated[I64, Column("person", "residents who died", "T8.5", 0)]
    # policies (T10)
    policy_restarts: Annotated[I64, Column("event", "policies replaced: they begin anew", "T10.3", 0)]
    # matters of several departments, and staff (T5)
    joint_closed: Annotated[I64, Column("issue", "matters of several departments closed", "subdistrict-038", 0)]
    joint_on_time: Annotated[I64, Column("issue", "of these, agreed by all inside the deadline", "subdistrict-038", 0)]
    joint_asked: Annotated[I64, Column("issue", "matters put to several departments", "T5.3", 0)]
    joint_agreed: Annotated[I64, Column("issue", "of these, agreed by all", "T5.3", 0)]
    joint_hours: Annotated[F64, Column("h", "summed time until all had answered these", "T5.3", 0)]
    staff_exits: Annotated[I64, Column("person", "community workers who left of their own accord", "T3.2", 0)]
    staff_hired: Annotated[I64, Column("person", "community workers who took up a post", "T3.2", 0)]
    # organisations (T6)
    ngo_foundings: Annotated[I64, Column("NGO", "NGOs founded", "T6.3", 0)]
    ngo_exits: Annotated[I64, Column("NGO", "NGOs closed", "T6.3", 0)]
    firm_exits: Annotated[I64, Column("firm", "firms closed", "T6.1", 0)]
    firm_foundings: Annotated[I64, Column("firm", "firms that moved into empty premises", "T6.1", 0)]
    contracts_ended: Annotated[I64, Column("contract", "service contracts that ended", "T4.3", 0)]
    contracts_kept: Annotated[I64, Column("contract", "of these, delivered in full", "T4.3", 0)]
    # emergencies (T9)
    emergencies: Annotated[I64, Column("event", "emergencies that struck", "T9.3", 0)]
    half_warned_minutes: Annotated[F64, Column("min", "time until half of the residents knew", "T9.3", 0)]
    most_warned_minutes: Annotated[F64, Column("min", "time until nine in ten residents knew", "T9.3", 0)]
    emergency_needs: Annotated[I64, Column("household", "households left in need of help", "T9.3", 0)]
    late_help: Annotated[I64, Column("household", "of these, helped late", "ten_household-021", 0)]
    unmet_hours: Annotated[F64, Column("h", "summed hours from the blow to help", "T9.3", 0)]
    stock_outs: Annotated[I64, Column("household", "households to which nobody could bring goods", "T9.3", 0)]
