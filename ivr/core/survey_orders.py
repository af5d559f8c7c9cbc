"""What the dispatcher does for ratings, and what is committed to SQL. No order carries a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.core.commitments import Commitment
from ivr.core.ids import E164, AgentId, CallId, Language, TopicId


def survey_id(call: CallId) -> str:
    """A call is asked once, whatever is lost or repeated."""
    return f"survey-{call}"


def follow_up_id(call: CallId) -> str:
    return f"follow-{call}"


@dataclass(frozen=True, kw_only=True)
class AskByText:
    """The caller ended the talk: one text with the question, if the number was not asked lately."""

    call: CallId
    agent: AgentId | None = None
    """Who talked with the caller."""


@dataclass(frozen=True, kw_only=True)
class NoteRating:
    """Write down what the caller answered by key."""

    call: CallId
    at: datetime
    score: int
    solved: str = ""
    """`yes`, `no`, or empty while unknown."""
    agent: AgentId | None = None


@dataclass(frozen=True, kw_only=True)
class SurveyAsking(Commitment):
    """This number is asked now. Refused when it was asked since `since`."""

    call: CallId
    number: E164 | None
    """None: withheld; such callers cannot be told apart, so each call is asked."""
    topic: TopicId
    agent: AgentId | None
    language: Language
    channel: str
    """`phone` or `text`."""
    since: datetime


@dataclass(frozen=True, kw_only=True)
class FollowUpPromised(Commitment):
    """The caller was not satisfied and wishes to hear from a supervisor."""

    call: CallId
    topic: TopicId
    agent: AgentId | None
    score: int
    solved: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Somebody who was asked, as SQL has it."""

    id: str
    call: CallId
    hotline: str
    topic: TopicId
    agent: AgentId | None
    language: Language
    score: int | None = None
