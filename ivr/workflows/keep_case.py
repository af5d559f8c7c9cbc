"""What the rules must know of cases before they decide: the case of a call, opened or found when it is needed.

A case is opened when somebody is to do something about the call. Where that is certain before the rule decides (the
caller comes into the room, a message was recorded) it is stored here; a case that goes with a promise is only prepared,
and committed by the rule with the promise. Without SQL the event stays as it came: nothing is said of a case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from ivr.core.call_out import Why
from ivr.core.callback_rules import Promise, attempt_of
from ivr.core.case_events import CaseAsked, KnownCase
from ivr.core.case_talk import number_asked
from ivr.core.cases import ANSWER, Case
from ivr.core.events import CallArrived, Caller, Event, MessageRecorded, RoomAsked
from ivr.core.ids import CallId
from ivr.core.instructions import Link
from ivr.core.menus import MenuTree, Returning
from ivr.core.session import CallSession, State
from ivr.workflows.ports import Sessions

MOST_GUESSES = 5
GUESS_WINDOW = timedelta(hours=1)
"""So many numbers that do not exist, of one caller's number in so long: then nothing more is told."""
log = structlog.get_logger(__name__)


class CaseBook(Protocol):
    """The cases in SQL. Raises `Unavailable`."""

    def open_for(self, session: CallSession, at: datetime) -> Case: ...

    def of_call(self, call: CallId) -> Case | None: ...

    def by_number(self, hotline: str, number: str) -> Case | None: ...

    def open_of(self, caller: str, hotline: str) -> Sequence[Case]: ...


class Guesses(Protocol):
    """Who asked for numbers that do not exist. Raises `Unavailable`."""

    def note(self, guess: str, who: Caller, call: CallId, at: datetime) -> None:
        """`guess` names the step; the same one again is not counted again."""

    def made(self, who: Caller, call: CallId, *, since: datetime) -> int: ...


@dataclass(frozen=True, kw_only=True)
class KeepCase:
    """Fills the first event of a call, and those of the doors `case`, `room` and `message`."""

    cases: CaseBook
    guesses: Guesses
    promise: Callable[[str], Promise | None]
    """A promise to call back, by its id."""
    sessions: Sessions

    def arrived(self, event: CallArrived, tree: MenuTree) -> CallArrived:
        """Does the caller's number have a case under way? A withheld number is never asked about one."""
        number = event.caller.number
        if number is None or not any(isinstance(node, Returning) for node in tree.nodes.values()):
            return event
        found = self.cases.open_of(number, tree.hotline)
        return replace(event, open_case=found[0].number) if found else event

    def asked(self, link: Link, event: Event) -> Event:
        """How does the case stand that the caller named? Whoever guesses too often learns nothing more."""
        assert isinstance(event, CaseAsked)
        session = self.sessions.find(link.call)
        number = number_asked(session) if session else ""
        if session is None or not number:
            return event
        if self.guesses.made(session.caller, session.call, since=event.at - GUESS_WINDOW) >= MOST_GUESSES:
            log.warning("case_numbers_guessed", call=session.call)
            return replace(event, known=KnownCase(locked=True))
        found = self.cases.by_number(session.hotline, number)
        if found is None and not session.status_told:
            self.guesses.note(f"{link.call}:{link.step}", session.caller, session.call, event.at)
        return replace(event, known=KnownCase(case=found))

    def answered(self, link: Link, event: Event) -> Event:
        """The caller comes into the room: an agent looks after the matter from now on."""
        assert isinstance(event, RoomAsked)
        session = self.sessions.find(link.call)
        if session is None or session.state is not State.CONNECTING or session.offer != event.offer:
            return event
        if session.callback is not None and session.callback.why == Why.DESTINATION:
            return event  # a house that we call is no customer with a matter
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
