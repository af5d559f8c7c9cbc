"""Who looked at what, counted from the audit; and complaints as cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.oversight import COMPLAINT, Access, Complaint
from ivr.core.people import AuditRow
from ivr.storage.sql.engine import reading
from ivr.storage.sql.people_tables import audit
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.report_indexes import COMPLAINTS
from ivr.storage.sql.tables import case_calls, cases, segments
from ivr.workflows.reports import ReportQuery


@dataclass(frozen=True)
class AccessRows:
    """Implements `workflows.report_access.AccessRows`. Raises `Unavailable`."""

    engine: Engine

    def counts(self, query: ReportQuery, who: str = "") -> Iterator[Access]:
        t = audit
        statement = (
            sa.select(t.c.who, t.c.what, sa.func.count(), sa.func.min(t.c.at), sa.func.max(t.c.at))
            .where(t.c.at >= query.start, t.c.at < query.end, *([t.c.who == who] if who else []))
            .group_by(t.c.who, t.c.what)
        )
        with reading(self.engine) as connection:
            for name, what, count, first, last in connection.execute(statement):
                yield Access(who=name, what=what, count=count, first=first, last=last)

    def rows(self, query: ReportQuery, *, whats: Sequence[str], most: int, who: str = "") -> Iterator[AuditRow]:
        """The newest acts of these names."""
        t = audit
        statement = (
            sa.select(t)
            .where(t.c.at >= query.start, t.c.at < query.end, t.c.what.in_(whats), *([t.c.who == who] if who else []))
            .order_by(t.c.number.desc())
            .limit(most)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement):
                yield AuditRow(
                    number=row.number, at=row.at, who=row.who, what=row.what, object=row.object, detail=row.detail
                )


@dataclass(frozen=True)
class ComplaintRows:
    """Implements `workflows.report_disclosure.ComplaintRows`. Raises `Unavailable`."""

    engine: Engine

    def complaints(self, query: ReportQuery) -> Iterator[Complaint]:
        """Cases opened in the query's time whose topic, or what an agent said of one of their calls, is a complaint."""
        t, s, c = cases, segments, case_calls
        like = f"{COMPLAINT}%"
        said = (
            sa.select(
                sa.func.max(
                    sa.case(
                        (s.c.agent_topic.like(like), s.c.agent_topic), (s.c.disposition.like(like), s.c.disposition)
                    )
                )
            )
            .join_from(s, c, c.c.call == s.c.call)
            .where(c.c.case == t.c.id)
            .scalar_subquery()
        )
        why = (
            sa.select(s.c.disposition_reason)
            .join_from(s, c, c.c.call == s.c.call)
            .where(c.c.case == t.c.id, s.c.disposition_reason != "")
            .order_by(s.c.entered_at.desc(), s.c.call, s.c.segment.desc())
            .limit(1)
            .scalar_subquery()
        )  # what was said last
        telling = sa.select(s.c.call).where(sa.text(COMPLAINTS))
        told = t.c.id.in_(sa.select(c.c.case).where(c.c.call.in_(telling)))
        own = sa.exists().where(c.c.case == t.c.id)
        found = sa.select(
            t.c.id,
            t.c.number,
            t.c.topic,
            t.c.opened_at,
            t.c.closed_at,
            said.label("said"),
            why.label("why"),
        ).where(
            t.c.opened_at >= query.start,
            t.c.opened_at < query.end,
            sa.or_(t.c.topic.like(like), told),
            sa.or_(~own, own.where(real(c.c.call))),
        )
        if query.hotline is not None:
            found = found.where(t.c.hotline == query.hotline)
        if query.topics:
            found = found.where(t.c.topic.in_(query.topics))
        listed = found.subquery()
        statement = (
            sa.select(listed)
            .where(sa.or_(listed.c.topic.like(like), listed.c.said.is_not(None)))
            .order_by(listed.c.opened_at)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement):
                yield Complaint(
                    case=row.id,
                    number=row.number,
                    kind=row.why or row.topic,
                    opened_at=row.opened_at,
                    closed_at=row.closed_at,
                )
