"""Lines of the list of calls, from the newest on.

Every list is a walk along one index: the rows are there in the order in which they are wanted, so that the first 50 of five
million cost what the first 50 of five hundred cost (`tests/storage/sql/test_call_list.py` looks at the plans). Stays and
the calls that came to no queue are two walks, put together here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.call_list import NO_STAY, SAID, UNSAID, WAITING, CallFilter, Listed, ListedCall, Place, Tests
from ivr.core.callback_rules import PREFIX
from ivr.core.facts import Outcome
from ivr.core.ids import CallId
from ivr.storage.sql.engine import reading
from ivr.storage.sql.records import number_place
from ivr.storage.sql.report_repeats import repeat_of
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.tables import calls, case_calls, cases, facts, segments

MOST_OF_ONE = 500
"""Newest calls of one number, or of one case, that are looked at."""
LONGEST_CALL = timedelta(days=1)
OF_CALL = ("kind", "number", "started_at", "ended_at", "end", "left", "repairs", "menu_version", "test")


@dataclass(frozen=True)
class CallList:
    """Implements `workflows.find_calls.Lines`. Raises `Unavailable`."""

    engine: Engine
    seals: Seals

    def lines(self, wanted: CallFilter, *, after: Place | None, limit: int) -> Sequence[ListedCall]:
        """At most `limit` lines after this place, the newest first."""
        with reading(self.engine) as connection:
            only = _only(connection, wanted)
            found = [
                _line(row)
                for query in _queries(wanted, only)
                for row in connection.execute(_paged(query, after, limit))
            ]
        found.sort(key=lambda line: (line.at, line.call, line.segment), reverse=True)
        return found[:limit]

    def count(self, wanted: CallFilter, *, most: int) -> int:
        """How many lines there are; `most` when there are that many or more."""
        with reading(self.engine) as connection:
            only, found = _only(connection, wanted), 0
            for query in _queries(wanted, only):
                found += int(connection.scalar(_counted(query, most)) or 0)
        return min(found, most)

    def marked(self, lines: Sequence[ListedCall]) -> Sequence[ListedCall]:
        """These lines with what stands beside them: the number opened, the rating, whether a recording is kept."""
        t = facts
        query = sa.select(t.c.call, t.c.kind, t.c.body).where(
            t.c.call.in_({line.call for line in lines}), t.c.kind.in_(("recording_kept", "survey_answered"))
        )
        scores: dict[str, int | None] = {}
        recorded: set[str] = set()
        with reading(self.engine) as connection:
            for row in connection.execute(query.order_by(t.c.at)):
                if row.kind == "recording_kept":
                    recorded.add(row.call)
                else:
                    scores[row.call] = row.body.get("score")
        return [
            replace(
                line,
                number=self.seals.open(line.number, place=number_place(line.call)) if line.number else "",
                score=scores.get(line.call),
                recorded=line.call in recorded,
            )
            for line in lines
        ]

    def indexes(self, number: str) -> tuple[str, ...]:
        """By which the calls of a number are found: keyed, and nobody reads the number from it."""
        return self.seals.indexes(number)

    def known(self, call: CallId) -> bool:
        with reading(self.engine) as connection:
            return connection.scalar(sa.select(calls.c.call).where(calls.c.call == call)) is not None

    def known_topic(self, topic: str) -> bool:
        """Whether anybody ever joined this queue."""
        with reading(self.engine) as connection:
            query = sa.select(segments.c.call).where(segments.c.topic == topic).limit(1)
            return connection.scalar(query) is not None


@dataclass(frozen=True, kw_only=True)
class _Query:
    """One walk: its rows, and the columns that say where a row stands."""

    statement: sa.Select[Any]
    at: sa.ColumnElement[datetime]
    call: sa.ColumnElement[str]
    segment: sa.ColumnElement[int] | None


def _queries(wanted: CallFilter, only: Sequence[str] | None) -> Iterator[_Query]:
    if wanted.by is Listed.CALL:
        yield _calls(wanted, only)
        return
    yield _stays(wanted, only)
    if not wanted.of_stays:
        yield _without_stay(wanted, only)


def _placed(wanted: CallFilter, table: Any) -> Any:
    """The time by which a stay is placed."""
    return {Listed.EVENT: table.c.left_at, Listed.ANSWER: table.c.answered_at}.get(wanted.by, table.c.entered_at)


def _stays(wanted: CallFilter, only: Sequence[str] | None) -> _Query:
    t = segments.c
    at = _placed(wanted, segments)
    columns = (
        *(
            t.call,
            t.segment,
            t.topic,
            t.path,
            t.language,
            t.priority,
            t.outcome,
            t.wait_s,
            t.talk_s,
            t.hold_s,
            t.wrap_s,
        ),
        *(t.agent, t.disposition, t.disposition_reason, t.by_default, t.cause, t.ended_by),
    )
    statement = (
        sa.select(at.label("at"), *columns, *(calls.c[name] for name in OF_CALL))
        .join_from(segments, calls, calls.c.call == t.call)
        .where(*_of_stay(wanted, segments), *_of_call(wanted, t.call, only))
    )
    if wanted.once:
        before = segments.alias("before")
        earlier = (before.c.call == t.call, before.c.segment < t.segment, *_of_stay(wanted, before))
        statement = statement.where(~sa.exists(sa.select(before.c.call).where(*earlier)))
    if wanted.repeat:
        statement = statement.where(repeat_of(wanted, segments, calls))
    return _Query(statement=statement, at=at, call=t.call, segment=t.segment)


def _of_stay(wanted: CallFilter, table: Any) -> Iterable[sa.ColumnElement[bool]]:
    """What the filter asks of a stay."""
    t, at = table.c, _placed(wanted, table)
    yield at >= wanted.start
    yield at < wanted.end
    if wanted.by is Listed.ANSWER:  # nobody waits longer, and joining the queue has its indexes
        yield t.entered_at >= wanted.start - LONGEST_CALL
        yield t.entered_at < wanted.end
    if wanted.topics:
        yield t.topic == wanted.topics[0] if len(wanted.topics) == 1 else t.topic.in_(wanted.topics)
    if wanted.language:
        yield t.language == wanted.language
    if wanted.agent:
        yield t.agent == wanted.agent
    if wanted.outcome:
        yield t.outcome.is_(None) if wanted.outcome == WAITING else t.outcome == wanted.outcome
    said = ((wanted.result, t.disposition), (wanted.reason, t.disposition_reason), (wanted.said, t.agent_topic))
    for word, column in said:
        if word:
            yield column != "" if word == SAID else column == ("" if word == UNSAID else word)


def _without_stay(wanted: CallFilter, only: Sequence[str] | None) -> _Query:
    # written out, not bound: the planner must see that it is the condition of the index
    return _bare(wanted, only, sa.text("calls.segments = 0"), within=wanted.start)


def _calls(wanted: CallFilter, only: Sequence[str] | None) -> _Query:
    """Calls by their beginning; so the report of the menu places them, their whole way with them."""
    return _bare(wanted, only, within=wanted.start)


def _bare(wanted: CallFilter, only: Sequence[str] | None, *where: Any, within: datetime) -> _Query:
    """Calls as lines without a stay, begun from `within` on."""
    t = calls.c
    empty, nothing = sa.literal(""), sa.null()
    statement = sa.select(
        t.started_at.label("at"),
        t.call,
        *(sa.literal(NO_STAY).label("segment"), empty.label("topic"), t.path, t.language),
        *(sa.literal(0).label("priority"), nothing.label("outcome")),
        *(nothing.label(name) for name in ("wait_s", "talk_s", "hold_s", "wrap_s", "agent")),
        *(empty.label(name) for name in ("disposition", "disposition_reason", "cause", "ended_by")),
        sa.false().label("by_default"),
        *(t[name] for name in OF_CALL),
    ).where(
        *where,
        t.started_at >= within,
        t.started_at < wanted.end,
        *_of_call(wanted, t.call, only),
    )
    if wanted.language:
        statement = statement.where(t.language == wanted.language)
    return _Query(statement=statement, at=t.started_at, call=t.call, segment=None)


def _of_call(
    wanted: CallFilter, call: sa.ColumnElement[str], only: Sequence[str] | None
) -> Iterable[sa.ColumnElement[bool]]:
    if only is not None:
        yield call.in_(only)
    if not wanted.made_too:
        yield call.not_like(f"{PREFIX}%")
    if wanted.tests is not Tests.TOO:
        yield calls.c.test.is_(wanted.tests is Tests.ONLY)
    if wanted.end_as:
        yield calls.c.end == wanted.end_as
    if wanted.hotline:
        yield calls.c.hotline == wanted.hotline
    if wanted.left:
        yield calls.c.left == wanted.left
    if wanted.hung_up_by:
        yield calls.c.hung_up_by == wanted.hung_up_by
    if wanted.menu:
        been = sa.select(facts.c.id).where(
            facts.c.call == call,
            facts.c.kind == "node_entered",
            facts.c.body["node"].as_string() == wanted.menu,
        )
        yield been.exists()


def _only(connection: Connection, wanted: CallFilter) -> Sequence[str] | None:
    """The calls of the number or case that is asked for; None: of any."""
    if wanted.caller:
        query = sa.select(calls.c.call).where(calls.c.number_index.in_(wanted.caller))
        return list(connection.scalars(query.order_by(calls.c.started_at.desc()).limit(MOST_OF_ONE)))
    if wanted.case:
        of_case = (
            sa.select(case_calls.c.call)
            .join_from(case_calls, cases, cases.c.id == case_calls.c.case)
            .where(cases.c.number == wanted.case)
        )
        return list(connection.scalars(of_case.order_by(case_calls.c.at.desc()).limit(MOST_OF_ONE)))
    return None


def _counted(query: _Query, most: int) -> sa.Select[Any]:
    """Walks the index of the list, too: out of order a planner would join all calls there are to find these."""
    bare = _paged(query, None, most).with_only_columns(sa.literal(1)).subquery()
    return sa.select(sa.func.count()).select_from(bare)


def _paged(query: _Query, after: Place | None, limit: int) -> sa.Select[Any]:
    statement = query.statement
    order: list[sa.ColumnElement[Any]] = [query.at.desc(), query.call.desc()]
    if query.segment is not None:
        order.append(query.segment.desc())
    if after is not None:
        at = sa.literal(after.at, query.at.type)
        statement = statement.where(query.at <= at)  # for planners that do not see it in what follows
        if query.segment is not None:
            beyond = sa.tuple_(query.at, query.call, query.segment) < sa.tuple_(
                at, sa.literal(after.call), sa.literal(after.segment)
            )
        elif after.segment == NO_STAY:
            beyond = sa.tuple_(query.at, query.call) < sa.tuple_(at, sa.literal(after.call))
        else:  # a call without stays stands behind a stay at the same place
            beyond = sa.tuple_(query.at, query.call) <= sa.tuple_(at, sa.literal(after.call))
        statement = statement.where(beyond)
    return statement.order_by(*order).limit(limit)


def _line(row: Any) -> ListedCall:
    return ListedCall(
        at=row.at,
        call=CallId(row.call),
        segment=row.segment,
        started_at=row.started_at,
        ended_at=row.ended_at,
        kind=row.kind,
        number=row.number,
        language=row.language,
        menu_version=row.menu_version,
        topic=row.topic,
        path=tuple(row.path or ()),
        priority=row.priority,
        outcome=Outcome(row.outcome) if row.outcome else None,
        wait_s=row.wait_s,
        talk_s=row.talk_s,
        hold_s=row.hold_s,
        wrap_s=row.wrap_s,
        agent=row.agent or "",
        result=row.disposition,
        reason=row.disposition_reason,
        by_default=bool(row.by_default),
        cause=row.cause,
        ended_by=row.ended_by,
        end=row.end,
        left=row.left,
        repairs=row.repairs,
        test=bool(row.test),
    )
