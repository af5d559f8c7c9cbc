"""The control API, JSON, for scripts in other processes and for the phone page.

| request | does |
|---|---|
| `GET /control/state` | numbers, clock, phones with their live calls |
| `POST /control/phones` `{address, behaviour?}` | a phone (one per telephone number) |
| `GET /control/phones/<id>` · `DELETE` | its calls · hang up and take it away |
| `POST /control/phones/<id>/behaviour` | `{kind, after_s, keys, keys_after_s, talk_s}` |
| `POST /control/phones/<id>/call` `{to}` | call a number of the hotline |
| `POST /control/phones/<id>/answer` · `decline` `{sid?}` | the call that rings |
| `POST /control/calls/<sid>/keys` `{keys}` · `hangup` · `speaks` `{seconds}` · `says` `{text}` | what the party on it does |
| `GET /control/calls` · `/control/calls/<sid>` | all legs · one with its transcript |
| `GET /control/phones/<id>/events` | server-sent events: hello, ring, cancel, state, heard, interrupted, ended |
| `GET /control/clock` · `POST` `{advance_s}` or `{factor}` | 0 stands still |
| `GET /control/ledger?kind=&leg=&after=` | everything on the wire |
| `GET /control/violations` · `DELETE` | signed voice webhooks not answered well |
| `GET /control/faults` · `POST` `{kind, …}` · `DELETE` | trouble on order, see `faults.py` |
| `POST /control/settle` `{within_s}` | waits until no webhook is under way |
| `GET /control/messages` | text messages sent |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, request

from ivr.simulator.doors import Doors
from ivr.simulator.exchange import Exchange, describe
from ivr.simulator.legs import Leg, Status
from ivr.simulator.phones import Behaviour, Phone
from ivr.simulator.rest.answers import as_json
from ivr.simulator.streams import stream

LONGEST_ADDRESS = 100


def control(exchange: Exchange, doors: Doors) -> Blueprint:
    door = Blueprint("control", __name__)

    @door.before_request
    def only_known() -> Response | None:
        if not doors.may(request):
            return as_json({"error": "this page may not drive the network"}, 403)
        if request.method == "OPTIONS":
            return Response(status=204)
        return None

    @door.after_request
    def cors(answer: Response) -> Response:
        return doors.allow(request, answer)

    _add_state(door, exchange)
    _add_phones(door, exchange)
    _add_calls(door, exchange)
    _add_switches(door, exchange)
    return door


def _given() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def bad(message: str) -> Response:
    return as_json({"error": message}, 400)


def _add_state(door: Blueprint, exchange: Exchange) -> None:
    @door.get("/state")
    def state() -> Response:
        with exchange.loop.lock:
            return as_json({
                "numbers": list(exchange.account.numbers),
                "clock": clock_json(exchange),
                "phones": [phone_json(phone) for phone in exchange.phones.by_id.values()],
            })

    @door.get("/messages")
    def messages() -> Response:
        with exchange.loop.lock:
            return as_json({"messages": [asdict(one) for one in exchange.messages.made.values()]})


def _phone(exchange: Exchange, phone_id: str) -> Phone:
    return exchange.phones.by_id.get(phone_id) or abort(404)


def _add_phones(door: Blueprint, exchange: Exchange) -> None:
    @door.post("/phones")
    def make() -> Response:
        given = _given()
        address = str(given.get("address", "")).strip()
        if not address or len(address) > LONGEST_ADDRESS or address.startswith("client:"):
            return bad("address: a number, a SIP address or a withheld caller id, 1–100 characters")
        with exchange.loop.change():
            phone = exchange.phones.one(address)
            if given.get("behaviour"):
                return _behave(phone, given["behaviour"])
            return as_json(phone_json(phone), 201)

    @door.get("/phones/<phone_id>")
    def show(phone_id: str) -> Response:
        with exchange.loop.lock:
            return as_json(phone_json(_phone(exchange, phone_id)))

    @door.delete("/phones/<phone_id>")
    def remove(phone_id: str) -> Response:
        with exchange.loop.change():
            phone = _phone(exchange, phone_id)
            for leg in list(phone.legs):
                drop(exchange, leg, phone)
            exchange.phones.remove(phone)
        return as_json({})

    @door.post("/phones/<phone_id>/behaviour")
    def behave(phone_id: str) -> Response:
        with exchange.loop.change():
            return _behave(_phone(exchange, phone_id), _given())

    @door.post("/phones/<phone_id>/call")
    def call(phone_id: str) -> Response:
        with exchange.loop.change():
            phone = _phone(exchange, phone_id)
            leg = exchange.call_in(phone, str(_given().get("to", "")).strip())
            return as_json(leg_json(leg), 201)

    @door.post("/phones/<phone_id>/<any(answer, decline):act>")
    def pick(phone_id: str, act: str) -> Response:
        with exchange.loop.change():
            phone = _phone(exchange, phone_id)
            sid = _given().get("sid")
            leg = next((leg for leg in phone.legs if phone in leg.ringing_at and sid in {None, leg.sid}), None)
            if leg is None:
                return as_json({"error": "nothing rings here"}, 409)
            if act == "answer":
                exchange.answer(leg, phone)
            else:
                exchange.decline(leg, phone)
            return as_json(leg_json(leg))

    @door.get("/phones/<phone_id>/events")
    def events(phone_id: str) -> Response:
        with exchange.loop.lock:
            phone = _phone(exchange, phone_id)
            return stream(exchange.loop, phone, first={"phone": phone_json(phone), "calls": [leg_json(leg) for leg in phone.legs]})


def _behave(phone: Phone, given: dict[str, Any]) -> Response:
    try:
        phone.behaviour = Behaviour(**given)
    except (TypeError, ValueError) as err:
        return bad(str(err))
    return as_json(phone_json(phone))


def drop(exchange: Exchange, leg: Leg, phone: Phone) -> None:
    if phone in leg.ringing_at:
        exchange.decline(leg, phone)
    else:
        exchange.hang_up(leg)


def _add_calls(door: Blueprint, exchange: Exchange) -> None:
    def found(sid: str) -> Leg:
        return exchange.legs.get(sid) or abort(404)

    @door.get("/calls")
    def list_calls() -> Response:
        with exchange.loop.lock:
            return as_json({"calls": [describe(leg) for leg in exchange.legs.values()]})

    @door.get("/calls/<sid>")
    def show_call(sid: str) -> Response:
        with exchange.loop.lock:
            return as_json(leg_json(found(sid)))

    def acts(sid: str, act: str) -> Response:
        given = _given()
        with exchange.loop.change():
            leg = found(sid)
            if act == "hangup":
                exchange.hang_up(leg)
            elif leg.over:
                return as_json({"error": "the call is over"}, 409)
            elif act == "keys":
                try:
                    exchange.press(leg, str(given.get("keys", "")))
                except ValueError as err:
                    return bad(str(err))
            elif act == "says":
                exchange.speak(leg, str(given.get("text", "")))
            else:
                leg.voice_until_s = exchange.clock.now() + float(given.get("seconds", 0))
            return as_json(leg_json(leg))

    door.post("/calls/<sid>/<any(keys, hangup, says, speaks):act>")(acts)


def _add_switches(door: Blueprint, exchange: Exchange) -> None:
    @door.get("/clock")
    def clock() -> Response:
        return as_json(clock_json(exchange))

    @door.post("/clock")
    def move() -> Response:
        given = _given()
        try:
            factor, seconds = given.get("factor"), float(given.get("advance_s", 0))
            if factor is not None:
                exchange.loop.set_factor(max(0.0, float(factor)))
        except (TypeError, ValueError):
            return bad("factor and advance_s are numbers")
        if seconds > 0:
            if not exchange.clock.manual:
                return bad("advance_s moves a clock that stands still: set factor 0 first")
            exchange.loop.advance(seconds)
        return as_json(clock_json(exchange))

    @door.post("/settle")
    def settle() -> Response:
        return as_json({"settled": exchange.loop.settle(float(_given().get("within_s", 30)))})

    @door.get("/ledger")
    def ledger() -> Response:
        asked = request.args
        like = {"leg": asked["leg"]} if "leg" in asked else {}
        with exchange.loop.lock:
            entries = exchange.ledger.entries(asked.get("kind"), after=asked.get("after", 0, type=int), **like)
        return as_json({"entries": entries})

    @door.route("/violations", methods=["GET", "DELETE"])
    def violations() -> Response:
        with exchange.loop.lock:
            if request.method == "DELETE":
                exchange.ledger.forget_violations()
            return as_json({"violations": exchange.ledger.violations})

    @door.route("/faults", methods=["GET", "POST", "DELETE"])
    def faults() -> Response:
        act: dict[str, Callable[[], object]] = {"POST": lambda: exchange.faults.add(**_given()), "DELETE": exchange.faults.clear}
        with exchange.loop.lock:
            try:
                act.get(request.method, lambda: None)()
            except (TypeError, ValueError) as err:
                return bad(str(err))
            return as_json({"faults": exchange.faults.as_list()})


def clock_json(exchange: Exchange) -> dict[str, Any]:
    return {"now_s": round(exchange.clock.now(), 3), "date": exchange.clock.date().isoformat(), "factor": exchange.clock.factor}


def phone_json(phone: Phone) -> dict[str, Any]:
    return {
        "id": phone.id,
        "address": phone.address,
        "behaviour": asdict(phone.behaviour),
        "calls": [describe(leg) for leg in phone.legs],
        "ringing": [leg.sid for leg in phone.legs if phone in leg.ringing_at and leg.status is Status.RINGING],
    }


def leg_json(leg: Leg) -> dict[str, Any]:
    return describe(leg) | {"transcript": [heard.as_dict() for heard in leg.transcript]}
