"""Opening hours: a pure function of a calendar and an instant.

A desk is open while the wall clock of its zone shows a time inside one of the day's spans. That is how people read
a sign on a door, and it settles summer time without further rules: a time that the clock skips never comes, a time
that it shows twice counts both times. A span past midnight belongs to the day on which it begins, so a holiday does
not cut off the night before it.

The same calendar that routes calls also produces the words that callers hear (`describe`): what is said cannot
differ from what is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from ivr.core.ids import Language

DAY = timedelta(days=1)
WEEK = 7
PAIR = 2
NOON = time(12)
HORIZON_DAYS = 400
"""How far ahead a change is looked for: a desk that stays shut for longer has no next opening."""


LATER_DAYS = 2
"""Times of a day that a zone skipped fall into the days after it: so many more days are looked at."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Half-open stretch of local time. `closes` at or before `opens` ends on the next day."""

    opens: time
    closes: time

    @property
    def overnight(self) -> bool:
        return self.closes <= self.opens


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Weekly spans with exceptions, on the clock of one zone."""

    name: str
    zone: str
    weekly: Mapping[int, tuple[Span, ...]]
    """Monday is 0. A day that is missing is closed."""
    holidays: frozenset[date] = frozenset()
    """Dates on which the holiday spans (usually none) replace the weekly ones."""
    holiday_spans: tuple[Span, ...] = ()
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    """Dates with hours of their own; they win over holidays and week."""
    always: bool = False
    says: Mapping[Language, str] = field(default_factory=dict)
    """The operator's own words for `{hours}`, instead of those of `describe`."""


ALWAYS = Calendar(name="always", zone="UTC", weekly={}, always=True)
"""Day and night; every menu may name it."""


def spans_on(calendar: Calendar, day: date) -> tuple[Span, ...]:
    """The spans that begin on this local day: its exception, else its holiday, else its weekday."""
    if day in calendar.exceptions:
        return calendar.exceptions[day]
    if day in calendar.holidays:
        return calendar.holiday_spans
    return calendar.weekly.get(day.weekday(), ())


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the desk is open at the aware instant `at`."""
    if calendar.always:
        return True
    local = at.astimezone(ZoneInfo(calendar.zone))
    today, clock = local.date(), local.time().replace(tzinfo=None, fold=0)
    if any(clock >= span.opens and (span.overnight or clock < span.closes) for span in spans_on(calendar, today)):
        return True
    return any(span.overnight and clock < span.closes for span in spans_on(calendar, today - DAY))


def next_change(calendar: Calendar, at: datetime) -> datetime | None:
    """The first instant after `at` (aware UTC) at which open turns to closed or closed to open; None: no change."""
    if calendar.always:
        return None
    now = is_open(calendar, at)
    changed: list[datetime] = []
    days_since = 0
    for moments in _edges_by_day(calendar, at):
        changed += [moment for moment in moments if is_open(calendar, moment) != now]
        days_since += bool(changed)
        if days_since > LATER_DAYS:
            break
    return min(changed, default=None)


def next_opening(calendar: Calendar, at: datetime) -> datetime | None:
    """`at` itself when the desk is open, else when it opens next (aware UTC); None: not within the horizon."""
    return at if is_open(calendar, at) else next_change(calendar, at)


def _edges_by_day(calendar: Calendar, at: datetime) -> Iterator[list[datetime]]:
    """Every instant after `at` at which something may change: span ends, midnights, jumps of the clock."""
    zone = ZoneInfo(calendar.zone)
    today = at.astimezone(zone).date()
    for day in (today + ahead * DAY for ahead in range(HORIZON_DAYS)):
        clocks = {time(0)}
        for span in spans_on(calendar, day):
            clocks |= {span.opens} if span.overnight else {span.opens, span.closes}
        clocks |= {span.closes for span in spans_on(calendar, day - DAY) if span.overnight}
        locals_ = [datetime.combine(day, clock, tzinfo=zone) for clock in clocks]
        moments = {local.replace(fold=fold).astimezone(UTC) for local in locals_ for fold in (0, 1)}
        yield [moment for moment in moments | set(_jumps(zone, day)) if moment > at]


def _start(zone: ZoneInfo, day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)


def _jumps(zone: ZoneInfo, day: date) -> Iterator[datetime]:
    """The instant, if any, at which the zone's clock is put forward or back on this day (to the second)."""
    low, high = _start(zone, day), _start(zone, day + DAY)
    offset = low.astimezone(zone).utcoffset()
    if high.astimezone(zone).utcoffset() == offset:
        return
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    yield high


# ---- the words -------------------------------------------------------------------------------------------------

ZH_DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
EN_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FULL_DAY = (Span(opens=time(0), closes=time(0)),)


def describe(calendar: Calendar, *, chinese: bool) -> str:
    """The weekly hours as a caller hears them: 工作日9点到18点, "Monday to Friday, 9 a.m. to 6 p.m.".

    Holidays and exceptions are left out: a sentence on the telephone is about the week.
    """
    week = [calendar.weekly.get(day, ()) for day in range(WEEK)]
    if calendar.always or all(spans == FULL_DAY for spans in week):
        return "每天24小时" if chinese else "day and night"
    runs = [(spans, [day for day, _ in group]) for spans, group in groupby(enumerate(week), key=lambda pair: pair[1])]
    said = [_run(spans, days, chinese=chinese) for spans, days in runs if spans]
    if not said:
        return "目前不开放" if chinese else "not open at present"
    return "，".join(said) if chinese else "; ".join(said)


def _run(spans: tuple[Span, ...], days: list[int], *, chinese: bool) -> str:
    if chinese:
        return _days_zh(days) + "和".join(_span_zh(span) for span in spans)
    return f"{_days_en(days)}, {' and '.join(_span_en(span) for span in spans)}"


def _days_zh(days: list[int]) -> str:
    if len(days) == WEEK:
        return "每天"
    if days == [0, 1, 2, 3, 4]:
        return "工作日"
    if len(days) == 1:
        return ZH_DAYS[days[0]]
    return f"{ZH_DAYS[days[0]]}{'和' if len(days) == PAIR else '到'}{ZH_DAYS[days[-1]]}"


def _days_en(days: list[int]) -> str:
    if len(days) == WEEK:
        return "every day"
    if len(days) == 1:
        return EN_DAYS[days[0]]
    return f"{EN_DAYS[days[0]]} {'and' if len(days) == PAIR else 'to'} {EN_DAYS[days[-1]]}"


def _span_zh(span: Span) -> str:
    if span.opens == span.closes == time(0):
        return "全天"
    end = "24点" if span.closes == time(0) else ("次日" if span.overnight else "") + clock_zh(span.closes)
    return f"{clock_zh(span.opens)}到{end}"


def clock_zh(clock: time) -> str:
    minute = {0: "", 30: "半"}.get(clock.minute, f"{clock.minute}分")
    return f"{clock.hour}点{minute}"


def _span_en(span: Span) -> str:
    if span.opens == span.closes == time(0):
        return "all day"
    return f"{clock_en(span.opens)} to {clock_en(span.closes)}"


def clock_en(clock: time) -> str:
    if clock in (time(0), NOON):
        return "12 noon" if clock.hour else "midnight"
    minute = f":{clock.minute:02d}" if clock.minute else ""
    return f"{clock.hour % NOON.hour or 12}{minute} {'p.m.' if clock >= NOON else 'a.m.'}"
