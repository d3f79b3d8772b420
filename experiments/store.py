"""The folder of a run: finished replicates are safe at once, and a folder that looks whole is whole.

While a run is under way everything lies in ``<folder>.partial``: ``identity.json`` and one file a finished replicate.
When all are there the result is written beside it and renamed to ``<folder>`` in one step. So a run that is stopped, by
Ctrl-C, a full disk or a power cut, loses only the replicates in flight, and the same command goes on from there.
"""

import errno
import gzip
import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import xarray as xr

MANIFEST = "run.json"
IDENTITY = "identity.json"
FAST = 1  # gzip's level: most of the gain for the least time


class StoreError(OSError):
    """A result folder that cannot be written, or must not be overwritten."""


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file that is either whole or not there: to a temporary name, to the disk, then renamed."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_json(path: Path, content: Any) -> None:
    """Write JSON in one form only: same content, same bytes."""
    write_bytes(path, (json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode())


def read_json(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_dataset(path: Path, dataset: xr.Dataset) -> None:
    """Write a dataset as netCDF 3, which any tool reads."""
    whole: Any = dataset
    write_bytes(path, bytes(whole.to_netcdf(engine="scipy")))


def read_dataset(path: Path) -> xr.Dataset:
    """Read a dataset written by :func:`write_dataset`."""
    library: Any = xr
    return library.load_dataset(path, engine="scipy")


def pack(dataset: xr.Dataset) -> bytes:
    """Return a dataset as packed netCDF 3; the same dataset gives the same bytes."""
    whole: Any = dataset
    return gzip.compress(bytes(whole.to_netcdf(engine="scipy")), compresslevel=FAST, mtime=0)


def unpack(content: bytes, without: Iterable[str] = ()) -> xr.Dataset:
    """Return the dataset that :func:`pack` packed, or what is left ``without`` some of its variables."""
    library: Any = xr
    return library.load_dataset(BytesIO(gzip.decompress(content)), engine="scipy", drop_variables=list(without))


def reason(error: OSError) -> str:
    """Return what went wrong, in the system's words and without a number."""
    if error.errno == errno.ENOSPC:
        return "no space is left on the disk"
    return (error.strerror or str(error)).lower()


@dataclass(frozen=True)
class Store:
    """Result folder ``folder`` of the run with ``identity``."""

    folder: Path
    identity: str

    @property
    def partial(self) -> Path:
        """Folder that holds the replicates finished so far."""
        return self.folder.with_name(self.folder.name + ".partial")

    def open(self, *, force: bool) -> None:
        """Claim the folder, before anything is computed; raises StoreError when that cannot be.

        A finished result is only replaced with ``force``, and nothing but a result is ever replaced. Replicates of
        another run (other scenario, levers, parameters, seed or version) are dropped.
        """
        self._refuse_overwriting(force=force)
        try:
            known = read_json(self.partial / IDENTITY)["identity"] if (self.partial / IDENTITY).is_file() else None
            if self.partial.exists() and known is None and any(self.partial.iterdir()):
                message = (
                    f"{self.partial} is in the way and holds no replicates of a run; move it or choose another --out"
                )
                raise StoreError(message)
            if known not in {None, self.identity}:
                shutil.rmtree(self.partial)
            self.partial.mkdir(parents=True, exist_ok=True)
            write_json(self.partial / IDENTITY, {"identity": self.identity})
        except StoreError:
            raise
        except OSError as error:
            message = f"cannot write to {self.folder}: {reason(error)}. Choose another folder with --out"
            raise StoreError(message) from error

    def _refuse_overwriting(self, *, force: bool) -> None:
        if not self.folder.exists() or (self.folder.is_dir() and not any(self.folder.iterdir())):
            return
        if not (self.folder / MANIFEST).is_file():
            message = f"{self.folder} exists and is not a result of shequ; choose another folder with --out"
            raise StoreError(message)
        if not force:
            same = read_json(self.folder / MANIFEST).get("identity") == self.identity
            what = "already holds the result of this very run" if same else "holds the result of another run"
            message = f"{self.folder} {what}. `shequ show {self.folder}` prints it; --force runs again and replaces it"
            raise StoreError(message)

    def finished(self, replicates: int) -> dict[int, xr.Dataset]:
        """Replicates below ``replicates`` that are already there."""
        paths = {k: self._path(k) for k in range(replicates)}
        return {k: self._read(path) for k, path in paths.items() if path.is_file()}

    def _read(self, path: Path) -> xr.Dataset:
        try:
            return read_dataset(path)
        except (OSError, ValueError, TypeError, IndexError) as error:
            message = f"{path} is damaged; delete it, and the same command makes it anew"
            raise StoreError(message) from error

    def abandon(self) -> None:
        """Remove the folder for unfinished work if there is none in it."""
        if not any(self.partial.glob("*.nc")):
            shutil.rmtree(self.partial, ignore_errors=True)

    def keep(self, replicate: int, observables: xr.Dataset) -> None:
        """Write a finished replicate."""
        write_dataset(self._path(replicate), observables)

    def _path(self, replicate: int) -> Path:
        return self.partial / f"{replicate:04d}.nc"

    def complete(self, write: Callable[[Path], None]) -> None:
        """Let ``write(folder)`` write the whole result, then put it in place in one step."""
        beside = self.folder.with_name(f".{self.folder.name}.{os.getpid()}")
        try:
            beside.mkdir(parents=True)
            write(beside)
            if self.folder.exists():
                replaced = self.folder.with_name(f".{self.folder.name}.{os.getpid()}.replaced")
                self.folder.rename(replaced)
                beside.rename(self.folder)
                shutil.rmtree(replaced)
            else:
                beside.rename(self.folder)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        shutil.rmtree(self.partial, ignore_errors=True)
