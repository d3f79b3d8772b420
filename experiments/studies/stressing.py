"""A stress test of a plan's calendar: the same many futures for every plan, and which promises they break, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray
from scipy.stats import norm, qmc

from ...model.names import phrase
from ...scenarios import loader
from .. import pairs
from ..pool import RunError
from ..publishing import rows_of, write_table
from ..store import StoreError, write_bytes, write_json
from . import factors
from .assessing import factors_of
from .definition import SCENARIO, Study, described
from .factors import LUCK, Factor
from .records import Records

type Values = NDArray[np.float64]

KIND = "stress"
MANIFEST = "stress.json"
FOLDER = "stress"
LEVEL = 0.95
MANY = 0.8  # a future is satisfactory in which this share of what the plan promises is kept, if nobody asks for another
FEWEST = 32  # futures
COLUMNS = {
    "milestones": ["plan", "milestone", "attained", "low", "high", "p05", "median", "p95", "late", "never"],
    "robustness": ["plan", "mean", "p10", "satisficing", "regret_mean", "regret_p90", "regret_max"],
    "against": ["plan", "milestone", "gain", "low", "high"],
    "drivers": ["plan", "milestone", "factor", "effect", "low", "high", "p_holm"],
}
THIRD = 1.0 / 3.0
SIGNIFICANT = 0.05  # adjusted p-value below which a driver is called one
SHOCKS = ("budget_cut", "late_funds", "staff_freeze", "head_exodus", "influx", "kpi_reversal", "platform_outage")
DEEP = (  # what is varied if nobody says otherwise
    "fidelity:all",
    "late:all",
    "slow:all",
    "money:all",
    "candidate_rate",
    "burnout_gain",
    "habit_effect",
    "trust_gain",
    *(f"{what}:stress/{shock}" for shock in SHOCKS for what in ("size", "time")),
)


def study_of(scenarios: Sequence[str], n: int, *, factor: Sequence[str] = (), seed: int = 0, **settings: Any) -> Study:
    """Describe a stress test: ``n`` futures, each met by every scenario on the same seed; raises RunError.

    A future is a point of a Latin hypercube over the factors (default: :data:`DEEP`), luck among them. ``settings`` go
    to :func:`.definition.described`.
    """
    if n < FEWEST:
        message = f"--n must be at least {FEWEST} futures, not {n}"
        raise RunError(message)
    plans = [loader.load(name, layers=settings.get("layers", ())) for name in scenarios]
    chosen: dict[str, Factor] = {}
    for plan in plans:
        for text in factor or DEEP:
            chosen |= {one.name: one for one in factors_of(plan, text)}
    chosen.pop(LUCK, None)
    varied = [*chosen.values(), factors.read(LUCK, plans[0])]
    units = qmc.LatinHypercube(len(varied), rng=seed).random(n)
    columns = {one.name: [one.at(float(u)) for u in units[:, k]] for k, one in enumerate(varied)}
    futures: Any = pd.DataFrame(columns)
    table = futures.loc[np.repeat(futures.index, len(plans))].reset_index(drop=True)
    table[SCENARIO] = np.tile(np.arange(len(plans)), n)
    return described(KIND, scenarios, varied, table, seed=seed, analysis={"n": n}, **settings)


@dataclass(frozen=True)
class Stress:
    """What a finished stress test shows.

    A future counts where all plans finished in it. ``many`` is the share of a plan's promises that must be kept for a
    future to be called satisfactory.
    """

    records: Records
    many: float = MANY

    @cached_property
    def plans(self) -> list[str]:
        """Scenarios in their order."""
        return [entry["name"] for entry in self.records.frozen["scenarios"]]

    @cached_property
    def factors(self) -> list[str]:
        """What was varied, luck apart."""
        names = [entry["factor"] for entry in self.records.frozen["factors"]]
        return [name for name in names if name != LUCK]

    @cached_property
    def _judged(self) -> Any:
        """Milestones by run, with scenario and future, in futures that all plans finished."""
        table: Any = self.records.milestones
        if table.empty:
            message = f"{self.records.folder.path} has no promises that could be judged"
            raise StoreError(message)
        design: Any = self.records.design
        table = table.assign(
            scenario=design["scenario"].loc[table["run"]].to_numpy(), future=table["run"] // len(self.plans)
        )
        done: Any = pd.Series(self.records.done) // len(self.plans)
        whole = done.value_counts()
        return table[table["future"].isin(whole.index[whole == len(self.plans)])]

    @property
    def futures(self) -> int:
        """Number of futures that count."""
        return int(self._judged["future"].nunique())

    @cached_property
    def points(self) -> pd.DataFrame:
        """Values of the factors by future."""
        design: Any = self.records.design
        return design[self.factors].iloc[:: len(self.plans)].reset_index(drop=True)

    @cached_property
    def milestones(self) -> pd.DataFrame:
        """One row a plan and promise: share of futures that keep it with its interval, values, lateness.

        ``attained`` with ``low`` and ``high`` (Wilson's 95 % interval), ``p05``, ``median``, ``p95`` of the value on
        the day, ``late`` (median of weeks late where it is kept later) and ``never`` (share of futures that do not keep
        it by the end).
        """
        rows: list[dict[str, Any]] = []
        for plan in self.plans:
            mine = self._judged[self._judged["scenario"] == plan]
            for name in dict.fromkeys(mine["milestone"].astype(str)):
                one = mine[mine["milestone"] == name]
                met, late = one["attained"].to_numpy(bool), one["weeks_late"].to_numpy(float)
                low, high = wilson(int(met.sum()), len(met))
                after = late[late > 0.0]
                values = one["value"].to_numpy(float)
                known = values[np.isfinite(values)]
                p05, median, p95 = np.percentile(known, [5.0, 50.0, 95.0]) if len(known) else [np.nan] * 3
                rows.append(
                    {
                        "plan": plan,
                        "milestone": name,
                        "attained": float(met.mean()),
                        "low": low,
                        "high": high,
                        "p05": p05,
                        "median": median,
                        "p95": p95,
                        "late": float(np.median(after)) if len(after) else np.nan,
                        "never": float(np.isnan(late).mean()),
                    }
                )
        return pd.DataFrame(rows, columns=COLUMNS["milestones"])

    @cached_property
    def kept(self) -> pd.DataFrame:
        """Share of its promises that each plan keeps: one row a future, one column a plan."""
        share: Any = self._judged.groupby(["future", "scenario"], observed=True)["attained"].mean().unstack("scenario")
        return share[self.plans]

    @cached_property
    def robustness(self) -> pd.DataFrame:
        """One row a plan: how well it does over all futures.

        ``mean``, ``p10`` (the tenth of futures that go worst) of the share of promises kept, ``satisficing`` (share of
        futures in which at least ``many`` of them are kept), and regret, how far the plan stays behind the best of the
        plans in each future: ``regret_mean``, ``regret_p90``, ``regret_max`` (0 where one plan is alone).
        """
        rows: list[dict[str, Any]] = []
        kept: Any = self.kept
        best = kept.max(axis=1)
        for plan in self.plans:
            share = kept[plan].to_numpy(float)
            regret = best.to_numpy(float) - share
            rows.append(
                {
                    "plan": plan,
                    "mean": float(share.mean()),
                    "p10": float(np.percentile(share, 10.0)),
                    "satisficing": float((share >= self.many - 1e-12).mean()),
                    "regret_mean": float(regret.mean()),
                    "regret_p90": float(np.percentile(regret, 90.0)),
                    "regret_max": float(regret.max()),
                }
            )
        return pd.DataFrame(rows, columns=COLUMNS["robustness"])

    @cached_property
    def against(self) -> pd.DataFrame:
        """Attainment of every other plan less that of the first, by promise, paired by future, with intervals."""
        rows: list[dict[str, Any]] = []
        z = quantile(LEVEL)
        wide = self._wide()
        for plan in self.plans[1:]:
            for name in [name for name in wide[self.plans[0]] if name in wide[plan]]:
                gain = wide[plan][name].astype(float) - wide[self.plans[0]][name].astype(float)
                half = z * float(gain.std(ddof=1)) / np.sqrt(len(gain))
                mean = float(gain.mean())
                rows.append({"plan": plan, "milestone": name, "gain": mean, "low": mean - half, "high": mean + half})
        return pd.DataFrame(rows, columns=COLUMNS["against"])

    def _wide(self) -> dict[str, Any]:
        """Whether each promise is kept: of each plan one row a future, one column a promise."""
        return {
            plan: self._judged[self._judged["scenario"] == plan].pivot(
                index="future", columns="milestone", values="attained"
            )
            for plan in self.plans
        }

    @cached_property
    def drivers(self) -> pd.DataFrame:
        """What breaks which promise: attainment where a factor lies in its upper third less that in its lower third.

        One row a plan, promise and factor: ``effect`` with ``low`` and ``high`` (95 %, of two independent shares) and
        ``p_holm``, adjusted over all promises and factors of the plan.
        """
        points: Any = self.points
        rank: Any = points.rank(pct=True)
        tables: list[Any] = []
        for plan, wide in self._wide().items():
            mine = rank.loc[wide.index]
            rows = [
                {"plan": plan, "milestone": str(name), "factor": factor, **_thirds(wide[name], mine[factor])}
                for name in wide
                for factor in self.factors
            ]
            table: Any = pd.DataFrame(rows)
            tables.append(table.assign(p_holm=pairs.holm(list(table["p"])))[COLUMNS["drivers"]])
        return pd.concat(tables, ignore_index=True)

    def lateness(self, plan: str) -> pd.DataFrame:
        """Weeks from its day to when a plan keeps each promise (0: in time, NaN: never), one row a future."""
        mine = self._judged[self._judged["scenario"] == plan]
        return mine.pivot(index="future", columns="milestone", values="weeks_late")

    def fails(self, plan: str, milestone: str) -> pd.Series:
        """Whether a plan breaks a promise, by future."""
        return ~self._wide()[plan][milestone].astype(bool)

    # --- on the disk --------------------------------------------------------------------------------------------------

    def save(self, folder: Path, boxes: pd.DataFrame) -> None:
        """Write tables (CSV, Markdown, LaTeX), pictures and the manifest; same study, same bytes."""
        from . import stress_plots  # noqa: PLC0415  draws what this module defines

        folder.mkdir(parents=True, exist_ok=True)
        facts = {"plans": ", ".join(self.plans), "n": self.futures, "level": f"{LEVEL:.0%}"}
        told = phrase("Stress test of {plans} over {n} futures; {level} intervals.", **facts)
        tables = {"milestones": self.milestones, "robustness": self.robustness, "drivers": self.drivers}
        tables |= {"against": self.against} if len(self.plans) > 1 else {}
        tables |= {"boxes": boxes} if len(boxes) else {}
        for name, table in tables.items():
            write_table(folder / name, table, told, {})
        for picture in (stress_plots.heat_map, stress_plots.slips):
            for plan in self.plans:
                end = "" if len(self.plans) == 1 else f"-{plan.replace('/', '-').replace(':', '-')}"
                write_bytes(folder / f"{picture.__name__}{end}.png", picture(self, plan).png())
        write_json(folder / MANIFEST, self.as_json(rows=False))

    def as_json(self, *, rows: bool = True) -> dict[str, Any]:
        """What was found as JSON knows it, with every row of the tables unless they are left out."""
        told: dict[str, Any] = {
            "plans": self.plans,
            "futures": self.futures,
            "asked_for": int(self.records.frozen["analysis"]["n"]),
            "many": self.many,
            "level": LEVEL,
            "robustness": rows_of(self.robustness),
        }
        if rows:
            told |= {"milestones": rows_of(self.milestones), "drivers": rows_of(self.drivers)}
            told |= {"against": rows_of(self.against)}
        return told


def _thirds(kept: Any, rank: Any) -> dict[str, float]:
    """Share kept in the upper third of a factor less that in the lower third, with its interval and p-value."""
    met, place = kept.to_numpy(float), rank.to_numpy(float)
    above, below = met[place > 1.0 - THIRD], met[place <= THIRD]
    effect = float(above.mean() - below.mean())
    error = float(np.sqrt(above.var() / len(above) + below.var() / len(below)))
    law: Any = norm
    p = 2.0 * float(law.sf(abs(effect) / error)) if error > 0.0 else float(effect == 0.0)
    half = quantile(LEVEL) * error
    return {"effect": effect, "low": effect - half, "high": effect + half, "p": p}


def wilson(successes: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's interval of a share."""
    z = quantile(level)
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1.0 + z * z / n)
    half = z / (1.0 + z * z / n) * float(np.sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n)))
    return middle - half, middle + half


def quantile(level: float) -> float:
    """Half-width of a two-sided normal interval, in standard errors."""
    law: Any = norm
    return float(law.ppf(0.5 + level / 2.0))
