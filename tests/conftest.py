"""Settings that all tests share."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from shequ.model import CommunityModel
from shequ.model.schedule import PROCESSES
from shequ.verification.everything import everything_on

# The first example of a kernel compiles it, so there is no deadline; examples are the same in every run.
settings.register_profile("shequ", deadline=None, derandomize=True)
settings.load_profile("shequ")

os.environ["SHEQU_LANG"] = "en"  # whatever the locale of the machine

FILES_OF_A_STUDY = ("study.yaml", "design.parquet", "runs/*", "series/*", "milestones/*")
LATER = {"projects", "facilities", "attitudes", "ties", "heads", "organisations", "platform", "outreach", "mobility"}


@pytest.fixture(scope="session", autouse=True)
def later_kernels_first(worker_id: str) -> None:
    """On a machine without kernels the second worker begins with the later processes of a week.

    One process compiles a kernel and the others wait for it: in the same order they would take turns at waiting.
    """
    if worker_id == "gw1":
        arguments = everything_on(4, 20, 0)
        CommunityModel(**arguments, off=set(PROCESSES) - LATER).run(until=-100)


@pytest.fixture(scope="session")
def digests() -> Callable[[Path], dict[str, str]]:
    """Hash of every file of a study that must not depend on who did the work."""

    def of(path: Path) -> dict[str, str]:
        found = [file for pattern in FILES_OF_A_STUDY for file in path.glob(pattern)]
        return {str(one.relative_to(path)): hashlib.sha256(one.read_bytes()).hexdigest() for one in found}

    return of
