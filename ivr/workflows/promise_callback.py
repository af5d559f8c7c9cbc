"""What the rules of a callback must know before they decide: the number judged, the hours, what is promised already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from ivr.core.callback_events import CallbackAsked, CalleeAsked
from ivr.core.callback_rules import CallbackRules, Callee, Known, OpenCallback, Promise, attempt_of, fits, slots
from ivr.core.cases import Case
from ivr.core.errors import Unavailable
from ivr.core.estimates import Announceable
from ivr.core.events import Event, TurnAsked
from ivr.core.ids import NodeId, TopicId
from ivr.core.instructions import Link
from ivr.core.menus import Callback, MenuTree
from ivr.core.queueing import priority_of
from ivr.core.session import CallSession
from ivr.workflows.match_calls import tree_of
from ivr.workflows.ports import Menus, Sessions


class Promises(Protocol):
    """Open promises, by number. Raises `Unavailable`."""

    def open_of(self, number: str, hotline: str) -> Sequence[OpenCallback]: ...

    def asked(self, number: str, hotline: str, at: datetime) -> tuple[int, int]:
        """Requests of the number in the last hour, open promises of the hotline."""

    def find(self, callback: str) -> Promise | None: ...


class NumberPolicy(Protocol):
    """Whom we may call."""

    def judge(self, number: str, rules: CallbackRules) -> Callee | None: ...

    def keyed(self, digits: str, home: str, rules: CallbackRules) -> Callee | None: ...


class Estimates(Protocol):
    """How long the place that a promise keeps will wait (`EstimateWait`). Raises `Unavailable`."""

    def for_place(
        self, session: CallSession, topic: TopicId, tree: MenuTree, at: datetime, *, priority: int
    ) -> Announceable | None: ...


@dataclass(frozen=True, kw_only=True)
class TellOfCallbacks:
    """Fills the events of the doors `callback`, `wait` and `out`."""

    promises: Promises
    policy: NumberPolicy
    sessions: Sessions
    menus: Menus
    estimates: Estimates
    draw: Callable[[], str]
    """A fresh four-digit code."""
    case: Callable[[CallSession, datetime], Case]
    """The case that the call has or would open."""

    def asked(self, link: Link, event: Event) -> Event:
        """One step of the registration."""
        assert isinstance(event, CallbackAsked)
        session = self.sessions.find(link.call)
        tree = tree_of(self.menus, session) if session else self.menus.by_version(link.version)
        node = tree.nodes.get(session.node or NodeId("") if session else NodeId(link.node)) if tree else None
        if tree is None or session is None or not isinstance(node, Callback):
            return event
        return replace(event, known=self._known(session, event, tree, node))

    def _known(self, session: CallSession, event: CallbackAsked, tree: MenuTree, node: Callback) -> Known:
        rules, registration = tree.callbacks, session.registration
        stage = registration.stage if registration else ""
        if stage == "entry":
            callee = self.policy.keyed(event.keys, tree.numbers[0], rules) if event.keys else None
        elif registration is not None and registration.callee is not None:
            callee = registration.callee
        else:
            callee = self.policy.judge(session.caller.number or "", rules)
        known = Known(callee=callee, code=self.draw())
        if callee is None:
            return known
        mine, every = self.promises.asked(callee.number, tree.hotline, event.at)
        refused = "cap_number" if mine >= rules.per_hour else "cap_all" if every >= rules.most_open else ""
        calendar = tree.calendar_of(node.topic)
        return replace(
            known,
            open=self._open(callee.number, tree.hotline, node.topic),
            refused=refused,
            now_fits=fits(event.at, callee, rules, calendar),
            slots=slots(event.at, callee, rules, calendar) if stage in ("number", "when") else (),
            case=self.case(session, event.at),
            wait=self._wait(session, event, tree, node) if stage == "when" else None,
        )

    def _wait(self, session: CallSession, event: CallbackAsked, tree: MenuTree, node: Callback) -> Announceable | None:
        """What may be told of the wait to who keeps the place; without the queue or the past, nothing."""
        priority = priority_of(node, tree.topic(node.topic))
        with suppress(Unavailable):
            return self.estimates.for_place(session, node.topic, tree, event.at, priority=priority)
        return None

    def _open(self, number: str, hotline: str, topic: TopicId) -> OpenCallback | None:
        return next((one for one in self.promises.open_of(number, hotline) if one.topic == topic), None)

    def waits(self, link: Link, event: Event) -> Event:
        """The first turn of a wait: a caller who was promised a callback about the same is told so."""
        assert isinstance(event, TurnAsked)
        if link.tries or attempt_of(link.call) is not None:
            return event
        session = self.sessions.find(link.call)
        if session is None or session.caller.number is None or session.topic is None:
            return event
        return replace(event, promised=self._open(session.caller.number, session.hotline, session.topic))

    def out(self, link: Link, event: Event) -> Event:
        """A leg that we called: what was promised to whom answers it."""
        assert isinstance(event, CalleeAsked)
        kept = attempt_of(link.call)
        return replace(event, promise=self.promises.find(kept[0])) if kept else event
