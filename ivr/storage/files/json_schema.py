"""The JSON Schema of menu files, for editors: `python -m ivr.storage.files.json_schema` writes `menus/menu.schema.json`.

It is made from the models, and a test keeps the published file equal. It knows fields, types and ranges; whether the
whole makes sense is for `ivr menu check`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ivr.storage.files.schema import MenuFile

TITLE = "A menu file of the ivr service"
FROM_TEXT = {"SegmentModel": "text", "ChoiceModel": "goto", "GotoModel": "goto"}
"""Models that may also be written as one word or sentence."""


def menu_json_schema() -> dict[str, Any]:
    """The schema as plain values."""
    schema = MenuFile.model_json_schema()
    definitions = schema["$defs"]
    for name, field in FROM_TEXT.items():
        own = definitions[name]
        text = {key: value for key, value in own["properties"][field].items() if key not in ("default", "title")}
        definitions[name] = {"description": own.pop("description", ""), "anyOf": [text, own]}
    say = definitions["SayModel"]["properties"]["prompts"]
    definitions["SayModel"]["properties"]["prompts"] = {"anyOf": [say["items"], say]}
    own = definitions["DispositionModel"]
    definitions["DispositionModel"] = {"description": own.pop("description", ""), "anyOf": [{"type": "string"}, own]}
    tidied: dict[str, Any] = _tidy(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **tidied, "title": TITLE}


def _tidy(value: Any) -> Any:
    """Without what only repeats names, and without null: YAML files here have no empty values."""
    if isinstance(value, list):
        return [_tidy(item) for item in value if item != {"type": "null"}]
    if not isinstance(value, dict):
        return value
    kept = {key: _tidy(item) for key, item in value.items() if not _is_noise(key, item)}
    only = kept.get("anyOf")
    if isinstance(only, list) and len(only) == 1:
        kept.pop("anyOf")
        kept = {**only[0], **kept}
    return kept


def _is_noise(key: str, item: Any) -> bool:
    return (key == "title" and isinstance(item, str)) or (key == "default" and item in (None, {}, []))


def text() -> str:
    """The schema as it stands in the published file."""
    return json.dumps(menu_json_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("menus") / "menu.schema.json"
    target.write_text(text(), encoding="utf-8")
