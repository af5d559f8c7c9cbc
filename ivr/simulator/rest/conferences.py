"""Conferences and who is in them. A participant who has left is not found."""

from __future__ import annotations

from typing import Any

from ivr.simulator.rest.calls import callbacks_of, in_times, limits, parties, turn_recording
from ivr.simulator.rest.question import Question, Rule
from ivr.simulator.rest.shapes import Form, RestError, Shape, flag, verb, web_address
from ivr.simulator.rooms import Room, Seat
from ivr.simulator.stories import Ask
from ivr.simulator.tasks import Task

FLAGS = {
    "Muted": "muted",
    "StartConferenceOnEnter": "startConferenceOnEnter",
    "EndConferenceOnExit": "endConferenceOnExit",
}
WORDS = {
    "Label": "participantLabel",
    "Beep": "beep",
    "MaxParticipants": "maxParticipants",
    "WaitMethod": "waitMethod",
    "ConferenceStatusCallbackMethod": "statusCallbackMethod",
    "ConferenceRecord": "record",
    "ConferenceRecordingStatusCallbackMethod": "recordingStatusCallbackMethod",
}
URLS = {"ConferenceStatusCallback": "statusCallback", "ConferenceRecordingStatusCallback": "recordingStatusCallback"}
LISTS = {
    "ConferenceStatusCallbackEvent": "statusCallbackEvent",
    "ConferenceRecordingStatusCallbackEvent": "recordingStatusCallbackEvent",
}
LABEL_LENGTH = 128


def _room(question: Question) -> Room:
    """By SID; an open one by name too."""
    rooms, named = question.exchange.rooms, question.found["room"]
    room = rooms.made.get(named) or rooms.open_named(named)
    if room is None:
        raise question.missing()
    return room


def _seat(question: Question) -> Seat:
    """By call SID or label."""
    who = question.found["who"]
    for seat in _room(question).seats:
        if who in {seat.leg.sid, seat.label}:
            return seat
    raise question.missing()


def listed(question: Question) -> Shape:
    args = question.request.args
    rooms = [
        room
        for room in question.exchange.rooms.made.values()
        if args.get("FriendlyName", room.name) == room.name
        and args.get("Status", room.status) == room.status
        and in_times(question, (("DateCreated", room.created_s), ("DateUpdated", room.updated_s)))
    ]
    return question.page("conferences", rooms[::-1], question.shapes.room)


def fetch(question: Question) -> Shape:
    return question.shapes.room(_room(question))


def update(question: Question) -> Shape:
    room, form = _room(question), question.form
    if room.status == "completed":
        raise question.missing()
    status, announce_url = form.get("Status", ""), web_address(form, "AnnounceUrl")
    if status not in {"", "completed"}:
        raise RestError(400, 20001, f"Invalid Status: {status}")
    if status:
        question.exchange.rooms.end(room, "conference-ended-via-api")
    elif announce_url:
        _announce(question, room, room.seats, announce_url)
    return question.shapes.room(room)


def _announce(question: Question, room: Room, seats: list[Seat], url: str) -> None:
    exchange = question.exchange
    if not seats:
        return
    story = exchange.stories.announce(
        [seat.leg for seat in seats], Ask(url=url, method=verb(question.form, "AnnounceMethod"))
    )
    Task(exchange.loop, story, done=lambda: exchange.rooms.tell(room, "announcement-end")).start()


def recordings(question: Question) -> Shape:
    sid = _room(question).sid
    found = [one for one in question.exchange.recordings.made.values() if one.conference_sid == sid]
    return question.page("recordings", found[::-1], question.shapes.recording)


def change_recording(question: Question) -> Shape:
    room, which = _room(question), question.found["recording"]
    made = room.recording if which == "Twilio.CURRENT" else question.exchange.recordings.made.get(which)
    if made is None or made.conference_sid != room.sid:
        raise question.missing()
    return turn_recording(question, made)


# --- participants ---------------------------------------------------------------------------------------------


def participants(question: Question) -> Shape:
    seats = list(_room(question).seats)
    for name, of in (("Muted", "muted"), ("Hold", "hold"), ("Coaching", "coaching")):
        wanted = flag(question.request.args, name)
        if wanted is not None:
            seats = [seat for seat in seats if bool(getattr(seat, of)) == wanted]
    return question.page("participants", seats[::-1], question.shapes.seat)


def invite(question: Question) -> Any:
    """Calls someone and puts who answers into the room; its document is the room alone."""
    rooms, named = question.exchange.rooms, question.found["room"]
    by_sid = rooms.made.get(named)
    if by_sid is not None and by_sid.status == "completed":
        raise question.missing()
    name = by_sid.name if by_sid is not None else named
    to, from_ = parties(question)
    leg = question.exchange.originate(
        from_=from_,
        to=to,
        callbacks=callbacks_of(question.form),
        seat_wanted=_attributes(question.form, name),
        **limits(question.form),
    )
    return question.shapes.invited(leg, by_sid or rooms.open_named(name)), 201


def _attributes(form: Form, name: str) -> dict[str, str]:
    """The room's attributes as a document would write them."""
    wanted = {"room": name, "statusCallbackEvent": "start end"}
    for sent, word in FLAGS.items():
        value = flag(form, sent)
        if value is not None:
            wanted[word] = "true" if value else "false"
    wanted |= {word: form[sent] for sent, word in WORDS.items() if form.get(sent)}
    wanted |= {word: web_address(form, sent) for sent, word in URLS.items() if form.get(sent)}
    wanted |= {word: " ".join(form.getlist(sent)) for sent, word in LISTS.items() if form.get(sent)}
    if form.get("WaitUrl") is not None:
        wanted["waitUrl"] = web_address(form, "WaitUrl")
    if flag(form, "Coaching"):
        wanted["coach"] = form.get("CallSidToCoach", "")
    if len(wanted.get("participantLabel", "")) > LABEL_LENGTH:
        raise RestError(400, 16026, f"Label is longer than {LABEL_LENGTH} characters")
    return wanted


def participant(question: Question) -> Shape:
    return question.shapes.seat(_seat(question))


def change(question: Question) -> Shape:
    seat, form, rooms = _seat(question), question.form, question.exchange.rooms
    was_held = seat.hold
    hold_url, announce_url = web_address(form, "HoldUrl"), web_address(form, "AnnounceUrl")
    end_on_exit, coaching = flag(form, "EndConferenceOnExit"), flag(form, "Coaching")
    rooms.change(seat, muted=flag(form, "Muted"), hold=flag(form, "Hold"))
    if seat.hold and not was_held:
        _hold_music(question, seat, hold_url)
    if end_on_exit is not None:
        seat.end_on_exit = end_on_exit
    if coaching is not None:
        seat.coaching = _coached(question, seat) if coaching else ""
    if end_on_exit is not None or coaching is not None:
        rooms.tell(seat.room, "participant-modify", seat)
    if announce_url:
        _announce(question, seat.room, [seat], announce_url)
    return question.shapes.seat(seat)


def _coached(question: Question, seat: Seat) -> str:
    """Whom a coach whispers to: someone in the same room."""
    sid = question.form.get("CallSidToCoach", "") or seat.coaching
    if all(other.leg.sid != sid for other in seat.room.seats):
        raise RestError(400, 13240, f"Cannot coach {sid}: not in this conference")
    return sid


def _hold_music(question: Question, seat: Seat, url: str) -> None:
    """Without an address of its own: the carrier's music. What the seat waits with is kept."""
    kept = seat.wait_url, seat.wait_method
    seat.wait_url = url or None
    seat.wait_method = form_method = question.form.get("HoldMethod", "GET").upper()
    if form_method not in {"GET", "POST"}:
        raise RestError(400, 21403, f"Invalid HoldMethod: {form_method}")
    question.exchange.stories.play_wait(seat)
    seat.wait_url, seat.wait_method = kept


def remove(question: Question) -> None:
    seat = _seat(question)
    question.exchange.end(seat.leg, seat_reason="participant_updated_via_api", kicked=True)


ONE = "/Conferences/<room>"
WHO = f"{ONE}/Participants/<who>"
HANDLERS: tuple[Rule, ...] = (
    ("/Conferences", "GET", listed),
    (ONE, "GET", fetch),
    (ONE, "POST", update),
    (f"{ONE}/Recordings", "GET", recordings),
    (f"{ONE}/Recordings/<recording>", "POST", change_recording),
    (f"{ONE}/Participants", "GET", participants),
    (f"{ONE}/Participants", "POST", invite),
    (WHO, "GET", participant),
    (WHO, "POST", change),
    (WHO, "DELETE", remove),
)
