"""Many runs: replicates, results, milestones."""

from .pool import RunError
from .result import Result
from .runner import RunInterrupted, describe, run
from .store import StoreError

__all__ = ["Result", "RunError", "RunInterrupted", "StoreError", "describe", "run"]
