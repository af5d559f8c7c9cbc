"""Bring caller and agent together, the moment either is there.

Whoever saved the change that put a caller in line or set an agent free seeks the match at once, in the same
process; the claim is one atomic script, so it does not matter who is first. The dispatcher's sweep finds what
slipped. Every claim leaves its reason with the offer, every refusal leaves a fact.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.calls import advance
from ivr.core.errors import Unavailable
from ivr.core.facts import NobodyFits
from ivr.core.ids import AgentId, CallId
from ivr.core.menus import MenuTree
from ivr.core.session import CallSession, Step
from ivr.workflows.ports import Claim, Clock, FactStream, Matcher, Menus, Refusal, Saved, Sessions


def tree_of(menus: Menus, session: CallSession) -> MenuTree:
    """The version the call began with; a version long gone leaves the present one."""
    return menus.by_version(session.menu_version) or menus.by_number(session.dialled)


@dataclass(frozen=True, kw_only=True)
class MatchCalls:
    """Seek, claim, offer."""

    matcher: Matcher
    sessions: Sessions
    menus: Menus
    facts: FactStream
    clock: Clock

    def after(self, saved: Saved | None) -> None:
        """Follow up a change: whoever is in line or free now is matched. Never raises: the sweep comes anyway."""
        if saved is None or saved.replayed:
            return
        try:
            if saved.step.seek:
                self.for_call(saved.step.session.call)
            for agent in saved.freed:
                self.for_agent(agent)
        except Unavailable:
            return

    def for_call(self, call: CallId) -> None:
        answer = self.matcher.for_call(call)
        if isinstance(answer, Claim):
            self.offer(answer)
        else:
            self._note(call, answer)

    def for_agent(self, agent: AgentId) -> None:
        answer = self.matcher.for_agent(agent)
        if isinstance(answer, Claim):
            self.offer(answer)

    def sweep(self) -> int:
        """The backstop. How many pairs it found; normally none."""
        claims = self.matcher.sweep()
        for claim in claims:
            self.offer(claim)
        return len(claims)

    def offer(self, claim: Claim) -> None:
        """The second half of a claim: the call goes to `offered`, the agent is rung."""

        def decide(session: CallSession | None) -> Step | None:
            return advance(session, claim.matched, tree_of(self.menus, session)) if session else None

        self.after(self.sessions.change(claim.call, decide))

    def _note(self, call: CallId, refusal: Refusal) -> None:
        session = self.sessions.find(call)
        if session is None or not refusal.reason:
            return
        now = self.clock.now()
        fact = NobodyFits(at=now, call=call, segment=session.segment, reason=refusal.reason)
        self.facts.add([fact], key=f"{call}:nobody:{session.segment}:{round(now.timestamp())}")
