"""The end of a wrap-up whose time ran out: what the agent had written and chosen is kept, the topic's default result
stands in for what was left open, and the agent is where they wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.core.agents import Agent, Presence, WrappedUp
from ivr.core.errors import RequestError, Unavailable
from ivr.core.facts import Disposed
from ivr.core.ids import AgentId, CallId, OfferId, TopicId
from ivr.core.menus import MenuTree
from ivr.core.notes import Notes
from ivr.core.offering import DECLINED
from ivr.workflows.agent_presence import disposed_key
from ivr.workflows.case_desk import CaseDesk, Result, checked_day, checked_standing
from ivr.workflows.dispositions import or_default
from ivr.workflows.match_calls import MatchCalls, tree_of
from ivr.workflows.ports import Clock, FactStream, Menus, Presences, Sessions
from ivr.workflows.take_notes import NotesKept


@dataclass(frozen=True, kw_only=True)
class EndWrapUp:
    """Called at the deadline, and again by the sweep; does nothing when there is nothing to end."""

    presences: Presences
    sessions: Sessions
    menus: Menus
    facts: FactStream
    notes: NotesKept
    cases: CaseDesk
    match: MatchCalls
    clock: Clock

    def __call__(self, agent: AgentId, *, at_once: bool = False) -> bool:
        """`at_once`: somebody who may do so ends it before its time. True: it was ended."""
        now = self.clock.now()
        found = self.presences.find(agent)
        if found is None or found.presence is not Presence.WRAP_UP:
            return False
        if not at_once and (found.wrap_up_until is None or found.wrap_up_until > now):
            return False
        if found.call is not None and found.offer is not None and found.reason != DECLINED:
            self._keep(found, found.call, found.offer)
        after = self.presences.change(agent, WrappedUp(at=now))
        if after.free:
            self.match.for_agent(agent)
        return True

    def _keep(self, agent: Agent, call: CallId, offer: OfferId) -> None:
        session = self.sessions.find(call)
        if session is None or (session.connected_at is None and not session.talked):
            return
        tree = tree_of(self.menus, session)
        notes = self._so_far(offer)
        said = or_default(tree.topics.get(TopicId(agent.topic)), notes)
        fact = Disposed(
            at=self.clock.now(),
            call=call,
            offer=offer,
            agent=agent.id,
            disposition=said.result,
            disposition_reason=said.reason,
            notes=notes.notes,
            topic=notes.topic if notes.topic in tree.topics or notes.topic in tree.reasons else "",
            account_changed=notes.account_changed and bool(session.verified),
            by_default=not said.whole,
        )
        self.facts.add([fact], key=disposed_key(call, offer))
        if said.chosen:
            self.cases.settle(call, tree, _result(fact, notes, tree))
        else:
            self.cases.note(call, notes.notes, who=agent.id, at=fact.at)
        self.notes.drop(offer)

    def _so_far(self, offer: OfferId) -> Notes:
        try:
            return self.notes.find(offer)
        except Unavailable:
            return Notes()


def _result(fact: Disposed, notes: Notes, tree: MenuTree) -> Result:
    """What cannot be right is left out: nobody is there to put it right."""
    return Result(
        at=fact.at,
        agent=fact.agent,
        disposition=fact.disposition,
        notes=fact.notes,
        follow_up=notes.follow_up if _is_day(notes.follow_up, fact.at, tree) else "",
        standing=checked_standing(notes.standing) if _is_standing(notes.standing) else None,
    )


def _is_day(day: str, at: datetime, tree: MenuTree) -> bool:
    try:
        checked_day(day, at.astimezone(ZoneInfo(tree.zone)).date())
    except RequestError:
        return False
    return True


def _is_standing(word: str) -> bool:
    try:
        checked_standing(word)
    except RequestError:
        return False
    return True
