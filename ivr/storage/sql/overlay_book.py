"""What pages have set over the menu files, in SQL: settings of queues, and days with other hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.hours import Span
from ivr.core.overlays import OtherHours, Overlay, QueueSetting
from ivr.storage.sql.admin_tables import hours_exceptions, queue_settings
from ivr.storage.sql.audit import LOCK, Audit
from ivr.storage.sql.engine import perhaps, upsert, writing

q, h = queue_settings, hours_exceptions


@dataclass(frozen=True)
class OverlayBook:
    """Raises `Unavailable` while SQL is away."""

    engine: Engine
    audit: Audit | None = None
    """None: only for reading."""

    def read(self) -> Overlay:
        with perhaps(self.engine) as connection:
            settings = connection.execute(sa.select(q).order_by(q.c.hotline, q.c.topic, q.c.name)).all()
            hours = connection.execute(sa.select(h).order_by(h.c.day, h.c.calendar)).all()
        return Overlay(
            settings=tuple(
                QueueSetting(
                    hotline=row.hotline,
                    topic=row.topic,
                    name=row.name,
                    value_s=row.value_s,
                    set_by=row.set_by,
                    set_at=row.set_at,
                )
                for row in settings
            ),
            hours=tuple(
                OtherHours(
                    hotline=row.hotline,
                    calendar=row.calendar,
                    day=row.day,
                    spans=tuple(_span(pair) for pair in row.spans),
                    note=row.note,
                    set_by=row.set_by,
                    set_at=row.set_at,
                )
                for row in hours
            ),
        )

    def set_queue(self, one: QueueSetting, *, before_s: int | None, remove: bool, who: str, at: datetime) -> None:
        """`before_s`: what held until now. `remove`: the file's value holds again."""
        mine = (q.c.hotline == one.hotline, q.c.topic == one.topic, q.c.name == one.name)
        row = {
            "hotline": one.hotline,
            "topic": one.topic,
            "name": one.name,
            "value_s": one.value_s,
            "set_at": at,
            "set_by": who,
        }
        detail = {"setting": one.name, "before": before_s, "after": None if remove else one.value_s}
        with writing(self.engine, locks=[LOCK]) as connection:
            if remove:
                connection.execute(q.delete().where(*mine))
            else:
                upsert(connection, q, [row])
            self._note(connection, "queue setting changed", f"{one.hotline}/{one.topic}", detail, who, at)

    def set_hours(self, one: OtherHours, *, before: str | None, after: str | None, who: str, at: datetime) -> None:
        """`before` and `after` in words, for the audit; no `after`: the day is as the file says again."""
        mine = (h.c.hotline == one.hotline, h.c.calendar == one.calendar, h.c.day == one.day)
        row = {
            "hotline": one.hotline,
            "calendar": one.calendar,
            "day": one.day,
            "spans": [[f"{span.opens:%H:%M}", f"{span.closes:%H:%M}"] for span in one.spans],
            "note": one.note,
            "set_at": at,
            "set_by": who,
        }
        detail = {"day": one.day.isoformat(), "before": before, "after": after}
        with writing(self.engine, locks=[LOCK]) as connection:
            if after is None:
                connection.execute(h.delete().where(*mine))
            else:
                upsert(connection, h, [row])
            self._note(connection, "hours changed", f"{one.hotline}/{one.calendar}", detail, who, at)

    def _note(
        self,
        connection: Any,
        what: str,
        about: str,
        detail: Mapping[str, object],
        who: str,
        at: datetime,
    ) -> None:
        if self.audit is not None:
            self.audit.add_within(connection, at=at, who=who, what=what, object=about, detail=detail)


def _span(pair: Any) -> Span:
    return Span(opens=time.fromisoformat(pair[0]), closes=time.fromisoformat(pair[1]))
