"""shequ (社区): an agent-based model of community governance in Chinese cities."""

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["CommunityModel", "__version__", "run"]

if TYPE_CHECKING:
    from .experiments import run
    from .model import CommunityModel


def __getattr__(name: str) -> object:
    """Load the heavy parts only when they are asked for, so that ``shequ --help`` starts at once."""
    if name == "run":
        from .experiments import run  # noqa: PLC0415

        return run
    if name == "CommunityModel":
        from .model import CommunityModel  # noqa: PLC0415

        return CommunityModel
    message = f"module 'shequ' has no attribute {name!r}"
    raise AttributeError(message)
