"""What a supervisor follows up after a call: a low rating, a comment, a caller who wishes to hear from somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.core.ids import AgentId, CallId, TopicId

OPEN, LOOKED_AT, CHANGED = "open", "looked_at", "changed"
STATUSES = (OPEN, LOOKED_AT, CHANGED)
"""`changed`: something was changed because of it."""
WHICH = ("all", "with_comment", "wished", *STATUSES, "overdue")
"""By what they are listed and counted: with a comment, with a wish for a contact, by status, open after the time named."""


@dataclass(frozen=True, kw_only=True)
class Which:
    """Those that came in this time, half-open, on this topic (empty: any)."""

    start: datetime
    end: datetime
    topic: str = ""
    which: str = "all"


@dataclass(frozen=True, kw_only=True)
class LowRating:
    """As it comes from the caller. Same id, same entry."""

    id: str
    call: CallId
    hotline: str
    topic: TopicId
    agent: AgentId | None
    at: datetime
    score: int
    solved: str = ""
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class FollowUp(LowRating):
    """As a supervisor finds it."""

    wished: bool = False
    due_at: datetime | None = None
    """A supervisor was promised to get in touch until then."""
    status: str = OPEN
    handled_by: str = ""
    handled_at: datetime | None = None
