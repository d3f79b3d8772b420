"""Tables in compiled code: names that do not depend on the process that compiled it."""

import subprocess
import sys

import numpy as np

from shequ.model import passing

NAME = """
import numpy as np
from numba.core.itanium_mangler import mangle_type
from numba.np.numpy_support import from_dtype
from shequ.model import passing
for k in range({others}):
    mangle_type(from_dtype(np.dtype([(f"other{{k}}", np.int64)])))
print(mangle_type(from_dtype(passing.record_of({names}))))
"""


def name(names: tuple[str, ...], others: int) -> str:
    """Name of a record type in the code of a new process, which has met ``others`` records before."""
    script = NAME.format(others=others, names=names)
    return subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout


def test_names_of_records_follow_from_their_fields() -> None:
    """Numba's own names are numbers by order of meeting: code of two processes would share names and not contents.

    Without our naming both statements fail: the same record has two names, and two records have one.
    """
    assert name(("a", "b"), 0) == name(("a", "b"), 3)
    assert name(("a", "b"), 0) != name(("a", "c"), 0)


def test_equal_records_are_one_object() -> None:
    assert passing.record_of(("a", "b")) is passing.record_of(("a", "b"))
    assert passing.record_of(("a",)) == np.dtype([("a", np.float64)])
