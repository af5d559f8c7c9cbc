"""Keep a report with what was chosen, share it, and have it mailed; every change stands in the audit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo, available_timezones

from ivr.core.errors import RequestError
from ivr.core.saved_reports import (
    LONGEST_TITLE,
    MOST_RECIPIENTS,
    Every,
    Mail,
    Saved,
    Wish,
    next_due,
    recipients_of,
    report_of,
)
from ivr.workflows.ports import Clock

FILES = ("xlsx", "csv", "pdf")
NO_REPORT = "This is no address of a report."
NO_TITLE = "Give it a name of 1 to 120 characters."
NO_ADDRESS = "One of these is no mail address."
NO_RECIPIENT = "Name at least one mail address, and at most twenty."
NO_FILE = "Choose at least one kind of file."
NO_HOUR = "Choose an hour from 0 to 23."
NOT_YOURS = "Only who keeps a report may change it."
GONE = "This report is not kept any more."


class Book(Protocol):
    """Raises Unavailable."""

    def seen_by(self, login: str) -> Sequence[Saved]: ...

    def find(self, saved: str) -> Saved | None: ...

    def keep(self, saved: Saved, at: datetime) -> None: ...

    def remove(self, saved: str) -> None: ...

    def mails(self, saved: Sequence[str]) -> Sequence[Mail]: ...

    def send_now(self, saved: Saved, at: datetime) -> None: ...

    def troubled(self, login: str, *, all_of_them: bool) -> Sequence[tuple[Saved, Mail]]: ...


@dataclass(frozen=True)
class KeepReports:
    book: Book
    reports: Collection[str]
    """Names of those that can be kept and mailed."""
    audit: Callable[..., Any]
    clock: Clock
    new_id: Callable[[], str]
    zone: str

    def add(self, address: str, title: str, *, shared: bool, owner: str, language: str) -> Saved:
        found = report_of(address)
        title = " ".join(title.split())
        if found is None or found[0] not in self.reports:
            raise _refusal(NO_REPORT)
        if not 1 <= len(title) <= LONGEST_TITLE:
            raise _refusal(NO_TITLE)
        saved = Saved(
            id=self.new_id(),
            title=title,
            report=found[0],
            chosen=found[1],
            owner=owner,
            shared=shared,
            language=language,
            zone=self._zone(found[1]),
        )
        self._write(saved, owner, "report.keep")
        return saved

    def _zone(self, chosen: str) -> str:
        """The clock of what was chosen: a day is mailed when it is over there."""
        wanted = dict(parse_qsl(chosen)).get("zone", "")
        return wanted if wanted in available_timezones() else self.zone

    def schedule(self, saved: str, wish: Wish, *, who: str) -> None:
        """Mail it from the next due time on, or never again."""
        one = self._own(saved, who)
        try:
            every, recipients = Every(wish.every), recipients_of(wish.recipients)
        except ValueError as err:
            raise _refusal(NO_ADDRESS) from err
        files = tuple(kind for kind in FILES if kind in wish.files)
        if not wish.hour.isdecimal() or int(wish.hour) not in range(24):
            raise _refusal(NO_HOUR)
        if every is not Every.NEVER:
            if not 1 <= len(recipients) <= MOST_RECIPIENTS:
                raise _refusal(NO_RECIPIENT)
            if not files:
                raise _refusal(NO_FILE)
        hour = int(wish.hour)
        due = next_due(every, hour, self.clock.now(), ZoneInfo(one.zone))
        changed = replace(one, every=every, hour=hour, recipients=recipients, files=files or one.files, next_at=due)
        self._write(changed, who, "report.schedule", every=every.value, recipients=len(recipients))

    def share(self, saved: str, *, shared: bool, who: str) -> None:
        self._write(replace(self._own(saved, who), shared=shared), who, "report.keep", shared=shared)

    def remove(self, saved: str, *, who: str) -> None:
        one = self._own(saved, who)
        self.audit(at=self.clock.now(), who=who, what="report.forget", object=one.title, detail={})
        self.book.remove(saved)

    def send_now(self, saved: str, *, who: str) -> None:
        """One more mail to each recipient, about the last time that is over."""
        one = self._own(saved, who)
        if not one.recipients:
            raise _refusal(NO_RECIPIENT)
        self.book.send_now(one, self.clock.now())

    def _own(self, saved: str, who: str) -> Saved:
        one = self.book.find(saved)
        if one is None:
            raise RequestError(GONE, status=404, error_id="gone")
        if not one.may_change(who):
            raise RequestError(NOT_YOURS, status=403, error_id="not_yours")
        return one

    def _write(self, saved: Saved, who: str, what: str, **detail: object) -> None:
        now = self.clock.now()
        self.audit(at=now, who=who, what=what, object=saved.title, detail={"report": saved.report, **detail})
        self.book.keep(saved, now)


def _refusal(sentence: str) -> RequestError:
    return RequestError(sentence, status=422, error_id="refused")
