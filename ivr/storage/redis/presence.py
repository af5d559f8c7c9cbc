"""The agents who are signed in, and the offers they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ivr.core.agents import Agent, AgentEvent, Presence
from ivr.core.errors import Conflict
from ivr.core.ids import AgentId, CallId, OfferId
from ivr.core.matching import Signature
from ivr.core.presence import advance
from ivr.storage.redis.agent_rows import AgentRow, agent_row, write_agent
from ivr.storage.redis.connection import Link
from ivr.storage.redis.registry import Registry
from ivr.storage.redis.write import EPOCH, Write
from ivr.workflows.ports import Clock, OfferRow

TRIES = 20


@dataclass(frozen=True)
class RedisPresences:
    link: Link
    registry: Registry
    clock: Clock

    def change(self, agent: AgentId, event: AgentEvent) -> Agent:
        """Apply the event; an event that does not fit writes nothing. Raises `Conflict` after 20 times."""
        for _ in range(TRIES):
            row = self._row(agent)
            after = advance(row.agent, event)
            if after == row.agent or self._save(row, after):
                return after
            self.registry.forget()
        raise Conflict(f"agent {agent} keeps changing")

    def find(self, agent: AgentId) -> Agent | None:
        row = self._row(agent)
        return row.agent if row.version else None

    def all(self) -> Sequence[Agent]:
        """Everybody who is signed in, by id."""
        keys = self.link.keys

        def read(connection: Any) -> list[tuple[str, Any]]:
            agents = sorted(connection.smembers(keys("agents")))
            pipe = connection.pipeline(transaction=False)
            for agent in agents:
                pipe.hgetall(keys("a", agent))
            return list(zip(agents, pipe.execute(), strict=True))

        now = self.clock.now()
        rows = [agent_row(AgentId(agent), stored, at=now) for agent, stored in self.link.run(read)]
        return [row.agent for row in rows if row.version]

    def offer(self, offer: OfferId) -> OfferRow | None:
        stored = self.link.run(lambda connection: connection.hgetall(self.link.keys("of", offer)))
        if not stored:
            return None
        return OfferRow(
            offer=offer,
            call=CallId(stored["call"]),
            agent=AgentId(stored["agent"]),
            at=EPOCH + int(stored["at"]) * timedelta(microseconds=1),
            live=stored["live"] == "1",
        )

    def _row(self, agent: AgentId) -> AgentRow:
        stored = self.link.run(lambda connection: connection.hgetall(self.link.keys("a", agent)))
        return agent_row(agent, stored, at=self.clock.now())

    def _save(self, row: AgentRow, after: Agent) -> bool:
        if after.presence is not Presence.SIGNED_OUT:  # also who is not free is counted in reasons
            self.registry.ensure(signatures=[Signature.of(after.skills, after.languages)])
        write = Write(self.link, of=self.link.keys("a", after.id))
        write_agent(write, self.link.keys, row, after, at=self.clock.now())
        return write.send() is None
