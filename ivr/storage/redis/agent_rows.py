"""How an agent stands in Redis: read with its version, written with everything that depends on its presence.

A claim script cannot rewrite the agent's JSON, so it leaves the offer beside it; reading applies it by the very rule of
the core (`Offered`). Every write keeps the idle list, the counts, the fact about the change and the wake-up that ends a
wrap-up in step with the agent, in one commit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ivr.core.agents import Agent, Offered, Presence
from ivr.core.facts import PresenceChanged
from ivr.core.ids import AgentId, CallId, OfferId
from ivr.core.instructions import Alarm
from ivr.core.matching import Signature
from ivr.core.presence import advance
from ivr.storage.redis import codec
from ivr.storage.redis.keys import KEEP_ENDED_S, KEEP_LIVE_OFFER_S, KEEP_OFFER_S, Keys
from ivr.storage.redis.write import Write, us

RESERVATION = ("eo", "ec", "et", "ea")


@dataclass(frozen=True, kw_only=True)
class AgentRow:
    """One agent as stored. Version 0: not stored."""

    agent: Agent
    version: int
    signature: str
    presence: str


def agent_row(agent: AgentId, stored: dict[str, str], *, at: datetime) -> AgentRow:
    """Unknown agents read as signed out."""
    if "j" not in stored:
        unknown = Agent(id=agent, since=at, idle_since=at)
        return AgentRow(agent=unknown, version=0, signature="", presence="")
    found = codec.loads(Agent, stored["j"])
    if "eo" in stored:
        offered = Offered(
            at=datetime.fromisoformat(stored["ea"]),
            offer=OfferId(stored["eo"]),
            call=CallId(stored["ec"]),
            topic=stored["et"],
        )
        found = advance(found, offered)
    return AgentRow(agent=found, version=int(stored["v"]), signature=stored["sig"], presence=stored["p"])


def write_agent(write: Write, keys: Keys, row: AgentRow, after: Agent, *, at: datetime) -> None:
    """Put `after` in the place of `row`, if nobody was faster. The signature must be registered."""
    key, signature = keys("a", after.id), Signature.of(after.skills, after.languages)
    write.check(key, "v", str(row.version) if row.version else "")
    if after.free:
        write.check(keys("sigs"), signature.key, "*")
    version = row.version + 1
    fields: dict[str, Any] = {
        "v": version,
        "j": codec.dumps(after),
        "p": after.presence,
        "sig": signature.key,
        "id": us(after.idle_since),
        "ph": after.phone,
    }
    write.do("HSET", key, *(word for pair in fields.items() for word in pair))
    write.do("HDEL", key, *RESERVATION)
    _index(write, keys, row, after, signature.key)
    _finish_offer(write, keys, row.agent, after)
    _found_offer(write, keys, row.agent, after)
    _wrap_up(write, row.agent, after)
    if changed(row.agent, after):
        write.fact(f"agent-{after.id}:{version}-{write.token}:0", "", codec.dump_tagged(_fact(after, at)))
        write.tell("board", f"agent:{after.id}")
    elif not same_but_seen(row.agent, after):
        write.tell(f"agent:{after.id}")


def _index(write: Write, keys: Keys, row: AgentRow, after: Agent, signature: str) -> None:
    """Free agents stand in the idle list of their signature; the rest in none. Counts follow."""
    if row.presence == Presence.AVAILABLE and (row.signature != signature or not after.free):
        write.do("ZREM", keys("i", row.signature), after.id)
        write.head(keys("i", row.signature), keys("ih"), row.signature)
    if after.free:
        write.do("ZADD", keys("i", signature), us(after.idle_since), after.id)
        write.head(keys("i", signature), keys("ih"), signature)
    was, now = (row.signature, row.presence), (signature, after.presence.value)
    if was != now:
        for (kind, presence), step in ((was, -1), (now, 1)):
            if presence not in ("", Presence.SIGNED_OUT):
                write.do("HINCRBY", keys("counts"), f"{kind}|{presence}", step)
    if after.presence is Presence.SIGNED_OUT:
        write.do("SREM", keys("agents"), after.id)
        write.do("EXPIRE", keys("a", after.id), KEEP_ENDED_S)
    elif not row.version or row.presence == Presence.SIGNED_OUT:
        write.do("SADD", keys("agents"), after.id)
        write.do("PERSIST", keys("a", after.id))


def _finish_offer(write: Write, keys: Keys, before: Agent, after: Agent) -> None:
    """An offer is over when its agent lets go of it, or has talked."""
    if before.offer is None or before.presence is Presence.WRAP_UP:
        return
    if after.offer != before.offer or after.presence is Presence.WRAP_UP:
        write.do("HSET", keys("of", before.offer), "live", "0")
        write.do("EXPIRE", keys("of", before.offer), KEEP_OFFER_S)


def _found_offer(write: Write, keys: Keys, before: Agent, after: Agent) -> None:
    """An offer that no claim of this Redis made: that of a talk which it forgot."""
    if after.offer is not None and before.offer is None:
        words = ("call", after.call or "", "agent", after.id, "at", us(after.since), "live", "1")
        write.do("HSET", keys("of", after.offer), *words)
        write.do("EXPIRE", keys("of", after.offer), KEEP_LIVE_OFFER_S)


def _wrap_up(write: Write, before: Agent, after: Agent) -> None:
    if after.wrap_up_until != before.wrap_up_until:
        write.wake(agent_alarm(after.id, Alarm.WRAP_UP), after.wrap_up_until, after.offer or "")


def agent_alarm(agent: AgentId, alarm: Alarm) -> str:
    return f"a:{agent}:{alarm}"


def changed(before: Agent, after: Agent) -> bool:
    """True when reports must know: another presence, or another offer in the same one (let go of while away)."""
    return (before.presence, before.reason, before.offer) != (after.presence, after.reason, after.offer)


def same_but_seen(before: Agent, after: Agent) -> bool:
    return replace(before, seen=after.seen) == after


def _fact(agent: Agent, at: datetime) -> PresenceChanged:
    return PresenceChanged(
        at=at,
        agent=agent.id,
        presence=agent.presence.value,
        reason=agent.reason,
        call=agent.call,
        offer=agent.offer,
    )
