"""The live calls. `change` reads, lets the core decide, and saves all that follows in one fenced write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from ivr.core.agents import Agent, AgentEvent, Released
from ivr.core.errors import Conflict
from ivr.core.ids import AgentId, CallId
from ivr.core.matching import Signature
from ivr.core.presence import advance
from ivr.core.session import CallSession, Step
from ivr.storage.redis import codec
from ivr.storage.redis.agent_rows import AgentRow, agent_row, write_agent
from ivr.storage.redis.connection import Link
from ivr.storage.redis.keys import KEEP_ENDED_S
from ivr.storage.redis.registry import Registry
from ivr.storage.redis.session_rows import SessionRow, queued_call, session_row, write_session
from ivr.storage.redis.write import Write
from ivr.workflows.ports import Clock, Decide, Saved

TRIES = 20
PAGE = 100


@dataclass(frozen=True)
class RedisSessions:
    link: Link
    registry: Registry
    clock: Clock

    def change(self, call: CallId, decide: Decide, *, step: str = "") -> Saved | None:
        """Read, decide, save; again when somebody was faster. Raises `Conflict` after 20 times, and `Unavailable`.

        An offer is taken up only while its claim stands: a step into OFFERED with another offer than the claimed
        one comes too late, changes nothing and gives None.
        """
        for _ in range(TRIES):
            row = self._read(call, step)
            if row.reply is not None and row.session is not None:
                return _again(row.session, row.reply)
            made, wanted = self._decided(row, decide)
            if made is None:
                return None
            saved = self._save(row, made, step)
            if saved is not None:
                return saved if wanted else None
        raise Conflict(f"call {call} keeps changing")

    def find(self, call: CallId) -> CallSession | None:
        text = self.link.run(lambda connection: connection.hget(self.link.keys("s", call), "j"))
        return codec.loads(CallSession, cast("str", text)) if text else None

    def live(self) -> Iterator[CallSession]:
        """Every call that has not ended, read in pages: one that ends meanwhile may be missing or not."""
        calls = sorted(self.link.run(lambda connection: connection.smembers(self.link.keys("live"))))
        for start in range(0, len(calls), PAGE):
            for text in self._page(calls[start : start + PAGE]):
                if text is not None:
                    yield codec.loads(CallSession, text)

    def _page(self, calls: Sequence[str]) -> Sequence[str | None]:
        def read(connection: Any) -> list[Any]:
            pipe = connection.pipeline(transaction=False)
            for call in calls:
                pipe.hget(self.link.keys("s", call), "j")
            return list(pipe.execute())

        return self.link.run(read)

    def _read(self, call: CallId, step: str) -> SessionRow:
        keys = self.link.keys
        if not step:
            stored = self.link.run(lambda connection: connection.hgetall(keys("s", call)))
            return session_row(stored, None)

        def read(connection: Any) -> list[Any]:
            pipe = connection.pipeline(transaction=False)
            pipe.hgetall(keys("s", call))
            pipe.hget(keys("r", call), step)
            return list(pipe.execute())

        stored, reply = self.link.run(read)
        return session_row(stored, reply)

    def _decided(self, row: SessionRow, decide: Decide) -> tuple[Step | None, bool]:
        """The step to save, and whether it is the one asked for.

        A claim that nobody took up in time is put right whatever is asked.
        """
        made = decide(row.session)
        if made is not None and not _late(row, made.session):
            return made, True
        if row.session is not None and row.claim is not None and row.claim.overdue(self.clock.now()):
            return Step(session=row.session), False
        return None, False

    def _save(self, row: SessionRow, made: Step, step: str) -> Saved | None:
        """Write everything; None when somebody was faster."""
        now, keys = self.clock.now(), self.link.keys
        events, claimed = self._agents_meant(row, made, now)
        rows = self._agent_rows(events, now)
        agents = {agent: _advanced(rows[agent].agent, said) for agent, said in events.items()}
        write = Write(self.link, of=keys("s", made.session.call))
        self._register(made.session, agents.values())
        write_session(write, keys, row, made, claimed=claimed)
        for agent, after in agents.items():
            if after != rows[agent].agent:
                write_agent(write, keys, rows[agent], after, at=now)
        if step:
            write.do("HSET", keys("r", made.session.call), step, codec.dump_all(made.instructions))
            write.do("EXPIRE", keys("r", made.session.call), KEEP_ENDED_S)
        broken = write.send()
        if broken is not None:
            self.registry.forget()
            return None
        freed = tuple(agent for agent, after in agents.items() if after.free and not rows[agent].agent.free)
        return Saved(step=made, freed=freed)

    def _agents_meant(self, row: SessionRow, made: Step, now: datetime) -> tuple[dict[AgentId, list[AgentEvent]], bool]:
        """What the step means for agents, a void claim included; and whether a claim goes on."""
        events: dict[AgentId, list[AgentEvent]] = {}
        for agent, event in made.agents:
            events.setdefault(agent, []).append(event)
        claim, session = row.claim, made.session
        if claim is None or claim.offer in session.offers_held:
            return events, False
        release = Released(at=now, offer=claim.offer)
        let_go = any(getattr(event, "offer", None) == claim.offer for event in events.get(claim.agent, ()))
        if _seeks_the_same(row.session, session) and not let_go and not claim.overdue(now):
            return events, True
        if not let_go:
            events.setdefault(claim.agent, []).append(release)
        return events, False

    def _agent_rows(self, agents: Mapping[AgentId, object], now: datetime) -> dict[AgentId, AgentRow]:
        def read(connection: Any) -> list[Any]:
            pipe = connection.pipeline(transaction=False)
            for agent in agents:
                pipe.hgetall(self.link.keys("a", agent))
            return list(pipe.execute())

        stored = self.link.run(read) if agents else []
        return {agent: agent_row(agent, one, at=now) for agent, one in zip(agents, stored, strict=True)}

    def _register(self, session: CallSession, agents: Any) -> None:
        waiting = queued_call(session)
        self.registry.ensure(
            demands=[waiting.demand] if waiting else [],
            signatures=[Signature.of(agent.skills, agent.languages) for agent in agents if agent.free],
        )


def _late(row: SessionRow, session: CallSession) -> bool:
    """True for an offer that is taken up after its claim was void. A call that begins with one (a call out) had no claim."""
    if row.session is None:
        return False
    before = row.session.offers_held
    claimed = row.claim.offer if row.claim else None
    return any(offer not in before and offer != claimed and session.rings(offer) for offer in session.offers_held)


def _seeks_the_same(before: CallSession | None, after: CallSession) -> bool:
    """True while a claim still finds what it was made for."""
    if before is None or before.sought is None or after.sought is None:
        return False
    return before.state is after.state and before.sought.topic == after.sought.topic


def _advanced(agent: Agent, events: Sequence[AgentEvent]) -> Agent:
    for event in events:
        agent = advance(agent, event)
    return agent


def _again(session: CallSession, reply: str) -> Saved:
    """The answer of then; nothing changes."""
    return Saved(step=replace(Step(session=session), instructions=codec.load_instructions(reply)), replayed=True)
