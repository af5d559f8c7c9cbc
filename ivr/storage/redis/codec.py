"""Our dataclasses as JSON text, and back.

Strict where it matters: a wrong type or a missing field without default is refused with its place, and the version of
the format travels with every document. Tolerant where code is replaced while calls go on: fields that this version
does not know are passed over, fields that the other did not write take their default (additive changes only). Values that equal
their default are left out and the commonest fields have names of one letter (`codec_names`), which keeps a session small. Members of a union
carry their class where documents carry the version (`_`).

A later change of the schema: a new field needs a default and is otherwise free; a field that goes leaves its short name
behind for good; a field that means something else gets a new name. Only what cannot be said so raises `VERSION`; then
`_document` is the place that turns the older form into the newer one, for as long as calls of the older one live (a day).

Instants are microseconds since 1970, spans whole microseconds; what scripts write has ISO 8601, and both are read. How to write
and how to read a class is worked out once, when the first value of it comes.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from ivr.core.facts import Fact
from ivr.core.instructions import Instruction, Order
from ivr.storage.redis.codec_names import short_name
from ivr.storage.redis.codec_read import EPOCH, MICROSECOND, Unreadable, reader_of

__all__ = ["Unreadable", "dump_all", "dump_tagged", "dumps", "load_fact", "load_instructions", "load_order", "loads"]

T = TypeVar("T")

VERSION = 1


def dumps(value: object) -> str:
    """One dataclass as a document."""
    return _text({"_": VERSION, **_plain(value)})


def loads(kind: type[T], text: str) -> T:
    """A document as one dataclass."""
    return cast("T", reader_of(kind)(_document(text)))


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


_text: Callable[[object], str] = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


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
    return reader_of(classes[kind])(plain)


def _tagged(value: object) -> dict[str, Any]:
    return {"_": kind_of(type(value)), **_plain(value)}


def _plain(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", _writer_of(cast("Any", type(value)))(value))


def _write(value: Any) -> Any:
    """A value whose type only the value itself knows."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return _instant_out(value)
    if isinstance(value, timedelta):
        return value // MICROSECOND
    if isinstance(value, Mapping):
        return {str(key): _write(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_write(item) for item in value]
    if is_dataclass(value):
        return _plain(value)
    raise TypeError(f"{type(value).__name__} cannot be stored")


Writer = Callable[[Any], Any]


@cache
def _writer_of(kind: Any) -> Writer:
    """How to write a value of this type. Built once per type."""
    if isinstance(kind, NewType):
        return _writer_of(kind.__supertype__)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        write = _writer_of(next(one for one in get_args(kind) if one is not type(None)))
        return write if write is _as_it_is else lambda value: None if value is None else write(value)
    if origin is tuple:
        write = _writer_of(get_args(kind)[0])
        return list if write is _as_it_is else lambda value: [write(item) for item in value]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        write = _writer_of(get_args(kind)[1])
        return lambda value: {str(key): write(item) for key, item in value.items()}
    if is_dataclass(kind):
        return _dataclass_out(cast("type", kind))
    return _SIMPLE.get(kind, _write)


def _as_it_is(value: Any) -> Any:
    return value


def _instant_out(value: datetime) -> int:
    return (value - EPOCH) // MICROSECOND


_SIMPLE: Mapping[Any, Writer] = {
    **dict.fromkeys((str, int, bool, float), _as_it_is),
    datetime: _instant_out,
    timedelta: lambda value: value // MICROSECOND,
}


def _dataclass_out(cls: type) -> Writer:
    hints = get_type_hints(cls)
    plan = [
        (
            f.name,
            short_name(cls, f.name),
            f.default_factory() if f.default_factory is not MISSING else f.default,
            _writer_of(hints[f.name]),
        )
        for f in fields(cls)
    ]

    def write(value: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, short, default, of in plan:
            item = getattr(value, name)
            if item is default or item == default or (item is None and default is MISSING):
                continue
            found[short] = of(item)
        return found

    return write
