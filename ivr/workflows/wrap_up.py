"""The end of a wrap-up whose time ran out: the topic's default result is kept, and the agent is where they wanted."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.agents import Presence, WrappedUp
from ivr.core.facts import Disposed
from ivr.core.ids import AgentId, TopicId
from ivr.core.offering import DECLINED
from ivr.workflows.agent_presence import disposed_key
from ivr.workflows.match_calls import MatchCalls
from ivr.workflows.ports import Clock, FactStream, Menus, Presences, Sessions


@dataclass(frozen=True, kw_only=True)
class EndWrapUp:
    """Called at the deadline, and again by the sweep; does nothing when there is nothing to end."""

    presences: Presences
    sessions: Sessions
    menus: Menus
    facts: FactStream
    match: MatchCalls
    clock: Clock

    def __call__(self, agent: AgentId) -> None:
        now = self.clock.now()
        found = self.presences.find(agent)
        if found is None or found.presence is not Presence.WRAP_UP:
            return
        if found.wrap_up_until is None or found.wrap_up_until > now:
            return
        if found.call is not None and found.offer is not None and found.reason != DECLINED:
            self._keep_default(agent)
        after = self.presences.change(agent, WrappedUp(at=now))
        if after.free:
            self.match.for_agent(agent)

    def _keep_default(self, agent: AgentId) -> None:
        found = self.presences.find(agent)
        if found is None or found.call is None or found.offer is None:
            return
        session = self.sessions.find(found.call)
        if session is None or session.connected_at is None:
            return
        topic = self.menus.by_number(session.dialled).topics.get(TopicId(found.topic))
        default = topic.dispositions[-1] if topic and topic.dispositions else "other"
        fact = Disposed(
            at=self.clock.now(),
            call=found.call,
            offer=found.offer,
            agent=agent,
            disposition=default,
            by_default=True,
        )
        self.facts.add([fact], key=disposed_key(found.call, found.offer))
