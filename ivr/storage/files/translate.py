"""What pydantic found, in the words of somebody who edits the file."""

from __future__ import annotations

import types
import typing
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ivr.storage.files.problems import Path, Problems, did_you_mean, quoted
from ivr.storage.files.schema import KINDS, NodeModel

SENTENCES = {
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "string_type": "must be text",
    "list_type": "must be a list",
    "dict_type": "must hold `name: value` lines",
    "model_type": "must hold `name: value` lines",
    "model_attributes_type": "must hold `name: value` lines",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_long": "must have at most {max_length} characters",
    "literal_error": "must be one of {expected}",
}

BETTER = ("wanted", "int_type", "bool_type")
"""Errors that say what is wanted: `after: 12:30` needs a duration, not the quotes that YAML would have it in."""


def report(error: ValidationError, model: type[BaseModel], problems: Problems) -> None:
    """Add every error as a problem at its place."""
    for detail in error.errors(include_url=False):
        of_key = bool(detail["loc"]) and detail["loc"][-1] == "[key]"
        path = tuple(str(part) for part in detail["loc"] if part != "[key]")
        sentence = _sentence(detail, path, model)
        if detail["type"] == "missing":
            path = path[:-1]
        said = f"the name {quoted(path[-1])} {sentence}" if of_key else sentence
        if detail["type"] in BETTER and detail["input"] != "":
            problems.refuse_instead(path, said)
        else:
            problems.refuse(path, said)


def _sentence(detail: ErrorDetails, path: Path, model: type[BaseModel]) -> str:
    kind, given = detail["type"], detail["input"]
    if kind == "missing":
        return f"needs '{path[-1]}'"
    if kind == "extra_forbidden":
        return _unknown(path, model)
    if kind == "string_type" and isinstance(given, int):
        return f"must be text: put {str(given).lower()} in quotes"
    if kind in SENTENCES:
        return SENTENCES[kind].format(**detail.get("ctx", {}))
    return detail["msg"]


def _unknown(path: Path, model: type[BaseModel]) -> str:
    word, above = path[-1], model_at(model, path[:-1])
    if above is NodeModel:
        return f"is not a kind of node{did_you_mean(word, KINDS) or '; there are ' + ', '.join(KINDS)}"
    return f"is not known here{did_you_mean(word, above.model_fields if above else ())}"


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """The model that describes the mapping at `path`, if one does."""
    here: Any = model
    for part in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(part)
            here = field.annotation if field else None
        else:
            here = _inside(here)
        here = _without_none(here)
        if here is None:
            return None
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _inside(annotation: Any) -> Any:
    """What a dict or list holds."""
    arguments = typing.get_args(annotation)
    return arguments[-1] if arguments else None


def _without_none(annotation: Any) -> Any:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return next((part for part in typing.get_args(annotation) if part is not type(None)), None)
    return annotation
