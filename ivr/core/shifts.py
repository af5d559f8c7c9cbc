"""Shifts: when an agent is to be here, by the week and the clock of the site.

A shift belongs to the day on which it begins; one past midnight ends on the next day. It takes nobody off a call and lets
nobody in: it says who is expected, so that an agent who does not come is seen (`Figure.ABSENT`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.core.ids import AgentId

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Shift:
    id: str
    agent: AgentId
    weekday: int
    """Monday is 0."""
    start: time
    until: time
    """At or before `start`: on the next day."""
    set_by: str = ""


def span(shift: Shift, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The shift that begins on this day, in UTC."""
    ends = day + DAY if shift.until <= shift.start else day
    return (
        datetime.combine(day, shift.start, zone).astimezone(UTC),
        datetime.combine(ends, shift.until, zone).astimezone(UTC),
    )


def expected_since(shifts: Sequence[Shift], agent: AgentId, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Since when this agent is to be here; None: not now. Shifts that follow each other are one."""
    today = now.astimezone(zone).date()
    spans = sorted(
        span(one, day, zone)
        for one in shifts
        for day in (today - 2 * DAY, today - DAY, today)
        if one.agent == agent and one.weekday == day.weekday()
    )
    began: datetime | None = None
    ends: datetime | None = None
    for start, end in spans:
        if ends is None or began is None or start > ends:
            began, ends = start, end
        else:
            ends = max(ends, end)
        if began <= now < ends:
            return began
    return None


def next_change(shifts: Sequence[Shift], agent: AgentId, now: datetime, zone: ZoneInfo) -> tuple[datetime, bool] | None:
    """When this agent's shift ends (False), or the next one begins (True), within a day. None: nothing is planned."""
    here = expected_since(shifts, agent, now, zone) is not None
    today = now.astimezone(zone).date()
    spans = [
        span(one, day, zone)
        for one in shifts
        for day in (today - DAY, today, today + DAY)
        if one.agent == agent and one.weekday == day.weekday()
    ]
    if here:
        ends = [end for _, end in spans if end > now and expected_since(shifts, agent, end, zone) is None]
        return (min(ends), False) if ends else None
    begins = [start for start, _ in spans if now < start <= now + DAY]
    return (min(begins), True) if begins else None


def clashes(shift: Shift, others: Sequence[Shift]) -> bool:
    """Whether a shift lies in another one of the same agent, with any part, in any week."""
    mine = _minutes(shift)
    return any(mine & _minutes(one) for one in others if one.agent == shift.agent and one.id != shift.id)


def _minutes(shift: Shift) -> set[int]:
    first = shift.weekday * 1440 + shift.start.hour * 60 + shift.start.minute
    length = (shift.until.hour * 60 + shift.until.minute) - (shift.start.hour * 60 + shift.start.minute)
    return {minute % (7 * 1440) for minute in range(first, first + (length if length > 0 else length + 1440))}
