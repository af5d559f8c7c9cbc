"""What callers were told of the wait against what they waited, summed by the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.wait_scores import Scored, Told
from ivr.storage.sql.engine import reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.spans import seconds_between
from ivr.storage.sql.sum_calls import TOLD
from ivr.storage.sql.sums import sums_of
from ivr.storage.sql.tables import announcements, segments
from ivr.workflows.reports import ReportQuery


@dataclass(frozen=True)
class CalibrationRows:
    """Implements `workflows.report_calibration.CalibrationRows`. Raises `Unavailable`."""

    engine: Engine
    kept: bool = True
    """False: count everything from the rows."""

    def scored(self, query: ReportQuery) -> Iterator[Scored]:
        """Announcements made in the query's time: as spoken, and by each estimator."""
        with sums_of(self.engine, kept=self.kept) as look:
            found = look.of(TOLD, query, "topic", "estimator", "spoken")
        for (topic, estimator, spoken), numbers in sorted(found.items()):
            count, absolute, error, close, under, censored, waiting = numbers
            yield Scored(
                topic=topic,
                estimator=estimator,
                spoken=bool(spoken),
                count=count,
                absolute_s=absolute / 1000,
                error_s=error / 1000,
                close=close,
                under=under,
                censored=censored,
                waiting=waiting,
            )

    def told(self, query: ReportQuery, *, answered: bool, most: int) -> Iterator[Told]:
        """The newest announcements: of callers who were answered, or of those who left first."""
        t, s = announcements, segments
        stayed = seconds_between(t.c.at, s.c.left_at)
        statement = (
            sa.select(
                t.c.call,
                t.c.topic,
                t.c.estimator,
                t.c.at,
                t.c.seconds,
                t.c.actual_s,
                s.c.outcome,
                stayed.label("stayed"),
            )
            .join_from(t, s, _its_stay())
            .where(
                t.c.seconds.is_not(None),
                t.c.actual_s.is_not(None) if answered else sa.and_(t.c.actual_s.is_(None), s.c.left_at.is_not(None)),
                *_filters(query),
            )
            .order_by(t.c.at.desc())
            .limit(most)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement.where(t.c.at >= query.start, t.c.at < query.end)):
                yield Told(
                    call=row.call,
                    topic=row.topic,
                    estimator=row.estimator,
                    at=row.at,
                    told=timedelta(seconds=row.seconds),
                    actual=_span(row.actual_s),
                    left_after=_span(None if answered else row.stayed),
                    outcome=row.outcome or "",
                )


def _its_stay() -> sa.ColumnElement[bool]:
    return sa.and_(segments.c.call == announcements.c.call, segments.c.segment == announcements.c.segment)


def _filters(query: ReportQuery) -> Iterator[sa.ColumnElement[bool]]:
    t = announcements
    yield real(t.c.call)
    if query.hotline is not None:
        yield t.c.hotline == query.hotline
    if query.topics:
        yield t.c.topic.in_(query.topics)


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
