"""What is counted of callers' ways through the menu, by when their calls began: a call is in one time whole, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ivr.core.callback_rules import PREFIX
from ivr.core.facts import CallEnd
from ivr.core.menu_flow import TENTHS
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.spans import counted, seconds_between
from ivr.storage.sql.sum_calls import CALLS
from ivr.storage.sql.sums import Source, counted_by, within
from ivr.storage.sql.tables import calls, facts

ENTERED, PRESSED = "node_entered", "key_pressed"
LONGEST_S = 120
"""A first key that came later came from somewhere else."""


def _word(name: str) -> Any:
    return facts.c.body[name].as_string()


def _of(connection: Connection, start: datetime, end: datetime, *kinds: str) -> tuple[Any, sa.ColumnElement[bool]]:
    """Facts of these kinds, of the calls that began in this time."""
    began = within(connection, calls.c.started_at, start, end)
    return calls.join(facts, facts.c.call == calls.c.call), sa.and_(began, facts.c.kind.in_(kinds), real(calls.c.call))


def _visits(connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
    joined, which = _of(connection, start, end, ENTERED)
    node = _word("node").label("node")
    return (
        sa.select(calls.c.hotline, node, sa.func.count(), sa.func.count(sa.distinct(facts.c.call)))
        .select_from(joined)
        .where(which)
        .group_by(calls.c.hotline, node)
    )


VISITS = Source(
    name="visits", family=CALLS, keys=("node",), numbers=("visits", "calls"), rows=counted_by(1, _visits)
)  # fmt: skip


def _presses(connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
    joined, which = _of(connection, start, end, PRESSED)
    result, node = _word("result").label("result"), _word("node").label("node")
    entry = result.in_(("entry", "wrong"))  # digits are nobody's choice, and long ones would make a row each
    key = sa.case((entry, ""), else_=_word("key")).label("key")
    kind = (calls.c.hotline, node, key, result)
    return sa.select(*kind, sa.func.count()).select_from(joined).where(which).group_by(*kind)


PRESSES = Source(
    name="presses", family=CALLS, keys=("node", "key", "result"), numbers=("times",), rows=counted_by(3, _presses)
)


def _in_order(
    connection: Connection, start: datetime, end: datetime, *kinds: str, nodes: Sequence[str] = ()
) -> sa.Subquery:
    """Facts of each call, each with the one that follows it; those of one step in the order in which they were noted."""
    t = facts
    joined, which = _of(connection, start, end, *kinds)
    over: dict[str, Any] = {"partition_by": t.c.call, "order_by": (t.c.at, sa.func.length(t.c.id), t.c.id)}
    columns = {"node": _word("node"), "kind": t.c.kind, "at": t.c.at, "result": _word("result")}
    statement = (
        sa.select(
            calls.c.hotline,
            calls.c.language,
            *(column.label(name) for name, column in columns.items()),
            *(sa.func.lead(column).over(**over).label(f"next_{name}") for name, column in columns.items()),
        )
        .select_from(joined)
        .where(which)
    )
    return (statement.where(_word("node").in_(nodes)) if nodes else statement).subquery()


def _first_keys(connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
    """A key whose last fact before it is that its node was entered."""
    one = _in_order(connection, start, end, ENTERED, PRESSED)
    took = seconds_between(one.c.at, one.c.next_at)
    tenth = sa.cast(sa.func.floor(took * TENTHS), sa.Integer).label("tenth")
    kind = (one.c.hotline, one.c.node, one.c.language, tenth)
    return (
        sa.select(*kind, sa.func.count())
        .where(
            one.c.kind == ENTERED,
            one.c.next_kind == PRESSED,
            one.c.next_node == one.c.node,
            one.c.next_result != "silence",
            took > 0,
            took < LONGEST_S,
        )
        .group_by(*kind)
    )


FIRST_KEYS = Source(
    name="first_keys",
    family=CALLS,
    keys=("node", "language", "tenth"),
    numbers=("times",),
    rows=counted_by(3, _first_keys),
)


def ways(stops: Sequence[str]) -> Source:
    """From stop to stop. Another menu has other stops: its ways are other sums."""
    nodes = sorted(set(stops))

    def build(connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
        one = _in_order(connection, start, end, ENTERED, nodes=nodes)
        kind = (one.c.hotline, one.c.node, one.c.next_node)
        passed = sa.and_(one.c.next_node.is_not(None), one.c.next_node != one.c.node)
        return sa.select(*kind, sa.func.count()).where(passed).group_by(*kind)

    of = hashlib.blake2b("\n".join(nodes).encode(), digest_size=8).hexdigest()
    return Source(
        name=f"ways:{of}", family=CALLS, keys=("node", "next"), numbers=("times",), rows=counted_by(2, build)
    )  # fmt: skip


def _gone(connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
    c = calls.c
    in_menu = sa.and_(c.end == CallEnd.LEFT_MENU, c.hung_up_by == "caller")
    kind = (
        c.hotline,
        sa.cast(c.path, sa.Text).label("path"),
        c.end,
        sa.case((in_menu, c.left), else_="").label("left"),
    )
    return (
        sa.select(*kind, sa.func.count(), counted(in_menu))
        .where(within(connection, c.started_at, start, end), real(c.call))
        .group_by(*kind)
    )


GONE = Source(
    name="gone",
    family=CALLS,
    keys=("path", "end", "left"),
    numbers=("calls", "in_menu"),
    rows=counted_by(3, _gone),
    views={"gone": ("left",), "gone_paths": ("path", "end")},
)
"""How calls ended, and of those who hung up in the menu, where."""


def _ends(connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
    c = calls.c
    queued = sa.case((c.segments > 0, "1"), else_="").label("queued")
    kind = (c.hotline, c.end, queued)
    return (
        sa.select(*kind, sa.func.count(), counted(c.hung_up_by == "caller"))
        .where(within(connection, c.started_at, start, end), c.call.not_like(f"{PREFIX}%"), real(c.call))
        .group_by(*kind)
    )


ENDS = Source(
    name="ends", family=CALLS, keys=("end", "queued"), numbers=("calls", "by_caller"), rows=counted_by(2, _ends)
)
"""How calls of people ended, and whether they had joined a queue."""


OF_MENU = (VISITS, PRESSES, FIRST_KEYS, GONE, ENDS)
