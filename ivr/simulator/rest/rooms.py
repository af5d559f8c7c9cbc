"""Conferences and participants."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from ivr.simulator.exchange import Exchange
from ivr.simulator.rest import answers
from ivr.simulator.rest.answers import Refused, flag, given
from ivr.simulator.rest.calls import change_state, sender, wanted_callbacks
from ivr.simulator.rest.dates import matches_date
from ivr.simulator.rest.recordings import recording_json
from ivr.simulator.rooms import Room, Seat
from ivr.simulator.stories import Ask
from ivr.simulator.tasks import Task

ATTRIBUTES = {
    "Label": "participantLabel", "Muted": "muted", "Beep": "beep", "StartConferenceOnEnter": "startConferenceOnEnter",
    "EndConferenceOnExit": "endConferenceOnExit", "MaxParticipants": "maxParticipants", "WaitUrl": "waitUrl", "WaitMethod": "waitMethod",
    "ConferenceStatusCallback": "statusCallback", "ConferenceStatusCallbackMethod": "statusCallbackMethod", "ConferenceRecord": "record",
    "ConferenceRecordingStatusCallback": "recordingStatusCallback",
}
"""REST name → TwiML attribute."""


def rooms(exchange: Exchange) -> Blueprint:
    rest = Blueprint("rooms", __name__)

    @rest.get("/Conferences.json")
    def index(account: str) -> Response:
        asked = request.args
        found = [room for room in exchange.rooms.made.values()
                 if asked.get("FriendlyName", room.name) == room.name
                 and asked.get("Status", room.status) == room.status
                 and matches_date(exchange.clock, asked, "DateCreated", room.created_s)
                 and matches_date(exchange.clock, asked, "DateUpdated", room.updated_s)]
        return answers.page("conferences", found[::-1], lambda room: room_json(exchange, room))

    @rest.get("/Conferences/<sid>.json")
    def fetch(account: str, sid: str) -> Response:
        return answers.as_json(room_json(exchange, find(exchange, sid)))

    @rest.post("/Conferences/<sid>.json")
    def update(account: str, sid: str) -> Response:
        room = find(exchange, sid)
        if room.status == "completed":
            raise Refused(20404)
        if given("Status") == "completed":
            exchange.rooms.end(room, "conference-ended-via-api")
        elif given("AnnounceUrl") and room.seats:
            announce(exchange, room, list(room.seats))
        return answers.as_json(room_json(exchange, room))

    _add_participants(rest, exchange)
    _add_recordings(rest, exchange)
    return rest


def _add_participants(rest: Blueprint, exchange: Exchange) -> None:
    @rest.get("/Conferences/<sid>/Participants.json")
    def index_seat(account: str, sid: str) -> Response:
        asked = request.args
        here = find(exchange, sid).seats
        found = [seat for seat in here if all(_word(value) == asked.get(name, _word(value)).lower()
                                              for name, value in (("Muted", seat.muted), ("Hold", seat.hold), ("Coaching", bool(seat.coaching))))]
        return answers.page("participants", found[::-1], lambda seat: seat_json(exchange, seat))

    @rest.post("/Conferences/<sid>/Participants.json")
    def create_seat(account: str, sid: str) -> Response:
        return _create(exchange, sid)

    @rest.get("/Conferences/<sid>/Participants/<who>.json")
    def fetch_seat(account: str, sid: str, who: str) -> Response:
        return answers.as_json(seat_json(exchange, find_seat(exchange, sid, who)))

    @rest.post("/Conferences/<sid>/Participants/<who>.json")
    def update_seat(account: str, sid: str, who: str) -> Response:
        seat = find_seat(exchange, sid, who)
        _update(exchange, seat)
        return answers.as_json(seat_json(exchange, seat))

    @rest.delete("/Conferences/<sid>/Participants/<who>.json")
    def delete_seat(account: str, sid: str, who: str) -> Response:
        seat = find_seat(exchange, sid, who)
        exchange.end(seat.leg, seat_reason="participant_updated_via_api", kicked=True)
        return Response(status=204)


def _add_recordings(rest: Blueprint, exchange: Exchange) -> None:
    @rest.get("/Conferences/<sid>/Recordings.json")
    def recordings_of(account: str, sid: str) -> Response:
        room = find(exchange, sid)
        found = [one for one in exchange.recordings.made.values() if one.conference_sid == room.sid]
        return answers.page("recordings", found[::-1], lambda one: recording_json(exchange, one))

    @rest.post("/Conferences/<sid>/Recordings/<which>.json")
    def change_recording(account: str, sid: str, which: str) -> Response:
        room = find(exchange, sid)
        made = room.recording if which == "Twilio.CURRENT" else exchange.recordings.made.get(which)
        if made is None or made.conference_sid != room.sid:
            raise Refused(20404)
        change_state(exchange, made)
        return answers.as_json(recording_json(exchange, made))


def find(exchange: Exchange, sid: str) -> Room:
    room = exchange.rooms.made.get(sid)
    if room is None:
        raise Refused(20404, f"The requested resource /Conferences/{sid} was not found")
    return room


def find_seat(exchange: Exchange, sid: str, who: str) -> Seat:
    room = exchange.rooms.made.get(sid) or exchange.rooms.open_named(sid)
    seat = next((one for one in (room.seats if room else ()) if who in {one.leg.sid, one.label} and who), None)
    if seat is None:
        raise Refused(20404, f"The requested resource /Participants/{who} was not found")
    return seat


def _create(exchange: Exchange, sid: str) -> Response:
    room = exchange.rooms.made.get(sid) or exchange.rooms.open_named(sid)
    if sid.startswith("CF") and (room is None or room.status == "completed"):
        raise Refused(20404)
    attributes = {twiml: given(name) for name, twiml in ATTRIBUTES.items() if name in request.form}
    events = request.form.getlist("ConferenceStatusCallbackEvent") or ["start", "end"]
    attributes |= {"room": room.name if room is not None else sid, "statusCallbackEvent": " ".join(events)}
    if flag("Coaching"):
        attributes["coach"] = given("CallSidToCoach")
    to = answers.reachable(given("To"))
    leg = exchange.originate(to=to, from_=sender(exchange, to, given("From")), callbacks=wanted_callbacks(), timeout_s=answers.timeout_s(),
                             time_limit_s=float(given("TimeLimit") or 14_400), seat_wanted=attributes, own={})
    now = exchange.clock.rfc2822()
    shape = {
        "account_sid": exchange.account.sid, "call_sid": leg.sid, "label": attributes.get("participantLabel"), "conference_sid": room.sid if room else sid,
        "date_created": now, "date_updated": now, "end_conference_on_exit": attributes.get("endConferenceOnExit") == "true",
        "muted": attributes.get("muted") == "true", "hold": False, "status": "queued",
        "start_conference_on_enter": attributes.get("startConferenceOnEnter", "true") == "true", "coaching": "coach" in attributes,
        "call_sid_to_coach": attributes.get("coach"), "queue_time": None,
        "uri": f"/{answers.VERSION}/Accounts/{exchange.account.sid}/Conferences/{sid}/Participants/{leg.sid}.json",
    }
    return answers.as_json(shape, 201)


def _update(exchange: Exchange, seat: Seat) -> None:
    hold, coaching = flag("Hold"), flag("Coaching")
    if coaching is not None or given("CallSidToCoach"):
        coached = given("CallSidToCoach") or seat.coaching
        if coaching is not False and all(one.leg.sid != coached for one in seat.room.seats):
            raise Refused(20422, f"Call {coached} is not in this conference")
        seat.coaching = "" if coaching is False else coached
        exchange.rooms.tell(seat.room, "participant-modify", seat)
    if flag("EndConferenceOnExit") is not None:
        seat.end_on_exit = bool(flag("EndConferenceOnExit"))
    exchange.rooms.change(seat, muted=flag("Muted"), hold=hold)
    if hold:
        seat.wait_url = answers.url("HoldUrl") or None
        seat.wait_method = answers.method("HoldMethod", "GET")
        exchange.stories.play_wait(seat)
    if given("AnnounceUrl"):
        announce(exchange, seat.room, [seat])


def announce(exchange: Exchange, room: Room, seats: list[Seat]) -> None:
    ask = Ask(url=answers.url("AnnounceUrl"), method=answers.method("AnnounceMethod"))
    legs = [seat.leg for seat in seats]
    done = lambda: exchange.rooms.tell(room, "announcement-end", AnnounceUrl=ask.url)  # noqa: E731
    Task(exchange.loop, exchange.stories.announce(legs, ask), done=done).start()


def _word(value: bool) -> str:  # noqa: FBT001
    return "true" if value else "false"


def room_json(exchange: Exchange, room: Room) -> dict[str, Any]:
    here = f"/{answers.VERSION}/Accounts/{exchange.account.sid}/Conferences/{room.sid}"
    return {
        "sid": room.sid,
        "account_sid": exchange.account.sid,
        "api_version": answers.VERSION,
        "date_created": exchange.clock.rfc2822(room.created_s),
        "date_updated": exchange.clock.rfc2822(room.updated_s),
        "friendly_name": room.name,
        "region": "us1",
        "status": room.status,
        "reason_conference_ended": room.reason_ended or None,
        "call_sid_ending_conference": room.ended_by or None,
        "subresource_uris": {"participants": f"{here}/Participants.json", "recordings": f"{here}/Recordings.json"},
        "uri": f"{here}.json",
    }


def seat_json(exchange: Exchange, seat: Seat) -> dict[str, Any]:
    return {
        "account_sid": exchange.account.sid,
        "call_sid": seat.leg.sid,
        "call_sid_to_coach": seat.coaching or None,
        "coaching": bool(seat.coaching),
        "conference_sid": seat.room.sid,
        "date_created": exchange.clock.rfc2822(seat.joined_s),
        "date_updated": exchange.clock.rfc2822(seat.joined_s),
        "end_conference_on_exit": seat.end_on_exit,
        "hold": seat.hold,
        "label": seat.label or None,
        "muted": seat.muted,
        "queue_time": None,
        "start_conference_on_enter": seat.start_on_enter,
        "status": "connected",
        "uri": f"/{answers.VERSION}/Accounts/{exchange.account.sid}/Conferences/{seat.room.sid}/Participants/{seat.leg.sid}.json",
    }
