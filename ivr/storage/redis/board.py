"""What the wallboard reads from the live store: queues and presences as they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ivr.core.agents import Presence
from ivr.core.ids import CallId, TopicId
from ivr.storage.redis.connection import Link
from ivr.storage.redis.write import EPOCH, MILLISECOND


@dataclass(frozen=True, kw_only=True)
class QueueSnapshot:
    """One topic's waiting callers (an offered caller waits no more)."""

    topic: TopicId
    waiting: int
    oldest_at: datetime | None
    """First queue time of the caller who waits longest."""
    calls: tuple[CallId, ...] = ()
    """In the order in which they are served, as far as asked for."""


@dataclass(frozen=True)
class RedisBoard:
    link: Link

    def queues(self, topics: Sequence[TopicId] | None = None, *, calls: int = 0) -> Sequence[QueueSnapshot]:
        """The queues of these topics (None: every topic that ever had a caller), with the first `calls` callers."""
        keys = self.link.keys

        def read(connection: Any) -> tuple[list[TopicId], list[Any]]:
            asked = (
                [TopicId(topic) for topic in sorted(connection.smembers(keys("topics")))] if topics is None else topics
            )
            pipe = connection.pipeline(transaction=True)
            for topic in asked:
                pipe.zcard(keys("o", topic))
                pipe.zrange(keys("o", topic), 0, 0, withscores=True)
                pipe.zrange(keys("t", topic), 0, calls - 1) if calls else pipe.zrange(keys("t", topic), 1, 0)
            return list(asked), list(pipe.execute())

        asked, answers = self.link.run(read)
        return [_snapshot(topic, *answers[at * 3 : at * 3 + 3]) for at, topic in enumerate(asked)]

    def presences(self) -> Mapping[Presence, int]:
        """Agents per presence; those signed out are not counted."""
        counts = self.link.run(lambda connection: connection.hgetall(self.link.keys("counts")))
        totals: dict[Presence, int] = {}
        for name, number in counts.items():
            presence = Presence(name.split("|", 1)[1])
            totals[presence] = totals.get(presence, 0) + int(number)
        return {presence: number for presence, number in totals.items() if number > 0}


def _snapshot(topic: TopicId, waiting: int, oldest: Sequence[Any], calls: Sequence[str]) -> QueueSnapshot:
    return QueueSnapshot(
        topic=topic,
        waiting=waiting,
        oldest_at=EPOCH + int(oldest[0][1]) * MILLISECOND if oldest else None,
        calls=tuple(CallId(call) for call in calls),
    )
