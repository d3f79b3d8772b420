"""JSON Schema of scenario files, so that an editor completes and underlines.

``python -m shequ.scenarios.json_schema`` writes it anew, after a change of the models in :mod:`.schema` or of the
names of levers, observables and interventions.
"""

import json
from pathlib import Path
from typing import Any

from ..model import levers, observables
from .catalogue import interventions
from .schema import ScenarioFile

FILE = Path(__file__).with_name("scenario.schema.json")


def text() -> str:
    """JSON Schema as text, with the names of levers, observables and interventions filled in."""
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **ScenarioFile.model_json_schema(by_alias=True),
        "title": "shequ scenario",
    }
    definitions = schema["$defs"]
    item = definitions["Intervention"]["properties"]
    item["levers"]["propertyNames"] = {"enum": sorted(levers.catalogue())}
    item["use"] = {"enum": sorted(interventions()), "description": "entry of scenarios/interventions.yaml"}
    definitions["Promise"]["properties"]["observable"] = {"enum": sorted(observables.catalogue())}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
