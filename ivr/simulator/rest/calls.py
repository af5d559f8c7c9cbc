"""Calls: make, look up, list, steer, end."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from ivr.simulator.account import E164
from ivr.simulator.exchange import Exchange
from ivr.simulator.legs import Callbacks, Direction, Leg, Status, Voice
from ivr.simulator.recordings import Recording, Told
from ivr.simulator.rest import answers
from ivr.simulator.rest.answers import LONGEST_TWIML, Refused, given
from ivr.simulator.rest.dates import matches_date
from ivr.simulator.rest.recordings import recording_json

EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


def calls(exchange: Exchange) -> Blueprint:
    rest = Blueprint("calls", __name__)

    @rest.post("/Calls.json")
    def create(account: str) -> Response:
        leg = exchange.originate(**wanted_leg(exchange))
        return answers.as_json(call_json(exchange, leg), 201)

    @rest.get("/Calls.json")
    def index(account: str) -> Response:
        asked = request.args
        found = [leg for leg in exchange.legs.values() if _matches(exchange, leg, asked)]
        return answers.page("calls", found[::-1], lambda leg: call_json(exchange, leg))

    @rest.get("/Calls/<sid>.json")
    def fetch(account: str, sid: str) -> Response:
        return answers.as_json(call_json(exchange, find(exchange, sid)))

    @rest.post("/Calls/<sid>.json")
    def update(account: str, sid: str) -> Response:
        leg = find(exchange, sid)
        _update(exchange, leg)
        return answers.as_json(call_json(exchange, leg))

    @rest.delete("/Calls/<sid>.json")
    def delete(account: str, sid: str) -> Response:
        leg = find(exchange, sid)
        if not leg.over:
            raise Refused(20409, "The call is still in progress", status=409)
        del exchange.legs[sid]
        return Response(status=204)

    _add_recordings(rest, exchange)
    return rest


def _add_recordings(rest: Blueprint, exchange: Exchange) -> None:
    @rest.post("/Calls/<sid>/Recordings.json")
    def record(account: str, sid: str) -> Response:
        leg = find(exchange, sid)
        if not leg.live:
            raise Refused(21220, "Requested resource is not eligible for recording")
        told = Told(url=answers.url("RecordingStatusCallback", 21609), method=answers.method("RecordingStatusCallbackMethod"),
                    events=frozenset(request.form.getlist("RecordingStatusCallbackEvent") or ["completed"]))
        channels = 2 if given("RecordingChannels") == "dual" else 1
        made = exchange.recordings.start(call_sid=sid, source="StartCallRecordingAPI", told=told, channels=channels)
        return answers.as_json(recording_json(exchange, made), 201)

    @rest.get("/Calls/<sid>/Recordings.json")
    def recordings_of(account: str, sid: str) -> Response:
        find(exchange, sid)
        return answers.page("recordings", exchange.recordings.of_call(sid)[::-1], lambda one: recording_json(exchange, one))

    @rest.post("/Calls/<sid>/Recordings/<which>.json")
    def change_recording(account: str, sid: str, which: str) -> Response:
        find(exchange, sid)
        here = exchange.recordings.running(sid)
        made = here[-1] if which == "Twilio.CURRENT" and here else exchange.recordings.made.get(which)
        if made is None or made.call_sid != sid:
            raise Refused(20404)
        change_state(exchange, made)
        return answers.as_json(recording_json(exchange, made))


def change_state(exchange: Exchange, made: Recording) -> None:
    act = {"paused": exchange.recordings.pause, "in-progress": exchange.recordings.resume, "stopped": exchange.recordings.finish}
    word = given("Status")
    if word not in act:
        raise Refused(20001, "Status must be paused, in-progress or stopped")
    if made.status not in {"in-progress", "paused"}:
        raise Refused(21220, "The recording is over")
    act[word](made)


def wanted_leg(exchange: Exchange) -> dict[str, Any]:
    """The leg a create asks for. Raises Refused."""
    to, from_ = answers.reachable(given("To")), sender(exchange, given("To"), given("From"))
    app = exchange.account.applications.get(given("ApplicationSid"))
    if given("ApplicationSid") and app is None:
        raise Refused(21218)
    if app is not None:
        voice = Voice(url=app.voice_url, method=app.voice_method, fallback_url=app.voice_fallback_url, fallback_method=app.voice_fallback_method)
        callbacks = Callbacks(url=app.status_callback, method=app.status_callback_method)
    else:
        voice, callbacks = _voice(), wanted_callbacks()
    return {
        "to": to,
        "from_": from_,
        "voice": voice,
        "callbacks": callbacks,
        "timeout_s": answers.timeout_s(),
        "time_limit_s": float(given("TimeLimit") or 14_400),
        "send_digits": given("SendDigits"),
        "own": {},
    }


def wanted_callbacks() -> Callbacks:
    """A wrong event word is accepted, and nothing ever comes of it: as seen on the real wire."""
    events = [word for given_words in request.form.getlist("StatusCallbackEvent") for word in given_words.split()]
    return Callbacks(url=answers.url("StatusCallback", 21609), method=answers.method("StatusCallbackMethod"),
                     events=(frozenset(events) & EVENTS) if events else frozenset({"completed"}))


def _voice() -> Voice:
    twiml = given("Twiml")
    if not given("Url") and not twiml:
        raise Refused(21205)
    if len(twiml) > LONGEST_TWIML:
        raise Refused(32018)
    return Voice(url=answers.url("Url"), method=answers.method("Method"), fallback_url=answers.url("FallbackUrl"),
                 fallback_method=answers.method("FallbackMethod"), twiml=twiml or None)


def sender(exchange: Exchange, to: str, from_: str) -> str:
    """A phone is called from a number of ours, or of a caller who is on the line with us (CallToken)."""
    if not from_:
        raise Refused(21213)
    if to.startswith(("client:", "sip:")):
        return from_
    if not E164.match(from_):
        raise Refused(21212, f"The source phone number provided, {from_}, is not valid")
    tokens = {leg.token for leg in exchange.legs.values() if leg.from_ == from_} if given("CallToken") else set()
    if from_ not in exchange.account.numbers and given("CallToken") not in tokens:
        raise Refused(21210, f"The source phone number provided, {from_}, is not yet verified for your account")
    return from_


def _update(exchange: Exchange, leg: Leg) -> None:
    if leg.over:
        raise Refused(21220)
    word = given("Status")
    if word == "canceled":
        if leg.status not in {Status.QUEUED, Status.INITIATED, Status.RINGING}:
            raise Refused(21220, "Call is in progress. Cannot cancel.")
        exchange.end(leg, Status.CANCELED)
    elif word == "completed":
        exchange.end(leg, Status.COMPLETED if leg.live or leg.direction is Direction.INBOUND else Status.CANCELED,
                     seat_reason="participant_updated_via_api")
    elif word:
        raise Refused(20001, f"Status '{word}' is not supported")
    elif given("Url") or given("Twiml"):
        if leg.status is Status.QUEUED:
            leg.voice = _voice()
        else:
            exchange.redirect(leg, _voice())
    if given("StatusCallback"):
        leg.callbacks = wanted_callbacks()
    if given("TimeLimit").isdigit():
        exchange.limit(leg, float(given("TimeLimit")))


def find(exchange: Exchange, sid: str) -> Leg:
    leg = exchange.legs.get(sid)
    if leg is None:
        raise Refused(20404, f"The requested resource /{answers.VERSION}/Accounts/{exchange.account.sid}/Calls/{sid}.json was not found")
    return leg


def _matches(exchange: Exchange, leg: Leg, asked: Any) -> bool:
    wanted = (("To", leg.to), ("From", leg.from_), ("Status", shown_status(leg)), ("ParentCallSid", leg.parent.sid if leg.parent else ""))
    if any(asked.get(name) and asked[name] != value for name, value in wanted):
        return False
    dates = (("StartTime", leg.started_s if leg.started_s is not None else leg.created_s), ("EndTime", leg.ended_s))
    return all(matches_date(exchange.clock, asked, name, at_s) for name, at_s in dates)


def shown_status(leg: Leg) -> str:
    return Status.QUEUED.value if leg.status is Status.INITIATED else leg.status.value


def call_json(exchange: Exchange, leg: Leg) -> dict[str, Any]:
    date, here = exchange.clock.rfc2822, f"/{answers.VERSION}/Accounts/{exchange.account.sid}/Calls/{leg.sid}"
    return {
        "sid": leg.sid,
        "account_sid": exchange.account.sid,
        "answered_by": None,
        "api_version": answers.VERSION,
        "caller_name": None,
        "date_created": date(leg.created_s),
        "date_updated": date(leg.updated_s),
        "direction": leg.direction.value,
        "duration": str(leg.duration_s) if leg.over else None,
        "end_time": date(leg.ended_s) if leg.ended_s is not None else None,
        "forwarded_from": None,
        "from": leg.from_,
        "from_formatted": leg.from_,
        "group_sid": None,
        "parent_call_sid": leg.parent.sid if leg.parent else None,
        "phone_number_sid": leg.number_sid or None,
        "price": None,
        "price_unit": "USD",
        "queue_time": str(round(((leg.started_s or leg.created_s) - leg.created_s) * 1000)),
        "start_time": date(leg.started_s) if leg.started_s is not None else None,
        "status": shown_status(leg),
        "subresource_uris": {name.lower(): f"{here}/{name}.json" for name in ("Notifications", "Recordings", "Events", "Payments", "Streams")},
        "to": leg.to,
        "to_formatted": leg.to,
        "trunk_sid": None,
        "uri": f"{here}.json",
    }
