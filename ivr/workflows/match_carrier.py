"""Match a day's records with the carrier's own list of calls: "312 of 312 agree", and what does not.

It runs every night for the day that is over, and again for each of the last days on which the carrier could not be asked.
Whoever edits, loses or invents a record is seen here, because the other list is not ours.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.carrier_match import MARGIN, CarrierMatch, Listed, compare
from ivr.core.errors import CarrierError, OperatorError
from ivr.core.intervals import DAY, local_midnight
from ivr.core.menus import MenuTree, Transfer
from ivr.workflows.ports import Clock

SETTLED = timedelta(hours=2)
"""After midnight, before a day is matched: the last calls are over, and their records written."""
DAYS_BACK = 3
"""Nights that are made up for."""


class CarrierList(Protocol):
    def calls_listed(
        self, *, numbers: Collection[str], colleagues: Collection[str], start: datetime, end: datetime
    ) -> Sequence[Listed]:
        """Calls to these numbers, and calls from them to anybody but colleagues, that began in [start, end).

        Raises CarrierError.
        """


class OwnList(Protocol):
    def calls_recorded(self, hotline: str, start: datetime, end: datetime) -> Sequence[Listed]:
        """What our records have of them. Raises `Unavailable`."""


class KeptMatches(Protocol):
    def keep(self, match: CarrierMatch) -> None:
        """In the place of an earlier one of that hotline and day."""

    def find(self, hotline: str, day: str) -> CarrierMatch | None: ...


@dataclass(frozen=True, kw_only=True)
class MatchCarrier:
    carrier: Callable[[], CarrierList]
    own: OwnList
    kept: KeptMatches
    trees: Callable[[], Sequence[MenuTree]]
    agents: Callable[[], Collection[str]]
    """Telephones of agents: legs to them are no calls of customers."""
    clock: Clock

    def __call__(self, day: date) -> Sequence[CarrierMatch]:
        """Match this day of every hotline's own clock, and keep what came of it. Raises OperatorError for a day to come."""
        return [self._matched(tree, day) for tree in self.trees()]

    def nightly(self) -> Sequence[CarrierMatch]:
        """The days of which nothing, or only trouble, is kept."""
        found = []
        for tree in self.trees():
            today = (self.clock.now() - SETTLED).astimezone(ZoneInfo(tree.zone)).date()
            for back in range(DAYS_BACK, 0, -1):
                day = today - back * DAY
                before = self.kept.find(tree.hotline, day.isoformat())
                if before is None or before.trouble:
                    found.append(self._matched(tree, day))
        return found

    def _matched(self, tree: MenuTree, day: date) -> CarrierMatch:
        zone, now = ZoneInfo(tree.zone), self.clock.now()
        start, end = local_midnight(day, zone), local_midnight(day + DAY, zone)
        if start > now:
            raise OperatorError(f"{day.isoformat()} has not begun yet: choose a day that is over, or today")
        match = self._compared(tree, day, start, end, now)
        self.kept.keep(match)
        return match

    def _compared(self, tree: MenuTree, day: date, start: datetime, end: datetime, now: datetime) -> CarrierMatch:
        houses = {node.number for node in tree.nodes.values() if isinstance(node, Transfer)}
        blank = CarrierMatch(hotline=tree.hotline, day=day.isoformat(), matched_at=now, here=0, there=0, agreed=0)
        try:
            there = self.carrier().calls_listed(
                numbers=tree.numbers,
                colleagues={*self.agents(), *houses},
                start=start - MARGIN,
                end=end + MARGIN,
            )
        except CarrierError as err:
            return replace(blank, trouble=str(err))
        own = self.own.calls_recorded(tree.hotline, start - MARGIN, end + MARGIN)
        here, listed, agreed, differences = compare(own, there, start=start, end=end)
        return replace(blank, here=here, there=listed, agreed=agreed, differences=differences)
