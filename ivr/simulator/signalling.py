"""The doors through which pages carry the sound of a leg, and say the first words of a WebRTC connection to each other.

| body | does |
|---|---|
| `{end}` | this page has the sound of the leg now; the events `hearing` tell it who is there |
| `{end, to: {sid, end}, words}` | `words` (a description or a candidate) goes to that page as the event `signal` |
"""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request, Response

from ivr.simulator.control import on_line
from ivr.simulator.device import calls_leg
from ivr.simulator.exchange import Exchange
from ivr.simulator.hearing import LONGEST_END, NotLinked
from ivr.simulator.legs import Leg
from ivr.simulator.routes import Refused, as_json, body_of, route, words_of


def of_phone(exchange: Exchange, request: Request, id: str) -> Response:  # noqa: A002 - the word on the wire
    sent = body_of(request)
    with exchange.loop.change():
        return _heard(exchange, on_line(exchange, id), sent)


def of_device(exchange: Exchange, request: Request, sid: str) -> Response:
    sent = body_of(request)
    with exchange.loop.change():
        return _heard(exchange, calls_leg(exchange, request, sid), sent)


def _heard(exchange: Exchange, leg: Leg, sent: dict[str, Any]) -> Response:
    end = words_of(sent, "end")
    if not 0 < len(end) <= LONGEST_END:
        raise Refused(400, f"end is 1 to {LONGEST_END} characters")
    if "sid" in sent and sent["sid"] != leg.sid:
        raise Refused(409, "this phone is on another call")
    if "to" not in sent:
        exchange.hearing.carry(leg, end)
        return as_json({"sid": leg.sid})
    to, words = sent["to"], sent.get("words")
    if not isinstance(to, dict) or not isinstance(words, dict):
        raise Refused(400, "to and words are objects")
    try:
        exchange.hearing.signal(leg, end, to=words_of(to, "sid"), to_end=words_of(to, "end"), words=words)
    except NotLinked as err:
        raise Refused(409, "that end is no longer there") from err
    return as_json({"sid": leg.sid})


ROUTES = [
    route("/control/phones/<id>/hearing", of_phone, "POST"),
    route("/device/calls/<sid>/hearing", of_device, "POST"),
]
