"""What the wait estimates need to know of the past, per topic. Cheap enough to ask every half minute, not per call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.call_out import CALLS_OUT
from ivr.core.estimates import Estimator, Score, best_estimator, score
from ivr.storage.sql.engine import reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.tables import announcements, segments

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class TopicPast:
    """What `core.estimates.QueueView` needs beside the live queue."""

    handle_time: timedelta | None
    handled: int
    last_wait: timedelta | None
    best: Estimator


@dataclass(frozen=True)
class WaitStatistics:
    engine: Engine
    hotline: str

    def past(self, topic: str, at: datetime, *, zone: ZoneInfo) -> TopicPast:
        """All of it, as of `at`."""
        return TopicPast(
            handle_time=self.mean_handle_time(topic, at),
            handled=self.handled_at_this_hour(topic, at, zone=zone),
            last_wait=self.last_wait(topic, at),
            best=best_estimator(self.scores(topic, at)),
        )

    def mean_handle_time(self, topic: str, at: datetime, *, over: timedelta = HOUR, least: int = 5) -> timedelta | None:
        """Mean of talk, hold and wrap-up of calls handled in the last hour; of the last seven days while those are
        fewer than `least`. None: none at all.
        """
        t = segments
        work = t.c.talk_s + sa.func.coalesce(t.c.hold_s, 0.0) + t.c.wrap_s
        for span in (over, 7 * DAY):
            query = sa.select(sa.func.count(), sa.func.sum(work)).where(
                *self._answered(topic, at - span, at), t.c.wrap_s.is_not(None), t.c.talk_s.is_not(None)
            )
            with reading(self.engine) as connection:
                count, total = connection.execute(query).one()
            if count >= least or (span > over and count):
                return timedelta(seconds=float(total) / int(count))
        return None

    def handled_at_this_hour(self, topic: str, at: datetime, *, zone: ZoneInfo, days: int = 7) -> int:
        """Answered in the same local hour on each of the last `days` days, today's hour not included."""
        local = at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
        starts = [(local - ago * DAY).astimezone(UTC) for ago in range(1, days + 1)]
        query = sa.select(sa.func.count()).where(
            *self._answered(topic, min(starts), at),
            sa.or_(*((segments.c.answered_at >= start) & (segments.c.answered_at < start + HOUR) for start in starts)),
        )
        with reading(self.engine) as connection:
            return connection.scalar(query) or 0

    def last_wait(self, topic: str, at: datetime, *, over: timedelta = HOUR) -> timedelta | None:
        """Wait of the caller answered last, if within the last hour."""
        query = (
            sa.select(segments.c.wait_s)
            .where(*self._answered(topic, at - over, at))
            .order_by(segments.c.answered_at.desc())
            .limit(1)
        )
        with reading(self.engine) as connection:
            seconds = connection.scalar(query)
        return None if seconds is None else timedelta(seconds=seconds)

    def scores(self, topic: str, at: datetime, *, over: timedelta = 14 * DAY) -> dict[Estimator, Score]:
        """How far each estimator was off, over what was announced and then came true."""
        t = announcements
        query = sa.select(t.c.estimates, t.c.actual_s).where(
            t.c.hotline == self.hotline,
            t.c.topic == topic,
            t.c.at >= at - over,
            t.c.at < at,
            t.c.actual_s.is_not(None),
            real(t.c.call),
        )
        pairs: dict[Estimator, list[tuple[timedelta, timedelta]]] = {estimator: [] for estimator in Estimator}
        with reading(self.engine) as connection:
            for row in connection.execute(query):
                for estimator in Estimator:
                    said = row.estimates.get(estimator.value)
                    if said is not None:
                        pairs[estimator].append((timedelta(seconds=said), timedelta(seconds=row.actual_s)))
        return {estimator: score(found) for estimator, found in pairs.items()}

    def _answered(self, topic: str, start: datetime, end: datetime) -> tuple[sa.ColumnElement[bool], ...]:
        t = segments
        return (
            t.c.hotline == self.hotline,
            t.c.topic == topic,
            t.c.answered_at >= start,
            t.c.answered_at <= end,
            t.c.call.not_like(f"{CALLS_OUT}%"),  # whom an agent calls has not waited
            real(t.c.call),
        )
