"""The words of a scenario file: forms of names and durations, days, shares, kinds of communities and groups."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from ..model.district import Archetype

NAME = r"^[a-z][a-z0-9_]*$"
ITEM = r"^[A-Za-z][A-Za-z0-9_.\-]*$"
DURATION = r"^P(\d{1,3}Y(\d{1,3}M)?(\d{1,3}W)?(\d{1,3}D)?|\d{1,3}M(\d{1,3}W)?(\d{1,3}D)?|\d{1,3}W(\d{1,3}D)?|\d{1,3}D)$"
EVIDENCE = r"^[a-z][a-z_]*-\d{3}$"
SHA256 = r"^[0-9a-f]{64}$"
ANY_PHASE = "any"

ARCHETYPES = tuple(kind.label for kind in Archetype)


def _only_dates(value: Any) -> Any:
    if isinstance(value, datetime) or not isinstance(value, date):
        code, text = "day", "write a date as 2024-03-01"
        raise PydanticCustomError(code, text)
    return value


Day = Annotated[date, BeforeValidator(_only_dates), WithJsonSchema({"type": "string", "format": "date"})]
Duration = Annotated[str, Field(pattern=DURATION, description="ISO 8601: P8W, P6M, P1Y, P10D")]
Name = Annotated[str, Field(pattern=NAME)]
ItemId = Annotated[str, Field(pattern=ITEM)]
Share = Annotated[float, Field(ge=0, le=1)]
Kind = Literal[
    "new_estate", "old_neighbourhood", "urban_village", "mixed", "migrant", "ageing", "village_to_city", "rural"
]
Group = Literal["all", "elderly", "young", "migrants"]
EmergencyType = Literal["rainstorm", "epidemic", "outage", "flood"]
Evidence = Annotated[str, Field(pattern=EVIDENCE, description="id of an evidence record, such as ten_household-114")]
