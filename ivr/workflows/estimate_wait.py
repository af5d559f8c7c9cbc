"""What a waiting caller may be told: the place in line, and a wait only when data backs it.

The rule of what may be announced is `core.estimates`; this gathers what it asks for, and only for the turns that tell
something. The queue is read in one look whose cost follows the kinds of agents, not their number. What lies in
the past is read once a minute and topic, so that a thousand waiting callers do not ask SQL a thousand times.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.draft import ms_of
from ivr.core.errors import Unavailable
from ivr.core.estimates import Announceable, Estimator, QueueView, announce, estimates, in_seconds, shares
from ivr.core.events import TurnAsked
from ivr.core.ids import TopicId
from ivr.core.matching import Signature
from ivr.core.menus import MenuTree
from ivr.core.queueing import demand_of
from ivr.core.queues import Demand, QueuedCall
from ivr.core.session import CallSession
from ivr.core.waiting import tells_place
from ivr.workflows.match_calls import tree_of
from ivr.workflows.ports import Menus, QueueLook, QueueLooks

KEPT = timedelta(seconds=60)


class Past(Protocol):
    """What the records know of a topic (`storage.sql.waits.TopicPast`)."""

    @property
    def handle_time(self) -> timedelta | None: ...

    @property
    def handled(self) -> int: ...

    @property
    def last_wait(self) -> timedelta | None: ...

    @property
    def best(self) -> Estimator: ...


class Statistics(Protocol):
    def past(self, topic: str, at: datetime, *, zone: ZoneInfo) -> Past:
        """Raises Unavailable."""


@dataclass(frozen=True, kw_only=True)
class EstimateWait:
    """Fills position and expected wait into a turn that may tell them."""

    queues: QueueLooks
    menus: Menus
    past: Callable[[str], Statistics]
    """The records of one hotline."""
    _kept: dict[str, tuple[datetime, Past | None]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, session: CallSession, turn: TurnAsked) -> TurnAsked:
        if session.topic is None or not tells_place(session, turn.at):
            return turn
        look = self.queues.look(session.call, session.topic)
        tree = tree_of(self.menus, session)
        past = self._past(session.topic, turn.at, tree)
        if look.position is None or past is None:
            return replace(turn, position=look.position)
        view = _view(session.demand, tree, past, look, turn.at)
        every = in_seconds(estimates(view))
        said = announce(view, best=past.best)
        if said is None:
            return replace(turn, position=look.position, estimates=every)
        return replace(
            turn,
            position=look.position,
            estimate_s=said.wait.total_seconds(),
            estimator=said.estimator.value,
            estimates=every,
        )

    def for_place(
        self, session: CallSession, topic: TopicId, tree: MenuTree, at: datetime, *, priority: int
    ) -> Announceable | None:
        """What may be said of the wait for the place that a promise keeps. `priority`: of one who does not stand in line."""
        past = self._past(topic, at, tree)
        if past is None:
            return None
        demand = session.demand or demand_of(tree.topic(topic), session.language, priority=priority)
        queued_ms = ms_of(session.queued_at or at)
        place = QueuedCall(call=session.call, demand=demand, queued_ms=queued_ms).rank
        look = self.queues.look(session.call, topic, rank=place)
        return announce(_view(demand, tree, past, look, at), best=past.best)

    def _past(self, topic: str, at: datetime, tree: MenuTree) -> Past | None:
        key = f"{tree.hotline}:{topic}"
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and at - kept[0] < KEPT:
                return kept[1]
            try:
                found: Past | None = self.past(tree.hotline).past(topic, at, zone=ZoneInfo(tree.zone))
            except Unavailable:
                found = None
            self._kept[key] = (at, found)
            return found


def _view(demand: Demand | None, tree: MenuTree, past: Past, look: QueueLook, at: datetime) -> QueueView:
    able = [(kind, number) for kind, number in look.at_work if _able(kind, demand)]
    return QueueView(
        ahead=look.position or 0,
        agents=sum(number for _, number in able),
        share=shares(served for kind, number in able for served in [_topics_served(kind, tree)] * number),
        handle_time=past.handle_time,
        handled=past.handled,
        last_wait=past.last_wait,
        head_wait=at - look.oldest_at if look.oldest_at else None,
    )


def _able(kind: Signature, demand: Demand | None) -> bool:
    """Able at all: by the widest terms of the call."""
    return demand is not None and demand.terms[-1].met_by(dict(kind.skills), dict(kind.languages))


def _topics_served(kind: Signature, tree: MenuTree) -> int:
    skills = dict(kind.skills)
    return sum(all(skills.get(skill, 0) > 0 for skill in topic.skills) for topic in tree.topics.values())
