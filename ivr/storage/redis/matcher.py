"""The claim: one script takes the best pair and claims both sides, or neither."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

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
class RedisMatcher:
    link: Link
    registry: Registry
    clock: Clock

    def for_call(self, call: CallId) -> Claim | Refusal:
        now = self.clock.now()
        answer = self._claim("match_call", now, call)
        if answer[0] == "nobody":
            return Refusal(reason=self._looked_at(answer[1], int(answer[2]), now))
        return self._outcome(answer, now)

    def for_agent(self, agent: AgentId) -> Claim | Refusal:
        now = self.clock.now()
        return self._outcome(self._claim("match_agent", now, agent), now)

    def directed(self, call: CallId, agent: AgentId) -> Claim | Refusal:
        now = self.clock.now()
        return self._outcome(self._claim("match_directed", now, call, agent), now)

    def sweep(self) -> Sequence[Claim]:
        """Every pair that could be matched and was not, the most urgent first. Costs nothing while nobody is idle.

        A head that finds nobody speaks for its whole list: the others have waited less.
        """
        claims: list[Claim] = []
        refused: set[str] = set()
        while len(claims) < SWEEP_AT_MOST and (head := self._next_head(refused)) is not None:
            demand, call = head
            now = self.clock.now()
            outcome = self._outcome(self._claim("match_call", now, call), now)
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

    def _next_head(self, refused: set[str]) -> tuple[str, str] | None:
        """The most urgent head whose list was not refused yet: demand and call."""
        keys = self.link.keys

        def read(connection: Any) -> Mapping[str, str]:
            if not connection.hlen(keys("ih")):
                return {}
            return cast("Mapping[str, str]", connection.hgetall(keys("lh")))

        heads = [(*text.split(" ", 1), demand) for demand, text in self.link.run(read).items() if demand not in refused]
        if not heads:
            return None
        _, call, demand = min(heads, key=lambda head: (float(head[0]), head[1]))
        return demand, call

    def _claim(self, name: str, now: datetime, *whom: str) -> list[str]:
        fence = (secrets.token_hex(6), ms(now), us(now), now.isoformat(), ms_of(TAKE_UP))
        return cast("list[str]", self.link.script(name, *fence, *whom))

    def _outcome(self, answer: Sequence[str], now: datetime) -> Claim | Refusal:
        if answer[0] != "claimed":
            detail = {"presence": answer[1]} if answer[0] == "busy" else {}
            return Refusal(reason={"why": answer[0], **detail})
        _, call, offer, agent, phone, demand, rank, distance, idle_us = answer
        idle_s = max(0, (us(now) - int(idle_us)) // 10**6)
        reason: dict[str, object] = {"terms": int(distance), "idle_s": idle_s, "directed": int(distance) < 0}
        with suppress(Unavailable):  # the claim is made: a lost reason must not lose it
            seen = self._looked_at(demand, int(rank), now)
            if int(distance) >= 0:  # the agent just claimed was one of those who could
                seen |= {"able": seen["able"] + 1, "busy": seen["busy"] - 1}
            reason = {**seen, **reason}
        matched = Matched(at=now, offer=OfferId(offer), agent=AgentId(agent), phone=phone, reason=reason)
        return Claim(call=CallId(call), matched=matched)

    def _looked_at(self, demand_key: str, rank: int, now: datetime) -> dict[str, int]:
        """The agents signed in, by what stands in their way (`explain`), from counts kept per kind: no scan."""
        keys = self.link.keys
        counts = self.link.run(lambda connection: connection.hgetall(keys("counts")))
        groups = [(*name.split("|", 1), int(number)) for name, number in counts.items() if int(number) > 0]
        known = self.registry.knowing(demand_key, *(signature for signature, _, _ in groups))
        if (demand := known.demands.get(demand_key)) is None:
            return {"able": 0, "busy": 0}
        waited_ms = ms(now) - rank - demand.offset_ms
        kinds = known.signatures
        people = [(kinds[one], Presence(presence), number) for one, presence, number in groups if one in kinds]
        fits = known.tables.by_demand[demand_key]
        return {**explain(demand, people, waited_ms=waited_ms, fits=fits), "waited_s": waited_ms // 1000}
