"""Call a customer back, once per try; policy and hours are asked once more at the last moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.callback_events import CalleeFailed
from ivr.core.callback_metrics import CallbackResult
from ivr.core.callback_orders import DialCallback
from ivr.core.callback_rules import WAITING, OpenCallback, Promise, fits
from ivr.core.callback_tries import Again, Close, TryEnd
from ivr.core.ids import AgentId
from ivr.core.session import State
from ivr.workflows.dial_once import LOOK_AGAIN, Dialled, DialOnce, Permits
from ivr.workflows.ports import Clock, Menus, Sessions
from ivr.workflows.promise_callback import NumberPolicy
from ivr.workflows.take_call import TakeCall

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
    def enrolled(self, promise: Promise) -> bool: ...
    def put_off(self, promise: Promise, due_at: datetime) -> bool: ...


class Outcomes(Protocol):
    """What became of a try."""

    def confirmed(self, callback: str, attempt: int) -> None: ...
    def connected(self, callback: str, attempt: int, at: datetime, agent: AgentId | None) -> bool: ...
    def ended(self, promise: Promise, what: Again | Close, outcome: TryEnd) -> bool: ...
    def talk_over(self, callback: str, at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class DialBack:
    """Carries out `DialCallback`: whether this promise may be kept now, and then the one call."""

    book: Book
    permits: Permits
    sessions: Sessions
    menus: Menus
    policy: NumberPolicy
    dial: DialOnce
    take_call: TakeCall
    clock: Clock

    def __call__(self, order: DialCallback, *, tries: int) -> timedelta | None:
        session, promise = self.sessions.find(order.call), self.book.find(order.callback)
        if session is None or promise is None or session.line is not None:
            return None
        now = self.clock.now()
        whom = Dialled(
            number=promise.callee.number,
            sender=promise.dialled,
            since=promise.dialled_at or promise.due_at,
            leg=promise.leg,
        )
        if session.state is State.ENDED:
            asked = promise.attempts == order.attempt and promise.dialled_at is not None and promise.leg is None
            return self.dial.look(order, whom, self.permits, tries=tries) if asked else None
        if self._still_hears(promise, now):
            return LOOK_AGAIN
        if promise.state in WAITING and (why := self._forbidden(promise, now)):
            self.take_call.tell(order.call, CalleeFailed(at=now, result=why))
            return None
        return self.dial(order, whom, session, self.permits, tries=tries)

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
