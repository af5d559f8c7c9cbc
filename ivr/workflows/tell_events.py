"""What happened on calls, told to webhooks. The recorder asks after it has written the records.

An event's id is that of its fact, so facts that come twice are told once. Nothing personal goes out: ids, topics,
times and results; who must know more asks the API with the id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.api_rows import CallbackRow
from ivr.core.facts import (
    Answered,
    CallEnded,
    CaseKept,
    Fact,
    MessageLeft,
    SegmentEnded,
    SegmentStarted,
    SurveyAnswered,
)
from ivr.core.outgoing import EventKind, Happened
from ivr.workflows.ports import Clock, FactRow
from ivr.workflows.tell_out import Subscribers

CLOSED_WITHIN = timedelta(hours=6)
"""Callbacks closed so lately are looked at again: what was told is known by its id."""


def _ended(fact: CallEnded) -> Mapping[str, object]:
    return {"call": fact.call, "end": fact.end.value, "hung_up_by": fact.hung_up_by}


def _joined(fact: SegmentStarted) -> Mapping[str, object]:
    return {
        "call": fact.call,
        "segment": fact.segment,
        "topic": fact.topic,
        "language": fact.language,
        "priority": fact.priority,
    }


def _left(fact: SegmentEnded) -> Mapping[str, object]:
    return {"call": fact.call, "segment": fact.segment, "outcome": fact.outcome.value}


def _answered(fact: Answered) -> Mapping[str, object]:
    return {"call": fact.call, "segment": fact.segment, "topic": fact.topic, "agent": fact.agent}


def _message(fact: MessageLeft) -> Mapping[str, object]:
    return {"call": fact.call, "topic": fact.topic, "duration_s": fact.duration_s}


def _survey(fact: SurveyAnswered) -> Mapping[str, object]:
    return {"call": fact.call, "channel": fact.channel, "score": fact.score}


def _case(fact: CaseKept) -> Mapping[str, object]:
    return {"call": fact.call, "case": fact.case}


TOLD: Mapping[type[Fact], tuple[EventKind, Callable[..., Mapping[str, object]]]] = {
    CallEnded: (EventKind.CALL_ENDED, _ended),
    SegmentStarted: (EventKind.QUEUE_JOINED, _joined),
    SegmentEnded: (EventKind.QUEUE_LEFT, _left),
    Answered: (EventKind.CALL_ANSWERED, _answered),
    MessageLeft: (EventKind.MESSAGE_LEFT, _message),
    SurveyAnswered: (EventKind.SURVEY_ANSWERED, _survey),
    CaseKept: (EventKind.CASE_OPENED, _case),
}


def happened(rows: Sequence[FactRow]) -> Sequence[Happened]:
    """What of these facts others may be told."""
    found = []
    for row in rows:
        told = TOLD.get(type(row.fact))
        if told is None or (isinstance(row.fact, CaseKept) and not row.fact.opened):
            continue
        kind, body = told
        name = hashlib.sha256(row.id.encode()).hexdigest()[:24]
        found.append(Happened(id=name, kind=kind, at=row.fact.at, body={"hotline": row.hotline, **body(row.fact)}))
    return found


class Closed(Protocol):
    def closed_since(self, since: datetime) -> Sequence[CallbackRow]:
        """Raises `Unavailable`."""


@dataclass(frozen=True, kw_only=True)
class TellClosed:
    """Callbacks are promises in SQL and no facts: those closed lately are looked up."""

    callbacks: Closed
    endpoints: Subscribers
    tell: Callable[[Sequence[Happened]], None]
    clock: Clock

    def __call__(self) -> None:
        if not any(EventKind.CALLBACK_CLOSED in one.events for one in self.endpoints.all()):
            return
        found = self.callbacks.closed_since(self.clock.now() - CLOSED_WITHIN)
        self.tell(
            [
                Happened(
                    id=f"callback-{one.id}",
                    kind=EventKind.CALLBACK_CLOSED,
                    at=one.closed_at or self.clock.now(),
                    body={"hotline": one.hotline, "callback": one.id, "topic": one.topic, "result": one.result},
                )
                for one in found
            ]
        )
