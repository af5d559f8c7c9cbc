"""Conferences: who sits where, who hears whom, and what the first participant's callback is told.

A room starts when two are in it and at least one of them may start it. Before that everyone hears the wait document
of their own seat, run once. The URL and events of the callback are those of the first to arrive; later ones are
ignored. Source: Twilio, Conference and Participant resource.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ivr.simulator.account import Account, new_sid
from ivr.simulator.clock import Clock
from ivr.simulator.ledger import Ledger
from ivr.simulator.legs import Leg, SeatGone
from ivr.simulator.recordings import Recording, Recordings, Told
from ivr.simulator.tasks import Task
from ivr.simulator.twiml import TwimlError
from ivr.simulator.webhooks import Hook, Webhooks

SENT_AS = {
    "participant-join": "join",
    "participant-leave": "leave",
    "conference-start": "start",
    "conference-end": "end",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "announcement-end": "announcement",
    "announcement-fail": "announcement",
}
"""Event as sent → word it is subscribed by."""


@dataclass(kw_only=True, eq=False)
class Seat:
    leg: Leg
    room: Room
    joined_s: float
    label: str = ""
    muted: bool = False
    hold: bool = False
    coaching: str = ""
    """The call SID this one whispers to; "" for none."""
    start_on_enter: bool = True
    end_on_exit: bool = False
    beep: str = "true"
    wait_url: str | None = None
    """None: the carrier's music; "": silence."""
    wait_method: str = "POST"
    document_url: str = ""
    music: Task | None = None
    """The wait or hold document while it runs."""

    def company(self) -> list[Leg]:
        """Whom this party talks with: all others of a started room who are not on hold."""
        if self.room.status != "in-progress" or self.hold:
            return []
        return [seat.leg for seat in self.room.seats if seat is not self and not seat.hold and self._reaches(seat)]

    def neighbours(self) -> list[Leg]:
        """All others of a started room, on hold or not."""
        if self.room.status != "in-progress":
            return []
        return [seat.leg for seat in self.room.seats if seat is not self]

    def voices(self) -> list[Leg]:
        """Whose microphones this party hears: its company, less who is muted."""
        return [leg for leg in self.company() if leg.seat is not None and not leg.seat.muted]

    def _reaches(self, other: Seat) -> bool:
        """A coach is heard by the coached party alone, a muted coach by nobody; listening counts as company."""
        if other.coaching and other.muted:
            return False
        return not other.coaching or other.coaching == self.leg.sid


@dataclass(kw_only=True, eq=False)
class Room:
    name: str
    created_s: float
    sid: str = field(default_factory=lambda: new_sid("CF"))
    status: str = "init"
    seats: list[Seat] = field(default_factory=list)
    callback: Told = field(default_factory=Told)
    most: int = 250
    sequence: int = 0
    updated_s: float = 0.0
    reason_ended: str = ""
    ended_by: str = ""
    record: Told | None = None
    recording: Recording | None = None


class Rooms:
    def __init__(
        self, *, account: Account, clock: Clock, ledger: Ledger, webhooks: Webhooks, recordings: Recordings
    ) -> None:
        self._account = account
        self._clock = clock
        self._ledger = ledger
        self._webhooks = webhooks
        self._recordings = recordings
        self.made: dict[str, Room] = {}
        self._open: dict[str, Room] = {}
        self.play_wait: Callable[[Seat], None] = lambda _seat: None
        """Starts the seat's wait or hold document; set by the exchange."""

    def open_named(self, name: str) -> Room | None:
        return self._open.get(name)

    def join(self, leg: Leg, name: str, attributes: Mapping[str, str], *, urls: Mapping[str, str]) -> Seat:
        """Raises TwimlError 16025 (label in use), 16020 (full), 13240 (nobody there to coach). `urls`: absolute ones."""
        room = self._open.get(name)
        label = attributes.get("participantLabel", "")
        coached = attributes.get("coach", "")
        if room is not None:
            if label and any(seat.label == label for seat in room.seats):
                raise TwimlError(16025, f"Participant label '{label}' is already in use")
            if len(room.seats) >= room.most:
                raise TwimlError(16020, "Conference is full")
        if coached and (room is None or all(seat.leg.sid != coached for seat in room.seats)):
            raise TwimlError(13240, f"Cannot coach {coached}: not in this conference")
        room = room or self._make(name, attributes, urls)
        seat = Seat(
            leg=leg,
            room=room,
            joined_s=self._clock.now(),
            label=label,
            muted=attributes.get("muted") == "true",
            coaching=coached,
            start_on_enter=attributes.get("startConferenceOnEnter", "true") == "true",
            end_on_exit=attributes.get("endConferenceOnExit") == "true",
            beep=attributes.get("beep", "true"),
            wait_url=urls["waitUrl"] if "waitUrl" in attributes else None,
            wait_method=attributes.get("waitMethod", "POST"),
        )
        room.seats.append(seat)
        leg.seat = seat
        self._ledger.write("room", event="join", room=name, sid=room.sid, leg=leg.sid, label=label)
        self.tell(room, "participant-join", seat)
        if room.status == "init" and len(room.seats) > 1 and any(one.start_on_enter for one in room.seats):
            self._start(room)
        elif room.status == "init":
            self.play_wait(seat)
        return seat

    def _make(self, name: str, attributes: Mapping[str, str], urls: Mapping[str, str]) -> Room:
        events = attributes.get("statusCallbackEvent", "").split()
        wanted = Told(
            url=urls.get("statusCallback", ""),
            method=attributes.get("statusCallbackMethod", "POST"),
            events=frozenset(events),
        )
        room = Room(
            name=name,
            created_s=self._clock.now(),
            updated_s=self._clock.now(),
            callback=wanted,
            most=int(attributes.get("maxParticipants", "250")),
        )
        if attributes.get("record", "do-not-record") in {"record-from-start", "true"}:
            room.record = Told.of(attributes, urls.get("recordingStatusCallback", ""))
        self.made[room.sid] = room
        self._open[name] = room
        return room

    def _start(self, room: Room) -> None:
        room.status, room.updated_s = "in-progress", self._clock.now()
        for seat in room.seats:
            self.stop_music(seat)
        self._ledger.write(
            "room", event="start", room=room.name, sid=room.sid, legs=[seat.leg.sid for seat in room.seats]
        )
        self.tell(room, "conference-start")
        if room.record is not None:
            room.recording = self._recordings.start(
                call_sid=room.seats[0].leg.sid, source="Conference", told=room.record, conference_sid=room.sid
            )

    def stop_music(self, seat: Seat) -> None:
        task, seat.music = seat.music, None
        if task is not None:
            task.interrupt("room")

    def leave(self, seat: Seat, reason: str, *, kicked: bool = False) -> None:
        """`reason` as sent in ReasonParticipantLeft. A room without anyone, or without its moderator, ends."""
        room = seat.room
        if seat not in room.seats:
            return
        room.seats.remove(seat)
        room.updated_s = self._clock.now()
        seat.leg.seat = None
        self.stop_music(seat)
        self._ledger.write("room", event="leave", room=room.name, sid=room.sid, leg=seat.leg.sid, reason=reason)
        self.tell(
            room, "participant-leave", seat, ReasonParticipantLeft=reason, ParticipantCallStatus=seat.leg.status.value
        )
        if seat.end_on_exit:
            word = "participant-with-end-conference-on-exit-" + ("kicked" if kicked else "left")
            self.end(room, word, by=seat, reason="moderator_ended_conference")
        elif not room.seats:
            self.end(room, "last-participant-" + ("kicked" if kicked else "left"), by=seat)

    def end(self, room: Room, why: str, *, by: Seat | None = None, reason: str = "conference_ended_via_api") -> None:
        if room.status == "completed":
            return
        room.status, room.updated_s, room.reason_ended = "completed", self._clock.now(), why
        room.ended_by = by.leg.sid if by is not None else ""
        self._open.pop(room.name, None)
        for seat in list(room.seats):
            room.seats.remove(seat)
            seat.leg.seat = None
            self.stop_music(seat)
            self._ledger.write("room", event="leave", room=room.name, sid=room.sid, leg=seat.leg.sid, reason=reason)
            self.tell(
                room,
                "participant-leave",
                seat,
                ReasonParticipantLeft=reason,
                ParticipantCallStatus=seat.leg.status.value,
            )
            seat.leg.signal(SeatGone(reason))
        if room.recording is not None:
            self._recordings.finish(room.recording)
        self._ledger.write("room", event="end", room=room.name, sid=room.sid, reason=why)
        more = {"Reason": why.replace("-", " "), "ReasonConferenceEnded": why}
        if by is not None:
            more |= {"CallSidEndingConference": by.leg.sid, "ParticipantLabelEndingConference": by.label}
        self.tell(room, "conference-end", None, **more)

    def change(self, seat: Seat, *, muted: bool | None = None, hold: bool | None = None) -> None:
        if muted is not None and muted != seat.muted:
            seat.muted = muted
            self.tell(seat.room, "participant-mute" if muted else "participant-unmute", seat)
        if hold is not None and hold != seat.hold:
            seat.hold = hold
            self._ledger.write(
                "room", event="hold" if hold else "unhold", room=seat.room.name, sid=seat.room.sid, leg=seat.leg.sid
            )
            self.tell(seat.room, "participant-hold" if hold else "participant-unhold", seat)
            if not hold:
                self.stop_music(seat)

    def tell(self, room: Room, event: str, seat: Seat | None = None, /, **more: str) -> None:
        if not room.callback.url or SENT_AS[event] not in room.callback.events:
            return
        form = {
            "AccountSid": self._account.sid,
            "ConferenceSid": room.sid,
            "FriendlyName": room.name,
            "SequenceNumber": str(room.sequence),
            "Timestamp": self._clock.rfc2822(),
            "StatusCallbackEvent": event,
            **more,
        }
        room.sequence += 1
        if seat is not None:
            form |= {
                "CallSid": seat.leg.sid,
                "ParticipantLabel": seat.label,
                "Muted": _word(seat.muted),
                "Hold": _word(seat.hold),
                "Coaching": _word(bool(seat.coaching)),
                "EndConferenceOnExit": _word(seat.end_on_exit),
                "StartConferenceOnEnter": _word(seat.start_on_enter),
            }
        hook = Hook(
            of="room", url=room.callback.url, method=room.callback.method, form=form, leg=seat.leg.sid if seat else ""
        )
        self._webhooks.tell(hook)


def _word(value: bool) -> str:  # noqa: FBT001
    return "true" if value else "false"
