"""What a list of calls asks for, and what stands in it.

A line is a stay: one call in one queue. A call that came to no queue (it ended in the menu) is one line without a stay.
The newest line comes first; a page begins after a `Place`, so that page 1,000 costs what page 1 costs, and a line that
comes in meanwhile moves none of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.core.facts import Outcome
from ivr.core.ids import CallId
from ivr.core.metrics import Stay
from ivr.core.queues import CRITICAL_PRIORITY

WAITING = "waiting"
"""In the place of an outcome: the caller still waits."""
NO_STAY = 0
"""In the place of a segment's number."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A line of the list: where the next page goes on."""

    at: datetime
    call: CallId
    segment: int = NO_STAY


@dataclass(frozen=True, kw_only=True)
class CallFilter:
    """`start` and `end` are aware; half-open. What is empty filters nothing."""

    start: datetime
    end: datetime
    by_event: bool = False
    """Placed by the end of the wait, not by its beginning: who still waits is not listed."""
    topics: tuple[str, ...] = ()
    language: str = ""
    agent: str = ""
    outcome: str = ""
    """An `Outcome`, or `WAITING`."""
    end_as: str = ""
    """A `CallEnd`."""
    menu: str = ""
    """A node of the menu that the caller came to."""
    left: str = ""
    """Where the call was when it ended."""
    caller: tuple[str, ...] = ()
    """Blind indexes of one number; a call of any of them."""
    case: str = ""
    """Number of a case."""
    made_too: bool = False
    """Also calls that we made: promised callbacks and what agents dialled. Reports do not count them."""

    @property
    def of_stays(self) -> bool:
        """Asks for something that only a stay in a queue has."""
        return bool(self.topics or self.agent or self.outcome)


@dataclass(frozen=True, kw_only=True)
class ListedCall:
    """One line. Times are aware UTC."""

    at: datetime
    """By which it is placed."""
    call: CallId
    segment: int
    started_at: datetime | None
    ended_at: datetime | None
    kind: str
    number: str | None
    """Sealed as it is stored; once the line is `marked`, opened. Empty: withheld; None: its seal does not open."""
    language: str
    menu_version: str
    topic: str = ""
    path: tuple[str, ...] = ()
    priority: int = 0
    outcome: Outcome | None = None
    """None: waiting, or no stay."""
    wait_s: float | None = None
    talk_s: float | None = None
    hold_s: float | None = None
    wrap_s: float | None = None
    agent: str = ""
    result: str = ""
    reason: str = ""
    by_default: bool = False
    cause: str = ""
    ended_by: str = ""
    end: str = ""
    left: str = ""
    repairs: int = 0
    score: int | None = None
    recorded: bool = False

    @property
    def place(self) -> Place:
        return Place(at=self.at, call=self.call, segment=self.segment)

    @property
    def urgent(self) -> bool:
        return self.priority >= CRITICAL_PRIORITY

    def stay(self, *, within: timedelta, short: timedelta, now: datetime) -> Stay:
        """What the formulas see of it, with the limits of its topic."""
        return Stay(
            wait=max(timedelta(0), now - self.at) if self.wait_s is None else timedelta(seconds=self.wait_s),
            outcome=self.outcome,
            within=within,
            short=short,
            talk=_span(self.talk_s),
            hold=_span(self.hold_s),
            wrap=_span(self.wrap_s),
            cause=self.cause,
            ended_by=self.ended_by,
        )


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
