"""Our dataclasses as JSON text, and back.

Strict where it matters: a wrong type or a missing field without default is refused with its place, and the version of
the format travels with every document. Tolerant where code is replaced while calls go on: fields that this version
does not know are passed over, fields that the other did not write take their default (additive changes only). Values that equal
their default are left out, which keeps a session small. Members of a union carry their class where documents carry the version (`_`).

Instants are ISO 8601 in UTC, spans whole microseconds.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from ivr.core.facts import Fact
from ivr.core.instructions import Instruction, Order

T = TypeVar("T")

VERSION = 1
MICROSECOND = timedelta(microseconds=1)


class Unreadable(ValueError):
    """A document that this code cannot read. Says where."""


def dumps(value: object) -> str:
    """One dataclass as a document."""
    return _text({"_": VERSION, **_plain(value)})


def loads(kind: type[T], text: str) -> T:
    """A document as one dataclass."""
    return cast("T", _reader_of(kind)(_document(text)))


def dump_all(values: Sequence[object]) -> str:
    """Members of a union, in order."""
    return _text([_tagged(value) for value in values])


def load_instructions(text: str) -> tuple[Instruction, ...]:
    return tuple(_member(item, _classes(Instruction)) for item in json.loads(text))


def dump_tagged(value: object) -> str:
    """One member of a union (a fact, an order) as a document."""
    return _text(_tagged(value))


def load_fact(text: str) -> Fact:
    return cast("Fact", _member(json.loads(text), fact_kinds()))


def load_order(text: str) -> Order:
    return cast("Order", _member(json.loads(text), _classes(Order)))


def kind_of(cls: type) -> str:
    """Class name in snake case: `OfferMade` → `offer_made`."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in cls.__name__).lstrip("_")


@cache
def fact_kinds() -> Mapping[str, type]:
    return {kind_of(cls): cls for cls in Fact.__subclasses__()}


@cache
def _classes(union: Any) -> Mapping[str, type]:
    return {kind_of(cls): cls for cls in get_args(union)}


def _text(plain: object) -> str:
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False)


def _document(text: str) -> dict[str, Any]:
    plain = json.loads(text)
    if not isinstance(plain, dict) or not isinstance(plain.get("_"), int):
        raise Unreadable("not a document of ours")
    if plain["_"] > VERSION:
        raise Unreadable(f"document version {plain['_']} is newer than this code ({VERSION})")
    return plain


def _member(plain: Any, classes: Mapping[str, type]) -> Any:
    kind = str(plain.get("_")) if isinstance(plain, dict) else ""
    if kind not in classes:
        raise Unreadable(f"unknown kind {kind!r}")
    return _reader_of(classes[kind])(plain)


def _tagged(value: object) -> dict[str, Any]:
    return {"_": kind_of(type(value)), **_plain(value)}


def _plain(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, default in _defaults(cast("Any", type(value))):
        item = getattr(value, name)
        if item == default or (item is None and default is MISSING):
            continue
        found[name] = _write(item)
    return found


@cache
def _defaults(cls: Any) -> tuple[tuple[str, Any], ...]:
    """Fields, with the default that may be left out."""
    return tuple((f.name, f.default_factory() if f.default_factory is not MISSING else f.default) for f in fields(cls))


def _write(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, timedelta):
        return value // MICROSECOND
    if isinstance(value, Mapping):
        return {str(key): _write(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_write(item) for item in value]
    if is_dataclass(value):
        return _plain(value)
    raise TypeError(f"{type(value).__name__} cannot be stored")


Reader = Callable[[Any], Any]


def _reader_of(kind: Any) -> Reader:
    return _build(kind)


@cache
def _build(kind: Any) -> Reader:
    """How to read a value of this type. Built once per type."""
    if isinstance(kind, NewType):
        return _reader_of(kind.__supertype__)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _optional(kind)
    if origin is tuple:
        return _list_of(_reader_of(get_args(kind)[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping_of(_reader_of(get_args(kind)[1]))
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
    at = datetime.fromisoformat(_checked(plain, str))
    if at.tzinfo is None:
        raise Unreadable(f"{plain} has no time zone")
    return at


def _optional(kind: Any) -> Reader:
    members = [member for member in get_args(kind) if member is not type(None)]
    if len(members) > 1:
        raise TypeError(f"{kind} is not one type and None")
    read = _reader_of(members[0])
    return lambda plain: None if plain is None else read(plain)


def _list_of(read: Reader) -> Reader:
    return lambda plain: tuple(read(item) for item in _checked(plain, list))


def _mapping_of(read: Reader) -> Reader:
    return lambda plain: {key: read(item) for key, item in _checked(plain, dict).items()}


def _dataclass(cls: type) -> Reader:
    hints = get_type_hints(cls)
    known: dict[str, Reader] = {f.name: _reader_of(hints[f.name]) for f in fields(cls)}
    absent_none = [
        f.name
        for f in fields(cls)
        if f.default is MISSING and f.default_factory is MISSING and _may_be_none(hints[f.name])
    ]

    def read(plain: Any) -> Any:
        values: dict[str, Any] = dict.fromkeys(absent_none)
        for name, item in _checked(plain, dict).items():
            if (reader := known.get(name)) is not None:
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
