"""Checks of the model against what it did not make: closed forms, published tables, conservation laws.

Every check is a function with free numbers: ``verification.erlang_c(c=7, a=5.5)`` runs the model's own code at these
numbers and puts the closed form beside it. ``shequ verify`` runs all of them at the values of docs/theory.md.
"""

from .attitudes import degroot, disconfirmation, friedkin_johnsen
from .cascades import bandwagon, complex_contagion, gleeson_cahalane, normal_thresholds, watts
from .check import Check, CheckError, Report, Row, catalogue, find
from .networks import block_model, random_graphs, small_world
from .participation import altruism, crowding_out, decay_of_cooperation, social_interaction, unequal_persons
from .platform import bass_curve, bass_in_steps, bass_of_people, bass_table, contagion_alone, network_good
from .queues import erlang_b, erlang_c, mm1
from .ties import formation_and_decay
from .units import consent, volunteers_dilemma
from .whole import any_order, calendar, extremes, rates, reproducible, scale

__all__ = [
    "Check",
    "CheckError",
    "Report",
    "Row",
    "altruism",
    "any_order",
    "bandwagon",
    "bass_curve",
    "bass_in_steps",
    "bass_of_people",
    "bass_table",
    "block_model",
    "calendar",
    "catalogue",
    "complex_contagion",
    "consent",
    "contagion_alone",
    "crowding_out",
    "decay_of_cooperation",
    "degroot",
    "disconfirmation",
    "erlang_b",
    "erlang_c",
    "extremes",
    "find",
    "formation_and_decay",
    "friedkin_johnsen",
    "gleeson_cahalane",
    "mm1",
    "network_good",
    "normal_thresholds",
    "random_graphs",
    "rates",
    "reproducible",
    "scale",
    "small_world",
    "social_interaction",
    "unequal_persons",
    "volunteers_dilemma",
    "watts",
]
