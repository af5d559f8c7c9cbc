"""How plain JSON values become our dataclasses again: one reader per type, put together when the type is first read."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, NewType, Union, cast, get_args, get_origin, get_type_hints

from ivr.storage.redis.codec_names import short_name

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime.fromtimestamp(0, UTC)


class Unreadable(ValueError):
    """A document that this code cannot read. Says where."""


Reader = Callable[[Any], Any]


def reader_of(kind: Any) -> Reader:
    return _build(kind)


@cache
def _build(kind: Any) -> Reader:
    """How to read a value of this type. Built once per type."""
    if isinstance(kind, NewType):
        return reader_of(kind.__supertype__)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _optional(kind)
    if origin is tuple:
        return _list_of(reader_of(get_args(kind)[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping_of(reader_of(get_args(kind)[1]))
    if is_dataclass(kind):
        return _dataclass(cast("type", kind))
    return _scalar(kind)


def _scalar(kind: Any) -> Reader:
    if kind in (object, Any):
        return lambda plain: plain
    if kind is datetime:
        return _instant
    if kind is timedelta:
        return lambda plain: plain * MICROSECOND
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if kind is float:
        return lambda plain: float(_checked(plain, (int, float)))
    if kind in (str, int, bool):
        return lambda plain: _checked(plain, kind)
    raise TypeError(f"{kind} cannot be read")


def _checked(plain: Any, kind: Any) -> Any:
    if not isinstance(plain, kind) or (isinstance(plain, bool) and kind is not bool):
        raise Unreadable(f"{plain!r} is not {kind}")
    return plain


def _instant(plain: Any) -> datetime:
    if isinstance(plain, int) and not isinstance(plain, bool):
        return EPOCH + plain * MICROSECOND
    at = datetime.fromisoformat(_checked(plain, str))
    if at.tzinfo is None:
        raise Unreadable(f"{plain} has no time zone")
    return at


def _optional(kind: Any) -> Reader:
    members = [member for member in get_args(kind) if member is not type(None)]
    if len(members) > 1:
        raise TypeError(f"{kind} is not one type and None")
    read = reader_of(members[0])
    return lambda plain: None if plain is None else read(plain)


def _list_of(read: Reader) -> Reader:
    return lambda plain: tuple(read(item) for item in _checked(plain, list))


def _mapping_of(read: Reader) -> Reader:
    return lambda plain: {key: read(item) for key, item in _checked(plain, dict).items()}


def _dataclass(cls: type) -> Reader:
    hints = get_type_hints(cls)
    known = {short_name(cls, f.name): (f.name, reader_of(hints[f.name])) for f in fields(cls)}
    absent_none = [
        f.name
        for f in fields(cls)
        if f.default is MISSING and f.default_factory is MISSING and _may_be_none(hints[f.name])
    ]

    def read(plain: Any) -> Any:
        values: dict[str, Any] = dict.fromkeys(absent_none)
        for short, item in _checked(plain, dict).items():
            if (found := known.get(short)) is not None:
                name, reader = found
                try:
                    values[name] = reader(item)
                except (ValueError, TypeError) as err:
                    raise Unreadable(f"{cls.__name__}.{name}: {err}") from err
        try:
            return cls(**values)
        except TypeError as err:
            raise Unreadable(f"{cls.__name__}: {err}") from err

    return read


def _may_be_none(hint: Any) -> bool:
    return type(None) in get_args(hint)
