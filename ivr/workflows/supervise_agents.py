"""What a supervisor does with one agent: another state, a note, the end of a wrap-up.

The same words as the agent's own buttons, so the same rules hold: nobody is taken off a call, and what is asked for during
one comes true after it. The audit says who asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ivr.core.agents import Agent, Presence
from ivr.core.card_numbers import masked_cards
from ivr.core.errors import RequestError
from ivr.core.ids import AgentId
from ivr.core.room import SupervisorNote
from ivr.workflows.agent_presence import BREAK_REASONS, AgentDesk
from ivr.workflows.ports import Clock
from ivr.workflows.supervise_calls import Audit, Outcome, done, not_done, pressed, shown
from ivr.workflows.wrap_up import EndWrapUp

LONGEST_NOTE = 300
STATES = ("available", "break", "signed_out")
AFTER = (Presence.RESERVED, Presence.ON_CALL, Presence.WRAP_UP)


class NotesToAgents(Protocol):
    """Raises `Unavailable`."""

    def put(self, agent: AgentId, note: SupervisorNote) -> None: ...

    def find(self, agent: AgentId) -> SupervisorNote | None: ...

    def drop(self, agent: AgentId, note: str) -> None: ...


@dataclass(frozen=True, kw_only=True)
class SuperviseAgents:
    desk: AgentDesk
    end_wrap_up: EndWrapUp
    notes: NotesToAgents
    audit: Audit
    draw: Callable[[], str]
    clock: Clock

    @pressed("agent set")
    def set_state(self, agent: AgentId, state: str, *, who: str, reason: str = "") -> Outcome:
        """`available`, `break` (with a reason) or `signed_out`: the one rule of the room and of the API for programs.

        Raises RequestError for an agent, state or reason that does not exist; that leaves no row in the audit.
        """
        known = self.desk.roster.find(agent)
        if known is None:
            raise RequestError("there is no such agent", status=404, error_id="agent_unknown")
        if state not in STATES:
            raise RequestError(f"a state is one of {', '.join(STATES)}", status=422, error_id="presence_unknown")
        if state == "break" and reason not in BREAK_REASONS:
            raise RequestError("there is no such reason", status=422, error_id="unknown_break_reason")
        before = self._present(agent)
        was = before.presence.value if before else Presence.SIGNED_OUT.value
        detail = {"before": was, "state": state, "reason": reason}
        self.audit(at=self.clock.now(), who=who, what="agent set", object=agent, detail=detail)
        if before is None or (known.disabled and state != "signed_out"):
            return not_done("signed_out")
        if state == "available" and before.presence is Presence.AWAY:
            return not_done("away")  # callers would ring an empty chair
        match state:
            case "available":
                self.desk.ready(agent)
            case "break":
                self.desk.take_break(agent, reason)
            case _:
                self.desk.sign_out(agent)
        now = self._present(agent)
        if state != "signed_out" and (now is None or (state == "available" and now.presence is Presence.AWAY)):
            return not_done("away" if now else "signed_out")  # gone in the same moment
        if now is not None and now.presence in AFTER and now.presence.value != state:
            return done("after_call")
        return done("state_set")

    @pressed("agent told")
    def note(self, agent: AgentId, text: str, *, who: str, name: str) -> Outcome:
        """It appears on the desk at once. Raises RequestError (422) for no words, or too many."""
        words = masked_cards(text.strip())
        if not words or len(words) > LONGEST_NOTE:
            raise RequestError(f"a note has 1 to {LONGEST_NOTE} characters", status=422, error_id="bad_note")
        now = self.clock.now()
        self.audit(at=now, who=who, what="agent told", object=agent, detail={"characters": len(words)})
        if self._present(agent) is None:
            return not_done("signed_out")
        self.notes.put(agent, SupervisorNote(id=self.draw(), text=words, who=name, at=now))
        return done("told")

    @pressed("wrap-up ended")
    def finish_wrap_up(self, agent: AgentId, *, who: str, seen: str = "") -> Outcome:
        """As if its time had run out: what the agent wrote is kept, the default result stands for what was left open.

        `seen`: since when the page showed it; the next one, of another call, is not ended by a press that meant the last.
        """
        self.audit(at=self.clock.now(), who=who, what="wrap-up ended", object=agent)
        present = self._present(agent)
        if seen and present is not None and present.presence is Presence.WRAP_UP and shown(present.since) != seen:
            return not_done("changed")
        return done("wrapped_up") if self.end_wrap_up(agent, at_once=True) else not_done("no_wrap_up")

    def _present(self, agent: AgentId) -> Agent | None:
        found = self.desk.presences.find(agent)
        return None if found is None or found.presence is Presence.SIGNED_OUT else found
