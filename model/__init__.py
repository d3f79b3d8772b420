"""What happens among the agents, week by week."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .community_model import CommunityModel

__all__ = ["CommunityModel"]


def __getattr__(name: str) -> object:
    """Load the model itself only when asked for: declarations (levers, parameters) stay quick to read."""
    if name == "CommunityModel":
        from .community_model import CommunityModel  # noqa: PLC0415

        return CommunityModel
    message = f"module 'shequ.model' has no attribute {name!r}"
    raise AttributeError(message)
