"""Times of kept cells and sums: whole seconds since 1970, and the days of the site's clock in them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.core.intervals import local_midnight

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ONE_DAY = timedelta(days=1)
Span = tuple[int, int]
"""Start and end."""


def seconds_of(at: datetime) -> int:
    """What is less than a second is dropped."""
    return (at - EPOCH) // SECOND


def time_of(seconds: int) -> datetime:
    return EPOCH + seconds * SECOND


def day_of(seconds: int, zone: ZoneInfo) -> date:
    return time_of(seconds).astimezone(zone).date()


def span_of(day: date, zone: ZoneInfo) -> Span:
    """Of 23, 24 or 25 hours, from midnight to midnight."""
    return seconds_of(local_midnight(day, zone)), seconds_of(local_midnight(day + ONE_DAY, zone))
