"""Parts of a study on the disk: what a batch tells, as Parquet, written by the process that did the runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from ..store import write_bytes
from .work import FAILED, Batch, Told, work

pa: Any = pyarrow
pq: Any = pyarrow.parquet
RUNS, SERIES, MILESTONES, SECONDS = "runs", "series", "milestones", "seconds"
NAMES = pa.dictionary(pa.int32(), pa.string())
SCHEMAS: dict[str, Any] = {
    RUNS: pa.schema([("run", pa.int32()), ("status", NAMES), ("stage", NAMES), ("error", pa.string())]),
    SERIES: pa.schema(
        [("run", pa.int32()), ("week", pa.int16()), ("observable", NAMES), ("group", NAMES), ("value", pa.float64())]
    ),
    MILESTONES: pa.schema(
        [
            ("run", pa.int32()),
            ("milestone", NAMES),
            ("value", pa.float64()),
            ("attained", pa.bool_()),
            ("weeks_late", pa.float64()),
        ]
    ),
    SECONDS: pa.schema([("run", pa.int32()), ("seconds", pa.float64())]),
}


@dataclass(frozen=True)
class Parts:
    """Parts in the folder at ``path``."""

    path: Path

    def part(self, kind: str, batch: int) -> Path:
        """File of one kind of rows of one batch."""
        return self.path / kind / f"part-{batch:06d}.parquet"

    def has(self, batch: int) -> bool:
        """Whether a batch is done."""
        return self.part(RUNS, batch).is_file()

    def keep(self, batch: int, told: Sequence[Told]) -> None:
        """Write what a batch tells; whole or not at all."""
        rows: dict[str, list[tuple[Any, ...]]] = {
            SERIES: [(one.run, *row) for one in told for row in one.series],
            MILESTONES: [(one.run, *row) for one in told for row in one.promises],
            SECONDS: [(one.run, one.seconds) for one in told],
            RUNS: [(one.run, one.status, one.stage, one.error) for one in told],
        }
        for kind, content in rows.items():
            write_bytes(self.part(kind, batch), _parquet(kind, content))


def finish(path: Path, batch: Batch) -> int:
    """Do a batch and keep what it tells; return how many of its runs failed. This is what a worker is sent."""
    told = work(batch)
    Parts(path).keep(batch.number, told)
    return sum(one.status == FAILED for one in told)


def _parquet(kind: str, rows: Sequence[tuple[Any, ...]]) -> bytes:
    """Rows as Parquet; the same rows give the same bytes."""
    schema = SCHEMAS[kind]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays: list[Any] = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return written(pa.Table.from_arrays(arrays, schema=schema))


def written(table: Any) -> bytes:
    """Return a table as a Parquet file; the same table gives the same bytes."""
    sink = BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
