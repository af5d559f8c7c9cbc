"""Where events are sent: who may be told, of what, and what came of it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.errors import RequestError
from ivr.core.outgoing import Endpoint, EventKind, Happened, Outgoing
from ivr.workflows.ports import Clock
from ivr.workflows.tell_out import hook_row

MOST = 20
LONGEST_URL = 500
KEY_BYTES = 32
BOTH_SIGN = timedelta(days=1)
"""How long a receiver has to take up a new secret."""


class Hooks(Protocol):
    """Raises `Unavailable`."""

    def all(self) -> Sequence[Endpoint]: ...

    def find(self, id: str) -> tuple[Endpoint, str] | None: ...  # noqa: A002 - its id

    def add(self, one: Endpoint, secret: str) -> None: ...

    def renew(self, id: str, secret: str, *, until: datetime, who: str, at: datetime) -> Endpoint | None: ...  # noqa: A002 - its id

    def remove(self, id: str, *, who: str, at: datetime) -> bool: ...  # noqa: A002 - its id

    def switch(self, id: str, *, on: bool, who: str, at: datetime) -> None: ...  # noqa: A002 - its id


class Sent(Protocol):
    """Raises `Unavailable`."""

    def add(self, rows: Sequence[Outgoing]) -> None: ...

    def again(self, id: str, *, at: datetime) -> Outgoing | None: ...  # noqa: A002 - its id

    def newest(self, *, target: str = "", limit: int = 50) -> Sequence[Outgoing]: ...


@dataclass(frozen=True, kw_only=True)
class HooksRoom:
    hooks: Hooks
    sent: Sent
    problem: Callable[[str], str]
    """What is wrong with an address, as an error word; empty: nothing that one can see."""
    clock: Clock
    new_id: Callable[[], str]
    draw: Callable[[int], bytes]
    audit: Callable[..., None]

    def add(self, url: str, events: Sequence[str], *, who: str) -> tuple[Endpoint, str]:
        """The endpoint and its secret, which is shown this once. Raises `RequestError`."""
        url = url.strip()
        chosen = frozenset(events) & {kind.value for kind in EventKind} - {EventKind.TEST.value}
        if not chosen:
            raise RequestError("choose at least one event", status=422, error_id="webhook_events")
        wrong = "webhook_url" if not url or len(url) > LONGEST_URL else self.problem(url)
        if wrong:
            raise RequestError("this address cannot be used", status=422, error_id=wrong)
        if len(self.hooks.all()) >= MOST:
            raise RequestError(f"at most {MOST} endpoints", status=409, error_id="webhook_most")
        one = Endpoint(id=self.new_id(), url=url, events=chosen, created_at=self.clock.now(), created_by=who)
        secret = self._secret()
        self.hooks.add(one, secret)
        return one, secret

    def renew(self, id: str, *, who: str) -> tuple[Endpoint, str]:  # noqa: A002 - its id
        """Another secret, shown this once; for a day the one of before signs too. Raises `RequestError`."""
        now, secret = self.clock.now(), self._secret()
        one = self.hooks.renew(id, secret, until=now + BOTH_SIGN, who=who, at=now)
        if one is None:
            raise RequestError("there is no such endpoint", status=404, error_id="webhook_unknown")
        return one, secret

    def _secret(self) -> str:
        return "whsec_" + base64.b64encode(self.draw(KEY_BYTES)).decode()

    def remove(self, id: str, *, who: str) -> None:  # noqa: A002 - its id
        """One that is not there is gone already."""
        self.hooks.remove(id, who=who, at=self.clock.now())

    def switch(self, id: str, *, on: bool, who: str) -> None:  # noqa: A002 - its id
        self.hooks.switch(id, on=on, who=who, at=self.clock.now())

    def test(self, id: str) -> None:  # noqa: A002 - its id
        """Send an event that says nothing. Raises `RequestError`."""
        found, now = self.hooks.find(id), self.clock.now()
        if found is None:
            raise RequestError("there is no such endpoint", status=404, error_id="webhook_unknown")
        event = Happened(id=self.new_id(), kind=EventKind.TEST, at=now, body={"endpoint": id})
        self.sent.add([hook_row(event, found[0])])

    def again(self, id: str, *, who: str) -> None:  # noqa: A002 - its id
        """Send a message once more, with the id it had. Raises `RequestError`."""
        now = self.clock.now()
        row = self.sent.again(id, at=now)
        if row is None:
            raise RequestError("there is no such message", status=404, error_id="message_unknown")
        self.audit(at=now, who=who, what="message sent again", object=row.message, detail={"target": row.target})
