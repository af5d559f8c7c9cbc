"""Nothing leaves that the carrier would refuse: the last look at every document.

The builder escapes markup but lets characters pass that XML forbids; the carrier would answer those with its own
error message to the caller. So every document is cleaned, parsed, and held against the elements and attributes that we
use; one that fails is replaced by the safe answer (`RELIABILITY.md` R8).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as ET  # our own documents only, built a line earlier

LARGEST = 32 * 1024
"""Bytes. The carrier takes 64 kB; twice our largest is already a fault."""
SAY_CHARACTERS = 3000
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

SOUND = frozenset({"Say", "Play", "Pause"})
CHILDREN: Mapping[str, frozenset[str]] = {
    "Response": SOUND | {"Gather", "Record", "Dial", "Redirect", "Hangup"},
    "Gather": SOUND,
    "Dial": frozenset({"Number", "Conference"}),
    "Say": frozenset({"prosody"}),
}
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "Response": frozenset(),
    "Say": frozenset({"voice", "language"}),
    "prosody": frozenset({"rate"}),
    "Play": frozenset(),
    "Pause": frozenset({"length"}),
    "Gather": frozenset({"input", "action", "method", "timeout", "numDigits", "finishOnKey", "actionOnEmptyResult"}),
    "Record": frozenset({"action", "method", "maxLength", "finishOnKey", "playBeep", "timeout", "trim"}),
    "Dial": frozenset({"action", "method", "timeout", "callerId"}),
    "Number": frozenset(),
    "Conference": frozenset(
        {
            "participantLabel",
            "muted",
            "coach",
            "startConferenceOnEnter",
            "endConferenceOnExit",
            "beep",
            "waitUrl",
            "statusCallback",
            "statusCallbackMethod",
            "statusCallbackEvent",
        }
    ),
    "Redirect": frozenset({"method"}),
    "Hangup": frozenset(),
}
LAST = frozenset({"Redirect", "Hangup", "Dial", "Gather"})
"""Verbs after which nothing of ours runs: all of them ask us again, or end the leg."""


class Refused(ValueError):
    """The document would break a call."""


def checked(document: str) -> bytes:
    """The document as bytes, cleaned; raises `Refused` with the first fault."""
    text = FORBIDDEN.sub("", document)
    body = text.encode("utf-8")
    if len(body) > LARGEST:
        raise Refused(f"document of {len(body)} bytes; the limit is {LARGEST}")
    try:
        root = ET.fromstring(body)  # noqa: S314 - our own document
    except ET.ParseError as err:
        raise Refused(f"not well-formed: {err}") from err
    for fault in _faults(root):
        raise Refused(fault)
    return body


def _faults(root: ET.Element) -> Iterator[str]:
    if root.tag != "Response":
        yield f"root is {root.tag}"
    if len(root) == 0:
        yield "empty: the carrier would hang up"
    for place, verb in enumerate(root):
        if verb.tag in LAST and place != len(root) - 1:
            yield f"{verb.tag} is followed by {root[place + 1].tag}, which would never run"
    yield from _walk(root)


def _walk(element: ET.Element) -> Iterator[str]:
    unknown = set(element.attrib) - ATTRIBUTES.get(element.tag, frozenset())
    if unknown:
        yield f"{element.tag} has {sorted(unknown)}"
    if element.tag == "Say" and not len(element) and not (element.text or "").strip():
        yield "Say without words"
    if element.tag == "Say" and len("".join(element.itertext())) > SAY_CHARACTERS:
        yield "Say is too long"
    for child in element:
        if child.tag not in CHILDREN.get(element.tag, frozenset()):
            yield f"{child.tag} inside {element.tag}"
        yield from _walk(child)
