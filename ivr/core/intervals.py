"""Cut time on the local clock, and say which piece is meant.

Reports speak of "9:00 to 9:30" as the site's wall clock shows it; records are in UTC. Pieces are half-open. An hour
that the clock shows twice makes two rows, told apart by their offset; an hour that it skips makes none; a day has
23, 24 or 25 hours, or a half more or less where the clock moves by half an hour. Within a day the pieces are cut
where the wall clock shows a multiple of the step *or* the offset changes, so no piece ever spans a change of clock.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


class Step(StrEnum):
    QUARTER = "15m"
    HALF = "30m"
    HOUR = "60m"
    DAY = "day"
    WEEK = "week"
    """From Monday (ISO 8601)."""
    MONTH = "month"

    @property
    def minutes(self) -> int | None:
        """Of the steps within a day."""
        return {Step.QUARTER: 15, Step.HALF: 30, Step.HOUR: 60}.get(self)


@dataclass(frozen=True, kw_only=True)
class Interval:
    """From `start` up to, not including, `end`; both aware UTC."""

    start: datetime
    end: datetime
    label: str
    """As the local clock shows the start: `2026-10-25 02:00 +01:00`, `2026-10-25`, `2026-W43`, `2026-10`."""

    @property
    def length(self) -> timedelta:
        """Real time, whatever the clock did: divide hourly averages by this."""
        return self.end - self.start


def intervals(start: datetime, end: datetime, step: Step, zone: ZoneInfo) -> list[Interval]:
    """The pieces of [start, end), in order and without gaps. The first and last are cut off at the edges."""
    pieces = _within_days(start, end, step, zone) if step.minutes else _of_days(start, end, step, zone)
    return list(pieces)


def find(pieces: Sequence[Interval], at: datetime) -> int | None:
    """Index of the piece that holds `at`; None outside all."""
    index = bisect_right(pieces, at, key=lambda piece: piece.start) - 1
    return index if index >= 0 and at < pieces[index].end else None


def period(first: str, last: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From what people type: dates (`2026-10-25`) or local times (`2026-10-25T08:30`), with an offset if they like.

    A date as the end means to the end of that day. A time that the clock shows twice is the first of the two.
    Raises ValueError with a sentence.
    """
    start, end = _instant(first, zone, whole_day=False), _instant(last, zone, whole_day=True)
    if end <= start:
        raise ValueError(f"the time ends ({last}) before it begins ({first})")
    return start, end


def _instant(text: str, zone: ZoneInfo, *, whole_day: bool) -> datetime:
    try:
        if len(text) == len("2026-10-25"):
            return local_midnight(date.fromisoformat(text) + (DAY if whole_day else timedelta()), zone)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as err:
        raise ValueError(f"{text!r} is not a date (2026-10-25) or a time (2026-10-25T08:30)") from err
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """When the local day begins, in UTC. Where the clock skips midnight: the instant of the change; where it shows
    midnight twice: the first.
    """
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)


def offset_label(at: datetime, zone: ZoneInfo) -> str:
    """`+01:00`."""
    return at.astimezone(zone).isoformat(timespec="seconds")[19:25]


def _within_days(start: datetime, end: datetime, step: Step, zone: ZoneInfo) -> Iterator[Interval]:
    minutes = step.minutes or 60
    at = start.astimezone(UTC)
    while at < end:
        local = at.astimezone(zone)
        floor = local.replace(minute=local.minute - local.minute % minutes, second=0, microsecond=0)
        ahead = timedelta(minutes=minutes) - (local.replace(tzinfo=None) - floor.replace(tzinfo=None))
        following = _before_change(at, at + ahead, zone)
        label = f"{floor:%Y-%m-%d %H:%M} {offset_label(at, zone)}"
        yield Interval(start=at, end=min(following, end.astimezone(UTC)), label=label)
        at = following


def _before_change(at: datetime, following: datetime, zone: ZoneInfo) -> datetime:
    """`following`, or the instant in between at which the zone's offset changes."""
    offset = at.astimezone(zone).utcoffset()
    if (following - SECOND).astimezone(zone).utcoffset() == offset:
        return following
    low, high = at.replace(microsecond=0), following
    while high - low > SECOND:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high


def _of_days(start: datetime, end: datetime, step: Step, zone: ZoneInfo) -> Iterator[Interval]:
    day = _first(start.astimezone(zone).date(), step)
    begins = local_midnight(day, zone)
    while begins < end:
        following = _next(day, step)
        ends = local_midnight(following, zone)
        if ends > start:
            yield Interval(
                start=max(begins, start.astimezone(UTC)), end=min(ends, end.astimezone(UTC)), label=_label(day, step)
            )
        day, begins = following, ends


def _first(day: date, step: Step) -> date:
    if step is Step.WEEK:
        return day - day.weekday() * DAY
    return day.replace(day=1) if step is Step.MONTH else day


def _next(day: date, step: Step) -> date:
    if step is Step.WEEK:
        return day + 7 * DAY
    return (day.replace(day=1) + 32 * DAY).replace(day=1) if step is Step.MONTH else day + DAY


def _label(day: date, step: Step) -> str:
    if step is Step.WEEK:
        return "{}-W{:02d}".format(*day.isocalendar()[:2])
    return f"{day:%Y-%m}" if step is Step.MONTH else f"{day:%Y-%m-%d}"
