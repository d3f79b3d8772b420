"""Checks of the model against what it did not make: closed forms, published tables, conservation laws.

Every check is a function with free numbers: ``verification.erlang_c(c=7, a=5.5)`` runs the model's own code at these
numbers and puts the closed form beside it. ``shequ verify`` runs all of them at the values of docs/theory.md.
"""

from .check import Check, CheckError, Report, Row, catalogue, find
from .couplings import reporting_wait
from .effort import approval, budget, contract, duplicates, layers, split, unseen
from .queues import erlang_b, erlang_c, mm1
from .rollout import adoption, churn, estimators, learning, pilots, selection
from .whole_model import accounts, neutral_policy

__all__ = [
    "Check",
    "CheckError",
    "Report",
    "Row",
    "accounts",
    "adoption",
    "approval",
    "budget",
    "catalogue",
    "churn",
    "contract",
    "duplicates",
    "erlang_b",
    "erlang_c",
    "estimators",
    "find",
    "layers",
    "learning",
    "mm1",
    "neutral_policy",
    "pilots",
    "reporting_wait",
    "selection",
    "split",
    "unseen",
]
