"""Asks systems of the house over HTTP, or by a function of the house's own, never longer than a voice request can wait.

The name is resolved here and the checked address itself is connected to, so that a name which means something else a
moment later leads nowhere. No redirect is followed, nothing but JSON of a few kilobytes is read, and no compressed body is
asked for. Everything runs on a few threads of its own: whatever a system does (answers drop by drop, never closes), who
waits here is free again in time, and so is the thread; a full house of stuck threads is an answer too.
"""

from __future__ import annotations

import importlib
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError

from ivr.outside.allowed import AllowList, Origin, origin_of
from ivr.outside.deadline import Deadline
from ivr.outside.pinned import Pinned
from ivr.workflows.look_up import NotAnswered, Question

LONGEST_S = 1.5
"""For all tries together: the voice request has 2.5 s in all."""
LARGEST = 16 * 1024
AT_ONCE = 8
"""Questions under way in one process."""
FEWEST_S = 0.2
"""Less than this left: no second try."""
SERVER_FAULT = 500
AGAIN = frozenset({"unreachable", "server_fault"})
"""What a second try may mend; a time-out has used up the time."""

Resolve = Callable[[str, int], list[str]]


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, kw_only=True)
class AskOutside:
    allowed: AllowList = field(default_factory=AllowList)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By the names that menus use."""
    hooks: frozenset[str] = frozenset()
    """Functions that may be called, as `package.module:function`."""
    resolve: Resolve = resolved
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(AT_ONCE, thread_name_prefix="lookup"), repr=False
    )
    _places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE), repr=False)

    def ask(self, question: Question) -> object:
        """The JSON value of the answer. Raises `NotAnswered` after 1.5 s at the latest."""
        began = time.monotonic()
        for left in reversed(range(question.tries)):
            rest = LONGEST_S - (time.monotonic() - began)
            try:
                return self._once(question, min(question.within.total_seconds(), rest))
            except NotAnswered as err:
                rest = LONGEST_S - (time.monotonic() - began)
                if not left or err.result not in AGAIN or rest < FEWEST_S:
                    raise
        raise NotAnswered("unreachable")

    def _once(self, question: Question, within_s: float) -> object:
        if not self._places.acquire(blocking=False):
            raise NotAnswered("busy", f"{AT_ONCE} questions are under way")
        until = time.monotonic() + within_s
        work = self._call_hook if question.hook else self._send
        future: Future[object] = self._threads.submit(self._worked, work, question, until)
        try:
            return future.result(timeout=within_s)
        except NotInTime:
            raise NotAnswered("timeout") from None

    def _worked(self, work: Callable[[Question, float], object], question: Question, until: float) -> object:
        try:
            return work(question, until)
        finally:
            self._places.release()

    # ---- a function of the house -------------------------------------------------------------------------------

    def _call_hook(self, question: Question, _until: float) -> object:
        if question.to not in self.hooks:
            raise NotAnswered("refused", f"the hook {question.to} is not on the list")
        module, _, name = question.to.partition(":")
        try:
            answer = getattr(importlib.import_module(module), name)(dict(question.body))
        except Exception as err:
            raise NotAnswered("server_fault", f"{type(err).__name__} in the hook") from err
        return answer

    # ---- HTTP --------------------------------------------------------------------------------------------------

    def _send(self, question: Question, until: float) -> object:
        origin = origin_of(question.to)
        if origin is None or not self.allowed.admits(question.to):
            raise NotAnswered("refused", "the address is not on the list")
        with Deadline(max(0.01, until - time.monotonic())) as deadline:
            try:
                return self._asked(question, origin, until, deadline)
            except NotAnswered as err:
                if deadline.over:  # what was cut off looks like another fault
                    raise NotAnswered("timeout") from err
                raise

    def _asked(self, question: Question, origin: Origin, until: float, deadline: Deadline) -> object:
        with _translated():
            address = self._address(origin)
            response = self._response(question, origin, address, until, deadline)
            try:
                return _answer(response, until)
            finally:
                response.close()

    def _address(self, origin: Origin) -> str:
        """Where to connect to. Every address of the name must be one that may be connected to."""
        addresses = self.resolve(origin.host, origin.port)
        if not self.allowed.leads_well(addresses):
            raise NotAnswered("refused", f"{origin.host} leads to an address that is not public and not listed")
        return addresses[0]

    def _response(
        self, question: Question, origin: Origin, address: str, until: float, deadline: Deadline
    ) -> urllib3.response.BaseHTTPResponse:
        target, body = _target(question)
        way = Pinned(origin=origin, address=address, within_s=max(0.01, until - time.monotonic()), deadline=deadline)
        return way.send(question.method.upper(), target, headers=self._headers(question, origin), body=body)

    def _headers(self, question: Question, origin: Origin) -> dict[str, str]:
        default = origin.port == (443 if origin.scheme == "https" else 80)
        headers = {
            "Host": origin.host if default else f"{origin.host}:{origin.port}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "User-Agent": "ivr",
            "Idempotency-Key": question.key,
        }
        if question.method == "post":
            headers["Content-Type"] = "application/json"
        if question.secret:
            if question.secret not in self.secrets:
                raise NotAnswered("refused", f"there is no secret named {question.secret}")
            headers["Authorization"] = f"Bearer {self.secrets[question.secret]}"
        return headers


def _target(question: Question) -> tuple[str, bytes | None]:
    parts = urlsplit(question.to)
    path, query = parts.path or "/", parts.query
    if question.method == "post":
        return f"{path}?{query}" if query else path, json.dumps(question.body, ensure_ascii=False).encode()
    query = "&".join(part for part in (query, urlencode({k: str(v) for k, v in question.body.items()})) if part)
    return f"{path}?{query}" if query else path, None


def _answer(response: urllib3.response.BaseHTTPResponse, until: float) -> object:
    if 300 <= response.status < 400:
        raise NotAnswered("redirected", "redirects are not followed")
    if response.status >= SERVER_FAULT:
        raise NotAnswered("server_fault", f"HTTP {response.status}")
    if not 200 <= response.status < 300:
        raise NotAnswered("status", f"HTTP {response.status}")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise NotAnswered("not_json", "the answer is not application/json")
    body = b""
    while chunk := response.read1(4096):
        body += chunk
        if len(body) > LARGEST:
            raise NotAnswered("too_large", f"more than {LARGEST} bytes")
        if time.monotonic() > until:
            raise NotAnswered("timeout")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise NotAnswered("not_json", "the answer cannot be read") from None


@contextmanager
def _translated() -> Iterator[None]:
    """Whatever the library raises, by its kind alone: its words may hold what was sent."""
    try:
        yield
    except NewConnectionError as err:  # which the library counts among the time-outs
        raise NotAnswered("unreachable", type(err).__name__) from err
    except urllib3.exceptions.TimeoutError as err:
        raise NotAnswered("timeout") from err
    except (HTTPError, OSError, UnicodeError) as err:
        raise NotAnswered("unreachable", type(err).__name__) from err
