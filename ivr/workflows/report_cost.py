"""Cost and capacity: what calls used at the carrier by day and topic, at which price, and how near the limits came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.errors import RequestError
from ivr.core.intervals import DAY, local_midnight
from ivr.core.peaks import STRETCH, Peak
from ivr.core.usage import Priced, PriceList, Usage
from ivr.workflows.ports import Clock
from ivr.workflows.report_output import Column, Sheet, Value

MOST_DAYS = 92
DEAREST = Decimal(1000)
"""Of one unit; whoever types more has mistaken the place of the point."""
CURRENCY = 3
"""Letters of ISO 4217."""


class UsedRows(Protocol):
    """Raises `Unavailable`."""

    def used(self, start: datetime, end: datetime) -> Mapping[str, Usage]: ...

    def asked(self, start: datetime, end: datetime) -> Mapping[str, int]: ...

    def peaks(self, start: datetime, end: datetime, now: datetime) -> Mapping[str, Peak]:
        """Of one day, as of now: `lines`, `dialled`, `new_lines`."""


class Prices(Protocol):
    def prices(self) -> PriceList: ...

    def set_prices(self, prices: PriceList, *, at: datetime, who: str) -> None: ...


@dataclass(frozen=True, kw_only=True)
class DayCost:
    day: date
    topics: Mapping[str, Usage]
    """By topic of the first stay in a queue; empty: no queue was joined."""
    requests: int
    """All that were made that day, also on nobody's behalf."""
    lines: Peak
    """Callers' lines open at once."""
    dialled: Peak
    """Lines at once that we had dialled."""
    new_lines: Peak
    """Within five seconds."""

    @property
    def total(self) -> Usage:
        return sum(self.topics.values(), Usage())


@dataclass(frozen=True, kw_only=True)
class CostReport:
    first: date
    last: date
    zone: ZoneInfo
    as_of: datetime
    days: tuple[DayCost, ...]
    prices: PriceList


@dataclass(frozen=True, kw_only=True)
class ReportCost:
    rows: UsedRows
    list: Prices
    clock: Clock
    lines: int
    """Lines that we may dial at once; 0: no limit is known."""
    per_second: float
    """New lines that the account makes in a second."""

    def __call__(self, first: date, last: date, zone: ZoneInfo) -> CostReport:
        """Of the days from `first` to `last` on the clock of `zone`. Raises RequestError for none, and for too many."""
        if last < first:
            raise RequestError("the last day lies before the first", status=422, error_id="bad_day")
        if (last - first).days >= MOST_DAYS:
            raise RequestError("This report covers at most 92 days.", status=422, error_id="too_many_days")
        now = self.clock.now()
        days = [first + number * DAY for number in range((last - first).days + 1)]
        return CostReport(
            first=first,
            last=last,
            zone=zone,
            as_of=now,
            days=tuple(self._day(day, zone, now) for day in days),
            prices=self.list.prices(),
        )

    def _day(self, day: date, zone: ZoneInfo, now: datetime) -> DayCost:
        start, end = local_midnight(day, zone), local_midnight(day + DAY, zone)
        peaks = self.rows.peaks(start, end, now)
        return DayCost(
            day=day,
            topics=self.rows.used(start, end),
            requests=sum(self.rows.asked(start, end).values()),
            lines=peaks["lines"],
            dialled=replace(peaks["dialled"], limit=self.lines),
            new_lines=replace(peaks["new_lines"], limit=self.per_second * STRETCH.total_seconds()),
        )

    def change(self, currency: str, prices: Mapping[Priced, str], *, who: str) -> None:
        """A new price list; what is left empty has no price. Raises RequestError, and changes nothing then."""
        code = currency.strip().upper()
        if not (len(code) == CURRENCY and code.isascii() and code.isalpha()):
            raise RequestError("name the currency by its three letters", status=422, error_id="price_currency")
        found = {kind: _price(prices.get(kind, "")) for kind in Priced if prices.get(kind, "").strip()}
        self.list.set_prices(PriceList(currency=code, prices=found), at=self.clock.now(), who=who)


def _price(text: str) -> Decimal:
    try:
        price = Decimal(text.strip())
    except InvalidOperation:
        price = Decimal(-1)
    if not (price.is_finite() and 0 <= price <= DEAREST and -price.normalize().as_tuple().exponent <= 6):  # type: ignore[operator]
        raise RequestError("a price is a number from 0 to 1000", status=422, error_id="price_number")
    return price


def cost_sheet(report: CostReport, *, names: Callable[[str], str] = str, none: str = "no queue") -> Sheet:
    """One row for each day and topic, then the sum of each topic and of all."""
    prices = report.prices
    columns = (
        Column(key="day", heading=f"day ({report.zone.key})"),
        Column(key="topic", heading="topic"),
        Column(key="calls", heading="calls"),
        Column(key="caller_minutes", heading="callers' line minutes"),
        Column(key="dialled_minutes", heading="dialled line minutes"),
        Column(key="browser_minutes", heading="browser line minutes"),
        Column(key="room_minutes", heading="room minutes"),
        Column(key="recorded_minutes", heading="recorded minutes"),
        Column(key="texts", heading="text messages"),
        Column(key="requests", heading="requests"),
        Column(key="cost", heading=f"cost {prices.currency}".strip()),
    )

    def cells(day: str, topic: str, used: Usage) -> tuple[Value, ...]:
        cost = prices.cost(used)
        return (
            day,
            topic,
            used.calls,
            used.caller_minutes,
            used.dialled_minutes,
            used.browser_minutes,
            used.room_minutes,
            used.recorded_minutes,
            used.texts,
            used.requests,
            None if cost is None else float(round(cost, 2)),
        )

    topics = sorted({topic for day in report.days for topic in day.topics})
    sums = {topic: sum((day.topics.get(topic, Usage()) for day in report.days), Usage()) for topic in topics}
    called = {topic: names(topic) if topic else none for topic in topics}
    return Sheet(
        title="Cost",
        notes=(
            f"{report.first.isoformat()} to {report.last.isoformat()} ({report.zone.key})",
            f"as of {report.as_of.astimezone(report.zone).isoformat(sep=' ', timespec='seconds')}",
            "minutes begun of every line that was answered, by the day on which the call began; the carrier's bill is the bill",
        ),
        columns=columns,
        rows=tuple(
            cells(day.day.isoformat(), called[topic], day.topics[topic])
            for day in report.days
            for topic in topics
            if topic in day.topics
        ),
        totals=(
            *(cells("total", called[topic], used) for topic, used in sums.items()),
            cells("total", "all", sum(sums.values(), Usage())),
        ),
    )


def fullest(days: Sequence[DayCost], what: Callable[[DayCost], Peak]) -> Peak:
    """The highest of the days' peaks."""
    return max((what(day) for day in days), key=lambda peak: peak.most, default=Peak())
