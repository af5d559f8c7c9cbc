"""Figures of callbacks, by the definitions of `DOMAIN.md` 3.10.

What was promised is counted once: requested = pending + completed + failed + cancelled + expired + reached by phone
(the caller got through on their own first). A duplicate that was merged into another promise stands apart. Attempts
are counted in the interval of the request (Bright Pattern), so a row's rates belong to its callers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.core.metrics import Share, mean


class CallbackResult(StrEnum):
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REACHED_BY_PHONE = "reached_by_phone"
    MERGED = "merged"
    """A duplicate: its promise lives on in another one."""


NOTHING = Share(part=0, whole=0)
CONNECTED = "connected"
"""Result of an attempt that brought caller and agent together."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    at: datetime
    result: str | None = None
    """`connected`, `no_answer`, `busy`, `voicemail`, `failed` …; None while it runs."""
    agent_idle: timedelta | None = None
    """Agent's time spent on it without a caller."""


@dataclass(frozen=True, kw_only=True)
class CallbackStay:
    """What the formulas need of one promised callback."""

    topic: str
    requested_at: datetime
    result: CallbackResult | None = None
    """None: pending."""
    promised_from: datetime | None = None
    promised_to: datetime | None = None
    connected_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CallbackFigures:
    requested: int = 0
    pending: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    expired: int = 0
    reached_by_phone: int = 0
    merged: int = 0
    attempts: int = 0
    attempt_results: Mapping[str, int] = field(default_factory=dict)
    first_attempt_success: Share = NOTHING
    """Connected at the first attempt, of those attempted."""
    success_of_requested: Share = NOTHING
    success_of_attempted: Share = NOTHING
    to_first_attempt: timedelta | None = None
    """Mean, from the request."""
    to_connected: timedelta | None = None
    lateness: timedelta | None = None
    """Mean over attempted ones with a promised end: first attempt after it, 0 when in time."""
    promise_kept: Share = NOTHING
    """First attempt inside the window, of promises that were attempted or whose window is over."""
    agent_idle: timedelta = timedelta()
    """Agents' time spent on attempts without a caller."""


def callback_figures(callbacks: Sequence[CallbackStay], *, at: datetime) -> CallbackFigures:
    """All figures of a set of callbacks, as of `at`."""
    unique = [one for one in callbacks if one.result is not CallbackResult.MERGED]
    results = Counter(one.result for one in callbacks)
    attempted = [one for one in unique if one.attempts]
    tries = [attempt for one in callbacks for attempt in one.attempts]
    completed = results[CallbackResult.COMPLETED]
    reached = [one for one in attempted if one.result is CallbackResult.COMPLETED]
    at_once = [one for one in attempted if one.attempts[0].result == CONNECTED]
    return CallbackFigures(
        requested=len(unique),
        pending=results[None],
        completed=completed,
        failed=results[CallbackResult.FAILED],
        cancelled=results[CallbackResult.CANCELLED],
        expired=results[CallbackResult.EXPIRED],
        reached_by_phone=results[CallbackResult.REACHED_BY_PHONE],
        merged=results[CallbackResult.MERGED],
        attempts=len(tries),
        attempt_results=dict(sorted(Counter(attempt.result or "running" for attempt in tries).items())),
        first_attempt_success=Share(part=len(at_once), whole=len(attempted)),
        success_of_requested=Share(part=completed, whole=len(unique)),
        success_of_attempted=Share(part=len(reached), whole=len(attempted)),
        to_first_attempt=mean([one.attempts[0].at - one.requested_at for one in attempted]),
        to_connected=mean([one.connected_at - one.requested_at for one in unique if one.connected_at]),
        lateness=mean([_late(one, one.promised_to) for one in attempted if one.promised_to]),
        promise_kept=_kept(unique, at=at),
        agent_idle=sum((attempt.agent_idle or timedelta() for attempt in tries), timedelta()),
    )


def _late(callback: CallbackStay, promised_to: datetime) -> timedelta:
    return max(timedelta(), callback.attempts[0].at - promised_to)


def _kept(callbacks: Sequence[CallbackStay], *, at: datetime) -> Share:
    kept = due = 0
    for one in callbacks:
        if one.promised_to is None:
            continue
        if one.attempts:
            due += 1
            kept += (one.promised_from or one.requested_at) <= one.attempts[0].at <= one.promised_to
        elif at > one.promised_to and one.result in (None, CallbackResult.FAILED, CallbackResult.EXPIRED):
            due += 1
    return Share(part=kept, whole=due)
