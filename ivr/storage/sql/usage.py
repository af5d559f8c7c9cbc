"""What calls use at the carrier: written with their records, summed by day and topic, and set against prices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.callback_rules import PREFIX
from ivr.core.facts import CarrierAsked, Fact
from ivr.core.records import CallRecord
from ivr.core.usage import NEW_CALL, NO_PRICES, Priced, PriceList, Usage, usage_of
from ivr.storage.sql.audit import LOCK, Audit
from ivr.storage.sql.carrier_tables import call_usage, carrier_requests, price_list
from ivr.storage.sql.engine import reading, upsert, writing
from ivr.storage.sql.tables import calls, segments
from ivr.workflows.ports import FactRow

ONE = 1
"""Id of the one price list."""
LONGEST = timedelta(hours=24)
"""No line lasts longer at the carrier."""
COUNTED = tuple(one.name for one in fields(Usage) if one.name != "calls")


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
    return counted


@dataclass(frozen=True)
class CarrierUsage:
    """Implements the doors of `workflows.report_cost`. Raises `Unavailable`."""

    engine: Engine
    audit: Audit | None = None
    """Where a change of prices is noted; None where nobody changes them."""

    def used(self, start: datetime, end: datetime) -> Mapping[str, Usage]:
        """By topic, of the calls that began in [start, end)."""
        t = call_usage.c
        counted = [sa.func.sum(t[name]).label(name) for name in COUNTED]
        query = (
            sa.select(t.topic, sa.func.count().label("calls"), *counted)
            .where(t.started_at >= start, t.started_at < end)
            .group_by(t.topic)
        )
        with reading(self.engine) as connection:
            return {
                row.topic: Usage(calls=row.calls, **{name: int(getattr(row, name)) for name in COUNTED})
                for row in connection.execute(query)
            }

    def asked(self, start: datetime, end: datetime) -> Mapping[str, int]:
        """Requests by what was asked, of [start, end), on whosever behalf."""
        t = carrier_requests.c
        query = sa.select(t.what, sa.func.count().label("n")).where(t.at >= start, t.at < end).group_by(t.what)
        with reading(self.engine) as connection:
            return {row.what: row.n for row in connection.execute(query)}

    def lines_made(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """When the carrier was asked for a new line."""
        t = carrier_requests.c
        query = sa.select(t.at).where(t.what == NEW_CALL, t.at >= start, t.at < end)
        with reading(self.engine) as connection:
            yield from connection.scalars(query)

    def spans(self, start: datetime, end: datetime, *, dialled: bool) -> Iterator[tuple[datetime, datetime]]:
        """Lines that were open in [start, end): all of callers, or those that we had dialled."""
        c, s = calls.c, segments.c
        own = c.call.like(f"{PREFIX}%")
        lines = [
            sa.select(c.started_at.label("a"), c.ended_at.label("b")).where(
                own if dialled else sa.not_(own),
                c.started_at < end,
                c.started_at >= start - LONGEST,
                c.ended_at > start,
            )
        ]
        if dialled:
            lines.append(
                sa.select(s.answered_at.label("a"), s.ended_at.label("b")).where(
                    s.by_phone, s.entered_at < end, s.entered_at >= start - LONGEST, s.ended_at > start
                )
            )
        with reading(self.engine) as connection:
            for query in lines:
                for row in connection.execute(query).yield_per(5000):
                    if row.a is not None:
                        yield max(row.a, start), min(row.b, end)

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
