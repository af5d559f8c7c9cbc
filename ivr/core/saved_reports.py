"""Reports that people keep: what was chosen, whom it is shared with, and when it goes out by mail.

What is mailed is always a time that is over: the day, week (Monday to Sunday) or month before the one in which it is sent. A due time is the
instant at which the local clock shows the hour; where the clock skips that hour, the instant of the change. Each due time sends each
recipient one mail: a mail that was refused for now is tried again, one whose end nobody knows is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from ivr.core.intervals import DAY, local_midnight

MOST_RECIPIENTS = 20
LONGEST_TITLE = 120
RETRIES = (timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=4))
"""After the first, second, … failed try; then it is given up, and the page says so."""
LEASE = timedelta(minutes=15)
"""A mail that is being sent for longer was interrupted: it may have gone out, so it is not sent again."""
PLACES = ("from", "to")
ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
PATH = "/supervisor/reports/"


class Every(StrEnum):
    NEVER = ""
    DAY = "day"
    WEEK = "week"
    """On Mondays."""
    MONTH = "month"
    """On the first."""


class Sent(StrEnum):
    """What became of one mail."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Interrupted: it may have gone out."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    id: str
    title: str
    report: str
    """Name of the report, as in its address."""
    chosen: str
    """What was chosen: the words behind the question mark, without the file format."""
    owner: str
    """Login of who keeps it."""
    shared: bool
    language: str
    """Of the mail: the owner's."""
    zone: str
    every: Every = Every.NEVER
    hour: int = 7
    recipients: tuple[str, ...] = ()
    files: tuple[str, ...] = ("xlsx",)
    next_at: datetime | None = None

    @property
    def address(self) -> str:
        return f"{PATH}{self.report}{'?' if self.chosen else ''}{self.chosen}"

    def address_of(self, first: str, last: str) -> str:
        """The page of these days, with the rest as it was chosen."""
        rest = [pair for pair in parse_qsl(self.chosen) if pair[0] not in PLACES]
        return f"{PATH}{self.report}?{urlencode([('from', first), ('to', last), *rest])}"

    @property
    def words(self) -> Mapping[str, str]:
        return dict(parse_qsl(self.chosen))

    def may_change(self, login: str) -> bool:
        return login == self.owner


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail of a saved report to one recipient, due at one time."""

    saved: str
    due_at: datetime
    recipient: str
    state: Sent = Sent.WAITING
    tries: int = 0
    error: str = ""
    at: datetime | None = None
    """Of the last change."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A schedule as somebody typed it."""

    every: str = ""
    hour: str = "7"
    recipients: str = ""
    files: tuple[str, ...] = field(default=("xlsx",))


def report_of(address: str) -> tuple[str, str] | None:
    """Name and choices from the address of a report's page; None when it is none."""
    path, _, query = address.partition("?")
    name = path.removeprefix(PATH)
    if not path.startswith(PATH) or not re.fullmatch(r"[a-z][a-z-]{1,40}", name):
        return None
    return name, urlencode([pair for pair in parse_qsl(query) if pair[0] not in ("format", "table")])


def recipients_of(text: str) -> tuple[str, ...]:
    """Addresses, parted by commas, semicolons or white space. Raises ValueError with the one that is none."""
    found = tuple(dict.fromkeys(one for one in re.split(r"[,;\s]+", text) if one))
    for one in found:
        if not ADDRESS.fullmatch(one):
            raise ValueError(one)
    return found


def span_of(every: Every, due_at: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """First and last day of what is mailed: over when it is due."""
    day = due_at.astimezone(zone).date()
    if every is Every.WEEK:
        monday = day - day.weekday() * DAY
        return monday - 7 * DAY, monday - DAY
    if every is Every.MONTH:
        last = day.replace(day=1) - DAY
        return last.replace(day=1), last
    return day - DAY, day - DAY


def next_due(every: Every, hour: int, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The first due time later than `after`."""
    if every is Every.NEVER:
        return None
    day = after.astimezone(zone).date()
    while True:
        fits = every is Every.DAY or (day.weekday() == 0 if every is Every.WEEK else day.day == 1)
        if fits and (due := _at(day, hour, zone)) > after:
            return due
        day += DAY


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """When the clock shows the hour; never before the day began."""
    local = datetime.combine(day, time(hour), tzinfo=zone)
    return max(local_midnight(day, zone), local.astimezone(ZoneInfo("UTC")))


def retry_after(tries: int) -> timedelta | None:
    """How long to wait after so many failed tries; None: give up."""
    return RETRIES[tries - 1] if tries <= len(RETRIES) else None
