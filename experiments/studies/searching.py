"""Better plans: doses, delays and money chosen so that many promises are kept at little cost and little inequality.

NSGA-II of pymoo (an extra) proposes generations of plans; each generation is a study in a folder of its own, so that a
search that was stopped goes on. Every plan is run on the same seeds. What is left is the set of plans that no other one
beats in all three aims; some of them, and the plan as it is written, then meet the same uncertain futures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray
from scipy.stats import qmc

from ...model.names import phrase
from ...scenarios import loader
from ..pool import RunError
from ..progress import Reporter
from ..publishing import rows_of, write_table
from ..store import write_bytes, write_json
from . import executors, stressing
from .assessing import factors_of
from .definition import REPLICATE, Study, described
from .factors import LUCK, Factor
from .records import Records, records
from .runner import carry_out

type Values = NDArray[np.float64]

KIND = "search"
MANIFEST = "search.json"
GAPS = ("elderly", "young", "migrants")  # groups between which satisfaction shall not differ much
SATISFIED = "satisfaction_rate"
SPENT = ("public_spending_total", "charity_spending_total")
WRITTEN = "as written"
WEEKS_A_YEAR = 365.25 / 7.0
COLUMNS = ("plan", "kept", "spent", "gap", "mean", "p10", "gain", "low", "high")  # before those of the decisions
CHOSEN = 5  # plans of the set that meet the futures
CHANGED = 0.1  # part of a range by which a decision must differ from the written plan to be told
FEWEST = 8  # plans a generation
MISSING = "the search needs pymoo: pip install 'shequ[search]'"


@dataclass(frozen=True)
class Aims:
    """What plans are judged by: promises kept (share), CNY spent a year, gap of satisfaction between groups (share)."""

    kept: Values
    spent: Values
    gap: Values

    @property
    def towards_less(self) -> Values:
        """All three, less is better: shape (plan, 3)."""
        return np.stack([1.0 - self.kept, self.spent, self.gap], axis=1)


@dataclass(frozen=True)
class Search:
    """What is searched: ``decisions`` and their values in the plan as it is ``written`` (places in their ranges)."""

    scenario: str
    decisions: tuple[Factor, ...]
    written: Values
    budget: float | None
    population: int
    generations: int
    replicates: int
    futures: int
    seed: int
    settings: Mapping[str, Any]

    def generation(self, places: Values) -> Study:
        """A study of plans at ``places`` (plan, decision) in the unit cube, each on all replicates."""
        count = len(places)
        columns = {
            one.name: np.repeat([one.at(float(u)) for u in places[:, k]], self.replicates)
            for k, one in enumerate(self.decisions)
        }
        table = pd.DataFrame(columns | {REPLICATE: np.tile(np.arange(self.replicates), count)})
        return self._described(self.decisions, table)

    def robust(self, places: Values) -> Study:
        """A study of a few plans in the same uncertain futures."""
        plan = loader.load(self.scenario, layers=self.settings.get("layers", ()))
        own = {one.name for one in self.decisions}
        deep = [one for text in stressing.DEEP for one in factors_of(plan, text) if one.name not in own]
        varied = [*deep, *factors_of(plan, LUCK)]
        units = qmc.LatinHypercube(len(varied), rng=self.seed).random(self.futures)
        rows: list[dict[str, float]] = []
        for future in units:
            point = {one.name: one.at(float(u)) for one, u in zip(varied, future, strict=True)}
            rows += [{**self.values(place), **point} for place in places]
        return self._described((*self.decisions, *varied), pd.DataFrame(rows))

    def values(self, places: Values) -> dict[str, float]:
        """Decisions at ``places``."""
        return {one.name: one.at(float(u)) for one, u in zip(self.decisions, places, strict=True)}

    def _described(self, varied: Sequence[Factor], table: pd.DataFrame) -> Study:
        return described(
            KIND,
            [self.scenario],
            varied,
            table,
            seed=self.seed,
            observables=[SATISFIED, *SPENT],
            groups=["all", *GAPS],
            **self.settings,
        )


def search_of(
    scenario: str,
    *,
    factor: Sequence[str] = (),
    budget: float | None = None,
    population: int = 24,
    generations: int = 8,
    replicates: int = 2,
    futures: int = 32,
    seed: int = 0,
    **settings: Any,
) -> Search:
    """Check what is asked for; default decisions: levers that the plan calls uncertain, delays of phases, money."""
    if population < FEWEST or generations < 1 or replicates < 1 or futures < FEWEST:
        message = f"a search needs a population and futures of at least {FEWEST}, a generation and a replicate"
        raise RunError(message)
    plan = loader.load(scenario, layers=settings.get("layers", ()))
    usual = [f"lever:{entry.key}" for entry in plan.uncertain if entry.lever]
    usual += [f"late:{phase.name}" for phase in plan.phases] + ["money:all"]
    chosen: dict[str, Factor] = {}
    for text in factor or usual:
        chosen |= {one.name: one for one in factors_of(plan, text) if one.kind != LUCK}
    found = Search(
        scenario,
        tuple(chosen.values()),
        np.zeros(len(chosen)),
        budget,
        population,
        generations,
        replicates,
        futures,
        seed,
        settings,
    )
    study = found.generation(np.zeros((1, len(chosen))))
    course: Any = study.courses[0]
    written = np.array([_written(one, course.farthest) for one in found.decisions])
    return replace(found, written=written)


def _written(factor: Factor, farthest: Mapping[str, float]) -> float:
    """Place of the written plan in the range of a decision."""
    value = {"lever": farthest.get(factor.of, 0.0), "late": 0.0, "slow": 1.0, "money": 1.0, "fidelity": 1.0}
    place = (value.get(factor.kind, factor.low) - factor.low) / (factor.high - factor.low)
    return float(min(1.0, max(0.0, place)))


def judged(found: Records, plans: int) -> tuple[Aims, Values]:
    """Aims of ``plans`` plans, mean over their runs, and shares of promises kept by plan and run.

    Runs of a plan follow each other in a generation. A plan of which a run failed is not a number in all aims.
    """
    design: Any = found.design
    runs = len(design) // plans
    shares = _kept(found).to_numpy(float).reshape(plans, runs)
    satisfied = np.stack([_last(found, SATISFIED, group) for group in GAPS])
    gap = (satisfied.max(axis=0) - satisfied.min(axis=0)).reshape(plans, runs)
    years = (max(found.frozen["weeks"]) + 1) / WEEKS_A_YEAR
    yearly = (_last(found, SPENT[0]) + _last(found, SPENT[1])).reshape(plans, runs) / years
    return Aims(shares.mean(axis=1), yearly.mean(axis=1), gap.mean(axis=1)), shares


def _last(found: Records, observable: str, group: str = "all") -> Values:
    """Values at the last week that is kept, one a run."""
    table: Any = found.values(observable, group=group)
    design: Any = found.design
    return table[table.columns[-1]].reindex(design.index).to_numpy(float)


def _kept(found: Records) -> Any:
    """Share of promises kept, by run."""
    table: Any = found.milestones
    design: Any = found.design
    return table.groupby("run")["attained"].mean().reindex(design.index)


@dataclass(frozen=True)
class Better:
    """What a search found. ``places`` are all plans that were tried, ``front`` those that no other beats."""

    search: Search
    places: Values
    aims: Aims
    front: tuple[int, ...]
    chosen: tuple[int, ...]
    shares: Values  # promises kept by plan (the written one first, then the chosen) and future

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a plan that met the futures: aims, robustness, gain over the written plan, and its decisions."""
        rows: list[dict[str, Any]] = []
        for k, plan in enumerate((0, *self.chosen)):
            gain = self.shares[k] - self.shares[0]
            half = stressing.quantile(stressing.LEVEL) * float(gain.std(ddof=1)) / np.sqrt(len(gain))
            rows.append(
                {
                    "plan": WRITTEN if k == 0 else chr(ord("A") + k - 1),
                    "kept": float(self.aims.kept[plan]),
                    "spent": float(self.aims.spent[plan]),
                    "gap": float(self.aims.gap[plan]),
                    "mean": float(self.shares[k].mean()),
                    "p10": float(np.percentile(self.shares[k], 10.0)),
                    "gain": float(gain.mean()),
                    "low": float(gain.mean() - half),
                    "high": float(gain.mean() + half),
                    **self.search.values(self.places[plan]),
                }
            )
        return pd.DataFrame(rows)

    def changes(self, plan: int) -> list[tuple[Factor, float, float]]:
        """Decisions in which a plan differs from the written one: decision, written, here."""
        written, here = self.search.written, self.places[plan]
        return [
            (one, one.at(float(a)), one.at(float(b)))
            for one, a, b in zip(self.search.decisions, written, here, strict=True)
            if abs(a - b) >= CHANGED
        ]

    def save(self, folder: Path) -> None:
        """Write the table (CSV, Markdown, LaTeX), the picture and the manifest; same search, same bytes."""
        from . import search_plot  # noqa: PLC0415  draws what this module defines

        told = phrase("Plans that no other beats, {scenario}.", scenario=self.search.scenario)
        write_table(folder / "plans", self.table, told, {})
        write_bytes(folder / "front.png", search_plot.front(self).png())
        write_json(folder / MANIFEST, self.as_json())

    def as_json(self) -> dict[str, Any]:
        """What was found as JSON knows it."""
        search = self.search
        return {
            "scenario": search.scenario,
            "decisions": [{"factor": one.name, "low": one.low, "high": one.high} for one in search.decisions],
            "budget": search.budget,
            "tried": len(self.places),
            "front": len(self.front),
            "futures": search.futures,
            "plans": rows_of(self.table),
        }


def carried_out(
    search: Search,
    folder: Path,
    *,
    workers: int | None = None,
    executor: str = executors.PROCESSES,
    force: bool = False,
    progress: bool | Reporter | None = None,
) -> Better:
    """Search, and let the best plans meet the futures; what is done of it in ``folder`` is not done again."""
    how: dict[str, Any] = {"workers": workers, "executor": executor, "force": force, "progress": progress}
    tried: list[Values] = []
    seen: list[Aims] = []
    evolution = _evolution(search)
    while evolution.has_next():
        asked = evolution.ask()
        places = np.asarray(asked.get("X"), np.float64)
        number = len(tried)
        carry_out(search.generation(places), folder / f"generation-{number:03d}", **how)
        aims, _ = judged(records(folder / f"generation-{number:03d}"), len(places))
        _tell(evolution, asked, aims, search.budget)
        tried.append(places)
        seen.append(aims)
    places = np.concatenate(tried)
    aims = Aims(*(np.concatenate([getattr(one, name) for one in seen]) for name in ("kept", "spent", "gap")))
    front = _front(aims, search.budget)
    chosen = _spread(front, aims.kept)
    carry_out(search.robust(places[[0, *chosen]]), folder / "futures", **how)
    shares = _kept(records(folder / "futures")).to_numpy(float).reshape(search.futures, len(chosen) + 1).T
    whole = np.isfinite(shares).all(axis=0)
    return Better(search, places, aims, front, chosen, shares[:, whole])


def _evolution(search: Search) -> Any:
    """NSGA-II with the written plan among the first, so that it is plan 0 of all."""
    try:
        algorithms: Any = import_module("pymoo.algorithms.moo.nsga2")
        problems: Any = import_module("pymoo.core.problem")
    except ImportError as error:
        raise RunError(MISSING) from error
    count = len(search.decisions)
    first = qmc.LatinHypercube(count, rng=search.seed).random(search.population)
    first[0] = search.written
    problem = problems.Problem(n_var=count, n_obj=3, n_ieq_constr=1, xl=np.zeros(count), xu=np.ones(count))
    evolution = algorithms.NSGA2(pop_size=search.population, sampling=first)
    evolution.setup(problem, termination=("n_gen", search.generations), seed=search.seed + 1, verbose=False)
    return evolution


def _tell(evolution: Any, asked: Any, aims: Aims, budget: float | None) -> None:
    """Tell the algorithm how the plans of a generation did. A plan of which a run failed is worse than any."""
    static: Any = import_module("pymoo.problems.static")
    evaluator: Any = import_module("pymoo.core.evaluator")
    values = np.nan_to_num(aims.towards_less, nan=1e12)
    over = aims.spent - budget if budget is not None else np.full(len(values), -1.0)
    bounds = np.nan_to_num(over, nan=1e12)[:, None]
    evaluator.Evaluator().eval(static.StaticProblem(evolution.problem, F=values, G=bounds), asked)
    evolution.tell(infills=asked)


def _front(aims: Aims, budget: float | None) -> tuple[int, ...]:
    """Plans within the budget that no other within it beats in all aims."""
    values = aims.towards_less
    allowed = np.isfinite(values).all(axis=1)
    if budget is not None:
        allowed &= aims.spent <= budget
    places = np.flatnonzero(allowed)
    if not len(places):
        message = "no plan that was tried stays within the budget; try a larger one, or more generations"
        raise RunError(message)
    mine = values[places]
    beaten = [
        bool(((mine <= one).all(axis=1) & (mine < one).any(axis=1)).any()) or bool((mine[:k] == one).all(axis=1).any())
        for k, one in enumerate(mine)
    ]
    return tuple(int(place) for place, lost in zip(places, beaten, strict=True) if not lost)


def _spread(front: Sequence[int], kept: Values) -> tuple[int, ...]:
    """A few plans of the front, from the one that keeps most promises on; the written plan is told anyhow."""
    order = sorted((plan for plan in front if plan), key=lambda plan: -kept[plan])
    if len(order) <= CHOSEN:
        return tuple(order)
    steps = np.linspace(0, len(order) - 1, CHOSEN)
    return tuple(order[round(float(step))] for step in steps)
