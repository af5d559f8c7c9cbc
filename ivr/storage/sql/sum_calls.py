"""What is counted of calls: stays by what agents said of them, talks, offers, announced waits, questions asked, and what calls used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ivr.core.estimates import Estimator
from ivr.core.peaks import Peak, at_once, in_a_row
from ivr.core.wait_scores import CLOSE_S, CLOSE_SHARE
from ivr.storage.sql.after_tables import surveys
from ivr.storage.sql.carrier_tables import call_usage, carrier_requests
from ivr.storage.sql.lines import lines_made, open_lines
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.seconds import EPOCH
from ivr.storage.sql.spans import counted
from ivr.storage.sql.sums import Numbers, Row, Source, counted_by, milliseconds, within
from ivr.storage.sql.tables import announcements, calls, offers, segments

CALLS = "calls"
"""The family: marked by the recorder at every time that stands in a row of the call."""
PORTION = 5000
USED = (
    *("caller_minutes", "dialled_minutes", "browser_minutes", "room_minutes", "recorded_minutes"),
    *("texts", "requests"),
)


def _yes(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.case((condition, 1), else_=0)


def _ended(_connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
    t = segments.c
    path = sa.cast(t.path, sa.Text).label("path")
    by_default = _yes(t.by_default).label("by_default")
    kind = (t.hotline, t.topic, t.disposition, t.disposition_reason, by_default, t.agent_topic, path)
    return (
        sa.select(*kind, sa.func.count(), sa.func.sum(milliseconds(sa.func.coalesce(t.wait_s, 0.0))))
        .where(t.entered_at >= start, t.entered_at < end, t.answered_at.is_not(None), real(t.call))
        .group_by(*kind)
    )


ENDED = Source(
    name="ended",
    family=CALLS,
    keys=("topic", "result", "reason", "by_default", "agent_topic", "path"),
    numbers=("answered", "wait_ms"),
    rows=counted_by(6, _ended),
    views={"ended": ("topic", "result", "reason", "by_default", "agent_topic"), "path": ("path",)},
)
"""Answered stays, by when the queue was joined."""


def _stays(_connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
    t = segments.c
    begun = sa.exists().where(calls.c.call == t.call, calls.c.started_at.is_not(None))
    return (
        sa.select(t.hotline, sa.func.count(), counted(t.answered_at.is_not(None)), counted(~begun))
        .where(t.entered_at >= start, t.entered_at < end, real(t.call))
        .group_by(t.hotline)
    )


STAYS = Source(
    name="stays",
    family=CALLS,
    keys=(),
    numbers=("stays", "answered", "without_start"),
    rows=counted_by(0, _stays),
)
"""By when the queue was joined."""


def _talked(_connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
    t, before = segments.alias("t"), segments.alias("before")
    passed_on = t.c.ended_by == "transfer"
    handled = t.c.wrap_s.is_not(None)
    again = sa.and_(before.c.call == t.c.call, before.c.segment < t.c.segment, before.c.agent == t.c.agent)

    def earlier(*more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        return sa.and_(t.c.segment > 1, sa.exists().where(again, before.c.answered_at.is_not(None), *more))

    def first(*more: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return counted(~earlier(*more))

    def summed(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return sa.func.sum(sa.case((handled, milliseconds(sa.func.coalesce(column, 0.0))), else_=0))

    same = before.c.topic == t.c.topic
    sent = before.c.ended_by == "transfer"
    kind = (t.c.hotline, t.c.topic, t.c.agent)
    return (
        sa.select(
            *kind,
            sa.func.count(),
            first(),
            first(same),
            counted(handled),
            *(summed(column) for column in (t.c.talk_s, t.c.hold_s, t.c.wrap_s)),
            counted(passed_on),
            counted(sa.and_(passed_on, ~earlier(sent))),
            counted(sa.and_(passed_on, ~earlier(sent, same))),
        )
        .where(t.c.answered_at >= start, t.c.answered_at < end, t.c.agent.is_not(None), real(t.c.call))
        .group_by(*kind)
    )


TALKED = Source(
    name="talked",
    family=CALLS,
    keys=("topic", "agent"),
    numbers=(
        *("answered", "calls", "calls_of_topic", "handled", "talk_ms", "hold_ms", "wrap_ms"),
        *("transferred", "transferred_calls", "transferred_calls_of_topic"),
    ),
    rows=counted_by(2, _talked),
)
"""By when the talk began; a call counts with its first talk of the agent (of the agent on the topic)."""


def _offered(_connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
    t, before = segments.alias("t"), segments.alias("before")
    asked = sa.exists().where(surveys.c.call == t.c.call)

    def first(*same: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        before_it = sa.and_(
            before.c.call == t.c.call, before.c.segment < t.c.segment, before.c.answered_at.is_not(None)
        )
        return sa.or_(t.c.segment == 1, ~sa.exists().where(before_it, *same))

    of_topic, once = first(before.c.topic == t.c.topic), first()
    numbers = [counted(one) for which in (of_topic, once) for one in (which, sa.and_(which, asked))]
    return (
        sa.select(t.c.hotline, t.c.topic, *numbers)
        .where(t.c.answered_at >= start, t.c.answered_at < end, real(t.c.call))
        .group_by(t.c.hotline, t.c.topic)
    )


OFFERED = Source(
    name="offered",
    family=CALLS,
    keys=("topic",),
    numbers=("calls", "asked", "calls_once", "asked_once"),
    rows=counted_by(1, _offered),
)
"""Calls by their first answer on a topic (`once`: on any), and whether they were asked for a rating."""


def _rung(connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
    t = offers.c
    gone = _yes(sa.and_(t.result == "cancelled", t.end_reason == "caller left")).label("gone")
    kind = (t.hotline, t.topic, t.agent, t.result, gone)
    return (
        sa.select(*kind, sa.func.count()).where(within(connection, t.made_at, start, end), real(t.call)).group_by(*kind)
    )


RUNG = Source(
    name="rung", family=CALLS, keys=("topic", "agent", "result", "gone"), numbers=("offers",), rows=counted_by(4, _rung)
)


def _told(connection: Connection, start: datetime, end: datetime) -> Iterator[Row]:
    t, s = announcements.c, segments.c
    its_stay = sa.and_(s.call == t.call, s.segment == t.segment)
    query = (
        sa.select(t.hotline, t.topic, t.estimator, t.seconds, t.estimates, t.actual_s, s.left_at.is_(None))
        .join_from(announcements, segments, its_stay)
        .where(t.at >= start, t.at < end, real(t.call))
    )
    for hotline, topic, estimator, seconds, estimates, actual, waiting in connection.execute(query).yield_per(PORTION):
        if seconds is not None:
            yield hotline, (topic, estimator, "1"), _scored(seconds, actual, waiting=waiting)
        for one in Estimator:
            said = (estimates or {}).get(one.value)
            if said is not None:
                yield hotline, (topic, one.value, ""), _scored(float(said), actual, waiting=waiting)


def _scored(told: float, actual: float | None, *, waiting: bool) -> Numbers:
    """Of one announcement."""
    if actual is None:
        return (0, 0, 0, 0, 0, int(not waiting), int(waiting))
    error = told - actual
    close = abs(error) <= max(CLOSE_S, CLOSE_SHARE * actual)
    return (1, abs(round(1000 * error)), round(1000 * error), int(close), int(error < 0), 0, 0)


TOLD = Source(
    name="told",
    family=CALLS,
    keys=("topic", "estimator", "spoken"),
    numbers=("scored", "absolute_ms", "error_ms", "close", "under", "censored", "waiting"),
    rows=_told,
)
"""Announced waits, by when they were announced."""


def _used(connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
    t = call_usage.c
    return (
        sa.select(t.hotline, t.topic, sa.func.count(), *(sa.func.sum(t[name]) for name in USED))
        .where(within(connection, t.started_at, start, end))
        .group_by(t.hotline, t.topic)
    )


USAGE = Source(name="used", family=CALLS, keys=("topic",), numbers=("calls", *USED), rows=counted_by(1, _used))
"""By when the call began."""


def _asked(_connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
    t = carrier_requests.c
    return sa.select(sa.literal_column("''"), t.what, sa.func.count()).where(t.at >= start, t.at < end).group_by(t.what)


REQUESTS = Source(
    name="requests", family=CALLS, keys=("what",), numbers=("requests",), rows=counted_by(1, _asked)
)  # fmt: skip


def _peaks(connection: Connection, start: datetime, end: datetime) -> Iterator[Row]:
    for name, peak in peaks(connection, start, end).items():
        at = (peak.at - EPOCH) // timedelta(microseconds=1) if peak.at else -1
        yield "", (name,), (peak.most, at)


def peaks(connection: Connection, start: datetime, end: datetime, *, lasting: bool = False) -> dict[str, Peak]:
    """The highest of each kind, without their limits. `lasting`: with the lines that have no end yet."""
    return {
        "lines": at_once(open_lines(connection, start, end, dialled=False, lasting=lasting)),
        "dialled": at_once(open_lines(connection, start, end, dialled=True, lasting=lasting)),
        "new_lines": in_a_row(lines_made(connection, start, end)),
    }


PEAKS = Source(
    name="peaks", family=CALLS, keys=("what",), numbers=("most", "at_us"), rows=_peaks, whole_days=True
)  # fmt: skip
"""Of a day: most lines at once, and when that was for the first time."""

OF_CALLS = (ENDED, STAYS, TALKED, OFFERED, RUNG, TOLD, USAGE, REQUESTS, PEAKS)
