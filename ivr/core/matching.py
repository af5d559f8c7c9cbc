"""Who is given to whom.

The rule in plain words is `best_match`: the most urgent caller whom some free agent here can serve, and for that caller
the agent who meets what was wanted first, and among equals the one idle longest. It looks at everything and is the
oracle of the tests.

The live store does not look at everything. Agents with the same skills and languages share a *signature*, calls that
need the same share a *demand* (`queues`). Within one demand the order by rank is the order by wait, so only the
head of each list can be the answer; within one signature agents differ only in idle time. `compile_tables` says once,
when a new signature or demand appears, who can serve whom and from which wait on; the claim script then compares
heads (`storage/redis/lua`). Its cost follows the number of kinds, never the number of callers or agents.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ivr.core.agents import Agent, Presence
from ivr.core.queues import LANE_MS, Demand, QueuedCall

ALWAYS = -LANE_MS
"""Bound of terms that hold from the beginning. Not the queue time itself: the clocks of two processes differ a little, and
a caller who just arrived must not be too early for an agent who is free now."""
Standing = int | str
"""From how many milliseconds of waiting on a signature serves a demand; or what it lacks for ever: `skill`, `language`."""
BUSY = frozenset({Presence.RESERVED, Presence.ON_CALL, Presence.WRAP_UP})


@dataclass(frozen=True, kw_only=True)
class Match:
    call: QueuedCall
    agent: Agent
    distance: int
    """Index of the terms that the agent meets: 0 is what was wanted."""


@dataclass(frozen=True)
class Signature:
    """What an agent can do. Agents of one signature differ only in idle time."""

    skills: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, skills: Mapping[str, int], languages: Mapping[str, int]) -> Signature:
        return cls(tuple(sorted(skills.items())), tuple(sorted(languages.items())))

    @cached_property
    def key(self) -> str:
        """Short stable name, safe in a key."""
        body = json.dumps([self.skills, self.languages], separators=(",", ":"))
        return hashlib.sha256(body.encode()).hexdigest()[:12]


@dataclass(frozen=True, kw_only=True)
class Fit:
    """That agents of a signature may serve calls of a demand, and from when."""

    distance: int
    """Index of the first terms met."""
    bound_ms: int
    """A call may be served at T when rank + bound_ms <= T: its wait has reached the terms."""


def fit(demand: Demand, signature: Signature) -> Fit | None:
    """How a signature serves a demand; None: never. Later terms accept more, so the first that is met decides."""
    skills, languages = dict(signature.skills), dict(signature.languages)
    for distance, terms in enumerate(demand.terms):
        if terms.met_by(skills, languages):
            bound_ms = demand.offset_ms + terms.after_ms if terms.after_ms else ALWAYS
            return Fit(distance=distance, bound_ms=bound_ms)
    return None


def best_match(waiting: Sequence[QueuedCall], agents: Sequence[Agent], *, at_ms: int) -> Match | None:
    """The most urgent caller whom someone free can serve at `at_ms` (epoch), and the best agent for that call.

    Equal ranks go by call id, equal agents by agent id, so that there is one answer.
    """
    free = [agent for agent in agents if agent.free]
    for call in sorted(waiting, key=lambda call: (call.rank, call.call)):
        able = [
            Match(call=call, agent=agent, distance=distance)
            for agent in free
            if (distance := _distance(call, agent, at_ms)) is not None
        ]
        if able:
            return min(able, key=lambda match: (match.distance, match.agent.idle_since, match.agent.id))
    return None


def _distance(call: QueuedCall, agent: Agent, at_ms: int) -> int | None:
    """Index of the first terms that this agent meets, when the call has waited for them."""
    for distance, terms in enumerate(call.demand.terms):
        if terms.met_by(agent.skills, agent.languages):
            return distance if max(0, at_ms - call.queued_ms) >= terms.after_ms else None
    return None


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Every pair that can ever meet, from both sides."""

    by_signature: Mapping[str, Mapping[str, Fit]]
    by_demand: Mapping[str, Mapping[str, Fit]]


def compile_tables(demands: Iterable[Demand], signatures: Iterable[Signature]) -> Tables:
    """Which signature serves which demand, how well and from when. Pure: same policy, same tables."""
    known = list(signatures)
    by_signature: dict[str, dict[str, Fit]] = {signature.key: {} for signature in known}
    by_demand: dict[str, dict[str, Fit]] = {}
    for demand in demands:
        row = by_demand.setdefault(demand.key, {})
        for signature in known:
            if (found := fit(demand, signature)) is not None:
                row[signature.key] = found
                by_signature[signature.key][demand.key] = found
    return Tables(by_signature=by_signature, by_demand=by_demand)


def standing(demand: Demand, signature: Signature, found: Fit | None) -> Standing:
    """How a signature stands to a demand; `found` is its fit."""
    return _lacking(demand, signature) if found is None else demand.terms[found.distance].after_ms


def explain(groups: Iterable[tuple[Standing, Presence, int]], *, waited_ms: int) -> dict[str, int]:
    """Why nobody serves a call now: the agents signed in, counted by what stands in the way.

    `able`: nothing does. `busy`: could, but are on another call. `paused`: could, but are on break, missed or away.
    `later`: will do once the terms widen. `skill`, `language`: lack it, also at the widest terms.
    """
    counts = dict.fromkeys(("signed_in", "able", "busy", "paused", "later", "skill", "language"), 0)
    for stands, presence, number in groups:
        if presence is Presence.SIGNED_OUT:
            continue
        counts["signed_in"] += number
        if isinstance(stands, str):
            obstacle = stands
        elif stands > waited_ms:
            obstacle = "later"
        elif presence is Presence.AVAILABLE:
            obstacle = "able"
        else:
            obstacle = "busy" if presence in BUSY else "paused"
        counts[obstacle] += number
    return counts


def _lacking(demand: Demand, signature: Signature) -> str:
    skills = dict(signature.skills)
    lacks = any(skills.get(skill, 0) < level for skill, level in demand.terms[-1].skills.items())
    return "skill" if lacks else "language"
