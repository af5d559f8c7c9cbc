"""Dial for an agent who calls out, and write down what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.call_out import CallOut
from ivr.core.callback_orders import DialCallback, NoteCallback
from ivr.core.session import State
from ivr.workflows.dial_once import Dialled, DialOnce, Permits
from ivr.workflows.ports import Clock, Sessions

ANSWERED = "answered"


class CallsOut(Permits, Protocol):
    """The rows. Raises `Unavailable`."""

    def find(self, callback: str) -> CallOut | None: ...
    def ended(self, callback: str, result: str, at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class DialOut:
    """Carries out the orders of calls out. The number was judged when the agent asked, a moment ago."""

    rows: CallsOut
    sessions: Sessions
    dial: DialOnce
    clock: Clock

    def __call__(self, order: DialCallback | NoteCallback, *, tries: int) -> timedelta | None:
        if isinstance(order, NoteCallback):
            self._note(order)
            return None
        session, row = self.sessions.find(order.call), self.rows.find(order.callback)
        if session is None or row is None or session.line is not None:
            return None
        whom = Dialled(number=row.callee.number, sender=row.dialled, since=row.dialled_at or row.at, leg=row.leg)
        if session.state is State.ENDED:
            asked = row.dialled_at is not None and row.leg is None
            return self.dial.look(order, whom, self.rows, tries=tries) if asked else None
        return self.dial(order, whom, session, self.rows, tries=tries)

    def _note(self, order: NoteCallback) -> None:
        if order.what == "connected":
            self.rows.ended(order.callback, ANSWERED, order.at)
        elif order.what == "ended":
            self.rows.ended(order.callback, order.result, order.at)
