"""What an agent sees of a matter and does to it: the case, why it is urgent, what was before, and how it goes on.

What SQL cannot say is left out: an agent talks without it. A result that comes while SQL is away is kept as a fact all the
same; only the case then stands as it stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.cases import ANSWER, RESULTS, Case, CaseStatus, EarlierCall, case_id
from ivr.core.errors import RequestError, Unavailable
from ivr.core.hours import ALWAYS, Calendar, spans_on
from ivr.core.ids import E164, AgentId, CallId, Language, TopicId
from ivr.core.menus import MenuTree
from ivr.core.session import CallSession
from ivr.workflows.dispositions import words_of
from ivr.workflows.menu_labels import named

SATURDAY = 5
OPENS = time(9)
SOONEST_DAYS, LATEST_DAYS = 0, 366
EARLIER = 3
DAY = timedelta(hours=24)
REPEATS = 2
"""Where the menu has no rule for it: a number that rang more often within a day is said to be why the matter is urgent."""


@dataclass(frozen=True, kw_only=True)
class CaseCard:
    number: str
    status: CaseStatus
    topic: str
    opened_at: datetime
    due_at: datetime | None
    note: str
    joined: bool = False
    """Opened by another call than the present one."""


@dataclass(frozen=True, kw_only=True)
class Matter:
    """Everything about the present caller's matter that is older than the talk."""

    case: CaseCard | None
    open_cases: tuple[CaseCard, ...]
    """Of the same number, but for the case above."""
    earlier: tuple[EarlierCall, ...]
    """The last three calls of the same number, newest first."""
    calls_24h: int
    """Of the same number within 24 hours, the present one included; 0 when it is withheld."""
    why: tuple[str, ...]
    """Why it is urgent: `menu`, `repeat`."""


class CaseBook(Protocol):
    """The cases in SQL. Raises `Unavailable`."""

    def of_call(self, call: CallId) -> Case | None: ...

    def by_number(self, hotline: str, number: str) -> Case | None: ...

    def open_of(self, caller: str, hotline: str) -> Sequence[Case]: ...

    def change(  # noqa: PLR0913 - what a change of a case says
        self,
        case: str,
        *,
        status: CaseStatus,
        due_at: datetime | None,
        note: str,
        who: str,
        at: datetime,
        due_by: str = "",
    ) -> bool: ...

    def earlier(self, caller: E164, call: CallId, limit: int) -> Sequence[EarlierCall]: ...

    def calls_since(self, caller: E164, call: CallId, since: datetime) -> int: ...


@dataclass(frozen=True, kw_only=True)
class CaseDesk:
    cases: CaseBook

    def matter(self, session: CallSession, tree: MenuTree, language: Language, *, urgent: bool) -> Matter | None:
        """None: SQL is away."""
        with suppress(Unavailable):
            return self._matter(session, tree, language, urgent=urgent)
        return None

    def _matter(self, session: CallSession, tree: MenuTree, language: Language, *, urgent: bool) -> Matter:
        number = session.caller.number
        calls = self.cases.calls_since(number, session.call, session.started_at - DAY) + 1 if number else 0
        case = self.cases.of_call(session.call)
        if case is None and (named := session.answers.get(ANSWER)):
            case = self.cases.by_number(session.hotline, named)
        others = [one for one in self.cases.open_of(number or "", session.hotline) if case is None or one.id != case.id]
        again = tree.repeat.holds(session.calls_before + 1) if tree.repeat is not None else calls > REPEATS
        why = [word for word, true in (("menu", urgent), ("repeat", again)) if true]
        earlier = self.cases.earlier(number, session.call, EARLIER) if number else ()
        return Matter(
            case=card_of(case, tree, language, joined=case.id != case_id(session.call)) if case else None,
            open_cases=tuple(card_of(one, tree, language, joined=one.id != case_id(session.call)) for one in others),
            earlier=tuple(_told(one, tree, language) for one in earlier),
            calls_24h=calls,
            why=tuple(why),
        )

    def settle(self, call: CallId, tree: MenuTree, result: Result) -> None:
        """The agent's result becomes the standing of the case, unless the agent named another one."""
        with suppress(Unavailable):
            case = self.cases.of_call(call)
            if case is None:
                return
            status = result.standing or RESULTS.get(result.disposition, CaseStatus.OPEN)
            due_at = due_of(tree, case.topic, result.follow_up, result.at) if status is CaseStatus.PENDING else None
            note = "\n".join(part for part in (case.note, result.notes) if part)
            self.cases.change(
                case.id,
                status=status,
                due_at=due_at,
                note=note,
                who=result.agent,
                at=result.at,
                due_by=result.agent if due_at else "",
            )

    def note(self, call: CallId, notes: str, *, who: AgentId, at: datetime) -> None:
        """Notes without a result: the case stands as it stood."""
        with suppress(Unavailable):
            case = self.cases.of_call(call)
            if case is not None and notes:
                note = "\n".join(part for part in (case.note, notes) if part)
                self.cases.change(case.id, status=case.status, due_at=case.due_at, note=note, who=who, at=at)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What an agent said at the end of wrap-up."""

    at: datetime
    agent: AgentId
    disposition: str
    notes: str = ""
    follow_up: str = ""
    """A day, `2026-03-04`; empty: the next working day."""
    standing: CaseStatus | None = None
    """What callers who ask are told of the case; None: what follows from the result."""


def checked_standing(word: str) -> CaseStatus | None:
    """Raises `RequestError` for what is no standing; empty is None."""
    if word and word not in set(CaseStatus):
        raise RequestError(f"{word!r} is no standing of a case", status=422, error_id="unknown_status")
    return CaseStatus(word) if word else None


def due_of(tree: MenuTree, topic: str, day: str, at: datetime) -> datetime:
    """When the follow-up is due: the opening of the day chosen, else of the next working day."""
    zone = ZoneInfo(tree.zone)
    today = at.astimezone(zone).date()
    if day:
        chosen = checked_day(day, today)
        return datetime.combine(chosen, OPENS, zone)
    calendar = next((one for one in (tree.calendars.get(name) for name in _calendars(tree, topic)) if one), ALWAYS)
    following = next(d for d in (today + timedelta(days=n) for n in range(1, 30)) if _works(calendar, d))
    spans = [] if calendar.always else sorted(spans_on(calendar, following), key=lambda span: span.opens)
    return datetime.combine(following, spans[0].opens if spans else OPENS, zone)


def checked_day(day: str, today: date) -> date:
    """Raises `RequestError` for what is no day, is past or is more than a year off."""
    try:
        chosen = date.fromisoformat(day)
    except ValueError:
        raise RequestError(f"{day!r} is not a day", status=422, error_id="bad_day") from None
    if not SOONEST_DAYS <= (chosen - today).days <= LATEST_DAYS:
        raise RequestError("the follow-up must lie within a year from today", status=422, error_id="bad_day")
    return chosen


def _calendars(tree: MenuTree, topic: str) -> Sequence[str]:
    """The topic's own hours, else those of any topic that has some: people at desks work then."""
    every = {name: one.calendar for name, one in tree.topics.items() if one.calendar}
    return [calendar for name, calendar in every.items() if name == topic] or list(every.values())


def _works(calendar: Calendar, day: date) -> bool:
    return day.weekday() < SATURDAY if calendar.always else bool(spans_on(calendar, day))


def _told(one: EarlierCall, tree: MenuTree, language: Language) -> EarlierCall:
    """In the menu's words; a result that has none is put into words by the page."""
    result = words_of(tree, one.result, language) or one.result
    return replace(one, topic=topic_name(tree, one.topic, language), result=result)


def card_of(case: Case, tree: MenuTree, language: Language, *, joined: bool = False) -> CaseCard:
    return CaseCard(
        number=case.number,
        status=case.status,
        topic=topic_name(tree, case.topic, language),
        opened_at=case.opened_at,
        due_at=case.due_at,
        note=case.note,
        joined=joined,
    )


def topic_name(tree: MenuTree, topic: str, language: Language) -> str:
    found = tree.topics.get(TopicId(topic))
    return named(found.names, language) if found else topic
