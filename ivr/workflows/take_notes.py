"""Notes are saved while they are typed: whatever becomes of the page, what stands here is not written again.

Only the agent of the call writes and reads them, in the talk and in its wrap-up. Numbers of cards are masked before
anything is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from ivr.core.agents import Presence
from ivr.core.card_numbers import masked_cards
from ivr.core.errors import RequestError
from ivr.core.ids import AgentId, OfferId
from ivr.core.notes import LONGEST, Notes
from ivr.workflows.ports import Presences

WRITING = (Presence.ON_CALL, Presence.WRAP_UP)
LONGEST_WORD = 64
"""Characters of every other field."""


class NotesKept(Protocol):
    """What is kept, by offer. Raises `Unavailable`."""

    def keep(self, offer: OfferId, notes: Notes) -> None: ...

    def find(self, offer: OfferId) -> Notes:
        """Empty when there is nothing."""

    def drop(self, offer: OfferId) -> None: ...


@dataclass(frozen=True, kw_only=True)
class TakeNotes:
    kept: NotesKept
    presences: Presences

    def keep(self, agent: AgentId, offer: OfferId, notes: Notes) -> Notes:
        """What is kept now. Raises `RequestError` when the call is not (any more) this agent's."""
        if not self._writes(agent, offer):
            raise RequestError("this call is over", status=409, error_id="offer_over")
        if len(notes.notes) > LONGEST:
            raise RequestError(f"notes are longer than {LONGEST}", status=422, error_id="notes_too_long")
        if any(len(word) > LONGEST_WORD for word in _words(notes)):
            raise RequestError("a field is too long", status=422, error_id="field_too_long")
        masked = replace(notes, notes=masked_cards(notes.notes))
        self.kept.keep(offer, masked)
        return masked

    def so_far(self, agent: AgentId, offer: OfferId) -> Notes:
        """Empty when there is nothing, or it is not this agent's."""
        return self.kept.find(offer) if self._writes(agent, offer) else Notes()

    def _writes(self, agent: AgentId, offer: OfferId) -> bool:
        present = self.presences.find(agent)
        return present is not None and present.presence in WRITING and present.offer == offer


def _words(notes: Notes) -> tuple[str, ...]:
    return (notes.disposition, notes.disposition_reason, notes.topic, notes.follow_up, notes.standing)
