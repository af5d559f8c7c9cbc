"""The call in which an agent talks by an offer of their own: what every action in a talk begins with."""

from __future__ import annotations

from ivr.core.errors import RequestError
from ivr.core.ids import AgentId, OfferId
from ivr.core.session import CallSession, State
from ivr.workflows.ports import Presences, Sessions


def own_talk(presences: Presences, sessions: Sessions, agent: AgentId, offer: OfferId) -> CallSession:
    """Raises RequestError (409) when the talk is over, or was never this agent's."""
    row = presences.offer(offer)
    session = sessions.find(row.call) if row is not None and row.agent == agent else None
    if session is None or session.state is not State.CONNECTED or session.offer != offer:
        raise RequestError("this talk is over", status=409, error_id="offer_over")
    return session
