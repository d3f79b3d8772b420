"""``shequ scenario``: check, show, compare and begin scenario files."""

import typer

app = typer.Typer(help="Check, show, compare and begin scenario files.", no_args_is_help=True, rich_markup_mode=None)
