"""What a supervisor does with what was promised: callbacks dialled now, put off, given to somebody or closed; messages assigned.

Nothing is dialled here: the row is made due and the dispatcher takes it by its own rules, lawful hours included. A customer
who is on the line already is not cut off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.callback_events import CallbackWithdrawn
from ivr.core.callback_metrics import CallbackResult
from ivr.core.callback_rules import WAITING, CallbackState, Promise, fits
from ivr.core.errors import RequestError
from ivr.core.menus import MenuTree
from ivr.workflows.ports import Clock, Menus
from ivr.workflows.supervise_calls import Audit, Outcome, done, not_done
from ivr.workflows.take_call import TakeCall

FURTHEST = timedelta(days=14)
LONGEST_REASON = 200


class Promises(Protocol):
    """Raises `Unavailable`."""

    def find(self, callback: str) -> Promise | None: ...

    def put_off(self, promise: Promise, due_at: datetime) -> bool: ...

    def close(self, callback: str, result: CallbackResult, reason: str, at: datetime) -> bool: ...


class Owners(Protocol):
    def own(self, callback: str, owner: str, at: datetime) -> None: ...


class Messages(Protocol):
    def assign(self, message: str, *, who: str, at: datetime) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class SupervisePromises:
    promises: Promises
    owners: Owners
    messages: Messages
    take_call: TakeCall
    menus: Menus
    audit: Audit
    forget: Callable[[], None]
    """What pages keep of the rows is out of date."""
    clock: Clock

    def dial_now(self, callback: str, *, who: str) -> Outcome:
        """Into line at once, at the place that was kept."""
        promise, now = self._open(callback), self.clock.now()
        if isinstance(promise, Outcome):
            return promise
        self._note(who, "callback hastened", callback)
        if not self._fits(promise, now):
            return not_done("not_at_this_hour")
        if promise.due_at <= now and promise.state is not CallbackState.REQUESTED:
            return not_done("in_line")
        return self._put(promise, now, "hastened")

    def reschedule(self, callback: str, at: datetime, *, who: str) -> Outcome:
        """Not before `at`. The customer is not told by itself: say so in the call, or by text."""
        now = self.clock.now()
        if not now < at <= now + FURTHEST:
            raise RequestError("name a time within the next 14 days", status=422, error_id="bad_time")
        promise = self._open(callback)
        if isinstance(promise, Outcome):
            return promise
        self._note(who, "callback put off", callback, until=at.isoformat())
        if not self._fits(promise, at):
            return not_done("not_at_that_hour")
        if at >= promise.expires_at:
            return not_done("after_expiry")
        return self._put(promise, at, "put_off")

    def assign(self, callback: str, owner: str, *, who: str) -> Outcome:
        """Whose it is; empty: nobody's in particular. Anybody may still take the call."""
        if len(owner) > LONGEST_REASON:
            raise RequestError("there is no such person", status=422, error_id="bad_owner")
        if self.promises.find(callback) is None:
            return not_done("gone")
        self._note(who, "callback assigned", callback, owner=owner)
        self.owners.own(callback, owner, self.clock.now())
        self.forget()
        return done("assigned")

    def close(self, callback: str, reason: str, *, who: str) -> Outcome:
        """Nobody will be called. Raises RequestError (422) without a reason."""
        words = reason.strip()
        if not words or len(words) > LONGEST_REASON:
            raise RequestError(f"a reason has 1 to {LONGEST_REASON} characters", status=422, error_id="bad_reason")
        promise = self._open(callback)
        if isinstance(promise, Outcome):
            return promise
        now = self.clock.now()
        self._note(who, "callback closed", callback, reason=words)
        if not self.promises.close(callback, CallbackResult.CANCELLED, f"supervisor: {words}", now):
            return not_done("on_the_line")
        self._withdraw(promise)
        return done("closed")

    def assign_message(self, message: str, owner: str, *, who: str) -> Outcome:
        now = self.clock.now()
        if not owner or len(owner) > LONGEST_REASON:
            raise RequestError("name a person", status=422, error_id="bad_owner")
        self._note(who, "message assigned", message, owner=owner)
        given = self.messages.assign(message, who=owner, at=now)
        self.forget()
        return done("assigned") if given else not_done("gone")

    def _open(self, callback: str) -> Promise | Outcome:
        promise = self.promises.find(callback)
        if promise is None or promise.state is CallbackState.CLOSED:
            return not_done("gone")
        return promise if promise.state in WAITING else not_done("on_the_line")

    def _put(self, promise: Promise, at: datetime, word: str) -> Outcome:
        if not self.promises.put_off(promise, at):
            return not_done("on_the_line")
        self._withdraw(promise)
        return done(word)

    def _withdraw(self, promise: Promise) -> None:
        """A try that stands in line is taken out; the next one has the same place."""
        if promise.attempts:
            withdrawn = CallbackWithdrawn(at=self.clock.now(), reason="supervisor")
            self.take_call.tell(promise.attempt_call, withdrawn)
        self.forget()

    def _fits(self, promise: Promise, at: datetime) -> bool:
        tree: MenuTree = self.menus.by_number(promise.dialled)
        return fits(at, promise.callee, tree.callbacks, tree.calendar_of(promise.topic))

    def _note(self, who: str, what: str, on: str, **detail: object) -> None:
        self.audit(at=self.clock.now(), who=who, what=what, object=on, detail=detail)
