"""What hangs at the other end of the lines: telephones, SIP phones, browser softphones, and how they behave.

A phone is driven by a person (`/phone`), by a browser (`/device.js`) or by a script; a number nobody has made a phone
for rings until the caller gives up.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ivr.simulator.account import new_sid
from ivr.simulator.legs import Heard, Leg

BEHAVIOURS = frozenset({"manual", "answer", "busy", "decline", "no-answer", "voicemail"})
STREAM_SIZE = 10_000
Event = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What a phone does by itself when it rings. Seconds of the network's clock; `keys` are pressed after answering,
    `talk_s` later than that it hangs up (None: stays).
    """

    kind: str = "manual"
    after_s: float = 2.0
    keys: str = ""
    keys_after_s: float = 1.0
    talk_s: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in BEHAVIOURS:
            raise ValueError(f"a phone cannot {self.kind!r}; it can {', '.join(sorted(BEHAVIOURS))}")


@dataclass(kw_only=True, eq=False)
class Phone:
    address: str
    """E.164, `client:<identity>`, `sip:…`, or whatever a caller id may be."""
    id: str = field(default_factory=lambda: new_sid("ph")[:14])
    behaviour: Behaviour = field(default_factory=Behaviour)
    legs: list[Leg] = field(default_factory=list)
    """Live ones: ringing here, or talked on."""
    past: list[Leg] = field(default_factory=list)
    listeners: list[queue.Queue[Event]] = field(default_factory=list)
    readers: int = 0
    """How many have begun to listen so far."""
    registered: bool = True
    """A browser softphone that is not registered does not ring."""
    many_at_once: bool = False
    """A line that takes a second call instead of being busy (a script's office, a voicemail box)."""

    @property
    def busy(self) -> bool:
        return bool(self.legs) and not self.many_at_once

    def tell(self, kind: str, leg: Leg, **what: Any) -> None:
        if self.listeners:
            self._say({"type": kind, "sid": leg.sid, **what})

    def _say(self, event: Event) -> None:
        for listener in list(self.listeners):
            try:
                listener.put_nowait(event)
            except queue.Full:  # a page that stopped reading
                self.listeners.remove(listener)

    def texted(self, **text: Any) -> None:
        """A text message came, or was written here."""
        self._say({"type": "text", "text": text})

    def hears(self, leg: Leg, heard: Heard) -> None:
        self.tell("heard", leg, item=heard.as_dict())

    def listen(self) -> queue.Queue[Event]:
        listener: queue.Queue[Event] = queue.Queue(STREAM_SIZE)
        self.listeners.append(listener)
        self.readers += 1
        return listener

    def deafen(self, listener: queue.Queue[Event]) -> None:
        if listener in self.listeners:
            self.listeners.remove(listener)


class Phones:
    """One phone per address. Several pages of one identity are one phone with several listeners."""

    def __init__(self) -> None:
        self.by_id: dict[str, Phone] = {}
        self._by_address: dict[str, Phone] = {}
        self.on_new: Callable[[Phone], None] = lambda _phone: None

    def at(self, address: str) -> Phone | None:
        """The phone that would ring there."""
        phone = self._by_address.get(address)
        return phone if phone is not None and phone.registered else None

    def known(self, address: str) -> Phone | None:
        """The phone of this address if there is one, registered or not."""
        return self._by_address.get(address)

    def one(self, address: str) -> Phone:
        """The phone of this address, made on first mention; a softphone has to register before it rings."""
        phone = self._by_address.get(address)
        if phone is None:
            phone = Phone(address=address, registered=not address.startswith("client:"))
            self.by_id[phone.id] = self._by_address[address] = phone
            self.on_new(phone)
        return phone

    def remove(self, phone: Phone) -> None:
        self.by_id.pop(phone.id, None)
        self._by_address.pop(phone.address, None)
