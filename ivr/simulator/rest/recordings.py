"""Recordings: look up, list, delete, and the sound itself."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from ivr.simulator.exchange import Exchange
from ivr.simulator.recordings import Recording
from ivr.simulator.rest import answers
from ivr.simulator.rest.answers import Refused


def recordings(exchange: Exchange) -> Blueprint:
    rest = Blueprint("recordings", __name__)

    @rest.get("/Recordings.json")
    def index(account: str) -> Response:
        asked = request.args
        found = [one for one in exchange.recordings.made.values()
                 if one.status != "deleted"
                 and asked.get("CallSid", one.call_sid) == one.call_sid
                 and asked.get("ConferenceSid", one.conference_sid) == one.conference_sid]
        return answers.page("recordings", found[::-1], lambda one: recording_json(exchange, one))

    @rest.get("/Recordings/<sid>.json")
    def fetch(account: str, sid: str) -> Response:
        return answers.as_json(recording_json(exchange, find(exchange, sid)))

    @rest.delete("/Recordings/<sid>.json")
    def delete(account: str, sid: str) -> Response:
        find(exchange, sid).status = "deleted"
        exchange.ledger.write("recording", sid=sid, status="deleted")
        return Response(status=204)

    @rest.get("/Recordings/<sid>.wav")
    @rest.get("/Recordings/<sid>")
    def media(account: str, sid: str) -> Response:
        made = find(exchange, sid)
        if made.status != "completed":
            raise Refused(20404)
        return Response(made.media(), content_type="audio/x-wav")

    return rest


def find(exchange: Exchange, sid: str) -> Recording:
    made = exchange.recordings.made.get(sid)
    if made is None or made.status == "deleted":
        raise Refused(20404, f"The requested resource /Recordings/{sid} was not found")
    return made


def recording_json(exchange: Exchange, made: Recording) -> dict[str, Any]:
    here = f"/{answers.VERSION}/Accounts/{exchange.account.sid}/Recordings/{made.sid}"
    return {
        "sid": made.sid,
        "account_sid": exchange.account.sid,
        "api_version": answers.VERSION,
        "call_sid": made.call_sid,
        "conference_sid": made.conference_sid or None,
        "channels": made.channels,
        "date_created": exchange.clock.rfc2822(made.start_s),
        "date_updated": exchange.clock.rfc2822(made.start_s),
        "start_time": exchange.clock.rfc2822(made.start_s),
        "duration": str(made.duration_s),
        "encryption_details": None,
        "error_code": 16101 if made.status == "absent" else None,
        "media_url": exchange.recordings.url(made),
        "price": None,
        "price_unit": "USD",
        "source": made.source,
        "status": made.status,
        "subresource_uris": {"transcriptions": f"{here}/Transcriptions.json"},
        "uri": f"{here}.json",
    }
