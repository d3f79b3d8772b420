"""Checks of the model against what it did not make: closed forms, published tables, conservation laws.

Every check is a function with free numbers: ``verification.erlang_c(c=7, a=5.5)`` runs the model's own code at these
numbers and puts the closed form beside it. ``shequ verify`` runs all of them at the values of docs/theory.md.
"""

from .backlog import weekly_bucket
from .check import Check, CheckError, Report, Row, catalogue, find
from .grievances import pyramid, weekly_counts
from .heads import attrition, burnout, offices_filled, training
from .learning import uneven_trust
from .matching import sparse_matching, stable_matching, uncoordinated_search
from .money import budgets, model_sim, money_conserved
from .queues import erlang_a, erlang_b, erlang_c, jackson, little, mm1, priority
from .repeats import issues_conserved, repeats
from .turnover import frailty, tipping_point

__all__ = [
    "Check",
    "CheckError",
    "Report",
    "Row",
    "attrition",
    "budgets",
    "burnout",
    "catalogue",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "find",
    "frailty",
    "issues_conserved",
    "jackson",
    "little",
    "mm1",
    "model_sim",
    "money_conserved",
    "offices_filled",
    "priority",
    "pyramid",
    "repeats",
    "sparse_matching",
    "stable_matching",
    "tipping_point",
    "training",
    "uncoordinated_search",
    "uneven_trust",
    "weekly_bucket",
    "weekly_counts",
]
