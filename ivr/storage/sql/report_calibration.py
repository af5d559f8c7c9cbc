"""What callers were told of the wait against what they waited, summed by the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.estimates import Estimator
from ivr.core.wait_scores import CLOSE_S, CLOSE_SHARE, Scored, Told
from ivr.storage.sql.engine import reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.spans import counted, seconds_between
from ivr.storage.sql.tables import announcements, segments
from ivr.workflows.reports import ReportQuery


@dataclass(frozen=True)
class CalibrationRows:
    """Implements `workflows.report_calibration.CalibrationRows`. Raises `Unavailable`."""

    engine: Engine

    def scored(self, query: ReportQuery) -> Iterator[Scored]:
        """Announcements made in the query's time: as spoken, and by each estimator."""
        t = announcements
        spoken = sa.cast(t.c.seconds, sa.Double)
        yield from self._sums(query, t.c.estimator, spoken, spoken=True)
        for estimator in Estimator:
            value = t.c.estimates[estimator.value].as_float()
            yield from self._sums(query, sa.literal(estimator.value), value, spoken=False)

    def _sums(self, query: ReportQuery, estimator: Any, told: Any, *, spoken: bool) -> Iterator[Scored]:
        t, s = announcements, segments
        known = sa.and_(told.is_not(None), t.c.actual_s.is_not(None))
        error = told - t.c.actual_s
        limit = sa.case((t.c.actual_s * CLOSE_SHARE > CLOSE_S, t.c.actual_s * CLOSE_SHARE), else_=CLOSE_S)
        open_end = sa.and_(told.is_not(None), t.c.actual_s.is_(None))
        statement = (
            sa.select(
                t.c.topic,
                estimator.label("estimator"),
                counted(known).label("scored"),
                sa.func.sum(sa.case((known, sa.func.abs(error)), else_=0.0)).label("absolute"),
                sa.func.sum(sa.case((known, error), else_=0.0)).label("error"),
                counted(sa.and_(known, sa.func.abs(error) <= limit)).label("close"),
                counted(sa.and_(known, error < 0)).label("under"),
                counted(sa.and_(open_end, s.c.left_at.is_not(None))).label("censored"),
                counted(sa.and_(open_end, s.c.left_at.is_(None))).label("waiting"),
            )
            .join_from(t, s, _its_stay())
            .where(told.is_not(None), *_asked(query))
            .group_by(t.c.topic, *([t.c.estimator] if spoken else []))
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement):
                yield Scored(
                    topic=row.topic,
                    estimator=row.estimator,
                    spoken=spoken,
                    count=row.scored,
                    absolute_s=row.absolute,
                    error_s=row.error,
                    close=row.close,
                    under=row.under,
                    censored=row.censored,
                    waiting=row.waiting,
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
                *_asked(query),
            )
            .order_by(t.c.at.desc())
            .limit(most)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement):
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


def _asked(query: ReportQuery) -> Iterator[sa.ColumnElement[bool]]:
    t = announcements
    yield real(t.c.call)
    yield t.c.at >= query.start
    yield t.c.at < query.end
    if query.hotline is not None:
        yield t.c.hotline == query.hotline
    if query.topics:
        yield t.c.topic.in_(query.topics)


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
