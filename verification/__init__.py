"""Checks of the model against what it did not make: closed forms, published tables, conservation laws.

Every check is a function with free numbers: ``verification.erlang_c(c=7, a=5.5)`` runs the model's own code at these
numbers and puts the closed form beside it. ``shequ verify`` runs all of them at the values of docs/theory.md.
"""

from .backlog import weekly_bucket
from .check import Check, CheckError, Report, Row, catalogue, find
from .couplings import reporting_wait
from .effort import approval, contract, duplicates, hours_budget, layers, split, unseen
from .grievances import pyramid, weekly_counts
from .heads import attrition, burnout, offices_filled, training
from .learning import uneven_trust
from .matching import sparse_matching, stable_matching, uncoordinated_search
from .money import budgets, model_sim, money_conserved
from .queues import erlang_a, erlang_b, erlang_c, jackson, little, mm1, priority
from .repeats import issues_conserved, repeats
from .rollout import adoption, churn, estimators, learning_from_sites, pilots, selection
from .turnover import frailty, tipping_point
from .whole_model import accounts, neutral_policy

__all__ = [
    "Check",
    "CheckError",
    "Report",
    "Row",
    "accounts",
    "adoption",
    "approval",
    "attrition",
    "budgets",
    "burnout",
    "catalogue",
    "churn",
    "contract",
    "duplicates",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "estimators",
    "find",
    "frailty",
    "hours_budget",
    "issues_conserved",
    "jackson",
    "layers",
    "learning_from_sites",
    "little",
    "mm1",
    "model_sim",
    "money_conserved",
    "neutral_policy",
    "offices_filled",
    "pilots",
    "priority",
    "pyramid",
    "repeats",
    "reporting_wait",
    "selection",
    "sparse_matching",
    "split",
    "stable_matching",
    "tipping_point",
    "training",
    "uncoordinated_search",
    "uneven_trust",
    "unseen",
    "weekly_bucket",
    "weekly_counts",
]
