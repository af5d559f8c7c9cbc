"""Facts as JSON and back. Reading ignores fields that a later version may have added, and takes defaults for missing ones."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from ivr.core import transfer_facts  # noqa: F401 - defines kinds of facts
from ivr.core.facts import Fact


def kind_of(fact: Fact) -> str:
    """The class name in snake case: `SegmentStarted` is `segment_started`."""
    return _snake(type(fact).__name__)


def to_body(fact: Fact) -> dict[str, Any]:
    """Every field but the time, which has a column. The caller's number is left out: it has a place of its own."""
    body = {f.name: _plain(getattr(fact, f.name)) for f in dataclasses.fields(fact) if f.name != "at"}
    body.pop("number", None)
    return body


def from_body(kind: str, at: datetime, body: Mapping[str, Any]) -> Fact | None:
    """None for a kind that this version does not know."""
    found = _kinds().get(kind)
    if found is None:
        return None
    values: dict[str, Any] = {"number": ""} if kind == "call_started" else {}
    for name, hint in _hints(kind).items():
        if name in body:
            values[name] = _typed(hint, body[name])
    return found(**{**values, "at": at})


@cache
def _kinds() -> Mapping[str, type[Fact]]:
    return {_snake(found.__name__): found for found in Fact.__subclasses__()}


@cache
def _hints(kind: str) -> Mapping[str, Any]:
    return get_type_hints(_kinds()[kind])


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if hint is datetime:
        return datetime.fromisoformat(value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(value)
    if get_origin(hint) is tuple:
        return tuple(value)
    options = [option for option in get_args(hint) if option is not type(None)]
    if get_origin(hint) is not None and len(options) == 1:
        return _typed(options[0], value)
    return value
