"""Planned time against what was done (`DOMAIN.md` 3.5): shifts, less the breaks that were set for an agent.

Adherence counts by the minute: on the line while work was planned, and off it while a break was, of all planned time. Work that ran into a
planned break is no fault of the agent's and stands apart. Conformance only asks how long, not when.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.core.ids import AgentId
from ivr.core.shifts import DAY, Shift, span

Span = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A stretch of an agent's shift: work, or a break that was set."""

    agent: AgentId
    start: datetime
    end: datetime
    off: bool = False


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What one agent's planned time came to."""

    on: timedelta = timedelta(0)
    """Work was planned."""
    off: timedelta = timedelta(0)
    """A break was planned."""
    worked: timedelta = timedelta(0)
    """On the line while work was planned."""
    ran_over: timedelta = timedelta(0)
    """On a call or in wrap-up while a break was planned."""
    on_in_break: timedelta = timedelta(0)
    """On the line while a break was planned, that included."""

    @property
    def planned(self) -> timedelta:
        return self.on + self.off

    @property
    def adhered(self) -> timedelta:
        return self.worked + self.off - self.on_in_break


def planned_spans(
    shifts: Iterable[Shift],
    breaks: Iterable[tuple[AgentId, datetime, datetime]],
    start: datetime,
    end: datetime,
    zone: ZoneInfo,
) -> tuple[Planned, ...]:
    """Every agent's planned stretches within this time, none over another."""
    shifts = list(shifts)
    off: dict[AgentId, list[Span]] = {}
    for who, begun, over in breaks:
        off.setdefault(who, []).append((begun, over))
    first, last = start.astimezone(zone).date() - 2 * DAY, end.astimezone(zone).date()
    days = [first + number * DAY for number in range((last - first).days + 1)]
    found = []
    for agent in sorted({one.agent for one in shifts}):
        own = [one for one in shifts if one.agent == agent]
        at_work = _joined(span(one, day, zone) for one in own for day in days if one.weekday == day.weekday())
        at_work = _within(at_work, [(start, end)])
        rests = _within(_joined(off.get(agent, ())), at_work)
        found += [Planned(agent=agent, start=one, end=two, off=True) for one, two in rests]
        found += [Planned(agent=agent, start=one, end=two) for one, two in _without(at_work, rests)]
    return tuple(found)


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _within(spans: Iterable[Span], frame: Sequence[Span]) -> list[Span]:
    pieces = ((max(start, begins), min(end, ends)) for start, end in spans for begins, ends in frame)
    return [(start, end) for start, end in pieces if start < end]


def _without(spans: Iterable[Span], holes: Sequence[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in spans:
        at = start
        for begins, ends in holes:
            if begins >= end or ends <= at:
                continue
            if begins > at:
                found.append((at, begins))
            at = max(at, ends)
        if at < end:
            found.append((at, end))
    return found
