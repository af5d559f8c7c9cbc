"""What a list of calls asks for, and what stands in it.

A line is a stay: one call in one queue. A call that came to no queue (it ended in the menu) is one line without a stay.
The newest line comes first; a page begins after a `Place`, so that page 1,000 costs what page 1 costs, and a line that
comes in meanwhile moves none of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.core.facts import Outcome
from ivr.core.ids import CallId
from ivr.core.metrics import Stay
from ivr.core.queues import CRITICAL_PRIORITY

WAITING = "waiting"
"""In the place of an outcome: the caller still waits."""
NO_STAY = 0
"""In the place of a segment's number."""
UNSAID, SAID = "-", "*"
"""In the place of what an agent gives: nothing was given, something was."""


class Listed(StrEnum):
    """What a line is, and by which of its times it is placed."""

    ARRIVAL = "arrival"
    """A stay, by its beginning."""
    EVENT = "event"
    """A stay, by the end of its wait: who still waits is not listed."""
    ANSWER = "answer"
    """A talk, by its beginning."""
    CALL = "call"
    """A call, whatever queues it came to, by its beginning."""


class Tests(StrEnum):
    """Calls of the operator's test numbers. Reports do not count them."""

    WITHOUT = ""
    TOO = "too"
    ONLY = "only"


class Repeat(StrEnum):
    """Of answered stays: whether the caller called again (`core.repeat_figures`)."""

    BASE = "base"
    """Can be told: neither a withheld number nor a shared one."""
    AGAIN = "again"
    ONCE = "once"
    """Can be told, and did not."""


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
    by: Listed = Listed.ARRIVAL
    hotline: str = ""
    topics: tuple[str, ...] = ()
    language: str = ""
    agent: str = ""
    outcome: str = ""
    """An `Outcome`, or `WAITING`."""
    end_as: str = ""
    """A `CallEnd`."""
    menu: str = ""
    """A node of the menu that the caller came to; of calls: within the time."""
    left: str = ""
    """Where the call was when it ended."""
    hung_up_by: str = ""
    result: str = ""
    reason: str = ""
    """What the agent gave, `SAID` or `UNSAID`."""
    said: str = ""
    """What the agent said it was about: a topic or a reason."""
    repeat: Repeat | None = None
    short: Mapping[str, timedelta] = field(default_factory=dict)
    """Limits of short abandons by topic, where they are not the usual one: a repeat is none of these."""
    once: bool = False
    """Of each call the first of its stays that fits."""
    caller: tuple[str, ...] = ()
    """Blind indexes of one number; a call of any of them."""
    case: str = ""
    """Number of a case."""
    tests: Tests = Tests.WITHOUT
    made_too: bool = False
    """Also calls that we made: promised callbacks and what agents dialled. Reports do not count them."""

    @property
    def of_stays(self) -> bool:
        """Asks for something that only a stay in a queue has."""
        asked = (self.topics, self.agent, self.outcome, self.result, self.reason, self.said, self.repeat)
        return any(asked) or self.by is Listed.ANSWER


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
    test: bool = False

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
