"""Looks at everything in the live store and says what does not fit together. Uses none of the product's queries."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from ivr.core.facts import PresenceChanged
from ivr.core.session import CallSession, State
from ivr.storage.redis import codec
from ivr.storage.redis.write import ms

HOLDING = (State.OFFERED, State.CONNECTING, State.CONNECTED)


def audit(store: Any) -> list[str]:
    """Sentences about what is wrong; empty when all is well. The store must be at rest."""
    calls, agents = everything(store)
    return [
        *_calls(store, calls, agents),
        *_agents(calls, agents),
        *_lists(store, calls, agents),
    ]


def everything(store: Any) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    redis, prefix = store.redis, store.keys.prefix
    calls, agents = {}, {}
    for key in redis.scan_iter(f"{prefix}s:*", count=1000):
        stored = redis.hgetall(key)
        calls[key.removeprefix(f"{prefix}s:")] = {**stored, "session": codec.loads(CallSession, stored["j"])}
    for key in redis.scan_iter(f"{prefix}a:*", count=1000):
        stored = redis.hgetall(key)
        plain = json.loads(stored["j"])
        offer = stored.get("eo") or plain.get("offer")
        agents[key.removeprefix(f"{prefix}a:")] = {**stored, "offer": offer}
    return calls, agents


def _calls(store: Any, calls: dict[str, Any], agents: dict[str, Any]) -> list[str]:
    """A call waits in one list, or is claimed, or holds an offer: exactly one, as its state says."""
    wrong = []
    for call, stored in calls.items():
        session = stored["session"]
        places = [
            key for key in store.redis.keys(f"{store.keys.prefix}q:*") if store.redis.zscore(key, call) is not None
        ]
        waits = session.state is State.QUEUED and "cl" not in stored
        if waits != bool(places) or len(places) > 1:
            wrong.append(f"{call} is {session.state}, claimed {stored.get('cl')}, and stands in {places}")
        if places and places[0] != store.keys("q", session.demand.key):
            wrong.append(f"{call} stands in another list than it needs")
        if "cl" in stored and session.state is not State.QUEUED:
            wrong.append(f"{call} is {session.state} and claimed still")
        offer, agent = stored.get("cl") or session.offer, stored.get("ca") or session.agent
        if session.state in HOLDING or "cl" in stored:
            held = agents.get(agent or "", {}).get("offer")
            if held != offer:
                wrong.append(f"{call} holds offer {offer} of {agent}, who holds {held}")
    return wrong


def _agents(calls: dict[str, Any], agents: dict[str, Any]) -> list[str]:
    """An agent who rings or talks does so for one call, which knows it."""
    wrong = []
    held = Counter(
        stored.get("ca") or stored["session"].agent
        for stored in calls.values()
        if "cl" in stored or stored["session"].state in HOLDING
    )
    wrong += [f"{agent} holds {number} calls" for agent, number in held.items() if number > 1]
    for agent, stored in agents.items():
        if stored["p"] in ("reserved", "on_call") and not held[agent]:
            wrong.append(f"{agent} is {stored['p']} for offer {stored['offer']}, which no call holds")
    return wrong


def _lists(store: Any, calls: dict[str, Any], agents: dict[str, Any]) -> list[str]:
    """Idle lists, cached heads, topic lists and counts follow from calls and agents."""
    redis, keys, prefix = store.redis, store.keys, store.keys.prefix
    wrong = []
    for cache, sort in (("lh", "q"), ("ih", "i")):
        heads = {field: text.rstrip() for field, text in redis.hgetall(keys(cache)).items()}
        found = {}
        for key in redis.keys(f"{prefix}{sort}:*"):
            member, score = redis.zrange(key, 0, 0, withscores=True)[0]
            found[key.removeprefix(f"{prefix}{sort}:")] = f"{score:.0f} {member}"
        if heads != found:
            wrong.append(f"cached heads of {sort} are {heads}, but the lists say {found}")
    free = {agent for agent, stored in agents.items() if stored["p"] == "available"}
    idle = Counter(agent for key in redis.keys(f"{prefix}i:*") for agent in redis.zrange(key, 0, -1))
    if idle != Counter(free):
        wrong.append(f"free are {sorted(free)}, the idle lists hold {idle}")
    counts = {name: int(number) for name, number in redis.hgetall(keys("counts")).items() if int(number)}
    present = Counter(f"{a['sig']}|{a['p']}" for a in agents.values() if a["p"] != "signed_out")
    if counts != dict(present):
        wrong.append(f"counts are {counts}, but there are {dict(present)}")
    waiting = {call: stored["session"] for call, stored in calls.items() if "d" in stored}
    for sort, score in (("t", None), ("o", "queued")):
        listed = {m: s for key in redis.keys(f"{prefix}{sort}:*") for m, s in redis.zrange(key, 0, -1, withscores=True)}
        if set(listed) != set(waiting):
            wrong.append(f"the topic lists {sort} hold {sorted(listed)}, waiting are {sorted(waiting)}")
        elif score and any(listed[call] != ms(session.queued_at) for call, session in waiting.items()):
            wrong.append("a first queue time is wrong")
    return wrong


def ledger(store: Any) -> list[str]:
    """Reads all facts in the order of their writes: no agent is given twice, no call is with two agents at once."""
    wrong: list[str] = []
    seen: set[str] = set()
    with_call: dict[Any, Any] = {}
    of_agent: dict[Any, Any] = {}
    offer_of: dict[Any, Any] = {}
    for _, fields in store.redis.xrange(store.keys("facts")):
        fact = codec.load_fact(fields["body"])
        if fields["id"] in seen:
            wrong.append(f"fact {fields['id']} was written twice")
        seen.add(fields["id"])
        if not isinstance(fact, PresenceChanged):
            continue
        if (
            fact.presence == "reserved"
            and of_agent.get(fact.agent) == fact.call
            and offer_of.get(fact.agent) == fact.offer
        ):
            continue  # the page is back, and the same offer rings on
        if fact.presence == "reserved":
            offer_of[fact.agent] = fact.offer
            if fact.agent in of_agent:
                wrong.append(f"{fact.agent} was given to {fact.call} while with {of_agent[fact.agent]}")
            if fact.call in with_call:
                wrong.append(f"{fact.call} was given to {fact.agent} while with {with_call[fact.call]}")
            of_agent[fact.agent], with_call[fact.call] = fact.call, fact.agent
        elif (fact.offer is None or fact.presence == "wrap_up") and fact.agent in of_agent:
            with_call.pop(of_agent.pop(fact.agent), None)
    return wrong
