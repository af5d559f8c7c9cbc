"""What the dispatcher does for callbacks, and what is committed to SQL. No order carries a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.core.callback_rules import Promise
from ivr.core.commitments import Commitment
from ivr.core.ids import AgentId, CallId


@dataclass(frozen=True, kw_only=True)
class DialCallback:
    """Call the customer, once, for this try."""

    call: CallId
    callback: str
    attempt: int
    ring_s: int
    urgent: bool = False


@dataclass(frozen=True, kw_only=True)
class NoteCallback:
    """Write down how far a try has come: `confirmed`, `connected`, or `ended` with its result."""

    call: CallId
    callback: str
    attempt: int
    what: str
    at: datetime
    result: str = ""
    agent: AgentId | None = None
    idle_s: float | None = None
    """How long the agent was held without a caller."""


@dataclass(frozen=True, kw_only=True)
class BringCallback:
    """Look at this promise now: it may be due. Only a nudge; the dispatcher's round comes anyway."""

    call: CallId
    callback: str


@dataclass(frozen=True, kw_only=True)
class PutOffCallback:
    """The customer phoned in and waits on the line: do not call them meanwhile."""

    call: CallId
    callback: str


@dataclass(frozen=True, kw_only=True)
class ReachedByPhone:
    """This caller talks to an agent: what was promised about the same topic is kept."""

    call: CallId


@dataclass(frozen=True, kw_only=True)
class CallbackPromised(Commitment):
    """The promise itself: it is made when this is stored."""

    promise: Promise


@dataclass(frozen=True, kw_only=True)
class CallbackCancelled(Commitment):
    """The caller cancelled it."""

    callback: str
