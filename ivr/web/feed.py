"""`/events/feed`: what happens, one event after another, for programs that follow live.

Each message has the place in the log as its `id`; a program that comes back with `Last-Event-ID` misses nothing that is
still kept (the last ten thousand); of what is not, it is told by the event `gap`. Without a place the stream begins with what comes
next. An event may come twice; its own id tells.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from flask import Blueprint, Response, request

from ivr.core.errors import RequestError, Unavailable
from ivr.web.doors import Site
from ivr.web.security import actor, bearer, for_programs
from ivr.web.streams import BEAT_S, LOOK_S, RECHECK_S, Seats, once

FIRST = "0-0"
"""The place before every event."""


def feed_blueprint(site: Site, seats: Seats) -> Blueprint:
    blueprint = Blueprint("feed", __name__, url_prefix="/events")

    @blueprint.get("/feed")
    @for_programs("events:read")
    def feed() -> Response:
        who, asked, events = actor(site), request.headers.get("Last-Event-ID", ""), site.rules.events
        try:
            place = asked or events.newest()
            events.after(place, limit=1)
            lost = asked not in ("", FIRST) and not events.kept(asked)
        except ValueError:
            raise RequestError("Last-Event-ID is no place in this log", status=422, error_id="bad_place") from None
        if not seats.take(who):
            response = Response('{"error":"too_many_streams"}', status=503, mimetype="application/json")
            response.headers["Retry-After"] = "5"
            return response
        token = bearer()

        def alive() -> bool:
            try:
                return site.tokens.find(token, site.now()) is not None
            except Unavailable:
                return True

        response = Response(_messages(site, place, alive, lost=lost), mimetype="text/event-stream")
        response.headers["X-Accel-Buffering"] = "no"
        response.call_on_close(once(lambda: seats.leave(who)))
        return response

    return blueprint


def _messages(site: Site, place: str, alive: Callable[[], bool], *, lost: bool) -> Iterator[str]:
    """`lost`: what came right after this place is not kept any more."""
    yield "retry: 2000\n\n"
    if lost:
        yield "event: gap\ndata: {}\n\n"
    spoken = checked = time.monotonic()
    news = site.feed()
    try:
        while not site.closing.is_set():
            now = time.monotonic()
            if now - checked >= RECHECK_S:
                checked = now
                if not alive():
                    yield "event: over\ndata: {}\n\n"
                    return
            found = _after(site, place)
            for place, event in found:  # noqa: PLR1704 - the place goes on from event to event
                spoken = now
                yield f"id: {place}\nevent: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"
            if now - spoken >= BEAT_S:
                spoken = now
                yield "event: beat\ndata: {}\n\n"
            if found:  # there may be more
                continue
            try:
                news.wait(("events",), timeout=timedelta(seconds=LOOK_S))
            except Unavailable:
                site.closing.wait(LOOK_S)
    finally:
        if hasattr(news, "close"):
            news.close()


def _after(site: Site, place: str) -> list[tuple[str, dict[str, object]]]:
    try:
        return list(site.rules.events.after(place))
    except Unavailable:
        return []
