"""Values as JSON, and the fields of a request, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import request

from ivr.core.errors import RequestError


def jsonable(value: Any) -> Any:
    """Plain JSON values: instants as ISO 8601 in UTC, durations as seconds, dataclasses as objects."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: jsonable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [jsonable(item) for item in value]
    return str(value) if isinstance(value, str) else value


def json_body(**wanted: type) -> dict[str, Any]:
    """The request's JSON object with exactly these fields, each of its type and each optional."""
    if request.content_length in (None, 0):
        return {}
    if not request.is_json:
        raise RequestError("send JSON", status=415, error_id="not_json")
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise RequestError("send a JSON object", status=400, error_id="bad_json")
    for name, value in body.items():
        if name not in wanted or not isinstance(value, wanted[name]) or not storable(value):
            raise RequestError(f"field {name!r} is not expected here", status=400, error_id="bad_field")
    return body


def storable(value: Any) -> bool:
    """Text without NUL and half characters, which no store of ours takes."""
    return not isinstance(value, str) or (
        "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
    )
