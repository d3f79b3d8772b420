"""How the command line fails: one message without a traceback, and a fitting exit code."""

import os
import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager

import typer

FAILED = 1
WRONG_INPUT = 2
STOPPED = 130


@contextmanager
def speaking_plainly(lang: str | None = None) -> Generator[None]:
    """Turn what a user can mend into one message without a traceback, and a fitting exit code.

    Names inside the block are in the language ``lang`` (None: the user's).
    """
    from ..model.names import language, speaking  # noqa: PLC0415  help does without

    try:
        with warnings.catch_warnings(), speaking(lang):
            warnings.showwarning = _warn
            language()  # a wrong one in the environment is told before any work is done
            yield
    except KeyboardInterrupt as error:
        typer.echo(f"\n{error or 'stopped'}", err=True)
        raise typer.Exit(STOPPED) from None
    except BrokenPipeError:
        # The reader of a pipe has left: nobody to tell, and nothing to flush at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except Exception as error:
        if not _mendable(error):
            raise
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(WRONG_INPUT) from None


def _warn(message: Warning | str, *_: object) -> None:
    """Print what the library warns of, without the place in its code."""
    typer.echo(f"warning: {message}", err=True)


def _mendable(error: Exception) -> bool:
    """Whether the message is meant for the user: our own kinds of errors, and what the system refuses."""
    return isinstance(error, OSError) or (
        type(error).__module__.startswith("shequ.") and isinstance(error, ValueError | RuntimeError)
    )
