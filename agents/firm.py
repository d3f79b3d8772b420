"""Firms: rows of kind 1 in the table of organisations."""

from .ngo import Organisations
from .view import AgentView


class Firm(AgentView):
    """A local firm that may sign a co-building agreement and give to the fund."""

    table = Organisations
    place = "organisations"
