"""What was promised to callers, and whether it was kept: callbacks, answers to messages, calls of a supervisor.

Kept: done by the time that was named. Late: done after it, or still open after it. Broken: given up. Cancelled: the caller
no longer wanted it, which breaks nothing. The share kept is of those that are decided and not cancelled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.core.metrics import Share


class Kind(StrEnum):
    CALLBACK = "callback"
    MESSAGE = "message"
    FOLLOW_UP = "follow_up"


class Verdict(StrEnum):
    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"
    CANCELLED = "cancelled"
    OPEN = "open"


FIRST = (Verdict.BROKEN, Verdict.LATE, Verdict.OPEN, Verdict.KEPT, Verdict.CANCELLED)
"""What somebody must look at stands at the top."""


@dataclass(frozen=True, kw_only=True)
class PromiseRow:
    """One promise, as stored."""

    kind: Kind
    id: str
    call: str
    """The call in which it was made."""
    topic: str
    at: datetime
    due_at: datetime
    done_at: datetime | None = None
    """When it was kept."""
    broken: bool = False
    """Given up without being kept."""
    cancelled: bool = False


def verdict(promise: PromiseRow, *, now: datetime) -> Verdict:
    if promise.cancelled:
        return Verdict.CANCELLED
    if promise.done_at is not None:
        return Verdict.KEPT if promise.done_at <= promise.due_at else Verdict.LATE
    if promise.broken:
        return Verdict.BROKEN
    return Verdict.OPEN if now <= promise.due_at else Verdict.LATE


@dataclass(frozen=True, kw_only=True)
class PromiseFigures:
    made: int
    kept: int
    late: int
    broken: int
    cancelled: int
    open: int
    share_kept: Share


def promise_figures(promises: Iterable[PromiseRow], *, now: datetime) -> PromiseFigures:
    return figures_of(Counter(verdict(one, now=now) for one in promises))


def figures_of(counts: Counter[Verdict]) -> PromiseFigures:
    decided = counts[Verdict.KEPT] + counts[Verdict.LATE] + counts[Verdict.BROKEN]
    return PromiseFigures(
        made=counts.total(),
        kept=counts[Verdict.KEPT],
        late=counts[Verdict.LATE],
        broken=counts[Verdict.BROKEN],
        cancelled=counts[Verdict.CANCELLED],
        open=counts[Verdict.OPEN],
        share_kept=Share(part=counts[Verdict.KEPT], whole=decided),
    )
