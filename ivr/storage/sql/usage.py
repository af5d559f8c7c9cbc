"""What calls use at the carrier: written with their records, summed by day and topic, and set against prices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.facts import CarrierAsked, Fact
from ivr.core.peaks import Peak
from ivr.core.records import CallRecord
from ivr.core.usage import NO_PRICES, Priced, PriceList, Usage, usage_of
from ivr.storage.sql.audit import LOCK, Audit
from ivr.storage.sql.carrier_tables import call_usage, price_list
from ivr.storage.sql.engine import reading, upsert, writing
from ivr.storage.sql.seconds import EPOCH
from ivr.storage.sql.sum_calls import CALLS, PEAKS, REQUESTS, USAGE, peaks
from ivr.storage.sql.sums import MICRO, mark, sums_of
from ivr.workflows.ports import FactRow

ONE = 1
"""Id of the one price list."""


def usage_row(record: CallRecord, hotline: str, told: Iterable[Fact]) -> dict[str, Any]:
    """The row of `call_usage`."""
    used = usage_of(record, told)
    return {
        "call": record.call,
        "hotline": hotline,
        "topic": record.segments[0].topic if record.segments else "",
        "started_at": record.started_at,
        "caller_minutes": used.caller_minutes,
        "dialled_minutes": used.dialled_minutes,
        "browser_minutes": used.browser_minutes,
        "room_minutes": used.room_minutes,
        "recorded_minutes": used.recorded_minutes,
        "texts": used.texts,
        "requests": used.requests,
    }


def request_rows(new: Iterable[FactRow]) -> list[dict[str, Any]]:
    """Rows of `carrier_requests`."""
    return [
        {"id": row.id, "at": row.fact.at, "call": row.fact.call, "what": row.fact.what}
        for row in new
        if isinstance(row.fact, CarrierAsked)
    ]


def count_requests(connection: Connection, new: Sequence[FactRow]) -> set[str]:
    """Add requests to the rows of their calls, where nothing else of the call is new. Those calls: they need no folding.

    A request changes nothing of a call but their number, and there are several to each call.
    """
    asked = Counter(row.fact.call for row in new if isinstance(row.fact, CarrierAsked) and row.fact.call)
    others = {getattr(row.fact, "call", None) for row in new if not isinstance(row.fact, CarrierAsked)}
    t, counted = call_usage, set()
    for call in sorted(asked.keys() - others):
        more = sa.update(t).where(t.c.call == call).values(requests=t.c.requests + asked[call])
        if connection.execute(more).rowcount == 1:  # a call of which nothing else is known yet has no row
            counted.add(str(call))
    if counted:
        mark(connection, CALLS, connection.scalars(sa.select(t.c.started_at).where(t.c.call.in_(counted))))
    return counted


@dataclass(frozen=True)
class CarrierUsage:
    """Implements the doors of `workflows.report_cost`. Raises `Unavailable`."""

    engine: Engine
    audit: Audit | None = None
    """Where a change of prices is noted; None where nobody changes them."""
    kept: bool = True
    """False: count everything from the rows."""

    def used(self, start: datetime, end: datetime) -> Mapping[str, Usage]:
        """By topic, of the calls that began in [start, end)."""
        with sums_of(self.engine, kept=self.kept) as look:
            found = look.over(USAGE, start, end, "topic")
        return {topic: Usage(**dict(zip(USAGE.numbers, numbers, strict=True))) for (topic,), numbers in found.items()}

    def asked(self, start: datetime, end: datetime) -> Mapping[str, int]:
        """Requests by what was asked, of [start, end), on whosever behalf."""
        with sums_of(self.engine, kept=self.kept) as look:
            return {what: count for (what,), (count, *_) in look.over(REQUESTS, start, end, "what").items()}

    def peaks(self, start: datetime, end: datetime, now: datetime) -> Mapping[str, Peak]:
        """Of one day, without limits: most `lines` of callers at once, most `dialled` ones, most `new_lines` in a row. Of the day that
        is not over, lines that are open now count too.
        """
        with sums_of(self.engine, kept=self.kept) as look:
            if look.clean_day(PEAKS, start, end):
                return {
                    what: Peak(most=most, at=EPOCH + at * MICRO if at >= 0 else None)
                    for (what,), (most, at) in look.over(PEAKS, start, end, "what").items()
                }
            return peaks(look.connection, start, end, lasting=end > now)

    def prices(self) -> PriceList:
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(price_list)).first()
        if row is None:
            return NO_PRICES
        return PriceList(
            currency=row.currency,
            prices={Priced(kind): Decimal(price) for kind, price in row.prices.items()},
            changed_at=row.changed_at,
            changed_by=row.changed_by,
        )

    def set_prices(self, prices: PriceList, *, at: datetime, who: str) -> None:
        """In the place of the list before; the audit keeps both."""
        before = self.prices()
        row = {
            "id": ONE,
            "currency": prices.currency,
            "prices": _plain(prices),
            "changed_at": at,
            "changed_by": who,
        }
        with writing(self.engine, locks=[LOCK, "price_list"]) as connection:
            upsert(connection, price_list, [row])
            if self.audit:
                detail = {
                    "before": {"currency": before.currency, **_plain(before)},
                    "after": {"currency": prices.currency, **_plain(prices)},
                }
                self.audit.add_within(connection, at=at, who=who, what="prices.changed", detail=detail)


def _plain(prices: PriceList) -> dict[str, str]:
    return {kind.value: str(price) for kind, price in prices.prices.items()}
