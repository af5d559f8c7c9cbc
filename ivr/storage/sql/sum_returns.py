"""Answered stays and whether their callers called again, without regard to shared numbers, which are known only when somebody asks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ivr.core.callback_rules import PREFIX
from ivr.core.facts import Outcome
from ivr.core.repeat_figures import WITHIN
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.spans import counted, seconds_between
from ivr.storage.sql.sums import Source, counted_by
from ivr.storage.sql.tables import calls, segments

RETURNS = "returns"
"""The family: marked where a stay stands, and where the earlier ones of its caller do."""
PERIOD_S = WITHIN.total_seconds()
USUAL_SHORT_S = 5.0
LONGEST = timedelta(days=2)
"""Nobody waits longer for an answer."""

Short = Mapping[str, timedelta]
"""Limits of a short abandon, by topic."""


def returns(short: Short) -> Source:
    """With other limits other calls are repeats: those are other sums."""

    def build(_connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
        return statement(short, start, end)

    told = sorted(f"{topic} {limit.total_seconds()}" for topic, limit in short.items())
    of = hashlib.blake2b("\n".join(told).encode(), digest_size=8).hexdigest()
    return Source(
        name=f"returns:{of}",
        family=RETURNS,
        keys=("topic", "agent", "path"),
        numbers=("answered", "withheld", "again", "again_by_agent"),
        rows=counted_by(3, build),
        views={
            f"returns_topic:{of}": ("topic",),
            f"returns_agent:{of}": ("topic", "agent"),
            f"returns_path:{of}": ("topic", "path"),
        },
        recent=WITHIN + timedelta(days=1),
    )


def statement(short: Short, start: datetime, end: datetime, *, numbers: Sequence[str] = ()) -> sa.Select[Any]:
    """`numbers`: only stays of these callers."""
    first, caller = segments.alias("first"), calls.alias("caller")
    known = caller.c.number_index != ""
    about = sa.case((first.c.agent_topic != "", first.c.agent_topic), else_=first.c.topic)
    before = end + LONGEST + WITHIN
    on_topic = again(first, caller, topic=first.c.topic, on="topic", short=short, before=before)
    by_agent = again(first, caller, topic=about, on="said", short=short, before=before)
    kind = (first.c.hotline, first.c.topic, first.c.agent, sa.cast(first.c.path, sa.Text).label("path"))
    found = (
        sa.select(*kind, sa.func.count(), counted(~known), counted(sa.and_(known, on_topic)), counted(sa.and_(known, by_agent)))
        .join_from(first, caller, caller.c.call == first.c.call)
        .where(
            first.c.entered_at >= start,
            first.c.entered_at < end,
            first.c.answered_at.is_not(None),
            first.c.call.not_like(f"{PREFIX}%"),
            real(first.c.call),
        )
        .group_by(*kind)
    )  # fmt: skip
    return found.where(caller.c.number_index.in_(numbers)) if numbers else found


def again(first: Any, caller: Any, *, topic: Any, on: str, short: Short, before: datetime) -> sa.ColumnElement[bool]:
    """A later call of the same number about this topic within the time, and no short abandon."""
    call, stay = calls.alias(f"later_{on}"), segments.alias(f"stay_{on}")
    limits = {name: limit.total_seconds() for name, limit in short.items()}
    limit = (
        sa.case(*((stay.c.topic == name, seconds) for name, seconds in limits.items()), else_=USUAL_SHORT_S)
        if limits
        else sa.literal(USUAL_SHORT_S)
    )
    gone_at_once = sa.and_(stay.c.outcome == Outcome.ABANDONED, stay.c.wait_s < limit)
    about: Any = stay.c.topic
    if on == "said":
        about = sa.case((stay.c.agent_topic != "", stay.c.agent_topic), else_=stay.c.topic)
    return (
        sa.select(sa.literal(1))
        .join_from(call, stay, stay.c.call == call.c.call)
        .where(
            call.c.number_index == caller.c.number_index,
            call.c.call != first.c.call,
            call.c.call.not_like(f"{PREFIX}%"),
            real(call.c.call),
            call.c.started_at > first.c.answered_at,
            call.c.started_at < before,
            seconds_between(first.c.answered_at, call.c.started_at) <= PERIOD_S,
            about == topic,
            ~sa.func.coalesce(gone_at_once, sa.false()),
        )
        .exists()
    )  # fmt: skip


def earlier_stays(connection: Connection, changed: Sequence[str], since: datetime) -> Sequence[datetime]:
    """Where the answered stays stand that callers of these calls had before them: whether they called again has changed. `since`:
    when the first of the calls began.
    """
    own, earlier, before = calls.alias("own"), calls.alias("earlier"), segments.alias("before")
    theirs = (
        sa.select(before.c.entered_at)
        .join_from(own, earlier, earlier.c.number_index == own.c.number_index)
        .join(before, before.c.call == earlier.c.call)
        .where(
            own.c.call.in_(changed),
            own.c.number_index != "",
            earlier.c.started_at >= since - LONGEST - WITHIN,
            earlier.c.started_at < own.c.started_at,
            before.c.answered_at.is_not(None),
            before.c.answered_at < own.c.started_at,
            seconds_between(before.c.answered_at, own.c.started_at) <= PERIOD_S,
        )
    )
    return connection.scalars(theirs).all()
