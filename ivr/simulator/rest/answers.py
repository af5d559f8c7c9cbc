"""Shapes all resources share: errors in Twilio's words, pages, checks of parameters."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Response, request

from ivr.simulator.account import E164

MESSAGES = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20001: (400, "Unknown parameters"),
    20007: (400, "Page size too large"),
    20422: (400, "Invalid Parameter"),
    20500: (500, "Internal Server Error"),
    20503: (503, "Service Unavailable"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url parameter is required or is not a valid URL"),
    21208: (400, "Invalid Timeout"),
    21210: (400, "'From' phone number not verified"),
    21211: (400, "Invalid 'To' Phone Number"),
    21212: (400, "Invalid 'From' Phone Number"),
    21213: (400, "'From' phone number is required"),
    21217: (400, "Phone number does not appear to be valid"),
    21218: (400, "Invalid ApplicationSid"),
    21220: (400, "Call is not in-progress. Cannot redirect."),
    21405: (400, "VoiceFallbackUrl needs VoiceUrl"),
    21602: (400, "Message body is required"),
    21606: (400, "The 'From' phone number is not a valid, message-capable number of this account"),
    21609: (400, "Invalid 'StatusCallback' URL"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    32018: (400, "Inline TwiML is too long"),
}
LONGEST_TWIML = 4000
LONGEST_TIMEOUT = 600
MOST_PER_PAGE = 1000
VERSION = "2010-04-01"


class Refused(Exception):  # noqa: N818 - an answer
    def __init__(self, code: int, message: str = "", *, status: int | None = None) -> None:
        known_status, known_message = MESSAGES.get(code, (400, "Bad request"))
        super().__init__(message or known_message)
        self.code, self.message, self.status = code, message or known_message, status or known_status


def refusal(err: Refused) -> Response:
    more = f"https://www.twilio.com/docs/errors/{err.code}"
    answer = as_json({"code": err.code, "message": err.message, "more_info": more, "status": err.status}, err.status)
    if err.status == 429:  # noqa: PLR2004
        answer.headers["Twilio-Concurrent-Requests"] = "101"
    return answer


def as_json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/json; charset=utf-8")


def page(name: str, rows: Sequence[Any], shown: Any) -> Response:
    """`rows` newest first; `PageToken` is opaque to clients: never a page number they may build."""
    size = _number("PageSize", 50)
    if size > MOST_PER_PAGE:
        raise Refused(20007)
    size = max(1, size)
    start = _start()
    here = rows[start : start + size]
    number = start // size
    more = start + size < len(rows)
    answer = {
        name: [shown(row) for row in here],
        "page": number,
        "page_size": size,
        "start": start,
        "end": max(start, start + len(here) - 1),
        "uri": _uri(start, size),
        "first_page_uri": _uri(0, size),
        "next_page_uri": _uri(start + size, size) if more else None,
        "previous_page_uri": _uri(max(0, start - size), size) if start else None,
    }
    return as_json(answer)


def _start() -> int:
    token = request.args.get("PageToken", "")
    if token:
        try:
            return int(base64.urlsafe_b64decode(token.removeprefix("PA")).decode())
        except (ValueError, UnicodeDecodeError) as err:
            raise Refused(20001, "Invalid PageToken") from err
    return 0


def _uri(start: int, size: int) -> str:
    given = [(name, value) for name, value in request.args.items(multi=True) if name not in {"Page", "PageToken", "PageSize"}]
    token = "PA" + base64.urlsafe_b64encode(str(start).encode()).decode()
    tail = [("PageSize", str(size)), ("Page", str(start // size)), *([("PageToken", token)] if start else [])]
    return f"{request.path}?{urlencode([*given, *tail])}"


def _number(name: str, default: int) -> int:
    value = request.args.get(name, "")
    return int(value) if value.isdigit() else default


def given(name: str, default: str = "") -> str:
    return request.form.get(name, default)


def flag(name: str) -> bool | None:
    word = given(name).lower()
    if not word:
        return None
    if word not in {"true", "false"}:
        raise Refused(20001, f"{name} must be true or false")
    return word == "true"


def url(name: str, code: int = 21205) -> str:
    """An absolute address, or "". Raises Refused."""
    value = given(name)
    if value and not is_url(value):
        raise Refused(code, f"{name} is not a valid URL: {value}")
    return value


def is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def method(name: str, default: str = "POST") -> str:
    word = given(name, default).upper()
    if word not in {"GET", "POST"}:
        raise Refused(20001, f"{name} must be GET or POST")
    return word


def timeout_s(default: float = 60) -> float:
    word = given("Timeout")
    if not word:
        return default
    if not word.isdigit() or not 0 < int(word) <= LONGEST_TIMEOUT:
        raise Refused(21208)
    return float(word)


def reachable(address: str) -> str:
    """A `To` this network can try. Raises Refused."""
    if not address:
        raise Refused(21201)
    if address.startswith(("client:", "sip:", "sips:")):
        return address
    if not address.startswith("+") or not address[1:].isdigit():
        raise Refused(21211, f"The phone number you are attempting to call, {address}, is not valid.")
    if not E164.match(address):
        raise Refused(21217, f"Phone number {address} does not appear to be valid")
    return address
