"""The exchange: it makes legs, rings phones, joins and ends them. What a leg's document does is in `stories.py`.

All methods are called with the network's lock held.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ivr.simulator.account import E164, Account
from ivr.simulator.faults import Faults
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
    parameters,
)
from ivr.simulator.loop import Loop
from ivr.simulator.media import Media
from ivr.simulator.messages import Messages
from ivr.simulator.phones import Phone, Phones
from ivr.simulator.recordings import Recordings
from ivr.simulator.rooms import Rooms
from ivr.simulator.stories import Stories
from ivr.simulator.tasks import Story, Task
from ivr.simulator.webhooks import Hook, Webhooks

OWN_PARAMETERS = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
DIGITS = re.compile(r"[0-9A-D*#wW]+")
VOICEMAIL_S = 30.0


class Exchange:
    def __init__(self, *, account: Account, loop: Loop, ledger: Ledger, faults: Faults, instant_speech: bool = False, ring_extra_s: float = 0.0) -> None:
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
        self.rooms = Rooms(account=account, clock=self.clock, ledger=ledger, webhooks=self.webhooks, recordings=self.recordings)
        self.messages = Messages(account=account, loop=loop, ledger=ledger, webhooks=self.webhooks)
        self.legs: dict[str, Leg] = {}
        self.stories = Stories(self)
        self.rooms.play_wait = self.stories.play_wait
        self._next_slot_s = 0.0
        self._unheard: dict[str, list[Leg]] = {}
        """Legs that ring where no phone is; a phone that comes there later hears them."""
        self.phones.on_new = self._catch_up

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
        leg.voice = Voice(url=settings.voice_url, method=settings.voice_method,
                          fallback_url=settings.voice_fallback_url, fallback_method=settings.voice_fallback_method)
        leg.callbacks = Callbacks(url=settings.status_callback, method=settings.status_callback_method)

    def _begin_inbound(self, leg: Leg) -> None:
        leg.started_s = self.clock.now()
        self._turn(leg, Status.RINGING)
        self.limit(leg, leg.time_limit_s)
        self.steer(leg, self.stories.call(leg, self.stories.first(leg)))

    def _new(self, **what: Any) -> Leg:
        leg = Leg(created_s=self.clock.now(), updated_s=self.clock.now(), **what)
        self.legs[leg.sid] = leg
        if leg.phone is not None:
            leg.phone.legs.append(leg)
        self.ledger.write("leg", leg=leg.sid, from_=leg.from_, to=leg.to, direction=leg.direction.value, parent=leg.parent.sid if leg.parent else "")
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
            self.place(leg)

    def child(self, parent: Leg, **what: Any) -> Leg:
        return self._new(direction=Direction.DIAL, parent=parent, **what)

    def place(self, leg: Leg) -> None:
        """Ring what is at `leg.to`."""
        leg.started_s = self.clock.now()
        self._turn(leg, Status.INITIATED)
        address = leg.to.partition("?")[0]
        phone = self.phones.at(address)
        if address.startswith(("client:", "sip:")):
            if phone is None or phone.busy:
                self.end(leg, Status.NO_ANSWER if address.startswith("client:") else Status.FAILED)
                return
        elif not E164.match(address):
            self.end(leg, Status.FAILED)
            return
        if phone is not None and (phone.busy or phone.behaviour.kind == "busy"):
            self.end(leg, Status.BUSY)
            return
        self._turn(leg, Status.RINGING)
        self.loop.later(leg.timeout_s + self.ring_extra_s, lambda: self._give_up(leg))
        if phone is not None:
            self._ring(phone, leg)
        else:
            self._unheard.setdefault(address, []).append(leg)

    def _give_up(self, leg: Leg) -> None:
        if leg.status is Status.RINGING and leg.direction is not Direction.INBOUND:
            self.end(leg, Status.NO_ANSWER)

    def _catch_up(self, phone: Phone) -> None:
        for leg in self._unheard.pop(phone.address, ()):
            if leg.status is Status.RINGING:
                self._ring(phone, leg)

    def _forget_unheard(self, leg: Leg) -> None:
        address = leg.to.partition("?")[0]
        left = [other for other in self._unheard.pop(address, ()) if other is not leg]
        if left:
            self._unheard[address] = left

    def _ring(self, phone: Phone, leg: Leg) -> None:
        leg.ringing_at.append(phone)
        phone.legs.append(leg)
        phone.tell("ring", leg, call=describe(leg))
        habit = phone.behaviour
        if habit.kind in {"answer", "voicemail"}:
            self.loop.later(habit.after_s, lambda: self._answer_by_itself(leg, phone))
        elif habit.kind == "decline":
            self.loop.later(habit.after_s, lambda: self.decline(leg, phone))

    def answer(self, leg: Leg, phone: Phone) -> bool:
        """Whether the phone got the call; too late is no error."""
        if leg.status is not Status.RINGING or phone not in leg.ringing_at:
            return False
        leg.ringing_at, leg.phone = [], phone
        leg.answered_s = self.clock.now()
        self._turn(leg, Status.IN_PROGRESS)
        self.limit(leg, leg.time_limit_s)
        if leg.parent is not None:
            leg.parent.signal(ChildAnswered(leg))
        elif leg.seat_wanted is not None:
            self.steer(leg, self.stories.participant(leg, leg.seat_wanted))
        else:
            self.steer(leg, self.stories.call(leg, self.stories.first(leg)))
        self._habits(leg, phone)
        return True

    def _answer_by_itself(self, leg: Leg, phone: Phone) -> None:
        self.answer(leg, phone)

    def _habits(self, leg: Leg, phone: Phone) -> None:
        habit = phone.behaviour
        if habit.kind not in {"answer", "voicemail"}:
            return
        if habit.keys:
            self.loop.later(habit.keys_after_s, lambda: self.press(leg, habit.keys))
        talk_s = VOICEMAIL_S if habit.kind == "voicemail" and habit.talk_s is None else habit.talk_s
        if talk_s is not None:
            self.loop.later(talk_s, lambda: self.end(leg))

    def decline(self, leg: Leg, phone: Phone) -> None:
        if leg.status is not Status.RINGING or phone not in leg.ringing_at:
            return
        leg.ringing_at.remove(phone)
        self._silence(phone, leg)
        if not leg.ringing_at:
            self.end(leg, Status.BUSY)

    def _silence(self, phone: Phone, leg: Leg) -> None:
        if leg in phone.legs:
            phone.legs.remove(leg)
            phone.past.append(leg)
        phone.tell("cancel", leg)

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
            self._turn(leg, Status.IN_PROGRESS)

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
        leg.voice = Voice(url=voice.url, method=voice.method, twiml=voice.twiml,
                          fallback_url=voice.fallback_url or leg.voice.fallback_url, fallback_method=leg.voice.fallback_method)
        if leg.status is Status.IN_PROGRESS or leg.direction is Direction.INBOUND:
            self.steer(leg, self.stories.call(leg, self.stories.first(leg)))
        if leg.bridged is None and leg.parent is not None:
            leg.parent.signal(ChildGone(leg, alive=True))
        self.unbridge(leg)

    def end(self, leg: Leg, status: Status = Status.COMPLETED, *, seat_reason: str = "participant_hung_up", kicked: bool = False) -> None:
        if leg.over:
            return
        quiet = leg.status is Status.QUEUED and status is Status.CANCELED
        leg.ended_s = self.clock.now()
        self._turn(leg, status, tell=False)
        self._forget_unheard(leg)
        for phone in leg.ringing_at:
            self._silence(phone, leg)
        leg.ringing_at = []
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

    def _turn(self, leg: Leg, status: Status, *, tell: bool = True) -> None:
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
        self.webhooks.tell(Hook(of="status", url=leg.callbacks.url, method=leg.callbacks.method, form=form, leg=leg.sid))

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


def describe(leg: Leg) -> dict[str, Any]:
    """A leg for pages and scripts."""
    return {
        "sid": leg.sid,
        "from": leg.from_,
        "to": leg.to,
        "direction": leg.direction.value,
        "status": leg.status.value,
        "room": leg.seat.room.name if leg.seat is not None else None,
        "with": [other.from_ if other.direction is Direction.INBOUND else other.to for other in leg.hears],
        "answered_s": leg.answered_s,
        "started": leg.answered_s,
        "ended_s": leg.ended_s,
        "muted": leg.seat.muted if leg.seat is not None else False,
        "hold": leg.seat.hold if leg.seat is not None else False,
        "parameters": leg.own,
    }


__all__ = ["Exchange", "describe"]
