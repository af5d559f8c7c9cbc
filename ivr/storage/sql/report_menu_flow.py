"""Ways through the menu, counted by the database from the facts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.facts import CallEnd
from ivr.core.menu_flow import TENTHS, Ended, FirstKeys, Presses, Walked
from ivr.storage.sql.engine import reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.spans import seconds_between
from ivr.storage.sql.tables import calls, facts, segments
from ivr.workflows.reports import ReportQuery

ENTERED, PRESSED = "node_entered", "key_pressed"
LONGEST_S = 120
"""A first key that came later came from somewhere else."""


@dataclass(frozen=True)
class MenuFlowRows:
    """Implements `workflows.report_menu_flow.MenuFlowRows`. Raises `Unavailable`."""

    engine: Engine

    def walked(self, query: ReportQuery, hotline: str, stops: Sequence[str]) -> Walked:
        with reading(self.engine) as connection:
            return Walked(
                visits=_visits(connection, query, hotline),
                presses=tuple(_presses(connection, query, hotline)),
                hung_up=_hung_up(connection, query, hotline),
                first_keys=tuple(_first_keys(connection, query, hotline)),
                ways=_ways(connection, query, hotline, stops),
            )

    def paths(self, query: ReportQuery, hotline: str, most: int) -> Iterator[tuple[Ended, float | None]]:
        """Calls of the commonest paths by their end, with the mean wait of the answered on that path."""
        c, s = calls, segments
        path = sa.cast(c.c.path, sa.Text)
        within = (real(c.c.call), c.c.hotline == hotline, c.c.started_at >= query.start, c.c.started_at < query.end)
        top = sa.select(path.label("path")).where(*within, path != "[]").group_by(path).order_by(sa.func.count().desc(), path).limit(most).subquery()  # fmt: skip
        ended = (
            sa.select(path.label("path"), c.c.end, sa.func.count().label("calls"))
            .where(*within, path.in_(sa.select(top.c.path)))
            .group_by(path, c.c.end)
        )
        on = sa.cast(s.c.path, sa.Text)
        waited = (
            sa.select(on.label("path"), sa.func.avg(s.c.wait_s).label("wait"))
            .where(
                real(s.c.call),
                s.c.hotline == hotline,
                s.c.entered_at >= query.start,
                s.c.entered_at < query.end,
                s.c.answered_at.is_not(None),
                on.in_(sa.select(top.c.path)),
            )
            .group_by(on)
        )
        with reading(self.engine) as connection:
            waits = {row.path: row.wait for row in connection.execute(waited)}
            for row in connection.execute(ended):
                yield Ended(path=tuple(json.loads(row.path)), end=row.end, calls=row.calls), waits.get(row.path)


def _of(query: ReportQuery, hotline: str, *kinds: str) -> sa.ColumnElement[bool]:
    t = facts
    within = (t.c.at >= query.start, t.c.at < query.end)
    return sa.and_(t.c.hotline == hotline, *within, t.c.kind.in_(kinds), real(t.c.call))


def _word(name: str) -> Any:
    return facts.c.body[name].as_string()


def _visits(connection: Connection, query: ReportQuery, hotline: str) -> dict[str, tuple[int, int]]:
    node = _word("node").label("node")
    statement = (
        sa.select(node, sa.func.count(), sa.func.count(sa.distinct(facts.c.call)))
        .where(_of(query, hotline, ENTERED))
        .group_by(node)
    )
    return {name: (visits, distinct) for name, visits, distinct in connection.execute(statement)}


def _presses(connection: Connection, query: ReportQuery, hotline: str) -> Iterator[Presses]:
    result = _word("result").label("result")
    node = _word("node").label("node")
    entry = result.in_(("entry", "wrong"))  # digits are nobody's choice, and long ones would make a row each
    key = sa.case((entry, ""), else_=_word("key")).label("key")
    statement = (
        sa.select(node, key, result, sa.func.count().label("times"))
        .where(_of(query, hotline, PRESSED))
        .group_by(node, key, result)
    )
    for row in connection.execute(statement):
        yield Presses(node=row.node, key=row.key or "", result=row.result, count=row.times)


def _hung_up(connection: Connection, query: ReportQuery, hotline: str) -> dict[str, int]:
    c = calls
    statement = (
        sa.select(c.c.left, sa.func.count().label("calls"))
        .where(
            real(c.c.call),
            c.c.hotline == hotline,
            c.c.started_at >= query.start,
            c.c.started_at < query.end,
            c.c.end == CallEnd.LEFT_MENU,
            c.c.hung_up_by == "caller",
        )
        .group_by(c.c.left)
    )
    return {row.left: row.calls for row in connection.execute(statement)}


def _in_order(query: ReportQuery, hotline: str, *kinds: str, nodes: Sequence[str] = ()) -> Any:
    """Facts of each call, each with the one that follows it; those of one step in the order in which they were noted."""
    t = facts
    over: dict[str, Any] = {"partition_by": t.c.call, "order_by": (t.c.at, sa.func.length(t.c.id), t.c.id)}
    columns = {"node": _word("node"), "kind": t.c.kind, "at": t.c.at, "result": _word("result")}
    statement = sa.select(
        t.c.call,
        *(column.label(name) for name, column in columns.items()),
        *(sa.func.lead(column).over(**over).label(f"next_{name}") for name, column in columns.items()),
    ).where(_of(query, hotline, *kinds))
    return (statement.where(_word("node").in_(nodes)) if nodes else statement).subquery()


def _ways(connection: Connection, query: ReportQuery, hotline: str, stops: Sequence[str]) -> dict[tuple[str, str], int]:
    if not stops:
        return {}
    one = _in_order(query, hotline, ENTERED, nodes=stops)
    statement = (
        sa.select(one.c.node, one.c.next_node, sa.func.count())
        .where(one.c.next_node.is_not(None), one.c.next_node != one.c.node)
        .group_by(one.c.node, one.c.next_node)
    )
    return {(before, after): count for before, after, count in connection.execute(statement)}


def _first_keys(connection: Connection, query: ReportQuery, hotline: str) -> Iterator[FirstKeys]:
    """A key whose last fact before it is that its node was entered."""
    one = _in_order(query, hotline, ENTERED, PRESSED)
    took = seconds_between(one.c.at, one.c.next_at)
    tenth = sa.cast(sa.func.floor(took * TENTHS), sa.Integer).label("tenth")
    statement = (
        sa.select(one.c.node, calls.c.language, tenth, sa.func.count().label("times"))
        .join_from(one, calls, calls.c.call == one.c.call)
        .where(
            one.c.kind == ENTERED,
            one.c.next_kind == PRESSED,
            one.c.next_node == one.c.node,
            one.c.next_result != "silence",
            took > 0,
            took < LONGEST_S,
        )
        .group_by(one.c.node, calls.c.language, tenth)
    )
    found: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for row in connection.execute(statement):
        found[row.node, row.language][row.tenth] = row.times
    for (node, language), tenths in found.items():
        yield FirstKeys(node=node, language=language, tenths=tenths)
