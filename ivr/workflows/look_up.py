"""Ask a system of the house about a call: what is sent, who is not asked just now, what is read from the answer.

A system that failed several times in a row is left alone for a while (its breaker is open): callers go the default way at once
instead of each waiting in vain. Then one call tries it again.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from ivr.core.errors import IvrError, Unavailable
from ivr.core.events import Event
from ivr.core.ids import NodeId
from ivr.core.instructions import Link
from ivr.core.lookups import Found, LookupAsked, read
from ivr.core.menus import Lookup, MenuTree
from ivr.core.session import CallSession
from ivr.workflows.ports import Menus, Sessions

OPENS_AFTER = 5
"""Failures in a row."""
STAYS_OPEN = timedelta(seconds=30)

log = structlog.get_logger(__name__)


class NotAnswered(IvrError):
    """No answer that can be used. `result` is one word: `timeout`, `refused`, `unreachable`, `status`, `too_large`, …"""

    def __init__(self, result: str, detail: str = "") -> None:
        super().__init__(f"{result}: {detail}" if detail else result)
        self.result = result


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question to one system."""

    to: str
    """An address, or `package.module:function` when `hook`."""
    hook: bool = False
    method: str = "post"
    body: Mapping[str, object]
    secret: str = ""
    """Name of the secret that goes with it; empty: none."""
    key: str
    """The same for a question asked again: who is asked may answer as before."""
    within: timedelta
    """For one try."""
    tries: int = 1


class Outside(Protocol):
    """Systems of the house."""

    def ask(self, question: Question) -> object:
        """The JSON value of the answer. Raises `NotAnswered`, after `LONGEST` at the latest, whatever happens there."""


@dataclass
class Breaker:
    """Of one system, in one process."""

    failures: int = 0
    until: datetime | None = None
    """Open until then; one call that comes later tries."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def admits(self, at: datetime) -> bool:
        with self.lock:
            if self.until is None:
                return True
            if at < self.until:
                return False
            self.until = at + STAYS_OPEN  # this one tries; the others wait for what comes of it
            return True

    def note(self, *, good: bool, at: datetime) -> None:
        with self.lock:
            self.failures = 0 if good else self.failures + 1
            if good:
                self.until = None
            elif self.failures >= OPENS_AFTER:
                self.until = at + STAYS_OPEN


@dataclass(frozen=True, kw_only=True)
class LookUp:
    """Fills the event of the door `lookup`."""

    outside: Outside
    sessions: Sessions
    menus: Menus
    breakers: dict[str, Breaker] = field(default_factory=dict)
    """By what is asked."""

    def __call__(self, link: Link, event: Event) -> Event:
        assert isinstance(event, LookupAsked)
        try:
            session = self.sessions.find(link.call)
        except Unavailable:
            return event
        tree = self.menus.by_version(session.menu_version if session else link.version)
        node = tree.nodes.get(session.node or NodeId("")) if session and tree else None
        if session is None or tree is None or not isinstance(node, Lookup):
            return event
        return replace(event, found=self._found(_question(session, tree, node, link), node, event.at))

    def _found(self, question: Question, node: Lookup, at: datetime) -> Found:
        breaker = self.breakers.setdefault(question.to, Breaker())
        if not breaker.admits(at):
            return Found(result="open")
        try:
            answer = self.outside.ask(question)
        except NotAnswered as err:
            breaker.note(good=False, at=at)
            log.warning("lookup_not_answered", node=node.id, reason=str(err))
            return Found(result=err.result)
        breaker.note(good=True, at=at)
        return Found(values=read(answer, node.sets))


def _question(session: CallSession, tree: MenuTree, node: Lookup, link: Link) -> Question:
    """Only what the node asks to send; the number only when it is named."""
    known: Mapping[str, object] = {
        "call": session.call,
        "hotline": session.hotline,
        "topic": session.topic or "",
        "path": list(session.path),
        "language": session.language,
        "answers": dict(session.answers),
        "verified": session.verified,
        "number": session.caller.number or "",
    }
    return Question(
        to=node.hook or node.url,
        hook=bool(node.hook),
        method=node.method,
        body={name: known[name] for name in node.send},
        secret=node.secret,
        key=f"{session.call}-{link.step}",
        within=node.timeout,
        tries=1 + node.retries,
    )
