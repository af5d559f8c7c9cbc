"""Settings of queues and one-off hours, as pages set them over the menu file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.errors import RequestError
from ivr.core.hours import Calendar, Span, spans_on
from ivr.core.ids import TopicId
from ivr.core.menus import MenuTree, Queue, Topic
from ivr.core.overlays import (
    SECOND,
    SETTINGS,
    OtherHours,
    Overlay,
    QueueSetting,
    less,
    of_queue,
    said,
    spans_of,
)
from ivr.core.queueing import urgent_topics
from ivr.workflows.ports import Clock

FURTHEST = timedelta(days=730)
LONGEST_NOTE = 200
WHOLE_DAY = (Span(opens=time(0), closes=time(0)),)


class Book(Protocol):
    """Raises `Unavailable`."""

    def read(self) -> Overlay: ...

    def set_queue(self, one: QueueSetting, *, before_s: int | None, remove: bool, who: str, at: datetime) -> None: ...

    def set_hours(self, one: OtherHours, *, before: str | None, after: str | None, who: str, at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class SettingNow:
    name: str
    file_s: int | None
    """As the menu file has it; None: the file leaves it out."""
    set_s: int | None
    """As it was set here; None: the file's holds."""
    set_by: str
    least_s: int
    most_s: int


@dataclass(frozen=True, kw_only=True)
class OtherDay:
    """What somebody wants of a day."""

    calendar: str
    """One of the file, or a queue's own (`shut.calendar_for`)."""
    day: str
    kind: str = "open"
    """`open` at these hours and at no others (none: closed all day), or `part`: closed at these, else as before."""
    text: str = ""
    note: str = ""
    sure: bool = False
    """It is known that the queue is an urgent one."""


@dataclass(frozen=True, kw_only=True)
class KeepQueues:
    book: Book
    files: Callable[[], Sequence[MenuTree]]
    """The menus in service, as their files have them."""
    look: Callable[[], None]
    """Take up at once what was set."""
    clock: Clock

    def settings(self, tree: MenuTree, topic: Topic, over: Overlay) -> Sequence[SettingNow]:
        mine = {one.name: one for one in over.settings if (one.hotline, one.topic) == (tree.hotline, topic.id)}
        return [
            SettingNow(
                name=one.name,
                file_s=_seconds(getattr(topic, one.name)),
                set_s=mine[one.name].value_s if one.name in mine else None,
                set_by=mine[one.name].set_by if one.name in mine else "",
                least_s=one.least_s,
                most_s=one.most_s,
            )
            for one in SETTINGS.values()
            if one.name != "overflow_after" or topic.overflow is not None
        ]

    def set_queue(self, hotline: str, topic: str, name: str, text: str, *, who: str) -> None:
        """An empty text: as the file has it. Raises `RequestError`."""
        tree, may = self._tree(hotline), SETTINGS.get(name)
        found = next((one for one in tree.topics.values() if one.id == topic), None)
        if found is None or may is None:
            raise RequestError("there is no such queue or setting", status=404, error_id="queue_unknown")
        text = text.strip()
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
        if text and (number is None or not may.least_s <= number <= may.most_s):
            raise RequestError(f"{may.least_s} to {may.most_s} seconds", status=422, error_id="queue_seconds")
        now = next(one for one in self.settings(tree, found, self.book.read()) if one.name == name)
        before = now.set_s if now.set_s is not None else now.file_s
        if number == now.set_s or (number is not None and number == now.file_s and now.set_s is None):
            return
        one = QueueSetting(hotline=hotline, topic=topic, name=name, value_s=number or 0)
        self.book.set_queue(one, before_s=before, remove=number is None, who=who, at=self.clock.now())
        self.look()

    # ---- hours ---------------------------------------------------------------------------------------------------

    def days(self, tree: MenuTree) -> Sequence[OtherHours]:
        """Set here and not over yet, the earliest first."""
        today = self.today(tree)
        return [one for one in self.book.read().hours if one.hotline == tree.hotline and one.day >= today]

    def today(self, tree: MenuTree) -> date:
        return self.clock.now().astimezone(ZoneInfo(tree.zone)).date()

    def set_day(self, hotline: str, day: OtherDay, *, who: str) -> None:
        """Other hours on this day. Raises `RequestError`: 409 for an urgent queue, unless it is meant (`sure`)."""
        calendar, note = day.calendar, day.note
        tree, known, which = self._place(hotline, calendar, day.day)
        try:
            spans = spans_of(day.text)
            if day.kind == "part":
                before = tuple(self._spans(known, tree, which))
                spans = less(before, *spans)
                if spans == before:
                    raise RequestError("nothing is open then", status=422, error_id="hours_nothing")
        except (ValueError, TypeError):
            raise RequestError("hours as 09:00-18:00", status=422, error_id="hours_spans") from None
        if not day.sure and spans != WHOLE_DAY and self.urgent(tree, calendar):
            raise RequestError("callers in danger come to this queue", status=409, error_id="hours_urgent")
        today = self.today(tree)
        if not today <= which <= today + FURTHEST:
            raise RequestError("the day must be today or later", status=422, error_id="hours_day")
        one = OtherHours(
            hotline=hotline, calendar=calendar, day=which, spans=spans, note=" ".join(note.split())[:LONGEST_NOTE]
        )
        self.book.set_hours(
            one, before=self._before(known, tree, which), after=said(spans), who=who, at=self.clock.now()
        )
        self.look()

    def urgent(self, tree: MenuTree, calendar: str) -> bool:
        """Whether these are the hours of a queue in the critical lane, or of the one to which everybody is led at last."""
        person = tree.nodes.get(tree.person)
        grave = urgent_topics(tree) | ({person.topic} if isinstance(person, Queue) else set())
        return any(of_queue(calendar) == one or tree.topics[one].calendar == calendar for one in grave)

    def drop_day(self, hotline: str, calendar: str, day: str, *, who: str) -> None:
        """The day is as the file says again. Raises `RequestError`."""
        tree, known, which = self._place(hotline, calendar, day)
        if any((one.calendar, one.day) == (calendar, which) for one in self.days(tree)):
            one = OtherHours(hotline=hotline, calendar=calendar, day=which, spans=())
            before = self._before(known, tree, which)
            self.book.set_hours(one, before=before, after=None, who=who, at=self.clock.now())
            self.look()

    def _before(self, known: Calendar, tree: MenuTree, day: date) -> str:
        return said(self._spans(known, tree, day))

    def _spans(self, known: Calendar, tree: MenuTree, day: date) -> Sequence[Span]:
        mine = [one for one in self.days(tree) if (one.calendar, one.day) == (known.name, day)]
        if mine:
            return mine[0].spans
        return WHOLE_DAY if known.always else spans_on(known, day)

    def _place(self, hotline: str, calendar: str, day: str) -> tuple[MenuTree, Calendar, date]:
        tree = self._tree(hotline)
        topic = tree.topics.get(TopicId(of_queue(calendar)))
        known = tree.calendars.get(calendar)
        if topic is not None:
            known = replace(tree.calendar_of(topic.id), name=calendar)
        if known is None:
            raise RequestError("there is no such calendar", status=404, error_id="hours_calendar")
        try:
            return tree, known, date.fromisoformat(day)
        except ValueError:
            raise RequestError("name a day", status=422, error_id="hours_day") from None

    def _tree(self, hotline: str) -> MenuTree:
        found = next((tree for tree in self.files() if tree.hotline == hotline), None)
        if found is None:
            raise RequestError("there is no such hotline", status=404, error_id="hotline_unknown")
        return found


def _seconds(value: timedelta | None) -> int | None:
    return None if value is None else round(value / SECOND)
