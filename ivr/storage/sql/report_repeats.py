"""Who called again, found by the blind index of the number; no number is opened.

What stands in the kept sums knows nothing of shared numbers, which depend on the cases of the last 30 days: their stays are few, and are
counted from their rows and taken out. Likewise the stays whose seven days are not over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.call_list import CallFilter, Repeat
from ivr.core.callback_rules import PREFIX
from ivr.core.intervals import Interval
from ivr.core.repeat_figures import NOTHING, SHARED_FROM, SHARED_WITHIN, WITHIN, Returns
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.rollups import filters
from ivr.storage.sql.seconds import EPOCH
from ivr.storage.sql.sum_returns import LONGEST, again, returns, statement
from ivr.storage.sql.sums import Source, SumLook, sums_of
from ivr.storage.sql.tables import calls, cases, segments
from ivr.workflows.reports import ReportQuery

Key = tuple[str, ...]
BY = ("topic", "agent", "path")
HOUR = timedelta(hours=1)
AT_ONCE = 500
"""Numbers in one statement."""


@dataclass(frozen=True)
class RepeatRows:
    """Implements `workflows.report_repeats.RepeatRows`. Raises `Unavailable`."""

    engine: Engine
    kept: bool = True
    """False: count everything from the rows (what a check compares with)."""

    def returns(
        self, query: ReportQuery, *, by: Sequence[str], at: datetime, short: Mapping[str, timedelta]
    ) -> Iterator[tuple[Key, Returns]]:
        """Answered stays that were entered in the query's time, by these columns (`topic`, `agent`, `path`), with what came after them
        until `at`. `short`: limits of a short abandon that are not five seconds, by topic.
        """
        whole = Interval(start=query.start, end=query.end, label="")
        (found,) = self.returns_of(query, [whole], by=by, at=at, short=short)
        yield from found.items()

    def returns_of(
        self,
        query: ReportQuery,
        pieces: Sequence[Interval],
        *,
        by: Sequence[str],
        at: datetime,
        short: Mapping[str, timedelta],
    ) -> Sequence[Mapping[Key, Returns]]:
        """The same for each of these pieces of the query's time."""
        source = returns(short)
        with sums_of(self.engine, kept=self.kept) as look:
            shared = look.connection.scalars(_shared(query.end)).all()
            return [
                _Piece(look, replace(query, start=one.start, end=one.end), source, by).counted(at, short, shared)
                for one in pieces
            ]


@dataclass
class _Piece:
    look: SumLook
    query: ReportQuery
    source: Source
    by: Sequence[str]

    def counted(self, at: datetime, short: Mapping[str, timedelta], shared: Sequence[str]) -> dict[Key, Returns]:
        found = {
            key: Returns(answered=answered, withheld=withheld, again=returned, again_by_agent=by_agent)
            for key, (answered, withheld, returned, by_agent) in self.look.of(self.source, self.query, *self.by).items()
        }
        for key, number in self._young(at - WITHIN).items():
            found[key] = found.get(key, NOTHING) + Returns(provisional=number)
        for first in range(0, len(shared), AT_ONCE):
            some = shared[first : first + AT_ONCE]
            for key, (answered, _, returned, by_agent) in self._of(short, some).items():
                less = Returns(shared=answered, again=-returned, again_by_agent=-by_agent)
                found[key] = found.get(key, NOTHING) + less
            for key, number in self._young_between(at - WITHIN, self.query.end, numbers=some).items():
                found[key] = found[key] + Returns(provisional=-number)
        return found

    def _young(self, since: datetime) -> dict[Key, int]:
        """Stays with a number that were answered after this, shared numbers among them."""
        edge = since + HOUR - (since - EPOCH) % HOUR
        if self.query.end <= since:  # who joined before may be answered after it
            return self._young_between(since, self.query.end)
        found = self._young_between(since, min(edge, self.query.end))
        if edge < self.query.end:
            later = replace(self.query, start=max(edge, self.query.start))
            for key, (answered, withheld, *_) in self.look.of(self.source, later, *self.by).items():
                found[key] = found.get(key, 0) + answered - withheld
        return {key: number for key, number in found.items() if number}

    def _young_between(self, since: datetime, end: datetime, *, numbers: Sequence[str] = ()) -> dict[Key, int]:
        """Of the query's time up to `end`: answered after `since`, with a number (with one of these)."""
        if end + LONGEST <= since or self.query.start >= end:
            return {}
        s, c = segments.c, calls.c
        keys = [sa.cast(s.path, sa.Text).label("path") if name == "path" else s[name] for name in self.by]
        query = (
            sa.select(*keys, sa.func.count())
            .join_from(segments, calls, c.call == s.call)
            .where(
                s.answered_at > since,
                s.answered_at < end + LONGEST,
                s.entered_at >= self.query.start,
                s.entered_at < end,
                s.call.not_like(f"{PREFIX}%"),
                real(s.call),
                c.number_index.in_(numbers) if numbers else c.number_index != "",
                *filters(segments, self.query),
            )
            .group_by(*keys)
        )
        return {tuple(str(one or "") for one in row[:-1]): row[-1] for row in self.look.connection.execute(query)}

    def _of(self, short: Mapping[str, timedelta], numbers: Sequence[str]) -> dict[Key, tuple[int, ...]]:
        query = self.query
        found: dict[Key, tuple[int, ...]] = {}
        at = [BY.index(name) for name in self.by]
        for row in self.look.connection.execute(statement(short, query.start, query.end, numbers=numbers)):
            hotline, *names = (str(one or "") for one in row[:4])
            if (query.hotline or hotline) != hotline or (query.topics and names[0] not in query.topics):
                continue
            key, of = tuple(names[place] for place in at), tuple(int(one) for one in row[4:])
            found[key] = tuple(map(sum, zip(found.get(key, (0,) * len(of)), of, strict=True)))
        return found


def repeat_of(wanted: CallFilter, first: Any, caller: Any) -> sa.ColumnElement[bool]:
    """The very stays that `returns` counts, for their list: `first` is a stay, `caller` its call."""
    base = sa.and_(
        first.c.answered_at.is_not(None),
        caller.c.number_index != "",
        ~caller.c.number_index.in_(_shared(wanted.end)),
    )
    if wanted.repeat is Repeat.BASE:
        return base
    before = wanted.end + LONGEST + WITHIN
    found = again(first, caller, topic=first.c.topic, on="topic", short=wanted.short, before=before)
    return sa.and_(base, found if wanted.repeat is Repeat.AGAIN else ~found)


def _shared(end: datetime) -> sa.Select[Any]:
    """Indexes of numbers behind which stand many people."""
    return (
        sa.select(cases.c.caller_index)
        .where(cases.c.opened_at >= end - SHARED_WITHIN, cases.c.opened_at < end, cases.c.caller_index != "")
        .group_by(cases.c.caller_index)
        .having(sa.func.count() >= SHARED_FROM)
    )
