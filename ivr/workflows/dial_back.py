"""Call a customer back: the one place where that is done, once per try (`RELIABILITY.md` I-28).

SQL gives the one permission to create a leg. What happens to a create whose answer never came is looked up, never
repeated; policy and hours are asked once more at the last moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.callback_events import CallbackWithdrawn, CalleeFailed, CalleeRung
from ivr.core.callback_metrics import CallbackResult
from ivr.core.callback_orders import DialCallback
from ivr.core.callback_rules import WAITING, Again, Close, OpenCallback, Promise, TryEnd, fits
from ivr.core.draft import link_of
from ivr.core.errors import CarrierError
from ivr.core.ids import E164, AgentId, LegId
from ivr.core.instructions import Link
from ivr.core.session import CallSession, State
from ivr.workflows.pace import Pace
from ivr.workflows.ports import Clock, Menus, Sessions
from ivr.workflows.promise_callback import NumberPolicy
from ivr.workflows.take_call import TakeCall

LOOK_AGAIN = timedelta(seconds=1)
LOOKS = 6
"""Looks for a leg whose creation was never answered."""
STILL_HEARS = timedelta(seconds=40)
"""The caller who was just promised a callback may still be on the line, hearing the code."""


class Book(Protocol):
    """The rows as a whole. Raises `Unavailable`."""

    def take(self, at: datetime, limit: int) -> Sequence[Promise]: ...
    def find(self, callback: str) -> Promise | None: ...
    def open_of(self, number: str, hotline: str) -> Sequence[OpenCallback]: ...
    def look_again(self, callback: str, at: datetime) -> None: ...
    def close(self, callback: str, result: CallbackResult, reason: str, at: datetime) -> bool: ...


class Tries(Protocol):
    """One try, from line to leg."""

    def start_try(self, promise: Promise, at: datetime) -> Promise | None: ...
    def enrolled(self, promise: Promise) -> None: ...
    def put_off(self, promise: Promise, due_at: datetime) -> bool: ...
    def begin_dial(self, callback: str, attempt: int, at: datetime) -> str: ...
    def undo_dial(self, callback: str, attempt: int) -> None: ...


class Outcomes(Protocol):
    """What became of a try."""

    def note_leg(self, callback: str, attempt: int, leg: LegId) -> None: ...
    def confirmed(self, callback: str, attempt: int) -> None: ...
    def connected(self, callback: str, attempt: int, at: datetime, agent: AgentId | None) -> bool: ...
    def ended(self, promise: Promise, what: Again | Close, outcome: TryEnd) -> bool: ...
    def talk_over(self, callback: str, at: datetime) -> None: ...


class CalleeCarrier(Protocol):
    """What the carrier does for a callback. Raises `CarrierError`."""

    def ring_callee(self, *, number: E164, link: Link, ring: timedelta, sender: str) -> LegId: ...
    def find_callee_leg(self, *, number: E164, since: datetime) -> LegId | None: ...
    def alive(self, leg: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class DialBack:
    """Carries out `DialCallback`."""

    book: Book
    tries: Tries
    outcomes: Outcomes
    sessions: Sessions
    menus: Menus
    carrier: CalleeCarrier
    policy: NumberPolicy
    take_call: TakeCall
    pace: Pace
    clock: Clock

    def __call__(self, order: DialCallback, *, tries: int) -> timedelta | None:
        """The one place where somebody is called back."""
        session = self.sessions.find(order.call)
        if session is None or session.state is State.ENDED or session.line is not None:
            return None
        promise = self.book.find(order.callback)
        if promise is None:
            return None
        now = self.clock.now()
        if self._still_hears(promise, now):
            return LOOK_AGAIN
        if promise.state in WAITING and (why := self._forbidden(promise, now)):
            self.take_call.tell(order.call, CalleeFailed(at=now, result=why))
            return None
        wait = self.pace.take(now)
        if wait > timedelta(0):
            return wait
        match self.tries.begin_dial(order.callback, order.attempt, now):
            case "go":
                return self._ring(order, promise, session)
            case "already":
                return self._find_leg(order, promise, tries=tries)
            case "elsewhere":
                self.take_call.tell(order.call, CalleeFailed(at=now, result="elsewhere"))
            case _:
                self.take_call.tell(order.call, CallbackWithdrawn(at=now, reason="closed"))
        return None

    def _still_hears(self, promise: Promise, now: datetime) -> bool:
        """The line on which the promise was made is still up: nobody is called on a busy telephone."""
        if promise.call is None or promise.attempts > 1 or now - promise.requested_at > STILL_HEARS:
            return False
        first = self.sessions.find(promise.call)
        return first is not None and first.state is State.CALLBACK_PROMISED

    def _forbidden(self, promise: Promise, now: datetime) -> str:
        """Policy and hours once more, at the last moment: rules may have changed since the promise."""
        tree = self.menus.by_number(promise.dialled)
        callee = self.policy.judge(promise.callee.number, tree.callbacks)
        if callee is None or callee.number != promise.callee.number:
            return "refused"  # also a number that means another one: what is judged is what is dialled
        return "" if fits(now, callee, tree.callbacks, tree.calendar_of(promise.topic)) else "hours"

    def _ring(self, order: DialCallback, promise: Promise, session: CallSession) -> timedelta | None:
        try:
            leg = self.carrier.ring_callee(
                number=promise.callee.number,
                link=link_of(session, "out"),
                ring=timedelta(seconds=order.ring_s),
                sender=promise.dialled,
            )
        except CarrierError as err:
            if err.unknown:
                return LOOK_AGAIN  # it may ring: the next look finds it, or not
            if err.retry:
                self.tries.undo_dial(order.callback, order.attempt)
                return LOOK_AGAIN
            self.take_call.tell(order.call, CalleeFailed(at=self.clock.now(), result="failed"))
            return None
        self._rung(order, leg)
        return None

    def _find_leg(self, order: DialCallback, promise: Promise, *, tries: int) -> timedelta | None:
        """Dialled once already and the answer was lost: the leg is looked for, never made again."""
        found = promise.leg or self.carrier.find_callee_leg(
            number=promise.callee.number, since=promise.dialled_at or promise.due_at
        )
        if found is not None:
            self._rung(order, found)
        elif tries < LOOKS:
            return LOOK_AGAIN
        else:
            self.take_call.tell(order.call, CalleeFailed(at=self.clock.now(), result="lost"))
        return None

    def _rung(self, order: DialCallback, leg: LegId) -> None:
        self.take_call.tell(order.call, CalleeRung(at=self.clock.now(), leg=leg))
        self.outcomes.note_leg(order.callback, order.attempt, leg)
