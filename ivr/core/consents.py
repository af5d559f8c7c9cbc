"""What a caller said to being recorded, as it is kept for proof: when, on which words, in which language.

It stands in SQL before the caller hears it confirmed and before anything is recorded (`DESIGN.md` 3.5, `RELIABILITY.md`
S-94). Silence at a notice is no choice and makes no row: that the notice was heard stands in the facts of the call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.core.commitments import Commitment
from ivr.core.ids import E164, AgentId, CallId, Language, PromptId

YES, NO = "yes", "no"
BY_KEY, BY_AGENT = "key", "agent"


@dataclass(frozen=True, kw_only=True)
class ConsentNoted(Commitment):
    call: CallId
    number: E164 | None
    """Kept as its blind index only."""
    choice: str
    """`yes` or `no`."""
    how: str
    """`key`: pressed at a menu; `agent`: said to the agent, who starts the recording."""
    prompt: PromptId | None
    """The words that the key answered; None: the agent asked in words of their own."""
    menu_version: str
    language: Language
    agent: AgentId | None = None


@dataclass(frozen=True, kw_only=True)
class Consent:
    """A choice as it was kept."""

    at: datetime
    choice: str
    how: str
    prompt: str
    """Empty: no prompt of ours."""
    menu_version: str
    language: str
    agent: str = ""
