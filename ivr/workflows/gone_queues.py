"""Queues that no menu in service has any more, while somebody still waits in them.

A call finishes on the menu that it began with, so a queue outlives the version that had it: who waits there is served as before,
and must be seen on the board and by the rules of alerts like everybody else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.core.ids import CallId, TopicId
from ivr.core.menus import MenuTree, Topic
from ivr.core.session import CallSession
from ivr.workflows.board_rows import QueueNow
from ivr.workflows.ports import Menus


class QueueHead(QueueNow, Protocol):
    @property
    def calls(self) -> Sequence[CallId]: ...


class EveryQueue(Protocol):
    def queues(self, topics: Sequence[TopicId] | None = None, *, calls: int = 0) -> Sequence[QueueHead]:
        """Of every topic that ever had a caller, with the first `calls` callers."""


@dataclass(frozen=True, kw_only=True)
class GoneQueues:
    live: EveryQueue
    menus: Menus
    find: Callable[[CallId], CallSession | None]

    def __call__(self, known: Collection[TopicId]) -> Iterator[tuple[MenuTree, Topic, QueueNow]]:
        """Those with callers beside the `known` ones, each with the menu of who waits first."""
        for queue in self.live.queues(calls=1):
            if queue.topic in known or not queue.waiting or not queue.calls:
                continue
            session = self.find(queue.calls[0])
            tree = self.menus.by_version(session.menu_version) if session else None
            topic = tree.topics.get(queue.topic) if tree else None
            if tree is not None and topic is not None:
                yield tree, topic, queue
