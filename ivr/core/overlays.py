"""What pages have set over a menu file: settings of queues, and days on which a desk has other hours.

The file stays the ground; a setting here wins over the file's until it is taken back. The tree keeps its version, because what
callers hear and press is the same; so a setting counts from the next decision on, for calls in progress too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from ivr.core.hours import ALWAYS, Calendar, Span
from ivr.core.ids import TopicId
from ivr.core.menus import MenuTree, Topic
from ivr.core.shut import PREFIX, calendar_for

SECOND = timedelta(seconds=1)
DAY_MIN = 24 * 60


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting of a queue that may differ from the file; a whole number of seconds."""

    name: str
    least_s: int
    most_s: int
    may_be_none: bool = False
    """Whether a file may leave it out."""


SETTINGS: Mapping[str, Setting] = {
    one.name: one
    for one in (
        Setting(name="service_level", least_s=1, most_s=3600),
        Setting(name="short_abandon", least_s=0, most_s=120),
        Setting(name="ring_time", least_s=5, most_s=60),
        Setting(name="wrap_up", least_s=0, most_s=1800),
        Setting(name="overflow_after", least_s=30, most_s=7200, may_be_none=True),
        Setting(name="ceiling", least_s=30, most_s=7200, may_be_none=True),
        Setting(name="reply_within", least_s=3600, most_s=14 * 86400),
    )
}


@dataclass(frozen=True, kw_only=True)
class QueueSetting:
    hotline: str
    topic: str
    name: str
    value_s: int
    set_by: str = ""
    set_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class OtherHours:
    """A day on which a calendar has hours of its own; no spans: closed all day."""

    hotline: str
    calendar: str
    day: date
    spans: tuple[Span, ...]
    note: str = ""
    set_by: str = ""
    set_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Overlay:
    settings: Sequence[QueueSetting] = field(default_factory=tuple)
    hours: Sequence[OtherHours] = field(default_factory=tuple)


def laid(tree: MenuTree, over: Overlay) -> MenuTree:
    """The tree with what is set over it. What names something that the tree does not have is passed over."""
    settings = [one for one in over.settings if one.hotline == tree.hotline and one.topic in tree.topics]
    hours = [one for one in over.hours if one.hotline == tree.hotline and one.calendar in tree.calendars]
    queues = [one for one in over.hours if one.hotline == tree.hotline and of_queue(one.calendar) in tree.topics]
    if not settings and not hours and not queues:
        return tree
    topics = {id: _topic(topic, [one for one in settings if one.topic == id]) for id, topic in tree.topics.items()}  # noqa: A001 - its id
    calendars = {
        name: _calendar(known, [one for one in hours if one.calendar == name]) for name, known in tree.calendars.items()
    }
    for topic in {of_queue(one.calendar) for one in queues}:
        name = calendar_for(topic)
        known = calendars.get(topics[TopicId(topic)].calendar or "", ALWAYS)
        own = replace(known, name=name, zone=tree.zone if known.always else known.zone, says={})
        calendars[name] = _calendar(own, [one for one in queues if one.calendar == name])
        topics[TopicId(topic)] = replace(topics[TopicId(topic)], calendar=name)
    return replace(tree, topics=topics, calendars=calendars)


def of_queue(calendar: str) -> str:
    """The queue that a calendar of a page is about; empty: it is one of the file."""
    return calendar.removeprefix(PREFIX) if calendar.startswith(PREFIX) else ""


def less(spans: Sequence[Span], gap: Span) -> tuple[Span, ...]:
    """What is left of a day's spans without this stretch. Raises ValueError when that would begin on the next day, and for a
    stretch that does not end on its day.
    """
    first, last = _minute(gap.opens), _minute(gap.closes) or DAY_MIN
    if last <= first:
        raise ValueError("past midnight")
    found = []
    for span in spans:
        opens, closes = _minute(span.opens), _minute(span.closes) or DAY_MIN
        closes += DAY_MIN if closes <= opens else 0
        for start, end in ((opens, min(closes, first)), (max(opens, last), closes)):
            if start < end and start >= DAY_MIN:
                raise ValueError("past midnight")
            if start < end:
                found.append(Span(opens=_of_minute(start), closes=_of_minute(end)))
    return tuple(found)


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _of_minute(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def _topic(topic: Topic, settings: Sequence[QueueSetting]) -> Topic:
    known: dict[str, timedelta] = {}
    for one in settings:
        may = SETTINGS.get(one.name)
        if may is None or (may.name == "overflow_after" and topic.overflow is None):
            continue
        known[one.name] = one.value_s * SECOND
    change: Callable[..., Topic] = replace
    return change(topic, **known) if known else topic


def _calendar(known: Calendar, hours: Sequence[OtherHours]) -> Calendar:
    if not hours:
        return known
    days = {**known.exceptions, **{one.day: one.spans for one in hours}}
    if known.always:
        every = (Span(opens=time(0), closes=time(0)),)
        return replace(known, always=False, weekly=dict.fromkeys(range(7), every), exceptions=days)
    return replace(known, exceptions=days)


def spans_of(text: str) -> tuple[Span, ...]:
    """From "09:00-12:00, 13:00-18:00"; empty: closed. Raises ValueError."""
    found = []
    for part in filter(None, (piece.strip() for piece in text.replace("，", ",").replace("–", "-").split(","))):
        opens, mark, closes = part.partition("-")
        if not mark:
            raise ValueError(part)
        span = Span(opens=_clock(opens), closes=_clock(closes))
        if span.opens == span.closes != time(0):
            raise ValueError(part)
        found.append(span)
    ordered = sorted(found, key=lambda span: span.opens)
    for before, after in pairwise(ordered):
        if before.overnight or after.opens < before.closes:
            raise ValueError("spans overlap")
    return tuple(ordered)


def _clock(text: str) -> time:
    text = text.strip()
    hour, mark, minute = text.partition(":")
    if not hour:
        raise ValueError(text)
    found = time(0) if text in ("24:00", "24") else time.fromisoformat(f"{hour:0>2}:{minute if mark else '00'}")
    if found.tzinfo is not None:
        raise ValueError(text)
    return found


def said(spans: Sequence[Span]) -> str:
    """As `spans_of` reads it."""
    return ", ".join(
        f"{span.opens:%H:%M}-{'24:00' if span.closes == time(0) else f'{span.closes:%H:%M}'}" for span in spans
    )
