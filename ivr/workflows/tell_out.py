"""Put messages on their way: to the mails and telephones of alerts, and to the webhooks that asked for an event.

What is put here is a row in SQL with an id made of the event and its target, so that saying a thing twice sends it once;
`send_outgoing` does the sending, and the trying again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from ivr.core.alert_rows import Alert
from ivr.core.alert_rules import SECURITY, AlertRule, Way
from ivr.core.alert_words import sentence
from ivr.core.outgoing import Endpoint, EventKind, Happened, Outgoing, Recipient


class Rows(Protocol):
    def add(self, rows: Sequence[Outgoing]) -> None:
        """One that is there already is left as it is. Raises `Unavailable`."""


class Subscribers(Protocol):
    def all(self) -> Sequence[Endpoint]:
        """Raises `Unavailable`."""


@dataclass(frozen=True, kw_only=True)
class TellHooks:
    rows: Rows
    endpoints: Subscribers

    def __call__(self, happened: Sequence[Happened]) -> None:
        """To every endpoint that asked for this kind of event."""
        if not happened:
            return
        asked = [one for one in self.endpoints.all() if one.on]
        self.rows.add(
            [hook_row(event, endpoint) for event in happened for endpoint in asked if event.kind in endpoint.events]
        )


def hook_row(event: Happened, endpoint: Endpoint) -> Outgoing:
    body = {"type": event.kind.value, "timestamp": _iso(event.at), "data": dict(event.body)}
    return Outgoing(
        id=f"{event.id}.{endpoint.id}",
        way=Way.WEBHOOK,
        target=endpoint.id,
        message=f"msg_{event.id}",
        event=event.kind.value,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        created_at=event.at,
        next_at=event.at,
    )


@dataclass(frozen=True, kw_only=True)
class TellAlert:
    rows: Rows
    recipients: Callable[[], Sequence[Recipient]]
    hooks: TellHooks
    names: Callable[[], Mapping[str, str]]
    """Of topics and agents, by id."""
    urgent: Callable[[], Collection[str]]
    """Queues of the critical lane: a rule about one of them may be told by text message too."""
    page: str
    """Address of the page of alerts."""

    def tell(self, alert: Alert, rule: AlertRule, *, at: datetime) -> None:
        grave = alert.figure in SECURITY or rule.subject in self.urgent()
        ways = rule.ways if grave else rule.ways - {Way.SMS}
        zh, en = sentence(alert, self.names().get(alert.subject, alert.subject))
        bodies = {
            Way.MAIL: {"subject": f"{zh} / {en}", "text": f"{zh}\n{en}\n\n{_iso(alert.raised_at)}\n{self.page}\n"},
            Way.SMS: {"text": f"{zh}\n{en}"},
        }
        self.rows.add(
            [
                Outgoing(
                    id=f"{alert.id}.{one.id}",
                    way=one.way,
                    target=one.id,
                    message=alert.id,
                    event=EventKind.ALERT_RAISED.value,
                    body=json.dumps(bodies[one.way], ensure_ascii=False),
                    created_at=at,
                    next_at=at,
                )
                for one in (self.recipients() if ways & set(bodies) else ())
                if one.way in ways
            ]
        )
        if Way.WEBHOOK in ways:
            self.hooks([_happened(alert, EventKind.ALERT_RAISED, at)])

    def cleared(self, alert: Alert, *, at: datetime) -> None:
        self.hooks([_happened(alert, EventKind.ALERT_CLEARED, at)])


def _happened(alert: Alert, kind: EventKind, at: datetime) -> Happened:
    body = {
        "alert": alert.id,
        "rule": alert.rule,
        "figure": alert.figure.value,
        "level": alert.level.value,
        "subject": alert.subject,
        "value": alert.value,
        "threshold": alert.threshold,
        "raised_at": _iso(alert.raised_at),
    }
    return Happened(id=f"{alert.id}-{kind.value.partition('.')[2]}", kind=kind, at=at, body=body)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
