"""What a supervisor tells an agent: the last word, until the agent puts it away."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.ids import AgentId
from ivr.core.room import SupervisorNote
from ivr.storage.redis import codec
from ivr.storage.redis.connection import Link

KEEP_S = 12 * 3600


@dataclass(frozen=True)
class SupervisorNotes:
    """Raises `Unavailable`."""

    link: Link

    def put(self, agent: AgentId, note: SupervisorNote) -> None:
        self.link.run(lambda connection: connection.set(self._key(agent), codec.dumps(note), ex=KEEP_S))
        self._tell(agent)

    def find(self, agent: AgentId) -> SupervisorNote | None:
        stored = self.link.run(lambda connection: connection.get(self._key(agent)))
        return codec.loads(SupervisorNote, stored) if stored else None

    def drop(self, agent: AgentId, note: str) -> None:
        """The agent has read it; one that came meanwhile stays."""
        found = self.find(agent)
        if found is not None and found.id == note:
            self.link.run(lambda connection: connection.delete(self._key(agent)))
            self._tell(agent)

    def _tell(self, agent: AgentId) -> None:
        self.link.run(lambda connection: connection.publish(self.link.keys("feed"), f"agent:{agent}"))

    def _key(self, agent: AgentId) -> str:
        return self.link.keys("sn", agent)
