"""Runs on one seed that one worker process simulates in a row, each kept as soon as it is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .replicate import Job, simulate_together
from .store import pack, write_bytes


@dataclass(frozen=True)
class Chunk:
    """Jobs that one worker simulates on one seed, and where each result goes."""

    jobs: tuple[Job, ...]
    seed: int
    paths: tuple[Path, ...]

    def carry_out(self) -> Iterator[Path]:
        """Simulate and keep one after the other."""
        for path, data in zip(self.paths, simulate_together(self.jobs, self.seed), strict=True):
            write_bytes(path, pack(data))
            yield path


def carry_out(chunk: Chunk) -> None:
    """Do all of a chunk."""
    for _ in chunk.carry_out():
        pass
