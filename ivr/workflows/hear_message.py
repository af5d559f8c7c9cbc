"""The sound of a message: for the caller who reviews it, and for those who are to answer it.

The carrier keeps it. A caller's leg is given an address of ours that works for a few minutes and says nothing about where the
sound lies; a person who listens is written down before the first byte (`DOMAIN.md` C43).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import quote

import structlog

from ivr.core.errors import CarrierError, RequestError
from ivr.core.events import Event, ReviewAsked
from ivr.core.instructions import Link
from ivr.core.message_orders import Message
from ivr.workflows.keep_evidence import Audit
from ivr.workflows.ports import Clock, Sessions

LISTEN = "1"
WORKS = timedelta(minutes=5)
PATH = "/voice/heard/"
Sound = Callable[[str], bytes]
"""A recording as WAV. Raises CarrierError."""
log = structlog.get_logger(__name__)


class Found(Protocol):
    """Raises `Unavailable`."""

    def find(self, message: str) -> Message | None: ...

    def heard(self, message: str, *, who: str, at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class ReviewMessage:
    """The caller hears what they recorded. Fills the event of the door `review`."""

    sessions: Sessions
    clock: Clock
    sound: Sound
    seal: Callable[[str], str]
    unseal: Callable[[str], str | None]

    def asked(self, link: Link, event: Event) -> Event:
        """Where the sound can be heard, for who wishes to."""
        assert isinstance(event, ReviewAsked)
        session = self.sessions.find(link.call) if event.keys[:1] == LISTEN else None
        if session is None or session.unsent is None:
            return event
        until = self.clock.now() + WORKS
        token = self.seal(f"{session.unsent.recording} {until.timestamp():.0f}")
        return replace(event, sound=PATH + quote(token, safe=""))

    def heard(self, token: str) -> bytes | None:
        """What an address of ours leads to; None when it leads nowhere, works no more, or the sound cannot be had."""
        recording, _, until = (self.unseal(token) or "").partition(" ")
        if not until.isdigit() or int(until) < self.clock.now().timestamp():
            return None
        try:
            return self.sound(recording)
        except CarrierError as err:
            log.warning("message_not_played", error=str(err))
            return None


@dataclass(frozen=True, kw_only=True)
class HearMessage:
    """Somebody who is to answer a message hears it, and is written down first."""

    messages: Found
    sound: Sound
    audit: Audit
    clock: Clock

    def __call__(self, message: str, who: str) -> bytes:
        """As WAV. Raises RequestError 404 without such a message, 502 without its sound."""
        found = self.messages.find(message)
        if found is None:
            raise RequestError("there is no such message", status=404, error_id="not_found")
        now = self.clock.now()
        self.audit(at=now, who=who, what="message.hear", object=message, detail={"call": found.call})
        try:
            sound = self.sound(found.recording)
        except CarrierError as err:
            log.warning("message_not_heard", error=str(err))
            raise RequestError(
                "the carrier does not give the sound now: try again in a minute", status=502, error_id="no_sound"
            ) from err
        self.messages.heard(message, who=who, at=now)
        return sound
