"""Keep what was promised: bring each callback into line when its time has come, dial it once per try, and write down what
became of it.

SQL is the promise. The rounds look at every open row when its time has come, so that nothing depends on a message that may be
lost: a row whose place in line Redis forgot is enrolled again, a try whose process died is looked up at the carrier and
never dialled again. Orders only make it happen sooner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.call_out import is_call_out
from ivr.core.callback_enrol import enrolled
from ivr.core.callback_events import CallbackWithdrawn
from ivr.core.callback_metrics import CallbackResult
from ivr.core.callback_orders import BringCallback, DialCallback, NoteCallback, PutOffCallback, ReachedByPhone
from ivr.core.callback_owner import Owner, able, here
from ivr.core.callback_rules import WAITING, CallbackState, Promise, fits, next_fit
from ivr.core.callback_tries import Again, Close, TryEnd, after_try
from ivr.core.callback_words import next_words
from ivr.core.errors import CarrierError
from ivr.core.ids import AgentId, CallId, PromptId
from ivr.core.instructions import CallbackOrder
from ivr.core.menus import MenuTree
from ivr.core.queueing import demand_of
from ivr.core.session import State
from ivr.core.speech import plain_text
from ivr.workflows.dial_back import Book, DialBack, Outcomes, Tries
from ivr.workflows.dial_once import CalleeCarrier
from ivr.workflows.dial_out import DialOut
from ivr.workflows.ports import Claim, Clock, Menus, Presences, Sessions, Texts
from ivr.workflows.take_call import TakeCall

PORTION = 50
ON_THE_LINE = timedelta(minutes=10)
"""Somebody who phoned in meanwhile is not called for so long."""
SOON_NOTED = timedelta(seconds=15)
"""The order that writes down the end of a try comes well within this."""
AT_WORK = (CallbackState.RESERVING, CallbackState.DIALLING, CallbackState.CONFIRMED, CallbackState.CONNECTED)
"""States of a promise of which a try is under way."""
ASK = timedelta(seconds=60)
"""Between two looks at a try that is under way."""


class Owners(Protocol):
    """Raises `Unavailable`."""

    def owner_of(self, callback: str) -> Owner | None: ...


@dataclass(frozen=True, kw_only=True)
class CallBack:
    """The dispatcher's side of callbacks."""

    book: Book
    tries: Tries
    outcomes: Outcomes
    owners: Owners
    presences: Presences
    sessions: Sessions
    menus: Menus
    carrier: CalleeCarrier
    texts: Texts
    dial: DialBack
    dial_out: DialOut
    take_call: TakeCall
    clock: Clock
    draw: Callable[[], str]

    def __call__(self, order: CallbackOrder, *, tries: int) -> timedelta | None:
        """Carry out one order. A duration: come again after it."""
        if isinstance(order, DialCallback | NoteCallback) and is_call_out(order.callback):
            return self.dial_out(order, tries=tries)
        match order:
            case DialCallback():
                return self.dial(order, tries=tries)
            case NoteCallback():
                self._note(order)
            case BringCallback(callback=callback):
                promise = self.book.find(callback)
                if promise is not None:
                    self.look(promise)
            case PutOffCallback(callback=callback):
                self._put_off(callback)
            case ReachedByPhone(call=call):
                self._reached(call)
        return None

    # ---- the rounds --------------------------------------------------------------------------------------------

    def round(self) -> int:
        """Look at every row whose time it is. How many."""
        rows = self.book.take(self.clock.now(), PORTION)
        for promise in rows:
            self.look(promise)
        return len(rows)

    def look(self, promise: Promise) -> None:
        """What is to be done about this promise now?"""
        now = self.clock.now()
        match promise.state:
            case CallbackState.CLOSED:
                self._withdraw(promise, "closed")
            case CallbackState.REQUESTED | CallbackState.DUE | CallbackState.RESERVING:
                if now >= promise.expires_at:
                    self._expire(promise)
                else:
                    self._bring(promise, now)
            case CallbackState.DIALLING | CallbackState.CONFIRMED | CallbackState.CONNECTED:
                self._check(promise, now)

    def _bring(self, promise: Promise, now: datetime) -> None:
        """Into line, at the place it always had, when desk and customer are awake."""
        tree = self._tree(promise)
        if promise.topic not in tree.topics:
            self._finish(promise, Close(result=CallbackResult.FAILED, reason="the topic is gone"), tree)
            return
        if promise.due_at > now:
            self.book.look_again(promise.id, promise.due_at)
            return
        if not fits(now, promise.callee, tree.callbacks, tree.calendar_of(promise.topic)):
            self._move(promise, tree, now)
            return
        if promise.state is CallbackState.REQUESTED:
            started = self.tries.start_try(promise, now)
            if started is None:
                return
            promise = started
        self._enrol(promise, tree, now)

    def _enrol(self, promise: Promise, tree: MenuTree, now: datetime) -> None:
        there = self.sessions.find(promise.attempt_call)
        if there is not None and there.state is State.ENDED:
            # The try is over and its end not written down yet, or lost: nobody was dialled for it.
            if now - (there.ended_at or now) > SOON_NOTED:
                self._go_on(promise, "not_dialled", now)
            return
        owner = self._owner(promise, tree)
        saved = self.sessions.change(
            promise.attempt_call, lambda session: None if session else enrolled(promise, tree, now, owner=owner)
        )
        if not self.tries.enrolled(promise) and not self._stands(promise):
            self._withdraw(
                promise, "changed"
            )  # moved, put off or closed since it was read: the next try stands in line
            return
        if owner is None or not self._given(promise.attempt_call, owner.agent):
            self.take_call.match.after(saved)

    def _stands(self, promise: Promise) -> bool:
        """This try, as it was read, is the present one, and in line or further on."""
        now = self.book.find(promise.id)
        return now is not None and now.attempts == promise.attempts and now.state in AT_WORK

    def _owner(self, promise: Promise, tree: MenuTree) -> Owner | None:
        """Whose it is, when signed in and able."""
        owner = self.owners.owner_of(promise.id)
        agent = self.presences.find(owner.agent) if owner else None
        if agent is None or not here(agent):
            return None
        language = promise.language if promise.language in tree.voices else tree.default_language
        demand = demand_of(tree.topic(promise.topic), language, priority=promise.priority)
        return owner if able(agent, demand) else None

    def _given(self, call: CallId, owner: AgentId) -> bool:
        claim = self.take_call.match.matcher.directed(call, owner)
        if isinstance(claim, Claim):
            self.take_call.match.offer(claim)
        return isinstance(claim, Claim)

    def _move(self, promise: Promise, tree: MenuTree, now: datetime) -> None:
        """Not now: the next morning, or when the desk opens. The customer is told."""
        due = next_fit(now, promise.callee, tree.callbacks, tree.calendar_of(promise.topic))
        if due is None or due >= promise.expires_at:
            self._expire(promise)
        elif self.tries.put_off(promise, due):
            self._withdraw(promise, "hours")
            self._send(promise, "sms_moved", tree, due)

    def _expire(self, promise: Promise) -> None:
        self._finish(promise, Close(result=CallbackResult.EXPIRED, reason="no agent in time"), self._tree(promise))

    def _finish(self, promise: Promise, what: Close, tree: MenuTree) -> None:
        if self.book.close(promise.id, what.result, what.reason, self.clock.now()):
            self._withdraw(promise, "closed")
            self._send(promise, "sms_given_up", tree, None)

    def _withdraw(self, promise: Promise, reason: str) -> None:
        """Take the try out of line, and put down a telephone that rings for nothing."""
        if promise.attempts:
            self.take_call.tell(promise.attempt_call, CallbackWithdrawn(at=self.clock.now(), reason=reason))

    def _check(self, promise: Promise, now: datetime) -> None:
        """A try under way: as long as its call lives, its own alarms look after it."""
        session = self.sessions.find(promise.attempt_call)
        if session is not None and session.state is not State.ENDED:
            self.book.look_again(promise.id, now + ASK)
            return
        leg = promise.leg or self.carrier.find_callee_leg(number=promise.callee.number, since=promise.dialled_at or now)
        if leg is not None and self.carrier.alive(leg):
            self.book.look_again(promise.id, now + ASK)  # its next step brings the session back
        elif promise.state is CallbackState.CONNECTED:
            self.outcomes.talk_over(promise.id, now)
        else:
            self._go_on(promise, "lost", now)

    # ---- what became of it -------------------------------------------------------------------------------------

    def _note(self, order: NoteCallback) -> None:
        if order.what == "confirmed":
            self.outcomes.confirmed(order.callback, order.attempt)
        elif order.what == "connected":
            self.outcomes.connected(order.callback, order.attempt, order.at, order.agent)
        else:
            promise = self.book.find(order.callback)
            if promise is None or promise.attempts != order.attempt:
                return
            if promise.state is CallbackState.CONNECTED:
                self.outcomes.talk_over(order.callback, order.at)
            elif promise.state is not CallbackState.CLOSED:
                self._go_on(promise, order.result, order.at, agent=order.agent, idle_s=order.idle_s)

    def _go_on(
        self,
        promise: Promise,
        result: str,
        at: datetime,
        *,
        agent: AgentId | None = None,
        idle_s: float | None = None,
    ) -> None:
        """Another try, or the end. What SQL knows decides whether somebody was dialled."""
        if promise.state is CallbackState.REQUESTED:
            return  # put off already: the try was withdrawn
        if promise.state in WAITING and result not in ("hours", "elsewhere", "refused", "not_needed"):
            result = "not_dialled"
        elif promise.state is CallbackState.DIALLING and result == "not_dialled":
            # The permission was given: the telephone may have rung, whoever knew of it. The carrier is asked.
            self.book.look_again(promise.id, self.clock.now() + ASK)
            return
        tree = self._tree(promise)
        now = max(at, self.clock.now())
        what = after_try(promise, result, at=now, rules=tree.callbacks, calendar=tree.calendar_of(promise.topic))
        counts = isinstance(what, Again) and what.failed
        outcome = TryEnd(at=at, result=result, agent=agent, idle_s=idle_s, code=self.draw() if counts else "")
        if not self.outcomes.ended(promise, what, outcome):
            return
        after = self.book.find(promise.id) or promise
        if isinstance(what, Close):
            if what.result is not CallbackResult.CANCELLED:
                self._send(after, "sms_given_up", tree, None)
        elif what.failed:
            self._send(after, "sms_missed", tree, what.due_at)
        elif what.moved:
            self._send(after, "sms_moved", tree, what.due_at)

    def _put_off(self, callback: str) -> None:
        promise = self.book.find(callback)
        if promise is None or promise.state not in WAITING:
            return
        if self.tries.put_off(promise, max(promise.due_at, self.clock.now() + ON_THE_LINE)):
            self._withdraw(promise, "on_the_line")

    def _reached(self, call: CallId) -> None:
        """The customer talks to an agent about the same: the promise is kept, by phone."""
        session = self.sessions.find(call)
        if session is None or session.caller.number is None:
            return
        for found in self.book.open_of(session.caller.number, session.hotline):
            if found.topic != session.topic:
                continue
            promise = self.book.find(found.id)
            at = session.connected_at or self.clock.now()
            closed = self.book.close(found.id, CallbackResult.REACHED_BY_PHONE, "reached by phone", at)
            if closed and promise is not None:
                self._withdraw(promise, "closed")

    # ---- small things ------------------------------------------------------------------------------------------

    def _tree(self, promise: Promise) -> MenuTree:
        return self.menus.by_number(promise.dialled)

    def _send(self, promise: Promise, kind: str, tree: MenuTree, due: datetime | None) -> None:
        """A text to the customer, once; one that is lost is not repeated, the call itself comes anyway."""
        prompt = tree.prompts.get(PromptId(kind))
        if prompt is None or not promise.callee.mobile:
            return
        when = next_words(due, promise.callee, tree, promise.language, now=self.clock.now()) if due else ""
        body = plain_text(prompt, promise.language, {"when": when, "code": promise.code}, tree)
        try:
            self.texts.send_text(to=promise.callee.number, body=body, sender=promise.dialled)
        except CarrierError:
            return
