"""What a supervisor does with one caller, answered with what happened or why not.

Everything is written to the audit before it is tried, and what was then not done in a row after it. A caller who is gone, or an agent who was taken meanwhile, is an answer
and no error: the page says so and shows the room as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from ivr.core.errors import RequestError
from ivr.core.events import Event
from ivr.core.hours import is_open
from ivr.core.ids import AgentId, CallId, TopicId
from ivr.core.room_events import CallbackOffered, CallMoved, CallRaised, PutDown
from ivr.core.session import CallSession, State, Step
from ivr.core.supervision import callback_node
from ivr.workflows.match_calls import MatchCalls, tree_of
from ivr.workflows.ports import Claim, Clock, Menus, Presences, Sessions
from ivr.workflows.take_call import TakeCall

Audit = Callable[..., None]
"""`people.audit`: `at`, `who`, `what`, `object`, `detail`."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it, as one word for the page."""

    done: bool
    answer: str


def done(answer: str) -> Outcome:
    return Outcome(done=True, answer=answer)


def not_done(why: str) -> Outcome:
    return Outcome(done=False, answer=why)


def shown(at: datetime) -> str:
    """A time as pages have it: to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Supervises(Protocol):
    @property
    def audit(self) -> Audit: ...

    @property
    def clock(self) -> Clock: ...


S = TypeVar("S", bound=Supervises)
On = TypeVar("On", bound=str)
P = ParamSpec("P")
Act = Callable[Concatenate[S, On, P], Outcome]
NOT_DONE = "not done"


def pressed(what: str) -> Callable[[Act[S, On, P]], Act[S, On, P]]:
    """An act that the audit calls `what`: that nothing came of it stands there too."""

    def told(act: Act[S, On, P]) -> Act[S, On, P]:
        @wraps(act)
        def acts(self: S, on: On, /, *args: P.args, **named: P.kwargs) -> Outcome:
            came = act(self, on, *args, **named)
            if not came.done:
                detail = {"deed": what, "why": came.answer}
                self.audit(at=self.clock.now(), who=str(named["who"]), what=NOT_DONE, object=on, detail=detail)
            return came

        return acts

    return told


@dataclass(frozen=True, kw_only=True)
class SuperviseCalls:
    take_call: TakeCall
    sessions: Sessions
    presences: Presences
    menus: Menus
    match: MatchCalls
    audit: Audit
    clock: Clock

    @pressed("call raised")
    def raise_up(self, call: CallId, *, who: str, critical: bool = False) -> Outcome:
        """Five minutes up the line, or into the lane ahead of all others."""
        self._note(who, "call raised", call, critical=critical)
        event = CallRaised(at=self.clock.now(), critical=critical)
        return self._waiting(call, event, lambda step: "raised" if step.seek else "")

    @pressed("call moved")
    def move(self, call: CallId, topic: str, *, who: str, seen: str = "") -> Outcome:
        """To another queue, at the first queue time. Raises RequestError for a topic that is not known.

        `seen`: the queue in which the page showed the caller; of two who move one caller at once, one does.
        """
        session = self.sessions.find(call)
        tree = tree_of(self.menus, session) if session else self.menus.by_number("")
        found = tree.topics.get(TopicId(topic))
        if found is None:
            raise RequestError(f"topic {topic!r} is not known", status=422, error_id="unknown_topic")
        self._note(who, "call moved", call, topic=topic)
        if session is not None and session.topic == found.id:
            return not_done("same")
        if not is_open(tree.calendar_of(found.id), self.clock.now()):
            return not_done("queue_closed")
        event = CallMoved(at=self.clock.now(), topic=found.id, seen=seen)
        came = self._waiting(call, event, lambda step: "moved" if step.session.topic == found.id else "")
        return not_done("changed") if came.answer == "same" else came

    @pressed("call offered")
    def offer(self, call: CallId, agent: str, *, who: str) -> Outcome:
        """To this agent first, by the same claim and fence as every offer; terms do not count."""
        self._note(who, "call offered", call, agent=agent)
        why = self._not_waiting(self.sessions.find(call))
        if why:
            return not_done(why)
        present = self.presences.find(AgentId(agent))
        if present is None or not present.free:
            return not_done("agent_busy")
        claim = self.match.matcher.directed(call, present.id)
        if isinstance(claim, Claim):
            self.match.offer(claim)
            after = self.sessions.find(call)
            taken = after is not None and claim.matched.offer in after.offers_held
            return done("offered") if taken else not_done(self._not_waiting(after) or "changed")
        if claim.reason.get("why") == "busy":
            return not_done("agent_busy")
        # Out of line though the call says that it waits: it was given to an agent, whose telephone is about to ring.
        return not_done(self._not_waiting(self.sessions.find(call)) or "ringing")

    @pressed("callback offered")
    def call_back(self, call: CallId, *, who: str) -> Outcome:
        """The caller is asked, and promised only what they said yes to; their place is held meanwhile."""
        self._note(who, "callback offered", call)
        session = self.sessions.find(call)
        if session is not None and session.state is State.QUEUED:
            if session.caller.number is None:
                return not_done("no_number")
            if callback_node(session, tree_of(self.menus, session)) is None:
                return not_done("no_callbacks")
        event = CallbackOffered(at=self.clock.now())
        return self._waiting(call, event, lambda step: "asked" if step.session.state is State.MENU else "")

    @pressed("call ended")
    def end(self, call: CallId, *, who: str, talk: bool | None = None) -> Outcome:
        """With words to the caller; a talk ends for both. `talk`: as the page showed it; what has become the other goes on."""
        self._note(who, "call ended", call)
        session = self.sessions.find(call)
        if session is None or session.state in (State.ENDED, State.SURVEY):
            return not_done("gone")
        if session.unheard and session.state is State.QUEUED:
            return not_done("nobody_there")  # a callback in line: it is closed with its promise
        event = PutDown(at=self.clock.now(), of_talk=talk)
        if session.state is not State.CONNECTED:
            if talk:
                return not_done("talk_over")
            return self._waiting(call, event, lambda step: "ended" if step.facts else "")
        step = self.take_call.tell(call, event)
        if step is not None and step.facts:
            return done("ended")
        return not_done("answered" if talk is False else "talk_over")

    def _waiting(self, call: CallId, event: Event, came: Callable[[Step], str]) -> Outcome:
        """Tell a call that waits. What is decided is decided on the call as it is then, not as the page showed it."""
        why = self._not_waiting(self.sessions.find(call))
        if why:
            return not_done(why)
        step = self.take_call.tell(call, event)
        word = came(step) if step is not None else ""
        return done(word) if word else not_done(self._now(call))

    def _now(self, call: CallId) -> str:
        return self._not_waiting(self.sessions.find(call)) or "same"

    def _not_waiting(self, session: CallSession | None) -> str:
        if session is None:
            return "gone"
        return {
            State.QUEUED: "",
            State.OFFERED: "ringing",
            State.CONNECTING: "ringing",
            State.CONNECTED: "answered",
            State.MENU: "being_asked",
            State.VOICEMAIL: "speaking",
            State.CALLBACK_PROMISED: "promised",
        }.get(session.state, "gone")

    def _note(self, who: str, what: str, call: CallId, **detail: object) -> None:
        self.audit(at=self.clock.now(), who=who, what=what, object=call, detail=detail)
