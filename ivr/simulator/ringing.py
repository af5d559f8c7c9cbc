"""Ringing: which phone a leg reaches, what that phone does by itself, and who picks up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.simulator.account import E164
from ivr.simulator.legs import Direction, Leg, Status, describe
from ivr.simulator.phones import Phone

if TYPE_CHECKING:
    from ivr.simulator.exchange import Exchange

VOICEMAIL_S = 30.0
"""How long a voicemail box listens."""


class Ringing:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._unheard: dict[str, list[Leg]] = {}
        """Legs that ring where no phone is; a phone that comes there later hears them."""
        exchange.phones.on_new = self._catch_up

    def place(self, leg: Leg) -> None:
        """Ring what is at `leg.to`."""
        leg.started_s = self._exchange.clock.now()
        self._exchange.turn(leg, Status.INITIATED)
        address = leg.to.partition("?")[0]
        phone = self._exchange.phones.at(address)
        if address.startswith(("client:", "sip:")):
            if phone is None or phone.busy:
                self._exchange.end(leg, Status.NO_ANSWER if address.startswith("client:") else Status.FAILED)
                return
        elif not E164.match(address):
            self._exchange.end(leg, Status.FAILED)
            return
        if phone is not None and (phone.busy or phone.behaviour.kind == "busy"):
            self._exchange.end(leg, Status.BUSY)
            return
        self._exchange.turn(leg, Status.RINGING)
        self._exchange.loop.later(leg.timeout_s + self._exchange.ring_extra_s, lambda: self._give_up(leg))
        if phone is not None:
            self._ring(phone, leg)
        else:
            self._unheard.setdefault(address, []).append(leg)

    def _give_up(self, leg: Leg) -> None:
        if leg.status is Status.RINGING and leg.direction is not Direction.INBOUND:
            self._exchange.end(leg, Status.NO_ANSWER)

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
            self._exchange.loop.later(habit.after_s, lambda: self._answer_by_itself(leg, phone))
        elif habit.kind == "decline":
            self._exchange.loop.later(habit.after_s, lambda: self.decline(leg, phone))

    def answer(self, leg: Leg, phone: Phone) -> bool:
        """Whether the phone got the call."""
        if leg.status is not Status.RINGING or phone not in leg.ringing_at:
            return False
        leg.ringing_at, leg.phone = [], phone
        self._exchange.answered(leg)
        self._habits(leg, phone)
        return True

    def stop(self, leg: Leg) -> None:
        """Nobody rings for this leg any more."""
        self._forget_unheard(leg)
        for phone in leg.ringing_at:
            self._silence(phone, leg)
        leg.ringing_at = []

    def _answer_by_itself(self, leg: Leg, phone: Phone) -> None:
        self.answer(leg, phone)

    def _habits(self, leg: Leg, phone: Phone) -> None:
        habit = phone.behaviour
        if habit.kind not in {"answer", "voicemail"}:
            return
        if habit.keys:
            self._exchange.loop.later(habit.keys_after_s, lambda: self._exchange.press(leg, habit.keys))
        talk_s = VOICEMAIL_S if habit.kind == "voicemail" and habit.talk_s is None else habit.talk_s
        if talk_s is not None:
            self._exchange.loop.later(talk_s, lambda: self._exchange.end(leg))

    def decline(self, leg: Leg, phone: Phone) -> None:
        if leg.status is not Status.RINGING or phone not in leg.ringing_at:
            return
        leg.ringing_at.remove(phone)
        self._silence(phone, leg)
        if not leg.ringing_at:
            self._exchange.end(leg, Status.BUSY)

    def _silence(self, phone: Phone, leg: Leg) -> None:
        if leg in phone.legs:
            phone.legs.remove(leg)
            phone.past.append(leg)
        phone.tell("cancel", leg)
