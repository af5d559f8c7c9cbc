"""The claim: one script takes the best pair and claims both sides, or neither."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from redis.exceptions import ResponseError

from ivr.core.agents import Presence
from ivr.core.errors import Unavailable
from ivr.core.events import Matched
from ivr.core.ids import AgentId, CallId, OfferId
from ivr.core.matching import explain
from ivr.storage.redis.connection import Link
from ivr.storage.redis.registry import Registry
from ivr.storage.redis.session_rows import TAKE_UP, ms_of
from ivr.storage.redis.write import ms, us
from ivr.workflows.ports import Claim, Clock, Refusal

SWEEP_AT_MOST = 1000
"""Claims of one sweep; the next one goes on."""


@dataclass(frozen=True)
class Around:
    """What was read with a script's answer: the agents per kind and presence, and the version of the tables."""

    counts: Mapping[str, str]
    version: str | None
    at: datetime


@dataclass(frozen=True)
class RedisMatcher:
    link: Link
    registry: Registry
    clock: Clock

    def for_call(self, call: CallId) -> Claim | Refusal:
        return self._seek("match_call", call)

    def for_agent(self, agent: AgentId) -> Claim | Refusal:
        return self._seek("match_agent", agent)

    def directed(self, call: CallId, agent: AgentId) -> Claim | Refusal:
        return self._seek("match_directed", call, agent)

    def sweep(self) -> Sequence[Claim]:
        """Every pair that could be matched and was not, the most urgent first. One read while there is none.

        A head that finds nobody speaks for its whole list: the others have waited less.
        """
        claims: list[Claim] = []
        refused: set[str] = set()
        while len(claims) < SWEEP_AT_MOST and (head := self._next_head(refused)) is not None:
            demand, call = head
            outcome = self.for_call(call)
            if isinstance(outcome, Claim):
                claims.append(outcome)
            else:
                refused.add(demand)
        return claims

    def position(self, call: CallId) -> int | None:
        keys = self.link.keys

        def read(connection: Any) -> int | None:
            waits, topic = connection.hmget(keys("s", call), ["d", "tp"])
            return connection.zrank(keys("t", topic), call) if waits else None

        return self.link.run(read)

    def _next_head(self, refused: set[str]) -> tuple[str, CallId] | None:
        """The most urgent head whom somebody idle can serve now and whose list was not refused yet: demand and call."""
        keys = self.link.keys

        def read(connection: Any) -> list[Any]:
            pipe = connection.pipeline(transaction=False)
            return list(pipe.hgetall(keys("lh")).hgetall(keys("ih")).hget(keys("meta"), "reg").execute())

        waiting, idle, version = self.link.run(read)
        if not waiting or not idle:
            return None
        now_ms, rows = ms(self.clock.now()), self.registry.at(version).tables.by_demand
        heads = [(int(rank), call, demand) for demand, (rank, call) in _parsed(waiting) if demand not in refused]
        for rank, call, demand in sorted(heads):
            fits = rows.get(demand, {})
            if any(one in fits and rank + fits[one].bound_ms <= now_ms for one in idle):
                return demand, CallId(call)
        return None

    def _seek(self, name: str, *whom: str) -> Claim | Refusal:
        """Run a match script; what explains its answer comes with it."""
        now, keys = self.clock.now(), self.link.keys
        answer, counts, version = self.link.script_then(
            name, (*fence(now), *whom), lambda pipe: pipe.hgetall(keys("counts")).hget(keys("meta"), "reg")
        )
        if answer[0] == "claimed":
            return self._claim(answer, Around(counts, version, now))
        if answer[0] == "nobody" and len(answer) > 1:
            return Refusal(reason=self._looked_at(Around(counts, version, now), answer[1], int(answer[2])))
        detail = {"presence": answer[1]} if answer[0] == "busy" else {}
        return Refusal(reason={"why": answer[0], **detail})

    def _claim(self, answer: Sequence[str], around: Around) -> Claim:
        _, call, offer, agent, phone, demand, rank, distance, idle_us = answer
        idle_s = max(0, (us(around.at) - int(idle_us)) // 10**6)
        reason: dict[str, object] = {"terms": int(distance), "idle_s": idle_s, "directed": int(distance) < 0}
        with suppress(Unavailable, ResponseError):  # the claim is made: a lost reason must not lose it
            seen = self._looked_at(around, demand, int(rank))
            if int(distance) >= 0:  # the agent just claimed was one of those who could
                seen |= {"able": seen["able"] + 1, "busy": seen["busy"] - 1}
            reason = {**seen, **reason}
        matched = Matched(at=around.at, offer=OfferId(offer), agent=AgentId(agent), phone=phone, reason=reason)
        return Claim(call=CallId(call), matched=matched)

    def _looked_at(self, around: Around, demand_key: str, rank: int) -> dict[str, int]:
        """The agents signed in, by what stands in their way (`explain`), from counts kept per kind: no scan."""
        known = self.registry.at(around.version)
        if (demand := known.demands.get(demand_key)) is None:
            return {"able": 0, "busy": 0}
        waited_ms, stands = ms(around.at) - rank - demand.offset_ms, known.standings(demand_key)
        groups = [(*_kind(name), int(number)) for name, number in around.counts.items() if number != "0"]
        people = ((stands[one], presence, number) for one, presence, number in groups if one in stands and number > 0)
        return {**explain(people, waited_ms=waited_ms), "waited_s": waited_ms // 1000}


def _parsed(heads: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    return ((kind, text.split()) for kind, text in heads.items())


def fence(now: datetime) -> tuple[str | int, ...]:
    """The first words of every match script."""
    return secrets.token_hex(6), ms(now), us(now), now.isoformat(), ms_of(TAKE_UP)


@lru_cache(maxsize=10_000)
def _kind(name: str) -> tuple[str, Presence]:
    signature, _, presence = name.partition("|")
    return signature, Presence(presence)
