"""Commands for thousands of runs: sensitivity, stress, search, and the folders that they leave."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .errors import speaking_plainly
from .languages import Lang

commands = typer.Typer()


class MethodName(StrEnum):
    """Ways to tell which factors matter; delta and pawn also read the folder of any study."""

    SOBOL = "sobol"
    MORRIS = "morris"
    SHAPLEY = "shapley"
    DELTA = "delta"
    PAWN = "pawn"


Workers = Annotated[int | None, typer.Option(help="Processes; default: one a core.")]
ExecutorName = Annotated[str, typer.Option(help="processes, local-dask, or dask://HOST:PORT.")]
With = Annotated[list[str] | None, typer.Option("--with", metavar="FILE", help="Lay a file over the plan.")]
Until = Annotated[str | None, typer.Option(help="Stop after this date, such as 2026-12-31.")]
Communities = Annotated[int | None, typer.Option(help="Shrink the district to so many communities.")]
Homes = Annotated[int | None, typer.Option(help="Give every community so many households.")]
Force = Annotated[bool, typer.Option("--force", help="Throw away another study in the folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


@commands.command()
def sensitivity(
    scenario: Annotated[str, typer.Argument(help="Scenario, folder of a study, or ishigami, g, noisy.")],
    method: Annotated[MethodName, typer.Option(help="How to tell what matters.")] = MethodName.SOBOL,
    n: Annotated[int, typer.Option("--n", help="Blocks of the design: base points, trajectories or runs.")] = 64,
    precision: Annotated[float | None, typer.Option(help="Double n until intervals are +- so narrow.")] = None,
    factor: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[=LOW..HIGH]", help="What to vary; default: what the scenario calls uncertain."),
    ] = None,
    group: Annotated[list[str] | None, typer.Option(metavar="NAME=F,F", help="Factors that move together.")] = None,
    second_order: Annotated[bool, typer.Option("--second-order", help="Pairs too (sobol; twice the runs).")] = False,
    observable: Annotated[list[str] | None, typer.Option(help="Outcomes; default: headlines.")] = None,
    of: Annotated[str, typer.Option(help="Group of residents or type of community.")] = "all",
    date: Annotated[list[str] | None, typer.Option(help="Such as 2026-12-31; default: the ends of quarters.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the design and of all runs.")] = 0,
    workers: Workers = None,
    executor: ExecutorName = "processes",
    out: Annotated[Path | None, typer.Option(help="Folder of the study.")] = None,
    with_: With = None,
    until: Until = None,
    communities: Communities = None,
    households: Homes = None,
    force: Force = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Tell which uncertain factors a result depends on, and when."""
    with speaking_plainly(lang):
        from .sensitivity import sensitivity_report  # noqa: PLC0415

        sensitivity_report(
            scenario,
            method.value,
            n,
            group=group or [],
            of=of,
            as_json=as_json,
            precision=precision,
            factor=factor or [],
            second_order=second_order,
            observables=observable or [],
            dates=date or [],
            seed=seed,
            workers=workers,
            executor=executor,
            out=out,
            layers=with_ or [],
            until=until,
            communities=communities,
            households=households,
            force=force,
        )


@commands.command()
def stress(
    scenarios: Annotated[list[str], typer.Argument(help="Plans that meet the same futures, or the folder of a test.")],
    n: Annotated[int, typer.Option("--n", help="Number of futures.")] = 256,
    factor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=LOW..HIGH]", help="What differs; default: doses, delays, money, shocks, habits, heads."
        ),
    ] = None,
    many: Annotated[float, typer.Option(help="Share of promises that makes a future satisfactory.")] = 0.8,
    observable: Annotated[list[str] | None, typer.Option(help="Series to keep; default: headlines.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the futures and of all runs.")] = 0,
    workers: Workers = None,
    executor: ExecutorName = "processes",
    out: Annotated[Path | None, typer.Option(help="Folder of the study.")] = None,
    with_: With = None,
    until: Until = None,
    communities: Communities = None,
    households: Homes = None,
    force: Force = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Test a plan's calendar in thousands of futures."""
    with speaking_plainly(lang):
        from .stress import stress_report  # noqa: PLC0415

        stress_report(
            scenarios,
            n,
            out=out,
            many=many,
            as_json=as_json,
            workers=workers,
            executor=executor,
            force=force,
            factor=factor or [],
            observables=observable or [],
            seed=seed,
            layers=with_ or [],
            until=until,
            communities=communities,
            households=households,
        )


@commands.command()
def search(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a file.")],
    budget: Annotated[float | None, typer.Option(help="Most CNY a year of public and charity money.")] = None,
    factor: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[=LOW..HIGH]", help="Decisions; default: uncertain levers, delays of phases, money."),
    ] = None,
    population: Annotated[int, typer.Option(help="Plans a generation.")] = 24,
    generations: Annotated[int, typer.Option(help="Generations.")] = 8,
    replicates: Annotated[int, typer.Option(help="Runs of each plan, on the same seeds.")] = 2,
    futures: Annotated[int, typer.Option(help="Futures that the best plans meet.")] = 32,
    seed: Annotated[int, typer.Option(help="Seed of the search and of all runs.")] = 0,
    workers: Workers = None,
    executor: ExecutorName = "processes",
    out: Annotated[Path | None, typer.Option(help="Folder of the search.")] = None,
    with_: With = None,
    communities: Communities = None,
    households: Homes = None,
    force: Force = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Look for plans that keep more promises for less."""
    with speaking_plainly(lang):
        from .search import search_report  # noqa: PLC0415

        search_report(
            scenario,
            out=out,
            as_json=as_json,
            workers=workers,
            executor=executor,
            force=force,
            budget=budget,
            factor=factor or [],
            population=population,
            generations=generations,
            replicates=replicates,
            futures=futures,
            seed=seed,
            layers=with_ or [],
            communities=communities,
            households=households,
        )


@commands.command()
def study(
    folder: Annotated[Path, typer.Argument(help="Folder of a study.")],
    run: Annotated[
        int | None, typer.Option(help="Do this one run again, and tell its point and what it gives.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a study that was stopped.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Do failed runs again.")] = False,
    hub: Annotated[
        Path | None, typer.Option(help="Write quantiles in hubverse columns to this CSV or Parquet.")
    ] = None,
    workers: Workers = None,
    executor: ExecutorName = "processes",
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Show a study: state, failed runs; resume, export."""
    with speaking_plainly(lang):
        from .studies import study_report  # noqa: PLC0415

        study_report(
            folder,
            run=run,
            resume=resume,
            retry=retry,
            hub=hub,
            workers=workers,
            executor=executor,
            as_json=as_json,
        )
