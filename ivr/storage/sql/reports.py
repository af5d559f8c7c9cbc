"""The rows that reports read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.storage.sql.engine import reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.seconds import time_of
from ivr.storage.sql.sum_calls import ENDED
from ivr.storage.sql.sum_presence import AT_WORK, QUARTER, SPELLS, still
from ivr.storage.sql.sums import MICRO, sums_of
from ivr.storage.sql.tables import segments
from ivr.workflows.reports import AtWork, Judged, ReportQuery, ResultCount


@dataclass(frozen=True)
class ReportRows:
    """Implements the rows of several reports. Give it an engine with a statement time-out fit for reports."""

    engine: Engine
    kept: bool = True
    """False: count everything from the rows (what a check compares with)."""

    def judged(self, query: ReportQuery, said: str, most: int) -> Sequence[Judged]:
        """The newest answered stays of which their agents said this; implements `report_topics.JudgedRows`."""
        t = segments
        statement = (
            sa.select(
                *(t.c.call, t.c.answered_at, t.c.topic, t.c.agent_topic),
                *(t.c.agent, t.c.notes, t.c.disposition, t.c.disposition_reason),
            )
            .where(
                t.c.entered_at >= query.start,
                t.c.entered_at < query.end,
                t.c.answered_at.is_not(None),
                t.c.disposition != "",
                t.c.agent_topic == said,
                *_filters(t, query),
            )
            .order_by(t.c.answered_at.desc())
            .limit(most)
        )
        with reading(self.engine) as connection:
            found = connection.execute(statement).all()
        return [
            Judged(
                call=row.call,
                at=row.answered_at,
                topic=row.topic,
                agent_topic=row.agent_topic,
                agent=row.agent or "",
                notes=row.notes,
                result=row.disposition,
                reason=row.disposition_reason,
            )
            for row in reversed(found)
        ]

    def agreed(self, query: ReportQuery) -> Mapping[tuple[str, str], int]:
        """How many stays each pair of the menu's topic and the agent's has; implements `report_topics.JudgedRows`."""
        found: Counter[tuple[str, str]] = Counter()
        with sums_of(self.engine, kept=self.kept) as look:
            for (topic, said, result), (answered, *_) in look.of(
                ENDED, query, "topic", "agent_topic", "result"
            ).items():
                if result:
                    found[topic, said] += answered
        return found

    def results(self, query: ReportQuery) -> Iterator[ResultCount]:
        """Implements `report_results.ResultRows`."""
        with sums_of(self.engine, kept=self.kept) as look:
            kinds = look.of(ENDED, query, "topic", "result", "reason", "by_default")
        for (topic, result, reason, by_default), (answered, *_) in sorted(kinds.items()):
            yield ResultCount(topic=topic, result=result, reason=reason, by_time_out=by_default == "1", calls=answered)

    def at_work(self, start: datetime, end: datetime) -> Iterator[AtWork]:
        """Presences in which calls are taken, or just were; implements `report_hours.WorkTimes`."""
        with sums_of(self.engine, kept=self.kept) as look:
            at_work: Counter[str] = Counter()
            for (presence, quarter), (spent, *_) in look.over(SPELLS, start, end, "presence", "quarter").items():
                at_work[quarter] += spent if presence in AT_WORK else 0
            for quarter, spent in at_work.items():
                begun = time_of(int(quarter))
                first, last = max(begun, start), min(begun + QUARTER, end)
                yield AtWork(started_at=first, ended_at=last, agents=spent * MICRO / (last - first))
            for row in still(look.connection):
                if row.presence in AT_WORK and row.started_at < end:
                    yield AtWork(started_at=row.started_at, ended_at=None)


def _filters(table: sa.Table, query: ReportQuery) -> Iterator[sa.ColumnElement[bool]]:
    yield real(table.c.call)
    if query.hotline is not None:
        yield table.c.hotline == query.hotline
    if query.topics:
        yield table.c.topic.in_(query.topics)
