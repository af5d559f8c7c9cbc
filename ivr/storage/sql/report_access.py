"""Who looked at what, counted from the audit; complaints as cases; and what the records lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.cases import CaseStatus
from ivr.core.oversight import COMPLAINT, OPEN_TOO_LONG, Access, Check, Complaint, Quality
from ivr.core.people import AuditRow
from ivr.storage.sql.engine import reading
from ivr.storage.sql.people_tables import audit
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.spans import instant
from ivr.storage.sql.tables import calls, case_calls, cases, facts, offers, segments
from ivr.workflows.reports import ReportQuery

LISTED = 50
CLOSED = (CaseStatus.SOLVED, CaseStatus.CLOSED)
AHEAD = timedelta(minutes=1)
"""A clock that is further ahead than this is wrong."""


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
            sa.select(sa.func.max(s.c.disposition_reason))
            .join_from(s, c, c.c.call == s.c.call)
            .where(c.c.case == t.c.id, s.c.disposition_reason != "")
            .scalar_subquery()
        )
        found = sa.select(
            t.c.id,
            t.c.number,
            t.c.topic,
            t.c.opened_at,
            t.c.status,
            t.c.changed_at,
            said.label("said"),
            why.label("why"),
        ).where(t.c.opened_at >= query.start, t.c.opened_at < query.end)
        if query.hotline is not None:
            found = found.where(t.c.hotline == query.hotline)
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
                    closed_at=row.changed_at if row.status in CLOSED else None,
                )


@dataclass(frozen=True)
class QualityRows:
    """Implements `workflows.report_quality.QualityRows`. Raises `Unavailable`."""

    engine: Engine

    def quality(self, query: ReportQuery, at: datetime) -> Quality:
        c, s, o = calls, segments, offers
        started = _within(c.c.started_at, query)
        entered = _within(s.c.entered_at, query)
        made = _within(o.c.made_at, query)
        old = instant(at - OPEN_TOO_LONG)
        with reading(self.engine) as connection:

            def check(name: str, table: sa.Table, within: Any, wrong: Any) -> Check:
                base = sa.and_(within, real(table.c.call))
                of = connection.scalar(sa.select(sa.func.count()).select_from(table).where(base)) or 0
                found = connection.scalar(sa.select(sa.func.count()).select_from(table).where(base, wrong)) or 0
                listed = (
                    sa.select(table.c.call).where(base, wrong).distinct().order_by(table.c.call.desc()).limit(LISTED)
                )
                return Check(name=name, found=found, of=of, calls=tuple(connection.scalars(listed)) if found else ())

            checks = (
                check("call_without_end", c, started, sa.and_(c.c.ended_at.is_(None), c.c.started_at < old)),
                check("call_without_start", s, entered, ~sa.exists().where(c.c.call == s.c.call, c.c.started_at.is_not(None))),
                check("stay_without_topic", s, entered, s.c.topic == ""),
                check("stay_without_outcome", s, entered, sa.and_(s.c.outcome.is_(None), s.c.entered_at < old)),
                check("talk_without_agent", s, sa.and_(entered, s.c.answered_at.is_not(None)), s.c.agent.is_(None)),
                check("offer_without_end", o, made, sa.and_(o.c.ended_at.is_(None), o.c.made_at < old)),
                check("repaired_call", c, started, c.c.repairs > 0),
                check(
                    "clock_skew",
                    s,
                    entered,
                    sa.or_(
                        s.c.answered_at < s.c.entered_at, s.c.left_at < s.c.entered_at, s.c.ended_at < s.c.answered_at
                    ),
                ),
                check("call_ends_before_start", c, started, c.c.ended_at < c.c.started_at),
                check("fact_from_the_future", facts, facts.c.at >= instant(query.start), facts.c.at > instant(at + AHEAD)),
            )  # fmt: skip
            return Quality(checks=checks, repairs=_repairs(connection, query))


def _repairs(connection: Connection, query: ReportQuery) -> Mapping[str, int]:
    """Found in the call's facts: what the sweep or a turn put right."""
    t = facts
    what = t.c.body["what"].as_string()
    found = sa.select(what.label("what"), sa.func.count().label("times")).where(
        t.c.kind == "repaired", t.c.at >= query.start, t.c.at < query.end, real(t.c.call)
    )
    if query.hotline is not None:
        found = found.where(t.c.hotline.in_([query.hotline, ""]))
    return {row.what or "": row.times for row in connection.execute(found.group_by(what))}


def _within(column: Any, query: ReportQuery) -> sa.ColumnElement[bool]:
    asked = [column >= query.start, column < query.end]
    if query.hotline is not None:
        asked.append(column.table.c.hotline == query.hotline)
    return sa.and_(*asked)
