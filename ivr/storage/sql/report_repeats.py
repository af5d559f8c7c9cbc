"""Who called again, found by the blind index of the number; no number is opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.call_list import CallFilter, Repeat
from ivr.core.callback_rules import PREFIX
from ivr.core.facts import Outcome
from ivr.core.repeat_figures import SHARED_FROM, SHARED_WITHIN, WITHIN, Returns
from ivr.storage.sql.engine import reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.spans import counted, instant, seconds_between
from ivr.storage.sql.tables import calls, cases, segments
from ivr.workflows.reports import ReportQuery

Key = tuple[str, ...]
BY = ("topic", "agent", "path")
PROVISIONAL_S = WITHIN.total_seconds()


@dataclass(frozen=True)
class RepeatRows:
    """Implements `workflows.report_repeats.RepeatRows`. Raises `Unavailable`."""

    engine: Engine

    def returns(
        self, query: ReportQuery, *, by: Sequence[str], at: datetime, short: Mapping[str, timedelta]
    ) -> Iterator[tuple[Key, Returns]]:
        """Answered stays that were entered in the query's time, by these columns (`topic`, `agent`, `path`), with what came after them
        until `at`. `short`: limits of a short abandon that are not five seconds, by topic.
        """
        first, caller = segments.alias("first"), calls.alias("caller")
        columns = [first.c[one] for one in by]
        keys = [
            (sa.cast(column, sa.Text) if column.name == "path" else column).label(f"key{number}")
            for number, column in enumerate(columns)
        ]
        known = caller.c.number_index != ""
        shared = caller.c.number_index.in_(_shared(query.end))
        base = sa.and_(known, ~shared)
        about = sa.case((first.c.agent_topic != "", first.c.agent_topic), else_=first.c.topic)
        again = _again(first, caller, topic=first.c.topic, on="topic", short=short)
        again_by_agent = _again(first, caller, topic=about, on="said", short=short)
        young = seconds_between(first.c.answered_at, instant(at)) < PROVISIONAL_S
        one = (
            sa.select(
                *keys,
                sa.case((known, 0), else_=1).label("withheld"),
                sa.case((sa.and_(known, shared), 1), else_=0).label("shared"),
                sa.case((sa.and_(base, again), 1), else_=0).label("again"),
                sa.case((sa.and_(base, again_by_agent), 1), else_=0).label("again_by_agent"),
                sa.case((sa.and_(base, young), 1), else_=0).label("provisional"),
            )
            .join_from(first, caller, caller.c.call == first.c.call)
            .where(
                first.c.entered_at >= query.start,
                first.c.entered_at < query.end,
                first.c.answered_at.is_not(None),
                first.c.call.not_like(f"{PREFIX}%"),
                *_filters(first, query),
            )
            .subquery()
        )
        labels = [one.c[f"key{number}"] for number in range(len(by))]
        sums = {
            name: counted(one.c[name] == 1) for name in ("withheld", "shared", "again", "again_by_agent", "provisional")
        }
        statement = sa.select(
            *labels, sa.func.count().label("answered"), *(sums[name].label(name) for name in sums)
        ).group_by(*labels)
        with reading(self.engine) as connection:
            for found in connection.execute(statement).mappings():
                returns = Returns(answered=found["answered"], **{name: int(found[name]) for name in sums})
                yield tuple(str(found[f"key{number}"] or "") for number in range(len(by))), returns


def repeat_of(wanted: CallFilter, first: Any, caller: Any) -> sa.ColumnElement[bool]:
    """The very stays that `returns` counts, for their list: `first` is a stay, `caller` its call."""
    base = sa.and_(
        first.c.answered_at.is_not(None),
        caller.c.number_index != "",
        ~caller.c.number_index.in_(_shared(wanted.end)),
    )
    if wanted.repeat is Repeat.BASE:
        return base
    again = _again(first, caller, topic=first.c.topic, on="topic", short=wanted.short)
    return sa.and_(base, again if wanted.repeat is Repeat.AGAIN else ~again)


def _again(first: Any, caller: Any, *, topic: Any, on: str, short: Mapping[str, timedelta]) -> sa.ColumnElement[bool]:
    """A later call of the same number about this topic within the time, and no short abandon."""
    call, stay = calls.alias(f"later_{on}"), segments.alias(f"stay_{on}")
    limits = {name: limit.total_seconds() for name, limit in short.items()}
    limit = (
        sa.case(*((stay.c.topic == name, seconds) for name, seconds in limits.items()), else_=5.0)
        if limits
        else sa.literal(5.0)
    )
    gone_at_once = sa.and_(stay.c.outcome == Outcome.ABANDONED, stay.c.wait_s < limit)
    about: Any = stay.c.topic
    if on == "said":
        about = sa.case((stay.c.agent_topic != "", stay.c.agent_topic), else_=stay.c.topic)
    return (
        sa.select(sa.literal(1))
        .join_from(call, stay, stay.c.call == call.c.call)
        .where(
            call.c.number_index == caller.c.number_index,
            call.c.call != first.c.call,
            call.c.call.not_like(f"{PREFIX}%"),
            real(call.c.call),
            call.c.started_at > first.c.answered_at,
            seconds_between(first.c.answered_at, call.c.started_at) <= PROVISIONAL_S,
            about == topic,
            ~sa.func.coalesce(gone_at_once, sa.false()),
        )
        .exists()
    )


def _shared(end: datetime) -> sa.Select[Any]:
    """Indexes of numbers behind which stand many people."""
    return (
        sa.select(cases.c.caller_index)
        .where(cases.c.opened_at >= end - SHARED_WITHIN, cases.c.opened_at < end, cases.c.caller_index != "")
        .group_by(cases.c.caller_index)
        .having(sa.func.count() >= SHARED_FROM)
    )


def _filters(table: Any, query: ReportQuery) -> Iterator[sa.ColumnElement[bool]]:
    yield real(table.c.call)
    if query.hotline is not None:
        yield table.c.hotline == query.hotline
    if query.topics:
        yield table.c.topic.in_(query.topics)
