"""An agent's own day: calls, missed calls, what they were doing, and figures beside the median of all.

Figures are for the agent alone. The median stands beside them only when enough colleagues worked that day to say nothing
about any one of them; an empty figure is empty, never nought (`DOMAIN.md` 3.0).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.ids import AgentId
from ivr.core.intervals import DAY, local_midnight
from ivr.core.own_day import MissedCall, OwnCall, StateSpan, Work
from ivr.workflows.ports import Clock

FEWEST = 4
"""Agents with talks that day, the one who looks included; with fewer the median would tell what a colleague did."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure, and the median of all who have one; None: not known, or too few."""

    name: str
    """`answered`, `talk`, `hold`, `wrap`, `handle_time`, `missed`, `declined`."""
    own: timedelta | int | None
    median: timedelta | float | None


@dataclass(frozen=True, kw_only=True)
class MyDay:
    day: date
    start: datetime
    end: datetime
    today: bool
    figures: tuple[Figure, ...]
    colleagues: int
    """Agents with talks that day."""
    calls: Sequence[OwnCall]
    missed: Sequence[MissedCall]
    states: Sequence[StateSpan]


class Rows(Protocol):
    """The records of a day. Raise `Unavailable`."""

    def calls(self, agent: AgentId, start: datetime, end: datetime) -> Sequence[OwnCall]: ...

    def missed(self, agent: AgentId, start: datetime, end: datetime) -> Sequence[MissedCall]: ...

    def states(self, agent: AgentId, start: datetime, end: datetime) -> Sequence[StateSpan]: ...

    def work(self, start: datetime, end: datetime) -> Sequence[Work]: ...


@dataclass(frozen=True, kw_only=True)
class ShowMyDay:
    rows: Rows
    clock: Clock
    zone: str

    def __call__(self, agent: AgentId, day: date | None = None) -> MyDay:
        """The day by the site's clock; None: today. One that has not come yet is empty."""
        zone, now = ZoneInfo(self.zone), self.clock.now()
        today = now.astimezone(zone).date()
        day = day or today
        start, end = local_midnight(day, zone), local_midnight(day + DAY, zone)
        work = self.rows.work(start, end)
        return MyDay(
            day=day,
            start=start,
            end=end,
            today=day == today,
            figures=tuple(_figures(agent, work)),
            colleagues=sum(one.answered > 0 for one in work),
            calls=self.rows.calls(agent, start, end),
            missed=self.rows.missed(agent, start, end),
            states=self.rows.states(agent, start, min(end, now)) if start < now else (),
        )


def _figures(agent: AgentId, work: Sequence[Work]) -> list[Figure]:
    mine = next((one for one in work if one.agent == agent), None)
    at_work = [one for one in work if one.answered]
    enough = len(at_work) >= FEWEST

    def counted(name: str, of: Callable[[Work], int]) -> Figure:
        middle = float(median(of(one) for one in at_work)) if enough else None
        return Figure(name=name, own=of(mine) if mine else 0, median=middle)

    def timed(name: str, of: Callable[[Work], timedelta | None]) -> Figure:
        known = [one.total_seconds() for one in (of(each) for each in at_work) if one is not None]
        middle = timedelta(seconds=median(known)) if len(known) >= FEWEST else None
        return Figure(name=name, own=of(mine) if mine else None, median=middle)

    return [
        counted("answered", lambda one: one.answered),
        timed("handle_time", lambda one: one.handle_time),
        timed("talk", lambda one: one.talk / one.answered if one.answered else None),
        timed("hold", lambda one: one.hold / one.answered if one.answered else None),
        timed("wrap", lambda one: one.wrap / one.handled if one.handled else None),
        counted("missed", lambda one: one.missed),
        counted("declined", lambda one: one.declined),
    ]
