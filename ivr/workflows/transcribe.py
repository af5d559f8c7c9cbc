"""What callers said in messages, as text, where the operator has something that writes it down.

The row is the work: a message without a text and with tries left is taken up at every round, so that a lost job loses
nothing. Card numbers that were spoken are not kept in full (`DOMAIN.md` 6).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from ivr.core.card_numbers import masked_cards
from ivr.core.errors import CarrierError
from ivr.core.ids import Language
from ivr.core.message_orders import Message
from ivr.workflows.hear_message import Sound

LONGEST = 8000
"""Characters kept."""
log = structlog.get_logger(__name__)


class Untold(Protocol):
    """Messages whose text is missing. Raises `Unavailable`."""

    def without_text(self) -> Sequence[Message]: ...

    def written_down(self, message: str, text: str) -> None:
        """Empty: it could not be, and the next try counts."""


@dataclass(frozen=True, kw_only=True)
class Transcribe:
    """Write down every message that waits for it. Safe to run twice, and side by side."""

    messages: Untold
    sound: Sound
    write_down: Callable[[bytes, Language], str]
    """Empty when it could not."""

    def __call__(self) -> int:
        """How many have a text now."""
        done = 0
        for message in self.messages.without_text():
            text = self._text(message)
            self.messages.written_down(message.id, text)
            done += bool(text)
        return done

    def _text(self, message: Message) -> str:
        try:
            sound = self.sound(message.recording)
        except CarrierError as err:
            log.warning("message_not_transcribed", error=str(err))
            return ""
        return masked_cards(self.write_down(sound, message.language).strip()[:LONGEST])
