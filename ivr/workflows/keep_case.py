"""What the rules must know of cases before they decide: the case of a call, opened or found when it is needed.

A case is opened when somebody is to do something about the call. Where that is certain before the rule decides (the
caller comes into the room, a message was recorded) it is stored here; a case that goes with a promise is only prepared,
and committed by the rule with the promise. Without SQL the event stays as it came: nothing is said of a case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from ivr.core.callback_rules import Promise, attempt_of
from ivr.core.cases import ANSWER, Case
from ivr.core.events import Event, MessageRecorded, RoomAsked
from ivr.core.ids import CallId
from ivr.core.instructions import Link
from ivr.core.session import CallSession, State
from ivr.workflows.ports import Sessions


class CaseBook(Protocol):
    """The cases in SQL. Raises `Unavailable`."""

    def open_for(self, session: CallSession, at: datetime) -> Case: ...

    def of_call(self, call: CallId) -> Case | None: ...


@dataclass(frozen=True, kw_only=True)
class KeepCase:
    """Fills the events of the doors `room` and `message`."""

    cases: CaseBook
    promise: Callable[[str], Promise | None]
    """A promise to call back, by its id."""
    sessions: Sessions

    def answered(self, link: Link, event: Event) -> Event:
        """The caller comes into the room: an agent looks after the matter from now on."""
        assert isinstance(event, RoomAsked)
        session = self.sessions.find(link.call)
        if session is None or session.state is not State.CONNECTING or session.offer != event.offer:
            return event
        return replace(event, case=self.cases.open_for(self._called_back(session), event.at))

    def _called_back(self, session: CallSession) -> CallSession:
        """A customer whom we call back goes on with the case of the call that was promised it."""
        kept = attempt_of(session.call)
        promise = self.promise(kept[0]) if kept else None
        case = self.cases.of_call(promise.call) if promise and promise.call else None
        return replace(session, answers={**session.answers, ANSWER: case.number}) if case else session

    def recorded(self, link: Link, event: Event) -> Event:
        """A message: somebody is to answer it."""
        assert isinstance(event, MessageRecorded)
        session = self.sessions.find(link.call)
        if session is None or event.duration_s <= 0 or session.topic is None:
            return event
        return replace(event, case=self.cases.open_for(session, event.at))
