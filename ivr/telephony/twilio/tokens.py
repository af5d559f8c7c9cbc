"""Softphone tokens: signed here, without asking anyone. The identity comes from the session, never from a request."""

from __future__ import annotations

from datetime import timedelta

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from ivr.core.ids import AgentId

TOKEN_LIFE = timedelta(minutes=30)
"""15–60 min is advised (`FACTS.md` 7); the page renews at three quarters."""


def softphone_token(*, account: str, key: str, secret: str, app: str, agent: AgentId) -> str:
    """A token with which the agent's page may dial in to the hotline's application, and nothing else."""
    token = AccessToken(account, key, secret, identity=agent, ttl=int(TOKEN_LIFE.total_seconds()))
    token.add_grant(VoiceGrant(outgoing_application_sid=app, incoming_allow=True))
    return str(token.to_jwt())
