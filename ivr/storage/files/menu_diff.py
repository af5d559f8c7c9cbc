"""What changed between two versions of a menu, in the words of those who use it: `ivr menu diff`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from ivr.core.hours import Calendar, describe
from ivr.core.ids import Language
from ivr.core.menus import Choice, Menu, MenuTree, Node, Prompt
from ivr.core.speech import is_chinese
from ivr.storage.files.wording import spoken_seconds

SIDE = ("id", "line")
IN_SLOTS = ("name", "names", "addresses", "within", "texts")
NOTHING = "nothing"
KINDS = {"Sms": "text message", "Hours": "opening hours", "Collect": "digits", "Say": "words", "Hangup": "end"}


def compare(old: MenuTree, new: MenuTree) -> Iterator[str]:
    """One line for each difference; none when both say and do the same."""
    for name in ("hotline", "numbers", "zone", "default_language", "start", "person"):
        yield from _field(name, getattr(old, name), getattr(new, name))
    yield from _names("language", old.voices, new.voices)
    yield from _nodes(old, new)
    yield from _prompts(old, new)
    yield from _calendars(old, new)
    yield from _records("topic", old.topics, new.topics)
    for name in _both(old.channels, new.channels):  # the rest of a channel stands in the slots that it fills
        yield from _fields(f"channel {name}", old.channels[name], new.channels[name], without=IN_SLOTS)
    yield from _fields("callbacks", old.callbacks, new.callbacks)
    for name in _both(old.texts, new.texts):
        yield from _words(f"text {name}", old.texts[name], new.texts[name])
    yield from _names("text", old.texts, new.texts)


def _nodes(old: MenuTree, new: MenuTree) -> Iterator[str]:
    yield from _names("node", old.nodes, new.nodes)
    for name in _both(old.nodes, new.nodes):
        before, after = old.nodes[name], new.nodes[name]
        if type(before) is not type(after):
            yield f"node {name}: is now {_kind(after)}, was {_kind(before)}"
        elif isinstance(before, Menu) and isinstance(after, Menu):
            yield from _menu(before, after)
        else:
            yield from _fields(f"node {name}", before, after)


def _menu(before: Menu, after: Menu) -> Iterator[str]:
    place = f"menu {before.id}"
    for key in sorted({*before.choices, *after.choices}):
        was, now = before.choices.get(key), after.choices.get(key)
        if was is None and now is not None:
            yield f"{place}: key {key} is new and leads to {now.goto}"
        elif now is None and was is not None:
            yield f"{place}: key {key} is gone; it led to {was.goto}"
        elif was is not None and now is not None:
            yield from _choice(f"{place}: key {key}", was, now)
    yield from _fields(place, before, after, without=("choices",))


def _choice(place: str, was: Choice, now: Choice) -> Iterator[str]:
    if was.goto != now.goto:
        yield f"{place} leads to {now.goto} instead of {was.goto}"
    yield from _fields(place, was, now, without=("goto",))


def _prompts(old: MenuTree, new: MenuTree) -> Iterator[str]:
    yield from _names("prompt", old.prompts, new.prompts)
    for name in _both(old.prompts, new.prompts):
        before, after = old.prompts[name], new.prompts[name]
        for language in _both(before.segments, after.segments):
            was, now = _said(before, language), _said(after, language)
            if was != now:
                seconds = spoken_seconds(after, language, new) - spoken_seconds(before, language, old)
                longer = f" ({seconds:+.0f} s)" if abs(seconds) >= 0.5 else ""
                yield f"prompt {name} ({language}): says '{now}' instead of '{was}'{longer}"
        if before.interruptible != after.interruptible:
            yield f"prompt {name}: {'a key' if after.interruptible else 'no key'} cuts it off now"


def _said(prompt: Prompt, language: Language) -> str:
    return " ".join(segment.audio or segment.text for segment in prompt.segments[language])


def _calendars(old: MenuTree, new: MenuTree) -> Iterator[str]:
    yield from _names("calendar", old.calendars, new.calendars)
    for name in _both(old.calendars, new.calendars):
        before, after = old.calendars[name], new.calendars[name]
        if before.weekly != after.weekly:
            yield f"calendar {name}: open {_open(after, new)} instead of {_open(before, old)}"
        yield from _fields(f"calendar {name}", before, after, without=("weekly", "name"))


def _open(calendar: Calendar, tree: MenuTree) -> str:
    return describe(calendar, chinese=all(is_chinese(language) for language in tree.voices)) or NOTHING


def _records(kind: str, old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Iterator[str]:
    yield from _names(kind, old, new)
    for name in _both(old, new):
        yield from _fields(f"{kind} {name}", old[name], new[name])


def _fields(place: str, before: Any, after: Any, *, without: Iterable[str] = ()) -> Iterator[str]:
    for field in dataclasses.fields(before):
        if field.name in SIDE or field.name in without:
            continue
        was, now = getattr(before, field.name), getattr(after, field.name)
        if dataclasses.is_dataclass(was) and type(was) is type(now):
            yield from _fields(f"{place}: {field.name.replace('_', ' ')}", was, now)
        else:
            for line in _field(field.name, was, now):
                yield f"{place}: {line}"


def _field(name: str, was: object, now: object) -> Iterator[str]:
    if was != now:
        yield f"{name.replace('_', ' ')} is {_word(now)} instead of {_word(was)}"


def _names(kind: str, old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Iterator[str]:
    for name in new:
        if name not in old:
            yield f"{kind} {name}: is new{_of(new[name])}"
    for name in old:
        if name not in new:
            yield f"{kind} {name}: is gone{_of(old[name])}"


def _words(place: str, was: Mapping[Any, str], now: Mapping[Any, str]) -> Iterator[str]:
    for language in _both(was, now):
        if was[language] != now[language]:
            yield f"{place} ({language}): is '{now[language]}' instead of '{was[language]}'"


def _both(old: Mapping[Any, Any], new: Mapping[Any, Any]) -> list[Any]:
    return [name for name in old if name in new]


def _of(value: object) -> str:
    return f" ({_kind(value)})" if isinstance(value, Node) else ""


def _kind(node: Node) -> str:
    name = type(node).__name__
    return KINDS.get(name, name.lower())


def _word(value: object) -> str:
    match value:
        case None | () | "":
            return NOTHING
        case timedelta():
            seconds = round(value.total_seconds())
            return f"{seconds // 60}m" if seconds and seconds % 60 == 0 else f"{seconds}s"
        case Mapping():
            return ", ".join(f"{key} {_word(item)}" for key, item in value.items()) or NOTHING
        case tuple() | list() | frozenset():
            return ", ".join(_word(item) for item in value)
        case _:
            if dataclasses.is_dataclass(value):
                parts = [(f.name, getattr(value, f.name)) for f in dataclasses.fields(value)]
                return " ".join(f"{name} {_word(part)}" for name, part in parts if part is not None)
            return str(value)
