"""What is committed to SQL about messages, and what the dispatcher does when that has to wait. No number in either."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.core.commitments import Commitment
from ivr.core.ids import CallId, Language, TopicId


@dataclass(frozen=True, kw_only=True)
class MessagePromised(Commitment):
    """A message was left, and an answer by `due_at` is promised."""

    call: CallId
    topic: TopicId
    language: Language
    recording: str
    duration_s: int
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class KeepMessage:
    """Write the message down: the caller had gone, or SQL was away."""

    call: CallId
    message: MessagePromised


@dataclass(frozen=True, kw_only=True)
class Message(MessagePromised):
    """As those find it who answer it."""

    status: str = "open"
    """`open` or `answered`."""
    owner: str = ""
    """Who has taken it; empty: nobody yet."""
    taken_at: datetime | None = None
    answered_at: datetime | None = None
    heard_by: str = ""
    """Who heard it last; empty: nobody yet."""
    heard_at: datetime | None = None
    transcript: str = ""
    """What was said, where something writes it down."""


@dataclass(frozen=True, kw_only=True)
class Unsent:
    """A message that its caller may still hear, speak again or send."""

    id: str
    recording: str
    duration_s: int
    again: bool = False
    """Another recording is being made in its place."""
