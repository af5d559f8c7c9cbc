"""What comes in at the carrier's doors: is it the carrier, what does it say, and what is counted when it is not.

Nothing here has an effect. The body is bounded before it is read, the signature covers the bytes of the target as
they came, and whoever is not the carrier gets a number and no words (`RELIABILITY.md` S-01 to S-13).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import unquote

import structlog
from flask import Response, request
from werkzeug.exceptions import HTTPException

from ivr.core.events import Caller
from ivr.core.instructions import Instruction, Link
from ivr.core.menus import MenuTree
from ivr.web.meters import ALERTS, WEBHOOKS_REFUSED

LARGEST_BODY = 64 * 1024
MOST_FIELDS = 200

log = structlog.get_logger(__name__)


class Said(Protocol):
    """What one webhook says (`telephony.twilio.parse.Wire`)."""

    call: str
    claimed: str
    dialled: str
    status: str
    keys: str
    finished: bool
    label: str
    event: str
    participant_status: str
    dial_status: str
    recording: str
    recorded_s: int
    hung_up: bool
    offer: str
    console: str
    error_code: str
    message: str
    text: str

    @property
    def over(self) -> bool: ...


class Wire(Protocol):
    """The carrier's wire, injected by `wiring`."""

    def refusal(self, *, target: str, form: Mapping[str, Sequence[str]], headers: Any) -> str: ...
    def parse(self, form: Mapping[str, str]) -> Any: ...
    def link(self, door: str, call: str, step: str, query: Mapping[str, str]) -> Link: ...
    def caller(self, claimed: str) -> Caller: ...
    def draw(self, instructions: tuple[Instruction, ...], tree: MenuTree, *, dialled: str) -> bytes: ...
    def one_moment(self, target: str) -> bytes: ...
    def fixed(self, name: str) -> bytes: ...
    def answer_text(self, words: str) -> bytes: ...


def raw_target() -> str:
    """The request target as it came over the wire, never re-spelled."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or ""
    if raw.startswith(("http://", "https://")):
        raw = "/" + raw.split("/", 3)[3] if raw.count("/") > 2 else "/"
    return raw or request.full_path.rstrip("?")


def verified(wire: Wire) -> Said | Response:
    """What the carrier says; to anybody else an answer without words, and no effect."""
    if (request.content_length or 0) > LARGEST_BODY:
        return _refused(413, "too_large")
    if request.mimetype != "application/x-www-form-urlencoded":
        return _refused(415, "not_a_form")
    try:
        body = request.get_data(cache=False)
    except HTTPException as err:
        return _refused(err.code or 400, "unreadable")
    try:
        form = fields_of(body)
    except ValueError:
        return _refused(413, "too_many_fields")
    why = wire.refusal(target=raw_target(), form=form, headers=request.headers)
    if why:
        if why == "foreign_account":
            log.error("foreign_account")
        return _refused(403, why)
    said: Said = wire.parse({name: values[0] for name, values in form.items()})
    structlog.contextvars.bind_contextvars(call=said.call)
    return said


def fields_of(body: bytes) -> dict[str, list[str]]:
    """Every name with its values: the rules of `parse_qsl` (blank values kept), which decodes each part whether it
    needs that or not, and of Werkzeug, whose form builds a dictionary of a kind that nobody here asks for.

    Raises ValueError when there are more than `MOST_FIELDS`.
    """
    if body.count(b"&") >= MOST_FIELDS:
        raise ValueError("too many fields")
    fields: dict[str, list[str]] = {}
    for pair in body.decode("utf-8", "replace").split("&"):
        if pair:
            name, _, value = pair.partition("=")
            fields.setdefault(_plain(name), []).append(_plain(value))
    return fields


def _plain(text: str) -> str:
    if "%" in text or "+" in text:
        return unquote(text.replace("+", " "), errors="werkzeug.url_quote")
    return text


def _refused(status: int, why: str) -> Response:
    WEBHOOKS_REFUSED.labels(why=why).inc()
    return Response(status=status)


def alert(what: str, **more: str) -> None:
    """A signed request that should not exist: a fault of ours, a number set up wrongly, or a token in wrong hands."""
    ALERTS.labels(what=what).inc()
    log.error(what, **more)
