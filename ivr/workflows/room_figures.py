"""The slow half of the supervisor's desk: agents' days, open callbacks and messages, from SQL.

Read at most every few seconds in a process, whoever looks and in which language; what an action has changed is read at once
(`forget`). While SQL is away there is nothing, and the live half goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from ivr.core.errors import Unavailable
from ivr.core.ids import AgentId, CallId, Language, TopicId
from ivr.core.intervals import local_midnight
from ivr.core.menus import MenuTree
from ivr.core.message_orders import Message
from ivr.core.own_day import Work
from ivr.core.people import RosterAgent
from ivr.core.planned_breaks import PlannedBreak
from ivr.core.room import AtDesk, OpenPromise
from ivr.core.roster import Team, by_team
from ivr.core.shifts import Shift, next_change
from ivr.workflows.agent_view import Mask
from ivr.workflows.menu_labels import named
from ivr.workflows.ports import Clock

HOUR = timedelta(hours=1)
AHEAD = timedelta(hours=12)
KEPT = timedelta(seconds=1)
OPEN_MESSAGES = 100
ANSWERED = "answered"

T = TypeVar("T")
Planned = tuple[datetime | None, str]


class Rows(Protocol):
    """Raises `Unavailable`."""

    def promises(self) -> Sequence[OpenPromise]: ...

    def at_desk(self, start: datetime, end: datetime) -> Mapping[AgentId, AtDesk]: ...


class Days(Protocol):
    def work(self, start: datetime, end: datetime) -> Sequence[Work]: ...


class Breaks(Protocol):
    def between(self, start: datetime, end: datetime) -> Sequence[PlannedBreak]: ...


class Messages(Protocol):
    def newest(self) -> Sequence[Message]: ...


class Staff(Protocol):
    def all(self) -> Sequence[RosterAgent]: ...

    def teams(self) -> Sequence[Team]: ...


class Shifts(Protocol):
    def all(self) -> Sequence[Shift]: ...


@dataclass(frozen=True, kw_only=True)
class DeskFigures:
    """One agent's day so far."""

    handled: int
    handle_s: float | None
    """Talk, hold and wrap-up per call; None: no call is done yet."""
    missed: int
    busy_share: float | None
    """Occupancy of the last hour: rung, talking or in wrap-up, of the time at work without breaks."""
    next_at: datetime | None
    """The next planned change."""
    next_kind: str
    """`break`, `shift_end`, `shift_start`, or nothing."""


@dataclass(frozen=True, kw_only=True)
class TeamRow:
    id: str
    name: str
    agents: tuple[AgentId, ...]


@dataclass(frozen=True, kw_only=True)
class PromiseRow:
    id: str
    topic: str
    topic_name: str
    caller: str
    """Masked."""
    due_at: datetime
    promised_from: datetime | None
    promised_to: datetime | None
    expires_at: datetime
    state: str
    attempts: int
    last_result: str
    owner: str
    has_code: bool
    zone: str
    """Of the customer: the first that the number may lie in."""
    language: Language


@dataclass(frozen=True, kw_only=True)
class MessageRow:
    id: str
    call: CallId
    at: datetime
    duration_s: int
    topic: TopicId
    topic_name: str
    transcript: str
    due_at: datetime | None
    owner: str
    heard_by: str
    """Sign-in name of who heard it last; empty: nobody yet."""
    heard_at: datetime | None


@dataclass
class RoomFigures:
    rows: Rows
    days: Days
    breaks: Breaks
    shifts: Shifts
    staff: Staff
    message_box: Messages
    trees: Callable[[], Sequence[MenuTree]]
    mask: Mask
    clock: Clock
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: dict[str, tuple[datetime, Any]] = field(default_factory=dict)

    def forget(self) -> None:
        """Something was changed here: read it again."""
        with self._lock:
            self._kept.clear()

    def desks(self) -> Mapping[AgentId, DeskFigures]:
        """Empty while they cannot be read."""
        return self._get("desks", self._desks) or {}

    def teams(self) -> tuple[TeamRow, ...]:
        """Each with who is in it; empty while they cannot be read."""
        return self._get("teams", self._teams) or ()

    def promises(self, language: Language) -> tuple[PromiseRow, ...] | None:
        found = self._get("promises", self.rows.promises)
        return None if found is None else tuple(self._promise(one, language) for one in found)

    def messages(self, language: Language) -> tuple[MessageRow, ...] | None:
        """Those that nobody has answered yet."""
        found = self._get("messages", self.message_box.newest)
        if found is None:
            return None
        waiting = [one for one in found if one.status != ANSWERED][:OPEN_MESSAGES]
        return tuple(self._message(one, language) for one in waiting)

    def _get(self, name: str, read: Callable[[], T]) -> T | None:
        now = self.clock.now()
        with self._lock:
            at, found = self._kept.get(name, (None, None))
            if at is None or not timedelta() <= now - at < KEPT:
                try:
                    found = read()
                except Unavailable:
                    found = None
                self._kept[name] = (now, found)
            return found

    def _teams(self) -> tuple[TeamRow, ...]:
        return tuple(
            TeamRow(id=team.id, name=team.name, agents=tuple(one.id for one in members))
            for team, members in by_team(self.staff.teams(), self.staff.all())
        )

    def _desks(self) -> Mapping[AgentId, DeskFigures]:
        now = self.clock.now()
        zone = ZoneInfo(self.trees()[0].zone)
        start = local_midnight(now.astimezone(zone).date(), zone)
        work = {one.agent: one for one in self.days.work(start, now + timedelta(seconds=1))}
        at_desk = self.rows.at_desk(now - HOUR, now)
        planned = self._planned(now, zone)
        return {
            agent: _figures(work.get(agent), at_desk.get(agent), planned.get(agent, (None, "")))
            for agent in {*work, *at_desk, *planned}
        }

    def _planned(self, now: datetime, zone: ZoneInfo) -> Mapping[AgentId, Planned]:
        """Each agent's next planned change, the soonest first."""
        found: dict[AgentId, Planned] = {}
        for one in sorted(self.breaks.between(now, now + AHEAD), key=lambda rest: rest.start):
            found.setdefault(one.agent, (one.start, "break"))
        shifts = self.shifts.all()
        for agent in {one.agent for one in shifts}:
            turn = next_change(shifts, agent, now, zone)
            if turn is not None and (agent not in found or turn[0] < (found[agent][0] or turn[0])):
                found[agent] = (turn[0], "shift_start" if turn[1] else "shift_end")
        return found

    def _promise(self, one: OpenPromise, language: Language) -> PromiseRow:
        promise = one.promise
        return PromiseRow(
            id=promise.id,
            topic=promise.topic,
            topic_name=self._topic(promise.hotline, promise.topic, language),
            caller=self.mask(promise.callee.number),
            due_at=promise.due_at,
            promised_from=promise.window.start if promise.window else None,
            promised_to=promise.window.end if promise.window else promise.told_by,
            expires_at=promise.expires_at,
            state=promise.state,
            attempts=promise.attempts,
            last_result=one.last_result,
            owner=one.owner,
            has_code=bool(promise.code),
            zone=promise.callee.zones[0] if promise.callee.zones else "UTC",
            language=promise.language,
        )

    def _message(self, one: Message, language: Language) -> MessageRow:
        return MessageRow(
            id=one.id,
            call=one.call,
            at=one.at,
            duration_s=one.duration_s,
            topic=one.topic,
            topic_name=self._topic(one.hotline, one.topic, language),
            transcript=one.transcript,
            due_at=one.due_at,
            owner=one.owner,
            heard_by=one.heard_by,
            heard_at=one.heard_at,
        )

    def _topic(self, hotline: str, topic: TopicId, language: Language) -> str:
        tree = next((one for one in self.trees() if one.hotline == hotline), None)
        found = tree.topics.get(topic) if tree else None
        return named(found.names, language) if found else topic


def _figures(work: Work | None, spent: AtDesk | None, planned: Planned) -> DeskFigures:
    handle = work.handle_time if work else None
    return DeskFigures(
        handled=work.answered if work else 0,
        handle_s=handle.total_seconds() if handle is not None else None,
        missed=work.missed if work else 0,
        busy_share=spent.busy_s / spent.ready_s if spent and spent.ready_s else None,
        next_at=planned[0],
        next_kind=planned[1],
    )
