"""Shifts as supervisors set them, and who is expected now and not here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.errors import RequestError
from ivr.core.ids import AgentId
from ivr.core.people import RosterAgent
from ivr.core.shifts import Shift, clashes, expected_since
from ivr.workflows.ports import Clock

WEEK = 7


class Book(Protocol):
    """Raises `Unavailable`."""

    def all(self) -> Sequence[Shift]: ...

    def add(self, one: Shift, *, at: datetime) -> None: ...

    def remove(self, id: str, *, who: str, at: datetime) -> None: ...  # noqa: A002 - its id


class Staff(Protocol):
    def all(self) -> Sequence[RosterAgent]: ...


@dataclass(frozen=True, kw_only=True)
class KeepShifts:
    book: Book
    staff: Staff
    zone: Callable[[], str]
    clock: Clock
    new_id: Callable[[], str]

    def add(self, agent: str, weekdays: Sequence[str], start: str, until: str, *, who: str) -> None:
        """The same hours on each of these days. Raises `RequestError`, and sets none then."""
        if all(one.id != agent for one in self.staff.all()):
            raise RequestError("there is no such agent", status=422, error_id="shift_agent")
        days = sorted({int(day) for day in weekdays if day in {str(number) for number in range(WEEK)}})
        if not days:
            raise RequestError("choose a day", status=422, error_id="shift_day")
        begins, ends = _clock(start), _clock(until)
        known = list(self.book.all())
        made = [
            Shift(id=self.new_id(), agent=AgentId(agent), weekday=day, start=begins, until=ends, set_by=who)
            for day in days
        ]
        for one in made:
            if clashes(one, known):
                raise RequestError("the agent has a shift then", status=409, error_id="shift_overlaps")
            known.append(one)
        for one in made:
            self.book.add(one, at=self.clock.now())

    def remove(self, id: str, *, who: str) -> None:  # noqa: A002 - its id
        self.book.remove(id, who=who, at=self.clock.now())

    def by_agent(self) -> Mapping[str, Sequence[Shift]]:
        found: dict[str, list[Shift]] = {}
        for one in self.book.all():
            found.setdefault(one.agent, []).append(one)
        return found

    def absent(self, at: datetime, here: Collection[str]) -> Sequence[tuple[AgentId, datetime]]:
        """Agents who are to be here and are not, and since when. Raises `Unavailable`."""
        shifts, zone = self.book.all(), ZoneInfo(self.zone())
        if not shifts:
            return ()
        able = {one.id for one in self.staff.all() if not one.disabled}
        expected = ((agent, expected_since(shifts, agent, at, zone)) for agent in sorted({one.agent for one in shifts}))
        return [
            (agent, since) for agent, since in expected if since is not None and agent in able and agent not in here
        ]


def _clock(text: str) -> time:
    with suppress(ValueError):
        found = time.fromisoformat(text)
        if found.tzinfo is None and not found.second and not found.microsecond:
            return found
    raise RequestError("hours as 09:00", status=422, error_id="shift_time")
