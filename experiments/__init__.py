"""Many runs: replicates, results, milestones."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .pool import RunError
    from .result import Result
    from .runner import RunInterrupted, describe, run
    from .store import StoreError

__all__ = ["Result", "RunError", "RunInterrupted", "StoreError", "describe", "run"]

PLACES = {
    "Result": "result",
    "RunError": "pool",
    "RunInterrupted": "runner",
    "StoreError": "store",
    "describe": "runner",
    "run": "runner",
}


def __getattr__(name: str) -> Any:
    """Load a part only when it is asked for: worker processes need neither tables nor pictures."""
    if name not in PLACES:
        message = f"module 'shequ.experiments' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{PLACES[name]}"), name)
