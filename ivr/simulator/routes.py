"""What the HTTP doors share: the shape of a handler, JSON in and out, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from ivr.simulator.exchange import Exchange

MOST_BYTES = 1024 * 1024

Handler = Callable[..., Response]
"""Called with the exchange, the request and the variables of its path. It takes the network's lock itself."""


class Refused(Exception):
    """An answer that is no success, for scripts and pages; REST has its own words (`rest/shapes.py`)."""

    def __init__(self, status: int, message: str, *, code: int = 0) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code

    def answer(self) -> Response:
        return as_json({"code": self.code or self.status, "message": self.message, "error": self.message}, self.status)


class Door(Request):
    """One request to the network."""

    max_content_length = MOST_BYTES


def route(path: str, handler: Handler, *methods: str) -> Rule:
    return Rule(path, endpoint=handler, methods=methods or ("GET",))


def as_json(what: Any, status: int = 200) -> Response:
    text = json.dumps(what, ensure_ascii=False, default=str)
    return Response(text, status, content_type="application/json; charset=utf-8", headers={"Cache-Control": "no-store"})


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object sent; {} for no body. Raises Refused."""
    if not request.get_data(cache=True):
        return {}
    try:
        sent = request.get_json(force=True)
    except BadRequest as err:
        raise Refused(400, "the body is no JSON") from err
    if not isinstance(sent, dict):
        raise Refused(400, "the body is no JSON object")
    return sent


def words_of(sent: dict[str, Any], name: str, *, default: str = "") -> str:
    """Raises Refused when it is there and no text."""
    value = sent.get(name, default)
    if not isinstance(value, str):
        raise Refused(400, f"{name} is no text")
    return value.strip()


def number_of(sent: dict[str, Any], name: str, *, least: float = 0.0, most: float = 1e7) -> float:
    """Raises Refused when it is missing, no number, or out of range."""
    value = sent.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Refused(400, f"{name} is no number from {least:g} to {most:g}")
    return float(value)


__all__ = [
    "Door",
    "Exchange",
    "HTTPException",
    "Handler",
    "Refused",
    "as_json",
    "body_of",
    "number_of",
    "route",
    "words_of",
]
