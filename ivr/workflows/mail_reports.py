"""Mail the reports that are due: each due time sends each recipient one mail, whoever else is at it.

A mail is claimed before it is made. One that the server refused for now is tried again after a while, one that it refused for good is not; one
whose sender died, or that was handed over whole without an answer, is marked as unknown and left to people, who can send it once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import structlog

from ivr.core.errors import RequestError, Unavailable
from ivr.core.saved_reports import Every, Mail, Saved, span_of
from ivr.workflows.ports import Clock
from ivr.workflows.send_outgoing import NotSent

log = structlog.get_logger(__name__)
MOST = 50
"""Mails of one run."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A report as files, and the words around them."""

    subject: str
    text: str
    files: tuple[tuple[str, str, bytes], ...]
    """Name, media type, content."""


class Mails(Protocol):
    """Raises Unavailable."""

    def put_due(self, at: datetime) -> int: ...

    def claim(self, at: datetime) -> Mail | None: ...

    def sent(self, mail: Mail, at: datetime) -> None: ...

    def failed(self, mail: Mail, error: str, at: datetime, *, final: bool) -> None: ...

    def unknown(self, mail: Mail, error: str, at: datetime) -> None: ...

    def find(self, saved: str) -> Saved | None: ...


@dataclass(frozen=True)
class MailReports:
    mails: Mails
    make: Callable[[Saved, str, str], Made]
    """A report from its first to its last day. Raises RequestError, Unavailable."""
    send: Callable[[str, Made, datetime], Any]
    """To whom. Raises NotSent."""
    may_read: Callable[[str], bool]
    """Whether this sign-in name may see reports today."""
    audit: Callable[..., Any]
    clock: Clock

    def __call__(self) -> int:
        """Mails that were taken by the server."""
        self.mails.put_due(self.clock.now())
        sent = 0
        for _ in range(MOST):
            mail = self.mails.claim(self.clock.now())
            if mail is None:
                break
            sent += self._deliver(mail)
        return sent

    def _deliver(self, mail: Mail) -> bool:
        saved = self.mails.find(mail.saved)
        if saved is None:
            self.mails.failed(mail, "not kept any more", self.clock.now(), final=True)
            return False
        if not self.may_read(saved.owner):
            self.mails.failed(mail, f"no right to read reports: {saved.owner}", self.clock.now(), final=True)
            return False
        try:
            first, last = span_of(saved.every or Every.DAY, mail.due_at, ZoneInfo(saved.zone))
            made = self.make(saved, first.isoformat(), last.isoformat())
            self.audit(
                at=self.clock.now(),
                who=saved.owner,
                what="report.mail",
                object=saved.title,
                detail={"report": saved.report, "to": mail.recipient, "from": str(first), "until": str(last)},
            )
            self.send(mail.recipient, made, self.clock.now())
        except NotSent as err:
            if err.unknown:
                self.mails.unknown(mail, f"no answer to the whole mail: {err}", self.clock.now())
                return False
            self.mails.failed(mail, str(err), self.clock.now(), final=err.final)
        except Unavailable:
            self.mails.failed(mail, "the database was away", self.clock.now(), final=False)
        except (RequestError, ValueError) as err:
            self.mails.failed(mail, str(err), self.clock.now(), final=True)
        except Exception as err:  # one report that cannot be made keeps no other back
            log.exception("report_not_made", report=saved.report)
            self.mails.failed(mail, f"could not be made: {type(err).__name__}", self.clock.now(), final=True)
        else:
            self.mails.sent(mail, self.clock.now())
            return True
        return False
