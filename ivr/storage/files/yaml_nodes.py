"""Strict YAML: the part of the language that means the same to everybody who reads it.

The parser's events are walked, not its objects: nothing is built before it is known to be small, flat and plain.
Anchors, aliases, merge keys, tags and second documents are refused, so no file can grow when it is read or name a
type to make. A plain word that some reader takes for something other than text (`no`, `012`, `12:30`, `1_000`,
`.nan`) is refused with the advice to put it in quotes; only whole numbers, `true` and `false` have a type of
their own. Keys are text, each at most once. (`RELIABILITY.md` S-52, appendix A.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

import yaml

from ivr.storage.files.problems import Path, Problems, quoted

MOST_BYTES = 256 * 1024
MOST_NODES = 5_000
MOST_DEPTH = 20
MOST_UNWANTED = 20

Value = str | int | bool | list["Value"] | dict[str, "Value"]

NUMBER = re.compile(r"0|-?[1-9][0-9]{0,8}")
SURPRISES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"(?i:y|yes|n|no|on|off)|True|TRUE|False|FALSE"),
        "would be read as true or false: write true or false, or put it in quotes",
    ),
    (re.compile(r"(?i:null)|~|"), "has no value: write one, or leave the line out"),
    (re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9_]*)?"), "would be read as a number in base 60: put it in quotes"),
    (re.compile(r"[-+]?0[0-9_]+|[-+]?0o?[0-7_]+"), "would be read as an octal number: put it in quotes"),
    (
        re.compile(r"[-+]?(0x[0-9a-fA-F_]+|0b[01_]+|[0-9][0-9_]*|\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?)"),
        "would be read as a number: put it in quotes",
    ),
    (re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"), "would be read as a number: put it in quotes"),
    (re.compile(r"(?i:nan|inf|infinity)"), "is read as a number by some: put it in quotes"),
    (re.compile(r"<<|="), "has a meaning of its own in YAML: put it in quotes"),
)
UNWANTED = re.compile(
    "(?P<tab>\t)|(?P<bidi>[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])|(?P<unseen>[\u200b\u2060\U000e0000-\U000e007f])|(?P<bom>\ufeff)"
    "|(?P<control>[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]|\r(?!\n))"
)
UNWANTED_SAYS = {
    "tab": "holds a tab: use spaces",
    "bidi": "holds an unseen character that changes the direction of text: remove it",
    "unseen": "holds an unseen character: remove it",
    "bom": "holds a byte order mark: save the file as UTF-8 without it",
    "control": "holds a control character: remove it",
}


@dataclass(frozen=True, kw_only=True)
class Document:
    """One file as plain values, and the line of every key, entry and value by its path."""

    value: dict[str, Value]
    lines: dict[Path, int]
    text: str
    """As it was read."""


class Refused(Exception):
    """Reading stops here: what follows cannot be told apart any more. Already reported."""


def read(file: File, *, name: str | None = None) -> tuple[Document | None, Problems]:
    """Read a file. No document when its shape is not clear; whether it may be used, the problems say."""
    problems = Problems(name or str(file))
    try:
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as err:
        problems.refuse((), f"cannot be read: {err.strerror or err}")
        return None, problems
    return scan(content, problems), problems


def parse(content: bytes, problems: Problems) -> Document | None:
    """The same for bytes already read: strict YAML or nothing."""
    document = scan(content, problems)
    return None if problems.refused() else document


def scan(content: bytes, problems: Problems) -> Document | None:
    """As `parse`, but a document whose shape is clear is given back with its mistakes: refused words are text."""
    text = _text(content, problems)
    if text is None:
        return None
    reader = _Reader(problems)
    try:
        value = reader.document(text)
    except Refused:
        return None
    except yaml.YAMLError as err:
        mark = getattr(err, "problem_mark", None) or getattr(err, "context_mark", None)
        said = str(getattr(err, "problem", None) or "cannot be understood")
        problems.refuse((), f"is not YAML: {said}", line=mark.line + 1 if mark else 1)
        return None
    problems.lines = reader.lines
    return Document(value=value, lines=reader.lines, text=text)


def _text(content: bytes, problems: Problems) -> str | None:
    if len(content) > MOST_BYTES:
        problems.refuse((), f"is larger than {MOST_BYTES // 1024} KiB")
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as err:
        problems.refuse((), "is not UTF-8 text", line=content.count(b"\n", 0, err.start) + 1)
        return None
    for match in UNWANTED.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        column = match.start() - (text.rfind("\n", 0, match.start()) + 1) + 1
        problems.refuse((), f"column {column} {UNWANTED_SAYS[match.lastgroup or 'control']}", line=line)
        if len(problems.found) >= MOST_UNWANTED:
            break
    return None if problems.refused() else text


class _Reader:
    """Walks the events of one document. Depth is bounded, so plain recursion is safe."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.lines: dict[Path, int] = {}
        self.nodes = 0

    def document(self, text: str) -> dict[str, Value]:
        events: Iterator[Any] = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        next(events)  # the stream begins
        if isinstance(next(events), yaml.StreamEndEvent):
            self.stop((), "is empty", 1)
        first = next(events)
        if not isinstance(first, yaml.MappingStartEvent):
            self.stop((), "must be a list of `name: value` lines at the top", _line(first))
        value = self.mapping(first, events, (), 1)
        next(events)  # the document ends
        after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            self.stop((), "holds a second document: remove the line ---", _line(after))
        return value

    def stop(self, path: Path, message: str, line: int) -> None:
        self.problems.refuse(path, message, line=line)
        raise Refused

    def node(self, event: Any, events: Iterator[Any], path: Path, depth: int) -> Value:
        line = _line(event)
        self.lines.setdefault(path, line)
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self.stop(path, f"has more than {MOST_NODES} entries", line)
        if depth > MOST_DEPTH:
            self.stop(path, f"is nested deeper than {MOST_DEPTH} levels", line)
        if isinstance(event, yaml.AliasEvent):
            self.stop(path, f"uses the alias *{event.anchor}: aliases are not used here, write it out", line)
        if event.anchor is not None:
            self.stop(path, f"has the anchor &{event.anchor}: anchors are not used here", line)
        if event.tag is not None:
            self.stop(path, f"has the tag {quoted(event.tag)}: tags are not used here", line)
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(event, events, path, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(events, path, depth)
        return self.scalar(event, path)

    def mapping(self, start: Any, events: Iterator[Any], path: Path, depth: int) -> dict[str, Value]:
        if start.anchor is not None or start.tag is not None:
            self.stop(path, "has an anchor or a tag: neither is used here", _line(start))
        found: dict[str, Value] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self.key(event, events, path, depth)
            here = (*path, key)
            if key in found:
                self.problems.refuse(
                    here, f"is there twice, first on line {self.lines.get(here, 0)}", line=_line(event)
                )
            else:
                self.lines[here] = _line(event)
            found[key] = self.node(next(events), events, here, depth + 1)
        return found

    def key(self, event: Any, events: Iterator[Any], path: Path, depth: int) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            if isinstance(event, yaml.AliasEvent):
                self.stop(path, f"uses the alias *{event.anchor}: put a * key in quotes", _line(event))
            self.stop(path, "has a key that is not text", _line(event))
        value = self.node(event, events, (*path, str(event.value)[:60]), depth)
        if isinstance(value, str):
            return value
        self.problems.refuse(path, f"the key {event.value} must be text: put it in quotes", line=_line(event))
        return str(event.value)

    def sequence(self, events: Iterator[Any], path: Path, depth: int) -> list[Value]:
        found: list[Value] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            found.append(self.node(event, events, (*path, str(len(found))), depth + 1))
        return found

    def scalar(self, event: Any, path: Path) -> str | int | bool:
        text = str(event.value)
        if event.style is not None and event.style != "":
            # A text in double quotes may spell out what the file itself must not hold: a NUL, a change of direction.
            if unwanted := UNWANTED.search(text):
                path = tuple(UNWANTED.sub("?", part) for part in path)
                self.problems.refuse(path, UNWANTED_SAYS[unwanted.lastgroup or "control"], line=_line(event))
            return text
        if text in ("true", "false"):
            return text == "true"
        if NUMBER.fullmatch(text):
            return int(text)
        for pattern, says in SURPRISES:
            if pattern.fullmatch(text):
                self.problems.refuse(path, f"{quoted(text) if text else 'this'} {says}", line=_line(event))
                break
        return text


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
