"""The device API behind `/device.js`: browser softphones, authorised by the carrier's access tokens.

| request | does |
|---|---|
| `POST /device/open` (Bearer token) | a device of the token's identity → `{device, identity, expires_s}` |
| `POST /device/<id>/token` (Bearer) | a fresh token, same identity |
| `POST /device/<id>/register` · `unregister` | incoming calls ring here, or not |
| `POST /device/<id>/connect` `{params}` | asks the application's VoiceUrl → the call |
| `POST /device/<id>/calls/<sid>/accept` · `reject` · `disconnect` · `digits` `{digits}` · `mute` `{muted}` | |
| `GET /device/<id>/events` | server-sent events, as for phones |
| `DELETE /device/<id>` | ends its calls |

A device whose event stream is gone for `GONE_S` is a closed page: its calls end and it rings no more.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import jwt
from flask import Blueprint, Response, abort, request

from ivr.simulator.account import Account
from ivr.simulator.control import drop, leg_json, phone_json
from ivr.simulator.doors import Doors
from ivr.simulator.exchange import Exchange, describe
from ivr.simulator.legs import Leg
from ivr.simulator.phones import Phone
from ivr.simulator.rest.answers import as_json
from ivr.simulator.streams import stream

GONE_S = 6.0


@dataclass(frozen=True, kw_only=True)
class Pass:
    """What a valid access token says."""

    identity: str
    application_sid: str
    incoming: bool
    expires: int
    """Seconds since 1970."""


class BadToken(Exception):  # noqa: N818 - an answer
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def read_token(account: Account, token: str) -> Pass:
    """Raises BadToken with Twilio's code (20101 invalid, 20104 expired)."""
    try:
        claims: dict[str, Any] = jwt.decode(token, account.api_secret, algorithms=["HS256"], issuer=account.api_key,
                                            options={"require": ["exp", "iss", "sub"]}, leeway=2)
    except jwt.ExpiredSignatureError as err:
        raise BadToken(20104, "AccessTokenExpired") from err
    except jwt.PyJWTError as err:
        raise BadToken(20101, f"AccessTokenInvalid: {err}") from err
    grants = claims.get("grants", {})
    voice = grants.get("voice", {})
    if claims["sub"] != account.sid or not grants.get("identity"):
        raise BadToken(20101, "AccessTokenInvalid")
    return Pass(identity=str(grants["identity"]), application_sid=voice.get("outgoing", {}).get("application_sid", ""),
                incoming=bool(voice.get("incoming", {}).get("allow")), expires=int(claims["exp"]))


class Devices:
    """The open devices. A device in `exchange.phones` is registered."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.phones: dict[str, Phone] = {}
        self.passes: dict[str, Pass] = {}
        self._streams: dict[str, int] = {}

    def open(self, token: str) -> Phone:
        """Raises BadToken."""
        allowed = read_token(self._exchange.account, token)
        phone = Phone(address=f"client:{allowed.identity}", several=True)
        self.phones[phone.id], self.passes[phone.id] = phone, allowed
        self._exchange.ledger.write("device", event="open", device=phone.id, identity=allowed.identity)
        return phone

    def renew(self, phone: Phone, token: str) -> Pass:
        allowed = read_token(self._exchange.account, token)
        if allowed.identity != self.passes[phone.id].identity:
            raise BadToken(20101, "AccessTokenInvalid: another identity")
        self.passes[phone.id] = allowed
        return allowed

    def register(self, phone: Phone) -> None:
        """Raises BadToken 31204-like 20101 when the token does not allow incoming calls."""
        if not self.passes[phone.id].incoming:
            raise BadToken(20101, "AccessTokenInvalid: no incoming grant")
        self._exchange.phones.enlist(phone)
        self._exchange.ledger.write("device", event="registered", device=phone.id, address=phone.address)

    def unregister(self, phone: Phone) -> None:
        self._exchange.phones.remove(phone)
        self._exchange.ledger.write("device", event="unregistered", device=phone.id, address=phone.address)

    def connect(self, phone: Phone, params: dict[str, Any]) -> Leg:
        """Raises BadToken when the token names no application of ours."""
        application = self.passes[phone.id].application_sid
        if application not in self._exchange.account.applications:
            raise BadToken(31002, "Connection declined: no such application")
        return self._exchange.client_call(phone, application, {str(k): str(v) for k, v in params.items()})

    def close(self, phone: Phone) -> None:
        for leg in list(phone.legs):
            drop(self._exchange, leg, phone)
        self.unregister(phone)
        self.phones.pop(phone.id, None)

    def attached(self, phone: Phone) -> None:
        self._streams[phone.id] = self._streams.get(phone.id, 0) + 1

    def detached(self, phone: Phone) -> None:
        self._streams[phone.id] = self._streams.get(phone.id, 1) - 1
        watch = threading.Timer(GONE_S, self._close_if_gone, (phone,))
        watch.daemon = True
        watch.start()

    def _close_if_gone(self, phone: Phone) -> None:
        with self._exchange.loop.change():
            if not self._streams.get(phone.id) and phone.id in self.phones and not self._exchange.loop.stopped:
                self._exchange.ledger.write("device", event="lost", device=phone.id, address=phone.address)
                self.close(phone)


def devices(exchange: Exchange, doors: Doors) -> Blueprint:
    door = Blueprint("device", __name__)
    keeper = Devices(exchange)
    _add_checks(door, doors)

    def found(device: str) -> Phone:
        return keeper.phones.get(device) or abort(404)

    @door.post("/open")
    def open_one() -> Response:
        with exchange.loop.change():
            phone = keeper.open(_bearer())
            allowed = keeper.passes[phone.id]
            return as_json({"device": phone.id, "identity": allowed.identity, "expires": allowed.expires}, 201)

    @door.post("/<device>/token")
    def renew(device: str) -> Response:
        with exchange.loop.change():
            return as_json({"expires": keeper.renew(found(device), _bearer()).expires})

    @door.post("/<device>/<any(register, unregister):act>")
    def enlist(device: str, act: str) -> Response:
        with exchange.loop.change():
            phone = found(device)
            (keeper.register if act == "register" else keeper.unregister)(phone)
            return as_json({"state": f"{act}ed"})

    @door.post("/<device>/connect")
    def connect(device: str) -> Response:
        params = (request.get_json(silent=True) or {}).get("params", {})
        with exchange.loop.change():
            return as_json(leg_json(keeper.connect(found(device), params if isinstance(params, dict) else {})), 201)

    @door.get("/<device>/events")
    def events(device: str) -> Response:
        with exchange.loop.change():
            phone = found(device)
            keeper.attached(phone)
            first = {"phone": phone_json(phone), "calls": [leg_json(leg) for leg in phone.legs]}
            return stream(exchange.loop, phone, first=first, closed=lambda: keeper.detached(phone))

    @door.route("/<device>", methods=["DELETE"])
    @door.post("/<device>/close")
    def close(device: str) -> Response:
        with exchange.loop.change():
            keeper.close(found(device))
        return as_json({})

    _add_call_acts(door, exchange, keeper)
    return door


def _add_checks(door: Blueprint, doors: Doors) -> None:
    @door.before_request
    def only_known() -> Response | None:
        if not doors.may(request):
            return as_json({"error": "this origin is not allowed"}, 403)
        return Response(status=204) if request.method == "OPTIONS" else None

    @door.after_request
    def cors(answer: Response) -> Response:
        return doors.allow(request, answer)

    @door.errorhandler(BadToken)
    def bad_token(err: BadToken) -> Response:
        return as_json({"code": err.code, "message": err.message}, 401)


def _bearer() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise BadToken(20101, "AccessTokenInvalid: none given")
    return token


def _add_call_acts(door: Blueprint, exchange: Exchange, keeper: Devices) -> None:
    @door.post("/<device>/calls/<sid>/<any(accept, reject, disconnect, digits, mute):act>")
    def act(device: str, sid: str, act: str) -> Response:
        given = request.get_json(silent=True) or {}
        with exchange.loop.change():
            phone = keeper.phones.get(device) or abort(404)
            leg = next((leg for leg in phone.legs if leg.sid == sid), None)
            if leg is None:
                return as_json({"code": 31404, "message": "The call is over"}, 409)
            if act == "accept":
                exchange.answer(leg, phone)
            elif act in {"reject", "disconnect"}:
                drop(exchange, leg, phone)
            elif act == "digits":
                exchange.press(leg, "".join(key for key in str(given.get("digits", "")) if key in "0123456789*#"))
            else:
                exchange.hear(leg, "event", text="muted" if given.get("muted") else "unmuted")
            return as_json(describe(leg))
