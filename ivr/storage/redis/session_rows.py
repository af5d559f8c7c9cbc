"""How a call stands in Redis: read with its version and claim, written with its place in the index.

The index holds a call exactly while its session seeks somebody (`sought`: a caller who waits, a talk whose agent asks
for a colleague) and no claim is under way. A claim script takes the call out
of the index and notes the offer beside the session; from then on

- a save that leaves the call seeking the same (a wait turn, a new rank) keeps the claim, and the call stays out;
- a save that takes the offer up (it is one of the session's) ends the claim;
- a save that leads elsewhere (the caller left) voids the claim and frees the agent in the same write;
- the same goes for a save after which somebody else is sought (another topic, a caller's agent in place of a colleague);
- a claim that nobody took up in time (the process died in between) is voided by the next change of the call, which the
  claim's own wake-up brings about; the caller is back in the old place.

A talk that seeks a colleague takes the next free agent of its topic, so it counts in the place of those behind it (`t`),
but it is no caller who waits (`o`). One that seeks a person stands in nobody's way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.core.callback_owner import owner_of
from ivr.core.ids import AgentId, CallId, OfferId
from ivr.core.instructions import Alarm
from ivr.core.queues import QueuedCall
from ivr.core.session import CallSession, State, Step
from ivr.storage.redis import codec
from ivr.storage.redis.keys import KEEP_ENDED_S, Keys
from ivr.storage.redis.write import Write, ms

TAKE_UP = timedelta(seconds=3)
"""A claim that is not taken up by then is void: its process died."""

CALL_ALARMS = tuple(alarm for alarm in Alarm if alarm not in (Alarm.WRAP_UP, Alarm.PRESENCE))


@dataclass(frozen=True, kw_only=True)
class StoredClaim:
    """A claim that the session does not know of yet."""

    offer: OfferId
    agent: AgentId
    at_ms: int

    def overdue(self, now: datetime) -> bool:
        return ms(now) - self.at_ms >= ms_of(TAKE_UP)


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    """One call as stored. Version 0: not stored."""

    session: CallSession | None = None
    version: int = 0
    demand: str = ""
    """Where the call stands in the index; empty: nowhere."""
    topic: str = ""
    claim: StoredClaim | None = None
    reply: str | None = None
    """What answered the step that is asked about."""


def session_row(stored: Mapping[str, str], reply: str | None) -> SessionRow:
    if "j" not in stored:
        return SessionRow()
    claim = None
    if "cl" in stored:
        claim = StoredClaim(offer=OfferId(stored["cl"]), agent=AgentId(stored["ca"]), at_ms=int(stored["ct"]))
    return SessionRow(
        session=codec.loads(CallSession, stored["j"]),
        version=int(stored["v"]),
        demand=stored.get("d", ""),
        topic=stored.get("tp", "") if "d" in stored else "",
        claim=claim,
        reply=reply,
    )


def write_session(write: Write, keys: Keys, row: SessionRow, step: Step, *, claimed: bool) -> None:
    """Put the step's session in the place of `row`, if nobody was faster. `claimed`: a claim goes on."""
    session = step.session
    key = keys("s", session.call)
    write.check(key, "v", str(row.version) if row.version else "")
    version = row.version + 1
    write.do("HSET", key, "v", version, "st", session.state, "j", codec.dumps(session))
    _place(write, keys, row, session, claimed=claimed)
    if row.claim is not None and not claimed:
        write.do("HDEL", key, "cl", "ca", "ct")
    _alarms(write, row, step)
    for number, fact in enumerate(step.facts):
        fact_id = f"{session.call}:{version}-{write.token}:{number}"
        write.fact(fact_id, session.hotline, codec.dump_tagged(fact))
    for order in step.orders:
        write.order(codec.dump_tagged(order))
    _life(write, keys, row, session)
    _tell(write, row.session, session)


def _place(write: Write, keys: Keys, row: SessionRow, session: CallSession, *, claimed: bool) -> None:
    """In the index exactly while the call waits unclaimed; every save says so again."""
    key, waiting = keys("s", session.call), queued_call(session)
    demand = waiting.demand if waiting and not claimed else None
    _own(write, keys, row, waiting if demand else None)
    if row.demand and (demand is None or demand.key != row.demand or demand.topic != row.topic):
        write.do("ZREM", keys("q", row.demand), session.call)
        write.do("ZREM", keys("t", row.topic), session.call)
        write.do("ZREM", keys("o", row.topic), session.call)
        write.do("HDEL", key, "d")
        write.head(keys("q", row.demand), keys("lh"), row.demand)
    if demand is None or waiting is None:
        return
    write.check(keys("demands"), demand.key, "*")
    write.do("ZADD", keys("q", demand.key), waiting.rank, session.call)
    if session.state is State.QUEUED:
        write.do("ZADD", keys("o", demand.topic), waiting.queued_ms, session.call)
    if session.consult is None or session.consult.wanted is None:
        write.do("ZADD", keys("t", demand.topic), waiting.rank, session.call)
    write.do("SADD", keys("topics"), demand.topic)
    write.do("HSET", key, "d", demand.key, "tp", demand.topic, "rk", waiting.rank)
    write.head(keys("q", demand.key), keys("lh"), demand.key)


def _own(write: Write, keys: Keys, row: SessionRow, waiting: QueuedCall | None) -> None:
    """In the list of the agent for whom the call is kept, exactly while it waits unclaimed."""
    before = owner_of(row.session.sought) if row.session else None
    now = owner_of(waiting.demand) if waiting else None
    if before is not None and before != now:
        write.do("ZREM", keys("own", before), row.session.call if row.session else "")
    if now is not None and waiting is not None:
        write.do("ZADD", keys("own", now), waiting.rank, waiting.call)


def queued_call(session: CallSession) -> QueuedCall | None:
    """The call as the index knows it; None: it does not wait."""
    sought = session.sought
    if sought is None or session.queued_at is None:
        return None
    return QueuedCall(call=session.call, demand=sought, queued_ms=ms(session.queued_at))


def _alarms(write: Write, row: SessionRow, step: Step) -> None:
    """Wake-ups as the step says; an ended call leaves none behind but those that the step itself sets."""
    call, asked = step.session.call, {wake.alarm for wake in step.wake_ups}
    if step.session.state is State.ENDED and row.session is not None and row.session.state is not State.ENDED:
        write.rest([call_alarm(call, alarm) for alarm in CALL_ALARMS if alarm not in asked])
    for wake in step.wake_ups:
        write.wake(call_alarm(call, wake.alarm), wake.at, wake.ref)


def call_alarm(call: CallId, alarm: Alarm) -> str:
    return f"c:{call}:{alarm}"


def _life(write: Write, keys: Keys, row: SessionRow, session: CallSession) -> None:
    """Live calls are listed and stay; ended ones are kept for late requests."""
    before = row.session.state if row.session else None
    if session.state is State.ENDED:
        if before is not State.ENDED:
            write.do("SREM", keys("live"), session.call)
        write.do("EXPIRE", keys("s", session.call), KEEP_ENDED_S)
    elif before is None or before is State.ENDED:
        write.do("SADD", keys("live"), session.call)
        write.do("PERSIST", keys("s", session.call))


def _tell(write: Write, before: CallSession | None, session: CallSession) -> None:
    was = before.state if before else None
    if session.state is not was or (before is not None and before.sought != session.sought):
        write.tell("board")
    agents = {*_at_work(session), *(_at_work(before) if before else ())}
    if before != session:
        write.tell(*(f"agent:{agent}" for agent in sorted(agents)))


def _at_work(session: CallSession) -> set[AgentId]:
    helper = session.consult.agent if session.consult else None
    return {agent for agent in (session.agent, helper) if agent is not None}


def ms_of(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
