"""Checks of the model against what it did not make: closed forms, published tables, conservation laws.

Every check is a function with free numbers: ``verification.erlang_c(c=7, a=5.5)`` runs the model's own code at these
numbers and puts the closed form beside it. ``shequ verify`` runs all of them at the values of docs/theory.md.
"""

from .attitudes import degroot, disconfirmation, friedkin_johnsen
from .backlog import weekly_bucket
from .cascades import bandwagon, complex_contagion, gleeson_cahalane, normal_thresholds, watts
from .check import Check, CheckError, Report, Row, catalogue, find
from .closed_accounts import accounts
from .couplings import neutral_policy, reporting_wait
from .effort import approval, contract, duplicates, hours_budget, layers, split, unseen
from .emergencies import (
    branching,
    broadcast_and_contagion,
    call_tree,
    goods_are_conserved,
    last_visit,
    newsvendor,
    shared_hops,
)
from .facilities import rooms_in_use, survey_bias
from .grievances import pyramid, weekly_counts
from .heads import attrition, burnout, offices_filled, training
from .learning import uneven_trust
from .matching import sparse_matching, stable_matching, uncoordinated_search
from .mobility import lifetimes, people, stays, ties_under_moves
from .money import budgets, model_sim, money_conserved
from .networks import block_model, random_graphs, small_world
from .organisations import contest, founding_and_closing, funding_stops, premises_let, ruin
from .participation import altruism, crowding_out, decay_of_cooperation, social_interaction, unequal_persons
from .paths import data_grow_old, leak, no_path
from .platform import bass_curve, bass_in_steps, bass_of_people, bass_table, contagion_alone, network_good
from .programmes import idle_money
from .projects import common_mood, lift, project_vote, time_to_works
from .property import paying_together, pidu, service_for_money
from .queues import erlang_a, erlang_b, erlang_c, jackson, little, mm1, priority
from .repeats import issues_conserved, repeats
from .rollout import adoption, churn, estimators, learning_from_sites, pilots, selection
from .submodels import submodels_apart
from .ties import formation_and_decay
from .turnover import frailty, tipping_point
from .units import consent, volunteers_dilemma
from .whole import any_order, calendar, extremes, rates, reproducible, scale

__all__ = [
    "Check",
    "CheckError",
    "Report",
    "Row",
    "accounts",
    "adoption",
    "altruism",
    "any_order",
    "approval",
    "attrition",
    "bandwagon",
    "bass_curve",
    "bass_in_steps",
    "bass_of_people",
    "bass_table",
    "block_model",
    "branching",
    "broadcast_and_contagion",
    "budgets",
    "burnout",
    "calendar",
    "call_tree",
    "catalogue",
    "churn",
    "common_mood",
    "complex_contagion",
    "consent",
    "contagion_alone",
    "contest",
    "contract",
    "crowding_out",
    "data_grow_old",
    "decay_of_cooperation",
    "degroot",
    "disconfirmation",
    "duplicates",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "estimators",
    "extremes",
    "find",
    "formation_and_decay",
    "founding_and_closing",
    "frailty",
    "friedkin_johnsen",
    "funding_stops",
    "gleeson_cahalane",
    "goods_are_conserved",
    "hours_budget",
    "idle_money",
    "issues_conserved",
    "jackson",
    "last_visit",
    "layers",
    "leak",
    "learning_from_sites",
    "lifetimes",
    "lift",
    "little",
    "mm1",
    "model_sim",
    "money_conserved",
    "network_good",
    "neutral_policy",
    "newsvendor",
    "no_path",
    "normal_thresholds",
    "offices_filled",
    "paying_together",
    "people",
    "pidu",
    "pilots",
    "premises_let",
    "priority",
    "project_vote",
    "pyramid",
    "random_graphs",
    "rates",
    "repeats",
    "reporting_wait",
    "reproducible",
    "rooms_in_use",
    "ruin",
    "scale",
    "selection",
    "service_for_money",
    "shared_hops",
    "small_world",
    "social_interaction",
    "sparse_matching",
    "split",
    "stable_matching",
    "stays",
    "submodels_apart",
    "survey_bias",
    "ties_under_moves",
    "time_to_works",
    "tipping_point",
    "training",
    "uncoordinated_search",
    "unequal_persons",
    "uneven_trust",
    "unseen",
    "volunteers_dilemma",
    "watts",
    "weekly_bucket",
    "weekly_counts",
]
