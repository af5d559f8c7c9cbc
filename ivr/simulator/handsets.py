"""Phones and calls as scripts hold them: they call, hear, press and hang up, and wait for what should happen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from ivr.simulator.device import Pass
from ivr.simulator.legs import Direction, Heard, Leg
from ivr.simulator.phones import Behaviour
from ivr.simulator.phones import Phone as Line

if TYPE_CHECKING:
    from ivr.simulator.script import Network

WITHIN_S = 5.0
SHOWN = 30
"""Lines of what was heard that a failed wait shows."""


class ScriptFailed(AssertionError):
    """What a script waited for did not happen."""


class Phone:
    """A telephone or SIP phone."""

    def __init__(self, network: Network, line: Line) -> None:
        self.network = network
        self.line = line

    @property
    def address(self) -> str:
        return self.line.address

    def calls(self, number: str | None = None, *, own: Mapping[str, str] | None = None) -> Call:
        """`own`: parameters a SIP caller brings (`SipHeader_X-…`)."""
        with self.network.loop.change():
            return Call(self.network, self.network.rest.call_in(self.line, number or self.network.number, own=own))

    def texts(self, body: str, number: str | None = None, *, sid: str = "") -> str:
        """Write a text message. Its id; given again, the message is a repetition."""
        messages = self.network.rest.messages
        with self.network.loop.change():
            return messages.receive(from_=self.address, to=number or self.network.number, body=body, sid=sid)

    @property
    def is_ringing(self) -> bool:
        with self.network.loop.lock:
            return bool(self._ringing())

    def _ringing(self) -> list[Leg]:
        return [leg for leg in self.line.legs if self.line in leg.ringing_at]

    def rings(self, within_s: float = WITHIN_S) -> Self:
        self.network.wait_until(self._ringing, within_s, f"{self.address} rings")
        return self

    def answers(self) -> Call:
        with self.network.loop.change():
            ringing = self._ringing()
            if not ringing or not self.network.rest.answer(ringing[0], self.line):
                raise ScriptFailed(f"nothing rings at {self.address}")
            return Call(self.network, ringing[0])

    def declines(self) -> None:
        with self.network.loop.change():
            for leg in self._ringing():
                self.network.rest.decline(leg, self.line)

    def behaves(self, kind: str, **how: Any) -> Self:
        with self.network.loop.change():
            self.line.behaviour = Behaviour(kind=kind, **how)
        return self

    @property
    def call(self) -> Call | None:
        """The one it is on now."""
        with self.network.loop.lock:
            return next((Call(self.network, leg) for leg in self.line.legs if leg.phone is self.line), None)


class Client(Phone):
    """A browser softphone of one identity."""

    def __init__(self, network: Network, allowed: Pass) -> None:
        super().__init__(network, network.rest.phones.one(f"client:{allowed.identity}"))
        self._application = allowed.application_sid

    def registers(self) -> Self:
        with self.network.loop.change():
            self.line.registered = True
        return self

    def unregisters(self) -> None:
        with self.network.loop.change():
            self.line.registered = False

    def connects(self, params: Mapping[str, str] | None = None) -> Call:
        with self.network.loop.change():
            return Call(self.network, self.network.rest.client_call(self.line, self._application, params or {}))


class Call:
    def __init__(self, network: Network, leg: Leg) -> None:
        self.network = network
        self.leg = leg
        self._heard_to = 0

    @property
    def sid(self) -> str:
        return self.leg.sid

    @property
    def state(self) -> str:
        return self.leg.status.value

    @property
    def over(self) -> bool:
        return self.leg.over

    @property
    def transcript(self) -> list[Heard]:
        with self.network.loop.lock:
            return list(self.leg.transcript)

    @property
    def text(self) -> str:
        """Everything said so far, one prompt a line."""
        return "\n".join(heard.text for heard in self.transcript if heard.kind == "say")

    def heard(self, fragment: str) -> bool:
        return any(_holds(heard, fragment) for heard in self.transcript)

    def hears(self, fragment: str, within_s: float = WITHIN_S) -> Self:
        """Waits for a prompt (or an audio address) with `fragment`, after the one that was heard last."""

        def found() -> bool:
            for heard in self.leg.transcript[self._heard_to :]:
                if _holds(heard, fragment):
                    self._heard_to = heard.n + 1
                    return True
            return False

        try:
            self.network.wait_until(found, within_s, f"{self.leg.from_} hears {fragment!r}")
        except ScriptFailed as err:
            raise ScriptFailed(f"{err}; state {self.state}; heard instead:\n{self._story()}") from None
        return self

    def _story(self) -> str:
        lines = [f"  {heard.at_s:8.2f} {heard.kind:6} {heard.text or heard.url}" for heard in self.transcript]
        errors = self.network.ledger.entries("error", leg=self.sid)
        return "\n".join([*lines[-SHOWN:], *(f"  error {entry['code']}: {entry['message']}" for entry in errors[-5:])])

    def presses(self, keys: str) -> Self:
        """Each key as soon as the one before is digested (keys outside a Gather are lost, so wait with `hears` first)."""
        with self.network.loop.change():
            self.network.rest.press(self.leg, keys)
        return self

    def says(self, text: str) -> Self:
        with self.network.loop.change():
            self.network.rest.speak(self.leg, text)
        return self

    def speaks(self, seconds: float) -> Self:
        """Voice from now on for so long, then silence; 0: silent."""
        with self.network.loop.change():
            self.network.rest.voice(self.leg, seconds)
        return self

    def hangs_up(self) -> Self:
        with self.network.loop.change():
            self.network.rest.hang_up(self.leg)
        return self

    def ends(self, within_s: float = WITHIN_S) -> Self:
        try:
            self.network.wait_until(lambda: self.leg.over, within_s, f"the call of {self.leg.from_} ends")
        except ScriptFailed as err:
            raise ScriptFailed(f"{err}; state {self.state}; heard:\n{self._story()}") from None
        return self

    @property
    def room(self) -> str | None:
        with self.network.loop.lock:
            return self.leg.seat.room.name if self.leg.seat is not None else None

    @property
    def in_room_with(self) -> list[str]:
        """Addresses of the parties it can talk with now (a started conference, or a plain bridge)."""
        with self.network.loop.lock:
            return [other.from_ if other.direction is Direction.INBOUND else other.to for other in self.leg.hears]

    def meets(self, other: Call, within_s: float = WITHIN_S) -> Self:
        def together() -> bool:
            return other.leg in self.leg.hears and self.leg in other.leg.hears

        try:
            self.network.wait_until(
                together, within_s, f"{self.leg.from_} → {self.leg.to} meets {other.leg.from_} → {other.leg.to}"
            )
        except ScriptFailed as err:
            raise ScriptFailed(
                f"{err}; states {self.state}, {other.state}; heard:\n{self._story()}\nthe other:\n{other._story()}"
            ) from None
        return self


def _holds(heard: Heard, fragment: str) -> bool:
    return (heard.kind == "say" and fragment in heard.text) or (heard.kind == "play" and fragment in heard.url)
