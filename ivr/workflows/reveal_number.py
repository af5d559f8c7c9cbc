"""The full number of a caller, for the agent whose call it is: with a reason, written down first, and not often.

Everywhere else a number is masked. While the audit cannot be written, or the count not be shared, nothing is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.agents import Presence
from ivr.core.errors import RequestError
from ivr.core.ids import AgentId, OfferId
from ivr.core.offering import DECLINED
from ivr.workflows.keep_evidence import Audit
from ivr.workflows.ports import Clock, Presences, Sessions

REASONS = ("line_bad", "compare", "authority")
"""The line may break; the caller is compared with an account; an authority asks."""
MOST = 10
"""Numbers an agent may see within `WINDOW`: enough for a bad line, too few to copy a customer list."""
WINDOW = timedelta(hours=1)
WITH_CALL = (Presence.ON_CALL, Presence.WRAP_UP)


class Tallies(Protocol):
    def count(self, what: str, who: str, *, at: datetime, window: timedelta) -> int: ...


@dataclass(frozen=True, kw_only=True)
class RevealNumber:
    presences: Presences
    sessions: Sessions
    tallies: Tallies
    audit: Audit
    clock: Clock
    spelled: Callable[[str], str]
    """A number as people read it."""

    def __call__(self, agent: AgentId, offer: OfferId, *, who: str, reason: str) -> str:
        """The number. Raises RequestError (409 no such call, 404 no number, 422 no reason, 429 too often), Unavailable."""
        present = self.presences.find(agent)
        if present is None or present.offer != offer or present.presence not in WITH_CALL or present.call is None:
            raise RequestError("this call is over", status=409, error_id="offer_over")
        if present.reason == DECLINED:  # passed on: it never was this agent's
            raise RequestError("this call is over", status=409, error_id="offer_over")
        if reason not in REASONS:
            raise RequestError("say why the number is needed", status=422, error_id="no_reason")
        session = self.sessions.find(present.call)
        number = session.caller.number if session else None
        if not number:
            raise RequestError("this caller shows no number", status=404, error_id="no_number")
        now = self.clock.now()
        if self.tallies.count("reveal", agent, at=now, window=WINDOW) > MOST:
            raise RequestError("too many numbers shown within an hour", status=429, error_id="too_many_numbers")
        self.audit(at=now, who=who, what="number.reveal", object=present.call, detail={"reason": reason})
        return self.spelled(number)
