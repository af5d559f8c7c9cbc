"""A phone's life as server-sent events, and how a phone looks to pages and scripts."""

from __future__ import annotations

import json
import queue
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from ivr.simulator.exchange import Exchange, describe
from ivr.simulator.legs import Direction, Leg, Status
from ivr.simulator.phones import Event, Phone

HEARTBEAT_S = 10.0
LOOK_S = 0.5
"""How often a silent stream looks whether its reader is still there (real seconds)."""


def current(phone: Phone) -> Leg | None:
    """The call somebody talks on (or that this phone has placed)."""
    return next((leg for leg in phone.legs if leg.phone is phone and not leg.over), None)


def ringing(phone: Phone) -> Leg | None:
    return next((leg for leg in phone.legs if phone in leg.ringing_at and leg.status is Status.RINGING), None)


def call_shape(exchange: Exchange, leg: Leg) -> dict[str, Any]:
    started_s = leg.answered_s if leg.answered_s is not None else leg.started_s
    started = None if started_s is None else exchange.clock.date(started_s).isoformat(timespec="milliseconds")
    return {**describe(leg), "started": started}


def phone_shape(exchange: Exchange, phone: Phone) -> dict[str, Any]:
    """With the lock held. `state`: idle, ringing (someone calls), calling (not answered yet), talking."""
    call, ring = current(phone), ringing(phone)
    if call is not None:
        state = (
            "calling" if call.direction is Direction.INBOUND and call.status is not Status.IN_PROGRESS else "talking"
        )
    else:
        state = "ringing" if ring is not None else "idle"
    return {
        "id": phone.id,
        "address": phone.address,
        "state": state,
        "call": None if call is None else call_shape(exchange, call),
        "ringing": None if ring is None else call_shape(exchange, ring),
    }


def hello(exchange: Exchange, phone: Phone) -> Event:
    call = current(phone)
    transcript = [] if call is None else [heard.as_dict() for heard in call.transcript]
    shape = phone_shape(exchange, phone)
    texts = [exchange.text_shape(text, phone.address) for text in exchange.messages.of(phone.address)]
    first = {"type": "hello", "sid": call.sid if call else "", **shape, "phone": shape}
    return {**first, "transcript": transcript, "texts": texts}


def stream(
    exchange: Exchange, request: Request, phone: Phone, *, left: Callable[[list[Leg]], None], left_s: float
) -> Response:
    """`left` is called, with the lock held, when the last reader has been gone for `left_s` real seconds and nobody has
    listened since, even for a moment. It is given the calls that this reader left behind.
    """
    with exchange.loop.change():
        listener = phone.listen()
        first = hello(exchange, phone)
    peer = request.environ.get("werkzeug.socket")

    def events() -> Iterator[str]:
        try:
            yield _framed(first)
            yield from _follow(exchange, phone, listener, peer)
        finally:
            with exchange.loop.change():
                phone.deafen(listener)
                if not phone.listeners:
                    timer = threading.Timer(left_s, alone, (phone.readers, list(phone.legs)))
                    timer.daemon = True
                    timer.start()

    def alone(readers: int, legs: list[Leg]) -> None:
        with exchange.loop.change():
            if not (phone.listeners or phone.readers != readers or exchange.loop.stopped):
                left([leg for leg in legs if leg in phone.legs])

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(events(), content_type="text/event-stream; charset=utf-8", headers=headers)


def _follow(
    exchange: Exchange, phone: Phone, listener: queue.Queue[Event], peer: socket.socket | None
) -> Iterator[str]:
    """Until the reader leaves, falls 10,000 events behind, or the phone or the network is gone."""
    beat = time.monotonic() + HEARTBEAT_S
    while not exchange.loop.stopped:
        try:
            event = listener.get(timeout=LOOK_S)
        except queue.Empty:
            if _left(peer) or listener not in phone.listeners or phone.id not in exchange.phones.by_id:
                return
            if time.monotonic() >= beat:
                beat = time.monotonic() + HEARTBEAT_S
                yield ": still here\n\n"
            continue
        yield _framed(event)


def _left(peer: socket.socket | None) -> bool:
    """Whether the other end has closed the connection."""
    if peer is None:
        return False
    try:
        readable, _, _ = select.select([peer], [], [], 0)
        return bool(readable) and peer.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):
        return True


def _framed(event: Mapping[str, Any]) -> str:
    return f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False, default=str)}\n\n"
