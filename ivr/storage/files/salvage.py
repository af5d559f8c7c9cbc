"""What is sound of a file with mistakes, so that one check shows the mistakes of the rest too.

Whatever was refused is cut out of the plain values: a field that may be missing is left out, anything else makes room for
a stand-in (a node that hangs up, a prompt of one dash). Where something was cut or stands in is a *hole*. Nothing is
judged at a hole or around it: what would be found there comes from the cut, not from the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ivr.storage.files.problems import Path
from ivr.storage.files.schema import MenuFile

ROUNDS = 8
"""A cut may make its parent incomplete, which is cut next; no file is nested deeper than this for long."""
KEY = "[key]"
"""How pydantic marks an error of a mapping's key rather than of its value."""


@dataclass(frozen=True, kw_only=True)
class Sound:
    """The part of a file that can be judged."""

    file: MenuFile
    holes: frozenset[Path] = frozenset()

    def has(self, *places: Path) -> bool:
        """Whether one of these is a hole."""
        return not self.holes.isdisjoint(places)


def places_of(error: ValidationError) -> set[Path]:
    """Where its errors stand. What is missing is an error of what should hold it; at the top, of itself."""
    places = set()
    for detail in error.errors(include_url=False, include_input=False):
        path = tuple(str(part) for part in detail["loc"] if part != KEY)
        places.add((detail["type"] == "missing" and path[:-1]) or path)
    return places


def salvage(value: dict[str, Any], broken: Iterable[Path]) -> Sound | None:
    """The file without what stands at `broken`; None when a whole section is unusable."""
    value, holes = deepcopy(value), set[Path]()
    cuts = set(broken)
    for _ in range(ROUNDS):
        earlier = frozenset(holes)
        for path in sorted(cuts, reverse=True):
            if path[:2] in earlier and len(path) > 1:  # its stand-in is refused too: the name is what is wrong
                value[path[0]].pop(path[1], None)
            elif path[:2] not in holes and not _cut(value, path, holes):
                return None
        try:
            file = MenuFile.model_validate(value)
        except ValidationError as err:
            cuts = places_of(err)
            continue
        return Sound(file=file, holes=frozenset(holes))
    return None


def _cut(value: dict[str, Any], path: Path, holes: set[Path]) -> bool:
    """Cut out what stands at `path`. False: that is too much to go on."""
    section = path[0] if path else ""
    if section in ENTRIES:
        stand_in, whole_below = ENTRIES[section]
        return len(path) > 1 and _cut_entry(value, path, holes, stand_in, whole_below)
    if section in STAND_INS:
        value[section] = STAND_INS[section](value)
        holes.add((section,))
        return True
    if len(path) == 1:
        value.pop(section, None)
        holes.add(path)
    else:
        holes.add(_drop(value, path))
    if section == "topic_defaults":  # what topics lack for want of it is no fault of theirs
        holes.update(("topics", name) for name in _mapping(value, "topics"))
    return bool(path)


def _cut_entry(
    value: dict[str, Any], path: Path, holes: set[Path], stand_in: Callable[[dict[str, Any]], Any], whole_below: int
) -> bool:
    """Cut out a field of an entry; near its top the whole entry makes room for a stand-in."""
    section, name = path[:2]
    entries = value.get(section)
    if not isinstance(entries, dict):
        return False
    inner = _deepest(value, path)
    if len(inner) <= whole_below:
        entries[name] = stand_in(value)
        holes.add((section, name))
    else:
        holes.add(_drop(value, inner))
    return True


def _deepest(value: Any, path: Path) -> Path:
    """As much of `path` as leads through mappings: a list is cut whole, so that its other places keep their numbers."""
    for depth, part in enumerate(path):
        if not isinstance(value, dict) or part not in value:
            return path[:depth]
        value = value[part]
    return path


def _drop(value: dict[str, Any], path: Path) -> Path:
    """Take out the entry at `path`; where it was."""
    path = _deepest(value, path)
    if path:
        here = value
        for part in path[:-1]:
            here = here[part]
        del here[path[-1]]
    return path


def _mapping(value: dict[str, Any], section: str) -> dict[str, Any]:
    found = value.get(section)
    return found if isinstance(found, dict) else {}


def _in_every_language(value: dict[str, Any]) -> dict[str, str]:
    return dict.fromkeys(_mapping(value, "languages"), "-")


def _first(section: str) -> Callable[[dict[str, Any]], str]:
    return lambda value: next(iter(_mapping(value, section)), "")


ENTRIES: dict[str, tuple[Callable[[dict[str, Any]], Any], int]] = {
    "nodes": (lambda _: {"hangup": {}}, 3),
    "prompts": (_in_every_language, 99),
    "topics": (lambda value: {"name": _in_every_language(value), "skills": {"any": 1}, "calendar": "always"}, 2),
    "calendars": (lambda _: {"always": True}, 99),
    "reasons": (_in_every_language, 99),
    "results": (_in_every_language, 99),
    "texts": (_in_every_language, 99),
    "channels": (lambda value: {"name": _in_every_language(value)}, 99),
    "destinations": (lambda value: {"name": _in_every_language(value), "number": "+442079460100"}, 1),
    "desk_texts": (
        lambda value: {"name": _in_every_language(value), "text": next(iter(value.get("prompts") or {}), "-")},
        1,
    ),
    "languages": (lambda _: {"locale": "en-US", "voice": "Polly.Joanna-Neural", "name": "-"}, 99),
}
"""Sections of named entries: what stands in for a broken one, and down to which depth it does."""
STAND_INS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "hotline": lambda _: "hotline",
    "title": _in_every_language,
    "numbers": lambda _: ["+442079460100"],
    "zone": lambda _: "UTC",
    "default_language": _first("languages"),
    "start": _first("nodes"),
    "person": _first("nodes"),
}
"""Fields that every file must have."""
