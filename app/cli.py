"""The command line. Heavy parts (numba, Mesa, pandas, Matplotlib) are loaded by the commands that need them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from . import scenario_commands, study_commands
from .errors import FAILED, speaking_plainly
from .languages import Lang

app = typer.Typer(
    help="Agent-based simulation of community governance in Chinese cities (社区).",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(scenario_commands.app, name="scenario")
app.add_typer(study_commands.commands)


class EngineName(StrEnum):
    """The two engines; both give the same bytes."""

    COMPILED = "compiled"
    AGENTS = "agents"


class Listing(StrEnum):
    """What can be listed."""

    SCENARIOS = "scenarios"
    INTERVENTIONS = "interventions"
    ARCHETYPES = "archetypes"
    LEVERS = "levers"
    PARAMETERS = "parameters"
    OBSERVABLES = "observables"
    PROCESSES = "processes"
    RULES = "rules"
    COUPLINGS = "couplings"


Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a file.")],
    replicates: Annotated[int, typer.Option(help="Number of runs with different luck.")] = 20,
    seed: Annotated[int, typer.Option(help="Seed that all replicates descend from.")] = 0,
    engine: Annotated[EngineName, typer.Option(help="Both give the same bytes; agents is slow.")] = EngineName.COMPILED,
    workers: Annotated[int | None, typer.Option(help="Processes; default: one a core.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; default: results/<scenario>-<hash>-<seed>.")] = None,
    until: Annotated[str | None, typer.Option(help="Stop after this date, such as 2026-12-31.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="LEVER=VALUE", help="Hold a lever in all communities.")
    ] = None,
    with_: Annotated[list[str] | None, typer.Option("--with", metavar="FILE", help="Lay a file over the plan.")] = None,
    off: Annotated[list[str] | None, typer.Option(metavar="PROCESS", help="Leave a process out.")] = None,
    cut: Annotated[list[str] | None, typer.Option(metavar="COUPLING", help="Cut a coupling between processes.")] = None,
    communities: Annotated[int | None, typer.Option(help="Shrink the district to so many communities.")] = None,
    households: Annotated[int | None, typer.Option(help="Give every community so many households.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a result that is already there.")] = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Run a scenario: milestone table, files, timeline."""
    with speaking_plainly(lang):
        from ..experiments import runner  # noqa: PLC0415
        from .report import report, started, telling  # noqa: PLC0415

        planned = runner.describe(
            scenario,
            replicates=replicates,
            seed=seed,
            engine=engine.value,
            until=until,
            set=scenario_commands.pairs(set_ or []),
            with_=with_ or [],
            off=off or [],
            cut=cut or [],
            communities=communities,
            households=households,
        )
        folder = out or planned.default_folder
        started(planned)
        result = runner.carry_out(planned, workers=workers, out=folder, force=force, progress=telling())
        report(result, folder, as_json=as_json)


@app.command()
def show(
    folder: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Print the milestone table of a finished run again."""
    with speaking_plainly(lang):
        from ..experiments import Result  # noqa: PLC0415
        from .report import report  # noqa: PLC0415

        report(Result.load(folder), folder, as_json=as_json)


@app.command("list")
def list_(
    what: Annotated[Listing, typer.Argument(help="What to list.")] = Listing.SCENARIOS,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """List scenarios, levers, parameters and so on."""
    with speaking_plainly(lang):
        from .listing import listing  # noqa: PLC0415

        listing(what.value, as_json=as_json)


@app.command()
def explain(
    name: Annotated[str, typer.Argument(help="A rule, parameter, lever, observable or process.")],
    lang: Lang = None,
) -> None:
    """Say what something is, its equation and source."""
    with speaking_plainly(lang):
        from .explain import explain as tell  # noqa: PLC0415
        from .tables import console  # noqa: PLC0415

        tell(name, console())


@app.command()
def baseline(
    replicates: Annotated[int, typer.Option(help="Number of runs.")] = 4,
    seed: Annotated[int, typer.Option(help="Seed.")] = 0,
    workers: Annotated[int | None, typer.Option(help="Processes; default: one a core.")] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Compare the world without a plan with records."""
    with speaking_plainly(lang):
        from .report import baseline_report  # noqa: PLC0415

        baseline_report(replicates=replicates, seed=seed, workers=workers, as_json=as_json)


@app.command()
def coverage(
    plan: Annotated[str | None, typer.Argument(help="A plan in full; default: a line for each.")] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Say what of each plan is modelled, and what is not."""
    with speaking_plainly(lang):
        from .coverage import coverage_report  # noqa: PLC0415

        coverage_report(plan, as_json=as_json)


@app.command()
def ablate(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a file.")],
    of: Annotated[list[str] | None, typer.Option(metavar="PART", help="Process or coupling; default: each.")] = None,
    replicates: Annotated[int, typer.Option(help="Number of runs with different luck, of each variant.")] = 4,
    seed: Annotated[int, typer.Option(help="Seed that all replicates descend from.")] = 0,
    workers: Annotated[int | None, typer.Option(help="Processes; default: one a core.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; default: results/ablation-<scenario>-<seed>.")] = None,
    until: Annotated[str | None, typer.Option(help="Stop after this date, such as 2026-12-31.")] = None,
    communities: Annotated[int | None, typer.Option(help="Shrink the district to so many communities.")] = None,
    households: Annotated[int | None, typer.Option(help="Give every community so many households.")] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Rank what each process and coupling contributes."""
    with speaking_plainly(lang):
        from .ablation import ablation_report  # noqa: PLC0415

        ablation_report(
            scenario,
            of or [],
            as_json=as_json,
            out=out or Path("results") / f"ablation-{Path(scenario).stem.replace(':', '-')}-{seed}",
            replicates=replicates,
            seed=seed,
            workers=workers,
            until=until,
            communities=communities,
            households=households,
        )


@app.command("compare")
def compare_(
    scenarios: Annotated[list[str], typer.Argument(help="Names or files, variants as NAME:VARIANT.")],
    baseline: Annotated[str | None, typer.Option(help="Which one is the baseline; default: the first.")] = None,
    observable: Annotated[list[str] | None, typer.Option(help="What to compare, or all; default: headlines.")] = None,
    date: Annotated[list[str] | None, typer.Option(help="Such as 2026-12-31; default: the ends of years.")] = None,
    replicates: Annotated[int, typer.Option(help="Number of pairs.")] = 20,
    seed: Annotated[int, typer.Option(help="Seed that all replicates descend from.")] = 0,
    workers: Annotated[int | None, typer.Option(help="Processes; default: one a core.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for tables and pictures.")] = None,
    store: Annotated[Path, typer.Option(help="Folder that keeps finished runs.")] = Path("results/replicates"),
    district: Annotated[str | None, typer.Option(help="Scenario whose district all run on; the baseline's.")] = None,
    communities: Annotated[int | None, typer.Option(help="Shrink the district to so many communities.")] = None,
    households: Annotated[int | None, typer.Option(help="Give every community so many households.")] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Compare plans on the same luck: effects, costs, gainers."""
    with speaking_plainly(lang):
        from .comparison import comparison_report  # noqa: PLC0415

        comparison_report(
            scenarios,
            out=out,
            as_json=as_json,
            baseline=baseline,
            observables=observable or [],
            dates=date or [],
            replicates=replicates,
            seed=seed,
            workers=workers,
            store=store,
            district=district,
            communities=communities,
            households=households,
        )


class Grouping(StrEnum):
    """What makes items of a plan one part."""

    PROCESS = "process"
    ENTRY = "entry"
    ITEM = "item"


@app.command("attribute")
def attribute_(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a file.")],
    observable: Annotated[list[str] | None, typer.Option(help="What to attribute; default: headlines.")] = None,
    by: Annotated[Grouping, typer.Option(help="How items are grouped into parts.")] = Grouping.PROCESS,
    group: Annotated[list[str] | None, typer.Option(metavar="NAME=ITEM,ITEM", help="A part of your own.")] = None,
    date: Annotated[str | None, typer.Option(help="Such as 2026-12-31; default: the last day.")] = None,
    replicates: Annotated[int, typer.Option(help="Number of runs with different luck.")] = 8,
    runs: Annotated[int | None, typer.Option(help="Most runs in all; more allow more orders.")] = None,
    seed: Annotated[int, typer.Option(help="Seed that all replicates descend from.")] = 0,
    workers: Annotated[int | None, typer.Option(help="Processes; default: one a core.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for tables and pictures.")] = None,
    store: Annotated[Path, typer.Option(help="Folder that keeps finished runs.")] = Path("results/replicates"),
    communities: Annotated[int | None, typer.Option(help="Shrink the district to so many communities.")] = None,
    households: Annotated[int | None, typer.Option(help="Give every community so many households.")] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Share out a plan's effect among its parts."""
    with speaking_plainly(lang):
        from .attribution import attribution_report  # noqa: PLC0415

        attribution_report(
            scenario,
            groups=group or [],
            out=out,
            as_json=as_json,
            observables=observable or [],
            by=by.value,
            day=date,
            replicates=replicates,
            runs=runs,
            seed=seed,
            workers=workers,
            store=store,
            communities=communities,
            households=households,
        )


@app.command()
def holdback(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a file.")],
    of: Annotated[list[str] | None, typer.Option(metavar="MEANS", help="Means to relax; default: each.")] = None,
    replicates: Annotated[int, typer.Option(help="Number of runs with different luck, of each variant.")] = 6,
    seed: Annotated[int, typer.Option(help="Seed that all replicates descend from.")] = 0,
    workers: Annotated[int | None, typer.Option(help="Processes; default: one a core.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; default: results/holdback-<scenario>-<seed>.")] = None,
    until: Annotated[str | None, typer.Option(help="Stop after this date, such as 2026-12-31.")] = None,
    with_: Annotated[list[str] | None, typer.Option("--with", metavar="FILE", help="Lay a file over the plan.")] = None,
    communities: Annotated[int | None, typer.Option(help="Shrink the district to so many communities.")] = None,
    households: Annotated[int | None, typer.Option(help="Give every community so many households.")] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Find what held milestones back, by relaxing one means at a time."""
    with speaking_plainly(lang):
        from .holdback import holdback_report  # noqa: PLC0415

        names = "+".join(Path(name).stem for name in (scenario.replace(":", "-"), *(with_ or [])))
        holdback_report(
            scenario,
            of or [],
            as_json=as_json,
            out=out or Path("results") / f"holdback-{names}-{seed}",
            with_=with_ or [],
            replicates=replicates,
            seed=seed,
            workers=workers,
            until=until,
            communities=communities,
            households=households,
        )


@app.command()
def patterns(
    numbers: Annotated[list[int] | None, typer.Argument(help="Patterns to look for; default: all.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the one run of each scenario.")] = 0,
    communities: Annotated[int | None, typer.Option(help="Shrink the district to so many communities.")] = None,
    households: Annotated[int | None, typer.Option(help="Give every community so many households.")] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Look for what the whole model should show."""
    with speaking_plainly(lang):
        from ..experiments.patterns import Lives  # noqa: PLC0415
        from .patterns import patterns as look  # noqa: PLC0415

        look(numbers or [], Lives(seed, communities, households), as_json=as_json)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def verify(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Checks, as Q2; default: all.")] = None,
    study: Annotated[bool, typer.Option("--study", help="Also the cases that take minutes.")] = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Run the theory page's checks, one at your numbers.

    Numbers of your own go behind one id: verify Q2 --c 7 --a 5.5. A wrong name lists those that the check has.
    """
    with speaking_plainly(lang):
        from .verify import verify as run_checks  # noqa: PLC0415

        words = [*(ids or []), *context.args]
        first = next((k for k, word in enumerate(words) if word.startswith("--")), len(words))
        if not run_checks(words[:first], words[first:], study=study, as_json=as_json):
            raise typer.Exit(FAILED)


@app.command()
def version() -> None:
    """Print the version."""
    from .. import __version__  # noqa: PLC0415

    typer.echo(f"shequ {__version__}")


def main() -> None:
    """Run the command line."""
    app()
