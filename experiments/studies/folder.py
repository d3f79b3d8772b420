"""The folder of a study: what was asked for, one part a batch of runs, and nothing half done.

==================  =================================================================================================
``study.yaml``      all that determines the result; a folder takes no other study
``design.parquet``  one row a run: scenario, replicate, factors
``manifest.json``   versions, host, command, status
``runs/``           parts: run, status, stage, error. A part that is there tells that its batch is done
``series/``         parts: run, week, observable, group, value
``milestones/``     parts: run, milestone, value, attained, weeks_late
``seconds/``        parts: run, seconds. All other files are the same bytes whenever and wherever the study is done
==================  =================================================================================================

Parts are written by the process that did the runs, to a temporary name, then renamed; that of ``runs`` last. A study
that is stopped, however it is, loses the batches in flight and goes on with the others.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import Any

import filelock
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
from ruamel.yaml import YAML

from ..store import StoreError, read_json, reason, write_bytes, write_json
from .definition import design_hash
from .parts import RUNS, SCHEMAS, Parts, pa, written

STUDY = "study.yaml"
DESIGN = "design.parquet"
MANIFEST = "manifest.json"
LOCK = ".lock"


@dataclass(frozen=True)
class Folder(Parts):
    """A study's folder at ``path``."""

    # --- before and after ---------------------------------------------------------------------------------------------

    def open(self, frozen: dict[str, Any], design: pd.DataFrame, *, force: bool) -> None:
        """Claim the folder for a study, or find it claimed for this very one; raises StoreError."""
        try:
            known = self._known(force=force)
            if known is not None and known != frozen and not self._grown(known, frozen, design):
                raise StoreError(self._strange(known, frozen))
            for kind in SCHEMAS:
                (self.path / kind).mkdir(parents=True, exist_ok=True)
            self.sweep()
            if known != frozen:
                write_bytes(self.path / DESIGN, _frame_bytes(design))
                write_bytes(self.path / STUDY, _yaml(frozen))
        except StoreError:
            raise
        except OSError as error:
            message = f"cannot write to {self.path}: {reason(error)}. Choose another folder with --out"
            raise StoreError(message) from error

    def sweep(self) -> None:
        """Remove what killed processes had begun to write."""
        for kind in SCHEMAS:
            for left in (self.path / kind).glob(".part-*"):
                left.unlink(missing_ok=True)

    def _known(self, *, force: bool) -> dict[str, Any] | None:
        """Study that the folder holds, None if it is free."""
        if not self.path.exists() or not any(entry.name != LOCK for entry in self.path.iterdir()):
            return None
        if not (self.path / STUDY).is_file():
            if (self.path / DESIGN).is_file() and not (self.path / MANIFEST).is_file():
                return None  # stopped while it was being set up
            message = f"{self.path} is in the way and holds no study; choose another folder with --out"
            raise StoreError(message)
        if not force:
            return self.frozen()
        for kind in SCHEMAS:
            for part in (self.path / kind).glob("*part-*"):
                part.unlink()
        (self.path / STUDY).unlink()
        return None

    def _grown(self, known: dict[str, Any], frozen: dict[str, Any], design: pd.DataFrame) -> bool:
        """Whether the study that is known is the beginning of this one: its runs stand, but for a part not full."""
        bare = [{**one, "runs": 0, "design": "", "analysis": {**one["analysis"], "n": 0}} for one in (known, frozen)]
        table: Any = design
        if bare[0] != bare[1] or known["design"] != design_hash(table.iloc[: known["runs"]]):
            return False
        if known["runs"] % known["batch"]:
            self.part(RUNS, known["runs"] // known["batch"]).unlink(missing_ok=True)
        return True

    def _strange(self, known: dict[str, Any], frozen: dict[str, Any]) -> str:
        if {**known, "code": None} == {**frozen, "code": None}:
            what = "was begun by another version of the model, whose runs must not be mixed with those of this one"
        else:
            differing = sorted(key for key in {*known, *frozen} if known.get(key) != frozen.get(key))
            what = f"holds another study (it differs in {', '.join(differing)})"
        return f"{self.path} {what}. Choose another folder with --out, or --force to throw away what lies there"

    def frozen(self) -> dict[str, Any]:
        """What was asked for."""
        try:
            whole: Any = YAML(typ="safe", pure=True)
            return whole.load((self.path / STUDY).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            message = f"{self.path} is no folder of a study: there is no {STUDY} in it"
            raise StoreError(message) from error
        except (OSError, ValueError) as error:
            message = f"{self.path / STUDY} cannot be read: {error}"
            raise StoreError(message) from error

    @contextmanager
    def alone(self) -> Generator[None]:
        """Keep others from working in the folder; raises StoreError if somebody is there. Ends with the process."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(self.path / LOCK, timeout=0):
                yield
        except filelock.Timeout as error:
            message = f"another process works on {self.path}; wait for it, or choose another folder with --out"
            raise StoreError(message) from error

    def write_manifest(self, content: dict[str, Any]) -> None:
        """Write who did the study, on what, and how far it came."""
        write_json(self.path / MANIFEST, content)

    def manifest(self) -> dict[str, Any]:
        """What :meth:`write_manifest` wrote."""
        return read_json(self.path / MANIFEST)


def _frame_bytes(frame: pd.DataFrame) -> bytes:
    table: Any = pa.Table.from_pandas(frame.rename_axis("run").reset_index(), preserve_index=False)
    return written(table.replace_schema_metadata())


def _yaml(content: dict[str, Any]) -> bytes:
    stream, writer = StringIO(), YAML(typ="safe", pure=True)
    whole: Any = writer
    whole.default_flow_style, whole.width = None, 120
    whole.dump(content, stream)
    return stream.getvalue().encode()
