"""What is true of a talk besides its beginning and end: holds, pauses of the recording, colleagues asked for, transfers."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.facts import Fact
from ivr.core.ids import AgentId, CallId, TopicId


@dataclass(frozen=True, kw_only=True)
class HoldStarted(Fact):
    """The caller hears music, the agent does not hear the caller."""

    call: CallId
    segment: int
    agent: AgentId


@dataclass(frozen=True, kw_only=True)
class HoldEnded(Fact):
    call: CallId
    segment: int
    agent: AgentId


@dataclass(frozen=True, kw_only=True)
class RecordingPaused(Fact):
    """The recording pauses (`on`), or goes on."""

    call: CallId
    on: bool


@dataclass(frozen=True, kw_only=True)
class Consulted(Fact):
    """A colleague was asked for in a talk, or a house `outside`. `result`: `joined` (in the room), then `left` or
    `handed_over`; or `declined`, `no_answer`, `failed`, `busy`, `cancelled`; of a house also `refused` (by the carrier).
    """

    call: CallId
    agent: AgentId
    """Who asked."""
    topic: TopicId
    result: str
    colleague: AgentId | None = None
    outside: str = ""
    """Name of a house that the menu file allows."""


@dataclass(frozen=True, kw_only=True)
class Transferred(Fact):
    """An agent gave the caller away. `how`: `cold` (to a queue), `person` (offered to one first), `warm` (the next agent
    was in the room), `outside` (to a house of the menu file), `outside_warm` (to one that was in the room).
    """

    call: CallId
    segment: int
    """The one that ended with it."""
    agent: AgentId
    topic: TopicId
    how: str
    to: AgentId | None = None
    outside: str = ""
    """Name of that house."""


@dataclass(frozen=True, kw_only=True)
class VisitBegan(Fact):
    """A supervisor sits in on the talk from now on, in this way: `listen`, `whisper` or `join`."""

    call: CallId
    who: str
    mode: str


@dataclass(frozen=True, kw_only=True)
class VisitEnded(Fact):
    call: CallId
    who: str
