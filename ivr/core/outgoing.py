"""What goes out to others: a mail, a text message, or a webhook, tried until it is taken or given up.

One row is one message to one target. Its `message` is the same in every try and in a resend, so that a receiver knows what
it has had (`webhook-id` of Standard Webhooks). Tries are apart as `AFTER` says, about three days in all; then it is
given up, and only a person sends it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.core.alert_rules import Way

AFTER = tuple(
    timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Between two tries: nearly those of the convention, a little more than three days in all."""


OFF = "switched off"
"""Answer of a message to an endpoint that nobody wants to be told now."""


class EventKind(StrEnum):
    """What a webhook may be told of."""

    CALL_ENDED = "call.ended"
    QUEUE_JOINED = "queue.joined"
    QUEUE_LEFT = "queue.left"
    CALL_ANSWERED = "call.answered"
    CALLBACK_CLOSED = "callback.closed"
    CASE_OPENED = "case.opened"
    MESSAGE_LEFT = "message.left"
    SURVEY_ANSWERED = "survey.answered"
    ALERT_RAISED = "alert.raised"
    ALERT_CLEARED = "alert.cleared"
    TEST = "test"


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    id: str
    way: Way
    target: str
    """An endpoint or a recipient."""
    message: str
    event: str
    body: str
    created_at: datetime
    next_at: datetime | None
    """When it is tried next; None: it was sent, or given up."""
    tries: int = 0
    sent_at: datetime | None = None
    given_up_at: datetime | None = None
    answer: str = ""
    """What came of the last try, in a few words."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where events are sent."""

    id: str
    url: str
    events: frozenset[str]
    created_at: datetime
    created_by: str
    on: bool = True
    old_until: datetime | None = None
    """Until then the secret of before signs too, so that a receiver has time to take up the new one."""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Who is told of alerts by mail or text message."""

    id: str
    way: Way
    address: str
    added_by: str


@dataclass(frozen=True, kw_only=True)
class Happened:
    """Something to tell webhooks. `id` is the same whenever this very thing is told of."""

    id: str
    kind: EventKind
    at: datetime
    body: Mapping[str, object]
    """Ids and words of ours, never more of a person than a masked number."""


def next_try(tries: int, at: datetime) -> datetime | None:
    """When it is tried again after so many tries without success; None: never."""
    return at + AFTER[tries - 1] if tries <= len(AFTER) else None
