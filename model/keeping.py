"""What takes long to read out of the project's own files is kept on disk, so that the next start finds it there."""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

import platformdirs


def cache() -> Path:
    """Folder of all that is kept: SHEQU_CACHE, or where the system keeps such things."""
    return Path(os.environ.get("SHEQU_CACHE", platformdirs.user_cache_dir("shequ")))


def kept[T](name: str, origin: bytes, make: Callable[[], T]) -> T:
    """Return ``make()``, plain data that follow from ``origin``, or what was kept of it under ``name``.

    One file a name: what was kept of another origin is replaced. What JSON would not give back as it is, is not kept,
    and a disk that takes nothing does no harm.
    """
    path = cache() / "kept" / f"{name}.json"
    digest = hashlib.sha256(origin).hexdigest()
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["origin"] == digest:
            return found["content"]
    content = make()
    with suppress(OSError, ValueError, TypeError):
        text = json.dumps({"origin": digest, "content": content})
        if json.loads(text)["content"] == content:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(f".{os.getpid()}")
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(path)
    return content


def declarations(package: str, *place: str) -> Any:
    """Content of a YAML file of the project: the file at ``place`` in ``package``."""
    file = files(package).joinpath(*place)
    text = file.read_bytes()

    def read() -> Any:
        from ruamel.yaml import YAML  # noqa: PLC0415  slow to load, and seldom needed

        whole: Any = YAML(typ="safe", pure=True)
        return whole.load(text.decode("utf-8"))

    return kept("-".join((package, *place)), text, read)
