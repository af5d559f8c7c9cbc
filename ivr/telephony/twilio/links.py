"""Links as URLs and back. The carrier signs the URL, so what it carries cannot be forged; it is never personal data.

Only ASCII letters, digits, `-`, `_`, `.` and `~` appear, so that no proxy spells the URL differently from what was
signed. The part after `#` tells the carrier how to connect: it is not sent and not signed (`FACTS.md` 1.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from ivr.core.ids import CallId
from ivr.core.instructions import Link

OVERRIDES = "#rc=2&rp=5xx,ct,rt&rt=4000"
"""Two more tries on trouble, 4 s to answer: the handlers answer repeats with the same bytes."""

FIELDS = (
    ("v", "version"),
    ("n", "node"),
    ("l", "language"),
    ("t", "tries"),
    ("q", "topic"),
    ("p", "priority"),
    ("a", "queued_ms"),
    ("s", "segment"),
    ("w", "path"),
    ("g", "agent"),
)


def path_of(link: Link) -> str:
    """The path and query of a link: `/voice/step/CA…/3?v=…&n=main`."""
    query = {short: getattr(link, name) for short, name in FIELDS if getattr(link, name)}
    path = f"/voice/{link.door}/{quote(link.call, safe='')}/{quote(link.step, safe='')}"
    return f"{path}?{urlencode(query)}" if query else path


def link_from(door: str, call: str, step: str, query: Mapping[str, str]) -> Link:
    """The link of a request. Anything that is not a number where one belongs counts as 0."""
    return Link(
        door=door,
        call=CallId(call),
        step=step,
        version=query.get("v", ""),
        node=query.get("n", ""),
        language=query.get("l", ""),
        tries=_number(query.get("t")),
        topic=query.get("q", ""),
        priority=_number(query.get("p")),
        queued_ms=_number(query.get("a")),
        segment=_number(query.get("s")),
        path=query.get("w", ""),
        agent=query.get("g", ""),
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else 0
