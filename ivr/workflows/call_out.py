"""An agent calls somebody: whether they may, and then the call begins at their own desk.

Only numbers that the agent has to do with are called (an own case, an own call, a destination of the menu file), never
one that was typed; only under the number policy, at a decent hour, and not often. Every call is written down before it
is begun.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.agents import Presence
from ivr.core.call_out import PREFIX, RINGS, CallOut, OwnNumber, Why
from ivr.core.call_out_begin import begun
from ivr.core.callback_events import CalleeFailed
from ivr.core.callback_rules import Callee, decent
from ivr.core.errors import RequestError
from ivr.core.ids import E164, AgentId, CallId, Language, OfferId, TopicId
from ivr.core.menus import MenuTree
from ivr.core.session import State
from ivr.workflows.keep_evidence import Audit
from ivr.workflows.menu_labels import named
from ivr.workflows.ports import Clock, Presences, Sessions
from ivr.workflows.promise_callback import NumberPolicy
from ivr.workflows.reveal_number import Tallies
from ivr.workflows.take_call import TakeCall

MAY_CALL = (Presence.AVAILABLE, Presence.BREAK)
MOST_OF_AGENT = 30
"""Calls of one agent within `HOUR`."""
MOST_OF_NUMBER = 6
"""Calls to one number within `DAY`: whoever does not answer is not rung all day."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHOWN = 10
LOST = "lost"
"""Result of a call whose end was never written down: Redis was lost with it."""


class OwnNumbers(Protocol):
    """Raises `Unavailable`."""

    def of_case(self, agent: AgentId, number: str) -> OwnNumber | None: ...
    def of_call(self, agent: AgentId, call: CallId) -> OwnNumber | None: ...


class Rows(Protocol):
    """The calls out in SQL. Raises `Unavailable`."""

    def write(self, made: CallOut) -> None: ...
    def latest(self, agent: AgentId, since: datetime, limit: int) -> Sequence[CallOut]: ...
    def count(self, number: E164, since: datetime) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Target:
    """Who is called, and by which hotline's rules."""

    tree: MenuTree
    callee: Callee
    own: OwnNumber


@dataclass(frozen=True, kw_only=True)
class Called:
    """One call out, as the desk shows it."""

    at: datetime
    why: str
    ref: str
    label: str
    """Name of the destination; empty for a customer."""
    number: str
    """Masked."""
    case: str
    result: str


@dataclass(frozen=True, kw_only=True)
class MayCall:
    """What the desk offers to call."""

    destinations: tuple[tuple[str, str], ...]
    """Name and label."""
    latest: tuple[Called, ...]


@dataclass(frozen=True, kw_only=True)
class CallSomebody:
    """Begins a call out, and tells what became of the last ones."""

    presences: Presences
    sessions: Sessions
    trees: Callable[[], Sequence[MenuTree]]
    own: OwnNumbers
    rows: Rows
    policy: NumberPolicy
    tallies: Tallies
    audit: Audit
    take_call: TakeCall
    clock: Clock
    mask: Callable[[str], str]
    draw: Callable[[], str]
    """Sixteen random hex digits."""

    def __call__(self, agent: AgentId, why: str, ref: str, *, who: str) -> None:
        """Raises RequestError (409 busy or not now, 404 not theirs, 422 may not be called, 429 too often), Unavailable."""
        present = self.presences.find(agent)
        if present is None or present.presence not in MAY_CALL:
            raise RequestError("finish what you are doing first", status=409, error_id="agent_busy")
        now = self.clock.now()
        target = self._target(agent, why, ref, now)
        out = self._row(target, agent, Why(why), ref, now)
        self._often(agent, out, now)
        self.audit(at=now, who=who, what="call.out", object=out.call, detail={"why": out.why, "ref": out.ref})
        self.rows.write(out)
        offer = OfferId(f"{PREFIX}{self.draw()}")
        step = begun(out, offer, present.phone, target.tree)
        self.sessions.change(out.call, lambda known: None if known else step)
        after = self.presences.find(agent)
        if after is None or after.offer != offer:  # a call was faster
            self.take_call.tell(out.call, CalleeFailed(at=now, result="not_dialled"))
            raise RequestError("a call has just come in for you", status=409, error_id="agent_busy")

    def _target(self, agent: AgentId, why: str, ref: str, now: datetime) -> Target:
        if why == Why.DESTINATION:
            return self._destination(ref)
        if why == Why.CASE:
            own = self.own.of_case(agent, ref)
        else:
            own = self.own.of_call(agent, CallId(ref)) if why == Why.CALL else None
        if own is None:
            raise RequestError("no such case or call of yours", status=404, error_id="not_yours")
        if why == Why.CALL:
            self._still_on_the_line(CallId(ref))
        if not own.number:
            raise RequestError("this caller shows no number", status=422, error_id="no_number")
        tree = next((tree for tree in self.trees() if tree.hotline == own.hotline), self.trees()[0])
        callee = self.policy.judge(own.number, tree.callbacks)
        if callee is None:
            raise RequestError("this number may not be called", status=422, error_id="number_not_allowed")
        if not decent(now, callee, tree.callbacks):
            raise RequestError("it is no time to call there now", status=409, error_id="not_now")
        return Target(tree=tree, callee=callee, own=own)

    def _destination(self, ref: str) -> Target:
        for tree in self.trees():
            if (one := tree.destination(ref)) is not None:
                topic, language = one.topic or _first(tree), tree.default_language
                own = OwnNumber(hotline=tree.hotline, number=one.number, topic=topic, language=language)
                return Target(tree=tree, callee=Callee(number=one.number, country="", zones=("UTC",)), own=own)
        raise RequestError("no such destination", status=404, error_id="no_destination")

    def _row(self, target: Target, agent: AgentId, why: Why, ref: str, now: datetime) -> CallOut:
        own, tree = target.own, target.tree
        return CallOut(
            id=f"{PREFIX}{self.draw()}",
            hotline=tree.hotline,
            agent=agent,
            why=why,
            ref=ref,
            callee=target.callee,
            dialled=tree.numbers[0],
            topic=own.topic if own.topic in tree.topics else _first(tree),
            language=own.language,
            path=own.path,
            case=own.case,
            at=now,
        )

    def _still_on_the_line(self, call: CallId) -> None:
        session = self.sessions.find(call)
        if session is not None and session.state is not State.ENDED:
            raise RequestError("this caller is still on the line", status=409, error_id="still_waiting")

    def _often(self, agent: AgentId, out: CallOut, now: datetime) -> None:
        if self.tallies.count("call_out", agent, at=now, window=HOUR) > MOST_OF_AGENT:
            raise RequestError("too many calls within an hour", status=429, error_id="too_many_calls")
        if out.why is not Why.DESTINATION and self.rows.count(out.callee.number, now - DAY) >= MOST_OF_NUMBER:
            raise RequestError("this number was called too often today", status=429, error_id="called_too_often")

    # ---- what the desk shows -----------------------------------------------------------------------------------

    def offered(self, agent: AgentId, language: Language) -> MayCall:
        """Whom the menu file allows, and the agent's last calls."""
        known = {one.name: one for tree in self.trees() for one in tree.destinations}
        now = self.clock.now()
        latest = self.rows.latest(agent, now - DAY, SHOWN)
        return MayCall(
            destinations=tuple((name, named(one.names, language)) for name, one in known.items()),
            latest=tuple(
                Called(
                    at=one.at,
                    why=one.why,
                    ref=one.ref,
                    label=named(known[one.ref].names, language)
                    if one.ref in known and one.why is Why.DESTINATION
                    else "",
                    number=self.mask(one.callee.number),
                    case=one.case,
                    result=one.result or ("" if now - (one.dialled_at or one.at) < RINGS else LOST),
                )
                for one in latest
            ),
        )


def _first(tree: MenuTree) -> TopicId:
    return next(iter(tree.topics))
