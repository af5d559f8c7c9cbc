"""Server-sent events: the board and the agent's own desk, whole each time, when something changed.

A stream holds a thread, so it is capped per person and in all, and it is served by its own pool in production. It
ends within a second at shutdown, at the second write after the browser is gone, and when the session is over. A
message is the whole state: nothing is lost when one is, and a page that comes back needs no history.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response

from ivr.core.errors import Unavailable
from ivr.core.people import Account, Role
from ivr.web.api import own_agent
from ivr.web.api_json import jsonable
from ivr.web.doors import Site
from ivr.web.i18n import page_language
from ivr.web.security import allow, session_token, signed_in
from ivr.workflows.room_unseen import without_words

BEAT_S = 4.0
"""A stream is never silent for longer; pages show "no contact" after 10 s."""
RECHECK_S = 3.0
"""A stream ends this soon after its session did; 5 s are promised (`RELIABILITY.md` S-27)."""
PACE_S = 0.5
"""Shortest time between two messages of one stream."""
LOOK_S = 1.0
"""How long a stream sleeps before it looks whether it should end."""


@dataclass
class Seats:
    """How many streams are open, in all and per person."""

    in_all: int
    per_person: int
    _taken: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, person: str) -> bool:
        with self._lock:
            if self._taken.total() >= self.in_all or self._taken[person] >= self.per_person:
                return False
            self._taken[person] += 1
            return True

    def leave(self, person: str) -> None:
        with self._lock:
            self._taken[person] -= 1

    @property
    def open(self) -> int:
        return self._taken.total()


class Shared:
    """One answer for many askers: computed at most once per `PACE_S` and key in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Any]] = {}

    def get(self, key: str, compute: Callable[[], Any]) -> Any:
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or time.monotonic() - kept[0] >= PACE_S:
                kept = (time.monotonic(), compute())
                self._kept[key] = kept
            return kept[1]


@dataclass(kw_only=True)
class Stream:
    """One open stream: what it shows, what makes it look again, and whether it may go on."""

    site: Site
    topics: tuple[str, ...]
    snapshot: Callable[[], Any]
    alive: Callable[[], bool]

    def messages(self) -> Iterator[str]:
        yield "retry: 2000\n\n"
        last, spoken, checked = "", 0.0, time.monotonic()
        feed = self.site.feed()
        try:
            while not self.site.closing.is_set():
                started = time.monotonic()
                if started - checked >= RECHECK_S:
                    checked = started
                    if not self.alive():
                        yield message("over", {})
                        return
                body = self._read()
                if body is not None and (key := self._key(body)) != last:
                    last, spoken = key, started
                    yield message("state", body)
                elif started - spoken >= BEAT_S:
                    spoken = started
                    yield message("beat", {"ok": body is not None})
                self.site.closing.wait(max(0.0, PACE_S - (time.monotonic() - started)))
                self._wait(feed)
        finally:
            if hasattr(feed, "close"):
                feed.close()

    def _wait(self, feed: Any) -> None:
        try:
            feed.wait(self.topics, timeout=timedelta(seconds=LOOK_S))
        except Unavailable:
            self.site.closing.wait(LOOK_S)

    def _read(self) -> Any | None:
        """The snapshot, or None while the store is away: the page keeps the last one and says so."""
        try:
            return self.snapshot()
        except Unavailable:
            return None

    def _key(self, body: Any) -> str:
        return json.dumps(without_time(body), sort_keys=True)


TICKING = frozenset({"as_of", "server_now", "longest_s"})
"""Fields that grow by themselves: a change of them alone is no news, pages count for themselves."""


def without_time(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: without_time(value) for name, value in body.items() if name not in TICKING}
    return [without_time(value) for value in body] if isinstance(body, list) else body


def message(kind: str, body: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps(body, ensure_ascii=False, separators=(',', ':'))}\n\n"


def streams_blueprint(site: Site, seats: Seats) -> Blueprint:
    blueprint = Blueprint("streams", __name__, url_prefix="/events")
    shared = Shared()

    @blueprint.get("/board")
    @allow("supervisor", "admin")
    def board() -> Response:
        language = page_language()
        snapshot = lambda: shared.get(language, lambda: jsonable(site.board.view(language)))  # noqa: E731
        return _answer(site, seats, ("board",), snapshot)

    @blueprint.get("/room")
    @allow("supervisor", "admin")
    def room() -> Response:
        language, look = page_language(), site.room.room.view
        if signed_in(site).may(Role.SUPERVISOR):
            snapshot = lambda: shared.get(f"room {language}", lambda: jsonable(look(language)))  # noqa: E731
        else:
            snapshot = lambda: shared.get(f"silent {language}", lambda: jsonable(without_words(look(language))))  # noqa: E731
        return _answer(site, seats, ("board",), snapshot)

    @blueprint.get("/agent")
    @allow("agent", "admin")
    def agent() -> Response:
        language, own = page_language(), own_agent(site)
        snapshot = lambda: jsonable(site.desk.view(own, language))  # noqa: E731
        return _answer(site, seats, (f"agent:{own}",), snapshot)

    return blueprint


def _answer(site: Site, seats: Seats, topics: tuple[str, ...], snapshot: Callable[[], Any]) -> Response:
    person, token = signed_in(site), session_token(site)
    if not seats.take(person.id):
        response = Response('{"error":"too_many_streams"}', status=503, mimetype="application/json")
        response.headers["Retry-After"] = "5"
        return response
    stream = Stream(site=site, topics=topics, snapshot=snapshot, alive=_alive(site, token, person))
    response = Response(stream.messages(), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(once(lambda: seats.leave(person.id)))
    return response


def _alive(site: Site, token: str, person: Account) -> Callable[[], bool]:
    def alive() -> bool:
        try:
            now = site.people.session(token, site.now(), touch=False)
        except Unavailable:
            return True
        return now is not None and now.id == person.id and now.roles == person.roles

    return alive


def once(action: Callable[[], None]) -> Callable[[], None]:
    done = threading.Event()

    def run() -> None:
        if not done.is_set():
            done.set()
            action()

    return run
