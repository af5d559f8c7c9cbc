"""The browser softphone's side of the wire. Who it is stands in a Twilio access token, signed with our API secret.

A browser that closes its page is gone: when its last stream of events has ended for `GRACE_S`, it is unregistered and
its calls end, as the carrier does when the signalling connection is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
from werkzeug.wrappers import Request, Response

from ivr.simulator.account import Account
from ivr.simulator.control import press_on, put_away
from ivr.simulator.events import phone_shape, stream
from ivr.simulator.exchange import Exchange
from ivr.simulator.legs import Leg
from ivr.simulator.phones import Phone
from ivr.simulator.routes import Refused, as_json, body_of, route, words_of

GRACE_S: Final = 5.0
"""Real seconds; a reload of the page takes less."""
INVALID, EXPIRED = 20101, 20104


@dataclass(frozen=True, kw_only=True)
class Pass:
    """What a token allows."""

    identity: str
    application_sid: str
    """"" when it may only be called."""

    @property
    def address(self) -> str:
        return f"client:{self.identity}"


def read_token(token: str, account: Account) -> Pass:
    """Raises Refused 401."""
    try:
        claims = jwt.decode(
            token,
            account.api_secret,
            algorithms=["HS256"],
            issuer=account.api_key,
            options={"require": ["exp", "iss", "sub"]},
        )
    except jwt.ExpiredSignatureError as err:
        raise Refused(401, "AccessTokenExpired", code=EXPIRED) from err
    except jwt.InvalidTokenError as err:
        raise Refused(401, f"AccessTokenInvalid: {err}", code=INVALID) from err
    grants = claims.get("grants")
    identity = grants.get("identity") if isinstance(grants, dict) else None
    if not isinstance(grants, dict) or claims["sub"] != account.sid or not isinstance(identity, str) or not identity:
        raise Refused(401, "AccessTokenInvalid: not of this account, or without identity", code=INVALID)
    return Pass(identity=identity, application_sid=_application(grants.get("voice")))


def _application(voice: object) -> str:
    outgoing = voice.get("outgoing") if isinstance(voice, Mapping) else None
    sid = outgoing.get("application_sid") if isinstance(outgoing, Mapping) else None
    return sid if isinstance(sid, str) else ""


def _pass(exchange: Exchange, request: Request) -> Pass:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = request.args.get("token", "")  # as our own device does, which then needs no preflight
    return read_token(token.strip(), exchange.account)


def _registered(exchange: Exchange, holder: Pass) -> Phone:
    """With the lock held."""
    phone = exchange.phones.one(holder.address)
    if not phone.registered:
        phone.registered = True
        exchange.ledger.write("device", event="registered", address=holder.address)
    return phone


def register(exchange: Exchange, request: Request) -> Response:
    holder = _pass(exchange, request)
    with exchange.loop.change():
        return as_json(phone_shape(exchange, _registered(exchange, holder)))


def unregister(exchange: Exchange, request: Request) -> Response:
    """Calls in progress stay until they are hung up, as with the carrier."""
    holder = _pass(exchange, request)
    with exchange.loop.change():
        phone = exchange.phones.at(holder.address)
        if phone is not None:
            _forget(exchange, phone)
    return as_json({})


def _forget(exchange: Exchange, phone: Phone) -> None:
    for leg in list(phone.legs):
        if phone in leg.ringing_at:
            exchange.decline(leg, phone)
    phone.registered = False
    exchange.ledger.write("device", event="unregistered", address=phone.address)


def events(exchange: Exchange, request: Request) -> Response:
    """An EventSource cannot send headers, so the token is in the query."""
    holder = read_token(request.args.get("token", ""), exchange.account)
    with exchange.loop.change():
        phone = _registered(exchange, holder)

    def left(_legs: list[Leg]) -> None:
        if phone.id in exchange.phones.by_id:
            exchange.ledger.write("device", event="lost", address=phone.address)
        put_away(exchange, phone)

    return stream(exchange, request, phone, left=left, left_s=GRACE_S)


def connect(exchange: Exchange, request: Request) -> Response:
    holder = _pass(exchange, request)
    params: Any = body_of(request).get("params") or {}
    if not isinstance(params, dict):
        raise Refused(400, "params is no object")
    if not holder.application_sid:
        raise Refused(403, "the token does not allow outgoing calls", code=31401)
    with exchange.loop.change():
        if holder.application_sid not in exchange.account.applications:
            raise Refused(404, "the token's application does not exist", code=21218)
        phone = _registered(exchange, holder)
        if phone.busy:
            raise Refused(409, "this device is on a call", code=31486)
        return as_json({"sid": exchange.client_call(phone, holder.application_sid, params).sid})


def on_call(exchange: Exchange, request: Request, sid: str, verb: str) -> Response:
    holder = _pass(exchange, request)
    sent = body_of(request)
    with exchange.loop.change():
        leg, phone = _held(exchange, holder, sid)
        if verb == "answer":
            if not exchange.answer(leg, phone):
                raise Refused(409, "the call does not ring any more", code=31487)
        elif verb == "decline" or (verb == "hangup" and phone in leg.ringing_at):
            exchange.decline(leg, phone)
        elif verb == "hangup":
            exchange.hang_up(leg)
        elif verb == "press":
            press_on(exchange, leg, words_of(sent, "keys"))
        else:
            _mute(exchange, leg, muted=sent.get("muted") is True)
        return as_json({"sid": leg.sid, "status": leg.status.value})


def calls_leg(exchange: Exchange, request: Request, sid: str) -> Leg:
    """A leg of the device that asks, with the lock held. Raises Refused."""
    return _held(exchange, _pass(exchange, request), sid)[0]


def _held(exchange: Exchange, holder: Pass, sid: str) -> tuple[Leg, Phone]:
    leg = exchange.legs.get(sid)
    if leg is None:
        raise Refused(404, "there is no such call here", code=31404)
    phones = [phone for phone in (leg.phone, *leg.ringing_at) if phone is not None]
    found = next((phone for phone in phones if phone.address == holder.address), None)
    if found is None:
        raise Refused(404, "there is no such call here", code=31404)
    return leg, found


def _mute(exchange: Exchange, leg: Leg, *, muted: bool) -> None:
    """The browser's own microphone; the carrier hears silence and is told nothing."""
    exchange.voice(leg, 0 if muted else None)
    exchange.ledger.write("device", event="muted" if muted else "unmuted", leg=leg.sid)


ROUTES = [
    route("/device/register", register, "POST"),
    route("/device/unregister", unregister, "POST"),
    route("/device/events", events),
    route("/device/connect", connect, "POST"),
    route("/device/calls/<sid>/<any(hangup, press, answer, decline, mute):verb>", on_call, "POST"),
]
