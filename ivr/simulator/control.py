"""The people's side over HTTP: phones that pages and other programs hold, the clock, trouble, and the ledger.

JSON in and out, no password: the server listens on this machine and refuses pages of other origins.

| request | does |
|---|---|
| `GET /control/config` | numbers and clock |
| `GET`, `POST /control/phones` | all phones; the one of `{address}`, made on first mention |
| `GET`, `DELETE /control/phones/<id>` | one phone; away with it, its calls end |
| `POST /control/phones/<id>/call` | `{to, own}` → `{sid}` |
| `POST /control/phones/<id>/answer`, `/decline`, `/hangup` | |
| `POST /control/phones/<id>/press` | `{keys}` |
| `POST /control/phones/<id>/speak` | `{seconds}` of voice, or `{text}` that is recognised |
| `POST /control/phones/<id>/text` | `{to, body}` → `{sid}` |
| `POST /control/phones/<id>/behave` | `{kind, after_s, keys, keys_after_s, talk_s}` |
| `POST /control/phones/<id>/hearing` | the sound of its call, from page to page (`signalling.py`) |
| `GET /control/phones/<id>/events` | server-sent events (`events.py`); when the last reader has left for `LEFT_S`, the call ends |
| `GET /control/calls/<sid>` | state and transcript |
| `GET /control/calls`, `/control/messages` | all legs; all text messages |
| `GET /control/ledger?kind=&leg=&after=&limit=` | what went over the wire |
| `GET`, `DELETE /control/violations` | what the service did wrong |
| `POST /control/settle` `{within_s}` | waits until no webhook is under way |
| `GET`, `POST`, `DELETE /control/faults` | trouble on order: `{kind, …}` (`faults.py`) |
| `POST /control/clock` | `{factor}` (0 stands still) or `{advance_s}` |
"""

from __future__ import annotations

from typing import Any, Final

from werkzeug.wrappers import Request, Response

from ivr.simulator.events import call_shape, current, phone_shape, ringing, stream
from ivr.simulator.exchange import Exchange
from ivr.simulator.legs import Leg
from ivr.simulator.loop import SETTLE_S
from ivr.simulator.phones import Behaviour, Phone
from ivr.simulator.routes import Refused, as_json, body_of, number_of, route, words_of

LONGEST_ADDRESS = 200
LONGEST_TEXT = 1600
MOST_ENTRIES = 10_000
FASTEST = 10_000
LEFT_S: Final = 30.0
"""Real seconds; a page that is loaded again, or a network that comes back, takes less."""


def _phone(exchange: Exchange, id: str) -> Phone:  # noqa: A002 - the word on the wire
    phone = exchange.phones.by_id.get(id)
    if phone is None:
        raise Refused(404, "there is no such phone")
    return phone


def _on_call(phone: Phone) -> Leg:
    leg = current(phone)
    if leg is None:
        raise Refused(409, "nobody is on the line")
    return leg


def on_line(exchange: Exchange, id: str) -> Leg:  # noqa: A002
    """The call of this phone, with the lock held. Raises Refused."""
    return _on_call(_phone(exchange, id))


def _clock(exchange: Exchange) -> dict[str, Any]:
    clock = exchange.clock
    return {
        "factor": clock.factor,
        "now": clock.date().isoformat(timespec="milliseconds"),
        "seconds": round(clock.now(), 3),
    }


def config(exchange: Exchange, _request: Request) -> Response:
    with exchange.loop.lock:
        return as_json({"numbers": list(exchange.account.numbers), "clock": _clock(exchange)})


# --- phones ---------------------------------------------------------------------------------------------------


def phones(exchange: Exchange, _request: Request) -> Response:
    with exchange.loop.lock:
        return as_json({"phones": [phone_shape(exchange, phone) for phone in exchange.phones.by_id.values()]})


def make_phone(exchange: Exchange, request: Request) -> Response:
    address = words_of(body_of(request), "address")
    if not address or len(address) > LONGEST_ADDRESS or not address.isprintable():
        raise Refused(400, f"address is 1 to {LONGEST_ADDRESS} printable characters")
    with exchange.loop.change():
        return as_json(phone_shape(exchange, exchange.phones.one(address)))


def phone(exchange: Exchange, _request: Request, id: str) -> Response:  # noqa: A002
    with exchange.loop.lock:
        return as_json(phone_shape(exchange, _phone(exchange, id)))


def drop_phone(exchange: Exchange, _request: Request, id: str) -> Response:  # noqa: A002
    with exchange.loop.change():
        put_away(exchange, _phone(exchange, id))
    return Response(status=204)


def put_away(exchange: Exchange, phone: Phone) -> None:
    """With the lock held."""
    exchange.phones.remove(phone)
    _end_calls(exchange, phone, list(phone.legs))


def _end_calls(exchange: Exchange, phone: Phone, legs: list[Leg]) -> None:
    for leg in legs:
        if phone in leg.ringing_at:
            exchange.decline(leg, phone)
        else:
            exchange.hang_up(leg)


def call(exchange: Exchange, request: Request, id: str) -> Response:  # noqa: A002
    sent = body_of(request)
    own = sent.get("own") or {}
    if not isinstance(own, dict):
        raise Refused(400, "own is no object")
    with exchange.loop.change():
        phone = _phone(exchange, id)
        if phone.busy:
            raise Refused(409, "this phone is on a call")
        to = words_of(sent, "to") or next(iter(exchange.account.numbers))
        return as_json({"sid": exchange.call_in(phone, to, own=own).sid})


def answer(exchange: Exchange, _request: Request, id: str) -> Response:  # noqa: A002
    with exchange.loop.change():
        phone = _phone(exchange, id)
        leg = ringing(phone)
        if leg is None or not exchange.answer(leg, phone):
            raise Refused(409, "this phone does not ring")
        return as_json({"sid": leg.sid})


def decline(exchange: Exchange, _request: Request, id: str) -> Response:  # noqa: A002
    with exchange.loop.change():
        phone = _phone(exchange, id)
        leg = ringing(phone)
        if leg is None:
            raise Refused(409, "this phone does not ring")
        exchange.decline(leg, phone)
        return as_json({"sid": leg.sid})


def hang_up(exchange: Exchange, _request: Request, id: str) -> Response:  # noqa: A002
    with exchange.loop.change():
        leg = _on_call(_phone(exchange, id))
        exchange.hang_up(leg)
        return as_json({"sid": leg.sid})


def press(exchange: Exchange, request: Request, id: str) -> Response:  # noqa: A002
    keys = words_of(body_of(request), "keys")
    with exchange.loop.change():
        leg = _on_call(_phone(exchange, id))
        press_on(exchange, leg, keys)
        return as_json({"sid": leg.sid})


def press_on(exchange: Exchange, leg: Leg, keys: str) -> None:
    try:
        exchange.press(leg, keys)
    except ValueError as err:
        raise Refused(400, str(err)) from err


def speak(exchange: Exchange, request: Request, id: str) -> Response:  # noqa: A002
    sent = body_of(request)
    with exchange.loop.change():
        leg = _on_call(_phone(exchange, id))
        if "text" in sent:
            exchange.speak(leg, words_of(sent, "text"))
        else:
            exchange.voice(leg, number_of(sent, "seconds"))
        return as_json({"sid": leg.sid})


def text(exchange: Exchange, request: Request, id: str) -> Response:  # noqa: A002
    sent = body_of(request)
    body = words_of(sent, "body")
    if not 0 < len(body) <= LONGEST_TEXT:
        raise Refused(400, f"body is 1 to {LONGEST_TEXT} characters")
    with exchange.loop.change():
        phone = _phone(exchange, id)
        if not phone.address.startswith("+"):
            raise Refused(409, "only a telephone with a number writes text messages")
        sid = exchange.messages.receive(from_=phone.address, to=words_of(sent, "to"), body=body)
        return as_json({"sid": sid})


def behave(exchange: Exchange, request: Request, id: str) -> Response:  # noqa: A002
    sent = body_of(request)
    with exchange.loop.change():
        phone = _phone(exchange, id)
        try:
            phone.behaviour = Behaviour(**sent)
        except (ValueError, TypeError) as err:
            raise Refused(400, str(err)) from err
        return as_json(phone_shape(exchange, phone))


def events(exchange: Exchange, request: Request, id: str) -> Response:  # noqa: A002
    with exchange.loop.lock:
        phone = _phone(exchange, id)

    def left(legs: list[Leg]) -> None:
        """Nobody holds this phone: its call would wait for ever. One that came later is a script's own."""
        if legs:
            exchange.ledger.write("phone", event="left", address=phone.address)
        _end_calls(exchange, phone, legs)

    return stream(exchange, request, phone, left=left, left_s=LEFT_S)


# --- the rest -------------------------------------------------------------------------------------------------


def one_call(exchange: Exchange, _request: Request, sid: str) -> Response:
    with exchange.loop.lock:
        leg = exchange.legs.get(sid)
        if leg is None:
            raise Refused(404, "there is no such call")
        return as_json({**call_shape(exchange, leg), "transcript": [heard.as_dict() for heard in leg.transcript]})


def calls(exchange: Exchange, _request: Request) -> Response:
    with exchange.loop.lock:
        return as_json({"calls": [call_shape(exchange, leg) for leg in exchange.legs.values()]})


def messages(exchange: Exchange, _request: Request) -> Response:
    with exchange.loop.lock:
        return as_json({"messages": [vars(message) for message in exchange.messages.made.values()]})


def settle(exchange: Exchange, request: Request) -> Response:
    sent = body_of(request)
    within_s = number_of(sent, "within_s", most=120) if "within_s" in sent else SETTLE_S
    return as_json({"settled": exchange.loop.settle(within_s)})


def ledger(exchange: Exchange, request: Request) -> Response:
    after = request.args.get("after", 0, type=int)
    limit = min(MOST_ENTRIES, max(1, request.args.get("limit", MOST_ENTRIES, type=int)))
    with exchange.loop.lock:
        like = {"leg": request.args["leg"]} if "leg" in request.args else {}
        entries = exchange.ledger.entries(request.args.get("kind") or None, after=after, **like)
    return as_json({"entries": entries[:limit]})


def violations(exchange: Exchange, request: Request) -> Response:
    with exchange.loop.lock:
        if request.method == "DELETE":
            exchange.ledger.forget_violations()
        return as_json({"violations": exchange.ledger.violations})


def faults(exchange: Exchange, request: Request) -> Response:
    with exchange.loop.change():
        if request.method == "DELETE":
            exchange.faults.clear()
        if request.method == "POST":
            sent = body_of(request)
            try:
                exchange.faults.add(
                    words_of(sent, "kind"), **{name: value for name, value in sent.items() if name != "kind"}
                )
            except (ValueError, TypeError) as err:
                raise Refused(400, str(err)) from err
        return as_json({"faults": exchange.faults.as_list()})


def clock(exchange: Exchange, request: Request) -> Response:
    sent = body_of(request)
    if "advance_s" in sent:
        if not exchange.clock.manual:
            raise Refused(409, "only a clock that stands still is moved by hand")
        exchange.loop.advance(number_of(sent, "advance_s"))
    else:
        exchange.loop.set_factor(number_of(sent, "factor", most=FASTEST))
    with exchange.loop.lock:
        return as_json(_clock(exchange))


PHONE = "/control/phones/<id>"
ROUTES = [
    route("/control/config", config),
    route("/control/phones", phones),
    route("/control/phones", make_phone, "POST"),
    route(PHONE, phone),
    route(PHONE, drop_phone, "DELETE"),
    route(f"{PHONE}/call", call, "POST"),
    route(f"{PHONE}/answer", answer, "POST"),
    route(f"{PHONE}/decline", decline, "POST"),
    route(f"{PHONE}/hangup", hang_up, "POST"),
    route(f"{PHONE}/press", press, "POST"),
    route(f"{PHONE}/speak", speak, "POST"),
    route(f"{PHONE}/text", text, "POST"),
    route(f"{PHONE}/behave", behave, "POST"),
    route(f"{PHONE}/events", events),
    route("/control/calls/<sid>", one_call),
    route("/control/ledger", ledger),
    route("/control/calls", calls),
    route("/control/messages", messages),
    route("/control/settle", settle, "POST"),
    route("/control/violations", violations, "GET", "DELETE"),
    route("/control/faults", faults, "GET", "POST", "DELETE"),
    route("/control/clock", clock, "POST"),
]
