"""Figures of callbacks, by the definitions of `DOMAIN.md` 3.10.

What was promised is counted once: requested = pending + completed + failed + cancelled + expired + reached by phone
(the caller got through on their own first). A duplicate that was merged into another promise stands apart. Attempts
are counted in the interval of the request (Bright Pattern), so a row's rates belong to its callers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from operator import attrgetter

from ivr.core.metrics import Share


class CallbackResult(StrEnum):
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REACHED_BY_PHONE = "reached_by_phone"
    MERGED = "merged"
    """A duplicate: its promise lives on in another one."""


NOTHING = Share(part=0, whole=0)
MILLISECOND = timedelta(milliseconds=1)
CONNECTED = "connected"
"""Result of an attempt that brought caller and agent together."""


@dataclass(frozen=True, kw_only=True)
class CallbackSums:
    """What the formulas need of promised callbacks; sums add up. Times in milliseconds."""

    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    expired: int = 0
    reached_by_phone: int = 0
    merged: int = 0
    pending: int = 0
    attempted: int = 0
    """Of those that were not merged, and so below."""
    completed_attempted: int = 0
    at_once: int = 0
    """Connected at the first attempt."""
    to_first_ms: int = 0
    """From the request to the first attempt, of those attempted."""
    connected: int = 0
    to_connected_ms: int = 0
    promised_attempted: int = 0
    """Attempted, with a promised end."""
    late_ms: int = 0
    """First attempt after the promised end; 0 when in time."""
    kept: int = 0
    due: int = 0
    idle_ms: int = 0
    """Of all attempts."""
    attempts: Counter[str] = field(default_factory=Counter)
    """By result; `running` while there is none."""


NO_CALLBACKS = CallbackSums()
NUMBERS = tuple(one.name for one in fields(CallbackSums) if one.name != "attempts")
_numbers = attrgetter(*NUMBERS)


def together(parts: Sequence[CallbackSums]) -> CallbackSums:
    if len(parts) == 1:
        return parts[0]
    attempts: Counter[str] = Counter()
    for part in parts:
        attempts.update(part.attempts)
    totals = map(sum, zip(*map(_numbers, parts), strict=True))
    return CallbackSums(**dict(zip(NUMBERS, totals, strict=False)), attempts=attempts)


@dataclass(frozen=True, kw_only=True)
class CallbackFigures:
    sums: CallbackSums = NO_CALLBACKS
    """What they are made of."""
    requested: int = 0
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


def callback_figures(sums: CallbackSums) -> CallbackFigures:
    """All figures of a set of callbacks."""
    of = sums
    unique = of.pending + of.completed + of.failed + of.cancelled + of.expired + of.reached_by_phone
    return CallbackFigures(
        sums=of,
        requested=unique,
        first_attempt_success=Share(part=of.at_once, whole=of.attempted),
        success_of_requested=Share(part=of.completed, whole=unique),
        success_of_attempted=Share(part=of.completed_attempted, whole=of.attempted),
        to_first_attempt=_mean(of.to_first_ms, of.attempted),
        to_connected=_mean(of.to_connected_ms, of.connected),
        lateness=_mean(of.late_ms, of.promised_attempted),
        promise_kept=Share(part=of.kept, whole=of.due),
        agent_idle=of.idle_ms * MILLISECOND,
    )


def _mean(spent_ms: int, number: int) -> timedelta | None:
    return spent_ms * MILLISECOND / number if number else None
