"""What supervisors tell an agent, one after another, until the agent has read it: none takes another's place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ivr.core.ids import AgentId
from ivr.core.room import SupervisorNote
from ivr.storage.redis import codec
from ivr.storage.redis.connection import Link

KEEP_S = 12 * 3600
MOST = 50


@dataclass(frozen=True)
class SupervisorNotes:
    """Raises `Unavailable`."""

    link: Link

    def put(self, agent: AgentId, note: SupervisorNote) -> None:
        """Behind those that are not read yet."""

        def add(connection: Any) -> None:
            pipe = connection.pipeline(transaction=True)
            pipe.rpush(self._key(agent), codec.dumps(note)).ltrim(self._key(agent), -MOST, -1)
            pipe.expire(self._key(agent), KEEP_S).execute()

        self.link.run(add)
        self._tell(agent)

    def find(self, agent: AgentId) -> SupervisorNote | None:
        """The oldest that is not read yet."""
        stored = self.link.run(lambda connection: connection.lindex(self._key(agent), 0))
        return codec.loads(SupervisorNote, stored) if stored else None

    def drop(self, agent: AgentId, note: str) -> None:
        """The agent has read it; others stay."""

        def take(connection: Any) -> bool:
            unread = connection.lrange(self._key(agent), 0, -1)
            read = [one for one in unread if codec.loads(SupervisorNote, one).id == note]
            return any(connection.lrem(self._key(agent), 1, one) for one in read)

        if self.link.run(take):
            self._tell(agent)

    def _tell(self, agent: AgentId) -> None:
        self.link.run(lambda connection: connection.publish(self.link.keys("feed"), f"agent:{agent}"))

    def _key(self, agent: AgentId) -> str:
        return self.link.keys("sns", agent)
