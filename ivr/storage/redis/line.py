"""A queue as one of its callers finds it: the place, the longest wait, and who is at work, in one round trip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ivr.core.agents import Presence
from ivr.core.ids import CallId, TopicId
from ivr.core.matching import Signature
from ivr.storage.redis.connection import Link
from ivr.storage.redis.registry import Registry
from ivr.storage.redis.write import EPOCH, MILLISECOND
from ivr.workflows.ports import QueueLook

AT_WORK = frozenset({Presence.AVAILABLE, Presence.RESERVED, Presence.ON_CALL, Presence.WRAP_UP})


@dataclass(frozen=True)
class RedisLine:
    link: Link
    registry: Registry

    def look(self, call: CallId, topic: TopicId, *, rank: int | None = None) -> QueueLook:
        keys = self.link.keys

        def read(connection: Any) -> list[Any]:
            pipe = connection.pipeline(transaction=False)
            if rank is None:
                pipe.zrank(keys("t", topic), call)
            else:
                pipe.zcount(keys("t", topic), "-inf", rank)
            pipe.zrange(keys("o", topic), 0, 0, withscores=True)
            pipe.hgetall(keys("counts"))
            pipe.hget(keys("meta"), "reg")
            return list(pipe.execute())

        position, oldest, counts, version = self.link.run(read)
        return QueueLook(
            position=position,
            oldest_at=EPOCH + int(oldest[0][1]) * MILLISECOND if oldest else None,
            at_work=list(self._at_work(counts, version)),
        )

    def _at_work(self, counts: Mapping[str, str], version: str | None) -> Iterator[tuple[Signature, int]]:
        """From the counts kept per kind and presence: no agent is looked at."""
        here: Counter[str] = Counter()
        for name, number in counts.items():
            kind, _, presence = name.partition("|")
            if presence in AT_WORK and int(number) > 0:
                here[kind] += int(number)
        known = self.registry.at(version).signatures
        for kind, total in here.items():
            if kind in known:
                yield known[kind], total
