"""Whose callback it is: the owner is offered the try first, then anybody who is able (`DOMAIN.md` 5.2, rule 11).

A try for an owner stands in line like any other, at the place that was kept. Its first terms ask for a skill that nobody has,
so the tables give it to nobody; the claim scripts know the owner's list (`own:<agent>`) and give it to that agent in
its turn. From the middle of the promised time on the ordinary terms hold, and anybody able takes it: no promise is lost.
An owner who is not signed in when the time comes, or cannot serve the topic, is not waited for at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.core.agents import Agent, Presence
from ivr.core.callback_rules import Promise
from ivr.core.draft import Draft
from ivr.core.ids import AgentId
from ivr.core.queueing import demand_of, topic_of
from ivr.core.queues import Demand, Terms

PERSON = "own:"
"""Begins the skill that stands for one person."""
PATIENCE = timedelta(minutes=5)
"""How long the owner is waited for where no time was named."""


@dataclass(frozen=True, kw_only=True)
class Owner:
    agent: AgentId
    since: datetime
    """When it was given to them."""


def waits_until(promise: Promise, owner: Owner) -> datetime:
    """Until when the owner is waited for: the middle of the time that was named."""
    if promise.window is not None:
        return promise.window.start + (promise.window.end - promise.window.start) / 2
    if promise.told_by is not None:
        return promise.due_at + (promise.told_by - promise.due_at) / 2
    return max(promise.due_at, owner.since) + PATIENCE


def here(agent: Agent | None) -> bool:
    return agent is not None and agent.presence not in (Presence.SIGNED_OUT, Presence.AWAY)


def able(agent: Agent, demand: Demand) -> bool:
    """Under the widest terms."""
    return demand.terms[-1].met_by(agent.skills, agent.languages)


def first_for(demand: Demand, owner: AgentId, after: timedelta) -> Demand:
    """What the try needs: this person at first, and what the topic asks for after so much waiting."""
    person = Terms(after=timedelta(), skills={f"{PERSON}{owner}": 1}, language=None, language_level=0)
    return replace(demand, terms=(person, *(replace(one, after=max(one.after, after)) for one in demand.terms)))


def owner_of(demand: Demand | None) -> AgentId | None:
    """For whom a demand is kept; None: for nobody in particular."""
    wanted = next(iter(demand.terms[0].skills), "") if demand is not None else ""
    return AgentId(wanted.removeprefix(PERSON)) if wanted.startswith(PERSON) else None


def for_anybody(draft: Draft) -> None:
    """The owner had the first offer, or the customer is on the line: from now on whoever is able."""
    demand = draft.session.demand
    if demand is not None and owner_of(demand) is not None:
        plain = demand_of(topic_of(draft), draft.session.language, priority=demand.priority, lane=demand.lane)
        draft.set(demand=plain)
