"""Checks of the model against what it did not make: closed forms, published tables, conservation laws.

Every check is a function with free numbers: ``verification.erlang_c(c=7, a=5.5)`` runs the model's own code at these
numbers and puts the closed form beside it. ``shequ verify`` runs all of them at the values of docs/theory.md.
"""

from .check import Check, CheckError, Report, Row, catalogue, find
from .emergencies import (
    branching,
    broadcast_and_contagion,
    call_tree,
    goods_are_conserved,
    last_visit,
    newsvendor,
    shared_hops,
)
from .queues import erlang_b, erlang_c, mm1

__all__ = [
    "Check",
    "CheckError",
    "Report",
    "Row",
    "branching",
    "broadcast_and_contagion",
    "call_tree",
    "catalogue",
    "erlang_b",
    "erlang_c",
    "find",
    "goods_are_conserved",
    "last_visit",
    "mm1",
    "newsvendor",
    "shared_hops",
]
