"""Breaks set beforehand: a supervisor names agent, day, time, length and reason; the desk says when one comes.

Nobody is taken off a call. The agent is told ten minutes before and when it is due, and goes with one press, at once or
after the call; that press is the same break as any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.errors import RequestError
from ivr.core.ids import AgentId
from ivr.core.intervals import DAY, local_midnight
from ivr.core.own_day import StateSpan
from ivr.core.planned_breaks import PlannedBreak
from ivr.workflows.agent_presence import BREAK_REASONS
from ivr.workflows.ports import Clock

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=4)
FURTHEST = timedelta(days=366)
NO_BREAKS = ("signed_in", "away")
"""Reasons of the presence `break` that are none: the agent has not gone ready yet, or was away."""


class BreakBook(Protocol):
    """The breaks in SQL. Raises `Unavailable`."""

    def between(self, start: datetime, end: datetime) -> Sequence[PlannedBreak]:
        """Those that begin then, the earliest first."""

    def of_agent(self, agent: AgentId, start: datetime, end: datetime) -> Sequence[PlannedBreak]:
        """Those of one agent that lie in this time with any part, the earliest first."""

    def add(self, one: PlannedBreak) -> None: ...

    def remove(self, id: str) -> PlannedBreak | None:  # noqa: A002 - its id
        """What was removed; None when it is not there."""


class States(Protocol):
    def states(self, agent: AgentId, start: datetime, end: datetime) -> Sequence[StateSpan]: ...


class Names(Protocol):
    def names(self) -> Mapping[AgentId, str]: ...


@dataclass(frozen=True, kw_only=True)
class OwnBreak:
    """As the agent's page shows it; `starts` and `ends` by the site's clock."""

    id: str
    start: datetime
    end: datetime
    starts: str
    ends: str
    reason: str
    taken: bool
    """The agent was on a break in that time."""


@dataclass(frozen=True, kw_only=True)
class PlanBreaks:
    book: BreakBook
    states: States
    roster: Names
    audit: Callable[..., None]
    clock: Clock
    zone: str
    new_id: Callable[[], str]

    def add(self, *, agent: str, day: str, start: str, minutes: int, reason: str, who: str) -> None:
        """Raises `RequestError` for what is no break, lies in the past, or falls into another break of the agent."""
        if agent not in self.roster.names():
            raise RequestError(f"there is no agent {agent!r}", status=422, error_id="break_agent")
        if reason not in BREAK_REASONS:
            raise RequestError(f"break reason {reason!r} is not known", status=422, error_id="break_reason")
        if not SHORTEST <= timedelta(minutes=minutes) <= LONGEST:
            raise RequestError("a break lasts from 5 min to 4 h", status=422, error_id="break_length")
        begins, ends = self._span(day, start, timedelta(minutes=minutes))
        if not timedelta(0) < ends - self.clock.now() <= FURTHEST:
            raise RequestError("the break must lie ahead, within a year", status=422, error_id="break_past")
        if self.book.of_agent(AgentId(agent), begins, ends):
            raise RequestError("the agent has another break then", status=409, error_id="break_overlaps")
        one = PlannedBreak(id=self.new_id(), agent=AgentId(agent), start=begins, end=ends, reason=reason, set_by=who)
        self.book.add(one)
        self._note("break.set", one, who)

    def remove(self, id: str, *, who: str) -> None:  # noqa: A002 - its id
        """One that is not there is gone already."""
        gone = self.book.remove(id)
        if gone is not None:
            self._note("break.removed", gone, who)

    def of_day(self, day: date) -> Sequence[PlannedBreak]:
        """Of everybody, by the site's clock."""
        zone = ZoneInfo(self.zone)
        return self.book.between(local_midnight(day, zone), local_midnight(day + DAY, zone))

    def own(self, agent: AgentId, day: date | None = None) -> Sequence[OwnBreak]:
        """Of one agent; None: today."""
        zone, now = ZoneInfo(self.zone), self.clock.now()
        day = day or now.astimezone(zone).date()
        start, end = local_midnight(day, zone), local_midnight(day + DAY, zone)
        found = self.book.of_agent(agent, start, end)
        spans = (
            [one for one in self.states.states(agent, start, end) if _is_break(one)] if found and start < now else []
        )
        return tuple(
            OwnBreak(
                id=one.id,
                start=one.start,
                end=one.end,
                starts=f"{one.start.astimezone(zone):%H:%M}",
                ends=f"{one.end.astimezone(zone):%H:%M}",
                reason=one.reason,
                taken=any(span.start < one.end and (span.end or now) > one.start for span in spans),
            )
            for one in found
        )

    def _span(self, day: str, start: str, length: timedelta) -> tuple[datetime, datetime]:
        """By the site's clock; the length is that of the time that passes."""
        with suppress(ValueError, OverflowError):
            begins, at = date.fromisoformat(day), time.fromisoformat(start)
            if at.tzinfo is None:
                first = datetime.combine(begins, at, ZoneInfo(self.zone)).astimezone(UTC)
                return first, first + length
        raise RequestError("name a day and a time", status=422, error_id="break_time")

    def _note(self, what: str, one: PlannedBreak, who: str) -> None:
        detail = {"start": one.start.isoformat(), "end": one.end.isoformat(), "reason": one.reason}
        self.audit(at=self.clock.now(), who=who, what=what, object=one.agent, detail=detail)


def _is_break(span: StateSpan) -> bool:
    return span.presence == "break" and span.reason not in NO_BREAKS
