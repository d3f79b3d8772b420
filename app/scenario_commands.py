"""``shequ scenario``: check, show, compare and begin scenario files."""

import re
from pathlib import Path
from typing import Annotated

import typer

from .errors import WRONG_INPUT, speaking_plainly
from .languages import Lang

app = typer.Typer(help="Check, show, compare and begin scenario files.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="Name of a scenario, or a file.")]


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(help="Names of scenarios, or files.")],
    with_: Annotated[list[str] | None, typer.Option("--with", metavar="FILE", help="Lay a file over each.")] = None,
    run: Annotated[
        bool, typer.Option("--run", help="Also leave out each item in turn: does the run change? Minutes.")
    ] = False,
    households: Annotated[int, typer.Option(help="With --run: households a community.")] = 40,
    seed: Annotated[int, typer.Option(help="With --run: seed.")] = 0,
    lang: Lang = None,
) -> None:
    """Name every mistake of scenario files with file, line and what would be right."""
    with speaking_plainly(lang):
        from ..model.names import phrase  # noqa: PLC0415
        from ..scenarios import texts  # noqa: PLC0415

        faults = {file: texts.check(file, with_ or []) for file in files}
        if run and not any(faults.values()):
            from .lever_audit import audit_report  # noqa: PLC0415

            faults = {file: audit_report(file, with_ or [], seed=seed, households=households) for file in files}
        for file, found in faults.items():
            for fault in found:
                typer.echo(fault, err=True)
            if not found:
                typer.echo(phrase("{file}: right", file=file))
        if any(faults.values()):
            raise typer.Exit(WRONG_INPUT)


@app.command()
def show(
    scenario: Name,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="LEVER=VALUE", help="Hold a lever in all communities.")
    ] = None,
    with_: Annotated[list[str] | None, typer.Option("--with", metavar="FILE", help="Lay a file over the plan.")] = None,
    lang: Lang = None,
) -> None:
    """Print what a scenario does: district, phases, interventions by date, budget, milestones."""
    with speaking_plainly(lang):
        from ..scenarios import texts  # noqa: PLC0415

        typer.echo(texts.show(scenario, with_ or [], pairs(set_ or [])), nl=False)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the new scenario.")],
    file: Annotated[Path | None, typer.Argument(help="File to write; default: NAME.yaml.")] = None,
    data: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Households of your own: CSV, XLSX or Parquet.")
    ] = None,
    archetype: Annotated[str, typer.Option(help="What your community is most like; fills what the file lacks.")] = (
        "mixed"
    ),
) -> None:
    """Write a commented scenario file to start from, or one of your own households."""
    with speaking_plainly():
        from ..scenarios import own_scenario, texts  # noqa: PLC0415
        from ..scenarios.words import ARCHETYPES, NAME  # noqa: PLC0415

        if not re.match(NAME, name):
            message = f"{name!r} cannot name a scenario: use lower-case letters, digits and underscores, a letter first"
            raise typer.BadParameter(message)
        if archetype not in ARCHETYPES:
            message = f"found the archetype {archetype!r}; allowed: {', '.join(ARCHETYPES)}"
            raise typer.BadParameter(message)
        written = file or Path(f"{name}.yaml")
        if data is None:
            texts.new(name, written)
        else:
            for line in own_scenario.write(name, written, data, archetype).lines():
                typer.echo(f"{data}: {line}")
        typer.echo(f"{written} is written. Next: `shequ scenario check {written}`, then `shequ run {written}`.")


@app.command()
def diff(first: Name, second: Name, lang: Lang = None) -> None:
    """Show what differs between two scenarios."""
    with speaking_plainly(lang):
        from ..scenarios import texts  # noqa: PLC0415

        typer.echo(texts.diff(first, second), nl=False)


def pairs(texts: list[str]) -> dict[str, str]:
    """Split the values of --set; raises BadParameter on anything but LEVER=VALUE."""
    found: dict[str, str] = {}
    for text in texts:
        lever, equals, value = text.partition("=")
        if not equals or not lever.strip() or not value.strip():
            message = f"--set takes lever=value, such as --set head_subsidy=300; found {text!r}"
            raise typer.BadParameter(message)
        found[lever.strip()] = value.strip()
    return found
