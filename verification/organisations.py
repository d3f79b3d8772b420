"""Organisations against closed forms: founding and closing, ruin, contests, free entry, reserves (checks N1 to N5)."""

import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import optimize  # pyright: ignore[reportMissingTypeStubs]

from ..agents import Organisations
from ..agents.columns import allocate, held
from ..agents.contracting import KEPT, OPEN, bid_spending, concentration, contest_weight
from ..agents.firm import provides_after
from ..agents.ngo import FIRM_KIND
from ..agents.rates import WEEKS_A_YEAR
from ..agents.using_services import CLASSES
from ..model import contracts, firms, parameters, service_projects
from ..model.flows import Flows
from ..model.funds import Funds
from ..model.ledger import Ledger
from ..model.levers import LeverSchedule
from ..model.processes import organisations
from ..model.service_projects import Delivery, ServiceProjects, Skills
from ..model.structure import Communities
from .check import Row, at_least_one, check, close, exact, mean, printed, random, require, share
from .effort import row_of

_optimize: Any = optimize

NEVER = 1e9  # weeks in the red that nobody lives to see
STILL = {  # calm: nothing comes in, nobody is founded, nobody leaves by chance, staff stays
    "entry_base": 0.0,
    "exit_base": 0.0,
    "exit_age": 0.0,
    "exit_size": 0.0,
    "exit_shock": 0.0,
    "ngo_gifts": 0.0,
    "ngo_fees": 0.0,
    "size_pace": 0.0,
    "volunteer_core": 0.0,
}
VARIANCE_PRECISION = 0.05
SPENDING = {(5, 100.0): (16.0, 80.0)}
RUIN = {(0.55, 10): 0.134431, (0.525, 20): 0.135335}  # the second: a diffusion with m = 1, s^2 = 10, R = 10
SMALL_STEPS = 0.001  # by which a walk of these steps misses the diffusion
FIRST_SEED = 11


def society(communities: int, rows: int, seed: int = FIRST_SEED, **changes: float) -> Any:
    """Communities with ``rows`` rows of NGOs each, none of which exists, and all that their kernels need."""
    s = SimpleNamespace(
        communities=allocate(Communities, communities),
        organisations=allocate(Organisations, communities * rows),
        skills=held(Skills(np.full((communities * rows, CLASSES + 1), 0.5))),
        projects=allocate(ServiceProjects, communities * KEPT),
        delivery=held(
            Delivery(
                np.zeros((communities, CLASSES + 1)),
                np.zeros(communities),
                np.ones((communities, CLASSES + 1)),
                *(np.zeros(communities) for _ in range(4)),
            )
        ),
        funds=allocate(Funds, communities),
        flows=allocate(Flows, communities),
        ledger=Ledger.opened(communities + 1),
        parameters=parameters.table([parameters.defaults() | STILL | changes] * communities),
        levers=LeverSchedule(communities).now,
        week=0,
    )
    at = np.arange(communities)
    s.communities.id[:], s.communities.seed[:] = at, seed
    s.communities.organisation_start[:], s.communities.organisation_stop[:] = at * rows, (at + 1) * rows
    s.organisations.id[:] = np.arange(communities * rows)
    s.organisations.community[:] = np.repeat(at, rows)
    s.delivery.unmet[:] = s.parameters["unmet_reference"]
    return s


def settle(s: Any, cash: int) -> None:
    """Let all rows be NGOs of mean size that hold ``cash`` fen each."""
    o = s.organisations
    o.active[:], o.size[:], o.reputation[:], o.cash[:] = 1, 1.0, 1.0, cash
    rows = s.communities.organisation_stop - s.communities.organisation_start
    sectors = len(s.ledger.sectors)
    for book in (s.ledger.book.balance, s.ledger.book.total[service_projects.NGO_CAPITAL]):
        by_place = book.reshape(-1, sectors)[: len(rows)]
        by_place[:, service_projects.NGOS] += rows * cash
        by_place[:, service_projects.WORLD] -= rows * cash


def turn_over(s: Any) -> None:
    """Let NGOs decide whether to close; wind up those that do, and found new ones."""
    s.week += 1
    tables = (s.communities, s.organisations, s.parameters, s.levers)
    organisations.take_course(s.week, *tables)
    money = (s.funds, s.ledger.book, s.flows, s.parameters, s.levers)
    organisations.turn_over(s.week, s.communities, s.organisations, s.skills, s.projects, s.delivery, *money)


def work(s: Any) -> None:
    """Let NGOs work a week and keep their accounts."""
    money = (s.funds, s.ledger.book, s.flows, s.parameters, s.levers)
    contracts.work(s.communities, s.organisations, s.skills, s.projects, s.delivery, *money)


# --- N1 ---------------------------------------------------------------------------------------------------------------


@check("N1", "Founding and closing: immigration and death")
def founding_and_closing(
    entry: float = 6.0, exit: float = 0.15, years: int = 15, n: int = 820, seed: int = FIRST_SEED
) -> Iterator[Row]:
    """``entry`` NGOs a year are founded in each of ``n`` empty communities and close at a constant hazard ``exit``.

    After T weeks their number is Poisson with mean l (1 - q^T)/(1 - q), q = e^(-exit/52.18) and l foundings a week;
    ages are geometric, cut off at T. With time and in short weeks: mean and variance entry/exit, mean age 1/exit.
    """
    at_least_one(years=years, n=n)
    most = 50.0 * exit
    require(0.0 < exit <= 10.0 and 0.0 < entry <= most, "give 0 < exit <= 10 and at most 50 exit foundings a year")
    rate, q, weeks = entry / WEEKS_A_YEAR, math.exp(-exit / WEEKS_A_YEAR), round(years * WEEKS_A_YEAR)
    rows = int(entry / exit + 8.0 * math.sqrt(entry / exit) + 10.0)
    changes = {"entry_base": entry, "exit_base": exit, "red_weeks_borne": NEVER}
    s = society(n, rows, seed, **changes)
    for _ in range(weeks):
        s.organisations.age[:] += s.organisations.active
        turn_over(s)
    expected = rate * (1.0 - q**weeks) / (1.0 - q)
    count = s.organisations.active.reshape(n, rows).sum(axis=1)
    yield mean("mean number", expected, count)
    error = math.sqrt((expected + 2.0 * expected**2) / n)
    yield random("variance of the number", expected, count.var(ddof=1), error, precision=VARIANCE_PRECISION)
    k = np.arange(weeks)
    age = float((k * q**k).sum() / (q**k).sum())
    yield mean("mean age in weeks", age, s.organisations.age[s.organisations.active == 1])
    if (entry, exit) == (6.0, 0.15):
        yield close("number that this nears (published)", 40.0, rate / (1.0 - q), tolerance=rate)
        yield close("age in years that this nears (published)", 6.667, q / (1.0 - q) / WEEKS_A_YEAR, tolerance=0.01)
    yield exact("there and closed", int(s.flows.ngo_foundings.sum()), int(s.flows.ngo_exits.sum() + count.sum()))


# --- N2 ---------------------------------------------------------------------------------------------------------------


@check("N2", "Ruin of a reserve", study=[{"p": 0.525, "start": 20, "weeks": 2000}])
def ruin(p: float = 0.55, start: int = 10, weeks: int = 300, n: int = 72_000, seed: int = 1) -> Iterator[Row]:
    """``n`` NGOs hold ``start`` yuan; each week brings one with probability ``p``, or takes one; empty, they close.

    Ruined within so many weeks: by recursion over the walk; ever: ((1 - p)/p)^start. In small steps that is the ruin
    of a diffusion, e^(-2 m R/s^2).
    """
    require(0.5 < p < 1.0, "give 0.5 < p < 1; at 1/2 and below all are ruined")
    require(1 <= start <= 1000 and 1 <= weeks <= 100_000 and n >= 1, "start: 1 to 1,000; weeks: 1 to 100,000; n >= 1")
    expected = ruined_within(p, start, weeks)
    ever = ((1.0 - p) / p) ** start
    if (p, start) == (0.55, 10):
        yield printed("ever ruined (published)", RUIN[p, start], ever)
    elif (p, start) in RUIN:
        yield close("ruin of the diffusion (published)", RUIN[p, start], ever, tolerance=SMALL_STEPS)
    s = society(1, n, red_weeks_borne=1.0)
    settle(s, 100 * start)
    luck = np.random.default_rng(seed)
    for _ in range(weeks):
        s.organisations.cash[:] += np.where(luck.random(n) < p, 100, -100) * s.organisations.active
        turn_over(s)
    yield share(f"ruined within {weeks} weeks", expected, int(s.flows.ngo_exits[0]), n)


def ruined_within(p: float, start: int, weeks: int) -> float:
    """Probability that a walk from ``start``, up with ``p`` and else down, touches 0 within so many steps."""
    alive, ruined = np.zeros(start + weeks + 1), 0.0  # alive[k]: at k + 1
    alive[start - 1] = 1.0
    for _ in range(weeks):
        ruined += (1.0 - p) * alive[0]
        alive = p * np.concatenate([[0.0], alive[:-1]]) + (1.0 - p) * np.concatenate([alive[1:], [0.0]])
    return float(ruined)


# --- N3 ---------------------------------------------------------------------------------------------------------------


@check("N3", "Contests for contracts and free entry", cases=[{}, {"bidders": 2}, {"bidders": 8, "exponent": 0.5}])
def contest(
    bidders: int = 5,
    prize: float = 100.0,
    exponent: float = 1.0,
    spread: float = 100.0,
    slope: float = 1.0,
    fixed: float = 100.0,
    lead: float = 2.0,
    n: int = 2000,
    rounds: int = 30,
    seed: int = FIRST_SEED,
) -> Iterator[Row]:
    """``bidders`` equals spend g V (n - 1)/n^2 each, and none gains by another sum (Tullock 1980).

    A bidder with ``lead`` times the reputation wins with lead^g/(lead^g + n - 1). Firms that provide services
    while that is worth the ``fixed`` cost are (a - c)/sqrt(b F) - 1 in number, a - c the ``spread``, b the ``slope``.
    """
    require(2 <= bidders <= 50 and 0.0 < exponent <= 1.0, "give 2 to 50 bidders and 0 < exponent <= 1")
    require(min(prize, spread, slope, fixed, lead) > 0.0, "prize, spread, slope, fixed cost and lead are above 0")
    require(1 <= n <= 10_000 and rounds >= 1, "n: 1 to 10,000 communities; rounds: 1 or more")
    each = bid_spending(prize, 1.0 / bidders, exponent)
    if exponent == 1.0 and (bidders, prize) in SPENDING:
        yield printed("each spends (published)", SPENDING[bidders, prize][0], each)
        yield printed("all spend (published)", SPENDING[bidders, prize][1], bidders * each)
    yield close("each spends", exponent * prize * (bidders - 1) / bidders**2, each, tolerance=1e-9 * prize)
    yield close("best reply to the others", each, best_reply(each, bidders, prize, exponent), tolerance=1e-4 * prize)
    expected = lead**exponent / (lead**exponent + bidders - 1)
    yield share("won by the one ahead", expected, won_ahead(bidders, exponent, lead, n, rounds, seed), n * rounds)
    firms = spread / math.sqrt(slope * fixed) - 1.0
    yield exact("firms that provide", max(0, math.floor(firms + 1e-9)), entered(spread, slope, fixed))


def best_reply(others_spend: float, bidders: int, prize: float, exponent: float) -> float:
    """Spending that gains most where each of the others spends so much, found by search over the project's weights."""
    rest = (bidders - 1) * contest_weight(1.0, others_spend, exponent)

    def loss(x: float) -> float:
        own = contest_weight(1.0, x, exponent)
        return x - prize * own / (own + rest)

    span, fine = (1e-6 * prize, prize), {"xatol": 1e-9 * prize}
    found = _optimize.minimize_scalar(loss, bounds=span, method="bounded", options=fine)
    return float(found.x)


def won_ahead(bidders: int, exponent: float, lead: float, n: int, rounds: int, seed: int) -> int:
    """How often the first of equal bidders wins, who has ``lead`` times the reputation of the others."""
    s = society(n, bidders, seed, contest_exponent=exponent)
    settle(s, 0)
    o = s.organisations
    reputation = np.where(np.arange(bidders) == 0, lead, 1.0) / max(lead, 1.0)
    o.reputation[:] = np.tile(reputation, n)
    first, wins = np.arange(n) * KEPT, 0
    for week in range(rounds):
        s.projects.state[first] = OPEN
        o.bid[:], o.spending[:] = np.repeat(first, bidders), 100
        service_projects.award(week, s.communities, o, s.skills, s.projects, s.ledger.book, s.parameters)
        wins += int((s.projects.winner[first] == s.communities.organisation_start).sum())
    return wins


def entered(spread: float, slope: float, fixed: float) -> int:
    """Firms that provide services once no further firm finds it worth while; they decide one after the other."""
    p = row_of(
        provision_spread=spread,
        provision_slope=slope,
        provision_fixed_cost=fixed,
        provision_goodwill=0.0,
        provision_sunk=0.0,
        firm_discount=WEEKS_A_YEAR,  # a week's profit is set against a week's fixed cost
    )
    firms = 0
    while provides_after(0, 0, 1.0, float(firms), 1.0, 0.0, p) == 1:
        firms += 1
    return firms


# --- N4 ---------------------------------------------------------------------------------------------------------------


@check(
    "N4",
    "Funding stops",
    cases=[
        {},
        {"reserve": 100.0, "burn": 10.0},
        {"reserve": 99.99, "burn": 33.33},
        {"reserve": 0.5, "burn": 40.0},
        {"reserve": 5200.0, "burn": 400.0, "patience": 26},
    ],
)
def funding_stops(reserve: float = 100.0, burn: float = 7.0, patience: int = 1) -> Iterator[Row]:
    """An NGO with a ``reserve`` and nothing that comes in pays ``burn`` yuan a week: it closes after ceil(R/b) weeks.

    So where it closes in its first week with nothing left; with ``patience`` weeks in the red, so many less one later.
    Shares of income of 0.6, 0.3 and 0.1 have the concentration 0.46.
    """
    fen_left, fen_a_week = round(100.0 * reserve), round(100.0 * burn)
    require(fen_left >= 1 and fen_a_week >= 1, "reserve and burn are at least one fen (0.01)")
    require(1 <= patience <= 1000 and fen_left <= 10_000 * fen_a_week, "patience: 1 to 1,000; at most 10,000 weeks")
    s = society(1, 1, ngo_costs=fen_a_week / 100.0, red_weeks_borne=float(patience))
    settle(s, fen_left)
    lived = 0
    while s.organisations.active[0] == 1:
        work(s)
        turn_over(s)
        lived += 1
    yield exact("weeks until it closes", math.ceil(fen_left / fen_a_week) + patience - 1, lived)
    s.ledger.check()
    yield exact("fen left in the accounts of NGOs", 0, int(s.ledger.balances()[0, service_projects.NGOS]))
    yield printed("HHI of 0.6, 0.3, 0.1 (published)", 0.46, concentration(0.6, 0.3, 0.1))


# --- N5 ---------------------------------------------------------------------------------------------------------------


@check("N5", "Firms come and go", cases=[{}, {"exit": 0.5, "entry": 1.0}])
def premises_let(
    exit: float = 0.12, entry: float = 2.0, years: int = 5, n: int = 200_000, seed: int = FIRST_SEED
) -> Iterator[Row]:
    """``n`` premises, all let at first, lose their firm at a hazard ``exit`` and find another at ``entry`` a year.

    A chain of two states: after t weeks the share let is b/(a + b) + a/(a + b) (1 - a - b)^t, a = 1 - e^(-exit/52.18),
    b likewise; in short weeks it rests at entry/(entry + exit).
    """
    require(0.0 < exit <= 20.0 and 0.0 < entry <= 20.0, "give hazards above 0 and at most 20 a year")
    at_least_one(years=years, n=n)
    a, b = (1.0 - math.exp(-rate / WEEKS_A_YEAR) for rate in (exit, entry))
    s = society(1, n, seed, firm_exit_base=exit, firm_entry=entry)
    s.organisations.kind[:], s.organisations.active[:], s.organisations.size[:] = FIRM_KIND, 1, 1.0
    weeks = round(years * WEEKS_A_YEAR)
    for week in range(weeks):
        firms.take_course(week, s.communities, s.organisations, s.parameters)
        firms.let_premises(week, s.communities, s.organisations, s.flows, s.parameters)
    let = b / (a + b) + a / (a + b) * (1.0 - a - b) ** weeks
    there = int(s.organisations.active.sum())
    yield share(f"let after {weeks} weeks", let, there, n)
    yield exact("let and lost", int(n + s.flows.firm_foundings[0]), int(there + s.flows.firm_exits[0]))
