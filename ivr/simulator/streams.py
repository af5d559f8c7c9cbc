"""Server-sent events: what a phone notices, as it happens."""

from __future__ import annotations

import json
import queue
from collections.abc import Callable, Iterator
from typing import Any

from flask import Response

from ivr.simulator.loop import Loop
from ivr.simulator.phones import Phone

BEAT_S = 10.0


def stream(loop: Loop, phone: Phone, *, first: dict[str, Any], closed: Callable[[], None] = lambda: None) -> Response:
    """`first` is sent at once: the state from which the events go on."""
    with loop.lock:
        listener = phone.listen()

    def events() -> Iterator[str]:
        try:
            yield _event({"type": "hello", **first})
            while not loop.stopped:
                try:
                    yield _event(listener.get(timeout=BEAT_S))
                except queue.Empty:
                    yield ": still here\n\n"
        finally:
            with loop.lock:
                phone.deafen(listener)
            closed()

    return Response(events(), content_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


def _event(what: dict[str, Any]) -> str:
    return f"data: {json.dumps(what, ensure_ascii=False)}\n\n"
