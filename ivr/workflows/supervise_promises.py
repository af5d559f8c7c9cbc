"""What a supervisor does with what was promised: callbacks dialled now, put off, moved, given to somebody or closed; messages assigned.

Nothing is dialled here: the row is made due and the dispatcher takes it by its own rules, lawful hours included. A customer
who is on the line already is not cut off. One whose callback is put off is told the new time by text where that can be done;
that is then a promise of its own, and the one before is judged by its own time.

`seen`: as the page showed it to who pressed. A page may be half a minute old, and two may press at once: what somebody else has
changed meanwhile is left as it is, and the answer says so (`changed`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.callback_events import CallbackWithdrawn
from ivr.core.callback_metrics import CallbackResult
from ivr.core.callback_owner import Owner, able, here
from ivr.core.callback_rules import WAITING, CallbackState, Promise, Window, fits
from ivr.core.callback_words import window_words, zone_of, zone_words
from ivr.core.card_numbers import masked_cards
from ivr.core.errors import CarrierError, RequestError
from ivr.core.hours import is_open
from ivr.core.ids import AgentId, PromptId, TopicId
from ivr.core.menus import MenuTree
from ivr.core.message_orders import Message
from ivr.core.queueing import demand_of
from ivr.core.room_events import CallMoved
from ivr.core.session import State
from ivr.core.speech import plain_text
from ivr.workflows.ports import Clock, Menus, Presences, Sessions, Texts
from ivr.workflows.supervise_calls import Audit, Outcome, done, not_done, pressed, shown
from ivr.workflows.take_call import TakeCall

FURTHEST = timedelta(days=14)
LONGEST_REASON = 200
TRIES = 3
NAMED = timedelta(minutes=30)
"""Length of the time that is named to a customer who is put off."""
MOVED = PromptId("sms_moved")
IN_LINE = (CallbackState.DUE, CallbackState.RESERVING)
RINGS = (State.OFFERED, State.CONNECTING)


class Promises(Protocol):
    """Raises `Unavailable`."""

    def find(self, callback: str) -> Promise | None: ...

    def put_off(self, promise: Promise, due_at: datetime) -> bool: ...

    def move(self, promise: Promise, topic: TopicId) -> bool: ...

    def name_time(self, promise: Promise, window: Window, *, at: datetime) -> None:
        """The customer was told this time; what was named before is kept with the promise."""

    def close_waiting(self, promise: Promise, result: CallbackResult, reason: str, at: datetime) -> bool:
        """False: it has gone on since this was read."""


class Owners(Protocol):
    def own(self, callback: str, owner: str, at: datetime, *, seen: str | None = None) -> bool:
        """False: it is not theirs who `seen` says any more."""

    def owner_of(self, callback: str) -> Owner | None: ...


class Messages(Protocol):
    def assign(self, message: str, *, who: str, at: datetime, seen: str | None = None) -> bool: ...

    def find(self, message: str) -> Message | None: ...


@dataclass(frozen=True, kw_only=True)
class SupervisePromises:
    promises: Promises
    owners: Owners
    names: Callable[[], Mapping[AgentId, str]]
    """Everybody on the roster."""
    presences: Presences
    texts: Texts
    messages: Messages
    take_call: TakeCall
    sessions: Sessions
    menus: Menus
    audit: Audit
    forget: Callable[[], None]
    """What pages keep of the rows is out of date."""
    clock: Clock

    @pressed("callback hastened")
    def dial_now(self, callback: str, *, who: str, seen: str = "") -> Outcome:
        """Into line at once, at the place that was kept."""
        self._note(who, "callback hastened", callback)
        promise, now = self._open(callback), self.clock.now()
        if isinstance(promise, Outcome):
            return promise
        if not self._fits(promise, now):
            return not_done("not_at_this_hour")
        if promise.due_at <= now and promise.state is not CallbackState.REQUESTED:
            return not_done("in_line")
        if seen and seen != shown(promise.due_at):
            return not_done("changed")
        return self._put(promise, now, "hastened")

    @pressed("callback put off")
    def reschedule(self, callback: str, at: datetime, *, who: str, seen: str = "") -> Outcome:
        """Not before `at`, and the customer is told so by text. `put_off_untold`: that could not be done, so the time that was
        named before stands as what was promised.
        """
        now = self.clock.now()
        if not now < at <= now + FURTHEST:
            raise RequestError("name a time within the next 14 days", status=422, error_id="bad_time")
        self._note(who, "callback put off", callback, until=at.isoformat())
        promise = self._open(callback)
        if isinstance(promise, Outcome):
            return promise
        if _stands(promise, at):
            return not_done("same")  # pressed twice: the customer is told once
        if seen and seen != shown(promise.due_at):
            return not_done("changed")
        if not self._fits(promise, at):
            return not_done("not_at_that_hour")
        came = self._put(promise, at, "put_off")
        return came if not came.done or self._told(promise, at) else done("put_off_untold")

    def _told(self, promise: Promise, at: datetime) -> bool:
        """Tell the customer, and then write down what is promised now: a text that is not taken promises nothing."""
        tree, now = self.menus.by_number(promise.dialled), self.clock.now()
        prompt = tree.prompts.get(MOVED)
        if prompt is None or not promise.callee.mobile:
            return False
        named = zone_words(promise.callee, tree, promise.language, at=at)
        window, zone = Window(start=at, end=at + NAMED), zone_of(promise.callee, tree.zone)
        when = window_words(window, promise.language, now=now, zone=zone, named=named)
        body = plain_text(prompt, promise.language, {"when": when, "code": promise.code}, tree)
        try:
            self.texts.send_text(to=promise.callee.number, body=body, sender=promise.dialled)
        except CarrierError:
            return False
        self.promises.name_time(promise, window, at=now)
        self.forget()
        return True

    @pressed("callback moved")
    def move(self, callback: str, topic: str, *, who: str, seen: str = "") -> Outcome:
        """To another queue for good, at the place that was kept: the try that stands in line, and all that follow.

        Raises RequestError for a topic that is not known.
        """
        promise, now = self.promises.find(callback), self.clock.now()
        tree = self.menus.by_number(promise.dialled if promise else "")
        found = tree.topics.get(TopicId(topic))
        if found is None:
            raise RequestError(f"topic {topic!r} is not known", status=422, error_id="unknown_topic")
        self._note(who, "callback moved", callback, topic=topic, before=promise.topic if promise else "")
        if promise is None or promise.state is CallbackState.CLOSED:
            return not_done("gone")
        if promise.topic == found.id:
            return not_done("same")
        if seen and seen != promise.topic:
            return not_done("changed")
        at = max(now, promise.due_at)
        if not is_open(tree.calendar_of(found.id), at):
            return not_done("queue_closed" if at == now else "not_at_that_hour")
        return self._moved(promise, found.id)

    def _moved(self, promise: Promise, topic: TopicId) -> Outcome:
        if (
            promise.state is CallbackState.CONFIRMED
        ):  # the customer waits on the line: a caller like others, and a promise still
            step = self.take_call.tell(promise.attempt_call, CallMoved(at=self.clock.now(), topic=topic))
            if step is None or step.session.topic != topic:
                return not_done("on_the_line")
        elif promise.state not in WAITING:
            return not_done("on_the_line")
        elif promise.state in IN_LINE and self._rings(promise):
            return not_done("ringing")
        if not self.promises.move(promise, topic):
            after = self._open(promise.id)
            return after if isinstance(after, Outcome) else not_done("same" if after.topic == topic else "changed")
        if promise.state in WAITING:
            self._withdraw(promise)
        self.forget()
        return done("callback_moved")

    def _rings(self, promise: Promise) -> bool:
        session = self.sessions.find(promise.attempt_call)
        return session is not None and session.state in RINGS

    @pressed("callback assigned")
    def assign(self, callback: str, owner: str, *, who: str, seen: str | None = None) -> Outcome:
        """Whose it is: who is offered the try first (`callback_owner`); empty: nobody in particular.

        A try that stands in line already goes to its new owner at the same place. Raises RequestError for who is no agent.
        """
        if owner and AgentId(owner) not in self.names():
            raise RequestError("there is no such person", status=422, error_id="bad_owner")
        known = self.owners.owner_of(callback)
        before = known.agent if known else ""
        self._note(who, "callback assigned", callback, owner=owner, before=before)
        promise = self.promises.find(callback)
        if promise is None or promise.state is CallbackState.CLOSED:
            return not_done("gone")
        given = self.owners.own(callback, owner, self.clock.now(), seen=seen)
        self.forget()
        if not given:
            return not_done("changed")
        if owner != before and promise.state in IN_LINE:
            self._put(promise, promise.due_at, "assigned")
        return done(self._standing(promise, AgentId(owner)) if owner else "unassigned")

    def _standing(self, promise: Promise, owner: AgentId) -> str:
        """Whether this owner could be given the try as things are."""
        agent, tree = self.presences.find(owner), self.menus.by_number(promise.dialled)
        if agent is None or not here(agent):
            return "assigned_away"
        topic = tree.topics.get(promise.topic)
        fits_them = topic is None or able(agent, demand_of(topic, promise.language, priority=promise.priority))
        return "assigned" if fits_them else "assigned_unable"

    @pressed("callback closed")
    def close(self, callback: str, reason: str, *, who: str) -> Outcome:
        """Nobody will be called. Raises RequestError (422) without a reason."""
        words = masked_cards(reason.strip())
        if not words or len(words) > LONGEST_REASON:
            raise RequestError(f"a reason has 1 to {LONGEST_REASON} characters", status=422, error_id="bad_reason")
        now = self.clock.now()
        self._note(who, "callback closed", callback, reason=words)
        promise = self._open(callback)
        if isinstance(promise, Outcome):
            return promise
        for _ in range(TRIES):
            if self.promises.close_waiting(promise, CallbackResult.CANCELLED, f"supervisor: {words}", now):
                self._withdraw(promise)
                return done("closed")
            promise = self._open(callback)  # brought into line, or dialled, between the look and the act
            if isinstance(promise, Outcome):
                return promise
        return not_done("on_the_line")

    @pressed("message assigned")
    def assign_message(self, message: str, owner: str, *, who: str, seen: str | None = None) -> Outcome:
        now = self.clock.now()
        if AgentId(owner) not in self.names():
            raise RequestError("there is no such person", status=422, error_id="bad_owner")
        self._note(who, "message assigned", message, owner=owner)
        given = self.messages.assign(message, who=owner, at=now, seen=seen)
        self.forget()
        if given:
            return done("assigned")
        found = self.messages.find(message)
        return not_done("gone" if found is None or found.answered_at is not None else "changed")

    def _open(self, callback: str) -> Promise | Outcome:
        promise = self.promises.find(callback)
        if promise is None or promise.state is CallbackState.CLOSED:
            return not_done("gone")
        return promise if promise.state in WAITING else not_done("on_the_line")

    def _put(self, promise: Promise, at: datetime, word: str) -> Outcome:
        if not self.promises.put_off(promise, at):
            after = self._open(promise.id)
            return after if isinstance(after, Outcome) else not_done("same" if _stands(after, at) else "changed")
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


def _stands(promise: Promise, at: datetime) -> bool:
    return promise.state is CallbackState.REQUESTED and promise.due_at == at
