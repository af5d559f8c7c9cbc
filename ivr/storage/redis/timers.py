"""Wake-ups: one sorted set by due time in milliseconds. A taken one comes back unless it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from ivr.core.ids import AgentId, CallId
from ivr.core.instructions import Alarm
from ivr.storage.redis.agent_rows import agent_alarm
from ivr.storage.redis.connection import Link
from ivr.storage.redis.session_rows import call_alarm, ms_of
from ivr.storage.redis.write import EPOCH, MILLISECOND, Write, ms
from ivr.workflows.ports import Clock, Due

LEASE = timedelta(seconds=10)


@dataclass(frozen=True)
class RedisTimers:
    link: Link
    clock: Clock

    def due(self, *, limit: int = 100) -> Sequence[Due]:
        now = ms(self.clock.now())
        flat = cast("list[str]", self.link.script("timers_due", now, ms_of(LEASE), limit))
        return [_due(*flat[at : at + 3]) for at in range(0, len(flat), 3)]

    def done(self, due: Due) -> None:
        self.link.script("timers_done", _member(due), ms(due.at))

    def next_at(self) -> datetime | None:
        """When the next wake-up is due; a taken one counts from when it would come back."""
        first = self.link.run(lambda connection: connection.zrange(self.link.keys("wake"), 0, 0, withscores=True))
        return EPOCH + int(first[0][1]) * MILLISECOND if first else None

    def set_agent(self, agent: AgentId, alarm: Alarm, at: datetime | None) -> None:
        write = Write(self.link, of=self.link.keys("meta"))
        write.wake(agent_alarm(agent, alarm), at)
        write.send()


def _due(member: str, at_ms: str, ref: str) -> Due:
    sort, rest = member.split(":", 1)
    whose, alarm = rest.rsplit(":", 1)
    return Due(
        alarm=Alarm(alarm),
        ref=ref,
        call=CallId(whose) if sort == "c" else None,
        agent=AgentId(whose) if sort == "a" else None,
        at=EPOCH + int(float(at_ms)) * MILLISECOND,
    )


def _member(due: Due) -> str:
    if due.call is not None:
        return call_alarm(due.call, due.alarm)
    if due.agent is None:
        raise ValueError("a wake-up is about a call or an agent")
    return agent_alarm(due.agent, due.alarm)
