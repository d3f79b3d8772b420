"""Mesa agents as row views: an agent is a row of its table, and its attributes are the table's columns."""

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import mesa
import numpy as np

from .columns import Field, fields

if TYPE_CHECKING:
    from ..model.community_model import CommunityModel


class AgentView(mesa.Agent):  # type: ignore[type-arg]
    """One row of a table, seen as a Mesa agent. Reading or writing an attribute reads or writes the column.

    Subclasses name their table and the place where the model keeps it. Views are made when somebody asks for them;
    the compiled engine never needs them.
    """

    table: ClassVar[type[NamedTuple]]
    place: ClassVar[str]  # attribute of the model that holds the table

    model: "CommunityModel"
    row: int

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)  # pyright: ignore[reportUnknownMemberType]
        if "table" in cls.__dict__:
            for field in fields(cls.table):
                setattr(cls, field.name, _attribute(field))

    def __init__(self, model: "CommunityModel", row: int) -> None:
        super().__init__(model)  # pyright: ignore[reportUnknownMemberType]
        self.row = row

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    @property
    def community_row(self) -> int:
        """Row of the community this agent belongs to."""
        return int(self.community)

    @property
    def parameters(self) -> Any:
        """Parameters in force in this agent's community (attributes are plain floats)."""
        return self.model.parameter_row(self.community_row)

    @property
    def levers(self) -> Any:
        """Levers in force in this agent's community this week (attributes are plain floats)."""
        return self.model.lever_row(self.community_row)

    def draw(self, stream: int, k: int = 0) -> float:
        """Draw number ``k`` of this agent in this week from ``stream``: uniform in (0, 1)."""
        return self.model.draw(self.community_row, stream, int(self.id), k)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} row {self.row}>"


def _attribute(field: Field) -> property:
    """Property that reads and writes one column of the agent's row, as a Python number."""
    name = field.name
    convert = float if field.dtype.kind == "f" else int

    def read(agent: AgentView) -> float | int:
        return convert(getattr(getattr(agent.model, agent.place), name)[agent.row])

    def write(agent: AgentView, value: float) -> None:
        getattr(getattr(agent.model, agent.place), name)[agent.row] = value

    unit = field.column.unit
    return property(read, write, doc=f"{field.column.meaning} [{unit}] ({field.column.source})")


def python_row(record: np.void) -> Any:
    """Record of floats as a plain object, so that rules see Python floats in the agents engine."""
    names = record.dtype.names or ()
    return _Row({name: float(record[name]) for name in names})


class _Row:
    """Named floats."""

    def __init__(self, values: dict[str, float]) -> None:
        self.__dict__.update(values)
