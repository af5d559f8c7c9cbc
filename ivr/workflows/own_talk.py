"""An agent and their own call: what every action in a talk begins with, and what a page is drawn from."""

from __future__ import annotations

from ivr.core.agents import Agent, Presence
from ivr.core.errors import RequestError
from ivr.core.ids import AgentId, OfferId
from ivr.core.session import CallSession, State
from ivr.workflows.ports import Presences, Sessions

READS = 3
TALKING = (Presence.RESERVED, Presence.ON_CALL)
"""The presences in which an agent has a call; one whose offer has moved on is not theirs any more."""


def own_talk(presences: Presences, sessions: Sessions, agent: AgentId, offer: OfferId) -> CallSession:
    """Raises RequestError (409) when the talk is over, or was never this agent's."""
    row = presences.offer(offer)
    session = sessions.find(row.call) if row is not None and row.agent == agent else None
    if session is None or session.state is not State.CONNECTED or session.offer != offer:
        raise RequestError("this talk is over", status=409, error_id="offer_over")
    return session


def agent_with_call(
    presences: Presences, sessions: Sessions, agent: AgentId
) -> tuple[Agent | None, CallSession | None]:
    """The agent and the call as they stand together.

    Both are saved at once and read one after the other: of a call that ended in between, the agent is read again. A page that
    was told "on a call, and there is none" would put away what its agent is writing.
    """
    for _ in range(READS):
        present = presences.find(agent)
        session = sessions.find(present.call) if present and present.call else None
        if present is None or present.presence not in TALKING or (session and present.offer in session.offers_held):
            break
    return present, session
