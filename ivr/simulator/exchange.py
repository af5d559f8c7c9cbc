"""The exchange: it makes legs, rings phones, joins and ends them. What a leg's document does is in `stories.py`.

All methods are called with the network's lock held.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ivr.simulator.account import Account
from ivr.simulator.faults import Faults
from ivr.simulator.hearing import Hearing
from ivr.simulator.ledger import Ledger
from ivr.simulator.legs import (
    Callbacks,
    ChildAnswered,
    ChildGone,
    Direction,
    Heard,
    Key,
    Leg,
    Spoken,
    Status,
    Voice,
    Voiced,
    describe,
    parameters,
)
from ivr.simulator.loop import Loop
from ivr.simulator.media import Media
from ivr.simulator.messages import Messages, Text
from ivr.simulator.phones import Phone, Phones
from ivr.simulator.recordings import Recordings
from ivr.simulator.ringing import Ringing
from ivr.simulator.rooms import Rooms
from ivr.simulator.stories import Stories
from ivr.simulator.tasks import Story, Task
from ivr.simulator.webhooks import Hook, Webhooks

OWN_PARAMETERS = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
DIGITS = re.compile(r"[0-9A-D*#wW]+")


class Exchange:
    def __init__(
        self,
        *,
        account: Account,
        loop: Loop,
        ledger: Ledger,
        faults: Faults,
        instant_speech: bool = False,
        ring_extra_s: float = 0.0,
    ) -> None:
        self.account = account
        self.loop = loop
        self.clock = loop.clock
        self.ledger = ledger
        self.faults = faults
        self.instant_speech = instant_speech
        self.ring_extra_s = ring_extra_s
        """Twilio adds about 5 s to every ring time-out."""
        self.webhooks = Webhooks(account=account, loop=loop, ledger=ledger, faults=faults)
        self.media = Media()
        self.phones = Phones()
        self.recordings = Recordings(account=account, clock=self.clock, ledger=ledger, webhooks=self.webhooks)
        self.rooms = Rooms(
            account=account, clock=self.clock, ledger=ledger, webhooks=self.webhooks, recordings=self.recordings
        )
        self.messages = Messages(account=account, loop=loop, ledger=ledger, webhooks=self.webhooks)
        self.messages.on_text = self._texted
        self.legs: dict[str, Leg] = {}
        self.stories = Stories(self)
        self.rooms.play_wait = self.stories.play_wait
        self._next_slot_s = 0.0
        self.ringing = Ringing(self)
        self.hearing = Hearing(ledger)
        loop.after_change = self.hearing.look

    def text_shape(self, text: Text, address: str) -> dict[str, Any]:
        """A message as the telephone of this address shows it."""
        at = self.clock.date(text.at_s).isoformat(timespec="milliseconds")
        mine = text.from_ == address
        return {"sid": text.sid, "mine": mine, "with": text.to if mine else text.from_, "body": text.body, "at": at}

    def _texted(self, text: Text) -> None:
        for address in {text.from_, text.to}:
            phone = self.phones.known(address)
            if phone is not None:
                phone.texted(**self.text_shape(text, address))

    # --- calls that come in -----------------------------------------------------------------------------------

    def call_in(self, phone: Phone, to: str, *, own: Mapping[str, str] | None = None) -> Leg:
        """A phone calls one of our numbers. A number that is not ours: `failed` at once."""
        number = self.account.numbers.get(to)
        leg = self._new(from_=phone.address, to=to, direction=Direction.INBOUND, phone=phone, own=_clean(own))
        if number is None:
            self.end(leg, Status.FAILED)
            return leg
        leg.number_sid = number.sid
        self._steer_by(leg, self.account.voice_of(number))
        self._begin_inbound(leg)
        return leg

    def client_call(self, phone: Phone, application_sid: str, params: Mapping[str, str]) -> Leg:
        """A browser softphone connects: the application decides."""
        application = self.account.applications[application_sid]
        own = _clean(params)
        leg = self._new(from_=phone.address, to=own.get("To", ""), direction=Direction.INBOUND, phone=phone, own=own)
        self._steer_by(leg, application)
        self._begin_inbound(leg)
        return leg

    def _steer_by(self, leg: Leg, settings: Any) -> None:
        leg.voice = Voice(
            url=settings.voice_url,
            method=settings.voice_method,
            fallback_url=settings.voice_fallback_url,
            fallback_method=settings.voice_fallback_method,
        )
        leg.callbacks = Callbacks(url=settings.status_callback, method=settings.status_callback_method)

    def _begin_inbound(self, leg: Leg) -> None:
        leg.started_s = self.clock.now()
        self.turn(leg, Status.RINGING)
        self.limit(leg, leg.time_limit_s)
        self.steer(leg, self.stories.call(leg, self.stories.first(leg)))

    def _new(self, **what: Any) -> Leg:
        leg = Leg(created_s=self.clock.now(), updated_s=self.clock.now(), **what)
        self.legs[leg.sid] = leg
        if leg.phone is not None:
            leg.phone.legs.append(leg)
        self.ledger.write(
            "leg",
            leg=leg.sid,
            from_=leg.from_,
            to=leg.to,
            direction=leg.direction.value,
            parent=leg.parent.sid if leg.parent else "",
        )
        return leg

    # --- calls that go out ------------------------------------------------------------------------------------

    def originate(self, **what: Any) -> Leg:
        """A leg made by REST: in line for its turn, then it rings."""
        leg = self._new(direction=Direction.API, **what)
        now = self.clock.now()
        at_s = max(now, self._next_slot_s)
        if self.account.calls_per_second > 0:
            self._next_slot_s = at_s + 1 / self.account.calls_per_second
        self.loop.later(at_s - now, lambda: self._place_queued(leg))
        return leg

    def _place_queued(self, leg: Leg) -> None:
        if leg.status is Status.QUEUED:
            self.ringing.place(leg)

    def child(self, parent: Leg, **what: Any) -> Leg:
        return self._new(direction=Direction.DIAL, parent=parent, **what)

    def answer(self, leg: Leg, phone: Phone) -> bool:
        """Whether the phone got the call; too late is no error."""
        return self.ringing.answer(leg, phone)

    def decline(self, leg: Leg, phone: Phone) -> None:
        self.ringing.decline(leg, phone)

    def answered(self, leg: Leg) -> None:
        """Somebody picked up; the leg's story begins, or its parent's goes on."""
        leg.answered_s = self.clock.now()
        self.turn(leg, Status.IN_PROGRESS)
        self.limit(leg, leg.time_limit_s)
        if leg.parent is not None:
            leg.parent.signal(ChildAnswered(leg))
        elif leg.seat_wanted is not None:
            self.steer(leg, self.stories.participant(leg, leg.seat_wanted))
        else:
            self.steer(leg, self.stories.call(leg, self.stories.first(leg)))

    # --- what a phone does ------------------------------------------------------------------------------------

    def press(self, leg: Leg, keys: str) -> None:
        """Keys pressed outside a Gather are heard by whoever is there, and lost."""
        if keys and not DIGITS.fullmatch(keys):
            raise ValueError(f"not keys of a telephone: {keys!r}")
        for key in keys:
            if leg.over or key in "wW":
                continue
            self.ledger.write("key", leg=leg.sid, key=key)
            self.hear(leg, "keys", text=key)
            leg.signal(Key(key))

    def speak(self, leg: Leg, text: str) -> None:
        leg.signal(Spoken(text))

    def voice(self, leg: Leg, seconds: float | None) -> None:
        """The party speaks for so long, then is silent; None: all the time."""
        leg.voice_until_s = None if seconds is None else self.clock.now() + seconds
        leg.signal(Voiced())

    def hang_up(self, leg: Leg) -> None:
        """By the party on it."""
        if leg.status in {Status.RINGING, Status.INITIATED, Status.QUEUED} and leg.direction is not Direction.INBOUND:
            self.end(leg, Status.CANCELED)
        else:
            self.end(leg, Status.NO_ANSWER if leg.status is Status.RINGING else Status.COMPLETED)

    # --- the life of a leg ------------------------------------------------------------------------------------

    def pick_up(self, leg: Leg) -> None:
        """The first verb that is heard answers an inbound call."""
        if leg.status is Status.RINGING and leg.direction is Direction.INBOUND:
            leg.answered_s = self.clock.now()
            self.turn(leg, Status.IN_PROGRESS)

    def steer(self, leg: Leg, story: Story[None]) -> None:
        leg.task = Task(self.loop, story)
        leg.task.start()

    def redirect(self, leg: Leg, voice: Voice) -> None:
        """REST: a new document. What the leg was doing is cut short, its `action` is asked all the same."""
        leg.updated_s = self.clock.now()
        old, leg.task = leg.task, None
        if old is not None:
            old.interrupt("redirect")
        if leg.seat is not None:
            self.rooms.leave(leg.seat, "participant_updated_via_api")
        leg.voice = Voice(
            url=voice.url,
            method=voice.method,
            twiml=voice.twiml,
            fallback_url=voice.fallback_url or leg.voice.fallback_url,
            fallback_method=leg.voice.fallback_method,
        )
        if leg.status is Status.IN_PROGRESS or leg.direction is Direction.INBOUND:
            self.steer(leg, self.stories.call(leg, self.stories.first(leg)))
        if leg.bridged is None and leg.parent is not None:
            leg.parent.signal(ChildGone(leg, alive=True))
        self.unbridge(leg)

    def end(
        self,
        leg: Leg,
        status: Status = Status.COMPLETED,
        *,
        seat_reason: str = "participant_hung_up",
        kicked: bool = False,
    ) -> None:
        if leg.over:
            return
        quiet = leg.status is Status.QUEUED and status is Status.CANCELED
        leg.ended_s = self.clock.now()
        self.turn(leg, status, tell=False)
        self.ringing.stop(leg)
        if leg.seat is not None:
            self.rooms.leave(leg.seat, seat_reason, kicked=kicked)
        self.unbridge(leg)
        if leg.task is not None:
            leg.task.interrupt("hangup")
        for recording in self.recordings.running(leg.sid):
            self.recordings.finish(recording)
        if leg.parent is not None:
            leg.parent.signal(ChildGone(leg))
        if not quiet:
            self._call_back(leg, "completed")
        if leg.phone is not None:
            if leg in leg.phone.legs:
                leg.phone.legs.remove(leg)
            leg.phone.past.append(leg)
            leg.phone.tell("ended", leg, status=leg.status.value)

    def bridge(self, parent: Leg, child: Leg) -> None:
        parent.bridged, child.bridged = child, parent
        self.ledger.write("bridge", legs=[parent.sid, child.sid])
        for leg in (parent, child):
            self.hear(leg, "event", text="bridged")

    def unbridge(self, leg: Leg) -> None:
        """A child left alone by its parent is ended by the parent's Dial; a parent hears that its child has gone."""
        other, leg.bridged = leg.bridged, None
        if other is None:
            return
        other.bridged = None
        self.ledger.write("unbridge", legs=[leg.sid, other.sid])
        if leg.parent is other and not leg.over:
            other.signal(ChildGone(leg, alive=True))

    def limit(self, leg: Leg, seconds: float) -> None:
        self.loop.later(seconds, lambda: self.end(leg))

    def turn(self, leg: Leg, status: Status, *, tell: bool = True) -> None:
        leg.status = status
        leg.updated_s = self.clock.now()
        self.ledger.write("leg_status", leg=leg.sid, status=status.value)
        if leg.phone is not None:
            leg.phone.tell("state", leg, status=status.value)
        if tell:
            event = "answered" if status is Status.IN_PROGRESS else status.value
            self._call_back(leg, event)

    def _call_back(self, leg: Leg, event: str) -> None:
        if not leg.callbacks.url or event not in leg.callbacks.events:
            return
        if leg.direction is Direction.INBOUND and event != "completed":
            return
        form = parameters(leg, self.account.sid) | {
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(leg.sequence),
            "Timestamp": self.clock.rfc2822(),
        }
        leg.sequence += 1
        if event == "completed":
            form["CallDuration"] = str(leg.duration_s)
            form["Duration"] = str(-(-leg.duration_s // 60))
        self.webhooks.tell(
            Hook(of="status", url=leg.callbacks.url, method=leg.callbacks.method, form=form, leg=leg.sid)
        )

    # --- what is heard ----------------------------------------------------------------------------------------

    def hear(self, leg: Leg, kind: str, **what: Any) -> Heard:
        heard = Heard(n=len(leg.transcript), at_s=round(self.clock.now(), 3), kind=kind, **what)
        leg.transcript.append(heard)
        if leg.phone is not None:
            leg.phone.hears(leg, heard)
        return heard

    def stop_hearing(self, leg: Leg, heard: Heard) -> None:
        heard.interrupted = True
        if leg.phone is not None:
            leg.phone.tell("interrupted", leg, n=heard.n)


def _clean(own: Mapping[str, str] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (own or {}).items() if OWN_PARAMETERS.fullmatch(name)}


__all__ = ["Exchange", "describe"]
